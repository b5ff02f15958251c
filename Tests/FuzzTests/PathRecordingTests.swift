// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Userland
import Wire

/// What is recorded of paths alone is what a whole recording says of them, and nothing else changes.
@Suite("Recordings of paths") struct PathRecordingTests {
  /// Two machines to which the same happens.
  private struct Labs: ~Copyable {
    var whole: Kernel
    var brief: Kernel
    private var told = Recorder()
    private var ids = Recorder(wantsDetails: false)
    private var paths = ExpressPaths()
    private var known = [[TraceID]?](repeating: nil, count: ExpressPaths.count)
    private(set) var repeated = 0

    init(_ kernel: borrowing Kernel) {
      whole = kernel.clone()
      brief = kernel.clone()
    }

    static func steps(_ recorder: borrowing Recorder) -> [String] {
      recorder.entries.compactMap { entry in
        entry.event.pathID.map { "\(entry.packet) \($0.text)" }
      }
    }

    /// What the two say of a frame.
    mutating func receive(_ frame: ReceivedFrame) -> (whole: [String], brief: [String]) {
      told.removeAll()
      ids.removeAll()
      whole.receive(frame, tracer: &told)
      let (packet, path) = brief.receive(frame, vnet: .zero, &paths, tracer: &ids)
      guard let path else { return (Labs.steps(told), Labs.steps(ids)) }
      if let known = known[path] {
        repeated += 1
        #expect(ids.entries.isEmpty)
        return (Labs.steps(told), known.map { "\(packet) \($0.text)" })
      }
      known[path] = ids.entries.compactMap(\.event.pathID)
      return (Labs.steps(told), Labs.steps(ids))
    }
  }

  @Test(arguments: FuzzSize.laneSeeds) func ofTheExpressLane(seed: UInt64) throws {
    var repeated = 0
    // Changes add up, and soon nothing would be forwarded: so there are several labs.
    for round in 0..<5 { repeated += try run(seed: seed &* 10 &+ UInt64(round)) }
    #expect(repeated > 0, "seed \(seed)")
  }

  /// - Returns: How many packets came on a path that was known.
  private func run(seed: UInt64) throws -> Int {
    var kernel = try ExpressLab.boot(seed: seed)
    // What rules say is part of a path: with them packets go the general way.
    try kernel.setSysctl(.ipFwEnable, to: 0, vnet: .zero)
    var lab = ExpressLab(seed: seed, kernel)
    var labs = Labs(kernel)
    for number in 0..<FuzzSize.framesPerSeed / 5 {
      if lab.random.chance(4) {
        let change = lab.change()
        labs.whole.perform(change)
        labs.brief.perform(change)
      }
      let said = labs.receive(lab.frame())
      #expect(said.whole == said.brief, "seed \(seed), frame \(number)")
    }
    #expect(labs.whole.stateHash() == labs.brief.stateHash(), "seed \(seed)")
    return labs.repeated
  }

  /// Rules that ask for nothing but what headers say: without a recording most packets are served by a look
  /// at those, and by their states.
  @Test(arguments: FuzzSize.chainSeeds) func ofPlainRules(seed: UInt64) throws {
    var found = 0
    for (lab, way) in [0, 0, 1, 2].enumerated() {
      var packets = PacketMaker(random: RandomSource(seed: seed))
      var random = RandomSource(seed: seed &+ 11 &+ UInt64(lab))
      var kernel = try Kernel.fuzzLab(seed: seed)
      let surroundings = RuleSurroundings(fibCount: 16, altqQueues: [], warn: { _ in })
      var rules = (0..<random.pick([2, 8, 60])).map { _ in
        (UInt16.random(in: 1...900, using: &random), PathRecordingTests.plainRule(&random))
      }
      // The first chain has a state for every packet, and half of the others for what comes so far.
      if lab == 0 || random.chance(50) {
        let words = "allow ip from any to any keep-state".split(separator: " ")
        rules.append((1, ["check-state"]))
        // Behind it a chain may ask for whatever it wants.
        if lab == 0, random.chance(50) {
          rules.append((1, ["count", "ip", "from", "any", "to", "any", "in", "iplen", "0-60"]))
        }
        rules.append((lab == 0 ? 2 : 450, words.map(String.init)))
      }
      // The lab's own rules ask for more.
      try kernel.firewallFlush(vnet: .zero)
      for (number, words) in rules {
        var rule = try RuleParser.parse(words, surroundings)
        rule.number = number
        rule.set = random.pick([0, 3, 3])
        _ = try kernel.firewallAdd(vnet: .zero, rule: rule)
      }
      try kernel.setSysctl(.ipFwCompiled, to: Int64(way), vnet: .zero)
      try kernel.setSysctl(.ipFwOnePass, to: Int64(seed & 1), vnet: .zero)
      var other = kernel.clone()
      var told = Recorder()
      var brief = Recorder(wantsDetails: false)
      let known = (0..<20).map { _ in packets.packet() }
      for number in 0..<4 * FuzzSize.packetsPerChain {
        var packet = random.chance(90) ? random.pick(known) : packets.packet()
        // A connection goes on by other flags.
        if packet.count > 33, packet[9] == 6 { packet[33] = random.byte() }
        let bytes = [UInt8](repeating: 2, count: 12) + [8, 0] + packet
        var frame = ReceivedFrame(bytes, on: InterfaceIndex(rawValue: random.pick([1, 2, 3])))
        frame.skipsEtherInput = true
        told.removeAll()
        brief.removeAll()
        kernel.receive(frame, tracer: &told)
        other.receive(frame, tracer: &brief)
        #expect(
          Labs.steps(told) == Labs.steps(brief), "seed \(seed), lab \(lab), packet \(number)")
        found += told.entries.count { entry in
          guard case .state(let step) = entry.event, case .found = step.outcome else {
            return false
          }
          return true
        }
        guard random.chance(5) else { continue }
        #expect(
          kernel.stateHash() == other.stateHash(), "seed \(seed), lab \(lab), packet \(number)")
        let later = kernel.machine.now.advanced(
          milliseconds: UInt64.random(in: 1...12_000, using: &random))
        kernel.advance(to: later)
        other.advance(to: later)
        guard random.chance(60) else { continue }
        let disabled: UInt32 = random.pick([0, 1 << 3])
        try kernel.firewallSets(vnet: .zero, disable: disabled, enable: ~disabled)
        try other.firewallSets(vnet: .zero, disable: disabled, enable: ~disabled)
      }
      #expect(kernel.stateHash() == other.stateHash(), "seed \(seed), lab \(lab)")
    }
    #expect(found > 0, "seed \(seed)")
  }

  /// A check-state whose set is switched off lets no packet of a state pass, though it comes first.
  @Test func ofAFirstRuleThatIsSwitchedOff() throws {
    var kernel = try Kernel.fuzzLab(seed: 1)
    try kernel.firewallFlush(vnet: .zero)
    let surroundings = RuleSurroundings(fibCount: 16, altqQueues: [], warn: { _ in })
    let rules: [(UInt16, UInt8, String)] = [
      (1, 3, "check-state"), (2, 4, "deny udp from any to any"),
      (3, 0, "allow udp from any to any keep-state"),
    ]
    for (number, set, words) in rules {
      var rule = try RuleParser.parse(words.split(separator: " ").map(String.init), surroundings)
      (rule.number, rule.set) = (number, set)
      _ = try kernel.firewallAdd(vnet: .zero, rule: rule)
    }
    let ip: [UInt8] = [0x45, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 9, 10, 0, 0, 1]
    let packet = ip + [0x10, 0, 0, 53, 0, 8, 0, 0]
    func denied(disabled: UInt32) throws -> UInt64 {
      try kernel.firewallSets(vnet: .zero, disable: disabled, enable: ~disabled)
      var staged = StagedPackets()
      let on = InterfaceIndex(rawValue: 1)
      let isStaged = kernel.stage(packet, receivedOn: on, in: &staged)
      #expect(isStaged)
      _ = kernel.firewallPass(&staged, 0, vnet: .zero, .in, on: on)
      kernel.unstage(&staged)
      return try kernel.firewallRules(vnet: .zero)[1].packets
    }
    let counts = try [1 << 4, 0, 1 << 3, 0].map { try denied(disabled: $0) }
    #expect(counts == [0, 0, 1, 1])
  }

  /// The words of a rule that asks for protocol, addresses and ports, or for states.
  private static func plainRule(_ random: inout RandomSource) -> [String] {
    if random.chance(10) { return ["check-state"] }
    func end() -> String {
      guard random.chance(60) else { return "any" }
      return "\(random.pick(PacketMaker.addresses))/\(random.pick([1, 8, 24, 32]))"
    }
    let action = random.pick(["allow", "allow", "deny", "count", "allow log", "skipto 500"])
    let hasPorts = random.chance(40)
    let proto = random.pick(hasPorts ? ["tcp", "udp"] : ["ip", "tcp", "udp", "icmp", "ip4"])
    var words = action.split(separator: " ").map(String.init) + [proto, "from", end()]
    if hasPorts, random.chance(40) { words.append("0-\(random.pick([80, 1000, 40_000]))") }
    words += ["to", end()]
    if hasPorts { words.append(random.pick(["53", "0-1023", "22,80,443", "1024-65535"])) }
    if random.chance(30) { words.append("keep-state") }
    return words
  }

  /// Rules are not told one by one, so the search for them may be a short one.
  @Test(arguments: FuzzSize.chainSeeds) func ofRules(seed: UInt64) throws {
    var maker = RuleMaker(seed: seed)
    var packets = PacketMaker(random: RandomSource(seed: seed))
    var random = RandomSource(seed: seed &+ 7)
    var kernel = try Kernel.fuzzLab(seed: seed)
    let surroundings = RuleSurroundings(fibCount: 16, altqQueues: [], warn: { _ in })
    for _ in 0..<FuzzSize.rulesPerChain {
      guard var rule = try? RuleParser.parse(maker.rule(), surroundings) else { continue }
      rule.number = UInt16.random(in: 1...900, using: &random)
      if random.chance(60) { rule.instructions = Array(rule.instructions.prefix(1)) }
      if random.chance(70) { rule.action = .count }
      _ = try? kernel.firewallAdd(vnet: .zero, rule: rule)
    }
    try kernel.setSysctl(.ipFwCompiled, to: 2, vnet: .zero)
    var labs = Labs(kernel)
    for number in 0..<2 * FuzzSize.packetsPerChain {
      let bytes = [UInt8](repeating: 2, count: 12) + [8, 0] + packets.packet()
      var frame = ReceivedFrame(bytes, on: InterfaceIndex(rawValue: random.pick([1, 2, 3])))
      frame.skipsEtherInput = true
      let said = labs.receive(frame)
      #expect(said.whole == said.brief, "seed \(seed), packet \(number)")
    }
    #expect(labs.whole.stateHash() == labs.brief.stateHash(), "seed \(seed)")
  }
}
