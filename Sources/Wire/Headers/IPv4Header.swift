// SPDX-License-Identifier: BSD-2-Clause

/// The 20 bytes every IPv4 packet begins with, `struct ip` (RFC 791); options follow them.
public struct IPv4Header: Hashable, BitwiseCopyable, Sendable {
  public var version: UInt8
  /// ip_hl: the header's length in words of 4 bytes, options included; 0 to 15.
  public var headerWords: UInt8
  public var tos: UInt8
  public var totalLength: UInt16
  public var identification: UInt16
  /// ip_off: three flags and the offset in units of 8 bytes, as sent.
  public var fragment: UInt16
  public var ttl: UInt8
  public var `protocol`: IPProtocol
  public var checksum: UInt16
  public var source: IPv4Address
  public var destination: IPv4Address

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
    self.version = version
    self.headerWords = headerWords
    self.tos = tos
    self.totalLength = totalLength
    self.identification = identification
    self.fragment = fragment
    self.ttl = ttl
    self.protocol = `protocol`
    self.checksum = checksum
    self.source = source
    self.destination = destination
  }

  /// Reads the header at the front, believing nothing; nil if the bytes are fewer than 20.
  @inlinable @inline(__always) public init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.size else { return nil }
    // Three loads for eleven fields: the header is read several times on each packet's way.
    let front = bytes.uint64(at: 0)
    let middle = bytes.uint64(at: 8)
    version = UInt8(truncatingIfNeeded: front >> 60)
    headerWords = UInt8(truncatingIfNeeded: front >> 56) & 0xf
    tos = UInt8(truncatingIfNeeded: front >> 48)
    totalLength = UInt16(truncatingIfNeeded: front >> 32)
    identification = UInt16(truncatingIfNeeded: front >> 16)
    fragment = UInt16(truncatingIfNeeded: front)
    ttl = UInt8(truncatingIfNeeded: middle >> 56)
    `protocol` = IPProtocol(rawValue: UInt8(truncatingIfNeeded: middle >> 48))
    checksum = UInt16(truncatingIfNeeded: middle >> 32)
    source = IPv4Address(rawValue: UInt32(truncatingIfNeeded: middle))
    destination = IPv4Address(rawValue: bytes.uint32(at: 16))
  }

  /// Writes the 20 bytes at the offset, where they must fit.
  @inlinable public func write(into bytes: inout MutableRawSpan, at offset: Int) {
    let first = version << 4 | headerWords & 0xf
    let front =
      UInt64(first) << 56 | UInt64(tos) << 48 | UInt64(totalLength) << 32
      | UInt64(identification) << 16 | UInt64(fragment)
    let middle =
      UInt64(ttl) << 56 | UInt64(`protocol`.rawValue) << 48 | UInt64(checksum) << 32
      | UInt64(source.rawValue)
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
  @inlinable public static func checksum(of bytes: RawSpan, headerLength: Int) -> UInt16 {
    guard headerLength == Self.size, bytes.byteCount >= Self.size else {
      return InternetChecksum.checksum(of: bytes.extracting(first: max(0, headerLength)))
    }
    // A header without options: five words, added at once.
    var sum = InternetChecksum()
    sum.add(bytes.uint64(at: 0), bytes.uint64(at: 8), bytes.uint32(at: 16))
    return sum.finish()
  }
}
