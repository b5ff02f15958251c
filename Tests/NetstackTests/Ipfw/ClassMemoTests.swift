// SPDX-License-Identifier: BSD-2-Clause

import Testing

@testable import Netstack  // The memo itself is asked, with keys of any shape.

/// A memo of classes says of a key what it was told, and of all that differ in fields that do not matter;
/// never what it was told of another one.
@Suite("Memo of classes") struct ClassMemoTests {
  /// How many bits the fields of keys have: the lowest, which may be left out, and all others.
  struct Shape: Sendable, CustomTestStringConvertible {
    var spares: SIMD2<Int>
    var sought: Int

    var bits: Int { spares[0] + spares[1] + max(sought, ClassMemo.mostBits) }
    var testDescription: String { "\(spares[0]) + \(spares[1]) + \(sought) bits" }

    /// A key of fields, at the high end of its word.
    func key(_ low: UInt64, _ next: UInt64, _ rest: UInt64) -> UInt64 {
      let fields = low | next << UInt64(spares[0]) | rest << UInt64(spares[0] + spares[1])
      return fields << UInt64(64 - bits)
    }

    /// The places of the fields that may be left out.
    var masks: SIMD2<UInt64> {
      let ones = (0..<2).map { UInt64(1) << UInt64(spares[$0]) - 1 }
      return [key(ones[0], 0, 0), key(0, ones[1], 0)]
    }
  }

  /// What packets with a key meet: what it is sought by says how many of the lowest fields do not matter.
  struct Truth {
    var spare: Int
    var candidate: RuleCandidate

    init(_ shape: Shape, _ key: UInt64) {
      let rest = key & ~(shape.masks[0] | shape.masks[1])
      var bits = Truth.digest(rest)
      spare = Int(bits % 3)
      bits ^= spare < 2 ? Truth.digest(key & shape.masks[1]) : 0
      bits ^= spare < 1 ? Truth.digest(key & shape.masks[0]) : 0
      candidate = RuleCandidate(
        place: Int(bits >> 48), traits: RuleHead.Traits(rawValue: UInt8(bits >> 40 & 0xff)))
    }

    private static func digest(_ bits: UInt64) -> UInt64 {
      let bits = (bits ^ bits >> 31) &* 0xbf58_476d_1ce4_e5b9
      return bits ^ bits >> 27
    }
  }

  @Test(arguments: [
    Shape(spares: [7, 0], sought: 26), Shape(spares: [6, 6], sought: 28),
    Shape(spares: [0, 0], sought: 45), Shape(spares: [16, 15], sought: 14),
    Shape(spares: [1, 30], sought: 3), Shape(spares: [3, 4], sought: 0),
    Shape(spares: [0, 0], sought: 20),
  ])
  func saysWhatItWasTold(_ shape: Shape) {
    var random = RandomSource(seed: UInt64(shape.bits))
    var memo = ClassMemo()
    memo.begin(bits: shape.bits, spares: shape.masks)
    let isAsked = memo.isAsked()
    #expect(isAsked)
    // Each with one that differs in a single bit; more than there is room for at first.
    let keys = (0..<6000).flatMap { _ in
      let fields = [shape.spares[0], shape.spares[1], shape.sought].map { size in
        random.next() & (UInt64(1) << UInt64(size) - 1)
      }
      let key = shape.key(fields[0], fields[1], fields[2])
      return [key, key ^ 1 << UInt64.random(in: UInt64(64 - shape.bits)..<64, using: &random)]
    }
    var known = 0
    for step in 0..<40_000 {
      let key = keys[Int.random(in: keys.indices, using: &random)]
      let truth = Truth(shape, key)
      if let answer = memo.answer(key) {
        known += 1
        if answer.place != truth.candidate.place || answer.traits != truth.candidate.traits {
          Issue.record("step \(step): \(answer) instead of \(truth.candidate)")
        }
      } else {
        memo.note(truth.candidate, key, spare: truth.spare)
      }
    }
    // Where answers are sought by few bits, few lines have them all.
    #expect(known > (shape.sought < 4 ? 1000 : 20_000))
    memo.forget()
    #expect(keys.allSatisfy { memo.answer($0) == nil })
  }

  /// A key of more bits than a line can keep is not asked for, and a place that it cannot say is not noted.
  @Test func knowsItsBounds() {
    var memo = ClassMemo()
    memo.begin(bits: 46, spares: .zero)
    let isAsked = memo.isAsked()
    #expect(!isAsked)
    memo.begin(bits: 45, spares: .zero)
    memo.note(RuleCandidate(place: 65_536, traits: .allows), 1 << 40, spare: 0)
    #expect(memo.answer(1 << 40) == nil)
    memo.note(RuleCandidate(place: 65_535, traits: .allows), 1 << 40, spare: 0)
    #expect(memo.answer(1 << 40)?.place == 65_535)
  }
}
