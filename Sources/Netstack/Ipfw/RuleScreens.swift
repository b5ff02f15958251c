// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// What a search reads of a rule: the place of its screens, and its set.
struct RuleHead: BitwiseCopyable {
  var first: Int32
  var count: UInt16
  var set: UInt8
  var traits: Traits

  struct Traits: OptionSet, BitwiseCopyable {
    let rawValue: UInt8
    /// Its first instruction looks for a state (`O_PROBE_STATE`).
    static let probesState = Traits(rawValue: 1)
    /// A packet that its screens admit meets its conditions: nothing else need be asked.
    static let isExact = Traits(rawValue: 2)
    /// It is exact, and counts, and nothing else comes of it.
    static let countsOnly = Traits(rawValue: 4)
    /// It is exact, and allows or denies.
    static let allows = Traits(rawValue: 8)
    static let denies = Traits(rawValue: 16)
    /// Where its screens admit a packet, a look for a state comes next.
    static let asksForState = Traits(rawValue: 32)
    /// It allows a packet of its states, and nothing else comes of it.
    static let allowsStates = Traits(rawValue: 64)
    /// It would be exact if its screens knew what is in tables; it allows, denies or counts.
    static let asksTables = Traits(rawValue: 128)
  }
}

/// The rules of a chain as comparisons of numbers: what a search without a tracer looks at.
struct RuleScreens: ~Copyable, StateHashable {
  /// What a search reads of each rule of the chain.
  private(set) var heads = UniqueArray<RuleHead>()
  /// What a search compares, rule by rule.
  private(set) var searched = UniqueArray<Screen>()
  /// A screen for each instruction.
  private(set) var screens = UniqueArray<Screen>()
  /// The patterns of interfaces that rules ask for, by the number of their bit; as many as there are bits.
  private var patterns = UniqueArray<InterfaceName>()
  /// The numbers of a packet that some rule's screens ask for.
  private(set) var asked = PacketFields()

  init() {}

  func clone() -> RuleScreens {
    var copy = RuleScreens()
    copy.heads = heads.clone()
    copy.searched = searched.clone()
    copy.screens = screens.clone()
    copy.patterns = patterns.clone()
    copy.asked = asked
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(heads)
    hasher.combine(searched)
    hasher.combine(screens)
    hasher.combine(patterns)
    hasher.combine(asked)
  }

  /// The screens of a rule at the end of the chain.
  mutating func append(_ rule: FirewallRule) {
    let first = searched.count
    var isInBlock = false
    var isExact = true
    var asksTables = false
    for instruction in rule.instructions {
      var pattern: Int?
      if case .interface(_, .pattern(let text)) = instruction.match {
        if number(of: text) == nil, patterns.count < 32 { patterns.append(text) }
        pattern = number(of: text)
      }
      let screen = Screen(instruction, of: rule, pattern: pattern)
      screens.append(screen)
      asked.insert(screen.field)
      let isAlone = !isInBlock && !instruction.orNext
      let block = screen.block(for: instruction, of: rule, isAlone: isAlone)
      for part in block { searched.append(part) }
      isInBlock = instruction.orNext
      if case .table(_, _, nil) = instruction.match, screen.table != nil {
        asksTables = true
        continue
      }
      // Where the ends of a list come first, the list behind says the same and more.
      isExact = isExact && block.dropFirst(block.count > 1 ? 1 : 0).allSatisfy { $0.kind == .exact }
      isExact = isExact && (block[0].kind == .exact || isAlone && block.count > 1)
    }
    var traits: RuleHead.Traits = []
    if rule.instructions.first?.match == .probeState {
      traits.formUnion([.probesState, .asksForState])
    }
    if rule.action == .allow, !(rule.instructions.last?.match.isParameter ?? false) {
      traits.insert(.allowsStates)
    }
    // An or-block that is left open takes the action in.
    if isExact, !isInBlock, !asksTables, rule.action == .checkState {
      traits.insert(.asksForState)
    } else if isExact, !isInBlock, !rule.action.needsIP {
      switch rule.action {
      case .count: traits.insert(asksTables ? .asksTables : .countsOnly)
      case .allow: traits.formUnion(asksTables ? [.allows, .asksTables] : .allows)
      case .deny: traits.formUnion(asksTables ? [.denies, .asksTables] : .denies)
      default: break
      }
      if !asksTables { traits.insert(.isExact) }
    }
    heads.append(
      RuleHead(
        first: Int32(first), count: UInt16(searched.count - first), set: rule.set, traits: traits))
  }

  /// Moves the last rule of the chain to another place.
  mutating func moveLast(to place: Int) {
    if let added = heads.popLast() { heads.insert(added, at: place) }
  }

  mutating func setSet(_ set: UInt8, at place: Int) { heads[place].set = set }

  mutating func removeAll() {
    heads.removeAll()
    searched.removeAll()
    screens.removeAll()
    patterns.removeAll()
    asked = PacketFields()
  }

  /// The number of a pattern of interfaces, if it has one.
  func number(of pattern: InterfaceName) -> Int? {
    for number in 0..<patterns.count where patterns[number] == pattern { return number }
    return nil
  }

  /// Whether a packet's numbers do not rule out the rule at a place.
  ///
  /// - Parameter isStateKnown: A state was looked for: what a rule that would do so asks besides counts.
  @inline(__always)
  func admits(
    _ numbers: borrowing PacketNumbers, at place: Int, isStateKnown: Bool
  ) -> Bool {
    admits(numbers, heads[place], isStateKnown: isStateKnown)
  }

  @inline(__always)
  private func admits(
    _ numbers: borrowing PacketNumbers, _ head: RuleHead, isStateKnown: Bool
  ) -> Bool {
    let first = Int(head.first)
    var isBlockMet = false
    for place in first..<first &+ Int(head.count) {
      let screen = searched[place]
      if screen.kind == .barrier {
        if isStateKnown, head.traits.contains(.probesState), place == first { continue }
        return true
      }
      isBlockMet = isBlockMet || screen.admits(numbers)
      if screen.orNext { continue }
      guard isBlockMet else { return false }
      isBlockMet = false
    }
    return true
  }
}
