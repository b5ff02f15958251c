// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// A set of rules as a class of values has it: of 64 words one bit each, and where those that are not 0
/// begin.
struct WordSet: BitwiseCopyable {
  var bits: UInt64
  var first: UInt32
}

/// A chain as a decision structure: what rules a packet's numbers leave, without a look at the others.
///
/// For each field of a packet that rules ask for, its values fall into classes that the same rules admit.
/// A class is a set of rules, a bit each, of which only the words that are not 0 are kept. A rule that
/// does not ask for the field is in none of them, but in a set of the field's own. The rules that are
/// left are those in the sets of every field; a bit a word says beforehand which words are worth a
/// look. It never leaves out a rule that the screens admit (RuleScreens.admits), and is derived: it is
/// not part of the state.
struct CompiledChain: ~Copyable {
  /// A field, and how the class of a number of it is found.
  struct Field: BitwiseCopyable {
    var field: PacketField
    /// How many bits are left of a number for the tables behind the first.
    var shift: UInt8
    /// Where its first table begins, or -1.
    var table: Int32
    /// What stands for all numbers where there is no table.
    var entry: UInt32
    /// The class of packets that have no such number.
    var absent: UInt32
  }

  /// Rules that leave the same addresses open, in the order of the chain: a number of slots.
  ///
  /// A field that a rule leaves open says nothing of the words it is in. Among rules that all ask for an
  /// address that address leaves few words.
  struct Group: BitwiseCopyable {
    var first: Int32
    var end: Int32
  }

  /// As many fields as a search can have.
  static let mostFields = 12
  /// Under so many rules a walk is as fast.
  static let fewRules = 32

  /// Which one it is; 0 for none.
  var number: UInt32 = 0
  /// How many slots there are for rules, how many words of them, and how many words of bits for those.
  /// The slots of a group begin with a word.
  var slotCount = 0
  var wordCount = 0
  var summaryCount = 0
  var groups = UniqueArray<Group>()
  var fields = UniqueArray<Field>()
  /// 256 entries each, the first one of a field 256 or 65536; see `classOf`.
  var tables = UniqueArray<UInt32>()
  /// Where a field's elementary intervals begin, and the class of each.
  var starts = UniqueArray<UInt32>()
  var classes = UniqueArray<UInt32>()
  /// `summaryCount` a class.
  var sets = UniqueArray<WordSet>()
  var words = UniqueArray<UInt64>()
  /// The rules that do not ask for a field: of each word, or summary, one for each field.
  var wild = UniqueArray<UInt64>()
  var wildSummary = UniqueArray<UInt64>()
  /// The rules that can match at all.
  var enabled = UniqueArray<UInt64>()
  var enabledSummary = UniqueArray<UInt64>()
  /// The rules that are gone, and those that no packet meets: the others are enabled unless their set is
  /// switched off.
  var never = UniqueArray<UInt64>()
  /// The rules of which the fields say all, and those of them that only count.
  var settled = UniqueArray<UInt64>()
  var counting = UniqueArray<UInt64>()
  var hasCounting = false
  /// The rules that look for a state before anything else.
  var probing = UniqueArray<UInt64>()
  var probingSummary = UniqueArray<UInt64>()

  /// Where in the chain the rules of its slots are now; those that are gone have the place of the next of
  /// their group, or that behind the chain, as slots without rules have.
  var places = UniqueArray<Int32>()
  /// The places of rules that came later, in order.
  var additions = UniqueArray<Int32>()
  /// It is as the chain is.
  var isPristine = true
  /// How many rules were walked since it was made, or would have helped.
  var walked = 0

  init() {}

  var isReady: Bool { number != 0 }

  /// Forgets the chain.
  mutating func drop() {
    let last = number
    self = CompiledChain()
    // A search in the middle of it must notice.
    lastNumber = max(last, lastNumber)
  }

  /// The number of the last one that was made.
  var lastNumber: UInt32 = 0
}

/// Keeping it up to date.
extension CompiledChain {
  /// A rule came to this place of the chain: it is walked until there are too many of them.
  mutating func ruleAdded(at place: Int) {
    guard isReady else { return }
    guard additions.count < slotCount / 4 + 64 else { return drop() }
    isPristine = false
    for slot in 0..<slotCount where places[slot] >= place { places[slot] += 1 }
    var position = 0
    for index in 0..<additions.count {
      if additions[index] >= place { additions[index] += 1 } else { position = index + 1 }
    }
    additions.insert(Int32(place), at: position)
  }

  /// Rules have left the chain.
  ///
  /// - Parameter moved: The new place of each old one, or -1.
  mutating func rulesRemoved(_ moved: borrowing UniqueArray<Int32>, left: Int) {
    guard isReady else { return }
    guard left > slotCount / 2 else { return drop() }
    isPristine = false
    for group in 0..<groups.count {
      var next = Int32(left)
      for slot in (Int(groups[group].first)..<Int(groups[group].end)).reversed() {
        let old = Int(places[slot])
        let place = old < moved.count ? moved[old] : Int32(left)
        if place < 0 { never[slot >> 6] |= 1 << UInt64(slot & 63) } else { next = place }
        places[slot] = next
      }
    }
    var kept = UniqueArray<Int32>()
    for index in 0..<additions.count where moved[Int(additions[index])] >= 0 {
      kept.append(moved[Int(additions[index])])
    }
    additions = kept
  }

  /// Takes out the rules of sets that are switched off.
  mutating func setsChanged(_ heads: borrowing UniqueArray<RuleHead>, disabled: UInt32) {
    guard isReady else { return }
    for index in 0..<summaryCount { enabledSummary[index] = 0 }
    for word in 0..<wordCount {
      var bits: UInt64 = 0
      for slot in word << 6..<min(word << 6 + 64, slotCount) {
        let place = Int(places[slot])
        if place < heads.count, disabled >> UInt32(heads[place].set) & 1 == 0 {
          bits |= 1 << UInt64(slot & 63)
        }
      }
      bits &= ~never[word]
      enabled[word] = bits
      if bits != 0 { enabledSummary[word >> 6] |= 1 << UInt64(word & 63) }
    }
  }
}
