// SPDX-License-Identifier: BSD-2-Clause

/// A number at the front of a text, read as strtol(3) and its relatives do.
struct CNumber {
  /// The text behind the number; all of it where there is none.
  let rest: Substring
  /// Whether there was a digit.
  let isNumber: Bool
  private let magnitude: UInt64
  private let isNegative: Bool
  private let isTooLarge: Bool

  /// Reads blanks, a sign and digits. Base 0 heeds the prefixes `0x` and `0`, base 16 the first.
  init(_ text: some StringProtocol, base: UInt64 = 0) {
    let text = Substring(text)
    var rest = text.utf8
    while let first = rest.first, first == 0x20 || (0x09...0x0d).contains(first) {
      rest.removeFirst()
    }
    let sign = rest.first
    isNegative = sign == UInt8(ascii: "-")
    if isNegative || sign == UInt8(ascii: "+") { rest.removeFirst() }
    var radix = base == 0 ? 10 : base
    if base == 0 || base == 16, rest.first == UInt8(ascii: "0") {
      radix = base == 0 ? 8 : 16
      let second = rest.dropFirst().first
      if second.map({ $0 | 0x20 }) == UInt8(ascii: "x"),
        rest.dropFirst(2).first.flatMap(CNumber.value) ?? 16 < 16
      {
        radix = 16
        rest.removeFirst(2)
      }
    }
    var magnitude: UInt64 = 0
    var isTooLarge = false
    var count = 0
    while let digit = rest.first.flatMap(CNumber.value), digit < radix {
      let (product, overflow) = magnitude.multipliedReportingOverflow(by: radix)
      let (sum, carry) = product.addingReportingOverflow(digit)
      isTooLarge = isTooLarge || overflow || carry
      magnitude = sum
      count += 1
      rest.removeFirst()
    }
    isNumber = count > 0
    self.rest = isNumber ? Substring(rest) : text
    self.magnitude = magnitude
    self.isTooLarge = isTooLarge
  }

  /// Whether the whole text was a number.
  var isWhole: Bool { isNumber && rest.isEmpty }

  /// The number as `strtol` gives it: clamped to a long.
  var signed: Int64 {
    if isNegative {
      return isTooLarge || magnitude > 1 << 63 ? .min : Int64(bitPattern: 0 &- magnitude)
    }
    return isTooLarge ? .max : Int64(clamping: magnitude)
  }

  /// The number as `strtoul` gives it: a minus wraps, and too large is all ones.
  var unsigned: UInt64 {
    if isTooLarge { return .max }
    return isNegative ? 0 &- magnitude : magnitude
  }

  /// What `atoi` makes of a text: 0 where it is no number.
  static func atoi(_ text: some StringProtocol) -> Int32 {
    Int32(truncatingIfNeeded: CNumber(text, base: 10).signed)
  }

  /// Reads a number from the front of a text and returns what follows it (`strtoul`).
  static func strtoul(_ text: Substring, radix: UInt64) -> (value: UInt64, rest: Substring) {
    let number = CNumber(text, base: radix)
    return (number.isNumber ? number.unsigned : 0, number.rest)
  }

  /// The number in front of a text, whole or broken, as `strtod` reads it; 0 where there is none.
  static func strtod(_ text: some StringProtocol) -> Double {
    let bytes = Array(text.utf8.drop { $0 == 0x20 || (0x09...0x0d).contains($0) }.prefix(64))
    // The longest beginning that is a number; a longer text than this says no more.
    for count in stride(from: bytes.count, to: 0, by: -1) {
      if let value = Double(String(decoding: bytes[..<count], as: UTF8.self)) { return value }
    }
    return 0
  }

  /// The number that a whole text is, whole or broken, as `strtod` reads it; blanks may be in front.
  static func double(_ text: String) -> Double? {
    Double(
      String(decoding: text.utf8.drop { $0 == 0x20 || (0x09...0x0d).contains($0) }, as: UTF8.self))
  }

  /// Whether a text begins with a decimal digit.
  static func hasDigit(_ text: some StringProtocol) -> Bool {
    text.utf8.first.map { (0x30...0x39).contains($0) } ?? false
  }

  private static func value(_ digit: UInt8) -> UInt64? {
    switch digit {
    case 0x30...0x39: UInt64(digit - 0x30)
    case 0x41...0x5a: UInt64(digit - 0x41 + 10)
    case 0x61...0x7a: UInt64(digit - 0x61 + 10)
    default: nil
    }
  }
}
