// SPDX-License-Identifier: BSD-2-Clause

import CProbe
import Glibc

/// Measures the packet path, and gates what it may ask of the runtime and how it may grow.
@main struct Bench {
  static let usage = """
    usage: fibsh-bench [--gate] [--json] [--all] [--list] [--routes file] [scenario ...]
      scenario       a name, how names begin up to a hyphen, or a pattern with *; without one all
                     that are not heavy
      --all          the heavy ones, too
      --gate         exit 1 if a scenario that must not allocates, counts references or checks access
                     at run time, or if one grows with its size more than it may
      --json         one JSON object a row
      --list         name the scenarios
      --routes file  take the routes from a file of lines "network/length number", not from the
                     generator; where a scenario wants more than there are, it takes all

    """

  static func main() {
    probe_lines()
    let settings: Settings
    let catalogue: Catalogue
    do throws(UsageError) {
      settings = try Settings(CommandLine.arguments.dropFirst())
      catalogue = try Catalogue(settings)
    } catch {
      print("fibsh-bench: \(error.text)")
      print(usage, terminator: "")
      exit(64)
    }
    if settings.wantsHelp { return print(usage, terminator: "") }
    if settings.wantsList {
      for scenario in catalogue.scenarios {
        print("\(scenario.name)\t\(scenario.summary)\(scenario.isHeavy ? " (heavy)" : "")")
      }
      return
    }
    var names = Set<String>()
    for word in settings.words {
      let found = catalogue.names(word)
      guard !found.isEmpty else {
        print("fibsh-bench: \(word): no such scenario or option")
        print(usage, terminator: "")
        exit(64)
      }
      names.formUnion(found)
    }
    if settings.words.isEmpty {
      names.formUnion(catalogue.scenarios.filter { settings.all || !$0.isHeavy }.map(\.name))
    }
    let report = Report(isJSON: settings.isJSON)
    for family in catalogue.families
    where family.scenarios.contains(where: { names.contains($0.name) }) {
      family.measure(Chosen(names: names), report)
    }
    guard settings.isGate else { return }
    for fault in report.faults { print("gate: \(fault)") }
    if !report.faults.isEmpty { exit(1) }
    if !settings.isJSON { print("gate: passed") }
  }
}

/// What is wrong with the command line.
struct UsageError: Error {
  let text: String
}

/// What the command line says.
struct Settings {
  var isGate = false
  var isJSON = false
  var all = false
  var wantsList = false
  var wantsHelp = false
  /// The file that routes are read from.
  var routes: String?
  var words: [String] = []

  /// Whether the comparators are measured; the gate asks nothing of them.
  var hasPeers: Bool { !isGate }

  init(_ arguments: ArraySlice<String>) throws(UsageError) {
    var arguments = arguments
    while let argument = arguments.popFirst() {
      switch argument {
      case "--gate": isGate = true
      case "--json": isJSON = true
      case "--all": all = true
      case "--list": wantsList = true
      case "-h", "--help": wantsHelp = true
      case "--routes":
        guard let file = arguments.popFirst() else {
          throw UsageError(text: "--routes: no file is named")
        }
        routes = file
      default: words.append(argument)
      }
    }
  }
}
