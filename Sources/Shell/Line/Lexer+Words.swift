// SPDX-License-Identifier: BSD-2-Clause

/// Words, and what may stand in them.
extension Lexer {
  /// Reads a word that begins here.
  mutating func word() throws(SyntaxError) -> Word {
    if let text = plainWord() { return Word(parts: [.text(text, isQuoted: false)]) }
    var builder = WordBuilder()
    while let byte = peek(), !endsWord(byte) { try unquoted(byte, &builder) }
    return builder.word()
  }

  /// Reads the text of a here document to its end.
  mutating func hereText() throws(SyntaxError) -> Word {
    var builder = WordBuilder()
    while let byte = peek() {
      if byte == UInt8(ascii: "\"") {
        take(&builder)
      } else {
        try quoted(byte, &builder, escapable: "$`\\\n")
      }
    }
    return builder.word()
  }

  /// Takes a byte as it is.
  private mutating func take(_ builder: inout WordBuilder) {
    builder.append(bytes[position], isQuoted: true)
    skip()
  }

  /// Reads one piece outside of quotes.
  private mutating func unquoted(
    _ byte: UInt8, _ builder: inout WordBuilder
  ) throws(SyntaxError) {
    switch byte {
    case UInt8(ascii: "\\"): backslash(&builder)
    case UInt8(ascii: "'"): try singleQuotes(&builder)
    case UInt8(ascii: "\""): try doubleQuotes(&builder)
    case UInt8(ascii: "$"): try dollar(&builder, isQuoted: false)
    case UInt8(ascii: "`"): try backquotes(&builder, isQuoted: false)
    default:
      builder.append(byte, isQuoted: false)
      skip()
    }
  }

  /// Reads one piece between double quotes, where a backslash is special before some only.
  private mutating func quoted(
    _ byte: UInt8, _ builder: inout WordBuilder, escapable: String
  ) throws(SyntaxError) {
    switch byte {
    case UInt8(ascii: "\\"):
      if let next = peek(1), escapable.utf8.contains(next) {
        backslash(&builder)
      } else {
        take(&builder)
      }
    case UInt8(ascii: "$"): try dollar(&builder, isQuoted: true)
    case UInt8(ascii: "`"): try backquotes(&builder, isQuoted: true)
    default: take(&builder)
    }
  }

  private mutating func backslash(_ builder: inout WordBuilder) {
    skip()
    guard let byte = peek() else {
      return builder.append(UInt8(ascii: "\\"), isQuoted: true)
    }
    if byte != UInt8(ascii: "\n") { builder.append(byte, isQuoted: true) }
    skip()
  }

  private mutating func singleQuotes(_ builder: inout WordBuilder) throws(SyntaxError) {
    skip()
    builder.open()
    while let byte = peek() {
      skip()
      if byte == UInt8(ascii: "'") { return }
      builder.append(byte, isQuoted: true)
    }
    throw error("Unterminated quoted string")
  }

  private mutating func doubleQuotes(_ builder: inout WordBuilder) throws(SyntaxError) {
    skip()
    let before = builder.size
    while let byte = peek() {
      if byte == UInt8(ascii: "\"") {
        skip()
        // Only nothing at all is an empty text: "$@" without parameters is no word.
        if builder.size == before { builder.open() }
        return
      }
      try quoted(byte, &builder, escapable: "$`\"\\\n")
    }
    throw error("Unterminated quoted string")
  }

  /// What follows a dollar: a name, a special parameter, `{…}`, `(…)`; alone it is a dollar.
  private mutating func dollar(
    _ builder: inout WordBuilder, isQuoted: Bool
  ) throws(SyntaxError) {
    skip()
    guard let byte = peek() else { return builder.append(UInt8(ascii: "$"), isQuoted: isQuoted) }
    if byte == UInt8(ascii: "{") {
      skip()
      builder.append(.parameter(try braces(isQuoted: isQuoted), isQuoted: isQuoted))
    } else if byte == UInt8(ascii: "(") {
      skip()
      if peek() == UInt8(ascii: "(") {
        skip()
        builder.append(.arithmetic(try arithmetic(), isQuoted: isQuoted))
      } else {
        builder.append(.command(try substitution(), isQuoted: isQuoted))
      }
    } else if let name = parameterName(hasBraces: false) {
      builder.append(.parameter(Parameter(name: name, operation: .value), isQuoted: isQuoted))
    } else {
      builder.append(UInt8(ascii: "$"), isQuoted: isQuoted)
    }
  }

  /// A name, a number or a special character; without braces a number has one digit.
  private mutating func parameterName(hasBraces: Bool) -> String? {
    guard let byte = peek() else { return nil }
    let start = position
    if isDigit(byte) {
      repeat { skip() } while hasBraces && peek().map(isDigit) == true
    } else if isNameByte(byte) {
      while let byte = peek(), isNameByte(byte) { skip() }
    } else if "?$#!@*-".utf8.contains(byte) {
      skip()
    } else {
      return nil
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// What stands behind `${`.
  private mutating func braces(isQuoted: Bool) throws(SyntaxError) -> Parameter {
    let start = position
    if peek() == UInt8(ascii: "#"), let next = peek(1), next != UInt8(ascii: "}") {
      let mark = mark
      skip()
      if let name = parameterName(hasBraces: true), peek() == UInt8(ascii: "}") {
        skip()
        return Parameter(name: name, operation: .length)
      }
      rewind(to: mark)
    }
    guard let name = parameterName(hasBraces: true) else { return try bad(from: start) }
    var orEmpty = false
    if peek() == UInt8(ascii: ":") {
      skip()
      orEmpty = true
    }
    guard let byte = peek() else { throw error("Missing '}'") }
    switch (byte, orEmpty) {
    case (UInt8(ascii: "}"), false):
      skip()
      return Parameter(name: name, operation: .value)
    case (UInt8(ascii: "-"), _):
      let word = try bracedWord(isQuoted: isQuoted)
      return Parameter(name: name, operation: .otherwise(word, orEmpty: orEmpty))
    case (UInt8(ascii: "="), _):
      let word = try bracedWord(isQuoted: isQuoted)
      return Parameter(name: name, operation: .assign(word, orEmpty: orEmpty))
    case (UInt8(ascii: "?"), _):
      let hasWord = peek(1) != UInt8(ascii: "}")
      let word = try bracedWord(isQuoted: isQuoted)
      return Parameter(
        name: name, operation: .require(hasWord ? word : nil, orEmpty: orEmpty))
    case (UInt8(ascii: "+"), _):
      let word = try bracedWord(isQuoted: isQuoted)
      return Parameter(name: name, operation: .instead(word, orEmpty: orEmpty))
    case (UInt8(ascii: "%"), false), (UInt8(ascii: "#"), false):
      let longest = peek(1) == byte
      if longest { skip() }
      let word = try bracedWord(isQuoted: false)
      return Parameter(
        name: name,
        operation: .trim(word, atEnd: byte == UInt8(ascii: "%"), longest: longest))
    default: return try bad(from: start)
    }
  }

  /// Steps to the brace behind what is no expansion.
  private mutating func bad(from start: Int) throws(SyntaxError) -> Parameter {
    while let byte = peek(), byte != UInt8(ascii: "}") { skip() }
    guard peek() != nil else { throw error("Missing '}'") }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    skip()
    return Parameter(name: "", operation: .bad("${\(text)}: Bad substitution"))
  }

  /// The word behind an operator, to the brace; the operator is skipped.
  private mutating func bracedWord(isQuoted: Bool) throws(SyntaxError) -> Word {
    skip()
    try descend()
    defer { depth -= 1 }
    var builder = WordBuilder()
    while let byte = peek() {
      if byte == UInt8(ascii: "}") {
        skip()
        return builder.word()
      }
      if byte == UInt8(ascii: "\"") {
        try doubleQuotes(&builder)
      } else if isQuoted {
        try quoted(byte, &builder, escapable: "$`\"\\}\n")
      } else {
        try unquoted(byte, &builder)
      }
    }
    throw error("Missing '}'")
  }

  /// The text behind `$((`, which is expanded as between double quotes.
  private mutating func arithmetic() throws(SyntaxError) -> Word {
    try descend()
    defer { depth -= 1 }
    var builder = WordBuilder()
    var open = 0
    while let byte = peek() {
      switch byte {
      case UInt8(ascii: "("): open += 1
      case UInt8(ascii: ")"):
        if open == 0, peek(1) == byte {
          skip()
          skip()
          return builder.word()
        }
        open = max(0, open - 1)
      case UInt8(ascii: "\""):
        skip()
        continue
      default: break
      }
      try quoted(byte, &builder, escapable: "$`\"\\\n")
    }
    throw error("Missing '))'")
  }

  /// The commands behind `$(`.
  private mutating func substitution() throws(SyntaxError) -> CommandList {
    try descend()
    var parser = Parser(self)
    let list = try parser.listInParentheses()
    self = parser.lexer
    depth -= 1
    return list
  }

  /// The commands between backquotes, in which backslashes are read twice.
  private mutating func backquotes(
    _ builder: inout WordBuilder, isQuoted: Bool
  ) throws(SyntaxError) {
    skip()
    try descend()
    defer { depth -= 1 }
    let first = line
    var text: [UInt8] = []
    while let byte = peek(), byte != UInt8(ascii: "`") {
      skip()
      guard byte == UInt8(ascii: "\\"), let next = peek() else {
        text.append(byte)
        continue
      }
      skip()
      if next == UInt8(ascii: "\n") { continue }
      let isEscape = "\\`$".utf8.contains(next) || isQuoted && next == UInt8(ascii: "\"")
      text += isEscape ? [next] : [byte, next]
    }
    guard peek() != nil else { throw error("EOF in backquote substitution") }
    skip()
    var parser = Parser(
      Lexer(String(decoding: text, as: UTF8.self), line: first, depth: depth))
    builder.append(.command(try parser.whole(), isQuoted: isQuoted))
  }

  /// Goes one level deeper.
  mutating func descend() throws(SyntaxError) {
    guard depth < Self.deepest else { throw error("commands are nested too deeply") }
    depth += 1
  }
}
