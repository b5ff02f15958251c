// SPDX-License-Identifier: BSD-2-Clause

/// The next rule that a search has to do with.
struct RuleCandidate: BitwiseCopyable {
  /// Its place in the chain; as many as there are rules where there is none.
  var place: Int
  /// The packet is known to meet its conditions.
  var isMet = false
  /// The rule's, where there is one.
  var traits: RuleHead.Traits = []

  /// A place at which all is yet to be asked, or no rule.
  @inline(__always)
  init(place: Int) { self.place = place }

  /// A rule that the screens admit.
  @inline(__always)
  init(place: Int, traits: RuleHead.Traits) {
    (self.place, self.traits) = (place, traits)
    isMet = traits.contains(.isExact)
  }
}

/// What the memos of a compiled chain were asked last, and did not know.
struct RuleAsk: BitwiseCopyable {
  /// A packet by its numbers, and by the classes of those; nil where a memo was left in peace.
  var question: RuleQuestion?
  var key: UInt64?
}

/// The classes of the compiled chain that a packet's numbers are in, as the rows that a search goes through.
struct PacketClasses: ~Copyable {
  private let pin = Pin()
  /// The compiled chain that the rows belong to; 0 for none.
  var chain: UInt32 = 0
  var rows: InlineArray<12, UInt32> = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
}
