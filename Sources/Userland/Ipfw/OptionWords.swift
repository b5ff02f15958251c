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
    case address(PacketEnd)
    case ports(PacketEnd)
    case interface(InterfaceRole)
    case number(NumberField, label: String)
    case flags(FlagField)
    case fib, version, precedence, icmpTypes, sequence, acknowledgement, window
    case setup
    case flowID
    case later
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

  static let all = structure + packet + ip + tcp + later

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

  private static let later: [OptionWord] = [
    .init("keep-state", kind: .later, "Makes a dynamic rule."),
    .init("limit", kind: .later, operand: "limit", "Makes a bounded number of dynamic rules."),
    .init("uid", kind: .later, operand: "user", "The user of the socket."),
    .init("gid", kind: .later, operand: "group", "A group of the socket's user."),
    .init("jail", kind: .later, operand: "id", "The jail of the socket."),
    .init("MAC", "mac", kind: .later, operand: "addresses", "Ethernet addresses."),
    .init("mac-type", kind: .later, operand: "type", "The Ethernet type."),
    .init("layer2", "bridged", kind: .later, "The pass over frames."),
    .init("diverted", kind: .later, "It came back from a divert socket."),
    .init("diverted-loopback", kind: .later, "It came back as input."),
    .init("diverted-output", kind: .later, "It came back as output."),
    .init("tagged", kind: .later, operand: "tags", "Tags of other rules."),
    .init("src-ip6", "src-ipv6", kind: .later, operand: "address", "An IPv6 source."),
    .init("dst-ip6", "dst-ipv6", kind: .later, operand: "address", "An IPv6 destination."),
    .init("icmp6types", "icmp6type", kind: .later, operand: "types", "Types of ICMPv6."),
    .init("ext6hdr", kind: .later, operand: "headers", "Extension headers of IPv6."),
    .init("flow-id", kind: .flowID, operand: "numbers", "The flow label of IPv6."),
  ]
}
