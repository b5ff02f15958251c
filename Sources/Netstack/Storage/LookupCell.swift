// SPDX-License-Identifier: BSD-2-Clause

import CBits

/// 16 bytes of a look-up table.
///
/// A run of cells, all in one page, says something of each of 64 parts of a range: first a bit for
/// each part, set where it differs from the part before, then a word for each bit that is set.
struct LookupCell: BitwiseCopyable {
  var words = InlineArray<4, UInt32>(repeating: 0)

  /// Cells of a run with so many words.
  static func cells(words: Int) -> Int { (words + 5) / 4 }
}

/// Where a run is, and what is to be set in its words.
@unsafe private struct FoundRun: BitwiseCopyable {
  let place: UnsafeRawPointer
  let bits: UInt32
}

extension SharedPages where Element == LookupCell {
  /// The word for a part; only the last six bits of its number count.
  ///
  /// What is read lies in the run, as each bit that is set has its word.
  @inline(__always)
  func word(ofPart part: UInt32, inRunAt cell: Int) -> UInt32 {
    unsafe SharedPages.word(ofPart: part, in: UnsafeRawPointer(pointer(to: cell)))
  }

  /// The same of 32 runs, each asked for by its number. They wait for memory together.
  ///
  /// - Parameters:
  ///   - run: The first cell of a run, and bits to be set in what it says; all are asked for in turn
  ///     before any part is.
  ///   - part: The number of a run's part.
  ///   - take: Takes its word.
  @inline(__always)
  func wordsTogether(
    run: (Int) -> (cell: Int, bits: UInt32), part: (Int) -> UInt32,
    _ take: (_ number: Int, _ word: UInt32) -> Void
  ) {
    unsafe withUnsafeTemporaryAllocation(of: FoundRun.self, capacity: 32) { runs in
      for number in 0..<32 {
        let (cell, bits) = run(number)
        let place = unsafe UnsafeRawPointer(knownPointer(to: cell))
        unsafe cbits_prefetch(place)
        unsafe runs.initializeElement(at: number, to: FoundRun(place: place, bits: bits))
      }
      for number in 0..<32 {
        let run = unsafe runs[number]
        take(number, unsafe run.bits | SharedPages.word(ofPart: part(number), in: run.place))
      }
    }
  }

  @inline(__always)
  private static func word(ofPart part: UInt32, in run: UnsafeRawPointer) -> UInt32 {
    let starts = unsafe run.load(as: UInt64.self)
    // Those behind the part are shifted out; the first part's bit is always set.
    let rank = Int(cbits_count(starts &<< UInt64(~part)))
    return unsafe run.load(fromByteOffset: 4 &+ 4 &* rank, as: UInt32.self)
  }

  /// How many words a run has.
  func words(inRunAt cell: Int) -> Int {
    let words = self[cell].words
    return Int(cbits_count(UInt64(words[1]) << 32 | UInt64(words[0])))
  }

  /// A run's word by its number.
  func word(_ number: Int, inRunAt cell: Int) -> UInt32 {
    self[cell + (number + 2) / 4].words[(number + 2) % 4]
  }

  /// Writes a run: the bits of its parts, and the words for those that are set.
  mutating func writeRun(
    at cell: Int, starts: UInt64, words: borrowing InlineArray<64, UInt32>
  ) {
    precondition(starts & 1 != 0, "the first part has a word")
    self[cell].words[0] = UInt32(truncatingIfNeeded: starts)
    self[cell].words[1] = UInt32(truncatingIfNeeded: starts >> 32)
    for number in 0..<Int(cbits_count(starts)) {
      self[cell + (number + 2) / 4].words[(number + 2) % 4] = words[number]
    }
  }
}
