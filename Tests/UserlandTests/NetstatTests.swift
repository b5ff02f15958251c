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
}
