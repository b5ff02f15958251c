// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Testing
import Userland

@Suite("netstat") struct NetstatTests {
  /// A session whose em0 has received so many packets.
  private func session(ipackets: UInt64) throws -> Session {
    let session = Session()
    let card = try #require(session.findInterface("em0"))
    session.kernel[session.vnet].interfaces[card].statistics[.ipackets] = ipackets
    return session
  }

  @Test(
    arguments: [
      (999, "999"), (1000, "1.0K"), (9999, "9.8K"), (10240, "10K"), (99999, "98K"),
      (1_023_999, "1.0M"), (10_000_000, "9.5M"), (1_000_000_000, "954M"), (.max, "16E"),
    ] as [(UInt64, String)]) func shortensNumbers(packets: UInt64, shown: String) throws
  {
    let text = answer("netstat -h -I em0", in: try session(ipackets: packets))
    #expect(text.contains(":00 \(String(repeating: " ", count: 8 - shown.count))\(shown) "))
  }

  @Test func clearsCountersAfterShowingThem() {
    let session = Session()
    session.kernel[session.vnet].statistics.ip[.total] = 3
    session.kernel[session.vnet].statistics.udp[.ipackets] = 1
    #expect(answer("netstat -ssz -p ip", in: session) == "ip:\n\t3 total packets received\n")
    #expect(answer("netstat -ss -p ip", in: session) == "ip:\n")
    #expect(answer("netstat -ss -p udp", in: session).contains("1 datagram received"))
  }

  @Test func expiryCountsDown() {
    let session = Session()
    let setting = "ifconfig em0 10.0.0.1/24; route -q add 1.0.0.0/8 10.0.0.2 -expire 1250000060"
    _ = answer(setting, in: session)
    #expect(answer("netstat -rn", in: session).contains("em0     60\n"))
    session.kernel.advance(to: Instant(seconds: 41))
    #expect(answer("netstat -rn", in: session).contains("em0     20\n"))
    session.kernel.advance(to: Instant(seconds: 200))
    #expect(answer("netstat -rn", in: session).contains("UGS         0        0    em0\n"))
  }

  @Test func wideColumnsFitTheLongestCell() {
    let lines = """
      ifconfig em0 10.0.0.1/24
      ifconfig em0 name averylongname0
      netstat -rnW
      netstat -rn
      """
    let rows = answer(lines).split(separator: "\n").filter { $0.hasPrefix("10.0.0.0/24") }
    #expect(rows.map { $0.suffix(16) } == ["0 averylongname0", "        0 averyl"])
  }

  @Test func maskReplyLineFollowsItsSysctl() {
    #expect(
      answer("sysctl -n net.inet.icmp.maskrepl=1; netstat -ss -p icmp").hasSuffix("enabled\n"))
  }

  @Test func familiesWithoutTableShowNothing() {
    #expect(answer("netstat -rn -f inet6") == "Routing tables\n")
    #expect(answer("netstat -s -f inet6") == "")
  }

  private static let usage = answer("netstat -8").split(separator: "\n", maxSplits: 1)[1]

  /// A line, what it says on both streams with `USAGE` for the usage, and its status.
  @Test(
    arguments: [
      ("netstat -8", "netstat: illegal option -- 8\nUSAGE", 1),
      ("netstat -f", "netstat: option requires an argument -- f\nUSAGE", 1),
      ("netstat -t", "netstat: illegal option -- t\nUSAGE", 1),
      ("netstat 0", "USAGE", 1), ("netstat -B -M core", "USAGE", 1),
      ("netstat -B kernel", "USAGE", 1),
      ("netstat -f foo", "netstat: foo: unknown address family\n", 1),
      ("netstat -p foo", "netstat: foo: unknown or uninstrumented protocol\n", 1),
      ("netstat -p arp", "arp: no PCB routine\n", 0),
      ("netstat -p carp", "carp: no PCB routine\n", 0),
      ("netstat -p ipsec", "ipsec: no PCB routine\n", 0),
      ("netstat -s -p divert", "divert: no stats routine\n", 0),
      ("netstat -s -p pim", "", 0), ("netstat -s -p ip6", "", 0),
      ("netstat -i -s -p tcp", "tcp: no per-interface stats routine\n", 0),
      ("netstat -i -s -p icmp6", "", 0), ("netstat -i -s", "", 0),
      ("netstat -w 1 -I foo9", "netstat: foo9: unknown interface\n", 1),
      ("netstat -f unix", "", 0), ("netstat -u", "", 0), ("netstat", "", 0),
      ("netstat -gs -f inet6", "", 0), ("netstat -gss", "IPv4 multicast forwarding:\n", 0),
      ("netstat -rss", "routing:\n", 0), ("netstat -ss -p TCP", "tcp:\n", 0),
      ("netstat -A", "netstat: -A: there are no kernel addresses to show\n", 1),
      (
        "netstat -g",
        "\nIPv4 Virtual Interface Table is empty\n\nIPv4 Multicast Forwarding Table is empty\n\n",
        0
      ),
    ] as [(String, String, Int)])
  func saysAndReturns(_ line: String, _ text: String, _ status: Int) {
    let expected = text.replacing("USAGE", with: NetstatTests.usage)
    #expect(answer("\(line); echo $?") == "\(expected)\(status)\n")
  }

  @Test func endsTrafficByItselfAfterSoManyLines() {
    let session = Session()
    let text = answer("netstat -q 3 -w 2 -I em0; echo $?", in: session)
    #expect(text.split(separator: "\n").count == 2 + 3 + 1)
    #expect(text.hasSuffix("\n0\n"))
    let now = session.kernel.machine.now
    #expect(now == Instant(seconds: 7))
  }

  @Test func forgetsNoDropsOnInput() throws {
    let session = Session()
    let card = try #require(session.findInterface("em0"))
    session.kernel[session.vnet].interfaces[card].statistics[.iqdrops] = 7
    let line = "         0     0     7          0          0     0          0     0\n"
    #expect(answer("netstat -q 2 -w 1 -I em0", in: session).hasSuffix(line + line))
    #expect(!answer("netstat -q 2 -w 1", in: session).contains(" 7 "))
  }

  @Test func saysSoWhereTheInterfaceGoesAway() {
    let lines = "ifconfig lo1 create; netstat -w 1 -I lo1 & ifconfig lo1 destroy; sleep 2"
    #expect(answer(lines).hasSuffix("colls\n???\n"))
  }
}
