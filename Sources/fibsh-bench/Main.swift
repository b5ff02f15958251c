// SPDX-License-Identifier: BSD-2-Clause

import CProbe
import Glibc

/// Measures the packet path, and gates what it may ask of the runtime.
@main struct Bench {
  static let usage = """
    usage: fibsh-bench [--gate] [--json] [--list] [scenario ...]
      --gate   exit 1 if a gated scenario allocates, counts references or checks access at run time
      --json   one JSON object a row
      --list   name the scenarios

    """

  static func main() {
    var gate = false
    var json = false
    var names: [String] = []
    for argument in CommandLine.arguments.dropFirst() {
      switch argument {
      case "--gate": gate = true
      case "--json": json = true
      case "--list":
        for scenario in Scenario.all { print("\(scenario.name)\t\(scenario.summary)") }
        return
      case "-h", "--help":
        return print(usage, terminator: "")
      case let name where Scenario.all.contains { $0.name == name }:
        names.append(name)
      default:
        print("fibsh-bench: \(argument): no such scenario or option")
        print(usage, terminator: "")
        exit(64)
      }
    }
    let chosen = Scenario.all.filter { names.isEmpty || names.contains($0.name) }
    if !json { print(Row.heading) }
    var failures: [String] = []
    for scenario in chosen {
      let row = scenario.measure()
      print(json ? row.json : row.text)
      if scenario.isGated, !row.isClean { failures.append(scenario.name) }
    }
    guard gate else { return }
    for name in failures { print("gate: \(name): the counts must be 0 a packet") }
    if !failures.isEmpty { exit(1) }
    if !json { print("gate: passed") }
  }
}

/// What one scenario cost, an operation.
struct Row {
  let name: String
  let operations: Int
  let nanoseconds: Double
  let counts: probe_counts

  static let heading =
    "scenario            ns/op     Mop/s   malloc   retain  release   access"

  /// Whether nothing was allocated, counted or checked, not even once.
  var isClean: Bool {
    counts.mallocs == 0 && counts.retains == 0 && counts.releases == 0 && counts.accesses == 0
  }

  var text: String {
    let figures = [
      fixed(nanoseconds, 1), fixed(1000 / nanoseconds, 3), perOperation(counts.mallocs),
      perOperation(counts.retains), perOperation(counts.releases),
      perOperation(counts.accesses),
    ]
    return name.padded(to: 15) + figures.map { $0.leftPadded(to: 9) }.joined()
  }

  var json: String {
    "{\"scenario\":\"\(name)\",\"operations\":\(operations),\"ns\":\(fixed(nanoseconds, 2)),"
      + "\"malloc\":\(perOperation(counts.mallocs)),\"retain\":\(perOperation(counts.retains)),"
      + "\"release\":\(perOperation(counts.releases)),"
      + "\"beginAccess\":\(perOperation(counts.accesses))}"
  }

  private func perOperation(_ count: UInt64) -> String {
    count == 0 ? "0" : fixed(Double(count) / Double(operations), 3)
  }

  private func fixed(_ value: Double, _ places: Int) -> String {
    let scale = places == 1 ? 10.0 : places == 2 ? 100.0 : 1000.0
    let scaled = Int((value * scale).rounded())
    let whole = scaled / Int(scale)
    let rest = String(scaled % Int(scale))
    return "\(whole)." + String(repeating: "0", count: places - rest.utf8.count) + rest
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
