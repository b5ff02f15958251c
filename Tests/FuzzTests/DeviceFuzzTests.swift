// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

/// VLANs, taps, tunnels and bridges that come, change and go while packets go in and out of them.
@Suite("Random tunnels, VLANs and bridges") struct DeviceFuzzTests {
  /// The lab with a VLAN, a tap, two gifs, one through the other, and a gre; a second stack, and
  /// bridges.
  private func lab(seed: UInt64) throws -> Kernel {
    var kernel = try Kernel.fuzzLab(seed: seed)
    for name in ["em0.5", "tap0", "gif0", "gif1", "gre0"] {
      try kernel.createInterface(vnet: .zero, named: name)
    }
    let second = try addStack(&kernel, seed: seed)
    for (name, address, peer) in [
      ("em0.5", IPv4Address(10, 5, 0, 1), IPv4Address?.none),
      ("tap0", IPv4Address(10, 6, 0, 1), nil),
      ("gif0", IPv4Address(10, 8, 0, 1), IPv4Address(10, 8, 0, 2)),
      ("gif1", IPv4Address(10, 9, 0, 1), IPv4Address(192, 168, 1, 5)),
      ("gre0", IPv4Address(10, 10, 0, 1), IPv4Address(172, 16, 0, 1)),
    ] {
      let index = try kernel.interface(vnet: .zero, named: name).index
      try kernel.addAddress(
        vnet: .zero, interface: index,
        AddressRequest(address, mask: IPv4Prefix.mask(length: 24), destination: peer))
      guard let ends = DeviceFuzzTests.ends[name] else { continue }
      try kernel.setTunnel(vnet: .zero, interface: index, ends)
    }
    kernel[.zero].sysctl[.linkGifMaxNesting] = Int64(seed % 4)
    if seed % 2 == 0 { try kernel.addBridges(second) }
    return kernel
  }

  /// A second stack behind a pair, which has the way to 172.16.0.0/12, and sends all else back.
  private func addStack(_ kernel: inout Kernel, seed: UInt64) throws -> VnetIndex {
    let second = kernel.createVnet()
    try kernel.createInterface(vnet: .zero, named: "epair0")
    let a = try kernel.interface(vnet: .zero, named: "epair0a").index
    let home = try kernel.interface(vnet: .zero, named: "epair0b").index
    let b = try kernel.moveInterface(InterfacePlace(.zero, home), to: second)
    let gateways = [IPv4Address(10, 11, 0, 1), IPv4Address(10, 11, 0, 2)]
    for (place, gateway) in zip([InterfacePlace(.zero, a), InterfacePlace(second, b)], gateways) {
      try kernel.addAddress(
        vnet: place.vnet, interface: place.interface,
        AddressRequest(gateway, mask: IPv4Prefix.mask(length: 24)))
    }
    for (vnet, gateway, network) in [
      (VnetIndex.zero, gateways[1], IPv4Prefix(IPv4Address(172, 16, 0, 0), length: 12)),
      (second, gateways[0], IPv4Prefix(.any, length: 0)),
    ] {
      var message = RouteMessage(
        destination: network.address, mask: IPv4Prefix.mask(length: network.length),
        gateway: .address(gateway))
      message.flags = [.RTF_GATEWAY, .RTF_STATIC]
      try kernel.routeAdd(vnet: vnet, fib: .zero, message)
    }
    kernel[second].sysctl[.ipForwarding] = 1
    kernel[second].sysctl[.ipStealth] = Int64(seed % 2)
    var settings = CableSettings()
    settings.delay = seed % 2 * 1_000_000
    settings.loss = seed % 4 == 0 ? CableSettings.certainLoss / 3 : 0
    kernel.setLink(0, settings)
    return second
  }

  private static let ends = [
    "gif0": TunnelEnds(
      source: IPv4Address(10, 0, 1, 1), destination: IPv4Address(10, 0, 1, 2)),
    "gif1": TunnelEnds(source: IPv4Address(10, 8, 0, 1), destination: IPv4Address(10, 8, 0, 2)),
    "gre0": TunnelEnds(
      source: IPv4Address(10, 0, 2, 1), destination: IPv4Address(10, 0, 2, 2)),
  ]

  @Test(arguments: FuzzSize.frameSeeds) func everyPacketEndsOnce(seed: UInt64) throws {
    var kernel = try lab(seed: seed)
    var happenings = HappeningMaker(seed: seed &+ 3_000_000, kernel)
    var random = RandomSource(seed: seed)
    var recorder = Recorder()
    var ledger = PacketLedger()
    let before = kernel.machine.tally
    var decisions = 0
    if seed % 2 == 0 { try kernel.receiveBroadcast(on: "em1", &recorder) }
    for number in 0..<FuzzSize.framesPerSeed {
      let place = "seed \(seed), happening \(number)"
      if random.chance(10) { change(&kernel, &random) }
      if seed % 2 == 0, random.chance(10) { kernel.changeBridges(&random) }
      switch happenings.next() {
      case .frame(let frame):
        var wrapped = frame
        wrapped.bytes = wrap(frame.bytes, &random)
        kernel.receive(wrapped, tracer: &recorder)
      case let other: kernel.perform(other, &recorder)
      }
      let tally = kernel.machine.tally
      #expect(tally.ended == tally.entered, "\(place): \(tally)")
      #expect(ledger.faults(in: recorder) == [], "\(place)")
      #expect(UInt64(ledger.known) <= tally.entered - before.entered, "\(place)")
      decisions += recorder.entries.count { if case .bridge = $0.event { true } else { false } }
      recorder.removeAll()
      let most = Int(tally.held) + kernel.heldByARP + kernel.heldBySockets
      #expect(kernel.machine.store.buffersInUse <= most, "\(place)")
    }
    let names = ["gif0", "gif1", "gre0", "em0.5"]
    let packets = names.compactMap { try? kernel.interface(vnet: .zero, named: $0) }
      .map { $0.interface.statistics[.ipackets] + $0.interface.statistics[.opackets] }
    #expect(packets.reduce(0, +) > 0, "seed \(seed): something went through them")
    #expect((decisions > 0) == (seed % 2 == 0), "seed \(seed): \(decisions) of bridges")
  }

  /// Puts a tag into a frame, or an outer header around its packet.
  private func wrap(_ frame: [UInt8], _ random: inout RandomSource) -> [UInt8] {
    guard frame.count >= EthernetHeader.size else { return frame }
    let rest = Array(frame.dropFirst(EthernetHeader.size))
    switch Int.random(in: 0..<5, using: &random) {
    case 0:
      return Array(frame.prefix(12)) + [0x81, 0, 0, random.pick([5, 5, 5, 0, 6])]
        + Array(frame.dropFirst(12))
    case 1: return Array(frame.prefix(14)) + outer("gif0", .ipip, rest, &random)
    case 2:
      let inner = outer("gif1", .ipip, rest, &random)
      return Array(frame.prefix(14)) + outer("gif0", .ipip, inner, &random)
    case 3:
      let flags: UInt8 = random.pick([0, 0, 0x20, 0x80, 0x40, 0xb0])
      let type: [UInt8] = random.pick([[8, 0], [8, 0], [0x88, 0x3e], [0x86, 0xdd]])
      let words = [UInt8](repeating: 0, count: random.pick([0, 4, 8, 12]))
      let inner = [flags, 0] + type + words + rest
      return Array(frame.prefix(14)) + outer("gre0", .gre, inner, &random)
    default: return frame
    }
  }

  private func outer(
    _ name: String, _ proto: IPProtocol, _ inner: [UInt8], _ random: inout RandomSource
  ) -> [UInt8] {
    guard let ends = DeviceFuzzTests.ends[name], inner.count < 60_000 else { return inner }
    var header = IPv4Header(
      tos: random.pick([0, 0, 3]), totalLength: UInt16(20 + inner.count),
      identification: UInt16(random.byte()), protocol: proto, source: ends.destination,
      destination: ends.source)
    var bytes = [UInt8](repeating: 0, count: 20)
    bytes.withMutableRawBytes { header.write(into: &$0, at: 0) }
    header.checksum = IPv4Header.checksum(of: bytes.rawBytes, headerLength: 20)
    bytes.withMutableRawBytes { header.write(into: &$0, at: 0) }
    return bytes + inner
  }

  /// Changes one of the devices; what the kernel refuses is part of the test.
  private func change(_ kernel: inout Kernel, _ random: inout RandomSource) {
    let name = random.pick([
      "em0.5", "tap0", "gif0", "gif1", "gre0", "gif2", "vlan9", "em0", "epair0a",
    ])
    guard let index = kernel[.zero].interfaces.index(named: name) else {
      let wanted = name == "epair0a" ? "epair0" : name
      _ = try? kernel.createInterface(vnet: .zero, named: wanted)
      return
    }
    let addresses = PacketMaker.addresses
    switch Int.random(in: 0..<9, using: &random) {
    case 0:
      let ends = TunnelEnds(source: random.pick(addresses), destination: random.pick(addresses))
      try? kernel.setTunnel(vnet: .zero, interface: index, ends)
    case 1: try? kernel.deleteTunnel(vnet: .zero, interface: index)
    case 2:
      if let ends = DeviceFuzzTests.ends[name] {
        try? kernel.setTunnel(vnet: .zero, interface: index, ends)
      }
    case 3, 4:
      let bit = random.pick(
        [InterfaceFlags.IFF_LINK0, .IFF_LINK1, .IFF_LINK2, .IFF_UP, .IFF_PPROMISC])
      let isSet = random.chance(60)
      try? kernel.setFlags(
        vnet: .zero, interface: index, set: isSet ? bit : [], clear: isSet ? [] : bit)
    case 5:
      let request = VLANRequest(parent: random.pick(["em0", "em1", ""]), tag: random.pick([5, 6]))
      try? kernel.setVLAN(vnet: .zero, interface: index, request)
    case 6: try? kernel.setTunnelKey(vnet: .zero, interface: index, random.pick([0, 7]))
    case 7 where random.chance(30): try? kernel.destroyInterface(vnet: .zero, interface: index)
    case 7: kernel[.zero].sysctl[.linkGifMaxNesting] = random.pick([1, 2, 100])
    default: try? kernel.setMTU(vnet: .zero, interface: index, random.pick([1280, 1400, 65_535]))
    }
  }
}

@Suite("Packets in packets in packets") struct DeepPacketTests {
  /// As many headers as fit, each for the same tunnel.
  @Test func comeOutWithoutEnd() throws {
    var kernel = Kernel()
    let card = try kernel.interface(vnet: .zero, named: "em0").index
    let (here, there) = (IPv4Address(10, 0, 0, 1), IPv4Address(10, 0, 0, 2))
    try kernel.addAddress(
      vnet: .zero, interface: card, AddressRequest(here, mask: IPv4Prefix.mask(length: 24)))
    try kernel.createInterface(vnet: .zero, named: "gif0")
    let gif = try kernel.interface(vnet: .zero, named: "gif0").index
    try kernel.setFlags(vnet: .zero, interface: gif, set: [.IFF_UP, .IFF_LINK2])
    try kernel.setTunnel(
      vnet: .zero, interface: gif, TunnelEnds(source: here, destination: there))
    let depth = 3000
    var bytes = [UInt8](repeating: 0, count: EthernetHeader.size + 20 * depth)
    let address = kernel[.zero].interfaces[card].hardwareAddress
    bytes.withMutableRawBytes {
      EthernetHeader(destination: address, source: address, type: .ipv4).write(into: &$0, at: 0)
    }
    for level in 0..<depth {
      var header = IPv4Header(
        totalLength: UInt16(20 * (depth - level)), protocol: .ipip, source: there,
        destination: here)
      var alone = [UInt8](repeating: 0, count: 20)
      alone.withMutableRawBytes { header.write(into: &$0, at: 0) }
      header.checksum = IPv4Header.checksum(of: alone.rawBytes, headerLength: 20)
      bytes.withMutableRawBytes { header.write(into: &$0, at: EthernetHeader.size + 20 * level) }
    }
    kernel.receive(ReceivedFrame(bytes, on: card))
    let taken = kernel[.zero].interfaces[gif].statistics[.ipackets]
    // The innermost header has nothing inside.
    #expect(taken == UInt64(depth - 1))
    #expect(kernel.machine.tally.entered == kernel.machine.tally.ended)
  }
}
