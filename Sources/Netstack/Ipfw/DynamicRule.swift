// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// A rule that a packet made of a static one (`ipfw_dyn_rule`, netinet/ip_fw.h).
struct DynamicRule: BitwiseCopyable {
  enum Kind: Hashable, BitwiseCopyable {
    /// Made by `keep-state`.
    case state
    /// Made by `limit`; the parent's place counts it.
    case limit(parent: Int32)
    /// What the states of a `limit` rule have in common.
    case parent
  }

  var flow: FlowID
  var kind: Kind
  /// The place of the static rule in the chain; -1 in a free place.
  var rule: Int32
  var packets: UInt64 = 0
  var bytes: UInt64 = 0
  /// The second of uptime at which it is over.
  var expiry: UInt32
  /// FIN, SYN and RST seen of either side (`state`).
  var forwardFlags: TCPFlags = []
  var reverseFlags: TCPFlags = []
  /// The highest acknowledgement seen of either side (`ack_fwd`, `ack_rev`).
  var forwardAck: UInt32 = 0
  var reverseAck: UInt32 = 0
  /// How many states a parent has.
  var count: UInt32 = 0
  /// The number of its last use (DynamicRules.uses).
  var lastUse: UInt64 = 0
  /// Its chain.
  var chain: Int32 = 0
  /// The next of its chain.
  var next: Int32 = DynamicRules.none

  init(_ flow: FlowID, _ kind: Kind, rule: Int32, expiry: UInt32) {
    (self.flow, self.kind, self.rule, self.expiry) = (flow, kind, rule, expiry)
  }

  /// Seconds that are left; 0 if it is over (`TIME_LEQ`: seconds wrap at 32 bits).
  func remaining(at second: UInt32) -> UInt32 {
    let left = Int32(bitPattern: expiry &- second)
    return left <= 0 ? 0 : UInt32(left)
  }
}

extension FlowID {
  /// What chains are chosen by: the same both ways (`hash_packet`, `hash_packet6`).
  var hash: UInt32 {
    let ports = UInt32(sourcePort ^ destinationPort)
    guard version == 6 else { return source.rawValue ^ destination.rawValue ^ ports }
    // The original takes the words as they lie in memory.
    let words = source6 ^ destination6
    return words[2].byteSwapped ^ words[3].byteSwapped ^ ports
  }

  /// Whether a packet goes the way of a state's first one; nil if it belongs to another flow. The
  /// packet's version alone decides what is compared.
  @inline(__always)
  func isForward(in flow: FlowID) -> Bool? {
    guard proto == flow.proto else { return nil }
    if hasEnds(flow) { return true }
    let isReverse =
      sourcePort == flow.destinationPort && destinationPort == flow.sourcePort
      && (version == 6
        ? source6 == flow.destination6 && destination6 == flow.source6
        : source == flow.destination && destination == flow.source)
    return isReverse ? false : nil
  }

  /// Whether both ends are the same, in this order.
  @inline(__always)
  func hasEnds(_ flow: FlowID) -> Bool {
    sourcePort == flow.sourcePort && destinationPort == flow.destinationPort
      && (version == 6
        ? source6 == flow.source6 && destination6 == flow.destination6
        : source == flow.source && destination == flow.destination)
  }
}
