// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// The dynamic rules of a firewall (`ipfw_dyn_v`, netinet/ipfw/ip_fw2.c).
struct DynamicRules: ~Copyable {
  /// A rule was added at this place of the chain: those behind have moved up.
  mutating func ruleAdded(at place: Int) {}

  /// Rules were removed; these are left.
  mutating func rulesRemoved(from rules: borrowing UniqueArray<Firewall.Rule>) {}

  func clone() -> DynamicRules { DynamicRules() }
}

extension Vnet {
  /// Looks for the state of a packet, once in a search, and counts the packet on it
  /// (`lookup_dyn_rule`, `O_PROBE_STATE`).
  ///
  /// - Returns: The place of the state's rule.
  mutating func lookupState<T: Tracer & ~Copyable>(
    _ search: inout RuleSearch, _ packet: borrowing Packet, _ machine: inout Machine,
    _ tracer: inout T
  ) -> Int? {
    search.state = .none
    return nil
  }

  /// Makes a state for a packet (`install_state`); false where the packet is to be denied.
  mutating func installState<T: Tracer & ~Copyable>(
    _ match: Match, of rule: Firewall.Rule, at index: Int, _ search: RuleSearch,
    _ packet: borrowing Packet, _ machine: inout Machine, _ tracer: inout T
  ) -> Bool {
    true
  }
}
