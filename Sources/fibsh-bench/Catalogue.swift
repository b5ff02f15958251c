// SPDX-License-Identifier: BSD-2-Clause

/// One line of the table: what is measured, and what is promised of it.
struct Scenario {
  /// How many times longer an operation may take because what it reads has left the processor's caches,
  /// in which all lies at the smallest size: other programs keep that memory busy. C's tree of bits and
  /// walk through all rules take a hundred times as long as the smallest size does, and more.
  static let farMemory = 16.0

  let name: String
  let summary: String
  /// Whether the gate holds it to 0 calls an operation.
  var isGated = false
  /// How many times as long as at the smallest size of its family an operation may take.
  var growthLimit: Double?
  /// How much memory its state may take.
  var bytesLimit: Int?
  /// Whether it takes seconds or gigabytes, so that it runs only if it is asked for.
  var isHeavy = false
}

/// Scenarios that are measured together, on machines that they share.
protocol Family {
  var scenarios: [Scenario] { get }

  /// Measures those of its scenarios that are chosen.
  func measure(_ chosen: Chosen, _ report: Report)
}

/// The names of the scenarios to measure.
struct Chosen {
  let names: Set<String>

  func contains(_ name: String) -> Bool { names.contains(name) }
}

/// All scenarios.
struct Catalogue {
  let families: [any Family]

  init(_ settings: Settings) throws(UsageError) {
    let source = try RouteSource(settings)
    families = [
      SingleFamily(), TraceFamily(), RouteFamily(settings, source), FirewallFamily(settings),
      FibFamily(settings, source), ProgramFamily(settings, source),
    ]
  }

  var scenarios: [Scenario] { families.flatMap(\.scenarios) }

  /// The scenarios that a word of the command line means: one of this name; or those that fit a
  /// pattern with `*`; or those whose names go on with a hyphen.
  func names(_ word: String) -> [String] {
    let names = scenarios.map(\.name)
    if names.contains(word) { return [word] }
    let pattern = word.contains("*") ? Array(word.utf8) : Array("\(word)-*".utf8)
    return names.filter { fits(Array($0.utf8)[...], pattern[...]) }
  }

  private func fits(_ name: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
    guard let first = pattern.first else { return name.isEmpty }
    let rest = pattern.dropFirst()
    if first == UInt8(ascii: "*") {
      return fits(name, rest) || !name.isEmpty && fits(name.dropFirst(), pattern)
    }
    return name.first == first && fits(name.dropFirst(), rest)
  }
}

/// A number of things as it stands in names: 10, 100k, 1M.
func shortNumber(_ number: Int) -> String {
  if number >= 1_000_000, number % 1_000_000 == 0 { return "\(number / 1_000_000)M" }
  return number >= 10_000 && number % 1000 == 0 ? "\(number / 1000)k" : "\(number)"
}
