// SPDX-License-Identifier: BSD-2-Clause

import Foundation
import Netstack
import Shell
import Testing
import Userland

/// One recorded run of ipfw(8) on a fresh machine: its words, what it said, and the rules afterwards.
private struct RecordedRun {
  let words: [String]
  let category: String
  /// What is different about the machine: `fibs`, `sysctl`, `vars`.
  let surroundings: JSON?
  let status: Int
  let said: [(member: String, text: String)]

  /// Nil for what another suite reads.
  init?(_ record: JSON) {
    guard let words = record["argv"]?.elements, let status = record["rc"]?.number,
      let category = record["cat"]?.text
    else { return nil }
    self.words = words.compactMap(\.text)
    (self.category, self.status) = (category, status)
    surroundings = record["env"]
    said = ["out", "err", "list", "list_S"].compactMap { member in
      record[member]?.text.map { (member, $0) }
    }
  }

  /// How Docs/Fidelity.md names it.
  var name: String { "rules/\(words.joined(separator: " "))" }

  /// Those of every file of the folder.
  static func all() throws -> [RecordedRun] {
    let files = try FileManager.default.contentsOfDirectory(
      at: IpfwVectorTests.folder, includingPropertiesForKeys: nil)
    return try files.sorted { $0.path < $1.path }.filter { $0.pathExtension == "jsonl" }
      .flatMap { file in
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
          .compactMap { RecordedRun(try JSON(line: $0)) }
      }
  }
}

/// A machine for one run of the tool.
private struct ToolLab {
  private let session: Session

  init(_ surroundings: JSON?) {
    var options = SessionOptions()
    options.kernel.firewallDefaultsToAccept = false
    options.kernel.dummynet = false
    options.kernel.netgraph = true
    options.kernel.libalias = false
    options.kernel.fibs = surroundings?["fibs"]?.number
    options.kernel.altqQueues = surroundings?["vars"]?["ALTQ_QUEUES"]?.text.map { list in
      list.split(separator: ",").map { entry in
        let parts = entry.split(separator: "=")
        return AltqQueue(name: String(parts[0]), number: UInt32(parts[1]) ?? 0)
      }
    }
    session = Session(options)
    for (name, value) in surroundings?["sysctl"]?.members ?? [:] {
      _ = run("sysctl", ["\(name)=\(value)"])
    }
  }

  func run(_ command: String, _ words: [String]) -> (status: Int, transcript: Transcript) {
    let transcript = Transcript()
    let interpreter = Interpreter(
      world: session, registry: Registry([Commands.ipfw, Commands.sysctl]),
      output: transcript.output())
    let status = interpreter.run(
      words: [command] + words, output: transcript.output(), input: .empty)
    return (Int(status), transcript)
  }

  /// The rules, without the last, which is always there.
  func rules(_ options: String...) -> String {
    let lines = run("ipfw", options + ["list"]).transcript.out.split(separator: "\n")
    return lines.dropLast().map { "\($0)\n" }.joined()
  }
}

extension IpfwVectorTests {
  @Test func theToolAgreesWithTheRecordedRuns() throws {
    let runs = try RecordedRun.all()
    #expect(!runs.isEmpty)
    let excused = Fidelity.excusedScenarios()
    var agreed = 0
    let groups = Dictionary(grouping: runs, by: \.category)
      .filter { VectorRun.isWanted($0.key) }
    for (category, runs) in groups.sorted(by: { $0.key < $1.key }) {
      let differing = runs.map { ($0, differences($0)) }.filter { !$0.1.isEmpty }
      for (run, differences) in differing.prefix(VectorRun.shown) {
        print(run.name, differences.joined(separator: "\n    "), separator: "\n    ")
      }
      let unexcused = differing.map(\.0.name).filter { !excused.contains($0) }
      #expect(unexcused == [], "\(category) is to agree wholly")
      print("\(category): agreed \(runs.count - differing.count) of \(runs.count)")
      agreed += runs.count - differing.count
    }
    print("rules: agreed \(agreed) of \(groups.values.reduce(0) { $0 + $1.count })")
  }

  /// What a run says otherwise than was recorded.
  private func differences(_ run: RecordedRun) -> [String] {
    let lab = ToolLab(run.surroundings)
    let (status, transcript) = lab.run("ipfw", run.words)
    var differences: [String] = []
    if status != run.status { differences.append("status: \(run.status), got \(status)") }
    for (member, recorded) in run.said {
      let found =
        switch member {
        case "out": transcript.out
        case "err": transcript.error
        case "list": lab.rules()
        default: lab.rules("-S")
        }
      if found != recorded {
        differences.append(
          "\(member): \(recorded.debugDescription), got \(found.debugDescription)")
      }
    }
    return differences
  }
}
