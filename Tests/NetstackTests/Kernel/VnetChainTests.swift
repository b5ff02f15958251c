// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

/// A thousand stacks in a row, a pair of interfaces between each and the next.
@Suite("A chain of network stacks") struct VnetChainTests {
  private static let length = 1000
  /// A datagram lives for 255 hops at most.
  private static let leg = 200

  /// The network between a stack and the one before it.
  private static func network(_ number: Int, _ host: UInt8) -> IPv4Address {
    IPv4Address(10, UInt8(number >> 8), UInt8(number & 255), host)
  }

  @Test("Each forwards, and nothing is left of them")
  func chain() throws {
    var kernel = Kernel()
    let start = Measures(kernel)
    try Self.build(&kernel)
    #expect(kernel.vnetList.count == Self.length + 1)
    for from in stride(from: 0, to: Self.length, by: Self.leg) {
      let hops = try Self.send(from: from, to: from + Self.leg, &kernel)
      // The trace names each stack on the way, in order.
      #expect(hops == Array(from...from + Self.leg))
    }
    // Of those that a leg ends at and begins at, none forwards.
    for number in 1..<Self.length where number % Self.leg != 0 {
      let vnet = VnetIndex(rawValue: UInt16(number))
      #expect(kernel.statistics(vnet: vnet).ip[.forward] == 1)
    }
    let tally = kernel.machine.tally
    #expect(tally.entered == tally.ended)
    for number in (1...Self.length).reversed() {
      kernel.destroyVnet(VnetIndex(rawValue: UInt16(number)))
    }
    for info in kernel.interfaces(vnet: .zero)
    where "\(info.name)".hasPrefix("epair") && "\(info.name)".hasSuffix("a") {
      try kernel.destroyInterface(vnet: .zero, interface: info.index)
    }
    try kernel.close(vnet: .zero, kernel.sockets(vnet: .zero)[0].index)
    // The cleaner of the flow tables looks once more.
    kernel.advance(to: Instant(seconds: 20))
    #expect(Measures(kernel) == start)
    let after = kernel.machine.tally
    #expect(after.entered == after.ended)
    #expect(after.held == 0)
  }

  /// Sends a datagram from one stack to another.
  ///
  /// - Returns: The stacks that it was in.
  private static func send(from: Int, to: Int, _ kernel: inout Kernel) throws -> [Int] {
    let (here, there) = (VnetIndex(rawValue: UInt16(from)), VnetIndex(rawValue: UInt16(to)))
    let target = Endpoint(network(to, 2), 4000)
    let receiver = try kernel.socket(vnet: there, .udp)
    try kernel.bind(vnet: there, receiver, to: target)
    // A socket has the value of its making.
    try kernel.setSysctl(.ipTtl, to: 255, vnet: here)
    let sender = try kernel.socket(vnet: here, .udp)
    var recorder = Recorder()
    try kernel.send(vnet: here, sender, Array("hello".utf8), to: target, tracer: &recorder)
    var hops: [Int] = []
    for entry in recorder.entries where entry.packet == recorder.entries[0].packet {
      let vnet = Int(entry.vnet.rawValue)
      if hops.last != vnet { hops.append(vnet) }
    }
    let received = try kernel.receive(vnet: there, receiver)
    #expect(received.bytes == Array("hello".utf8))
    #expect(received.source.address == network(from + 1, 1))
    return hops
  }

  private static func build(_ kernel: inout Kernel) throws {
    var previous = VnetIndex.zero
    try kernel.setSysctl(.ipForwarding, to: 1, vnet: .zero)
    for number in 1...length {
      let vnet = kernel.createVnet()
      try kernel.setSysctl(.ipForwarding, to: 1, vnet: vnet)
      try kernel.createInterface(vnet: .zero, named: "epair\(number)")
      try move("epair\(number)a", to: previous, network(number, 1), &kernel)
      try move("epair\(number)b", to: vnet, network(number, 2), &kernel)
      // Onwards; the first stack has its default route too.
      var message = RouteMessage(
        destination: .any, mask: .any, gateway: .address(network(number, 2)))
      message.flags = [.RTF_UP, .RTF_GATEWAY, .RTF_STATIC]
      try kernel.routeAdd(vnet: previous, fib: .zero, message)
      previous = vnet
    }
  }

  private static func move(
    _ name: String, to vnet: VnetIndex, _ address: IPv4Address, _ kernel: inout Kernel
  ) throws {
    var interface = try kernel.interface(vnet: .zero, named: name).index
    if vnet != .zero {
      interface = try kernel.moveInterface(InterfacePlace(.zero, interface), to: vnet)
    }
    let request = AddressRequest(address, mask: IPv4Prefix.mask(length: 24))
    try kernel.addAddress(vnet: vnet, interface: interface, request)
  }

  /// What must be as it was when all is gone.
  private struct Measures: Equatable {
    let vnets: Int
    let buffers: Int
    let timers: Int
    let pairs: Int
    let prisons: Int
    let waiting: Int
    let names: [String]
    let routes: Int

    init(_ kernel: borrowing Kernel) {
      vnets = kernel.vnetList.count
      buffers = kernel.machine.store.buffersInUse
      timers = kernel.machine.timers.count
      pairs = kernel.links.count
      prisons = kernel.machine.prisons.all.count
      waiting = kernel.machine.netisr.count
      names = kernel.interfaces(vnet: .zero).map { "\($0.name)" }
      routes = (try? kernel.routes(vnet: .zero, fib: .zero))?.count ?? -1
    }
  }
}
