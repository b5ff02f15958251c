// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What a rule's budget has for a packet.
enum LogTurn: Hashable, BitwiseCopyable {
  case silent
  case line
  /// The budget of this size ends with it.
  case lastLine(of: UInt32)
}

extension Match {
  /// Gives an instruction that logs its budget back.
  mutating func restoreBudget() {
    if case .log(let limit, _) = self { self = .log(limit: limit, left: limit) }
  }

  /// Takes a line off the budget of an instruction that logs.
  mutating func spendLine() -> LogTurn {
    guard case .log(let limit, let left) = self else { return .silent }
    if limit == 0 { return .line }
    if left == 0 { return .silent }
    self = .log(limit: limit, left: left - 1)
    return left == 1 ? .lastLine(of: limit) : .line
  }
}

extension Vnet {
  /// Tells of a packet that met all conditions of a rule (`ipfw_log`), unless the rule has told of
  /// enough.
  @inline(never)
  mutating func ipfwLog(
    _ rule: Firewall.Rule, _ search: RuleSearch, _ packet: borrowing Packet,
    _ machine: inout Machine
  ) {
    let facts = search.facts
    let turn = firewall.spendLine(of: rule)
    if turn == .silent { return }
    let action = rule.action.logWords(search)
    let words = facts.logWords(machine.store.bytes(of: packet))
    let way = facts.current == .none ? "[no if info]" : way(of: facts)
    machine.log("ipfw: \(rule.number) \(action) \(words) \(way)\(facts.logFragment)")
    if case .lastLine(of: let limit) = turn {
      machine.log("ipfw: limit \(Int32(bitPattern: limit)) reached on entry \(rule.number)")
    }
  }

  private func way(of facts: PacketFacts) -> String {
    "\(facts.direction == .out ? "out" : "in") via \(interfaces[facts.current].name)"
  }
}

extension RuleAction {
  /// What a log line calls the action, with an argument that a table gave.
  fileprivate func logWords(_ search: RuleSearch) -> String {
    switch self {
    case .allow: "Accept"
    case .deny: "Deny"
    case .count: "Count"
    case .checkState: "UNKNOWN"
    case .skipto(let number): "SkipTo \(search.argument(number))"
    case .setfib(let fib): "SetFib \(fib)"
    case .forward(let address, let port):
      "Forward to \(address)\(port == 0 ? "" : ":\(port)")"
    case .unreach(1): "Reject"
    case .unreach(let code): "Unreach \(code)"
    case .reset: "Reset"
    case .unreach6(let code): "Unreach \(code)"
    case .reset6: "Reset"
    case .pipe(let number): "Pipe \(search.argument(number))"
    case .queue(let number): "Queue \(search.argument(number))"
    case .divert(let port): "Divert \(search.argument(port))"
    case .tee(let port): "Tee \(search.argument(port))"
    case .netgraph(let hook): "Netgraph \(search.argument(hook))"
    case .ngtee(let hook): "Ngtee \(search.argument(hook))"
    case .nat: "Nat"
    case .reass: "Reass"
    }
  }
}

extension PacketFacts {
  /// What a log line says of protocol, addresses and ports; later fragments have no ports.
  fileprivate func logWords(_ bytes: RawSpan) -> String {
    guard let ip else { return "MAC" }
    let ends = "\(ip.source) \(ip.destination)"
    let isFirst = ip.fragmentOffset == 0
    switch ip.protocol {
    case .tcp, .udp:
      let name = ip.protocol == .tcp ? "TCP" : "UDP"
      guard let source = port(.source), let destination = port(.destination) else {
        return "\(name) \(ends)"
      }
      return "\(name) \(ip.source):\(source) \(ip.destination):\(destination)"
    case .icmp where isFirst:
      // The check at the top saw four bytes of it.
      let code = bytes.uint8(at: ip.headerLength + 1)
      return "ICMP:\(icmpType ?? 0).\(code) \(ends)"
    case .icmp: return "ICMP \(ends)"
    default: return "P:\(proto) \(ends)"
    }
  }

  /// The part of a log line about a fragment, with a plus if more follow.
  fileprivate var logFragment: String {
    guard let ip, ip.fragmentOffset != 0 || ip.moreFragments else { return "" }
    let length = Int(ip.totalLength) - ip.headerLength
    let more = ip.moreFragments ? "+" : ""
    return " (frag \(ip.identification):\(length)@\(ip.fragmentOffset)\(more))"
  }
}
