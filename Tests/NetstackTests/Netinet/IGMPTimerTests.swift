// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Netstack
import Testing
import Wire

@Suite("IGMP reports") struct IGMPTimerTests {
  private static let change =
    "10.0.0.1 > 224.0.0.22: igmp v3 report, 1 group record(s) [gaddr 239.1.1.1 to_ex { }] ra"
  private static let end =
    "10.0.0.1 > 224.0.0.22: igmp v3 report, 1 group record(s) [gaddr 239.1.1.1 to_in { }] ra"
  private static let answer =
    "10.0.0.1 > 224.0.0.22: igmp v3 report, 1 group record(s) [gaddr 239.1.1.1 is_ex { }] ra"
  private static let old = "10.0.0.1 > 239.1.1.1: igmp v2 report 239.1.1.1 ra"

  /// em0 in 239.1.1.1, everything reported that joining asks for.
  private static func settled(version: Int64 = 3) throws -> InterfaceLab {
    var lab = InterfaceLab.base
    lab.set(.igmpDefaultVersion, version)
    try lab.join("239.1.1.1")
    lab.tick(10_000)
    lab.forget()
    return lab
  }

  @Test func version3ReportsAJoinTwice() throws {
    var lab = InterfaceLab.base
    try lab.join("239.1.1.1")
    #expect(lab.reports == [])
    lab.tick(200)
    #expect(lab.reports == [Self.change])
    lab.tick(3000)
    #expect(lab.reports == [Self.change, Self.change])
    lab.tick(60_000)
    #expect(lab.reports.count == 2)
    #expect(lab.igmpCounters == ["snd_reports 2"])
    #expect(lab.ends.suffix(2) == ["SENT out.sent", "SENT out.sent"])
    #expect(lab.kernel.machine.timers.count == 0)
  }

  @Test func version3ReportsALeaveTwice() throws {
    var lab = try Self.settled()
    try lab.leave("239.1.1.1")
    #expect(try lab.groups() == ["224.0.0.1"])
    lab.tick(10_000)
    #expect(lab.reports == [Self.end, Self.end])
    #expect(lab.kernel.machine.timers.count == 0)
  }

  @Test func aChangeOfMindBeforeTheTickIsNotTold() throws {
    var lab = InterfaceLab.base
    try lab.join("239.1.1.1")
    try lab.leave("239.1.1.1")
    lab.tick(10_000)
    #expect(lab.reports == [])
  }

  @Test func joiningAgainStopsTheLeave() throws {
    var lab = try Self.settled()
    try lab.leave("239.1.1.1")
    lab.tick(200)
    try lab.join("239.1.1.1")
    lab.tick(10_000)
    #expect(lab.reports == [Self.end, Self.change, Self.change])
    #expect(try lab.groups() == ["239.1.1.1", "224.0.0.1"])
  }

  @Test func changesOfOneTickShareAMessage() throws {
    var lab = InterfaceLab.base
    try lab.join("239.1.1.1")
    try lab.join("239.1.1.2")
    try lab.join("239.1.1.3", on: "em1")
    lab.tick(200)
    #expect(
      lab.reports == [
        "10.0.1.1 > 224.0.0.22: igmp v3 report, 1 group record(s) [gaddr 239.1.1.3 to_ex { }] ra",
        "10.0.0.1 > 224.0.0.22: igmp v3 report, 2 group record(s) "
          + "[gaddr 239.1.1.2 to_ex { }] [gaddr 239.1.1.1 to_ex { }] ra",
      ])
  }

  @Test func aSmallMTUTakesMoreMessages() throws {
    var lab = InterfaceLab.base
    #expect(lab.run("em0 mtu 72") == nil)
    for last in 1...6 { try lab.join("239.1.1.\(last)") }
    lab.tick(200)
    // 72 less 32 of headers has room for 5 changes, and for less than 5 answers.
    #expect(lab.reports.count == 2)
    lab.tick(10_000)
    lab.forget()
    try lab.receive(.query(3))
    lab.tick(2000)
    let records = lab.reports.map { $0.split(separator: " ").first { Int($0) != nil } ?? "" }
    #expect(records == ["4", "2"])
  }

  @Test func version3AnswersAGeneralQueryOnce() throws {
    var lab = try Self.settled()
    try lab.receive(.query(3, tenths: 100))
    try lab.receive(.query(3, tenths: 100))
    lab.tick(10_000)
    #expect(lab.reports == [Self.answer])
  }

  @Test func version3AnswersAQueryForAGroup() throws {
    var lab = try Self.settled()
    try lab.receive(.query(3, tenths: 10, group: "239.1.1.1"))
    try lab.receive(.query(3, tenths: 10, group: "239.1.1.9"))
    lab.tick(1200)
    #expect(lab.reports == [Self.answer])
  }

  @Test func legacyReportsSuppressAnswersIfTold() throws {
    for isTold in [false, true] {
      var lab = try Self.settled()
      lab.set(.igmpLegacysupp, isTold ? 1 : 0)
      try lab.receive(.query(3, tenths: 10, group: "239.1.1.1"))
      try lab.receive(IGMPMessage(type: 0x16, group: "239.1.1.1"))
      lab.tick(1200)
      #expect(lab.reports == (isTold ? [] : [Self.answer]))
    }
  }

  @Test func version2ReportsAtOnceAndLeaves() throws {
    var lab = InterfaceLab.base
    lab.set(.igmpDefaultVersion, 2)
    try lab.join("239.1.1.1")
    #expect(lab.reports == [Self.old])
    lab.tick(20_000)
    try lab.leave("239.1.1.1")
    #expect(lab.reports == [Self.old, "10.0.0.1 > 224.0.0.2: igmp leave 239.1.1.1 ra"])
    #expect(lab.igmpCounters == ["snd_reports 2"])
  }

  @Test func version1NeverLeaves() throws {
    var lab = InterfaceLab.base
    lab.set(.igmpDefaultVersion, 1)
    try lab.join("239.1.1.1")
    try lab.leave("239.1.1.1")
    lab.tick(20_000)
    #expect(lab.reports == ["10.0.0.1 > 239.1.1.1: igmp v1 report 239.1.1.1"])
  }

  @Test func anotherHostsReportIsEnough() throws {
    var lab = try Self.settled(version: 2)
    try lab.receive(.query(2, tenths: 100))
    try lab.receive(IGMPMessage(type: 0x16, group: "239.1.1.1", hasRouterAlert: true))
    lab.tick(10_000)
    try lab.leave("239.1.1.1")
    #expect(lab.reports == [])
    try lab.join("239.1.1.1")
    lab.forget()
    try lab.receive(.query(2, tenths: 100))
    lab.tick(10_000)
    #expect(lab.reports == [Self.old])
  }

  @Test func anOldQuerierIsFollowedForAWhile() throws {
    var lab = try Self.settled()
    try lab.receive(.query(2, tenths: 10))
    #expect(try lab.version() == 2)
    lab.tick(1200)
    #expect(lab.reports == [Self.old])
    // Twice 125 s between queries and 10 s to answer; queries of version 3 do not count till then.
    try lab.receive(.query(3))
    lab.tick(258_000)
    #expect(try lab.version() == 2)
    lab.tick(1800)
    #expect(try lab.version() == 3)
    lab.forget()
    try lab.receive(.query(3))
    lab.tick(1200)
    #expect(lab.reports == [Self.answer])
  }

  @Test func version1HidesVersion2() throws {
    var lab = try Self.settled()
    try lab.receive(.query(1))
    try lab.receive(.query(2))
    #expect(try lab.version() == 1)
    lab.tick(10_000)
    #expect(lab.reports == ["10.0.0.1 > 239.1.1.1: igmp v1 report 239.1.1.1"])
    lab.set(.igmpV1enable, 0)
    #expect(try lab.version() == 3)
  }

  @Test func anOldQuerierEndsWhatVersion3HasPending() throws {
    var lab = try Self.settled()
    try lab.leave("239.1.1.1")
    try lab.receive(.query(2))
    lab.tick(10_000)
    #expect(lab.reports == [])
    #expect(lab.kernel.machine.timers.count == 0)
  }

  @Test func someGroupsAreNeverReported() throws {
    var lab = InterfaceLab.base
    try lab.join("224.0.0.251")
    lab.tick(10_000)
    #expect(lab.reports.count == 2)
    lab.forget()
    lab.set(.igmpSendlocal, 0)
    try lab.join("224.0.0.252")
    try lab.join("239.1.1.1", on: "lo0")
    lab.tick(10_000)
    #expect(lab.reports == [])
  }

  @Test func routerAlertCanBeLeftOut() throws {
    var lab = InterfaceLab.base
    lab.set(.igmpSendra, 0)
    try lab.join("239.1.1.1")
    lab.tick(200)
    #expect(lab.reports == [String(Self.change.dropLast(3))])
  }

  @Test func aReportThatCannotLeaveIsNotCounted() throws {
    var lab = try Self.settled()
    #expect(lab.run("em0 down") == nil)
    lab.forget()
    lab.kernel.vnets[0].statistics.igmp.clear()
    try lab.leave("239.1.1.1")
    lab.tick(10_000)
    #expect(lab.ends == ["DROPPED if.down", "DROPPED if.down"])
    #expect(lab.igmpCounters == [])
  }
}
