// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// The rules that packets met first, by all that the compiled chain asks of a packet: a flow's next
/// packet meets the same one.
///
/// A line of the cache is a set of four packets. Which set it is says the lowest bits of a destination: in
/// their place stands the age. It has as many sets as flows come, up to a bound that leaves room beside it
/// in a cache of a megabyte; where few packets come again, it is not asked for a while. Nothing of it is
/// state.
struct RuleMemo: ~Copyable {
  private let pin = Pin()
  /// Of four packets the addresses and the age, and then the ports, the protocol and, in the lowest 24
  /// bits, the rule's traits and its place.
  private var sets = UniqueArray<SIMD8<UInt64>>()
  /// The rest of what is asked of these, where there is more.
  private var others = UniqueArray<SIMD4<UInt64>>()
  /// What is taken of a product for a number.
  private var shift: UInt64 = 0
  /// The entries that count: others are of earlier times.
  private var age: UInt64 = 1
  /// Of packets' numbers those besides addresses, ports and protocol.
  private var otherFields = UniqueArray<PacketField>()
  private var isUsed = false
  private var use = MemoUse()
  /// How many had to go for others since it has its size, and which one goes next.
  private var replaced = 0
  private var next = 0

  private static let ageMask: UInt64 = 0x1ff
  private static let placeBits: UInt64 = 16
  private static let answerBits: UInt64 = 24
  /// How many sets it has at first, and at most: so many that a set's number says the bits that an age
  /// takes the place of.
  private static let fewest = Int(ageMask) + 1
  private static let most = 1 << 13

  init() {}

  /// Takes the fields that are asked for; it is not used where they are too many.
  mutating func begin(_ fields: borrowing UniqueArray<CompiledChain.Field>) {
    var bits = 0
    var seen = PacketFields()
    for index in 0..<fields.count {
      let field = fields[index].field
      if RuleMemo.isUsual(field) || seen.contains(field) { continue }
      seen.insert(field)
      otherFields.append(field)
      bits += field.bits + 1
    }
    isUsed = bits <= 64
    guard isUsed else { return }
    resize(RuleMemo.fewest)
  }

  /// What it knows is no longer so.
  mutating func forget() {
    age += 1
    guard age > RuleMemo.ageMask else { return }
    age = 1
    for index in 0..<sets.count { sets[index] = .zero }
  }

  /// All packets of IPv4 have one of it, or it is in each question.
  private static func isUsual(_ field: PacketField) -> Bool {
    switch field {
    case .none, .proto, .family, .version, .source, .destination, .sourcePort, .destinationPort:
      true
    default: false
    }
  }

  private mutating func resize(_ count: Int) {
    sets = UniqueArray(repeating: .zero, count: count)
    others = UniqueArray(repeating: .zero, count: otherFields.isEmpty ? 0 : count)
    shift = UInt64(64 - count.trailingZeroBitCount)
    replaced = 0
    use.begin(window: 16 * count)
  }
}

/// What a packet has of all that is asked, and where it is looked for.
struct RuleQuestion: BitwiseCopyable {
  /// With the age in place of the bits that say the set.
  fileprivate var addresses: UInt64
  fileprivate var transport: UInt64
  fileprivate var others: UInt64
  fileprivate var set: Int
}

extension RuleMemo {
  /// Whether it is to be asked.
  @inline(__always)
  mutating func isAsked() -> Bool { isUsed && use.isDue() }

  /// A packet as a question; nil for what is no IPv4.
  @inline(__always)
  func question(_ numbers: borrowing PacketNumbers) -> RuleQuestion? {
    guard let source = numbers[.source], let destination = numbers[.destination] else { return nil }
    let own = UInt64(destination) & RuleMemo.ageMask
    let addresses = UInt64(source) << 32 | UInt64(destination) ^ own
    var transport = UInt64(numbers[.proto] ?? 0) << RuleMemo.answerBits
    if let sourcePort = numbers[.sourcePort], let destinationPort = numbers[.destinationPort] {
      // No ports look like ports of 0.
      guard sourcePort | destinationPort != 0 else { return nil }
      transport |= UInt64(sourcePort) << 48 | UInt64(destinationPort) << 32
    }
    var others: UInt64 = 0
    for index in 0..<otherFields.count {
      let field = otherFields[index]
      others &<<= UInt64(field.bits) &+ 1
      if let number = numbers[field] { others |= UInt64(number) << 1 | 1 }
    }
    let product =
      addresses &* 0x9e37_79b9_7f4a_7c15 ^ transport &* 0xbf58_476d_1ce4_e5b9
      ^ others &* 0x94d0_49bb_1331_11eb
    return RuleQuestion(
      addresses: addresses | age, transport: transport, others: others,
      set: Int(product &>> shift ^ own))
  }

  /// The rule that such a packet met.
  @inline(__always)
  func answer(_ question: RuleQuestion) -> RuleCandidate? {
    let set = sets[question.set]
    var rest = SIMD4<UInt64>.zero
    if !others.isEmpty { rest = others[question.set] ^ SIMD4(repeating: question.others) }
    var answer: UInt64 = 0
    for way in 0..<4 {
      let own = set[way &+ 4]
      let difference =
        (set[way] ^ question.addresses) | (own ^ question.transport) &>> RuleMemo.answerBits
        | rest[way]
      answer |= own & UInt64(bitPattern: Int64(bitPattern: ~difference & (difference &- 1)) &>> 63)
    }
    guard answer != 0 else { return nil }
    return RuleCandidate(
      place: Int(answer & (1 << RuleMemo.placeBits - 1)),
      traits: RuleHead.Traits(rawValue: UInt8(truncatingIfNeeded: answer &>> RuleMemo.placeBits)))
  }

  /// Notes what a packet met, if the rule is one of those whose places it can say.
  mutating func note(_ candidate: RuleCandidate, _ question: RuleQuestion) {
    use.noteMiss()
    guard candidate.place >> Int(RuleMemo.placeBits) == 0 else { return }
    var set = sets[question.set]
    // One that is free, or any.
    var way = 0
    while way < 4, set[way] & RuleMemo.ageMask == age { way += 1 }
    if way == 4 {
      replaced += 1
      next += 1
      way = next & 3
    }
    set[way] = question.addresses
    set[way + 4] =
      question.transport | UInt64(candidate.traits.rawValue) << RuleMemo.placeBits
      | UInt64(candidate.place)
    sets[question.set] = set
    if !others.isEmpty { others[question.set][way] = question.others }
    if replaced > sets.count, sets.count < RuleMemo.most { resize(sets.count * 4) }
  }

  /// Notes that what a packet met is not known by its numbers.
  mutating func noteDoubt() { use.noteMiss() }
}
