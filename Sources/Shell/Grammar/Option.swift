// SPDX-License-Identifier: BSD-2-Clause

/// One letter of a getopt(3) command.
package struct Option<World: AnyObject>: Sendable {
  /// The letter after the dash.
  package let letter: Character
  /// What its argument is, or nil where it takes none.
  package let argument: Source<World>?
  /// What it does, as a sentence of the manual page.
  package let help: String

  /// Declares a letter with a described argument, or without one.
  package init(_ letter: Character, _ help: String, argument: Source<World>? = nil) {
    self.letter = letter
    self.argument = argument
    self.help = help
  }

  /// Declares a letter with a named argument that has no candidates.
  package init(_ letter: Character, argument: String, _ help: String) {
    self.init(letter, help, argument: Source(argument))
  }

  /// How the manual page shows it: `-w wait`.
  package var synopsis: String { argument.map { "-\(letter) \($0.name)" } ?? "-\(letter)" }
}

/// What getopt(3) made of a command line.
package struct Arguments: Equatable, Sendable {
  /// One option as given.
  package struct Given: Equatable, Sendable {
    /// The letter.
    package let letter: Character
    /// Its argument, where it takes one.
    package let argument: String?
  }

  /// The options in the order given.
  package internal(set) var options: [Given] = []
  /// The words after the options.
  package internal(set) var operands: [String] = []

  /// Whether a letter was given.
  package func has(_ letter: Character) -> Bool {
    options.contains { $0.letter == letter }
  }

  /// The argument of a letter; the last one wins.
  package func value(_ letter: Character) -> String? {
    options.last { $0.letter == letter }?.argument
  }

  /// Splits words as FreeBSD's getopt(3): letters may be grouped, arguments glued; `--` or the
  /// first word that is no option ends them.
  package static func parse(
    _ words: ArraySlice<String>, _ declared: OptionLetters
  ) throws(Fault) -> Arguments {
    var result = Arguments()
    var rest = words
    while let word = rest.first, word.utf8.first == UInt8(ascii: "-"), word != "-" {
      rest.removeFirst()
      if word == "--" { break }
      if let letter = word.loneLetter, declared[letter] == false {
        result.options.append(Given(letter: letter, argument: nil))
        continue
      }
      var letters = word.dropFirst()
      while let letter = letters.popFirst() {
        guard let takesArgument = declared[letter] else {
          throw .usage("illegal option -- \(letter)")
        }
        var argument: String?
        if takesArgument {
          argument = letters.isEmpty ? rest.popFirst() : String(letters)
          letters = ""
          guard argument != nil else {
            throw .usage("option requires an argument -- \(letter)")
          }
        }
        result.options.append(Given(letter: letter, argument: argument))
      }
    }
    result.operands = Array(rest)
    return result
  }

  /// Splits words by options that are declared.
  package static func parse<World>(
    _ words: ArraySlice<String>, _ declared: [Option<World>]
  ) throws(Fault) -> Arguments {
    try parse(words, OptionLetters(declared))
  }
}

extension String {
  /// The letter of an option that stands alone, as most do.
  fileprivate var loneLetter: Character? {
    let bytes = utf8.span
    return bytes.count == 2 && bytes[1] < 0x80 ? Character(UnicodeScalar(bytes[1])) : nil
  }
}

/// What getopt(3) needs to know of options: which letters there are, and which take an argument.
package struct OptionLetters: Sendable {
  /// By ASCII, as all letters are: 0 for none, 1 for one alone, 2 for one with an argument.
  private var kinds = InlineArray<128, UInt8>(repeating: 0)

  /// Takes the letters of options; of two with one letter the first counts.
  package init<World>(_ options: [Option<World>]) {
    for option in options {
      guard let place = option.letter.asciiValue.map({ Int($0) }) else {
        preconditionFailure("an option's letter is ASCII")
      }
      if kinds[place] == 0 { kinds[place] = option.argument == nil ? 1 : 2 }
    }
  }

  /// Whether a letter takes an argument; nil where there is no such letter.
  subscript(_ letter: Character) -> Bool? {
    guard let place = letter.asciiValue, kinds[Int(place)] > 0 else { return nil }
    return kinds[Int(place)] == 2
  }
}
