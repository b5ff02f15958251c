// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

@Suite("sockets") struct SocketTests {
  @Test(
    arguments: [
      ("*:53", [] as SocketOptions, "*:53", [] as SocketOptions, Errno.EADDRINUSE),
      ("*:53", [], "10.0.0.1:53", [], .EADDRINUSE),
      ("10.0.0.1:53", [], "127.0.0.1:53", [], nil),
      ("*:53", .SO_REUSEADDR, "10.0.0.1:53", .SO_REUSEADDR, nil),
      ("*:53", .SO_REUSEADDR, "*:53", .SO_REUSEADDR, .EADDRINUSE),
      ("*:53", .SO_REUSEPORT, "*:53", .SO_REUSEPORT, nil),
      ("*:53", [], "*:53", .SO_REUSEPORT, .EADDRINUSE),
      ("224.1.1.1:53", .SO_REUSEADDR, "224.1.1.1:53", .SO_REUSEADDR, nil),
      ("*:54", [], "10.0.0.9:53", [], .EADDRNOTAVAIL),
      ("*:54", [], "10.0.0.255:53", [], nil),
    ] as [(String, SocketOptions, String, SocketOptions, Errno?)]) func binds(
      _ first: String, _ options: SocketOptions, _ second: String, _ more: SocketOptions,
      _ errno: Errno?
    ) throws
  {
    var lab = try SocketLab()
    _ = try lab.udp(first, options)
    var found: Errno?
    do {
      _ = try lab.udp(second, more)
    } catch let error as Errno {
      found = error
    }
    #expect(found == errno)
  }

  @Test func aBoundSocketStaysBound() throws {
    var lab = try SocketLab()
    let socket = try lab.udp("*:53")
    #expect(throws: Errno.EINVAL) {
      try lab.kernel.bind(vnet: .zero, socket, to: end("*:54"))
    }
  }

  @Test func connectsFromTheAddressOfTheRoute() throws {
    var lab = try SocketLab()
    let socket = try lab.udp()
    try lab.kernel.connect(vnet: .zero, socket, to: end("8.8.8.8:53"))
    #expect(lab.state(socket).local.address == ip("10.0.0.1"))
    #expect(throws: Errno.EISCONN) {
      try lab.kernel.connect(vnet: .zero, socket, to: end("8.8.4.4:53"))
    }
    let any = try lab.udp()
    try lab.kernel.connect(vnet: .zero, any, to: end("*:53"))
    #expect(lab.state(any).foreign.address == ip("127.0.0.1"))
  }

  /// `in_pcbladdr`: a route over lo0 to an address of ours says nothing of where it is.
  @Test(arguments: [
    ("10.0.0.1", "10.0.0.1"), ("10.0.0.2", "10.0.0.1"), ("192.0.2.1", "10.0.0.1"),
    ("127.0.0.1", "127.0.0.1"),
  ]) func choosesTheAddressThatFacesTheOther(_ target: String, _ source: String) throws {
    var lab = try SocketLab()
    let socket = try lab.udp()
    try lab.kernel.connect(vnet: .zero, socket, to: Endpoint(ip(target), 9))
    let local = lab.state(socket).local.address
    let asked = try lab.kernel.sourceAddress(vnet: .zero, fib: .zero, to: ip(target))
    #expect(local == ip(source) && asked == ip(source))
  }

  @Test func withoutRouteTheAttachedNetworkGivesTheAddress() throws {
    var options = KernelOptions()
    options.routeTables = 2
    var kernel = Kernel(options)
    let em0 = try kernel.interface(vnet: .zero, named: "em0").index
    try kernel.setSysctl(.addAddrAllfibs, to: 0, vnet: .zero)
    try kernel.addAddress(
      vnet: .zero, interface: em0, AddressRequest(ip("10.0.0.1"), mask: ip("255.255.255.0")))
    let socket = try kernel.socket(vnet: .zero, .udp, fib: FibNumber(rawValue: 1))
    #expect(throws: Errno.ENETUNREACH) {
      try kernel.connect(vnet: .zero, socket, to: end("8.8.8.8:53"))
    }
    try kernel.connect(vnet: .zero, socket, to: end("10.0.0.9:53"))
    #expect(kernel[.zero].sockets[socket].local.address == ip("10.0.0.1"))
    // ... though the packet finds no way.
    #expect(throws: Errno.EHOSTUNREACH) { try kernel.send(vnet: .zero, socket, [1]) }
  }

  @Test(arguments: [(-1, false), (0, true), (1, true), (2, false), (256, false)])
  func takesTheTablesThereAre(_ fib: Int, _ works: Bool) throws {
    var lab = try SocketLab()
    let socket = try lab.udp()
    if works {
      try lab.kernel.setFib(vnet: .zero, socket, to: fib)
      #expect(lab.state(socket).fib.rawValue == UInt8(fib))
      #expect(lab.state(socket).fibChooser == .socket)
    } else {
      #expect(throws: Errno.EINVAL) { try lab.kernel.setFib(vnet: .zero, socket, to: fib) }
    }
  }

  @Test func whatDoesNotApplyIsRefused() throws {
    var lab = try SocketLab()
    let udp = try lab.udp()
    let tcp = try lab.kernel.socket(vnet: .zero, .tcp)
    #expect(throws: Errno.EOPNOTSUPP) { try lab.kernel.listen(vnet: .zero, udp) }
    #expect(throws: Errno.EOPNOTSUPP) {
      try lab.kernel.connect(vnet: .zero, tcp, to: end("8.8.8.8:1"))
    }
    #expect(throws: Errno.ENOTCONN) { try lab.kernel.send(vnet: .zero, tcp, [1]) }
    try lab.kernel.listen(vnet: .zero, tcp)
    #expect(lab.state(tcp).local.port >= 10000)
    try lab.kernel.close(vnet: .zero, udp)
    #expect(throws: Errno.EBADF) { try lab.kernel.close(vnet: .zero, udp) }
    #expect(throws: Errno.EBADF) { try lab.kernel.receive(vnet: .zero, udp) }
    try lab.kernel.setSysctl(.udpRecvspace, to: 300_000, vnet: .zero)
    #expect(throws: Errno.ENOBUFS) { try lab.kernel.socket(vnet: .zero, .udp) }
  }

  @Test func aClosedSocketLeavesNoMemoryBehind() throws {
    var lab = try SocketLab()
    let socket = try lab.udp("*:53")
    for _ in 0..<5 { _ = try lab.receive(datagram(to: "10.0.0.1:53")) }
    #expect(lab.kernel.machine.store.buffersInUse == 5)
    try lab.kernel.close(vnet: .zero, socket)
    #expect(lab.kernel.machine.store.buffersInUse == 0)
    #expect(try lab.receive(datagram(to: "10.0.0.1:53")).ends.last == "REPLIED udp.noport")
  }

  @Test func aCopyOfTheMachineHasItsOwnSockets() throws {
    var lab = try SocketLab()
    let socket = try lab.udp("*:53")
    _ = try lab.receive(datagram(to: "10.0.0.1:53"))
    var copy = lab.kernel.clone()
    #expect(try copy.receive(vnet: .zero, socket).bytes == Array("hello".utf8))
    #expect(throws: Errno.EAGAIN) { try copy.receive(vnet: .zero, socket) }
    try copy.close(vnet: .zero, socket)
    #expect(lab.read(socket) == ["hello"])
  }

  @Test func everyPacketEndsOnce() throws {
    var lab = try SocketLab()
    _ = try lab.listen("*:80", fib: 1)
    _ = try lab.raw(IPProtocol(rawValue: 0))
    _ = try lab.raw(IPProtocol(rawValue: 0))
    _ = try lab.udp("*:53", .SO_REUSEPORT)
    _ = try lab.udp("*:53", .SO_REUSEPORT)
    _ = try lab.receive(datagram(to: "10.0.0.255:53"), asBroadcast: true)
    _ = try lab.receive(segment(to: "10.0.0.1:80", .syn))
    _ = try lab.receive(segment(to: "10.0.0.1:81", .syn))
    _ = try lab.receive(ipPacket(.gre, from: ip("8.8.8.8"), to: ip("10.0.0.1"), [1]))
    lab.kernel.advance(to: lab.kernel.machine.now.advanced(seconds: 60))
    let tally = lab.kernel.machine.tally
    #expect(tally.entered == tally.ended)
    // The two datagrams and the two raw packets still wait to be read.
    #expect(tally.delivered == 5 && lab.kernel.machine.store.buffersInUse == 4)
  }
}
