// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// The Ethernet layer's way in: `ether_input` and `ether_demux` (net/if_ethersubr.c).
extension Vnet {
  /// Looks at a frame that a driver received and hands its packet to a protocol.
  ///
  /// Models `ether_input()`. The driver has counted the packet already.
  mutating func etherInput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    machine.assertCurrent(index)
    let number = packet.number
    packet.header.receivedOn = interface
    packet.header.vnet = index
    if T.isOn {
      tracer.recordBytes(number, .received(interface), machine.store.bytes(of: packet))
    }
    guard interfaces[interface].flags.contains(.IFF_UP) else {
      return drop(packet, .ethDown, &machine, &tracer)
    }
    guard var header = EthernetHeader(machine.store.bytes(of: packet)) else {
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
    if header.type == .vlan {
      guard packet.count >= EthernetHeader.size + Vnet.vlanTagSize else {
        interfaces[interface].statistics[.ierrors] &+= 1
        return drop(packet, .ethVlanshort, &machine, &tracer)
      }
      removeTag(from: &packet, &header, &machine)
    }
    guard interfaces[interface].bridge == .none else {
      return bridgeInput(packet, header, on: interface, &machine, &tracer)
    }
    etherAccept(packet, header, on: interface, &machine, &tracer)
  }

  /// The end of `ether_input`, which a frame gets to that is for this host, or that nobody took.
  @inline(__always)
  mutating func etherAccept<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: EthernetHeader, on interface: InterfaceIndex,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    if !header.destination.isGroup, header.destination != interfaces[interface].hardwareAddress {
      if interfaces[interface].hasCarp, carpForUs(header.destination, on: interface) {
        tracer.emit(packet.number, .waypoint(.ethCarp, 0, 0))
      } else {
        packet.header.flags.insert(.promiscuous)
      }
    }
    etherDemux(packet, header, on: interface, &machine, &tracer)
  }

  /// Takes the VLAN tag out of a frame, and notes whether it is another VLAN's than 0.
  @inline(never)
  private func removeTag(
    from packet: inout Packet, _ header: inout EthernetHeader, _ machine: inout Machine
  ) {
    // Bytes 14 and 15 are the tag, 16 and 17 the type behind it.
    let tag = machine.store.bytes(of: packet).uint16(at: 14)
    header.type = EtherType(rawValue: machine.store.bytes(of: packet).uint16(at: 16))
    packet.trimFront(Vnet.vlanTagSize)
    var bytes = machine.store.mutableBytes(of: packet)
    header.write(into: &bytes, at: 0)
    packet.header.vlanTag = tag
    packet.header.flags.insert(.tagged)
    if tag & Vnet.vlanMask != 0 { packet.header.flags.insert(.otherVLAN) }
  }

  /// Shows a frame to the firewall, strips its header and chooses the protocol by its type
  /// (`ether_demux`).
  mutating func etherDemux<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: EthernetHeader, on interface: InterfaceIndex,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    if filtersFrames, !packet.header.flags.contains(.promiscuous) {
      switch etherIpfwCheck(packet, .in, on: interface, &machine, &tracer) {
      case .pass(let passed): packet = passed
      case .denied(let refused, let rule):
        var end = End(.denied, .ethFwDeny)
        end.rule = rule
        return machine.finish(refused, end, &tracer)
      case .taken: return
      }
    }
    guard !packet.header.flags.contains(.otherVLAN) else {
      return vlanInput(packet, on: interface, &machine, &tracer)
    }
    if packet.header.flags.contains(.promiscuous),
      !interfaces[interface].flags.contains(.IFF_PPROMISC)
    {
      return drop(packet, .ethPromisc, &machine, &tracer)
    }
    packet.header.flags.subtract(PacketFlags.protocolPrivate.union(.tagged))
    packet.trimFront(EthernetHeader.size)
    switch header.type {
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
  ///
  /// A frame for another station gets through a card in promiscuous mode only; a bridge is no card.
  mutating func tap(
    _ packet: borrowing Packet, on interface: InterfaceIndex, _ direction: Direction,
    _ machine: inout Machine
  ) {
    if direction == .in, interfaces[interface].type == .ethernet,
      interfaces[interface].driver != .bridge,
      !interfaces[interface].flags.contains(.IFF_PROMISC),
      let header = EthernetHeader(machine.store.bytes(of: packet)),
      !header.destination.isGroup, header.destination != interfaces[interface].hardwareAddress
    {
      return
    }
    let frame = CapturedFrame(
      time: machine.now, direction: direction, bytes: machine.store.array(of: packet))
    machine.observers.see(frame, on: interface, index)
  }
}
