// SPDX-License-Identifier: BSD-2-Clause

/// Reads numbers from the front of a text the way the C library's parsers do.
struct NumberReader {
  private var rest: Substring.UTF8View

  /// Begins at the text's first byte.
  init(_ text: some StringProtocol) {
    rest = Substring(text).utf8
  }

  /// Whether all text is read.
  var isAtEnd: Bool { rest.isEmpty }

  /// The next character, or NUL at the end, as in a C string.
  var peek: UInt8 { rest.first ?? 0 }

  /// Goes past one character, if there is one.
  mutating func advance() {
    rest = rest.dropFirst()
  }

  /// Goes past the character if it is the next one.
  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard !isAtEnd, peek == UInt8(ascii: character) else { return false }
    advance()
    return true
  }

  /// Goes past white space.
  mutating func skipBlanks() {
    while peek.isBlank { advance() }
  }

  /// Reads digits up to the first that is none; nil without a digit or beyond 64 bits.
  mutating func number(radix: UInt64) -> UInt64? {
    var value: UInt64?
    while let digit = peek.digit(radix: UInt8(truncatingIfNeeded: radix)) {
      let (product, overflow) = (value ?? 0).multipliedReportingOverflow(by: radix)
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
      guard !overflow, !carry else { return nil }
      value = sum
      advance()
    }
    return value
  }

  /// Reads a number with C's prefixes, as strtoul() does with base 0.
  mutating func cNumber() -> UInt64? {
    guard peek == UInt8(ascii: "0") else { return number(radix: 10) }
    return skipHexPrefix() ? number(radix: 16) : number(radix: 8)
  }

  /// Goes past `0x` if a hex digit follows it.
  mutating func skipHexPrefix() -> Bool {
    let head = Array(rest.prefix(3))
    guard head.count == 3, head[0] == UInt8(ascii: "0"), head[1] | 0x20 == UInt8(ascii: "x"),
      head[2].digit(radix: 16) != nil
    else { return false }
    rest = rest.dropFirst(2)
    return true
  }
}

extension UInt8 {
  /// Whether this is the code of a decimal digit.
  var isDigit: Bool { (0x30...0x39).contains(self) }

  /// Whether this is white space to isspace() in the C locale.
  var isBlank: Bool { self == 0x20 || (0x09...0x0d).contains(self) }

  /// The value of the digit this is the code of, or nil when it is none in that radix.
  func digit(radix: UInt8) -> UInt8? {
    let value: UInt8
    switch self {
    case 0x30...0x39: value = self - 0x30
    case 0x41...0x46: value = self - 0x41 + 10
    case 0x61...0x66: value = self - 0x61 + 10
    default: return nil
    }
    return value < radix ? value : nil
  }
}
