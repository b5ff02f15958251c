// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Testing
import Wire

@testable import Netstack  // The chains themselves are looked at.

/// Random uses of the table of dynamic rules, with what must hold after each.
@Suite("dynamic rules at random") struct StateSoakTests {
  @Test(arguments: 1...4 as ClosedRange<UInt64>) func countsHold(_ seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    var states = DynamicRules()
    var buckets: Int64 = [1, 2, 16, 256][Int(seed) % 4]
    var second: UInt32 = 1
    var ruleCount = 5
    for step in 0..<3000 {
      let rule = Int32(Int.random(in: 0..<ruleCount, using: &random))
      var flow = try FlowTests.flow6(
        UInt16.random(in: 0..<30, using: &random), source: UInt32.random(in: 0..<3, using: &random),
        destination: 9)
      let expiry = second &+ UInt32.random(in: 0..<6, using: &random)
      switch Int.random(in: 0..<12, using: &random) {
      case 0...2: _ = states.find(flow, at: second)
      case 3...4:
        guard states.find(flow, at: second) == nil else { break }
        _ = states.add(
          DynamicRule(flow, .state, rule: rule, expiry: expiry), of: flow, at: second,
          wantedBuckets: &buckets)
      case 5...8:
        guard states.find(flow, at: second) == nil else { break }
        let whole = flow
        flow.sourcePort = 0
        let parent =
          states.findParent(flow, rule: rule)
          ?? states.add(
            DynamicRule(flow, .parent, rule: rule, expiry: expiry), of: flow, at: second,
            wantedBuckets: &buckets)
        let child = try DynamicRule(
          whole, .limit(parent: #require(parent)), rule: rule, expiry: expiry)
        _ = states.add(child, of: whole, at: second, wantedBuckets: &buckets)
      case 9: states.sweep(rule: random.next() % 2 == 0 ? rule : nil, at: second)
      case 10:
        second += 1
      default:
        if ruleCount < 6 {
          states.ruleAdded(at: Int(rule))
          ruleCount += 1
        } else {
          var places = UniqueArray<Int32>()
          for place in 0..<Int32(ruleCount) {
            places.append(place == rule ? -1 : place > rule ? place - 1 : place)
          }
          states.rulesRemoved(places, at: second)
          ruleCount -= 1
        }
      }
      #expect(Self.fault(states, ruleCount) == nil, "seed \(seed), step \(step)")
    }
  }

  /// What is wrong with the counts.
  private static func fault(_ states: borrowing DynamicRules, _ ruleCount: Int) -> String? {
    var reached = 0
    var children: [Int32: UInt32] = [:]
    var parents: [Int32: UInt32] = [:]
    var fault: String?
    states.forEach { place in
      reached += 1
      let state = states[place]
      if !(0..<Int32(ruleCount)).contains(state.rule) { fault = "a rule that is gone" }
      switch state.kind {
      case .state: break
      case .limit(let parent):
        children[parent, default: 0] += 1
        if states[parent].rule != state.rule { fault = "a parent of another rule" }
      case .parent: parents[place] = state.count
      }
    }
    if reached != states.count { fault = "\(reached) are in chains, \(states.count) counted" }
    for (place, count) in parents where children[place, default: 0] != count {
      fault = "a parent counts \(count), has \(children[place, default: 0])"
    }
    if !Set(children.keys).isSubset(of: parents.keys) { fault = "a state without its parent" }
    return fault
  }
}
