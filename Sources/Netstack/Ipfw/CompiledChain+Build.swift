// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

extension CompiledChain {
  /// The most words that the whole rows of a part may take.
  private static let mostWholeWords = 1 << 16

  /// Makes it from a chain.
  ///
  /// - Parameter isEager: Every field that a rule asks for counts, and words are of one kind of rules; else
  ///   it is done where that pays.
  mutating func build(
    _ screens: borrowing RuleScreens, disabled: UInt32, isEager: Bool
  ) {
    let last = max(number, lastNumber)
    let builder = ChainBuilder(screens)
    let slots = ChainSlots(builder, isEager: isEager)
    self = CompiledChain()
    number = last &+ 1
    lastNumber = number
    slotCount = slots.places.count
    wordCount = slots.wordCount
    summaryCount = slots.summaryCount
    reach = slots.reach
    for place in slots.places { places.append(place) }
    let unknown = addFields(builder, slots, enough: isEager ? 1 : max(4, builder.ruleCount / 128))
    fill(builder, slots, unknown)
    setsChanged(screens.heads, disabled: disabled)
    memo.begin(fields)
  }

  /// Adds the fields that enough rules ask for; returns the rules that ask for others.
  private mutating func addFields(
    _ builder: ChainBuilder, _ slots: ChainSlots, enough: Int
  ) -> [UInt64] {
    var unknown = [UInt64](repeating: 0, count: builder.wordCount)
    var found: [(FieldClasses, count: Int)] = []
    // Those that most rules ask for leave the fewest.
    for rules in builder.fieldRules(enough: enough).sorted(by: { $0.count > $1.count }) {
      if rules.count >= enough, found.count < CompiledChain.mostFields,
        let classes = FieldClasses(rules, slots)
      {
        found.append((classes, rules.count))
      } else {
        for word in unknown.indices { unknown[word] |= rules.asking[word] }
      }
    }
    let size = wordCount + summaryCount
    let most = CompiledChain.mostWholeWords / size
    let sparse = found.map(\.0).filter { $0.count > most }
    // Fields of few classes together, as many of them as one row for each choice allows.
    var whole: [[FieldClasses]] = []
    for classes in found.map(\.0).filter({ $0.count <= most }).sorted(by: { $0.count < $1.count }) {
      let choices = whole.last?.reduce(classes.count) { $0 * $1.count } ?? .max
      if choices <= most {
        whole[whole.count - 1].append(classes)
      } else {
        whole.append([classes])
      }
    }
    var shares: [FieldShare] = []
    for fields in whole { addWhole(fields, &shares) }
    wholeCount = whole.count
    for classes in sparse { addSparse(classes, &shares) }
    addWild(sparse)
    addKeys(shares, slots)
    return unknown
  }

  /// A row for each choice of the classes of some fields: the sum of their shares is where it begins.
  private mutating func addWhole(_ fields: [FieldClasses], _ shares: inout [FieldShare]) {
    let size = UInt32(wordCount + summaryCount)
    var (stride, base) = (size, UInt32(rows.count))
    var choices = [[UInt64](repeating: .max, count: wordCount)]
    for classes in fields {
      let rows = (0..<UInt32(classes.count)).map { base + $0 * stride }
      shares.append(FieldShare(classes: classes, part: partCount, isWhole: true, rows: rows))
      choices = (0..<classes.count).flatMap { number in
        let row = classes.row(number)
        return choices.map { choice in
          var choice = choice
          for word in choice.indices { choice[word] &= row[word] }
          return choice
        }
      }
      stride *= UInt32(classes.count)
      base = 0
    }
    for choice in choices {
      for summary in 0..<summaryCount { rows.append(summaryBits(summary) { choice[$0] != 0 }) }
      for word in choice { rows.append(word) }
    }
    partCount += 1
  }

  /// A row for each class of a field, without the words that are 0.
  private mutating func addSparse(_ classes: FieldClasses, _ shares: inout [FieldShare]) {
    var starts: [UInt32] = []
    for number in 0..<classes.count {
      starts.append(UInt32(rows.count))
      let own = classes.sets[number * summaryCount..<(number + 1) * summaryCount]
      for set in own { rows.append(set.bits) }
      let first = own.first?.first ?? 0
      var counts: UInt64 = 0
      for (summary, set) in own.enumerated() {
        counts |= UInt64(set.first - first) << UInt64(16 * (summary & 3))
        guard summary & 3 == 3 || summary + 1 == summaryCount else { continue }
        rows.append(counts)
        counts = 0
      }
      let end = own.last.map { $0.first + $0.bits.nonzeroBitCount } ?? first
      for word in first..<end { rows.append(classes.words[word]) }
    }
    shares.append(FieldShare(classes: classes, part: partCount, isWhole: false, rows: starts))
    partCount += 1
  }

  /// How the classes of fields are found, and where they lie in keys: at the low end the fields of many
  /// numbers and few classes, such as ports, of which most rules leave some open.
  private mutating func addKeys(_ shares: [FieldShare], _ slots: ChainSlots) {
    let names = shares.map(\.classes.field).reduce(into: [PacketField]()) { names, field in
      if !names.contains(field) { names.append(field) }
    }
    var joint = names.map { field in JointClasses(shares.filter { $0.classes.field == field }) }
    // Those that the fewest rules ask for are the lowest.
    joint.sort { $0.isSpare != $1.isSpare ? $0.isSpare : $0.wildCount > $1.wildCount }
    spareCount = joint.prefix(ClassMemo.mostSpares).prefix(while: \.isSpare).count
    let spareBits = joint.prefix(spareCount).reduce(0) { $0 + $1.keyBits }
    let sought = joint.dropFirst(spareCount).reduce(0) { $0 + $1.keyBits }
    let bits = spareBits + max(sought, ClassMemo.mostBits)
    // Where they are too many, no key is asked for.
    var shift = max(UInt64.bitWidth - bits, 0)
    var spares = SIMD2<UInt64>()
    for (index, classes) in joint.enumerated() {
      addField(classes)
      let mask = UInt32((UInt64(1) << UInt64(classes.keyBits)) - 1)
      fields[index].keyShift = UInt8(min(shift, 63))
      fields[index].keyMask = mask
      if index < spareCount { spares[index] = UInt64(mask) << UInt64(shift) }
      shift += classes.keyBits
    }
    for (word, filled) in slots.filled.enumerated() {
      for classes in joint.prefix(spareCount) { sparing.append(filled & ~classes.wild[word]) }
    }
    classMemo.begin(bits: bits, spares: spares)
  }

  /// The rules that do not ask for fields with such rows.
  private mutating func addWild(_ sparse: [FieldClasses]) {
    // A word that a row has not is not used, but read.
    rows.append(0)
    for word in 0..<wordCount {
      for classes in sparse { wild.append(classes.wild[word]) }
    }
    for summary in 0..<summaryCount {
      for classes in sparse {
        wildSummary.append(summaryBits(summary) { classes.wild[$0] != 0 })
      }
    }
  }

  /// The sets that no field has a part in, and what fields leave open.
  ///
  /// - Parameter unknown: The rules that ask for more than the fields say.
  private mutating func fill(_ builder: ChainBuilder, _ slots: ChainSlots, _ unknown: [UInt64]) {
    let settled = slots.spread(zip(builder.exact, unknown).map { $0 & ~$1 })
    let counting = slots.spread(builder.countsOnly)
    let (probing, never) = (slots.spread(builder.probing), slots.spread(builder.never))
    for (word, bits) in probing.enumerated() {
      self.probing.append(bits)
      self.never.append(never[word])
      enabled.append(0)
      self.settled.append(settled[word])
      self.counting.append(counting[word] & settled[word])
      hasProbing = hasProbing || bits != 0
    }
    for summary in 0..<summaryCount {
      probingSummary.append(summaryBits(summary) { probing[$0] != 0 })
      enabledSummary.append(0)
    }
  }

  /// A bit for each of up to 64 words.
  private func summaryBits(_ summary: Int, where isSet: (Int) -> Bool) -> UInt64 {
    var bits: UInt64 = 0
    for word in summary << 6..<min(summary << 6 + 64, wordCount) where isSet(word) {
      bits |= 1 << UInt64(word & 63)
    }
    return bits
  }
}
