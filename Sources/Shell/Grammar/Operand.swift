// SPDX-License-Identifier: BSD-2-Clause

/// A place in a form that turns words into a value.
///
/// A form takes a pack of these; its closure gets the values. Programs add their own kinds as
/// `extension Operand where World == …, Value == …`.
package struct Operand<World: AnyObject, Value>: Sendable {
  /// How the reader turns words at the front of the rest into a value; it removes what it used.
  package typealias Reader =
    @Sendable (_ rest: inout ArraySlice<String>, World) throws(Fault) -> Value

  /// Its name, meaning and candidates.
  package let source: Source<World>
  /// What reads it; is never called at the end of the line unless the place is optional.
  package let read: Reader

  /// Makes an operand of any number of words.
  package init(_ source: Source<World>, read: @escaping Reader) {
    self.source = source
    self.read = read
  }

  /// Makes an operand of one word.
  package static func one(
    _ source: Source<World>, read: @escaping @Sendable (String, World) throws(Fault) -> Value
  ) -> Operand {
    Operand(source) { rest, world throws(Fault) in
      guard let word = rest.popFirst() else { throw .usage() }
      return try read(word, world)
    }
  }

  /// A place that may be left out: at the end of the line it is nil.
  package static func optional<Wrapped>(_ operand: Operand<World, Wrapped>) -> Self
  where Value == Wrapped? {
    Self(operand.source.optional) { rest, world throws(Fault) in
      rest.isEmpty ? nil : try operand.read(&rest, world)
    }
  }

  /// A place that takes all words to the end of the line, at least one.
  package static func repeated<Element>(_ operand: Operand<World, Element>) -> Self
  where Value == [Element] {
    Self(operand.source.repeated) { rest, world throws(Fault) in
      var values: [Element] = []
      while !rest.isEmpty { values.append(try operand.read(&rest, world)) }
      return values
    }
  }
}

extension Operand where Value == Void {
  /// A word typed as it is; a form whose keyword differs does not fit.
  package static func keyword(_ words: String...) -> Self {
    Self(Source(words.joined(separator: " | "), "", kind: .literal(words))) {
      rest, _ throws(Fault) in
      guard let word = rest.popFirst(), words.contains(word) else { throw .usage() }
    }
  }
}

extension Operand where Value == Int {
  /// A decimal number within bounds; another one is `bad NAME: word`.
  package static func number(_ name: String, _ range: ClosedRange<Int>, _ help: String) -> Self {
    .one(Source(name, help)) { word, _ throws(Fault) in
      guard let number = Int(word), range.contains(number) else {
        throw .failed("bad \(name): \(word)")
      }
      return number
    }
  }
}

extension Operand where Value == String {
  /// Any word.
  package static func word(
    _ name: String, _ help: String,
    candidates: @escaping @Sendable (World) -> [Candidate] = { _ in [] }
  ) -> Self {
    .one(Source(name, help, candidates: candidates)) { word, _ in word }
  }

  /// One of several words, each with its help; another one is `bad NAME: word`.
  package static func choice(_ name: String, _ help: String, _ words: [Candidate]) -> Self {
    .one(Source(name, help) { _ in words }) { word, _ throws(Fault) in
      guard words.contains(where: { $0.text == word }) else {
        throw .failed("bad \(name): \(word)")
      }
      return word
    }
  }

  /// The name of a file of the host.
  package static func file(_ name: String, _ help: String) -> Self {
    .one(.file(name, help)) { word, _ in word }
  }
}

extension Operand where Value == [String] {
  /// A command and its words, to the end of the line.
  package static func command(_ name: String, _ help: String) -> Self {
    Self(.command(name, help).repeated) { rest, _ in
      defer { rest = [] }
      return Array(rest)
    }
  }

  /// All words to the end of the line; none is allowed too.
  package static func rest(_ name: String, _ help: String) -> Self {
    Self(Source(name, help).optional.repeated) { rest, _ in
      defer { rest = [] }
      return Array(rest)
    }
  }
}
