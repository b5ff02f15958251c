// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

extension Vnet {
  /// Tries the rules in order until one decides (`ipfw_chk`, netinet/ipfw/ip_fw2.c).
  @inline(__always)
  mutating func ipfwCheck<T: Tracer & ~Copyable>(
    _ packet: inout Packet, _ place: FilterPlace, _ machine: inout Machine, _ tracer: inout T
  ) -> FirewallVerdict {
    if packet.header.flags.contains(.skipFirewall) { return .pass }
    var isAsked = false
    if !tracer.wantsDetails, firewall.plainWay != .none, place.isPlain, isPlain(packet),
      let verdict = plainPass(&packet, &isAsked, &machine)
    {
      return verdict
    }
    return search(&packet, place, isAsked: isAsked, &machine, &tracer)
  }

  /// The same for what takes more than a look at the headers.
  @inline(never)
  private mutating func search<T: Tracer & ~Copyable>(
    _ packet: inout Packet, _ place: FilterPlace, isAsked: Bool, _ machine: inout Machine,
    _ tracer: inout T
  ) -> FirewallVerdict {
    var search = RuleSearch(
      machine.store.bytes(of: packet), place, received: packet.header.receivedOn,
      fib: packet.header.fib)
    search.isAsked = isAsked
    if search.facts.isCut {
      if sysctl.fwVerbose { machine.log("ipfw: pullup failed") }
      packet.header.flags.insert(.givenAway)
      return .deny(rule: 0)
    }
    if search.facts.isIPv6 {
      guard walkHeaders(&search.facts, packet, &machine) else { return .deny(rule: 0) }
    }
    if packet.header.firstBufferCount != nil { packet.pullUp(search.facts.examined) }
    gather(
      &search.numbers, search.facts, divertSides: packet.header.divertTag?.sides ?? 0,
      packet.header.firstTag, machine)
    var first = 0
    if place.reference != nil || packet.header.divertTag != nil {
      guard let behind = firstRule(for: packet, place, &tracer) else { return .deny(rule: 0) }
      first = behind
      packet.header.divertTag = nil
    }
    let second = machine.wallSeconds
    if tracer.wantsDetails {
      return tryRules(from: first, &search, &packet, at: second, &machine, &tracer)
    }
    // The first rule of many packets is their last.
    search.isCompiled = firewall.prepareSearch(sysctl.fwCompiled)
    let next = firewall.advance(from: first, &search, at: second)
    if let rule = KnownRule(next, bytes: search.facts.count) { return meet(rule, at: second) }
    var parent: Int?
    if next.traits.contains(.asksForState) {
      parent = lookupState(&search, &packet, &machine, &tracer)
      if let parent, firewall.screens.heads[parent].traits.contains(.allowsStates) {
        firewall.count(parent, bytes: search.facts.count, at: second)
        return .pass
      }
    }
    return tryRules(
      from: first, known: next, ofState: parent, &search, &packet, at: second, &machine, &tracer)
  }

  /// Goes through the rules from a place on (the outer loop of `ipfw_chk()`).
  ///
  /// - Parameters:
  ///   - known: The first one that matters, where that was found out.
  ///   - parent: That of the packet's state, where the first one has looked for it and found it.
  @inline(never)
  private mutating func tryRules<T: Tracer & ~Copyable>(
    from first: Int, known: RuleCandidate? = nil, ofState parent: Int? = nil,
    _ search: inout RuleSearch, _ packet: inout Packet, at second: UInt64,
    _ machine: inout Machine, _ tracer: inout T
  ) -> FirewallVerdict {
    var (index, known, parent) = (first, known, parent)
    while index < firewall.rules.count {
      let next = known ?? nextRule(from: index, &search, packet.number, at: second, &tracer)
      known = nil
      if next.place != index { (index, search.tablearg) = (next.place, 0) }
      guard index < firewall.rules.count else { break }
      var outcome = RuleOutcome.met
      if let found = parent {
        (index, parent) = (found, nil)
        outcome = tryRule(at: index, isWhole: false, &search, &packet, &machine, &tracer)
      } else if !next.isMet {
        outcome = tryRule(at: index, isWhole: true, &search, &packet, &machine, &tracer)
        if case .state(let parent) = outcome {
          index = parent
          outcome = tryRule(at: index, isWhole: false, &search, &packet, &machine, &tracer)
        }
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
        firewall.count(index, bytes: search.facts.count, at: second)
        return .deny(rule: firewall.rules[index].number)
      case .failed, .state: (index, search.tablearg) = (index + 1, 0)
      }
    }
    // Only a packet that comes back to the default rule gets here.
    machine.log("ipfw: ouch!, skip past end of rules, denying packet")
    return .deny(rule: 0)
  }

  /// Makes numbers of what rules ask of a packet, and of nothing else.
  @inline(__always)
  func gather(
    _ numbers: inout PacketNumbers, _ facts: borrowing PacketFacts, divertSides: UInt8,
    _ firstTag: Int32, _ machine: borrowing Machine
  ) {
    let asked = firewall.screens.asked
    if asked.contains(.proto, to: .destinationPort) {
      numbers.fillHeader(asked, facts.headers, isIPv6: facts.isIPv6)
    }
    if asked.contains(.sourceTables0, to: .destinationTables96), facts.isIPv4 {
      numbers.fillTables()
    }
    if asked.contains(.inbound, to: .tags) {
      gatherMore(&numbers, facts, divertSides: divertSides, firstTag, machine)
    }
  }

  /// The same with what only some rules ask.
  @inline(never)
  private func gatherMore(
    _ numbers: inout PacketNumbers, _ facts: borrowing PacketFacts, divertSides: UInt8,
    _ firstTag: Int32, _ machine: borrowing Machine
  ) {
    let asked = firewall.screens.asked
    numbers.fillMore(asked, facts, interfaces)
    guard asked.contains(.sourceIsMe, to: .tags) else { return }
    numbers[.divertSides] = UInt32(divertSides)
    numbers[.tags] = machine.store.tags.bits(from: firstTag)
    guard let ip = facts.ip else { return }
    if asked.contains(.sourceIsMe) {
      numbers[.sourceIsMe] = addresses.own(ip.source) == nil ? 0 : 1
    }
    if asked.contains(.destinationIsMe) {
      numbers[.destinationIsMe] = addresses.own(ip.destination) == nil ? 0 : 1
    }
  }

  /// Where the search begins: at the first rule, behind the one that the packet comes back to, or
  /// behind the number that a divert socket gave. Nil where that is no rule's.
  @inline(never)
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
  private mutating func nextRule<T: Tracer & ~Copyable>(
    from index: Int, _ search: inout RuleSearch, _ packet: PacketNumber, at second: UInt64,
    _ tracer: inout T
  ) -> RuleCandidate {
    guard tracer.wantsDetails else { return firewall.advance(from: index, &search, at: second) }
    var index = index
    while index < firewall.rules.count, firewall.isDisabled(firewall.rules[index].set) {
      let number = firewall.rules[index].number
      tracer.emit(packet, .rule(RuleStep(index: Int32(index), number: number, outcome: .disabled)))
      index += 1
    }
    return RuleCandidate(place: index)
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
      if let parent = lookupState(&search, &packet, &machine, &tracer) {
        outcome = .state(parent: parent)
      }
    }
    if tracer.wantsDetails { tell(rule, at: index, outcome, search, packet, machine, &tracer) }
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
