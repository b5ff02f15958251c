// SPDX-License-Identifier: BSD-2-Clause

/// A set of rules as a class of values has it: of 64 words one bit each, and where those that are not 0
/// begin.
struct WordSet: BitwiseCopyable {
  var bits: UInt64
  var first: Int
}

/// The values of a field in classes that the same rules admit.
struct FieldClasses {
  let field: PacketField
  /// The rules that do not ask for it, at their slots.
  let wild: [UInt64]
  /// Where intervals begin, and the class of each.
  private(set) var starts: [UInt32] = []
  private(set) var numbers: [UInt32] = []
  /// The class of packets that have no such number.
  private(set) var absent: UInt32 = 0
  /// The sets of the classes, as many words of bits each as the chain has.
  private(set) var sets: [WordSet] = []
  private(set) var words: [UInt64] = []
  private let summaryCount: Int

  /// How many classes there are.
  var count: Int { sets.count / summaryCount }

  /// The most words that the sets of one field may take.
  private static let mostWords = 1 << 22

  /// Divides the values that rules ask for; nil where their sets need too much memory.
  init?(_ rules: ChainBuilder.FieldRules, _ slots: ChainSlots) {
    field = rules.field
    wild = zip(slots.filled, slots.spread(rules.asking)).map { $0 & ~$1 }
    summaryCount = slots.summaryCount
    // Where each class begins in a row is a number of 16 bits.
    guard slots.wordCount <= UInt16.max else { return nil }
    var sweep = RuleSweep(slots)
    // Where rules begin and end to admit values: the value high, the slot low.
    var events: [UInt64] = []
    events.reserveCapacity(rules.spans.count * 2)
    for span in rules.spans {
      let slot = UInt64(slots.slots[Int(span.rule)])
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
      guard sweep.words.count <= FieldClasses.mostWords else { return nil }
      if numbers.last != number {
        starts.append(value)
        numbers.append(number)
      }
      guard next < events.count else { break }
      value = UInt32(truncatingIfNeeded: events[next] >> 32)
    }
    sweep.turnTo(slots.spread(rules.absent))
    absent = sweep.classNumber()
    (sets, words) = (sweep.sets, sweep.words)
  }

  /// All words of a class, with the rules that do not ask.
  func row(_ number: Int) -> [UInt64] {
    var row = wild
    for summary in 0..<summaryCount {
      let set = sets[number * summaryCount + summary]
      var (rest, place) = (set.bits, set.first)
      while rest != 0 {
        row[summary << 6 | rest.trailingZeroBitCount] |= words[place]
        place += 1
        rest &= rest - 1
      }
    }
    return row
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
  private(set) var words: [UInt64] = []
  private(set) var sets: [WordSet] = []

  init(_ slots: ChainSlots) {
    active = Array(repeating: 0, count: slots.wordCount)
    summary = Array(repeating: 0, count: slots.summaryCount)
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
    if let number = known[digest], isSame(Int(number)) { return number }
    let number = UInt32(sets.count / summary.count)
    for (index, bits) in summary.enumerated() {
      sets.append(WordSet(bits: bits, first: words.count))
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
  private func isSame(_ number: Int) -> Bool {
    for (index, bits) in summary.enumerated() {
      let set = sets[number * summary.count + index]
      guard set.bits == bits else { return false }
      var (rest, place) = (bits, set.first)
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
