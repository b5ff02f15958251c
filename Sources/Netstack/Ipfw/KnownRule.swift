// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// A rule that a packet meets first, and nothing else comes of it but its verdict.
struct KnownRule: BitwiseCopyable {
  /// -1 for none.
  var place: Int32 = -1
  /// The packet's length, as it is counted.
  var bytes: UInt32 = 0
  var allows = false

  init() {}

  init(place: Int32, bytes: UInt32, allows: Bool) {
    (self.place, self.bytes, self.allows) = (place, bytes, allows)
  }

  /// Nil where more has to be asked, or comes of it.
  @inline(__always)
  init?(_ candidate: RuleCandidate, bytes: Int) {
    let verdicts = candidate.traits.intersection([.allows, .denies])
    guard candidate.isMet, !verdicts.isEmpty else { return nil }
    place = Int32(truncatingIfNeeded: candidate.place)
    self.bytes = UInt32(truncatingIfNeeded: bytes)
    allows = verdicts.contains(.allows)
  }
}

extension Vnet {
  /// Counts a packet on the rule that it meets; the verdict.
  @inline(__always)
  mutating func meet(_ rule: KnownRule, at second: UInt64) -> FirewallVerdict {
    firewall.count(Int(rule.place), bytes: Int(rule.bytes), at: second)
    return rule.allows ? .pass : .deny(rule: firewall.rules[Int(rule.place)].number)
  }
}
