// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// What comes of an action: the second set of opcodes of `ipfw_chk()`.
enum ActionOutcome: BitwiseCopyable {
  case ends(FirewallVerdict)
  /// The search goes on at this place of the chain.
  case goesOn(at: Int, keepsTablearg: Bool)
}

extension Vnet {
  /// Counts a packet on the rule at this place, and does what it says.
  @inline(__always)
  mutating func act<T: Tracer & ~Copyable>(
    at index: Int, _ search: inout RuleSearch, _ packet: inout Packet, _ machine: inout Machine,
    _ tracer: inout T
  ) -> ActionOutcome {
    let rule = firewall.rules[index]
    // A reply is made before the rule counts, as send_reject() comes before `done:`.
    if rule.action.mayReply, reply(rule.action, search.facts, packet, &machine, &tracer) {
      packet.header.flags.insert(.givenAway)
    }
    firewall.count(index, bytes: search.facts.count, at: machine.wallSeconds)
    switch rule.action {
    case .allow: return .ends(.pass)
    case .deny, .unreach, .reset, .unreach6, .reset6: return .ends(.deny(rule: rule.number))
    // A packet of a state of this rule goes on; others never come here.
    case .count, .checkState: return .goesOn(at: index + 1, keepsTablearg: false)
    case .skipto(let number):
      if number == RuleAction.tablearg {
        let target = firewall.skipTarget(of: index, byTable: search.tablearg)
        return .goesOn(at: target, keepsTablearg: true)
      }
      return .goesOn(at: firewall.skipTarget(of: index, to: number), keepsTablearg: true)
    case .setfib(let fib):
      stamp(&packet, &search, fib, rule.number, &tracer)
      return .goesOn(at: index + 1, keepsTablearg: false)
    case .forward(let address, let port):
      if search.state != .found(isForward: false) {
        let nextHop = address == .any ? IPv4Address(rawValue: search.tablearg) : address
        packet.header.forwardTag = ForwardTag(address: nextHop, port: port)
      }
      return .ends(.pass)
    case .pipe(let number):
      return .ends(dummynet(number, isQueue: false, index, search, packet, machine))
    case .queue(let number):
      return .ends(dummynet(number, isQueue: true, index, search, packet, machine))
    case .divert(let port), .tee(let port):
      packet.header.divertTag = DivertTag(info: search.argument(port), cookie: rule.number)
      return .ends(.divert(tee: rule.action == .tee(port)))
    case .netgraph(let hook):
      return .ends(
        .netgraph(hook: search.argument(hook), tee: false, from: firewall.reference(to: index)))
    case .ngtee(let hook):
      return .ends(
        .netgraph(hook: search.argument(hook), tee: true, from: firewall.reference(to: index)))
    case .nat(let number):
      return .ends(
        ipfwNat(search.argument(number), at: index, search, &packet, &machine, &tracer))
    case .reass:
      guard let ip = search.facts.ip, ip.moreFragments || ip.fragmentOffset != 0 else {
        return .goesOn(at: index + 1, keepsTablearg: false)
      }
      // C counts once for the action and once at its end.
      firewall.count(index, bytes: search.facts.count, at: machine.wallSeconds)
      return .ends(.reass(from: firewall.reference(to: index)))
    }
  }

  /// A packet for dummynet.
  private mutating func dummynet(
    _ number: UInt16, isQueue: Bool, _ index: Int, _ search: borrowing RuleSearch,
    _ packet: borrowing Packet, _ machine: borrowing Machine
  ) -> FirewallVerdict {
    firewall.flow = FlowID(search.facts, machine.store.bytes(of: packet))
    return .dummynet(
      DummynetOrder(
        number: search.argument(number), isQueue: isQueue, rule: firewall.rules[index].number,
        reference: firewall.reference(to: index)))
  }

  /// Gives the packet another forwarding table (`O_SETFIB`); the rules behind see it at once.
  private func stamp<T: Tracer & ~Copyable>(
    _ packet: inout Packet, _ search: inout RuleSearch, _ number: UInt16, _ rule: UInt16,
    _ tracer: inout T
  ) {
    let fib = FibNumber(rawValue: UInt8(truncatingIfNeeded: number) & 15)
    let isLate = search.facts.direction == .out
    tracer.emit(
      packet.number, .fibChanged(from: packet.header.fib, to: fib, rule: rule, tooLate: isLate))
    packet.header.fib = fib
    packet.header.fibChooser = .ipfw(rule: rule)
    search.facts.fib = fib
    search.numbers[.fib] = UInt32(fib.rawValue)
    search.classes.chain = 0
  }
}

extension RuleAction {
  /// Whether it is nothing to the pass over frames.
  var needsIP: Bool {
    switch self {
    case .divert, .tee, .forward: true
    default: false
    }
  }
}
