// SPDX-License-Identifier: BSD-2-Clause

import Testing
import Wire

@testable import Netstack

/// Without a tracer the search passes rules by that their screens rule out, one by one or by the
/// compiled chain; with one it asks each.
@Suite("Screens of conditions") struct ScreenTests {
  private static let words: [UInt32] = [
    NumberRange(53, 53).word, NumberRange(50, 60).word, NumberRange(79, 81).word,
    NumberRange(90, 80).word, 0x0a00_0000, 0xff00_0000, 0xc0a8_0909, 0xffff_ffff, 0x20,
    NumberRange(7, 9).word, NumberRange(52, 54).word, NumberRange(80, 80).word,
    NumberRange(900, 910).word,
  ]

  private static func list(_ start: Int, _ count: Int) -> WordRange {
    WordRange(start: start, count: count)
  }

  private static let matches: [Match] = [
    .proto(6), .proto(17), .proto(300), .ip4, .ip6, .version(4), .version(6),
    .address(.source, IPv4Address(10, 0, 0, 5)), .address(.destination, IPv4Address(10, 0, 0, 5)),
    .networks(.source, list(4, 2)), .networks(.destination, list(4, 4)),
    .networks(.destination, list(6, 2)),
    .hosts(.source, base: IPv4Address(10, 0, 0, 0), length: 27, list(8, 1)), .me(.destination),
    .ports(.destination, list(0, 1)), .ports(.destination, list(1, 2)),
    .ports(.destination, list(3, 1)), .ports(.destination, list(9, 4)),
    .ports(.source, list(9, 4)), .number(.ipttl, list(9, 4)), .ports(.source, list(2, 1)), .inbound,
    .fragment, .layer2,
    .interface(.recv, .name(InterfaceName("em0") ?? .none)),
    .interface(.via, .name(InterfaceName("em1") ?? .none)),
    .interface(.xmit, .pattern(InterfaceName("em?") ?? .none)),
    .interface(.via, .pattern(InterfaceName("em*") ?? .none)),
    .interface(.via, .pattern(InterfaceName("em[1-4]") ?? .none)),
    .interface(.recv, .pattern(InterfaceName("*1") ?? .none)), .fib(0), .fib(1),
    .hosts(.destination, base: IPv4Address(10, 0, 0, 0), length: 24, list(4, 5)),
    .table(.source, 1, value: nil), .table(.destination, 1, value: 7),
    .table(.destination, 100, value: nil), .table(.source, 200, value: nil),
    .diverted(1), .taggedIn(list(0, 3)), .tagged(37),
    .number(.iplen, list(1, 1)), .number(.ipid, list(0, 2)), .number(.ipttl, list(2, 1)),
    .number(.tcpdatalen, list(3, 1)), .precedence(0), .precedence(0xe0),
    .flags(.iptos, set: 0x10, clear: 0), .flags(.tcpflags, set: 2, clear: 0x10), .established,
    .icmpTypes(1 << 8), .icmpTypes(1 << 9 | 1), .antispoof, .verifyReversePath, .comment, .tag(5),
    .tagged(5), .ipsec,
  ]

  private static let actions: [RuleAction] = [
    .allow, .deny, .count, .count, .skipto(300), .setfib(1), .checkState,
    .forward(IPv4Address(10, 0, 0, 77), port: 0),
  ]

  private static let packets: [FirewallPacket] = [
    .udp, .tcp(.syn), .tcp([.syn, .ack]), .tcp(.ack), .icmp(8), .icmp(0),
    .udp.with { $0.header.fragment = 8 }, .udp.with { $0.header.tos = 0xf0 },
    .udp.with { ($0.header.source, $0.header.ttl) = (IPv4Address(172, 16, 0, 1), 80) },
  ]

  private static func rule(_ number: UInt16, _ random: inout RandomSource) -> FirewallRule {
    func pick<Element>(_ list: [Element], _ random: inout RandomSource) -> Element {
      list[Int(random.next() % UInt64(list.count))]
    }
    var rule = FirewallRule(pick(actions, &random))
    rule.number = number
    rule.set = UInt8(random.next() % 3)
    rule.words = words
    for _ in 0..<random.next() % 4 {
      rule.instructions.append(
        Instruction(
          pick(matches.filter { !$0.isParameter }, &random), isNegated: random.next() % 4 == 0,
          orNext: random.next() % 4 == 0))
    }
    if random.next() % 4 == 0 { rule.instructions.append(Instruction(.tag(5))) }
    return rule
  }

  @Test(arguments: 0..<60, [0, 2] as [Int64])
  func theSearchIsTheSameWithAndWithoutATracer(seed: Int, way: Int64) throws {
    var random = RandomSource(seed: UInt64(seed))
    var loud = FirewallLab((1...30).map { ScreenTests.rule(UInt16($0 * 20), &random) })
    for (table, value) in [(UInt16(1), UInt32(7)), (100, 300)] {
      try loud.kernel.firewallTableAdd(
        vnet: .zero, table, FirewallTables.Entry(IPv4Address(10, 0, 0, 0), length: 24, value: value)
      )
    }
    try loud.kernel.firewallSets(vnet: .zero, disable: 1 << 2, enable: 0)
    var quiet = FirewallLab(copying: loud)
    try quiet.kernel.setSysctl(.ipFwCompiled, to: way, vnet: .zero)
    for packet in ScreenTests.packets {
      for direction in [Direction.in, .out] {
        let interface = direction == .in ? FirewallLab.em0 : FirewallLab.em1
        let told = try loud.ask(packet, direction, on: interface)
        let untold = try quiet.askSilently(packet, direction, on: interface)
        expect(untold.verdict, is: told.verdict)
        expect(untold.header.fib, is: told.header.fib)
        expect(untold.header.forwardTag, is: told.header.forwardTag)
      }
    }
    expect(quiet.counters.map(\.packets), is: loud.counters.map(\.packets))
  }
}
