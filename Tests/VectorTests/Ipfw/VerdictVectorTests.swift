// SPDX-License-Identifier: BSD-2-Clause

import Foundation
import Netstack
import Testing
import Userland

extension IpfwVectorTests {
  /// All must agree, but for the scenarios that Docs/Fidelity.md names.
  @Test func verdictsAgreeWithTheRecordedOnes() throws {
    let scenarios = try VerdictScenario.all(in: IpfwVectorTests.folder)
    #expect(!scenarios.isEmpty)
    let excused = Fidelity.excusedScenarios()
    let groups = Dictionary(grouping: scenarios, by: \.group)
      .filter { VectorRun.isWanted($0.key) }
    var agreed = 0
    var skipped: [String: Int] = [:]
    for (group, scenarios) in groups.sorted(by: { $0.key < $1.key }) {
      var disagreeing: [String] = []
      for scenario in scenarios {
        let comparison = VerdictReplay.run(scenario)
        skipped.merge(comparison.skipped, uniquingKeysWith: +)
        guard !comparison.differences.isEmpty else { continue }
        disagreeing.append(scenario.name)
        guard disagreeing.count <= VectorRun.shown else { continue }
        print(
          scenario.name, comparison.differences.prefix(12).joined(separator: "\n    "),
          separator: "\n    ")
      }
      print("\(group): agreed \(scenarios.count - disagreeing.count) of \(scenarios.count)")
      #expect(disagreeing.filter { !excused.contains($0) } == [], "\(group) is to agree wholly")
      agreed += scenarios.count - disagreeing.count
    }
    for (member, count) in skipped.sorted(by: { $0.key < $1.key }) {
      let reason = VerdictComparison.uncompared[member] ?? ""
      print("not compared: \(member), \(count) times: \(reason)")
    }
    let all = groups.values.reduce(0) { $0 + $1.count }
    print("agreed \(agreed) of \(all)")
  }
}

/// Runs a verdict scenario.
enum VerdictReplay {
  /// Sets a scenario up and runs its steps; ends it at the first rule that the tool does not take.
  static func run(_ scenario: VerdictScenario) -> VerdictComparison {
    var comparison = VerdictComparison()
    do {
      let lab = try VerdictLab(scenario.setting)
      for text in scenario.sockets { try lab.addSocket(text) }
      for rule in scenario.rules {
        let answer = lab.ipfw(rule)
        guard answer.status == 0 else {
          comparison.note("not set up: \(rule): \(answer.error)")
          return comparison
        }
      }
      comparison.compare("list", recorded: scenario.list, found: lab.ipfw("list").out)
      _ = lab.takeLog()
      // Without a tracer rules are walked, or the compiled chain is asked.
      let silent = try [Int64(0), 2].map { way in
        let twin = try VerdictLab(scenario.setting, twin: lab)
        try twin.session.kernel.setSysctl(.ipFwCompiled, to: way, vnet: .zero)
        return twin
      }
      for step in scenario.steps { try take(step, scenario, lab, silent, &comparison) }
      if let show = scenario.show {
        comparison.compare("show", recorded: show, found: lab.ipfw("show").out)
      }
      for twin in silent {
        comparison.compare(
          "without a tracer", recorded: lab.ipfw("show").out, found: twin.ipfw("show").out)
      }
      if scenario.group == "prob" { try compareFrequencies(scenario, lab, &comparison) }
    } catch {
      comparison.note("not in the model: \(error)")
    }
    return comparison
  }

  private static func take(
    _ step: JSON, _ scenario: VerdictScenario, _ lab: VerdictLab, _ silent: [VerdictLab],
    _ comparison: inout VerdictComparison
  ) throws {
    if let packet = step["pkt"] {
      let recorded = step["expect"] ?? .null
      let packets = scenario.setting.packets
      let found =
        scenario.drawsNumbers
        ? try lab.ask(packet, named: packets) { comparison.agrees(recorded, $0) }
        : try lab.ask(packet, named: packets)
      comparison.compare(packet, recorded: recorded, found: found)
      for twin in silent {
        twin.drawAs(lab)
        let passes = try twin.askSilently(packet, named: packets)
        if let passes, passes != (found["verdict"] == .text("pass")) {
          comparison.note("without a tracer it \(passes ? "passes" : "ends"): \(packet)")
        }
      }
    } else if let seconds = step["time"]?.number {
      for twin in silent { _ = twin.advance(seconds: seconds) }
      comparison.compare(step, recorded: step, found: lab.advance(seconds: seconds))
    } else if let words = step["ipfw"]?.text {
      let answer = lab.ipfw(words)
      for twin in silent { _ = twin.ipfw(words) }
      let status = step["rc"]?.number ?? 0
      if status != answer.status {
        comparison.note("\(words): status \(status), got \(answer.status)")
      }
      comparison.compare(words, recorded: step["out"]?.text, found: answer.out)
      comparison.compare("\(words): stderr", recorded: step["err"]?.text, found: answer.error)
      _ = lab.takeLog()
    } else if let assignment = step["sysctl"]?.text {
      let errno = lab.setSysctl(assignment)
      for twin in silent { _ = twin.setSysctl(assignment) }
      if errno != step["errno"]?.number { comparison.note("sysctl \(assignment): errno \(errno)") }
    } else if let name = step["sysctl?"]?.text {
      let (value, errno) = lab.sysctl(name)
      if errno != step["errno"]?.number || value != step["value"]?.number {
        comparison.note("sysctl \(name): recorded \(step), got \(value), errno \(errno)")
      }
    } else {
      comparison.note("a step of another kind: \(step)")
    }
  }

  /// Compares how often a rule with a probability took a packet: the draws are not the recorder's.
  ///
  /// Each packet is shown many times. The bounds are five standard deviations of the recorded share
  /// and of the model's.
  private static func compareFrequencies(
    _ scenario: VerdictScenario, _ lab: VerdictLab, _ comparison: inout VerdictComparison
  ) throws {
    let packets = scenario.steps.compactMap { step in
      step["pkt"].map { ($0, step["expect"]?["verdict"]) }
    }
    let recorded = packets.count { $0.1 == .text("pass") }
    let rounds = 100
    var passed = 0
    for _ in 0..<rounds {
      for (packet, _) in packets {
        let found = try lab.ask(packet, named: scenario.setting.packets)
        if found["verdict"] == .text("pass") { passed += 1 }
      }
    }
    let share = Double(recorded) / Double(packets.count)
    let found = Double(passed) / Double(packets.count * rounds)
    let variance = found * (1 - found) / Double(packets.count)
    if packets.isEmpty || abs(share - found) > 5 * variance.squareRoot() {
      comparison.note("passed \(share) of the packets, here \(found)")
    }
  }
}

extension VerdictLab {
  /// Lets time pass, and tells of the segments that the firewall then sent.
  func advance(seconds: Int) -> JSON {
    var recorder = Recorder()
    let now = session.kernel.machine.now
    session.kernel.advance(to: now.advanced(milliseconds: UInt64(seconds) * 1000), &recorder)
    var events: [JSON] = []
    for entry in recorder.entries {
      if case .made(_, .keepalive) = entry.event {
        events.append(
          .array([.text("ip_output"), VerdictObservation.made(entry.packet, recorder)]))
      }
    }
    let uptime = Int(session.kernel.machine.now.seconds)
    return .object([
      "time": .number(seconds), "uptime": .number(uptime), "events": .array(events),
    ])
  }

  /// Writes a sysctl; the error number, or 0.
  func setSysctl(_ assignment: String) -> Int {
    let parts = assignment.split(separator: "=")
    guard parts.count == 2, let value = Int64(parts[1]),
      let row = SysctlTree.node(named: String(parts[0])), let key = row.key
    else { return Int(Errno.ENOENT.rawValue) }
    do throws(Errno) {
      try session.kernel.setSysctl(key, to: value, vnet: .zero)
      return 0
    } catch {
      return Int(error.rawValue)
    }
  }

  /// Reads a sysctl that is a number.
  func sysctl(_ name: String) -> (value: Int, errno: Int) {
    guard let row = SysctlTree.node(named: name), session.kernel.has(row), let key = row.key,
      case .number(let value) = session.kernel.sysctl(key, vnet: .zero, fib: .zero)
    else { return (0, Int(Errno.ENOENT.rawValue)) }
    return (Int(value), 0)
  }
}
