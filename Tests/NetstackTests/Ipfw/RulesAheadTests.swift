// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Testing
import Wire

@testable import Netstack  // What was found ahead is asked, which no call shows.

/// What packets of a batch meet is found ahead for nearly all whose classes came before, and is what these met.
@Suite("Rules ahead") struct RulesAheadTests {
  /// Of plain packets the headers are taken, of others all that rules ask for.
  @Test(arguments: [false, true]) func sayWhatWasMet(asksForMore: Bool) throws {
    var random = RandomSource(seed: 41)
    var lab = FirewallLab()
    try lab.kernel.setSysctl(.ipFwCompiled, to: 2, vnet: .zero)
    for _ in 0..<120 {
      let added = lab.add(RulesAheadTests.rule(asksForMore, &random))
      #expect(throws: Never.self) { try added.get() }
    }
    let packets = (0..<600).map { _ in RulesAheadTests.packet(&random) }
    var verdicts: [FirewallVerdict] = []
    for packet in packets {
      verdicts.append(try lab.askSilently(packet, .in, on: FirewallLab.em0).verdict)
    }
    #expect(lab.kernel.vnets[0].firewall.screens.asked.arePlain != asksForMore)
    var known = 0
    for first in stride(from: 0, to: packets.count, by: RulesAhead.most) {
      let end = min(first + RulesAhead.most, packets.count)
      for (number, verdict) in lab.verdictsAhead(of: packets[first..<end]).enumerated() {
        guard let verdict else { continue }
        known += 1
        #expect(verdict == verdicts[first + number], "packet \(first + number)")
      }
    }
    // A line has no room for all ports of the same addresses.
    #expect(known > 550)
  }

  /// A rule for some of the packets.
  private static func rule(_ asksForMore: Bool, _ random: inout RandomSource) -> FirewallRule {
    var rule = FirewallRule(few(2, &random) == 0 ? .allow : .deny)
    let kinds: [Match] = [.ip4, .ip6, .version(4), .version(5), .proto(6), .proto(17)]
    rule.instructions = [Instruction(kinds[few(kinds.count, &random)])]
    for end in [PacketEnd.source, .destination] {
      rule.instructions.append(Instruction(.address(end, address(&random))))
      guard few(2, &random) == 0 else { continue }
      let words = WordRange(start: rule.words.count, count: 1)
      rule.instructions.append(Instruction(.ports(end, words)))
      rule.words.append(NumberRange(0, UInt16(few(2, &random))).word)
    }
    if asksForMore, few(3, &random) == 0 { rule.instructions.append(Instruction(.inbound)) }
    return rule
  }

  /// One with ports, a later fragment, or one without ports.
  private static func packet(_ random: inout RandomSource) -> FirewallPacket {
    var packet = few(2, &random) == 0 ? FirewallPacket.udp : .tcp(.syn)
    if few(10, &random) == 0 { packet = .icmp(8) }
    (packet.header.source, packet.header.destination) = (address(&random), address(&random))
    if few(5, &random) == 0 { packet.header.fragment = 8 }
    (packet.transport[0], packet.transport[2]) = (0, 0)
    (packet.transport[1], packet.transport[3]) = (UInt8(few(4, &random)), UInt8(few(4, &random)))
    return packet
  }

  private static func address(_ random: inout RandomSource) -> IPv4Address {
    IPv4Address(10, 0, 0, UInt8(few(4, &random)))
  }

  private static func few(_ count: Int, _ random: inout RandomSource) -> Int {
    Int.random(in: 0..<count, using: &random)
  }
}

extension FirewallLab {
  /// What packets that come in on em0 are known to meet; nil where that is not known.
  fileprivate mutating func verdictsAhead(
    of packets: ArraySlice<FirewallPacket>
  ) -> [FirewallVerdict?] {
    var ahead = RulesAhead(kernel.vnets[0].firewall.compiled.fields)
    for (number, packet) in packets.enumerated() {
      let bytes = packet.bytes
      kernel.vnets[0].takeAhead(
        number, bytes.rawBytes, FilterPlace(.in, FirewallLab.em0), received: FirewallLab.em0,
        fib: .zero, PacketTags.none, &ahead, kernel.machine)
    }
    kernel.vnets[0].findAhead(&ahead)
    return packets.indices.map { index in
      guard let known = ahead[index - packets.startIndex] else { return nil }
      let number = kernel.vnets[0].firewall.rules[Int(known.place)].number
      return known.allows ? .pass : .deny(rule: number)
    }
  }
}
