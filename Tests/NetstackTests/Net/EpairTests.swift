// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Netstack
import Testing
import Wire

/// Two stacks with a pair between them: 10.3.0.1 on epair0a of the first, 10.3.0.2 on epair0b.
private struct Pair: ~Copyable {
  var kernel: Kernel
  let second: VnetIndex
  let a: InterfaceIndex
  let b: InterfaceIndex
  var recorder = Recorder()

  init() throws {
    var kernel = Kernel(.demo)
    let second = kernel.createVnet()
    try kernel.createInterface(vnet: .zero, named: "epair")
    let a = try kernel.interface(vnet: .zero, named: "epair0a").index
    let home = try kernel.interface(vnet: .zero, named: "epair0b").index
    let b = try kernel.moveInterface(InterfacePlace(.zero, home), to: second)
    let mask = IPv4Prefix.mask(length: 24)
    try kernel.addAddress(
      vnet: .zero, interface: a, AddressRequest(ip("10.3.0.1"), mask: mask))
    try kernel.addAddress(
      vnet: second, interface: b, AddressRequest(ip("10.3.0.2"), mask: mask))
    self.kernel = kernel
    (self.second, self.a, self.b) = (second, a, b)
  }

  func end(_ vnet: VnetIndex, _ interface: InterfaceIndex) -> Ifnet {
    kernel[vnet].interfaces[interface]
  }

  /// An echo request, or with a length a longer one that is cut into fragments.
  mutating func ping(_ length: Int = 8) throws(Errno) {
    var packet = TestPacket()
    packet.source = ip("10.3.0.1")
    packet.destination = ip("10.3.0.2")
    packet.proto = 1
    packet.payload = [8, 0, 0xf7, 0xff] + [UInt8](repeating: 0, count: length - 4)
    try kernel.send(LocalPacket(packet.bytes, socket: .rawHeaderIncluded), tracer: &recorder)
  }

  var ends: [String] {
    recorder.entries.compactMap { entry in
      guard case .end(let end) = entry.event else { return nil }
      return "\(entry.vnet.rawValue) \(end.verdict.word) \(end.id.text)"
    }
  }
}

@Suite("if_epair") struct EpairTests {
  @Test func addressesHaveTheNumbersOfTheInterfaces() throws {
    let lab = InterfaceLab(cards: 2, ["epair7 create"])
    let a = try lab.kernel.interface(vnet: .zero, named: "epair7a")
    let b = try lab.kernel.interface(vnet: .zero, named: "epair7b")
    // lo0, em0 and em1 come first.
    #expect((a.index.rawValue, b.index.rawValue) == (4, 5))
    #expect(a.hardwareAddress == EthernetAddress(2, 0, 0, 0, 4, 0x0a))
    #expect(b.hardwareAddress == EthernetAddress(2, 0, 0, 0, 5, 0x0b))
    #expect(a.flags == [.IFF_BROADCAST, .IFF_SIMPLEX, .IFF_MULTICAST, .IFF_DRV_RUNNING])
  }

  /// The request waits for ARP, crosses, and its answer comes back, all at once.
  @Test func framesCrossBetweenStacks() throws {
    var pair = try Pair()
    try pair.ping()
    #expect(
      pair.ends == [
        "0 HELD arp.hold", "1 CONSUMED arp.replied", "0 CONSUMED arp.learned",
        "1 DELIVERED icmp.reflect", "0 DROPPED raw.noproto",
      ])
    let (a, b) = (pair.end(.zero, pair.a).statistics, pair.end(pair.second, pair.b).statistics)
    // The request of ARP and the echo; the announcement of 10.3.0.1 came before the other end was up.
    #expect((a[.opackets], a[.oerrors], b[.ipackets]) == (2, 1, 3 - 1))
    #expect((b[.opackets], a[.ipackets]) == (3, 3))
    #expect(pair.kernel.machine.tally.ended == pair.kernel.machine.tally.entered)
    #expect(pair.kernel.machine.store.buffersInUse == 0)
  }

  /// `oerrors` of the sender, who is not told.
  @Test func theOtherEndMustBeUp() throws {
    var pair = try Pair()
    try pair.ping()
    try pair.kernel.setFlags(vnet: pair.second, interface: pair.b, clear: .IFF_UP)
    pair.recorder.removeAll()
    let before = pair.end(.zero, pair.a).statistics
    try pair.ping()
    #expect(pair.ends == ["0 DROPPED epair.down"])
    let after = pair.end(.zero, pair.a).statistics
    #expect(after[.oerrors] == before[.oerrors] + 1 && after[.opackets] == before[.opackets])
  }

  @Test(arguments: [true, false]) func eitherEndTakesTheOtherWithIt(isFirst: Bool) throws {
    var pair = try Pair()
    try pair.kernel.destroyInterface(
      vnet: isFirst ? .zero : pair.second, interface: isFirst ? pair.a : pair.b)
    let left = pair.kernel.interfaces(vnet: pair.second).map { "\($0.name)" }
    #expect(left == ["lo0"])
    let there = pair.kernel[.zero].interfaces.index(named: "epair0a")
    #expect(there == nil)
    let made = try pair.kernel.createInterface(vnet: pair.second, named: "epair")
    #expect("\(made)" == "epair0a")
  }

  @Test func theEndOfAStackSendsItsEndHome() throws {
    var pair = try Pair()
    pair.kernel.destroyVnet(pair.second)
    let home = try pair.kernel.interface(vnet: .zero, named: "epair0b")
    #expect(!home.flags.contains(.IFF_UP))
    #expect(pair.kernel.machine.epairs[1].place == InterfacePlace(.zero, home.index))
    try pair.kernel.destroyInterface(vnet: .zero, interface: home.index)
    let there = pair.kernel[.zero].interfaces.index(named: "epair0a")
    #expect(there == nil)
  }

  /// A full queue is not tried again, and nobody is told when it is empty: 8.0 sends nothing any more.
  @Test func aQueueThatWasFullStopsAllPairs() throws {
    var pair = try Pair()
    try pair.ping()
    try pair.kernel.setSysctl(.linkEpairNetisrMaxqlen, to: 1, vnet: .zero)
    // Three fragments, of which the queue takes one.
    #expect(throws: Errno.ENOBUFS) { try pair.ping(4000) }
    #expect(pair.end(.zero, pair.a).flags.contains(.IFF_DRV_OACTIVE))
    pair.recorder.removeAll()
    try pair.ping()
    #expect(pair.ends == ["0 HELD if.qfull"])
    // ip_output leaves the last place of a send queue free.
    for _ in 1..<49 { try pair.ping() }
    #expect(throws: Errno.ENOBUFS) { try pair.ping() }
    let tally = pair.kernel.machine.tally
    #expect(tally.ended == tally.entered && tally.held == 49 + 1)
  }

  /// The table of a packet is in the mbuf's flags, which cross.
  @Test func theForwardingTableCrosses() throws {
    var pair = try Pair()
    try pair.ping()
    pair.recorder.removeAll()
    var packet = LocalPacket(
      {
        var packet = TestPacket()
        packet.source = ip("10.3.0.1")
        packet.destination = ip("10.3.0.2")
        packet.proto = 1
        packet.payload = [8, 0, 0xf7, 0xff, 0, 0, 0, 0]
        return packet.bytes
      }(), socket: .rawHeaderIncluded)
    packet.fib = FibNumber(rawValue: 3)
    try pair.kernel.send(packet, tracer: &pair.recorder)
    let tables = pair.recorder.entries.compactMap { entry in
      if case .route(let step) = entry.event {
        "\(entry.vnet.rawValue) \(step.fib.rawValue)"
      } else {
        nil
      }
    }
    // The answer has the table of the request.
    #expect(tables == ["0 3", "1 3"])
  }

  @Test func aCloneSendsAsItsModel() throws {
    var pair = try Pair()
    try pair.ping()
    var settings = CableSettings()
    settings.delay = 5_000_000
    pair.kernel.setLink(0, settings)
    try pair.ping()
    #expect(pair.kernel.machine.tally.held == 1)
    var twin = pair.kernel.clone()
    let later = pair.kernel.machine.now.advanced(milliseconds: 10)
    var one = Recorder()
    var other = Recorder()
    pair.kernel.advance(to: later, &one)
    twin.advance(to: later, &other)
    let tallies = (pair.kernel.machine.tally, twin.machine.tally)
    #expect(tallies.0 == tallies.1 && tallies.0.held == 0)
    let bytes = (one.bytes, other.bytes)
    #expect(bytes.0 == bytes.1 && !bytes.0.isEmpty)
  }
}

@Suite("Cables") struct CableTests {
  /// 42 bytes at 1 Mbit/s take 336 microseconds each, one behind the other.
  @Test func bandwidthSpreadsFrames() throws {
    var pair = try Pair()
    try pair.ping()
    var settings = CableSettings()
    settings.bandwidth = 1_000_000
    settings.delay = 1_000_000
    settings.queue = 2
    pair.kernel.setLink(0, settings)
    let start = pair.kernel.machine.now
    pair.recorder.removeAll()
    for _ in 0..<3 { try pair.ping() }
    #expect(pair.ends == ["0 HELD link.held", "0 HELD link.held", "0 DROPPED link.full"])
    var moments: [UInt64] = []
    while let next = pair.kernel.machine.epairs.nextArrival {
      moments.append(next.nanoseconds - start.nanoseconds)
      pair.kernel.advance(to: next)
    }
    #expect(moments == [1_336_000, 1_672_000])
  }

  @Test func aPulledCableLosesWhatIsUnderWay() throws {
    var pair = try Pair()
    try pair.ping()
    var settings = CableSettings()
    settings.delay = 1_000_000
    pair.kernel.setLink(0, settings)
    try pair.ping()
    pair.kernel.setCable(0, .down)
    #expect(pair.end(pair.second, pair.b).linkState == .down)
    pair.recorder.removeAll()
    pair.kernel.advance(to: pair.kernel.machine.now.advanced(milliseconds: 2), &pair.recorder)
    #expect(pair.ends == ["1 DROPPED link.down"])
    let tally = pair.kernel.machine.tally
    #expect(tally.held == 0 && tally.ended == tally.entered)
  }
}
