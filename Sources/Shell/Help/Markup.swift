// SPDX-License-Identifier: BSD-2-Clause

/// A synopsis or the term of a list, in pieces that a page sets apart: words typed as they are, and
/// words that stand for something.
package struct Markup: Equatable, Sendable {
  /// What a piece is.
  enum Role: Sendable {
    /// A bracket, a bar or dots.
    case plain
    /// A word typed as it is.
    case literal
    /// An option with its dash.
    case flag
    /// The name of something the user chooses.
    case argument
  }

  /// A run of one role.
  struct Piece: Equatable, Sendable {
    let text: String
    let role: Role
    /// Whether no blank stands before it.
    let isGlued: Bool
  }

  private(set) var pieces: [Piece] = []

  /// Splits a line as usage texts are written; what is neither bracket, option nor literal is an
  /// argument.
  package init(_ line: String, literals: Set<String> = []) {
    for word in line.split(separator: " ") {
      var rest = word
      var isGlued = false
      while let first = rest.first {
        let length =
          if rest.hasPrefix("...") {
            3
          } else if Self.punctuation.contains(first) {
            1
          } else {
            rest.prefix { !Self.punctuation.contains($0) }.count
          }
        let text = String(rest.prefix(length))
        pieces.append(Piece(text: text, role: Self.role(text, literals), isGlued: isGlued))
        rest = rest.dropFirst(length)
        isGlued = true
      }
    }
  }

  private static let punctuation: Set<Character> = [
    "[", "]", "|", "{", "}", "(", ")", "=", ",", "/", ":",
  ]

  private static func role(_ text: String, _ literals: Set<String>) -> Role {
    if literals.contains(text) { return .literal }
    if text == "..." || text == "-" { return .plain }
    if text.count == 1, let character = text.first, punctuation.contains(character) {
      return .plain
    }
    return text.hasPrefix("-") ? .flag : .argument
  }

  /// The line as it was, each piece passed through a closure.
  func text(_ style: (String, Role) -> String = { text, _ in text }) -> String {
    pieces.enumerated().map { number, piece in
      (number == 0 || piece.isGlued ? "" : " ") + style(piece.text, piece.role)
    }.joined()
  }
}
