// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Testing
import Wire

// The hook is asked alone, without the IP path around it: no call does that.
@testable import Netstack

/// A packet for the firewall: one that passes every check, to change one thing of.
struct FirewallPacket {
  var header = IPv4Header(
    totalLength: 0, identification: 7, protocol: .udp, source: IPv4Address(10, 0, 0, 5),
    destination: IPv4Address(192, 168, 9, 9))
  var options: [UInt8] = []
  var transport: [UInt8] = [0x04, 0xd2, 0x00, 0x35, 0x00, 0x08, 0x00, 0x00]

  static let udp = FirewallPacket()
  /// Port 1234 to 80, sequence 1000, acknowledgement 2000, window 5000, with these flags.
  static func tcp(_ flags: TCPFlags) -> FirewallPacket {
    var packet = FirewallPacket()
    packet.header.protocol = .tcp
    packet.transport = [
      0x04, 0xd2, 0, 80, 0, 0, 0x03, 0xe8, 0, 0, 0x07, 0xd0, 0x50, flags.rawValue, 0x13, 0x88, 0,
      0, 0, 0,
    ]
    return packet
  }
  static func icmp(_ type: UInt8) -> FirewallPacket {
    var packet = FirewallPacket()
    packet.header.protocol = .icmp
    packet.transport = [type, 0, 0, 0, 0, 0, 0, 0]
    return packet
  }

  func with(_ change: (inout FirewallPacket) -> Void) -> FirewallPacket {
    var copy = self
    change(&copy)
    return copy
  }

  var bytes: [UInt8] {
    var header = header
    header.headerWords = UInt8(5 + options.count / 4)
    let length = header.headerLength + transport.count
    if header.totalLength == 0 { header.totalLength = UInt16(length) }
    var bytes = [UInt8](repeating: 0, count: 20) + options + transport
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    header.write(into: &raw, at: 0)
    return bytes
  }
}

/// What the hook did with a packet.
struct HookRun {
  var verdict: FirewallVerdict
  var header: Packet.Record
  var events: [Event]
  /// The rules that matched, in order.
  var matched: [UInt16] {
    events.compactMap {
      if case .rule(let step) = $0, step.isCounted { step.number } else { nil }
    }
  }
  /// The packets that were made, and the ICMP that was asked for.
  var replies: [String] {
    events.compactMap {
      switch $0 {
      case .reply(let type, let code, _): "icmp \(type)/\(code)"
      case .made(_, .reset): "reset"
      default: nil
      }
    }
  }
}

/// A router with em0 10.0.0.1/24 and em1 192.168.1.1/24, and a firewall that denies.
struct FirewallLab: ~Copyable {
  static let em0 = InterfaceIndex(rawValue: 1)
  static let em1 = InterfaceIndex(rawValue: 2)
  var kernel: Kernel

  init(_ rules: [FirewallRule] = [], forward: Bool = true, divert: Bool = false) {
    var options = KernelOptions()
    options.routeTables = 4
    options.ethernetInterfaces = 2
    options.ipfirewall = true
    options.ipStealth = true
    options.ipfirewallForward = forward
    options.ipdivert = divert
    kernel = Kernel(options)
    for (interface, address) in [
      (FirewallLab.em0, IPv4Address(10, 0, 0, 1)), (FirewallLab.em1, IPv4Address(192, 168, 1, 1)),
    ] {
      let request = AddressRequest(address, mask: IPv4Prefix.mask(length: 24))
      try? kernel.addAddress(vnet: .zero, interface: interface, request)
    }
    for rule in rules { _ = add(rule) }
  }

  /// A second lab in the same state.
  init(copying other: borrowing FirewallLab) { kernel = other.kernel.clone() }

  /// Adds a rule and returns its number, or what the kernel said.
  mutating func add(_ rule: FirewallRule) -> Result<UInt16, Errno> {
    do throws(Errno) {
      return .success(try kernel.firewallAdd(vnet: .zero, rule: rule))
    } catch {
      return .failure(error)
    }
  }

  /// Shows a packet to the hook.
  mutating func ask(
    _ packet: FirewallPacket, _ direction: Direction = .in, on interface: InterfaceIndex = em0,
    received: InterfaceIndex = em0, _ change: (inout Packet.Record) -> Void = { _ in }
  ) throws(Errno) -> HookRun {
    var recorder = Recorder()
    let (verdict, header) = try run(
      packet, FilterPlace(direction, interface), received, change, &recorder)
    return HookRun(verdict: verdict, header: header, events: recorder.entries.map(\.event))
  }

  /// The same with nobody listening.
  mutating func askSilently(
    _ packet: FirewallPacket, _ direction: Direction, on interface: InterfaceIndex
  ) throws(Errno) -> HookRun {
    var silent = Silent()
    let (verdict, header) = try run(
      packet, FilterPlace(direction, interface), FirewallLab.em0, { _ in }, &silent)
    return HookRun(verdict: verdict, header: header, events: [])
  }

  private mutating func run<T: Tracer & ~Copyable>(
    _ packet: FirewallPacket, _ place: FilterPlace, _ received: InterfaceIndex,
    _ change: (inout Packet.Record) -> Void, _ tracer: inout T
  ) throws(Errno) -> (FirewallVerdict, Packet.Record) {
    let number = kernel.machine.newRoot()
    let bytes = packet.bytes
    guard var handle = kernel.machine.store.take(bytes.span.bytes, number: number) else {
      throw .ENOBUFS
    }
    handle.header.receivedOn = received
    change(&handle.header)
    let outer = kernel.machine.enter(.zero)
    defer { kernel.machine.leave(to: outer) }
    switch kernel.vnets[0].pfilRunHooks(handle, place, &kernel.machine, &tracer) {
    case .pass(let packet):
      let header = packet.header
      kernel.machine.store.free(packet)
      return (.pass, header)
    case .denied(let packet, let rule):
      let header = packet.header
      kernel.machine.store.free(packet)
      return (.deny(rule: rule), header)
    case .taken: throw .EACCES
    }
  }

  /// The counters of the rules by number, the default rule last.
  var counters: [(number: UInt16, packets: UInt64, bytes: UInt64)] {
    let rules = (try? kernel.firewallRules(vnet: .zero)) ?? []
    return rules.map { ($0.number, $0.packets, $0.bytes) }
  }
}

extension FirewallRule {
  /// A rule with these conditions.
  static func rule(
    _ number: UInt16, _ action: RuleAction, _ matches: Match..., words: [UInt32] = []
  ) -> FirewallRule {
    var rule = FirewallRule(action)
    rule.number = number
    rule.instructions = matches.map { Instruction($0) }
    rule.words = words
    return rule
  }
}

/// Expects two values to be equal; `#expect` itself cannot look into what cannot be copied.
func expect<Value: Equatable>(
  _ found: Value, is wanted: Value, _ location: SourceLocation = #_sourceLocation
) {
  #expect(found == wanted, sourceLocation: location)
}
