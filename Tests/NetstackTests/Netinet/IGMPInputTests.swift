// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Netstack
import Testing
import Wire

@Suite("igmp_input") struct IGMPInputTests {
  /// What comes in on em0, 10.0.0.1/24 in 224.0.0.1 and 239.1.1.1.
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    var message: IGMPMessage
    var sysctls: [SysctlKey: Int64] = [:]
    /// The counters that move besides rcv_total.
    var counters: [String]
    var end = "DROPPED raw.noproto"
  }

  private static let joined = "239.1.1.1"

  @Test(arguments: [
    Case(
      testDescription: "7 bytes are too few", message: IGMPMessage(target: "224.0.0.1", length: 7),
      counters: ["rcv_tooshort 1"], end: "DROPPED igmp.short"),
    Case(
      testDescription: "the ttl is looked at before the checksum",
      message: IGMPMessage(target: "224.0.0.1", ttl: 2, spoilsChecksum: true),
      counters: ["rcv_badttl 1"], end: "DROPPED igmp.badttl"),
    Case(
      testDescription: "a wrong checksum",
      message: IGMPMessage(target: "224.0.0.1", spoilsChecksum: true),
      counters: ["rcv_badsum 1"], end: "DROPPED igmp.badsum"),
    Case(
      testDescription: "a query of 11 bytes has no version",
      message: IGMPMessage(target: "224.0.0.1", rest: [2, 125, 0]),
      counters: ["rcv_tooshort 1"], end: "DROPPED igmp.short"),
    Case(
      testDescription: "an unknown type is for raw sockets",
      message: IGMPMessage(type: 0x13, target: "224.0.0.1"), counters: []),
    Case(
      testDescription: "a leave message too", message: IGMPMessage(type: 0x17, group: joined),
      counters: []),
  ]) func checks(_ test: Case) throws { try run(test) }

  @Test(arguments: [
    Case(
      testDescription: "a query of version 1", message: .query(1),
      counters: ["rcv_v1v2_queries 1", "rcv_gen_queries 1"]),
    Case(
      testDescription: "one that names a group",
      message: IGMPMessage(group: joined, target: "224.0.0.1"),
      counters: ["rcv_v1v2_queries 1", "rcv_badqueries 1"]),
    Case(
      testDescription: "version 1 is off", message: .query(1), sysctls: [.igmpV1enable: 0],
      counters: ["rcv_v1v2_queries 1"]),
    Case(
      testDescription: "a general query of version 2", message: .query(2),
      counters: ["rcv_v1v2_queries 1", "rcv_gen_queries 1"]),
    Case(
      testDescription: "one not to all hosts is ignored",
      message: IGMPMessage(code: 10, target: joined), counters: ["rcv_v1v2_queries 1"]),
    Case(
      testDescription: "a query for a group", message: .query(2, group: joined),
      counters: ["rcv_v1v2_queries 1", "rcv_group_queries 1"]),
    Case(
      testDescription: "version 2 is off", message: .query(2), sysctls: [.igmpV2enable: 0],
      counters: ["rcv_v1v2_queries 1"]),
  ]) func oldQueries(_ test: Case) throws { try run(test) }

  @Test(arguments: [
    Case(
      testDescription: "a general query of version 3", message: .query(3),
      counters: ["rcv_v3_queries 1", "rcv_gen_queries 1"]),
    Case(
      testDescription: "a general query with a source",
      message: IGMPMessage(target: "224.0.0.1", rest: [2, 125, 0, 1, 10, 0, 0, 9]),
      counters: ["rcv_v3_queries 1", "rcv_badqueries 1", "rcv_gen_queries 1"]),
    Case(
      testDescription: "a general query to a group",
      message: IGMPMessage(target: joined, rest: [2, 125, 0, 0]),
      counters: ["rcv_v3_queries 1", "rcv_badqueries 1", "rcv_gen_queries 1"]),
    Case(
      testDescription: "a query for a group", message: .query(3, group: joined),
      counters: ["rcv_v3_queries 1", "rcv_group_queries 1"]),
    Case(
      testDescription: "a query for a group's sources",
      message: IGMPMessage(group: joined, rest: [2, 125, 0, 1, 10, 0, 0, 9]),
      counters: ["rcv_v3_queries 1", "rcv_gsr_queries 1"]),
    Case(
      testDescription: "more sources than there are bytes",
      message: IGMPMessage(group: joined, rest: [2, 125, 0, 2, 10, 0, 0, 9]),
      counters: ["rcv_tooshort 1", "rcv_v3_queries 1"], end: "DROPPED igmp.short"),
    Case(
      testDescription: "more sources than 16 bits count",
      message: IGMPMessage(group: joined, rest: [2, 125, 0x40, 0]),
      counters: ["rcv_tooshort 1", "rcv_v3_queries 1"], end: "DROPPED igmp.v3srcs"),
    Case(
      testDescription: "bytes behind the sources do not matter",
      message: IGMPMessage(target: "224.0.0.1", rest: [2, 125, 0, 0, 1, 2, 3]),
      counters: ["rcv_v3_queries 1", "rcv_gen_queries 1"]),
  ]) func newQueries(_ test: Case) throws { try run(test) }

  @Test(arguments: [
    Case(
      testDescription: "every report of version 1 is bad",
      message: IGMPMessage(type: 0x12, group: joined),
      counters: ["rcv_reports 1", "rcv_badreports 1"], end: "DROPPED igmp.badreport"),
    Case(
      testDescription: "unless version 1 is off", message: IGMPMessage(type: 0x12, group: joined),
      sysctls: [.igmpV1enable: 0], counters: []),
    Case(
      testDescription: "a report of version 2 for a group of ours",
      message: IGMPMessage(type: 0x16, group: joined, hasRouterAlert: true),
      counters: ["rcv_reports 1", "rcv_ourreports 1"]),
    Case(
      testDescription: "for another's group, without Router Alert",
      message: IGMPMessage(type: 0x16, group: "239.1.1.9"),
      counters: ["rcv_reports 1", "rcv_nora 1"]),
    Case(
      testDescription: "for a group that it is not sent to",
      message: IGMPMessage(type: 0x16, group: joined, target: "224.0.0.1", hasRouterAlert: true),
      counters: ["rcv_reports 1", "rcv_badreports 1"], end: "DROPPED igmp.badreport"),
    Case(
      testDescription: "with our own address as its source",
      message: IGMPMessage(
        type: 0x16, group: joined, source: "10.0.0.1", hasRouterAlert: true), counters: []),
    Case(
      testDescription: "version 2 is off", message: IGMPMessage(type: 0x16, group: joined),
      sysctls: [.igmpV2enable: 0], counters: []),
    Case(
      testDescription: "a report of version 3",
      message: IGMPMessage(type: 0x22, target: "224.0.0.22", hasRouterAlert: true), counters: []),
    Case(
      testDescription: "one without Router Alert",
      message: IGMPMessage(type: 0x22, target: "224.0.0.22"), counters: ["rcv_nora 1"]),
  ]) func reports(_ test: Case) throws { try run(test) }

  private func run(_ test: Case) throws {
    var lab = InterfaceLab.base
    for (key, value) in test.sysctls { lab.set(key, value) }
    try lab.join(Self.joined)
    lab.forget()
    try lab.receive(test.message)
    #expect(lab.igmpCounters == ["rcv_total 1"] + test.counters)
    #expect(lab.ends == [test.end])
  }

  @Test func queriesForSourcesAreHeededSeldom() throws {
    var lab = InterfaceLab.base
    try lab.join(Self.joined)
    let query = IGMPMessage(group: Self.joined, rest: [2, 125, 0, 1, 10, 0, 0, 9])
    for pause: UInt64 in [0, 9000, 2000] {
      lab.tick(pause)
      try lab.receive(query)
    }
    let counters = lab.kernel.vnets[0].statistics.igmp
    #expect(counters[.rcvGsrQueries] == 3)
    #expect(counters[.dropGsrQueries] == 1)
  }

  @Test(arguments: [Int64(0), 1]) func aSourceOfZerosBecomesTheNetwork(_ kludge: Int64) throws {
    var lab = InterfaceLab.base
    lab.set(.igmpRecvifkludge, kludge)
    let message = IGMPMessage(
      type: 0x16, group: Self.joined, source: "0.0.0.0", hasRouterAlert: true)
    try lab.receive(message)
    let sources = lab.recorder.entries.compactMap { entry -> IPv4Address? in
      guard case .sourceChosen(let source) = entry.event else { return nil }
      return source
    }
    #expect(sources == (kludge == 1 ? [ip("10.0.0.0")] : []))
    #expect(lab.igmpCounters == ["rcv_total 1", "rcv_reports 1"])
  }

  @Test func aLoopbackHearsNoQueries() throws {
    var lab = InterfaceLab.base
    try lab.receive(IGMPMessage.query(2).frame, on: "lo0")
    #expect(try lab.version() == 3)
  }
}
