// SPDX-License-Identifier: BSD-2-Clause

/// Compares what was recorded of a step with what the model did, member by member.
struct Comparison {
  /// The members that are recorded but not compared, each with the reason.
  static let uncompared: [String: String] = [
    "path": "the C functions entered: the model's functions are cut differently",
    "tcp_ctlinput": "TCP was a stub that counted calls; the model has no TCP connections",
    "refs": "references to a route: the model's routes are named by number, not counted",
  ]

  /// Counters that the model has but the recorder did not keep.
  static let unrecorded: Set<String> = ["if_ibytes", "if_obytes"]

  /// The recorder's own words among the kernel's messages, and ours: the real kernel would hang where
  /// both cut a loop.
  private static let reworded = [
    "oracle: endless loop through netisr cut after 2000 packets":
      "has come through netisr 2000 times: a loop, cut here"
  ]

  /// What differs, a line each.
  private(set) var differences: [String] = []
  /// How often each member of `uncompared` was met.
  private(set) var skipped: [String: Int] = [:]

  /// Compares one step.
  mutating func compare(_ step: String, recorded: JSON, found: JSON) {
    let before = differences.count
    compare(recorded, found, at: "")
    if differences.count > before {
      differences.insert("at: \(Comparison.shortened(step, 160))", at: before)
    }
  }

  /// Notes a difference that is no step's.
  mutating func note(_ difference: String) { differences.append(difference) }

  private mutating func compare(_ recorded: JSON?, _ found: JSON?, at path: String) {
    switch (recorded, found) {
    case (.object(let recorded), .object(let found)):
      for name in Set(recorded.keys).union(found.keys).sorted() {
        if Comparison.uncompared[name] != nil {
          skipped[name, default: 0] += 1
        } else {
          compare(recorded[name], found[name], at: "\(path).\(name)")
        }
      }
    case (.array(let recorded), .array(let found)):
      for index in 0..<max(recorded.count, found.count) {
        compare(
          index < recorded.count ? recorded[index] : nil,
          index < found.count ? found[index] : nil, at: "\(path)[\(index)]")
      }
    case (.text(let recorded), .text(let found))
    where Comparison.reworded.contains { recorded.contains($0.key) && found.contains($0.value) }:
      return
    default:
      guard recorded != found else { return }
      differences.append(
        "\(path.dropFirst()): recorded \(Comparison.shown(recorded)), "
          + "got \(Comparison.shown(found))")
    }
  }

  private static func shown(_ value: JSON?) -> String {
    value.map { shortened($0.description, 400) } ?? "nothing"
  }

  private static func shortened(_ text: String, _ limit: Int) -> String {
    text.count <= limit ? text : "\(text.prefix(limit))… (\(text.count))"
  }
}
