// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
package import Wire

/// One IPv4 address of an interface (`struct in_ifaddr`, netinet/in_var.h).
package struct InterfaceAddress: BitwiseCopyable, Sendable {
  package var address: IPv4Address
  package var mask: IPv4Address
  package var interface: InterfaceIndex
  /// The broadcast address where the interface has `IFF_BROADCAST`.
  package var broadcast: IPv4Address = .any
  /// The other end where the interface has `IFF_POINTOPOINT`; nil where none was given.
  package var peer: IPv4Address?
  /// This record owns the route of its prefix (`IFA_ROUTE`).
  package var ownsPrefixRoute = false
  /// `if_ipackets` and the like of this address, shown in `netstat -i`.
  package var ipackets: UInt64 = 0
  package var ibytes: UInt64 = 0
  package var opackets: UInt64 = 0
  package var obytes: UInt64 = 0
  /// The next address with the same hash (`ia_hash`): newest first.
  var nextInHash: AddressIndex?
  /// The next address of the same interface, in order of configuration.
  package var nextOnInterface: AddressIndex?

  package var subnet: IPv4Address { address & mask }
  /// The class A, B or C network's broadcast address (`ia_netbroadcast`): 8.0 still heeds it.
  package var classfulBroadcast: IPv4Address {
    let mask = address.classfulMask & mask
    return (address & mask) | ~mask
  }
  /// The class A, B or C network (`ia_net`).
  package var classfulNetwork: IPv4Address { address & address.classfulMask & mask }
}

/// A vnet's IPv4 addresses: by interface, in one global order, and by hash.
///
/// Models `in_ifaddrhead` and `in_ifaddrhashtbl` (netinet/in.c).
package struct AddressTable: ~Copyable, StateHashable {
  private static let bucketCount = 512

  private var slots = Slots<InterfaceAddress>()
  /// Heads of the hash chains; the most recently configured address comes first.
  private var buckets = UniqueArray<Int32>(repeating: -1, count: AddressTable.bucketCount)
  /// All addresses in order of configuration (`in_ifaddrhead`).
  private var order = UniqueArray<AddressIndex>()
  /// The first address of each interface, by interface number.
  private var firstOnInterface = UniqueArray<Int32>()
  /// Raised whenever an address may have changed.
  private(set) var changes: UInt64 = 0

  init() {}

  package var isEmpty: Bool { order.isEmpty }
  package var count: Int { order.count }

  package subscript(index: AddressIndex) -> InterfaceAddress {
    @inline(__always) _read { yield slots[index.rawValue] }
    @inline(__always) _modify {
      changes &+= 1
      yield &slots[index.rawValue]
    }
  }

  /// The `position`th address in order of configuration.
  package func configured(at position: Int) -> AddressIndex { order[position] }

  /// All addresses in order of configuration, for commands.
  package var all: [AddressIndex] {
    var result: [AddressIndex] = []
    for position in 0..<order.count { result.append(order[position]) }
    return result
  }

  /// The first IPv4 address of an interface: its primary one.
  package func first(on interface: InterfaceIndex) -> AddressIndex? {
    let index = Int(interface.rawValue)
    guard index < firstOnInterface.count, firstOnInterface[index] >= 0 else { return nil }
    return AddressIndex(rawValue: firstOnInterface[index])
  }

  /// The record with exactly this address, the most recently configured one first (`INADDR_TO_IFADDR`).
  @inline(__always)
  package func own(_ address: IPv4Address) -> AddressIndex? {
    var next = buckets[AddressTable.bucket(of: address)]
    while next >= 0 {
      if slots[next].address == address { return AddressIndex(rawValue: next) }
      guard let following = slots[next].nextInHash else { return nil }
      next = following.rawValue
    }
    return nil
  }

  /// The next record with the same address after `index`, or nil.
  package func nextOwn(after index: AddressIndex) -> AddressIndex? {
    let address = self[index].address
    var next = self[index].nextInHash
    while let candidate = next {
      if self[candidate].address == address { return candidate }
      next = self[candidate].nextInHash
    }
    return nil
  }

  /// Adds a record at the end of its interface's list, the end of the order, the head of its chain.
  mutating func insert(_ record: InterfaceAddress) -> AddressIndex {
    let index = AddressIndex(rawValue: slots.insert(record))
    self[index].nextOnInterface = nil
    order.append(index)
    let interface = Int(record.interface.rawValue)
    while firstOnInterface.count <= interface { firstOnInterface.append(-1) }
    if var last = first(on: record.interface) {
      while let next = self[last].nextOnInterface { last = next }
      self[last].nextOnInterface = index
    } else {
      firstOnInterface[interface] = index.rawValue
    }
    link(index)
    return index
  }

  /// Removes a record from every list.
  mutating func remove(_ index: AddressIndex) {
    changes &+= 1
    unlink(index)
    let record = self[index]
    if first(on: record.interface) == index {
      firstOnInterface[Int(record.interface.rawValue)] = record.nextOnInterface?.rawValue ?? -1
    } else if var previous = first(on: record.interface) {
      while let next = self[previous].nextOnInterface, next != index { previous = next }
      self[previous].nextOnInterface = record.nextOnInterface
    }
    for position in 0..<order.count where order[position] == index {
      order.remove(at: position)
      break
    }
    slots.remove(index.rawValue)
  }

  /// Gives a record another address and puts it at the head of its new chain.
  mutating func rehash(_ index: AddressIndex, to address: IPv4Address) {
    unlink(index)
    self[index].address = address
    link(index)
  }

  func clone() -> AddressTable {
    var copy = AddressTable()
    copy.slots = slots.clone()
    copy.buckets = buckets.clone()
    copy.order = order.clone()
    copy.firstOnInterface = firstOnInterface.clone()
    copy.changes = changes  // No state: for what is known of the others.
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(slots)
    hasher.combine(buckets)
    hasher.combine(order)
    hasher.combine(firstOnInterface)
  }

  private mutating func link(_ index: AddressIndex) {
    let bucket = AddressTable.bucket(of: self[index].address)
    let head = buckets[bucket]
    self[index].nextInHash = head >= 0 ? AddressIndex(rawValue: head) : nil
    buckets[bucket] = index.rawValue
  }

  private mutating func unlink(_ index: AddressIndex) {
    let bucket = AddressTable.bucket(of: self[index].address)
    let following = self[index].nextInHash
    if buckets[bucket] == index.rawValue {
      buckets[bucket] = following?.rawValue ?? -1
      return
    }
    var previous = AddressIndex(rawValue: buckets[bucket])
    while let next = self[previous].nextInHash, next != index { previous = next }
    self[previous].nextInHash = following
  }

  /// Any spread will do: only addresses that are equal meet in an order that shows.
  private static func bucket(of address: IPv4Address) -> Int {
    let value = address.rawValue
    return Int((value ^ (value >> 9) ^ (value >> 18)) & UInt32(bucketCount - 1))
  }
}
