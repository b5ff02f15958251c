// SPDX-License-Identifier: BSD-2-Clause

/// A word before expansion, in the pieces that its quoting made.
struct Word: Equatable, Sendable {
  /// A piece of a word.
  enum Part: Equatable, Sendable {
    /// Text as it is.
    case text(String, isQuoted: Bool)
    /// `$?` and its kin, by the name after the dollar.
    case parameter(String)
    /// Something of sh that this shell has not got, in words.
    case unsupported(String)
  }

  /// The pieces in order; a quoted empty string is a piece.
  var parts: [Part] = []

  /// The text if nothing in it is quoted or expanded: only then it may be a reserved word.
  var bare: String? {
    if case .text(let text, isQuoted: false) = parts.first, parts.count == 1 { text } else { nil }
  }

  /// The word as a command gets it; `$?` is the last status.
  func expanded(status: Int32) throws(SyntaxError) -> String {
    var result = ""
    for part in parts {
      switch part {
      case .text(let text, _): result += text
      case .parameter("?"): result += String(status)
      case .parameter(let name):
        throw SyntaxError("fibsh: $\(name): variables are not supported yet")
      case .unsupported(let what):
        throw SyntaxError("fibsh: \(what) not supported yet")
      }
    }
    return result
  }
}

/// Why a line is no command line of the language.
struct SyntaxError: Error, Equatable {
  /// The message after `Syntax error: `, or a whole one for what expansion refuses.
  let message: String
  /// The line in the text, from 1; 0 where the caller knows it.
  var line = 0

  init(_ message: String, line: Int = 0) {
    self.message = message
    self.line = line
  }
}
