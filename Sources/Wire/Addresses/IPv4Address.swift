// SPDX-License-Identifier: BSD-2-Clause

/// An IPv4 address as a number in host order; network order exists only in packets.
public struct IPv4Address: RawRepresentable, Hashable, Comparable, BitwiseCopyable, Sendable {
  public var rawValue: UInt32

  /// Wraps a number in host order, so that `0x0a000001` is 10.0.0.1.
  @inlinable public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Makes the address `a.b.c.d`.
  @inlinable public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
    rawValue = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
  }

  /// INADDR_ANY, 0.0.0.0.
  @inlinable public static var any: Self { Self(rawValue: 0) }
  /// INADDR_BROADCAST, 255.255.255.255.
  @inlinable public static var broadcast: Self { Self(rawValue: 0xffff_ffff) }
  /// INADDR_LOOPBACK, 127.0.0.1.
  @inlinable public static var loopback: Self { Self(rawValue: 0x7f00_0001) }

  /// IN_MULTICAST: in 224.0.0.0/4.
  @inlinable public var isMulticast: Bool { rawValue >> 28 == 0xe }
  /// IN_LOOPBACK: in 127.0.0.0/8.
  @inlinable public var isLoopback: Bool { rawValue >> 24 == 127 }
  /// IN_LINKLOCAL: in 169.254.0.0/16.
  @inlinable public var isLinkLocal: Bool { rawValue >> 16 == 0xa9fe }
  /// IN_EXPERIMENTAL: in 240.0.0.0/4, which the limited broadcast address is too.
  @inlinable public var isExperimental: Bool { rawValue >> 28 == 0xf }
  /// IN_ZERONET: in 0.0.0.0/8.
  @inlinable public var isZeroNet: Bool { rawValue >> 24 == 0 }
  /// Whether this is the limited broadcast address; a subnet's own is for the interface to know.
  @inlinable public var isBroadcast: Bool { self == .broadcast }

  /// The mask of the address's class: A /8, B /16, and /24 for C and all above, as in_ifinit() does.
  @inlinable public var classfulMask: IPv4Address {
    if rawValue >> 31 == 0 { return IPv4Prefix.mask(length: 8) }
    if rawValue >> 30 == 0b10 { return IPv4Prefix.mask(length: 16) }
    return IPv4Prefix.mask(length: 24)
  }

  /// The four bytes in the order they are written and sent.
  @inlinable public var octets: (UInt8, UInt8, UInt8, UInt8) {
    (
      UInt8(truncatingIfNeeded: rawValue >> 24), UInt8(truncatingIfNeeded: rawValue >> 16),
      UInt8(truncatingIfNeeded: rawValue >> 8), UInt8(truncatingIfNeeded: rawValue)
    )
  }

  /// The length this address has as a mask, or nil when its one bits are not all in front.
  @inlinable public var prefixLength: Int? {
    let length = (~rawValue).leadingZeroBitCount
    return IPv4Prefix.mask(length: length) == self ? length : nil
  }

  /// Orders addresses as numbers.
  @inlinable public static func < (left: Self, right: Self) -> Bool {
    left.rawValue < right.rawValue
  }

  /// Keeps the bits both have: an address and its mask give the network.
  @inlinable public static func & (left: Self, right: Self) -> Self {
    Self(rawValue: left.rawValue & right.rawValue)
  }

  /// Joins the bits: a network and a host part give an address.
  @inlinable public static func | (left: Self, right: Self) -> Self {
    Self(rawValue: left.rawValue | right.rawValue)
  }

  /// Inverts all bits: a mask gives the host part.
  @inlinable public static prefix func ~ (address: Self) -> Self {
    Self(rawValue: ~address.rawValue)
  }
}

extension IPv4Address: CustomStringConvertible {
  /// The dotted quad, as inet_ntoa() writes it.
  public var description: String {
    let (a, b, c, d) = octets
    return "\(a).\(b).\(c).\(d)"
  }
}
