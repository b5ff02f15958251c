// SPDX-License-Identifier: BSD-2-Clause

package import Wire

/// One condition of a rule (`ipfw_insn`): what is asked, and how the answer is used.
package struct Instruction: Hashable, BitwiseCopyable, Sendable {
  package var match: Match
  /// The answer is turned round (`F_NOT`).
  package var isNegated: Bool
  /// An or-block goes on behind it (`F_OR`): one yes is enough.
  package var orNext: Bool

  package init(_ match: Match, isNegated: Bool = false, orNext: Bool = false) {
    self.match = match
    self.isNegated = isNegated
    self.orNext = orNext
  }
}

/// What an instruction asks of a packet, or does with it: the opcodes of netinet/ip_fw.h.
package enum Match: Hashable, BitwiseCopyable, Sendable {
  /// `O_PROTO`; sixteen bits, as ipfw(8) takes numbers that no packet can have.
  case proto(UInt16)
  /// `O_IP4` and `O_IP6`.
  case ip4, ip6
  /// `O_IP_SRC`, `O_IP_DST`: one address.
  case address(PacketEnd, IPv4Address)
  /// `O_IP_SRC_MASK`, `O_IP_DST_MASK`: pairs of address and mask.
  case networks(PacketEnd, WordRange)
  /// `O_IP_SRC_SET`, `O_IP_DST_SET`: a bit for each address of the network at `base`.
  case hosts(PacketEnd, base: IPv4Address, length: UInt8, WordRange)
  /// `O_IP_SRC_ME`, `O_IP_DST_ME`: any address of this stack.
  case me(PacketEnd)
  /// `O_IP_SRC_LOOKUP`, `O_IP_DST_LOOKUP`: the table has the address, and gives it this value if one
  /// is asked for; else its value becomes the rule's `tablearg`.
  case table(PacketEnd, UInt16, value: UInt32?)
  /// `O_IP6_SRC`, `O_IP6_DST`: one address of four words.
  case address6(PacketEnd, WordRange)
  /// `O_IP6_SRC_MASK`, `O_IP6_DST_MASK`: pairs of address and mask, of four words each.
  case networks6(PacketEnd, WordRange)
  /// `O_IP6_SRC_ME`, `O_IP6_DST_ME`.
  case me6(PacketEnd)
  /// `O_IP_SRCPORT`, `O_IP_DSTPORT`: ranges of ports.
  case ports(PacketEnd, WordRange)
  /// `O_IN`; `out` is its negation.
  case inbound
  /// `O_RECV`, `O_XMIT`, `O_VIA`.
  case interface(InterfaceRole, InterfaceTest)
  /// `O_FRAG`: any fragment but the first.
  case fragment
  /// `O_FIB`.
  case fib(UInt16)
  /// `O_TAGGED`: the packet has this tag; `RuleAction.tablearg` for the tag that a table gave.
  case tagged(UInt16)
  /// `O_TAGGED` with ranges.
  case taggedIn(WordRange)
  /// `O_DIVERTED`: it came back from a divert socket; bit 0 as input, bit 1 as output.
  case diverted(UInt8)
  /// `O_LAYER2`: the pass over frames.
  case layer2
  /// `O_MACADDR2`: three words wanted, destination first, and three of mask.
  case mac(WordRange)
  /// `O_MAC_TYPE`: ranges.
  case macType(WordRange)
  /// `O_UID`, `O_GID`, `O_JAIL`: of the socket that the packet comes from or is for.
  case user(UInt32), group(UInt32), jail(UInt32)
  /// `O_IPLEN`, `O_IPID`, `O_IPTTL`, `O_TCPDATALEN`: ranges.
  case number(NumberField, WordRange)
  /// `O_IPVER`.
  case version(UInt16)
  /// `O_IPPRECEDENCE`: the three bits in place.
  case precedence(UInt8)
  /// `O_IPTOS`, `O_IPOPT`, `O_TCPFLAGS`, `O_TCPOPTS`: bits wanted and bits refused.
  case flags(FlagField, set: UInt8, clear: UInt8)
  /// `O_ESTAB`: TCP, but not the first segment of a connection.
  case established
  /// `O_TCPSEQ`, `O_TCPACK`, `O_TCPWIN`.
  case tcpSequence(UInt32), tcpAcknowledgement(UInt32), tcpWindow(UInt16)
  /// `O_ICMPTYPE`: a bit a type.
  case icmpTypes(UInt32)
  /// `O_ICMP6TYPE`: a bit a type, in seven words.
  case icmp6Types(WordRange)
  /// `O_FLOW6ID`: flow labels.
  case flowIDs(WordRange)
  /// `O_EXT_HDR`: a bit for each extension header (`EXT_`).
  case extensionHeaders(UInt16)
  /// `O_VERREVPATH`, `O_VERSRCREACH`, `O_ANTISPOOF`.
  case verifyReversePath, verifySourceReachable, antispoof
  /// `O_IPSEC`: never, in a kernel without IPSEC.
  case ipsec
  /// `O_NOP`: the place of the rule's comment. Always true.
  case comment
  /// `O_PROB`: true for so many of 2^31 random numbers. The first of its rule.
  case probability(UInt32)
  /// `O_PROBE_STATE`: looks for a state, and goes to its rule's action. In front of the conditions.
  case probeState
  /// `O_KEEP_STATE`: makes a state. Behind the conditions.
  case keepState
  /// `O_LIMIT`: makes a state unless the parent of these parts has so many; `RuleAction.tablearg` for
  /// the number that a table gave.
  case limit(LimitParts, UInt16)
  /// `O_LOG`: tells of the packet, `left` times more of `limit`; without end if that is 0. Always
  /// true. A parameter of the action, as the next two are: they come last, in this order.
  case log(limit: UInt32, left: UInt32)
  /// `O_ALTQ`: the queue of ALTQ.
  case altq(UInt32)
  /// `O_TAG`: gives the packet a tag, or takes it away where it is negated.
  case tag(UInt16)

  /// Whether it belongs to the action: a packet of a state, too, meets it.
  var isParameter: Bool {
    switch self {
    case .log, .altq, .tag: true
    default: false
    }
  }

  /// The words of the rule that the instruction refers to.
  package var words: WordRange? {
    switch self {
    case .networks(_, let words), .hosts(_, _, _, let words), .ports(_, let words),
      .number(_, let words), .address6(_, let words), .networks6(_, let words),
      .taggedIn(let words), .mac(let words), .macType(let words), .icmp6Types(let words),
      .flowIDs(let words):
      words
    default: nil
    }
  }
}

/// What packets have in common that a `limit` counts together (`DYN_SRC_ADDR` and so on).
package struct LimitParts: OptionSet, Hashable, BitwiseCopyable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let sourceAddress = LimitParts(rawValue: 1)
  package static let sourcePort = LimitParts(rawValue: 2)
  package static let destinationAddress = LimitParts(rawValue: 4)
  package static let destinationPort = LimitParts(rawValue: 8)
}

/// Which end of a packet's way a condition is about.
package enum PacketEnd: UInt8, BitwiseCopyable, Sendable {
  case source, destination
}

/// Which interface of a packet a condition is about.
package enum InterfaceRole: UInt8, BitwiseCopyable, Sendable {
  /// The one it arrived on, also when it is on its way out.
  case recv
  /// The one it leaves by.
  case xmit
  /// The one it passes now.
  case via
}

/// What is asked of an interface (`ipfw_insn_if`).
package enum InterfaceTest: Hashable, BitwiseCopyable, Sendable {
  case name(InterfaceName)
  /// A pattern with `*`, `?` or `[`, as fnmatch(3) has them.
  case pattern(InterfaceName)
  /// It has this address.
  case address(IPv4Address)
}

/// A number of a packet that can be compared with ranges.
package enum NumberField: UInt8, BitwiseCopyable, Sendable {
  case iplen, ipid, ipttl, tcpdatalen
}

/// A field of a packet of which bits are asked for.
package enum FlagField: UInt8, BitwiseCopyable, Sendable {
  case iptos, ipoptions, tcpflags, tcpoptions
}

/// A range of the words that a rule keeps beside its instructions.
package struct WordRange: Hashable, BitwiseCopyable, Sendable {
  package var start: Int32
  package var count: Int32

  package init(start: Int, count: Int) {
    self.start = Int32(start)
    self.count = Int32(count)
  }

  package var indices: Range<Int> { Int(start)..<Int(start) + Int(count) }
}

/// A range of ports or other sixteen-bit numbers, as one word.
package struct NumberRange: Hashable, BitwiseCopyable, Sendable {
  package var low: UInt16
  package var high: UInt16

  package init(_ low: UInt16, _ high: UInt16) {
    self.low = low
    self.high = high
  }

  package init(word: UInt32) {
    low = UInt16(truncatingIfNeeded: word >> 16)
    high = UInt16(truncatingIfNeeded: word)
  }

  package var word: UInt32 { UInt32(low) << 16 | UInt32(high) }

  /// Nothing lies in a range whose ends are in the wrong order.
  @inline(__always)
  func contains(_ number: UInt16) -> Bool { number >= low && number <= high }
}

/// The bits of the flag fields that are not the header's own (`IP_FW_IPOPT_`, `IP_FW_TCPOPT_`).
package enum OptionBit {
  package static let ssrr: UInt8 = 0x01
  package static let lsrr: UInt8 = 0x02
  package static let rr: UInt8 = 0x04
  package static let ts: UInt8 = 0x08
  package static let mss: UInt8 = 0x01
  package static let window: UInt8 = 0x02
  package static let sack: UInt8 = 0x04
  package static let timestamp: UInt8 = 0x08
  package static let cc: UInt8 = 0x10
}
