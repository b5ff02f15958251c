// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// Reads the screens of a chain for its decision structure.
struct ChainBuilder {
  /// What the rules ask of one field.
  struct FieldRules {
    /// The values that each rule admits, rule by rule.
    var spans: [RuleSpan] = []
    /// The rules that ask for it, and those of them that a packet without such a number meets.
    var asking: [UInt64]
    var absent: [UInt64]
    /// How many ask for it.
    var count = 0
    /// Where the values of the rule begin that asked last.
    fileprivate var lastStart = 0

    fileprivate init(words: Int) {
      asking = Array(repeating: 0, count: words)
      absent = asking
    }
  }

  let ruleCount: Int
  let wordCount: Int
  private(set) var fields: [FieldRules?]
  private(set) var never: [UInt64]
  private(set) var probing: [UInt64]
  /// The rules of which the screens say all, and nothing but what fields can be asked.
  private(set) var exact: [UInt64]
  private(set) var countsOnly: [UInt64]
  /// The fields that each rule asks for.
  private(set) var asked: [PacketFields]

  init(_ screens: borrowing RuleScreens) {
    ruleCount = screens.heads.count
    wordCount = (ruleCount + 63) / 64
    fields = Array(repeating: nil, count: PacketNumbers.count)
    never = Array(repeating: 0, count: wordCount)
    (probing, exact, countsOnly) = (never, never, never)
    asked = Array(repeating: PacketFields(), count: ruleCount)
    for place in 0..<ruleCount { add(place, screens) }
  }

  private mutating func add(_ place: Int, _ screens: borrowing RuleScreens) {
    let head = screens.heads[place]
    let end = Int(head.first) + Int(head.count)
    let bit: UInt64 = 1 << UInt64(place & 63)
    var isSettled = head.traits.contains(.isExact)
    var next = Int(head.first)
    if head.traits.contains(.probesState) {
      probing[place >> 6] |= bit
      // With the state known the rest decides.
      next += 1
    }
    blocks: while next < end {
      var last = next
      while last < end, screens.searched[last].orNext { last += 1 }
      // What an effect comes behind, and a block that is left open, rules nothing out.
      guard last < end else { break }
      for index in next...last where screens.searched[index].kind == .barrier { break blocks }
      switch addBlock(next...last, place, screens) {
      case .indexed: break
      case .unknown:
        // The ends of a list say nothing that the list does not.
        if screens.searched[next].kind == .exact { isSettled = false }
      // One that looks for a state first is looked at all the same.
      case .never where head.traits.contains(.probesState): isSettled = false
      case .never: never[place >> 6] |= bit
      }
      next = last + 1
    }
    guard isSettled else { return }
    exact[place >> 6] |= bit
    if head.traits.contains(.countsOnly) { countsOnly[place >> 6] |= bit }
  }

  private enum BlockKind {
    case indexed, never
    /// Its fields do not tell.
    case unknown
  }

  /// Takes the values that an or-block admits, where all its parts ask for one field.
  private mutating func addBlock(
    _ block: ClosedRange<Int>, _ place: Int, _ screens: borrowing RuleScreens
  ) -> BlockKind {
    let first = screens.searched[block.lowerBound]
    // Most are of one part, and one range.
    if block.count == 1, !first.isNegated, first.field != .none, let range = first.onlyRange {
      var spans: [RuleSpan] = []
      guard let range else { return .never }
      if isNew(first.field, place) {
        fields[Int(first.field.rawValue)]?.spans.append(
          RuleSpan(low: range.low, high: range.high, rule: Int32(place)))
        return .indexed
      }
      spans = [RuleSpan(low: range.low, high: range.high, rule: Int32(place))]
      intersect(first.field, spans, admitsAbsent: false, place)
      return .indexed
    }
    var field = PacketField.none
    var spans: [RuleSpan] = []
    var admitsAbsent = false
    for index in block {
      let screen = screens.searched[index]
      if screen.field == .none {
        // The same for every packet.
        if (0 &- screen.low <= screen.span) != screen.isNegated { return .indexed }
        continue
      }
      guard field == .none || field == screen.field,
        screen.addRanges(to: &spans, rule: Int32(place))
      else { return .unknown }
      field = screen.field
      admitsAbsent = admitsAbsent || screen.isNegated
    }
    guard field != .none else { return .never }
    if isNew(field, place) {
      fields[Int(field.rawValue)]?.spans += spans.united()
      if admitsAbsent { fields[Int(field.rawValue)]?.absent[place >> 6] |= 1 << UInt64(place & 63) }
    } else {
      intersect(field, spans.united(), admitsAbsent: admitsAbsent, place)
    }
    return .indexed
  }

  /// Notes that a rule asks for a field; whether it does so for the first time.
  private mutating func isNew(_ field: PacketField, _ place: Int) -> Bool {
    let index = Int(field.rawValue)
    if fields[index] == nil { fields[index] = FieldRules(words: wordCount) }
    guard asked[place].contains(field) else {
      asked[place].insert(field)
      fields[index]?.asking[place >> 6] |= 1 << UInt64(place & 63)
      fields[index]?.count += 1
      let start = fields[index]?.spans.count ?? 0
      fields[index]?.lastStart = start
      return true
    }
    return false
  }

  /// A rule asks for more of a field.
  private mutating func intersect(
    _ field: PacketField, _ spans: [RuleSpan], admitsAbsent: Bool, _ place: Int
  ) {
    guard var rules = fields[Int(field.rawValue)] else { return }
    // One owner: what is changed is not copied.
    fields[Int(field.rawValue)] = nil
    let earlier = Array(rules.spans[rules.lastStart...])
    rules.spans.removeSubrange(rules.lastStart...)
    rules.spans += earlier.intersection(spans)
    if !admitsAbsent { rules.absent[place >> 6] &= ~(1 << UInt64(place & 63)) }
    fields[Int(field.rawValue)] = rules
  }
}
