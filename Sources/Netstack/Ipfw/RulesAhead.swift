// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// What up to 32 packets meet first by the compiled chain, found side by side: they wait for memory
/// together.
///
/// It says the same as a search for each, and only of packets that one rule lets pass or denies.
struct RulesAhead: ~Copyable {
  static let most = 32
  private static let noRow = UInt8(CompiledChain.mostFields)

  private let pin = Pin()
  /// The numbers that the chain asks for, field by field, and of the packets those that have none. Numbers
  /// that the chain does not ask for go to a row behind those.
  private var numbers = InlineArray<416, UInt32>(repeating: 0)
  private var absent = InlineArray<12, UInt32>(repeating: 0)
  /// The rows of what headers say: of the fields up to `destinationPort`.
  private var rows = InlineArray<8, UInt8>(repeating: noRow)
  private var keys = InlineArray<32, UInt64>(repeating: 0)
  private var found = InlineArray<32, KnownRule>(repeating: KnownRule())
  /// The packets that are asked for.
  private var taken: UInt32 = 0

  /// Takes the fields that the chain asks for.
  init(_ fields: borrowing UniqueArray<CompiledChain.Field>) {
    for index in 0..<fields.count where fields[index].field.rawValue < rows.count {
      rows[Int(fields[index].field.rawValue)] = UInt8(index)
    }
  }

  /// What a packet meets; nil where it is not known beforehand.
  @inline(__always)
  subscript(packet: Int) -> KnownRule? {
    let known = found[packet]
    return known.place >= 0 ? known : nil
  }

  /// The place of the rule that lets a packet pass, or -1.
  @inline(__always)
  func allowing(_ packet: Int) -> Int32 { found[packet].allows ? found[packet].place : -1 }

  /// Takes the headers of a plain packet.
  @inline(__always)
  mutating func take(_ packet: Int, _ headers: PacketHeaders, _ ip: IPv4Header) {
    note(packet, bytes: headers.count)
    set(.proto, packet, UInt32(headers.proto))
    set(.family, packet, 4)
    set(.version, packet, UInt32(ip.version))
    set(.source, packet, ip.source.rawValue)
    set(.destination, packet, ip.destination.rawValue)
    set(.sourcePort, packet, headers.port(.source).map { UInt32($0) })
    set(.destinationPort, packet, headers.port(.destination).map { UInt32($0) })
  }

  /// Takes a packet's numbers.
  @inline(__always)
  mutating func take(
    _ packet: Int, _ own: borrowing PacketNumbers, bytes: Int,
    _ fields: borrowing UniqueArray<CompiledChain.Field>
  ) {
    note(packet, bytes: bytes)
    for index in 0..<fields.count { set(row: index, packet, own[fields[index].field]) }
  }

  @inline(__always)
  private mutating func note(_ packet: Int, bytes: Int) {
    taken |= 1 << UInt32(packet)
    found[packet].bytes = UInt32(bytes)
  }

  @inline(__always)
  private mutating func set(_ field: PacketField, _ packet: Int, _ number: UInt32?) {
    set(row: Int(rows[Int(field.rawValue)]), packet, number)
  }

  @inline(__always)
  private mutating func set(row: Int, _ packet: Int, _ number: UInt32?) {
    if let number {
      numbers[row &* RulesAhead.most &+ packet] = number
    } else if row < absent.count {
      absent[row] |= 1 << UInt32(packet)
    }
  }

  /// Finds what they meet.
  mutating func find(_ chain: inout CompiledChain, _ hits: borrowing RuleHits) {
    for index in 0..<chain.fields.count {
      let field = chain.fields[index]
      let first = index &* RulesAhead.most
      let own = numbers.span.extracting(first..<first + RulesAhead.most)
      var classes = chain.findClasses(own, field)
      while absent[index] != 0 {
        classes[absent[index].trailingZeroBitCount] = field.absent
        absent[index] &= absent[index] &- 1
      }
      for packet in 0..<RulesAhead.most {
        keys[packet] |= UInt64(classes[packet]) &<< UInt64(field.keyShift)
      }
    }
    for packet in 0..<RulesAhead.most { chain.classMemo.prefetch(keys[packet]) }
    var count = 0
    for packet in 0..<RulesAhead.most where taken &>> UInt32(packet) & 1 != 0 {
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
  /// Whether rules are looked for beforehand: of few packets none are, as the work is that of 32.
  func looksAhead(of count: Int) -> Bool {
    count > 8 && sysctl.fwCompiled != 0 && firewall.compiled.isReady
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
    if firewall.screens.asked.arePlain {
      let headers = PacketHeaders(bytes)
      if headers.areWhole, let ip = headers.ip { ahead.take(packet, headers, ip) }
      return
    }
    var numbers = PacketNumbers()
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
