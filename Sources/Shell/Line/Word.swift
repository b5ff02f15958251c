// SPDX-License-Identifier: BSD-2-Clause

/// A word before expansion, in the pieces that its quoting made.
struct Word {
  /// A piece of a word. What is quoted is neither split into fields nor a pattern.
  enum Part {
    /// Text as it is.
    case text(String, isQuoted: Bool)
    /// `$name` and `${name…}`.
    case parameter(Parameter, isQuoted: Bool)
    /// `$(…)` and backquotes.
    case command(CommandList, isQuoted: Bool)
    /// `$((…))`, whose text is expanded before it is calculated.
    case arithmetic(Word, isQuoted: Bool)
  }

  /// The pieces in order; a quoted empty string is a piece.
  var parts: [Part] = []

  /// The text if nothing in it is quoted or expanded: only then it may be a reserved word.
  var bare: String? {
    if case .text(let text, isQuoted: false) = parts.first, parts.count == 1 { text } else { nil }
  }

  /// The text if nothing in it is expanded, however it is quoted.
  var plain: String? {
    if parts.count == 1, case .text(let text, _) = parts[0] { return text }
    var result = ""
    for part in parts {
      guard case .text(let text, _) = part else { return nil }
      result += text
    }
    return result
  }

  /// The text that needs no running shell; what would be expanded is left out.
  var literal: String {
    parts.reduce(into: "") { result, part in
      if case .text(let text, _) = part { result += text }
    }
  }
}

/// What stands behind a dollar.
struct Parameter {
  /// What is made of the value. `orEmpty` is the colon: an empty value counts as none.
  enum Operation {
    case value
    /// `${#name}`
    case length
    /// `${name-word}`
    case otherwise(Word, orEmpty: Bool)
    /// `${name=word}`
    case assign(Word, orEmpty: Bool)
    /// `${name?word}`; nil where there is no word.
    case require(Word?, orEmpty: Bool)
    /// `${name+word}`
    case instead(Word, orEmpty: Bool)
    /// `${name%word}` and its kin: what matches is cut off.
    case trim(Word, atEnd: Bool, longest: Bool)
    /// What is no expansion, which matters only when it is reached.
    case bad(String)
  }

  let name: String
  let operation: Operation
}

/// Why a text is no command of the language.
struct SyntaxError: Error, Equatable {
  /// The message after `Syntax error: `.
  let message: String
  /// The line in the text, from 1.
  let line: Int
}

/// Why a command could not be begun: what the shell itself says.
struct ShellError: Error, Equatable {
  /// The message; empty if it was already written.
  let message: String

  init(_ message: String) { self.message = message }
}
