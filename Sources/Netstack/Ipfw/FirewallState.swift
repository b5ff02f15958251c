// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// A dynamic rule as commands get it.
package struct FirewallState: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// Made by `keep-state`, and by `limit`.
    case state, limit
    /// What so many states of a `limit` rule have in common.
    case parent(count: UInt32)
  }

  /// Number and set of the static rule.
  package var rule: UInt16
  package var set: UInt8
  package var kind: Kind
  /// Protocol and both ends; of a parent only what its states have in common.
  package var flow: FlowID
  package var packets: UInt64
  package var bytes: UInt64
  /// Seconds that are left; 0 if it is over, and leaves when next somebody passes by.
  package var remaining: UInt32

  init(_ state: DynamicRule, _ flow: FlowID, of rule: Firewall.Rule, at second: UInt32) {
    (self.rule, set) = (rule.number, rule.set)
    kind =
      switch state.kind {
      case .state: .state
      case .limit: .limit
      case .parent: .parent(count: state.count)
      }
    (self.flow, packets, bytes) = (flow, state.packets, state.bytes)
    remaining = state.remaining(at: second)
  }
}

extension Firewall {
  /// Goes through the dynamic rules in the order of lists, each with its static rule.
  func forEachState(_ body: (_ state: DynamicRule, _ flow: FlowID, _ rule: Rule) -> Void) {
    states.forEach { body(states[$0], states.flow(of: $0), rules[Int(states[$0].rule)]) }
  }
}
