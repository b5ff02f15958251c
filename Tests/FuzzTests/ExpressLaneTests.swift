// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Testing
import Wire

// The memory that a frame left behind is shown by no call.
@testable import Netstack

/// The express lane does what the general way does: the same state, the same bytes.
@Suite("Express lane") struct ExpressLaneTests {
  @Test(arguments: FuzzSize.frameSeeds) func isTheGeneralWay(seed: UInt64) throws {
    var served = 0
    // Changes add up, and soon nothing would be forwarded: so there are several labs.
    for round in 0..<5 { served += try run(seed: seed &* 10 &+ UInt64(round)) }
    #expect(served > FuzzSize.framesPerSeed / 4, "seed \(seed)")
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
    for number in 0..<FuzzSize.framesPerSeed / 2 {
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
      if number % 16 == 15 { #expect(general.stateHash() == lane.stateHash(), "\(place): \(frame)") }
    }
    #expect(general.stateHash() == lane.stateHash(), "seed \(seed)")
    return served
  }
}

extension Kernel {
  /// Whether the lane would take a frame.
  fileprivate func serves(_ frame: ReceivedFrame) -> Bool {
    vnets[0].expressWay(frame.bytes.rawBytes, frame.facts, known: nil, machine) != nil
  }
}
