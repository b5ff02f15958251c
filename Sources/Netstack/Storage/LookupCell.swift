// SPDX-License-Identifier: BSD-2-Clause

/// 64 bytes of a look-up table, a cache line: 16 words, or up to nine ranges with their words.
struct LookupCell: BitwiseCopyable {
  /// The words of a part of a block. Where the cell is a line: four words of starts of ranges, two
  /// each, then the ranges' own words.
  var words: InlineArray<16, UInt32>

  /// Ranges that a line can have.
  static let mostRanges = 9

  init() { words = InlineArray(repeating: 0) }

  /// A line: where its ranges start, the first from 0 on, and what their words are.
  init(count: Int, start: (Int) -> UInt16, word: (Int) -> UInt32) {
    precondition(count <= LookupCell.mostRanges, "the ranges fit into a line")
    words = InlineArray(repeating: 0)
    for half in 0..<8 {
      let bound = half + 1 < count ? start(half + 1) : UInt16(Int16.max)
      words[half / 2] |= UInt32(bound) << UInt32(half % 2 * 16)
    }
    for range in 0..<count { words[4 + range] = word(range) }
  }
}

extension SharedPages where Element == LookupCell {
  /// A word of a run of cells that lie in one page.
  @inline(__always)
  func word(_ number: Int, ofRunAt cell: Int) -> UInt32 {
    self[cell + number >> 4].words[number & 15]
  }

  @inline(__always)
  mutating func setWord(_ number: Int, ofRunAt cell: Int, to value: UInt32) {
    self[cell + number >> 4].words[number & 15] = value
  }

  /// The word of the range of a line that has a key.
  ///
  /// All starts are compared at once, as a line with few ranges has starts that no key reaches.
  @inline(__always)
  func range(of key: UInt32, inLineAt cell: Int) -> UInt32 {
    let keys = SIMD8<Int16>(repeating: Int16(truncatingIfNeeded: key))
    let isBehind = starts(ofLineAt: cell) .<= keys
    let passed = SIMD8<Int16>(repeating: 0).replacing(with: 1, where: isBehind).wrappedSum()
    return self[cell].words[4 + Int(passed)]
  }

  @inline(__always)
  private func starts(ofLineAt cell: Int) -> SIMD8<Int16> {
    let words = self[cell].words
    return unsafe unsafeBitCast(
      SIMD4<UInt32>(words[0], words[1], words[2], words[3]), to: SIMD8<Int16>.self)
  }
}
