// SPDX-License-Identifier: BSD-2-Clause

package import Netstack
package import Shell
package import Wire

/// What compiling a rule asks of the machine it runs on.
package struct RuleSurroundings {
  /// `net.fibs`.
  package var fibCount: Int
  /// `net.inet.ip.fw.verbose_limit`: how many lines a rule logs that does not say.
  package var verboseLimit: Int
  /// The queues of ALTQ; nil without a pf(4) device.
  package var altqQueues: [AltqQueue]?
  /// The address of a host, as gethostbyname(3) finds it.
  package var resolve: (String) -> IPv4Address?
  /// Says something on stderr without ending.
  package var warn: (String) -> Void

  package init(
    fibCount: Int, verboseLimit: Int = 0, altqQueues: [AltqQueue]? = nil,
    resolve: @escaping (String) -> IPv4Address? = { _ in nil }, warn: @escaping (String) -> Void
  ) {
    (self.fibCount, self.verboseLimit) = (fibCount, verboseLimit)
    self.altqQueues = altqQueues
    (self.resolve, self.warn) = (resolve, warn)
  }
}

/// Compiles the words behind `ipfw add` into a rule, as `compile_rule()` of ipfw(8) does.
///
/// A `not` holds until an instruction takes it, and words that make no instruction, such as `any`,
/// leave it standing: the reader of ipfw2.c will know where that shows.
package struct RuleParser {
  var words: ArraySlice<String>
  var rule = FirewallRule(.count)
  let surroundings: RuleSurroundings
  /// The next instruction is to be negated.
  var isNegated = false
  /// A block is open.
  var isOpen = false
  /// The instruction that an `or` would follow.
  var previous: Int?
  /// The protocol last read, for the names of services and the kind of addresses; 0 for any.
  var proto: UInt8 = 0
  /// What is not among the conditions, and gets its place when all is read.
  var probability: Match?
  var log: Instruction?
  var altq: Instruction?
  var tag: Instruction?
  /// The place of `keep-state` or `limit` among the conditions.
  var state: Int?

  /// Reads the words of a rule.
  package static func parse(
    _ words: some Sequence<String>, _ surroundings: RuleSurroundings
  ) throws(Fault) -> FirewallRule {
    var parser = RuleParser(words: ArraySlice(Array(words)), surroundings)
    try parser.parse()
    parser.arrange()
    return parser.rule
  }

  private init(words: ArraySlice<String>, _ surroundings: RuleSurroundings) {
    (self.words, self.surroundings) = (words, surroundings)
  }

  private mutating func parse() throws(Fault) {
    try parseHead()
    try parseAction()
    try parseParameters()
    // Nothing behind check-state is read.
    if rule.action != .checkState {
      if try parseBody() { try parseEnds() }
      rule.hasOnlyOptions = !words.isEmpty && rule.instructions.isEmpty
      try parseOptions()
    }
  }

  /// Puts the instructions into the kernel's order: first the probability and the look for a state,
  /// last what makes a state and what belongs to the action.
  private mutating func arrange() {
    var ordered: [Instruction] = []
    if let probability { ordered.append(Instruction(probability)) }
    if state != nil { ordered.append(Instruction(.probeState)) }
    for (place, instruction) in rule.instructions.enumerated() where place != state {
      ordered.append(instruction)
    }
    if let state { ordered.append(rule.instructions[state]) }
    rule.instructions = ordered + [log, altq, tag].compactMap { $0 }
  }

  /// The number, the set and the probability.
  private mutating func parseHead() throws(Fault) {
    if let number = words.first, CNumber.hasDigit(number) {
      rule.number = UInt16(truncatingIfNeeded: CNumber.atoi(number))
      words.removeFirst()
    }
    if words.count > 1, takes("set") {
      let word = words.removeFirst()
      guard let set = UInt8(exactly: CNumber.atoi(word)), set <= FirewallRule.reservedSet else {
        throw .failed("illegal set \(word)", status: 65)
      }
      rule.set = set
    }
    if words.count > 1, takes("prob") {
      let word = words.removeFirst()
      let value = CNumber.strtod(word)
      // What is no number to C is no number to these comparisons either.
      if value <= 0 || value > 1 { throw .failed("illegal match prob. \(word)", status: 65) }
      if value != 1 {
        let bound = Int32(exactly: (value * Double(RuleParser.certainty)).rounded(.towardZero))
        probability = .probability(UInt32(bitPattern: bound ?? .min))
      }
    }
  }

  /// The bound that stands for certainty, of 31 random bits.
  static let certainty: UInt32 = 0x7fff_ffff

  /// The protocol; false if the options begin right here.
  private mutating func parseBody() throws(Fault) -> Bool {
    try openBlock()
    repeat {
      try parseNot()
      let word = try need("missing protocol")
      guard let match = protocolMatch(word, isBody: true) else {
        if !rule.instructions.isEmpty {
          throw .failed("invalid protocol ``\(word)''", status: 65)
        }
        return false
      }
      words.removeFirst()
      if let match { previous = emit(match) }
    } while try closesNotBlock()
    return true
  }

  /// `from` and `to` with addresses and ports.
  private mutating func parseEnds() throws(Fault) {
    for end in [PacketEnd.source, .destination] {
      guard takes(end == .source ? "from" : "to") else {
        throw .failed("missing ``\(end == .source ? "from" : "to")''", status: 64)
      }
      try openBlock()
      repeat {
        try parseNot()
        let word = try need("missing \(end == .source ? "source" : "dst") address")
        let match = try addressMatch(word, end)
        words.removeFirst()
        if let match { previous = emit(match) }
      } while try closesNotBlock()
      try parseNot()
      if let word = words.first {
        if isPrefix(word, of: "any") {
          words.removeFirst()
        } else if let match = try portsMatch(word, end) {
          words.removeFirst()
          emit(match)
        }
      }
    }
  }
}

/// The pieces that all parts of a rule are read with.
extension RuleParser {
  /// Whether a word is a keyword or its beginning, which ipfw(8) still takes, with a warning.
  func isPrefix(_ word: String, of keyword: String) -> Bool {
    RuleParser.isPrefix(word, of: keyword, warn: surroundings.warn)
  }

  /// As above, for the words outside a rule (`_substrcmp`).
  static func isPrefix(_ word: String, of keyword: String, warn: (String) -> Void) -> Bool {
    guard keyword.hasPrefix(word) || word.isEmpty else { return false }
    if word != keyword { warn("DEPRECATED: '\(word)' matched '\(keyword)' as a sub-string") }
    return true
  }

  /// Takes the next word if it is this keyword.
  mutating func takes(_ keyword: String) -> Bool {
    guard let word = words.first, isPrefix(word, of: keyword) else { return false }
    words.removeFirst()
    return true
  }

  /// The next word, which must be there.
  func need(_ message: String) throws(Fault) -> String {
    guard let word = words.first else { throw .failed(message, status: 64) }
    return word
  }

  /// Adds an instruction to the rule.
  @discardableResult
  mutating func emit(_ match: Match) -> Int {
    rule.instructions.append(Instruction(match, isNegated: isNegated))
    isNegated = false
    return rule.instructions.count - 1
  }

  /// Adds words to the rule's lists.
  mutating func store(_ list: [UInt32]) -> WordRange {
    defer { rule.words.append(contentsOf: list) }
    return WordRange(start: rule.words.count, count: list.count)
  }

  /// `not` in front of a protocol, an address or ports.
  mutating func parseNot() throws(Fault) {
    guard let word = words.first, isPrefix(word, of: "not") else { return }
    try negate()
    words.removeFirst()
  }

  /// Notes a negation; there is one at most.
  mutating func negate() throws(Fault) {
    if isNegated { throw .failed("double \"not\" not allowed\n", status: 64) }
    isNegated = true
  }

  /// A brace that opens a block, on its own or in front of the first word.
  mutating func openBlock() throws(Fault) {
    guard let word = words.first, let brace = word.first, brace == "(" || brace == "{" else {
      return
    }
    if isOpen { throw .failed("nested \"(\" not allowed\n", status: 64) }
    previous = nil
    isOpen = true
    words.removeFirst()
    if word.count > 1 { words.insert(String(word.dropFirst()), at: words.startIndex) }
  }

  /// Goes on behind an element of a block: true after `or`, false behind the block's end.
  mutating func closesNotBlock() throws(Fault) -> Bool {
    if let word = words.first, isPrefix(word, of: "or") {
      guard let previous, isOpen else { throw .failed("invalid OR block", status: 65) }
      rule.instructions[previous].orNext = true
      words.removeFirst()
      return true
    }
    guard isOpen else { return false }
    guard let word = words.first, word == ")" || word == "}" else {
      throw .failed("missing \")\"\n", status: 64)
    }
    (previous, isOpen) = (nil, false)
    words.removeFirst()
    return false
  }
}
