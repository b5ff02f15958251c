// SPDX-License-Identifier: BSD-2-Clause

/// The 8 bytes every IGMP message begins with, `struct igmp` (RFC 2236).
public struct IGMPHeader: Hashable, BitwiseCopyable, Sendable {
  public var type: UInt8
  /// The longest time to answer, in tenths of a second; 0 from IGMPv1.
  public var code: UInt8
  public var checksum: UInt16
  public var group: IPv4Address

  /// IGMP_MINLEN.
  public static let size = 8

  /// Makes a header from its fields.
  @inlinable public init(type: UInt8, code: UInt8 = 0, checksum: UInt16 = 0, group: IPv4Address) {
    self.type = type
    self.code = code
    self.checksum = checksum
    self.group = group
  }

  /// Reads the header at the front; nil if the bytes are too few.
  @inlinable public init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.size else { return nil }
    type = bytes.uint8(at: 0)
    code = bytes.uint8(at: 1)
    checksum = bytes.uint16(at: 2)
    group = IPv4Address(rawValue: bytes.uint32(at: 4))
  }

  /// Writes the header at the offset, where it must fit.
  @inlinable public func write(into bytes: inout MutableRawSpan, at offset: Int) {
    bytes.store(type, at: offset)
    bytes.store(code, at: offset + 1)
    bytes.store(checksum, at: offset + 2)
    bytes.store(group.rawValue, at: offset + 4)
  }
}
