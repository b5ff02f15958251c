// SPDX-License-Identifier: BSD-2-Clause

extension PacketPrinter {
  /// Prints an ICMP message and, with -v, the packet it quotes; models icmp_print().
  mutating func printICMP(_ bytes: RawSpan, length: Int, isFragment: Bool) {
    guard let words = icmpText(bytes) else {
      text += "[|icmp]"
      return
    }
    text += "ICMP \(words), length \(length)"
    guard options.verbosity > 0 else { return }
    if !isFragment, bytes.byteCount >= length, bytes.byteCount >= 4 {
      let sum = InternetChecksum.checksum(of: bytes)
      if sum != 0 {
        text += " (wrong icmp cksum \(wrongChecksum(bytes.uint16(at: 2), sum: sum))!)"
      }
    }
    guard !Self.isInformational(ICMPType(rawValue: bytes.uint8(at: 0))) else { return }
    text += "\n\t"
    let quoted = bytes.extracting(droppingFirst: ICMPHeader.size)
    printIPv4(quoted, length: quoted.byteCount >= 4 ? Int(quoted.uint16(at: 2)) : 0)
  }

  /// ICMP_INFOTYPE: messages that quote no packet.
  private static func isInformational(_ type: ICMPType) -> Bool {
    switch type.rawValue {
    case 0, 8, 9, 10, 13...18: true
    default: false
    }
  }

  /// What a message says, or nil if the bytes that say it were not captured.
  private func icmpText(_ bytes: RawSpan) -> String? {
    guard bytes.byteCount >= 2 else { return nil }
    let code = bytes.uint8(at: 1)
    switch ICMPType(rawValue: bytes.uint8(at: 0)) {
    case .echo: return Self.echo(bytes, "echo request, id", ", seq")
    case .echoReply: return Self.echo(bytes, "echo reply, id", ", seq")
    case .unreach: return unreachable(bytes, code: code)
    case .sourceQuench: return "source quench"
    case .redirect: return Self.redirect(bytes, code: code)
    case .routerAdvert: return Self.routerAdvertisement(bytes)
    case .routerSolicit: return "router solicitation"
    case .timxceed: return Self.timeExceeded(bytes, code: code)
    case .paramprob:
      if code != 0 { return "parameter problem - code \(code)" }
      return bytes.byteCount > 4 ? "parameter problem - octet \(bytes.uint8(at: 4))" : nil
    case .tstamp: return Self.echo(bytes, "time stamp query id", " seq")
    case .tstampreply: return Self.timestampReply(bytes)
    case .ireq: return "information request"
    case .ireqreply: return "information reply"
    case .maskreq: return "address mask request"
    case .maskreply:
      guard bytes.byteCount >= 12 else { return nil }
      var text = "address mask is 0x"
      text.appendHex(bytes.uint32(at: 8), digits: 8)
      return text
    case let type: return "type-#\(type.rawValue)"
    }
  }

  private static func echo(_ bytes: RawSpan, _ id: String, _ sequence: String) -> String? {
    guard let header = ICMPHeader(bytes) else { return nil }
    return "\(id) \(header.identifier)\(sequence) \(header.sequence)"
  }

  /// The destination of the quoted packet.
  private static func quotedDestination(_ bytes: RawSpan) -> IPv4Address? {
    IPv4Header(bytes.extracting(droppingFirst: ICMPHeader.size))?.destination
  }

  private func unreachable(_ bytes: RawSpan, code: UInt8) -> String? {
    guard let target = Self.quotedDestination(bytes) else { return nil }
    switch code {
    case 0: return "net \(target) unreachable"
    case 1: return "host \(target) unreachable"
    case 2: return "\(target) protocol \(bytes.uint8(at: 17)) unreachable"
    case 3: return portUnreachable(bytes)
    case 4:
      let mtu = bytes.uint16(at: 6)
      return "\(target) unreachable - need to frag\(mtu == 0 ? "" : " (mtu \(mtu))")"
    case 5: return "\(target) unreachable - source route failed"
    case 6: return "net \(target) unreachable - unknown"
    case 7: return "host \(target) unreachable - unknown"
    case 8: return "\(target) unreachable - source host isolated"
    case 9: return "net \(target) unreachable - admin prohibited"
    case 10: return "host \(target) unreachable - admin prohibited"
    case 11: return "net \(target) unreachable - tos prohibited"
    case 12: return "host \(target) unreachable - tos prohibited"
    case 13: return "host \(target) unreachable - admin prohibited filter"
    case 14: return "host \(target) unreachable - host precedence violation"
    case 15: return "host \(target) unreachable - precedence cutoff"
    default: return "#\(code) \(target) unreachable"
    }
  }

  private func portUnreachable(_ bytes: RawSpan) -> String? {
    guard let quoted = IPv4Header(bytes.extracting(droppingFirst: ICMPHeader.size)) else {
      return nil
    }
    let ports = ICMPHeader.size + quoted.headerLength
    guard bytes.byteCount >= ports + 4 else { return nil }
    let port = bytes.uint16(at: ports + 2)
    switch quoted.protocol {
    case .tcp:
      return "\(quoted.destination) tcp port \(portText(port, .tcp)) unreachable"
    case .udp:
      return "\(quoted.destination) udp port \(portText(port, .udp)) unreachable"
    default:
      let number = quoted.protocol.rawValue
      return "\(quoted.destination) protocol \(number) port \(port) unreachable"
    }
  }

  private static func redirect(_ bytes: RawSpan, code: UInt8) -> String? {
    guard let target = quotedDestination(bytes) else { return nil }
    let gateway = IPv4Address(rawValue: bytes.uint32(at: 4))
    switch code {
    case 0: return "redirect \(target) to net \(gateway)"
    case 1: return "redirect \(target) to host \(gateway)"
    case 2: return "redirect-tos \(target) to net \(gateway)"
    case 3: return "redirect-tos \(target) to host \(gateway)"
    default: return "redirect-#\(code) \(target) to net \(gateway)"
    }
  }

  /// The routers of RFC 1256 and their preferences.
  private static func routerAdvertisement(_ bytes: RawSpan) -> String? {
    guard bytes.byteCount >= ICMPHeader.size else { return nil }
    let lifetime = Int(bytes.uint16(at: 6))
    var text = "router advertisement lifetime "
    switch lifetime {
    case ..<60: text += "\(lifetime)"
    case ..<3600: text += "\(lifetime / 60):\(twoDigits(lifetime % 60))"
    default:
      text += "\(lifetime / 3600):\(twoDigits(lifetime / 60 % 60)):\(twoDigits(lifetime % 60))"
    }
    let count = Int(bytes.uint8(at: 4))
    text += " \(count):"
    guard bytes.uint8(at: 5) == 2 else { return text + " [size \(bytes.uint8(at: 5))]" }
    guard bytes.byteCount >= ICMPHeader.size + 8 * count else { return nil }
    for entry in stride(from: ICMPHeader.size, to: ICMPHeader.size + 8 * count, by: 8) {
      let router = IPv4Address(rawValue: bytes.uint32(at: entry))
      text += " {\(router) \(bytes.uint32(at: entry + 4))}"
    }
    return text
  }

  private static func timeExceeded(_ bytes: RawSpan, code: UInt8) -> String? {
    guard quotedDestination(bytes) != nil else { return nil }
    switch code {
    case 0: return "time exceeded in-transit"
    case 1: return "ip reassembly time exceeded"
    default: return "time exceeded-#\(code)"
    }
  }

  private static func timestampReply(_ bytes: RawSpan) -> String? {
    guard bytes.byteCount >= 20, let words = echo(bytes, "time stamp reply id", " seq") else {
      return nil
    }
    let times = [8, 12, 16].map { timeOfDay(bytes.uint32(at: $0)) }
    return "\(words): org \(times[0]), recv \(times[1]), xmit \(times[2])"
  }

  /// Milliseconds since midnight as `hh:mm:ss.mmm`.
  private static func timeOfDay(_ milliseconds: UInt32) -> String {
    let seconds = Int(milliseconds / 1000)
    let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map(twoDigits)
    let rest = String(milliseconds % 1000)
    return clock.joined(separator: ":") + "." + String(repeating: "0", count: 3 - rest.count) + rest
  }

  private static func twoDigits(_ value: Int) -> String {
    value < 10 ? "0\(value)" : "\(value)"
  }
}
