// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// The protocols that have a netisr queue (net/netisr.h).
package enum NetisrProtocol: UInt8, BitwiseCopyable, Sendable {
  case ip = 1
  case arp = 7
  case epair = 12
}

/// What a protocol's queue went through (`struct netisr_work`, net/netisr_internal.h).
package struct NetisrWork: BitwiseCopyable, Sendable {
  /// Packets that wait, and the most that ever did.
  package var length = 0
  package var watermark = 0
  /// Packets that were never queued, because dispatch was direct.
  package var dispatched: UInt64 = 0
  package var drops: UInt64 = 0
  package var queued: UInt64 = 0
  package var handled: UInt64 = 0

  package init() {}
}

/// Packets that wait for their protocol: first in, first out (`netisr_queue`, net/netisr.c).
///
/// One worker, as 8.0 starts with.
package struct NetisrQueue: ~Copyable {
  /// A packet and who gets it.
  struct Item: BitwiseCopyable {
    var packet: Packet.Record
    var netisr: NetisrProtocol
  }

  private var items = UniqueArray<Item>()
  private var head = 0
  private var ip = NetisrWork()
  private var arp = NetisrWork()
  private var epair = NetisrWork()

  init() {}

  package var count: Int { items.count - head }

  /// Packets refused because the queue of IP was full (`net.inet.ip.intr_queue_drops`).
  package var drops: UInt64 { ip.drops }

  package private(set) subscript(netisr: NetisrProtocol) -> NetisrWork {
    @inline(__always) get {
      switch netisr {
      case .ip: ip
      case .arp: arp
      case .epair: epair
      }
    }
    @inline(__always) _modify {
      switch netisr {
      case .ip: yield &ip
      case .arp: yield &arp
      case .epair: yield &epair
      }
    }
  }

  /// Counts a packet that its protocol gets at once.
  mutating func dispatchDirectly(_ netisr: NetisrProtocol) {
    self[netisr].dispatched &+= 1
    self[netisr].handled &+= 1
  }

  /// Queues a packet; gives it back where its protocol's queue is full.
  mutating func append(_ item: Item, limit: Int) -> Bool {
    guard self[item.netisr].length < limit else {
      self[item.netisr].drops &+= 1
      return false
    }
    items.append(item)
    self[item.netisr].queued &+= 1
    self[item.netisr].length += 1
    self[item.netisr].watermark = max(self[item.netisr].watermark, self[item.netisr].length)
    return true
  }

  /// The next packet to handle.
  mutating func next() -> Item? {
    guard head < items.count else { return nil }
    let item = items[head]
    head += 1
    self[item.netisr].length -= 1
    self[item.netisr].handled &+= 1
    if head == items.count {
      items.removeAll(keepingCapacity: true)
      head = 0
    }
    return item
  }

  func clone() -> NetisrQueue {
    var copy = NetisrQueue()
    copy.items = items.clone()
    copy.head = head
    (copy.ip, copy.arp, copy.epair) = (ip, arp, epair)
    return copy
  }
}
