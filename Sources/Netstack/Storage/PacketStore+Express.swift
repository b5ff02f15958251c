// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// The buffers of packets of the express lane, which take turns: those that are taken next.
struct ExpressBuffers: BitwiseCopyable {
  fileprivate let first: Int
  fileprivate let second: Int
}

/// Memory for the express lane, whose packets rest nowhere.
extension PacketStore {
  /// The longest frame of the lane.
  static var mostExpress: Int { smallStride - headroom }

  /// Buffers that were used before, for a packet and for what errors would quote; nil where there
  /// are none, or a request is to fail.
  ///
  /// - Parameter isQuoted: With each packet a second buffer is taken, and given back after the
  ///   packet's: so the two change places.
  @inline(__always)
  func expressBuffers(isQuoted: Bool) -> ExpressBuffers? {
    guard failures == 0, small.unused >= 2, buffersInUse < limit - 1 else { return nil }
    let (first, second) = small.nextTwo
    return ExpressBuffers(first: first, second: isQuoted ? second : first)
  }

  /// Takes a frame in and out again, with another link header, TTL and checksum.
  ///
  /// - Parameters:
  ///   - buffers: As they were before the first of some packets.
  ///   - number: How many of those went before.
  @inline(__always)
  mutating func passExpress(
    _ frame: RawSpan, in buffers: ExpressBuffers, number: UInt64,
    to destination: EthernetAddress, from source: EthernetAddress, ttl: UInt8, checksum: UInt16
  ) {
    let count = frame.byteCount
    precondition(
      count >= EthernetHeader.size + IPv4Header.size && count <= PacketStore.mostExpress,
      "the lane has asked for room")
    let buffer = number & 1 == 0 ? buffers.first : buffers.second
    let start = unsafe small.base + buffer * PacketStore.smallStride + PacketStore.headroom
    unsafe frame.withUnsafeBytes { source in
      guard let base = source.baseAddress else { return }
      if count <= 64 {
        // Both ends, which overlap: no call, and nothing to guess.
        unsafe start.copyMemory(from: base, byteCount: 32)
        unsafe (start + count - 32).copyMemory(from: base + count - 32, byteCount: 32)
      } else {
        unsafe start.copyMemory(from: base, byteCount: count)
      }
    }
    var bytes = unsafe MutableRawSpan(_unsafeStart: start, byteCount: count)
    // Two addresses of six bytes; the EtherType stays.
    bytes.store(destination.rawValue << 16 | source.rawValue >> 32, at: 0)
    bytes.store(UInt32(truncatingIfNeeded: source.rawValue), at: 8)
    bytes.store(ttl, at: EthernetHeader.size + 8)
    bytes.store(checksum, at: EthernetHeader.size + 10)
  }

  /// Leaves the buffers in the order in which some packets leave them.
  @inline(__always)
  mutating func settleExpress(packets: UInt64, isQuoted: Bool) {
    if isQuoted, packets & 1 == 1 { small.swapNextTwo() }
  }
}
