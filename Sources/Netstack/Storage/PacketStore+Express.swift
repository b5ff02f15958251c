// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// Memory for the express lane, whose packets rest nowhere.
extension PacketStore {
  /// Whether `passExpress` may take a frame of this length: there are buffers that were used before,
  /// for it and for what errors would quote, and nothing is to fail.
  @inline(__always)
  func hasRoomForExpress(_ count: Int) -> Bool {
    failures == 0 && small.unused >= 2 && buffersInUse < limit - 1
      && count <= PacketStore.smallStride - PacketStore.headroom
  }

  /// Takes a frame in and out again, with another link header, TTL and checksum.
  ///
  /// - Parameter isQuoted: A second buffer is taken, and given back after the frame's.
  @inline(__always)
  mutating func passExpress(
    _ frame: RawSpan, to destination: EthernetAddress, from source: EthernetAddress, ttl: UInt8,
    checksum: UInt16, isQuoted: Bool
  ) {
    let count = frame.byteCount
    precondition(
      count >= EthernetHeader.size + IPv4Header.size
        && count <= PacketStore.smallStride - PacketStore.headroom, "the lane has asked for room")
    let buffer = small.pass(isQuoted: isQuoted)
    let start = unsafe small.base + buffer * PacketStore.smallStride + PacketStore.headroom
    unsafe frame.withUnsafeBytes { source in
      if let base = source.baseAddress { unsafe start.copyMemory(from: base, byteCount: count) }
    }
    var bytes = unsafe MutableRawSpan(_unsafeStart: start, byteCount: count)
    // Two addresses of six bytes; the EtherType stays.
    bytes.store(destination.rawValue << 16 | source.rawValue >> 32, at: 0)
    bytes.store(UInt32(truncatingIfNeeded: source.rawValue), at: 8)
    bytes.store(ttl, at: EthernetHeader.size + 8)
    bytes.store(checksum, at: EthernetHeader.size + 10)
  }
}
