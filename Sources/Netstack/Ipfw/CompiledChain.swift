// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// A chain as a decision structure: what rules a packet's numbers leave, without a look at the others.
///
/// Rules have slots, 64 a word. For each field of a packet that rules ask for, its values fall into
/// classes that the same rules admit; a class is a row of bits, one for each slot. The rules that are left
/// are those in the rows of every field; a bit a word says beforehand which words are worth a look. It
/// never leaves out a rule that the screens admit (RuleScreens.admits), and is derived: it is not part of
/// the state.
///
/// Fields of few classes have whole rows, and several of them one row for each choice of their classes.
/// A field of many classes has rows of the words that are not 0; the rules that do not ask for it are in
/// none of its rows, but in a set of the field's own.
struct CompiledChain: ~Copyable {
  /// A field, and how the class of a number of it is found.
  struct Field: BitwiseCopyable {
    var field: PacketField
    /// How many bits of a number are left behind the first table: 0, 8 or 24.
    var shift: UInt8
    /// How many nodes deep a number of 32 bits is looked for.
    var height: UInt8
    /// Where its first table begins.
    var table: Int32
    /// The class of packets that have no such number.
    var absent: UInt32
    /// Where in a key its class lies, and its bits there before they are shifted.
    var keyShift: UInt8 = 0
    var keyMask: UInt32 = 0
    /// Which of a packet's rows its class has a share in: one or two.
    var parts: SIMD2<UInt8>
    var partCount: UInt8
    /// Where the shares of its classes begin.
    var shares: Int32
  }

  /// Fifteen numbers in order, and in the last lane where what lies between them begins; or a leaf.
  typealias Node = SIMD16<Int32>

  /// As many fields as a search can have.
  static let mostFields = 12
  /// Under so many rules a walk is as fast.
  static let fewRules = 32

  private let pin = Pin()
  /// Which one it is; 0 for none.
  var number: UInt32 = 0
  /// How many slots there are for rules, how many words of them, and how many words of bits for those.
  /// Words are in the order of the first rule of each, and the slots of a word in that of the chain.
  var slotCount = 0
  var wordCount = 0
  var summaryCount = 0
  /// The rules of a word lie no further from its first one than this.
  var reach = 0
  var fields = UniqueArray<Field>()
  /// How many rows a packet has, and how many of them are whole.
  var partCount = 0
  var wholeCount = 0
  /// 256 entries each; see `classOf`.
  var tables = UniqueArray<UInt32>()
  var nodes = UniqueArray<Node>()
  /// By field and class: what a class adds to where a packet's rows begin, for each part of the field's.
  var shares = UniqueArray<UInt32>()
  /// How many of the lowest fields of a key a memo may leave out.
  var spareCount = 0
  /// The rules that ask for each of them: of each word, one for each field.
  var sparing = UniqueArray<UInt64>()
  /// A whole row has its summaries and its words. Another has its summaries, before each how many of its
  /// words come (16 bits each), and of the words those that are not 0.
  var rows = UniqueArray<UInt64>()
  /// The rules that do not ask for a field: of each word, or summary, one for each row that is not whole.
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
  /// The rules that look for a state before anything else.
  var probing = UniqueArray<UInt64>()
  var probingSummary = UniqueArray<UInt64>()
  var hasProbing = false

  /// Where in the chain the rules of its slots are now; those that are gone have the place of the next
  /// that is left, and slots without rules that behind the chain.
  var places = UniqueArray<Int32>()
  /// The places of rules that came later, in order.
  var additions = UniqueArray<Int32>()
  /// It is as the chain is.
  var isPristine = true
  /// What packets met that came before: by their numbers, and by the classes of those.
  var memo = RuleMemo()
  var classMemo = ClassMemo()
  /// What they were asked last.
  var asked = RuleAsk()
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
    reach += 1
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
    // The new place of each old one, or that of the next that is left.
    var nexts = [Int32](repeating: Int32(left), count: moved.count + 1)
    for old in (0..<moved.count).reversed() {
      nexts[old] = moved[old] < 0 ? nexts[old + 1] : moved[old]
    }
    for slot in 0..<slotCount {
      let old = min(Int(places[slot]), moved.count)
      if old < moved.count, moved[old] < 0 { never[slot >> 6] |= 1 << UInt64(slot & 63) }
      places[slot] = nexts[old]
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
    memo.forget()
    classMemo.forget()
    for index in 0..<summaryCount { enabledSummary[index] = 0 }
    for word in 0..<wordCount {
      var bits: UInt64 = 0
      for slot in word << 6..<word << 6 + 64 {
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
