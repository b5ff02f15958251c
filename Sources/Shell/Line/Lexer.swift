// SPDX-License-Identifier: BSD-2-Clause

/// Splits text into words and operators by the rules of sh(1).
///
/// `{`, `}` and `!` are plain words here: they mean something only as the first word of a command.
/// Lines are read when they are needed, so that an open quote asks for another one.
struct Lexer {
  /// How deep commands may stand in each other; each level takes some stack.
  static let deepest = 100

  /// The text of the command so far, so that a caller can cut out a range.
  private(set) var bytes: [UInt8]
  /// The line of `position`, from 1.
  private(set) var line: Int
  /// The next byte to read.
  private(set) var position = 0
  /// Whether reading a line ended with ^C; then the text ends here.
  private(set) var isInterrupted = false
  /// How many commands are open around this place.
  var depth = 0
  /// The here documents whose text begins behind the next newline.
  var hereDocuments: [HereDocument] = []
  /// The aliases that text came from which was not read to its end, and where that is.
  private var openAliases: [(name: String, end: Int)] = []
  private var isAtEnd: Bool
  private let read: (_ isContinuation: Bool) -> LineRead

  /// Makes a lexer of one text that begins in a line.
  init(_ text: String, line: Int = 1, depth: Int = 0) {
    bytes = Array(text.utf8)
    self.line = line
    self.depth = depth
    isAtEnd = true
    read = { _ in .end }
  }

  /// Makes a lexer that reads lines, the first of which has a number.
  init(line: Int = 1, lines read: @escaping (_ isContinuation: Bool) -> LineRead) {
    bytes = []
    self.line = line
    isAtEnd = false
    self.read = read
  }

  /// Begins a new command: forgets the text of the last one.
  mutating func begin() {
    bytes.removeFirst(position)
    position = 0
    hereDocuments = []
    openAliases = []
    if isInterrupted { (isInterrupted, isAtEnd) = (false, false) }
  }

  /// Drops what was read but not used, after an error.
  mutating func drop() { position = bytes.count }

  /// A place to go back to; the lines read since stay read.
  var mark: (position: Int, line: Int) { (position, line) }

  /// Goes back.
  mutating func rewind(to mark: (position: Int, line: Int)) {
    (position, line) = mark
  }

  /// The next token, the bytes it stands in, and the line it begins in.
  mutating func next() throws(SyntaxError) -> (token: Token, range: Range<Int>, line: Int) {
    skipBlanks()
    let (start, first) = (position, line)
    guard let byte = peek() else {
      readHereDocuments()
      return (.end, start..<start, first)
    }
    let token: Token
    switch byte {
    case UInt8(ascii: "\n"):
      position += 1
      line += 1
      readHereDocuments()
      return (.newline, start..<start + 1, first)
    case UInt8(ascii: ";"): token = op(.semicolon, doubled: .endCase)
    case UInt8(ascii: "&"): token = op(.background, doubled: .and)
    case UInt8(ascii: "|"): token = op(.pipe, doubled: .or)
    case UInt8(ascii: "("): token = op(.open)
    case UInt8(ascii: ")"): token = op(.close)
    case UInt8(ascii: "<"), UInt8(ascii: ">"):
      token = redirect(descriptor: nil)
    default:
      let word = try word()
      if let next = peek(), next == UInt8(ascii: "<") || next == UInt8(ascii: ">"),
        position == start + 1, isDigit(byte)
      {
        token = redirect(descriptor: Int(byte - UInt8(ascii: "0")))
      } else {
        token = .word(word)
      }
    }
    return (token, start..<position, first)
  }

  private mutating func op(_ single: Operator, doubled: Operator? = nil) -> Token {
    let byte = bytes[position]
    position += 1
    guard let doubled, peek() == byte else { return .op(single) }
    position += 1
    return .op(doubled)
  }

  /// A byte at the place or after it; reads lines until there is one or the input ends.
  mutating func peek(_ ahead: Int = 0) -> UInt8? {
    while position + ahead >= bytes.count && !isAtEnd {
      switch read(position > 0) {
      case .line(let text):
        bytes += text.utf8
        bytes.append(UInt8(ascii: "\n"))
      case .interrupted: (isInterrupted, isAtEnd) = (true, true)
      case .end: isAtEnd = true
      }
    }
    return position + ahead < bytes.count ? bytes[position + ahead] : nil
  }

  /// Steps over a byte that was peeked at.
  mutating func skip() {
    if bytes[position] == UInt8(ascii: "\n") { line += 1 }
    position += 1
  }

  /// Goes past a word of which each byte means itself, as most are; nil, and nothing is passed,
  /// where there is none.
  mutating func plainWord() -> String? {
    var end = position
    while end < bytes.count, Self.isPlain(bytes[end]) { end += 1 }
    guard end > position, end < bytes.count, endsWord(bytes[end]) else { return nil }
    defer { position = end }
    return String(decoding: bytes[position..<end], as: UTF8.self)
  }

  /// Goes past a line that has nothing but names, numbers and addresses, so that it is one command;
  /// nil, and nothing is passed, where it may be more.
  mutating func plainLine() -> [String]? {
    guard position == 0, peek() != nil else { return nil }
    var words: [String] = []
    var start = 0
    for place in bytes.indices {
      let byte = bytes[place]
      if Self.isOrdinary(byte) { continue }
      let isEnd = byte == UInt8(ascii: "\n")
      guard isEnd ? place + 1 == bytes.count : byte == UInt8(ascii: " ") else { return nil }
      if place > start {
        let word = String(decoding: bytes[start..<place], as: UTF8.self)
        if words.isEmpty {
          guard Reserved(word: word) == nil else { return nil }
          words.reserveCapacity(8)
        }
        words.append(word)
      }
      start = place + 1
    }
    guard start == bytes.count, !words.isEmpty else { return nil }
    position = bytes.count
    line += 1
    return words
  }

  /// Whether a byte means itself and begins nothing, wherever it stands in a line.
  private static func isOrdinary(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "-")...UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: ","):
      true
    default: false
    }
  }

  /// Whether a byte means itself wherever it stands in a word.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "$"),
      UInt8(ascii: "`"):
      false
    default: !endsWord(byte)
    }
  }

  private mutating func skipBlanks() {
    while let byte = peek() {
      if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
        position += 1
      } else if byte == UInt8(ascii: "\\"), peek(1) == UInt8(ascii: "\n") {
        position += 2
        line += 1
      } else if byte == UInt8(ascii: "#") {
        while let byte = peek(), byte != UInt8(ascii: "\n") { position += 1 }
      } else {
        return
      }
    }
  }

  private mutating func redirect(descriptor: Int?) -> Token {
    var text = String(UnicodeScalar(bytes[position]))
    position += 1
    while let byte = peek(),
      let longer = RedirectionOperator(rawValue: text + String(UnicodeScalar(byte)))
    {
      position += 1
      text = longer.rawValue
    }
    return .redirect(RedirectionOperator(rawValue: text) ?? .read, descriptor: descriptor)
  }

  func error(_ message: String) -> SyntaxError { SyntaxError(message: message, line: line) }
}

/// Aliases, whose text is read in the place of their names.
extension Lexer {
  /// Whether the text at a place came from an alias of this name.
  func isInside(alias name: String, at position: Int) -> Bool {
    openAliases.contains { $0.name == name && position < $0.end }
  }

  /// Puts an alias's text in the place of a range that was just read, and goes back to its begin.
  mutating func replace(_ range: Range<Int>, by text: String, alias name: String) {
    let change = text.utf8.count - range.count
    bytes.replaceSubrange(range, with: text.utf8)
    openAliases.removeAll { $0.end <= range.lowerBound }
    for place in openAliases.indices { openAliases[place].end += change }
    openAliases.append((name, range.upperBound + change))
    position = range.lowerBound
  }
}

/// Here documents.
extension Lexer {
  /// Reads the texts of the documents that the line named, in order.
  private mutating func readHereDocuments() {
    while !hereDocuments.isEmpty {
      let document = hereDocuments.removeFirst()
      let first = line
      var text: [UInt8] = []
      while var row = rawLine() {
        if document.dropsTabs { row = row.drop { $0 == UInt8(ascii: "\t") } }
        if row.elementsEqual(document.delimiter.utf8) { break }
        text += row
        text.append(UInt8(ascii: "\n"))
      }
      document.text = String(decoding: text, as: UTF8.self)
      document.body = body(document.text, document, line: first)
    }
  }

  private mutating func rawLine() -> ArraySlice<UInt8>? {
    guard peek() != nil else { return nil }
    let start = position
    while let byte = peek(), byte != UInt8(ascii: "\n") { position += 1 }
    let end = position
    if peek() != nil { skip() }
    return bytes[start..<end]
  }

  /// The text as a word, which is expanded unless the delimiter was quoted.
  private func body(
    _ text: String, _ document: HereDocument, line: Int
  ) -> Result<Word, SyntaxError> {
    guard !document.isLiteral else {
      return .success(Word(parts: [.text(text, isQuoted: true)]))
    }
    var lexer = Lexer(text, line: line, depth: depth)
    return Result { () throws(SyntaxError) -> Word in try lexer.hereText() }
  }
}

/// Whether a byte that nothing quotes ends a word.
func endsWord(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: ";"),
    UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "<"), UInt8(ascii: ">"),
    UInt8(ascii: "("), UInt8(ascii: ")"):
    true
  default: false
  }
}

func isDigit(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

/// Whether a byte may stand in a name, behind its first.
func isNameByte(_ byte: UInt8) -> Bool {
  isDigit(byte) || byte == UInt8(ascii: "_")
    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
}

extension StringProtocol {
  /// Whether it can name a variable.
  var isName: Bool {
    guard let first = utf8.first, !isDigit(first) else { return false }
    return utf8.allSatisfy(isNameByte)
  }
}
