// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// The router that scenarios send packets through: em0 inside, em1 and em2 outside.
struct Lab {
  static let input = InterfaceIndex(rawValue: 1)
  static let inputAddress = EthernetAddress(0x02, 0, 0, 0, 0, 0)

  /// How many networks behind em1 have a route; they have one by em2 in the second table.
  var networks = 16
  var hasFirewall = true
  /// Whether plain packets may take the express lane.
  var hasExpressLane = true
  /// The rules before the one that allows everything.
  var rules: [FirewallRule] = []
  /// How many networks table 1 has, none of them the lab's.
  var tableSize = 0
  /// How many dynamic rules there may be; nil for what is usual.
  var states: Int?
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
  /// Whether em1 and em2 have as many neighbours as routing tables have next hops.
  var hasManyHops = false

  /// Whether a gateway has the packets that no network has.
  var hasDefaultRoute = false

  /// A next hop of a routing table: the even ones behind em1, the odd ones behind em2.
  static func gateway(_ hop: UInt8) -> IPv4Address {
    IPv4Address(10, 0, 1 + (hop & 1), 2 + hop / 2)
  }

  /// A network of table 1.
  static func tableNetwork(_ number: UInt32) -> UInt32 { 0x1400_0000 &+ number &* 256 }

  /// A machine that is ready for frames.
  func boot() -> Kernel {
    do throws(Errno) {
      var kernel = Kernel(.demo)
      kernel.usesExpressLane = hasExpressLane
      try configure(&kernel)
      return kernel
    } catch {
      fail("the lab is set up with calls that work: \(error.message)")
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
    if hasManyHops {
      for hop in 0..<UInt8(RouteTable.hops) {
        try kernel.arpSet(
          vnet: vnet, interface: outer[Int(hop & 1)], address: Lab.gateway(hop),
          hardwareAddress: EthernetAddress(0x02, 0xcc, 0, 0, 0, hop))
      }
    }
    for fib in [FibNumber.zero, FibNumber(rawValue: 1)] {
      let gateway = IPv4Address(10, 0, 1 + fib.rawValue, 254)
      var wanted = (0..<networks).map { network in
        RouteMessage(
          destination: IPv4Address(192, 168, UInt8(network), 0),
          mask: IPv4Prefix.mask(length: 24), gateway: .address(gateway))
      }
      if hasDefaultRoute {
        wanted.append(
          RouteMessage(
            destination: .any, mask: IPv4Prefix.mask(length: 0), gateway: .address(gateway)))
      }
      for var message in wanted {
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
      let network = IPv4Address(rawValue: Lab.tableNetwork(number))
      try kernel.firewallTableAdd(
        vnet: vnet, 1, FirewallTables.Entry(network, length: 24, value: number))
    }
    if let states {
      try kernel.setSysctl(.ipFwDynMax, to: Int64(2 * states + 1), vnet: vnet)
      try kernel.setSysctl(.ipFwDynBuckets, to: 65_536, vnet: vnet)
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
