// SPDX-License-Identifier: BSD-2-Clause

/// The type byte of an IPv4 option, `IPOPT_*`.
public struct IPv4OptionType: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
  public var rawValue: UInt8

  /// Wraps any number.
  @inlinable public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// IPOPT_EOL, which ends the list.
  @inlinable public static var endOfList: Self { Self(rawValue: 0) }
  /// IPOPT_NOP, the other option of one byte.
  @inlinable public static var noOperation: Self { Self(rawValue: 1) }
  /// IPOPT_RR.
  @inlinable public static var recordRoute: Self { Self(rawValue: 7) }
  /// IPOPT_TS.
  @inlinable public static var timestamp: Self { Self(rawValue: 68) }
  /// IPOPT_SECURITY.
  @inlinable public static var security: Self { Self(rawValue: 130) }
  /// IPOPT_LSRR.
  @inlinable public static var looseSourceRoute: Self { Self(rawValue: 131) }
  /// IPOPT_SSRR.
  @inlinable public static var strictSourceRoute: Self { Self(rawValue: 137) }
  /// IPOPT_RA (RFC 2113).
  @inlinable public static var routerAlert: Self { Self(rawValue: 148) }

  /// IPOPT_COPIED: whether the option stands in every fragment.
  @inlinable public var isCopied: Bool { rawValue & 0x80 != 0 }
}

/// Walks through the options of an IPv4 header and never reads past their end.
public struct IPv4Options: ~Escapable {
  /// One option and where it stands.
  public struct Option: Hashable, BitwiseCopyable, Sendable {
    public let type: IPv4OptionType
    /// Of the type byte, from the first option byte.
    public let position: Int
    /// With the type and length bytes; of a malformed option, what is left of the list.
    public let length: Int
    /// Whether the length byte is missing, below 2 or beyond the end; nothing follows such an option.
    public let isMalformed: Bool

    @usableFromInline
    init(type: IPv4OptionType, position: Int, length: Int, isMalformed: Bool) {
      self.type = type
      self.position = position
      self.length = length
      self.isMalformed = isMalformed
    }
  }

  @usableFromInline let bytes: RawSpan
  @usableFromInline var position = 0

  /// Begins at the front of the option bytes, which are those between byte 20 and the payload.
  @inlinable @_lifetime(copy bytes) public init(_ bytes: RawSpan) {
    self.bytes = bytes
  }

  /// The next option, or nil after the last; an end of list is the last one.
  @inlinable public mutating func next() -> Option? {
    let start = position
    let left = bytes.byteCount - start
    guard left > 0 else { return nil }
    let type = IPv4OptionType(rawValue: bytes.uint8(at: start))
    var length = 1
    var isMalformed = false
    if type != .endOfList && type != .noOperation {
      length = left > 1 ? Int(bytes.uint8(at: start + 1)) : 0
      isMalformed = length < 2 || length > left
      if isMalformed { length = left }
    }
    position = type == .endOfList ? bytes.byteCount : start + length
    return Option(type: type, position: start, length: length, isMalformed: isMalformed)
  }
}
