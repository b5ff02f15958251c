// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

@Suite("tcp_input") struct TCPInputTests {
  @Test(arguments: [
    (
      "a header cut short", ipPacket(.tcp, from: ip("8.8.8.8"), to: ip("10.0.0.1"), [0, 1]), "short"
    ),
    ("an offset of 4", segment(to: "10.0.0.1:9", .syn) { $0[12] = 0x40 }, "badoff"),
    ("an offset past the end", segment(to: "10.0.0.1:9", .syn) { $0[12] = 0x60 }, "badoff"),
    ("a wrong sum", flipped(segment(to: "10.0.0.1:9", .syn), 30), "badsum"),
  ]) func checks(_ name: String, _ packet: [UInt8], _ fault: String) throws {
    var lab = try SocketLab()
    let run = try lab.receive(packet)
    #expect(run.ends == ["DROPPED tcp.\(fault)"])
    #expect(
      run.counters
        == ["ips_total": 1, "ips_delivered": 1, "tcps_rcvtotal": 1, "tcps_rcv\(fault)": 1])
  }

  private static func flipped(_ packet: [UInt8], _ place: Int) -> [UInt8] {
    var packet = packet
    packet[place] ^= 1
    return packet
  }

  struct Reset: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let flags: TCPFlags
    var text = ""
    let answer: TCPFlags
    let sequence: UInt32
    let acknowledgement: UInt32
  }

  @Test(arguments: [
    Reset(
      testDescription: "SYN", flags: .syn, answer: [.rst, .ack], sequence: 0,
      acknowledgement: 101),
    Reset(
      testDescription: "SYN with data and FIN", flags: [.syn, .fin], text: "abc",
      answer: [.rst, .ack], sequence: 0, acknowledgement: 104),
    Reset(
      testDescription: "data alone", flags: [], text: "abc", answer: [.rst, .ack], sequence: 0,
      acknowledgement: 103),
    Reset(testDescription: "ACK", flags: .ack, answer: .rst, sequence: 77, acknowledgement: 0),
    Reset(
      testDescription: "SYN with ACK", flags: [.syn, .ack], answer: .rst, sequence: 77,
      acknowledgement: 0),
  ]) func closedPortsReset(_ test: Reset) throws {
    var lab = try SocketLab()
    let run = try lab.receive(
      segment(to: "10.0.0.1:9", test.flags, seq: 100, ack: 77, test.text))
    #expect(run.ends == ["SENT out.sent", "REPLIED tcp.closed"])
    let sent = try #require(run.sent.first)
    let tcp = try #require(sent.tcp)
    #expect(tcp.flags == test.answer)
    #expect(tcp.sequence == test.sequence && tcp.acknowledgement == test.acknowledgement)
    #expect(tcp.sourcePort == 9 && tcp.destinationPort == 1000 && tcp.window == 0)
    #expect(sent.header.dontFragment && sent.header.ttl == 64 && sent.hasRightSum)
  }

  @Test func resetsHaveNoDFWithoutPathMTUDiscovery() throws {
    var lab = try SocketLab([.tcpPathMtuDiscovery: 0])
    let run = try lab.receive(segment(to: "10.0.0.1:9", .syn))
    #expect(run.sent.first?.header.dontFragment == false)
  }

  @Test(arguments: [
    ("RST", segment(to: "10.0.0.1:9", .rst), false),
    ("a link broadcast", segment(to: "10.0.0.1:9", .syn), true),
    ("to a broadcast address", segment(to: "10.0.0.255:9", .syn), false),
    ("to the limited broadcast", segment(to: "255.255.255.255:9", .syn), false),
    ("to a group", segment(to: "224.0.0.1:9", .syn), false),
    ("from a group", segment(from: "224.0.0.1:9", to: "10.0.0.1:9", .syn), false),
    (
      "from the limited broadcast", segment(from: "255.255.255.255:1", to: "10.0.0.1:9", .syn),
      false
    ),
  ]) func someSegmentsGetNoReset(
    _ name: String, _ packet: [UInt8], _ asBroadcast: Bool
  ) throws {
    var lab = try SocketLab()
    let run = try lab.receive(packet, asBroadcast: asBroadcast)
    #expect(run.ends == ["DROPPED tcp.norst"])
    #expect(run.causes == [.tcpClosed])
    #expect(run.sent.isEmpty)
  }

  @Test func resetsAreLimitedByClass() throws {
    var lab = try SocketLab([.icmpIcmplim: 1])
    _ = try lab.listen("*:80")
    func end(_ packet: [UInt8]) throws -> String { try lab.receive(packet).ends.last ?? "" }
    #expect(try end(segment(to: "10.0.0.1:9", .syn)) == "REPLIED tcp.closed")
    #expect(try end(segment(to: "10.0.0.1:9", .syn)) == "DROPPED tcp.norst")
    #expect(try end(segment(to: "10.0.0.1:80", .ack)) == "REPLIED tcp.listen.badack")
    #expect(try end(segment(to: "10.0.0.1:80", .ack)) == "DROPPED tcp.norst")
    lab.kernel.advance(to: lab.kernel.machine.now.advanced(seconds: 1))
    #expect(
      try lab.receive(segment(to: "10.0.0.1:9", .syn)).log
        == ["Limiting closed port RST response from 2 to 1 packets/sec"])
  }

  @Test(arguments: [
    (0, "REPLIED tcp.closed", "REPLIED tcp.closed"),
    (1, "DROPPED tcp.blackhole", "REPLIED tcp.closed"),
    (2, "DROPPED tcp.blackhole", "DROPPED tcp.blackhole"),
  ]) func closedPortsMayStaySilent(_ value: Int64, _ syn: String, _ ack: String) throws {
    var lab = try SocketLab([.tcpBlackhole: value])
    #expect(try lab.receive(segment(to: "10.0.0.1:9", .syn)).ends.last == syn)
    #expect(try lab.receive(segment(to: "10.0.0.1:9", .ack)).ends.last == ack)
  }

  @Test(arguments: [(0, 0, 0), (1, 1, 0), (2, 1, 1)])
  func logsAttemptsInVain(_ value: Int64, _ syns: Int, _ acks: Int) throws {
    var lab = try SocketLab([.tcpLogInVain: value])
    let syn = try lab.receive(segment(to: "10.0.0.1:9", .syn)).log
    let ack = try lab.receive(segment(to: "10.0.0.1:9", [.ack, .psh])).log
    let head = "TCP: [8.8.8.8]:1000 to [10.0.0.1]:9 tcpflags"
    let tail = "tcp_input: Connection attempt to closed port"
    #expect(syn == Array(repeating: "\(head) 0x2<SYN>; \(tail)", count: syns))
    #expect(ack == Array(repeating: "\(head) 0x18<PUSH,ACK>; \(tail)", count: acks))
  }
}

@Suite("listening sockets") struct TCPListenTests {
  struct Refused: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let packet: [UInt8]
    var asBroadcast = false
    let end: String
    var counter: String?
    var minimumTTL: UInt8 = 0
  }

  @Test(arguments: [
    Refused(
      testDescription: "RST", packet: segment(to: "10.0.0.1:80", .rst),
      end: "DROPPED tcp.listen.rst"),
    Refused(
      testDescription: "no flag", packet: segment(to: "10.0.0.1:80", []),
      end: "DROPPED tcp.listen.nosyn", counter: "tcps_badsyn"),
    Refused(
      testDescription: "SYN and ACK", packet: segment(to: "10.0.0.1:80", [.syn, .ack]),
      end: "REPLIED tcp.listen.synack", counter: "tcps_badsyn"),
    Refused(
      testDescription: "SYN and FIN", packet: segment(to: "10.0.0.1:80", [.syn, .fin]),
      end: "DROPPED tcp.listen.synfin", counter: "tcps_badsyn"),
    Refused(
      testDescription: "a link broadcast", packet: segment(to: "10.0.0.1:80", .syn),
      asBroadcast: true, end: "DROPPED tcp.listen.l2bcast"),
    Refused(
      testDescription: "from itself",
      packet: segment(from: "10.0.0.1:80", to: "10.0.0.1:80", .syn),
      end: "DROPPED tcp.listen.land"),
    Refused(
      testDescription: "to a broadcast address", packet: segment(to: "10.0.0.255:80", .syn),
      end: "DROPPED tcp.listen.bcast"),
    Refused(
      testDescription: "from a group",
      packet: segment(from: "224.1.1.1:9", to: "10.0.0.1:80", .syn),
      end: "DROPPED tcp.listen.bcast"),
    Refused(
      testDescription: "an ACK of nothing", packet: segment(to: "10.0.0.1:80", .ack),
      end: "REPLIED tcp.listen.badack"),
    Refused(
      testDescription: "any TTL, since the sum clears it",
      packet: segment(to: "10.0.0.1:80", .syn, ttl: 255), end: "DROPPED tcp.minttl",
      minimumTTL: 1),
  ]) func refuses(_ test: Refused) throws {
    var lab = try SocketLab([.tcpDropSynfin: 1])
    let socket = try lab.listen("*:80")
    try lab.kernel.setMinimumTTL(vnet: .zero, socket, test.minimumTTL)
    let run = try lab.receive(test.packet, asBroadcast: test.asBroadcast)
    #expect(run.ends.last == test.end)
    #expect(run.sockets == [socket])
    var expected: [String: UInt64] = ["ips_total": 1, "ips_delivered": 1, "tcps_rcvtotal": 1]
    if let counter = test.counter { expected[counter] = 1 }
    if test.end.hasPrefix("REPLIED") { expected["ips_localout"] = 1 }
    #expect(run.counters == expected)
    #expect(lab.kernel.halfOpenConnections(vnet: .zero).isEmpty)
  }

  /// Whatever the table of the SYN, the answers and the connection have the listener's.
  @Test(arguments: [UInt8(0), 1]) func theListenersTableDecides(_ fib: UInt8) throws {
    var lab = try SocketLab()
    let listener = try lab.listen("*:80", fib: fib)
    let syn = try lab.receive(segment(to: "10.0.0.1:80", .syn))
    #expect(syn.ends == ["DELIVERED dlv.tcp.syn", "SENT out.sent"])
    let answer = try #require(syn.sent.first)
    #expect(answer.nextHop == mac(2 + fib))
    let tcp = try #require(answer.tcp)
    #expect(tcp.flags == [.syn, .ack] && tcp.acknowledgement == 101 && tcp.window == 65535)
    #expect(answer.hasRightSum)
    #expect(Array(answer.payload[20...]) == [2, 4, 0x05, 0xb4])
    let entry = try #require(lab.kernel.halfOpenConnections(vnet: .zero).first)
    #expect(entry.fib.rawValue == fib)

    let ack = try lab.receive(
      segment(to: "10.0.0.1:80", .ack, seq: 101, ack: tcp.sequence &+ 1))
    #expect(ack.ends == ["DELIVERED dlv.tcp"])
    #expect(ack.counters["tcps_accepts"] == 1 && ack.counters["tcps_sc_completed"] == 1)
    let accepted = try #require(ack.sockets.last)
    #expect(accepted != listener)
    #expect(lab.state(accepted).fib.rawValue == fib)
    #expect(lab.state(accepted).state == .established)
    #expect(lab.state(accepted).local == end("10.0.0.1:80"))
    #expect(lab.state(accepted).foreign == end("8.8.8.8:1000"))
    #expect(lab.kernel.halfOpenConnections(vnet: .zero).isEmpty)
  }

  /// Rules 4 and 5: a listener's reset takes its table, a closed port's that of the segment.
  @Test func resetsTakeTheTableOfWhoSendsThem() throws {
    var lab = try SocketLab()
    _ = try lab.listen("*:80", fib: 1)
    #expect(try lab.receive(segment(to: "10.0.0.1:80", .ack)).sent.first?.nextHop == mac(3))
    #expect(try lab.receive(segment(to: "10.0.0.1:81", .ack)).sent.first?.nextHop == mac(2))
  }

  @Test func answersTheOptionsOfTheSYN() throws {
    var lab = try SocketLab()
    _ = try lab.listen("*:80")
    let options: [UInt8] = [2, 4, 0x01, 0xf4, 1, 3, 3, 7, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0]
    let run = try lab.receive(segment(to: "10.0.0.1:80", .syn, options: options))
    let sent = try #require(run.sent.first)
    // Segments of 500, a shift of 3, SACK, our clock of 1 s and the other end's 9.
    #expect(
      Array(sent.payload[20...])
        == [2, 4, 0x01, 0xf4, 1, 3, 3, 3, 4, 2, 8, 10, 0, 0, 0x03, 0xe8, 0, 0, 0, 9])
    #expect(sent.tcp?.dataOffset == 10)
    try lab.kernel.setSysctl(.tcpRfc1323, to: 0, vnet: .zero)
    try lab.kernel.setSysctl(.tcpSackEnable, to: 0, vnet: .zero)
    let plain = try lab.receive(
      segment(from: "8.8.8.8:1001", to: "10.0.0.1:80", .syn, options: options))
    #expect(plain.sent.first?.payload.count == 24)
  }

  @Test func repeatsTheAnswerThreeTimesAndGivesUp() throws {
    var lab = try SocketLab()
    _ = try lab.listen("*:80", fib: 1)
    let start = lab.kernel.machine.now
    _ = try lab.receive(segment(to: "10.0.0.1:80", .syn))
    var times: [UInt64] = []
    for second in 1...60 as ClosedRange<UInt64> {
      let run = lab.observe { kernel, recorder in
        kernel.advance(to: start.advanced(seconds: second), &recorder)
      }
      if let sent = run.sent.first {
        times.append(second)
        #expect(sent.nextHop == mac(3) && sent.tcp?.flags == [.syn, .ack])
      }
      if run.counters["tcps_sc_stale"] == 1 { times.append(second) }
    }
    #expect(times == [3, 9, 21, 45])
    #expect(lab.kernel.halfOpenConnections(vnet: .zero).isEmpty)
    #expect(lab.kernel.statistics(vnet: .zero).tcp[.scRetransmitted] == 3)
  }

  @Test func aSecondSYNGetsTheSameAnswer() throws {
    var lab = try SocketLab()
    _ = try lab.listen("*:80")
    let first = try lab.receive(segment(to: "10.0.0.1:80", .syn))
    let second = try lab.receive(segment(to: "10.0.0.1:80", .syn))
    #expect(first.sent.first?.tcp == second.sent.first?.tcp)
    #expect(second.counters["tcps_sc_dupsyn"] == 1)
    #expect(second.counters["tcps_sc_added"] == nil)
    #expect(lab.kernel.halfOpenConnections(vnet: .zero).count == 1)
  }

  @Test(arguments: [
    ("a reset in the window", segment(to: "10.0.0.1:80", .rst, seq: 101), "tcps_sc_reset"),
    ("a reset out of it", segment(to: "10.0.0.1:80", .rst, seq: 70000), nil),
    ("a reset with ACK", segment(to: "10.0.0.1:80", [.rst, .ack], seq: 101), nil),
    ("SYN and ACK", segment(to: "10.0.0.1:80", [.syn, .ack], seq: 101), "tcps_sc_badack"),
  ]) func endsHalfOpenConnections(
    _ name: String, _ packet: [UInt8], _ counter: String?
  ) throws {
    var lab = try SocketLab()
    _ = try lab.listen("*:80")
    _ = try lab.receive(segment(to: "10.0.0.1:80", .syn))
    let run = try lab.receive(packet)
    #expect(lab.kernel.halfOpenConnections(vnet: .zero).isEmpty == (counter != nil))
    if let counter { #expect(run.counters[counter] == 1) }
  }

  @Test func aWrongACKEndsTheHandshake() throws {
    var lab = try SocketLab()
    _ = try lab.listen("*:80")
    _ = try lab.receive(segment(to: "10.0.0.1:80", .syn))
    let run = try lab.receive(segment(to: "10.0.0.1:80", .ack, seq: 101, ack: 4))
    #expect(run.ends.last == "REPLIED tcp.listen.badack")
    #expect(run.sent.first?.tcp?.sequence == 4)
    #expect(lab.kernel.halfOpenConnections(vnet: .zero).isEmpty)
  }

  @Test func aConnectionTakesDataInOrderUntilItEnds() throws {
    var lab = try SocketLab()
    _ = try lab.listen("*:80")
    let answer = try lab.receive(segment(to: "10.0.0.1:80", .syn)).sent.first?.tcp
    let ack = (answer?.sequence ?? 0) &+ 1
    let first = try lab.receive(segment(to: "10.0.0.1:80", .ack, seq: 101, ack: ack, "abc"))
    let socket = try #require(first.sockets.last)
    let gap = try lab.receive(segment(to: "10.0.0.1:80", .ack, seq: 110, ack: ack, "xyz"))
    #expect(gap.ends == ["DELIVERED dlv.tcp"] && gap.counters["tcps_rcvoopack"] == 1)
    _ = try lab.receive(segment(to: "10.0.0.1:80", [.ack, .fin], seq: 104, ack: ack, "de"))
    #expect(lab.state(socket).state == .closeWait)
    #expect(lab.read(socket) == ["abc", "de"])
    let reset = try lab.receive(segment(to: "10.0.0.1:80", .rst, seq: 107))
    #expect(reset.ends == ["DELIVERED dlv.tcp"] && reset.counters["tcps_drops"] == 1)
    #expect(throws: Errno.ECONNRESET) { try lab.kernel.receive(vnet: .zero, socket) }
    // What comes now is for the listener.
    let after = try lab.receive(segment(to: "10.0.0.1:80", .ack, seq: 107, ack: ack))
    #expect(after.ends.last == "REPLIED tcp.listen.badack")
  }

  /// RFC 1122, 4.2.3.8: what came by a source route goes back by it.
  @Test func theAnswerGoesBackBySourceRoute() throws {
    var lab = try SocketLab([.ipAcceptSourceroute: 1])
    _ = try lab.listen("*:80")
    let plain = segment(to: "10.0.0.1:80", .syn)
    let route: [UInt8] = [131, 7, 8, 10, 0, 0, 3, 0]
    var packet = Array(plain[0..<20]) + route + plain[20...]
    packet.withMutableRawBytes { bytes in
      bytes.store(UInt8(0x47), at: 0)
      bytes.store(UInt16(48), at: 2)
      bytes.store(UInt16(0), at: 10)
    }
    let sum = IPv4Header.checksum(of: packet.rawBytes, headerLength: 28)
    packet.withMutableRawBytes { bytes in bytes.store(sum, at: 10) }
    let run = try lab.receive(packet)
    let sent = try #require(run.sent.first)
    #expect(sent.header.destination == ip("10.0.0.3") && sent.header.headerWords == 7)
    #expect(
      transportSum(sent.payload, .tcp, from: ip("10.0.0.1"), to: ip("8.8.8.8")) == 0)
  }

  @Test func anICMPErrorMakesTheNextAnswerGoWithoutDF() throws {
    var lab = try SocketLab()
    _ = try lab.listen("*:80")
    let syn = try lab.receive(segment(to: "10.0.0.1:80", .syn))
    let answer = try #require(syn.sent.first)
    #expect(answer.header.dontFragment)
    let quoted = ipPacket(.tcp, from: ip("10.0.0.1"), to: ip("8.8.8.8"), answer.payload)
    var bytes: [UInt8] = [3, 1, 0, 0, 0, 0, 0, 0] + quoted.prefix(28)
    let sum = InternetChecksum.checksum(of: bytes.rawBytes)
    bytes.withMutableRawBytes { raw in raw.store(sum, at: 2) }
    let error = ipPacket(.icmp, from: ip("8.8.8.8"), to: ip("10.0.0.1"), bytes)
    _ = try lab.receive(error)
    let again = try lab.receive(segment(to: "10.0.0.1:80", .syn))
    #expect(again.sent.first?.header.dontFragment == false)
    // One error more is not enough before the answer was sent four times.
    _ = try lab.receive(error)
    #expect(lab.kernel.halfOpenConnections(vnet: .zero).count == 1)
    lab.kernel.advance(to: lab.kernel.machine.now.advanced(seconds: 22))
    let last = try lab.receive(error)
    #expect(last.counters["tcps_sc_unreach"] == 1)
    #expect(lab.kernel.halfOpenConnections(vnet: .zero).isEmpty)
  }

  @Test func aFullListUsesItsOldestPlace() throws {
    var lab = try SocketLab()
    lab.kernel[.zero].sysctl[.tcpSyncacheCachelimit] = 2
    _ = try lab.listen("*:80")
    for port in 1...3 {
      _ = try lab.receive(segment(from: "8.8.8.8:\(port)", to: "10.0.0.1:80", .syn))
    }
    let ports = lab.kernel.halfOpenConnections(vnet: .zero).map(\.foreign.port)
    #expect(ports == [2, 3])
    #expect(lab.kernel.statistics(vnet: .zero).tcp[.scZonefail] == 1)
  }
}
