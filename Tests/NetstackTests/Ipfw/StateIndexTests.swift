// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Testing
import Wire

@testable import Netstack  // The chains themselves are looked at.

/// The index of states says what a walk over C's chains does, and lists keep C's order.
@Suite("Index of states") struct StateIndexTests {
  @Test(arguments: 1...6 as ClosedRange<UInt64>) func findsWhatAWalkFinds(_ seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    var buckets: Int64 = [1, 4, 256][Int(seed) % 3]
    var states = DynamicRules()
    var plain = PlainStates(bucketCount: Int(buckets))
    var second: UInt32 = seed == 6 ? .max - 300 : 1
    for step in 0..<4000 {
      let flow = Self.flow(&random)
      switch Int.random(in: 0..<10, using: &random) {
      case 0...7:
        let found = states.find(flow, at: second)
        let wanted = plain.find(flow, at: second)
        expect(found?.isForward, is: wanted?.isForward)
        expect(found.map { states[$0.place].packets }, is: wanted?.tag)
        let lifetime = UInt32.random(in: 0...12, using: &random)
        if let found {
          states.renew(found.place, until: second &+ lifetime, at: second)
          plain.renew(wanted?.tag, until: second &+ lifetime)
        } else if random.next() % 2 == 0 {
          var new = DynamicRule(flow, .state, rule: 0, expiry: second &+ lifetime)
          new.packets = UInt64(step)
          _ = states.add(new, of: flow, at: second, wantedBuckets: &buckets)
          plain.add(flow, until: second &+ lifetime, tag: UInt64(step))
        }
      default: second &+= UInt32.random(in: 0...3, using: &random)
      }
      guard step % 50 == 0 else { continue }
      var listed: [UInt64] = []
      states.forEach { listed.append(states[$0].packets) }
      #expect(listed == plain.listed, "seed \(seed), step \(step)")
    }
  }

  /// Both ways of a flow have one digest, and flows of one network hardly ever the same.
  @Test func digestsDiffer() {
    var digests: Set<UInt32> = []
    var flow = FlowID()
    (flow.version, flow.proto) = (4, 17)
    for one in 0..<32 as Range<UInt8> {
      for other in one..<32 {
        for port in 0..<4 as Range<UInt16> {
          flow.source = IPv4Address(10, 0, 0, one)
          flow.destination = IPv4Address(10, 0, 0, other)
          (flow.sourcePort, flow.destinationPort) = (1024 + port, 53)
          let there = flow.ends.digest
          swap(&flow.source, &flow.destination)
          swap(&flow.sourcePort, &flow.destinationPort)
          expect(flow.ends.digest, is: there)
          if let there { digests.insert(there) }
        }
      }
    }
    expect(digests.count, is: 32 * 33 / 2 * 4)
  }

  /// Flows of a few hosts, both ways, now and then of none.
  private static func flow(_ random: inout RandomSource) -> FlowID {
    func host(_ random: inout RandomSource) -> IPv4Address {
      random.next() % 12 == 0 ? .any : IPv4Address(10, 0, 0, UInt8(random.next() % 6))
    }
    var flow = FlowID()
    flow.version = 4
    flow.proto = random.next() % 3 == 0 ? 6 : 17
    flow.source = host(&random)
    flow.destination = host(&random)
    flow.sourcePort = UInt16(random.next() % 4)
    flow.destinationPort = UInt16(random.next() % 4)
    return flow
  }
}

/// The chains of states as C has them.
private struct PlainStates {
  private struct State {
    var flow: FlowID
    var expiry: UInt32
    var tag: UInt64
  }

  private var chains: [[State]]

  init(bucketCount: Int) { chains = Array(repeating: [], count: bucketCount) }

  var listed: [UInt64] { chains.flatMap { $0.map(\.tag) } }

  private func bucket(_ flow: FlowID) -> Int { Int(flow.hash) & (chains.count - 1) }

  mutating func find(_ flow: FlowID, at second: UInt32) -> (tag: UInt64, isForward: Bool)? {
    let bucket = bucket(flow)
    var place = 0
    while place < chains[bucket].count {
      let state = chains[bucket][place]
      if Int32(bitPattern: state.expiry &- second) <= 0 {
        chains[bucket].remove(at: place)
        continue
      }
      if let isForward = flow.isForward(in: state.flow) {
        chains[bucket].insert(chains[bucket].remove(at: place), at: 0)
        return (state.tag, isForward)
      }
      place += 1
    }
    return nil
  }

  mutating func add(_ flow: FlowID, until expiry: UInt32, tag: UInt64) {
    chains[bucket(flow)].insert(State(flow: flow, expiry: expiry, tag: tag), at: 0)
  }

  mutating func renew(_ tag: UInt64?, until expiry: UInt32) {
    for bucket in chains.indices {
      for place in chains[bucket].indices where chains[bucket][place].tag == tag {
        chains[bucket][place].expiry = expiry
      }
    }
  }
}
