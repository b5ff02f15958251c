// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// The Ethernet layer's way in: `ether_input` and `ether_demux` (net/if_ethersubr.c).
extension Vnet {
  /// The first bytes of a VLAN tag, which sits between the addresses and the type.
  private static let vlanTagSize = 4

  /// Looks at a frame that a driver received and hands its packet to a protocol.
  ///
  /// Models `ether_input()`. The driver has counted the packet already.
  mutating func etherInput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    let number = packet.number
    packet.header.receivedOn = interface
    packet.header.vnet = index
    if T.isOn {
      tracer.recordBytes(number, .received(interface), machine.store.bytes(of: packet))
    }
    guard interfaces[interface].flags.contains(.IFF_UP) else {
      return drop(packet, .ethDown, &machine, &tracer)
    }
    guard let header = EthernetHeader(machine.store.bytes(of: packet)) else {
      interfaces[interface].statistics[.ierrors] &+= 1
      let length = packet.count
      machine.log(
        "\(interfaces[interface].name): discard frame w/o leading ethernet header "
          + "(len \(length) pkt len \(length))")
      return drop(packet, .ethRunt, &machine, &tracer)
    }
    tracer.emit(number, .frame(interface: interface, header))
    if header.destination.isGroup {
      packet.header.flags.insert(header.destination.isBroadcast ? .broadcast : .multicast)
      interfaces[interface].statistics[.imcasts] &+= 1
    }
    if interfaces[interface].bpfPeers > 0 { tap(packet, on: interface, .in, &machine) }
    interfaces[interface].statistics[.ibytes] &+= UInt64(packet.count)
    if interfaces[interface].flags.contains(.IFF_MONITOR) {
      return drop(packet, .ethMonitor, &machine, &tracer)
    }
    if !header.destination.isGroup, header.destination != interfaces[interface].hardwareAddress {
      packet.header.flags.insert(.promiscuous)
    }
    etherDemux(packet, header, on: interface, &machine, &tracer)
  }

  /// Strips the Ethernet header and chooses the protocol by the frame's type (`ether_demux`).
  mutating func etherDemux<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: EthernetHeader, on interface: InterfaceIndex,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    var type = header.type
    var headerSize = EthernetHeader.size
    if type == .vlan {
      // Bytes 14 and 15 are the tag, 16 and 17 the type behind it.
      guard packet.count >= EthernetHeader.size + Vnet.vlanTagSize else {
        interfaces[interface].statistics[.ierrors] &+= 1
        return drop(packet, .ethVlanshort, &machine, &tracer)
      }
      let tag = machine.store.bytes(of: packet).uint16(at: 14)
      guard tag & 0xfff == 0 else {
        interfaces[interface].statistics[.noproto] &+= 1
        return drop(packet, .ethNovlan, &machine, &tracer)
      }
      type = EtherType(rawValue: machine.store.bytes(of: packet).uint16(at: 16))
      headerSize += Vnet.vlanTagSize
    }
    if packet.header.flags.contains(.promiscuous),
      !interfaces[interface].flags.contains(.IFF_PPROMISC)
    {
      return drop(packet, .ethPromisc, &machine, &tracer)
    }
    packet.header.flags.subtract(PacketFlags.protocolPrivate)
    packet.trimFront(headerSize)
    switch type {
    case .ipv4:
      linkInputIP(packet, &machine, &tracer)
    case .arp where interfaces[interface].flags.contains(.IFF_NOARP):
      drop(packet, .ethNoarp, &machine, &tracer)
    case .arp:
      tracer.emit(packet.number, .waypoint(.ethArp, 0, 0))
      netisrDispatch(packet, .arp, &machine, &tracer)
    case .ipv6:
      machine.finish(packet, End(.dropped, .ethOther), &tracer)
    default:
      drop(packet, .ethUnknown, &machine, &tracer)
    }
  }

  /// Shows a frame to the observers of an interface (`BPF_MTAP`).
  mutating func tap(
    _ packet: borrowing Packet, on interface: InterfaceIndex, _ direction: Direction,
    _ machine: inout Machine
  ) {
    let frame = CapturedFrame(
      time: machine.now, vnet: index, interface: interface, direction: direction,
      bytes: machine.store.array(of: packet))
    machine.captures.append(frame)
  }
}
