// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// The rules that packets met first, by the classes of all that the compiled chain asks of them: a new
/// packet seldom has classes that none had before.
///
/// What no rule before the one that is met asks for is not part of what is remembered: the lowest fields of
/// a key, as many as each answer says. Answers are sought by the other bits, eight of them in one line of
/// the cache. They are exact: what a line's number does not say of a key stands in the line. Nothing of it
/// is state.
struct ClassMemo: ~Copyable {
  /// Eight keys, without what a line's number says of them, and the answers to them: from the low end the
  /// rule's place, its traits, whether there is one, and at the high end whether the lowest field and the
  /// next are left out.
  private typealias Line = SIMD16<UInt32>

  private let pin = Pin()
  private var lines = UniqueArray<Line>()
  /// How many bits of a product are a line's number.
  private var numberBits: UInt64 = 0
  /// The fields of a key that may be left out, the lowest first, and the same in a line.
  private var spares = SIMD2<UInt64>()
  private var (firstSpare, secondSpare) = (SIMD8<UInt32>(), SIMD8<UInt32>())
  private var isUsed = false
  private var use = MemoUse()
  /// How many had to go for others since it has its size, and which one goes next.
  private var replaced = 0
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
    // A line keeps 32 of them.
    isUsed = bits <= UInt32.bitWidth + ClassMemo.mostBits
    self.spares = spares
    if isUsed { resize(max(ClassMemo.fewestBits, bits - UInt32.bitWidth)) }
  }

  /// What it knows is no longer so.
  mutating func forget() {
    if isUsed { resize(Int(numberBits)) }
  }

  private mutating func resize(_ bits: Int) {
    lines = UniqueArray(repeating: .zero, count: 1 << bits)
    numberBits = UInt64(bits)
    firstSpare = SIMD8(repeating: kept(spares[0]))
    secondSpare = SIMD8(repeating: kept(spares[1]))
    replaced = 0
    use.begin(window: 32 << bits)
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
    let line = lines[place.line]
    let answers = line.highHalf
    let signs = SIMD8<Int32>(truncatingIfNeeded: answers)
    let isFirstOut = SIMD8<UInt32>(truncatingIfNeeded: signs &>> 31)
    let isSecondOut = SIMD8<UInt32>(truncatingIfNeeded: (signs &<< 1) &>> 31)
    let ignored = isFirstOut & firstSpare | isSecondOut & secondSpare
    let difference = (line.lowHalf ^ SIMD8(repeating: place.rest)) & ~ignored
    // All ones where there is one: comparisons of vectors are not compiled into one.
    let differs = SIMD8<Int32>(truncatingIfNeeded: difference | (0 &- difference)) &>> 31
    // Several have one answer.
    let four = answers & ~SIMD8(truncatingIfNeeded: differs)
    let two = four.lowHalf | four.highHalf
    let answer = two[0] | two[1] | two[2] | two[3]
    guard answer != 0 else { return nil }
    return RuleCandidate(
      place: Int(answer & (1 << ClassMemo.placeBits - 1)),
      traits: RuleHead.Traits(rawValue: UInt8(truncatingIfNeeded: answer &>> ClassMemo.placeBits)))
  }

  /// Notes what a packet met, if the rule is one of those whose places it can say.
  ///
  /// - Parameter spare: How many of the lowest fields of its key do not matter to that.
  mutating func note(_ candidate: RuleCandidate, _ key: UInt64, spare: Int) {
    use.noteMiss()
    guard candidate.place >> Int(ClassMemo.placeBits) == 0 else { return }
    let place = place(of: spread(key))
    var line = lines[place.line]
    // One that is free, or any.
    var way = 0
    while way < 8, line[way + 8] != 0 { way += 1 }
    if way == 8 {
      replaced += 1
      next += 1
      way = next & 7
    }
    line[way] = place.rest
    line[way + 8] =
      UInt32(candidate.place) | UInt32(candidate.traits.rawValue) << ClassMemo.placeBits
      | ClassMemo.isAnswer | (spare > 0 ? 1 << 31 : 0) | (spare > 1 ? 1 << 30 : 0)
    lines[place.line] = line
    guard replaced > lines.count, numberBits < ClassMemo.mostBits else { return }
    resize(min(Int(numberBits) + 2, ClassMemo.mostBits))
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

  /// The line of a key, and what the line does not say of it.
  @inline(__always)
  private func place(of spread: UInt64) -> (line: Int, rest: UInt32) {
    (Int(spread &>> (64 &- numberBits)), kept(spread))
  }

  /// The bits that a line keeps.
  @inline(__always)
  private func kept(_ spread: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: (spread &<< numberBits) &>> 32)
  }
}
