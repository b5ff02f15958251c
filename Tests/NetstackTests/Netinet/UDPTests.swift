// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

@Suite("udp") struct UDPTests {
  @Test(arguments: [
    ("8.8.8.8:1000", "10.0.0.1:53", 2), ("8.8.8.8:1001", "10.0.0.1:53", 1),
    ("8.8.8.8:1000", "127.0.0.1:53", 0), ("8.8.8.8:1000", "10.0.0.1:54", nil),
  ]) func findsTheSocketThatFitsBest(_ source: String, _ target: String, _ place: Int?) throws {
    var lab = try SocketLab()
    let shared: SocketOptions = .SO_REUSEPORT
    let sockets = [
      try lab.udp("*:53", shared), try lab.udp("10.0.0.1:53", shared),
      try lab.udp("10.0.0.1:53", shared),
    ]
    try lab.kernel.connect(vnet: .zero, sockets[2], to: end("8.8.8.8:1000"))
    // Nothing from outside comes to 127.0.0.1; lo0 says it does.
    if target.hasPrefix("127") {
      let sender = try lab.udp("127.0.0.1:1000")
      let run = lab.observe { kernel, recorder in
        try? kernel.send(vnet: .zero, sender, [1], to: end(target), tracer: &recorder)
      }
      #expect(run.sockets == [sockets[0]])
      return
    }
    let run = try lab.receive(datagram(from: source, to: target))
    #expect(run.sockets == (place.map { [sockets[$0]] } ?? []))
  }

  @Test func ofSocketsAlikeTheOldestUnboundAndTheNewestBoundGetIt() throws {
    var lab = try SocketLab()
    let unbound = [try lab.udp("*:53", .SO_REUSEPORT), try lab.udp("*:53", .SO_REUSEPORT)]
    #expect(try lab.receive(datagram(to: "10.0.0.1:53")).sockets == [unbound[0]])
    let bound = [
      try lab.udp("10.0.0.1:53", .SO_REUSEPORT), try lab.udp("10.0.0.1:53", .SO_REUSEPORT),
    ]
    #expect(try lab.receive(datagram(to: "10.0.0.1:53")).sockets == [bound[1]])
    #expect(lab.read(bound[1]) == ["hello"])
    #expect(lab.read(unbound[0]) == ["hello"])
  }

  struct Bad: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let packet: [UInt8]
    let end: String
    let counter: String?

    init(_ name: String, _ packet: [UInt8], _ end: String, _ counter: String?) {
      (testDescription, self.packet, self.end, self.counter) = (name, packet, end, counter)
    }
  }

  @Test(arguments: [
    Bad(
      "a header cut short", ipPacket(.udp, from: ip("8.8.8.8"), to: ip("10.0.0.1"), [0, 1, 0]),
      "DROPPED udp.hdrops", "udps_hdrops"),
    Bad("port 0", datagram(to: "10.0.0.1:0"), "DROPPED udp.port0", nil),
    Bad(
      "a length past the packet", datagram(to: "10.0.0.1:53", length: 14),
      "DROPPED udp.badlen", "udps_badlen"),
    Bad(
      "a length below the header's", datagram(to: "10.0.0.1:53", length: 7),
      "DROPPED udp.badlen", "udps_badlen"),
    Bad(
      "a wrong sum", datagram(to: "10.0.0.1:53") { $0[12] ^= 1 }, "DROPPED udp.badsum",
      "udps_badsum"),
    Bad(
      "no sum", datagram(to: "10.0.0.1:53") { $0.replaceSubrange(6..<8, with: [0, 0]) },
      "DELIVERED dlv.udp", "udps_nosum"),
  ]) func checks(_ bad: Bad) throws {
    var lab = try SocketLab()
    _ = try lab.udp("*:53")
    let run = try lab.receive(bad.packet)
    #expect(run.ends == [bad.end])
    var expected: [String: UInt64] = ["ips_total": 1, "ips_delivered": 1, "udps_ipackets": 1]
    if let counter = bad.counter { expected[counter] = 1 }
    #expect(run.counters == expected)
  }

  @Test func closedPortsAnswerWithinTheLimit() throws {
    var lab = try SocketLab([.icmpIcmplim: 3, .udpLogInVain: 1])
    let packet = datagram(to: "10.0.0.1:9")
    var runs: [SocketRun] = []
    for _ in 0..<4 { runs.append(try lab.receive(packet)) }
    #expect(runs[0].ends == ["SENT out.sent", "REPLIED udp.noport"])
    #expect(runs[0].log == ["Connection attempt to UDP 10.0.0.1:9 from 8.8.8.8:1000"])
    #expect(runs[0].counters["udps_noport"] == 1)
    #expect(runs[1].ends.last == "REPLIED udp.noport")
    #expect(runs[2].ends == ["DROPPED udp.bandlim"])
    #expect(runs[3].ends == ["DROPPED udp.bandlim"])
    lab.kernel.advance(to: lab.kernel.machine.now.advanced(seconds: 1))
    #expect(
      try lab.receive(packet).log.last
        == "Limiting icmp unreach response from 4 to 3 packets/sec")
  }

  @Test func closedPortsMayStaySilent() throws {
    var lab = try SocketLab([.udpBlackhole: 1])
    #expect(try lab.receive(datagram(to: "10.0.0.1:9")).ends == ["DROPPED udp.blackhole"])
    let run = try lab.receive(datagram(to: "10.0.0.1:9"), asBroadcast: true)
    #expect(run.ends == ["DROPPED udp.noport.l2"])
    #expect(run.counters["udps_noport"] == 1 && run.counters["udps_noportbcast"] == 1)
  }

  @Test func aSocketRefusesWhatCameTooFar() throws {
    var lab = try SocketLab()
    let socket = try lab.udp("*:53")
    try lab.kernel.setMinimumTTL(vnet: .zero, socket, 255)
    #expect(
      try lab.receive(datagram(to: "10.0.0.1:53", ttl: 254)).ends == ["DROPPED udp.minttl"])
    #expect(
      try lab.receive(datagram(to: "10.0.0.1:53", ttl: 255)).ends == ["DELIVERED dlv.udp"])
  }

  @Test func aFullSocketDrops() throws {
    // Each datagram counts its 400 bytes and the 16 of the sender's address.
    var lab = try SocketLab([.udpRecvspace: 832])
    let socket = try lab.udp("*:53")
    let packet = datagram(to: "10.0.0.1:53", String(repeating: "a", count: 400))
    let ends = try (0..<3).map { _ in try lab.receive(packet).ends[0] }
    #expect(ends == ["DELIVERED dlv.udp", "DELIVERED dlv.udp", "DROPPED udp.fullsock"])
    #expect(lab.kernel.statistics(vnet: .zero).udp[.fullsock] == 1)
    #expect(lab.read(socket).count == 2)
    #expect(try lab.receive(packet).ends == ["DELIVERED dlv.udp"])
  }

  @Test func smallDatagramsFillASocketByTheMemoryTheyOccupy() throws {
    var lab = try SocketLab()
    let socket = try lab.udp("*:53")
    for _ in 0..<110 { _ = try lab.receive(datagram(to: "10.0.0.1:53")) }
    // 42080 bytes would hold 2003 of them; 256 KB of memory hold 103.
    #expect(lab.read(socket).count == 103)
    #expect(lab.kernel.statistics(vnet: .zero).udp[.fullsock] == 7)
  }

  @Test func broadcastsGoToAllThatShareUpToTheFirstThatDoesNot() throws {
    var lab = try SocketLab()
    let old = try lab.udp("*:53", .SO_REUSEPORT)
    let alone = try lab.udp("10.0.0.1:53", .SO_REUSEPORT)
    let middle = try lab.udp("10.0.0.255:53", .SO_REUSEPORT)
    let new = try lab.udp("*:53", .SO_REUSEPORT)
    let packet = datagram(to: "10.0.0.255:53")
    let run = try lab.receive(packet, asBroadcast: true)
    #expect(run.sockets == [new, middle, old])
    #expect(run.ends == Array(repeating: "DELIVERED dlv.udp", count: 3))
    #expect(lab.read(alone).isEmpty && lab.read(middle) == ["hello"])
    try lab.kernel.setOptions(vnet: .zero, middle, .SO_REUSEPORT, false)
    #expect(try lab.receive(packet, asBroadcast: true).sockets == [new, middle])
    let nobody = try lab.receive(datagram(to: "10.0.0.255:54"), asBroadcast: true)
    #expect(nobody.ends == ["DROPPED udp.noport.bcast"])
    #expect(nobody.counters["udps_noportbcast"] == 1 && nobody.counters["udps_noport"] == nil)
  }

  @Test func multicastsGoToWhoJoinedAndToWhoNeverAsked() throws {
    var lab = try SocketLab()
    let em0 = try lab.kernel.interface(vnet: .zero, named: "em0").index
    let shared: SocketOptions = .SO_REUSEPORT
    let member = try lab.udp("*:53", shared)
    let careless = try lab.udp("*:53", shared)
    let other = try lab.udp("239.1.1.1:53", shared)
    try lab.kernel.join(vnet: .zero, member, ip("239.1.1.1"), on: em0)
    try lab.kernel.join(vnet: .zero, other, ip("239.2.2.2"))
    #expect(throws: Errno.EADDRINUSE) {
      try lab.kernel.join(vnet: .zero, member, ip("239.1.1.1"))
    }
    let run = try lab.receive(datagram(to: "239.1.1.1:53"), asBroadcast: true)
    #expect(run.sockets == [careless, member])
    #expect(run.counters["ips_notmember"] == 1)
    try lab.kernel.leave(vnet: .zero, member, ip("239.1.1.1"))
    #expect(throws: Errno.EADDRNOTAVAIL) {
      try lab.kernel.leave(vnet: .zero, member, ip("239.1.1.1"))
    }
    // One that left is not one that never asked.
    let later = try lab.receive(datagram(to: "239.1.1.1:53"), asBroadcast: true)
    #expect(later.sockets == [careless])
    #expect(try lab.receive(datagram(to: "10.0.0.255:53")).sockets == [careless, member])
    try lab.kernel.close(vnet: .zero, other)
    let groups = try lab.kernel.memberships(vnet: .zero, interface: em0).map(\.group)
    #expect(groups == [.allHostsGroup])
  }

  /// Where a group is joined follows from the socket's table.
  @Test(arguments: [(UInt8(0), "em0"), (1, "lo0")]) func groupsAreJoinedByTheTableOfTheSocket(
    _ fib: UInt8, _ name: String
  ) throws {
    var lab = try SocketLab()
    var message = RouteMessage(
      destination: ip("239.0.0.0"), mask: ip("255.0.0.0"), gateway: .address(.loopback))
    message.flags = [.RTF_UP, .RTF_GATEWAY, .RTF_STATIC]
    try lab.kernel.routeAdd(vnet: .zero, fib: FibNumber(rawValue: 1), message)
    let socket = try lab.udp("*:53", fib: fib)
    try lab.kernel.join(vnet: .zero, socket, ip("239.1.1.1"))
    let interface = try lab.kernel.interface(vnet: .zero, named: name).index
    let groups = try lab.kernel.memberships(vnet: .zero, interface: interface).map(\.group)
    #expect(groups.contains(ip("239.1.1.1")))
  }

  @Test(
    arguments: [
      (UInt8(3), UInt8(3), Errno.ECONNREFUSED), (3, 1, .EHOSTUNREACH), (3, 4, .EMSGSIZE),
      (3, 13, .ECONNREFUSED), (11, 0, .EHOSTUNREACH), (12, 0, .ENOPROTOOPT), (11, 1, nil),
      (4, 0, nil),
    ] as [(UInt8, UInt8, Errno?)]) func errorsReachTheConnectedSocket(
      _ type: UInt8, _ code: UInt8, _ errno: Errno?
    ) throws
  {
    var lab = try SocketLab()
    let socket = try lab.udp("10.0.0.1:5000")
    try lab.kernel.connect(vnet: .zero, socket, to: end("8.8.8.8:53"))
    let quoted = datagram(from: "10.0.0.1:5000", to: "8.8.8.8:53").prefix(28)
    var bytes: [UInt8] = [type, code, 0, 0, 0, 0, 0, 0] + quoted
    let sum = InternetChecksum.checksum(of: bytes.rawBytes)
    bytes.withMutableRawBytes { raw in raw.store(sum, at: 2) }
    let run = try lab.receive(
      ipPacket(.icmp, from: ip("8.8.8.8"), to: ip("10.0.0.1"), bytes))
    #expect(run.sockets == (errno == nil ? [] : [socket]))
    #expect(throws: errno ?? .EAGAIN) { try lab.kernel.receive(vnet: .zero, socket) }
    // It is told once.
    #expect(throws: Errno.EAGAIN) { try lab.kernel.receive(vnet: .zero, socket) }
  }

  @Test(arguments: [(UInt8(0), UInt8(2)), (1, 3)]) func sendsInTheTableOfTheSocket(
    _ fib: UInt8, _ neighbour: UInt8
  ) throws {
    var lab = try SocketLab()
    let socket = try lab.udp(fib: fib)
    let run = lab.observe { kernel, recorder in
      try? kernel.send(vnet: .zero, socket, [1, 2, 3], to: end("8.8.8.8:53"), tracer: &recorder)
    }
    let packet = try #require(run.sent.first)
    #expect(packet.nextHop == mac(neighbour))
    #expect(packet.header.source == ip("10.0.0.1"))
    #expect(packet.udp?.sourcePort == lab.state(socket).local.port)
    #expect(packet.udp?.length == 11)
    #expect(packet.hasRightSum)
    #expect(run.counters["udps_opackets"] == 1)
    // The port stays the socket's, its address stays open.
    #expect(lab.state(socket).local.address == .any)
  }

  @Test func sendsWithoutChecksumOnDemand() throws {
    var lab = try SocketLab([.udpChecksum: 0])
    let socket = try lab.udp()
    let run = lab.observe { kernel, recorder in
      try? kernel.send(vnet: .zero, socket, [1], to: end("8.8.8.8:53"), tracer: &recorder)
    }
    #expect(run.sent.first?.udp?.checksum == 0)
  }

  @Test func refusesToSend() throws {
    var lab = try SocketLab([.udpMaxdgram: 100])
    let socket = try lab.udp()
    func send(_ count: Int, _ target: String?) -> Errno? {
      do throws(Errno) {
        try lab.kernel.send(
          vnet: .zero, socket, [UInt8](repeating: 0, count: count), to: target.map(end))
        return nil
      } catch {
        return error
      }
    }
    #expect(send(1, nil) == .ENOTCONN)
    #expect(send(101, "8.8.8.8:53") == .EMSGSIZE)
    #expect(send(1, "8.8.8.8:0") == .EADDRNOTAVAIL)
    #expect(send(1, "10.0.0.255:53") == .EACCES)
    #expect(send(100, "8.8.8.8:53") == nil)
  }
}
