// SPDX-License-Identifier: BSD-2-Clause

/// What the lexer finds.
enum Token: Equatable, Sendable {
  case word(Word)
  /// `;`, `&&`, `||`, `|`, `&`, `;;`, `(` or `)`.
  case op(String)
  /// `<`, `>`, `>>`, `>&` or another that is refused later, with the number before it.
  case redirect(String, descriptor: Int?)
  case newline
  case end
}

/// Splits text into words and operators by the rules of sh(1).
///
/// `{`, `}` and `!` are plain words here: they mean something only as the first word of a command.
/// Lines are read when they are needed, so that an open quote asks for another one.
struct Lexer {
  /// The text of the command so far, so that a caller can cut out a range.
  private(set) var bytes: [UInt8]
  /// The line of `position`, from 1.
  private var line = 1
  /// Whether reading a line ended with ^C; then the text ends here.
  private(set) var isInterrupted = false
  private var position = 0
  private var isAtEnd: Bool
  private let read: (_ isContinuation: Bool) -> LineRead

  /// Makes a lexer of one text.
  init(_ text: String) {
    bytes = Array(text.utf8)
    isAtEnd = true
    read = { _ in .end }
  }

  /// Makes a lexer that reads lines.
  init(lines read: @escaping (_ isContinuation: Bool) -> LineRead) {
    bytes = []
    isAtEnd = false
    self.read = read
  }

  /// Begins a new command: forgets the text of the last one.
  mutating func begin() {
    bytes.removeFirst(position)
    position = 0
    if isInterrupted { (isInterrupted, isAtEnd) = (false, false) }
  }

  /// Drops what was read but not used, after an error.
  mutating func drop() { position = bytes.count }

  /// The next token, the bytes it stands in, and the line it begins in.
  mutating func next() throws(SyntaxError) -> (token: Token, range: Range<Int>, line: Int) {
    skipBlanks()
    let (start, first) = (position, line)
    guard let byte = peek() else { return (.end, start..<start, first) }
    let token: Token
    switch byte {
    case UInt8(ascii: "\n"):
      position += 1
      line += 1
      token = .newline
    case UInt8(ascii: ";"), UInt8(ascii: "&"), UInt8(ascii: "|"):
      position += 1
      var op = [byte]
      if peek() == byte {
        position += 1
        op.append(byte)
      }
      token = .op(String(decoding: op, as: UTF8.self))
    case UInt8(ascii: "("), UInt8(ascii: ")"):
      position += 1
      token = .op(byte == UInt8(ascii: "(") ? "(" : ")")
    case UInt8(ascii: "<"), UInt8(ascii: ">"):
      token = redirect(descriptor: nil)
    default:
      let word = try word()
      if let text = word.bare, text.utf8.allSatisfy(isDigit), let number = Int(text),
        peek() == UInt8(ascii: "<") || peek() == UInt8(ascii: ">")
      {
        token = redirect(descriptor: number)
      } else {
        token = .word(word)
      }
    }
    return (token, start..<position, first)
  }

  /// A byte at the place or after it; reads lines until there is one or the input ends.
  private mutating func peek(_ ahead: Int = 0) -> UInt8? {
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
    var op = [bytes[position]]
    position += 1
    if let second = peek(), [UInt8](">&<|".utf8).contains(second) {
      op.append(second)
      position += 1
    }
    return .redirect(String(decoding: op, as: UTF8.self), descriptor: descriptor)
  }

  private mutating func word() throws(SyntaxError) -> Word {
    var builder = WordBuilder()
    while let byte = peek(), !endsWord(byte) {
      position += 1
      switch byte {
      case UInt8(ascii: "\\"): backslash(&builder)
      case UInt8(ascii: "'"): try singleQuotes(&builder)
      case UInt8(ascii: "\""): try doubleQuotes(&builder)
      case UInt8(ascii: "$"): try dollar(&builder, isQuoted: false)
      case UInt8(ascii: "`"): builder.append(.unsupported("command substitution is"))
      default: builder.append(byte, isQuoted: false)
      }
    }
    return builder.word()
  }

  private mutating func backslash(_ builder: inout WordBuilder) {
    guard let byte = peek() else {
      return builder.append(UInt8(ascii: "\\"), isQuoted: true)
    }
    position += 1
    if byte == UInt8(ascii: "\n") {
      line += 1
    } else {
      builder.append(byte, isQuoted: true)
    }
  }

  private mutating func singleQuotes(_ builder: inout WordBuilder) throws(SyntaxError) {
    builder.open()
    while let byte = peek() {
      position += 1
      if byte == UInt8(ascii: "'") { return }
      if byte == UInt8(ascii: "\n") { line += 1 }
      builder.append(byte, isQuoted: true)
    }
    throw error("Unterminated quoted string")
  }

  private mutating func doubleQuotes(_ builder: inout WordBuilder) throws(SyntaxError) {
    builder.open()
    while let byte = peek() {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return
      case UInt8(ascii: "\\"):
        if let next = peek(), [UInt8]("$`\"\\\n".utf8).contains(next) {
          backslash(&builder)
        } else {
          builder.append(byte, isQuoted: true)
        }
      case UInt8(ascii: "$"): try dollar(&builder, isQuoted: true)
      case UInt8(ascii: "`"): builder.append(.unsupported("command substitution is"))
      default:
        if byte == UInt8(ascii: "\n") { line += 1 }
        builder.append(byte, isQuoted: true)
      }
    }
    throw error("Unterminated quoted string")
  }

  /// What follows a dollar: a name, a special parameter, `{…}`; alone it is a dollar.
  private mutating func dollar(
    _ builder: inout WordBuilder, isQuoted: Bool
  ) throws(SyntaxError) {
    guard let byte = peek() else { return builder.append(UInt8(ascii: "$"), isQuoted: isQuoted) }
    if isNameByte(byte) && !isDigit(byte) {
      builder.append(.parameter(name()))
    } else if byte == UInt8(ascii: "{") {
      position += 1
      var text: [UInt8] = []
      while let byte = peek(), byte != UInt8(ascii: "}") {
        position += 1
        if byte == UInt8(ascii: "\n") { line += 1 }
        text.append(byte)
      }
      guard peek() != nil else { throw error("Missing '}'") }
      position += 1
      builder.append(.parameter(String(decoding: text, as: UTF8.self)))
    } else if byte == UInt8(ascii: "(") {
      try skipParentheses()
      builder.append(.unsupported("command substitution is"))
    } else if isDigit(byte) || [UInt8]("?$#!@*-".utf8).contains(byte) {
      position += 1
      builder.append(.parameter(String(decoding: [byte], as: UTF8.self)))
    } else {
      builder.append(UInt8(ascii: "$"), isQuoted: isQuoted)
    }
  }

  /// Steps over `(…)` with others inside it.
  private mutating func skipParentheses() throws(SyntaxError) {
    var open = 0
    while let byte = peek() {
      position += 1
      if byte == UInt8(ascii: "\n") { line += 1 }
      if byte == UInt8(ascii: "(") { open += 1 }
      if byte == UInt8(ascii: ")") { open -= 1 }
      if open == 0 { return }
    }
    throw error("Missing ')'")
  }

  private mutating func name() -> String {
    let start = position
    while let byte = peek(), isNameByte(byte) { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private func error(_ message: String) -> SyntaxError {
    SyntaxError(message, line: line)
  }
}

private func isDigit(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

private func isNameByte(_ byte: UInt8) -> Bool {
  isDigit(byte) || byte == UInt8(ascii: "_")
    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
}

private func endsWord(_ byte: UInt8) -> Bool { [UInt8](" \t\n;&|<>()".utf8).contains(byte) }

/// Gathers bytes into the parts of a word.
private struct WordBuilder {
  private var parts: [Word.Part] = []
  private var bytes: [UInt8] = []
  private var isQuoted: Bool?

  mutating func append(_ byte: UInt8, isQuoted: Bool) {
    if self.isQuoted != isQuoted { flush() }
    self.isQuoted = isQuoted
    bytes.append(byte)
  }

  mutating func append(_ part: Word.Part) {
    flush()
    parts.append(part)
  }

  /// Begins a quoted piece, which counts even if it stays empty.
  mutating func open() {
    if isQuoted != true { flush() }
    isQuoted = true
  }

  mutating func word() -> Word {
    flush()
    return Word(parts: parts)
  }

  private mutating func flush() {
    if let isQuoted {
      parts.append(.text(String(decoding: bytes, as: UTF8.self), isQuoted: isQuoted))
    }
    bytes = []
    isQuoted = nil
  }
}
