// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Testing
import Wire

// The memory that a frame left behind is shown by no call.
@testable import Netstack

/// The express lane does what the general way does: the same state, the same bytes.
@Suite("Express lane") struct ExpressLaneTests {
  @Test(arguments: FuzzSize.laneSeeds) func isTheGeneralWay(seed: UInt64) throws {
    var served = 0
    // Changes add up, and soon nothing would be forwarded: so there are several labs.
    for round in 0..<10 { served += try run(seed: seed &* 10 &+ UInt64(round)) }
    #expect(served > FuzzSize.framesPerSeed / 4, "seed \(seed)")
  }

  @Test(arguments: FuzzSize.laneSeeds) func aBatchIsOneAfterTheOther(seed: UInt64) throws {
    var general = try ExpressLab.boot(seed: seed)
    general.usesExpressLane = false
    var lab = ExpressLab(seed: seed, general)
    var lane = general.clone()
    lane.usesExpressLane = true
    for number in 0..<FuzzSize.framesPerSeed / 10 {
      if lab.random.chance(30) {
        let change = lab.change()
        general.perform(change)
        lane.perform(change)
      }
      let batch = lab.batch()
      lane.receive(batch)
      for place in 0..<batch.count {
        var frame = ReceivedFrame([], on: batch.facts.interface)
        frame.facts = batch.facts
        for byte in 0..<batch[place].byteCount { frame.bytes.append(batch[place].uint8(at: byte)) }
        general.receive(frame)
      }
      #expect(general.stateHash() == lane.stateHash(), "seed \(seed), batch \(number)")
    }
  }

  @Test(arguments: FuzzSize.laneSeeds) func aRingTellsTheSame(seed: UInt64) throws {
    var general = try ExpressLab.boot(seed: seed)
    var lab = ExpressLab(seed: seed, general)
    var lane = general.clone()
    var ring = TraceRing(packets: 64)
    var told = Recorder()
    var expanded = Recorder()
    for number in 0..<FuzzSize.framesPerSeed {
      if lab.random.chance(6) {
        let change = lab.change()
        general.perform(change)
        lane.perform(change)
      }
      let frame = lab.frame()
      general.receive(frame, tracer: &told)
      lane.receive(frame, ring: &ring)
      guard number % 8 == 7 else { continue }
      ring.expand(into: &expanded)
      #expect(told.bytes == expanded.bytes, "seed \(seed), up to \(number)")
      let (lines, others) = (told.entries.map { "\($0)" }, expanded.entries.map { "\($0)" })
      #expect(lines == others, "seed \(seed), up to \(number)")
      told.removeAll()
      expanded.removeAll()
      ring.removeAll()
    }
    #expect(general.stateHash() == lane.stateHash(), "seed \(seed)")
  }

  /// Routes of several tables change between packets, more often than a part keeps views, and the
  /// packets go to two machines that were one.
  @Test(arguments: FuzzSize.laneSeeds) func aRingKnowsTheRoutesOfItsPackets(seed: UInt64) throws {
    var general = try ExpressLab.boot(seed: seed)
    var lab = ExpressLab(seed: seed, general)
    var lane = general.clone()
    var otherGeneral = general.clone()
    var otherLane = lane.clone()
    var ring = TraceRing(packets: 1000)
    var told = Recorder()
    var expanded = Recorder()
    for number in 0..<FuzzSize.framesPerSeed {
      let frame = lab.frame()
      general.receive(frame, tracer: &told)
      lane.receive(frame, ring: &ring)
      // At first seldom, so that packets share a view.
      if lab.random.chance(number < 50 ? 10 : 60) {
        let change = lab.routeChange()
        general.perform(change)
        lane.perform(change)
      }
      if lab.random.chance(20) {
        swap(&general, &otherGeneral)
        swap(&lane, &otherLane)
      }
      if lab.random.chance(3) {
        otherGeneral = general.clone()
        otherLane = lane.clone()
      }
    }
    ring.expand(into: &expanded)
    #expect(told.bytes == expanded.bytes, "seed \(seed)")
    let (lines, others) = (told.entries.map { "\($0)" }, expanded.entries.map { "\($0)" })
    #expect(lines == others, "seed \(seed)")
  }

  @Test(arguments: [0, 2] as [Int64]) func rulesThatOnlyLetPassAreServed(compiled: Int64) throws {
    for (rule, isServed) in [
      ("allow ip from any to any", true), ("allow ip from table(1) to any", true),
      ("allow ip from any to any ipttl 64 in", true), ("allow ip from not 10.0.0.0/9 to any", true),
      ("count ip from any to any", false), ("count ip from table(1) to any", false),
      ("deny ip from any to any out", false), ("allow log ip from any to any", false),
      ("check-state", false), ("allow ip from any to any keep-state", false),
      ("skipto 500 ip from any to any", false),
      ("setfib 1 ip from any to any", false), ("prob 0.9 allow ip from any to any", false),
    ] {
      var kernel = try ExpressLab.boot(seed: 4)
      var lab = ExpressLab(seed: 4, kernel)
      try kernel.setSysctl(.ipFwEnable, to: 1, vnet: .zero)
      var frame = lab.frame()
      while !kernel.serves(frame) { frame = lab.frame() }
      try kernel.setSysctl(.ipFwCompiled, to: compiled, vnet: .zero)
      kernel.perform(.table(.init(IPv4Address(10, 0, 0, 0), length: 8)))
      kernel.perform(.add(number: 100, rule.split(separator: " ").map(String.init)))
      let found = kernel.serves(frame)
      #expect(found == isServed, "\(rule)")
    }
  }

  /// Whatever the checksum is, what is made of it is what a sum over the header gives.
  @Test func theNextChecksumIsTheSum() {
    var header = IPv4Header(
      totalLength: 20, protocol: .udp, source: IPv4Address(10, 0, 0, 2),
      destination: IPv4Address(192, 168, 1, 5))
    var bytes = [UInt8](repeating: 0, count: 34)
    var wrong = 0
    for ttl in [1, 2, 64, 255] as [UInt8] {
      header.ttl = ttl
      for number in 0...UInt16.max {
        (header.identification, header.checksum) = (number, 0)
        bytes.withMutableRawBytes { header.write(into: &$0, at: 14) }
        header.checksum = IPv4Header.checksum(
          of: bytes.rawBytes.extracting(droppingFirst: 14), headerLength: 20)
        bytes.withMutableRawBytes { header.write(into: &$0, at: 14) }
        let read = ExpressHeader(bytes.rawBytes)
        if !read.isIntact || read.nextChecksum != read.newChecksum { wrong += 1 }
      }
    }
    #expect(wrong == 0)
  }

  @Test func aRingForgetsTheOldest() throws {
    var kernel = try ExpressLab.boot(seed: 4)
    var lab = ExpressLab(seed: 4, kernel)
    var frame = lab.frame()
    while !kernel.serves(frame) { frame = lab.frame() }
    var ring = TraceRing(packets: 10)
    var last: UInt32 = 0
    for _ in 0..<95 { last = kernel.receive(frame, ring: &ring).root }
    var recorder = Recorder()
    ring.expand(into: &recorder)
    var roots: [UInt32] = []
    for entry in recorder.entries where roots.last != entry.packet.root {
      roots.append(entry.packet.root)
    }
    #expect(roots == Array(last - 14...last))
  }

  /// Lets the same things happen to two machines of which one has the lane.
  ///
  /// - Returns: How many packets took it.
  private func run(seed: UInt64) throws -> Int {
    var general = try ExpressLab.boot(seed: seed)
    general.usesExpressLane = false
    var lab = ExpressLab(seed: seed, general)
    var lane = general.clone()
    lane.usesExpressLane = true
    var served = 0
    for number in 0..<FuzzSize.framesPerSeed / 4 {
      let place = "seed \(seed), step \(number)"
      if lab.random.chance(8) {
        let change = lab.change()
        general.perform(change)
        lane.perform(change)
        #expect(general.stateHash() == lane.stateHash(), "\(place): \(change)")
        continue
      }
      let frame = lab.frame()
      let isServed = lane.serves(frame)
      served += isServed ? 1 : 0
      let buffer = lane.machine.store.small.next
      #expect(general.receive(frame) == lane.receive(frame), "\(place)")
      if let buffer, isServed {
        let end = PacketStore.headroom + frame.bytes.count
        let left = lane.machine.store.small.remains(of: buffer, upTo: end)
        #expect(left == general.machine.store.small.remains(of: buffer, upTo: end), "\(place)")
      }
      #expect(general.machine.tally == lane.machine.tally, "\(place): \(frame)")
      // A sum takes long; each packet adds to what the next one finds.
      guard number % 16 == 15 else { continue }
      #expect(general.stateHash() == lane.stateHash(), "\(place): \(frame)")
    }
    #expect(general.stateHash() == lane.stateHash(), "seed \(seed)")
    return served
  }
}

extension Kernel {
  /// Whether the lane would take a frame.
  fileprivate func serves(_ frame: ReceivedFrame) -> Bool {
    var other = clone()
    return other.vnets[0].sendExpress(frame.bytes.rawBytes, frame.facts, &other.machine)
  }
}
