// SPDX-License-Identifier: BSD-2-Clause

/// Splits lines for `read`: the last field keeps the separators between its words.
struct FieldReader {
  /// The fields so far; there are as many as variables.
  private(set) var values: [String]
  /// Whether the line ended in a backslash.
  private(set) var goesOn = false

  private let separators: String
  private var field = 0
  /// 2 before the first word, 1 behind a blank that ended one, 0 in a word.
  private var start = 2
  /// How much of the last field must stay even if it is a separator.
  private var kept = 0

  init(_ separators: String, count: Int) {
    self.separators = separators
    values = Array(repeating: "", count: count)
  }

  /// Takes a line; a backslash keeps the character behind it from being a separator.
  mutating func take(_ line: String, isRaw: Bool) {
    goesOn = false
    var rest = line[...]
    while let character = rest.popFirst() {
      if character == "\\" && !isRaw {
        guard let next = rest.popFirst() else {
          goesOn = true
          return
        }
        append(next)
      } else if separators.contains(character) {
        separate(character)
      } else {
        append(character)
      }
    }
    trim()
  }

  private mutating func append(_ character: Character) {
    start = 0
    values[field].append(character)
    kept = values[field].count
  }

  private mutating func separate(_ character: Character) {
    let isBlank = character == " " || character == "\t"
    let isLast = field == values.count - 1
    if start != 0 && isBlank { return isLast && kept > 0 ? values[field].append(character) : () }
    if start == 1 {
      // A separator that is no blank belongs to the blanks before it.
      start = 2
      if isLast && kept > 0 { values[field].append(character) }
      return
    }
    start = isBlank ? 1 : 2
    guard isLast else {
      field += 1
      kept = 0
      return
    }
    values[field].append(character)
  }

  /// Drops the blanks at the end of the last field, and one other separator behind one word.
  private mutating func trim() {
    let words = values[field].prefix(kept)
    var tail = values[field].dropFirst(kept)
    while let last = tail.last, last == " " || last == "\t" { tail.removeLast() }
    if tail.count == 1, !words.contains(where: separators.contains) { tail = "" }
    values[field] = String(words) + tail
  }
}

/// One step of getopts.
struct OptionScan {
  let letters: String
  let words: [String]
  /// The number of the next word, from 1.
  var index: Int
  /// How many letters of it were read.
  var offset: Int
  private(set) var argument: String?
  /// What stderr says.
  private(set) var message = ""

  init(letters: String, words: [String], index: Int, offset: Int) {
    self.letters = letters
    self.words = words
    self.index = index
    self.offset = offset
  }

  /// The next letter, `?` or `:` for what is wrong, nil behind the options.
  mutating func next() -> Character? {
    guard index <= words.count else { return nil }
    let word = words[index - 1]
    guard word.hasPrefix("-"), word != "-" else { return nil }
    if offset == 0 && word == "--" {
      index += 1
      return nil
    }
    let given = Array(word.dropFirst())
    guard offset < given.count else {
      (index, offset) = (index + 1, 0)
      return next()
    }
    let letter = given[offset]
    offset += 1
    let isSilent = letters.hasPrefix(":")
    guard letter != ":", let place = letters.firstIndex(of: letter) else {
      endWord(given)
      if isSilent { argument = String(letter) } else { message = "Illegal option -\(letter)\n" }
      return "?"
    }
    guard letters[letters.index(after: place)...].first == ":" else {
      endWord(given)
      return letter
    }
    if offset < given.count {
      argument = String(given[offset...])
    } else if index < words.count {
      index += 1
      argument = words[index - 1]
    } else {
      (index, offset) = (index + 1, 0)
      if isSilent { argument = String(letter) } else { message = "No arg for -\(letter) option\n" }
      return isSilent ? ":" : "?"
    }
    (index, offset) = (index + 1, 0)
    return letter
  }

  private mutating func endWord(_ given: [Character]) {
    if offset >= given.count { (index, offset) = (index + 1, 0) }
  }
}
