// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Testing
import Userland
import Wire

/// What ipfw(8) lists it can read again, and it means the same.
@Suite("Random rules") struct RuleRoundTripTests {
  @Test(arguments: FuzzSize.ruleSeeds) func aListingReadsAsTheRule(seed: UInt64) throws {
    var maker = RuleMaker(seed: seed)
    var packets = PacketMaker(random: RandomSource(seed: seed))
    var first = try RuleLab(seed)
    var second = try RuleLab(seed)
    var faithful = 0
    for _ in 0..<FuzzSize.rulesPerSeed {
      let words = maker.rule()
      let place: Comment = "seed \(seed): add \(words.joined(separator: " "))"
      let added = first.add(words)
      let number = try #require(added, place)
      defer { first.delete(number) }
      let rule = try first.rule(number)
      guard rule.isReadable else { continue }
      faithful += 1
      let line = first.line(rule)
      let addedAgain = second.add(line.split(separator: " ").map(String.init))
      #expect(addedAgain == number, place)
      defer { second.delete(number) }
      let again = try second.rule(number)
      let lineAgain = second.line(again)
      #expect(lineAgain == line, place)
      if !rule.isRearranged {
        var same = again
        // A port behind `to any` is shown as an option.
        same.hasOnlyOptions = rule.hasOnlyOptions
        #expect(same == rule, place)
      }
      for _ in 0..<3 {
        let packet = packets.packet()
        let interface = maker.random.pick([1, 2, 3] as [UInt16])
        let counters = first.receive(packet, interface)
        let countersAgain = second.receive(packet, interface)
        #expect(counters == countersAgain, place)
      }
    }
    #expect(faithful > FuzzSize.rulesPerSeed / 2)
  }

  @Test(arguments: FuzzSize.ruleSeeds) func brokenRulesAreTakenOrRefused(seed: UInt64) throws {
    var maker = RuleMaker(seed: seed &+ 1_000_000)
    var packets = PacketMaker(random: RandomSource(seed: seed))
    var lab = try RuleLab(seed)
    for _ in 0..<FuzzSize.rulesPerSeed {
      let words = maker.brokenRule()
      let place: Comment = "seed \(seed): add \(words.joined(separator: " "))"
      do throws(Fault) {
        let line = RulePrinter.line(try lab.parse(words))
        #expect(!line.isEmpty, place)
      } catch {
        let status = error.resolved(program: "ipfw", usage: "", usageStatus: 64).status
        #expect([64, 65, 68].contains(status), place)
        continue
      }
      guard let number = lab.add(words) else { continue }
      _ = lab.receive(packets.packet(), 1)
      let keepsAccount = lab.keepsAccount
      #expect(keepsAccount, place)
      lab.delete(number)
    }
  }

  @Test func aShorterListingReadsAsTheRule() throws {
    var maker = RuleMaker(seed: 0)
    var format = RuleFormat()
    format.isCompact = true
    format.altqQueues = RuleLab.queues
    let lab = try RuleLab(0)
    for _ in 0..<FuzzSize.rulesPerSeed {
      let words = maker.rule()
      let rule = try lab.parse(words)
      guard rule.isReadable else { continue }
      let line = RulePrinter.line(rule, format)
      let again = try lab.parse(line.split(separator: " ").dropFirst().map(String.init))
      // A port behind `to any` has been read as an option, which is shown alone from now on.
      let shorter = RulePrinter.line(again, format)
      #expect(shorter == (rule.hasOnlyOptions == again.hasOnlyOptions ? line : line.shortened))
    }
  }
}

/// A machine with one rule at a time.
private struct RuleLab: ~Copyable {
  static let queues = (1...2).map { AltqQueue(name: "q\($0)", number: $0) }

  private var kernel: Kernel
  private var format: RuleFormat

  init(_ seed: UInt64) throws {
    var options = KernelOptions.demo
    options.seed = seed
    options.netgraph = true
    options.altqQueues = RuleLab.queues
    var kernel = try Kernel.fuzzLab(seed: seed, options)
    try kernel.firewallFlush(vnet: .zero)
    for table in UInt16(0)...127 {
      for (network, length) in [("10.0.0.0", UInt8(8)), ("10.0.1.0", 24), ("192.168.0.0", 16)] {
        let address = try #require(IPv4Address(dottedQuad: network))
        try kernel.firewallTableAdd(
          vnet: .zero, table, .init(address, length: length, value: UInt32(table % 20)))
      }
    }
    self.kernel = kernel
    format = RuleFormat()
    format.showsSets = true
    format.altqQueues = RuleLab.queues
  }

  func parse(_ words: [String]) throws(Fault) -> FirewallRule {
    let surroundings = RuleSurroundings(
      fibCount: 16, altqQueues: kernel.machine.options.altqQueues, warn: { _ in })
    return try RuleParser.parse(words, surroundings)
  }

  /// The number of the rule that the words make, or nil where something refuses it.
  mutating func add(_ words: [String]) -> UInt16? {
    guard let rule = try? parse(words) else { return nil }
    return try? kernel.firewallAdd(vnet: .zero, rule: rule)
  }

  mutating func delete(_ number: UInt16) {
    try? kernel.firewallDelete(vnet: .zero, .number(number))
  }

  func rule(_ number: UInt16) throws -> FirewallRule {
    let rules = try kernel.firewallRules(vnet: .zero)
    return try #require(rules.first { $0.number == number })
  }

  func line(_ rule: FirewallRule) -> String { RulePrinter.line(rule, format) }

  /// Whether every packet that came in has ended.
  var keepsAccount: Bool { kernel.machine.tally.ended == kernel.machine.tally.entered }

  /// What the counters of the rules and of the machine say behind a packet.
  mutating func receive(_ packet: [UInt8], _ unit: UInt16) -> [UInt64] {
    let frame = [UInt8](repeating: 2, count: 12) + [8, 0] + packet
    var received = ReceivedFrame(frame, on: InterfaceIndex(rawValue: unit))
    received.skipsEtherInput = true
    kernel.receive(received)
    let tally = kernel.machine.tally
    let rules = (try? kernel.firewallRules(vnet: .zero)) ?? []
    return [tally.ended, tally.dropped, tally.sent] + rules.map(\.packets)
  }
}

extension String {
  /// The line without what stands for every packet.
  fileprivate var shortened: String { replacing(" ip from any to any", with: "") }
}
