// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

/// Commands on a machine with lo0 127.0.0.1 and cards without addresses, and what is there after.
struct ControlCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  var setup: [String]
  var command: String
  var error: Errno?
  /// FIB 0, without lo0's own route.
  var routes: [String]
  /// FIB 1, where it is of interest.
  var others: [String]?
  /// The addresses of em0 and em1, where of interest.
  var em0: [String]?
  var em1: [String]?
  var log: [String] = []

  func check() throws {
    var lab = InterfaceLab(["lo0 127.0.0.1/8"])
    for line in setup { #expect(lab.run(line) == nil, "\(line)") }
    lab.forget()
    let answer = lab.run(command)
    #expect(answer == error)
    let found = try lab.routes().filter { $0 != "127.0.0.1 link#lo0 UH lo0" }
    #expect(found == routes)
    if let others {
      let found = try lab.routes(1).filter { $0 != "127.0.0.1 link#lo0 UH lo0" }
      #expect(found == others)
    }
    if let em0 { try lab.expect("em0", has: em0) }
    if let em1 { try lab.expect("em1", has: em1) }
    let messages = lab.kernel.machine.messages
    #expect(messages == log)
    let tally = lab.kernel.machine.tally
    #expect(tally.entered == tally.ended)
  }
}

extension InterfaceLab {
  fileprivate func expect(_ name: String, has addresses: [String]) throws {
    let found = try self.addresses(name)
    #expect(found == addresses)
  }
}

@Suite("in_control") struct InterfaceControlTests {
  private static let first = "em0 10.0.0.2/24"
  private static let net = "10.0.0.0/24 link#em0 U em0"
  private static let own = "10.0.0.2 link#em0 UHS lo0"

  @Test(arguments: [
    ControlCase(
      testDescription: "the first address", setup: [], command: first, routes: [net, own],
      others: [net], em0: ["10.0.0.2/24 10.0.0.255"]),
    ControlCase(
      testDescription: "an alias without mask has its class's", setup: [first],
      command: "em0 10.0.0.5",
      routes: [net, "10.0.0.0/8 link#em0 U em0", own, "10.0.0.5 link#em0 UHS lo0"],
      em0: ["10.0.0.2/24 10.0.0.255", "10.0.0.5/8 10.255.255.255"]),
    ControlCase(
      testDescription: "an alias of 32 bits", setup: [first], command: "em0 10.0.0.5/32",
      routes: [net, own, "10.0.0.5 link#em0 UHS lo0", "10.0.0.5/32 link#em0 U em0"],
      em0: ["10.0.0.2/24 10.0.0.255", "10.0.0.5/32 10.0.0.5"]),
    ControlCase(
      testDescription: "an alias of the same network", setup: [first], command: "em0 10.0.0.6/24",
      routes: [net, own, "10.0.0.6 link#em0 UHS lo0"]),
    ControlCase(
      testDescription: "a network route is handed over, gateway routes go",
      setup: [first, "em0 10.0.0.6/24", "route 0.0.0.0/0 10.0.0.1"], command: "em0 -10.0.0.2",
      routes: [net, "10.0.0.6 link#em0 UHS lo0"], em0: ["10.0.0.6/24 10.0.0.255"]),
    ControlCase(
      testDescription: "a network's second card", setup: [first], command: "em1 10.0.0.9/24",
      routes: [net, own, "10.0.0.9 link#em1 UHS lo0"], others: [net],
      em1: ["10.0.0.9/24 10.0.0.255"]),
    ControlCase(
      testDescription: "down hands the network to the second card",
      setup: [first, "em1 10.0.0.9/24"], command: "em0 down",
      routes: ["10.0.0.0/24 link#em1 U em1", "10.0.0.9 link#em1 UHS lo0"],
      others: ["10.0.0.0/24 link#em1 U em1"]),
    ControlCase(
      testDescription: "an address of another card stays in spite of the error", setup: [first],
      command: "em1 10.0.0.2/24", error: .EEXIST, routes: [net, own],
      em1: ["10.0.0.2/24 10.0.0.255"], log: ["ifa_add_loopback_route: insertion failed"]),
    ControlCase(
      testDescription: "deleting one of two equal addresses takes the other's own route",
      setup: [first, "sysctl useloopback 0", "em1 10.0.0.2/24"], command: "em1 -10.0.0.2",
      routes: [net], em0: ["10.0.0.2/24 10.0.0.255"], em1: []),
    ControlCase(
      testDescription: "a static route is in the way",
      setup: [first, "route 10.5.0.0/16 10.0.0.1"],
      command: "em1 10.5.0.1/16", error: .EEXIST,
      routes: [net, own, "10.5.0.0/16 10.0.0.1 UGS em0"],
      others: [net, "10.5.0.0/16 link#em1 U em1"], em1: ["10.5.0.1/16 10.5.255.255"]),
    ControlCase(
      testDescription: "an address that is not there", setup: [first], command: "em0 -1.2.3.4",
      error: .EADDRNOTAVAIL, routes: [net, own]),
    ControlCase(
      testDescription: "delete without an address takes the first", setup: [first],
      command: "em0 delete", routes: [], em0: []),
    ControlCase(
      testDescription: "a second delete finds none", setup: [first, "em0 delete"],
      command: "em0 delete", error: .EADDRNOTAVAIL, routes: []),
    ControlCase(
      testDescription: "the default route goes from both tables with the address",
      setup: [first, "route 0.0.0.0/0 10.0.0.1"], command: "em0 -10.0.0.2", routes: [],
      others: []),
    ControlCase(
      testDescription: "the caller's table only, and the own route in FIB 0",
      setup: ["sysctl add_addr_allfibs 0"], command: "setfib 1 em1 10.9.0.1/24",
      routes: ["10.9.0.1 link#em1 UHS lo0"], others: ["10.9.0.0/24 link#em1 U em1"]),
    ControlCase(
      testDescription: "deleting looks at all tables whatever the sysctl",
      setup: ["em1 10.9.0.1/24", "sysctl add_addr_allfibs 0"], command: "em1 delete", routes: [],
      others: []),
    ControlCase(
      testDescription: "no own route without useloopback", setup: ["sysctl useloopback 0"],
      command: first, routes: [net]),
    ControlCase(
      testDescription: "a shared network is refused if only carp may share",
      setup: [first, "sysctl same_prefix_carp_only 1"], command: "em1 10.0.0.9/24",
      error: .EEXIST, routes: [net, own], em1: ["10.0.0.9/24 10.0.0.255"]),
    ControlCase(
      testDescription: "a broadcast address of its own", setup: [],
      command: "em0 10.0.0.2/24 10.0.0.0", routes: [net, own], em0: ["10.0.0.2/24 10.0.0.0"]),
    ControlCase(
      testDescription: "the same address with another mask", setup: [first],
      command: "em0 10.0.0.2/16", routes: ["10.0.0.0/16 link#em0 U em0", own],
      others: ["10.0.0.0/16 link#em0 U em0"], em0: ["10.0.0.2/16 10.0.255.255"]),
    ControlCase(
      testDescription: "0.0.0.0 has a class A network and no own route", setup: [],
      command: "em0 0.0.0.0/0", routes: ["0.0.0.0/8 link#em0 U em0"],
      em0: ["0.0.0.0/8 0.255.255.255"]),
    ControlCase(
      testDescription: "setting lo0's address again takes all own routes",
      setup: [first, "lo0 -127.0.0.1"], command: "lo0 127.0.0.1/8", routes: [net]),
  ]) func changesAddresses(_ test: ControlCase) throws { try test.check() }

  @Test func announcesAnAddress() throws {
    var lab = InterfaceLab()
    let error = lab.run(Self.first)
    let (frames, entries, ends) = (lab.frames, lab.arpLines, lab.ends)
    #expect(error == nil)
    #expect(frames == ["em0 who-has 10.0.0.2 tell 10.0.0.2"])
    #expect(entries == ["em0 10.0.0.2 02:00:00:00:00:00 e"])
    #expect(ends == ["SENT arp.sent"])
    let flags = try lab.kernel.interface(vnet: .zero, named: "em0").flags
    #expect(flags.rawValue == 0x8843)
  }

  @Test func theLastUserOfANetworkTakesItsArpEntries() throws {
    var lab = InterfaceLab.base
    #expect(lab.run("arp 10.0.1.2 02:bb:00:00:01:02") == nil)
    _ = lab.send(to: "10.0.1.9")
    lab.forget()
    #expect(lab.run("em1 -10.0.1.1") == nil)
    let (ends, entries) = (lab.ends, lab.arpLines)
    #expect(ends == ["DROPPED arp.flushed"])
    #expect(
      entries == ["em0 10.0.0.1 02:00:00:00:00:00 e", "em2 10.0.2.1 02:00:00:00:00:02 e"])
  }
}
