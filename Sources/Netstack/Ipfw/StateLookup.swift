// SPDX-License-Identifier: BSD-2-Clause

import Wire

extension Vnet {
  /// Looks for the state of a packet, once in a search, and counts the packet on it
  /// (`O_PROBE_STATE` and `O_CHECK_STATE` of `ipfw_chk`).
  ///
  /// - Returns: The place of the state's rule.
  @inline(never)
  mutating func lookupState<T: Tracer & ~Copyable>(
    _ search: inout RuleSearch, _ packet: inout Packet, _ machine: inout Machine,
    _ tracer: inout T
  ) -> Int? {
    guard search.state == .unknown else { return nil }
    let second = machine.uptime
    guard let found = findState(search.facts, &packet, machine, at: second) else {
      search.state = .none
      tracer.emit(packet.number, .state(StateStep(.none)))
      return nil
    }
    search.state = .found(isForward: found.isForward)
    let rule = meet(
      found, search.facts.headers, flags: search.facts.flowFlags, at: second, &machine)
    tracer.emit(
      packet.number,
      .state(firewall.step(.found(isForward: found.isForward), found.place, at: second)))
    return Int(rule)
  }

  /// Counts a packet on the state that it was found to have, puts that in front of its chain, and
  /// gives it a new time to live.
  ///
  /// - Parameter flags: `flowFlags` of the packet.
  /// - Returns: The place of the state's rule.
  @discardableResult
  @inline(__always)
  mutating func meet(
    _ found: FoundState, _ headers: PacketHeaders, flags: UInt8, at second: UInt32,
    _ machine: inout Machine
  ) -> Int32 {
    if let lifetime = lifetime(of: headers.proto) {
      return firewall.states.meet(
        found, bytes: headers.count, until: second &+ lifetime, at: second)
    }
    firewall.states.use(found.place)
    refresh(
      found.place, headers.proto, flags, isForward: found.isForward,
      headers.tcp?.acknowledgement, &machine)
    return firewall.states.count(found.place, bytes: headers.count)
  }

  /// How long a state lives, where the protocol alone says so; nil for TCP.
  @inline(__always)
  func lifetime(of proto: UInt8) -> UInt32? {
    switch IPProtocol(rawValue: proto) {
    case .tcp: nil
    case .udp: UInt32(truncatingIfNeeded: sysctl.fwDynUDPLifetime)
    default: UInt32(truncatingIfNeeded: sysctl.fwDynShortLifetime)
    }
  }

  /// The state of a packet, which often takes no more than the ends of its flow.
  @inline(__always)
  private mutating func findState(
    _ facts: borrowing PacketFacts, _ packet: inout Packet, _ machine: borrowing Machine,
    at second: UInt32
  ) -> FoundState? {
    if let ends = facts.ends {
      switch firewall.states.known(ends, at: second) {
      case .found(let found): return found
      case .none: return nil
      case .unknown: break
      }
    }
    return searchState(facts, &packet, machine, at: second)
  }

  /// The same by the whole flow.
  @inline(never)
  private mutating func searchState(
    _ facts: borrowing PacketFacts, _ packet: inout Packet, _ machine: borrowing Machine,
    at second: UInt32
  ) -> FoundState? {
    firewall.states.search(FlowID(facts, machine.store.bytes(of: packet)), at: second)
  }

  /// Gives a state a new time to live by what has been seen of its flow (the end of
  /// `lookup_dyn_rule_locked`).
  ///
  /// - Parameter acknowledgement: Of the segment, if there is one to be compared with the highest so
  ///   far: one that goes back changes nothing.
  mutating func refresh(
    _ place: Int32, _ proto: UInt8, _ flags: UInt8, isForward: Bool, _ acknowledgement: UInt32?,
    _ machine: inout Machine
  ) {
    let second = machine.uptime
    if let lifetime = lifetime(of: proto) {
      return firewall.states.renew(place, until: second &+ lifetime, at: second)
    }
    let lifetime: Int
    switch firewall.states[place].take(TCPFlags(rawValue: flags), isForward: isForward) {
    case .opening: lifetime = sysctl.fwDynSynLifetime
    case .open:
      if let acknowledgement {
        guard firewall.states[place].take(acknowledgement, isForward: isForward) else { return }
      }
      lifetime = sysctl.fwDynAckLifetime
    case .closed: lifetime = belowKeepalive(.ipFwDynFinLifetime)
    case .reset: lifetime = belowKeepalive(.ipFwDynRstLifetime)
    }
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
enum ConnectionStage {
  case opening, open, closed, reset
}

extension DynamicRule {
  /// Remembers the flags of a segment.
  fileprivate mutating func take(_ flags: TCPFlags, isForward: Bool) -> ConnectionStage {
    let flags = flags.intersection([.fin, .syn, .rst])
    if isForward { forwardFlags.formUnion(flags) } else { reverseFlags.formUnion(flags) }
    return stage
  }

  var stage: ConnectionStage {
    switch (forwardFlags, reverseFlags) {
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
