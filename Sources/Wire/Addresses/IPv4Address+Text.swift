// SPDX-License-Identifier: BSD-2-Clause

extension IPv4Address {
  /// Reads exactly four decimal numbers of at most three digits, as inet_pton() does.
  public init?(dottedQuad text: some StringProtocol) {
    var value: UInt32 = 0
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    for part in parts {
      guard (1...3).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }) else {
        return nil
      }
      let octet = part.reduce(0) { $0 * 10 + UInt32($1 - 0x30) }
      guard octet <= 255 else { return nil }
      value = value << 8 | octet
    }
    self.init(rawValue: value)
  }

  /// Reads four decimal numbers without zeros in front, the way inet_ntoa() writes them: all readers
  /// of addresses take these alike.
  public init?(plain text: Span<UInt8>) {
    var value: UInt32 = 0
    var place = 0
    for part in 0..<4 {
      if part > 0 {
        guard place < text.count, text[place] == UInt8(ascii: ".") else { return nil }
        place += 1
      }
      let start = place
      var octet: UInt32 = 0
      while place < text.count, text[place].isDigit, place - start < 3 {
        octet = octet * 10 + UInt32(text[place] - UInt8(ascii: "0"))
        place += 1
      }
      guard place > start, octet <= 255, place == start + 1 || text[start] != UInt8(ascii: "0")
      else { return nil }
      value = value << 8 | octet
    }
    guard place == text.count else { return nil }
    self.init(rawValue: value)
  }

  /// Reads one to four C numbers between dots, the last filling what is left, as inet_aton() does.
  ///
  /// The text may go on after a blank. A number is cut to 32 bits, and refused only beyond 64.
  public init?(inetAton text: some StringProtocol) {
    var reader = NumberReader(text)
    var parts: [UInt32] = []
    repeat {
      guard parts.count < 4, reader.peek.isDigit, let part = reader.cNumber() else { return nil }
      parts.append(UInt32(truncatingIfNeeded: part))
    } while reader.skip(".")
    guard reader.isAtEnd || reader.peek.isBlank, let last = parts.popLast(),
      last <= UInt32.max >> UInt32(8 * parts.count), parts.allSatisfy({ $0 <= 255 })
    else { return nil }
    var value = last
    for (index, part) in parts.enumerated() { value |= part << UInt32(24 - 8 * index) }
    self.init(rawValue: value)
  }

  /// Reads one to four numbers up to 255 and shifts them in from the right, as inet_network() does.
  ///
  /// All ones is inet_network()'s error value, so 255.255.255.255 is refused; `x1f` is read as hex.
  public static func inetNetwork(_ text: some StringProtocol) -> UInt32? {
    var reader = NumberReader(text)
    var parts = 0
    var value: UInt32 = 0
    repeat {
      var hasDigit = reader.skip("0")
      let isOctal = hasDigit
      let isHex = reader.skip("x") || reader.skip("X")
      var part: UInt32 = 0
      while let digit = reader.peek.digit(radix: isHex ? 16 : 10) {
        guard isHex || !isOctal || digit < 8 else { return nil }
        part = part &* (isHex ? 16 : isOctal ? 8 : 10) &+ UInt32(digit)
        hasDigit = true
        reader.advance()
      }
      parts += 1
      guard hasDigit, parts <= 4, part <= 255 else { return nil }
      value = value << 8 | part
    } while reader.skip(".")
    guard reader.isAtEnd || reader.peek.isBlank, value != UInt32.max else { return nil }
    return value
  }
}
