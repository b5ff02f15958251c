// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

/// What surprises in 8.0's `in_control`, each with the routes that are there afterwards.
@Suite("Quirks of in_control") struct InterfaceQuirkTests {
  private static let first = "em0 10.0.0.2/24"
  private static let net = "10.0.0.0/24 link#em0 U em0"
  private static let own = "10.0.0.2 link#em0 UHS lo0"
  private static let inserted = "ifa_add_loopback_route: insertion failed"
  private static let deleted = "ifa_del_loopback_route: deletion failed"
  private static let gif = ["gif0 create", "gif0 10.8.0.1/24 10.8.0.2", "gif1 create"]
  private static let gifRoutes = ["10.8.0.1 link#gif0 UHS lo0", "10.8.0.2 link#gif0 UH gif0"]

  @Test(arguments: [
    ControlCase(
      testDescription: "no mask: class B", setup: [], command: "em0 172.16.5.1",
      routes: ["172.16.0.0/16 link#em0 U em0", "172.16.5.1 link#em0 UHS lo0"],
      em0: ["172.16.5.1/16 172.16.255.255"]),
    ControlCase(
      testDescription: "no mask: class C", setup: [], command: "em0 192.168.5.1",
      routes: ["192.168.5.0/24 link#em0 U em0", "192.168.5.1 link#em0 UHS lo0"],
      em0: ["192.168.5.1/24 192.168.5.255"]),
    ControlCase(
      testDescription: "no mask: beyond the classes it is C's", setup: [],
      command: "em0 240.0.0.1",
      routes: ["240.0.0.0/24 link#em0 U em0", "240.0.0.1 link#em0 UHS lo0"],
      em0: ["240.0.0.1/24 240.0.0.255"]),
    ControlCase(
      testDescription: "a mask of zeros is none", setup: [], command: "em0 10.0.0.2/0",
      routes: ["10.0.0.0/8 link#em0 U em0", own], em0: ["10.0.0.2/8 10.255.255.255"]),
    ControlCase(
      testDescription: "lo0 need not have an address of its own for others' own routes",
      setup: ["lo0 -127.0.0.1"], command: first, routes: [net, own]),
    ControlCase(
      testDescription: "a loopback address is a host, whatever its mask", setup: [],
      command: "lo0 10.1.1.1/16", routes: ["10.1.1.1 link#lo0 UH lo0"]),
    ControlCase(
      testDescription: "a known address whose new prefix is taken keeps the new mask, and no route",
      setup: [first, "em1 10.1.0.1/24", "route 10.0.0.0/16 10.1.0.2"],
      command: "em0 10.0.0.2/16", error: .EEXIST,
      routes: [
        "10.0.0.0/16 10.1.0.2 UGS em1", "10.1.0.0/24 link#em1 U em1", "10.1.0.1 link#em1 UHS lo0",
      ], em0: ["10.0.0.2/16 10.0.255.255"]),
    ControlCase(
      testDescription: "an address set again makes its routes again", setup: [first],
      command: first, routes: [net, own], em0: ["10.0.0.2/24 10.0.0.255"]),
    ControlCase(
      testDescription: "the network goes to another of its number, of whatever mask, up or not",
      setup: [first, "em1 10.0.0.9/16", "em1 down"], command: "em0 -10.0.0.2",
      routes: ["10.0.0.0/16 link#em1 U em1"], others: ["10.0.0.0/16 link#em1 U em1"]),
    ControlCase(
      testDescription: "a peer has a host route", setup: ["gif0 create"],
      command: "gif0 10.8.0.1/24 10.8.0.2", routes: gifRoutes),
    ControlCase(
      testDescription: "a point-to-point link needs a peer", setup: ["gif0 create"],
      command: "gif0 10.8.0.1/24", error: .EDESTADDRREQ, routes: []),
    ControlCase(
      testDescription: "two links cannot share the address here, but it is on both", setup: gif,
      command: "gif1 10.8.0.1/24 10.8.0.3", error: .EEXIST,
      routes: gifRoutes + ["10.8.0.3 link#gif1 UH gif1"], log: [inserted]),
    ControlCase(
      testDescription: "nor the address there: the search looks at addresses, not at peers",
      setup: gif, command: "gif1 10.9.0.1/24 10.8.0.2", error: .EEXIST, routes: gifRoutes),
    ControlCase(
      testDescription: "so the peer that is another link's address gets no route at all",
      setup: gif, command: "gif1 10.9.0.1/24 10.8.0.1",
      routes: gifRoutes + ["10.9.0.1 link#gif1 UHS lo0"]),
    ControlCase(
      testDescription: "another peer for the same address", setup: gif,
      command: "gif0 10.8.0.1/24 10.8.0.9",
      routes: ["10.8.0.1 link#gif0 UHS lo0", "10.8.0.9 link#gif0 UH gif0"],
      // With a mask and a peer the old routes are taken away twice.
      log: [deleted]),
    ControlCase(
      testDescription: "deleting an address of which the own route has gone says so",
      setup: [first, "em0 down"], command: "em0 -10.0.0.2", routes: [], em0: [], log: [deleted]),
    ControlCase(
      testDescription: "routes by hand over the address go with it, others over the card stay",
      setup: [
        first, "em0 10.5.0.1/24", "route 172.16.0.0/16 10.0.0.9", "route 172.17.0.0/16 10.5.0.9",
      ], command: "em0 -10.0.0.2",
      routes: [
        "10.5.0.0/24 link#em0 U em0", "10.5.0.1 link#em0 UHS lo0", "172.17.0.0/16 10.5.0.9 UGS em0",
      ]),
  ]) func surprises(_ test: ControlCase) throws { try test.check() }

  @Test func theFirstAddressJoinsAllHostsAndTheLastLeaves() throws {
    var lab = InterfaceLab(["lo0 127.0.0.1/8", "em0 10.0.0.2/24", "em0 10.0.0.3/24"])
    #expect(try lab.groups("em0") == ["224.0.0.1"])
    #expect(lab.run("em0 delete") == nil)
    #expect(try lab.groups("em0") == ["224.0.0.1"])
    #expect(lab.run("em0 delete") == nil)
    #expect(try lab.groups("em0") == [])
  }

  @Test func anAddressThatFailedJoinsNothing() throws {
    var lab = InterfaceLab(["lo0 127.0.0.1/8", "em0 10.0.0.2/24"])
    #expect(lab.run("em1 10.0.0.2/24") == .EEXIST)
    #expect(try lab.groups("em1") == [])
    // It is there, so that the next is not the first.
    #expect(lab.run("em1 10.1.0.1/24") == nil)
    #expect(try lab.groups("em1") == [])
  }

  @Test func theMaskAloneIsTheFirstAddressesAndNobodysWithoutOne() throws {
    var lab = InterfaceLab(["lo0 127.0.0.1/8", "em0 10.0.0.2/24", "em0 10.1.0.2/24"])
    for (name, addresses) in [
      ("em0", ["10.0.0.2/16 10.0.255.255", "10.1.0.2/24 10.1.0.255"]), ("em1", []),
    ] {
      let interface = try lab.index(name)
      try lab.kernel.addAddress(
        vnet: .zero, interface: interface,
        AddressRequest(nil, mask: IPv4Prefix.mask(length: 16)))
      let found = try lab.addresses(name)
      #expect(found == addresses)
    }
  }

  @Test func promiscuousModeIsToldAndKept() throws {
    var lab = InterfaceLab()
    for command in ["em0 promisc", "em0 promisc", "em0 -promisc"] { _ = lab.run(command) }
    let flags = try lab.kernel.interface(vnet: .zero, named: "em0").flags
    #expect(flags.isDisjoint(with: [.IFF_PROMISC, .IFF_PPROMISC]))
    #expect(
      lab.kernel.machine.messages == [
        "em0: permanently promiscuous mode enabled", "em0: permanently promiscuous mode disabled",
      ])
  }
}
