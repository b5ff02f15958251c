// SPDX-License-Identifier: BSD-2-Clause

/// The 20 bytes every IPv4 packet begins with, `struct ip` (RFC 791); options follow them.
///
/// They are kept as they were read, in three words: most of those who read a header ask for few fields.
public struct IPv4Header: Hashable, BitwiseCopyable, Sendable {
  /// The bytes 0 to 7, and 8 to 15.
  @usableFromInline var front: UInt64
  @usableFromInline var middle: UInt64
  public var destination: IPv4Address

  @inlinable public var version: UInt8 {
    get { UInt8(truncatingIfNeeded: front >> 60) }
    set { front = front & ~(0xf << 60) | UInt64(newValue) << 60 }
  }
  /// ip_hl: the header's length in words of 4 bytes, options included; 0 to 15.
  @inlinable public var headerWords: UInt8 {
    get { UInt8(truncatingIfNeeded: front >> 56) & 0xf }
    set { front = front & ~(0xf << 56) | UInt64(newValue & 0xf) << 56 }
  }
  @inlinable public var tos: UInt8 {
    get { UInt8(truncatingIfNeeded: front >> 48) }
    set { front = front & ~(0xff << 48) | UInt64(newValue) << 48 }
  }
  @inlinable public var totalLength: UInt16 {
    get { UInt16(truncatingIfNeeded: front >> 32) }
    set { front = front & ~(0xffff << 32) | UInt64(newValue) << 32 }
  }
  @inlinable public var identification: UInt16 {
    get { UInt16(truncatingIfNeeded: front >> 16) }
    set { front = front & ~(0xffff << 16) | UInt64(newValue) << 16 }
  }
  /// ip_off: three flags and the offset in units of 8 bytes, as sent.
  @inlinable public var fragment: UInt16 {
    get { UInt16(truncatingIfNeeded: front) }
    set { front = front & ~0xffff | UInt64(newValue) }
  }
  @inlinable public var ttl: UInt8 {
    get { UInt8(truncatingIfNeeded: middle >> 56) }
    set { middle = middle & ~(0xff << 56) | UInt64(newValue) << 56 }
  }
  @inlinable public var `protocol`: IPProtocol {
    get { IPProtocol(rawValue: UInt8(truncatingIfNeeded: middle >> 48)) }
    set { middle = middle & ~(0xff << 48) | UInt64(newValue.rawValue) << 48 }
  }
  @inlinable public var checksum: UInt16 {
    get { UInt16(truncatingIfNeeded: middle >> 32) }
    set { middle = middle & ~(0xffff << 32) | UInt64(newValue) << 32 }
  }
  @inlinable public var source: IPv4Address {
    get { IPv4Address(rawValue: UInt32(truncatingIfNeeded: middle)) }
    set { middle = middle & ~0xffff_ffff | UInt64(newValue.rawValue) }
  }

  /// The bytes without options.
  public static let size = 20
  /// IP_RF, reserved.
  public static let RF: UInt16 = 0x8000
  /// IP_DF, don't fragment.
  public static let DF: UInt16 = 0x4000
  /// IP_MF, more fragments.
  public static let MF: UInt16 = 0x2000
  /// IP_OFFMASK, the offset in units of 8 bytes.
  public static let offsetMask: UInt16 = 0x1fff

  /// Makes a header from its fields; those left out are an ordinary packet's without options.
  @inlinable public init(
    version: UInt8 = 4, headerWords: UInt8 = 5, tos: UInt8 = 0, totalLength: UInt16,
    identification: UInt16 = 0, fragment: UInt16 = 0, ttl: UInt8 = 64, protocol: IPProtocol,
    checksum: UInt16 = 0, source: IPv4Address, destination: IPv4Address
  ) {
    front =
      UInt64(version << 4 | headerWords & 0xf) << 56 | UInt64(tos) << 48
      | UInt64(totalLength) << 32 | UInt64(identification) << 16 | UInt64(fragment)
    middle =
      UInt64(ttl) << 56 | UInt64(`protocol`.rawValue) << 48 | UInt64(checksum) << 32
      | UInt64(source.rawValue)
    self.destination = destination
  }

  /// Reads the header at the front, believing nothing; nil if the bytes are fewer than 20.
  @inlinable @inline(__always) public init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.size else { return nil }
    self.init(bytes.uint64(at: 0), bytes.uint64(at: 8), bytes.uint32(at: 16))
  }

  /// Takes the 20 bytes as three numbers, each read in network order.
  @inlinable @inline(__always) public init(_ front: UInt64, _ middle: UInt64, _ last: UInt32) {
    self.front = front
    self.middle = middle
    destination = IPv4Address(rawValue: last)
  }

  /// Writes the 20 bytes at the offset, where they must fit.
  @inlinable @inline(__always) public func write(into bytes: inout MutableRawSpan, at offset: Int) {
    bytes.store(front, at: offset)
    bytes.store(middle, at: offset + 8)
    bytes.store(destination.rawValue, at: offset + 16)
  }

  /// The header's length in bytes, options included; less than 20 in a bad packet.
  @inlinable public var headerLength: Int { Int(headerWords) * 4 }
  /// Whether IP_DF is set.
  @inlinable public var dontFragment: Bool { fragment & Self.DF != 0 }
  /// Whether IP_MF is set.
  @inlinable public var moreFragments: Bool { fragment & Self.MF != 0 }
  /// Whether IP_RF is set.
  @inlinable public var reserved: Bool { fragment & Self.RF != 0 }
  /// Where the payload lies in the whole datagram, in bytes.
  @inlinable public var fragmentOffset: Int { Int(fragment & Self.offsetMask) * 8 }
  /// Whether the packet is a piece of a datagram, the first included.
  @inlinable public var isFragment: Bool { fragment & (Self.MF | Self.offsetMask) != 0 }

  /// The sum over a header in place, its checksum field included: 0 if that is right.
  ///
  /// Sums what there is if the bytes are fewer than `headerLength`.
  @inlinable @inline(__always)
  public static func checksum(of bytes: RawSpan, headerLength: Int) -> UInt16 {
    guard headerLength == Self.size, bytes.byteCount >= Self.size else {
      return InternetChecksum.checksum(of: bytes.extracting(first: max(0, headerLength)))
    }
    // A header without options: five words, added at once.
    var sum = InternetChecksum()
    sum.add(bytes.uint64(at: 0), bytes.uint64(at: 8), bytes.uint32(at: 16))
    return sum.finish()
  }
}
