// SPDX-License-Identifier: BSD-2-Clause

import Foundation
import Netstack
import Testing

/// Every trace id that this kernel can come to is one that some packet comes to: in a recorded
/// scenario, or in a situation made for it.
@Suite("Trace coverage") struct TraceCoverageTests {
  @Test func everyIDIsReached() throws {
    var coverage = Coverage()
    for scenario in try Scenario.all(in: VectorRun.ownFolder("ip")) {
      coverage.formUnion(TraceCoverageTests.replay(scenario.configuration, scenario.steps))
    }
    for situation in Situation.all { coverage.formUnion(try situation.run().coverage) }
    for (_, found) in try MachineSituations.all() { coverage.formUnion(found) }
    for line in coverage.lines { print(line) }
    #expect(coverage.missing.map(\.text) == [])
  }

  @Test(arguments: Situation.all) func aSituationComesToItsID(_ situation: Situation) throws {
    let (coverage, complaints) = try situation.run()
    #expect(coverage.reached.contains(situation.id), "\(complaints)")
    #expect(complaints.isEmpty)
  }

  @Test func aMachineComesToItsID() throws {
    for (id, coverage) in try MachineSituations.all() {
      #expect(coverage.reached.contains(id), "\(id.text)")
    }
  }

  /// What is left out is left out by the ids' own rows: options of other subsystems.
  @Test func onlyMissingOptionsExcuse() {
    for id in TraceID.allCases where !Coverage.required.contains(id) {
      let option = id.needsOption ?? ""
      #expect(!Coverage.options.contains(option) && !option.isEmpty, "\(id.text)")
    }
  }

  /// Runs the recorder's commands; those that fail are part of it.
  static func replay(_ configuration: [String], _ steps: [String]) -> Coverage {
    var harness = Harness(configuration)
    for command in configuration { try? harness.configure(command) }
    for step in steps { _ = try? harness.run(step) }
    return harness.observer.coverage
  }
}
