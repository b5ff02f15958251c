// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

/// Packets that come again meet the rule that they meet in a walk, whatever happens to the rules in
/// between, and however many packets there are.
@Suite("Packets that come again") struct RuleMemoTests {
  /// Of a hundred rules so many decide; the others count or skip. Where all decide, packets are known by
  /// their numbers; where few do, it is not worth while to remember any.
  @Test(arguments: [100, 90, 5]) func meetTheSameRule(deciding: Int) throws {
    var random = RandomSource(seed: UInt64(deciding))
    var maker = PacketMaker(random: RandomSource(seed: 12))
    var labs = try ChainLabs(13)
    // The lab's own rules count every packet.
    for number in UInt16(1)...2000 {
      let isSame = labs.make(.delete(number))
      #expect(isSame)
    }
    for place in 0..<120 {
      let rule = RuleMemoTests.rule(number: UInt16(1 + place * 7), deciding, &random)
      let isSame = labs.make(.add(rule))
      #expect(isSame)
    }
    try labs.settle()
    // More than there is room for at first.
    let packets = (0..<650).flatMap { _ in
      RuleMemoTests.neighbors(of: maker.packet(), &random)
    }
    for step in 0..<9000 {
      if step % 700 == 699 {
        let bits = UInt32(truncatingIfNeeded: random.next()) & 0xe
        let isSame = labs.make(.sets(disable: bits, enable: ~bits))
        #expect(isSame, "step \(step)")
      }
      if step % 900 == 899 {
        let address = random.pick(PacketMaker.addresses)
        let isSame = labs.make(
          random.chance(50)
            ? .tableFlush(3) : .tableAdd(3, .init(address, length: 24, value: UInt32(step))))
        #expect(isSame, "step \(step)")
      }
      if step % 1500 == 1499 {
        let isSame = labs.make(.move(ChainLab.number(&random), to: random.byte() & 3))
        #expect(isSame, "step \(step)")
      }
      if step == 7500 {
        let rule = RuleMemoTests.rule(number: 300, deciding, &random)
        let isSame = labs.make(.add(rule))
        #expect(isSame)
      }
      // Some come much more often than others.
      let most = random.chance(50) ? 200 : packets.count
      let packet = packets[Int.random(in: 0..<most, using: &random)]
      let verdicts = labs.pass(packet, random.pick([1, 2]), isIn: random.chance(50))
      #expect(Set(verdicts).count == 1, "step \(step): \(verdicts)")
    }
    let difference = try labs.difference()
    #expect(difference == nil)
  }

  /// Packets of one flow that differ in nothing but their number, which a rule asks for.
  @Test func meetTheSameRuleByTheirNumbers() throws {
    var labs = try ChainLabs(15)
    for number in UInt16(1)...2000 {
      let isSame = labs.make(.delete(number))
      #expect(isSame)
    }
    var rule = FirewallRule(.deny)
    rule.number = 1
    rule.instructions = [
      Instruction(.address(.source, IPv4Address(rawValue: 0x0a00_0009))),
      Instruction(.number(.ipid, WordRange(start: 0, count: 20))),
    ]
    rule.words = (0..<20).map { NumberRange($0 * 64, $0 * 64 + 31).word }
    let isSame = labs.make(.add(rule))
    #expect(isSame)
    try labs.settle()
    var packet: [UInt8] = [0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 9, 10, 0, 0, 1]
    packet += [0x10, 0, 0, 53, 0, 8, 0, 0]
    for turn in 0..<3 {
      for number in UInt16(0)..<1300 {
        (packet[4], packet[5]) = (UInt8(number >> 8), UInt8(number & 255))
        let verdicts = labs.pass(packet, 1, isIn: true)
        #expect(Set(verdicts).count == 1, "turn \(turn), number \(number): \(verdicts)")
      }
    }
    let difference = try labs.difference()
    #expect(difference == nil)
  }

  /// Of packets between the same hosts some meet a rule that asks for a port, and some one before it.
  @Test func meetTheSameRuleByTheirPorts() throws {
    var random = RandomSource(seed: 31)
    var labs = try ChainLabs(14)
    for number in UInt16(1)...2000 {
      let isSame = labs.make(.delete(number))
      #expect(isSame)
    }
    // So many sources that the rows of most are not whole.
    let sources = (0..<1600).map { _ in
      0x0a00_0000 | UInt32(truncatingIfNeeded: random.next()) & 0xf_ffff
    }
    let destinations = (0..<6).map { _ in 0xc0a8_0000 | UInt32(random.byte()) }
    for place in 0..<2600 {
      var rule = FirewallRule(random.chance(60) ? .allow : .deny)
      rule.number = UInt16(1 + place * 20)
      rule.set = random.byte() & 3
      if random.chance(40) {
        rule.instructions.append(Instruction(.proto(random.pick([6, 17, 17]))))
      }
      if random.chance(10) {
        rule.instructions.append(
          Instruction(random.pick([.ip4, .ip6, .version(4), .version(5)])))
      }
      let mask = UInt32.max << random.pick([0, 1, 2, 4])
      rule.instructions.append(Instruction(.networks(.source, WordRange(start: 0, count: 2))))
      rule.words = [random.pick(sources) & mask, mask]
      if random.chance(60) {
        let destination = IPv4Address(rawValue: random.pick(destinations))
        rule.instructions.append(Instruction(.address(.destination, destination)))
      }
      for end in [PacketEnd.source, .destination] where random.chance(40) {
        rule.instructions.append(
          Instruction(.ports(end, WordRange(start: rule.words.count, count: 1))))
        let port = UInt16(random.byte() & 7)
        rule.words.append(NumberRange(port, port + UInt16(random.byte() & 3)).word)
      }
      let isSame = labs.make(.add(rule))
      #expect(isSame)
    }
    try labs.settle()
    for step in 0..<250 {
      if step % 90 == 89 {
        let bits = UInt32(truncatingIfNeeded: random.next()) & 0xe
        let isSame = labs.make(.sets(disable: bits, enable: ~bits))
        #expect(isSame, "step \(step)")
      }
      // Few hosts, so that most packets are of hosts that sent some before.
      let packets = (0..<24).map { _ in
        RuleMemoTests.udp(
          from: sources[Int(random.byte()) & 63], to: random.pick(destinations), &random)
      }
      let verdicts = labs.passes(packets, 1, isIn: true)
      #expect(Set(verdicts).count == 1, "step \(step): \(verdicts)")
    }
    let difference = try labs.difference()
    #expect(difference == nil)
  }

  private static func udp(
    from source: UInt32, to destination: UInt32, _ random: inout RandomSource
  ) -> [UInt8] {
    var packet = [UInt8](repeating: 0, count: 28)
    (packet[0], packet[3], packet[8], packet[9]) = (0x45, 28, 64, random.chance(70) ? 17 : 1)
    for byte in 0..<4 {
      packet[12 + byte] = UInt8(truncatingIfNeeded: source >> UInt32(24 - 8 * byte))
      packet[16 + byte] = UInt8(truncatingIfNeeded: destination >> UInt32(24 - 8 * byte))
    }
    (packet[21], packet[23], packet[25]) = (random.byte() & 15, random.byte() & 15, 8)
    return packet
  }

  /// A packet and three that are nearly as it is: a byte of the addresses, the ports or the type differs.
  private static func neighbors(
    of packet: [UInt8], _ random: inout RandomSource
  ) -> [[UInt8]] {
    [packet]
      + (0..<3).map { _ in
        var other = packet
        let place = random.chance(50) ? 23 : Int.random(in: 12..<24, using: &random)
        if place < other.count { other[place] ^= random.pick([1, 2, 4, 8, 16, 64]) }
        return other
      }
  }

  /// A rule of networks and ports, and sometimes of the way, of the type of service, or of a table.
  private static func rule(
    number: UInt16, _ deciding: Int, _ random: inout RandomSource
  ) -> FirewallRule {
    var rule = FirewallRule(random.chance(50) ? .allow : .deny)
    if !random.chance(deciding) { rule.action = random.chance(90) ? .count : .skipto(number + 40) }
    rule.number = number
    rule.set = random.byte() & 3
    // Few packets meet one of the first rules.
    let protocols: [UInt16] = [1, 6, 17]
    let source = random.pick(PacketMaker.addresses)
    rule.instructions.append(Instruction(.address(.source, source)))
    if random.chance(30) {
      let address = random.pick(PacketMaker.addresses)
      rule.instructions.append(Instruction(.address(.destination, address)))
    }
    if random.chance(40) { rule.instructions.append(Instruction(.proto(random.pick(protocols)))) }
    if random.chance(50) {
      let ports = WordRange(start: rule.words.count, count: 1)
      rule.instructions.append(Instruction(.ports(.destination, ports)))
      let port = random.pick([53, 80, 7, 0] as [UInt16])
      rule.words.append(NumberRange(port, port + UInt16(random.byte() & 31)).word)
    }
    if random.chance(20) {
      rule.instructions.append(Instruction(.inbound, isNegated: random.chance(50)))
    }
    if random.chance(10) { rule.instructions.append(Instruction(.precedence(0x20))) }
    // What a table has is none of the packet's numbers.
    if random.chance(5) { rule.instructions.append(Instruction(.table(.source, 3, value: nil))) }
    // Nor is the type a field of the chain.
    if random.chance(5) { rule.instructions.append(Instruction(.icmpTypes(0x1109))) }
    return rule
  }
}
