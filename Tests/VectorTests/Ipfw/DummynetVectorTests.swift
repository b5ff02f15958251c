// SPDX-License-Identifier: BSD-2-Clause

import Foundation
import Testing

/// A recorded session: commands, packets and time, on a fresh machine.
struct DummynetSession {
  let name: String
  let steps: [JSON]

  init?(_ record: JSON) {
    guard let name = record["name"]?.text, let steps = record["steps"]?.elements else { return nil }
    (self.name, self.steps) = (name, steps)
  }

  /// Those of every file that has nothing but sessions.
  static func all() throws -> [DummynetSession] {
    let files = try FileManager.default.contentsOfDirectory(
      at: IpfwVectorTests.folder, includingPropertiesForKeys: nil)
    return try files.sorted { $0.path < $1.path }.filter { $0.pathExtension == "jsonl" }
      .flatMap { file in
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        guard let first = lines.first, DummynetSession(try JSON(line: first)) != nil else {
          return [DummynetSession]()
        }
        return try lines.compactMap { DummynetSession(try JSON(line: $0)) }
      }
  }

  /// The first part of its name, for those that have one.
  var group: String { name.split(separator: "/").count > 1 ? "run" : "config" }

  /// Whether what becomes of a packet depends on the random generator.
  var isRandom: Bool {
    steps.contains { step in
      let words = (step["ipfw"]?.text ?? "").split(separator: " ")
      return zip(words, words.dropFirst()).contains { word, value in
        word == "red" || word == "gred"
          || (["plr", "prob"].contains(word) && (Double(value).map { $0 > 0 && $0 < 1 } ?? false))
      }
    }
  }
}

extension IpfwVectorTests {
  @Test func dummynetAgreesWithTheRecordedSessions() throws {
    let sessions = try DummynetSession.all()
    #expect(!sessions.isEmpty)
    let excused = Fidelity.excusedScenarios()
    var agreed = 0
    let groups = Dictionary(grouping: sessions, by: \.group)
      .filter { VectorRun.isWanted($0.key) }
    for (group, sessions) in groups.sorted(by: { $0.key < $1.key }) {
      let differing = try sessions.map { ($0, try differences($0)) }.filter { !$0.1.isEmpty }
      for (session, differences) in differing.prefix(VectorRun.shown) {
        print(session.name, differences.joined(separator: "\n    "), separator: "\n    ")
      }
      let unexcused = differing.map { "dummynet/\($0.0.name)" }.filter { !excused.contains($0) }
      #expect(unexcused == [], "\(group) is to agree wholly")
      print("\(group): agreed \(sessions.count - differing.count) of \(sessions.count)")
      agreed += sessions.count - differing.count
    }
    print("dummynet: agreed \(agreed) of \(groups.values.reduce(0) { $0 + $1.count })")
  }

  /// What a session does otherwise than was recorded. Where chance decides, the packets that left
  /// are compared by their number, and tables of flows not at all.
  private func differences(_ session: DummynetSession) throws -> [String] {
    let lab = DummynetLab()
    var differences: [String] = []
    var left = (recorded: 0, found: 0, packets: 0)
    for step in session.steps {
      let found = try lab.run(step)
      for (member, value) in step.members.sorted(by: { $0.key < $1.key }) {
        if DummynetLab.questions.contains(member) { continue }
        guard let answer = found[member] else {
          differences.append("\(step.members.keys.sorted()): \(member) is not compared")
          continue
        }
        if session.isRandom {
          if member == "events" {
            left.recorded += value.elements.count
            left.found += answer.elements.count
            continue
          }
          if member == "result" { left.packets += 1 }
          if value.text?.contains("BKT") == true { continue }
        }
        if value != answer { differences.append("\(member): \(value), got \(answer)") }
      }
    }
    // Four standard deviations of the difference of two counts, at most.
    let tolerance = 4 * (0.5 * Double(left.packets)).squareRoot()
    if abs(Double(left.recorded - left.found)) > tolerance {
      differences.append("\(left.recorded) packets left, got \(left.found)")
    }
    return differences
  }
}
