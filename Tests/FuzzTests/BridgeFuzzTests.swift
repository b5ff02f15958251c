// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

/// Bridges whose members, filters and trees change while frames and messages of other bridges come in.
@Suite("Random bridges") struct BridgeFuzzTests {
  private static let members = ["em0", "em1", "em2", "em0.5", "epair0a", "epair0b", "gif0"]

  /// Two bridges joined by a pair, each with a card.
  private func lab(seed: UInt64) throws -> Kernel {
    var kernel = try Kernel.fuzzLab(seed: seed)
    for name in ["em0.5", "epair0", "gif0", "bridge0", "bridge1"] {
      try kernel.createInterface(vnet: .zero, named: name)
    }
    for (bridge, names) in [("bridge0", ["em0", "epair0a"]), ("bridge1", ["em1", "epair0b"])] {
      let index = try kernel.interface(vnet: .zero, named: bridge).index
      for name in names { try kernel.addBridgeMember(vnet: .zero, interface: index, name) }
    }
    for name in ["bridge0", "bridge1", "epair0a", "epair0b"] {
      let index = try kernel.interface(vnet: .zero, named: name).index
      try kernel.setFlags(vnet: .zero, interface: index, set: .IFF_UP)
    }
    return kernel
  }

  @Test(arguments: FuzzSize.frameSeeds) func everyPacketEndsOnce(seed: UInt64) throws {
    var kernel = try lab(seed: seed)
    var happenings = HappeningMaker(seed: seed &+ 6_000_000, kernel)
    var random = RandomSource(seed: seed &+ 6_500_000)
    var recorder = Recorder()
    var ledger = PacketLedger()
    var decisions = 0
    try kernel.receiveBroadcast(on: "em0", &recorder)
    for number in 0..<FuzzSize.framesPerSeed {
      let place = "seed \(seed), happening \(number)"
      if random.chance(20) { change(&kernel, &random) }
      switch happenings.next() {
      case .frame(let frame):
        var aimed = frame
        aimed.bytes = aim(frame.bytes, &random)
        kernel.receive(aimed, tracer: &recorder)
      case let other: kernel.perform(other, &recorder)
      }
      let tally = kernel.machine.tally
      #expect(tally.ended == tally.entered, "\(place): \(tally)")
      // Without filters nobody looks at what passes.
      let faults = ledger.faults(in: recorder).filter { !$0.contains("header checksum") }
      #expect(faults == [], "\(place)")
      decisions += recorder.entries.count { if case .bridge = $0.event { true } else { false } }
      recorder.removeAll()
      let most = Int(tally.held) + kernel.heldByARP + kernel.heldBySockets
      #expect(kernel.machine.store.buffersInUse <= most, "\(place)")
    }
    #expect(decisions > 0, "seed \(seed): something went over them")
  }

  /// A frame for some other station, for all, with a tag or in SNAP, or a message of another bridge.
  private func aim(_ frame: [UInt8], _ random: inout RandomSource) -> [UInt8] {
    guard frame.count >= EthernetHeader.size else { return frame }
    if random.chance(15) { return message(&random) }
    var frame = frame
    let station: [UInt8] = [2, 0xcc, 0, 0, 0, random.byte() & 3]
    switch Int.random(in: 0..<5, using: &random) {
    case 0: frame.replaceSubrange(0..<6, with: station)
    case 1: frame.replaceSubrange(0..<6, with: [UInt8](repeating: 255, count: 6))
    case 2: frame.replaceSubrange(0..<6, with: [1, 0x80, 0xc2, 0, 0, random.byte() & 31])
    default: break
    }
    if random.chance(50) { frame.replaceSubrange(6..<12, with: station) }
    if random.chance(10) { frame.insert(contentsOf: [0x81, 0, 0, random.byte() & 7], at: 12) }
    if random.chance(10) { frame.insert(contentsOf: [0, 60, 0xaa, 0xaa, 3, 0, 0, 0], at: 12) }
    return frame
  }

  /// A message of the spanning tree, of any version, type and length, more or less damaged.
  private func message(_ random: inout RandomSource) -> [UInt8] {
    let length: UInt8 = random.pick([38, 39, 7, 0, 255])
    var bytes: [UInt8] = [1, 0x80, 0xc2, 0, 0, 0, 2, 0xdd, 0, 0, 0, 1, 0, length]
    bytes += [
      0x42, 0x42, 3, 0, 0, random.pick([0, 2, 3, 1]), random.pick([0, 2, 0x80]), random.byte(),
    ]
    while bytes.count < 60 { bytes.append(random.chance(60) ? 0 : random.byte()) }
    if random.chance(20) { bytes.removeLast(Int.random(in: 0...46, using: &random)) }
    return bytes
  }

  private func change(_ kernel: inout Kernel, _ random: inout RandomSource) {
    let name = random.pick(["bridge0", "bridge1"])
    guard let bridge = kernel[.zero].interfaces.index(named: name) else {
      _ = try? kernel.createInterface(vnet: .zero, named: name)
      return
    }
    let member = random.pick(Self.members)
    switch Int.random(in: 0..<12, using: &random) {
    case 0...2: try? kernel.addBridgeMember(vnet: .zero, interface: bridge, member)
    case 3: try? kernel.deleteBridgeMember(vnet: .zero, interface: bridge, member)
    case 4:
      try? kernel.setBridgeSpan(vnet: .zero, interface: bridge, member, isOn: random.chance(50))
    case 5, 6:
      let flags = BridgeMemberFlags(rawValue: UInt32(truncatingIfNeeded: random.next()) & 0xff7)
      try? kernel.setBridgeFlags(vnet: .zero, interface: bridge, member, flags)
    case 7: changeTree(bridge, member, &kernel, &random)
    case 8:
      let key: SysctlKey = random.pick([
        .linkBridgeIpfw, .linkBridgePfilMember, .linkBridgePfilBridge, .linkBridgePfilOnlyip,
        .linkBridgePfilLocalPhys, .linkBridgeIpfwArp, .linkBridgeInheritMac, .linkBridgeLogStp,
      ])
      kernel.machine.sysctl[key] = random.chance(50) ? 1 : 0
    case 9: kernel.machine.store.failures = random.pick([0, 1, 2])
    case 10:
      let isUp = random.chance(80)
      try? kernel.setFlags(
        vnet: .zero, interface: bridge, set: isUp ? .IFF_UP : [], clear: isUp ? [] : .IFF_UP)
    default:
      let gone = random.pick([name, name, "epair0a", "em0.5"])
      if random.chance(30), let index = kernel[.zero].interfaces.index(named: gone) {
        try? kernel.destroyInterface(vnet: .zero, interface: index)
      } else {
        _ = try? kernel.createInterface(vnet: .zero, named: random.pick(["epair0", "em0.5"]))
      }
    }
  }

  private func changeTree(
    _ bridge: InterfaceIndex, _ member: String, _ kernel: inout Kernel,
    _ random: inout RandomSource
  ) {
    let byte = random.byte()
    let settings: [BridgeSetting] = [
      .version(.stp), .version(.rstp), .helloTime(byte & 3), .forwardDelay(byte & 31),
      .maxAge(byte & 63), .holdCount(byte & 15), .priority(UInt16(byte) << 8),
      .routeLimit(UInt32(byte & 7)), .timeout(UInt32(byte)),
    ]
    try? kernel.setBridge(vnet: .zero, interface: bridge, random.pick(settings))
    let own: [BridgeMemberSetting] = [
      .cost(UInt32(truncatingIfNeeded: random.next() >> 34)), .priority(byte), .addressLimit(1),
    ]
    try? kernel.setBridgeMember(vnet: .zero, interface: bridge, member, random.pick(own))
  }
}
