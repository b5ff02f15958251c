// SPDX-License-Identifier: BSD-2-Clause

import CProbe

/// What one scenario cost, an operation.
struct Row {
  let scenario: Scenario
  let measurement: Measurement
  /// How much memory the state takes that it works on.
  var bytes: Int?
  /// The time in times that at the smallest size of the family.
  var growth: Double?
  /// What does the same in C, and its time; the first is what the ratio is to.
  var peers: [(name: String, nanoseconds: Double)] = []

  static let heading =
    "scenario".padded(to: 28)
    + [
      "ns/op", "op/s", "malloc", "retain", "release", "access", "bytes", "growth", "C ns", "C/this",
    ]
    .map { $0.leftPadded(to: 9) }.joined() + "  C"

  /// Whether nothing was allocated, counted or checked, not even once.
  var isClean: Bool {
    let counts = measurement.counts
    return counts.mallocs == 0 && counts.retains == 0 && counts.releases == 0
      && counts.accesses == 0
  }

  /// How long C takes, in times this.
  var ratio: Double? { peers.first.map { $0.nanoseconds / max(measurement.nanoseconds, 0.01) } }

  /// What the gate has against it.
  var faults: [String] {
    var faults: [String] = []
    if scenario.isGated, !isClean { faults.append("the counts must be 0 an operation") }
    if let limit = scenario.growthLimit, let growth, growth > limit {
      faults.append("grows \(fixed(growth, 1)) times, may \(fixed(limit, 1)) times")
    }
    if let limit = scenario.bytesLimit, let bytes, bytes > limit {
      faults.append("takes \(scaled(Double(bytes))) bytes, may take \(scaled(Double(limit)))")
    }
    return faults
  }

  var text: String {
    let counts = measurement.counts
    let figures = [
      fixed(measurement.nanoseconds, 1), scaled(perSecond), perOperation(counts.mallocs),
      perOperation(counts.retains), perOperation(counts.releases),
      perOperation(counts.accesses), bytes.map { scaled(Double($0)) } ?? "-",
      growth.map { fixed($0, 2) } ?? "-", peers.first.map { fixed($0.nanoseconds, 1) } ?? "-",
      ratio.map { fixed($0, 2) } ?? "-",
    ]
    return scenario.name.padded(to: 28) + figures.map { $0.leftPadded(to: 9) }.joined()
      + "  " + (peers.first?.name ?? "-")
  }

  var json: String {
    let counts = measurement.counts
    var members = [
      "\"scenario\":\"\(scenario.name)\"", "\"operations\":\(measurement.operations)",
      "\"ns\":\(fixed(measurement.nanoseconds, 3))", "\"perSecond\":\(fixed(perSecond, 1))",
      "\"malloc\":\(perOperation(counts.mallocs))", "\"retain\":\(perOperation(counts.retains))",
      "\"release\":\(perOperation(counts.releases))",
      "\"beginAccess\":\(perOperation(counts.accesses))",
    ]
    if let bytes { members.append("\"bytes\":\(bytes)") }
    if let growth { members.append("\"growth\":\(fixed(growth, 3))") }
    if let limit = scenario.growthLimit { members.append("\"growthLimit\":\(fixed(limit, 3))") }
    if let ratio { members.append("\"ratio\":\(fixed(ratio, 3))") }
    if !peers.isEmpty {
      let times = peers.map { "\"\($0.name)\":\(fixed($0.nanoseconds, 3))" }
      members.append("\"c\":{\(times.joined(separator: ","))}")
    }
    return "{" + members.joined(separator: ",") + "}"
  }

  private var perSecond: Double { 1e9 / max(measurement.nanoseconds, 0.01) }

  private func perOperation(_ count: UInt64) -> String {
    count == 0 ? "0" : fixed(Double(count) / Double(measurement.operations), 3)
  }

  /// Three digits or more, with a letter for the power of a thousand.
  private func scaled(_ value: Double) -> String {
    if value >= 1e9 { return fixed(value / 1e9, 2) + "G" }
    if value >= 1e6 { return fixed(value / 1e6, 2) + "M" }
    return value >= 1e3 ? fixed(value / 1e3, 1) + "k" : fixed(value, 1)
  }

  private func fixed(_ value: Double, _ places: Int) -> String {
    let scale = [1, 10, 100, 1000][places]
    let scaled = Int((value * Double(scale)).rounded())
    let sign = scaled < 0 ? "-" : ""
    let rest = String(scaled.magnitude % scale.magnitude)
    return sign + "\(scaled.magnitude / scale.magnitude)."
      + String(repeating: "0", count: places - rest.utf8.count) + rest
  }
}

/// Takes the rows as they are measured, and prints them.
final class Report {
  private let isJSON: Bool
  private(set) var faults: [String] = []

  init(isJSON: Bool) {
    self.isJSON = isJSON
    if !isJSON { print(Row.heading) }
  }

  /// Says what cannot be measured here.
  func leaveOut(_ names: [String], _ reason: String) {
    guard !isJSON else { return }
    for name in names { print(name.padded(to: 28) + " left out: \(reason)") }
  }

  func add(_ row: Row) {
    print(isJSON ? row.json : row.text)
    faults += row.faults.map { "\(row.scenario.name): \($0)" }
  }
}

extension String {
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - utf8.count))
  }

  func leftPadded(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - utf8.count)) + self
  }
}
