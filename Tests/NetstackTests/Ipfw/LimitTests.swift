// SPDX-License-Identifier: BSD-2-Clause

import Testing
import Wire

@testable import Netstack  // Rules are made without the parser, which is Userland's.

@Suite("limit") struct LimitTests {
  static func limit(_ parts: LimitParts, _ most: UInt16) -> FirewallRule {
    .rule(100, .allow, .probeState, .limit(parts, most))
  }

  @Test func aParentCountsItsStates() throws {
    var lab = FirewallLab([Self.limit([.sourceAddress, .destinationPort], 2)])
    for port in UInt16(1)...2 { _ = try lab.ask(FirewallPacket.udp.from(port: port)) }
    let denied = try lab.ask(FirewallPacket.udp.from(port: 3))
    #expect(denied.verdict == .deny(rule: 100))
    #expect(denied.states == [.none, .limited(2)])
    expect(
      lab.states.sorted(),
      is: ["100 limit 0/0 10s", "100 limit 0/0 10s", "100 parent 2 0/0 5s"])
    let parent = try lab.kernel.firewallStates(vnet: .zero).first { $0.kind == .parent(count: 2) }
    #expect(parent?.flow.source == IPv4Address(10, 0, 0, 5))
    #expect(parent?.flow.destination == .any)
    #expect(parent?.flow.sourcePort == 0)
    #expect(parent?.flow.destinationPort == 53)
    // Another source has a parent of its own.
    let other = FirewallPacket.udp.with { $0.header.source = IPv4Address(10, 0, 0, 6) }
    try expect(lab.ask(other).verdict, is: .pass)
  }

  @Test func refusalsAreToldOnceASecondWhileVerbose() throws {
    var lab = FirewallLab([Self.limit(.sourceAddress, 1)])
    _ = try lab.ask(.udp)
    _ = try lab.ask(FirewallPacket.udp.from(port: 2))
    expect(lab.kernel.machine.messages, is: [])
    lab.set(.ipFwVerbose, 1)
    for port in UInt16(3)...4 { _ = try lab.ask(FirewallPacket.udp.from(port: port)) }
    lab.pass(seconds: 1)
    _ = try lab.ask(FirewallPacket.udp.from(port: 5))
    expect(
      lab.kernel.machine.messages,
      is: [3, 5].map {
        "ipfw: 100 drop session 10.0.0.5:\($0) -> 192.168.9.9:53, too many entries"
      })
  }

  @Test func whatIsOverMakesRoomOnceASecond() throws {
    var lab = FirewallLab([Self.limit(.sourceAddress, 1), .rule(200, .allow)])
    _ = try lab.ask(.udp)
    lab.pass(seconds: 9)
    try expect(lab.ask(FirewallPacket.udp.from(port: 2)).verdict, is: .deny(rule: 100))
    lab.pass(seconds: 1)
    try expect(lab.ask(FirewallPacket.udp.from(port: 2)).verdict, is: .pass)
    expect(lab.states.sorted(), is: ["100 limit 0/0 10s", "100 parent 1 0/0 5s"])
  }

  @Test func aDeletedRuleCountsAsTheSecondsSweep() throws {
    var lab = FirewallLab([Self.limit(.sourceAddress, 1), .rule(200, .allow)])
    _ = try lab.ask(.udp)
    lab.pass(seconds: 10)
    try lab.kernel.firewallDelete(vnet: .zero, .number(200))
    // Chain 0x0a000005 ^ 0 is the parent's, so that the state itself is not met.
    try expect(lab.ask(FirewallPacket.udp.from(port: 2)).verdict, is: .deny(rule: 100))
  }

  @Test func aParentWithoutStatesEnds() throws {
    var lab = FirewallLab([Self.limit(.sourceAddress, 1)])
    _ = try lab.ask(.tcp(.rst))
    lab.pass(seconds: 30)
    // The state leaves its chain, and the parent is taken up again.
    _ = try lab.ask(.tcp(.rst))
    expect(lab.states.sorted(), is: ["100 limit 0/0 1s", "100 parent 1 0/0 5s"])
  }

  @Test func aTableMayGiveTheNumber() throws {
    var lab = FirewallLab([Self.limit(.sourceAddress, RuleAction.tablearg)])
    // No table was asked: the number is 0.
    try expect(lab.ask(.udp).states, is: [.none, .limited(0)])
    expect(lab.states, is: ["100 parent 0 0/0 20s"])
  }
}
