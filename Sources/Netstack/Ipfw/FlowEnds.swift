// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// The protocol and both ends of a flow, without IPv6's addresses: what states of IPv4 are compared by.
struct FlowEnds: Equatable, BitwiseCopyable {
  /// The source's above.
  let addresses: UInt64
  let ports: UInt32
  let proto: UInt8
  let version: UInt8

  /// Of a packet of IPv4.
  @inline(__always)
  init(_ ip: IPv4Header, ports: UInt32) {
    addresses = UInt64(ip.source.rawValue) << 32 | UInt64(ip.destination.rawValue)
    self.ports = ports
    proto = ip.protocol.rawValue
    version = 4
  }

  fileprivate init(_ flow: FlowID) {
    addresses = UInt64(flow.source.rawValue) << 32 | UInt64(flow.destination.rawValue)
    ports = UInt32(flow.sourcePort) << 16 | UInt32(flow.destinationPort)
    (proto, version) = (flow.proto, flow.version)
  }

  /// What chains of flows of IPv4 are chosen by: the same both ways (`hash_packet`).
  @inline(__always)
  var hash: UInt32 {
    UInt32(truncatingIfNeeded: addresses ^ addresses >> 32) ^ (ports ^ ports >> 16) & 0xffff
  }

  /// Whether a packet of IPv4 goes the way of a flow's first one; nil if it belongs to another.
  @inline(__always)
  func isForward(in flow: FlowEnds) -> Bool? {
    guard proto == flow.proto else { return nil }
    if addresses == flow.addresses, ports == flow.ports { return true }
    let isReverse =
      addresses == flow.addresses << 32 | flow.addresses >> 32
      && ports == flow.ports << 16 | flow.ports >> 16
    return isReverse ? false : nil
  }

  /// What the index knows a flow of IPv4 by, the same both ways; nil for others.
  ///
  /// Without addresses there are also states of IPv6 that C takes for the same: their chain is walked.
  @inline(__always)
  var digest: UInt32? {
    guard version == 4, addresses != 0 else { return nil }
    let from = (addresses >> 32) << 16 | UInt64(ports >> 16)
    let to = (addresses << 32) >> 16 | UInt64(ports & 0xffff)
    let (low, high) = (min(from, to), max(from, to))
    // Both halves of the product, so that every bit of either end reaches every bit of the digest.
    let bits = (low ^ 0x9e37_79b9_7f4a_7c15).multipliedFullWidth(by: high ^ 0xbf58_476d_1ce4_e5b9)
    return UInt32(truncatingIfNeeded: bits.high ^ bits.low) ^ UInt32(proto)
  }
}

extension FlowID {
  var ends: FlowEnds { FlowEnds(self) }
}
