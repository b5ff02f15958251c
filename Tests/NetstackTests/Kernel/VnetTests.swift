// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

@Suite("Network stacks") struct VnetTests {
  @Test("A new stack has lo0, which is down, and the values of the kernel's making")
  func newStack() throws {
    var kernel = Kernel()
    try kernel.setSysctl(.ipForwarding, to: 1, vnet: .zero)
    let vnet = kernel.createVnet()
    #expect(vnet.rawValue == 1)
    #expect(kernel.sysctl(.ipForwarding, vnet: vnet, fib: .zero) == .number(0))
    let interfaces = kernel.interfaces(vnet: vnet)
    #expect(interfaces.map { "\($0.name)" } == ["lo0"])
    #expect(interfaces.first?.index.rawValue == 1)
    #expect(interfaces.first?.flags == [.IFF_LOOPBACK, .IFF_MULTICAST])
    #expect(interfaces.first?.addresses.isEmpty == true)
    #expect(interfaces.first?.groups == ["all", "lo"])
    let routes = try kernel.routes(vnet: vnet, fib: .zero)
    #expect(routes.isEmpty)
    let rules = try kernel.firewallRules(vnet: vnet)
    #expect(rules.count == 1)
  }

  @Test("Numbers of stacks that are gone are used again, the lowest first")
  func numbers() {
    var kernel = Kernel()
    let made = (0..<4).map { _ in kernel.createVnet().rawValue }
    #expect(made == [1, 2, 3, 4])
    for number in [2, 1] as [UInt16] { kernel.destroyVnet(VnetIndex(rawValue: number)) }
    #expect(kernel.vnetList.map(\.rawValue) == [4, 3, 0])
    #expect(kernel.createVnet().rawValue == 1)
    #expect(kernel.vnetList.map(\.rawValue) == [1, 4, 3, 0])
    for number in [4, 3, 1] as [UInt16] { kernel.destroyVnet(VnetIndex(rawValue: number)) }
    #expect(kernel.vnetList == [.zero])
    kernel.destroyVnet(.zero)
    let isThere = kernel.has(.zero)
    #expect(isThere)
  }

  @Test("What an interface keeps on its way to another stack, and what it loses")
  func moves() throws {
    var kernel = Kernel()
    let card = try kernel.interface(vnet: .zero, named: "em1").index
    let request = AddressRequest(IPv4Address(10, 0, 1, 1), mask: IPv4Prefix.mask(length: 24))
    try kernel.addAddress(vnet: .zero, interface: card, request)
    try kernel.addToGroup(vnet: .zero, interface: card, "lan")
    try kernel.setMTU(vnet: .zero, interface: card, 1400)
    try kernel.setDescription(vnet: .zero, interface: card, "to the lab")
    let before = try kernel.routes(vnet: .zero, fib: .zero).count
    let vnet = kernel.createVnet()
    let there = try kernel.moveInterface(InterfacePlace(.zero, card), to: vnet)
    #expect(there.rawValue == 2)
    let info = try kernel.interface(vnet: vnet, named: "em1")
    #expect(info.interface.mtu == 1400)
    #expect(info.hardwareAddress == EthernetAddress(rawValue: 0x0200_0000_0001))
    #expect(info.description == "to the lab")
    #expect(info.groups == ["all"])
    #expect(info.addresses.isEmpty)
    #expect(!info.flags.contains(.IFF_UP))
    let after = try kernel.routes(vnet: .zero, fib: .zero).count
    #expect(after < before)
    #expect(throws: Errno.ENXIO) { try kernel.interface(vnet: .zero, named: "em1") }
    #expect(throws: Errno.EEXIST) {
      try kernel.moveInterface(InterfacePlace(vnet, there), to: vnet)
    }
    kernel.destroyVnet(vnet)
    let home = try kernel.interface(vnet: .zero, named: "em1")
    #expect(home.interface.mtu == 1400)
    #expect(home.index == card)
  }

  @Test("A name that is taken in the target stays where it is")
  func nameIsTaken() throws {
    var kernel = Kernel()
    let vnet = kernel.createVnet()
    try kernel.createInterface(vnet: .zero, named: "tap0")
    try kernel.createInterface(vnet: vnet, named: "tap1")
    let taken = try kernel.interface(vnet: vnet, named: "tap1").index
    try kernel.rename(vnet: vnet, interface: taken, to: "tap0")
    let own = try kernel.interface(vnet: .zero, named: "tap0").index
    #expect(throws: Errno.EEXIST) {
      try kernel.moveInterface(InterfacePlace(.zero, own), to: vnet)
    }
    #expect(throws: Errno.ENXIO) {
      try kernel.moveInterface(InterfacePlace(.zero, InterfaceIndex(rawValue: 99)), to: vnet)
    }
    #expect(throws: Errno.ENXIO) {
      try kernel.moveInterface(InterfacePlace(.zero, own), to: VnetIndex(rawValue: 9))
    }
  }

  @Test("A jail may have any number of jails as its limit, also where it has some")
  func limitsOfJailsWrap() throws {
    var kernel = Kernel()
    var settings = PrisonSettings()
    (settings.flags, settings.changedFlags) = (.PR_PERSIST, .PR_PERSIST)
    settings.name = "a"
    let outer = try kernel.setPrison(settings, .create, by: .host)
    settings.name = "a.b"
    _ = try kernel.setPrison(settings, .create, by: .host)
    var change = PrisonSettings()
    (change.id, change.childMax) = (outer.rawValue, .min)
    _ = try kernel.setPrison(change, .update, by: .host)
    #expect(kernel.prison(outer, seenBy: .host)?.childMax == .min)
  }
}
