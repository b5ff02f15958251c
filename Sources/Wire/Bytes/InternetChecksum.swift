// SPDX-License-Identifier: BSD-2-Clause

/// Adds up the Internet checksum (RFC 1071) over pieces; models in_cksum() and in_pseudo().
public struct InternetChecksum: BitwiseCopyable, Sendable {
  /// The words in network order; folded by `finish()`, since 2^48 words fit before it overflows.
  @usableFromInline var sum: UInt64 = 0
  /// Whether the pieces so far have an odd length, so that the next begins in a word's low half.
  @usableFromInline var isOdd = false

  /// Begins with nothing added.
  @inlinable public init() {}

  /// Adds bytes as if they followed the pieces before them.
  @inlinable public mutating func add(_ span: RawSpan) {
    let count = span.byteCount
    var total: UInt64 = 0
    var offset = 0
    // The sum is the same in either byte order (RFC 1071, 2 (B)), so the host's serves up to the end.
    while count - offset >= 8 {
      let (next, carry) = total.addingReportingOverflow(span.hostWord(at: offset))
      total = next &+ (carry ? 1 : 0)
      offset += 8
    }
    var part = UInt64(UInt16(bigEndian: Self.fold(total)))
    while count - offset >= 2 {
      part &+= UInt64(span.uint16(at: offset))
      offset += 2
    }
    if count > offset { part &+= UInt64(span.uint8(at: offset)) << 8 }
    let word = Self.fold(part)
    sum &+= UInt64(isOdd ? word.byteSwapped : word)
    if count % 2 == 1 { isOdd.toggle() }
  }

  /// Adds twenty bytes that were read already; the bytes before them must be even.
  @inlinable public mutating func add(_ front: UInt64, _ middle: UInt64, _ end: UInt32) {
    let halves: UInt64 = 0xffff_ffff
    sum &+= (front >> 32) &+ (front & halves) &+ (middle >> 32) &+ (middle & halves) &+ UInt64(end)
  }

  /// Adds one word, whatever the length of the pieces so far.
  @inlinable public mutating func add(_ word: UInt16) {
    sum &+= UInt64(word)
  }

  /// Adds the pseudo header that TCP and UDP include (RFC 768, RFC 793); the length is cut to 16 bits.
  @inlinable public mutating func addPseudoHeader(
    source: IPv4Address, destination: IPv4Address, protocol: IPProtocol, length: Int
  ) {
    sum &+= UInt64(source.rawValue >> 16) &+ UInt64(source.rawValue & 0xffff)
    sum &+= UInt64(destination.rawValue >> 16) &+ UInt64(destination.rawValue & 0xffff)
    sum &+= UInt64(`protocol`.rawValue) &+ UInt64(UInt16(truncatingIfNeeded: length))
  }

  /// The checksum of all that was added: what belongs in the field, or 0 if the field was included
  /// and is right.
  @inlinable public func finish() -> UInt16 {
    ~Self.fold(sum)
  }

  /// Whether `finish()` gives 0, of what is not all 0: the field was included and is right.
  @inlinable public var isWhole: Bool { sum % 0xffff == 0 }

  /// The checksum of one piece.
  @inlinable public static func checksum(of span: RawSpan) -> UInt16 {
    var checksum = InternetChecksum()
    checksum.add(span)
    return checksum.finish()
  }

  /// The checksum after one word changed, by equation 3 of RFC 1624.
  @inlinable public static func update(checksum: UInt16, old: UInt16, new: UInt16) -> UInt16 {
    ~fold(UInt64(~checksum) &+ UInt64(~old) &+ UInt64(new))
  }

  /// Adds the four words of a sum until one word is left.
  @inlinable static func fold(_ sum: UInt64) -> UInt16 {
    var sum = (sum >> 32) &+ (sum & 0xffff_ffff)
    sum = (sum >> 16) &+ (sum & 0xffff)
    sum = (sum >> 16) &+ (sum & 0xffff)
    return UInt16(truncatingIfNeeded: (sum >> 16) &+ sum)
  }
}
