// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

@Suite("ip_forward and ip_output") struct IPForwardTests {
  @Test func forwardsWithOneLessToLive() throws {
    var router = try TestRouter()
    var expected = TestPacket()
    expected.ttl = 63
    let run = router.receive(TestPacket().bytes)
    #expect(run.sent.map { Array($0.dropFirst(14)) } == [expected.bytes])
    #expect(run.counted == ["total": 1, "forward": 1])
    #expect(run.ends.map(\.verdict) == [.sent])
  }

  @Test func answersAPacketWhoseTimeIsOver() throws {
    var router = try TestRouter()
    let run = router.receive(TestPacket(ttl: 1).bytes)
    #expect(run.icmp == ICMPKind(11, 0))
    #expect(run.ends.contains { $0.id == .fwdTtl && $0.verdict == .replied })
    #expect(run.counted["forward"] == nil)
  }

  @Test func answersWhereThereIsNoRoute() throws {
    var router = try TestRouter()
    let run = router.receive(TestPacket(destination: IPv4Address(8, 8, 8, 8)).bytes)
    #expect(run.icmp == ICMPKind(3, 1))
    #expect(run.ends.contains { $0.id == .fwdNoroute && $0.verdict == .replied })
  }

  @Test func dropsLinkLayerBroadcasts() throws {
    var router = try TestRouter()
    let run = router.receive(TestPacket().bytes, to: .broadcast)
    #expect(run.ends.map(\.id) == [.fwdL2bcast])
    #expect(run.counted == ["total": 1, "cantforward": 1])
  }

  @Test(arguments: [IPv4Address(240, 0, 0, 1), IPv4Address(0, 1, 2, 3)])
  func dropsDestinationsThatCannotBe(_ destination: IPv4Address) throws {
    var router = try TestRouter()
    let run = router.receive(TestPacket(destination: destination).bytes)
    #expect(run.ends.map(\.id) == [.fwdBaddst])
    #expect(run.counted == ["total": 1, "cantforward": 1])
  }

  @Test func tellsTheMTUThatAPacketMayNotBeCutFor() throws {
    var router = try TestRouter()
    try router.kernel.setMTU(vnet: .zero, interface: router.cards[1], 576)
    let big = TestPacket(
      fragment: 0x4000, payload: TestPacket.udp(port: 9, [UInt8](repeating: 7, count: 1000)))
    let run = router.receive(big.bytes)
    #expect(run.icmp == ICMPKind(3, 4))
    #expect(run.sent.first.map { Array($0[40..<42]) } == [0x02, 0x40])
    #expect(run.ends.contains { $0.id == .fwdErrNeedfrag })
  }

  @Test func cutsWhatIsTooLong() throws {
    var router = try TestRouter()
    try router.kernel.setMTU(vnet: .zero, interface: router.cards[1], 576)
    let run = router.receive(
      TestPacket(payload: TestPacket.udp(port: 9, [UInt8](repeating: 7, count: 1000))).bytes)
    // 552 bytes are the most that is a multiple of 8: MF, then offset 69.
    #expect(
      run.sent.map { Array($0[16..<22]) } == [
        [0x02, 0x3c, 0, 1, 0x20, 0], [0x01, 0xdc, 0, 1, 0, 69],
      ])
    #expect(run.counted == ["total": 1, "forward": 1, "fragmented": 1, "ofragments": 2])
  }

  @Test func redirectsWhoCouldHaveSentItThere() throws {
    var router = try TestRouter()
    try router.addRoute(IPv4Address(172, 16, 0, 0), length: 12, gateway: IPv4Address(10, 0, 0, 2))
    var packet = TestPacket(source: IPv4Address(10, 0, 0, 7))
    packet.destination = IPv4Address(172, 16, 1, 1)
    let run = router.receive(packet.bytes)
    #expect(run.counted["redirectsent"] == 1)
    #expect(run.counted["forward"] == 1)
  }

  @Test func answersForRejectedRoutesAndKeepsSilentForBlackHoles() throws {
    var router = try TestRouter()
    try router.addRoute(
      IPv4Address(172, 16, 0, 0), length: 16, gateway: .loopback, .RTF_REJECT)
    try router.addRoute(
      IPv4Address(172, 17, 0, 0), length: 16, gateway: .loopback, .RTF_BLACKHOLE)
    let rejected = router.receive(TestPacket(destination: IPv4Address(172, 16, 0, 1)).bytes)
    #expect(rejected.icmp == ICMPKind(3, 1))
    let swallowed = router.receive(TestPacket(destination: IPv4Address(172, 17, 0, 1)).bytes)
    #expect(swallowed.sent.isEmpty)
    #expect(swallowed.ends.map(\.verdict) == [.dropped])
  }

  /// A local packet, how it is sent, and what the sender is told.
  struct Refusal: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let destination: IPv4Address
    var source = IPv4Address(10, 0, 0, 1)
    var flags: OutputFlags = []
    let id: TraceID
    let errno: Errno
  }

  @Test(arguments: [
    Refusal(
      testDescription: "no route", destination: IPv4Address(8, 8, 8, 8), id: .outNoroute,
      errno: .EHOSTUNREACH),
    Refusal(
      testDescription: "no attached network", destination: IPv4Address(192, 168, 1, 1),
      flags: .IP_ROUTETOIF, id: .outNorouteIf, errno: .ENETUNREACH),
    Refusal(
      testDescription: "broadcast without leave", destination: IPv4Address(10, 0, 0, 255),
      id: .outBcastPerm, errno: .EACCES),
    Refusal(
      testDescription: "loopback source on a wire", destination: IPv4Address(10, 0, 0, 2),
      source: .loopback, id: .outBadaddr, errno: .EADDRNOTAVAIL),
  ]) func refusesToSend(_ test: Refusal) throws {
    var router = try TestRouter()
    let packet = TestPacket(source: test.source, destination: test.destination)
    let run = router.send(packet.bytes, test.flags)
    #expect(run.errno == test.errno)
    #expect(run.ends.map(\.id) == [test.id])
    #expect(run.sent.isEmpty)
  }

  @Test func refusesABroadcastThatIsTooLong() throws {
    var router = try TestRouter()
    let packet = TestPacket(
      source: IPv4Address(10, 0, 0, 1), destination: IPv4Address(10, 0, 0, 255),
      payload: TestPacket.udp(port: 9, [UInt8](repeating: 7, count: 1500)))
    let run = router.send(packet.bytes, .IP_ALLOWBROADCAST)
    #expect(run.errno == .EMSGSIZE)
    #expect(run.ends.map(\.id) == [.outBcastSize])
  }

  @Test func sendsToAGroupWithTTLOneAndHearsItself() throws {
    var router = try TestRouter()
    let packet = TestPacket(
      source: IPv4Address(10, 0, 2, 1), destination: IPv4Address(224, 1, 2, 3))
    let run = router.send(packet.bytes, multicast: MulticastOptions(interface: router.cards[2]))
    #expect(run.errno == nil)
    #expect(run.sent.map { Array($0[..<6]) } == [[0x01, 0, 0x5e, 1, 2, 3]])
    #expect(run.sent.map { $0[22] } == [1])
    #expect(run.counted["delivered"] == 1)
  }
}
