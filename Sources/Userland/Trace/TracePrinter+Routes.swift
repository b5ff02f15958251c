// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// Routes and the way out.
extension TracePrinter {
  /// The table's answer, and who chose the table.
  func routeLine(_ step: RouteStep) -> TraceLine {
    let note =
      step.chooser == .default ? [] : ["fib \(step.fib.rawValue) \(step.chooser.phrase)"]
    return TraceLine(
      "route", "fib \(step.fib.rawValue)", words(step.answer), notes: note)
  }

  /// What other tables would have answered, and what that would have changed.
  func otherLine(
    _ fibs: UInt16, _ step: RouteStep, at place: Int, in trace: PacketTrace
  ) -> TraceLine {
    var chosen: RouteSummary?
    for case .event(.route(let route)) in trace.steps[..<place].reversed() {
      chosen = route.answer
      break
    }
    let note: String
    if let other = step.answer {
      if other == chosen {
        note = "not used: the same route"
      } else if other.interface == chosen?.interface {
        note = "not used: would leave by \(name(of: other.interface)) too"
      } else {
        note = "not used: would leave by \(name(of: other.interface))"
      }
    } else {
      note = "not used: would go nowhere"
    }
    return TraceLine(
      "", "fib \(ranges(fibs))", words(step.answer), notes: [note], level: .tried,
      takesCounters: false)
  }

  /// A route as its table has it: `default -> 203.0.113.1 em2`.
  private func words(_ route: RouteSummary?) -> String {
    guard let route else { return "no route" }
    var text = "\(Self.name(of: route.key)) -> "
    switch route.gateway {
    case .address(let gateway): text += "\(gateway)"
    case .link(let interface): text += "link#\(interface.rawValue)"
    }
    text += " \(name(of: route.interface))"
    if route.flags.contains(.RTF_REJECT) { text += " reject" }
    if route.flags.contains(.RTF_BLACKHOLE) { text += " blackhole" }
    return text
  }

  /// A route's destination as route(8) takes it.
  static func name(of key: RouteKey) -> String {
    if key.isHost { return "\(key.destination)" }
    if key.destination == .any && key.mask == .any { return "default" }
    guard let length = key.mask.prefixLength else { return "\(key.destination)&\(key.mask)" }
    return "\(key.destination)/\(length)"
  }

  /// The tables of a set: `0,2-15`.
  private func ranges(_ fibs: UInt16) -> String {
    var parts: [String] = []
    var first: Int?
    for fib in 0...16 {
      let isIn = fib < 16 && fibs & (1 << UInt16(fib)) != 0
      if isIn, first == nil { first = fib }
      if !isIn, let start = first {
        parts.append(start == fib - 1 ? "\(start)" : "\(start)-\(fib - 1)")
        first = nil
      }
    }
    return parts.joined(separator: ",")
  }

  /// Whether the packet fits the way it goes.
  func mtuLine(
    _ length: UInt32, _ mtu: UInt32, at place: Int, in trace: PacketTrace
  ) -> TraceLine {
    let function = trace.function("ip_output", at: place)
    if length <= mtu {
      return TraceLine(function, "\(length) <= \(mtu)", "no fragmentation")
    }
    var isForbidden = false
    for case .event(let event) in trace.steps[place...] {
      if case .discarded(.outDf) = event { isForbidden = true }
      if case .end(let end) = event, end.id == .ffNeedfrag { isForbidden = true }
    }
    return TraceLine(
      function, "\(length) > \(mtu)",
      isForbidden ? "too big, and DF forbids to fragment" : "cut into fragments")
  }

  /// What ARP said of the next hop.
  func arpLine(_ step: ArpStep) -> TraceLine {
    let text =
      switch step.outcome {
      case .resolved(let address): "\(step.nextHop) is at \(address)"
      case .held(let asked): "\(step.nextHop) is unknown: request \(asked), the packet waits"
      case .failing(let asked): "\(step.nextHop) does not answer: request \(asked), an error"
      case .refused: "\(step.nextHop) can have no entry on this interface"
      case .ownAddress: "\(step.nextHop) is this interface's own"
      }
    return TraceLine("arpresolve", name(of: step.interface), text)
  }
}

/// Rules.
extension TracePrinter {
  /// A rule that was tried, in ipfw's words, and what came of it or why it did not match.
  func ruleLine(_ step: RuleStep, at place: Int, in trace: PacketTrace) -> TraceLine {
    let rule = rule(at: step.index)
    // The number is in the line's own column.
    let words = String(RulePrinter.line(rule).dropFirst(6))
    let number = Int(step.number).decimal(digits: 5)
    switch step.outcome {
    case .met, .refused, .failed: break
    case .state: return TraceLine("", "\(number) state", words, level: .tried, takesCounters: false)
    case .disabled:
      return TraceLine(
        "", "\(number) -", words, notes: ["set \(rule.set) is disabled"], level: .tried,
        takesCounters: false)
    }
    if let failed = step.failed {
      let reason = RulePrinter.whyNot(
        rule, failed: failed, value: step.value, interfaceName: name(of:))
      return TraceLine(
        "", "\(number) -", words, notes: [reason], level: .tried, takesCounters: false)
    }
    return TraceLine(
      "", "\(number) match", words, notes: matchNotes(rule, after: place, in: trace),
      takesCounters: false)
  }

  /// What a matching rule leads to, where its words do not say it.
  private func matchNotes(
    _ rule: FirewallRule, after place: Int, in trace: PacketTrace
  ) -> [String] {
    // The line before it says why it denies the packet.
    if case .event(.rule(let step)) = trace.steps[place], step.outcome == .refused { return [] }
    switch rule.action {
    case .count: return ["counted, next rule"]
    case .skipto:
      guard case .event(.rule(let next)) = trace.steps[place...].dropFirst().first else {
        return []
      }
      return ["on at rule \(next.number)"]
    case .setfib:
      guard
        case .event(.fibChanged(let from, let to, _, let isTooLate)) =
          trace.steps[place...].dropFirst().first
      else { return [] }
      if from == to { return ["fib \(to.rawValue) already", "next rule"] }
      let change = "fib \(from.rawValue) -> \(to.rawValue)"
      return isTooLate
        ? ["\(change), too late: the route is already chosen", "next rule"]
        : [change, "next rule"]
    case .forward(let address, _): return address == .any ? [] : ["next hop \(address)"]
    default: return []
    }
  }
}

extension FlowRefusal {
  /// Why the way is not kept, and so looked up for each packet.
  var text: String {
    let reason =
      switch self {
      case .noRoute: "there is no route"
      case .loopback: "it is by a loopback interface"
      case .pointToPoint: "it is by a point-to-point interface"
      case .noEntry: "the next hop gets no ARP entry on the interface"
      case .full: "there are as many flows as net.inet.flowtable.nmbflows"
      case .taken: "another flow with the same hash, which has no FIB in it, is kept"
      }
    return "the way is not kept: \(reason)"
  }
}
