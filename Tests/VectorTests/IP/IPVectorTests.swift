// SPDX-License-Identifier: BSD-2-Clause

import Foundation
import Netstack
import Testing

/// Replays what the real kernel answered, and compares every member of every answer.
///
/// `FIBSH_VECTORS` names another folder with the same layout, `FIBSH_VECTORS_GROUP` one group to run,
/// and with `FIBSH_VECTORS_VERBOSE=N` the first N disagreements of each group are printed.
@Suite("IP vectors") struct IPVectorTests {
  /// The groups in which every scenario must agree, but for those of `pending`.
  static let complete: Set<String> = [
    "arp", "bcast", "chkif", "dst-chkif", "dst-host", "dst-rtr", "dst-rtr-ff", "fib", "fwd",
    "fwd-ff", "fuzz", "hdr", "hdr-ff", "icmp", "icmp-rtr", "igmp", "ipfw", "mix-ff", "mix-plain",
    "mtu",
    "mtu-ff", "noerr", "noerr-ff", "opt", "order", "order-ff", "out", "proto", "reass", "rt", "src",
    "src-ff", "srcrt", "trunc", "udp", "udp-rtr",
  ]

  /// The groups, and the scenarios of complete groups, that cannot agree yet: by what is missing.
  static let pending: [String: Set<String>] = [:]

  /// All names that are pending.
  static let pendingNames = pending.values.reduce(into: Set<String>()) { $0.formUnion($1) }

  private let environment = ProcessInfo.processInfo.environment

  @Test func agreeWithTheRecordedAnswers() throws {
    let scenarios = try Scenario.all(in: folder)
    #expect(!scenarios.isEmpty)
    let wanted = environment["FIBSH_VECTORS_GROUP"]
    let groups = Dictionary(grouping: scenarios, by: \.group)
      .filter { wanted == nil || wanted == $0.key }
    let excused = Fidelity.excusedScenarios().union(IPVectorTests.pendingNames)
    let shown = environment["FIBSH_VECTORS_VERBOSE"].flatMap { Int($0) } ?? 0
    var agreed = 0
    var skipped: [String: Int] = [:]
    // What is listed as pending and agrees all the same.
    var caughtUp: Set<String> = []
    for (group, scenarios) in groups.sorted(by: { $0.key < $1.key }) {
      var tally = Tally()
      for scenario in scenarios {
        let comparison = replay(scenario)
        skipped.merge(comparison.skipped, uniquingKeysWith: +)
        tally.count(comparison, of: scenario, excused)
        guard !comparison.differences.isEmpty, tally.disagreed <= shown else { continue }
        print(scenario.id, comparison.differences.joined(separator: "\n    "), separator: "\n    ")
      }
      print("\(group): agreed \(tally.agreed) of \(scenarios.count)")
      if !IPVectorTests.pendingNames.contains(group) {
        #expect(tally.unexcused == [], "\(group) is to agree wholly")
      }
      agreed += tally.agreed
      if tally.disagreed == 0 { caughtUp.insert(group) }
      caughtUp.formUnion(tally.agreeing)
    }
    for (member, count) in skipped.sorted(by: { $0.key < $1.key }) {
      print("not compared: \(member), \(count) times: \(Comparison.uncompared[member] ?? "")")
    }
    let all = groups.values.reduce(0) { $0 + $1.count }
    caughtUp.formIntersection(IPVectorTests.pendingNames)
    #expect(caughtUp.isEmpty, "these are complete now: strike them off the list of pending ones")
    print("agreed \(agreed) of \(all)")
  }

  @Test func everyGroupIsListedOnce() throws {
    let pending = IPVectorTests.pendingNames.filter { !$0.contains("/") }
    #expect(IPVectorTests.complete.isDisjoint(with: pending))
    let listed = IPVectorTests.complete.union(pending)
    let groups = Set(try Scenario.all(in: IPVectorTests.ownFolder).map(\.group))
    #expect(listed == groups)
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

  static var ownFolder: URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Vectors/ip")
  }

  private var folder: URL {
    environment["FIBSH_VECTORS"].map { URL(filePath: $0).appending(path: "ip") }
      ?? IPVectorTests.ownFolder
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
  var agreeing: [String] = []
  var agreed: Int { agreeing.count }
  var disagreed = 0
  /// Those that neither Docs/Fidelity.md nor the list of what is pending names.
  var unexcused: [String] = []

  mutating func count(_ comparison: Comparison, of scenario: Scenario, _ excused: Set<String>) {
    if comparison.differences.isEmpty {
      agreeing.append(scenario.id)
    } else {
      disagreed += 1
      if !excused.contains(scenario.id) { unexcused.append(scenario.id) }
    }
  }
}
