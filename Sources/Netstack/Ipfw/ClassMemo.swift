// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// The rules that packets met first, by the classes of all that the compiled chain asks of them: a new
/// packet seldom has classes that none had before.
///
/// What no rule before the one that is met asks for is not part of what is remembered: the lowest fields of
/// a key, as many as each answer says. Answers are sought by the other bits, eight of them in one line of
/// the cache; what finds no room there goes to the line beside. They are exact: what the number of a pair of
/// lines does not say of a key stands in the line. Nothing of it is state.
struct ClassMemo: ~Copyable {
  /// Eight keys, without what the number of the pair says of them, and the answers to them: from the low
  /// end the rule's place, its traits, whether there is one, and at the high end whether the lowest field
  /// and the next are left out.
  private typealias Line = SIMD16<UInt32>

  private let pin = Pin()
  private var lines = UniqueArray<Line>()
  /// How many bits of a product are a line's number; that of its pair is without the lowest.
  private var numberBits: UInt64 = 0
  /// The fields of a key that may be left out, the lowest first, and the same in a line.
  private var spares = SIMD2<UInt64>()
  private var (firstSpare, secondSpare) = (SIMD8<UInt32>(), SIMD8<UInt32>())
  private var isUsed = false
  private var use = MemoUse()
  /// How many answers there are, and which one of a line goes next for another.
  private var filled = 0
  private var next = 0

  /// The most fields that may be left out.
  static let mostSpares = 2
  /// How many bits the numbers of its lines have at first, and at most: as many as keys come.
  private static let fewestBits = 7
  static let mostBits = 14
  private static let placeBits: UInt32 = 16
  private static let isAnswer: UInt32 = 1 << 24

  init() {}

  /// - Parameters:
  ///   - bits: How many bits of keys there are, all at the high end; those that answers are sought by, the
  ///     highest, are `mostBits` at least.
  ///   - spares: Which of them may be left out.
  mutating func begin(bits: Int, spares: SIMD2<UInt64>) {
    // A line keeps 32 of them, and a pair's number says as many as a line's but one.
    let fewest = max(ClassMemo.fewestBits, bits - UInt32.bitWidth + 1)
    isUsed = fewest <= ClassMemo.mostBits
    self.spares = spares
    if isUsed { clear(fewest) }
  }

  /// What it knows is no longer so.
  mutating func forget() {
    if isUsed { clear(Int(numberBits)) }
  }

  private mutating func clear(_ bits: Int) {
    lines = UniqueArray(repeating: .zero, count: 1 << bits)
    numberBits = UInt64(bits)
    firstSpare = SIMD8(repeating: kept(spares[0]))
    secondSpare = SIMD8(repeating: kept(spares[1]))
    filled = 0
    use.begin(window: 32 << bits)
  }

  /// Has twice as many lines, and the same answers.
  private mutating func grow() {
    let bits = numberBits
    var old = UniqueArray<Line>()
    swap(&old, &lines)
    clear(Int(bits) + 1)
    for number in 0..<old.count {
      let pair = UInt64(number >> 1) << (65 - bits)
      for way in 0..<8 where old[number][way + 8] != 0 {
        let rest = (UInt64(old[number][way]) << 32) >> (bits - 1)
        put(old[number][way + 8], at: place(of: pair | rest))
      }
    }
  }
}

extension ClassMemo {
  /// Whether it knew what it was asked of late.
  var isUseful: Bool { isUsed && !use.rests }

  /// Whether it is to be asked.
  @inline(__always)
  mutating func isAsked() -> Bool { isUsed && use.isDue() }

  /// Has what is known of a key brought near.
  @inline(__always)
  func prefetch(_ key: UInt64) { lines.prefetch(place(of: spread(key)).line) }

  /// The rule that a packet with such a key met.
  @inline(__always)
  func answer(_ key: UInt64) -> RuleCandidate? {
    let place = place(of: spread(key))
    var answer = answer(in: place.line, place.rest)
    if answer == 0 { answer = answerBeside(place.line, place.rest) }
    guard answer != 0 else { return nil }
    return RuleCandidate(
      place: Int(answer & (1 << ClassMemo.placeBits - 1)),
      traits: RuleHead.Traits(rawValue: UInt8(truncatingIfNeeded: answer &>> ClassMemo.placeBits)))
  }

  /// The same of the other line of a pair; few are there.
  @inline(never)
  private func answerBeside(_ line: Int, _ rest: UInt32) -> UInt32 { answer(in: line ^ 1, rest) }

  /// The answer of a line to what it keeps of a key; 0 for none.
  @inline(__always)
  private func answer(in line: Int, _ rest: UInt32) -> UInt32 {
    let line = lines[line]
    let answers = line.highHalf
    let signs = SIMD8<Int32>(truncatingIfNeeded: answers)
    let isFirstOut = SIMD8<UInt32>(truncatingIfNeeded: signs &>> 31)
    let isSecondOut = SIMD8<UInt32>(truncatingIfNeeded: (signs &<< 1) &>> 31)
    let ignored = isFirstOut & firstSpare | isSecondOut & secondSpare
    let difference = (line.lowHalf ^ SIMD8(repeating: rest)) & ~ignored
    // All ones where there is one: comparisons of vectors are not compiled into one.
    let differs = SIMD8<Int32>(truncatingIfNeeded: difference | (0 &- difference)) &>> 31
    // Several have one answer.
    let four = answers & ~SIMD8(truncatingIfNeeded: differs)
    let two = four.lowHalf | four.highHalf
    return two[0] | two[1] | two[2] | two[3]
  }

  /// Notes what a packet met, if the rule is one of those whose places it can say.
  ///
  /// - Parameter spare: How many of the lowest fields of its key do not matter to that.
  mutating func note(_ candidate: RuleCandidate, _ key: UInt64, spare: Int) {
    use.noteMiss()
    guard candidate.place >> Int(ClassMemo.placeBits) == 0 else { return }
    let answer =
      UInt32(candidate.place) | UInt32(candidate.traits.rawValue) << ClassMemo.placeBits
      | ClassMemo.isAnswer | (spare > 0 ? 1 << 31 : 0) | (spare > 1 ? 1 << 30 : 0)
    put(answer, at: place(of: spread(key)))
    if filled > 6 * lines.count, numberBits < ClassMemo.mostBits { grow() }
  }

  /// Puts an answer where there is room, or in place of any.
  private mutating func put(_ answer: UInt32, at place: (line: Int, rest: UInt32)) {
    for beside in 0..<2 {
      let line = place.line ^ beside
      for way in 0..<8 where lines[line][way + 8] == 0 {
        lines[line][way] = place.rest
        lines[line][way + 8] = answer
        filled += 1
        return
      }
    }
    next += 1
    lines[place.line][next & 7] = place.rest
    lines[place.line][next & 7 + 8] = answer
  }

  /// Notes how many packets it knew beforehand.
  mutating func noteAnswers(_ count: Int) { use.noteAnswers(count) }

  /// Notes that what a packet met is not known by its classes.
  mutating func noteDoubt() { use.noteMiss() }

  /// A key whose bits that answers are sought by have become a product, of which each bit depends on all
  /// below it. Keys that differ there have other products.
  @inline(__always)
  private func spread(_ key: UInt64) -> UInt64 {
    let spare = spares[0] | spares[1]
    return (key & ~spare) &* 0x9e37_79b9_7f4a_7c15 | key & spare
  }

  /// The line of a key, and what the number of its pair does not say of it.
  @inline(__always)
  private func place(of spread: UInt64) -> (line: Int, rest: UInt32) {
    (Int(spread &>> (64 &- numberBits)), kept(spread))
  }

  /// The bits that a line keeps.
  @inline(__always)
  private func kept(_ spread: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: (spread &<< (numberBits &- 1)) &>> 32)
  }
}
