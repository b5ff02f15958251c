// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Testing
import Wire

// The stack under the calls is a lab, made without ifconfig's calls.
@testable import Netstack

@Suite("The routing socket") struct KernelRoutesTests {
  private let zero = FibNumber.zero
  private let one = FibNumber(rawValue: 1)
  private let gateway = Gateway.address(IPv4Address(10, 0, 0, 254))

  /// A machine of one lab stack.
  private func lab() -> Kernel {
    var options = KernelOptions()
    options.ethernetInterfaces = 0
    var kernel = Kernel(options)
    kernel.vnets.removeAll()
    kernel.vnets.append(Vnet.lab())
    return kernel
  }

  private func network(
    _ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, _ length: Int, _ gateway: Gateway? = nil
  ) -> RouteMessage {
    var message = RouteMessage(
      destination: IPv4Address(a, b, c, d), mask: IPv4Prefix.mask(length: length), gateway: gateway)
    message.flags = [.RTF_STATIC, .RTF_GATEWAY]
    return message
  }

  /// What a request on the socket of the lab's stack throws.
  private func error(
    _ kernel: inout Kernel, _ call: (inout Kernel) throws(Errno) -> Void
  ) -> Errno? {
    errno { () throws(Errno) in try call(&kernel) }
  }

  @Test func theDefaultRouteIsAddedOnceAFib() throws {
    var kernel = lab()
    let message = network(0, 0, 0, 0, 0, gateway)
    try kernel.routeAdd(vnet: .zero, fib: zero, message)
    #expect(
      error(&kernel) { (k) throws(Errno) in try k.routeAdd(vnet: .zero, fib: .zero, message) }
        == .EEXIST)
    #expect(
      errno { () throws(Errno) in
        _ = try kernel.routeGet(vnet: .zero, fib: one, destination: IPv4Address(8, 8, 8, 8))
      } == .ESRCH)
    var other = message
    other.gateway = .address(IPv4Address(10, 0, 1, 254))
    try kernel.routeAdd(vnet: .zero, fib: one, other)
    let answer = try kernel.routeGet(
      vnet: .zero, fib: one, destination: IPv4Address(8, 8, 8, 8))
    #expect(answer.interfaceName.description == "em1" && answer.source == IPv4Address(10, 0, 1, 1))
    #expect(answer.entry.flags == [.RTF_UP, .RTF_GATEWAY, .RTF_DONE, .RTF_STATIC])
    #expect(answer.peer == nil && answer.secondsLeft == 0)
  }

  @Test func fibsThatAreNotAreInvalid() {
    var kernel = lab()
    let fib = FibNumber(rawValue: 16)
    let message = network(172, 16, 0, 0, 16, gateway)
    #expect(
      error(&kernel) { (k) throws(Errno) in try k.routeAdd(vnet: .zero, fib: fib, message) }
        == .EINVAL)
    #expect(
      error(&kernel) { (k) throws(Errno) in try k.routeDelete(vnet: .zero, fib: fib, message) }
        == .EINVAL)
    #expect(
      error(&kernel) { (k) throws(Errno) in try k.routeChange(vnet: .zero, fib: fib, message) }
        == .EINVAL)
    #expect(
      error(&kernel) { (k) throws(Errno) in _ = try k.routes(vnet: .zero, fib: fib) } == .EINVAL)
    #expect(
      error(&kernel) { (k) throws(Errno) in _ = try k.routeDump(vnet: .zero, fib: fib) }
        == .EINVAL)
  }

  @Test func anUnreachableGatewayCountsTwice() {
    var kernel = lab()
    let message = network(172, 16, 0, 0, 16, .address(IPv4Address(1, 2, 3, 4)))
    #expect(
      error(&kernel) { (k) throws(Errno) in try k.routeAdd(vnet: .zero, fib: .zero, message) }
        == .ENETUNREACH)
    #expect(kernel.vnets[0].statistics.route[.unreach] == 2)
  }

  @Test func aMessageNeedsAGatewayToAdd() {
    var kernel = lab()
    let message = network(172, 16, 0, 0, 16)
    #expect(
      error(&kernel) { (k) throws(Errno) in try k.routeAdd(vnet: .zero, fib: .zero, message) }
        == .EINVAL)
  }

  @Test func unknownInterfacesReachNothing() {
    var kernel = lab()
    for number in [0, 6, 999, 65535] as [UInt16] {
      let interface = InterfaceIndex(rawValue: number)
      let message = network(172, 16, 0, 0, 16, .link(interface))
      #expect(
        error(&kernel) { (k) throws(Errno) in try k.routeAdd(vnet: .zero, fib: .zero, message) }
          == .ENETUNREACH)
    }
  }

  @Test func anUnknownInterfaceIsAsGoodAsNone() throws {
    var kernel = lab()
    var message = network(172, 16, 0, 0, 16, gateway)
    message.interface = InterfaceIndex(rawValue: 999)
    try kernel.routeAdd(vnet: .zero, fib: zero, message)
    let answer = try kernel.routeGet(
      vnet: .zero, fib: zero, destination: IPv4Address(172, 16, 0, 1))
    #expect(answer.interfaceName.description == "em0")
  }

  @Test func anOwnAddressIsNoGateway() throws {
    var kernel = lab()
    let own = network(172, 16, 0, 0, 16, .address(IPv4Address(10, 0, 1, 1)))
    try kernel.routeAdd(vnet: .zero, fib: zero, own)
    // The way to an own address is in FIB 0 only, so that elsewhere it passes for a gateway.
    try kernel.routeAdd(vnet: .zero, fib: one, own)
    var hole = network(10, 66, 0, 0, 16, .address(.loopback))
    hole.flags.insert(.RTF_BLACKHOLE)
    try kernel.routeAdd(vnet: .zero, fib: one, hole)
    let flags: [RouteFlags] = [
      try kernel.routeGet(vnet: .zero, fib: zero, destination: IPv4Address(172, 16, 0, 1)),
      try kernel.routeGet(vnet: .zero, fib: one, destination: IPv4Address(172, 16, 0, 1)),
      try kernel.routeGet(vnet: .zero, fib: one, destination: IPv4Address(10, 66, 0, 1)),
    ].map { $0.entry.flags.subtracting([.RTF_UP, .RTF_DONE]) }
    #expect(
      flags == [.RTF_STATIC, [.RTF_STATIC, .RTF_GATEWAY], [.RTF_STATIC, .RTF_BLACKHOLE]])
  }

  @Test func deletesTheExactNetworkWhateverTheGateway() throws {
    var kernel = lab()
    try kernel.routeAdd(vnet: .zero, fib: zero, network(172, 16, 5, 6, 16, gateway))
    for message in [network(172, 16, 5, 6, 16), network(172, 16, 0, 0, 12)] {
      #expect(
        error(&kernel) { (k) throws(Errno) in try k.routeDelete(vnet: .zero, fib: .zero, message) }
          == .ESRCH)
    }
    var host = network(172, 16, 0, 0, 16)
    host.flags.insert(.RTF_HOST)
    #expect(
      error(&kernel) { (k) throws(Errno) in try k.routeDelete(vnet: .zero, fib: .zero, host) }
        == .ESRCH)
    let message = network(172, 16, 0, 0, 16, .address(IPv4Address(9, 9, 9, 9)))
    try kernel.routeDelete(vnet: .zero, fib: zero, message)
    #expect(kernel.vnets[0].added() == [])
  }

  @Test func changesOnlyItsLike() throws {
    var kernel = lab()
    try kernel.routeAdd(vnet: .zero, fib: zero, network(0, 0, 0, 0, 0, gateway))
    let host = RouteMessage(destination: IPv4Address(8, 8, 8, 8), gateway: gateway)
    let missing = network(8, 0, 0, 0, 8, gateway)
    for message in [host, missing] {
      #expect(
        error(&kernel) { (k) throws(Errno) in try k.routeChange(vnet: .zero, fib: .zero, message) }
          == .ESRCH)
    }
    var message = network(0, 0, 0, 0, 0, gateway)
    message.mtu = 700
    try kernel.routeChange(vnet: .zero, fib: zero, message)
    #expect(try kernel.routeGet(vnet: .zero, fib: zero, destination: .any).entry.mtu == 700)
  }

  @Test func aMaskAsksForExactlyThatRoute() throws {
    var kernel = lab()
    try kernel.routeAdd(vnet: .zero, fib: zero, network(10, 0, 0, 0, 8, gateway))
    func get(_ address: IPv4Address, _ length: Int) -> Int? {
      let mask = IPv4Prefix.mask(length: length)
      let answer = try? kernel.routeGet(vnet: .zero, fib: zero, destination: address, mask: mask)
      return answer?.entry.key.mask.prefixLength
    }
    #expect(get(IPv4Address(10, 0, 0, 0), 8) == 8)
    #expect(get(IPv4Address(10, 0, 0, 0), 24) == 24)
    #expect(get(IPv4Address(10, 0, 0, 0), 16) == nil)
    #expect(get(IPv4Address(10, 9, 9, 9), 8) == 8)
    // em1's network is the longest match, and it is no namesake of 10/8.
    #expect(get(IPv4Address(10, 0, 1, 9), 8) == nil)
  }

  @Test func tellsHowLongARouteLives() throws {
    var kernel = lab()
    var message = network(172, 16, 0, 0, 16, gateway)
    message.expire = kernel.machine.wallSeconds + 60
    try kernel.routeAdd(vnet: .zero, fib: zero, message)
    #expect(
      try kernel.routeGet(vnet: .zero, fib: zero, destination: IPv4Address(172, 16, 0, 1))
        .secondsLeft == 60)
    message.expire = 5
    try kernel.routeChange(vnet: .zero, fib: zero, message)
    #expect(
      try kernel.routeGet(vnet: .zero, fib: zero, destination: IPv4Address(172, 16, 0, 1))
        .secondsLeft < 0)
  }
}
