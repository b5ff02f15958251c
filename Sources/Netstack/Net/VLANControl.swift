// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// VLANs and their parents (net/if_vlan.c).
extension Vnet {
  /// The part of a tag that numbers a VLAN (`EVL_VLID_MASK`).
  static let vlanMask: UInt16 = 0xfff

  /// Puts a VLAN onto a card (`vlan_config`): it takes over MTU, link and Ethernet address.
  ///
  /// - Throws: `EINVAL` for the tags 0 and 4095, `EPROTONOSUPPORT` for a parent that is no Ethernet
  ///   card, `EBUSY` where the VLAN has a parent already, `EEXIST` where the tag is taken.
  mutating func vlanConfigure(
    _ interface: InterfaceIndex, on parent: InterfaceIndex, tag: UInt16, _ machine: inout Machine
  ) throws(Errno) {
    guard tag != 0, tag != Vnet.vlanMask else { throw .EINVAL }
    // A VLAN's own type is IFT_L2VLAN.
    guard interfaces[parent].isEthernetCard,
      interfaces[parent].flags.isSuperset(of: [.IFF_BROADCAST, .IFF_MULTICAST])
    else { throw .EPROTONOSUPPORT }
    guard vlans.link(of: interface) == nil else { throw .EBUSY }
    guard vlans.interface(on: parent, tag: tag) == nil else { throw .EEXIST }
    let card = interfaces[parent]
    let isLong = card.enabledCapabilities.contains(.IFCAP_VLAN_MTU)
    let fudge: UInt8 = isLong ? 0 : 4
    vlans.insert(
      VLANLink(interface: interface, parent: parent, tag: tag, mtuFudge: fudge))
    interfaces[parent].hasVLANs = true
    interfaces[interface].mtu = card.mtu - UInt32(fudge)
    interfaces[interface].flags.remove(.IFF_SIMPLEX)
    interfaces[interface].flags.formUnion(card.flags.intersection(.IFF_SIMPLEX))
    interfaces[interface].linkState = card.linkState
    interfaces[interface].hardwareAddress = card.hardwareAddress
    interfaces[interface].flags.insert(.IFF_DRV_RUNNING)
    vlanFollowCapabilities(of: parent)
    vlanSetFlags(interface, &machine)
  }

  /// Takes a VLAN off its card (`vlan_unconfig`); what has none loses MTU and link all the same.
  mutating func vlanUnconfigure(_ interface: InterfaceIndex, _ machine: inout Machine) {
    if let link = vlans.link(of: interface) {
      if link.holdsPromiscuous { setPromiscuous(false, on: link.parent, &machine) }
      vlans.remove(interface)
      interfaces[link.parent].hasVLANs = !vlans.interfaces(on: link.parent).isEmpty
    }
    interfaces[interface].mtu = 1500
    interfaces[interface].linkState = .unknown
    interfaces[interface].flags.remove(.IFF_DRV_RUNNING)
  }

  /// A card goes away, or seems to, as it does while it is renamed (`vlan_ifdetach`).
  mutating func vlanParentDeparts(_ parent: InterfaceIndex, _ machine: inout Machine) {
    for interface in vlans.interfaces(on: parent) { vlanUnconfigure(interface, &machine) }
  }

  /// A VLAN in promiscuous mode asks its parent for the same (`vlan_setflags`).
  mutating func vlanSetFlags(_ interface: InterfaceIndex, _ machine: inout Machine) {
    guard let link = vlans.link(of: interface) else { return }
    let wants = interfaces[interface].flags.contains(.IFF_PROMISC)
    guard wants != link.holdsPromiscuous else { return }
    vlans.setPromiscuous(wants, by: interface)
    setPromiscuous(wants, on: link.parent, &machine)
  }

  /// What the VLANs of a card can leave to it (`vlan_capabilities`).
  mutating func vlanFollowCapabilities(of parent: InterfaceIndex) {
    guard interfaces[parent].hasVLANs else { return }
    let card = interfaces[parent]
    let isOn = card.enabledCapabilities.isSuperset(
      of: [.IFCAP_VLAN_HWCSUM, .IFCAP_VLAN_HWTAGGING])
    for interface in vlans.interfaces(on: parent) {
      if card.capabilities.contains(.IFCAP_VLAN_HWCSUM) {
        interfaces[interface].capabilities = card.capabilities.intersection(.IFCAP_HWCSUM)
      }
      interfaces[interface].enabledCapabilities =
        isOn ? card.enabledCapabilities.intersection(.IFCAP_HWCSUM) : []
      interfaces[interface].hardwareAssist = isOn ? card.hardwareAssist : []
    }
  }
}
