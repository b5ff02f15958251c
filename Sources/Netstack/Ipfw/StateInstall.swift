// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

extension Vnet {
  /// Makes a state for a packet that met the conditions of a rule (`install_state`); false where the
  /// packet is to be denied.
  ///
  /// - Parameter match: `keepState` or `limit`.
  @inline(never)
  mutating func installState<T: Tracer & ~Copyable>(
    _ match: Match, at index: Int, _ search: borrowing RuleSearch, _ packet: borrowing Packet,
    _ machine: inout Machine, _ tracer: inout T
  ) -> Bool {
    let flow = FlowID(search.facts, machine.store.bytes(of: packet))
    let second = machine.uptime
    let step: StateStep
    if let found = firewall.states.find(flow, at: second) {
      refresh(found.place, flow.proto, flow.flags, isForward: found.isForward, nil, &machine)
      step = firewall.step(.present, found.place, at: second)
      if firewall.states.mayTell(at: second) {
        machine.log("ipfw: install_state: entry already present, done")
      }
    } else if isFull(at: second) {
      step = firewall.step(.full, of: index)
      if firewall.states.mayTell(at: second) {
        machine.log("ipfw: install_state: Too many dynamic rules")
      }
    } else {
      step =
        if case .limit(let parts, let number) = match {
          limit(flow, parts, to: search.argument(number), at: index, &machine)
        } else {
          add(flow, .state, rule: Int32(index), &machine)
        }
    }
    tracer.emit(packet.number, .state(step))
    return !step.outcome.isRefusal
  }

  /// Whether there is no room, even when all that is over has gone.
  private mutating func isFull(at second: UInt32) -> Bool {
    let most = UInt32(truncatingIfNeeded: sysctl.fwDynMax)
    if firewall.states.count >= most { firewall.states.sweep(at: second) }
    return firewall.states.count >= most
  }

  /// Makes a state unless its parent has as many as it may.
  private mutating func limit(
    _ flow: FlowID, _ parts: LimitParts, to most: UInt32, at index: Int, _ machine: inout Machine
  ) -> StateStep {
    let second = machine.uptime
    let rule = Int32(index)
    let common = flow.limited(to: parts)
    let parent: Int32
    if let found = firewall.states.findParent(common, rule: rule) {
      parent = found
      let lifetime = UInt32(truncatingIfNeeded: sysctl.fwDynShortLifetime)
      firewall.states.renew(parent, until: second &+ lifetime, at: second)
    } else if let added = insert(common, .parent, rule: rule, machine) {
      parent = added
    } else {
      machine.log("ipfw: install_state: add parent failed")
      return firewall.step(.noParent, of: index)
    }
    if firewall.states[parent].count >= most {
      firewall.states.sweep(rule: rule, keeping: parent, at: second)
    }
    guard firewall.states[parent].count < most else {
      if sysctl.fwVerbose, firewall.states.mayTell(at: second) {
        machine.log(
          "ipfw: \(firewall.rules[index].number) drop session \(flow.logWords), too many entries")
      }
      return firewall.step(.limited(most), of: index)
    }
    return add(flow, .limit(parent: parent), rule: rule, &machine)
  }

  /// Adds a state and gives it its time. Without memory there is none, and the packet goes on.
  private mutating func add(
    _ flow: FlowID, _ kind: DynamicRule.Kind, rule: Int32, _ machine: inout Machine
  ) -> StateStep {
    guard insert(flow, kind, rule: rule, machine) != nil,
      let found = firewall.states.find(flow, at: machine.uptime)
    else { return firewall.step(.failed, of: Int(rule)) }
    refresh(found.place, flow.proto, flow.flags, isForward: found.isForward, nil, &machine)
    return firewall.step(.made, found.place, at: machine.uptime)
  }

  /// Puts a new one into the table, with the time that each has at first (`add_dyn_rule`).
  private mutating func insert(
    _ flow: FlowID, _ kind: DynamicRule.Kind, rule: Int32, _ machine: borrowing Machine
  ) -> Int32? {
    let second = machine.uptime
    let expiry = second &+ UInt32(truncatingIfNeeded: sysctl.fwDynSynLifetime)
    return firewall.states.add(
      DynamicRule(flow, kind, rule: rule, expiry: expiry), of: flow, at: second,
      wantedBuckets: &sysctl[.ipFwDynBuckets])
  }
}

extension FlowID {
  /// The flow with only these parts, the others zero.
  fileprivate func limited(to parts: LimitParts) -> FlowID {
    var flow = self
    flow.flags = 0
    flow.flowID6 = 0
    if !parts.contains(.sourceAddress) { (flow.source, flow.source6) = (.any, .zero) }
    if !parts.contains(.destinationAddress) {
      (flow.destination, flow.destination6) = (.any, .zero)
    }
    if !parts.contains(.sourcePort) { flow.sourcePort = 0 }
    if !parts.contains(.destinationPort) { flow.destinationPort = 0 }
    return flow
  }

  /// Both ends as the line about too many sessions has them.
  fileprivate var logWords: String {
    let ends =
      version == 6
      ? ["[\(IPv6Address(rawValue: source6))]", "[\(IPv6Address(rawValue: destination6))]"]
      : ["\(source)", "\(destination)"]
    return "\(ends[0]):\(sourcePort) -> \(ends[1]):\(destinationPort)"
  }
}
