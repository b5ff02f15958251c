// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// What up to sixteen packets meet first by the compiled chain, found side by side: they wait for memory
/// together.
///
/// It says the same as a search for each, and only of packets that one rule lets pass or denies.
struct RulesAhead: ~Copyable {
  static let most = 16

  private let pin = Pin()
  /// The numbers that the chain asks for, field by field, and which packets have them.
  private var numbers = InlineArray<192, UInt32>(repeating: 0)
  private var present = InlineArray<12, UInt16>(repeating: 0)
  private var keys = InlineArray<16, UInt64>(repeating: 0)
  private var found = InlineArray<16, KnownRule>(repeating: KnownRule())
  /// The packets that are asked for.
  private var taken: UInt16 = 0

  /// What a packet meets; nil where it is not known beforehand.
  @inline(__always)
  subscript(packet: Int) -> KnownRule? {
    let known = found[packet]
    return known.place >= 0 ? known : nil
  }

  /// The place of the rule that lets a packet pass, or -1.
  @inline(__always)
  func allowing(_ packet: Int) -> Int32 { found[packet].allows ? found[packet].place : -1 }

  /// Begins with other packets.
  mutating func begin() {
    taken = 0
    found = InlineArray(repeating: KnownRule())
    present = InlineArray(repeating: 0)
  }

  /// Takes a packet's numbers.
  @inline(__always)
  mutating func take(
    _ packet: Int, _ own: borrowing PacketNumbers, bytes: Int,
    _ fields: borrowing UniqueArray<CompiledChain.Field>
  ) {
    taken |= 1 << UInt16(packet)
    found[packet].bytes = UInt32(bytes)
    for index in 0..<fields.count {
      guard let number = own[fields[index].field] else { continue }
      numbers[index &* RulesAhead.most &+ packet] = number
      present[index] |= 1 << UInt16(packet)
    }
  }

  /// Finds what they meet.
  mutating func find(_ chain: inout CompiledChain, _ hits: borrowing RuleHits) {
    keys = InlineArray(repeating: 0)
    for index in 0..<chain.fields.count {
      let field = chain.fields[index]
      for packet in 0..<RulesAhead.most {
        let isPresent = present[index] &>> UInt16(packet) & 1 != 0
        let number = numbers[index &* RulesAhead.most &+ packet]
        let own = isPresent ? chain.classOf(number, field) : field.absent
        keys[packet] |= UInt64(own) &<< UInt64(field.keyShift)
      }
    }
    for packet in 0..<RulesAhead.most { chain.classMemo.prefetch(keys[packet]) }
    var count = 0
    for packet in 0..<RulesAhead.most where taken &>> UInt16(packet) & 1 != 0 {
      guard let candidate = chain.classMemo.answer(keys[packet]),
        let rule = KnownRule(candidate, bytes: Int(found[packet].bytes))
      else { continue }
      found[packet] = rule
      hits.prefetch(candidate.place)
      count &+= 1
    }
    chain.classMemo.noteAnswers(count)
  }
}

extension Vnet {
  /// Whether rules are looked for beforehand: of few packets none are.
  func looksAhead(of count: Int) -> Bool {
    count >= 4 && sysctl.fwCompiled != 0 && firewall.compiled.isReady
      && firewall.compiled.isPristine
      && firewall.compiled.classMemo.isUseful
  }

  /// Takes one of the packets whose rules are to be found, if it is a plain one.
  ///
  /// - Parameter bytes: From the IP header on.
  @inline(__always)
  func takeAhead(
    _ packet: Int, _ bytes: RawSpan, _ place: FilterPlace, received: InterfaceIndex,
    fib: FibNumber, _ firstTag: Int32, hasHop: Bool = false, _ ahead: inout RulesAhead,
    _ machine: borrowing Machine
  ) {
    var numbers = PacketNumbers()
    let asked = firewall.screens.asked
    if asked.arePlain {
      let headers = PacketHeaders(bytes)
      guard headers.areWhole else { return }
      numbers.fillHeader(asked, headers)
      return ahead.take(packet, numbers, bytes: headers.count, firewall.compiled.fields)
    }
    var facts = PacketFacts(bytes, place, received: received, fib: fib)
    guard facts.isIPv4, !facts.isCut else { return }
    if hasHop { facts.takeHop() }
    gather(&numbers, facts, divertSides: 0, firstTag, machine)
    ahead.take(packet, numbers, bytes: facts.count, firewall.compiled.fields)
  }

  /// The same of a packet that the machine holds.
  @inline(__always)
  func takeAhead(
    _ number: Int, _ packet: borrowing Packet, _ place: FilterPlace, _ ahead: inout RulesAhead,
    _ machine: borrowing Machine
  ) {
    guard !packet.header.flags.contains(.skipFirewall), isPlain(packet) else { return }
    takeAhead(
      number, machine.store.bytes(of: packet), place, received: packet.header.receivedOn,
      fib: packet.header.fib, packet.header.firstTag, &ahead, machine)
  }

  /// Finds the rules of those that were taken. They are right until a rule changes.
  mutating func findAhead(_ ahead: inout RulesAhead) {
    ahead.find(&firewall.compiled, firewall.hits)
  }
}
