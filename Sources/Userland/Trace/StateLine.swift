// SPDX-License-Identifier: BSD-2-Clause

import Netstack

/// Dynamic rules in a trace.
extension TracePrinter {
  /// What the dynamic rules said of a packet.
  func stateLine(_ step: StateStep) -> TraceLine {
    let left = "\(step.remaining) s left"
    let (what, text, notes): (String, String, [String]) =
      switch step.outcome {
      case .none: ("state none", "later rules do not look again", [])
      case .found(let isForward):
        (
          "state found", isForward ? "forward, \(left)" : "the way back, \(left)",
          ["on at the action of rule \(step.rule)"]
        )
      case .made: ("state made", "for rule \(step.rule), \(left)", [])
      case .present: ("state there", "of rule \(step.rule), \(left): none is made", [])
      case .limited(let most):
        ("state limit", "rule \(step.rule): the limit of \(most) is reached", ["denied"])
      case .full: ("state table", "full: net.inet.ip.fw.dyn_max", ["denied"])
      case .failed: ("no state", "there is no memory or no table for it", [])
      case .noParent: ("no state", "there is no memory or no table for its parent", ["denied"])
      }
    return TraceLine(
      "", what, text, notes: notes, level: step.outcome == .none ? .tried : .hits,
      takesCounters: false)
  }
}

extension StateStep {
  /// The members of its JSON object.
  func add(to object: inout JSONObject) {
    object.add("event", "state")
    object.add("fn", isLookup ? "lookup_dyn_rule" : "install_state")
    object.add("state", word)
    switch outcome {
    case .none: return
    case .found(let isForward): object.add("dir", isForward ? "forward" : "reverse")
    case .limited(let most): object.add("limit", most)
    case .made, .present, .full, .failed, .noParent: break
    }
    object.add("rule", rule)
    if isThere { object.add("expire", remaining) }
  }

  private var isLookup: Bool {
    switch outcome {
    case .none, .found: true
    default: false
    }
  }

  private var isThere: Bool {
    switch outcome {
    case .found, .made, .present: true
    default: false
    }
  }

  private var word: String {
    switch outcome {
    case .none: "none"
    case .found: "found"
    case .made: "made"
    case .present: "present"
    case .limited: "limited"
    case .full: "full"
    case .failed: "failed"
    case .noParent: "no-parent"
    }
  }
}
