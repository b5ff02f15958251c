// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

/// Options that end a packet, and how.
struct OptionRefusal: CustomTestStringConvertible, Sendable {
  var testDescription: String
  var options: [UInt8]
  var target = "10.0.1.2"
  var settings: [SysctlKey: Int64] = [:]
  var id: TraceID
  var icmp: ICMPKind?
  var pointer: UInt8?

  /// A parameter problem.
  init(_ name: String, _ options: [UInt8], _ id: TraceID, pointer: UInt8) {
    testDescription = name
    self.options = options
    self.id = id
    self.icmp = ICMPKind(12, 0)
    self.pointer = pointer
  }

  /// Any other end.
  init(
    _ name: String, _ options: [UInt8], to target: String = "10.0.1.2",
    with settings: [SysctlKey: Int64] = [:], _ id: TraceID, icmp: ICMPKind?
  ) {
    testDescription = name
    self.options = options
    self.target = target
    self.settings = settings
    self.id = id
    self.icmp = icmp
  }

  static let malformed: [OptionRefusal] = [
    .init("no room for the length", [1, 1, 1, 7], .optBadTrunc, pointer: 24),
    .init("a length of 1", [1, 7, 1, 0], .optBadLen, pointer: 22),
    .init("a length past the header", [7, 5, 4, 0], .optBadLen, pointer: 21),
    .init("LSRR of 2 bytes", [131, 2, 0, 0], .optBadLsrrLen, pointer: 21),
    .init("LSRR pointing at 3", [131, 7, 3, 0, 0, 0, 0], .optBadLsrrPtr, pointer: 22),
    .init("SSRR of 2 bytes", [1, 137, 2, 0], .optBadSsrrLen, pointer: 22),
    .init("SSRR pointing at 0", [137, 7, 0, 0, 0, 0, 0], .optBadSsrrPtr, pointer: 22),
    .init("RR of 2 bytes blames the pointer", [7, 2, 0, 0], .optBadRrLen, pointer: 22),
    .init("RR pointing at 3", [1, 7, 7, 3, 0, 0, 0, 0], .optBadRrPtr, pointer: 23),
    .init("TS of 3 bytes", [68, 3, 5, 0], .optBadTsLen, pointer: 21),
    .init("TS pointing at 4 blames the length", [68, 8, 4, 0], .optBadLen, pointer: 21),
    .init(
      "TS pointing at 4, whole", [68, 8, 4, 0, 0, 0, 0, 0], .optBadTsPtr, pointer: 21),
    .init("TS that missed 15 times", [68, 4, 5, 0xf0], .optBadTsOvf, pointer: 22),
    .init(
      "TS without room for an address", [68, 10, 5, 1, 0, 0, 0, 0, 0, 0], .optBadTsRoom,
      pointer: 22),
    .init(
      "TS without room for a listed address", [68, 10, 5, 3, 0, 0, 0, 0, 0, 0], .optBadTsRoom,
      pointer: 22),
    .init(
      "TS with flag 2", [68, 12, 5, 2, 0, 0, 0, 0, 0, 0, 0, 0], .optBadTsFlag, pointer: 23),
    .init(
      "an option behind another", [148, 4, 0, 0, 7, 7, 3, 0, 0, 0, 0], .optBadRrPtr, pointer: 26),
  ]

  static let oneHop: [UInt8] = [131, 7, 4, 10, 0, 1, 2]
  static let strictHop: [UInt8] = [137, 7, 4, 192, 168, 9, 9]
  static let atEnd: [UInt8] = [131, 7, 8, 10, 0, 1, 2]
  static let recorder: [UInt8] = [7, 7, 4, 0, 0, 0, 0]

  static let unwanted: [OptionRefusal] = [
    .init(
      "any option with process_options=2", [1, 1, 1, 1], with: [.ipProcessOptions: 2], .optReject,
      icmp: ICMPKind(3, 13)),
    .init("SSRR for another", strictHop, .optSsrrNothere, icmp: ICMPKind(3, 5)),
    .init("LSRR for another", oneHop, .optSrDenied, icmp: ICMPKind(3, 5)),
    .init(
      "LSRR for another, at a host", oneHop, with: [.ipForwarding: 0], .optSrDenied,
      icmp: ICMPKind(3, 5)),
    .init("LSRR for us", oneHop, to: "10.0.0.1", .optSrDenied, icmp: ICMPKind(3, 5)),
    .init(
      "LSRR for a broadcast address of ours", oneHop, to: "10.0.1.255", .optSrDenied,
      icmp: ICMPKind(3, 5)),
    .init(
      "LSRR for us, at a host", oneHop, to: "10.0.0.1", with: [.ipForwarding: 0], .optSrSilent,
      icmp: nil),
    .init(
      "the end of a route, not accepted", atEnd, to: "10.0.0.1", with: [.ipSourceroute: 1],
      .optSrDenied, icmp: ICMPKind(3, 5)),
    .init(
      "SSRR to a net that is not attached", strictHop, to: "10.0.0.1", with: [.ipSourceroute: 1],
      .optSrNohop, icmp: ICMPKind(3, 5)),
    .init(
      "LSRR without a route", [131, 7, 4, 192, 168, 9, 9], to: "10.0.0.1",
      with: [.ipSourceroute: 1],
      .optSrNohop, icmp: ICMPKind(3, 5)),
    .init(
      "LSRR with stealth", oneHop, to: "10.0.0.1", with: [.ipSourceroute: 1, .ipStealth: 1],
      .optSrStealth, icmp: nil),
    .init("RR without a route", recorder, to: "192.168.9.9", .optRrNoroute, icmp: ICMPKind(3, 1)),
  ]
}

@Suite("ip_dooptions") struct IPOptionsTests {
  @Test(arguments: OptionRefusal.malformed + OptionRefusal.unwanted)
  func refuses(_ test: OptionRefusal) throws {
    var lab = try OptionLab(test.settings)
    let run = try lab.ping(test.target, test.options)
    let end = try #require(run.end)
    #expect(end.id == test.id)
    #expect(end.verdict == (test.icmp == nil ? .dropped : .replied))
    #expect(end.icmp == test.icmp)
    #expect(end.pointer == test.pointer)
    #expect(run.badOptions == (test.icmp == nil ? 0 : 1))
    #expect(run.cantForward == (test.icmp == nil ? 1 : 0))
    #expect(run.packets.count == (test.icmp == nil ? 0 : 1))
    if let packet = run.packets.first {
      #expect(packet[20] == test.icmp?.type)
      #expect(packet[21] == test.icmp?.code)
      #expect(packet[24] == test.pointer ?? 0)
    }
    #expect(run.log.isEmpty == (test.id != .optSrDenied))
  }

  @Test func logsWhoTriedASourceRoute() throws {
    var lab = try OptionLab()
    let run = try lab.ping("10.0.1.2", OptionRefusal.oneHop)
    #expect(run.log == ["attempted source route from 10.0.0.2 to 10.0.1.2"])
  }

  @Test func countsABadOptionThoughNobodyIsTold() throws {
    var lab = try OptionLab()
    let run = try lab.ping("10.0.0.1", [7, 2, 0, 0], asBroadcast: true)
    #expect(run.end?.verdict == .dropped)
    #expect(run.end?.suppressedBy == .icmpSupL2bcast)
    #expect(run.badOptions == 1)
    #expect(run.packets.isEmpty)
  }

  @Test func quotesWhatEarlierOptionsChanged() throws {
    var lab = try OptionLab()
    let run = try lab.ping("10.0.1.2", OptionRefusal.recorder + [7, 2, 0])
    #expect(run.end?.pointer == 29)
    #expect(Array(run.options.prefix(7)) == [7, 7, 8, 10, 0, 1, 1])
  }

  @Test func leavesOptionsAloneWhenTold() throws {
    var lab = try OptionLab([.ipProcessOptions: 0])
    let options = OptionRefusal.oneHop + [0]
    let run = try lab.ping("10.0.1.2", options)
    #expect(run.end?.verdict == .sent)
    #expect(run.options == options)
  }

  @Test(
    arguments: [
      (OptionRefusal.oneHop, [131, 7, 8, 10, 0, 1, 1, 0]),
      ([137, 7, 4, 10, 0, 1, 2], [137, 7, 8, 10, 0, 1, 1, 0]),
    ] as [([UInt8], [UInt8])]) func followsASourceRoute(_ options: [UInt8], left: [UInt8]) throws
  {
    var lab = try OptionLab([.ipSourceroute: 1])
    let run = try lab.ping("10.0.0.1", options)
    #expect(run.end?.verdict == .sent)
    #expect(run.destination == ip("10.0.1.2"))
    #expect(run.options == left)
  }

  @Test func aHostDoesNotFollowWhatItRewrote() throws {
    var lab = try OptionLab([.ipSourceroute: 1, .ipForwarding: 0])
    let run = try lab.ping("10.0.0.1", OptionRefusal.oneHop)
    #expect(run.end?.id == .ipCantforward)
  }

  @Test(
    arguments: [
      ("records the address it leaves by", OptionRefusal.recorder, [7, 7, 8, 10, 0, 1, 1, 0]),
      ("leaves a full record alone", [7, 7, 8, 1, 2, 3, 4], [7, 7, 8, 1, 2, 3, 4, 0]),
      // Boot is at 14:13:20 UTC.
      (
        "writes the time", [68, 12, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [68, 12, 9, 0, 0x03, 0x0d, 0x40, 0, 0, 0, 0, 0]
      ),
      (
        "never uses the last slot", [68, 8, 5, 0, 0, 0, 0, 0], [68, 8, 5, 0x10, 0, 0, 0, 0]
      ),
      ("counts a miss", [68, 8, 9, 0x20, 0, 0, 0, 0], [68, 8, 9, 0x30, 0, 0, 0, 0]),
      (
        "writes the address it came by", [68, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0],
        [68, 12, 13, 1, 10, 0, 0, 1, 0x03, 0x0d, 0x40, 0]
      ),
      (
        "writes the time by a listed address", [68, 12, 5, 3, 10, 0, 1, 1, 0, 0, 0, 0],
        [68, 12, 13, 3, 10, 0, 1, 1, 0x03, 0x0d, 0x40, 0]
      ),
      (
        "leaves another's address alone", [68, 12, 5, 3, 10, 0, 9, 9, 0, 0, 0, 0],
        [68, 12, 5, 3, 10, 0, 9, 9, 0, 0, 0, 0]
      ),
    ] as [(String, [UInt8], [UInt8])]) func records(
      _ name: String, _ options: [UInt8], left: [UInt8]
    ) throws
  {
    var lab = try OptionLab()
    let run = try lab.ping("10.0.1.2", options)
    #expect(run.end?.verdict == .sent, "\(name)")
    #expect(run.options == left, "\(name)")
  }

  @Test func aStealthyRouterRecordsOnlyWhatItIsAsked() throws {
    var lab = try OptionLab([.ipStealth: 1])
    let through = try lab.ping("10.0.1.2", OptionRefusal.recorder)
    #expect(through.options == OptionRefusal.recorder + [0])
    let answer = try lab.ping("10.0.0.1", OptionRefusal.recorder)
    #expect(answer.destination == ip("10.0.0.2"))
    #expect(answer.options == [7, 7, 8, 10, 0, 0, 1, 0])
  }

  @Test func aStealthyHostRefusesBadOptionsOnlyWhenAsked() throws {
    var lab = try OptionLab([.ipStealth: 1])
    let bad: [UInt8] = [7, 2, 0, 0]
    let through = try lab.ping("10.0.1.2", bad)
    #expect(through.end?.verdict == .sent)
    let asked = try lab.ping("10.0.0.1", bad)
    #expect(asked.end?.id == .optBadRrLen)
  }
}

@Suite("answers to options") struct OptionReplyTests {
  @Test func goBackTheWayTheRequestCame() throws {
    var lab = try OptionLab([.ipAcceptSourceroute: 1])
    let run = try lab.ping("10.0.0.1", [131, 11, 12, 10, 0, 1, 9, 10, 0, 1, 2])
    #expect(run.destination == ip("10.0.1.2"))
    #expect(run.options == [1, 131, 11, 4, 10, 0, 1, 9, 10, 0, 0, 2])
  }

  @Test func copyRecordsAndSecurityOnly() throws {
    var lab = try OptionLab()
    let run = try lab.ping("10.0.0.1", [130, 3, 9, 148, 4, 0, 0, 1] + OptionRefusal.recorder)
    #expect(run.destination == ip("10.0.0.2"))
    #expect(run.options == [130, 3, 9, 7, 7, 8, 10, 0, 0, 1, 0, 0])
  }

  @Test func haveNoOptionsWhereNoneIsAnswered() throws {
    var lab = try OptionLab()
    let run = try lab.ping("10.0.0.1", [148, 4, 0, 0])
    #expect(run.packets.first?.count == 28)
    #expect(run.packets.first?[0] == 0x45)
  }

  @Test func leaveOutWhatTheHeaderCannotHold() throws {
    var lab = try OptionLab([.ipAcceptSourceroute: 1])
    let hops: [UInt8] = (0..<8).flatMap { _ in [10, 0, 1, 2] as [UInt8] }
    let run = try lab.ping("10.0.0.1", [131, 35, 36] + hops + [130, 5, 1, 1, 1])
    #expect(run.options.count == 36)
    #expect(run.destination == ip("10.0.1.2"))
  }
}

@Suite("ip_insertoptions") struct OptionInsertTests {
  /// Sends a packet with options of the socket, and of its own; what the call returns.
  private func errno(
    _ options: [UInt8], header: [UInt8] = [], _ lab: inout OptionLab
  ) -> Errno? {
    var packet = LocalPacket(echoRequest(to: "10.0.1.2", header), socket: .rawHeaderIncluded)
    packet.options = options
    do throws(Errno) {
      try lab.kernel.send(packet, tracer: &lab.recorder)
      return nil
    } catch {
      return error
    }
  }

  @Test func sendsToTheFirstHop() throws {
    var lab = try OptionLab()
    #expect(errno([10, 0, 0, 2, 131, 7, 4, 10, 0, 1, 2, 0], &lab) == nil)
    let packet = try #require(lab.packets.first)
    let read = IPv4Header(packet.span.bytes)
    let header = try #require(read)
    #expect(header.destination == ip("10.0.0.2"))
    #expect(header.headerLength == 28)
    #expect(Int(header.totalLength) == packet.count)
    let sum = IPv4Header.checksum(of: packet.span.bytes, headerLength: 28)
    #expect(sum == 0)
    #expect(Array(packet[20..<28]) == [131, 7, 4, 10, 0, 1, 2, 0])
  }

  @Test func keepsTheDestinationWithoutAFirstHop() throws {
    var lab = try OptionLab()
    #expect(errno([0, 0, 0, 0, 148, 4, 0, 0], &lab) == nil)
    #expect(lab.packets.first?[16...19] == [10, 0, 1, 2])
  }

  @Test(arguments: [[10, 0, 0], [UInt8](repeating: 1, count: 45)] as [[UInt8]])
  func refusesWhatNoSocketHas(_ options: [UInt8]) throws {
    var lab = try OptionLab()
    #expect(errno(options, &lab) == .EINVAL)
  }

  @Test func refusesOptionsOfSocketAndHeader() throws {
    var lab = try OptionLab()
    #expect(errno([0, 0, 0, 0, 1, 1, 1, 1], header: [1, 1, 1, 1], &lab) == .EINVAL)
  }
}
