// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

@Suite("Interfaces down and up") struct InterfaceDownUpTests {
  private static let net = "10.0.0.0/24 link#em0 U em0"
  private static let own = "10.0.0.2 link#em0 UHS lo0"
  private static let inserted = "ifa_add_loopback_route: insertion failed"

  @Test(arguments: [
    ControlCase(
      testDescription: "down takes the network and the own route",
      setup: ["em0 10.0.0.2/24"], command: "em0 down", routes: [], others: [],
      em0: ["10.0.0.2/24 10.0.0.255"]),
    ControlCase(
      testDescription: "static gateway routes stay",
      setup: [
        "em0 10.0.0.2/24", "route 192.168.1.0/24 10.0.0.1",
      ], command: "em0 down", routes: ["192.168.1.0/24 10.0.0.1 UGS em0"]),
    ControlCase(
      testDescription: "up brings both back in all tables",
      setup: ["em0 10.0.0.2/24", "em0 down"], command: "em0 up", routes: [net, own],
      others: [net]),
    ControlCase(
      testDescription: "with two addresses of a network it goes there and back, and stays",
      setup: ["em0 10.0.0.2/24", "em0 10.0.0.3/24"], command: "em0 down", routes: [net]),
    ControlCase(
      testDescription: "and at up the holder's own route is missing",
      setup: ["em0 10.0.0.2/24", "em0 10.0.0.3/24", "em0 down"], command: "em0 up",
      routes: [net, "10.0.0.3 link#em0 UHS lo0"]),
    ControlCase(
      testDescription: "up says so where the own route is still there",
      setup: ["em0 10.0.0.2/24", "em1 10.0.0.9/24", "em1 down"], command: "em1 up",
      routes: [net, own, "10.0.0.9 link#em1 UHS lo0"], log: [inserted]),
    ControlCase(
      testDescription: "useloopback is not asked at up",
      setup: ["sysctl useloopback 0", "em0 10.0.0.2/24", "lo0 down"], command: "lo0 up",
      routes: [net], log: [inserted]),
    ControlCase(
      testDescription: "destroy takes everything, static routes too",
      setup: ["em0 10.0.0.2/24", "route 192.168.1.0/24 10.0.0.1"], command: "em0 destroy",
      routes: [], others: [], log: ["ifa_del_loopback_route: deletion failed"]),
  ]) func movesRoutes(_ test: ControlCase) throws { try test.check() }

  @Test func downTakesTheArpEntriesAndUpDoesNotBringTheOwnOne() {
    var lab = InterfaceLab.base
    #expect(lab.run("arp 10.0.1.2 02:bb:00:00:01:02") == nil)
    #expect(lab.run("em1 down") == nil)
    #expect(lab.run("em1 up") == nil)
    let entries = lab.arpLines.filter { $0.hasPrefix("em1") }
    #expect(entries.isEmpty)
    _ = lab.send(to: "10.0.1.2")
    let frames = lab.frames.filter { $0.hasPrefix("em1") }
    #expect(frames == ["em1 who-has 10.0.1.2 tell 10.0.1.1"])
  }

  @Test func aDownCardsStaticRouteSaysNetworkIsDown() {
    var lab = InterfaceLab.base
    #expect(lab.run("route 192.168.1.0/24 10.0.1.254") == nil)
    #expect(lab.run("em1 down") == nil)
    let errors = [lab.send(to: "192.168.1.1"), lab.send(to: "10.0.1.2")]
    #expect(errors == [.ENETDOWN, .EHOSTUNREACH])
  }
}

@Suite("Interfaces") struct InterfaceLifecycleTests {
  @Test func bootsWithCardsAndLoopback() throws {
    let kernel = Kernel()
    let lines = kernel.interfaces(vnet: .zero).map { info in
      "\(info.index.rawValue) \(info.name) \(String(info.flags.rawValue, radix: 16)) "
        + "\(info.interface.mtu) \(String(info.interface.enabledCapabilities.rawValue, radix: 16)) "
        + "\(info.hardwareAddress.map { "\($0)" } ?? "-") \(info.addresses.map(\.address))"
    }
    #expect(
      lines == [
        "1 em0 8802 1500 9b 02:00:00:00:00:00 []", "2 em1 8802 1500 9b 02:00:00:00:00:01 []",
        "3 em2 8802 1500 9b 02:00:00:00:00:02 []", "4 em3 8802 1500 9b 02:00:00:00:00:03 []",
        "5 lo0 8049 16384 3 - [127.0.0.1]",
      ])
    #expect(kernel.machine.messages.isEmpty)
  }

  /// What is made after lo0, em0, em1 and em2.
  @Test(
    arguments: [
      ("em", nil, "em3"), ("em7", nil, "em7"), ("lo", nil, "lo1"), ("em0", .EEXIST, ""),
      ("gif0", nil, "gif0"), ("bridge0", nil, "bridge0"), ("em01", .EINVAL, ""),
      ("emx", .EINVAL, ""),
      ("", .EINVAL, ""),
      ("em99999999999999999999", .EINVAL, ""), ("em40000", .ENOSPC, ""), ("em0a", .EINVAL, ""),
    ] as [(String, Errno?, String)])
  func creates(_ name: String, _ error: Errno?, _ made: String) {
    var lab = InterfaceLab()
    do throws(Errno) {
      let name = try lab.kernel.createInterface(vnet: .zero, named: name)
      #expect("\(name)" == made && error == nil)
    } catch let thrown {
      #expect(thrown == error)
    }
  }

  @Test func numbersAreUsedAgain() throws {
    var lab = InterfaceLab()
    let before = try lab.index("em1")
    #expect(lab.run("em1 destroy") == nil)
    #expect(lab.run("em1 down") == .ENXIO)
    #expect(lab.run("em9 create") == nil)
    let (after, loopback) = (try lab.index("em9"), lab.run("lo0 destroy"))
    #expect(after == before)
    #expect(loopback == .EINVAL)
  }

  @Test(
    arguments: [
      ("em0 mtu 71", .EINVAL), ("em0 mtu 72", nil), ("em0 mtu 9216", nil),
      ("em0 mtu 9217", .EINVAL), ("lo0 mtu 65535", nil), ("lo0 mtu 65536", .EINVAL),
      ("em0 mtu -1", .EINVAL), ("em0 name em1", .EEXIST),
      ("em0 name a123456789012345", .ENAMETOOLONG),
      ("em0 name wan", nil), ("em9 up", .ENXIO),
    ] as [(String, Errno?)]) func checksSettings(_ command: String, _ error: Errno?)
  {
    var lab = InterfaceLab()
    #expect(lab.run(command) == error)
  }

  @Test func renamingIsLogged() throws {
    var lab = InterfaceLab()
    #expect(lab.run("em0 name wan") == nil)
    #expect(lab.kernel.machine.messages == ["em0: changing name to 'wan'"])
    let index = try lab.index("wan")
    #expect(index == InterfaceIndex(rawValue: 2))
  }

  @Test func theCardRunsWithItsFlag() throws {
    var lab = InterfaceLab()
    var words: [String] = []
    for command in ["em0 up", "em0 down", "lo0 up", "lo0 127.0.0.1/8", "lo0 down"] {
      #expect(lab.run(command) == nil)
      let name = String(command.prefix(3))
      words.append(
        String(try lab.kernel.interface(vnet: .zero, named: name).flags.rawValue, radix: 16))
    }
    #expect(words == ["8843", "8802", "8009", "8049", "8048"])
  }

  @Test func flagsThatBelongToTheDriverStay() throws {
    var lab = InterfaceLab()
    let interface = try lab.index("em0")
    try lab.kernel.setFlags(
      vnet: .zero, interface: interface, set: [.IFF_PPROMISC, .IFF_POINTOPOINT],
      clear: [.IFF_BROADCAST, .IFF_MULTICAST])
    try lab.kernel.setFlags(vnet: .zero, interface: interface, clear: .IFF_PPROMISC)
    let (flags, messages) = (
      try lab.kernel.interface(vnet: .zero, named: "em0").flags, lab.kernel.machine.messages
    )
    #expect(flags == [.IFF_BROADCAST, .IFF_SIMPLEX, .IFF_MULTICAST])
    #expect(
      messages == [
        "em0: permanently promiscuous mode enabled", "em0: permanently promiscuous mode disabled",
      ])
  }

  @Test func linkChangesAreLoggedOnce() throws {
    var lab = InterfaceLab.base
    let interface = try lab.index("em0")
    let routes = try lab.routes()
    for state in [LinkState.down, .down, .up] {
      try lab.kernel.setLinkState(vnet: .zero, interface: interface, state)
    }
    let after = try lab.routes()
    #expect(
      lab.kernel.machine.messages
        == ["em0: link state changed to DOWN", "em0: link state changed to UP"])
    #expect(after == routes)
  }

  @Test func anotherHardwareAddressIsAnnounced() throws {
    var lab = InterfaceLab(["em0 10.0.0.1/24", "em0 10.0.0.2/24"])
    #expect(lab.run("em0 ether 02:00:00:00:00:99") == nil)
    #expect(lab.run("lo0 ether 02:00:00:00:00:99") == .EINVAL)
    #expect(lab.run("em0 ether 02:00") == .EINVAL)
    let (frames, entries) = (lab.frames, lab.arpLines)
    #expect(
      frames == ["em0 who-has 10.0.0.1 tell 10.0.0.1", "em0 who-has 10.0.0.2 tell 10.0.0.2"])
    #expect(entries.contains("em0 10.0.0.1 02:00:00:00:00:00 e"))
  }

  @Test func aStoppedDriverKeepsItsQueue() throws {
    var lab = InterfaceLab.base
    #expect(lab.run("arp 10.0.0.2 02:aa:00:00:00:01") == nil)
    let interface = try lab.index("em0")
    try lab.kernel.setQueueLimit(vnet: .zero, interface: interface, 8)
    try lab.kernel.setStalled(vnet: .zero, interface: interface, true)
    for id in 1...2 { _ = lab.send(to: "10.0.0.2", id: UInt16(id)) }
    let waiting = lab.frames
    try lab.kernel.setStalled(
      vnet: .zero, interface: interface, false, tracer: &lab.recorder)
    let sent = lab.frames
    #expect(waiting.isEmpty)
    #expect(sent == ["em0 ip 1 to 02:aa:00:00:00:01", "em0 ip 2 to 02:aa:00:00:00:01"])
    try lab.kernel.setStalled(vnet: .zero, interface: interface, true)
    _ = lab.send(to: "10.0.0.2", id: 3)
    lab.forget()
    #expect(lab.run("em0 down") == nil)
    let (ends, tally) = (lab.ends, lab.kernel.machine.tally)
    #expect(ends == ["DROPPED if.down"])
    #expect(tally.held == 0)
    #expect(tally.entered == tally.ended)
    #expect(lab.kernel.machine.store.buffersInUse == 0)
  }

  @Test func descriptionsComeAndGo() throws {
    var lab = InterfaceLab()
    let interface = try lab.index("em0")
    try lab.kernel.setDescription(vnet: .zero, interface: interface, "uplink")
    let set = try lab.kernel.interface(vnet: .zero, named: "em0").description
    try lab.kernel.setDescription(vnet: .zero, interface: interface, "")
    let removed = try lab.kernel.interface(vnet: .zero, named: "em0").description
    #expect(set == "uplink")
    #expect(removed == nil)
  }
}
