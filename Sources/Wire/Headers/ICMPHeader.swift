// SPDX-License-Identifier: BSD-2-Clause

/// The type of an ICMP message (RFC 792, 950, 1256).
public struct ICMPType: RawRepresentable, Hashable, Comparable, BitwiseCopyable, Sendable {
  public var rawValue: UInt8

  /// Wraps any number.
  @inlinable public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  @inlinable public static var echoReply: Self { Self(rawValue: 0) }
  @inlinable public static var unreach: Self { Self(rawValue: 3) }
  @inlinable public static var sourceQuench: Self { Self(rawValue: 4) }
  @inlinable public static var redirect: Self { Self(rawValue: 5) }
  @inlinable public static var echo: Self { Self(rawValue: 8) }
  @inlinable public static var routerAdvert: Self { Self(rawValue: 9) }
  @inlinable public static var routerSolicit: Self { Self(rawValue: 10) }
  @inlinable public static var timxceed: Self { Self(rawValue: 11) }
  @inlinable public static var paramprob: Self { Self(rawValue: 12) }
  @inlinable public static var tstamp: Self { Self(rawValue: 13) }
  @inlinable public static var tstampreply: Self { Self(rawValue: 14) }
  @inlinable public static var ireq: Self { Self(rawValue: 15) }
  @inlinable public static var ireqreply: Self { Self(rawValue: 16) }
  @inlinable public static var maskreq: Self { Self(rawValue: 17) }
  @inlinable public static var maskreply: Self { Self(rawValue: 18) }

  /// Whether it asks or tells something, and reports no error (ICMP_INFOTYPE of ip_icmp.h).
  @inlinable public var isInformational: Bool {
    switch self {
    case .echoReply, .echo, .routerAdvert, .routerSolicit, .tstamp, .tstampreply, .ireq,
      .ireqreply, .maskreq, .maskreply:
      true
    default: false
    }
  }

  /// Orders types by number.
  @inlinable public static func < (left: Self, right: Self) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// The 8 bytes every ICMP message of note begins with, ICMP_MINLEN of `struct icmp`.
public struct ICMPHeader: Hashable, BitwiseCopyable, Sendable {
  public var type: ICMPType
  public var code: UInt8
  public var checksum: UInt16
  /// The second word, whose meaning the type gives.
  public var rest: UInt32

  /// ICMP_MINLEN.
  public static let size = 8

  /// Makes a header from its fields.
  @inlinable public init(type: ICMPType, code: UInt8 = 0, checksum: UInt16 = 0, rest: UInt32 = 0) {
    self.type = type
    self.code = code
    self.checksum = checksum
    self.rest = rest
  }

  /// Reads the header at the front; nil if the bytes are too few.
  @inlinable public init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.size else { return nil }
    type = ICMPType(rawValue: bytes.uint8(at: 0))
    code = bytes.uint8(at: 1)
    checksum = bytes.uint16(at: 2)
    rest = bytes.uint32(at: 4)
  }

  /// Writes the header at the offset, where it must fit.
  @inlinable public func write(into bytes: inout MutableRawSpan, at offset: Int) {
    bytes.store(type.rawValue, at: offset)
    bytes.store(code, at: offset + 1)
    bytes.store(checksum, at: offset + 2)
    bytes.store(rest, at: offset + 4)
  }

  /// icmp_id, of echoes, time stamps and masks.
  @inlinable public var identifier: UInt16 { UInt16(truncatingIfNeeded: rest >> 16) }
  /// icmp_seq, of echoes, time stamps and masks.
  @inlinable public var sequence: UInt16 { UInt16(truncatingIfNeeded: rest) }
  /// icmp_nextmtu, of code 4 of unreach (RFC 1191).
  @inlinable public var nextMTU: UInt16 { UInt16(truncatingIfNeeded: rest) }
  /// icmp_gwaddr, of a redirect.
  @inlinable public var gateway: IPv4Address { IPv4Address(rawValue: rest) }
  /// icmp_pptr, of a parameter problem.
  @inlinable public var pointer: UInt8 { UInt8(truncatingIfNeeded: rest >> 24) }
}
