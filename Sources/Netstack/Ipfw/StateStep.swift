// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// What the dynamic rules said of a packet, for a trace.
package struct StateStep: Hashable, BitwiseCopyable, Sendable {
  package enum Outcome: Hashable, BitwiseCopyable, Sendable {
    /// Looked for, and there is none.
    case none
    /// Found; the packet goes the way of the first one, or the way back.
    case found(isForward: Bool)
    /// Made by this packet.
    case made
    /// To be made, and there before.
    case present
    /// Not made: the parent has so many.
    case limited(UInt32)
    /// Not made: there are `dyn_max`.
    case full
    /// Not made, without memory or a table: the packet goes on; without its parent it does not.
    case failed, noParent

    /// Whether the packet is denied.
    var isRefusal: Bool {
      switch self {
      case .limited, .full, .noParent: true
      case .none, .found, .made, .present, .failed: false
      }
    }
  }

  package var outcome: Outcome
  /// The number of the state's rule.
  package var rule: UInt16 = 0
  /// Seconds that the state has left.
  package var remaining: UInt32 = 0

  init(_ outcome: Outcome) { self.outcome = outcome }
}

extension Firewall {
  /// What is said of the state at a place.
  func step(_ outcome: StateStep.Outcome, _ place: Int32, at second: UInt32) -> StateStep {
    var step = step(outcome, of: Int(states[place].rule))
    step.remaining = states[place].remaining(at: second)
    return step
  }

  /// What is said of a state that a rule did not get.
  func step(_ outcome: StateStep.Outcome, of index: Int) -> StateStep {
    var step = StateStep(outcome)
    step.rule = rules[index].number
    return step
  }
}
