// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// Puts numbers for the names of a filter expression, so that libpcap asks the host for none.
///
/// Hosts, ports and protocols have FreeBSD's names; networks have none here. What is unknown is so in
/// libpcap 1.0.0's words (scanner.l and `gen_scode`, gencode.c).
struct FilterNames {
  /// What stands before an id and says what it is.
  private struct Qualifiers {
    var text = ""
    var proto: String?
    var type: String?
    /// Where they begin in the output.
    var start = 0
    /// Whether no id has come yet.
    var isOpen = false
    /// Whether a transport was put in front of them, which ids that follow are not to inherit.
    var isNarrowed = false
  }

  private let link: CaptureLink
  private var rest: Substring
  private var output = ""
  private var qualifiers = Qualifiers()
  /// The last word or operator.
  private var last = ""

  /// The expression with numbers for names.
  static func resolve(_ expression: String, link: CaptureLink) throws(CaptureError) -> String {
    var names = FilterNames(rest: expression[...], link: link)
    while let character = names.rest.first { try names.step(character) }
    return names.output
  }

  private init(rest: Substring, link: CaptureLink) {
    self.rest = rest
    self.link = link
  }

  /// Characters of words, and of addresses with colons.
  private static func isWord(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "-_.:".contains(character))
  }

  private mutating func step(_ character: Character) throws(CaptureError) {
    switch character {
    case " ", "\t", "\r", "\n": output.append(rest.removeFirst())
    case "\\":
      rest.removeFirst()
      let word = rest.prefix { !" !()\n\t".contains($0) }
      rest = rest[word.endIndex...]
      try id(String(word))
    case "[":
      // What an accessor computes has the scanner's own names alone.
      let end = rest.firstIndex(of: "]").map { rest.index(after: $0) } ?? rest.endIndex
      copy(rest[..<end])
      qualifiers.isOpen = false
    case _ where character.isASCII && (character.isLetter || character.isNumber):
      var word = rest.prefix(while: Self.isWord)
      // The scanner's ids end in no dash or underscore.
      while let end = word.last, "-_:".contains(end) { word.removeLast() }
      try take(word)
    default: copy(rest.prefix(1))
    }
  }

  /// Passes text on that names nothing.
  private mutating func copy(_ text: Substring) {
    output += text
    rest = rest[text.endIndex...]
    last = String(text)
  }

  private mutating func take(_ text: Substring) throws(CaptureError) {
    let word = String(text)
    let isJoint = ["and", "or"].contains(word) && ["src", "dst"].contains(last)
    if isJoint || Self.qualifiers.contains(word) || Self.protocols.contains(word) {
      return qualifier(text, isJoint: isJoint)
    }
    if Self.isNumber(word) {
      let isID = ["and", "or", "not", "&", "|", "!"].contains(last)
      if isID, !qualifiers.isOpen, qualifiers.isNarrowed { output += qualifiers.text + " " }
      copy(text)
      qualifiers.isOpen = false
    } else if ["inbound", "outbound"].contains(word) {
      // The host's libpcap would ask its own kernel.
      throw CaptureError(
        description: "inbound/outbound not supported on linktype \(link.dataLinkType)")
    } else if Self.others.contains(word) {
      copy(text)
      if word != "not" { qualifiers.isOpen = false }
    } else {
      rest = rest[text.endIndex...]
      try id(word)
    }
  }

  private mutating func qualifier(_ text: Substring, isJoint: Bool) {
    let word = String(text)
    if !isJoint, !qualifiers.isOpen {
      qualifiers = Qualifiers()
      qualifiers.start = output.utf8.count
      qualifiers.isOpen = true
    }
    qualifiers.text += (qualifiers.text.isEmpty ? "" : " ") + word
    if Self.protocols.contains(word) { qualifiers.proto = word }
    if Self.qualifiers.contains(word), word != "src", word != "dst" { qualifiers.type = word }
    copy(text)
  }

  /// Puts a number for a name, by what the qualifiers say that it names.
  private mutating func id(_ word: String) throws(CaptureError) {
    guard !qualifiers.text.isEmpty else { throw CaptureError(description: "syntax error") }
    defer { qualifiers.isOpen = false }
    last = word
    switch qualifiers.type {
    case "port": try ports([word], word, "port")
    case "portrange":
      let ends = word.split(separator: "-", maxSplits: 1).map(String.init)
      try ports(ends, word, "portrange")
    case "proto", "protochain":
      guard qualifiers.proto.map({ ["ip", "ip6"].contains($0) }) ?? true else {
        // The types of Ethernet are libpcap's own.
        return output += "\\" + word
      }
      guard let proto = IPProtocol(name: word) else {
        throw CaptureError(description: "unknown protocol: \(word)")
      }
      output += "\(proto.rawValue)"
    case "net": throw CaptureError(description: "unknown network '\(word)'")
    case "gateway":
      throw CaptureError(description: "'gateway' not supported in this configuration")
    default:
      let isLink = qualifiers.proto.map { ["ether", "link"].contains($0) } ?? false
      if !isLink, let address = Hosts.address(named: word) { return output += "\(address)" }
      throw CaptureError(description: "unknown \(isLink ? "ether " : "")host '\(word)'")
    }
  }

  /// A port or the ends of a range, for the transports that have the names.
  private mutating func ports(
    _ names: [String], _ word: String, _ type: String
  ) throws(CaptureError) {
    let what = type == "port" ? "port" : "port in range"
    if let given = qualifiers.proto, !["tcp", "udp", "sctp"].contains(given) {
      throw CaptureError(description: "illegal qualifier of '\(type)'")
    }
    var numbers: [String] = []
    var only: String?
    for name in names {
      guard !Self.isNumber(name) else {
        numbers.append(name)
        continue
      }
      let (tcp, udp) = (Services.port(named: name, "tcp"), Services.port(named: name, "udp"))
      guard let port = tcp ?? udp else {
        throw CaptureError(description: "unknown \(what) '\(word)'")
      }
      if tcp != udp { only = tcp == nil ? "udp" : "tcp" }
      numbers.append("\(port)")
    }
    if let only, let given = qualifiers.proto, only != given {
      throw CaptureError(description: "\(what) '\(word)' is \(only)")
    }
    let number = numbers.joined(separator: "-")
    let transport = qualifiers.proto == nil ? only.map { $0 + " " } ?? "" : ""
    if qualifiers.isOpen {
      let place = output.utf8.index(output.startIndex, offsetBy: qualifiers.start)
      output.insert(contentsOf: transport, at: place)
      qualifiers.isNarrowed = !transport.isEmpty
    } else if qualifiers.isNarrowed || !transport.isEmpty {
      output += transport + qualifiers.text + " "
      qualifiers.isNarrowed = true
    }
    output += number
  }
}

/// The scanner's words.
extension FilterNames {
  private static func isNumber(_ word: String) -> Bool {
    if word.hasPrefix("0x") || word.hasPrefix("0X") {
      return word.dropFirst(2).allSatisfy(\.isHexDigit)
    }
    let parts = word.split(separator: "-", omittingEmptySubsequences: false)
    return word.contains(":") || isLinkAddress(word)
      || parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isNumber || $0 == "." } }
  }

  /// Six bytes between dashes or dots, or three pairs between dots.
  private static func isLinkAddress(_ word: String) -> Bool {
    let parts = word.split { $0 == "-" || $0 == "." }
    return [3, 6].contains(parts.count)
      && parts.allSatisfy { part in
        part.count <= (parts.count == 3 ? 4 : 2) && part.allSatisfy(\.isHexDigit)
      }
  }

  private static let qualifiers: Set = [
    "src", "dst", "host", "net", "port", "portrange", "proto", "protochain", "gateway",
  ]
  private static let protocols: Set = [
    "link", "ether", "ppp", "slip", "fddi", "tr", "wlan", "arp", "rarp", "ip", "sctp", "tcp",
    "udp", "icmp", "igmp", "igrp", "pim", "vrrp", "radio", "ip6", "icmp6", "ah", "esp", "atalk",
    "aarp", "decnet", "lat", "sca", "moprc", "mopdl", "iso", "esis", "es-is", "isis", "is-is",
    "l1", "l2", "iih", "lsp", "snp", "csnp", "psnp", "clnp", "stp", "ipx", "netbeui",
  ]
  /// The words that are neither qualifiers nor ids, names of numbers included.
  private static let others: Set = [
    "icmptype", "icmpcode", "icmp-echoreply", "icmp-unreach", "icmp-sourcequench",
    "icmp-redirect", "icmp-echo", "icmp-routeradvert", "icmp-routersolicit", "icmp-timxceed",
    "icmp-paramprob", "icmp-tstamp", "icmp-tstampreply", "icmp-ireq", "icmp-ireqreply",
    "icmp-maskreq", "icmp-maskreply", "tcpflags", "tcp-fin", "tcp-syn", "tcp-rst", "tcp-push",
    "tcp-ack", "tcp-urg",
    "and", "or", "not", "mask", "less", "greater", "byte", "broadcast", "multicast", "len",
    "length", "vlan", "mpls", "pppoed", "pppoes", "lane", "llc", "metac",
    "bcc", "oam", "oamf4", "oamf4ec", "oamf4sc", "sc", "ilmic", "vpi", "vci", "connectmsg",
    "metaconnect", "on", "ifname", "rset", "ruleset", "rnr", "rulenum", "srnr", "subrulenum",
    "reason", "action", "type", "subtype", "direction", "dir", "addr1", "addr2", "addr3", "addr4",
    "address1", "address2", "address3", "address4", "fisu", "lssu", "lsu", "msu", "sio", "opc",
    "dpc", "sls",
  ]
}
