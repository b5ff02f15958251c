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
    _ rule: Firewall.Rule, _ search: borrowing RuleSearch, _ packet: borrowing Packet,
    _ machine: inout Machine
  ) {
    let turn = firewall.spendLine(of: rule)
    if turn == .silent { return }
    let action = rule.action.logWords(tablearg: search.tablearg)
    let words = search.facts.logWords(machine.store.bytes(of: packet))
    let way = search.facts.current == .none ? "[no if info]" : way(of: search.facts)
    let fragment = search.facts.logFragment(machine.store.bytes(of: packet))
    machine.log("ipfw: \(rule.number) \(action) \(words) \(way)\(fragment)")
    if case .lastLine(of: let limit) = turn {
      machine.log("ipfw: limit \(Int32(bitPattern: limit)) reached on entry \(rule.number)")
    }
  }

  private func way(of facts: borrowing PacketFacts) -> String {
    "\(facts.direction == .out ? "out" : "in") via \(interfaces[facts.current].name)"
  }
}

extension RuleAction {
  /// What a log line calls the action.
  ///
  /// - Parameter tablearg: What a table gave, as a next hop; other arguments show as 65535 where a
  ///   table gives them.
  fileprivate func logWords(tablearg: UInt32) -> String {
    switch self {
    case .allow: "Accept"
    case .deny: "Deny"
    case .count: "Count"
    case .checkState: "UNKNOWN"
    case .skipto(let number): "SkipTo \(number)"
    case .setfib(let fib): "SetFib \(fib)"
    case .forward(let address, let port):
      "Forward to \(address == .any ? IPv4Address(rawValue: tablearg) : address)"
        + (port == 0 ? "" : ":\(port)")
    case .unreach(1): "Reject"
    case .unreach(let code): "Unreach \(code)"
    case .reset: "Reset"
    case .unreach6(let code): "Unreach \(code)"
    case .reset6: "Reset"
    case .pipe(let number): "Pipe \(number)"
    case .queue(let number): "Queue \(number)"
    case .divert(let port): "Divert \(port)"
    case .tee(let port): "Tee \(port)"
    case .netgraph(let hook): "Netgraph \(hook)"
    case .ngtee(let hook): "Ngtee \(hook)"
    case .nat: "Nat"
    case .reass: "Reass"
    }
  }
}

extension PacketFacts {
  /// What a log line says of protocol, addresses and ports; later fragments have no ports.
  fileprivate func logWords(_ bytes: RawSpan) -> String {
    if isIPv6 { return logWords6(bytes) }
    guard let ip, ip.headerLength > 0 else { return "MAC" }
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

  /// As above, for IPv6.
  private func logWords6(_ bytes: RawSpan) -> String {
    let flow = FlowID(self, bytes)
    let source = "[\(IPv6Address(rawValue: flow.source6))]"
    let destination = "[\(IPv6Address(rawValue: flow.destination6))]"
    switch IPProtocol(rawValue: proto) {
    case .tcp, .udp:
      let name = proto == IPProtocol.tcp.rawValue ? "TCP" : "UDP"
      if isFragment { return "\(name) \(source) \(destination)" }
      return "\(name) \(source):\(flow.sourcePort) \(destination):\(flow.destinationPort)"
    case .icmp6:
      if isFragment { return "ICMPv6 \(source) \(destination)" }
      // The walk saw eight bytes of it.
      let code = bytes.uint8(at: Int(six.transport) + 1)
      return "ICMPv6:\(six.flags).\(code) \(source) \(destination)"
    default: return "P:\(proto) \(source) \(destination)"
    }
  }

  /// The part of a log line about a fragment, with a plus if more follow.
  fileprivate func logFragment(_ bytes: RawSpan) -> String {
    if isIPv6, isFragment {
      // C takes all headers off a length that is without the first, and multiplies the bytes by 8.
      let length = Int(bytes.uint16(at: 4)) - Int(six.transport)
      let id = String(six.fragmentID, radix: 16)
      return " (frag \(String(repeating: "0", count: 8 - id.count))\(id):\(length)@"
        + "\(Int(six.offset) * 8)\(six.moreFragments ? "+" : ""))"
    }
    guard let ip, ip.headerLength > 0, ip.fragmentOffset != 0 || ip.moreFragments else { return "" }
    let length = Int(ip.totalLength) - ip.headerLength
    let more = ip.moreFragments ? "+" : ""
    return " (frag \(ip.identification):\(length)@\(ip.fragmentOffset)\(more))"
  }
}
