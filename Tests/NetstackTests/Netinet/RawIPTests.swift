// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

@Suite("raw sockets") struct RawIPTests {
  private func packet(
    _ proto: UInt8 = 89, from source: String = "8.8.8.8", ttl: UInt8 = 64
  ) -> [UInt8] {
    ipPacket(
      IPProtocol(rawValue: proto), from: ip(source), to: ip("10.0.0.1"), ttl: ttl, [1, 2, 3, 4])
  }

  @Test func everySocketThatFitsGetsACopy() throws {
    var lab = try SocketLab()
    let all = try lab.raw(IPProtocol(rawValue: 0))
    let own = try lab.raw(IPProtocol(rawValue: 89))
    let other = try lab.raw(IPProtocol(rawValue: 90))
    let full = try lab.raw(IPProtocol(rawValue: 89))
    try lab.kernel.bind(vnet: .zero, full, to: end("10.0.0.1:0"))
    try lab.kernel.connect(vnet: .zero, full, to: end("8.8.8.8:0"))
    let run = try lab.receive(packet())
    // One with both addresses comes first, then the newest.
    #expect(run.sockets == [full, own, all])
    #expect(run.ends == Array(repeating: "DELIVERED dlv.raw", count: 3))
    #expect(run.counters == ["ips_total": 1, "ips_delivered": 1])
    #expect(try lab.receive(packet(from: "8.8.4.4")).sockets == [own, all])
    #expect(lab.state(other).receive.count == 0)
  }

  @Test func aReaderSeesTheHeaderAsTheKernelLeftIt() throws {
    var lab = try SocketLab()
    let socket = try lab.raw(IPProtocol(rawValue: 89))
    _ = try lab.receive(packet())
    let datagram = try lab.kernel.receive(vnet: .zero, socket)
    #expect(datagram.source == Endpoint(ip("8.8.8.8"), 0))
    // The length is the payload's, in the byte order of the machine.
    #expect(Array(datagram.bytes[0..<8]) == [0x45, 0, 4, 0, 0, 7, 0, 0])
    #expect(Array(datagram.bytes[20...]) == [1, 2, 3, 4])
  }

  @Test func nobodyIsNoAnswer() throws {
    var lab = try SocketLab()
    let run = try lab.receive(packet())
    #expect(run.ends == ["DROPPED raw.noproto"])
    #expect(run.counters == ["ips_total": 1, "ips_noproto": 1])
  }

  @Test func aRefusalByTheLastSocketCountsTheDeliveryTwice() throws {
    var lab = try SocketLab()
    let socket = try lab.raw(IPProtocol(rawValue: 89))
    try lab.kernel.setMinimumTTL(vnet: .zero, socket, 100)
    let run = try lab.receive(packet())
    #expect(run.ends == ["DROPPED raw.policy"])
    #expect(run.counters == ["ips_total": 1, "ips_delivered": 2])
    _ = try lab.raw(IPProtocol(rawValue: 0))
    // The newest comes first, so the one that refuses is the last again.
    let both = try lab.receive(packet())
    #expect(both.ends == ["DELIVERED dlv.raw", "DROPPED raw.policy"])
    #expect(both.counters["ips_delivered"] == 2)
    #expect(try lab.receive(packet(ttl: 100)).counters["ips_delivered"] == 1)
  }

  @Test func aFullSocketDropsAndCountsNothing() throws {
    var lab = try SocketLab([.rawRecvspace: 40])
    _ = try lab.raw(IPProtocol(rawValue: 89))
    #expect(try lab.receive(packet()).ends == ["DELIVERED dlv.raw"])
    let run = try lab.receive(packet())
    #expect(run.ends == ["DROPPED raw.full"])
    #expect(run.counters == ["ips_total": 1, "ips_delivered": 1])
  }

  @Test func icmpThatIsAnsweredGoesToNoSocket() throws {
    var lab = try SocketLab()
    let socket = try lab.raw(.icmp)
    let request: [UInt8] = [8, 0, 0xf7, 0xff, 0, 0, 0, 0]
    let reply: [UInt8] = [0, 0, 0xff, 0xff, 0, 0, 0, 0]
    _ = try lab.receive(ipPacket(.icmp, from: ip("8.8.8.8"), to: ip("10.0.0.1"), request))
    #expect(lab.state(socket).receive.count == 0)
    let run = try lab.receive(
      ipPacket(.icmp, from: ip("8.8.8.8"), to: ip("10.0.0.1"), reply))
    #expect(run.ends == ["DELIVERED dlv.raw"])
  }

  @Test func sendsWithAHeaderMadeForIt() throws {
    var lab = try SocketLab([.ipTtl: 33])
    let socket = try lab.raw(IPProtocol(rawValue: 89), fib: 1)
    try lab.kernel.setOptions(vnet: .zero, socket, .IP_DONTFRAG)
    let run = lab.observe { kernel, recorder in
      try? kernel.send(vnet: .zero, socket, [9, 9], to: end("8.8.8.8:0"), tracer: &recorder)
    }
    let sent = try #require(run.sent.first)
    #expect(sent.nextHop == mac(3))
    #expect(sent.header.source == ip("10.0.0.1"))
    #expect(sent.header.ttl == 33 && sent.header.dontFragment)
    #expect(sent.header.protocol == IPProtocol(rawValue: 89) && sent.payload == [9, 9])
    #expect(run.counters == ["ips_localout": 1])
  }

  @Test func sendsItsOwnHeader() throws {
    var lab = try SocketLab()
    let socket = try lab.raw(.raw)
    try lab.kernel.setOptions(vnet: .zero, socket, .IP_HDRINCL)
    let own = ipPacket(
      IPProtocol(rawValue: 90), from: ip("1.2.3.4"), to: ip("8.8.8.8"), ttl: 9, [5])
    let run = lab.observe { kernel, recorder in
      try? kernel.send(vnet: .zero, socket, own, to: end("8.8.8.8:0"), tracer: &recorder)
    }
    let sent = try #require(run.sent.first)
    #expect(sent.header.source == ip("1.2.3.4") && sent.header.ttl == 9)
    #expect(run.counters == ["ips_rawout": 1])
    #expect(throws: Errno.EINVAL) {
      try lab.kernel.send(vnet: .zero, socket, Array(own.dropLast()), to: end("8.8.8.8:0"))
    }
  }

  @Test func refusesToSend() throws {
    var lab = try SocketLab()
    let socket = try lab.raw(.icmp)
    #expect(throws: Errno.ENOTCONN) { try lab.kernel.send(vnet: .zero, socket, [1]) }
    #expect(throws: Errno.EMSGSIZE) {
      try lab.kernel.send(
        vnet: .zero, socket, [UInt8](repeating: 0, count: 9217), to: end("8.8.8.8:0"))
    }
    try lab.kernel.connect(vnet: .zero, socket, to: end("8.8.8.8:0"))
    #expect(throws: Errno.EISCONN) {
      try lab.kernel.send(vnet: .zero, socket, [1], to: end("8.8.8.8:0"))
    }
  }
}
