// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// The way of tagged frames (net/if_vlan.c).
extension Vnet {
  /// The bytes of a VLAN tag, which sits between the addresses and the type.
  static let vlanTagSize = 4

  /// Gives a frame whose tag is out to the VLAN that takes it, as a frame of its own (`vlan_input`).
  @inline(never)
  mutating func vlanInput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on parent: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    let tag = packet.header.vlanTag & Vnet.vlanMask
    guard interfaces[parent].hasVLANs, let vlan = vlans.interface(on: parent, tag: tag),
      interfaces[vlan].isRunning
    else {
      interfaces[parent].statistics[.noproto] &+= 1
      return drop(packet, .ethNovlan, &machine, &tracer)
    }
    packet.header.flags.subtract([.promiscuous, .tagged, .otherVLAN])
    tracer.emit(packet.number, .waypoint(.ethVlan, UInt32(tag), UInt32(vlan.rawValue)))
    interfaces[vlan].statistics[.ipackets] &+= 1
    etherInput(packet, on: vlan, &machine, &tracer)
  }

  /// Tags a VLAN's frame and hands it to its parent (`vlan_start`); whoever sent it hears of no error.
  ///
  /// The tag is in the frame whether the card puts it in or not; only what the card counts differs.
  @inline(never)
  mutating func vlanStart<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) -> OutputResult {
    if interfaces[interface].bpfPeers > 0 { tap(packet, on: interface, .out, &machine) }
    guard let link = vlans.link(of: interface), interfaces[link.parent].isRunning else {
      interfaces[interface].statistics[.collisions] &+= 1
      return discard(packet, .vlanDown, nil, &machine, &tracer)
    }
    tracer.emit(
      packet.number, .waypoint(.vlanTag, UInt32(link.tag), UInt32(link.parent.rawValue)))
    let untagged = packet.count
    insertTag(link.tag, into: &packet, &machine)
    let isHardware = interfaces[link.parent].enabledCapabilities.contains(.IFCAP_VLAN_HWTAGGING)
    let counted = isHardware ? untagged : packet.count
    var result = ifTransmit(packet, on: link.parent, counting: counted, &machine, &tracer)
    if result.errno == nil {
      interfaces[interface].statistics[.opackets] &+= 1
    } else {
      interfaces[interface].statistics[.oerrors] &+= 1
      result.errno = nil
    }
    return result
  }

  /// Puts a tag in front of a frame's type (`ether_vlanencap`).
  func insertTag(_ tag: UInt16, into packet: inout Packet, _ machine: inout Machine) {
    let stations = (
      machine.store.bytes(of: packet).uint48(at: 0), machine.store.bytes(of: packet).uint48(at: 6)
    )
    packet.prepend(Vnet.vlanTagSize)
    var bytes = machine.store.mutableBytes(of: packet)
    bytes.store48(stations.0, at: 0)
    bytes.store48(stations.1, at: 6)
    bytes.store(EtherType.vlan.rawValue, at: 12)
    bytes.store(tag, at: 14)
  }
}
