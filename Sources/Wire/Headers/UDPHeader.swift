// SPDX-License-Identifier: BSD-2-Clause

/// The 8 bytes of UDP, `struct udphdr` (RFC 768).
public struct UDPHeader: Hashable, BitwiseCopyable, Sendable {
  public var sourcePort: UInt16
  public var destinationPort: UInt16
  /// Header and payload, in bytes.
  public var length: UInt16
  /// 0 if the sender made none.
  public var checksum: UInt16

  /// The bytes of the header.
  public static let size = 8

  /// Makes a header from its fields.
  @inlinable public init(
    sourcePort: UInt16, destinationPort: UInt16, length: UInt16, checksum: UInt16 = 0
  ) {
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.length = length
    self.checksum = checksum
  }

  /// Reads the header at the front; nil if the bytes are too few.
  @inlinable @inline(__always) public init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.size else { return nil }
    sourcePort = bytes.uint16(at: 0)
    destinationPort = bytes.uint16(at: 2)
    length = bytes.uint16(at: 4)
    checksum = bytes.uint16(at: 6)
  }

  /// Writes the header at the offset, where it must fit.
  @inlinable public func write(into bytes: inout MutableRawSpan, at offset: Int) {
    bytes.store(sourcePort, at: offset)
    bytes.store(destinationPort, at: offset + 2)
    bytes.store(length, at: offset + 4)
    bytes.store(checksum, at: offset + 6)
  }
}
