// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Userland

@Suite("route") struct RouteTests {
  /// A line of route(8) on a machine with em0 10.0.0.2/24 and a route to 10.9/16, what it says on
  /// both streams, and its status.
  struct Case: Sendable {
    let line: String
    let text: String
    let status: Int32

    init(_ line: String, _ text: String, _ status: Int32) {
      (self.line, self.text, self.status) = (line, text, status)
    }
  }

  private static let usage = "usage: route [-dnqtv] command [[modifiers] args]\n"

  private static func failed(_ reason: String, _ answer: String) -> String {
    "route: writing to routing socket: \(reason)\n\(answer)\n"
  }

  @Test(arguments: [
    Case("route", usage, 64), Case("route -n", usage, 64),
    Case("route -x", "route: illegal option -- x\n" + usage, 64),
    Case("route list", "route: bad keyword: list\n" + usage, 64),
    Case("route host", "route: bad keyword: host\n" + usage, 64),
    Case("route add -mask 1.1.1.1", "route: bad keyword: mask\n" + usage, 64),
    Case("route add -llinfo 1.1.1.1", "route: bad keyword: llinfo\n" + usage, 64),
    Case("route add 1.1.1.1 -mtu", usage, 64), Case("route add -dst", usage, 64),
    Case("route flush 10", "route: bad keyword: 10\n" + usage, 64),
    Case("route flush -net", "route: bad keyword: -net\n" + usage, 64),
    Case("route add nohost 10.0.0.1", "route: bad address: nohost\n", 68),
    Case("route add 10/8 nohost", "route: bad address: nohost\n", 68),
    Case("route add x/8 10.0.0.1", "route: bad address: x/8\n", 68),
    Case("route add 10.256.0.0/16 10.0.0.1", "route: bad address: 10.256.0.0/16\n", 68),
    Case("route add 10/8 -iface em9", "route: bad address: em9\n", 68),
    Case("route add -prefixlen 8 10.0.0.0 1.1.1.1", "prefixlen not supported in this af\n", 1),
    Case("route add 10.0.0.0 1.1.1.1 -prefixlen 33", "33: bad value\n", 1),
    Case("route add 10.0.0.0 1.1.1.1 -prefixlen -1", "-1: bad value\n", 1),
    Case(
      "route add -inet6 x ::1", "x: hostname nor servname provided, or not known\n", 1),
    Case("route add", failed("Invalid argument", "add net : Invalid argument"), 1),
    Case(
      "route add 10/8 -blackhole", failed("Invalid argument", "add net 10: Invalid argument"), 1),
    Case(
      "route add 10.9.0.0/16 10.0.0.254",
      failed(
        "File exists", "add net 10.9.0.0: gateway 10.0.0.254: route already in table"), 1),
    Case(
      "route delete 10.77.0.0/16",
      failed("No such process", "delete net 10.77.0.0: not in table"), 1),
    Case("route del 10.9", failed("No such process", "del host 10.9: not in table"), 1),
    Case(
      "route change 10.9.0.0/17 10.0.0.1",
      failed("No such process", "change net 10.9.0.0: gateway 10.0.0.1: not in table"), 1),
    Case(
      "route add default 203.0.113.1",
      failed(
        "Network is unreachable",
        "add net default: gateway 203.0.113.1: Network is unreachable"), 1),
    Case(
      "route change 10.9.0.0/16 1.1.1.1",
      failed(
        "Network is unreachable",
        "change net 10.9.0.0: gateway 1.1.1.1: Network is unreachable"), 1),
    Case(
      "route add -inet6 ::1 ::2",
      failed(
        "Address family not supported by protocol family",
        "add host ::1: gateway ::2: Address family not supported by protocol family"), 1),
    Case("route get 99.0.0.0/8", "route: writing to routing socket: No such process\n", 1),
    Case("route get", "route: writing to routing socket: Invalid argument\n", 1),
    Case("route -q delete 20/8", "route: writing to routing socket: No such process\n", 1),
    Case("route -t get 10.0.0.1", "route: read from routing socket: Bad file descriptor\n", 0),
    Case("route -d get 99.0.0.0/8", "", 0), Case("route -d flush", "", 0),
    Case("route -q flush", "", 0), Case("route flush -inet6", "", 0),
    Case("route -q add 10.8/16 10.0.0.1", "", 0),
    Case("route -d add 10.9.0.0/16 10.0.0.254", "add net 10.9.0.0: gateway 10.0.0.254\n", 0),
    Case("route delete 10.9.0.0/16 9.9.9.9", "delete net 10.9.0.0: gateway 9.9.9.9\n", 0),
    Case("route add 10.8/16 10.0.0.1 -ifp em9", "add net 10.8: gateway 10.0.0.1\n", 0),
  ])
  func saysAndReturns(_ test: Case) {
    let session = Session()
    _ = answer("ifconfig em0 10.0.0.2/24; route add 10.9.0.0/16 10.0.0.254", in: session)
    #expect(answer("\(test.line); echo $?", in: session) == "\(test.text)\(test.status)\n")
  }

  @Test(arguments: [
    ("10", "host", "0.0.0.10"), ("10.1", "host", "10.0.0.1"), ("10.0.0.0", "net", "10.0.0.0/8"),
    ("10.1.0.0", "host", "10.1.0.0"), ("172.16.0.0", "net", "172.16.0.0/16"),
    ("192.168.1.0", "net", "192.168.1.0/24"), ("-net 10", "net", "10.0.0.0/8"),
    ("-net 10.1", "net", "10.1.0.0/16"), ("-net 192.168.1", "net", "192.168.1.0/24"),
    ("-net 10.1.2.0", "net", "10.1.2.0/24"), ("-net 10.1.2.3", "net", "10.1.2.3/32"),
    ("10/8", "net", "10.0.0.0/8"), ("128.32/15", "net", "128.32.0.0/15"),
    ("10.1/16", "net", "10.1.0.0/16"), ("10.0.0.1/32", "net", "10.0.0.1/32"),
    ("10/010", "net", "10.0.0.0/8"), ("10/0x10", "net", "10.0.0.0/16"),
    ("10.3/0", "net", "10.3.0.0/16"), ("-host 10.2.0.0/16", "host", "10.2.0.0"),
    ("-host 10.0.0.0", "host", "10.0.0.0"), ("0x0a000000", "net", "10.0.0.0/8"),
    ("default", "net", "default"), ("-net 0", "net", "default"),
  ])
  func guesses(_ words: String, _ kind: String, _ key: String) {
    let session = Session()
    _ = answer("ifconfig em0 1.0.0.2/24", in: session)
    let reply = answer("route add \(words) 1.0.0.1", in: session)
    #expect(reply.hasPrefix("add \(kind) "))
    let rows = answer("netstat -rn", in: session).split(separator: "\n")
    let added = rows.filter { $0.contains("1.0.0.1 ") }.map { $0.prefix { $0 != " " } }
    #expect(added.map(String.init) == [key])
  }
}
