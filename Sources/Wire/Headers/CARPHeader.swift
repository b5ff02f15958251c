// SPDX-License-Identifier: BSD-2-Clause

/// The 36 bytes of a CARP advertisement, `struct carp_header` (netinet/ip_carp.h).
public struct CARPHeader: Hashable, BitwiseCopyable, Sendable {
  public var version: UInt8 = 2
  public var type: UInt8 = 1
  public var vhid: UInt8
  public var skew: UInt8
  /// The length of counter and digest in words of four bytes.
  public var authLength: UInt8 = 7
  public var base: UInt8
  public var checksum: UInt16 = 0
  public var counter: UInt64 = 0
  public var digest = SHA1.Digest()

  public static let size = 36
  /// `CARP_VERSION`.
  public static let version: UInt8 = 2
  /// `CARP_ADVERTISEMENT`.
  public static let advertisement: UInt8 = 1

  /// Makes an advertisement without counter, digest and checksum.
  public init(vhid: UInt8, base: UInt8, skew: UInt8) {
    self.vhid = vhid
    self.base = base
    self.skew = skew
  }

  /// Reads the header at the offset; nil if the bytes are too few.
  public init?(_ bytes: RawSpan, at offset: Int) {
    guard bytes.byteCount >= offset + Self.size else { return nil }
    version = bytes.uint8(at: offset) >> 4
    type = bytes.uint8(at: offset) & 0xf
    vhid = bytes.uint8(at: offset + 1)
    skew = bytes.uint8(at: offset + 2)
    authLength = bytes.uint8(at: offset + 3)
    base = bytes.uint8(at: offset + 5)
    checksum = bytes.uint16(at: offset + 6)
    counter = bytes.uint64(at: offset + 8)
    digest = SHA1.Digest(bytes, at: offset + 16)
  }

  /// Writes the header at the offset, where it must fit.
  public func write(into bytes: inout MutableRawSpan, at offset: Int) {
    bytes.store(version << 4 | type & 0xf, at: offset)
    bytes.store(vhid, at: offset + 1)
    bytes.store(skew, at: offset + 2)
    bytes.store(authLength, at: offset + 3)
    bytes.store(UInt8(0), at: offset + 4)
    bytes.store(base, at: offset + 5)
    bytes.store(checksum, at: offset + 6)
    bytes.store(counter, at: offset + 8)
    digest.write(into: &bytes, at: offset + 16)
  }
}
