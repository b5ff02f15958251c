// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Userland
import Wire

/// The compiled chain and the walk over the rules are one: whatever the rules, the packets, and what
/// happens to the rules in between.
@Suite("Compiled chains") struct CompiledChainTests {
  @Test(arguments: FuzzSize.chainSeeds) func saysWhatTheWalkSays(seed: UInt64) throws {
    var maker = RuleMaker(seed: seed)
    var packets = PacketMaker(random: RandomSource(seed: seed))
    var random = RandomSource(seed: seed &+ 7)
    var labs = try ChainLabs(seed)
    for _ in 0..<FuzzSize.rulesPerChain {
      let isSame = labs.make(.add(ChainLab.rule(&maker, &random)))
      #expect(isSame, "seed \(seed)")
    }
    try labs.settle()
    for step in 0..<FuzzSize.packetsPerChain {
      if random.chance(20) {
        let change = ChainChange(&maker, &random)
        let isSame = labs.make(change)
        #expect(isSame, "seed \(seed), step \(step): \(change)")
        // Now and then it takes all changes at once.
        if random.chance(20) { try labs.settle() }
      }
      let packet = packets.packet()
      let interface = random.pick([1, 2, 3] as [UInt16])
      let verdicts = labs.pass(packet, interface, isIn: random.chance(60))
      #expect(Set(verdicts).count == 1, "seed \(seed), step \(step): \(verdicts)")
      let batch = (0..<Int.random(in: 0..<40, using: &random)).map { _ in packets.packet() }
      let ofBatch = labs.passes(batch, interface, isIn: random.chance(60))
      #expect(Set(ofBatch).count == 1, "seed \(seed), step \(step): \(ofBatch)")
      let accounts = labs.receive(packet, interface)
      #expect(Set(accounts).count == 1, "seed \(seed), step \(step): \(accounts)")
    }
    let difference = try labs.difference()
    #expect(difference == nil, "seed \(seed)")
  }

  /// So many that there are several words of bits for words of rules, and trees of several levels.
  @Test func saysWhatTheWalkSaysOfThousands() throws {
    var packets = PacketMaker(random: RandomSource(seed: 5))
    var random = RandomSource(seed: 6)
    var labs = try ChainLabs(5)
    for place in 0..<4700 {
      let rule = ChainLab.rule(number: UInt16(1 + place * 12), &random)
      let isSame = labs.make(.add(rule))
      #expect(isSame)
    }
    try labs.settle()
    for step in 0..<60 {
      if step == 30 {
        for number in stride(from: UInt16(1), to: 55_000, by: 1200) {
          let isSame = labs.make(.delete(number))
          #expect(isSame)
        }
      }
      let verdicts = labs.pass(packets.packet(), 1, isIn: true)
      #expect(Set(verdicts).count == 1, "step \(step): \(verdicts)")
    }
    let difference = try labs.difference()
    #expect(difference == nil)
  }
}

/// The same machine three times.
struct ChainLabs: ~Copyable {
  private var walked: ChainLab
  private var compiled: ChainLab
  private var patched: ChainLab

  init(_ seed: UInt64) throws {
    // All are there, or none is.
    let walked = try ChainLab(seed, .walked)
    let compiled = try ChainLab(seed, .compiled)
    let patched = try ChainLab(seed, .patched)
    self.walked = walked
    self.compiled = compiled
    self.patched = patched
  }

  /// Whether all three say the same of a change.
  mutating func make(_ change: ChainChange) -> Bool {
    let answers = [walked.make(change), compiled.make(change), patched.make(change)]
    return answers.allSatisfy { $0 == answers[0] }
  }

  mutating func settle() throws {
    try walked.settle()
    try compiled.settle()
    try patched.settle()
  }

  mutating func pass(_ packet: [UInt8], _ unit: UInt16, isIn: Bool) -> [FirewallVerdict?] {
    [
      walked.pass(packet, unit, isIn: isIn), compiled.pass(packet, unit, isIn: isIn),
      patched.pass(packet, unit, isIn: isIn),
    ]
  }

  /// Packets that come together: one after the other where rules are walked, else as a batch.
  mutating func passes(_ packets: [[UInt8]], _ unit: UInt16, isIn: Bool) -> [[FirewallVerdict?]] {
    [
      walked.passes(packets, unit, isIn: isIn), compiled.passes(packets, unit, isIn: isIn),
      patched.passes(packets, unit, isIn: isIn),
    ]
  }

  mutating func receive(_ packet: [UInt8], _ unit: UInt16) -> [[UInt64]] {
    [
      walked.receive(packet, unit), compiled.receive(packet, unit), patched.receive(packet, unit),
    ]
  }

  /// The first rule that is not the same in all, the log, or anything else of the state.
  mutating func difference() throws -> String? {
    let rules = [try walked.rules(), try compiled.rules(), try patched.rules()]
    for index in rules[0].indices {
      let found = rules.map { $0[index] }
      if found[1] != found[0] || found[2] != found[0] { return "\(found)" }
    }
    let logs = [walked.log(), compiled.log(), patched.log()]
    if logs[1] != logs[0] || logs[2] != logs[0] { return "\(logs)" }
    let states = [try walked.state(), try compiled.state(), try patched.state()]
    return states[1] != states[0] || states[2] != states[0] ? "the state: \(states)" : nil
  }
}

/// What happens to a chain.
enum ChainChange {
  case add(FirewallRule)
  case delete(UInt16)
  case sets(disable: UInt32, enable: UInt32)
  case move(UInt16, to: UInt8)
  case tableAdd(UInt16, FirewallTables.Entry)
  case tableFlush(UInt16)
  case advance(milliseconds: UInt64)

  init(_ maker: inout RuleMaker, _ random: inout RandomSource) {
    switch Int.random(in: 0..<12, using: &random) {
    case 0...3: self = .add(ChainLab.rule(&maker, &random))
    case 4...6: self = .delete(ChainLab.number(&random))
    case 7:
      let disable = UInt32(truncatingIfNeeded: random.next() & random.next() & random.next())
      self = .sets(disable: disable, enable: UInt32(truncatingIfNeeded: random.next()))
    case 8: self = .move(ChainLab.number(&random), to: random.byte() & 31)
    case 9:
      let address = random.pick(PacketMaker.addresses)
      let length = UInt8.random(in: 0...32, using: &random)
      self = .tableAdd(
        UInt16(random.byte() & 127),
        .init(address, length: length, value: UInt32.random(in: 0..<900, using: &random)))
    case 10: self = .tableFlush(UInt16(random.byte() & 127))
    default: self = .advance(milliseconds: UInt64.random(in: 1...4000, using: &random))
    }
  }
}

/// A machine whose rules are looked at in one way.
struct ChainLab: ~Copyable {
  enum Way {
    case walked, compiled
    /// Compiled once: what came later is walked.
    case patched
  }

  private var kernel: Kernel
  private let way: Way

  init(_ seed: UInt64, _ way: Way) throws {
    var options = KernelOptions.demo
    options.seed = seed
    options.netgraph = true
    var kernel = try Kernel.fuzzLab(seed: seed, options)
    for table in UInt16(0)...127 {
      for (network, length) in [("10.0.0.0", UInt8(8)), ("10.0.1.0", 24), ("192.168.0.0", 16)] {
        let address = try #require(IPv4Address(dottedQuad: network))
        let value = UInt32(table) * 7 % 900
        try kernel.firewallTableAdd(
          vnet: .zero, table, .init(address, length: length, value: value))
      }
    }
    try kernel.setSysctl(.ipFwCompiled, to: way == .walked ? 0 : 2, vnet: .zero)
    self.kernel = kernel
    self.way = way
  }

  /// Shows the rules something; where what comes is to be walked, it is compiled for that, and then no more.
  mutating func settle() throws {
    if way == .patched { try kernel.setSysctl(.ipFwCompiled, to: 2, vnet: .zero) }
    _ = pass([], 1, isIn: true)
    if way == .patched { try kernel.setSysctl(.ipFwCompiled, to: 1, vnet: .zero) }
  }

  /// A number that a rule of the lab may have.
  static func number(_ random: inout RandomSource) -> UInt16 {
    UInt16.random(in: 1...900, using: &random)
  }

  /// A rule of any kind, which more often than not lets the search go on.
  static func rule(_ maker: inout RuleMaker, _ random: inout RandomSource) -> FirewallRule {
    while true {
      let surroundings = RuleSurroundings(fibCount: 16, altqQueues: [], warn: { _ in })
      guard var rule = try? RuleParser.parse(maker.rule(), surroundings) else { continue }
      rule.number = number(&random)
      switch rule.action {
      case .count, .setfib, .skipto(RuleAction.tablearg): break
      case .skipto: rule.action = .skipto(number(&random))
      default: if random.chance(80) { rule.action = .count }
      }
      // A chain of which little is left after a few conditions would say little.
      if random.chance(50), !rule.instructions.contains(where: \.orNext) {
        rule.instructions = Array(rule.instructions.prefix(1))
      }
      return rule
    }
  }

  /// A rule for two networks and a port, as ClassBench makes them, which may only count.
  static func rule(number: UInt16, _ random: inout RandomSource) -> FirewallRule {
    var rule = FirewallRule(random.chance(97) ? .count : .skipto(number &+ 600))
    if random.chance(1) { rule.action = .allow }
    rule.number = number
    for end in [PacketEnd.source, .destination] where random.chance(80) {
      // Some of the packets', some of neighbours.
      let near = random.pick(PacketMaker.addresses).rawValue
      let address = near ^ UInt32(random.chance(50) ? 0 : random.byte())
      let mask = UInt32.max << UInt32(32 - random.pick([1, 2, 8, 16, 24, 28, 31, 32]))
      let words = WordRange(start: rule.words.count, count: 2)
      rule.instructions.append(Instruction(.networks(end, words)))
      rule.words += [address & mask, mask]
    }
    if random.chance(30) {
      let port = UInt16(random.byte())
      let words = WordRange(start: rule.words.count, count: 1)
      rule.instructions.append(Instruction(.ports(.destination, words)))
      rule.words.append(NumberRange(port, port &+ UInt16(random.byte())).word)
    }
    return rule
  }

  mutating func make(_ change: ChainChange) -> Errno? {
    do throws(Errno) {
      switch change {
      case .add(let rule): _ = try kernel.firewallAdd(vnet: .zero, rule: rule)
      case .delete(let number): try kernel.firewallDelete(vnet: .zero, .number(number))
      case .sets(let disable, let enable):
        try kernel.firewallSets(vnet: .zero, disable: disable, enable: enable)
      case .move(let number, let set):
        try kernel.firewallMove(vnet: .zero, .number(number), to: set)
      case .tableAdd(let table, let entry):
        try kernel.firewallTableAdd(vnet: .zero, table, entry)
      case .tableFlush(let table): try kernel.firewallTableFlush(vnet: .zero, table)
      case .advance(let milliseconds):
        kernel.advance(to: kernel.machine.now.advanced(milliseconds: milliseconds))
      }
      return nil
    } catch {
      return error
    }
  }

  /// What the rules say of a packet, the path around them aside.
  mutating func pass(_ packet: [UInt8], _ unit: UInt16, isIn: Bool) -> FirewallVerdict? {
    let interface = InterfaceIndex(rawValue: unit)
    var staged = StagedPackets()
    guard kernel.stage(packet, receivedOn: interface, in: &staged) else { return nil }
    let verdict = kernel.firewallPass(
      &staged, 0, vnet: .zero, isIn ? .in : .out, on: interface)
    kernel.unstage(&staged)
    return verdict
  }

  /// The same of packets that are there together.
  mutating func passes(_ packets: [[UInt8]], _ unit: UInt16, isIn: Bool) -> [FirewallVerdict?] {
    let interface = InterfaceIndex(rawValue: unit)
    var staged = StagedPackets()
    var verdicts: [FirewallVerdict?] = []
    for packet in packets {
      guard kernel.stage(packet, receivedOn: interface, in: &staged) else { return [] }
    }
    let direction: Direction = isIn ? .in : .out
    if way == .walked {
      for index in 0..<staged.count {
        let verdict = kernel.firewallPass(
          &staged, index, vnet: .zero, direction, on: interface)
        verdicts.append(verdict)
      }
    } else {
      kernel.firewallPasses(&staged, vnet: .zero, direction, on: interface) { index, verdict in
        if index == verdicts.count { verdicts.append(verdict) }
      }
    }
    kernel.unstage(&staged)
    return verdicts
  }

  /// What the machine has counted behind a packet.
  mutating func receive(_ packet: [UInt8], _ unit: UInt16) -> [UInt64] {
    let frame = [UInt8](repeating: 2, count: 12) + [8, 0] + packet
    var received = ReceivedFrame(frame, on: InterfaceIndex(rawValue: unit))
    received.skipsEtherInput = true
    kernel.receive(received)
    let tally = kernel.machine.tally
    return [tally.ended, tally.dropped, tally.sent]
  }

  func rules() throws -> [FirewallRule] { try kernel.firewallRules(vnet: .zero) }
  func log() -> [String] { kernel.machine.messages }

  /// The whole state in a number, the sysctl aside that says how rules are looked at.
  mutating func state() throws -> UInt64 {
    try kernel.setSysctl(.ipFwCompiled, to: 1, vnet: .zero)
    return kernel.stateHash()
  }
}
