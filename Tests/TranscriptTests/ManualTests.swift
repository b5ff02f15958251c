// SPDX-License-Identifier: BSD-2-Clause

import Foundation
import Shell
import Testing
import Userland

/// The manual pages of Docs/man are what the commands and topics declare.
@Suite("Manual") struct ManualTests {
  private static let directory = Repository.root.appending(path: "Docs/man")

  /// All pages but those of commands without a letter in their name, which would be odd files.
  private static var pages: [ManualPage] {
    Commands.registry.commands.filter { $0.name.contains(where: \.isLetter) }.map(\.page)
      + Commands.registry.listedTopics.map(\.page)
  }

  /// With FIBSH_UPDATE=1 the pages are written anew, and those that nothing declares are removed.
  @Test func pagesAreUpToDate() throws {
    let manager = FileManager.default
    let names = (try? manager.contentsOfDirectory(atPath: Self.directory.path)) ?? []
    let declared = Dictionary(uniqueKeysWithValues: Self.pages.map { ($0.fileName, $0.mdoc) })
    if ProcessInfo.processInfo.environment["FIBSH_UPDATE"] == "1" {
      try manager.createDirectory(at: Self.directory, withIntermediateDirectories: true)
      for name in names where declared[name] == nil {
        try manager.removeItem(at: Self.directory.appending(path: name))
      }
      for (name, text) in declared {
        let file = Self.directory.appending(path: name)
        try text.write(to: file, atomically: true, encoding: .utf8)
      }
      return
    }
    #expect(Set(names) == Set(declared.keys))
    for (name, text) in declared {
      let file = try? String(contentsOf: Self.directory.appending(path: name), encoding: .utf8)
      #expect(file == text, "Docs/man/\(name): FIBSH_UPDATE=1 swift test --filter Manual")
    }
  }

  @Test(arguments: Commands.all.map(\.name)) func pageIsWhole(name: String) throws {
    let command = try #require(Commands.registry[name])
    let titles = command.page.sections.map(\.title)
    #expect(titles.starts(with: ["SYNOPSIS", "DESCRIPTION"]))
    #expect(titles.contains("EXIT STATUS"))
    #expect(!command.examples.isEmpty, "no examples")
    #expect(!command.seeAlso.isEmpty, "no other pages")
    #expect(command.description.allSatisfy { $0.hasSuffix(".") })
  }

  /// What a page sends its reader to exists: a command, a topic, or a page of FreeBSD.
  @Test func otherPagesExist() {
    let known = Set(Self.pages.map { "\($0.name)(\($0.section))" })
    let places =
      Commands.registry.commands.map { ($0.name, $0.seeAlso) }
      + Commands.registry.listedTopics.map { ($0.name, $0.seeAlso) }
    for (name, pages) in places {
      for page in pages { #expect(known.contains(page), "\(name) names \(page)") }
    }
  }

  @Test(arguments: Commands.registry.listedTopics.flatMap { $0.examples.map(\.line) })
  func topicExamplesWork(line: String) {
    let sitting = Sitting()
    _ = sitting.type(
      """
      ifconfig em0 10.1.0.1/16
      ifconfig em1 203.0.113.2/24
      """)
    _ = sitting.type(line)
    #expect(sitting.interpreter.status == 0, "\(sitting.transcript.all)")
  }

  @Test(arguments: Commands.registry.listedTopics.map(\.name)) func helpShowsTopic(name: String) {
    let sitting = Sitting()
    #expect(sitting.type("help \(name)").hasPrefix(name.uppercased() + "(7)"))
    #expect(sitting.type("man \(name)") == sitting.type("help \(name)"))
  }
}
