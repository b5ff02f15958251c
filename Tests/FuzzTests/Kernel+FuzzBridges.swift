// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// Bridges in two stacks, with pairs between them.
extension Kernel {
  private static let bridgeMembers = [
    "em1", "em2", "em0.5", "tap0", "gif0", "epair0a", "epair1a", "epair1b", "epair2b",
  ]
  private static let bridgeSysctls: [SysctlKey] = [
    .linkBridgeIpfw, .linkBridgeInheritMac, .linkBridgePfilLocalPhys, .linkBridgePfilMember,
    .linkBridgePfilBridge, .linkBridgeIpfwArp, .linkBridgePfilOnlyip,
  ]

  /// From em1 over a bridge to the second stack, over a bridge of that one and back to epair2a.
  mutating func addBridges(_ second: VnetIndex) throws {
    for pair in ["epair1", "epair2"] {
      try createInterface(vnet: .zero, named: pair)
      let end = try interface(vnet: .zero, named: pair + "b").index
      try moveInterface(InterfacePlace(.zero, end), to: second)
    }
    for (vnet, name) in [(VnetIndex.zero, "bridge0"), (second, "bridge1")] {
      try createInterface(vnet: vnet, named: name)
      raise(vnet, name)
    }
    for (vnet, bridge, members) in [
      (VnetIndex.zero, "bridge0", ["em1", "epair1a"]), (second, "bridge1", ["epair1b", "epair2b"]),
    ] {
      let index = try interface(vnet: vnet, named: bridge).index
      for member in members {
        try addBridgeMember(vnet: vnet, interface: index, member)
        raise(vnet, member)
      }
    }
    for (vnet, name, last) in [(VnetIndex.zero, "epair2a", UInt8(1)), (second, "bridge1", 2)] {
      try addAddress(
        vnet: vnet, interface: try interface(vnet: vnet, named: name).index,
        AddressRequest(IPv4Address(10, 12, 0, last), mask: IPv4Prefix.mask(length: 24)))
    }
  }

  /// A frame for all stations comes in at a member, so that with each seed something is bridged.
  mutating func receiveBroadcast(on name: String, _ recorder: inout Recorder) throws {
    let header: [UInt8] = [255, 255, 255, 255, 255, 255, 2, 0xaa, 0, 0, 0, 9, 0x99, 0x99]
    let frame = ReceivedFrame(
      header + [UInt8](repeating: 0, count: 46), on: try interface(vnet: .zero, named: name).index)
    receive(frame, tracer: &recorder)
  }

  /// Changes one of the bridges; what the kernel refuses is part of the test.
  mutating func changeBridges(_ random: inout RandomSource) {
    guard let second = vnetList.first(where: { $0 != .zero }) else { return }
    let (vnet, name) = random.pick([(VnetIndex.zero, "bridge0"), (second, "bridge1")])
    guard let bridge = self[vnet].interfaces.index(named: name) else {
      _ = try? createInterface(vnet: vnet, named: name)
      return raise(vnet, name)
    }
    let member = random.pick(Kernel.bridgeMembers)
    switch Int.random(in: 0..<14, using: &random) {
    case 0...2:
      let member = random.pick(["em1", "em2", "epair1a", "epair1b", "epair2b", member])
      try? addBridgeMember(vnet: vnet, interface: bridge, member)
      raise(vnet, member)
    case 3: try? deleteBridgeMember(vnet: vnet, interface: bridge, member)
    case 4:
      try? setBridgeSpan(
        vnet: vnet, interface: bridge, random.pick(["em2", "epair2a", member]),
        isOn: random.chance(60))
    case 5:
      let flags: [BridgeMemberFlags] = [
        [.IFBIF_LEARNING, .IFBIF_DISCOVER], .IFBIF_LEARNING, .IFBIF_DISCOVER, .IFBIF_STICKY, [],
        [.IFBIF_LEARNING, .IFBIF_DISCOVER, .IFBIF_STP],
      ]
      try? setBridgeFlags(vnet: vnet, interface: bridge, member, random.pick(flags))
    case 6:
      let settings: [BridgeSetting] = [
        .routeLimit(random.pick([0, 1, 100])), .timeout(random.pick([0, 1, 1200])),
        .priority(0), .helloTime(1), .version(random.pick([.stp, .rstp])),
      ]
      try? setBridge(vnet: vnet, interface: bridge, random.pick(settings))
    case 7:
      let limit = BridgeMemberSetting.addressLimit(random.pick([0, 1, 5]))
      try? setBridgeMember(vnet: vnet, interface: bridge, member, limit)
    case 8:
      let address = EthernetAddress(rawValue: 0x0200_0000_0000 | UInt64(random.byte() % 16))
      if random.chance(70) {
        try? addBridgeAddress(vnet: vnet, interface: bridge, member, address)
      } else {
        try? deleteBridgeAddress(vnet: vnet, interface: bridge, address)
      }
    case 9: try? flushBridge(vnet: vnet, interface: bridge, all: random.chance(50))
    case 10: machine.sysctl[random.pick(Kernel.bridgeSysctls)] = random.pick([0, 1])
    case 11:
      let isUp = random.chance(70)
      try? setFlags(
        vnet: vnet, interface: bridge, set: isUp ? .IFF_UP : [], clear: isUp ? [] : .IFF_UP)
    case 12 where random.chance(30): try? destroyInterface(vnet: vnet, interface: bridge)
    default: moveMember(member, second, random.chance(70))
    }
  }

  /// Moves an interface, member of a bridge or not, to the other stack, and mostly into its bridge.
  private mutating func moveMember(_ name: String, _ second: VnetIndex, _ isMember: Bool) {
    let isHere = self[.zero].interfaces.index(named: name) != nil
    let (from, to) = isHere ? (VnetIndex.zero, second) : (second, .zero)
    guard let index = self[from].interfaces.index(named: name) else { return }
    _ = try? moveInterface(InterfacePlace(from, index), to: to)
    let bridge = self[to].interfaces.index(named: to == .zero ? "bridge0" : "bridge1")
    if isMember, let bridge { try? addBridgeMember(vnet: to, interface: bridge, name) }
    raise(to, name)
  }

  private mutating func raise(_ vnet: VnetIndex, _ name: String) {
    guard let index = self[vnet].interfaces.index(named: name) else { return }
    try? setFlags(vnet: vnet, interface: index, set: .IFF_UP, clear: [])
  }
}
