// SPDX-License-Identifier: BSD-2-Clause

import Foundation
import Netstack
import Shell
import Testing
import Userland

/// Every message of arp(8), and its exit status.
@Suite("arp") struct ArpCommandTests {
  private static let usage: String = """
    usage: arp [-n] [-i interface] hostname
           arp [-n] [-i interface] -a
           arp -d hostname [pub]
           arp -d [-i interface] -a
           arp -s hostname ether_addr [temp] [reject | blackhole] [pub [only]]
           arp -S hostname ether_addr [temp] [reject | blackhole] [pub [only]]
           arp -f filename

    """

  private static let own: String =
    "? (10.0.0.1) at 02:00:00:00:00:00 on em0 permanent [ethernet]\n"
  private static let known: String =
    "? (10.0.0.9) at 00:0c:29:aa:bb:09 on em0 permanent [ethernet]\n"

  private static let files: [String: String] = [
    "good": "# hosts\n\n  10.0.0.20\t0:1:2:3:4:5 temp # one\n10.0.0.21 0:1:2:3:4:6 pub\n",
    "bad": "10.0.0.20\n  10.0.0.21 # nothing\n10.0.0.22 0:1:2:3:4:5\n10.0.0.23",
    "wrong": "foo 0:1:2:3:4:5\n10.0.0.22 zz\n",
    "long": "10.0.0.20 0:1:2:3:4:5 " + String(repeating: "x", count: 120) + "\n",
  ]

  /// em0 with 10.0.0.1/24, the entry of 10.0.0.9, and a route through a gateway.
  private func run(_ line: String) -> (text: String, error: String, status: Int32) {
    let files = MemoryFiles(Self.files.mapValues { Array($0.utf8) })
    let session = Session()
    _ = files.answer(
      """
      ifconfig em0 10.0.0.1/24
      arp -s 10.0.0.9 00:0c:29:aa:bb:09
      route add 10.8.0.0/16 10.0.0.254
      """, in: session)
    let transcript = Transcript()
    let shell = Interpreter(
      world: session, registry: Commands.registry, output: transcript.output(), host: files.host)
    shell.run(text: line)
    return (transcript.out, transcript.error, shell.status)
  }

  private struct Case: CustomTestStringConvertible, Sendable {
    let line: String
    var out = ""
    var error = ""
    var status: Int32 = 0
    var testDescription: String { line }

    init(_ line: String, out: String = "", error: String = "", status: Int32 = 0) {
      (self.line, self.out, self.error, self.status) = (line, out, error, status)
    }

    /// A complaint on stderr.
    static func fails(_ line: String, _ message: String) -> Case {
      Case(line, error: "arp: \(message)\n", status: 1)
    }

    static func usage(_ line: String) -> Case {
      Case(line, error: ArpCommandTests.usage, status: 1)
    }
  }

  private static let usages: [Case] = [
    .usage("arp"), .usage("arp 10.0.0.9 10.0.0.10"), .usage("arp -a 10.0.0.9"),
    .usage("arp -d"), .usage("arp -d 10.0.0.9 foo"), .usage("arp -d 10.0.0.9 pub x"),
    .usage("arp -d -a 10.0.0.9"), .usage("arp -s 10.0.0.9"), .usage("arp -f"),
    .usage("arp -s 1 2 3 4 5 6 7"), .usage("arp -d -s 10.0.0.9 0:1:2:3:4:5"),
    .usage("arp -S -f good"), .usage("arp -s -s 10.0.0.9 0:1:2:3:4:5"), .usage("arp -f a b"),
    Case("arp -x", error: "arp: illegal option -- x\n" + usage, status: 1),
    Case("arp -i", error: "arp: option requires an argument -- i\n" + usage, status: 1),
  ]

  private static let shows: [Case] = [
    Case("arp -a", out: known + own), Case("arp -an", out: known + own),
    Case("arp 10.0.0.9", out: known), Case("arp -n 10.9", out: known),
    Case("arp -i em0 10.0.0.9", out: known), Case("arp -i em1 -a"),
    Case("arp 10.0.0.77", out: "10.0.0.77 (10.0.0.77) -- no entry\n", status: 1),
    Case("arp 0xa00004d", out: "0xa00004d (10.0.0.77) -- no entry\n", status: 1),
    Case(
      "arp -i em1 10.0.0.9", out: "10.0.0.9 (10.0.0.9) -- no entry on em1\n", status: 1),
    Case("arp 0.0.0.0", out: known + own + "0.0.0.0 (0.0.0.0) -- no entry\n", status: 1),
    .fails("arp foo", "foo: Unknown host"),
    .fails("arp 255.255.255.255", "255.255.255.255: Unknown host"),
    .fails("arp -i em9 -a", "interface em9 does not exist"),
    .fails("arp -i em0 -d 10.0.0.9", "-i not applicable to this operation"),
    .fails("arp -i em0 -s 10.0.0.9 0:1:2:3:4:5", "-i not applicable to this operation"),
    .fails("arp -i em0 -f good", "-i not applicable to this operation"),
  ]

  private static let sets: [Case] = [
    Case("arp -s 10.0.0.10 0:1:2:3:4:5"), Case("arp -s 10.0.0.10 0:1:2:3:4:5 temp foo bar"),
    Case("arp -s 10.0.0.10 0:1:2:3:4:5 temporary publish"),
    Case("arp -s 10.0.0.10 0:1:2:3:4:5 reject"), Case("arp -s 10.0.0.10 0:1:2:3:4:5 blackhole"),
    Case(
      "arp -s 10.0.0.10 auto pub",
      out: "using interface em0 for proxy with address 02:00:00:00:00:00\n"),
    Case("arp -s 10.9.9.9 auto pub", out: "no interface found for 10.9.9.9\n", status: 1),
    .fails("arp -s 10.0.0.10 auto", "invalid Ethernet address 'auto'"),
    .fails("arp -s 10.0.0.10 zz", "invalid Ethernet address 'zz'"),
    .fails("arp -s foo 0:1:2:3:4:5", "foo: Unknown host"),
    .fails(
      "arp -s 10.9.9.9 0:1:2:3:4:5",
      "writing to routing socket: No such process\narp: 10.9.9.9: No such process"),
    .fails(
      "arp -s 10.0.0.10 0:1:2:3:4:5 pub only", "writing to routing socket: Invalid argument"),
    .fails("arp -s 10.0.0.10 0:1:2:3:4:5 pub onl", "writing to routing socket: Invalid argument"),
    Case(
      "arp -s 10.8.0.1 0:1:2:3:4:5",
      out: "cannot intuit interface index and type for 10.8.0.1\n", status: 1),
    Case(
      "arp -s 10.0.0.1 0:1:2:3:4:5", out: "set: proxy entry exists for non 802 device\n",
      status: 1),
    Case(
      "arp -s 10.0.0.10 0:1:2:3:4:5 reject blackhole reject",
      out: String(repeating: "Choose one of blackhole or reject, not both.\n", count: 2)),
    Case(
      "arp -s 10.0.0.10 0:1:2:3:4:5 trail",
      out: "10.0.0.10: Sending trailers is no longer supported\n"),
    Case("arp -S 10.0.0.9 0:1:2:3:4:5", out: "10.0.0.9 (10.0.0.9) deleted\n"),
    Case(
      "arp -S 10.0.0.10 0:1:2:3:4:5",
      error: "arp: writing to routing socket: Invalid argument\n"),
    Case(
      "setfib 1 route -q delete 10.0.0.0/24; setfib 1 arp -s 10.0.0.10 0:1:2:3:4:5",
      error: "arp: writing to routing socket: No such process\narp: 10.0.0.10: No such process\n",
      status: 1),
  ]

  private static let deletes: [Case] = [
    Case("arp -d 10.0.0.9", out: "10.0.0.9 (10.0.0.9) deleted\n"),
    Case("arp -d 10.9 pub", out: "10.9 (10.0.0.9) deleted\n"),
    Case("arp -d 10.0.0.1", out: "10.0.0.1 (10.0.0.1) deleted\n"),
    .fails("arp -d 10.0.0.10", "writing to routing socket: Invalid argument"),
    .fails(
      "arp -d 10.9.9.9",
      "writing to routing socket: No such process\narp: 10.9.9.9: No such process"),
    Case("arp -d 10.8.0.1", error: "delete: cannot locate 10.8.0.1\n", status: 1),
    .fails("arp -d foo", "foo: Unknown host"),
    Case("arp -d -a", out: "10.0.0.9 (10.0.0.9) deleted\n10.0.0.1 (10.0.0.1) deleted\n"),
    Case("arp -ad -i em1"),
  ]

  private static let fromFiles: [Case] = [
    Case("arp -f good"),
    .fails("arp -f nofile", "cannot open nofile: No such file or directory"),
    Case(
      "arp -f bad",
      error: "arp: bad line: 10.0.0.20\n\narp: bad line:   10.0.0.21 \n"
        + "arp: bad line: 10.0.0.23\n", status: 1),
    Case(
      "arp -f wrong",
      error: "arp: foo: Unknown host\narp: invalid Ethernet address 'zz'\n", status: 1),
    Case(
      "arp -f long", error: "arp: bad line: \(String(repeating: "x", count: 43))\n\n", status: 1),
  ]

  @Test(arguments: usages + shows + sets + deletes + fromFiles)
  private func says(_ test: Case) {
    let found = run(test.line)
    #expect(found.text == test.out)
    #expect(found.error == test.error)
    #expect(found.status == test.status)
  }

  @Test func setsWhatAFileSays() {
    let found = run("arp -f good; arp -f bad; arp -an")
    // In the order of the table's buckets.
    let set = """
      ? (10.0.0.22) at 00:01:02:03:04:05 on em0 permanent [ethernet]
      ? (10.0.0.20) at 00:01:02:03:04:05 on em0 expires in 1200 seconds [ethernet]
      ? (10.0.0.21) at 00:01:02:03:04:06 on em0 permanent published [ethernet]

      """
    #expect(found.text == Self.known + Self.own + set)
  }

  /// The rows of a recorded listing of a later release, which lists them in another order.
  @Test func listsTheRecordedRows() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Golden/arp_an_newer.txt")
    let recorded = try String(contentsOf: file, encoding: .utf8)
      .split(separator: "\n").filter { $0.hasPrefix("?") }.map(String.init)
    // One whose hardware address has five bytes is known and incomplete.
    let odd = "ffffffffffff0011223344990806" + "0001080005040001" + "0011223344c0000263"
    let lines = """
      ifconfig em0 name igb1
      ifconfig igb1 192.0.2.200/24
      arp -s 192.0.2.30 00:11:22:33:44:30
      inject -q arp request from 192.0.2.31 to 192.0.2.200 src 00:11:22:33:44:31 recv igb1
      sleep 400
      inject -q arp request from 192.0.2.1 to 192.0.2.200 src 00:11:22:33:44:01 recv igb1
      inject -q frame \(odd)0000000000c00002c8\(String(repeating: "0", count: 20)) recv igb1
      arp -an
      """
    let found = answer(lines).split(separator: "\n").filter { $0.hasPrefix("?") }.map(String.init)
    for row in recorded { #expect(found.contains(row), "\(row)") }
    #expect(found.count == recorded.count + 1)
  }
}
