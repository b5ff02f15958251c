// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing

@Suite("Statistics") struct StatisticsTests {
  @Test func structuresHoldEveryCounter() {
    #expect(IPCounter.allCases.count == 29)
    #expect(IPStatistics().fields.count == 29)
    #expect(UDPStatistics().fields.count == 14)
    #expect(IGMPStatistics().fields.count == 16)
    #expect(TCPStatistics().fields.count == 86)
    #expect(RouteStatistics().fields.count == 5)
    #expect(InterfaceStatistics().fields.count == 12)
    #expect(ICMPStatistics().fields.count == 12 + 41 + 41)
  }

  @Test func fieldsHaveTheirCNames() {
    #expect(IPCounter.fastforward.field == "ips_fastforward")
    #expect(UDPCounter.noportbcast.field == "udps_noportbcast")
    #expect(UDPCounter.pcbhashmiss.field == "udpps_pcbhashmiss")
    #expect(IGMPCounter.rcvV1v2Queries.field == "igps_rcv_v1v2_queries")
    #expect(TCPCounter.finwait2Drops.field == "tcps_finwait2_drops")
    #expect(TCPCounter.ecnEct0.field == "tcps_ecn_ect0")
    #expect(RouteCounter.newgateway.field == "rts_newgateway")
    #expect(InterfaceCounter.ipackets.field == "if_ipackets")
  }

  @Test func icmpFieldsStandInStructureOrder() {
    let names = ICMPStatistics().fields.map(\.name)
    #expect(names[2] == "icps_oldicmp")
    #expect(names[3] == "icps_outhist[0]")
    #expect(names[44] == "icps_badcode")
    #expect(names[49] == "icps_inhist[0]")
    #expect(names.last == "icps_noroute")
  }

  @Test func changesNameWhatMoved() {
    var before = IPStatistics()
    before[.noproto] = 7
    var after = before
    after[.total] &+= 2
    after[.delivered] &-= 1
    let changes = after.changes(since: before)
    #expect(changes.map(\.name) == ["ips_total", "ips_delivered"])
    #expect(changes.map(\.delta) == [2, .max])
  }

  @Test func clearingZeroesAll() {
    var icmp = ICMPStatistics()
    icmp[.error] = 3
    icmp.countOutput(type: 3)
    icmp.clear()
    #expect(icmp.fields.allSatisfy { $0.value == 0 })
  }

  @Test func unknownICMPTypesAreNotCounted() {
    var icmp = ICMPStatistics()
    icmp.countInput(type: 40)
    icmp.countInput(type: 41)
    icmp.countOutput(type: 255)
    #expect(icmp.inhist[40] == 1)
    #expect(icmp.fields.reduce(0) { $0 + $1.value } == 1)
  }
}
