// SPDX-License-Identifier: BSD-2-Clause

/// Values from one to another, of a rule.
struct RuleSpan: BitwiseCopyable {
  var low: UInt32
  var high: UInt32
  /// The place of the rule in the chain.
  var rule: Int32
}

extension Screen {
  /// The values of its field that meet it, its negation included, added to `ranges` in no order.
  ///
  /// - Returns: False where they are no few ranges: then nothing was added.
  func addRanges(to ranges: inout [RuleSpan], rule: Int32) -> Bool {
    var own: [RuleSpan] = []
    if let only = onlyRange {
      if let only { own = [RuleSpan(low: only.low, high: only.high, rule: rule)] }
    } else if mask == .max {
      // The range goes over the end of the numbers.
      own = [
        RuleSpan(low: 0, high: low &+ span, rule: rule),
        RuleSpan(low: low, high: .max, rule: rule),
      ]
    } else if field.bits == 8 {
      for value in 0...UInt32(255) where (value & mask) &- low <= span {
        if let last = own.indices.last, own[last].high + 1 == value {
          own[last].high = value
        } else {
          own.append(RuleSpan(low: value, high: value, rule: rule))
        }
      }
    } else {
      return false
    }
    ranges += isNegated ? own.complement(rule: rule) : own
    return true
  }

  /// The only range that meets it, its negation aside: nil inside where there is none at all, and nil
  /// where it is not that simple.
  @inline(__always)
  var onlyRange: (low: UInt32, high: UInt32)?? {
    if mask == .max {
      let (high, overflows) = low.addingReportingOverflow(span)
      return overflows ? .none : .some((low, high))
    }
    // A network: the bits of its mask are the first ones.
    guard span == 0, ~mask & (~mask &+ 1) == 0 else { return .none }
    return .some(low & ~mask == 0 ? (low, low | ~mask) : nil)
  }
}

extension PacketField {
  /// How many bits its numbers have at most.
  var bits: Int {
    switch self {
    case .none, .proto, .family, .version, .inbound, .fib, .ipttl, .iptos, .tcpflags, .layer2,
      .sourceIsMe, .destinationIsMe, .divertSides:
      8
    case .sourcePort, .destinationPort, .iplen, .ipid, .tcpdatalen: 16
    default: 32
    }
  }
}

extension [RuleSpan] {
  /// The same values, in order, no two ranges touching.
  func united() -> [RuleSpan] {
    var result: [RuleSpan] = []
    for span in sorted(by: { $0.low < $1.low }) {
      if let last = result.last, last.high == .max || span.low <= last.high + 1 {
        result[result.count - 1].high = Swift.max(last.high, span.high)
      } else {
        result.append(span)
      }
    }
    return result
  }

  /// All other values; the ranges may overlap.
  func complement(rule: Int32) -> [RuleSpan] {
    var result: [RuleSpan] = []
    var next: UInt32? = 0
    for span in united() {
      guard let low = next else { break }
      if span.low > low { result.append(RuleSpan(low: low, high: span.low - 1, rule: rule)) }
      next = span.high == .max ? nil : span.high + 1
    }
    if let low = next { result.append(RuleSpan(low: low, high: .max, rule: rule)) }
    return result
  }

  /// What lies in these ranges and in others, both in order.
  func intersection(_ others: [RuleSpan]) -> [RuleSpan] {
    var result: [RuleSpan] = []
    var (own, other) = (startIndex, others.startIndex)
    while own < endIndex, other < others.endIndex {
      let low = Swift.max(self[own].low, others[other].low)
      let high = Swift.min(self[own].high, others[other].high)
      if low <= high { result.append(RuleSpan(low: low, high: high, rule: self[own].rule)) }
      if self[own].high < others[other].high { own += 1 } else { other += 1 }
    }
    return result
  }
}
