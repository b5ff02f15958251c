// SPDX-License-Identifier: BSD-2-Clause

/// An IPv6 address as four words, the first on the wire first.
public struct IPv6Address: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
  public var rawValue: SIMD4<UInt32>

  @inlinable public init(rawValue: SIMD4<UInt32>) { self.rawValue = rawValue }

  /// `::1`.
  @inlinable public static var loopback: Self { Self(rawValue: [0, 0, 0, 1]) }

  /// The mask of so many leading ones; 128 and more give all.
  public static func mask(length: Int) -> Self {
    var words = SIMD4<UInt32>.zero
    for index in 0..<4 {
      words[index] = ~(UInt32.max >> UInt32(min(max(length - 32 * index, 0), 32)))
    }
    return Self(rawValue: words)
  }

  /// How many leading ones it has as a mask, or nil for one with holes.
  public var prefixLength: Int? {
    let ones =
      (0..<4).first { rawValue[$0] != .max }
      .map { 32 * $0 + (~rawValue[$0]).leadingZeroBitCount } ?? 128
    return Self.mask(length: ones) == self ? ones : nil
  }

  /// Keeps the bits that a mask has.
  @inlinable public static func & (left: Self, right: Self) -> Self {
    Self(rawValue: left.rawValue & right.rawValue)
  }

  /// The eight numbers that it is written as.
  private var groups: [UInt16] {
    (0..<8).map { UInt16(truncatingIfNeeded: rawValue[$0 / 2] >> ($0 % 2 == 0 ? 16 : 0)) }
  }
}

extension IPv6Address {
  /// Reads eight hexadecimal numbers between colons, of which `::` stands for zeros once, and whose
  /// last two may be an IPv4 address, as inet_pton() does.
  public init?(_ text: some StringProtocol) {
    var head: [UInt16] = []
    var tail: [UInt16]?
    var rest = Substring(text).utf8[...]
    if rest.first == UInt8(ascii: ":") {
      rest.removeFirst()
      guard rest.first == UInt8(ascii: ":") else { return nil }
    }
    while !rest.isEmpty {
      if rest.first == UInt8(ascii: ":") {
        guard tail == nil else { return nil }
        (head, tail) = ([], head)
        rest.removeFirst()
        continue
      }
      let part = rest.prefix { $0 != UInt8(ascii: ":") }
      if part.contains(UInt8(ascii: ".")) {
        guard part.endIndex == rest.endIndex,
          let address = IPv4Address(dottedQuad: String(decoding: part, as: UTF8.self))
        else { return nil }
        head.append(UInt16(truncatingIfNeeded: address.rawValue >> 16))
        head.append(UInt16(truncatingIfNeeded: address.rawValue))
        break
      }
      guard let group = IPv6Address.group(part) else { return nil }
      head.append(group)
      rest = rest[part.endIndex...]
      if rest.isEmpty { break }
      rest.removeFirst()
      // A single colon at the end says nothing.
      if rest.isEmpty { return nil }
    }
    // With `::`, what came before it is in `tail`, and what followed in `head`.
    let (first, last) = tail.map { ($0, head) } ?? (head, [])
    let missing = 8 - first.count - last.count
    guard tail == nil ? missing == 0 : missing > 0 else { return nil }
    self.init(groups: first + Array(repeating: 0, count: missing) + last)
  }

  /// One to four hexadecimal digits.
  private static func group(_ digits: Substring.UTF8View.SubSequence) -> UInt16? {
    guard (1...4).contains(digits.count) else { return nil }
    var value: UInt16 = 0
    for character in digits {
      guard let digit = character.digit(radix: 16) else { return nil }
      value = value << 4 | UInt16(digit)
    }
    return value
  }

  private init(groups: [UInt16]) {
    var words = SIMD4<UInt32>.zero
    for (index, group) in groups.enumerated() {
      words[index / 2] = words[index / 2] << 16 | UInt32(group)
    }
    self.init(rawValue: words)
  }
}

extension IPv6Address: CustomStringConvertible {
  /// Lower-case hexadecimal numbers, the first of the longest runs of two and more zeros as `::`, and
  /// addresses that contain one of IPv4 with that, as inet_ntop() writes them.
  public var description: String {
    let groups = groups
    let run = IPv6Address.longestRun(groups)
    let holdsIPv4 =
      run.lowerBound == 0 && (run.count == 6 || run.count == 5 && groups[5] == 0xffff)
    func join(_ numbers: ArraySlice<UInt16>) -> String {
      numbers.map { String($0, radix: 16) }.joined(separator: ":")
    }
    if holdsIPv4 {
      let between = run.count == 5 ? "ffff:" : ""
      return "::\(between)\(IPv4Address(rawValue: rawValue[3]))"
    }
    guard !run.isEmpty else { return join(groups[...]) }
    return join(groups[..<run.lowerBound]) + "::" + join(groups[run.upperBound...])
  }

  /// The places of the first of the longest runs of zeros, if it is two long.
  private static func longestRun(_ groups: [UInt16]) -> Range<Int> {
    var best = 0..<0
    var start = 0
    for index in 0...groups.count where index == groups.count || groups[index] != 0 {
      if index - start > best.count { best = start..<index }
      start = index + 1
    }
    return best.count < 2 ? 0..<0 : best
  }
}
