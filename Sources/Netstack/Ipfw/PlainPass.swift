// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// A rule that a packet meets first, and nothing else comes of it but its verdict.
struct KnownRule: BitwiseCopyable {
  /// -1 for none.
  var place: Int32 = -1
  /// The packet's length, as it is counted.
  var bytes: UInt32 = 0
  var allows = false

  init() {}

  init(place: Int32, bytes: UInt32, allows: Bool) {
    (self.place, self.bytes, self.allows) = (place, bytes, allows)
  }

  /// Nil where more has to be asked, or comes of it.
  @inline(__always)
  init?(_ candidate: RuleCandidate, bytes: Int) {
    let verdicts = candidate.traits.intersection([.allows, .denies])
    guard candidate.isMet, !verdicts.isEmpty else { return nil }
    place = Int32(truncatingIfNeeded: candidate.place)
    self.bytes = UInt32(truncatingIfNeeded: bytes)
    allows = verdicts.contains(.allows)
  }
}

/// The first rule that matters to a plain packet: one that it meets, or one that asks for its state.
struct PlainFirst: BitwiseCopyable {
  var rule: RuleCandidate
  /// The packet's length, as it is counted.
  var count: Int
}

/// Passes of plain packets by chains that ask for nothing but protocol, addresses and ports. Most end at
/// the first rule that they meet, and need not what a search remembers from rule to rule.
extension Vnet {
  /// Whether nothing about a packet but its bytes can matter to such a chain.
  @inline(__always)
  func isPlain(_ packet: borrowing Packet) -> Bool {
    packet.header.divertTag == nil && packet.header.firstBufferCount == nil
  }

  /// Makes numbers of all that rules ask of a packet, and returns its length as it is counted; nil where
  /// that takes more than its headers.
  @inline(__always)
  func plainNumbers(_ bytes: RawSpan, _ numbers: inout PacketNumbers) -> Int? {
    let asked = firewall.screens.asked
    guard asked.arePlain else { return nil }
    let headers = PacketHeaders(bytes)
    guard headers.isIPv4, !headers.isCut else { return nil }
    numbers.fillHeader(asked, headers)
    return headers.count
  }

  /// The rule that a plain packet meets first, or that asks for its state first; nil where a search must
  /// tell.
  ///
  /// - Parameter isAsked: The memos of the chain were asked in vain.
  @inline(never)
  mutating func plainFirst(_ bytes: RawSpan, _ isAsked: inout Bool) -> PlainFirst? {
    guard firewall.plainTrials.isDue() else { return nil }
    var numbers = PacketNumbers()
    guard let count = plainNumbers(bytes, &numbers) else { return nil }
    let rule: RuleCandidate
    if !firewall.prepareSearch(sysctl.fwCompiled) {
      rule = firewall.nextWalked(from: 0, numbers, isStateKnown: false)
    } else if !firewall.compiled.isPristine {
      firewall.plainTrials.note(isServed: false)
      return nil
    } else if let known = firewall.compiled.remembered(numbers) {
      rule = known
    } else {
      isAsked = true
      return nil
    }
    let asksForState = rule.traits.contains(.asksForState)
    let isServed = asksForState || KnownRule(rule, bytes: count) != nil
    // Whether the state serves is seen when it is looked for.
    if !asksForState { firewall.plainTrials.note(isServed: isServed) }
    return isServed ? PlainFirst(rule: rule, count: count) : nil
  }

  /// Counts a plain packet on its state, if that lets it pass; nil where a search must tell.
  ///
  /// It is `lookupState` for those who want no details, which states are.
  @inline(never)
  mutating func plainState(_ packet: borrowing Packet, _ machine: inout Machine) -> KnownRule? {
    let headers = PacketHeaders(machine.store.bytes(of: packet))
    let second = machine.uptime
    guard let ends = headers.ends, case .found(let state) = firewall.states.known(ends, at: second),
      firewall.screens.heads[Int(firewall.states[state.place].rule)].traits.contains(.allowsStates)
    else {
      firewall.plainTrials.note(isServed: false)
      return nil
    }
    firewall.plainTrials.note(isServed: true)
    let rule = meet(state, headers, flags: headers.flowFlags ?? 0, at: second, &machine)
    return KnownRule(place: rule, bytes: UInt32(truncatingIfNeeded: headers.count), allows: true)
  }

  /// Counts a packet on the rule that it meets; the verdict.
  @inline(__always)
  mutating func meet(_ rule: KnownRule, at second: UInt64) -> FirewallVerdict {
    firewall.count(Int(rule.place), bytes: Int(rule.bytes), at: second)
    return rule.allows ? .pass : .deny(rule: firewall.rules[Int(rule.place)].number)
  }
}
