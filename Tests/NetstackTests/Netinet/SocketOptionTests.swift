// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

@Suite("setsockopt") struct SocketOptionTests {
  private static let vnet = VnetIndex.zero

  /// What IP_OPTIONS takes and refuses (`ip_pcbopts`).
  @Test(
    arguments: [
      ([], true), ([1, 1, 1, 0], true), ([1, 1, 1], false), ([7, 39, 4] + zeros(37), true),
      ([7, 1, 4, 0], false), ([7, 5, 4, 0], false), ([7], false), (zeros(40), true),
      (zeros(44), false), ([131, 3, 4, 0], false),
      ([1, 131, 11, 4, 10, 0, 0, 1, 10, 0, 0, 2], true),
      // With the first hop taken out of it a longer route has room.
      ([1, 131, 43, 4] + zeros(40), true), ([1, 131, 47, 4] + zeros(44), false),
    ] as [([UInt8], Bool)]) func takesOptions(bytes: [UInt8], isTaken: Bool) throws
  {
    var kernel = Kernel()
    let socket = try kernel.socket(vnet: Self.vnet, .raw, proto: .icmp)
    do throws(Errno) {
      try kernel.setIPOptions(vnet: Self.vnet, socket, bytes)
      #expect(isTaken)
    } catch {
      #expect(!isTaken && error == .EINVAL)
    }
  }

  private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  /// The options are in the header of what comes back over lo0, until they are taken away.
  @Test func sendsOptions() throws {
    var kernel = Kernel()
    let socket = try kernel.socket(vnet: Self.vnet, .raw, proto: IPProtocol(rawValue: 200))
    try kernel.setIPOptions(vnet: Self.vnet, socket, [1, 1, 1, 0])
    #expect(try headerLengths(of: 2, socket, &kernel) == [24, 24])
    try kernel.setIPOptions(vnet: Self.vnet, socket, [])
    #expect(try headerLengths(of: 1, socket, &kernel) == [20])
    try kernel.setIPOptions(vnet: Self.vnet, socket, [1, 1, 1, 0])
    try kernel.close(vnet: Self.vnet, socket)
    let next = try kernel.socket(vnet: Self.vnet, .raw, proto: IPProtocol(rawValue: 200))
    #expect(try headerLengths(of: 1, next, &kernel) == [20])
  }

  private func headerLengths(
    of count: Int, _ socket: SocketIndex, _ kernel: inout Kernel
  ) throws -> [Int] {
    var lengths: [Int] = []
    for _ in 0..<count {
      try kernel.send(vnet: Self.vnet, socket, [1, 2, 3], to: Endpoint(.loopback, 0))
      lengths.append(Int(try kernel.receive(vnet: Self.vnet, socket).bytes[0] & 0xf) * 4)
    }
    return lengths
  }

  @Test func isReadableOnceSomethingWaits() throws {
    var kernel = Kernel()
    let socket = try kernel.socket(vnet: Self.vnet, .udp)
    let other = try kernel.socket(vnet: Self.vnet, .udp)
    try kernel.bind(vnet: Self.vnet, socket, to: Endpoint(.loopback, 9))
    #expect(try !kernel.isReadable(vnet: Self.vnet, socket))
    try kernel.send(vnet: Self.vnet, other, [], to: Endpoint(.loopback, 9))
    #expect(try kernel.isReadable(vnet: Self.vnet, socket))
    kernel.advance(to: Instant(seconds: 9))
    #expect(try kernel.receive(vnet: Self.vnet, socket).arrival == Instant(seconds: 1))
    #expect(try !kernel.isReadable(vnet: Self.vnet, socket))
    // An error is read, too.
    try kernel.connect(vnet: Self.vnet, other, to: Endpoint(.loopback, 10))
    try kernel.send(vnet: Self.vnet, other, [])
    #expect(try kernel.isReadable(vnet: Self.vnet, other))
    try kernel.close(vnet: Self.vnet, other)
    #expect(throws: Errno.EBADF) { try kernel.isReadable(vnet: Self.vnet, other) }
  }

  @Test func boundsBuffers() throws {
    var kernel = Kernel()
    let socket = try kernel.socket(vnet: Self.vnet, .raw, proto: .icmp)
    for bytes in [0, -1] {
      #expect(throws: Errno.EINVAL) { try kernel.setSendSpace(vnet: Self.vnet, socket, bytes) }
      #expect(throws: Errno.EINVAL) { try kernel.setReceiveSpace(vnet: Self.vnet, socket, bytes) }
    }
    #expect(throws: Errno.ENOBUFS) { try kernel.setSendSpace(vnet: Self.vnet, socket, 262_144) }
    try kernel.setSendSpace(vnet: Self.vnet, socket, 4)
    #expect(throws: Errno.EMSGSIZE) {
      try kernel.send(vnet: Self.vnet, socket, [1, 2, 3, 4, 5], to: Endpoint(.loopback, 0))
    }
  }

  @Test func namesAnInterfaceForMulticasts() throws {
    var kernel = Kernel()
    let socket = try kernel.socket(vnet: Self.vnet, .udp)
    #expect(throws: Errno.EADDRNOTAVAIL) {
      try kernel.setMulticastInterface(vnet: Self.vnet, socket, IPv4Address(10, 9, 9, 9))
    }
    try kernel.setMulticastInterface(vnet: Self.vnet, socket, .loopback)
    try kernel.setMulticastTTL(vnet: Self.vnet, socket, 7)
    try kernel.setMulticastLoop(vnet: Self.vnet, socket, false)
    let options = kernel.sockets(vnet: Self.vnet)[0].socket.multicast
    #expect(options?.ttl == 7 && options?.loops == false && options?.interface != nil)
  }

  /// `in_pcbconnect_setup` asks for a route before it looks at the interface.
  @Test func multicastsComeFromTheirInterfaceIfThereIsAWay() throws {
    var lab = try SocketLab()
    let socket = try lab.udp()
    try lab.kernel.createInterface(vnet: Self.vnet, named: "lo1")
    let lo1 = try lab.kernel.interface(vnet: Self.vnet, named: "lo1").index
    try lab.kernel.addAddress(
      vnet: Self.vnet, interface: lo1, AddressRequest(ip("10.7.0.1"), mask: ip("255.255.255.0")))
    try lab.kernel.setMulticastInterface(vnet: Self.vnet, socket, ip("10.7.0.1"))
    let lost = try lab.kernel.socket(vnet: Self.vnet, .udp)
    try lab.kernel.setMulticastInterface(vnet: Self.vnet, lost, ip("10.7.0.1"))
    let group = Endpoint(ip("224.1.1.1"), 9)
    try lab.kernel.connect(vnet: Self.vnet, socket, to: group)
    let local = lab.state(socket).local.address
    #expect(local == ip("10.7.0.1"))
    try lab.kernel.routeDelete(
      vnet: Self.vnet, fib: .zero, RouteMessage(destination: .any, mask: .any))
    #expect(throws: Errno.ENETUNREACH) {
      try lab.kernel.connect(vnet: Self.vnet, lost, to: group)
    }
    try lab.kernel.destroyInterface(vnet: Self.vnet, interface: lo1)
    let left = [socket, lost].map { lab.state($0).multicast }
    #expect(left.allSatisfy { $0 != nil && $0?.interface == nil })
  }

  /// icmp_input swaps the quoted length of errors that it understands, before raw sockets see them.
  @Test(
    arguments: [
      (3, 0, true), (3, 15, true), (3, 16, false), (11, 1, true), (11, 2, false), (12, 0, true),
      (4, 0, true), (4, 1, false), (5, 1, false),
    ] as [(UInt8, UInt8, Bool)]) func swapsTheQuotedLength(
      type: UInt8, code: UInt8, isSwapped: Bool
    ) throws
  {
    var kernel = Kernel()
    let socket = try kernel.socket(vnet: Self.vnet, .raw, proto: .icmp)
    var message: [UInt8] = [type, code, 0, 0, 0, 0, 0, 0, 0x45, 0, 0x12, 0x34]
    message += [UInt8](repeating: 0, count: 24)
    let sum = InternetChecksum.checksum(of: message.rawBytes)
    message[2] = UInt8(truncatingIfNeeded: sum >> 8)
    message[3] = UInt8(truncatingIfNeeded: sum)
    try kernel.send(vnet: Self.vnet, socket, message, to: Endpoint(.loopback, 0))
    let bytes = try kernel.receive(vnet: Self.vnet, socket).bytes
    #expect(Array(bytes[30..<32]) == (isSwapped ? [0x34, 0x12] : [0x12, 0x34]))
  }
}
