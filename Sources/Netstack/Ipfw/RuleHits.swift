// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// What the rules of a chain have counted, apart from them: a search may count on thousands.
struct RuleHits: ~Copyable, StateHashable {
  /// Packets, bytes, and the wall clock's second of the last match, or 0. One record a rule: a packet's rule
  /// is one of thousands, and its counters are seldom in the cache.
  private var counts = UniqueArray<SIMD4<UInt64>>()

  init() {}

  func clone() -> RuleHits {
    var copy = RuleHits()
    copy.counts = counts.clone()
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    for place in 0..<counts.count {
      hasher.combine(counts[place].x)
      hasher.combine(counts[place].y)
      hasher.combine(counts[place].z)
    }
  }

  func packets(_ place: Int) -> UInt64 { counts[place].x }
  func bytes(_ place: Int) -> UInt64 { counts[place].y }
  func lastMatch(_ place: Int) -> UInt64 { counts[place].z }

  mutating func append(packets: UInt64, bytes: UInt64, lastMatch: UInt64) {
    counts.append(SIMD4(packets, bytes, lastMatch, 0))
  }

  /// Moves the last rule's to another place.
  mutating func moveLast(to place: Int) {
    guard let count = counts.popLast() else { return }
    counts.insert(count, at: place)
  }

  mutating func clear(_ place: Int) { counts[place] = .zero }

  mutating func removeAll() { counts.removeAll() }

  /// Counts a packet on a rule.
  @inline(__always)
  mutating func count(_ place: Int, bytes: Int, at second: UInt64) {
    counts[place] = RuleHits.counted(counts[place], bytes, second)
  }

  /// Has a rule's counters brought near.
  @inline(__always)
  func prefetch(_ place: Int) { counts.prefetch(place) }

  /// Counts a packet on 64 rules.
  mutating func countWord(from first: Int, bytes: Int, at second: UInt64) {
    let range = first..<first + 64
    precondition(first >= 0 && range.upperBound <= counts.count, "a word of rules there are")
    var span = counts.mutableSpan
    for place in range { span[place] = RuleHits.counted(span[place], bytes, second) }
  }

  @inline(__always)
  private static func counted(
    _ count: SIMD4<UInt64>, _ bytes: Int, _ second: UInt64
  ) -> SIMD4<UInt64> {
    (count & SIMD4(.max, .max, 0, 0)) &+ SIMD4(1, UInt64(truncatingIfNeeded: bytes), second, 0)
  }
}
