// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

extension Vnet {
  /// Tries the rules in order until one decides (`ipfw_chk`, netinet/ipfw/ip_fw2.c).
  mutating func ipfwCheck<T: Tracer & ~Copyable>(
    _ packet: inout Packet, _ place: FilterPlace, _ machine: inout Machine, _ tracer: inout T
  ) -> FirewallVerdict {
    if packet.header.flags.contains(.skipFirewall) { return .pass }
    var search = RuleSearch(
      machine.store.bytes(of: packet), place, packet.header, interfaces)
    if search.facts.isCut {
      if sysctl.fwVerbose { machine.log("ipfw: pullup failed") }
      packet.header.flags.insert(.givenAway)
      return .deny(rule: 0)
    }
    if search.facts.isIPv6 {
      guard walkHeaders(&search.facts, packet, &machine) else { return .deny(rule: 0) }
      // Protocol and ports stand behind the headers that were just walked.
      search.numbers = PacketNumbers(search.facts, interfaces)
    }
    packet.pullUp(search.facts.examined)
    search.numbers[.divertSides] = packet.header.divertTag.map { UInt32($0.sides) } ?? 0
    search.numbers[.tags] = machine.store.tags.bits(from: packet.header.firstTag)
    if firewall.asksWhatIsMe, let ip = search.facts.ip {
      search.numbers[.sourceIsMe] = addresses.own(ip.source) == nil ? 0 : 1
      search.numbers[.destinationIsMe] = addresses.own(ip.destination) == nil ? 0 : 1
    }
    guard var index = firstRule(for: packet, place, &tracer) else { return .deny(rule: 0) }
    packet.header.divertTag = nil
    while index < firewall.rules.count {
      let next = nextRule(from: index, search, packet.number, &tracer)
      if next != index { (index, search.tablearg) = (next, 0) }
      var outcome = tryRule(at: index, isWhole: true, &search, &packet, &machine, &tracer)
      if case .state(let parent) = outcome {
        index = parent
        outcome = tryRule(at: index, isWhole: false, &search, &packet, &machine, &tracer)
      }
      switch outcome {
      case .met:
        switch act(at: index, &search, &packet, &machine, &tracer) {
        case .ends(let verdict): return verdict
        case .goesOn(let next, let keepsTablearg):
          index = next
          if !keepsTablearg { search.tablearg = 0 }
        }
      case .refused:
        firewall.count(index, bytes: search.facts.count, at: machine.wallSeconds)
        return .deny(rule: firewall.rules[index].number)
      case .failed, .state: (index, search.tablearg) = (index + 1, 0)
      }
    }
    // Only a packet that comes back to the default rule gets here.
    machine.log("ipfw: ouch!, skip past end of rules, denying packet")
    return .deny(rule: 0)
  }

  /// Where the search begins: at the first rule, behind the one that the packet comes back to, or
  /// behind the number that a divert socket gave. Nil where that is no rule's.
  private mutating func firstRule<T: Tracer & ~Copyable>(
    for packet: borrowing Packet, _ place: FilterPlace, _ tracer: inout T
  ) -> Int? {
    if let reference = place.reference { return firewall.place(behind: reference) }
    guard let tag = packet.header.divertTag, tag.cookie != 0, place.frame == nil else { return 0 }
    tracer.emit(packet.number, .searchBehind(rule: tag.cookie))
    guard tag.cookie < FirewallRule.defaultNumber else { return nil }
    return firewall.firstIndex(from: tag.cookie + 1, in: 0..<firewall.rules.count)
  }

  /// The next rule that must be looked at: with a tracer, which tells of each, that of the next set
  /// that is not disabled.
  @inline(__always)
  private func nextRule<T: Tracer & ~Copyable>(
    from index: Int, _ search: borrowing RuleSearch, _ packet: PacketNumber, _ tracer: inout T
  ) -> Int {
    guard T.isOn else {
      return firewall.candidate(
        from: index, search.numbers, isStateKnown: search.state != .unknown)
    }
    var index = index
    while index < firewall.rules.count, firewall.isDisabled(firewall.rules[index].set) {
      let number = firewall.rules[index].number
      tracer.emit(packet, .rule(RuleStep(index: Int32(index), number: number, outcome: .disabled)))
      index += 1
    }
    return index
  }

  /// Asks a rule's conditions, and looks for a state where it says so; tells the tracer.
  ///
  /// - Parameter isWhole: Else only what belongs to the action, for a packet of a state.
  @inline(__always)
  private mutating func tryRule<T: Tracer & ~Copyable>(
    at index: Int, isWhole: Bool, _ search: inout RuleSearch, _ packet: inout Packet,
    _ machine: inout Machine, _ tracer: inout T
  ) -> RuleOutcome {
    let rule = firewall.rules[index]
    var outcome = outcome(
      of: rule, at: index, from: isWhole ? 0 : Int(rule.conditionCount), &search, &packet,
      &machine, &tracer)
    // On layer 2 some actions are none: the rule does not match.
    if search.facts.frame != nil, rule.action.needsIP, case .met = outcome {
      outcome = .failed(Int(rule.instructionCount))
    }
    if isWhole, rule.action == .checkState, case .met = outcome {
      outcome = .failed(Int(rule.instructionCount))
      if let parent = lookupState(&search, packet, &machine, &tracer) {
        outcome = .state(parent: parent)
      }
    }
    if T.isOn { tell(rule, at: index, outcome, search, packet, machine, &tracer) }
    return outcome
  }

  /// Tells the tracer of a rule that was tried.
  private func tell<T: Tracer & ~Copyable>(
    _ rule: Firewall.Rule, at index: Int, _ outcome: RuleOutcome, _ search: borrowing RuleSearch,
    _ packet: borrowing Packet, _ machine: borrowing Machine, _ tracer: inout T
  ) {
    var step = RuleStep(index: Int32(index), number: rule.number, outcome: .met)
    switch outcome {
    case .met: break
    case .state: step.outcome = .state
    case .refused: step.outcome = .refused
    case .failed(let place):
      step.outcome = .failed
      step.failed = UInt16(place)
      let isFrame = search.facts.frame != nil && rule.action.needsIP
      step.value = PacketValue(isFrame ? .frame : .nothing).rawValue
      if place < rule.instructionCount {
        let match = firewall.instructions[Int(rule.firstInstruction) + place].match
        step.value = value(for: match, of: rule, search, packet, machine).rawValue
      }
    }
    tracer.emit(packet.number, .rule(step))
  }
}
