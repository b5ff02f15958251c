// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// A VLAN and the card that carries it (`struct ifvlan` with a trunk).
struct VLANLink: BitwiseCopyable, Sendable {
  var interface: InterfaceIndex
  var parent: InterfaceIndex
  var tag: UInt16
  /// By how much its packets must be shorter than the parent's (`ifv_mtufudge`).
  var mtuFudge: UInt8
  /// It has asked the parent for promiscuous mode (`ifv_pflags`).
  var holdsPromiscuous = false

  /// The list of the parent's table it is in (`HASH` of if_vlan.c, with its 16 lists).
  fileprivate var bucket: UInt16 { (tag >> 8 ^ tag >> 4 ^ tag) & 15 }
}

/// A vnet's VLANs that have a parent, newest first.
struct VLANTable: ~Copyable, StateHashable {
  private var links = UniqueArray<VLANLink>()

  /// What carries a VLAN; nil while nothing does.
  func link(of interface: InterfaceIndex) -> VLANLink? {
    for place in 0..<links.count where links[place].interface == interface { return links[place] }
    return nil
  }

  /// The VLAN that takes a tag on a card (`vlan_gethash`).
  func interface(on parent: InterfaceIndex, tag: UInt16) -> InterfaceIndex? {
    for place in 0..<links.count where links[place].parent == parent && links[place].tag == tag {
      return links[place].interface
    }
    return nil
  }

  /// The VLANs of a card in the order in which they hear of it.
  func interfaces(on parent: InterfaceIndex) -> [InterfaceIndex] {
    var found: [VLANLink] = []
    for place in 0..<links.count where links[place].parent == parent { found.append(links[place]) }
    return (0..<16).flatMap { bucket in
      found.filter { $0.bucket == bucket }.map(\.interface)
    }
  }

  mutating func insert(_ link: VLANLink) { links.insert(link, at: 0) }

  mutating func remove(_ interface: InterfaceIndex) {
    for place in 0..<links.count where links[place].interface == interface {
      links.remove(at: place)
      return
    }
  }

  mutating func setPromiscuous(_ isHeld: Bool, by interface: InterfaceIndex) {
    for place in 0..<links.count where links[place].interface == interface {
      links[place].holdsPromiscuous = isHeld
    }
  }

  func clone() -> VLANTable {
    var copy = VLANTable()
    copy.links = links.clone()
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(links)
  }
}
