// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// The next rule that a search has to do with.
struct RuleCandidate: BitwiseCopyable {
  /// Its place in the chain; as many as there are rules where there is none.
  var place: Int
  /// The packet is known to meet its conditions.
  var isMet: Bool
}

/// The classes of a packet's numbers, one for each field of the compiled chain.
struct PacketClasses: ~Copyable {
  private let pin = Pin()
  /// The compiled chain they belong to; 0 for none.
  var chain: UInt32 = 0
  var sets = InlineArray<12, UInt32>(repeating: 0)
}

/// The silent search: what stands between a place of the chain and the next rule that matters.
extension Firewall {
  /// Sees to it that there is a compiled chain, where one is wanted and worth it.
  ///
  /// - Parameter wanted: `net.inet.ip.fw.compiled`: 0 for none, 2 for one at once.
  @inline(__always)
  mutating func prepareSearch(_ wanted: Int) -> Bool {
    if wanted == 0 { return false }
    if wanted == 1, !compiled.isReady, rules.count < CompiledChain.fewRules { return false }
    if wanted == 1 ? compiled.walked < 256 * rules.count : compiled.isReady && compiled.isPristine {
      return compiled.isReady
    }
    compile(isEager: wanted > 1)
    return true
  }

  @inline(never)
  private mutating func compile(isEager: Bool) {
    compiled.build(screens, disabled: disabledSets, isEager: isEager)
  }

  /// The next rule from a place on whose conditions the packet may meet; rules that only count and
  /// whose conditions it meets are counted on the way.
  mutating func advance(
    from start: Int, _ search: inout RuleSearch, at second: UInt64
  ) -> RuleCandidate {
    var start = start
    while true {
      let candidate =
        search.isCompiled
        ? nextCompiled(from: start, &search, at: second)
        : nextWalked(from: start, search)
      guard candidate.isMet, screens.heads[candidate.place].traits.contains(.countsOnly) else {
        return candidate
      }
      hits.count(candidate.place, bytes: search.facts.count, at: second)
      start = candidate.place + 1
    }
  }

  /// As above by a look at each rule.
  @inline(__always)
  private mutating func nextWalked(
    from start: Int, _ search: borrowing RuleSearch
  ) -> RuleCandidate {
    let isStateKnown = search.state != .unknown
    var place = start
    while place < screens.heads.count {
      if !isDisabled(screens.heads[place].set),
        screens.admits(search.numbers, at: place, isStateKnown: isStateKnown)
      {
        break
      }
      place += 1
    }
    compiled.walked &+= place &- start &+ 1
    return candidate(place)
  }

  /// A rule that the screens admit.
  @inline(__always)
  private func candidate(_ place: Int) -> RuleCandidate {
    RuleCandidate(
      place: place,
      isMet: place < screens.heads.count && screens.heads[place].traits.contains(.isExact))
  }

  /// As above by the compiled chain.
  @inline(__always)
  private mutating func nextCompiled(
    from start: Int, _ search: inout RuleSearch, at second: UInt64
  ) -> RuleCandidate {
    if search.classes.chain != compiled.number { compiled.classify(&search) }
    guard compiled.isPristine else { return nextPatched(from: start, search) }
    let place = min(compiled.nextPlace(from: start, search, screens), rules.count)
    if compiled.hasCounting {
      compiled.count(from: start, to: place, search, in: &hits, at: second)
    }
    return candidate(place)
  }

  /// As above while rules have come or gone since it was compiled: those that came are walked.
  @inline(never)
  private mutating func nextPatched(
    from start: Int, _ search: borrowing RuleSearch
  ) -> RuleCandidate {
    compiled.walked &+= 1
    let known = min(compiled.nextPlace(from: start, search, screens), rules.count)
    let isStateKnown = search.state != .unknown
    for index in 0..<compiled.additions.count {
      let place = Int(compiled.additions[index])
      if place < start { continue }
      if place > known { break }
      compiled.walked &+= 1
      if !isDisabled(screens.heads[place].set),
        screens.admits(search.numbers, at: place, isStateKnown: isStateKnown)
      {
        return candidate(place)
      }
    }
    return candidate(known)
  }
}

extension CompiledChain {
  /// Finds the class of each of a packet's numbers.
  func classify(_ search: inout RuleSearch) {
    for index in 0..<fields.count {
      let field = fields[index]
      search.classes.sets[index] =
        if let value = search.numbers[field.field] { classOf(value, field) } else { field.absent }
    }
    search.classes.chain = number
  }

  /// The place of the next rule that may match, but for those that only count while the chain is as it
  /// was; `Int.max` for none.
  @inline(__always)
  func nextPlace(
    from start: Int, _ search: borrowing RuleSearch, _ screens: borrowing RuleScreens
  ) -> Int {
    var best = Int.max
    for index in 0..<groups.count {
      best = min(best, nextPlace(from: start, before: best, in: groups[index], search, screens))
    }
    return best
  }

  /// As above in one group, by words of 64 rules that the fields leave.
  @inline(__always)
  private func nextPlace(
    from start: Int, before limit: Int, in group: Group, _ search: borrowing RuleSearch,
    _ screens: borrowing RuleScreens
  ) -> Int {
    let isStateKnown = search.state != .unknown
    let first = slot(from: start, in: group)
    let firstWord = first >> 6
    let endWord = Int(group.end) >> 6
    var summary = firstWord >> 6
    var mask = UInt64.max << UInt64(firstWord & 63)
    while summary << 6 < endWord {
      var words = wordsLeft(summary, search, isStateKnown) & mask
      mask = .max
      while words != 0 {
        let word = summary << 6 | words.trailingZeroBitCount
        words &= words &- 1
        if word >= endWord || Int(places[word << 6]) >= limit { return .max }
        var left = rulesLeft(word, summary, search, isStateKnown)
        if word == firstWord { left &= UInt64.max << UInt64(first & 63) }
        if isPristine { left &= ~counting[word] }
        while left != 0 {
          let bit = UInt64(left.trailingZeroBitCount)
          let slot = word << 6 | Int(bit)
          let place = Int(places[slot])
          if place >= limit { return .max }
          if settled[word] >> bit & 1 != 0 { return place }
          if screens.admits(search.numbers, at: place, isStateKnown: isStateKnown) { return place }
          left &= left &- 1
        }
      }
      summary &+= 1
    }
    return .max
  }

  /// Counts a packet on the rules from one place to another that only count, and that it meets.
  @inline(never)
  func count(
    from start: Int, to end: Int, _ search: borrowing RuleSearch, in hits: inout RuleHits,
    at second: UInt64
  ) {
    let bytes = search.facts.count
    for index in 0..<groups.count {
      let first = slot(from: start, in: groups[index])
      let last = slot(from: end, in: groups[index])
      var word = first >> 6
      while word << 6 < last {
        // A whole summary at once, where nothing is left of it.
        let words =
          wordsLeft(word >> 6, search, true) & (UInt64.max << UInt64(word & 63))
        guard words != 0 else {
          word = (word & ~63) + 64
          continue
        }
        word = word & ~63 | words.trailingZeroBitCount
        if word << 6 >= last { break }
        var left = rulesLeft(word, word >> 6, search, true) & counting[word]
        if word == first >> 6 { left &= UInt64.max << UInt64(first & 63) }
        if word == last >> 6 { left &= ~(UInt64.max << UInt64(last & 63)) }
        let base = Int(places[word << 6])
        if left == .max, Int(places[word << 6 + 63]) == base + 63 {
          hits.count(.max, from: base, bytes: bytes, at: second)
        } else {
          while left != 0 {
            let slot = word << 6 | left.trailingZeroBitCount
            hits.count(Int(places[slot]), bytes: bytes, at: second)
            left &= left &- 1
          }
        }
        word += 1
      }
    }
  }

  /// Of 64 words those in which each field may leave rules.
  @inline(__always)
  private func wordsLeft(
    _ summary: Int, _ search: borrowing RuleSearch, _ isStateKnown: Bool
  ) -> UInt64 {
    let enabled = enabledSummary[summary]
    var left = enabled
    let count = fields.count
    let row = summary &* count
    for index in 0..<count {
      let set = Int(search.classes.sets[index]) &+ summary
      left &= wildSummary[row &+ index] | sets[set].bits
    }
    return isStateKnown ? left : left | (probingSummary[summary] & enabled)
  }

  /// Of the 64 rules of a word those that each field leaves.
  @inline(__always)
  private func rulesLeft(
    _ word: Int, _ summary: Int, _ search: borrowing RuleSearch, _ isStateKnown: Bool
  ) -> UInt64 {
    let enabled = self.enabled[word]
    var left = enabled
    let count = fields.count
    let row = word &* count
    let below: UInt64 = (1 << UInt64(word & 63)) &- 1
    for index in 0..<count {
      let set = sets[Int(search.classes.sets[index]) &+ summary]
      var own = wild[row &+ index]
      if set.bits & (below &+ 1) != 0 {
        own |= words[Int(set.first) &+ (set.bits & below).nonzeroBitCount]
      }
      left &= own
      // The first fields are those that leave the fewest.
      if left == 0 { break }
    }
    return isStateKnown ? left : left | (probing[word] & enabled)
  }

  /// The first slot of a group whose rule is at this place of the chain or behind it.
  @inline(__always)
  private func slot(from place: Int, in group: Group) -> Int {
    var (low, high) = (Int(group.first), Int(group.end))
    if place == 0 { return low }
    while low < high {
      let middle = (low + high) / 2
      if Int(places[middle]) < place { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
