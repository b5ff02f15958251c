// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

/// The rules see frames too (`ether_ipfw_chk`).
@Suite("net.link.ether.ipfw") struct EthernetFilterTests {
  private static func rule(_ action: RuleAction, _ matches: Match...) -> FirewallRule {
    var rule = FirewallRule(action)
    rule.instructions = [Instruction(.layer2)] + matches.map { Instruction($0) }
    return rule
  }

  private static func router(_ rules: FirewallRule...) throws -> TestRouter {
    var router = try TestRouter()
    router.kernel[.zero].sysctl[.linkEtherIpfw] = 1
    for rule in rules { _ = try router.kernel.firewallAdd(vnet: .zero, rule: rule) }
    return router
  }

  private static func packets(_ router: borrowing TestRouter) throws -> [UInt64] {
    try router.kernel.firewallRules(vnet: .zero).dropLast().map(\.packets)
  }

  @Test func refusesOnTheWayIn() throws {
    var router = try Self.router(Self.rule(.deny, .inbound))
    let run = router.receive(TestPacket().bytes)
    #expect(run.ends.map(\.id) == [.ethFwDeny] && run.ends.map(\.verdict) == [.denied])
    #expect(run.counted.isEmpty)
  }

  @Test func refusesOnTheWayOut() throws {
    var out = Self.rule(.deny)
    out.instructions.append(Instruction(.inbound, isNegated: true))
    var router = try Self.router(out)
    let run = router.receive(TestPacket().bytes)
    #expect(run.ends.map(\.id) == [.fwdErrAcces] && run.ends.map(\.cause) == [.ethFwOut])
    #expect(run.counted == ["total": 1, "cantforward": 1])
    let sent = router.send(TestPacket(source: IPv4Address(10, 0, 0, 1)).bytes)
    #expect(sent.errno == .EACCES && sent.ends.map(\.verdict) == [.denied])
    router.kernel[.zero].sysctl[.ipFastforwarding] = 1
    let fast = router.receive(TestPacket().bytes)
    #expect(fast.ends.map(\.id) == [.ffIferr] && fast.ends.map(\.verdict) == [.denied])
  }

  /// C has given the packet to `icmp_error()`, and says nothing more of it.
  @Test func anAnswerHidesTheRefusal() throws {
    var out = Self.rule(.unreach(code: 1))
    out.instructions.append(Instruction(.inbound, isNegated: true))
    var router = try Self.router(out)
    let run = router.receive(TestPacket().bytes)
    #expect(run.counted["forward"] == 1 && run.counted["cantforward"] == nil)
    #expect(run.ends.map(\.verdict).contains(.denied))
    let tally = router.kernel.machine.tally
    #expect(tally.entered == tally.ended)
  }

  /// What libalias will not have it has freed; a missing instance leaves the packet.
  @Test func libaliasHidesTheRefusal() throws {
    var out = Self.rule(.nat(1))
    out.instructions.append(Instruction(.inbound, isNegated: true))
    var router = try Self.router(out)
    var packet = TestPacket(source: IPv4Address(10, 0, 0, 1))
    (packet.proto, packet.payload) = (1, [5, 0, 0, 0, 0, 0, 0, 0])
    let missing = router.send(packet.bytes)
    #expect(missing.errno == .EACCES && missing.ends.map(\.verdict) == [.denied])
    try router.kernel.natConfigure(vnet: .zero, NatConfiguration(number: 1))
    let ignored = router.send(packet.bytes)
    #expect(ignored.errno == nil && ignored.ends.map(\.verdict) == [.denied])
  }

  @Test func aPacketTooShortForItsHeaderIsGone() throws {
    var router = try Self.router()
    var packet = TestPacket(source: IPv4Address(10, 0, 0, 1))
    (packet.proto, packet.payload) = (6, [0, 1, 2, 3])
    let run = router.send(packet.bytes)
    #expect(run.ends.map(\.id) == [.ethFwOut] && run.errno == nil)
  }

  @Test func restoresTheHeader() throws {
    var router = try Self.router(Self.rule(.count))
    let run = router.receive(TestPacket().bytes)
    #expect(run.sent[0].count == 14 + TestPacket().bytes.count)
    let frame = run.sent[0]
    let header = EthernetHeader(frame.rawBytes)
    #expect(header?.destination == TestRouter.neighbour)
    let counts = try Self.packets(router)
    #expect(counts == [2])
  }

  @Test func seesWhatIsInATag() throws {
    var router = try Self.router(Self.rule(.count, .proto(17)))
    let own = router.kernel[.zero].interfaces[router.cards[0]].hardwareAddress
    for (vlan, ending) in [(UInt8(0), TraceID.outSent), (5, .ethNovlan)] {
      var frame = (0..<6).map { UInt8(truncatingIfNeeded: own.rawValue >> (40 - 8 * $0)) }
      frame += [2, 0, 0, 0, 0, 9, 0x81, 0, 0x60, vlan, 8, 0] + TestPacket().bytes
      var recorder = Recorder()
      router.kernel.receive(ReceivedFrame(frame, on: router.cards[0]), tracer: &recorder)
      let ends = recorder.entries.compactMap {
        if case .end(let end) = $0.event { end.id } else { nil }
      }
      #expect(ends == [ending])
    }
    let counts = try Self.packets(router)
    #expect(counts == [3])
  }

  @Test func passesByFramesOfOtherStations() throws {
    var router = try Self.router(Self.rule(.count))
    let run = router.receive(TestPacket().bytes, to: EthernetAddress(2, 0, 0, 0, 0, 0x77))
    #expect(run.ends.map(\.id) == [.ethPromisc])
    let counts = try Self.packets(router)
    #expect(counts == [0])
  }

  @Test(arguments: [RuleAction.divert(1), .tee(1), .forward(IPv4Address(10, 0, 2, 2), port: 0)])
  func whatNeedsAnIPPacketDoesNotMatch(_ action: RuleAction) throws {
    var router = try Self.router(Self.rule(action))
    #expect(router.receive(TestPacket().bytes).ends.map(\.id) == [.outSent])
    let counts = try Self.packets(router)
    #expect(counts == [0])
  }

  /// A datagram made of frames is refused: the pass knows no such verdict. Headers were not looked at
  /// before, and none of these may trap.
  @Test func reassemblyEndsThere() throws {
    var router = try Self.router(Self.rule(.reass, .inbound))
    var packet = TestPacket()
    packet.payload = [UInt8](repeating: 0, count: 8)
    packet.fragment = IPv4Header.MF
    #expect(router.receive(packet.bytes).ends.map(\.id) == [.reassHeld])
    packet.fragment = 1
    #expect(Set(router.receive(packet.bytes).ends.map(\.id)) == [.ethFwDeny, .reassDone])
    for (place, value) in [(0, UInt8(0x41)), (0, 0x4f), (3, 0), (3, 4)] {
      var bytes = packet.bytes
      bytes[place] = value
      #expect(router.receive(bytes).ends.map(\.id) == [.reassBadlen])
    }
  }
}
