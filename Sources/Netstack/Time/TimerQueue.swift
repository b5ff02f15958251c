// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// What a timer does when it fires; the counterpart of a callout's function and argument.
package enum TimerKind: Hashable, BitwiseCopyable, Sendable {
  /// An ARP entry dies (`arptimer`).
  case arp(ArpIndex)
  /// A SYN-ACK is sent again (`syncache_timer`).
  case synCache(SynCacheIndex)
  /// IGMP's timers count down (`igmp_fasttimo`).
  case igmpFast
  /// The protocols' slow timer; set while IP has something to do at its ticks (`ip_slowtimo`).
  case ipSlow
  /// Keepalives of the firewall's states (`ipfw_tick`).
  case ipfwTick
  /// Routes that redirects made are looked through (`in_rtqtimo`).
  case routeSweep
  /// A bridge's addresses are looked through (`bridge_timer`).
  case bridge(InterfaceIndex)
  /// A bridge's spanning tree counts a second (`bstp_tick`).
  case bridgeTree(InterfaceIndex)
  /// The flow tables are looked through (`flowtable_cleaner`).
  case flowCleaner
  /// Dummynet has something to do at this tick (`dummynet`).
  case dummynet
  /// A frame comes to the other end of a pair's cable, by its number in `EpairTable`.
  case cable(UInt64)
  /// A carp master advertises (`carp_send_ad`).
  case carpAdvertise(InterfaceIndex)
  /// A carp backup has heard nothing (`carp_master_down`).
  case carpMasterDown(InterfaceIndex)
  /// A frame comes in from the wire of a card, by its number in `Medium`.
  case arrival(UInt64)
}

/// A timer that is set: plain data, so that a snapshot has it too.
package struct Timer: BitwiseCopyable, Sendable {
  package var deadline: Instant
  /// The order of setting; timers with one deadline fire in this order.
  package var sequence: UInt64
  package var vnet: VnetIndex
  package var kind: TimerKind
}

/// All timers of the machine, the next one first: a binary heap.
package struct TimerQueue: ~Copyable, StateHashable {
  private var heap = UniqueArray<Timer>()
  private var nextSequence: UInt64 = 0

  init() {}

  /// When the next timer fires.
  package var nextDeadline: Instant? { heap.isEmpty ? nil : heap[0].deadline }

  package var count: Int { heap.count }

  /// Sets a timer. One that was set for the same thing stays set: see `cancel`.
  mutating func set(_ kind: TimerKind, vnet: VnetIndex, at deadline: Instant) {
    heap.append(Timer(deadline: deadline, sequence: nextSequence, vnet: vnet, kind: kind))
    nextSequence += 1
    siftUp(heap.count - 1)
  }

  /// Stops the timer for this thing, if one is set (`callout_stop`).
  mutating func cancel(_ kind: TimerKind, vnet: VnetIndex) {
    for index in 0..<heap.count where heap[index].kind == kind && heap[index].vnet == vnet {
      removeAt(index)
      return
    }
  }

  /// Stops all timers of a stack that is gone.
  mutating func cancelAll(of vnet: VnetIndex) {
    var kept = UniqueArray<Timer>()
    for index in 0..<heap.count where heap[index].vnet != vnet { kept.append(heap[index]) }
    guard kept.count < heap.count else { return }
    heap = UniqueArray()
    for index in 0..<kept.count {
      heap.append(kept[index])
      siftUp(index)
    }
  }

  /// Takes the next timer out if it is due.
  mutating func pop(dueAt now: Instant) -> Timer? {
    guard !heap.isEmpty, heap[0].deadline <= now else { return nil }
    let first = heap[0]
    removeAt(0)
    return first
  }

  func clone() -> TimerQueue {
    var copy = TimerQueue()
    copy.heap = heap.clone()
    copy.nextSequence = nextSequence
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(heap)
    hasher.combine(nextSequence)
  }

  private mutating func removeAt(_ index: Int) {
    let last = heap.count - 1
    if index != last { heap.swapAt(index, last) }
    _ = heap.popLast()
    guard index < heap.count else { return }
    siftDown(index)
    siftUp(index)
  }

  private func isBefore(_ a: Int, _ b: Int) -> Bool {
    let (x, y) = (heap[a], heap[b])
    return x.deadline == y.deadline ? x.sequence < y.sequence : x.deadline < y.deadline
  }

  private mutating func siftUp(_ start: Int) {
    var child = start
    while child > 0 {
      let parent = (child - 1) / 2
      guard isBefore(child, parent) else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func siftDown(_ start: Int) {
    var parent = start
    while true {
      var next = parent
      let left = 2 * parent + 1
      if left < heap.count, isBefore(left, next) { next = left }
      if left + 1 < heap.count, isBefore(left + 1, next) { next = left + 1 }
      guard next != parent else { return }
      heap.swapAt(parent, next)
      parent = next
    }
  }
}
