// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

/// Virtual hosts that come, change and go while others of their groups speak, and cards fail.
@Suite("Random virtual hosts") struct CarpFuzzTests {
  private static let hosts = ["carp0", "carp1", "carp2"]
  private static let parents = ["em0", "em1", "vlan5", "epair0a", "bridge0"]

  @Test(arguments: FuzzSize.frameSeeds) func everyPacketEndsOnce(seed: UInt64) throws {
    var kernel = try Kernel.fuzzLab(seed: seed)
    kernel.machine.sysctl[.carpLog] = 2
    var random = RandomSource(seed: seed &+ 5_000_000)
    var recorder = Recorder()
    var ledger = PacketLedger()
    for number in 0..<FuzzSize.framesPerSeed {
      let place = "seed \(seed), happening \(number)"
      switch Int.random(in: 0..<6, using: &random) {
      case 0: changeHost(&kernel, &random, &recorder)
      case 1: changeParent(&kernel, &random, &recorder)
      case 2: changeMachine(&kernel, &random)
      case 3:
        let wait = UInt64.random(in: 1...4000, using: &random)
        kernel.advance(to: kernel.machine.now.advanced(milliseconds: wait), &recorder)
      default:
        guard let card = kernel[.zero].interfaces.index(named: random.pick(["em0", "em1"])) else {
          continue
        }
        kernel.receive(
          ReceivedFrame(advertisement(&random), on: card), tracer: &recorder)
      }
      let tally = kernel.machine.tally
      #expect(tally.ended == tally.entered, "\(place): \(tally)")
      #expect(ledger.faults(in: recorder) == [], "\(place)")
      recorder.removeAll()
    }
    for name in Self.hosts {
      guard let index = kernel[.zero].interfaces.index(named: name) else { continue }
      try kernel.destroyInterface(vnet: .zero, interface: index, tracer: &recorder)
    }
    #expect(kernel.machine.sysctl[.carpSuppressPreempt] == 0, "seed \(seed)")
    let card = try kernel.interface(vnet: .zero, named: "em1")
    #expect(card.interface.promiscuousCount == 0, "seed \(seed)")
  }

  private func changeHost(
    _ kernel: inout Kernel, _ random: inout RandomSource, _ recorder: inout Recorder
  ) {
    let name = random.pick(Self.hosts)
    guard let index = kernel[.zero].interfaces.index(named: name) else {
      _ = try? kernel.createInterface(vnet: .zero, named: name)
      return
    }
    switch Int.random(in: 0..<8, using: &random) {
    case 0...2:
      guard var settings = try? kernel.carpSettings(vnet: .zero, interface: index) else { return }
      settings.vhid = random.pick([1, 1, 2, 0, 256])
      settings.base = random.pick([1, 1, 2, 0, -1, 255])
      settings.skew = random.pick([0, 100, 254, -7, 255])
      settings.state = random.pick([settings.state, .initial, .backup, .master])
      settings.key = random.pick([Array("x".utf8), []])
      try? kernel.setCarp(vnet: .zero, interface: index, settings, tracer: &recorder)
    case 3, 4:
      let network: UInt8 = random.pick([0, 0, 1, 5, 9])
      let address = IPv4Address(10, 0, network, random.pick([100, 101, 1]))
      try? kernel.addAddress(
        vnet: .zero, interface: index,
        AddressRequest(address, mask: IPv4Prefix.mask(length: 24)), tracer: &recorder)
    case 5:
      try? kernel.deleteAddress(vnet: .zero, interface: index, nil, tracer: &recorder)
    case 6:
      let isUp = random.chance(60)
      try? kernel.setFlags(
        vnet: .zero, interface: index, set: isUp ? .IFF_UP : [], clear: isUp ? [] : .IFF_UP,
        tracer: &recorder)
    default:
      try? kernel.destroyInterface(vnet: .zero, interface: index, tracer: &recorder)
    }
  }

  private func changeParent(
    _ kernel: inout Kernel, _ random: inout RandomSource, _ recorder: inout Recorder
  ) {
    let name = random.pick(Self.parents)
    guard let index = kernel[.zero].interfaces.index(named: name) else {
      let link = VLANRequest(parent: "em0", tag: 5)
      _ = try? kernel.createInterface(
        vnet: .zero, named: name == "epair0a" ? "epair0" : name, vlan: name == "vlan5" ? link : nil)
      return
    }
    switch Int.random(in: 0..<6, using: &random) {
    case 0, 1:
      let isUp = random.chance(60)
      try? kernel.setFlags(
        vnet: .zero, interface: index, set: isUp ? .IFF_UP : [], clear: isUp ? [] : .IFF_UP,
        tracer: &recorder)
    case 2, 3:
      try? kernel.setLinkState(
        vnet: .zero, interface: index, random.pick([.up, .up, .down, .unknown]),
        tracer: &recorder)
    case 4:
      let address = IPv4Address(10, 0, random.pick([5, 9]), 1)
      try? kernel.addAddress(
        vnet: .zero, interface: index,
        AddressRequest(address, mask: IPv4Prefix.mask(length: 24)), tracer: &recorder)
    default:
      if random.chance(50) {
        try? kernel.destroyInterface(vnet: .zero, interface: index, tracer: &recorder)
      } else {
        try? kernel.rename(vnet: .zero, interface: index, to: name)
      }
    }
  }

  private func changeMachine(_ kernel: inout Kernel, _ random: inout RandomSource) {
    let flag: Int64 = random.pick([0, 1])
    switch Int.random(in: 0..<4, using: &random) {
    case 0: kernel.machine.sysctl[.carpPreempt] = flag
    case 1: kernel.machine.sysctl[.carpArpbalance] = flag
    case 2: kernel.machine.sysctl[.carpAllow] = random.chance(80) ? 1 : 0
    default: kernel.machine.store.failures = flag
    }
  }

  /// A frame of another host of the group: an advertisement, right or damaged, or a request for the
  /// shared address.
  private func advertisement(_ random: inout RandomSource) -> [UInt8] {
    let vhid: UInt8 = random.pick([1, 1, 2, 9])
    let router: [UInt8] = [0, 0, 0x5e, 0, 1, vhid]
    if random.chance(20) {
      let everybody = [UInt8](repeating: 255, count: 6)
      let request: [UInt8] = [8, 6, 0, 1, 8, 0, 6, 4, 0, 1]
      let addresses: [UInt8] = [10, 0, 0, 2, 0, 0, 0, 0, 0, 0, 10, 0, 0, random.pick([100, 101])]
      return everybody + router + request + router + addresses
    }
    var hash = HMACSHA1(key: Array(random.pick(["x", ""]).utf8))
    for byte in [2, 1, vhid] { hash.update(byte) }
    for last in random.pick([[100], [101], [100, 101], []] as [[UInt32]]) {
      hash.update(0x0a00_0000 | last)
    }
    var header = CARPHeader(
      vhid: vhid, base: random.pick([1, 1, 2, 255]), skew: random.pick([0, 50, 100, 200, 255]))
    header.counter = random.next()
    hash.update(header.counter)
    header.digest = hash.finish()
    var bytes = [UInt8](repeating: 0, count: 56)
    bytes.withMutableRawBytes { header.write(into: &$0, at: 20) }
    let sum = InternetChecksum.checksum(of: Array(bytes.dropFirst(20)).rawBytes)
    bytes.withMutableRawBytes { $0.store(sum, at: 26) }
    var ip = IPv4Header(
      totalLength: 56, identification: 1, ttl: 255, protocol: .carp,
      source: IPv4Address(10, 0, 0, 2), destination: IPv4Address(224, 0, 0, 18))
    bytes.withMutableRawBytes { ip.write(into: &$0, at: 0) }
    ip.checksum = IPv4Header.checksum(of: bytes.rawBytes, headerLength: 20)
    bytes.withMutableRawBytes { ip.write(into: &$0, at: 0) }
    if random.chance(10) { bytes[Int.random(in: 20..<56, using: &random)] ^= random.byte() }
    return [1, 0, 0x5e, 0, 0, 0x12] + router + [8, 0] + bytes
  }
}
