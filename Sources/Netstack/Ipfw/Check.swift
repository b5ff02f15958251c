// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// What the firewall says of a packet.
package enum FirewallVerdict: Hashable, BitwiseCopyable, Sendable {
  case pass
  /// Refused by this rule; 0 where the packet was too short to try any.
  case deny(rule: UInt16)
}

extension Vnet {
  /// Tries the rules in order until one decides (`ipfw_chk`, netinet/ipfw/ip_fw2.c).
  ///
  /// - Parameter interface: The one the packet arrived on for `.in`, the one it leaves by for `.out`.
  mutating func ipfwCheck<T: Tracer & ~Copyable>(
    _ packet: inout Packet, _ direction: Direction, interface: InterfaceIndex,
    _ machine: inout Machine, _ tracer: inout T
  ) -> FirewallVerdict {
    if packet.header.flags.contains(.skipFirewall) { return .pass }
    guard
      var facts = PacketFacts(
        machine.store.bytes(of: packet), direction, received: packet.header.receivedOn,
        current: interface, fib: packet.header.fib)
    else {
      if sysctl.fwVerbose { machine.log("ipfw: pullup failed") }
      return .deny(rule: 0)
    }
    packet.pullUp(facts.examined)
    var index = 0
    while index < firewall.rules.count {
      let rule = firewall.rules[index]
      if firewall.isDisabled(rule.set) {
        index += 1
        continue
      }
      var failed = firstFailure(of: rule, facts, packet, &machine)
      // There are no states to find yet.
      if failed == nil && rule.action == .checkState { failed = Int(rule.instructionCount) }
      trace(rule, at: index, failed, facts, packet, machine, &tracer)
      guard failed == nil else {
        index += 1
        continue
      }
      // A reply is made before the rule counts, as send_reject() comes before `done:`.
      if rule.action.mayReply { reply(rule.action, facts, packet, &machine, &tracer) }
      firewall.count(index, bytes: facts.count, at: machine.wallSeconds)
      switch rule.action {
      case .allow: return .pass
      case .deny, .unreach, .reset: return .deny(rule: rule.number)
      case .forward(let address, let port):
        packet.header.forwardTag = ForwardTag(address: address, port: port)
        return .pass
      case .count, .checkState: index += 1
      case .skipto(let number): index = firewall.skipTarget(of: index, to: number)
      case .setfib(let fib):
        stamp(&packet, &facts, fib, rule.number, &tracer)
        index += 1
      }
    }
    preconditionFailure("the default rule takes every packet")
  }

  /// Tells the tracer of a rule that was tried.
  @inline(__always)
  private func trace<T: Tracer & ~Copyable>(
    _ rule: Firewall.Rule, at index: Int, _ failed: Int?, _ facts: PacketFacts,
    _ packet: borrowing Packet, _ machine: borrowing Machine, _ tracer: inout T
  ) {
    guard T.isOn else { return }
    var step = RuleStep(index: Int32(index), number: rule.number, failed: nil, value: 0)
    if let failed {
      step.failed = UInt16(failed)
      step.value = PacketValue(.nothing).rawValue
      if failed < rule.instructionCount {
        let match = firewall.instructions[Int(rule.firstInstruction) + failed].match
        step.value = facts.value(for: match, machine.store.bytes(of: packet)).rawValue
      }
    }
    tracer.emit(packet.number, .rule(step))
  }

  /// Gives the packet another forwarding table (`O_SETFIB`); the rules behind see it at once.
  private func stamp<T: Tracer & ~Copyable>(
    _ packet: inout Packet, _ facts: inout PacketFacts, _ number: UInt16, _ rule: UInt16,
    _ tracer: inout T
  ) {
    let fib = FibNumber(rawValue: UInt8(truncatingIfNeeded: number) & 15)
    let isLate = facts.direction == .out
    tracer.emit(
      packet.number, .fibChanged(from: packet.header.fib, to: fib, rule: rule, tooLate: isLate))
    packet.header.fib = fib
    packet.header.fibChooser = .ipfw(rule: rule)
    facts.fib = fib
  }
}
