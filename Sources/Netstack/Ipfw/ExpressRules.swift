// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// What lets a packet of the express lane pass the firewall: a rule, or a state of one.
struct ExpressPass: BitwiseCopyable {
  /// The place of the rule.
  var rule: Int32
  /// The state; its place is -1 for none.
  var state = FoundState(place: DynamicRules.none, bucket: 0, isForward: false)
}

/// What lets a packet pass as it comes in and as it goes out.
struct ExpressPasses: BitwiseCopyable {
  var inbound: ExpressPass
  var outbound: ExpressPass
}

/// The places of the rules that a packet meets, which let it pass; -1 where that was not found ahead.
struct ExpressRules: BitwiseCopyable {
  var inbound: Int32 = -1
  var outbound: Int32 = -1
}

/// Whether it is worth while to try a shorter way, as the lane's or that of plain packets: after eight packets
/// in vain it is not tried for a while. No state: the general way does the same.
struct ShortcutTrials: BitwiseCopyable {
  private var inVain: UInt8 = 0
  private var rest: UInt8 = 0

  @inline(__always)
  mutating func isDue() -> Bool {
    guard rest > 0 else { return true }
    rest -= 1
    return false
  }

  @inline(__always)
  mutating func note(isServed: Bool) {
    inVain = isServed ? 0 : inVain + 1
    if inVain == 8 { (inVain, rest) = (0, 56) }
  }
}

/// The firewall in the express lane: both passes of a packet that rules and states only let pass.
extension Vnet {
  /// Whether a packet passes by the same as it comes in and as it goes out: no rule asks for more than
  /// what stands in its headers and stays as it is on the way.
  @inline(__always)
  private var areSameBothWays: Bool { firewall.screens.asked.arePlain }

  /// What a packet passes by; nil where something does not let it pass, or where more comes of a
  /// search than the count of one rule and its state. Nothing changes that is state.
  ///
  /// - Parameters:
  ///   - bytes: From the IP header on.
  ///   - rules: What was found ahead.
  @inline(never)
  mutating func expressPasses(
    _ bytes: RawSpan, from input: InterfaceIndex, to output: InterfaceIndex, fib: FibNumber,
    _ rules: ExpressRules, _ machine: borrowing Machine
  ) -> ExpressPasses? {
    var passes: ExpressPasses?
    if let inbound = expressPass(bytes, .in, input, received: input, fib, rules.inbound, machine),
      let outbound = areSameBothWays
        ? inbound
        : expressPass(bytes, .out, output, received: input, fib, rules.outbound, machine)
    {
      passes = ExpressPasses(inbound: inbound, outbound: outbound)
    }
    firewall.trials.note(isServed: passes != nil)
    return passes
  }

  /// Finds the rules that packets of a batch meet as they come in and, where these are others and their next
  /// hop is known, as they go out.
  @inline(never)
  mutating func findRules(
    _ batch: borrowing FrameBatch, _ first: Int, _ count: Int, _ found: Span<FoundRoute>,
    _ terms: ExpressTerms, _ rules: inout InlineArray<32, ExpressRules>,
    _ machine: borrowing Machine
  ) {
    var ahead = RulesAhead(firewall.compiled.fields)
    for place in 0..<count {
      let bytes = batch[first &+ place]
      takeAhead(
        place, bytes.packet(ExpressHeader(bytes).length), FilterPlace(.in, terms.input),
        received: terms.input, fib: terms.fib, PacketTags.none, &ahead, machine)
    }
    findAhead(&ahead)
    for place in 0..<count { rules[place].inbound = ahead.allowing(place) }
    if areSameBothWays { return }
    ahead = RulesAhead(firewall.compiled.fields)
    for place in 0..<count {
      let hop = expressHops[found[place].hop]
      guard hop.isRight(found[place].hop, terms.key) else { continue }
      let bytes = batch[first &+ place]
      takeAhead(
        place, bytes.packet(ExpressHeader(bytes).length), FilterPlace(.out, hop.output),
        received: terms.input, fib: terms.fib, PacketTags.none, hasHop: true, &ahead, machine)
    }
    findAhead(&ahead)
    for place in 0..<count { rules[place].outbound = ahead.allowing(place) }
  }

  /// The same for one way.
  private mutating func expressPass(
    _ bytes: RawSpan, _ direction: Direction, _ interface: InterfaceIndex,
    received: InterfaceIndex, _ fib: FibNumber, _ known: Int32, _ machine: borrowing Machine
  ) -> ExpressPass? {
    if known >= 0 { return ExpressPass(rule: known) }
    var isAsked = false
    var next: RuleCandidate?
    if firewall.screens.asked.arePlain { next = plainFirst(bytes, &isAsked) }
    if next == nil {
      next = searched(bytes, direction, interface, received: received, fib, isAsked, machine)
    }
    guard let next else { return nil }
    if next.isMet {
      return next.traits.contains(.allows) ? ExpressPass(rule: Int32(next.place)) : nil
    }
    let headers = PacketHeaders(bytes)
    guard next.traits.contains(.asksForState), let ends = headers.ends,
      case .found(let state) = firewall.states.known(ends, at: machine.uptime)
    else { return nil }
    let rule = firewall.states[state.place].rule
    guard firewall.screens.heads[Int(rule)].traits.contains(.allowsStates),
      isSteady(state.place, headers)
    else { return nil }
    return ExpressPass(rule: rule, state: state)
  }

  /// The first rule that matters to a packet, by a search that counts nothing; nil for one that is cut.
  private mutating func searched(
    _ bytes: RawSpan, _ direction: Direction, _ interface: InterfaceIndex,
    received: InterfaceIndex, _ fib: FibNumber, _ isAsked: Bool, _ machine: borrowing Machine
  ) -> RuleCandidate? {
    var search = RuleSearch(
      bytes, FilterPlace(direction, interface), received: received, fib: fib)
    search.isAsked = isAsked
    if search.facts.isCut { return nil }
    if direction == .out { search.facts.takeHop() }
    gather(&search.numbers, search.facts, divertSides: 0, PacketTags.none, machine)
    search.isCompiled = firewall.prepareSearch(sysctl.fwCompiled)
    return firewall.trial(&search)
  }

  /// Whether a packet leaves a state as far as it is, and with time to live: on its next pass, the
  /// packet finds it as surely.
  private func isSteady(_ state: Int32, _ headers: PacketHeaders) -> Bool {
    var lifetime = lifetime(of: headers.proto)
    if let tcp = headers.tcp, firewall.states[state].stage == .open,
      tcp.flags.isDisjoint(with: [.fin, .syn, .rst])
    {
      lifetime = UInt32(truncatingIfNeeded: sysctl.fwDynAckLifetime)
    }
    guard let lifetime else { return false }
    return lifetime > 0 && lifetime <= ChainEnds.far
  }

  /// Counts a packet on what lets it pass, as `ipfwCheck` does.
  ///
  /// - Parameter bytes: From the IP header on.
  @inline(never)
  mutating func count(_ passes: ExpressPasses, _ bytes: RawSpan, _ machine: inout Machine) {
    count(passes.inbound, bytes, &machine)
    count(passes.outbound, bytes, &machine)
  }

  @inline(__always)
  private mutating func count(_ pass: ExpressPass, _ bytes: RawSpan, _ machine: inout Machine) {
    if pass.state.place >= 0 {
      let headers = PacketHeaders(bytes)
      meet(
        pass.state, headers, flags: headers.flowFlags ?? 0, at: machine.uptime, &machine)
    }
    firewall.count(Int(pass.rule), bytes: bytes.byteCount, at: machine.wallSeconds)
  }
}
