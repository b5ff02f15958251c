// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Testing
import Userland
import Wire

// The hook is asked alone, without the IP path around it: no call does that.
@testable import Netstack

/// What a trace says of a rule that did not match is the reason: without it the condition is met.
@Suite("Why a rule did not match") struct WhyNotTests {
  @Test(arguments: FuzzSize.whyNotSeeds)
  func flippingTheNamedConditionMeetsIt(seed: UInt64) throws {
    var lab = try WhyNotLab()
    var maker = ConditionMaker(random: RandomSource(seed: seed))
    var compared = 0
    while compared < FuzzSize.pairsPerSeed {
      let rule = maker.rule()
      var packet = maker.packet(for: rule)
      // A packet that no rule is asked about is nobody's failure.
      guard let step = try? lab.failure(of: rule, packet), let place = step.failed.map({ Int($0) }),
        place < rule.instructions.count
      else { continue }
      let instruction = rule.instructions[place]
      let words = RulePrinter.whyNot(
        rule, failed: step.failed ?? 0, value: step.value, interfaceName: { "em\($0.rawValue - 1)" }
      )
      #expect(words.contains(": ") || words.contains(" is "), "\(words)")
      guard packet.flip(instruction.match, to: !instruction.isNegated, of: rule) else { continue }
      var alone = rule
      alone.instructions = [Instruction(instruction.match, isNegated: instruction.isNegated)]
      let again = try lab.failure(of: alone, packet)
      #expect(again == nil, "\(instruction) of \(packet): \(words)")
      compared += 1
    }
  }
}

/// A firewall with one rule at a time.
struct WhyNotLab: ~Copyable {
  private var kernel: Kernel

  init() throws {
    var options = KernelOptions.demo
    options.ethernetInterfaces = 2
    kernel = Kernel(options)
    for (interface, address) in [
      (FlipPacket.em0, IPv4Address(10, 0, 0, 1)), (FlipPacket.em1, IPv4Address(192, 168, 1, 1)),
    ] {
      let request = AddressRequest(address, mask: IPv4Prefix.mask(length: 24))
      try kernel.addAddress(vnet: .zero, interface: interface, request)
    }
  }

  /// How the rule failed for a packet; nil where it matched.
  mutating func failure(of rule: FirewallRule, _ packet: FlipPacket) throws -> RuleStep? {
    try kernel.firewallFlush(vnet: .zero)
    _ = try kernel.firewallAdd(vnet: .zero, rule: rule)
    let bytes = packet.bytes
    let number = kernel.machine.newRoot()
    guard var handle = kernel.machine.store.take(bytes.span.bytes, number: number) else {
      throw Errno.ENOBUFS
    }
    handle.header.receivedOn = packet.received
    handle.header.fib = packet.fib
    if packet.divertSides != 0 {
      handle.header.divertTag = DivertTag(port: 1, sides: packet.divertSides, cookie: 0)
    }
    for tag in packet.tags {
      kernel.machine.store.tags.prepend(tag, to: &handle.header.firstTag)
    }
    var recorder = Recorder()
    _ = kernel.vnets[0].ipfwCheck(
      &handle,
      FilterPlace(
        packet.direction, packet.current, sender: packet.owner,
        frame: packet.frame), &kernel.machine, &recorder)
    kernel.machine.store.free(handle)
    for entry in recorder.entries {
      if case .rule(let step) = entry.event { return step.outcome == .failed ? step : nil }
    }
    throw Errno.ENOENT
  }
}

/// Makes conditions, and packets that meet some of them.
struct ConditionMaker {
  var random: RandomSource

  /// A rule of one to four conditions, some negated, some in blocks.
  mutating func rule() -> FirewallRule {
    var rule = FirewallRule(.deny)
    rule.number = 100
    for _ in 0...random.next() % 4 {
      let match = match(&rule)
      rule.instructions.append(
        Instruction(match, isNegated: random.chance(25), orNext: random.chance(20)))
    }
    // A block that is left open would take the action in.
    rule.instructions[rule.instructions.count - 1].orNext = false
    return rule
  }

  /// A packet for which chance has decided whether it meets each of the conditions.
  mutating func packet(for rule: FirewallRule) -> FlipPacket {
    var packet = FlipPacket()
    for instruction in rule.instructions {
      _ = packet.flip(instruction.match, to: random.chance(50), of: rule)
    }
    return packet
  }

  private mutating func address() -> IPv4Address {
    IPv4Address(10, 9, random.byte(), random.byte())
  }

  /// Puts words into the rule's list.
  private func list(_ words: [UInt32], _ rule: inout FirewallRule) -> WordRange {
    defer { rule.words += words }
    return WordRange(start: rule.words.count, count: words.count)
  }

  private mutating func ranges(_ rule: inout FirewallRule, upTo most: UInt16 = 500) -> WordRange {
    let list = (0...random.next() % 3).map { _ in
      let low = UInt16.random(in: 100...most, using: &random)
      return NumberRange(low, low + UInt16(random.byte() & 7)).word
    }
    return self.list(list, &rule)
  }

  private mutating func end() -> PacketEnd { random.pick([.source, .destination]) }

  private mutating func match(_ rule: inout FirewallRule) -> Match {
    let em1 = InterfaceName("em1") ?? .none
    let bit = UInt8(1) << (random.byte() & 3)
    let other = UInt8(1) << (random.byte() & 3)
    switch random.next() % 41 {
    case 0: return .proto(UInt16(random.pick([1, 6, 17, 47, 50])))
    case 1: return .ip4
    case 2: return .ip6
    case 3: return .version(random.pick([4, 6]))
    case 4: return .address(end(), address())
    case 5:
      var pairs: [UInt32] = []
      for _ in 0...random.next() % 2 { pairs += [address().rawValue & 0xffff_ff00, 0xffff_ff00] }
      return .networks(end(), list(pairs, &rule))
    case 6:
      let words = list([UInt32(truncatingIfNeeded: random.next())], &rule)
      return .hosts(end(), base: IPv4Address(10, 9, 1, 32), length: 27, words)
    case 7: return .me(end())
    case 8: return .ports(end(), ranges(&rule))
    case 9: return .inbound
    case 10:
      let test = random.pick([
        InterfaceTest.name(em1), .pattern(InterfaceName("*1") ?? .none),
        .address(IPv4Address(192, 168, 1, 1)),
      ])
      return .interface(random.pick([.recv, .xmit, .via]), test)
    case 11: return .fragment
    case 12: return .fib(UInt16(random.next() % 16))
    case 13: return .number(random.pick([.iplen, .ipid, .tcpdatalen]), ranges(&rule))
    case 14: return .number(.ipttl, ranges(&rule, upTo: 190))
    case 15: return .precedence(UInt8(random.next() % 8) << 5)
    case 16: return .flags(.iptos, set: bit << 2, clear: bit == other ? 0 : other << 2)
    case 17: return .flags(.tcpflags, set: bit, clear: bit == other ? 0 : other)
    case 18: return .flags(.ipoptions, set: bit, clear: bit == other ? 0 : other)
    case 19: return .flags(.tcpoptions, set: bit, clear: bit == other ? 0 : other)
    case 20: return .established
    case 21: return .tcpSequence(UInt32(truncatingIfNeeded: random.next()))
    case 22: return .tcpAcknowledgement(UInt32(truncatingIfNeeded: random.next()))
    case 23: return .tcpWindow(UInt16(truncatingIfNeeded: random.next()))
    case 24: return .icmpTypes(UInt32(truncatingIfNeeded: random.next()) | 1)
    case 25: return .verifyReversePath
    case 26: return .verifySourceReachable
    case 27: return .antispoof
    case 28: return .tagged(UInt16.random(in: 1...20, using: &random))
    case 29: return .taggedIn(ranges(&rule))
    case 30: return .diverted(UInt8.random(in: 1...3, using: &random))
    case 31: return .layer2
    case 32:
      let address = [0x0200_0000, 0x0001_0200, 0x0000_0000 | UInt32(random.byte())]
      return .mac(list(address + [0xffff_ffff, 0xffff_ffff, 0xffff_ffff], &rule))
    case 33: return .macType(ranges(&rule))
    case 34: return .user(UInt32(random.byte()))
    case 35: return .group(UInt32(random.byte()))
    case 36: return .jail(UInt32(random.byte()))
    case 37: return .icmp6Types(list((0..<7).map { _ in UInt32(random.byte()) }, &rule))
    case 38: return .flowIDs(list([UInt32(random.byte()), UInt32(random.byte())], &rule))
    case 39: return .extensionHeaders(1 << UInt16(random.next() % 6))
    default:
      let address: [UInt32] = [0x2001_0db8, 0, 0, UInt32(random.byte())]
      return random.chance(50)
        ? .address6(end(), list(address, &rule))
        : .networks6(end(), list(address.prefix(2) + [0, 0] + [.max, .max, 0, 0], &rule))
    }
  }
}
