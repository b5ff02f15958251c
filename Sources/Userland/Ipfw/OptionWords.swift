// SPDX-License-Identifier: BSD-2-Clause

import Netstack

/// A word among the options of a rule, with what it takes and what it asks. One table for parser,
/// help and completion.
struct OptionWord: Sendable {
  /// How the word is read.
  enum Kind: Sendable {
    case not, or, open, close, comment
    /// A condition without operand.
    case plain(Match)
    /// `out`: the contrary of `in`.
    case out
    case proto
    case address(PacketEnd), address6(PacketEnd)
    case ports(PacketEnd)
    case interface(InterfaceRole)
    case number(NumberField, label: String)
    case flags(FlagField)
    case fib, version, precedence, icmpTypes, sequence, acknowledgement, window
    case setup
    case icmp6Types, extensionHeaders, flowID
    case user, group, jail
    case mac, macType
    case tagged
    case keepState, limit
  }
  let words: [String]
  let kind: Kind
  let operand: String?
  /// What ipfw(8) says when the operand is missing.
  let missing: String
  let help: String

  private init(
    _ words: String..., kind: Kind, operand: String? = nil, missing: String = "", _ help: String
  ) {
    (self.words, self.kind, self.operand) = (words, kind, operand)
    (self.missing, self.help) = (missing, help)
  }

  /// The row of a word; options are never shortened.
  static func row(_ word: String) -> OptionWord? { all.first { $0.words.contains(word) } }

  static let all = structure + packet + frame + ip + ip6 + tcp + state

  private static let structure: [OptionWord] = [
    .init("not", "!", kind: .not, "The contrary of what follows."),
    .init("or", "|", kind: .or, "Between the conditions of a block, of which one is enough."),
    .init("{", "(", kind: .open, "Begins a block."),
    .init("}", ")", kind: .close, "Ends a block."),
    .init("//", kind: .comment, operand: "comment", "What follows is a comment."),
  ]

  private static let interfaceMissing = "recv, xmit, via require interface name or address"

  private static let packet: [OptionWord] = [
    .init("in", kind: .plain(.inbound), "The packet comes in."),
    .init("out", kind: .out, "The packet goes out."),
    .init(
      "recv", kind: .interface(.recv), operand: "interface", missing: interfaceMissing,
      "The interface the packet arrived on; a name, a pattern or an address."),
    .init(
      "xmit", kind: .interface(.xmit), operand: "interface", missing: interfaceMissing,
      "The interface the packet leaves by."),
    .init(
      "via", kind: .interface(.via), operand: "interface", missing: interfaceMissing,
      "The interface the packet passes now."),
    .init(
      "fib", kind: .fib, operand: "fib", missing: "fib requires fib number",
      "The packet's forwarding table."),
    .init(
      "verrevpath", kind: .plain(.verifyReversePath),
      "The route to the source leads to the interface the packet arrived on."),
    .init(
      "versrcreach", kind: .plain(.verifySourceReachable),
      "There is a route to the source that is not the default."),
    .init(
      "antispoof", kind: .plain(.antispoof),
      "A source of a connected network arrived on that network's interface."),
    .init("ipsec", kind: .plain(.ipsec), "The packet came out of an IPsec tunnel."),
  ]

  private static let ip: [OptionWord] = [
    .init("proto", kind: .proto, operand: "protocol", missing: "missing protocol", "The protocol."),
    .init(
      "src-ip", kind: .address(.source), operand: "address", missing: "missing source IP",
      "The source address."),
    .init(
      "dst-ip", kind: .address(.destination), operand: "address",
      missing: "missing destination IP", "The destination address."),
    .init(
      "src-port", kind: .ports(.source), operand: "ports", missing: "missing source port",
      "The source port."),
    .init(
      "dst-port", kind: .ports(.destination), operand: "ports",
      missing: "missing destination port", "The destination port."),
    .init("frag", "fragment", kind: .plain(.fragment), "A fragment that is not the first."),
    .init(
      "iplen", kind: .number(.iplen, label: "ip len"), operand: "ranges",
      missing: "iplen requires length", "The packet's length."),
    .init(
      "ipid", kind: .number(.ipid, label: "ipid"), operand: "ranges", missing: "ipid requires id",
      "The identification."),
    .init(
      "ipttl", kind: .number(.ipttl, label: "ipttl"), operand: "ranges",
      missing: "ipttl requires TTL", "The time to live."),
    .init(
      "ipversion", "ipver", kind: .version, operand: "version", missing: "ipver requires version",
      "The version of IP."),
    .init(
      "ipprecedence", kind: .precedence, operand: "precedence",
      missing: "ipprecedence requires value", "The precedence, 0 to 7."),
    .init(
      "iptos", kind: .flags(.iptos), operand: "flags", missing: "missing argument for iptos",
      "Bits of the type of service."),
    .init(
      "ipoptions", "ipopts", kind: .flags(.ipoptions), operand: "flags",
      missing: "missing argument for ipoptions", "Options the header has, or has not with `!`."),
    .init("ipv4", "ip4", kind: .plain(.ip4), "An IPv4 packet."),
    .init("ipv6", "ip6", kind: .plain(.ip6), "An IPv6 packet."),
    .init(
      "icmptypes", "icmptype", kind: .icmpTypes, operand: "types",
      missing: "icmptypes requires list of types", "Types of an ICMP message."),
  ]

  private static let tcp: [OptionWord] = [
    .init("setup", kind: .setup, "SYN without ACK."),
    .init("established", "estab", kind: .plain(.established), "TCP, but not a lone SYN."),
    .init(
      "tcpflags", "tcpflgs", kind: .flags(.tcpflags), operand: "flags",
      missing: "missing argument for tcpflags", "Flags that are set, or not with `!`."),
    .init(
      "tcpoptions", "tcpopts", kind: .flags(.tcpoptions), operand: "flags",
      missing: "missing argument for tcpoptions", "Options the segment has, or not with `!`."),
    .init(
      "tcpseq", kind: .sequence, operand: "number", missing: "tcpseq/tcpack requires argument",
      "The sequence number."),
    .init(
      "tcpack", kind: .acknowledgement, operand: "number",
      missing: "tcpseq/tcpack requires argument", "The acknowledgement number."),
    .init(
      "tcpwin", kind: .window, operand: "number", missing: "tcpwin requires length",
      "The window."),
    .init(
      "tcpdatalen", kind: .number(.tcpdatalen, label: "data len"), operand: "ranges",
      missing: "tcpdatalen requires length", "The length of a segment's data."),
  ]

  private static let frame: [OptionWord] = [
    .init("layer2", "bridged", kind: .plain(.layer2), "The pass over frames."),
    .init(
      "MAC", "mac", kind: .mac, operand: "destination source",
      "The Ethernet addresses, each with `/` and a length or `&` and a mask, or any."),
    .init(
      "mac-type", kind: .macType, operand: "ether-types", missing: "missing mac type",
      "The Ethernet type: names, numbers and ranges."),
  ]

  private static let ip6: [OptionWord] = [
    .init(
      "src-ip6", "src-ipv6", kind: .address6(.source), operand: "address",
      missing: "missing source IP6", "The IPv6 source."),
    .init(
      "dst-ip6", "dst-ipv6", kind: .address6(.destination), operand: "address",
      missing: "missing destination IP6", "The IPv6 destination."),
    .init(
      "icmp6types", "icmp6type", kind: .icmp6Types, operand: "types",
      missing: "icmptypes requires list of types", "Types of an ICMPv6 message."),
    .init(
      "ext6hdr", kind: .extensionHeaders, operand: "headers",
      missing: "ext6hdr requires list of headers", "Extension headers the packet has."),
    .init(
      "flow-id", kind: .flowID, operand: "numbers", missing: "invalid ipv6 flow number (null)",
      "The flow label."),
  ]

  private static let state: [OptionWord] = [
    .init(
      "keep-state", kind: .keepState,
      "Makes a dynamic rule, by which the packets of both ways meet this action."),
    .init(
      "limit", kind: .limit, operand: "parts number",
      "As keep-state, but so many for packets with the same parts."),
    .init("tagged", kind: .tagged, operand: "tags", "The packet has a tag of another rule."),
    .init(
      "uid", kind: .user, operand: "user", missing: "uid requires argument",
      "The user of the socket."),
    .init(
      "gid", kind: .group, operand: "group", missing: "gid requires argument",
      "A group of the socket's user."),
    .init(
      "jail", kind: .jail, operand: "id", missing: "jail requires argument",
      "The jail of the socket."),
    .init("diverted", kind: .plain(.diverted(3)), "It came back from a divert socket."),
    .init("diverted-loopback", kind: .plain(.diverted(1)), "It came back as input."),
    .init("diverted-output", kind: .plain(.diverted(2)), "It came back as output."),
  ]
}

/// The words of the parts that a `limit` counts together, in the order they are printed.
enum LimitWords {
  static let names: [(name: String, parts: LimitParts)] = [
    ("all", [.sourceAddress, .sourcePort, .destinationAddress, .destinationPort]),
    ("src-addr", .sourceAddress), ("src-port", .sourcePort), ("dst-addr", .destinationAddress),
    ("dst-port", .destinationPort),
  ]
}

/// The words of IPv6's extension headers (`EXT_`): what a rule says, and what a list shows, in its
/// order.
enum ExtensionHeaderWords {
  static let names: [(name: String, shown: String, bit: UInt16)] = [
    ("frag", "fragmentation", 0x01), ("hopopt", "hop options", 0x02),
    ("route", "routing options", 0x04), ("rthdr0", "rthdr0", 0x40), ("rthdr2", "rthdr2", 0x80),
    ("dstopt", "destination options", 0x20), ("ah", "authentication header", 0x08),
    ("esp", "encapsulated security payload", 0x10),
  ]
}

/// The names of Ethernet types; the first of a number is the one that is shown.
enum EtherTypeWords {
  static let names: [(name: String, type: UInt16)] = [
    ("ip", 0x0800), ("ipv4", 0x0800), ("ipv6", 0x86dd), ("arp", 0x0806), ("rarp", 0x8035),
    ("vlan", 0x8100), ("loop", 0x9000), ("trail", 0x1000), ("at", 0x809b), ("atalk", 0x809b),
    ("aarp", 0x80f3), ("pppoe_disc", 0x8863), ("pppoe_sess", 0x8864), ("ipx_8022", 0x00e0),
    ("ipx_8023", 0x0000), ("ipx_ii", 0x8137), ("ipx_snap", 0x8137), ("ipx", 0x8137),
    ("ns", 0x0600),
  ]
}
