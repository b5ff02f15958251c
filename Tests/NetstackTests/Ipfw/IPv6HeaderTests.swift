// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Testing
import Wire

// The hook is asked alone, without the IP path around it: no call does that.
@testable import Netstack

/// IPv6 packets in front of the rules: the walk over their headers, and conditions on them.
@Suite("ipfw and IPv6") struct IPv6HeaderTests {
  private static let tcp: [UInt8] = [
    0x04, 0xd2, 0, 80, 0, 0, 0x03, 0xe8, 0, 0, 0, 0, 0x50, 0x02, 0x13, 0x88, 0, 0, 0, 0,
  ]

  /// A packet from fe80::5 to 2001:db8::9 with these bytes behind its header.
  private static func packet(_ next: UInt8, _ rest: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = [0x60, 0, 0, 7, 0, UInt8(rest.count), next, 64]
    bytes += [0xfe, 0x80] + [UInt8](repeating: 0, count: 13) + [5]
    bytes += [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [9]
    return bytes + rest
  }

  /// What the rules say of a packet, the rules that took it, and what the console shows.
  private func ask(
    _ bytes: [UInt8], _ rules: FirewallRule...
  ) throws -> (verdict: FirewallVerdict, matched: [UInt16], console: [String]) {
    var lab = FirewallLab(rules)
    lab.kernel.vnets[0].sysctl[.ipFwVerbose] = 1
    let number = lab.kernel.machine.newRoot()
    guard var packet = lab.kernel.machine.store.take(bytes.span.bytes, number: number) else {
      throw Errno.ENOBUFS
    }
    packet.header.receivedOn = FirewallLab.em0
    var recorder = Recorder()
    let verdict = lab.kernel.vnets[0].ipfwCheck(
      &packet, FilterPlace(.in, FirewallLab.em0), &lab.kernel.machine, &recorder)
    lab.kernel.machine.store.free(packet)
    var matched: [UInt16] = []
    for entry in recorder.entries {
      if case .rule(let step) = entry.event, step.isCounted { matched.append(step.number) }
    }
    return (verdict, matched, lab.kernel.machine.messages)
  }

  /// Headers in front of a TCP segment, the first one's type, and the bits they give.
  private static let walks: [(next: UInt8, headers: [UInt8], bits: UInt16)] = [
    (6, [], 0), (0, [6, 0, 0, 0, 0, 0, 0, 0], 0x2), (60, [6, 0, 0, 0, 0, 0, 0, 0], 0x20),
    (43, [6, 0, 0, 0, 0, 0, 0, 0], 0x44), (43, [6, 0, 2, 0, 0, 0, 0, 0], 0x84),
    (51, [6, 0, 0, 0, 0, 0, 0, 0], 0x8),
    (0, [60, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0], 0x22),
  ]

  @Test(arguments: walks) func findsTheSegment(
    _ next: UInt8, _ headers: [UInt8], _ bits: UInt16
  ) throws {
    let (verdict, _, _) = try ask(
      Self.packet(next, headers + Self.tcp),
      .rule(
        100, .allow, .ip6, .proto(6), .ports(.destination, WordRange(start: 0, count: 1)),
        .flags(.tcpflags, set: 2, clear: 16), words: [NumberRange(80, 80).word]))
    #expect(verdict == .pass)
    guard bits != 0 else { return }
    for bit in 0..<8 where bits & (1 << UInt16(bit)) != 0 {
      let found = try ask(
        Self.packet(next, headers + Self.tcp),
        .rule(100, .allow, .extensionHeaders(1 << UInt16(bit))))
      #expect(found.verdict == .pass, "bit \(bit)")
    }
    let others = try ask(
      Self.packet(next, headers + Self.tcp), .rule(100, .allow, .extensionHeaders(~bits)))
    #expect(others.verdict == .deny(rule: 65535))
  }

  private static let refused: [(next: UInt8, rest: [UInt8], console: [String])] = [
    (43, [6, 0, 1, 0, 0, 0, 0, 0], ["IPFW2: IPV6 - Unknown Routing Header type(1)"]),
    (44, [6, 0, 0, 0, 0, 0, 0, 9], ["IPFW2: IPV6 - Invalid Fragment Header"]),
    (200, [], ["IPFW2: IPV6 - Unknown Extension Header(200), ext_hd=0"]),
    (0, [99, 0, 0, 0, 0, 0, 0, 0], ["IPFW2: IPV6 - Unknown Extension Header(99), ext_hd=2"]),
    (6, [1, 2, 3], ["ipfw: pullup failed"]), (0, [6, 9, 0, 0], ["ipfw: pullup failed"]),
    (112, [UInt8](repeating: 0x22, count: 36), []),
  ]

  @Test(arguments: refused) func deniesBeforeAnyRule(
    _ next: UInt8, _ rest: [UInt8], _ console: [String]
  ) throws {
    let found = try ask(Self.packet(next, rest), .rule(100, .allow))
    #expect(found.verdict == .deny(rule: 0) && found.matched == [])
    #expect(found.console == console)
  }

  @Test func aFirstFragmentIsOneWithoutPorts() throws {
    let fragment = Self.packet(44, [6, 0, 0, 1, 0, 0, 0xab, 0xcd] + Self.tcp)
    #expect(try ask(fragment, .rule(100, .allow, .fragment)).verdict == .pass)
    let ports = FirewallRule.rule(
      100, .allow, .ports(.source, WordRange(start: 0, count: 1)),
      words: [NumberRange(0, .max).word])
    #expect(try ask(fragment, ports).verdict == .deny(rule: 65535))
  }

  @Test func addressesAreCompared() throws {
    let packet = Self.packet(59, [])
    let source: [UInt32] = [0xfe80_0000, 0, 0, 5]
    let words = WordRange(start: 0, count: 4)
    let exact = FirewallRule.rule(100, .allow, .address6(.source, words), words: source)
    #expect(try ask(packet, exact).verdict == .pass)
    let other = FirewallRule.rule(100, .allow, .address6(.destination, words), words: source)
    #expect(try ask(packet, other).verdict == .deny(rule: 65535))
    let net = FirewallRule.rule(
      100, .allow, .networks6(.source, WordRange(start: 0, count: 8)),
      words: [0xfe80_0000, 0, 0, 0, 0xffc0_0000, 0, 0, 0])
    #expect(try ask(packet, net).verdict == .pass)
    // A link-local source is local, but no route leads to it.
    #expect(try ask(packet, .rule(100, .allow, .antispoof)).verdict == .deny(rule: 65535))
    #expect(try ask(packet, .rule(100, .allow, .version(6))).verdict == .deny(rule: 65535))
  }

  @Test func messagesHaveTypes() throws {
    let packet = Self.packet(58, [128, 3, 0, 0, 0, 0, 0, 0])
    let rule = FirewallRule.rule(
      100, .deny, .icmp6Types(WordRange(start: 0, count: 7)), .log(limit: 0, left: 0),
      words: [0, 0, 0, 0, 1, 0, 0])
    let found = try ask(packet, rule)
    #expect(found.matched == [100])
    #expect(
      found.console == ["ipfw: 100 Deny ICMPv6:128.3 [fe80::5] [2001:db8::9] in via em0"])
  }

  @Test func logsSegmentsAndFragments() throws {
    let log = FirewallRule.rule(100, .deny, .log(limit: 0, left: 0))
    #expect(
      try ask(Self.packet(6, Self.tcp), log).console
        == ["ipfw: 100 Deny TCP [fe80::5]:1234 [2001:db8::9]:80 in via em0"])
    // C counts the offset in units of one byte as if they were of eight.
    let later = Self.packet(44, [17, 0, 0, 8, 0, 0, 0xab, 0xcd] + [UInt8](repeating: 0, count: 8))
    #expect(
      try ask(later, log).console
        == ["ipfw: 100 Deny UDP [fe80::5] [2001:db8::9] in via em0 (frag 0000abcd:-32@64)"])
  }
}
