// SPDX-License-Identifier: BSD-2-Clause

/// One row of a keyword grammar: the words that name it, what follows them, what they do.
package struct Keyword<World: AnyObject, State>: Sendable {
  /// The names; the first is the one the manual shows first.
  package let words: [String]
  /// What must follow the name.
  package let operands: [Source<World>]
  /// What it does, as a sentence of the manual page.
  package let help: String
  /// Acts on the state; gets the words after the name and removes those it used.
  let apply: @Sendable (inout State, inout ArraySlice<String>, World) throws(Fault) -> Void
  /// How many words must follow the name.
  package let required: Int

  /// Declares a row that takes as many words as it has operands.
  package init(
    _ words: String..., operands: [Source<World>] = [], help: String,
    apply: @escaping @Sendable (inout State, [String], World) throws(Fault) -> Void
  ) {
    self.words = words
    self.operands = operands
    self.help = help
    let count = operands.count
    required = operands.count { !$0.isOptional }
    self.apply = { state, rest, world throws(Fault) in
      let arguments = count == 0 ? [] : Array(rest.prefix(count))
      rest = rest.dropFirst(count)
      try apply(&state, arguments, world)
    }
  }

  /// Declares a row that takes words as it likes; at least the operands that are not optional.
  package static func taking(
    _ words: String..., operands: [Source<World>], help: String,
    apply: @escaping @Sendable (inout State, inout ArraySlice<String>, World) throws(Fault) -> Void
  ) -> Keyword {
    Keyword(words: words, operands: operands, help: help, apply: apply)
  }

  private init(
    words: [String], operands: [Source<World>], help: String,
    apply: @escaping @Sendable (inout State, inout ArraySlice<String>, World) throws(Fault) -> Void
  ) {
    self.words = words
    self.operands = operands
    self.help = help
    self.apply = apply
    required = operands.count { !$0.isOptional }
  }
}

/// A row without its action: what usage, manual and completion see.
package struct KeywordShape<World: AnyObject>: Sendable {
  /// The names.
  package let words: [String]
  /// What follows.
  package let operands: [Source<World>]
  /// What it does.
  package let help: String

  /// Describes a row of a grammar that no table parses.
  package init(_ words: [String], operands: [Source<World>] = [], help: String) {
    self.words = words
    self.operands = operands
    self.help = help
  }

  /// How the manual page shows it: `add | plumb address`.
  package var synopsis: String {
    ([words.joined(separator: " | ")] + operands.map(\.synopsis)).joined(separator: " ")
  }
}

/// The rows of one heading of the manual page, such as `PARAMETERS`.
package struct KeywordSection<World: AnyObject>: Sendable {
  /// The heading.
  package let title: String
  /// The rows in order.
  package let rows: [KeywordShape<World>]

  /// Makes a section of rows that are declared elsewhere.
  package init(title: String, rows: [KeywordShape<World>]) {
    self.title = title
    self.rows = rows
  }
}

/// A table of keywords that is a loop parser, a part of the manual and a list of candidates.
package struct KeywordTable<World: AnyObject, State>: Sendable {
  /// The heading of the manual page for these rows.
  package let title: String
  /// The rows in order.
  package let rows: [Keyword<World, State>]
  private let index: [String: Int]
  /// The first bytes of the names, a bit each: most words are no keyword, and show it here.
  private let firstBytes: SIMD4<UInt64>

  /// Makes a table; of two rows with one name the first wins.
  package init(_ title: String, _ rows: [Keyword<World, State>]) {
    self.title = title
    self.rows = rows
    var index: [String: Int] = [:]
    for (number, row) in rows.enumerated() {
      for word in row.words where index[word] == nil { index[word] = number }
    }
    self.index = index
    var firstBytes = SIMD4<UInt64>.zero
    for word in index.keys {
      let byte = word.utf8.first ?? 0
      firstBytes[Int(byte >> 6)] |= 1 << UInt64(byte & 63)
    }
    self.firstBytes = firstBytes
  }

  private func number(of word: String) -> Int? {
    let byte = word.utf8.first ?? 0
    return firstBytes[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 0 ? nil : index[word]
  }

  /// The row with this name.
  package subscript(_ word: String) -> Keyword<World, State>? {
    // Not `map`: its closure would be made for types that only the caller knows.
    guard let number = number(of: word) else { return nil }
    return rows[number]
  }

  /// What a command declares so that help, manual and completion know the table.
  package var section: KeywordSection<World> {
    KeywordSection(
      title: title,
      rows: rows.map { KeywordShape($0.words, operands: $0.operands, help: $0.help) })
  }

  /// Reads words row after row until none are left.
  ///
  /// - Parameters:
  ///   - missing: Words the error when a row's operands are not all there.
  ///   - positional: Takes the words from one that is no keyword on, and removes those it used; if
  ///     it removes none, reading ends.
  /// - Returns: The words that were not read.
  @discardableResult package func parse(
    _ words: ArraySlice<String>, into state: inout State, _ world: World,
    missing: (Keyword<World, State>, _ name: String) -> Fault = {
      .usage("\($1): missing argument")
    },
    positional: (inout State, inout ArraySlice<String>) throws(Fault) -> Void
  ) throws(Fault) -> ArraySlice<String> {
    var rest = words
    while let word = rest.first {
      guard let row = self[word] else {
        let count = rest.count
        try positional(&state, &rest)
        if rest.count == count { return rest }
        continue
      }
      rest.removeFirst()
      guard rest.count >= row.required else { throw missing(row, word) }
      try row.apply(&state, &rest, world)
    }
    return rest
  }
}
