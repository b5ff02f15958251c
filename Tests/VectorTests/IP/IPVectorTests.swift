// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing

/// Replays what the real kernel answered, and compares every member of every answer.
@Suite("IP vectors") struct IPVectorTests {
  /// The groups of the project's own recordings.
  private static let groups: Set<String> = [
    "arp", "bcast", "chkif", "dst-chkif", "dst-host", "dst-rtr", "dst-rtr-ff", "fib", "fwd",
    "fwd-ff", "fuzz", "hdr", "hdr-ff", "icmp", "icmp-rtr", "igmp", "ipfw", "mix-ff", "mix-plain",
    "mtu",
    "mtu-ff", "noerr", "noerr-ff", "opt", "order", "order-ff", "out", "proto", "reass", "rt", "src",
    "src-ff", "srcrt", "trunc", "udp", "udp-rtr",
  ]

  @Test func agreeWithTheRecordedAnswers() throws {
    let scenarios = try Scenario.all(in: VectorRun.folder("ip"))
    #expect(!scenarios.isEmpty)
    let groups = Dictionary(grouping: scenarios, by: \.group)
      .filter { VectorRun.isWanted($0.key) }
    let excused = Fidelity.excusedScenarios()
    var agreed = 0
    var skipped: [String: Int] = [:]
    for (group, scenarios) in groups.sorted(by: { $0.key < $1.key }) {
      var tally = Tally()
      for scenario in scenarios {
        let comparison = replay(scenario)
        skipped.merge(comparison.skipped, uniquingKeysWith: +)
        tally.count(comparison, of: scenario, excused)
        guard !comparison.differences.isEmpty, tally.disagreed <= VectorRun.shown else { continue }
        print(scenario.id, comparison.differences.joined(separator: "\n    "), separator: "\n    ")
      }
      print("\(group): agreed \(tally.agreed) of \(scenarios.count)")
      #expect(tally.unexcused == [], "\(group) is to agree wholly")
      agreed += tally.agreed
    }
    for (member, count) in skipped.sorted(by: { $0.key < $1.key }) {
      print("not compared: \(member), \(count) times: \(Comparison.uncompared[member] ?? "")")
    }
    let all = groups.values.reduce(0) { $0 + $1.count }
    print("agreed \(agreed) of \(all)")
  }

  @Test func everyGroupIsThere() throws {
    let groups = Set(try Scenario.all(in: VectorRun.ownFolder("ip")).map(\.group))
    #expect(groups == IPVectorTests.groups)
  }

  @Test func fidelityNamesAreReadBetweenTheMarks() {
    let text = """
      | `hdr/outside` | not marked |
      <!-- vectors: begin -->
      | scenario | why |
      | --- | --- |
      | `mtu/rtmtu0` | the real kernel divides by zero |
      <!-- vectors: end -->
      """
    #expect(Fidelity.names(in: text) == ["mtu/rtmtu0"])
  }

  /// Boots, configures and runs a scenario; ends it at the first command the model does not have.
  private func replay(_ scenario: Scenario) -> Comparison {
    var comparison = Comparison()
    var harness = Harness(scenario.configuration)
    do throws(Refusal) {
      var refused = scenario.refused[...]
      for command in scenario.configuration {
        try configure(&harness, command, &refused, &comparison)
      }
      for (command, errno) in refused {
        comparison.note("\(command): recorded errno \(errno), got success")
      }
      for (step, recorded) in zip(scenario.steps, scenario.results) {
        let found = try harness.run(step)
        comparison.compare(step, recorded: recorded, found: found)
      }
    } catch {
      comparison.note("not in the model: \(error)")
    }
    return comparison
  }

  /// Runs a configuration command, which must fail where the real kernel's did, and only there.
  private func configure(
    _ harness: inout Harness, _ command: String,
    _ refused: inout ArraySlice<(command: String, errno: Int)>, _ comparison: inout Comparison
  ) throws(Refusal) {
    do throws(Refusal) {
      try harness.configure(command)
    } catch {
      guard case .errno(let errno) = error else { throw error }
      if let next = refused.first, next == (command, Int(errno.rawValue)) {
        refused.removeFirst()
      } else {
        comparison.note("\(command): got \(errno.name)")
      }
    }
  }
}

/// How the scenarios of a group came out.
private struct Tally {
  var agreed = 0
  var disagreed = 0
  /// Those that Docs/Fidelity.md does not name.
  var unexcused: [String] = []

  mutating func count(_ comparison: Comparison, of scenario: Scenario, _ excused: Set<String>) {
    if comparison.differences.isEmpty {
      agreed += 1
    } else {
      disagreed += 1
      if !excused.contains(scenario.id) { unexcused.append(scenario.id) }
    }
  }
}
