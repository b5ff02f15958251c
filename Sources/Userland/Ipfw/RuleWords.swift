// SPDX-License-Identifier: BSD-2-Clause

import Netstack

/// A word that names the action of a rule, with what it takes. One table for parser, help and
/// completion.
struct ActionWord: Sendable {
  /// How the word is read, and what becomes of it.
  enum Kind: Hashable, Sendable {
    case plain(RuleAction)
    case skipto, setfib, forward, unreach
    /// Takes a number from 1 to 65534, and a kernel without its module refuses the rule.
    case absent(takesPort: Bool)
    /// The comment that makes a `count` rule.
    case comment
    case later
  }
  let words: [String]
  let kind: Kind
  let operand: String?
  let help: String

  private init(_ words: String..., kind: Kind, operand: String? = nil, _ help: String) {
    (self.words, self.kind, self.operand, self.help) = (words, kind, operand, help)
  }

  static let all: [ActionWord] = [
    .init("allow", "accept", "pass", "permit", kind: .plain(.allow), "The packet passes."),
    .init("deny", "drop", kind: .plain(.deny), "The packet is discarded."),
    .init("count", kind: .plain(.count), "The packet is counted, and the next rule tried."),
    .init(
      "skipto", kind: .skipto, operand: "number",
      "The search goes on at the first later rule with this number or a higher one."),
    .init(
      "setfib", kind: .setfib, operand: "fib",
      "The packet gets this forwarding table, and the next rule is tried."),
    .init(
      "fwd", "forward", kind: .forward, operand: "address[,port]",
      "The packet passes, and goes to this next hop."),
    .init(
      "reject", kind: .plain(.unreach(code: 1)),
      "The packet is discarded, and its sender gets an ICMP host unreachable."),
    .init(
      "unreach", kind: .unreach, operand: "code",
      "The packet is discarded, and its sender gets an ICMP unreachable with this code."),
    .init(
      "reset", kind: .plain(.reset),
      "The packet is discarded, and the sender of a TCP segment gets a reset."),
    .init(
      "check-state", kind: .plain(.checkState), "The dynamic rules are searched here."),
    .init("//", kind: .comment, operand: "comment", "A count rule that only has a comment."),
    .init("divert", kind: .absent(takesPort: true), operand: "port", "Needs a divert socket."),
    .init("tee", kind: .absent(takesPort: true), operand: "port", "Needs a divert socket."),
    .init("netgraph", kind: .absent(takesPort: false), operand: "cookie", "Needs netgraph."),
    .init("ngtee", kind: .absent(takesPort: false), operand: "cookie", "Needs netgraph."),
    .init("nat", kind: .absent(takesPort: false), operand: "number", "Needs libalias."),
    .init("pipe", kind: .later, operand: "number", "Needs dummynet."),
    .init("queue", kind: .later, operand: "number", "Needs dummynet."),
    .init("reass", kind: .later, "Puts fragments together."),
    .init("reset6", kind: .later, "A reset for IPv6."),
    .init("unreach6", kind: .later, operand: "code", "An ICMPv6 unreachable."),
  ]

  /// The row of a word; actions are never shortened.
  static func row(_ word: String) -> ActionWord? { all.first { $0.words.contains(word) } }

  /// The codes of `unreach` by name, from 0 on.
  static let unreachCodes = [
    "net", "host", "protocol", "port", "needfrag", "srcfail", "net-unknown", "host-unknown",
    "isolated", "net-prohib", "host-prohib", "tosnet", "toshost", "filter-prohib",
    "host-precedence", "precedence-cutoff",
  ]
}

/// A word that may follow the action of a rule. One table for parser, help and completion.
struct ParameterWord: Sendable {
  enum Kind: Hashable, Sendable {
    case log, later
  }
  let word: String
  let kind: Kind
  let operand: String
  let help: String

  static let all: [ParameterWord] = [
    .init(
      word: "log", kind: .log, operand: "[logamount number]",
      help: "Tells of each packet that gets here, up to a number of times."),
    .init(word: "altq", kind: .later, operand: "queue", help: "The packet's queue of ALTQ."),
    .init(word: "tag", kind: .later, operand: "number", help: "Marks the packet."),
    .init(word: "untag", kind: .later, operand: "number", help: "Takes a mark away."),
  ]

  /// The row of a word; these are never shortened.
  static func row(_ word: String) -> ParameterWord? { all.first { $0.word == word } }
}

/// The names of the bits of a flag field, in the order they are printed.
enum FlagWords {
  static func names(_ field: FlagField) -> [(name: String, bits: UInt8)] {
    switch field {
    case .iptos:
      // As 8.0 had them: values of the ECN bits among those of the type of service.
      [
        ("lowdelay", 0x10), ("throughput", 0x08), ("reliability", 0x04), ("mincost", 0x02),
        ("congestion", 0x03), ("ecntransport", 0x02),
      ]
    case .ipoptions:
      [
        ("ssrr", OptionBit.ssrr), ("lsrr", OptionBit.lsrr), ("rr", OptionBit.rr),
        ("ts", OptionBit.ts),
      ]
    case .tcpflags:
      [
        ("syn", 0x02), ("fin", 0x01), ("ack", 0x10), ("psh", 0x08), ("rst", 0x04), ("urg", 0x20),
      ]
    case .tcpoptions:
      [
        ("mss", OptionBit.mss), ("maxseg", OptionBit.mss), ("window", OptionBit.window),
        ("sack", OptionBit.sack), ("ts", OptionBit.timestamp), ("timestamp", OptionBit.timestamp),
        ("cc", OptionBit.cc),
      ]
    }
  }
}
