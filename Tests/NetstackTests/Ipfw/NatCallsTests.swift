// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Testing
import Wire

// The marks of a segment and the links of an instance are in no call's answer.
@testable import Netstack

/// A router between 10.1.0.1/16 (em0) and 203.0.113.2/24 (em1), which translates at em1.
struct NatRouter: ~Copyable {
  static let inner = InterfaceIndex(rawValue: 1)
  static let outer = InterfaceIndex(rawValue: 2)
  var kernel: Kernel

  /// - Parameter rules: Number and action of rules for all packets by way of em1.
  init(_ rules: [(UInt16, RuleAction)] = [(100, .nat(1))], libalias: Bool = true) throws {
    var options = KernelOptions.demo
    options.libalias = libalias
    kernel = Kernel(options)
    for (interface, address, length) in [
      (NatRouter.inner, IPv4Address(10, 1, 0, 1), 16), (NatRouter.outer, NatPacket.outer, 24),
    ] {
      let request = AddressRequest(address, mask: IPv4Prefix.mask(length: length))
      try kernel.addAddress(vnet: .zero, interface: interface, request)
    }
    for (interface, address) in [
      (NatRouter.inner, NatPacket.client), (NatRouter.outer, IPv4Address(203, 0, 113, 1)),
    ] {
      try kernel.arpSet(
        vnet: .zero, interface: interface, address: address,
        hardwareAddress: TestRouter.neighbour)
    }
    var message = RouteMessage(
      destination: .any, mask: .any, gateway: .address(IPv4Address(203, 0, 113, 1)))
    message.flags = [.RTF_UP, .RTF_GATEWAY, .RTF_STATIC]
    try kernel.routeAdd(vnet: .zero, fib: .zero, message)
    kernel[.zero].sysctl[.ipForwarding] = 1
    if libalias { try configure { _ in } }
    guard let em1 = InterfaceName("em1") else { throw Errno.EINVAL }
    for (number, action) in rules {
      let rule = FirewallRule.rule(number, action, .interface(.via, .name(em1)))
      _ = try kernel.firewallAdd(vnet: .zero, rule: rule)
    }
  }

  /// Configures an instance for the outer address.
  mutating func configure(
    _ number: Int32 = 1, _ change: (inout NatConfiguration) -> Void
  ) throws(Errno) {
    var configuration = NatConfiguration(number: number)
    configuration.address = NatPacket.outer
    change(&configuration)
    try kernel.natConfigure(vnet: .zero, configuration)
  }

  /// A packet arrives.
  mutating func receive(_ bytes: [UInt8], on interface: InterfaceIndex) -> TestRun {
    let own = kernel[.zero].interfaces[interface].hardwareAddress
    let octets = (0..<6).map { UInt8(truncatingIfNeeded: own.rawValue >> (40 - 8 * $0)) }
    let frame = octets + [2, 0xaa, 0, 0, 0, 1, 8, 0] + bytes
    var recorder = Recorder()
    let before = kernel[.zero].statistics
    kernel.receive(ReceivedFrame(frame, on: interface), tracer: &recorder)
    return TestRun(recorder, before, kernel[.zero].statistics)
  }

  mutating func send(_ packet: NatPacket) -> [UInt8]? {
    receive(packet.bytes, on: NatRouter.inner).sent.first.map { Array($0.dropFirst(14)) }
  }

  /// How many links an instance has, by its log.
  mutating func log() throws(Errno) -> [String] {
    try kernel.natLogs(vnet: .zero).map { "\($0.number): \($0.text)" }
  }
}

@Suite("ipfw nat: calls") struct NatCallsTests {
  @Test func needsLibalias() throws {
    var router = try NatRouter([], libalias: false)
    #expect(throws: Errno.EINVAL) { try router.configure { _ in } }
    #expect(throws: Errno.EINVAL) { try router.kernel.natDelete(vnet: .zero, 1) }
    #expect(throws: Errno.EINVAL) { _ = try router.kernel.natConfigurations(vnet: .zero) }
    #expect(throws: Errno.EINVAL) { _ = try router.log() }
    let said = router.kernel.machine.messages
    #expect(
      said.suffix(4)
        == ["CFG", "DEL", "GET_CFG", "GET_LOG"].map {
          "IP_FW_NAT_\($0): ipfw_nat not present, please load it"
        })
    #expect(throws: Errno.EINVAL) {
      _ = try router.kernel.firewallAdd(vnet: .zero, rule: .rule(100, .nat(1)))
    }
    var plain = Kernel(KernelOptions())
    #expect(throws: Errno.ENOPROTOOPT) { try plain.natDelete(vnet: .zero, 1) }
  }

  @Test func flagsAreOnlyAdded() throws {
    var router = try NatRouter()
    try router.configure { $0.mode = [.denyIncoming, .log] }
    try router.configure { $0.mode = [] }
    // What is shown is what was asked for last; what holds is more.
    let shown = try router.kernel.natConfigurations(vnet: .zero)
    #expect(shown.map(\.mode) == [[]])
    let run = router.receive(
      NatPacket.udp.reversed.with { $0.destination = NatPacket.outer }.bytes, on: NatRouter.outer)
    #expect(run.ends.map(\.verdict) == [.denied])
    let log = try router.log()
    #expect(log == ["1: "])
  }

  @Test func redirectionsAreMadeAnewAndLinksStay() throws {
    var router = try NatRouter()
    try router.configure {
      $0.mode = .log
      $0.redirects = [.portToClient, .portToClient]
    }
    _ = router.send(.udp)
    var log = try router.log()
    let counts = "sctp=0, pptp=0, proto=0, frag_id=0 frag_ptr=0 / tot"
    #expect(log == ["1: icmp=0, udp=1, tcp=2, \(counts)=3"])
    try router.configure { $0.redirects = [.portToClient] }
    log = try router.log()
    #expect(log == ["1: icmp=0, udp=1, tcp=1, \(counts)=2"])
    try router.configure { $0.address = IPv4Address(203, 0, 113, 9) }
    log = try router.log()
    #expect(log == ["1: icmp=0, udp=0, tcp=0, \(counts)=0"])
    try router.kernel.natDelete(vnet: .zero, 1)
    #expect(throws: Errno.EINVAL) { try router.kernel.natDelete(vnet: .zero, 1) }
  }

  @Test func messagesHaveAnEnd() throws {
    var router = try NatRouter()
    let many = [NatRedirect](repeating: .portToClient, count: 13)
    try router.configure { $0.redirects = many }
    #expect(throws: Errno.EINVAL) { try router.configure { $0.redirects = many + many } }
    var all = try router.kernel.natConfigurations(vnet: .zero)
    #expect(all[0].redirects.count == 13)
    // A second instance does not fit any more.
    try router.configure(2) { _ in }
    #expect(throws: Errno.ENOSPC) { _ = try router.kernel.natConfigurations(vnet: .zero) }
    try router.kernel.natDelete(vnet: .zero, 1)
    all = try router.kernel.natConfigurations(vnet: .zero)
    #expect(all.map(\.number) == [2])
    #expect(throws: Errno.EINVAL) {
      try router.configure {
        $0.redirects = [
          NatRedirect(.port(.icmp, count: 1, remoteCount: 1), local: .any, published: .any)
        ]
      }
    }
  }

  @Test func followsItsInterface() throws {
    var router = try NatRouter()
    try router.configure { $0.interface = InterfaceName("em1") }
    _ = router.send(.udp)
    let other = IPv4Address(203, 0, 113, 77)
    try router.kernel.addAddress(
      vnet: .zero, interface: NatRouter.outer,
      AddressRequest(other, mask: IPv4Prefix.mask(length: 32)))
    // The last address counts, and links to the old one are gone.
    var source = router.send(.udp).flatMap { IPv4Header($0.rawBytes) }?.source
    #expect(source == other)
    // One that is being deleted still counts; it goes when something else happens.
    try router.kernel.deleteAddress(vnet: .zero, interface: NatRouter.outer, other)
    source = router.send(.udp).flatMap { IPv4Header($0.rawBytes) }?.source
    #expect(source == other)
    try router.kernel.addAddress(
      vnet: .zero, interface: NatRouter.outer,
      AddressRequest(NatPacket.outer, mask: IPv4Prefix.mask(length: 24)))
    let shown = try router.kernel.natConfigurations(vnet: .zero)
    #expect(shown.map(\.address) == [NatPacket.outer])
  }

  @Test func aCloneOfTheKernelHasItsLinks() throws {
    var router = try NatRouter()
    try router.configure { $0.mode = .denyIncoming }
    _ = router.send(.udp)
    let answer = NatPacket.udp.reversed.with { $0.destination = NatPacket.outer }
    router.kernel = router.kernel.clone()
    let run = router.receive(answer.bytes, on: NatRouter.outer)
    #expect(run.ends.map(\.verdict) == [.sent])
  }
}

@Suite("ipfw nat: rules") struct NatRuleTests {
  @Test func anUnknownInstanceDenies() throws {
    var router = try NatRouter([(100, .nat(9))])
    let run = router.receive(NatPacket.udp.bytes, on: NatRouter.inner)
    #expect(run.ends.map(\.verdict) == [.denied])
    #expect(run.ends.map(\.rule) == [100])
  }

  @Test func onePassEndsTheSearch() throws {
    var router = try NatRouter([(100, .nat(1)), (200, .deny)])
    #expect(router.send(.udp) != nil)
    router.kernel[.zero].sysctl[.ipFwOnePass] = 0
    let run = router.receive(NatPacket.udp.bytes, on: NatRouter.inner)
    #expect(run.ends.map(\.rule) == [200])
  }

  /// Reserved bits of the header are libalias' own mark for changed data: even a wrong checksum is
  /// made right then.
  @Test func aMarkedSegmentGetsANewChecksum() throws {
    var router = try NatRouter()
    for options in [[], [1, 1, 1, 0]] as [[UInt8]] {
      var bytes = NatPacket.tcp(.syn).with { $0.options = options }.bytes
      bytes[36 + options.count] ^= 0xff
      let wrong = router.receive(bytes, on: NatRouter.inner).sent.first.map {
        Array($0.dropFirst(14))
      }
      #expect(wrong.flatMap { NatPacket.transportChecksum($0)?.sum } != 0)
      guard options.isEmpty else { continue }
      bytes[32] |= 0x01
      let marked = router.receive(bytes, on: NatRouter.inner).sent.first.map {
        Array($0.dropFirst(14))
      }
      #expect(marked.flatMap { NatPacket.transportChecksum($0)?.sum } == 0)
      #expect(marked?[32] == 0x50)
    }
  }

  @Test func longPacketsFindNoBuffer() throws {
    var router = try NatRouter()
    let long = NatPacket.udp.with { $0.data = [UInt8](repeating: 0, count: 16_384 - 28) }
    #expect(router.receive(long.bytes, on: NatRouter.inner).ends.map(\.verdict) == [.denied])
    let shorter = long.with { $0.data.removeLast() }
    let run = router.receive(shorter.bytes, on: NatRouter.inner)
    #expect(run.ends.first?.rule == nil)
  }

  @Test(arguments: [21, 22] as [UInt64], [true, false])
  func everyPacketEndsOnce(_ seed: UInt64, _ isFast: Bool) throws {
    var random = RandomSource(seed: seed)
    var router = try NatRouter([(100, .nat(1)), (200, .nat(2))])
    try router.configure(2) {
      $0.mode = [.reverse, .denyIncoming]
      $0.redirects = [.portToClient]
    }
    router.kernel[.zero].sysctl[.ipFwOnePass] = 0
    router.kernel[.zero].sysctl[.ipFastforwarding] = isFast ? 1 : 0
    for round in 0..<600 {
      var packet: NatPacket = [.udp, .tcp(.ack), .icmp([0, 3, 8, 11][round % 4])][round % 3]
      let ends = [NatPacket.client, NatPacket.server, NatPacket.outer, IPv4Address(10, 1, 0, 1)]
      packet.source = ends[Int(random.next() % 4)]
      packet.destination = ends[Int(random.next() % 4)]
      packet.data = NatPacket.udp.bytes
      if random.next() % 5 == 0 { packet.fragment = UInt16(random.next() % 3) | IPv4Header.MF }
      var bytes = packet.bytes
      for _ in 0..<random.next() % 3 {
        bytes[20 + Int(random.next() % UInt64(bytes.count - 20))] = UInt8(
          truncatingIfNeeded: random.next())
      }
      let interface = random.next() % 2 == 0 ? NatRouter.inner : NatRouter.outer
      _ = router.receive(bytes, on: interface)
      if round % 100 == 0 {
        router.kernel.advance(to: router.kernel.machine.now.advanced(seconds: 40))
      }
    }
    let tally = router.kernel.machine.tally
    #expect(tally.entered == tally.ended)
  }
}
