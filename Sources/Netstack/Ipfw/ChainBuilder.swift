// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// Reads the screens of a chain for its decision structure.
struct ChainBuilder {
  /// What the rules ask of one field.
  struct FieldRules {
    let field: PacketField
    /// The values that each rule admits, rule by rule.
    var spans: [RuleSpan] = []
    /// The rules that ask for it, and those of them that a packet without such a number meets.
    var asking: [UInt64]
    var absent: [UInt64]
    /// How many ask for it.
    var count = 0
    /// Where the values of the rule begin that asked last.
    fileprivate var lastStart = 0

    fileprivate init(_ field: PacketField, words: Int) {
      self.field = field
      asking = Array(repeating: 0, count: words)
      absent = asking
    }
  }

  let ruleCount: Int
  let wordCount: Int
  private var fields: [FieldRules?]
  private(set) var never: [UInt64]
  private(set) var probing: [UInt64]
  /// The rules of which the screens say all, and nothing but what fields can be asked.
  private(set) var exact: [UInt64]
  private(set) var countsOnly: [UInt64]
  /// The fields that each rule asks for.
  private var asked: [PacketFields]
  /// The rules that admit few values of the source, and of the destination.
  private var narrowSource: [UInt64]
  private var narrowDestination: [UInt64]

  /// An address is one of few where a /8 would be more.
  private static let fewAddresses: UInt64 = 1 << 24

  init(_ screens: borrowing RuleScreens) {
    ruleCount = screens.heads.count
    wordCount = (ruleCount + 63) / 64
    fields = Array(repeating: nil, count: PacketNumbers.count)
    never = Array(repeating: 0, count: wordCount)
    (probing, exact, countsOnly) = (never, never, never)
    (narrowSource, narrowDestination) = (never, never)
    asked = Array(repeating: PacketFields(), count: ruleCount)
    for place in 0..<ruleCount { add(place, screens) }
    narrowSource = narrow(.source)
    narrowDestination = narrow(.destination)
  }

  /// A number for what a rule leaves open of the addresses.
  func kind(_ place: Int) -> Int {
    Int(narrowSource[place >> 6] >> UInt64(place & 63) & 1)
      | Int(narrowDestination[place >> 6] >> UInt64(place & 63) & 1) << 1
  }

  /// What is asked of the fields.
  ///
  /// The rules that ask for many values of an address are apart, if they are enough: the values of the
  /// others are in classes that few rules admit, and those have few classes.
  func fieldRules(enough: Int) -> [FieldRules] {
    fields.compactMap(\.self).flatMap { rules in
      guard rules.field == .source || rules.field == .destination else { return [rules] }
      let parts = rules.divided(by: rules.field == .source ? narrowSource : narrowDestination)
      return parts.allSatisfy { $0.count >= enough } ? parts : [rules]
    }
  }

  private func narrow(_ field: PacketField) -> [UInt64] {
    guard let rules = fields[Int(field.rawValue)] else { return never.map { _ in 0 } }
    var widths = [UInt64](repeating: 0, count: ruleCount)
    for span in rules.spans { widths[Int(span.rule)] += UInt64(span.high - span.low) + 1 }
    var result = rules.asking
    for (place, width) in widths.enumerated() where width >= ChainBuilder.fewAddresses {
      result[place >> 6] &= ~(1 << UInt64(place & 63))
    }
    return result
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
    if fields[index] == nil { fields[index] = FieldRules(field, words: wordCount) }
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

extension ChainBuilder.FieldRules {
  /// What some of the rules ask, and what the others do.
  fileprivate func divided(by some: [UInt64]) -> [Self] {
    var (first, second) = (self, self)
    for word in asking.indices {
      first.asking[word] &= some[word]
      second.asking[word] &= ~some[word]
      first.absent[word] &= some[word]
      second.absent[word] &= ~some[word]
    }
    first.spans = spans.filter { some[Int($0.rule) >> 6] >> UInt64($0.rule & 63) & 1 != 0 }
    second.spans = spans.filter { some[Int($0.rule) >> 6] >> UInt64($0.rule & 63) & 1 == 0 }
    first.count = first.asking.reduce(0) { $0 + $1.nonzeroBitCount }
    second.count = count - first.count
    return [first, second]
  }
}
