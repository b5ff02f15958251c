// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// The rules that packets met first, by all that the compiled chain asks of a packet: a flow's next
/// packet meets the same one.
///
/// It has as many places as flows come, up to a bound, and two for each number of them; where few
/// packets come again, it is not asked for a while. Nothing of it is state.
struct RuleMemo: ~Copyable {
  private let pin = Pin()
  /// Two packets of a number: of each what it has, and what it met, in one line of the cache.
  private var pairs = UniqueArray<SIMD8<UInt64>>()
  /// What is taken of a product for a number.
  private var shift: UInt64 = 0
  /// The answers that count: others are of earlier times.
  private var age: UInt64 = 1
  /// Of packets' numbers those besides addresses, ports and protocol.
  private var others = UniqueArray<PacketField>()
  private var isUsed = false
  private var use = MemoUse()
  /// How many had to go for others since it has its size, and which one goes next.
  private var replaced = 0
  private var next = 0

  private static let fewest = 512
  private static let most = 1 << 15

  init() {}

  /// Takes the fields that are asked for; it is not used where they are too many.
  mutating func begin(_ fields: borrowing UniqueArray<CompiledChain.Field>) {
    var bits = 0
    var seen = PacketFields()
    for index in 0..<fields.count {
      let field = fields[index].field
      if RuleMemo.isUsual(field) || seen.contains(field) { continue }
      seen.insert(field)
      others.append(field)
      bits += field.bits
    }
    isUsed = bits <= 64
    guard isUsed else { return }
    resize(RuleMemo.fewest)
  }

  /// What it knows is no longer so.
  mutating func forget() {
    age += 1
    guard age >> 24 != 0 else { return }
    age = 1
    for index in 0..<pairs.count { pairs[index] = .zero }
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
    pairs = UniqueArray(repeating: .zero, count: count)
    shift = UInt64(64 - count.trailingZeroBitCount)
    replaced = 0
    use.begin(window: 16 * count)
  }
}

/// What a packet has of all that is asked, and where it is looked for.
struct RuleQuestion: BitwiseCopyable {
  fileprivate var addresses: UInt64
  fileprivate var transport: UInt64
  fileprivate var others: UInt64
  fileprivate var index: Int
}

extension RuleMemo {
  /// Whether it is to be asked.
  @inline(__always)
  mutating func isAsked() -> Bool { isUsed && use.isDue() }

  /// A packet as a question; nil for what is no IPv4.
  @inline(__always)
  func question(_ numbers: borrowing PacketNumbers) -> RuleQuestion? {
    guard let source = numbers[.source], let destination = numbers[.destination] else { return nil }
    let addresses = UInt64(source) << 32 | UInt64(destination)
    var transport = UInt64(numbers[.proto] ?? 0) << 8
    if let sourcePort = numbers[.sourcePort], let destinationPort = numbers[.destinationPort] {
      transport |= UInt64(sourcePort) << 48 | UInt64(destinationPort) << 32 | 1
    }
    var others: UInt64 = 0
    var present: UInt64 = 0
    for index in 0..<self.others.count {
      let field = self.others[index]
      others = others &<< UInt64(field.bits)
      present &<<= 1
      guard let number = numbers[field] else { continue }
      others |= UInt64(number)
      present |= 1
    }
    transport |= present << 16
    let product =
      addresses &* 0x9e37_79b9_7f4a_7c15 ^ transport &* 0xbf58_476d_1ce4_e5b9
      ^ others &* 0x94d0_49bb_1331_11eb
    return RuleQuestion(
      addresses: addresses, transport: transport, others: others, index: Int(product &>> shift))
  }

  /// The rule that such a packet met.
  @inline(__always)
  func answer(_ question: RuleQuestion) -> RuleCandidate? {
    let pair = pairs[question.index]
    let first = RuleMemo.ones(difference(question, pair[0], pair[1], pair[2], pair[3]))
    let second = RuleMemo.ones(difference(question, pair[4], pair[5], pair[6], pair[7]))
    let answer = (pair[3] & first) | (pair[7] & second)
    guard answer != 0 else { return nil }
    let traits = RuleHead.Traits(rawValue: UInt8(truncatingIfNeeded: answer &>> 32))
    return RuleCandidate(
      place: Int(answer & 0xffff_ffff), isMet: traits.contains(.isExact), traits: traits)
  }

  /// Notes what a packet met.
  mutating func note(_ candidate: RuleCandidate, _ question: RuleQuestion) {
    use.noteMiss()
    let answer = age << 40 | UInt64(candidate.traits.rawValue) << 32 | UInt64(candidate.place)
    var pair = pairs[question.index]
    // The one that is free, or any.
    var isSecond = pair[3] >> 40 == age
    if isSecond, pair[7] >> 40 == age {
      replaced += 1
      next += 1
      isSecond = next & 1 == 0
    }
    let own = SIMD4(question.addresses, question.transport, question.others, answer)
    if isSecond { pair.highHalf = own } else { pair.lowHalf = own }
    pairs[question.index] = pair
    if replaced > pairs.count, pairs.count < RuleMemo.most { resize(pairs.count * 4) }
  }

  /// Notes that what a packet met is not known by its numbers.
  mutating func noteDoubt() { use.noteMiss() }

  /// 0 where an answer is the question's.
  @inline(__always)
  private func difference(
    _ question: RuleQuestion, _ addresses: UInt64, _ transport: UInt64, _ others: UInt64,
    _ answer: UInt64
  ) -> UInt64 {
    (addresses ^ question.addresses) | (transport ^ question.transport)
      | (others ^ question.others) | (answer &>> 40 ^ age)
  }

  /// All ones for 0, else 0.
  @inline(__always)
  private static func ones(_ bits: UInt64) -> UInt64 {
    UInt64(bitPattern: Int64(bitPattern: ~bits & (bits &- 1)) &>> 63)
  }
}
