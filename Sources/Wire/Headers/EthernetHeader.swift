// SPDX-License-Identifier: BSD-2-Clause

/// The type field of an Ethernet frame; 1500 and less is a length (IEEE 802.3).
public struct EtherType: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
  public var rawValue: UInt16

  /// Wraps any number.
  @inlinable public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  @inlinable public static var ipv4: Self { Self(rawValue: 0x0800) }
  @inlinable public static var arp: Self { Self(rawValue: 0x0806) }
  @inlinable public static var rarp: Self { Self(rawValue: 0x8035) }
  @inlinable public static var vlan: Self { Self(rawValue: 0x8100) }
  @inlinable public static var ipv6: Self { Self(rawValue: 0x86dd) }
}

/// The 14 bytes before every Ethernet payload, `struct ether_header`.
public struct EthernetHeader: Hashable, BitwiseCopyable, Sendable {
  public var destination: EthernetAddress
  public var source: EthernetAddress
  public var type: EtherType

  /// ETHER_HDR_LEN.
  public static let size = 14

  /// Makes a header from its fields.
  @inlinable public init(destination: EthernetAddress, source: EthernetAddress, type: EtherType) {
    self.destination = destination
    self.source = source
    self.type = type
  }

  /// Reads the header at the front; nil if the bytes are too few.
  @inlinable public init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.size else { return nil }
    destination = EthernetAddress(rawValue: bytes.uint48(at: 0))
    source = EthernetAddress(rawValue: bytes.uint48(at: 6))
    type = EtherType(rawValue: bytes.uint16(at: 12))
  }

  /// Writes the header at the offset, where it must fit.
  @inlinable @inline(__always) public func write(into bytes: inout MutableRawSpan, at offset: Int) {
    bytes.store48(destination.rawValue, at: offset)
    bytes.store48(source.rawValue, at: offset + 6)
    bytes.store(type.rawValue, at: offset + 12)
  }
}
