// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// What the rules of a chain have counted, apart from them: a search may count on thousands.
struct RuleHits: ~Copyable, StateHashable {
  /// Packets and bytes.
  private var counts = UniqueArray<SIMD2<UInt64>>()
  /// The wall clock's second of the last match, or 0.
  private var lastMatches = UniqueArray<UInt64>()

  init() {}

  func clone() -> RuleHits {
    var copy = RuleHits()
    copy.counts = counts.clone()
    copy.lastMatches = lastMatches.clone()
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(counts)
    hasher.combine(lastMatches)
  }

  func packets(_ place: Int) -> UInt64 { counts[place].x }
  func bytes(_ place: Int) -> UInt64 { counts[place].y }
  func lastMatch(_ place: Int) -> UInt64 { lastMatches[place] }

  mutating func append(packets: UInt64, bytes: UInt64, lastMatch: UInt64) {
    counts.append(SIMD2(packets, bytes))
    lastMatches.append(lastMatch)
  }

  /// Moves the last rule's to another place.
  mutating func moveLast(to place: Int) {
    guard let count = counts.popLast(), let lastMatch = lastMatches.popLast() else { return }
    counts.insert(count, at: place)
    lastMatches.insert(lastMatch, at: place)
  }

  mutating func clear(_ place: Int) {
    counts[place] = .zero
    lastMatches[place] = 0
  }

  mutating func removeAll() {
    counts.removeAll()
    lastMatches.removeAll()
  }

  /// Counts a packet on a rule.
  @inline(__always)
  mutating func count(_ place: Int, bytes: Int, at second: UInt64) {
    counts[place] &+= SIMD2(1, UInt64(truncatingIfNeeded: bytes))
    lastMatches[place] = second
  }

  /// Counts a packet on the rules of a word's bits.
  @inline(__always)
  mutating func count(_ rules: UInt64, from first: Int, bytes: Int, at second: UInt64) {
    if rules == .max { return countWord(from: first, bytes: bytes, at: second) }
    var rest = rules
    while rest != 0 {
      count(first + rest.trailingZeroBitCount, bytes: bytes, at: second)
      rest &= rest &- 1
    }
  }

  /// Counts a packet on 64 rules.
  private mutating func countWord(from first: Int, bytes: Int, at second: UInt64) {
    let range = first..<first + 64
    precondition(first >= 0 && range.upperBound <= lastMatches.count, "a word of rules there are")
    RuleHits.add(SIMD2(1, UInt64(truncatingIfNeeded: bytes)), to: &counts, range)
    RuleHits.set(second, in: &lastMatches, range)
  }

  @inline(__always)
  private static func add(
    _ more: SIMD2<UInt64>, to counts: inout UniqueArray<SIMD2<UInt64>>, _ range: Range<Int>
  ) {
    var span = counts.mutableSpan
    for place in range { span[place] &+= more }
  }

  @inline(__always)
  private static func set(
    _ second: UInt64, in seconds: inout UniqueArray<UInt64>, _ range: Range<Int>
  ) {
    var span = seconds.mutableSpan
    for place in range { span[place] = second }
  }
}
