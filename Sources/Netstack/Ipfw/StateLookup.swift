// SPDX-License-Identifier: BSD-2-Clause

import Wire

extension Vnet {
  /// Looks for the state of a packet, once in a search, and counts the packet on it
  /// (`O_PROBE_STATE` and `O_CHECK_STATE` of `ipfw_chk`).
  ///
  /// - Returns: The place of the state's rule.
  @inline(never)
  mutating func lookupState<T: Tracer & ~Copyable>(
    _ search: inout RuleSearch, _ packet: borrowing Packet, _ machine: inout Machine,
    _ tracer: inout T
  ) -> Int? {
    guard search.state == .unknown else { return nil }
    let flow = FlowID(search.facts, machine.store.bytes(of: packet))
    let second = machine.uptime
    guard let (place, isForward) = firewall.states.find(flow, at: second) else {
      search.state = .none
      tracer.emit(packet.number, .state(StateStep(.none)))
      return nil
    }
    search.state = .found(isForward: isForward)
    let acknowledgement = search.facts.tcp?.acknowledgement
    refresh(place, flow, isForward: isForward, acknowledgement, &machine)
    firewall.states[place].packets &+= 1
    firewall.states[place].bytes &+= UInt64(search.facts.count)
    tracer.emit(
      packet.number, .state(firewall.step(.found(isForward: isForward), place, at: second)))
    return Int(firewall.states[place].rule)
  }

  /// Gives a state a new time to live by what has been seen of its flow (the end of
  /// `lookup_dyn_rule_locked`).
  ///
  /// - Parameter acknowledgement: Of the segment, if there is one to be compared with the highest so
  ///   far: one that goes back changes nothing.
  mutating func refresh(
    _ place: Int32, _ flow: borrowing FlowID, isForward: Bool, _ acknowledgement: UInt32?,
    _ machine: inout Machine
  ) {
    let lifetime: Int
    switch IPProtocol(rawValue: flow.proto) {
    case .tcp:
      let known = firewall.states[place].take(TCPFlags(rawValue: flow.flags), isForward: isForward)
      switch known {
      case .opening: lifetime = sysctl.fwDynSynLifetime
      case .open:
        if let acknowledgement {
          guard firewall.states[place].take(acknowledgement, isForward: isForward) else { return }
        }
        lifetime = sysctl.fwDynAckLifetime
      case .closed: lifetime = belowKeepalive(.ipFwDynFinLifetime)
      case .reset: lifetime = belowKeepalive(.ipFwDynRstLifetime)
      }
    case .udp: lifetime = sysctl.fwDynUDPLifetime
    default: lifetime = sysctl.fwDynShortLifetime
    }
    let second = machine.uptime
    firewall.states.renew(
      place, until: second &+ UInt32(truncatingIfNeeded: lifetime), at: second)
    if firewall.states[place].isOpen { startKeepalives(&machine) }
  }

  /// A lifetime that may not reach the period of keepalives: one that does is changed.
  private mutating func belowKeepalive(_ key: SysctlKey) -> Int {
    // The original compares without a sign.
    if UInt32(truncatingIfNeeded: sysctl[key]) >= UInt32(Vnet.keepalivePeriod) {
      sysctl[key] = Int64(Vnet.keepalivePeriod - 1)
    }
    return Int(sysctl[key])
  }
}

/// How far a connection has come, by the flags of both sides.
private enum ConnectionStage {
  case opening, open, closed, reset
}

extension DynamicRule {
  /// Remembers the flags of a segment.
  fileprivate mutating func take(_ flags: TCPFlags, isForward: Bool) -> ConnectionStage {
    let flags = flags.intersection([.fin, .syn, .rst])
    if isForward { forwardFlags.formUnion(flags) } else { reverseFlags.formUnion(flags) }
    return switch (forwardFlags, reverseFlags) {
    case (.syn, []): .opening
    case (.syn, .syn), ([.syn, .fin], .syn), (.syn, [.syn, .fin]): .open
    case ([.syn, .fin], [.syn, .fin]): .closed
    // A reset, or a combination that no connection has.
    default: .reset
    }
  }

  /// Remembers an acknowledgement unless it goes back (`_SEQ_GE`).
  fileprivate mutating func take(_ acknowledgement: UInt32, isForward: Bool) -> Bool {
    let highest = isForward ? forwardAck : reverseAck
    guard highest == 0 || Int32(bitPattern: acknowledgement &- highest) >= 0 else { return false }
    if isForward { forwardAck = acknowledgement } else { reverseAck = acknowledgement }
    return true
  }
}
