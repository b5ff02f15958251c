// SPDX-License-Identifier: BSD-2-Clause

/// Puts the pieces of expanded words together.
struct FieldBuilder {
  /// What the words are for.
  enum Purpose: Equatable {
    /// Arguments: what was expanded outside of quotes is split at these characters.
    case fields(separators: String)
    /// One text.
    case text
    /// A pattern: what was quoted means itself.
    case pattern
  }

  let purpose: Purpose
  private(set) var fields: [String] = []
  private var current = ""
  /// Whether the current field counts even if it is empty.
  private var isOpen = false
  /// Whether the last field ended at a blank: a separator that is none may still belong to it.
  private var endedAtBlank = false

  init(_ purpose: Purpose) { self.purpose = purpose }

  /// Adds text that is not split.
  mutating func append(_ text: some StringProtocol, isQuoted: Bool) {
    isOpen = true
    endedAtBlank = false
    guard isQuoted && purpose == .pattern else { return current += text }
    for character in text {
      if "*?[]\\!-".contains(character) { current.append("\\") }
      current.append(character)
    }
  }

  /// Adds what an expansion gave.
  mutating func appendExpanded(_ text: String, isQuoted: Bool) {
    guard case .fields(let separators) = purpose, !isQuoted, !separators.isEmpty else {
      if !text.isEmpty || isQuoted { append(text, isQuoted: isQuoted) }
      return
    }
    for character in text.unicodeScalars {
      guard separators.unicodeScalars.contains(character) else {
        current.unicodeScalars.append(character)
        isOpen = true
        endedAtBlank = false
        continue
      }
      if character == " " || character == "\t" || character == "\n" {
        if isOpen {
          endField()
          endedAtBlank = true
        }
      } else if endedAtBlank {
        endedAtBlank = false
      } else {
        isOpen = true
        endField()
      }
    }
  }

  /// Ends a field where a word ends.
  mutating func endField() {
    endedAtBlank = false
    guard isOpen else { return }
    fields.append(current)
    current = ""
    isOpen = false
  }

  /// The text of all, for purposes other than fields.
  var text: String { current }
}
