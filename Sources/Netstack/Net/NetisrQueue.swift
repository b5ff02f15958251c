// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// The protocols that have a netisr queue (net/netisr.h).
package enum NetisrProtocol: UInt8, BitwiseCopyable, Sendable {
  case ip = 1
  case arp = 7
}

/// Packets that wait for their protocol: first in, first out (`netisr_queue`, net/netisr.c).
///
/// One worker, as 8.0 starts with. Its limit is `net.inet.ip.intr_queue_maxlen`.
package struct NetisrQueue: ~Copyable {
  /// A packet and who gets it.
  struct Item: BitwiseCopyable {
    var packet: Packet.Record
    var netisr: NetisrProtocol
  }

  private var items = UniqueArray<Item>()
  private var head = 0
  /// Packets refused because the queue was full (`net.inet.ip.intr_queue_drops`).
  package private(set) var drops: UInt64 = 0
  package private(set) var queued: UInt64 = 0
  package private(set) var handled: UInt64 = 0
  /// Packets that were never queued, because dispatch was direct.
  package var dispatched: UInt64 = 0
  package private(set) var watermark = 0

  init() {}

  package var count: Int { items.count - head }

  /// Queues a packet; gives it back where the queue is full.
  mutating func append(_ item: Item, limit: Int) -> Bool {
    guard count < limit else {
      drops &+= 1
      return false
    }
    items.append(item)
    queued &+= 1
    watermark = max(watermark, count)
    return true
  }

  /// The next packet to handle.
  mutating func next() -> Item? {
    guard head < items.count else { return nil }
    let item = items[head]
    head += 1
    handled &+= 1
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
    copy.drops = drops
    copy.queued = queued
    copy.handled = handled
    copy.dispatched = dispatched
    copy.watermark = watermark
    return copy
  }
}
