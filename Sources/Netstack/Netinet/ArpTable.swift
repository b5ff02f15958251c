// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
package import Wire

/// `LLE_` flags of net/if_llatbl.h, with 8.0's numbers.
package struct ArpFlags: OptionSet, Hashable, BitwiseCopyable, Sendable {
  package let rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Deleted and no longer found, but still in its list.
  package static let LLE_DELETED = ArpFlags(rawValue: 0x0001)
  /// Does not expire.
  package static let LLE_STATIC = ArpFlags(rawValue: 0x0002)
  /// The interface's own address.
  package static let LLE_IFADDR = ArpFlags(rawValue: 0x0004)
  /// The hardware address is known.
  package static let LLE_VALID = ArpFlags(rawValue: 0x0008)
  /// Requests for the address are answered.
  package static let LLE_PUB = ArpFlags(rawValue: 0x0020)
  /// How the maker asked to have it locked; it stays in the entry and means nothing there.
  package static let LLE_EXCLUSIVE = ArpFlags(rawValue: 0x2000)
}

/// What one interface knows of one neighbour (`struct llentry`), as plain data.
package struct ArpEntry: BitwiseCopyable, Sendable {
  package var address: IPv4Address
  package var interface: InterfaceIndex
  package var hardwareAddress: EthernetAddress = .zero
  package var flags: ArpFlags
  /// The wall clock's second it is good for (`la_expire`): 8.0 does not use uptime here.
  package var expire: UInt64
  /// Requests since the last answer (`la_asked`).
  package var asked: UInt16 = 0
  /// How many seconds before the end use asks again (`la_preempt`).
  package var preempt: Int32 = 0
  /// The one packet that waits for the answer (`la_hold`).
  package var held: Packet.Record?
  /// Flows that hold it (`lle_refcnt`, without the table's own).
  var references: Int32 = 0
  /// Whether it is in no list any more and stays for the flows alone.
  var isLeftOver = false
  /// The neighbours in the interface's list of the same bucket.
  var next: Int32 = -1
  var previous: Int32 = -1
  /// The next entry of the same hash.
  var nextInHash: Int32 = -1

  init(_ address: IPv4Address, on interface: InterfaceIndex, flags: ArpFlags, expire: UInt64) {
    self.address = address
    self.interface = interface
    self.flags = flags
    self.expire = expire
  }
}

/// A vnet's ARP entries: a table an interface, all in one store (`struct lltable`).
///
/// Each entry is in a list that has the original's order, newest first in one of 32 buckets, and in
/// a hash for finding it. A deleted entry stays in its list until its timer or its prefix goes.
package struct ArpTable: ~Copyable, StateHashable {
  /// `LLTBL_HASHTBL_SIZE`.
  private static let bucketCount = 32

  private var slots = Slots<ArpEntry>()
  /// Heads of the lists: 32 for each interface number.
  private var heads = UniqueArray<Int32>()
  /// Heads of the hash chains; a power of two of them, at least half as many as entries.
  private var chains = UniqueArray<Int32>(repeating: -1, count: 64)
  private var findable = 0
  /// Raised whenever an entry may have changed, or what is found.
  private(set) var changes: UInt64 = 0

  init() {}

  /// Entries, the deleted ones included.
  package var count: Int { slots.count }

  package subscript(index: ArpIndex) -> ArpEntry {
    @inline(__always) _read { yield slots[index.rawValue] }
    @inline(__always) _modify {
      changes &+= 1
      yield &slots[index.rawValue]
    }
  }

  /// The entry of an address that is not deleted (`lla_lookup` that makes none).
  @inline(__always)
  package func find(_ address: IPv4Address, on interface: InterfaceIndex) -> ArpIndex? {
    var next = chains[chain(of: address, interface)]
    while next >= 0 {
      if slots[next].address == address && slots[next].interface == interface {
        return ArpIndex(rawValue: next)
      }
      next = slots[next].nextInHash
    }
    return nil
  }

  /// Puts an entry at the head of its bucket; none with its address may be findable.
  mutating func insert(_ entry: ArpEntry) -> ArpIndex {
    if findable >= chains.count * 2 { growHash() }
    let index = slots.insert(entry)
    let head = place(of: entry.address, entry.interface)
    while heads.count <= head { heads.append(-1) }
    slots[index].previous = -1
    slots[index].next = heads[head]
    if heads[head] >= 0 { slots[heads[head]].previous = index }
    heads[head] = index
    hash(index)
    findable += 1
    return ArpIndex(rawValue: index)
  }

  /// Makes an entry a deleted one: it is found no more, but keeps its packet and its timer.
  mutating func markDeleted(_ index: ArpIndex) {
    unhash(index.rawValue)
    self[index].flags = .LLE_DELETED
  }

  /// Removes an entry (`llentry_free`); its packet is taken and its timer stopped already.
  mutating func remove(_ index: ArpIndex) {
    let entry = self[index]
    if !entry.flags.contains(.LLE_DELETED) { unhash(index.rawValue) }
    if entry.next >= 0 { slots[entry.next].previous = entry.previous }
    if entry.previous >= 0 {
      slots[entry.previous].next = entry.next
    } else {
      heads[place(of: entry.address, entry.interface)] = entry.next
    }
    if entry.references > 0 {
      slots[index.rawValue].isLeftOver = true
    } else {
      slots.remove(index.rawValue)
    }
  }

  /// Gives back a flow's hold on an entry (`LLE_FREE`); one that is in no list goes with the last.
  mutating func release(_ index: ArpIndex) {
    self[index].references -= 1
    if self[index].references == 0, self[index].isLeftOver { slots.remove(index.rawValue) }
  }

  /// The interface's entries in the order of `arp -a`, the deleted ones included.
  package func entries(on interface: InterfaceIndex) -> [ArpIndex] {
    var result: [ArpIndex] = []
    let start = Int(interface.rawValue) * ArpTable.bucketCount
    for bucket in start..<start + ArpTable.bucketCount where bucket < heads.count {
      var next = heads[bucket]
      while next >= 0 {
        result.append(ArpIndex(rawValue: next))
        next = slots[next].next
      }
    }
    return result
  }

  func clone() -> ArpTable {
    var copy = ArpTable()
    copy.slots = slots.clone()
    copy.heads = heads.clone()
    copy.chains = chains.clone()
    copy.findable = findable
    copy.changes = changes  // No state: for what is known of the others.
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(slots)
    hasher.combine(heads)
    hasher.combine(chains)
    hasher.combine(findable)
  }

  /// The list of an address: the exclusive or of its four bytes, five bits of it (`LLATBL_HASH`).
  private func place(of address: IPv4Address, _ interface: InterfaceIndex) -> Int {
    let folded = address.rawValue ^ (address.rawValue >> 16)
    let bucket = Int((folded ^ (folded >> 8)) & UInt32(ArpTable.bucketCount - 1))
    return Int(interface.rawValue) * ArpTable.bucketCount + bucket
  }

  /// Any spread will do: no order here shows.
  @inline(__always)
  private func chain(of address: IPv4Address, _ interface: InterfaceIndex) -> Int {
    let mixed = (address.rawValue ^ UInt32(interface.rawValue) << 20) &* 0x9e37_79b9
    return Int(mixed >> 8) & (chains.count - 1)
  }

  private mutating func hash(_ index: Int32) {
    changes &+= 1
    let chain = chain(of: slots[index].address, slots[index].interface)
    slots[index].nextInHash = chains[chain]
    chains[chain] = index
  }

  private mutating func unhash(_ index: Int32) {
    changes &+= 1
    findable -= 1
    let chain = chain(of: slots[index].address, slots[index].interface)
    let following = slots[index].nextInHash
    if chains[chain] == index {
      chains[chain] = following
      return
    }
    var previous = chains[chain]
    while slots[previous].nextInHash != index { previous = slots[previous].nextInHash }
    slots[previous].nextInHash = following
  }

  /// Doubles the hash until its chains are short again.
  private mutating func growHash() {
    chains = UniqueArray(repeating: -1, count: chains.count * 4)
    for head in 0..<heads.count {
      var next = heads[head]
      while next >= 0 {
        if !slots[next].flags.contains(.LLE_DELETED) { hash(next) }
        next = slots[next].next
      }
    }
  }
}
