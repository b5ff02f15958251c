// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// The router that scenarios send packets through: em0 inside, em1 and em2 outside.
struct Lab {
  static let input = InterfaceIndex(rawValue: 1)
  static let inputAddress = EthernetAddress(0x02, 0, 0, 0, 0, 0)

  var hasFirewall = true
  /// The rules before the one that allows everything.
  var rules: [FirewallRule] = []
  /// How many networks table 1 has, none of them the lab's.
  var tableSize = 0
  /// Whether there is an instance 1 of NAT, for the address of em1.
  var translates = false
  var pipes: [PipeSettings] = []
  var outputMTU = 1500
  /// Whether packets take `ip_fastforward`.
  var isFast = false
  /// Whether the packets' networks are behind another stack, which forwards by em3.
  var hasSecondStack = false
  /// Whether em0 and em1 are in a bridge, which knows that `Frames.station` is behind em1.
  var hasBridge = false

  /// A machine that is ready for frames.
  func boot() -> Kernel {
    do throws(Errno) {
      var kernel = Kernel(.demo)
      try configure(&kernel)
      return kernel
    } catch {
      preconditionFailure("the lab is set up with calls that work: \(error.message)")
    }
  }

  private func configure(_ kernel: inout Kernel) throws(Errno) {
    let vnet = VnetIndex.zero
    let outer = [InterfaceIndex(rawValue: 2), InterfaceIndex(rawValue: 3)]
    try kernel.addAddress(
      vnet: vnet, interface: Lab.input,
      AddressRequest(IPv4Address(10, 0, 0, 1), mask: IPv4Prefix.mask(length: 24)))
    for (number, interface) in outer.enumerated() {
      let network = UInt8(number + 1)
      try kernel.addAddress(
        vnet: vnet, interface: interface,
        AddressRequest(IPv4Address(10, 0, network, 1), mask: IPv4Prefix.mask(length: 24)))
      try kernel.setMTU(vnet: vnet, interface: interface, outputMTU)
      try kernel.arpSet(
        vnet: vnet, interface: interface, address: IPv4Address(10, 0, network, 254),
        hardwareAddress: EthernetAddress(0x02, 0xbb, 0, 0, network, 0xfe))
    }
    try kernel.arpSet(
      vnet: vnet, interface: Lab.input, address: IPv4Address(10, 0, 0, 2),
      hardwareAddress: Frames.sender)
    for fib in [FibNumber.zero, FibNumber(rawValue: 1)] {
      let gateway = IPv4Address(10, 0, 1 + fib.rawValue, 254)
      for network in 0..<16 {
        var message = RouteMessage(
          destination: IPv4Address(192, 168, UInt8(network), 0),
          mask: IPv4Prefix.mask(length: 24), gateway: .address(gateway))
        message.flags = [.RTF_GATEWAY, .RTF_STATIC]
        try kernel.routeAdd(vnet: vnet, fib: fib, message)
      }
    }
    try kernel.setSysctl(.ipForwarding, to: 1, vnet: vnet)
    try kernel.setSysctl(.ipFastforwarding, to: isFast ? 1 : 0, vnet: vnet)
    // Every answer counts, not the limit of answers.
    try kernel.setSysctl(.icmpIcmplim, to: 0, vnet: vnet)
    try kernel.setSysctl(.ipFwEnable, to: hasFirewall ? 1 : 0, vnet: vnet)
    if translates {
      var configuration = NatConfiguration(number: 1)
      configuration.address = IPv4Address(10, 0, 1, 1)
      try kernel.natConfigure(vnet: vnet, configuration)
    }
    for pipe in pipes { try kernel.dummynetConfigure(pipe) }
    for number in 0..<UInt32(tableSize) {
      let network = IPv4Address(rawValue: 0x1400_0000 &+ number &* 256)
      try kernel.firewallTableAdd(
        vnet: vnet, 1, FirewallTables.Entry(network, length: 24, value: number))
    }
    for rule in rules { _ = try kernel.firewallAdd(vnet: vnet, rule: rule) }
    if hasSecondStack { try addStack(&kernel) }
    if hasBridge { try addBridge(&kernel) }
  }

  private func addBridge(_ kernel: inout Kernel) throws(Errno) {
    let vnet = VnetIndex.zero
    try kernel.createInterface(vnet: vnet, named: "bridge0")
    let bridge = try kernel.interface(vnet: vnet, named: "bridge0")
    for member in ["em0", "em1"] {
      try kernel.addBridgeMember(vnet: vnet, interface: bridge.index, member)
    }
    try kernel.addBridgeAddress(vnet: vnet, interface: bridge.index, "em1", Frames.station)
    try kernel.setFlags(vnet: vnet, interface: bridge.index, set: .IFF_UP)
  }

  /// A second router behind an epair, 10.9.0.1 and 10.9.0.2, with em3 and a neighbour there.
  private func addStack(_ kernel: inout Kernel) throws(Errno) {
    let (first, second) = (VnetIndex.zero, kernel.createVnet())
    try kernel.createInterface(vnet: first, named: "epair0")
    let a = try kernel.interface(vnet: first, named: "epair0a").index
    let b = try kernel.interface(vnet: first, named: "epair0b").index
    let card = try kernel.interface(vnet: first, named: "em3").index
    let inner = try kernel.moveInterface(InterfacePlace(first, b), to: second)
    let outer = try kernel.moveInterface(InterfacePlace(first, card), to: second)
    let mask = IPv4Prefix.mask(length: 24)
    try kernel.addAddress(
      vnet: first, interface: a, AddressRequest(IPv4Address(10, 9, 0, 1), mask: mask))
    try kernel.addAddress(
      vnet: second, interface: inner, AddressRequest(IPv4Address(10, 9, 0, 2), mask: mask))
    try kernel.addAddress(
      vnet: second, interface: outer, AddressRequest(IPv4Address(10, 0, 3, 1), mask: mask))
    try kernel.arpSet(
      vnet: first, interface: a, address: IPv4Address(10, 9, 0, 2),
      hardwareAddress: kernel[second].interfaces[inner].hardwareAddress)
    try kernel.arpSet(
      vnet: second, interface: outer, address: IPv4Address(10, 0, 3, 254),
      hardwareAddress: EthernetAddress(0x02, 0xbb, 0, 0, 3, 0xfe))
    try kernel.setSysctl(.ipForwarding, to: 1, vnet: second)
    for (vnet, gateway) in [
      (first, IPv4Address(10, 9, 0, 2)), (second, IPv4Address(10, 0, 3, 254)),
    ] {
      var message = RouteMessage(
        destination: IPv4Address(192, 168, 1, 0), mask: mask, gateway: .address(gateway))
      message.flags = [.RTF_GATEWAY, .RTF_STATIC]
      // The first stack has the network by em1 already.
      if vnet == first { try kernel.routeDelete(vnet: vnet, fib: .zero, message) }
      try kernel.routeAdd(vnet: vnet, fib: .zero, message)
    }
  }
}

extension FirewallRule {
  static let allow = FirewallRule(.allow)
  static let deny = FirewallRule(.deny)
  static let count = FirewallRule(.count)
  static let checkState = FirewallRule(.checkState)

  static let keepState: FirewallRule = {
    var rule = FirewallRule(.allow)
    rule.instructions = [Instruction(.probeState), Instruction(.keepState)]
    return rule
  }()

  /// Translates what leaves.
  static let nat: FirewallRule = {
    var rule = FirewallRule(.nat(1))
    rule.instructions = [Instruction(.inbound, isNegated: true)]
    return rule
  }()

  /// A rule that counts what has an end in table 1.
  static func inTable(_ end: PacketEnd) -> FirewallRule {
    var rule = FirewallRule.count
    rule.instructions = [Instruction(.table(end, 1, value: nil))]
    return rule
  }

  static func setfib(_ fib: UInt16) -> FirewallRule { FirewallRule(.setfib(fib)) }

  static func skipto(_ number: UInt16) -> FirewallRule { FirewallRule(.skipto(number)) }

  private static let em2 = name("em2")
  private static let em7to9 = name("em[7-9]")

  private static func name(_ text: String) -> InterfaceName {
    guard let name = InterfaceName(text) else { preconditionFailure("no name: \(text)") }
    return name
  }

  /// So many rules of several kinds that no packet of the lab meets.
  static func manyMisses(_ count: Int) -> [FirewallRule] {
    let words = [NumberRange(40_000, 40_010).word, 0x0a63_0000, 0xffff_0000]
    let misses: [[Match]] = [
      [.proto(6), .ports(.destination, WordRange(start: 0, count: 1))],
      [.proto(17), .address(.source, IPv4Address(1, 2, 3, 4))],
      [.networks(.source, WordRange(start: 1, count: 2))],
      [.proto(17), .ports(.destination, WordRange(start: 0, count: 1))],
      [.interface(.recv, .name(FirewallRule.em2))],
    ]
    return rules(count, misses, words)
  }

  /// So many of kinds that take more than a comparison.
  static func costlyMisses(_ count: Int) -> [FirewallRule] {
    let words: [UInt32] = [0x0a63_0000, 0xffff_0000, 0x0100_0000, 0xffff_0000]
    let misses: [[Match]] = [
      [.me(.destination)], [.table(.source, 1, value: nil)], [.established],
      [.interface(.recv, .pattern(em2))], [.networks(.destination, WordRange(start: 0, count: 4))],
      [.icmpTypes(1)], [.tagged(5)],
    ]
    return rules(count, misses, words)
  }

  /// So many with lists, whose ends lie on both sides of what the packet has.
  static func listMisses(_ count: Int) -> [FirewallRule] {
    let words = [
      NumberRange(22, 22).word, NumberRange(80, 80).word,
      0x0a63_0000, 0xffff_0000, 0xdd00_0000, 0xffff_0000, 0b110,
    ]
    let misses: [[Match]] = [
      [.ports(.destination, WordRange(start: 0, count: 2))],
      [.networks(.destination, WordRange(start: 2, count: 4))],
      [
        .hosts(
          .destination, base: IPv4Address(192, 168, 1, 64), length: 27,
          WordRange(start: 6, count: 1))
      ],
      [.interface(.recv, .pattern(FirewallRule.em7to9))],
    ]
    return rules(count, misses, words)
  }

  private static func rules(_ count: Int, _ misses: [[Match]], _ words: [UInt32]) -> [FirewallRule]
  {
    (0..<count).map { index in
      var rule = FirewallRule(.count)
      rule.number = UInt16(1 + index)
      rule.instructions = misses[index % misses.count].map { Instruction($0) }
      rule.words = words
      return rule
    }
  }

  /// A rule whose address no packet of the lab has.
  static let neverMatches: FirewallRule = {
    var rule = FirewallRule(.deny)
    rule.number = 1000
    rule.instructions = [Instruction(.address(.source, IPv4Address(1, 2, 3, 4)))]
    return rule
  }()
}

extension PipeSettings {
  /// A packet of 46 bytes a millisecond, and two on the way.
  static let slow: PipeSettings = {
    var settings = PipeSettings()
    settings.number = 1
    settings.bandwidth = 368_000
    settings.delay = 2
    return settings
  }()

  /// Queue 1 of pipe 1, which tells flows apart by all they have.
  static let queue: PipeSettings = {
    var settings = PipeSettings()
    settings.flowSet.number = 1
    settings.flowSet.parent = 1
    settings.flowSet.flags = .DN_HAVE_FLOW_MASK
    settings.flowSet.mask.source = .max
    settings.flowSet.mask.destinationPort = .max
    return settings
  }()
}
