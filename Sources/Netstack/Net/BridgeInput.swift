// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// The way into a bridge (net/if_bridge.c).
extension Vnet {
  /// Looks at a frame that a member received: it goes up the stack, over the bridge, or both
  /// (`bridge_input`).
  @inline(never)
  mutating func bridgeInput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: EthernetHeader, on member: InterfaceIndex,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    packet.header.flags.remove(.promiscuous)
    let bridge = interfaces[member].bridge
    let own = bridges[bridge].interface
    guard interfaces[own].flags.contains(.IFF_DRV_RUNNING),
      let place = bridges[bridge].place(of: member)
    else { return etherAccept(packet, header, on: member, &machine, &tracer) }
    tell(packet, .ethBridge, own, member, header.source, &tracer)
    if interfaces[own].flags.contains(.IFF_MONITOR) {
      packet.header.receivedOn = own
      if interfaces[own].bpfPeers > 0 { tap(packet, on: own, .in, &machine) }
      countInput(packet.count, on: own)
      return drop(packet, .brMonitor, &machine, &tracer)
    }
    bridgeSpan(packet, bridge, &machine, &tracer)
    if header.destination.isGroup {
      return bridgeGroupInput(packet, header, bridge, place, &machine, &tracer)
    }
    guard !bridges[bridge].members[place].isDiscarding else {
      return etherAccept(packet, header, on: member, &machine, &tracer)
    }
    // The bridge comes first, then the member itself, then the others.
    for position in -2..<bridges[bridge].members.count {
      let candidate =
        position < 0
        ? (position == -2 ? own : member) : bridges[bridge].members[position].interface
      if isStation(header.destination, candidate) {
        return bridgeGrab(packet, header, for: candidate, bridge, place, &machine, &tracer)
      }
      if isStation(header.source, candidate) {
        return drop(packet, .brOwn, &machine, &tracer)
      }
    }
    bridgeForward(packet, header, bridge, place, &machine, &tracer)
  }

  /// Whether an address is an interface's, or that of a virtual router which it is the master of.
  private func isStation(_ address: EthernetAddress, _ interface: InterfaceIndex) -> Bool {
    interfaces[interface].hardwareAddress == address
      || interfaces[interface].hasCarp && carpForUs(address, on: interface)
  }

  /// Takes a frame that is for the bridge or a member, as received there (`GRAB_OUR_PACKETS`).
  private mutating func bridgeGrab<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: EthernetHeader, for owner: InterfaceIndex,
    _ bridge: BridgeIndex, _ place: Int, _ machine: inout Machine, _ tracer: inout T
  ) {
    let own = bridges[bridge].interface
    if owner == own {
      if interfaces[own].bpfPeers > 0 { tap(packet, on: own, .in, &machine) }
      interfaces[own].statistics[.ipackets] &+= 1
      if machine.sysctl.bridgePfilLocalPhys, hasHooks {
        let member = bridges[bridge].members[place].interface
        switch bridgePfil(packet, .in, bridge: .none, member: member, &machine, &tracer) {
        case .pass(let passed): packet = passed
        case .gone: return
        }
      }
    }
    guard bridgeLearn(packet, header, bridge, place, &machine, &tracer) else {
      return drop(packet, .brRefused, &machine, &tracer)
    }
    tell(packet, .brOurs, own, owner, header.destination, &tracer)
    packet.header.receivedOn = owner
    etherAccept(packet, header, on: owner, &machine, &tracer)
  }

  /// A frame for more than one station goes over the bridge, to the bridge itself, and up the stack
  /// of its member, each time as a packet of its own.
  private mutating func bridgeGroupInput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: EthernetHeader, _ bridge: BridgeIndex, _ place: Int,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    let member = bridges[bridge].members[place].interface
    let own = bridges[bridge].interface
    if header.destination == SpanningTree.group {
      return bridgeTreeInput(packet, bridge, on: member, &machine, &tracer)
    }
    guard !bridges[bridge].members[place].isDiscarding,
      let crossing = bridgeCopy(packet, .bridgeCopy, &machine, &tracer)
    else { return etherAccept(packet, header, on: member, &machine, &tracer) }
    bridgeForward(crossing, header, bridge, place, &machine, &tracer)
    if var copy = bridgeCopy(packet, .bridgeCopy, &machine, &tracer) {
      copy.header.receivedOn = own
      etherInput(copy, on: own, &machine, &tracer)
    }
    etherAccept(packet, header, on: member, &machine, &tracer)
  }

  /// Reads a message of the spanning tree, which goes no further.
  private mutating func bridgeTreeInput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ bridge: BridgeIndex, on member: InterfaceIndex,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    let frame = machine.store.array(of: packet)
    let number = packet.number
    machine.store.free(packet)
    var isRead = false
    changeTree(of: bridge, parent: number, &machine, &tracer) {
      isRead = $0.receive(frame, on: member)
    }
    machine.end(
      number, isRead ? End(.consumed, .brTree) : End(.dropped, .brNotree), &tracer)
  }

  /// Notes behind which member the sender is, where that is learning; whether the frame may go on.
  mutating func bridgeLearn<T: Tracer & ~Copyable>(
    _ packet: borrowing Packet, _ header: EthernetHeader, _ bridge: BridgeIndex, _ place: Int,
    _ machine: inout Machine, _ tracer: inout T
  ) -> Bool {
    let member = bridges[bridge].members[place]
    guard member.flags.contains(.IFBIF_LEARNING) else { return true }
    let outcome = bridges[bridge].learn(
      header.source, vlan: packet.bridgeVLAN, on: place, flags: nil, uptime: machine.now.seconds)
    tell(
      packet, outcome.id, bridges[bridge].interface, member.interface, header.source, &tracer)
    return outcome.errno == nil || member.addressLimit == 0
  }

  /// A copy with a number of its own; nil without memory, when it has its verdict.
  mutating func bridgeCopy<T: Tracer & ~Copyable>(
    _ packet: borrowing Packet, _ birth: Birth, _ machine: inout Machine, _ tracer: inout T
  ) -> Packet? {
    let number = machine.newChild()
    tracer.emit(number, .made(parent: packet.number, birth: birth))
    if let copy = machine.store.copy(packet, number: number) { return copy }
    machine.end(number, End(.dropped, .brNomem), &tracer)
    return nil
  }

  mutating func countInput(_ bytes: Int, on interface: InterfaceIndex) {
    interfaces[interface].statistics[.ipackets] &+= 1
    interfaces[interface].statistics[.ibytes] &+= UInt64(bytes)
  }

  /// Tells the tracer what a bridge found or decided.
  @inline(__always)
  func tell<T: Tracer & ~Copyable>(
    _ packet: borrowing Packet, _ id: TraceID, _ bridge: InterfaceIndex,
    _ member: InterfaceIndex, _ address: EthernetAddress, _ tracer: inout T
  ) {
    tracer.emit(
      packet.number,
      .bridge(
        BridgeStep(
          id: id, bridge: bridge, member: member, address: address, vlan: packet.bridgeVLAN)))
  }
}

extension Packet {
  /// The VLAN that a bridge files a frame under (`VLANTAGOF`): 1 for one without tag.
  var bridgeVLAN: UInt16 {
    header.flags.contains(.tagged) ? header.vlanTag & Vnet.vlanMask : 1
  }
}
