// SPDX-License-Identifier: BSD-2-Clause

import Foundation

/// The scenarios whose recorded answer the model does not give on purpose.
enum Fidelity {
  /// The lines of Docs/Fidelity.md between which such scenarios are named, in the first column of a
  /// table, as `group/name`.
  private static let start = "<!-- vectors: begin -->"
  private static let end = "<!-- vectors: end -->"

  /// Reads the names.
  static func excusedScenarios() -> Set<String> {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appending(path: "Docs/Fidelity.md")
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
    return names(in: text)
  }

  /// The names between the marks of a text.
  static func names(in text: String) -> Set<String> {
    var names: Set<String> = []
    var isMarked = false
    for line in text.split(separator: "\n") {
      if line.hasPrefix(start) { isMarked = true }
      if line.hasPrefix(end) { isMarked = false }
      guard isMarked, line.hasPrefix("|"), let cell = line.split(separator: "|").first else {
        continue
      }
      for name in cell.split(separator: "`") where name.contains("/") {
        names.insert(String(name))
      }
    }
    return names
  }
}
