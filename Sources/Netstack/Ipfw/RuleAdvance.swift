// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

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
  @inline(__always)
  mutating func advance(
    from start: Int, _ search: inout RuleSearch, at second: UInt64
  ) -> RuleCandidate {
    search.isCompiled
      ? advanceCompiled(from: start, &search, at: second)
      : advanceWalked(from: start, &search, at: second)
  }

  /// As above by the compiled chain.
  private mutating func advanceCompiled(
    from start: Int, _ search: inout RuleSearch, at second: UInt64
  ) -> RuleCandidate {
    var start = start
    while true {
      var candidate = nextCompiled(from: start, &search, at: second)
      guard passes(&candidate, &search, at: second) else { return candidate }
      start = candidate.place + 1
    }
  }

  /// A rule that the screens admit.
  @inline(__always)
  func candidate(_ place: Int) -> RuleCandidate {
    guard place < screens.heads.count else { return RuleCandidate(place: place) }
    return RuleCandidate(place: place, traits: screens.heads[place].traits)
  }

  /// The next rule by the compiled chain that the screens admit.
  @inline(__always)
  private mutating func nextCompiled(
    from start: Int, _ search: inout RuleSearch, at second: UInt64
  ) -> RuleCandidate {
    guard start == 0, search.state == .unknown, compiled.isPristine else {
      return nextSearched(from: start, &search, at: second).candidate
    }
    if !search.isAsked, let known = compiled.remembered(search.numbers) { return known }
    search.isAsked = false
    let (found, isKnown) = nextSearched(from: 0, &search, compiled.asked.key, at: second)
    compiled.remember(found, isKnown: isKnown, search)
    return found
  }

  /// The same by the rows of the chain; and whether each packet with these numbers meets this rule first.
  ///
  /// - Parameter key: The packet's, if it is known.
  @inline(never)
  private mutating func nextSearched(
    from start: Int, _ search: inout RuleSearch, _ key: UInt64? = nil, at second: UInt64
  ) -> (candidate: RuleCandidate, isKnown: Bool) {
    if search.classes.chain != compiled.number { compiled.chooseRows(&search, key) }
    guard compiled.isPristine else { return (nextPatched(from: start, search), false) }
    let found = compiled.nextPlace(from: start, search, screens)
    let place = min(found.place, rules.count)
    if found.hasCounting {
      if search.isTrial { return (RuleCandidate(place: start), false) }
      compiled.count(from: start, to: place, search, in: &hits, at: second)
    }
    return (candidate(place), found.isKnown && !found.hasCounting)
  }

  /// As above while rules have come or gone since it was compiled: those that came are walked.
  @inline(never)
  private mutating func nextPatched(
    from start: Int, _ search: borrowing RuleSearch
  ) -> RuleCandidate {
    compiled.walked &+= 1
    let known = min(compiled.nextPlace(from: start, search, screens).place, rules.count)
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
  /// The class of a packet in a field.
  @inline(__always)
  private func classOf(_ numbers: borrowing PacketNumbers, _ field: Field) -> UInt32 {
    if let value = numbers[field.field] { classOf(value, field) } else { field.absent }
  }

  /// What the memos know that a packet meets first; else `asked` is what they are to be told of.
  @inline(__always)
  mutating func remembered(_ numbers: borrowing PacketNumbers) -> RuleCandidate? {
    asked.question = memo.isAsked() ? memo.question(numbers) : nil
    if let question = asked.question, let known = memo.answer(question) { return known }
    asked.key = nil
    guard classMemo.isAsked() else { return nil }
    let key = key(of: numbers)
    guard let known = classMemo.answer(key) else {
      asked.key = key
      return nil
    }
    if let question = asked.question { memo.note(known, question) }
    return known
  }

  /// Tells the memos what a packet met of which they did not know it.
  ///
  /// - Parameter isKnown: Each packet with the same numbers meets it first.
  @inline(__always)
  mutating func remember(
    _ found: RuleCandidate, isKnown: Bool, _ search: borrowing RuleSearch
  ) {
    if let question = asked.question {
      if isKnown { memo.note(found, question) } else { memo.noteDoubt() }
    }
    if let key = asked.key {
      if isKnown {
        classMemo.note(found, key, spare: spareFields(to: found.place + 1, search))
      } else {
        classMemo.noteDoubt()
      }
    }
  }

  /// Puts the classes of a packet's numbers together. The memo says whether there are keys.
  private func key(of numbers: borrowing PacketNumbers) -> UInt64 {
    var key: UInt64 = 0
    for index in 0..<fields.count {
      let field = fields[index]
      key |= UInt64(classOf(numbers, field)) &<< UInt64(field.keyShift)
    }
    return key
  }

  /// Finds the rows of a packet's classes.
  func chooseRows(_ search: inout RuleSearch, _ key: UInt64?) {
    for part in 0..<partCount { search.classes.rows[part] = 0 }
    for index in 0..<fields.count {
      let field = fields[index]
      let own =
        if let key {
          UInt32(truncatingIfNeeded: key &>> UInt64(field.keyShift)) & field.keyMask
        } else {
          classOf(search.numbers, field)
        }
      let share = Int(field.shares) &+ Int(own) &* Int(field.partCount)
      search.classes.rows[Int(field.parts[0])] &+= shares[share]
      if field.partCount > 1 { search.classes.rows[Int(field.parts[1])] &+= shares[share &+ 1] }
    }
    search.classes.chain = number
  }

  /// How many of the lowest fields of a packet's key do not matter to what it meets first, before a place:
  /// no rule up to there asks for them, but those that its addresses rule out.
  @inline(never)
  func spareFields(to end: Int, _ search: borrowing RuleSearch) -> Int {
    if spareCount == 0 { return 0 }
    var asked: UInt64 = 1 << UInt64(spareCount)
    for summary in 0..<summaryCount {
      var left = enabledSummary[summary] & wordsOfSparse(summary, search)
      while left != 0 {
        let word = summary << 6 | left.trailingZeroBitCount
        left &= left &- 1
        let first = Int(places[word << 6])
        if first >= end { break }
        var rules = enabled[word] & rulesOfSparse(word, search)
        if first &+ reach >= end { rules &= ~slots(of: word, from: end) }
        for index in 0..<spareCount where rules & sparing[word &* spareCount &+ index] != 0 {
          asked |= 1 << UInt64(index)
        }
      }
    }
    return asked.trailingZeroBitCount
  }

  /// The place of the next rule that may match, but for those that only count while the chain is as it
  /// was; `Int.max` for none. And whether there may be some that only count, on the way to it, and whether
  /// the fields alone said so.
  @inline(__always)
  func nextPlace(
    from start: Int, _ search: borrowing RuleSearch, _ screens: borrowing RuleScreens
  ) -> (place: Int, hasCounting: Bool, isKnown: Bool) {
    let isStateKnown = search.state != .unknown
    var best = Int.max
    var counted: UInt64 = 0
    var open: UInt64 = 0
    let firstWord = word(from: start)
    var summary = firstWord >> 6
    var mask = UInt64.max &<< UInt64(firstWord & 63)
    while summary < summaryCount {
      var left = wordsLeft(summary, search, isStateKnown) & mask
      mask = .max
      while left != 0 {
        let word = summary << 6 | left.trailingZeroBitCount
        left &= left &- 1
        let first = Int(places[word << 6])
        // All words from here on begin behind it.
        if first >= best { return (best, counted != 0, open == 0) }
        var rules = rulesLeft(word, search, isStateKnown)
        if first < start { rules &= slots(of: word, from: start) }
        if isPristine {
          counted |= rules & counting[word]
          rules &= ~counting[word]
        }
        while rules != 0 {
          let bit = UInt64(rules.trailingZeroBitCount)
          rules &= rules &- 1
          let place = Int(places[word << 6 | Int(bit)])
          if place >= best { break }
          let isOpen = ~settled[word] >> bit & 1
          open |= isOpen
          if isOpen == 0
            || screens.admits(search.numbers, at: place, isStateKnown: isStateKnown)
          {
            best = place
            break
          }
        }
      }
      summary &+= 1
    }
    return (best, counted != 0, open == 0)
  }

  /// Counts a packet on the rules from one place to another that only count, and that it meets.
  @inline(never)
  func count(
    from start: Int, to end: Int, _ search: borrowing RuleSearch, in hits: inout RuleHits,
    at second: UInt64
  ) {
    let bytes = search.facts.count
    let firstWord = word(from: start)
    var summary = firstWord >> 6
    var mask = UInt64.max &<< UInt64(firstWord & 63)
    while summary < summaryCount {
      var left = wordsLeft(summary, search, true) & mask
      mask = .max
      while left != 0 {
        let word = summary << 6 | left.trailingZeroBitCount
        left &= left &- 1
        let first = Int(places[word << 6])
        if first >= end { return }
        var rules = rulesLeft(word, search, true) & counting[word]
        if first < start { rules &= slots(of: word, from: start) }
        if first &+ reach >= end { rules &= ~slots(of: word, from: end) }
        if rules == .max, Int(places[word << 6 + 63]) == first + 63 {
          hits.countWord(from: first, bytes: bytes, at: second)
          continue
        }
        while rules != 0 {
          let slot = word << 6 | rules.trailingZeroBitCount
          hits.count(Int(places[slot]), bytes: bytes, at: second)
          rules &= rules &- 1
        }
      }
      summary &+= 1
    }
  }

  /// Of 64 words those in which each field may leave rules.
  @inline(__always)
  private func wordsLeft(
    _ summary: Int, _ search: borrowing RuleSearch, _ isStateKnown: Bool
  ) -> UInt64 {
    let enabled = enabledSummary[summary]
    var left = enabled & wordsOfSparse(summary, search)
    for part in 0..<wholeCount { left &= rows[Int(search.classes.rows[part]) &+ summary] }
    if isStateKnown || !hasProbing { return left }
    return left | (probingSummary[summary] & enabled)
  }

  /// Of 64 words those in which the fields may leave rules whose rows are not whole.
  @inline(__always)
  private func wordsOfSparse(_ summary: Int, _ search: borrowing RuleSearch) -> UInt64 {
    var left = UInt64.max
    var own = summary &* (partCount &- wholeCount)
    for part in wholeCount..<partCount {
      left &= wildSummary[own] | rows[Int(search.classes.rows[part]) &+ summary]
      own &+= 1
    }
    return left
  }

  /// Of the 64 rules of a word those that each field leaves.
  @inline(__always)
  private func rulesLeft(
    _ word: Int, _ search: borrowing RuleSearch, _ isStateKnown: Bool
  ) -> UInt64 {
    let enabled = self.enabled[word]
    var left = enabled & rulesOfSparse(word, search)
    for part in 0..<wholeCount {
      left &= rows[Int(search.classes.rows[part]) &+ summaryCount &+ word]
    }
    if isStateKnown || !hasProbing { return left }
    return left | (probing[word] & enabled)
  }

  /// Of the 64 rules of a word those that the fields leave whose rows are not whole.
  @inline(__always)
  private func rulesOfSparse(_ word: Int, _ search: borrowing RuleSearch) -> UInt64 {
    var left = UInt64.max
    let summary = word >> 6
    let bit = UInt64(word & 63)
    var own = word &* (partCount &- wholeCount)
    for part in wholeCount..<partCount {
      let row = Int(search.classes.rows[part])
      let bits = rows[row &+ summary]
      // How many of its words come before this one.
      let counts = rows[row &+ summaryCount &+ summary >> 2] &>> UInt64((summary & 3) &* 16)
      let before = Int(counts & 0xffff) &+ (bits & ((1 &<< bit) &- 1)).nonzeroBitCount
      // All ones if it has this one, so that no branch has to be guessed.
      let has = UInt64(bitPattern: Int64(bitPattern: bits &<< (63 &- bit)) &>> 63)
      left &= wild[own] | has & rows[row &+ summaryCount &+ (summaryCount &+ 3) >> 2 &+ before]
      own &+= 1
    }
    return left
  }

  /// The first word that may have a rule at this place of the chain or behind it.
  @inline(__always)
  private func word(from place: Int) -> Int {
    if place <= reach { return 0 }
    var (low, high) = (0, wordCount)
    while low < high {
      let middle = (low + high) / 2
      if Int(places[middle << 6]) < place - reach { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The slots of a word whose rules are at this place of the chain or behind it.
  @inline(__always)
  private func slots(of word: Int, from place: Int) -> UInt64 {
    var (low, high) = (0, 64)
    while low < high {
      let middle = (low + high) / 2
      if Int(places[word << 6 | middle]) < place { low = middle + 1 } else { high = middle }
    }
    return low == 64 ? 0 : .max &<< UInt64(low)
  }
}
