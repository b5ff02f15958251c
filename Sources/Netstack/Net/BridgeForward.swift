// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// The way over a bridge (net/if_bridge.c).
extension Vnet {
  /// Sends a frame on to the member behind which its station is, or to all (`bridge_forward`).
  ///
  /// - Parameter place: Of the member it came from.
  mutating func bridgeForward<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: EthernetHeader, _ bridge: BridgeIndex, _ place: Int,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    let own = bridges[bridge].interface
    let source = bridges[bridge].members[place]
    countInput(packet.count, on: own)
    guard bridgeLearn(packet, header, bridge, place, &machine, &tracer) else {
      return drop(packet, .brRefused, &machine, &tracer)
    }
    guard !source.flags.contains(.IFBIF_STP) || source.state != .learning else {
      return drop(packet, .brLearning, &machine, &tracer)
    }
    var target: InterfaceIndex?
    if header.destination.isGroup {
      // 802.1D, 7.12.6.
      guard header.destination.rawValue & ~0xf != SpanningTree.group.rawValue else {
        return drop(packet, .brReserved, &machine, &tracer)
      }
      interfaces[own].statistics[.imcasts] &+= 1
      tell(packet, .brGroup, own, .none, header.destination, &tracer)
    } else {
      target = bridges[bridge].lookup(header.destination, vlan: packet.bridgeVLAN)
      tell(
        packet, target == nil ? .brUnknown : .brKnown, own, target ?? .none, header.destination,
        &tracer)
      guard target != source.interface else {
        return drop(packet, .brSameside, &machine, &tracer)
      }
      if interfaces[own].bpfPeers > 0 { tap(packet, on: own, .in, &machine) }
    }
    if hasHooks {
      switch bridgePfil(packet, .in, bridge: own, member: source.interface, &machine, &tracer) {
      case .pass(let passed): packet = passed
      case .gone: return
      }
    }
    guard let target else {
      let number = packet.number
      let result = bridgeBroadcast(
        packet, bridge, from: source.interface, filters: true, &machine, &tracer)
      return endBridged(number, result, sentAs: .brSent, &machine, &tracer)
    }
    if let refusal = refusal(bridge, source, target) {
      return drop(packet, refusal, &machine, &tracer)
    }
    if hasHooks {
      switch bridgePfil(packet, .out, bridge: own, member: target, &machine, &tracer) {
      case .pass(let passed): packet = passed
      case .gone: return
      }
    }
    let number = packet.number
    let result = bridgeEnqueue(packet, from: own, to: target, &machine, &tracer)
    endBridged(number, result, sentAs: .brSent, &machine, &tracer)
  }

  /// Why a frame may not leave by the member behind which its station is.
  private func refusal(
    _ bridge: BridgeIndex, _ source: BridgeMember, _ target: InterfaceIndex
  ) -> TraceID? {
    guard interfaces[target].flags.contains(.IFF_DRV_RUNNING),
      let place = bridges[bridge].place(of: target)
    else { return .brDown }
    let member = bridges[bridge].members[place]
    if source.flags.contains(.IFBIF_PRIVATE), member.flags.contains(.IFBIF_PRIVATE) {
      return .brPrivate
    }
    return member.isDiscarding ? .brBlocked : nil
  }

  /// Sends a frame to all members but the one it came from (`bridge_broadcast`).
  ///
  /// All get copies but the last of the list, which gets the frame itself, if it may have it.
  ///
  /// - Parameter filters: It passes the filters, as what was received.
  mutating func bridgeBroadcast<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ bridge: BridgeIndex, from source: InterfaceIndex,
    filters: Bool, _ machine: inout Machine, _ tracer: inout T
  ) -> OutputResult {
    let own = bridges[bridge].interface
    let flags =
      bridges[bridge].place(of: source).map { bridges[bridge].members[$0].flags } ?? []
    let filters = filters && hasHooks
    if filters {
      switch bridgePfil(packet, .out, bridge: own, member: .none, &machine, &tracer) {
      case .pass(let passed): packet = passed
      case .gone: return OutputResult(.held, .brFwHold)
      }
    }
    let last = bridges[bridge].members.count - 1
    var copies = 0
    for place in 0..<max(last, 0) {
      let member = bridges[bridge].members[place]
      guard !skips(member, packet, from: source, flags, own, &tracer) else { continue }
      guard let copy = bridgeCopy(packet, .bridgeCopy, &machine, &tracer) else {
        interfaces[own].statistics[.oerrors] &+= 1
        continue
      }
      copies += 1
      let number = copy.number
      let result = bridgeLeave(
        copy, from: own, to: member.interface, filters: filters, &machine, &tracer)
      endBridged(number, result, sentAs: .brSent, &machine, &tracer)
    }
    guard last >= 0, case let member = bridges[bridge].members[last],
      !skips(member, packet, from: source, flags, own, &tracer)
    else { return bridgeUnused(packet, own, copies: copies, &machine, &tracer) }
    return bridgeLeave(
      packet, from: own, to: member.interface, filters: filters, &machine, &tracer)
  }

  /// Whether a member gets nothing of a frame for all, in the order of the C's checks.
  private func skips<T: Tracer & ~Copyable>(
    _ member: BridgeMember, _ packet: borrowing Packet, from source: InterfaceIndex,
    _ flags: BridgeMemberFlags, _ own: InterfaceIndex, _ tracer: inout T
  ) -> Bool {
    let id: TraceID
    if member.interface == source {
      id = .brSkipSource
    } else if flags.contains(.IFBIF_PRIVATE), member.flags.contains(.IFBIF_PRIVATE) {
      id = .brSkipPrivate
    } else if member.isDiscarding {
      id = .brSkipBlocked
    } else if !member.flags.contains(.IFBIF_DISCOVER),
      packet.header.flags.isDisjoint(with: [.broadcast, .multicast])
    {
      id = .brSkipDiscover
    } else if !interfaces[member.interface].flags.contains(.IFF_DRV_RUNNING) {
      id = .brSkipDown
    } else {
      return false
    }
    tell(packet, id, own, member.interface, .zero, &tracer)
    return true
  }

  /// Past the filter, where it is asked, and out of a member. The bridge itself was filtered before.
  private mutating func bridgeLeave<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, from own: InterfaceIndex, to member: InterfaceIndex,
    filters: Bool, _ machine: inout Machine, _ tracer: inout T
  ) -> OutputResult {
    if filters {
      switch bridgePfil(packet, .out, bridge: .none, member: member, &machine, &tracer) {
      case .pass(let passed): packet = passed
      case .gone: return OutputResult(.held, .brFwHold)
      }
    }
    return bridgeEnqueue(packet, from: own, to: member, &machine, &tracer)
  }

  /// Frees the frame itself where only copies of it left, or none.
  mutating func bridgeUnused<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ own: InterfaceIndex, copies: Int, _ machine: inout Machine,
    _ tracer: inout T
  ) -> OutputResult {
    guard copies > 0 else { return discard(packet, .brNobody, nil, &machine, &tracer) }
    machine.store.free(packet)
    var result = OutputResult(.sent, .brCopied)
    result.interface = own
    return result
  }

  /// Gives a copy of a frame to each span port (`bridge_span`).
  mutating func bridgeSpan<T: Tracer & ~Copyable>(
    _ packet: borrowing Packet, _ bridge: BridgeIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    let own = bridges[bridge].interface
    for place in 0..<bridges[bridge].spans.count {
      let span = bridges[bridge].spans[place]
      guard interfaces[span].flags.contains(.IFF_DRV_RUNNING) else { continue }
      guard let copy = bridgeCopy(packet, .bridgeSpan, &machine, &tracer) else {
        interfaces[own].statistics[.oerrors] &+= 1
        continue
      }
      let number = copy.number
      let result = bridgeEnqueue(copy, from: own, to: span, &machine, &tracer)
      endBridged(number, result, sentAs: .brSent, &machine, &tracer)
    }
  }

  /// Puts a frame into a member's send queue, with its tag again, and counts it on the bridge whatever
  /// becomes of it (`bridge_enqueue`).
  mutating func bridgeEnqueue<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, from own: InterfaceIndex, to member: InterfaceIndex,
    _ machine: inout Machine, _ tracer: inout T
  ) -> OutputResult {
    countBridged(packet, on: own)
    return bridgeTransmit(packet, to: member, &machine, &tracer)
  }

  /// Counts a frame that a bridge sends.
  mutating func countBridged(_ packet: borrowing Packet, on own: InterfaceIndex) {
    interfaces[own].statistics[.opackets] &+= 1
    interfaces[own].statistics[.obytes] &+= UInt64(packet.count)
    if packet.header.flags.contains(.multicast) {
      interfaces[own].statistics[.omcasts] &+= 1
    }
  }

  /// Hands a frame with its tag to a member.
  mutating func bridgeTransmit<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, to member: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) -> OutputResult {
    var counted = packet.count
    if packet.header.flags.contains(.tagged) {
      insertTag(packet.header.vlanTag, into: &packet, &machine)
      packet.header.flags.subtract([.tagged, .otherVLAN])
      let isHardware = interfaces[member].enabledCapabilities.contains(.IFCAP_VLAN_HWTAGGING)
      if !isHardware { counted = packet.count }
    }
    var result = ifTransmit(packet, on: member, counting: counted, &machine, &tracer)
    result.errno = nil
    return result
  }

  /// Gives a frame that a bridge sent its verdict; those of `held` and `continues` come from whoever
  /// has it.
  mutating func endBridged<T: Tracer & ~Copyable>(
    _ number: PacketNumber, _ result: OutputResult, sentAs id: TraceID, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    var end: End
    switch result.fate {
    case .held, .continues: return
    case .sent: end = End(.sent, result.id == .ifTx ? id : result.id)
    case .dropped: end = End(.dropped, result.id)
    case .denied(let rule):
      end = End(.denied, result.id)
      end.rule = rule
    }
    end.interface = result.interface
    machine.end(number, end, &tracer)
  }
}
