// SPDX-License-Identifier: BSD-2-Clause

extension PacketPrinter {
  /// How deep headers in headers are followed; tcpdump follows them all, and hostile ones take its
  /// stack.
  private static let maximumDepth = 32

  /// Prints an IPv4 packet and what it carries; models ip_print() (print-ip.c).
  ///
  /// - Parameter length: What the layer below says the packet and its padding have on the wire.
  mutating func printIPv4(_ bytes: RawSpan, length: Int) {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maximumDepth else {
      text += "[|ip]"
      return
    }
    guard bytes.byteCount > 0 else {
      text += "[|ip]"
      return
    }
    let version = bytes.uint8(at: 0) >> 4
    if version != 4 {
      text += "IP\(version) \(version == 6 ? ", wrong link-layer encapsulation" : "")"
    } else if !options.showsLinkHeader {
      text += "IP "
    }
    guard let header = IPv4Header(bytes) else {
      text += "[|ip]"
      return
    }
    guard length >= IPv4Header.size else {
      text += "truncated-ip \(length)"
      return
    }
    let headerLength = header.headerLength
    guard headerLength >= IPv4Header.size else {
      text += "bad-hlen \(headerLength)"
      return
    }
    let totalLength = Int(header.totalLength)
    if length < totalLength { text += "truncated-ip - \(totalLength - length) bytes missing! " }
    guard totalLength >= headerLength else {
      text += "bad-len \(totalLength)"
      return
    }
    // What follows the packet is padding, which no decoder may see.
    let packet = bytes.extracting(first: min(totalLength, bytes.byteCount))
    if options.verbosity > 0 { printIPv4Details(packet, header) }
    let payload = packet.extracting(droppingFirst: headerLength)
    if header.fragmentOffset == 0 {
      printTransport(payload, header, length: totalLength - headerLength)
    } else if options.quietness <= 1 {
      let name = header.protocol.name ?? "ip-proto-\(header.protocol.rawValue)"
      text += "\(header.source) > \(header.destination): \(name)"
    }
  }

  /// Prints the fields of the header that -v adds, up to the indentation of the second line.
  private mutating func printIPv4Details(_ packet: RawSpan, _ header: IPv4Header) {
    text += "(tos 0x\(String(header.tos, radix: 16))"
    text += ["", ",ECT(1)", ",ECT(0)", ",CE"][Int(header.tos & 3)]
    if header.ttl > 0 { text += ", ttl \(header.ttl)" }
    var flags: [String] = []
    if header.moreFragments { flags.append("+") }
    if header.dontFragment { flags.append("DF") }
    if header.reserved { flags.append("rsvd") }
    text += ", id \(header.identification), offset \(header.fragmentOffset)"
    text += ", flags [\(flags.isEmpty ? "none" : flags.joined(separator: ", "))]"
    text += ", proto \(Self.protocolName(header.protocol)) (\(header.protocol.rawValue))"
    text += ", length \(header.totalLength)"
    if header.headerLength > IPv4Header.size {
      text += ", options ("
      let optionLength = header.headerLength - IPv4Header.size
      let rest = packet.extracting(droppingFirst: IPv4Header.size)
      printIPv4Options(rest.extracting(first: min(optionLength, rest.byteCount)))
      text += ")"
    }
    if !options.skipsChecksums, packet.byteCount >= header.headerLength {
      let sum = IPv4Header.checksum(of: packet, headerLength: header.headerLength)
      if sum != 0 { text += ", bad cksum \(wrongChecksum(header.checksum, sum: sum))!" }
    }
    text += ")\n    "
  }

  /// The checksum found and, in brackets, the one that would make the sum right.
  func wrongChecksum(_ found: UInt16, sum: UInt16) -> String {
    let right = InternetChecksum.update(checksum: sum, old: found, new: 0)
    return "\(String(found, radix: 16)) (->\(String(right, radix: 16)))"
  }

  /// Prints the packet's payload by its protocol; models ip_print_demux().
  private mutating func printTransport(_ payload: RawSpan, _ header: IPv4Header, length: Int) {
    switch header.protocol {
    case .tcp: return printTCP(payload, header, length: length)
    case .udp: return printUDP(payload, header, length: length)
    default: text += "\(header.source) > \(header.destination): "
    }
    if header.protocol == .ah {
      printAH(payload, header, length: length)
    } else {
      printBehindAddresses(payload, header, header.protocol, length: length)
    }
  }

  /// Prints a payload whose addresses stand already; the protocol is AH's next one or the header's.
  mutating func printBehindAddresses(
    _ payload: RawSpan, _ header: IPv4Header, _ number: IPProtocol, length: Int
  ) {
    switch number {
    case .icmp: printICMP(payload, length: length, isFragment: header.isFragment)
    case .igmp: printIGMP(payload, length: length)
    case .tcp: printTCP(payload, header, length: length)
    case .udp: printUDP(payload, header, length: length)
    case .gre: printGRE(payload, length: length)
    case .esp: printESP(payload, length: length)
    case .carp: printVRRP(payload, length: length, ttl: header.ttl)
    case .ipip:
      printIPv4(payload, length: length)
      if options.verbosity == 0 { text += " (ipip-proto-4)" }
    default:
      text += " \(number.name ?? "ip-proto-\(number.rawValue)") \(length)"
    }
  }

  /// The name -v shows, which is not the one of /etc/protocols.
  private static func protocolName(_ number: IPProtocol) -> String {
    switch number.rawValue {
    case 1: "ICMP"
    case 2: "IGMP"
    case 4: "IPIP"
    case 6: "TCP"
    case 8: "EGP"
    case 9: "IGRP"
    case 17: "UDP"
    case 33: "DCCP"
    case 41: "IPv6"
    case 46: "RSVP"
    case 47: "GRE"
    case 50: "ESP"
    case 51: "AH"
    case 55: "Mobile IP"
    case 58: "ICMPv6"
    case 88: "EIGRP"
    case 89: "OSPF"
    case 103: "PIM"
    case 108: "Compressed IP"
    case 112: "VRRP"
    case 113: "PGM"
    case 132: "SCTP"
    default: "unknown"
    }
  }
}
