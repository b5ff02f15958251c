// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

extension FirewallRule {
  static let allow = FirewallRule(.allow)
  static let deny = FirewallRule(.deny)
  static let count = FirewallRule(.count)
  static let checkState = FirewallRule(.checkState)

  static let keepState: FirewallRule = {
    var rule = FirewallRule(.allow)
    rule.instructions = [Instruction(.probeState), Instruction(.keepState)]
    return rule
  }()

  /// Translates what leaves.
  static let nat: FirewallRule = {
    var rule = FirewallRule(.nat(1))
    rule.instructions = [Instruction(.inbound, isNegated: true)]
    return rule
  }()

  /// A rule that counts what has an end in table 1.
  static func inTable(_ end: PacketEnd) -> FirewallRule {
    var rule = FirewallRule.count
    rule.instructions = [Instruction(.table(end, 1, value: nil))]
    return rule
  }

  static func setfib(_ fib: UInt16) -> FirewallRule { FirewallRule(.setfib(fib)) }

  static func skipto(_ number: UInt16) -> FirewallRule { FirewallRule(.skipto(number)) }

  private static let em2 = name("em2")
  private static let em7to9 = name("em[7-9]")

  private static func name(_ text: String) -> InterfaceName {
    guard let name = InterfaceName(text) else { fail("no name: \(text)") }
    return name
  }

  /// So many rules of several kinds that no packet of the lab meets.
  static func manyMisses(_ count: Int) -> [FirewallRule] {
    let words = [NumberRange(40_000, 40_010).word, 0x0a63_0000, 0xffff_0000]
    let misses: [[Match]] = [
      [.proto(6), .ports(.destination, WordRange(start: 0, count: 1))],
      [.proto(17), .address(.source, IPv4Address(1, 2, 3, 4))],
      [.networks(.source, WordRange(start: 1, count: 2))],
      [.proto(17), .ports(.destination, WordRange(start: 0, count: 1))],
      [.interface(.recv, .name(FirewallRule.em2))],
    ]
    return rules(count, misses, words)
  }

  /// So many of kinds that take more than a comparison.
  static func costlyMisses(_ count: Int) -> [FirewallRule] {
    let words: [UInt32] = [0x0a63_0000, 0xffff_0000, 0x0100_0000, 0xffff_0000]
    let misses: [[Match]] = [
      [.me(.destination)], [.table(.source, 1, value: nil)], [.established],
      [.interface(.recv, .pattern(em2))], [.networks(.destination, WordRange(start: 0, count: 4))],
      [.icmpTypes(1)], [.tagged(5)],
    ]
    return rules(count, misses, words)
  }

  /// So many with lists, whose ends lie on both sides of what the packet has.
  static func listMisses(_ count: Int) -> [FirewallRule] {
    let words = [
      NumberRange(22, 22).word, NumberRange(80, 80).word,
      0x0a63_0000, 0xffff_0000, 0xdd00_0000, 0xffff_0000, 0b110,
    ]
    let misses: [[Match]] = [
      [.ports(.destination, WordRange(start: 0, count: 2))],
      [.networks(.destination, WordRange(start: 2, count: 4))],
      [
        .hosts(
          .destination, base: IPv4Address(192, 168, 1, 64), length: 27,
          WordRange(start: 6, count: 1))
      ],
      [.interface(.recv, .pattern(FirewallRule.em7to9))],
    ]
    return rules(count, misses, words)
  }

  private static func rules(_ count: Int, _ misses: [[Match]], _ words: [UInt32]) -> [FirewallRule]
  {
    (0..<count).map { index in
      var rule = FirewallRule(.count)
      rule.number = UInt16(1 + index)
      rule.instructions = misses[index % misses.count].map { Instruction($0) }
      rule.words = words
      return rule
    }
  }

  /// A rule whose address no packet of the lab has.
  static let neverMatches: FirewallRule = {
    var rule = FirewallRule(.deny)
    rule.number = 1000
    rule.instructions = [Instruction(.address(.source, IPv4Address(1, 2, 3, 4)))]
    return rule
  }()
}

extension PipeSettings {
  /// A packet of 46 bytes a millisecond, and two on the way.
  static let slow: PipeSettings = {
    var settings = PipeSettings()
    settings.number = 1
    settings.bandwidth = 368_000
    settings.delay = 2
    return settings
  }()

  /// Queue 1 of pipe 1, which tells flows apart by all they have.
  static let queue: PipeSettings = {
    var settings = PipeSettings()
    settings.flowSet.number = 1
    settings.flowSet.parent = 1
    settings.flowSet.flags = .DN_HAVE_FLOW_MASK
    settings.flowSet.mask.source = .max
    settings.flowSet.mask.destinationPort = .max
    return settings
  }()
}
