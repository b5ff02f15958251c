// SPDX-License-Identifier: BSD-2-Clause

import Foundation
import Testing

// The tables behind the printed lines.
@testable import Netstack

/// Holds every line of `netstat -s` against the list of 8's texts in Golden/netstat_stats.tsv.
@Suite("the texts of netstat -s") struct NetstatTextsTests {
  /// A line of the list: how far it is indented, what it counts and what it says.
  struct Line: Hashable {
    let indent: Int
    let counters: String
    let text: String
  }

  /// The lines of each protocol, in their order.
  private static let golden: [String: [Line]] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Golden/netstat_stats.tsv")
    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    var lines: [String: [Line]] = [:]
    for row in text.split(separator: "\n") where !row.hasPrefix("#") {
      let cells = row.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      lines[cells[0], default: []].append(
        Line(indent: Int(cells[2]) ?? -1, counters: cells[3], text: cells[4]))
    }
    return lines
  }()

  /// The lines of a table; those that are computed stand in no list of counters.
  private static func lines<Name: CounterName>(_ table: [StatisticsLine<Name>]) -> [Line] {
    table.filter { $0.value != .difference }.map { line in
      Line(
        indent: line.indent, counters: line.counters.map(\.field).joined(separator: "+"),
        text: line.text)
    }
  }

  private static let tables: [String: [Line]] = [
    "tcp": lines(TCPCounter.lines), "udp": lines(UDPCounter.lines), "ip": lines(IPCounter.lines),
    "icmp": lines(ICMPCounter.lines), "igmp": lines(IGMPCounter.lines),
    "rt": lines(RouteCounter.lines),
    "carp": lines(CarpCounter.lines), "mrt": lines(MulticastRoutingCounter.lines),
  ]

  /// Protocols of which the model has nothing, and so no counters.
  private static let absent = ["arp", "icmp6", "ip6", "pfsync", "pim", "sctp"]

  @Test(arguments: tables.keys.sorted()) func areThoseOfTheList(_ name: String) throws {
    // A line that is not compiled in (`notyet`).
    let expected = try #require(NetstatTextsTests.golden[name])
      .filter { $0.counters != "carps_ostates" }
    let found = try #require(NetstatTextsTests.tables[name])
    #expect(found.count == expected.count)
    for (found, expected) in zip(found, expected) { #expect(found == expected) }
  }

  @Test func theListHasNothingElse() {
    let known = NetstatTextsTests.tables.keys + NetstatTextsTests.absent
    #expect(NetstatTextsTests.golden.keys.sorted() == known.sorted())
    #expect(NetstatTextsTests.golden.values.reduce(0) { $0 + $1.count } == 371)
  }
}
