// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// The firewall's socket options (`ipfw_ctl`, netinet/ipfw/ip_fw2.c). All say `ENOPROTOOPT` where
/// the kernel has no firewall.
extension Kernel {
  /// Which rules a call is about.
  package enum FirewallScope: Hashable, Sendable {
    case all
    case number(UInt16)
    case set(UInt8)
    case numberInSet(UInt16, UInt8)

    fileprivate func includes(_ number: UInt16, _ set: UInt8) -> Bool {
      switch self {
      case .all: true
      case .number(let wanted): number == wanted
      case .set(let wanted): set == wanted
      case .numberInSet(let wanted, let wantedSet): number == wanted && set == wantedSet
      }
    }
  }

  /// The chain in order, the default rule last (`IP_FW_GET`).
  package func firewallRules(vnet: VnetIndex) throws(Errno) -> [FirewallRule] {
    try needFirewall()
    let place = Int(vnet.rawValue)
    var result: [FirewallRule] = []
    for index in 0..<vnets[place].firewall.count {
      result.append(vnets[place].firewall.rule(at: index))
    }
    return result
  }

  /// The dynamic rules in the order of their chains, those that are over too (`IP_FW_GET`).
  package func firewallStates(vnet: VnetIndex) throws(Errno) -> [FirewallState] {
    try needFirewall()
    let second = machine.uptime
    var result: [FirewallState] = []
    vnets[Int(vnet.rawValue)].firewall.forEachState { state, flow, rule in
      result.append(FirewallState(state, flow, of: rule, at: second))
    }
    return result
  }

  /// The sets that are switched off, a bit each.
  package func firewallDisabledSets(vnet: VnetIndex) -> UInt32 {
    vnets[Int(vnet.rawValue)].firewall.disabledSets
  }

  /// Adds a rule and returns its number (`IP_FW_ADD`).
  ///
  /// - Throws: `EINVAL` for what the kernel cannot take: see `check(_:)`.
  package mutating func firewallAdd(
    vnet: VnetIndex, rule: FirewallRule
  ) throws(Errno) -> UInt16 {
    try needFirewall()
    try check(rule)
    let place = Int(vnet.rawValue)
    var rule = rule
    for index in rule.instructions.indices { rule.instructions[index].match.restoreBudget() }
    // The sysctl itself is brought into its range, whether the rule has a number or not.
    let step = min(max(vnets[place].sysctl.fwAutoincStep, 1), 1000)
    vnets[place].sysctl[.ipFwAutoincStep] = Int64(step)
    let number = vnets[place].firewall.add(rule, step: step)
    showCount(place)
    return number
  }

  /// Removes rules (`IP_FW_DEL`).
  ///
  /// - Throws: `EINVAL` if a number has no rule or is the default rule's, or a set does not exist.
  package mutating func firewallDelete(
    vnet: VnetIndex, _ scope: FirewallScope
  ) throws(Errno) {
    try needFirewall()
    let place = Int(vnet.rawValue)
    switch scope {
    case .number(FirewallRule.defaultNumber), .numberInSet(FirewallRule.defaultNumber, _):
      throw .EINVAL
    case .set(let set), .numberInSet(_, let set):
      guard set <= FirewallRule.reservedSet else { throw .EINVAL }
    case .all, .number: break
    }
    if case .numberInSet(let number, _) = scope, !vnets[place].firewall.contains(number) {
      throw .EINVAL
    }
    let isRemoved = vnets[place].firewall.remove(at: machine.uptime) { number, set in
      number != FirewallRule.defaultNumber && scope.includes(number, set)
    }
    showCount(place)
    if case .number = scope, !isRemoved { throw .EINVAL }
  }

  /// Removes all rules outside the reserved set (`IP_FW_FLUSH`).
  package mutating func firewallFlush(vnet: VnetIndex) throws(Errno) {
    try needFirewall()
    let place = Int(vnet.rawValue)
    _ = vnets[place].firewall.remove(at: machine.uptime) { _, set in
      set != FirewallRule.reservedSet
    }
    showCount(place)
  }

  /// Clears counters (`IP_FW_ZERO`), or only the budgets of rules that log (`IP_FW_RESETLOG`).
  ///
  /// - Throws: `EINVAL` if a number has no rule.
  package mutating func firewallZero(
    vnet: VnetIndex, _ scope: FirewallScope, logOnly: Bool = false
  ) throws(Errno) {
    try needFirewall()
    let place = Int(vnet.rawValue)
    let entry: UInt16?
    switch scope {
    case .all, .set: entry = nil
    case .number(let number), .numberInSet(let number, _): entry = number
    }
    if let entry, !vnets[place].firewall.contains(entry) { throw .EINVAL }
    vnets[place].firewall.zero(logOnly: logOnly) { scope.includes($0, $1) }
    guard vnets[place].sysctl.fwVerbose else { return }
    let what = entry.map { "Entry \($0) \(logOnly ? "logging count reset" : "cleared")" }
    machine.log("ipfw: \(what ?? (logOnly ? "All logging counts reset" : "Accounting cleared")).")
  }

  /// Switches sets off and on, a bit each.
  package mutating func firewallSets(
    vnet: VnetIndex, disable: UInt32, enable: UInt32
  ) throws(Errno) {
    try needFirewall()
    vnets[Int(vnet.rawValue)].firewall.setSets(disabled: disable, enabled: enable)
  }

  /// Moves the rules that are meant into a set.
  package mutating func firewallMove(
    vnet: VnetIndex, _ scope: FirewallScope, to set: UInt8
  ) throws(Errno) {
    try needFirewall()
    guard set <= FirewallRule.reservedSet else { throw .EINVAL }
    vnets[Int(vnet.rawValue)].firewall.changeSets { scope.includes($0, $1) ? set : $1 }
  }

  /// Gives the rules of two sets each other's number.
  package mutating func firewallSwap(
    vnet: VnetIndex, _ first: UInt8, _ second: UInt8
  ) throws(Errno) {
    try needFirewall()
    guard max(first, second) <= FirewallRule.reservedSet else { throw .EINVAL }
    vnets[Int(vnet.rawValue)].firewall.changeSets {
      $1 == first ? second : $1 == second ? first : $1
    }
  }

  func needFirewall() throws(Errno) {
    guard machine.options.ipfirewall else { throw .ENOPROTOOPT }
  }

  /// Keeps net.inet.ip.fw.static_count.
  private mutating func showCount(_ place: Int) {
    vnets[place].sysctl[.ipFwStaticCount] = Int64(vnets[place].firewall.staticCount)
  }
}
