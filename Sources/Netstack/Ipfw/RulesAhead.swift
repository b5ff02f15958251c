// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// What up to sixteen packets meet first by the compiled chain, found side by side: they wait for memory
/// together.
///
/// It says the same as a search for each, and only of packets that one rule lets pass or denies.
struct RulesAhead: ~Copyable {
  /// A rule that a packet meets first, and nothing else comes of it but its verdict.
  struct Known: BitwiseCopyable {
    var place: Int32 = -1
    /// The packet's length, as it is counted.
    var bytes: UInt32 = 0
    var allows = false
  }

  static let most = 16

  private let pin = Pin()
  /// The numbers that the chain asks for, field by field, and which packets have them.
  private var numbers = InlineArray<192, UInt32>(repeating: 0)
  private var present = InlineArray<12, UInt16>(repeating: 0)
  private var keys = InlineArray<16, UInt64>(repeating: 0)
  private var found = InlineArray<16, Known>(repeating: Known())
  /// The packets that are asked for.
  private var taken: UInt16 = 0

  /// What a packet meets; nil where it is not known beforehand.
  @inline(__always)
  subscript(packet: Int) -> Known? {
    let known = found[packet]
    return known.place >= 0 ? known : nil
  }

  /// The place of the rule that lets a packet pass, or -1.
  @inline(__always)
  func allowing(_ packet: Int) -> Int32 { found[packet].allows ? found[packet].place : -1 }

  /// Begins with other packets.
  mutating func begin() {
    taken = 0
    found = InlineArray(repeating: Known())
    present = InlineArray(repeating: 0)
  }

  /// Takes a packet's numbers.
  @inline(__always)
  mutating func take(
    _ packet: Int, _ search: borrowing RuleSearch,
    _ fields: borrowing UniqueArray<CompiledChain.Field>
  ) {
    taken |= 1 << UInt16(packet)
    found[packet].bytes = UInt32(search.facts.count)
    for index in 0..<fields.count {
      guard let number = search.numbers[fields[index].field] else { continue }
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
      guard let rule = chain.classMemo.answer(keys[packet]), rule.isMet,
        !rule.traits.isDisjoint(with: [.allows, .denies])
      else { continue }
      found[packet].place = Int32(rule.place)
      found[packet].allows = rule.traits.contains(.allows)
      hits.prefetch(rule.place)
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
    var search = RuleSearch(bytes, place, received: received, fib: fib)
    guard search.facts.isIPv4, !search.facts.isCut else { return }
    if hasHop { search.facts.takeHop() }
    gather(&search, divertSides: 0, firstTag, machine)
    ahead.take(packet, search, firewall.compiled.fields)
  }

  /// The same of a packet that the machine holds.
  @inline(__always)
  func takeAhead(
    _ number: Int, _ packet: borrowing Packet, _ place: FilterPlace, _ ahead: inout RulesAhead,
    _ machine: borrowing Machine
  ) {
    guard !packet.header.flags.contains(.skipFirewall), packet.header.divertTag == nil,
      packet.header.firstBufferCount == nil
    else { return }
    takeAhead(
      number, machine.store.bytes(of: packet), place, received: packet.header.receivedOn,
      fib: packet.header.fib, packet.header.firstTag, &ahead, machine)
  }

  /// Finds the rules of those that were taken. They are right until a rule changes.
  mutating func findAhead(_ ahead: inout RulesAhead) {
    ahead.find(&firewall.compiled, firewall.hits)
  }

  /// `ipfwCheck` for a packet whose rule is known beforehand.
  @inline(__always)
  mutating func ipfwMeet(_ known: RulesAhead.Known, at second: UInt64) -> FirewallVerdict {
    firewall.count(Int(known.place), bytes: Int(known.bytes), at: second)
    return known.allows ? .pass : .deny(rule: firewall.rules[Int(known.place)].number)
  }
}
