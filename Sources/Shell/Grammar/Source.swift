// SPDX-License-Identifier: BSD-2-Clause

/// One word that could stand at the cursor, and what it means.
package struct Candidate: Hashable, Sendable {
  /// The whole word.
  package let text: String
  /// A few words of explanation; may be empty.
  package let help: String

  /// Whether more may follow without a blank, such as a value behind an equals sign.
  package let isOpen: Bool

  /// Makes a candidate.
  package init(_ text: String, _ help: String = "", isOpen: Bool = false) {
    self.text = text
    self.help = help
    self.isOpen = isOpen
  }
}

/// A place in a command line: its name in the usage, its meaning, and what may stand there.
///
/// The same value serves operands, arguments of options and arguments of keywords.
package struct Source<World: AnyObject>: Sendable {
  /// Where candidates come from.
  package enum Kind: Sendable {
    /// The words themselves, which the user types as they are.
    case literal([String])
    /// Values of the live state.
    case values(@Sendable (World) -> [Candidate])
    /// Names of the host's files.
    case file
    /// A command with its own words, to the end of the line.
    case command
    /// Names of the live state in components with dots between them, completed one by one.
    case paths(@Sendable (World) -> [Candidate])
    /// The name of a command or topic, alone.
    case subject
    /// A word of the command that the word before names.
    case part
  }

  /// The name without brackets, such as `interface`.
  package var name: String
  /// What it means, as a sentence of the manual page; empty for literals.
  package var help: String
  /// Where candidates come from.
  package var kind: Kind
  /// Whether the word may be left out.
  package var isOptional = false
  /// Whether more such words may follow.
  package var isRepeated = false

  /// Makes a place from its parts.
  package init(_ name: String, _ help: String, kind: Kind) {
    self.name = name
    self.help = help
    self.kind = kind
  }

  /// A place for any word; candidates come from the live state, or there are none.
  package init(
    _ name: String, _ help: String = "",
    candidates: @escaping @Sendable (World) -> [Candidate] = { _ in [] }
  ) {
    self.init(name, help, kind: .values(candidates))
  }

  /// A place for the name of a file.
  package static func file(_ name: String = "file", _ help: String = "") -> Source {
    Source(name, help, kind: .file)
  }

  /// A place for a whole command, as setfib(1) takes one.
  package static func command(_ name: String = "command", _ help: String = "") -> Source {
    Source(name, help, kind: .command)
  }

  /// The same place, which may be left out.
  package var optional: Source {
    var copy = self
    copy.isOptional = true
    return copy
  }

  /// The same place, as often as wanted.
  package var repeated: Source {
    var copy = self
    copy.isRepeated = true
    return copy
  }

  /// How usage lines show it: `[name ...]`.
  package var synopsis: String {
    let text = isRepeated ? "\(name) ..." : name
    return isOptional ? "[\(text)]" : text
  }

  /// Whether it is a word typed as it is, which the manual sets in bold.
  package var isLiteral: Bool { if case .literal = kind { true } else { false } }
}
