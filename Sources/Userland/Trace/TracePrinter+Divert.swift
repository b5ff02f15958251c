// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell

/// Packets that leave the rules and come back to them.
extension TracePrinter {
  /// The line of a way to or from a divert socket, or back to a rule.
  func divertLine(_ step: PacketTrace.Step) -> TraceLine {
    switch step {
    case .event(.searchBehind(let rule)):
      TraceLine(
        "", "behind \(rule)", "the divert cookie: no rule up to this number is tried",
        takesCounters: false)
    case .event(.onePass(let rule)):
      TraceLine(
        "", "back to \(rule)", "net.inet.ip.fw.one_pass=1: no other rule is tried",
        takesCounters: false)
    case .event(.diverted(let port, let rule)):
      TraceLine("ipfw_divert", "port \(port)", "by rule \(rule)")
    case .event(.reinjected(let step)): reinjectionLine(step)
    default: TraceLine("", "", "")
    }
  }

  private func reinjectionLine(_ step: ReinjectionStep) -> TraceLine {
    var text = "from socket \(step.socket.number)"
    if step.interface != .none { text += ", as received on \(name(of: step.interface))" }
    text += step.cookie == 0 ? ", for all rules" : ", for the rules behind \(step.cookie)"
    return TraceLine("div_output", "\(step.direction)", text)
  }
}
