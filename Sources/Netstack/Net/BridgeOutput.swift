// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// What the host itself sends over a bridge (net/if_bridge.c). The filters do not see it here: the IP
/// layer has asked them.
extension Vnet {
  /// Hands a frame down that `ether_output` made: to the bridge of a member, else to the device.
  mutating func etherHandDown<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) -> OutputResult {
    guard interfaces[interface].bridge == .none else {
      return bridgeOutput(packet, on: interface, &machine, &tracer)
    }
    return etherOutputFrame(packet, on: interface, &machine, &tracer)
  }

  /// Sends what the host sends by a member, to wherever the bridge knows the station
  /// (`bridge_output`). Nobody hears of errors.
  @inline(never)
  private mutating func bridgeOutput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on member: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) -> OutputResult {
    let bridge = interfaces[member].bridge
    let own = bridges[bridge].interface
    var target: InterfaceIndex? = member
    if interfaces[own].flags.contains(.IFF_DRV_RUNNING) {
      let destination = EthernetHeader(machine.store.bytes(of: packet))?.destination ?? .broadcast
      target = bridgeTarget(packet, destination, bridge, &tracer)
    }
    bridgeSpan(packet, bridge, &machine, &tracer)
    guard let target else {
      return bridgeOutputToAll(packet, on: member, bridge, &machine, &tracer)
    }
    guard interfaces[target].flags.contains(.IFF_DRV_RUNNING) else {
      return discard(packet, .brDown, nil, &machine, &tracer)
    }
    return bridgeEnqueue(packet, from: own, to: target, &machine, &tracer)
  }

  /// The member behind which a station is, and tells the tracer; nil for all members.
  private func bridgeTarget<T: Tracer & ~Copyable>(
    _ packet: borrowing Packet, _ destination: EthernetAddress, _ bridge: BridgeIndex,
    _ tracer: inout T
  ) -> InterfaceIndex? {
    let own = bridges[bridge].interface
    guard !destination.isGroup else {
      tell(packet, .brGroup, own, .none, destination, &tracer)
      return nil
    }
    let target = bridges[bridge].lookup(destination, vlan: packet.bridgeVLAN)
    tell(
      packet, target == nil ? .brUnknown : .brKnown, own, target ?? .none, destination, &tracer)
    return target
  }

  /// A frame of the host for all members: those count that it does not leave by may be discarding.
  private mutating func bridgeOutputToAll<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, _ bridge: BridgeIndex,
    _ machine: inout Machine, _ tracer: inout T
  ) -> OutputResult {
    let own = bridges[bridge].interface
    let last = bridges[bridge].members.count - 1
    var copies = 0
    for place in 0..<max(last, 0) {
      let member = bridges[bridge].members[place]
      guard !skipsOutput(member, packet, on: interface, own, &tracer) else { continue }
      guard let copy = bridgeCopy(packet, .bridgeCopy, &machine, &tracer) else {
        interfaces[own].statistics[.oerrors] &+= 1
        continue
      }
      copies += 1
      let number = copy.number
      let result = bridgeEnqueue(copy, from: own, to: member.interface, &machine, &tracer)
      endBridged(number, result, sentAs: .brSent, &machine, &tracer)
    }
    guard last >= 0, case let member = bridges[bridge].members[last],
      !skipsOutput(member, packet, on: interface, own, &tracer)
    else { return bridgeUnused(packet, own, copies: copies, &machine, &tracer) }
    return bridgeEnqueue(packet, from: own, to: member.interface, &machine, &tracer)
  }

  private func skipsOutput<T: Tracer & ~Copyable>(
    _ member: BridgeMember, _ packet: borrowing Packet, on interface: InterfaceIndex,
    _ own: InterfaceIndex, _ tracer: inout T
  ) -> Bool {
    let isDown = !interfaces[member.interface].flags.contains(.IFF_DRV_RUNNING)
    guard isDown || member.interface != interface && member.isDiscarding else { return false }
    tell(packet, isDown ? .brSkipDown : .brSkipBlocked, own, member.interface, .zero, &tracer)
    return true
  }

  /// Sends what the host sends by the bridge itself, out of its send queue (`bridge_start`).
  @inline(never)
  mutating func bridgeStart<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on own: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) -> OutputResult {
    if interfaces[own].bpfPeers > 0 { tap(packet, on: own, .out, &machine) }
    guard let bridge = bridges.index(of: own),
      let header = EthernetHeader(machine.store.bytes(of: packet))
    else { return discard(packet, .brNobody, nil, &machine, &tracer) }
    if packet.header.flags.isDisjoint(with: [.broadcast, .multicast]),
      let target = bridges[bridge].lookup(header.destination, vlan: 1)
    {
      tell(packet, .brKnown, own, target, header.destination, &tracer)
      return bridgeEnqueue(packet, from: own, to: target, &machine, &tracer)
    }
    tell(
      packet, header.destination.isGroup ? .brGroup : .brUnknown, own, .none, header.destination,
      &tracer)
    var result = bridgeBroadcast(
      packet, bridge, from: own, filters: false, &machine, &tracer)
    result.errno = nil
    return result
  }
}
