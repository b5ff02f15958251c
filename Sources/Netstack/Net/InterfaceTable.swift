// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
package import Wire

/// A vnet's interfaces by number (`V_ifindex_table`), and in order of attaching (`V_ifnet`).
package struct InterfaceTable: ~Copyable, StateHashable {
  private let pin = Pin()
  /// Place 0 is `.none` and never used.
  private var table = UniqueArray<Ifnet>()
  private var order = UniqueArray<InterfaceIndex>()
  private var attached: UInt32 = 0
  private var details: [InterfaceDetails] = [InterfaceDetails()]
  package var groups = InterfaceGroups()
  /// The stack whose table it is.
  private let home: VnetIndex
  /// Raised whenever something changes that the express lane knows of an interface it sends by.
  private(set) var changes: UInt64 = 0

  init(home: VnetIndex) {
    self.home = home
    table.append(
      Ifnet(
        name: InterfaceName.none, index: .none, driver: .lo, flags: [], mtu: 0,
        hardwareAddress: .zero, queueLimit: 0))
  }

  package var count: Int { order.count }

  package subscript(index: InterfaceIndex) -> Ifnet {
    @inline(__always) _read { yield table[Int(index.rawValue)] }
    @inline(__always) _modify {
      defer { if table[Int(index.rawValue)].isChanged { noteChange(index) } }
      yield &table[Int(index.rawValue)]
    }
  }

  @inline(never)
  private mutating func noteChange(_ index: InterfaceIndex) {
    table[Int(index.rawValue)].isChanged = false
    changes &+= 1
  }

  /// Counts packets that leave by an interface.
  @inline(__always)
  mutating func countSent(_ packets: UInt64, bytes: UInt64, by index: InterfaceIndex) {
    table[Int(index.rawValue)].statistics[.obytes] &+= bytes
    table[Int(index.rawValue)].statistics[.opackets] &+= packets
  }

  /// Counts packets that come in by an interface.
  @inline(__always)
  mutating func countReceived(_ packets: UInt64, bytes: UInt64, by index: InterfaceIndex) {
    table[Int(index.rawValue)].statistics[.ibytes] &+= bytes
    table[Int(index.rawValue)].statistics[.ipackets] &+= packets
  }

  /// What no packet asks of an interface.
  package subscript(details index: InterfaceIndex) -> InterfaceDetails {
    get { details[Int(index.rawValue)] }
    set { details[Int(index.rawValue)] = newValue }
  }

  /// The interfaces in order of attaching.
  package var all: [InterfaceIndex] {
    var result: [InterfaceIndex] = []
    for position in 0..<order.count { result.append(order[position]) }
    return result
  }

  /// The `position`th interface in order of attaching; for loops that must not allocate.
  func attached(at position: Int) -> InterfaceIndex { order[position] }

  /// The interface of this name (`ifunit`).
  package func index(named name: InterfaceName) -> InterfaceIndex? {
    for position in 0..<order.count where self[order[position]].name == name {
      return order[position]
    }
    return nil
  }

  /// The interface of a name as a user types it.
  package func index(named text: String) -> InterfaceIndex? {
    InterfaceName(text).flatMap { index(named: $0) }
  }

  /// Puts a new interface at the lowest free number and at the end of the order (`if_attach`).
  mutating func attach(_ interface: Ifnet, unit: Int = 0) -> InterfaceIndex {
    attach(interface, InterfaceDetails(unit: unit, home: home))
  }

  /// The same with an interface that comes from another stack.
  mutating func attach(_ interface: Ifnet, _ own: InterfaceDetails) -> InterfaceIndex {
    var place = 1
    while place < table.count && table[place].index != .none { place += 1 }
    var interface = interface
    interface.index = InterfaceIndex(rawValue: UInt16(place))
    attached += 1
    interface.attachOrder = attached
    interface.isChanged = false
    if place == table.count {
      table.append(interface)
      details.append(own)
    } else {
      table[place] = interface
      details[place] = own
    }
    order.append(interface.index)
    changes &+= 1
    // A place that was free is in no group.
    try? groups.add(interface.index, to: InterfaceGroups.all)
    return interface.index
  }

  /// Frees an interface's number (`if_detach`); its addresses and routes are gone already.
  mutating func detach(_ index: InterfaceIndex) {
    table[Int(index.rawValue)] = table[0]
    changes &+= 1
    groups.removeAll(of: index)
    for position in 0..<order.count where order[position] == index {
      order.remove(at: position)
      return
    }
  }

  func clone() -> InterfaceTable {
    var copy = InterfaceTable(home: home)
    copy.table = table.clone()
    copy.order = order.clone()
    copy.attached = attached
    copy.details = details
    copy.groups = groups
    copy.changes = changes  // No state: for what is known of the others.
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(table)
    hasher.combine(order)
    hasher.combine(attached)
    hasher.combine(details)
    hasher.combine(groups)
    hasher.combine(home)
  }
}
