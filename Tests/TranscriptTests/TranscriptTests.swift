// SPDX-License-Identifier: BSD-2-Clause

import Foundation
import Shell
import Testing
import Userland

/// What users see: sessions, demos, examples.
@Suite("Transcripts") struct TranscriptTests {
  /// With FIBSH_UPDATE=1 the files are written anew; look at the difference before you commit.
  @Test(arguments: Repository.files(in: Repository.cases, ext: "txt").map(\.lastPathComponent))
  func answersAsRecorded(_ name: String) throws {
    let file = Repository.cases.appending(path: name)
    let recording = Recording(try String(contentsOf: file, encoding: .utf8))
    let replayed = try recording.replayed()
    if ProcessInfo.processInfo.environment["FIBSH_UPDATE"] == "1" {
      try replayed.text.write(to: file, atomically: true, encoding: .utf8)
      return
    }
    #expect(!recording.exchanges.isEmpty)
    for (expected, found) in zip(recording.exchanges, replayed.exchanges) {
      #expect(found.answer == expected.answer, "% \(expected.typed.joined(separator: "\n> "))")
    }
  }

  @Test(
    arguments: Repository.files(in: Repository.root.appending(path: "Docs/demos"), ext: "fib")
      .map(\.lastPathComponent))
  func demoEndsWell(_ name: String) throws {
    let file = Repository.root.appending(path: "Docs/demos/\(name)")
    let text = try String(contentsOf: file, encoding: .utf8)
    let sitting = Sitting()
    _ = sitting.type(text, file: name)
    #expect(text.hasPrefix("#!/usr/bin/env fibsh\n"))
    #expect(sitting.interpreter.exitStatus == 0)
    #expect(sitting.transcript.error == "")
  }

  /// A lesson's claims notice each of the lines that decide.
  @Test(arguments: [
    ("policy-routing", ["add 200 ", "add 300 ", "setfib 1 route add"]),
    ("two-isps", ["a ipfw -q add 100 ", "b ipfw -q add 50 ", "setfib 1 route add", "add 200 "]),
    ("mtu-blackhole", ["add 50 ", "add 100 ", "add 300 ", "epair2a 10.0.2.1/24", "add 200 "]),
    (
      "source-route",
      ["ip.sourceroute=1", "accept_sourceroute=1", "left ipfw -q add", "right ipfw -q add"]
    ),
    ("nat-divert", ["add 100 divert", "add 200 divert", "-f flush", "nat 1 ip ", "redirect_port"]),
    ("carp", ["linkstate down", "preempt=1", "pass mustard"]),
  ]) func demoFailsWithout(_ name: String, _ decisive: [String]) throws {
    let file = Repository.root.appending(path: "Docs/demos/\(name).fib")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    for line in decisive {
      let rest = lines.filter { !$0.contains(line) }
      let sitting = Sitting()
      _ = sitting.type(rest.joined(separator: "\n"))
      #expect(rest.count == lines.count - 1, "\(name): \(line)")
      #expect(sitting.interpreter.exitStatus == 1, "\(name): \(line)")
      #expect(sitting.transcript.error.contains("expect: not as expected: "), "\(name): \(line)")
    }
  }

  /// The shell reads the functions that FreeBSD's test scripts run over; running them takes programs
  /// of the host.
  @Test(
    arguments: Repository.files(in: Repository.root.appending(path: "Tests/Scripts"), ext: "sh"))
  func scriptIsRead(_ file: URL) throws {
    let sitting = Sitting()
    _ = sitting.type("set -n\n" + (try String(contentsOf: file, encoding: .utf8)))
    #expect(sitting.interpreter.exitStatus == 0)
    #expect(sitting.transcript.all == "")
  }

  /// A firewall's claims notice each of its rules that is replaced by one which only counts, but for
  /// these.
  @Test(arguments: [
    "open": ["65000 pass all from any to any"],
    "client": ["100 ", "200 ", "300 ", "pass all from any to any frag"],
    "simple": [
      "100 ", "200 ", "300 ", "pass all from any to any frag", "pass tcp from any to me 25 setup",
      "pass tcp from any to me 53 setup", "pass udp from me to any 53 keep-state",
    ],
    // The rules that make states would find them too, without check-state.
    "workstation": [
      "100 ", "200 ", "300 ", "check-state", "pass udp from 0.0.0.0 68 ", "pass udp from any 67 ",
      "pass icmp from any to any icmptypes 3,4,11", "65000 count ", "deny ip from any to ",
    ],
  ])
  func demoNeedsItsRules(_ type: String, _ unclaimed: [String]) throws {
    let file = Repository.root.appending(path: "Docs/demos/firewall-\(type).fib")
    let lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
    let add = "ipfw add "
    for (place, line) in lines.enumerated() where line.hasPrefix(add) {
      let rule = line.dropFirst(add.count)
      if unclaimed.contains(where: rule.hasPrefix) { continue }
      let number = rule.prefix(while: \.isNumber)
      var changed = lines
      changed[place] = add + number + " count ip from any to any"
      let sitting = Sitting()
      _ = sitting.type(changed.joined(separator: "\n"))
      #expect(sitting.interpreter.exitStatus == 1, "\(type): \(line)")
    }
  }

  /// The session that the README shows, if it shows one.
  private static let readmeSession: String? = {
    let file = Repository.root.appending(path: "README.md")
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
    for block in text.components(separatedBy: "```").enumerated() where block.offset % 2 == 1 {
      let lines = block.element.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
      if lines.first?.hasPrefix("fibsh# ") == true { return lines.joined(separator: "\n") }
    }
    return nil
  }()

  @Test(.enabled(if: readmeSession != nil, "README.md shows no session"))
  func readmeTellsTheTruth() throws {
    let session = try #require(Self.readmeSession)
    let recording = Recording(session, prompt: "fibsh# ")
    let replayed = try recording.replayed().text
    #expect(replayed == session)
  }
}
