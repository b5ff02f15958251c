// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing

@Suite("netstat -s") struct NetstatLinesTests {
  @Test func ipBlockOfANewStack() {
    #expect(
      IPStatistics().netstatLines(suppressZero: false) == [
        "ip:",
        "\t0 total packets received",
        "\t0 bad header checksums",
        "\t0 with size smaller than minimum",
        "\t0 with data size < data length",
        "\t0 with ip length > max ip packet size",
        "\t0 with header length < data size",
        "\t0 with data length < header length",
        "\t0 with bad options",
        "\t0 with incorrect version number",
        "\t0 fragments received",
        "\t0 fragments dropped (dup or out of space)",
        "\t0 fragments dropped after timeout",
        "\t0 packets reassembled ok",
        "\t0 packets for this host",
        "\t0 packets for unknown/unsupported protocol",
        "\t0 packets forwarded (0 packets fast forwarded)",
        "\t0 packets not forwardable",
        "\t0 packets received for unknown multicast group",
        "\t0 redirects sent",
        "\t0 packets sent from this host",
        "\t0 packets sent with fabricated ip header",
        "\t0 output packets dropped due to no bufs, etc.",
        "\t0 output packets discarded due to no route",
        "\t0 output datagrams fragmented",
        "\t0 fragments created",
        "\t0 datagrams that can't be fragmented",
        "\t0 tunneling packets that can't find gif",
        "\t0 datagrams with bad address in header",
      ])
  }

  @Test func oneIsSingularAndWrappedValuesAreHuge() {
    var ip = IPStatistics()
    ip[.total] = 1
    ip[.badsum] = 2
    ip[.delivered] &-= 1
    ip[.forward] = 1
    #expect(
      ip.netstatLines(suppressZero: true) == [
        "ip:",
        "\t1 total packet received",
        "\t2 bad header checksums",
        "\t18446744073709551615 packets for this host",
        "\t1 packet forwarded",
      ])
  }

  @Test(arguments: [
    (
      UInt64(2), UInt64(1),
      ["\t2 packets forwarded (1 packet fast forwarded)", "\t1 redirect sent"]
    ),
    (2, 0, ["\t2 packets forwarded", "\t1 redirect sent"]),
    (0, 3, [" (3 packets fast forwarded)\t1 redirect sent"]),
    (0, 0, ["\t1 redirect sent"]),
  ]) func forwardLineUnderSuppression(_ slow: UInt64, _ fast: UInt64, _ lines: [String]) {
    var ip = IPStatistics()
    ip[.forward] = slow
    ip[.fastforward] = fast
    ip[.redirectsent] = 1
    #expect(ip.netstatLines(suppressZero: true) == ["ip:"] + lines)
  }

  @Test func udpDeliveredIsComputedAndMayWrap() {
    var udp = UDPStatistics()
    udp[.ipackets] = 10
    udp[.badsum] = 1
    udp[.noport] = 2
    #expect(udp.netstatLines(suppressZero: false).contains("\t7 delivered"))
    udp[.noportbcast] = 8
    #expect(udp.netstatLines(suppressZero: true).contains("\t18446744073709551615 delivered"))
    udp[.noportbcast] = 7
    #expect(!udp.netstatLines(suppressZero: true).contains { $0.hasSuffix(" delivered") })
  }

  @Test func udpBlockOfANewStack() {
    #expect(
      UDPStatistics().netstatLines(suppressZero: false) == [
        "udp:",
        "\t0 datagrams received",
        "\t0 with incomplete header",
        "\t0 with bad data length field",
        "\t0 with bad checksum",
        "\t0 with no checksum",
        "\t0 dropped due to no socket",
        "\t0 broadcast/multicast datagrams undelivered",
        "\t0 dropped due to full socket buffers",
        "\t0 not for hashed pcb",
        "\t0 delivered",
        "\t0 datagrams output",
        "\t0 times multicast source filter matched",
      ])
  }

  @Test func icmpHistogramsStandAmongTheLines() {
    var icmp = ICMPStatistics()
    icmp[.error] = 1
    icmp[.badaddr] = 1
    icmp[.reflect] = 2
    icmp.countOutput(type: 0)
    icmp.countOutput(type: 0)
    icmp.countOutput(type: 3)
    icmp.countInput(type: 8)
    icmp.countInput(type: 19)
    icmp.countInput(type: 40)
    #expect(
      icmp.netstatLines(suppressZero: false, maskReplies: false) == [
        "icmp:",
        "\t1 call to icmp_error",
        "\t0 errors not generated in response to an icmp message",
        "\tOutput histogram:",
        "\t\techo reply: 2",
        "\t\tdestination unreachable: 1",
        "\t0 messages with bad code fields",
        "\t0 messages less than the minimum length",
        "\t0 messages with bad checksum",
        "\t0 messages with bad length",
        "\t0 multicast echo requests ignored",
        "\t0 multicast timestamp requests ignored",
        "\tInput histogram:",
        "\t\techo: 1",
        "\t\t#19: 1",
        "\t\ticmp photuris: 1",
        "\t2 message responses generated",
        "\t1 invalid return address",
        "\t0 no return routes",
        "\tICMP address mask responses are disabled",
      ])
  }

  @Test func icmpSuppressedKeepsTheMaskLine() {
    var icmp = ICMPStatistics()
    icmp[.badaddr] = 2
    #expect(
      icmp.netstatLines(suppressZero: true, maskReplies: true) == [
        "icmp:", "\t2 invalid return addresses", "\tICMP address mask responses are enabled",
      ])
  }

  @Test func igmpQueriesHaveTheirPlural() {
    var igmp = IGMPStatistics()
    igmp[.rcvGenQueries] = 1
    igmp[.rcvBadqueries] = 2
    #expect(
      igmp.netstatLines(suppressZero: true) == [
        "igmp:",
        "\t2 membership queries received with invalid field(s)",
        "\t1 general query received",
      ])
  }

  @Test func tcpLinesWithTwoCounters() {
    var tcp = TCPStatistics()
    tcp[.sndbyte] = 1
    tcp[.drops] = 2
    tcp[.scAdded] = 1
    #expect(
      tcp.netstatLines(suppressZero: true) == [
        "tcp:",
        "\t\t0 data packets (1 byte)",
        "\t0 connections closed (including 2 drops)",
        "\t1 syncache entry added",
      ])
    #expect(tcp.netstatLines(suppressZero: false).count == 76)
  }

  @Test func routingBlock() {
    var rt = RouteStatistics()
    rt[.dynamic] = 65537
    rt[.unreach] = 65536
    rt[.badredirect] = 32768
    #expect(
      rt.netstatLines(suppressZero: false) == [
        "routing:",
        "\t4294934528 bad routing redirects",
        "\t1 dynamically created route",
        "\t0 new gateways due to redirects",
        "\t0 destinations found unreachable",
        "\t0 uses of a wildcard route",
        "\t0 routes not in table but not freed",
      ])
    #expect(
      RouteStatistics().netstatLines(suppressZero: true, notFreed: 1)
        == ["routing:", "\t1 route not in table but not freed"])
  }
}
