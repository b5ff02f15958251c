// SPDX-License-Identifier: BSD-2-Clause

import Testing
import Userland

@Suite("sock") struct SockTests {
  private static let network = """
    ifconfig em0 10.1.0.1/16
    arp -s 10.1.0.7 02:00:00:00:00:07

    """

  private static let datagram =
    "udp from 10.1.0.7 1000 to 10.1.0.1 53 payload 6869 recv em0\n"

  @Test func aTraceNamesTheSocketAndItsTable() {
    let text = answer(
      Self.network + "setfib 3 sock udp bind *:53\ntrace -j " + Self.datagram)
    #expect(
      text.contains(
        "\"event\":\"socket\",\"fn\":\"in_pcblookup\",\"socket\":1,\"proto\":17,"
          + "\"local\":\"*.53\",\"foreign\":\"*.*\",\"fib\":3}"))
    #expect(text.contains("\"event\":\"end\",\"fn\":\"udp_input\",\"id\":\"dlv.udp\""))
  }

  @Test func aTraceLeavesNothingInTheSocket() {
    let session = Session()
    _ = answer(Self.network + "sock udp bind *:53\n", in: session)
    #expect(answer("trace -q " + Self.datagram, in: session).contains("dlv.udp"))
    #expect(answer("sock recv 1", in: session).contains("Resource temporarily unavailable"))
    _ = answer("inject -q " + Self.datagram, in: session)
    #expect(answer("sock recv 1", in: session) == "from 10.1.0.7:1000, 2 bytes: \"hi\"\n")
  }

  @Test func copiesForSeveralSocketsHaveLinesOfTheirOwn() {
    let text = answer(
      Self.network + "sock raw 89\nsock raw 0\n"
        + "inject -q proto 89 from 10.1.0.7 to 10.1.0.1 recv em0\n")
    let lines = text.split(separator: "\n").suffix(2)
    #expect(
      lines.map { $0.split(separator: " ").dropFirst().joined(separator: " ") } == [
        "DELIVERED ospf recv em0 id dlv.raw", "DELIVERED ospf id dlv.raw",
      ])
  }

  @Test func netstatHidesWhatListensAndWhatHasNoEntry() {
    let session = Session()
    let setup = Self.network + "sock tcp listen 10.1.0.1:80\nsock raw 89\nsock raw igmp\n"
    _ = answer(setup, in: session)
    #expect(answer("netstat -n", in: session) == "")
    let all = answer("netstat -an", in: session).split(separator: "\n")
    #expect(all.map { $0.prefix(4) }.suffix(2) == ["tcp4", "igm4"])
    #expect(answer("netstat -an -p udp", in: session) == "")
    #expect(answer("netstat -anW -p tcp", in: session).hasSuffix(" LISTEN\n"))
  }
}
