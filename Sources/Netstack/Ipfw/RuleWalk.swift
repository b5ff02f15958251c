// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// The silent search in a chain that is not compiled, and what it settles by itself.
extension Firewall {
  /// The next rule that matters, by a look at each.
  mutating func advanceWalked(
    from start: Int, _ search: inout RuleSearch, at second: UInt64
  ) -> RuleCandidate {
    var start = start
    while true {
      var candidate = nextWalked(
        from: start, search.numbers, isStateKnown: search.state != .unknown)
      if candidate.traits.isDisjoint(with: [.asksTables, .countsOnly]) { return candidate }
      guard goesOn(behind: candidate, &search, at: second) else {
        // The tables have the packet, or the rule only counts and nothing is to be counted.
        candidate.isMet = true
        return candidate
      }
      start = candidate.place + 1
    }
  }

  /// `passes` apart from the walk, which has no registers left for it.
  @inline(never)
  private mutating func goesOn(
    behind candidate: RuleCandidate, _ search: inout RuleSearch, at second: UInt64
  ) -> Bool {
    var candidate = candidate
    return passes(&candidate, &search, at: second)
  }

  /// The next rule that a packet's numbers do not rule out.
  @inline(__always)
  mutating func nextWalked(
    from start: Int, _ numbers: borrowing PacketNumbers, isStateKnown: Bool
  ) -> RuleCandidate {
    let place = firstWalked(from: start, numbers, isStateKnown)
    compiled.walked &+= place &- start &+ 1
    return candidate(place)
  }

  /// The place of the first rule from one on that a packet's numbers do not rule out, and whose set is
  /// not switched off; as many as there are rules where there is none.
  ///
  /// Most rules fail at their first screen: the others are looked at apart from the walk.
  @inline(__always)
  private func firstWalked(
    from start: Int, _ numbers: borrowing PacketNumbers, _ isStateKnown: Bool
  ) -> Int {
    let disabled = disabledSets
    var place = start
    while place < screens.heads.count {
      let head = screens.heads[place]
      if disabled >> UInt32(head.set & 31) & 1 == 0 {
        if head.count == 0 { break }
        let screen = screens.searched[Int(head.first)]
        let isOpen = screen.orNext || screen.kind == .barrier
        if isOpen || screen.admits(numbers) {
          if head.count == 1, !isOpen { break }
          if isAdmitted(at: place, numbers, isStateKnown) { break }
        }
      }
      place &+= 1
    }
    return place
  }

  @inline(never)
  private func isAdmitted(
    at place: Int, _ numbers: borrowing PacketNumbers, _ isStateKnown: Bool
  ) -> Bool {
    screens.admits(numbers, at: place, isStateKnown: isStateKnown)
  }

  /// Whether the search goes on behind a rule: one that the packet meets and that only counts, which
  /// it then does, or one whose tables have not got the packet.
  @inline(__always)
  mutating func passes(
    _ candidate: inout RuleCandidate, _ search: inout RuleSearch, at second: UInt64
  ) -> Bool {
    let traits = candidate.traits
    if traits.contains(.asksTables) {
      guard isInTables(of: candidate.place, &search) else { return true }
      candidate.isMet = true
      if !traits.isDisjoint(with: [.allows, .denies]) { return false }
    } else if !traits.contains(.countsOnly) {
      return false
    }
    if search.isTrial { return false }
    hits.count(candidate.place, bytes: search.facts.count, at: second)
    return true
  }

  /// The first rule that matters, and nothing counted: that may be one that only counts.
  mutating func trial(_ search: inout RuleSearch) -> RuleCandidate {
    search.isTrial = true
    return advance(from: 0, &search, at: 0)
  }

  /// Asks the tables of a rule of which the screens say all the rest.
  @inline(never)
  private mutating func isInTables(of place: Int, _ search: inout RuleSearch) -> Bool {
    let head = screens.heads[place]
    var (isInBlock, isOpen) = (false, false)
    for index in Int(head.first)..<Int(head.first) + Int(head.count) {
      let screen = screens.searched[index]
      let isAlone = !isInBlock && !screen.orNext
      isInBlock = screen.orNext
      guard let (end, table) = screen.table, screen.admits(search.numbers),
        let address = search.facts.address(end), !tables.has(table, address)
      else { continue }
      search.numbers.rule(out: table, end)
      if isAlone { return false }
      isOpen = true
    }
    return !isOpen || screens.admits(search.numbers, at: place, isStateKnown: true)
  }
}
