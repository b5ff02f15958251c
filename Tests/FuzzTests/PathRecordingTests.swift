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

    private static func steps(_ recorder: borrowing Recorder) -> [String] {
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
