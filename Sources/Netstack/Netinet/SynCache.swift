// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// A place in a vnet's table of half-open connections (`struct syncache *`).
package struct SynCacheIndex: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
  package var rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }
}

/// A connection that waits for the last segment of its handshake (`struct syncache`).
package struct SynCacheEntry: BitwiseCopyable, Sendable {
  package var local: Endpoint
  package var foreign: Endpoint
  /// The listener's forwarding table: what its SYN-ACKs take, each one sent again too.
  package var fib: FibNumber
  package var fibChooser: FibChooser
  var tos: UInt8
  var ttl: UInt8
  /// Initial sequence numbers, the other end's and ours (`sc_irs`, `sc_iss`).
  var receivedSequence: UInt32
  var sequence: UInt32
  var window: UInt16
  /// The options of the SYN that are answered.
  var peerSegment: UInt16?
  var scalesWindow: Bool
  var permitsSACK: Bool
  var timestamp: UInt32?
  /// Our clock when the SYN came (`sc_ts`).
  var clock: UInt32
  /// The source route back (`sc_ipopts`).
  var wayBack: OptionBytes?
  /// How often the SYN-ACK was sent (`sc_rxmits`).
  var transmissions = 0
  /// An ICMP error about it came (`SCF_UNREACH`).
  var isUnreachable = false
}

/// Half-open connections, oldest first (netinet/tcp_syncache.c).
///
/// One list, where C has a hash table whose buckets are limited too; there are no SYN cookies.
package struct SynCache: ~Copyable, StateHashable {
  private var slots = Slots<SynCacheEntry>()
  private var order = UniqueArray<SynCacheIndex>()

  init() {}

  package var count: Int { order.count }

  package subscript(index: SynCacheIndex) -> SynCacheEntry {
    _read { yield slots[index.rawValue] }
    _modify { yield &slots[index.rawValue] }
  }

  /// The entry at a place, oldest first.
  package func entry(at position: Int) -> SynCacheIndex { order[position] }

  /// The entry of a connection (`syncache_lookup`).
  func find(local: Endpoint, foreign: Endpoint) -> SynCacheIndex? {
    for position in 0..<order.count {
      let index = order[position]
      if slots[index.rawValue].foreign == foreign, slots[index.rawValue].local == local {
        return index
      }
    }
    return nil
  }

  mutating func insert(_ entry: SynCacheEntry) -> SynCacheIndex {
    let index = SynCacheIndex(rawValue: slots.insert(entry))
    order.append(index)
    return index
  }

  mutating func remove(_ index: SynCacheIndex) {
    for position in 0..<order.count where order[position] == index {
      order.remove(at: position)
      break
    }
    slots.remove(index.rawValue)
  }

  func clone() -> SynCache {
    var copy = SynCache()
    copy.slots = slots.clone()
    copy.order = order.clone()
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(slots)
    hasher.combine(order)
  }
}
