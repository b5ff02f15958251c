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

/// Where the rows of a field's classes begin, or what the classes add to where rows of several fields do.
struct FieldShare {
  let classes: FieldClasses
  /// Which of a packet's rows it is.
  let part: Int
  let isWhole: Bool
  /// By class.
  let rows: [UInt32]
}

/// The values of a field in classes that have the same rows, where it has its rows in one part or two.
struct JointClasses {
  let field: PacketField
  /// Where intervals begin, and the class of each.
  private(set) var starts: [UInt32] = []
  private(set) var numbers: [UInt32] = []
  private(set) var absent: UInt32 = 0
  private(set) var count = 0
  private(set) var parts = SIMD2<UInt8>()
  /// Part by part, by class.
  private(set) var shares: [[UInt32]]
  /// The rules that do not ask for it in any part.
  let wild: [UInt64]
  let wildCount: Int
  /// A memo may leave it out where no rule asks for it: it is not what a memo is searched by.
  let isSpare: Bool

  /// How many bits of a key its class takes.
  var keyBits: Int { UInt32.bitWidth - UInt32(count - 1).leadingZeroBitCount }

  init(_ own: [FieldShare]) {
    field = own[0].classes.field
    wild = own[0].classes.wild.indices.map { word in own.reduce(.max) { $0 & $1.classes.wild[word] }
    }
    wildCount = wild.reduce(0) { $0 + $1.nonzeroBitCount }
    isSpare = field.bits == 16 && own.allSatisfy(\.isWhole)
    shares = Array(repeating: [], count: own.count)
    for (index, share) in own.enumerated() { parts[index] = UInt8(share.part) }
    var known: [[UInt32]: UInt32] = [:]
    var next = [Int](repeating: 0, count: own.count)
    while true {
      let start = zip(own, next).map { $0.classes.start($1) }.min() ?? .max
      guard start <= UInt64(UInt32.max) else { break }
      for (index, share) in own.enumerated() where share.classes.start(next[index]) == start {
        next[index] += 1
      }
      starts.append(UInt32(start))
      let rows = zip(own, next).map { $0.rows[Int($0.classes.numbers[$1 - 1])] }
      numbers.append(number(rows, &known))
    }
    absent = number(own.map { $0.rows[Int($0.classes.absent)] }, &known)
  }

  private mutating func number(_ rows: [UInt32], _ known: inout [[UInt32]: UInt32]) -> UInt32 {
    if let number = known[rows] { return number }
    let number = UInt32(count)
    known[rows] = number
    for (index, row) in rows.enumerated() { shares[index].append(row) }
    count += 1
    return number
  }
}

extension FieldClasses {
  /// Where an interval begins; beyond all values where there are no more.
  fileprivate func start(_ interval: Int) -> UInt64 {
    interval < starts.count ? UInt64(starts[interval]) : .max
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
