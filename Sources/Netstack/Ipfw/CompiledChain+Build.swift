// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

extension CompiledChain {
  /// The most words that the sets of one field may take; one that needs more is not asked.
  private static let mostWords = 1 << 22

  /// Makes it from a chain.
  ///
  /// - Parameter isEager: Every field that a rule asks for counts, and groups are made of few rules; else
  ///   it is done where that pays.
  mutating func build(
    _ screens: borrowing RuleScreens, disabled: UInt32, isEager: Bool
  ) {
    let last = max(number, lastNumber)
    let builder = ChainBuilder(screens)
    self = CompiledChain()
    number = last &+ 1
    lastNumber = number
    let slots = arrange(builder, isEager: isEager)
    let enough = isEager ? 1 : max(4, builder.ruleCount / 128)
    // Those that most rules ask for come first: they leave the fewest.
    let wanted = builder.fields.indices.filter { (builder.fields[$0]?.count ?? 0) >= enough }
      .sorted { (builder.fields[$0]?.count ?? 0) > (builder.fields[$1]?.count ?? 0) }
    var asking: [[UInt64]] = []
    var known = PacketFields()
    for index in wanted where asking.count < CompiledChain.mostFields {
      guard let rules = builder.fields[index],
        let field = PacketField(rawValue: UInt8(truncatingIfNeeded: index)),
        add(field, rules, slots)
      else { continue }
      asking.append(spread(rules.asking, slots))
      known.insert(field)
    }
    let asked = builder.asked.map { $0.rawValue & ~known.rawValue }
    fill(builder, slots, asking, isUnknown: { asked[$0] != 0 })
    setsChanged(screens.heads, disabled: disabled)
  }

  /// The sets that no field has a part in, and what fields leave open.
  private mutating func fill(
    _ builder: ChainBuilder, _ slots: [Int32], _ asking: [[UInt64]],
    isUnknown: (_ place: Int) -> Bool
  ) {
    for word in 0..<wordCount {
      for bits in asking { wild.append(~bits[word]) }
      never.append(.max)
      enabled.append(0)
      settled.append(0)
      counting.append(0)
    }
    for word in spread(builder.probing, slots) { probing.append(word) }
    for (place, slot) in slots.enumerated() {
      let (word, bit) = (Int(slot) >> 6, UInt64(1) << UInt64(slot & 63))
      let (from, mask) = (place >> 6, UInt64(1) << UInt64(place & 63))
      if builder.never[from] & mask == 0 { never[word] &= ~bit }
      guard builder.exact[from] & mask != 0, !isUnknown(place) else { continue }
      settled[word] |= bit
      if builder.countsOnly[from] & mask != 0 {
        counting[word] |= bit
        hasCounting = true
      }
    }
    for summary in 0..<summaryCount {
      let rest = summary << 6..<min(summary << 6 + 64, wordCount)
      for bits in asking { wildSummary.append(self.bits(rest) { bits[$0] != .max }) }
      probingSummary.append(bits(rest) { probing[$0] != 0 })
      enabledSummary.append(0)
    }
  }

  /// Under so many rules there is one group.
  private static let fewForGroups = 512

  /// Gives each rule its slot, by the addresses it asks for.
  private mutating func arrange(_ builder: ChainBuilder, isEager: Bool) -> [Int32] {
    let count = builder.ruleCount
    var slots = [Int32](repeating: 0, count: count)
    func kind(_ place: Int) -> Int {
      guard isEager || count >= CompiledChain.fewForGroups else { return 0 }
      return (builder.asked[place].contains(.source) ? 1 : 0)
        + (builder.asked[place].contains(.destination) ? 2 : 0)
    }
    for wanted in 0..<4 {
      let first = slotCount
      for place in 0..<count where kind(place) == wanted {
        slots[place] = Int32(slotCount)
        places.append(Int32(place))
        slotCount += 1
      }
      guard slotCount > first else { continue }
      groups.append(Group(first: Int32(first), end: Int32(slotCount)))
      // The next one begins with a word.
      while slotCount & 63 != 0 {
        places.append(Int32(count))
        slotCount += 1
      }
      groups[groups.count - 1].end = Int32(slotCount)
    }
    wordCount = slotCount / 64
    summaryCount = (wordCount + 63) / 64
    return slots
  }

  /// The bits of rules at their slots.
  private func spread(_ rules: [UInt64], _ slots: [Int32]) -> [UInt64] {
    var result = [UInt64](repeating: 0, count: wordCount)
    for (place, slot) in slots.enumerated()
    where rules[place >> 6] >> UInt64(place & 63) & 1 != 0 {
      result[Int(slot) >> 6] |= 1 << UInt64(slot & 63)
    }
    return result
  }

  /// A bit for each of up to 64 words.
  private func bits(_ words: Range<Int>, where isSet: (Int) -> Bool) -> UInt64 {
    var bits: UInt64 = 0
    for word in words where isSet(word) { bits |= 1 << UInt64(word & 63) }
    return bits
  }

  /// Divides the values of a field into classes; false where they need too much memory.
  private mutating func add(
    _ field: PacketField, _ rules: ChainBuilder.FieldRules, _ slots: [Int32]
  ) -> Bool {
    var sweep = RuleSweep(wordCount: wordCount, firstWord: words.count, firstSet: sets.count)
    let firstStart = starts.count
    // Where rules begin and end to admit values: the value high, the slot low.
    var events: [UInt64] = []
    events.reserveCapacity(rules.spans.count * 2)
    for span in rules.spans {
      let slot = UInt64(slots[Int(span.rule)])
      events.append(UInt64(span.low) << 32 | slot)
      if span.high != .max { events.append(UInt64(span.high + 1) << 32 | slot) }
    }
    events.sort()
    var next = 0
    var value: UInt32 = 0
    while true {
      while next < events.count, UInt32(truncatingIfNeeded: events[next] >> 32) == value {
        sweep.turn(Int(events[next] & 0xffff_ffff))
        next += 1
      }
      let number = sweep.classNumber()
      guard sweep.words.count <= CompiledChain.mostWords else {
        // Nothing of it was kept.
        while starts.count > firstStart { (_, _) = (starts.popLast(), classes.popLast()) }
        return false
      }
      if starts.count == firstStart || classes[classes.count - 1] != number {
        starts.append(value)
        classes.append(number)
      }
      guard next < events.count else { break }
      value = UInt32(truncatingIfNeeded: events[next] >> 32)
    }
    sweep.turnTo(spread(rules.absent, slots))
    let absent = sweep.classNumber()
    for word in sweep.words { words.append(word) }
    for set in sweep.sets { sets.append(set) }
    fields.append(tableOf(field, firstStart, absent: absent))
    return true
  }
}

/// The rules that admit a value, while values are gone through in order.
private struct RuleSweep {
  private var active: [UInt64]
  /// A bit for each word that is not 0.
  private var summary: [UInt64]
  /// A number for the set of rules, by which it is found again.
  private var digest: UInt64 = 0
  private var known: [UInt64: UInt32] = [:]
  private let firstWord: Int
  private let firstSet: Int
  private(set) var words: [UInt64] = []
  private(set) var sets: [WordSet] = []

  init(wordCount: Int, firstWord: Int, firstSet: Int) {
    active = Array(repeating: 0, count: wordCount)
    summary = Array(repeating: 0, count: (wordCount + 63) / 64)
    (self.firstWord, self.firstSet) = (firstWord, firstSet)
  }

  /// A rule begins, or ends.
  mutating func turn(_ rule: Int) {
    let word = rule >> 6
    active[word] ^= 1 << UInt64(rule & 63)
    let bit: UInt64 = 1 << UInt64(word & 63)
    if active[word] == 0 { summary[word >> 6] &= ~bit } else { summary[word >> 6] |= bit }
    digest ^= RuleSweep.digest(rule)
  }

  /// Only these are left.
  mutating func turnTo(_ rules: [UInt64]) {
    for word in active.indices {
      var bits = active[word] ^ rules[word]
      while bits != 0 {
        turn(word << 6 | bits.trailingZeroBitCount)
        bits &= bits - 1
      }
    }
  }

  /// The class of the values that these rules admit.
  mutating func classNumber() -> UInt32 {
    if let number = known[digest], isSame(number) { return number }
    let number = UInt32(firstSet + sets.count)
    for (index, bits) in summary.enumerated() {
      sets.append(WordSet(bits: bits, first: UInt32(firstWord + words.count)))
      var rest = bits
      while rest != 0 {
        words.append(active[index << 6 | rest.trailingZeroBitCount])
        rest &= rest - 1
      }
    }
    known[digest] = number
    return number
  }

  /// Whether a class has these rules: sets that differ may have one digest.
  private func isSame(_ number: UInt32) -> Bool {
    let first = Int(number) - firstSet
    for (index, bits) in summary.enumerated() {
      guard sets[first + index].bits == bits else { return false }
      var place = Int(sets[first + index].first) - firstWord
      var rest = bits
      while rest != 0 {
        if words[place] != active[index << 6 | rest.trailingZeroBitCount] { return false }
        place += 1
        rest &= rest - 1
      }
    }
    return true
  }

  /// Splitmix64's finish: numbers that stand for rules and are as good as drawn.
  private static func digest(_ rule: Int) -> UInt64 {
    var bits = UInt64(rule + 1) &* 0x9e37_79b9_7f4a_7c15
    bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
    return bits ^ bits >> 31
  }
}
