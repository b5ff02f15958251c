// SPDX-License-Identifier: BSD-2-Clause

/// A 48-bit link-level address as a number, first byte highest.
public struct EthernetAddress: RawRepresentable, Hashable, Comparable, BitwiseCopyable, Sendable {
  /// Always below 2^48.
  public let rawValue: UInt64

  /// Takes the low 48 bits.
  @inlinable public init(rawValue: UInt64) {
    self.rawValue = rawValue & 0xffff_ffff_ffff
  }

  /// Makes the address `a:b:c:d:e:f`.
  @inlinable public init(
    _ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, _ e: UInt8, _ f: UInt8
  ) {
    let high = UInt64(a) << 40 | UInt64(b) << 32 | UInt64(c) << 24
    rawValue = high | UInt64(d) << 16 | UInt64(e) << 8 | UInt64(f)
  }

  /// Reads six hex numbers between colons, as ether_aton() does.
  ///
  /// Blanks before a number and anything after the sixth pass; a number is cut to its low 8 bits.
  public init?(_ text: some StringProtocol) {
    var reader = NumberReader(text)
    var value: UInt64 = 0
    for index in 0..<6 {
      guard index == 0 || reader.skip(":") else { return nil }
      reader.skipBlanks()
      _ = reader.skipHexPrefix()
      guard let part = reader.number(radix: 16) else { return nil }
      value = value << 8 | part & 0xff
    }
    self.init(rawValue: value)
  }

  /// The address that all stations take.
  @inlinable public static var broadcast: Self { Self(rawValue: 0xffff_ffff_ffff) }
  /// No address; what a request for one carries.
  @inlinable public static var zero: Self { Self(rawValue: 0) }

  /// ETHER_IS_MULTICAST: more than one station may take it; broadcast is one of these.
  @inlinable public var isGroup: Bool { rawValue >> 40 & 1 == 1 }
  /// Whether this is the broadcast address.
  @inlinable public var isBroadcast: Bool { self == .broadcast }

  /// ETHER_MAP_IP_MULTICAST: 01:00:5e and the low 23 bits of the group (RFC 1112, 6.4).
  @inlinable public static func multicast(for group: IPv4Address) -> Self {
    Self(rawValue: 0x0100_5e00_0000 | UInt64(group.rawValue & 0x7f_ffff))
  }

  /// Orders addresses as numbers.
  @inlinable public static func < (left: Self, right: Self) -> Bool {
    left.rawValue < right.rawValue
  }
}

extension EthernetAddress: CustomStringConvertible {
  /// Six pairs of lower-case hex digits, as ether_ntoa() writes them: `02:00:00:00:00:01`.
  public var description: String {
    var text = ""
    for shift in stride(from: 40, through: 0, by: -8) {
      if shift != 40 { text += ":" }
      text.appendHex(rawValue >> shift, digits: 2)
    }
    return text
  }
}
