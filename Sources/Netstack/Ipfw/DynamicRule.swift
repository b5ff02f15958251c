// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// A rule that a packet made of a static one (`ipfw_dyn_rule`, netinet/ip_fw.h): 64 bytes, so that a
/// packet of its flow touches one line of the cache.
struct DynamicRule: BitwiseCopyable {
  enum Kind: Hashable, BitwiseCopyable {
    /// Made by `keep-state`.
    case state
    /// Made by `limit`; the parent's place counts it.
    case limit(parent: Int32)
    /// What the states of a `limit` rule have in common.
    case parent
  }

  /// What is asked of a flow of IPv4; the whole flow lies beside it.
  let ends: FlowEnds
  /// FIN, SYN and RST seen of either side (`state`).
  var forwardFlags: TCPFlags = []
  var reverseFlags: TCPFlags = []
  /// The place of the static rule in the chain; -1 in a free place.
  var rule: Int32
  /// The second of uptime at which it is over.
  var expiry: UInt32
  var packets: UInt64 = 0
  var bytes: UInt64 = 0
  /// The number of its last use (DynamicRules.uses).
  var lastUse: UInt64 = 0
  /// The highest acknowledgement seen of either side (`ack_fwd`, `ack_rev`).
  var forwardAck: UInt32 = 0
  var reverseAck: UInt32 = 0
  /// The next of its chain.
  var next: Int32 = DynamicRules.none
  /// A parent's place; -1 for a state that has none, and less for a parent: so much less as it has
  /// states, and one.
  private var relation: Int32

  init(_ flow: FlowID, _ kind: Kind, rule: Int32, expiry: UInt32) {
    (ends, self.rule, self.expiry) = (flow.ends, rule, expiry)
    relation =
      switch kind {
      case .state: -1
      case .limit(let parent): parent
      case .parent: -2
      }
  }

  var kind: Kind { relation >= 0 ? .limit(parent: relation) : relation == -1 ? .state : .parent }

  var isParent: Bool { relation < -1 }

  /// How many states a parent has.
  var count: UInt32 {
    get { isParent ? UInt32(-2 - relation) : 0 }
    set { relation = -2 - Int32(newValue) }
  }

  /// Counts a packet; returns the place of the static rule.
  @inline(__always)
  mutating func count(bytes: Int) -> Int32 {
    packets &+= 1
    self.bytes &+= UInt64(truncatingIfNeeded: bytes)
    return rule
  }

  /// The same for a packet that is the last use, and gives it a new time to live.
  @inline(__always)
  mutating func meet(bytes: Int, use: UInt64, until expiry: UInt32) -> Int32 {
    lastUse = use
    self.expiry = expiry
    return count(bytes: bytes)
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
    guard version == 6 else { return ends.hash }
    // The original takes the words as they lie in memory.
    let words = source6 ^ destination6
    return words[2].byteSwapped ^ words[3].byteSwapped ^ UInt32(sourcePort ^ destinationPort)
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
