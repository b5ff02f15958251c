// SPDX-License-Identifier: BSD-2-Clause

/// The flags of a TCP segment, th_flags.
public struct TCPFlags: OptionSet, Hashable, BitwiseCopyable, Sendable {
  public let rawValue: UInt8

  /// Wraps the byte as sent.
  @inlinable public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  @inlinable public static var fin: Self { Self(rawValue: 0x01) }
  @inlinable public static var syn: Self { Self(rawValue: 0x02) }
  @inlinable public static var rst: Self { Self(rawValue: 0x04) }
  @inlinable public static var psh: Self { Self(rawValue: 0x08) }
  @inlinable public static var ack: Self { Self(rawValue: 0x10) }
  @inlinable public static var urg: Self { Self(rawValue: 0x20) }
  @inlinable public static var ece: Self { Self(rawValue: 0x40) }
  @inlinable public static var cwr: Self { Self(rawValue: 0x80) }
}

/// The 20 bytes every TCP segment begins with, `struct tcphdr` (RFC 793); options follow them.
public struct TCPHeader: Hashable, BitwiseCopyable, Sendable {
  public var sourcePort: UInt16
  public var destinationPort: UInt16
  public var sequence: UInt32
  public var acknowledgement: UInt32
  /// th_off: the header's length in words of 4 bytes, options included; 0 to 15.
  public var dataOffset: UInt8
  public var flags: TCPFlags
  public var window: UInt16
  public var checksum: UInt16
  public var urgent: UInt16

  /// The bytes without options.
  public static let size = 20

  /// Makes a header from its fields; those left out are a segment's without options.
  @inlinable public init(
    sourcePort: UInt16, destinationPort: UInt16, sequence: UInt32, acknowledgement: UInt32 = 0,
    dataOffset: UInt8 = 5, flags: TCPFlags, window: UInt16 = 0, checksum: UInt16 = 0,
    urgent: UInt16 = 0
  ) {
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.sequence = sequence
    self.acknowledgement = acknowledgement
    self.dataOffset = dataOffset
    self.flags = flags
    self.window = window
    self.checksum = checksum
    self.urgent = urgent
  }

  /// Reads the header at the front; nil if the bytes are too few.
  @inlinable @inline(__always) public init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.size else { return nil }
    self.init(bytes.uint64(at: 0), bytes.uint64(at: 8), bytes.uint32(at: 16))
  }

  /// Takes the 20 bytes as three numbers, each read in network order.
  @inlinable @inline(__always) public init(_ front: UInt64, _ middle: UInt64, _ last: UInt32) {
    sourcePort = UInt16(truncatingIfNeeded: front >> 48)
    destinationPort = UInt16(truncatingIfNeeded: front >> 32)
    sequence = UInt32(truncatingIfNeeded: front)
    acknowledgement = UInt32(truncatingIfNeeded: middle >> 32)
    dataOffset = UInt8(truncatingIfNeeded: middle >> 28) & 0xf
    flags = TCPFlags(rawValue: UInt8(truncatingIfNeeded: middle >> 16))
    window = UInt16(truncatingIfNeeded: middle)
    checksum = UInt16(truncatingIfNeeded: last >> 16)
    urgent = UInt16(truncatingIfNeeded: last)
  }

  /// Writes the 20 bytes at the offset, where they must fit; the reserved bits become 0.
  @inlinable public func write(into bytes: inout MutableRawSpan, at offset: Int) {
    bytes.store(sourcePort, at: offset)
    bytes.store(destinationPort, at: offset + 2)
    bytes.store(sequence, at: offset + 4)
    bytes.store(acknowledgement, at: offset + 8)
    bytes.store(dataOffset << 4, at: offset + 12)
    bytes.store(flags.rawValue, at: offset + 13)
    bytes.store(window, at: offset + 14)
    bytes.store(checksum, at: offset + 16)
    bytes.store(urgent, at: offset + 18)
  }

  /// The header's length in bytes, options included; less than 20 in a bad segment.
  @inlinable public var headerLength: Int { Int(dataOffset) * 4 }
}
