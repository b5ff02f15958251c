// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Testing
import Wire

@testable import Netstack  // What an event holds is asked, which no call shows.

@Suite("ipfw_chk") struct FirewallTests {
  @Test func anOrBlockEndsWithItsFirstYes() throws {
    var rule = FirewallRule.rule(100, .allow, .proto(6), .proto(17), .inbound)
    rule.instructions[0].orNext = true
    var lab = FirewallLab([rule])
    try expect(lab.ask(.udp).verdict, is: .pass)
    try expect(lab.ask(.tcp(.syn)).verdict, is: .pass)
    try expect(lab.ask(.icmp(8)).verdict, is: .deny(rule: 65535))
    try expect(lab.ask(.udp, .out).verdict, is: .deny(rule: 65535))
  }

  @Test func aBlockThatStaysOpenTakesTheActionIn() throws {
    var rule = FirewallRule.rule(100, .allow, .proto(17))
    rule.instructions[0].orNext = true
    var lab = FirewallLab([rule])
    try expect(lab.ask(.udp).verdict, is: .deny(rule: 65535))
    try expect(lab.ask(.tcp(.syn)).verdict, is: .pass)
  }

  @Test func countAndSetfibGoOn() throws {
    var lab = FirewallLab([
      .rule(100, .count), .rule(200, .setfib(2)), .rule(300, .count, .fib(2)), .rule(400, .allow),
    ])
    let run = try lab.ask(.udp)
    #expect(run.matched == [100, 200, 300, 400])
    #expect(run.header.fib == FibNumber(rawValue: 2))
    #expect(run.header.fibChooser == .ipfw(rule: 200))
    expect(lab.counters.map(\.bytes), is: [28, 28, 28, 28, 0])
  }

  @Test func setfibOnTheWayOutIsTooLate() throws {
    var lab = FirewallLab([.rule(100, .setfib(1)), .rule(200, .allow)])
    let late = try [Direction.in, .out].map { direction in
      try lab.ask(.udp, direction).events.compactMap {
        if case .fibChanged(_, _, _, let isLate) = $0 { isLate } else { nil }
      }
    }
    #expect(late == [[false], [true]])
  }

  static let jumps: [(target: UInt16, matched: [UInt16])] = [
    (300, [100, 300]), (150, [100, 200]), (50, [100, 200]), (65535, [100, 65535]),
  ]

  @Test(arguments: jumps) func skiptoGoesForward(_ target: UInt16, _ matched: [UInt16]) throws {
    var lab = FirewallLab([
      .rule(100, .skipto(target)), .rule(200, .deny), .rule(300, .allow),
    ])
    try expect(lab.ask(.udp).matched, is: matched)
    // Found anew when the chain has changed.
    _ = lab.add(.rule(299, .count))
    _ = lab.add(.rule(300, .count))
    try expect(lab.ask(.udp).matched.prefix(2), is: matched.prefix(2))
  }

  @Test func fwdLeavesANextHop() throws {
    let hop = IPv4Address(1, 2, 3, 4)
    var lab = FirewallLab([.rule(100, .forward(hop, port: 80))])
    let run = try lab.ask(.udp) { $0.forwardTag = ForwardTag(address: .any, port: 0) }
    #expect(run.verdict == .pass)
    #expect(run.header.forwardTag == ForwardTag(address: hop, port: 80))
    #expect(!run.header.flags.contains(.fastForwardOurs))
  }

  @Test func fwdToAnOwnAddressMeansOurs() throws {
    var lab = FirewallLab([.rule(100, .forward(IPv4Address(192, 168, 1, 1), port: 0))])
    try expect(lab.ask(.udp).header.flags.contains(.fastForwardOurs), is: true)
  }

  @Test func aTagOfAnEarlierPassStays() throws {
    let tag = ForwardTag(address: IPv4Address(10, 0, 0, 1), port: 0)
    var lab = FirewallLab([.rule(100, .allow)])
    let run = try lab.ask(.udp, .out) { $0.forwardTag = tag }
    #expect(run.header.forwardTag == tag)
    #expect(run.header.flags.isEmpty)
  }

  static let echo = FirewallPacket.icmp(8)
  static let multicast = FirewallPacket.udp.with {
    $0.header.destination = IPv4Address(224, 0, 0, 9)
  }

  @Test(arguments: [
    (FirewallPacket.udp, RuleAction.unreach(code: 13), ["icmp 3/13"]),
    (echo, .unreach(code: 1), ["icmp 3/1"]),
    (.icmp(3), .unreach(code: 1), []),
    (multicast, .unreach(code: 1), []),
    (.udp.with { $0.header.fragment = 3 }, .unreach(code: 1), []),
    (.udp, .reset, []),
    (.tcp(.syn), .reset, ["reset"]),
    (.tcp([.rst, .ack]), .reset, []),
  ]) func tellsTheSender(_ packet: FirewallPacket, _ action: RuleAction, _ replies: [String]) throws
  {
    var reject = FirewallRule.rule(100, action, .inbound)
    reject.number = 100
    var lab = FirewallLab([reject, .rule(200, .allow)])
    let run = try lab.ask(packet)
    #expect(run.verdict == .deny(rule: 100))
    #expect(run.replies == replies)
    expect(lab.counters[0].packets, is: 1)
  }

  @Test func whoPassesTheFirewall() throws {
    var lab = FirewallLab([.rule(100, .deny)])
    try expect(lab.ask(.udp) { $0.flags = .skipFirewall }.verdict, is: .pass)
    lab.kernel[.zero].sysctl[.ipFwEnable] = 0
    try expect(lab.ask(.udp).events.isEmpty, is: true)
    expect(lab.counters.allSatisfy { $0.packets == 0 }, is: true)
  }

  @Test(arguments: [
    FirewallPacket.tcp(.syn).with { $0.transport.removeLast() },
    .udp.with { $0.transport.removeLast() }, .icmp(8).with { $0.transport = [8, 0, 0] },
    .udp.with { $0.transport = [] },
  ]) func aShortPacketTriesNoRule(_ packet: FirewallPacket) throws {
    var lab = FirewallLab([.rule(100, .allow)])
    lab.kernel[.zero].sysctl[.ipFwVerbose] = 1
    let run = try lab.ask(packet)
    #expect(run.verdict == .deny(rule: 0))
    #expect(run.matched.isEmpty)
    expect(lab.kernel.machine.messages.last, is: "ipfw: pullup failed")
  }

  @Test func theTraceKeepsWhatFailed() throws {
    var lab = FirewallLab([
      .rule(
        100, .allow, .proto(17), .ports(.destination, WordRange(start: 0, count: 1)),
        words: [NumberRange(54, 54).word]),
      .rule(200, .checkState),
    ])
    let steps = try lab.ask(.udp).events.compactMap {
      if case .rule(let step) = $0 { step } else { nil }
    }
    #expect(steps.map(\.failed) == [1, 0, nil])
    #expect(PacketValue(rawValue: steps[0].value).meaning == .value(53))
    #expect(PacketValue(rawValue: steps[1].value).meaning == .nothing)
  }

  /// A tag keeps sixteen bits, but the look-up compares all that a table gave.
  @Test func aTagOfATableIsCut() throws {
    let tag = Match.table(.source, 1, value: nil)
    var lab = FirewallLab([
      .rule(100, .count, tag, .tag(RuleAction.tablearg)), .rule(200, .count, .tagged(127)),
      .rule(300, .allow, tag, .tagged(RuleAction.tablearg)),
    ])
    let entry = FirewallTables.Entry(IPv4Address(10, 0, 0, 0), length: 8, value: 0x7f00_007f)
    _ = lab.kernel.vnets[0].firewall.tables.add(entry, to: 1)
    let run = try lab.ask(.udp)
    #expect(run.matched == [100, 200, 65535])
  }

  @Test func nothingLiesBehindTheDefaultRule() throws {
    var lab = FirewallLab([.rule(100, .count)])
    lab.kernel.vnets[0].sysctl[.ipFwOnePass] = 0
    let last = lab.kernel.vnets[0].firewall.reference(to: 1)
    let run = try lab.ask(.udp) { $0.ruleReference = last }
    #expect(run.verdict == .deny(rule: 0) && run.matched == [])
    expect(
      lab.kernel.machine.messages.last,
      is: "ipfw: ouch!, skip past end of rules, denying packet")
  }

  @Test func aSetThatIsOffIsTold() throws {
    var rule = FirewallRule.rule(100, .allow)
    rule.set = 3
    var lab = FirewallLab([rule])
    try lab.kernel.firewallSets(vnet: .zero, disable: 1 << 3, enable: 0)
    let steps = try lab.ask(.udp).events.compactMap { event -> RuleStep.Outcome? in
      if case .rule(let step) = event { step.outcome } else { nil }
    }
    #expect(steps == [.disabled, .met])
  }
}
