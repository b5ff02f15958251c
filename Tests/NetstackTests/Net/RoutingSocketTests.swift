// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

@Suite("rtsock") struct RoutingSocketTests {
  private let gateway = Gateway.address(IPv4Address(10, 0, 0, 254))

  /// A machine with em0 10.0.0.1/24 and two tables.
  private var lab: InterfaceLab {
    InterfaceLab(cards: 2, ["lo0 127.0.0.1/8", "em0 10.0.0.1/24"])
  }

  /// What a socket has heard since the last call.
  private func told(_ lab: inout InterfaceLab, _ socket: RoutingSocket) -> [RoutingMessage] {
    lab.kernel.readRoutingSocket(vnet: .zero, socket)
  }

  private func network(_ first: UInt8, _ gateway: Gateway? = nil) -> RouteMessage {
    var message = RouteMessage(
      destination: IPv4Address(first, 0, 0, 0), mask: IPv4Prefix.mask(length: 8), gateway: gateway)
    message.flags = [.RTF_STATIC, .RTF_GATEWAY]
    return message
  }

  @Test func whereNobodyListensNothingIsMade() throws {
    var lab = InterfaceLab.base
    try lab.kernel.routeAdd(vnet: .zero, fib: .zero, network(20, gateway))
    _ = lab.run("em0 mtu 1400")
    _ = lab.send(to: "99.9.9.9")
    let table = lab.kernel[.zero].routingSockets
    #expect(!table.isHeard && table.work.queued == 0)
  }

  @Test func everybodyHearsUntilHeCloses() {
    var lab = self.lab
    let first = lab.kernel.openRoutingSocket(vnet: .zero)
    let second = lab.kernel.openRoutingSocket(vnet: .zero)
    _ = lab.run("em0 mtu 1400")
    let heard = [told(&lab, first), told(&lab, first)]
    #expect(heard.map { $0.map(\.type) } == [[.RTM_IFINFO], []])
    lab.kernel.closeRoutingSocket(vnet: .zero, first)
    _ = lab.run("em0 mtu 1300")
    let counts = [told(&lab, first).count, told(&lab, second).count]
    #expect(counts == [0, 2])
    lab.kernel.closeRoutingSocket(vnet: .zero, second)
    let isHeard = lab.kernel[.zero].routingSockets.isHeard
    #expect(!isHeard)
  }

  @Test func aFullSocketLosesWhatComes() throws {
    var lab = self.lab
    // A message of an interface is 168 bytes, and two of its sender stand before it.
    try lab.kernel.setSysctl(.netRawRecvspace, to: 400, vnet: .zero)
    let socket = lab.kernel.openRoutingSocket(vnet: .zero)
    for mtu in 1400..<1405 { _ = lab.run("em0 mtu \(mtu)") }
    var counts = [told(&lab, socket).count]
    _ = lab.run("em0 mtu 1300")
    counts.append(told(&lab, socket).count)
    #expect(counts == [2, 1])
  }

  @Test func anAddressIsToldOnceATable() {
    var lab = self.lab
    let socket = lab.kernel.openRoutingSocket(vnet: .zero)
    _ = lab.run("em1 10.0.1.1/24")
    let added = told(&lab, socket)
    #expect(
      added.map(\.type) == [.RTM_NEWADDR, .RTM_ADD, .RTM_NEWADDR, .RTM_ADD, .RTM_NEWMADDR])
    #expect(added.map(\.length) == [116, 232, 116, 232, 144])
    _ = lab.run("em1 -10.0.1.1")
    let deleted = told(&lab, socket).map(\.type)
    #expect(deleted == [.RTM_DELETE, .RTM_DELADDR, .RTM_DELETE, .RTM_DELADDR])
  }

  @Test func requestsAreEchoedWithWhatCameOfThem() throws {
    var lab = self.lab
    let socket = lab.kernel.openRoutingSocket(vnet: .zero)
    var asked = RoutingMessage(.RTM_ADD, RoutingMessage.RouteHeader(flags: [.RTF_UP]))
    asked.route.sequence = 7
    asked.addresses.destination = .inet(IPv4Address(20, 0, 0, 0))
    asked.addresses.netmask = .bareMask(IPv4Prefix.mask(length: 8))
    asked.addresses.gateway = .inet(IPv4Address(10, 0, 0, 254))
    for expected in [nil, Errno.EEXIST] {
      let found = write(asked, &lab)
      #expect(found == expected)
      let echo = try #require(told(&lab, socket).last)
      #expect(echo.addresses == asked.addresses)
      #expect(echo.route.process == 42 && echo.route.sequence == 7)
      #expect(echo.route.errno == expected?.rawValue ?? 0)
      #expect(echo.route.flags.contains(.RTF_DONE) == (expected == nil))
    }
  }

  /// What a message is refused with.
  private func write(_ message: RoutingMessage, _ lab: inout InterfaceLab) -> Errno? {
    do throws(Errno) {
      try lab.kernel.routeOutput(vnet: .zero, fib: .zero, process: 42, message)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [
    (RoutingMessageType.RTM_LOSING, Errno.EOPNOTSUPP), (.RTM_ADD, .EINVAL), (.RTM_GET, .ESRCH),
    (.RTM_DELETE, .ESRCH), (.RTM_CHANGE, .ESRCH), (.RTM_LOCK, .ESRCH),
  ])
  func refuses(_ type: RoutingMessageType, _ errno: Errno) {
    var lab = self.lab
    let socket = lab.kernel.openRoutingSocket(vnet: .zero)
    var asked = RoutingMessage(type)
    asked.addresses.destination = .inet(IPv4Address(20, 0, 0, 0))
    asked.addresses.netmask = .bareMask(IPv4Prefix.mask(length: 8))
    let found = write(asked, &lab)
    #expect(found == errno)
    let echoes = told(&lab, socket).map(\.route.errno)
    #expect(echoes == [errno.rawValue])
  }

  @Test func failedLookUpsAreToldWhereASenderAsked() {
    var lab = self.lab
    let socket = lab.kernel.openRoutingSocket(vnet: .zero)
    _ = lab.send(to: "99.9.9.9", fib: 1)
    let missed = told(&lab, socket)
    #expect(missed.map(\.type) == [.RTM_MISS])
    #expect(missed.first?.addresses.destination == .inet(IPv4Address(99, 9, 9, 9)))
    #expect(missed.first?.route.flags == .RTF_DONE)
    // Asking for a route is no sending.
    _ = try? lab.kernel.routeGet(
      vnet: .zero, fib: .zero, destination: IPv4Address(99, 9, 9, 9))
    let rest = told(&lab, socket)
    #expect(rest.isEmpty)
  }

  @Test func aCloneHasListenersOfItsOwn() {
    var lab = self.lab
    let socket = lab.kernel.openRoutingSocket(vnet: .zero)
    var other = lab.kernel.clone()
    _ = lab.run("em0 mtu 1400")
    let counts = [other.readRoutingSocket(vnet: .zero, socket).count, told(&lab, socket).count]
    #expect(counts == [0, 1])
  }
}
