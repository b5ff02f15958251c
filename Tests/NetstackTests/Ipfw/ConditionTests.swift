// SPDX-License-Identifier: BSD-2-Clause

import Testing
import Wire

@testable import Netstack  // Conditions are made without the parser, which is Userland's.

/// A condition, a packet, and whether the one takes the other.
struct ConditionCase: CustomTestStringConvertible, Sendable {
  var name: String
  var match: Match
  var words: [UInt32] = []
  var packet: FirewallPacket = .udp
  var direction = Direction.in
  var isMet: Bool
  var testDescription: String { name }
}

@Suite("conditions of ipfw_chk") struct ConditionTests {
  static let one = WordRange(start: 0, count: 1)
  static let net = WordRange(start: 0, count: 2)
  static func range(_ low: UInt16, _ high: UInt16) -> [UInt32] { [NumberRange(low, high).word] }
  static let later = FirewallPacket.udp.with { $0.header.fragment = 185 }
  static let syn = FirewallPacket.tcp(.syn)
  static let ours = FirewallPacket.udp.with { $0.header.destination = IPv4Address(192, 168, 1, 1) }
  static func name(_ text: String) -> InterfaceTest {
    InterfaceName(text).map { .name($0) } ?? .address(.any)
  }
  static func pattern(_ text: String) -> InterfaceTest {
    InterfaceName(text).map { .pattern($0) } ?? .address(.any)
  }

  static let addresses: [ConditionCase] = [
    .init(name: "protocol", match: .proto(17), isMet: true),
    .init(name: "another protocol", match: .proto(6), isMet: false),
    .init(name: "a protocol number that no header has", match: .proto(273), isMet: false),
    .init(name: "IPv4", match: .ip4, isMet: true),
    .init(name: "IPv6", match: .ip6, isMet: false),
    .init(name: "the source", match: .address(.source, IPv4Address(10, 0, 0, 5)), isMet: true),
    .init(name: "not the destination", match: .address(.destination, .any), isMet: false),
    .init(
      name: "a network", match: .networks(.source, net), words: [0x0a00_0000, 0xff00_0000],
      isMet: true),
    .init(
      name: "another network", match: .networks(.destination, net),
      words: [0x0a00_0000, 0xff00_0000], isMet: false),
    .init(
      name: "a host of a set",
      match: .hosts(.source, base: IPv4Address(10, 0, 0, 0), length: 27, one), words: [1 << 5],
      isMet: true),
    .init(
      name: "another host of the set",
      match: .hosts(.source, base: IPv4Address(10, 0, 0, 0), length: 27, one), words: [1 << 6],
      isMet: false),
    .init(
      name: "a host below the set",
      match: .hosts(.source, base: IPv4Address(10, 0, 0, 32), length: 27, one), words: [.max],
      isMet: false),
    .init(name: "not to me", match: .me(.destination), isMet: false),
    .init(name: "to me", match: .me(.destination), packet: ours, isMet: true),
  ]

  static let transport: [ConditionCase] = [
    .init(name: "port 53", match: .ports(.destination, one), words: range(53, 53), isMet: true),
    .init(
      name: "a range of ports", match: .ports(.source, one), words: range(1000, 2000), isMet: true),
    .init(
      name: "a range the wrong way round", match: .ports(.source, one), words: range(2000, 1000),
      isMet: false),
    .init(
      name: "the port of a later fragment", match: .ports(.destination, one), words: range(53, 53),
      packet: later, isMet: false),
    .init(
      name: "the port of ICMP", match: .ports(.destination, one), words: range(0, 65535),
      packet: .icmp(8), isMet: false),
    .init(
      name: "SYN without ACK", match: .flags(.tcpflags, set: 2, clear: 0x10), packet: syn,
      isMet: true),
    .init(
      name: "SYN with ACK", match: .flags(.tcpflags, set: 2, clear: 0x10),
      packet: .tcp([.syn, .ack]), isMet: false),
    .init(name: "a lone SYN is not established", match: .established, packet: syn, isMet: false),
    .init(name: "no flag is established", match: .established, packet: .tcp([]), isMet: true),
    .init(name: "UDP is not established", match: .established, isMet: false),
    .init(name: "the sequence number", match: .tcpSequence(1000), packet: syn, isMet: true),
    .init(
      name: "the acknowledgement", match: .tcpAcknowledgement(2001), packet: syn, isMet: false),
    .init(name: "the window", match: .tcpWindow(5000), packet: syn, isMet: true),
    .init(
      name: "no data", match: .number(.tcpdatalen, one), words: range(0, 0), packet: syn,
      isMet: true),
    .init(
      name: "an MSS option", match: .flags(.tcpoptions, set: OptionBit.mss, clear: 0),
      packet: syn.with {
        $0.transport[12] = 0x60
        $0.transport += [2, 4, 5, 0xb4]
      }, isMet: true),
    .init(name: "an echo request", match: .icmpTypes(1 << 8), packet: .icmp(8), isMet: true),
    .init(
      name: "type 40 shows as type 8", match: .icmpTypes(1 << 8), packet: .icmp(40), isMet: true),
    .init(name: "type 41 is none", match: .icmpTypes(.max), packet: .icmp(41), isMet: false),
  ]

  static let header: [ConditionCase] = [
    .init(name: "in", match: .inbound, isMet: true),
    .init(name: "out", match: .inbound, direction: .out, isMet: false),
    .init(name: "not a fragment", match: .fragment, isMet: false),
    .init(
      name: "the first fragment", match: .fragment,
      packet: .udp.with { $0.header.fragment = IPv4Header.MF }, isMet: false),
    .init(name: "a later fragment", match: .fragment, packet: later, isMet: true),
    .init(name: "FIB 0", match: .fib(0), isMet: true),
    .init(name: "FIB 1", match: .fib(1), isMet: false),
    .init(name: "length", match: .number(.iplen, one), words: range(28, 28), isMet: true),
    .init(name: "id", match: .number(.ipid, one), words: range(8, 9), isMet: false),
    .init(name: "ttl", match: .number(.ipttl, one), words: range(60, 70), isMet: true),
    .init(name: "version", match: .version(4), isMet: true),
    .init(
      name: "precedence", match: .precedence(0xa0), packet: .udp.with { $0.header.tos = 0xb8 },
      isMet: true),
    .init(
      name: "type of service", match: .flags(.iptos, set: 0x10, clear: 0x08),
      packet: .udp.with { $0.header.tos = 0x18 }, isMet: false),
    .init(
      name: "record route", match: .flags(.ipoptions, set: OptionBit.rr, clear: OptionBit.ts),
      packet: .udp.with { $0.options = [7, 3, 4, 0] }, isMet: true),
    .init(
      name: "an option behind the end", match: .flags(.ipoptions, set: OptionBit.rr, clear: 0),
      packet: .udp.with { $0.options = [0, 7, 3, 4] }, isMet: false),
    .init(
      name: "an option with a bad length", match: .flags(.ipoptions, set: 0, clear: OptionBit.rr),
      packet: .udp.with { $0.options = [68, 9, 5, 0] }, isMet: false),
    .init(name: "no IPsec", match: .ipsec, isMet: false),
    .init(name: "a comment", match: .comment, isMet: true),
  ]

  static let interfaces: [ConditionCase] = [
    .init(name: "recv by name", match: .interface(.recv, name("em0")), isMet: true),
    .init(name: "recv another", match: .interface(.recv, name("em1")), isMet: false),
    .init(
      name: "recv on the way out", match: .interface(.recv, name("em0")), direction: .out,
      isMet: true),
    .init(name: "xmit on the way in", match: .interface(.xmit, name("em0")), isMet: false),
    .init(
      name: "xmit", match: .interface(.xmit, name("em1")), direction: .out, isMet: true),
    .init(
      name: "via is the one it leaves by", match: .interface(.via, name("em1")), direction: .out,
      isMet: true),
    .init(name: "a pattern", match: .interface(.via, pattern("e?[0-2]")), isMet: true),
    .init(name: "a star", match: .interface(.via, pattern("*0")), isMet: true),
    .init(name: "a negated bracket", match: .interface(.via, pattern("em[!0]")), isMet: false),
    .init(
      name: "by address", match: .interface(.recv, .address(IPv4Address(10, 0, 0, 1))),
      isMet: true),
    .init(
      name: "by an address of another", match: .interface(.recv, .address(.loopback)),
      isMet: false),
    .init(name: "the way back", match: .verifyReversePath, isMet: true),
    .init(
      name: "another way back", match: .verifyReversePath,
      packet: .udp.with { $0.header.source = IPv4Address(192, 168, 1, 7) }, isMet: false),
    .init(
      name: "out has its way back", match: .verifyReversePath,
      packet: .udp.with { $0.header.source = IPv4Address(8, 8, 8, 8) }, direction: .out,
      isMet: true),
    .init(name: "reachable", match: .verifySourceReachable, isMet: true),
    .init(
      name: "not reachable", match: .verifySourceReachable,
      packet: .udp.with { $0.header.source = IPv4Address(8, 8, 8, 8) }, isMet: false),
    .init(
      name: "a neighbour's address on another wire", match: .antispoof,
      packet: .udp.with { $0.header.source = IPv4Address(192, 168, 1, 7) }, isMet: false),
    .init(
      name: "no neighbour's address", match: .antispoof,
      packet: .udp.with { $0.header.source = IPv4Address(8, 8, 8, 8) }, isMet: true),
  ]

  @Test(arguments: addresses + transport + header + interfaces)
  func takesThePacket(_ test: ConditionCase) throws {
    var plain = FirewallRule.rule(100, .allow, test.match)
    plain.words = test.words
    for isNegated in [false, true] {
      plain.instructions[0].isNegated = isNegated
      var lab = FirewallLab([plain])
      let interface = test.direction == .in ? FirewallLab.em0 : FirewallLab.em1
      let run = try lab.ask(test.packet, test.direction, on: interface)
      let isTaken = test.isMet != isNegated
      #expect(run.matched == [isTaken ? 100 : 65535])
      #expect((run.verdict == .pass) == isTaken)
    }
  }
}
