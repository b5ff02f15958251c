// SPDX-License-Identifier: BSD-2-Clause

import Foundation
import Netstack
import Testing

/// Docs/Fidelity.md names every leaf that reads back and changes nothing.
@Suite("sysctls without effect") struct InertSysctlTests {
  private static let file = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Docs/Fidelity.md")
  private static let start = "<!-- inert: begin -->\n```\n"
  private static let end = "```\n<!-- inert: end -->"

  @Test func areListedInFidelity() throws {
    let text = try String(contentsOf: Self.file, encoding: .utf8)
    let start = try #require(text.range(of: Self.start))
    let end = try #require(text.range(of: Self.end))
    let names = SysctlTree.inertNames.joined(separator: "\n") + "\n"
    if ProcessInfo.processInfo.environment["FIBSH_UPDATE"] != nil {
      let updated = text[..<start.upperBound] + names + text[end.lowerBound...]
      try String(updated).write(to: Self.file, atomically: true, encoding: .utf8)
    } else {
      #expect(text[start.upperBound..<end.lowerBound] == names)
    }
  }
}
