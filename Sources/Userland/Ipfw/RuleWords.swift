// SPDX-License-Identifier: BSD-2-Clause

import Netstack

/// A word that names the action of a rule, with what it takes. One table for parser, help and
/// completion.
struct ActionWord: Sendable {
  /// How the word is read, and what becomes of it.
  enum Kind: Hashable, Sendable {
    case plain(RuleAction)
    /// Takes a number from 1 to 65534 or `tablearg`; the action's own counts for nothing.
    case numbered(RuleAction)
    case setfib, forward, unreach, unreach6
    /// The comment that makes a `count` rule.
    case comment
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
      "skipto", kind: .numbered(.skipto(0)), operand: "number",
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
    .init(
      "divert", kind: .numbered(.divert(0)), operand: "port",
      "The packet goes to the divert socket of this port."),
    .init(
      "tee", kind: .numbered(.tee(0)), operand: "port",
      "A copy goes to the divert socket of this port, and the search goes on behind the rule."),
    .init(
      "netgraph", kind: .numbered(.netgraph(0)), operand: "cookie",
      "The packet goes to netgraph; needs ng_ipfw."),
    .init(
      "ngtee", kind: .numbered(.ngtee(0)), operand: "cookie",
      "A copy goes to netgraph; needs ng_ipfw."),
    .init(
      "nat", kind: .numbered(.nat(0)), operand: "number",
      "The instance with this number translates the packet's addresses."),
    .init("pipe", kind: .numbered(.pipe(0)), operand: "number", "The packet goes to a pipe."),
    .init("queue", kind: .numbered(.queue(0)), operand: "number", "The packet goes to a queue."),
    .init(
      "reass", kind: .plain(.reass), "A fragment waits for the others of its packet."),
    .init(
      "reset6", kind: .plain(.reset6),
      "The packet is discarded, and the sender of a TCP segment over IPv6 gets a reset."),
    .init(
      "unreach6", kind: .unreach6, operand: "code",
      "The packet is discarded, and its sender gets an ICMPv6 unreachable with this code."),
  ]

  /// The row of a word; actions are never shortened.
  static func row(_ word: String) -> ActionWord? { all.first { $0.words.contains(word) } }

  /// The codes of `unreach` by name, from 0 on.
  static let unreachCodes = [
    "net", "host", "protocol", "port", "needfrag", "srcfail", "net-unknown", "host-unknown",
    "isolated", "net-prohib", "host-prohib", "tosnet", "toshost", "filter-prohib",
    "host-precedence", "precedence-cutoff",
  ]

  /// The codes of `unreach6` by name.
  static let unreach6Codes: [(name: String, code: UInt8)] = [
    ("no-route", 0), ("admin-prohib", 1), ("address", 3), ("port", 4),
  ]
}

extension RuleAction {
  /// The same action with another number.
  func with(_ number: UInt16) -> RuleAction {
    switch self {
    case .skipto: .skipto(number)
    case .pipe: .pipe(number)
    case .queue: .queue(number)
    case .divert: .divert(number)
    case .tee: .tee(number)
    case .netgraph: .netgraph(number)
    case .ngtee: .ngtee(number)
    case .nat: .nat(number)
    default: self
    }
  }

  /// Whether a name of a port of divert may stand for the number.
  var takesPort: Bool {
    switch self {
    case .divert, .tee: true
    default: false
    }
  }
}

/// A word that may follow the action of a rule. One table for parser, help and completion.
struct ParameterWord: Sendable {
  enum Kind: Hashable, Sendable {
    case log, altq, tag, untag
  }
  let word: String
  let kind: Kind
  let operand: String
  let help: String

  static let all: [ParameterWord] = [
    .init(
      word: "log", kind: .log, operand: "[logamount number]",
      help: "Logs each packet that gets here, up to a number of times; dmesg(8) shows it."),
    .init(word: "altq", kind: .altq, operand: "queue", help: "The packet's queue of ALTQ."),
    .init(word: "tag", kind: .tag, operand: "number", help: "Gives the packet a tag."),
    .init(word: "untag", kind: .untag, operand: "number", help: "Takes a tag away."),
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
