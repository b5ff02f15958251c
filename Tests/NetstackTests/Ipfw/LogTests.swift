// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

@Suite("ipfw_log") struct LogTests {
  /// A lab that logs, and whose rule 100 does as long as its budget lasts.
  private func lab(
    _ action: RuleAction, limit: UInt32 = 0, _ conditions: [Instruction] = []
  ) -> FirewallLab {
    var rule = FirewallRule.rule(100, action)
    rule.instructions = conditions + [Instruction(.log(limit: limit, left: 0))]
    var lab = FirewallLab([rule])
    lab.kernel[.zero].sysctl[.ipFwVerbose] = 1
    lab.kernel.machine.messages = []
    return lab
  }

  @Test(arguments: [
    (RuleAction.allow, "Accept"), (.deny, "Deny"), (.count, "Count"), (.reset, "Reset"),
    (.checkState, "UNKNOWN"), (.skipto(500), "SkipTo 500"), (.setfib(3), "SetFib 3"),
    (.skipto(RuleAction.tablearg), "SkipTo 65535"), (.unreach(code: 1), "Reject"),
    (.unreach(code: 3), "Unreach 3"),
    (.forward(IPv4Address(1, 2, 3, 4), port: 0), "Forward to 1.2.3.4"),
    (.forward(IPv4Address(1, 2, 3, 4), port: 80), "Forward to 1.2.3.4:80"),
  ]) func namesTheAction(_ action: RuleAction, _ words: String) throws {
    var lab = lab(action)
    _ = try lab.ask(.tcp(.syn))
    // What the action sends out is told of behind it.
    expect(
      lab.kernel.machine.messages.first,
      is: "ipfw: 100 \(words) TCP 10.0.0.5:1234 192.168.9.9:80 in via em0")
  }

  /// A packet, and what a line says of it behind the action.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let packet: FirewallPacket
    let words: String

    init(
      _ name: String, _ packet: FirewallPacket, _ words: String,
      change: (inout FirewallPacket) -> Void = { _ in }
    ) {
      (testDescription, self.words) = (name, words)
      self.packet = packet.with(change)
    }
  }

  private static let ends = "10.0.0.5 192.168.9.9 in via em0"

  @Test(arguments: [
    Case("TCP", .tcp(.ack), "TCP 10.0.0.5:1234 192.168.9.9:80 in via em0"),
    Case("UDP", .udp, "UDP 10.0.0.5:1234 192.168.9.9:53 in via em0"),
    Case("an echo", .icmp(8), "ICMP:8.0 \(ends)"),
    Case("an unreachable with a code", .icmp(3), "ICMP:3.1 \(ends)") { $0.transport[1] = 1 },
    Case("GRE", .udp, "P:47 \(ends)") { $0.header.protocol = .gre },
    Case("what is no IPv4", .udp, "MAC in via em0") { $0.header.version = 5 },
    Case(
      "a first fragment", .udp,
      "UDP 10.0.0.5:1234 192.168.9.9:53 in via em0 (frag 7:8@0+)"
    ) { $0.header.fragment = 0x2000 },
    Case("a middle fragment", .tcp(.syn), "TCP \(ends) (frag 7:20@24+)") {
      $0.header.fragment = 0x2003
    },
    Case("a last fragment", .udp, "UDP \(ends) (frag 7:8@1480)") { $0.header.fragment = 185 },
    Case("a later fragment of ICMP", .icmp(8), "ICMP \(ends) (frag 7:8@8)") {
      $0.header.fragment = 1
    },
    Case("Don't Fragment is no fragment", .icmp(8), "ICMP:8.0 \(ends)") {
      $0.header.fragment = 0x4000
    },
    Case("options", .icmp(11), "ICMP:11.0 \(ends)") { $0.options = [1, 1, 1, 0] },
  ]) func namesThePacket(_ test: Case) throws {
    var lab = lab(.deny)
    _ = try lab.ask(test.packet)
    expect(lab.kernel.machine.messages, is: ["ipfw: 100 Deny \(test.words)"])
  }

  @Test func namesTheWay() throws {
    var lab = lab(.allow)
    _ = try lab.ask(.udp, .out, on: FirewallLab.em1)
    _ = try lab.ask(.udp, .in, on: .none, received: .none)
    _ = try lab.ask(
      .udp.with { $0.header.fragment = 185 }, .in, on: .none, received: .none)
    expect(
      lab.kernel.machine.messages,
      is: [
        "ipfw: 100 Accept UDP 10.0.0.5:1234 192.168.9.9:53 out via em1",
        "ipfw: 100 Accept UDP 10.0.0.5:1234 192.168.9.9:53 [no if info]",
        "ipfw: 100 Accept UDP 10.0.0.5 192.168.9.9 [no if info] (frag 7:8@1480)",
      ])
  }

  @Test func aBudgetEndsAndIsGivenBack() throws {
    var lab = lab(.deny, limit: 2)
    let line = "ipfw: 100 Deny UDP 10.0.0.5:1234 192.168.9.9:53 in via em0"
    let limit = "ipfw: limit 2 reached on entry 100"
    for _ in 0..<4 { _ = try lab.ask(.udp) }
    expect(lab.kernel.machine.messages, is: [line, line, limit])
    try lab.kernel.firewallZero(vnet: .zero, .number(100), logOnly: true)
    _ = try lab.ask(.udp)
    try lab.kernel.firewallZero(vnet: .zero, .number(100))
    for _ in 0..<3 { _ = try lab.ask(.udp) }
    expect(
      lab.kernel.machine.messages.dropFirst(3).map { $0 },
      is: [
        "ipfw: Entry 100 logging count reset.", line, "ipfw: Entry 100 cleared.", line, line, limit,
      ])
    // Counting goes on where the telling has ended.
    expect(lab.counters.map(\.packets), is: [3, 0])
  }

  @Test func whatIsLeftOutlivesAChangeOfTheChain() throws {
    var lab = lab(.count, limit: 2)
    _ = lab.add(.rule(50, .count))
    _ = try lab.ask(.udp)
    try lab.kernel.firewallDelete(vnet: .zero, .number(50))
    var copy = lab.kernel.clone()
    for _ in 0..<3 { _ = try lab.ask(.udp) }
    expect(lab.kernel.machine.messages.count, is: 3)
    let rules = try copy.firewallRules(vnet: .zero)
    #expect(rules.first?.instructions.last?.match == .log(limit: 2, left: 1))
    try copy.firewallZero(vnet: .zero, .all, logOnly: true)
    #expect(copy.machine.messages.last == "ipfw: All logging counts reset.")
  }

  @Test func nothingIsToldNorSpentUnlessVerbose() throws {
    var lab = lab(.deny, limit: 1)
    lab.kernel[.zero].sysctl[.ipFwVerbose] = 0
    _ = try lab.ask(.udp)
    try lab.kernel.firewallZero(vnet: .zero, .all)
    expect(lab.kernel.machine.messages, is: [])
    lab.kernel[.zero].sysctl[.ipFwVerbose] = 1
    _ = try lab.ask(.udp)
    expect(lab.kernel.machine.messages.count, is: 2)
  }

  @Test func aPacketThatFailsAConditionIsNotTold() throws {
    var lab = lab(.deny, [Instruction(.proto(6))])
    _ = try lab.ask(.udp)
    expect(lab.kernel.machine.messages, is: [])
    _ = try lab.ask(.tcp(.syn))
    expect(lab.kernel.machine.messages.count, is: 1)
  }

  /// The instruction that logs stands in front of the action: an open block takes it in instead.
  @Test func anOpenBlockSwallowsTheLineAndNotTheAction() throws {
    var lab = lab(.allow, [Instruction(.inbound, orNext: true)])
    try expect(lab.ask(.udp).verdict, is: .pass)
    expect(lab.kernel.machine.messages, is: [])
    try expect(lab.ask(.udp, .out, on: FirewallLab.em1).verdict, is: .pass)
    expect(lab.kernel.machine.messages.count, is: 1)
  }

  @Test func mustBeTheLast() {
    var lab = FirewallLab()
    let rule = FirewallRule.rule(100, .deny, .log(limit: 0, left: 0), .inbound)
    expect(lab.add(rule), is: .failure(.EINVAL))
  }
}
