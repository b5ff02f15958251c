// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// What a chain asks first of packets that begin with the first rule.
enum PlainWay: BitwiseCopyable {
  /// More than their headers say.
  case none
  /// Nothing but protocol, addresses and ports.
  case headers
  /// Their state, whatever it asks of those that have none: it begins with `check-state` or `keep-state`.
  case state
}

/// Passes of plain packets, which most chains decide by their headers or their states: they need not what a
/// search remembers from rule to rule.
extension Vnet {
  /// Whether nothing about a packet but its bytes can matter to such a chain.
  @inline(__always)
  func isPlain(_ packet: borrowing Packet) -> Bool {
    packet.header.divertTag == nil && packet.header.firstBufferCount == nil
  }

  /// The verdict on a plain packet by a chain with a plain way; nil where a search must tell.
  ///
  /// - Parameters:
  ///   - packet: It stays as it is; a borrowed one would be copied.
  ///   - isAsked: The memos of the chain were asked in vain.
  @inline(__always)
  mutating func plainPass(
    _ packet: inout Packet, _ isAsked: inout Bool, _ machine: inout Machine
  ) -> FirewallVerdict? {
    guard firewall.plainTrials.isDue() else { return nil }
    return firewall.plainWay == .state
      ? plainState(&packet, &machine) : plainVerdict(&packet, &isAsked, &machine)
  }

  /// The same where the first rule that matters decides, or the state that this asks for.
  @inline(never)
  private mutating func plainVerdict(
    _ packet: inout Packet, _ isAsked: inout Bool, _ machine: inout Machine
  ) -> FirewallVerdict? {
    let headers = PacketHeaders(machine.store.bytes(of: packet))
    guard let first = plainRule(headers, &isAsked) else { return nil }
    if let known = KnownRule(first, bytes: headers.count) {
      firewall.plainTrials.note(isServed: true)
      return meet(known, at: machine.wallSeconds)
    }
    if first.traits.contains(.asksForState) { return plainState(&packet, &machine) }
    firewall.plainTrials.note(isServed: false)
    return nil
  }

  /// The rule that decides on a plain packet, or asks for its state; nil where a search must tell. Counts
  /// nothing.
  ///
  /// - Parameter isAsked: As above.
  @inline(never)
  mutating func plainFirst(_ bytes: RawSpan, _ isAsked: inout Bool) -> RuleCandidate? {
    guard firewall.plainTrials.isDue() else { return nil }
    let headers = PacketHeaders(bytes)
    guard let first = plainRule(headers, &isAsked) else { return nil }
    // Whether the state serves is seen when it is looked for.
    if first.traits.contains(.asksForState) { return first }
    let isServed = KnownRule(first, bytes: headers.count) != nil
    firewall.plainTrials.note(isServed: isServed)
    return isServed ? first : nil
  }

  /// The first rule that matters to a plain packet.
  @inline(__always)
  private mutating func plainRule(
    _ headers: PacketHeaders, _ isAsked: inout Bool
  ) -> RuleCandidate? {
    guard headers.areWhole else { return nil }
    var numbers = PacketNumbers()
    numbers.fillHeader(firewall.screens.asked, headers)
    if !firewall.prepareSearch(sysctl.fwCompiled) {
      return firewall.nextWalked(from: 0, numbers, isStateKnown: false)
    }
    guard firewall.compiled.isPristine else {
      firewall.plainTrials.note(isServed: false)
      return nil
    }
    let known = firewall.compiled.remembered(numbers)
    isAsked = known == nil
    return known
  }

  /// The same where the first rule that matters asks for its state, if that lets it pass.
  ///
  /// It is `lookupState` for those who want no details, which states are.
  @inline(never)
  private mutating func plainState(
    _ packet: inout Packet, _ machine: inout Machine
  ) -> FirewallVerdict? {
    let headers = PacketHeaders(machine.store.bytes(of: packet))
    let second = machine.uptime
    guard headers.areWhole, let ends = headers.ends,
      case .found(let state) = firewall.states.known(ends, at: second),
      firewall.screens.heads[Int(firewall.states[state.place].rule)].traits.contains(.allowsStates)
    else {
      firewall.plainTrials.note(isServed: false)
      return nil
    }
    firewall.plainTrials.note(isServed: true)
    let rule = meet(state, headers, flags: headers.flowFlags ?? 0, at: second, &machine)
    firewall.count(Int(rule), bytes: headers.count, at: machine.wallSeconds)
    return .pass
  }
}
