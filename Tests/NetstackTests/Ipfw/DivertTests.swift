// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

/// A router whose rules divert, and one socket that listens to port 1000.
private struct DivertLab: ~Copyable {
  var router: TestRouter
  let socket: SocketIndex

  init(_ rules: [FirewallRule]) throws {
    var router = try TestRouter()
    router.kernel[.zero].sysctl[.ipFwEnable] = 1
    for rule in rules { _ = try router.kernel.firewallAdd(vnet: .zero, rule: rule) }
    let socket = try router.kernel.socket(vnet: .zero, .divert, fib: FibNumber(rawValue: 1))
    try router.kernel.bind(vnet: .zero, socket, to: Endpoint(.any, 1000))
    var route = RouteMessage(
      destination: IPv4Address(192, 168, 0, 0), mask: IPv4Prefix.mask(length: 16),
      gateway: .address(IPv4Address(10, 0, 1, 2)))
    route.flags = [.RTF_UP, .RTF_GATEWAY, .RTF_STATIC]
    try router.kernel.routeAdd(vnet: .zero, fib: FibNumber(rawValue: 1), route)
    self.router = router
    self.socket = socket
  }

  /// A process writes to the socket.
  mutating func write(
    _ bytes: [UInt8], to target: Endpoint?, by interface: InterfaceName? = nil
  ) -> TestRun {
    var recorder = Recorder()
    let before = router.kernel[.zero].statistics
    var errno: Errno?
    do throws(Errno) {
      try router.kernel.send(
        vnet: .zero, socket, bytes, to: target, by: interface, tracer: &recorder)
    } catch {
      errno = error
    }
    var run = TestRun(recorder, before, router.kernel[.zero].statistics)
    run.errno = errno
    return run
  }

  /// Every packet has ended, and once.
  func expectBalance() {
    let tally = router.kernel.machine.tally
    #expect(tally.entered == tally.ended)
  }
}

private func rule(_ number: UInt16, _ action: RuleAction, _ direction: Direction) -> FirewallRule {
  var rule = FirewallRule(action)
  rule.number = number
  rule.instructions = [Instruction(.inbound, isNegated: direction == .out)]
  return rule
}

private func fragment(_ offset: UInt16, last: Bool) -> [UInt8] {
  var packet = TestPacket()
  packet.fragment = offset | (last ? 0 : IPv4Header.MF)
  packet.payload = [0x04, 0, 0x13, 0x88, 0, 16, 0, 0]
  return packet.bytes
}

/// The sum over a header without options: 0 if its checksum is right.
private func sum(of packet: [UInt8]) -> UInt16 {
  IPv4Header.checksum(of: packet.rawBytes, headerLength: IPv4Header.size)
}

@Suite("divert(4)") struct DivertTests {
  @Test func theReaderLearnsRuleAndInterface() throws {
    var lab = try DivertLab([rule(100, .divert(1000), .in)])
    let run = lab.router.receive(TestPacket().bytes)
    #expect(run.ends.map(\.id) == [.fwDivert] && run.ends.map(\.verdict) == [.delivered])
    let datagram = try lab.router.kernel.receive(vnet: .zero, lab.socket)
    #expect(datagram.source == Endpoint(IPv4Address(10, 0, 0, 1), 100))
    #expect(datagram.interface == InterfaceName("em0"))
    #expect(datagram.bytes == TestPacket().bytes)
  }

  @Test func onTheWayOutThereIsOnlyTheName() throws {
    var lab = try DivertLab([rule(100, .divert(1000), .out)])
    let run = lab.router.receive(TestPacket().bytes)
    // ip_output has said that all is well.
    #expect(run.ends.map(\.id) == [.fwDivert])
    #expect(run.counted == ["total": 1, "forward": 1])
    let datagram = try lab.router.kernel.receive(vnet: .zero, lab.socket)
    #expect(datagram.source == Endpoint(.any, 100))
    #expect(datagram.interface == InterfaceName("em0"))
    #expect(datagram.bytes[8] == 63)
    _ = lab.router.send(TestPacket(source: IPv4Address(10, 0, 0, 1)).bytes)
    let local = try lab.router.kernel.receive(vnet: .zero, lab.socket)
    #expect(local.interface == nil)
  }

  @Test func nobodyListensAndADeliveryIsCountedBack() throws {
    var lab = try DivertLab([rule(100, .divert(1001), .in)])
    let run = lab.router.receive(TestPacket().bytes)
    #expect(run.ends.map(\.id) == [.fwDivertNoport] && run.ends[0].cause == nil)
    #expect(run.counted == ["total": 1, "noproto": 1, "delivered": .max])
    lab.expectBalance()
  }

  @Test func aFullBufferIsNobodyToo() throws {
    var lab = try DivertLab([rule(100, .divert(1000), .in)])
    var ends: [End] = []
    var packet = TestPacket()
    packet.payload = TestPacket.udp(port: 9, [UInt8](repeating: 0, count: 1400))
    for _ in 0..<100 where ends.last?.id != .fwDivertNoport {
      ends = lab.router.receive(packet.bytes).ends
    }
    #expect(ends.map(\.cause) == [.rawFull])
    let waiting = lab.router.kernel[.zero].sockets[lab.socket].receive.count
    #expect(waiting > 60_000)
    lab.expectBalance()
  }

  @Test func aFragmentWaitsForItsDatagram() throws {
    var lab = try DivertLab([rule(100, .divert(1000), .in)])
    let first = lab.router.receive(fragment(0, last: false))
    #expect(first.ends.map(\.id) == [.fwDivertFrag] && first.ends[0].verdict == .held)
    let second = lab.router.receive(fragment(1, last: true))
    #expect(Set(second.ends.map(\.id)) == [.fwDivert, .reassDone])
    let bytes = try lab.router.kernel.receive(vnet: .zero, lab.socket).bytes
    let header = IPv4Header(bytes.rawBytes)
    #expect(header?.totalLength == 36 && header?.isFragment == false)
    #expect(sum(of: bytes) == 0)
    lab.expectBalance()
  }

  @Test func aCopyIsNotReassembled() throws {
    var lab = try DivertLab([rule(100, .tee(1000), .in)])
    let run = lab.router.receive(fragment(0, last: false))
    #expect(run.ends.map(\.id) == [.fwDivert, .outSent])
    let bytes = try lab.router.kernel.receive(vnet: .zero, lab.socket).bytes
    #expect(bytes == fragment(0, last: false))
    lab.expectBalance()
  }

  @Test func withoutMemoryThereIsNoCopy() throws {
    var lab = try DivertLab([rule(100, .tee(1000), .in)])
    lab.router.kernel.machine.store.failures = 1
    #expect(lab.router.receive(TestPacket().bytes).ends.map(\.id) == [.outSent])
    lab.expectBalance()
  }

  @Test func aDatagramHasTheTagOfItsFirstFragment() throws {
    var late = rule(100, .divert(1000), .in)
    late.instructions.append(Instruction(.fragment))
    var lab = try DivertLab([late])
    _ = lab.router.receive(
      TestPacket(
        destination: IPv4Address(10, 0, 0, 1), fragment: IPv4Header.MF,
        payload: [
          0, 1, 2, 3, 4, 5, 6, 7,
        ]
      ).bytes)
    let last = lab.router.receive(
      TestPacket(destination: IPv4Address(10, 0, 0, 1), fragment: 1).bytes)
    #expect(Set(last.ends.map(\.id)) == [.fwDivertNomod, .reassDone])
    #expect(lab.router.kernel.machine.messages.last == "divert_packet: no divert tag")
    lab.expectBalance()
  }

  @Test func valuesOfATableCanSayThatItWasDiverted() throws {
    var tee = rule(100, .tee(RuleAction.tablearg), .in)
    tee.instructions.append(Instruction(.table(.source, 1, value: nil)))
    var counts = rule(200, .count, .in)
    counts.instructions.append(Instruction(.diverted(2)))
    var lab = try DivertLab([tee, counts])
    try lab.router.kernel.firewallTableAdd(
      vnet: .zero, 1, FirewallTables.Entry(.any, length: 0, value: 0x0010_0000 + 1000))
    #expect(lab.router.receive(TestPacket().bytes).ends.map(\.id) == [.fwDivert, .outSent])
    let rules = try lab.router.kernel.firewallRules(vnet: .zero)
    #expect(rules[1].packets == 1)
  }

  @Test func waitingPacketsAreCloned() throws {
    var lab = try DivertLab([rule(100, .divert(1000), .in)])
    _ = lab.router.receive(TestPacket().bytes)
    var twin = lab.router.kernel.clone()
    let own = try lab.router.kernel.receive(vnet: .zero, lab.socket)
    let copied = try twin.receive(vnet: .zero, lab.socket)
    #expect(copied == own)
  }

  @Test func onlyAKernelWithTheModuleHasThem() {
    var options = KernelOptions.demo
    options.ipdivert = false
    var kernel = Kernel(options)
    #expect(throws: Errno.EPROTONOSUPPORT) { try kernel.socket(vnet: .zero, .divert) }
  }
}

@Suite("div_output") struct DivertOutputTests {
  @Test func withoutAnAddressItGoesOut() throws {
    var lab = try DivertLab([
      rule(100, .deny, .out), rule(100, .deny, .out), rule(101, .allow, .out),
    ])
    let out = lab.write(TestPacket().bytes, to: Endpoint(.any, 100))
    #expect(out.ends.map(\.id) == [.outSent] && out.sent.count == 1)
    #expect(out.counted == ["rawout": 1])
    #expect(out.ends[0].fibChooser == .divert && out.ends[0].fib == FibNumber(rawValue: 1))
    // All rules are asked where nobody says otherwise.
    let again = lab.write(TestPacket().bytes, to: nil)
    #expect(again.ends.map(\.id) == [.outFwDeny] && again.errno == .EACCES)
  }

  @Test func withOneItComesInAnew() throws {
    var lab = try DivertLab([rule(100, .deny, .in)])
    let own = lab.write(TestPacket().bytes, to: Endpoint(IPv4Address(10, 0, 2, 1), 100))
    #expect(own.ends.map(\.id) == [.outSent] && own.counted == ["total": 1, "forward": 1])
    let denied = lab.write(TestPacket().bytes, to: Endpoint(IPv4Address(10, 0, 2, 1), 99))
    #expect(denied.ends.map(\.rule) == [100] && denied.errno == nil)
    let beyond = lab.write(TestPacket().bytes, to: Endpoint(IPv4Address(10, 0, 2, 1), 65_535))
    #expect(beyond.ends.map(\.id) == [.ipFwDeny] && beyond.ends.map(\.rule) == [0])
    // The name goes before the address; without either nobody received it.
    let named = lab.write(
      TestPacket().bytes, to: Endpoint(IPv4Address(9, 9, 9, 9), 100), by: InterfaceName("em1"))
    #expect(named.errno == nil)
    let lost = lab.write(
      TestPacket().bytes, to: Endpoint(IPv4Address(9, 9, 9, 9), 100), by: InterfaceName("em99"))
    #expect(lost.errno == .EADDRNOTAVAIL && lost.ends.map(\.verdict) == [.dropped])
    lab.expectBalance()
  }

  @Test func whatIsNoPacketIsRefused() throws {
    var lab = try DivertLab([])
    let short = lab.write([0x45], to: nil)
    #expect(short.errno == .EINVAL && short.counted == ["toosmall": 1])
    for (place, value) in [(0, UInt8(0x44)), (0, 0x4f), (2, 0xff), (3, 10)] {
      var bytes = TestPacket().bytes
      bytes[place] = value
      let run = lab.write(bytes, to: nil)
      #expect(run.errno == .EINVAL && run.counted.isEmpty, "byte \(place)")
    }
    #expect(lab.write([UInt8](repeating: 0x45, count: 70_000), to: nil).errno == .EMSGSIZE)
    #expect(lab.write([UInt8](repeating: 0x45, count: 65_620), to: nil).errno == .ENOBUFS)
    lab.expectBalance()
  }

  @Test func anInterfacesLongNameIsCut() throws {
    var lab = try DivertLab([rule(100, .divert(1000), .in)])
    try lab.router.kernel.rename(vnet: .zero, interface: lab.router.cards[0], to: "outside0")
    _ = lab.router.receive(TestPacket().bytes)
    let datagram = try lab.router.kernel.receive(vnet: .zero, lab.socket)
    #expect(datagram.interface == InterfaceName("outside"))
    // So the address finds it.
    let run = lab.write(datagram.bytes, to: datagram.source, by: datagram.interface)
    #expect(run.ends.map(\.id) == [.outSent])
  }
}

@Suite("What the hooks keep") struct HookEndTests {
  @Test func aReassRuleRefusesWhatItKeeps() throws {
    var lab = try DivertLab([rule(100, .reass, .out)])
    let forwarded = lab.router.receive(fragment(0, last: false))
    #expect(forwarded.ends.map(\.id) == [.reassHeld])
    #expect(forwarded.counted == ["total": 1, "fragments": 1, "cantforward": 1])
    var own = TestPacket(source: IPv4Address(10, 0, 0, 1), identification: 9)
    own.fragment = IPv4Header.MF
    own.payload = [UInt8](repeating: 0, count: 8)
    let sent = lab.router.send(own.bytes)
    #expect(sent.ends.map(\.id) == [.reassHeld] && sent.errno == .EACCES)
    let last = lab.router.receive(fragment(1, last: true))
    #expect(Set(last.ends.map(\.id)) == [.outSent, .reassDone] && last.sent[0].count == 14 + 36)
    lab.expectBalance()
  }

  @Test func aFullQueueOnTheWayToThisHostEndsAPacketOnce() throws {
    var lab = try DivertLab([rule(100, .forward(IPv4Address(10, 0, 2, 1), port: 0), .out)])
    lab.router.kernel.machine.sysctl[.ipIntrQueueMaxlen] = 0
    let run = lab.router.receive(TestPacket().bytes)
    #expect(run.ends.map(\.id) == [.isrQdrop])
    #expect(run.counted == ["total": 1, "cantforward": 1])
    lab.expectBalance()
  }

  @Test(arguments: [Direction.in, .out]) func theFastPathCountsNothing(_ way: Direction) throws {
    var lab = try DivertLab([rule(100, .divert(1000), way)])
    lab.router.kernel[.zero].sysctl[.ipFastforwarding] = 1
    let run = lab.router.receive(TestPacket().bytes)
    #expect(run.ends.map(\.id) == [.fwDivert] && run.counted == ["total": 1])
  }

  /// The length is summed in the processor's order, and nobody makes the sum anew.
  @Test func aReassRuleSpoilsTheChecksumOnTheFastPath() throws {
    var lab = try DivertLab([rule(100, .reass, .in)])
    lab.router.kernel[.zero].sysctl[.ipFastforwarding] = 1
    _ = lab.router.receive(fragment(0, last: false))
    let run = lab.router.receive(fragment(1, last: true))
    let packet = Array(run.sent[0].dropFirst(EthernetHeader.size))
    #expect(sum(of: packet) != 0)
    var swapped = packet
    swapped.swapAt(2, 3)
    #expect(sum(of: swapped) == 0)
    lab.expectBalance()
  }
}
