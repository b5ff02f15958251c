// SPDX-License-Identifier: BSD-2-Clause

import Foundation
import Shell
import Testing
import Userland

/// Compares with what tcpdump 4.0.0 printed for the same captures, byte for byte.
@Suite("tcpdump's recorded lines") struct TcpdumpGoldenTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Golden/tcpdump")

  /// A difference on purpose.
  private struct Difference {
    let recorded: String
    let ours: String
  }

  private static let differences = [
    // tcpdump printed the flags of the segment before, from a buffer it did not clear.
    Difference(
      recorded: "50002 > 10.0.0.2.23456: Flags [R.]", ours: "50002 > 10.0.0.2.23456: Flags [none]"),
    // The recording host's protocols file lacked pfsync; FreeBSD's has it.
    Difference(recorded: "ip-proto-240", ours: "pfsync"),
    // It read the data offset from memory behind the 8 quoted bytes.
    Difference(
      recorded: "192.0.2.9.80:  tcp 12 [bad hdr length 8 - too short, < 20]",
      ours: "192.0.2.9.80: [|tcp]"),
    // It read a quoted packet behind the end of the message.
    Difference(recorded: "\tIP15 [|ip]", ours: "\t[|ip]"),
    Difference(recorded: "\t15 [|ip]", ours: "\t[|ip]"),
  ]

  /// What was printed on stdout and on stderr.
  private func run(_ options: String) throws -> Transcript {
    let files = MemoryFiles()
    for name in ["frames", "null", "snap16", "snap30", "snap40"] {
      let file = Self.folder.appending(path: "\(name).pcap")
      files.files["\(name).pcap"] = try [UInt8](Data(contentsOf: file))
    }
    return files.answer("tcpdump \(options)")
  }

  private func recorded(_ name: String) throws -> String {
    let text = String(
      decoding: try Data(contentsOf: Self.folder.appending(path: "\(name).txt")), as: UTF8.self)
    return Self.differences.reduce(text) {
      $0.replacingOccurrences(of: $1.recorded, with: $1.ours)
    }
  }

  /// The first line of a recording says how it was made.
  private func lines(_ text: String) -> [Substring.UTF8View.SubSequence] {
    text[...].utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
  }

  private func expect(_ found: String, _ recorded: some StringProtocol, _ name: String) {
    let (found, recorded) = (lines(found), lines(String(recorded)))
    #expect(found.count == recorded.count, "\(name)")
    for (ours, theirs) in zip(found, recorded) where !ours.elementsEqual(theirs) {
      Issue.record("\(name): \(String(ours) ?? "") instead of \(String(theirs) ?? "")")
    }
  }

  @Test(arguments: [
    "n", "nA", "nS", "nX", "nXX", "ne", "nev", "nq", "nqe", "nt", "ntqx", "ntt", "nttt", "ntttt",
    "nttttt", "nv", "nvv", "nx", "nxx",
  ])
  func prints(_ letters: String) throws {
    let found = try run("-\(letters) -r frames.pcap")
    let text = try recorded("out_\(letters)")
    expect(found.out, text.drop { $0 != "\n" }.dropFirst(), letters)
    #expect(found.error == "reading from file frames.pcap, link-type EN10MB (Ethernet)\n")
  }

  @Test func printsMakersWithoutN() throws {
    let found = try run("-e -r frames.pcap arp or rarp or '(icmp and host 10.0.0.2)'")
    let text = try recorded("out_e_names")
    expect(found.out, text.drop { $0 != "\n" }.dropFirst(), "e")
  }

  /// What it printed of short ARP packets was stray memory, so they are not in the recordings.
  @Test(arguments: [16, 30, 40]) func printsShortCaptures(_ length: Int) throws {
    let found = try run("-n -r snap\(length).pcap not arp and not rarp and not vlan")
    var text = try recorded("out_n_snap\(length)")
    if length == 40 {
      // The data offset was not captured; it read what lay behind.
      text.replace(#/ tcp \d+ \[bad hdr length 0 - too short, < 20\]/#, with: "[|tcp]")
    }
    expect(found.out, text.drop { $0 != "\n" }.dropFirst(), "snap\(length)")
  }

  @Test(arguments: ["-n", "-n -e", "-n -q -e", "-n -x"])
  func printsTheLoopback(_ options: String) throws {
    let found = try run("\(options) -r null.pcap")
    let sections = try recorded("out_null").components(separatedBy: "## tcpdump ").dropFirst()
    let section = try #require(sections.first { $0.hasPrefix("\(options) -r null.pcap\n") })
    expect(found.out, section.drop { $0 != "\n" }.dropFirst(), options)
    #expect(found.error == "reading from file null.pcap, link-type NULL (BSD loopback)\n")
  }

  @Test func showsBothStreamsInOrder() throws {
    let found = try run("-n -c 2 -r frames.pcap")
    expect(found.all, try recorded("reading"), "reading")
  }
}
