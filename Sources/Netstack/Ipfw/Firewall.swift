// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// A stack's firewall: its rules in order (`struct ip_fw_chain`, netinet/ipfw/ip_fw2.c).
package struct Firewall: ~Copyable, StateHashable {
  /// A rule in the chain: plain data, its parts in the arrays below.
  struct Rule: BitwiseCopyable {
    var number: UInt16
    var set: UInt8
    /// No other rule ever has it.
    var id: UInt32
    var hasOnlyOptions: Bool
    var action: RuleAction
    var firstInstruction: Int32
    var instructionCount: Int32
    /// How many come before the parameters of the action (`act_ofs`).
    var conditionCount: Int32
    var firstWord: Int32
    var wordCount: Int32
    /// The comment's place, or -1.
    var comment: Int32
    /// Where a `skipto` leads, as found when the chain had this generation.
    var target: Int32 = 0
    var targetGeneration: UInt32 = 0
  }

  /// Whether the kernel has a firewall (`options IPFIREWALL`).
  let isPresent: Bool
  /// The rules as a search compares them.
  private(set) var screens = RuleScreens()
  /// The same as a decision structure.
  var compiled = CompiledChain()
  /// What each rule of the chain has counted.
  var hits = RuleHits()
  /// How the express lane does with the rules.
  var trials = ShortcutTrials()
  /// What plain packets are served by, and how they do with it (`plainPass`).
  private(set) var plainWay = PlainWay.none
  var plainTrials = ShortcutTrials()
  /// The chain, by number; the default rule is the last.
  private(set) var rules = UniqueArray<Rule>()
  private(set) var instructions = UniqueArray<Instruction>()
  private(set) var words = UniqueArray<UInt32>()
  private var comments: [String] = []
  /// `table N`.
  package var tables = FirewallTables()
  /// The dynamic rules.
  var states = DynamicRules()
  /// `nat N`.
  var nats = NatInstances()
  /// What the packet is known by that a rule just gave to dummynet (`f_id` of `struct ip_fw_args`).
  var flow = FlowID()
  private var lastID: UInt32 = 0
  /// A bit for each set that is switched off (`V_set_disable`).
  package private(set) var disabledSets: UInt32 = 0
  /// Rules that were ever added and not removed (`static_count`).
  package private(set) var staticCount = 0
  /// Changes with the chain, so that cached places are known to be stale.
  private var generation: UInt32 = 1

  init(_ options: KernelOptions) {
    isPresent = options.ipfirewall
    var last = FirewallRule(options.firewallDefaultsToAccept ? .allow : .deny)
    last.number = FirewallRule.defaultNumber
    last.set = FirewallRule.reservedSet
    append(last)
    staticCount = 1
    choosePlainWay()
  }

  private init(copying other: borrowing Firewall) {
    isPresent = other.isPresent
    rules = other.rules.clone()
    screens = other.screens.clone()
    plainWay = other.plainWay  // No state: made of the screens.
    hits = other.hits.clone()
    instructions = other.instructions.clone()
    words = other.words.clone()
    comments = other.comments
    disabledSets = other.disabledSets
    staticCount = other.staticCount
    generation = other.generation
    tables = other.tables.clone()
    states = other.states.clone()
    nats = other.nats.clone()
    lastID = other.lastID
  }

  func clone() -> Firewall { Firewall(copying: self) }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(isPresent)
    hasher.combine(screens)
    hasher.combine(hits)
    hasher.combine(rules)
    hasher.combine(instructions)
    hasher.combine(words)
    hasher.combine(comments)
    hasher.combine(tables)
    hasher.combine(states)
    hasher.combine(nats)
    hasher.combine(flow)
    hasher.combine(lastID)
    hasher.combine(disabledSets)
    hasher.combine(staticCount)
    hasher.combine(generation)
  }

  package var count: Int { rules.count }

  /// The rule at a place of the chain, as a command gets it.
  package func rule(at index: Int) -> FirewallRule {
    let rule = rules[index]
    var result = FirewallRule(rule.action)
    result.number = rule.number
    result.set = rule.set
    result.hasOnlyOptions = rule.hasOnlyOptions
    for offset in 0..<rule.instructionCount {
      result.instructions.append(instructions[Int(rule.firstInstruction + offset)])
    }
    for offset in 0..<rule.wordCount { result.words.append(words[Int(rule.firstWord + offset)]) }
    if rule.comment >= 0 { result.comment = comments[Int(rule.comment)] }
    result.packets = hits.packets(index)
    result.bytes = hits.bytes(index)
    result.lastMatch = hits.lastMatch(index)
    return result
  }

  /// The place of the first rule of a range with this number or a higher one.
  func firstIndex(from number: UInt16, in range: Range<Int>) -> Int {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if rules[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The number of the rule that a packet comes back to, or the default rule's where it is gone.
  func number(of reference: RuleReference) -> UInt16 {
    let place = place(behind: reference)
    guard place > 0, rules[place - 1].id == reference.id else { return FirewallRule.defaultNumber }
    return rules[place - 1].number
  }

  /// Where a `skipto` rule leads: always behind itself, so that nothing loops (`lookup_next_rule`).
  mutating func skipTarget(of index: Int, to number: UInt16) -> Int {
    if rules[index].targetGeneration == generation { return Int(rules[index].target) }
    let target = min(firstIndex(from: number, in: index + 1..<rules.count), rules.count - 1)
    rules[index].target = Int32(target)
    rules[index].targetGeneration = generation
    return target
  }

  /// Where a `skipto` rule leads by the value of a table; 0 stands for the default rule.
  func skipTarget(of index: Int, byTable value: UInt32) -> Int {
    let number = value == 0 ? FirewallRule.defaultNumber : UInt16(truncatingIfNeeded: value)
    return min(firstIndex(from: number, in: index + 1..<rules.count), rules.count - 1)
  }

  /// What a packet keeps of a rule that it comes back to.
  func reference(to index: Int) -> RuleReference {
    RuleReference(id: rules[index].id, index: Int32(index), generation: generation)
  }

  /// The place behind a rule that a packet comes back to; the default rule if it is gone.
  func place(behind reference: RuleReference) -> Int {
    if reference.generation == generation { return Int(reference.index) + 1 }
    for index in 0..<rules.count where rules[index].id == reference.id { return index + 1 }
    return rules.count - 1
  }

  /// Counts a packet on a rule.
  @inline(__always)
  mutating func count(_ index: Int, bytes: Int, at second: UInt64) {
    hits.count(index, bytes: bytes, at: second)
  }

  /// Whether packets pass a set's rules by.
  @inline(__always)
  func isDisabled(_ set: UInt8) -> Bool { disabledSets & (1 << UInt32(set)) != 0 }
}

extension Firewall {
  /// Adds a rule behind those with its number, and returns the number (`add_rule`).
  ///
  /// Number 0 asks for the highest in use and `step` more. A rule with the default rule's number is
  /// counted but never linked, as in 8.0.
  mutating func add(_ rule: FirewallRule, step: Int) -> UInt16 {
    var rule = rule
    if rule.number == 0 {
      let highest = rules.count > 1 ? Int(rules[rules.count - 2].number) : 0
      let isRoom = highest < Int(FirewallRule.defaultNumber) - step
      rule.number = UInt16(isRoom ? highest + step : highest)
    }
    staticCount += 1
    guard rule.number != FirewallRule.defaultNumber else { return rule.number }
    generation &+= 1
    append(rule)
    let place = firstIndex(from: rule.number + 1, in: 0..<rules.count - 1)
    if let added = rules.popLast() { rules.insert(added, at: place) }
    hits.moveLast(to: place)
    screens.moveLast(to: place)
    compiled.ruleAdded(at: place)
    states.ruleAdded(at: place)
    choosePlainWay()
    return rule.number
  }

  /// Removes the rules for which `isDoomed` says so, and their states; false if there was none.
  ///
  /// - Parameter second: Of uptime.
  mutating func remove(
    at second: UInt32, where isDoomed: (_ number: UInt16, _ set: UInt8) -> Bool
  ) -> Bool {
    var kept: [(FirewallRule, id: UInt32)] = []
    var places = UniqueArray<Int32>()
    for index in 0..<rules.count {
      let isKept = !isDoomed(rules[index].number, rules[index].set)
      places.append(isKept ? Int32(kept.count) : -1)
      if isKept { kept.append((rule(at: index), rules[index].id)) }
    }
    let removed = rules.count - kept.count
    guard removed > 0 else { return false }
    staticCount -= removed
    generation &+= 1
    rules.removeAll()
    hits.removeAll()
    screens.removeAll()
    instructions.removeAll()
    words.removeAll()
    comments = []
    for (rule, id) in kept { append(rule, id: id) }
    states.rulesRemoved(places, at: second)
    compiled.rulesRemoved(places, left: rules.count)
    setsChanged()
    return true
  }

  /// Gives rules another set: `change` gets number and set.
  mutating func changeSets(_ change: (_ number: UInt16, _ set: UInt8) -> UInt8) {
    for index in 0..<rules.count where rules[index].number != FirewallRule.defaultNumber {
      rules[index].set = change(rules[index].number, rules[index].set)
      screens.setSet(rules[index].set, at: index)
    }
    setsChanged()
  }

  /// Switches sets off and on; the reserved one stays on.
  mutating func setSets(disabled: UInt32, enabled: UInt32) {
    disabledSets = (disabledSets | disabled) & ~enabled & ~(1 << UInt32(FirewallRule.reservedSet))
    setsChanged()
  }

  private mutating func setsChanged() {
    compiled.setsChanged(screens.heads, disabled: disabledSets)
    choosePlainWay()
  }

  private mutating func choosePlainWay() {
    let first = screens.heads[0]
    let asksForState =
      first.traits.contains(.asksForState)
      && (first.count == 0 || first.traits.contains(.probesState)) && !isDisabled(first.set)
    plainWay = asksForState ? .state : screens.asked.arePlain ? .headers : .none
  }

  /// Whether there is a rule with this number.
  func contains(_ number: UInt16) -> Bool {
    let index = firstIndex(from: number, in: 0..<rules.count)
    return index < rules.count && rules[index].number == number
  }

  /// Clears the counters of the rules that are meant, and gives those that log their budget back
  /// (`clear_counters`).
  mutating func zero(
    logOnly: Bool, where isMeant: (_ number: UInt16, _ set: UInt8) -> Bool
  ) {
    for index in 0..<rules.count where isMeant(rules[index].number, rules[index].set) {
      if let place = logPlace(of: rules[index]) { instructions[place].match.restoreBudget() }
      if logOnly { continue }
      hits.clear(index)
    }
  }

  /// The place of the instruction that logs, if a rule has one: the first of its parameters.
  func logPlace(of rule: Rule) -> Int? {
    guard rule.conditionCount < rule.instructionCount else { return nil }
    return Int(rule.firstInstruction + rule.conditionCount)
  }

  /// Takes one line off a rule's budget (the head of `ipfw_log`).
  mutating func spendLine(of rule: Rule) -> LogTurn {
    guard let place = logPlace(of: rule) else { return .silent }
    return instructions[place].match.spendLine()
  }

  /// Puts a rule at the end of the chain, and its parts into the arrays.
  private mutating func append(_ rule: FirewallRule, id: UInt32? = nil) {
    if id == nil { lastID &+= 1 }
    let parameters = rule.instructions.reversed().prefix { $0.match.isParameter }.count
    let entry = Rule(
      number: rule.number, set: rule.set, id: id ?? lastID, hasOnlyOptions: rule.hasOnlyOptions,
      action: rule.action,
      firstInstruction: Int32(instructions.count), instructionCount: Int32(rule.instructions.count),
      conditionCount: Int32(rule.instructions.count - parameters),
      firstWord: Int32(words.count), wordCount: Int32(rule.words.count),
      comment: rule.comment == nil ? -1 : Int32(comments.count))
    for instruction in rule.instructions { instructions.append(instruction) }
    for word in rule.words { words.append(word) }
    if let comment = rule.comment { comments.append(comment) }
    screens.append(rule)
    rules.append(entry)
    hits.append(packets: rule.packets, bytes: rule.bytes, lastMatch: rule.lastMatch)
  }
}
