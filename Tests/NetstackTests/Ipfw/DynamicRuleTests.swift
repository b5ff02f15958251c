// SPDX-License-Identifier: BSD-2-Clause

import Testing
import Wire

@testable import Netstack  // Rules are made without the parser, which is Userland's.

/// Segments of a connection, and how long its state lives after the last of them.
struct LifeCase: CustomTestStringConvertible, Sendable {
  var name: String
  var segments: [Segment]
  var seconds: UInt32
  var testDescription: String { name }

  /// A segment of one side, with its acknowledgement.
  struct Segment: Sendable {
    var flags: TCPFlags
    var isForward = true
    var acknowledgement: UInt32 = 2000

    static func go(_ flags: TCPFlags, ack: UInt32 = 2000) -> Segment {
      Segment(flags: flags, acknowledgement: ack)
    }
    static func back(_ flags: TCPFlags) -> Segment { Segment(flags: flags, isForward: false) }
  }
}

extension FirewallPacket {
  /// The way back of a packet.
  var reverse: FirewallPacket {
    with {
      $0.header.source = header.destination
      $0.header.destination = header.source
      $0.transport.replaceSubrange(0..<4, with: transport[2..<4] + transport[0..<2])
    }
  }

  func from(port: UInt16) -> FirewallPacket {
    with {
      $0.transport[0] = UInt8(port >> 8)
      $0.transport[1] = UInt8(port & 0xff)
    }
  }
}

extension FirewallLab {
  /// The dynamic rules in short: `100 state 1/28 10s`.
  var states: [String] {
    ((try? kernel.firewallStates(vnet: .zero)) ?? []).map {
      let kind =
        switch $0.kind {
        case .state: "state"
        case .limit: "limit"
        case .parent(let count): "parent \(count)"
        }
      return "\($0.rule) \(kind) \($0.packets)/\($0.bytes) \($0.remaining)s"
    }
  }

  mutating func pass(seconds: UInt64) {
    kernel.advance(to: kernel.machine.now.advanced(seconds: seconds))
  }

  mutating func set(_ key: SysctlKey, _ value: Int64) {
    try? kernel.setSysctl(key, to: value, vnet: .zero)
  }
}

extension HookRun {
  /// What was said of states.
  var states: [StateStep.Outcome] {
    events.compactMap { if case .state(let step) = $0 { step.outcome } else { nil } }
  }
}

@Suite("dynamic rules") struct DynamicRuleTests {
  static func keepState(_ number: UInt16 = 100, _ action: RuleAction = .allow) -> FirewallRule {
    .rule(number, action, .probeState, .keepState)
  }

  static let lives: [LifeCase] = [
    .init(name: "a first segment", segments: [.go(.syn)], seconds: 20),
    .init(name: "an answer", segments: [.go(.syn), .back([.syn, .ack])], seconds: 300),
    .init(name: "without SYN", segments: [.go(.ack)], seconds: 1),
    .init(
      name: "one side closes", segments: [.go(.syn), .back(.syn), .back([.fin, .ack])],
      seconds: 300),
    .init(
      name: "both sides close",
      segments: [.go(.syn), .back(.syn), .go([.fin, .ack]), .back([.fin, .ack])], seconds: 1),
    .init(name: "a reset", segments: [.go(.syn), .back(.syn), .go(.rst)], seconds: 1),
  ]

  @Test(arguments: lives) func flagsGiveTheTime(_ test: LifeCase) throws {
    var lab = FirewallLab([Self.keepState()])
    for segment in test.segments {
      let packet = FirewallPacket.tcp(segment.flags)
      _ = try lab.ask(segment.isForward ? packet : packet.reverse)
    }
    let bytes = 40 * (test.segments.count - 1)
    expect(
      lab.states, is: ["100 state \(test.segments.count - 1)/\(bytes) \(test.seconds)s"])
  }

  @Test func anAcknowledgementThatGoesBackChangesNothing() throws {
    var lab = FirewallLab([Self.keepState()])
    let segment = FirewallPacket.tcp(.ack)
    for packet in [.tcp(.syn), FirewallPacket.tcp([.syn, .ack]).reverse, segment] {
      _ = try lab.ask(packet)
    }
    lab.pass(seconds: 100)
    _ = try lab.ask(segment.with { $0.transport[11] -= 1 })
    expect(lab.states, is: ["100 state 3/120 200s"])
    _ = try lab.ask(segment.with { $0.transport[11] += 1 })
    expect(lab.states, is: ["100 state 4/160 300s"])
  }

  @Test func otherProtocolsHaveTheirOwnTimes() throws {
    var lab = FirewallLab([Self.keepState()])
    _ = try lab.ask(.udp)
    _ = try lab.ask(.icmp(8))
    expect(lab.states.sorted(), is: ["100 state 0/0 10s", "100 state 0/0 5s"])
    lab.pass(seconds: 5)
    _ = try lab.ask(FirewallPacket.udp.reverse)
    expect(lab.states.sorted(), is: ["100 state 0/0 0s", "100 state 1/28 10s"])
    // What is over is counted until a packet comes to its chain.
    expect(lab.kernel.sysctl(.ipFwDynCount, vnet: .zero, fib: .zero), is: .number(2))
    _ = try lab.ask(.icmp(8))
    expect(lab.states.sorted(), is: ["100 state 0/0 5s", "100 state 1/28 10s"])
  }

  @Test func aStateLeadsToItsRulesAction() throws {
    var lab = FirewallLab([
      .rule(50, .checkState), .rule(100, .allow, .proto(6), .probeState, .keepState),
      .rule(200, .setfib(3), .probeState, .proto(17), .keepState), .rule(300, .count),
    ])
    try expect(lab.ask(.udp).matched, is: [200, 300, 65535])
    let back = try lab.ask(FirewallPacket.udp.reverse)
    #expect(back.header.fib == FibNumber(rawValue: 3))
    #expect(back.states == [.found(isForward: false)])
    expect(lab.counters.map(\.packets), is: [0, 0, 2, 2, 2])
  }

  @Test func aDisabledSetsStateStillLeadsToIt() throws {
    var rule = Self.keepState(200)
    rule.set = 5
    var lab = FirewallLab([.rule(100, .checkState), rule])
    _ = try lab.ask(.udp)
    try lab.kernel.firewallSets(vnet: .zero, disable: 1 << 5, enable: 0)
    try expect(lab.ask(.udp).verdict, is: .pass)
    try expect(lab.ask(FirewallPacket.udp.from(port: 7)).verdict, is: .deny(rule: 65535))
  }

  @Test func aStateIsMadeOnceAndSaysSoOnceASecond() throws {
    var lab = FirewallLab([
      .rule(100, .count, .probeState, .keepState), .rule(200, .allow, .probeState, .keepState),
    ])
    let line = "ipfw: install_state: entry already present, done"
    try expect(lab.ask(.udp).states, is: [.none, .made, .present])
    try expect(lab.ask(.udp).states, is: [.found(isForward: true), .present])
    expect(lab.kernel.machine.messages, is: [line])
    lab.pass(seconds: 1)
    _ = try lab.ask(.udp)
    expect(lab.kernel.machine.messages, is: [line, line])
  }

  @Test func fwdIsForTheWayForward() throws {
    let hop = IPv4Address(1, 2, 3, 4)
    var lab = FirewallLab([Self.keepState(100, .forward(hop, port: 0))])
    _ = try lab.ask(.udp)
    try expect(lab.ask(.udp).header.forwardTag?.address, is: hop)
    try expect(lab.ask(FirewallPacket.udp.reverse).header.forwardTag, is: nil)
  }

  @Test func theTableIsLimited() throws {
    var lab = FirewallLab([Self.keepState(), .rule(200, .allow)])
    lab.set(.ipFwDynMax, 2)
    for port in UInt16(1)...2 { _ = try lab.ask(FirewallPacket.udp.from(port: port)) }
    let full = try lab.ask(FirewallPacket.udp.from(port: 3))
    #expect(full.verdict == .deny(rule: 100))
    #expect(full.states == [.none, .full])
    expect(lab.kernel.machine.messages, is: ["ipfw: install_state: Too many dynamic rules"])
    expect(lab.counters.map(\.packets), is: [3, 0, 0])
    lab.pass(seconds: 10)
    // Those that are over leave for it.
    try expect(lab.ask(FirewallPacket.udp.from(port: 3)).verdict, is: .pass)
    expect(lab.states, is: ["100 state 0/0 10s"])
  }

  @Test func chainsGetTheirNumberWhileThereAreNoStates() throws {
    func numbers(_ lab: borrowing FirewallLab) -> [SysctlValue] {
      [SysctlKey.ipFwDynBuckets, .ipFwCurrDynBuckets].map {
        lab.kernel.sysctl($0, vnet: .zero, fib: .zero)
      }
    }
    var lab = FirewallLab([Self.keepState()])
    // Without a table, a number that is refused leaves none for the first packet.
    lab.set(.ipFwDynBuckets, 100)
    try expect(lab.ask(.udp).states, is: [.none, .failed])
    expect(numbers(lab), is: [.number(256), .number(256)])
    _ = try lab.ask(.udp)
    lab.set(.ipFwDynBuckets, 16)
    _ = try lab.ask(FirewallPacket.udp.from(port: 9))
    expect(numbers(lab), is: [.number(16), .number(256)])
    try lab.kernel.firewallFlush(vnet: .zero)
    _ = lab.add(Self.keepState())
    for port in [10, 26, 300] as [UInt16] { _ = try lab.ask(FirewallPacket.udp.from(port: port)) }
    expect(numbers(lab), is: [.number(16), .number(16)])
    let ports = try lab.kernel.firewallStates(vnet: .zero).map(\.flow.sourcePort)
    #expect(ports == [26, 10, 300])
    try lab.kernel.firewallFlush(vnet: .zero)
    lab.set(.ipFwDynBuckets, -1)
    _ = lab.add(Self.keepState())
    _ = try lab.ask(.udp)
    expect(numbers(lab), is: [.number(1024), .number(1024)])
  }

  @Test func finAndResetStayBelowTheKeepalives() throws {
    var lab = FirewallLab([Self.keepState()])
    lab.set(.ipFwDynRstLifetime, 10)
    lab.set(.ipFwDynFinLifetime, 10)
    _ = try lab.ask(.tcp(.rst))
    expect(lab.states, is: ["100 state 0/0 4s"])
    expect(lab.kernel.sysctl(.ipFwDynRstLifetime, vnet: .zero, fib: .zero), is: .number(4))
    expect(lab.kernel.sysctl(.ipFwDynFinLifetime, vnet: .zero, fib: .zero), is: .number(10))
  }

  @Test func statesGoWithTheirRule() throws {
    var lab = FirewallLab([
      .rule(100, .allow, .probeState, .proto(17), .keepState),
      .rule(200, .allow, .probeState, .proto(1), .limit(.sourceAddress, 4)),
    ])
    _ = try lab.ask(.udp)
    _ = try lab.ask(.icmp(8))
    // Rules in front move those behind.
    _ = lab.add(.rule(50, .count))
    _ = lab.add(.rule(150, .count))
    expect(
      lab.states.sorted(),
      is: ["100 state 0/0 10s", "200 limit 0/0 5s", "200 parent 1 0/0 20s"])
    try lab.kernel.firewallDelete(vnet: .zero, .number(100))
    expect(lab.states.sorted(), is: ["200 limit 0/0 5s", "200 parent 1 0/0 20s"])
    try expect(lab.ask(.icmp(8)).matched, is: [50, 150, 200])
    try lab.kernel.firewallFlush(vnet: .zero)
    expect(lab.states, is: [])
    expect(lab.kernel.sysctl(.ipFwDynCount, vnet: .zero, fib: .zero), is: .number(0))
  }

  @Test func aTeeThatItsStateLeadsBackToIsCut() throws {
    var lab = FirewallLab(
      [Self.keepState(100, .tee(9000)), .rule(200, .checkState), .rule(300, .allow)], divert: true)
    let run = try lab.ask(.udp)
    #expect(run.verdict == .deny(rule: 100))
    let loops = run.events.filter { if case .filterLoop(rule: 100) = $0 { true } else { false } }
    #expect(loops.count == 1)
    #expect(run.states.count == 102 && run.states.last == .found(isForward: true))
  }

  @Test func aCloneHasItsOwn() throws {
    var lab = FirewallLab([Self.keepState()])
    _ = try lab.ask(.udp)
    var other = lab.kernel.clone()
    try lab.kernel.firewallFlush(vnet: .zero)
    expect(try other.firewallStates(vnet: .zero).count, is: 1)
    expect(lab.states, is: [])
    other.advance(to: other.machine.now.advanced(seconds: 30))
    expect(other.machine.timers.count, is: lab.kernel.machine.timers.count)
  }
}

@Suite("flows of dynamic rules") struct FlowTests {
  static func flow6(_ port: UInt16, source: UInt32, destination: UInt32) throws -> FlowID {
    var bytes = [UInt8](repeating: 0, count: 40)
    bytes[0] = 0x60
    let place = FilterPlace(.in, FirewallLab.em0)
    let facts = PacketFacts(bytes.span.bytes, place, received: FirewallLab.em0, fib: .zero)
    var flow = FlowID(facts, bytes.span.bytes)
    (flow.sourcePort, flow.destinationPort) = (port, 80)
    flow.source6 = [0x2001_0db8, 0, 0, source]
    flow.destination6 = [0x2001_0db8, 0, 0, destination]
    return flow
  }

  @Test func ipv6FlowsAreFoundBothWays() throws {
    var states = DynamicRules()
    var buckets: Int64 = 256
    let flow = try Self.flow6(1000, source: 1, destination: 2)
    _ = states.add(
      DynamicRule(flow, .state, rule: 0, expiry: 10), of: flow, at: 1, wantedBuckets: &buckets)
    var back = flow
    (back.source6, back.destination6) = (flow.destination6, flow.source6)
    (back.sourcePort, back.destinationPort) = (flow.destinationPort, flow.sourcePort)
    #expect(flow.hash == back.hash)
    expect(states.find(flow, at: 1)?.isForward, is: true)
    expect(states.find(back, at: 1)?.isForward, is: false)
    let other = try Self.flow6(1000, source: 1, destination: 3)
    expect(states.find(other, at: 1)?.isForward, is: nil)
  }

  @Test func theLastHitComesFirst() throws {
    var states = DynamicRules()
    var buckets: Int64 = 1
    for port in UInt16(1)...3 {
      let flow = try Self.flow6(port, source: 1, destination: 2)
      _ = states.add(
        DynamicRule(flow, .state, rule: 0, expiry: 10), of: flow, at: 1, wantedBuckets: &buckets)
    }
    _ = states.find(try Self.flow6(2, source: 1, destination: 2), at: 1)
    var ports: [UInt16] = []
    states.forEach { ports.append(states.flow(of: $0).sourcePort) }
    #expect(ports == [2, 3, 1])
  }

  @Test func secondsWrap() throws {
    let state = try DynamicRule(
      Self.flow6(1, source: 1, destination: 2), .state, rule: 0, expiry: 5)
    expect(state.remaining(at: .max - 4), is: 10)
    expect(state.remaining(at: 5), is: 0)
  }
}
