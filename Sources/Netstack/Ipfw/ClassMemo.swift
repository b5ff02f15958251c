// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// The rules that packets met first, by the classes of all that the compiled chain asks of them: a new
/// packet seldom has classes that none had before.
///
/// What no rule before the one that is met asks for is not part of what is remembered: the lowest
/// bits of a key, as many as each entry says. Entries are sought by the other bits, four of them in one line of
/// the cache. Nothing of it is state.
struct ClassMemo: ~Copyable {
  private let pin = Pin()
  /// Four keys, and the answers to them: from the high end the age, how many bits of the key are left out,
  /// the rule's traits and its place.
  private var sets = UniqueArray<SIMD8<UInt64>>()
  /// What is taken of a product for a number.
  private var shift: UInt64 = 0
  /// How many bits of keys may be left out.
  private var spare: UInt64 = 0
  /// The answers that count: others are of earlier times.
  private var age: UInt64 = 1
  private var isUsed = false
  private var use = MemoUse()
  /// How many had to go for others since it has its size, and which one goes next.
  private var replaced = 0
  private var next = 0

  /// How many lines it has: as many as keys come.
  private static let sizes = [1 << 8, 1 << 12, 1 << 15]

  init() {}

  /// - Parameter spareBits: How many of the lowest bits of keys may be left out.
  mutating func begin(isUsed: Bool, spareBits: UInt8) {
    self.isUsed = isUsed
    spare = UInt64(spareBits)
    if isUsed { resize(ClassMemo.sizes[0]) }
  }

  /// What it knows is no longer so.
  mutating func forget() {
    age += 1
    guard age >> 16 != 0 else { return }
    age = 1
    for index in 0..<sets.count { sets[index] = .zero }
  }

  private mutating func resize(_ count: Int) {
    sets = UniqueArray(repeating: .zero, count: count)
    shift = UInt64(64 - count.trailingZeroBitCount)
    replaced = 0
    use.begin(window: 16 * count)
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
  func prefetch(_ key: UInt64) { sets.prefetch(place(of: key)) }

  /// The rule that a packet with such a key met.
  @inline(__always)
  func answer(_ key: UInt64) -> RuleCandidate? {
    let set = sets[place(of: key)]
    var answer: UInt64 = 0
    for way in 0..<4 {
      let own = set[way &+ 4]
      let difference = (set[way] ^ key) &>> (own &>> 40 & 63) | (own &>> 48 ^ age)
      answer |= own & UInt64(bitPattern: Int64(bitPattern: ~difference & (difference &- 1)) &>> 63)
    }
    guard answer != 0 else { return nil }
    return RuleCandidate(
      place: Int(answer & 0xffff_ffff),
      traits: RuleHead.Traits(rawValue: UInt8(truncatingIfNeeded: answer &>> 32)))
  }

  /// Notes what a packet met.
  ///
  /// - Parameter spare: How many of the lowest bits of its key do not matter to that.
  mutating func note(_ candidate: RuleCandidate, _ key: UInt64, spare: UInt8) {
    use.noteMiss()
    let place = place(of: key)
    var set = sets[place]
    // One that is free, or any.
    var way = 0
    while way < 4, set[way + 4] >> 48 == age { way += 1 }
    if way == 4 {
      replaced += 1
      next += 1
      way = next & 3
    }
    set[way] = key
    set[way + 4] =
      age << 48 | UInt64(spare) << 40 | UInt64(candidate.traits.rawValue) << 32
      | UInt64(candidate.place)
    sets[place] = set
    guard replaced > sets.count, let size = ClassMemo.sizes.first(where: { $0 > sets.count }) else {
      return
    }
    resize(size)
  }

  /// Notes how many packets it knew beforehand.
  mutating func noteAnswers(_ count: Int) { use.noteAnswers(count) }

  /// Notes that what a packet met is not known by its classes.
  mutating func noteDoubt() { use.noteMiss() }

  @inline(__always)
  private func place(of key: UInt64) -> Int {
    Int((key &>> spare &* 0x9e37_79b9_7f4a_7c15) &>> shift)
  }
}
