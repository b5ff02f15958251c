// SPDX-License-Identifier: BSD-2-Clause

package import Wire

/// What becomes of a packet that meets all conditions of a rule.
package enum RuleAction: Hashable, BitwiseCopyable, Sendable {
  case allow
  case deny
  case count
  /// Looks for a state, and goes to its rule's action.
  case checkState
  /// Goes on at the first later rule with this number or a higher one.
  case skipto(UInt16)
  case setfib(UInt16)
  /// Changes the next hop; `.any` is `tablearg`. Port 0 is none.
  case forward(IPv4Address, port: UInt16)
  /// Refuses with an ICMP unreachable of this code; `reject` is code 1.
  case unreach(code: UInt8)
  /// Refuses with a TCP reset.
  case reset
  /// Refuses with an ICMPv6 unreachable, or a reset over IPv6.
  case unreach6(code: UInt8), reset6
  /// Hands the packet to a pipe or a queue of dummynet.
  case pipe(UInt16), queue(UInt16)
  /// Hands the packet, or a copy of it, to the divert socket of this port.
  case divert(UInt16), tee(UInt16)
  /// Hands the packet, or a copy of it, to netgraph.
  case netgraph(UInt16), ngtee(UInt16)
  /// Translates addresses by this instance of libalias.
  case nat(UInt16)
  /// Puts fragments together.
  case reass

  /// The argument that stands for the value a table look-up leaves (`IP_FW_TABLEARG`).
  package static let tablearg: UInt16 = 65_535
}

/// A rule as commands give and get it (`struct ip_fw`).
package struct FirewallRule: Hashable, Sendable {
  package var number: UInt16 = 0
  package var set: UInt8 = 0
  package var action: RuleAction
  package var instructions: [Instruction] = []
  /// Lists that instructions refer to.
  package var words: [UInt32] = []
  package var comment: String?
  /// It was written without protocol and addresses; only printing asks (`_pad`).
  package var hasOnlyOptions = false
  package var packets: UInt64 = 0
  package var bytes: UInt64 = 0
  /// The wall clock's second of the last match, or 0.
  package var lastMatch: UInt64 = 0

  package init(_ action: RuleAction) { self.action = action }

  /// The number of the last rule, which can neither be added nor deleted (`IPFW_DEFAULT_RULE`).
  package static let defaultNumber: UInt16 = 65_535
  /// The set that survives a flush and is always enabled (`RESVD_SET`).
  package static let reservedSet: UInt8 = 31

  /// The ranges an instruction refers to.
  package func ranges(_ words: WordRange) -> [NumberRange] {
    self.words[words.indices].map { NumberRange(word: $0) }
  }
}
