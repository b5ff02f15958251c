// SPDX-License-Identifier: BSD-2-Clause

/// Where the rules of a chain lie in a compiled one.
///
/// A field that a rule leaves open says nothing of the word it is in. So the rules of a word are of one
/// kind: all ask for few values of the source, or none does, and the same for the destination. Among
/// rules that all ask for an address that address leaves few words. The words are in the order of the
/// first rule of each: a search ends at the first one that begins behind what it has found.
struct ChainSlots {
  /// The slot of each rule.
  private(set) var slots: [Int32]
  /// The rule of each slot; as many as there are rules where there is none.
  private(set) var places: [Int32] = []
  /// How far apart rules of a word are at most.
  private(set) var reach = 0

  /// Under so many rules they are all of one kind.
  private static let fewForKinds = 512
  /// A word takes no rule that is so far from its first one: a search that begins in the middle of the chain
  /// looks at all words that reach into it.
  private static let mostReach = 1024

  var wordCount: Int { places.count / 64 }
  var summaryCount: Int { (wordCount + 63) / 64 }

  init(_ builder: ChainBuilder, isEager: Bool) {
    let count = builder.ruleCount
    slots = Array(repeating: 0, count: count)
    let hasKinds = isEager || count >= ChainSlots.fewForKinds
    // The word that takes the next rules of each kind; words are begun in the order of the chain.
    var open = [Int](repeating: -1, count: 4)
    var fill: [Int] = []
    for place in 0..<count {
      let kind = hasKinds ? builder.kind(place) : 0
      var word = open[kind]
      if word < 0 || fill[word] == 64 || place - Int(places[word * 64]) >= ChainSlots.mostReach {
        word = fill.count
        open[kind] = word
        fill.append(0)
        for _ in 0..<64 { places.append(Int32(count)) }
      }
      let slot = word * 64 + fill[word]
      reach = max(reach, place - (fill[word] == 0 ? place : Int(places[word * 64])))
      places[slot] = Int32(place)
      slots[place] = Int32(slot)
      fill[word] += 1
    }
  }

  /// The slots that have a rule.
  var filled: [UInt64] {
    var result = [UInt64](repeating: 0, count: wordCount)
    for slot in slots { result[Int(slot) >> 6] |= 1 << UInt64(slot & 63) }
    return result
  }

  /// The bits of rules at their slots.
  func spread(_ rules: [UInt64]) -> [UInt64] {
    var result = [UInt64](repeating: 0, count: wordCount)
    for (index, bits) in rules.enumerated() {
      var rest = bits
      while rest != 0 {
        let slot = Int(slots[index << 6 | rest.trailingZeroBitCount])
        result[slot >> 6] |= 1 << UInt64(slot & 63)
        rest &= rest - 1
      }
    }
    return result
  }
}
