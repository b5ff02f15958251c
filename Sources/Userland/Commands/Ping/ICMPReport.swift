// SPDX-License-Identifier: BSD-2-Clause

import Shell
import Wire

/// What ping(8) says of an ICMP message that is no answer (`pr_icmph`, `pr_retip`, `pr_iph`).
struct ICMPReport {
  /// The line, and for errors the header of the packet that they quote.
  let text: String

  /// - Parameter start: Where the message begins in the packet; behind it are all bytes that a
  ///   quoted packet could have.
  init(_ packet: [UInt8], at start: Int) {
    let bytes = packet.rawBytes
    let type = ICMPType(rawValue: packet[start])
    let code = packet[start + 1]
    var line: String
    switch type {
    case .echoReply: line = "Echo Reply"
    case .unreach: line = Self.unreachable(code, nextMTU: bytes.uint16(at: start + 6))
    case .sourceQuench: line = "Source Quench"
    case .redirect:
      let gateway = IPv4Address(rawValue: bytes.uint32(at: start + 4))
      line = Self.redirect(code) + "(New addr: \(gateway))"
    case .echo: line = "Echo Request"
    case .timxceed: line = Self.timeExceeded(code)
    case .paramprob: line = "Parameter problem: pointer = 0x\(packet[start + 4].hex(digits: 2))"
    case .tstamp: line = "Timestamp"
    case .tstampreply: line = "Timestamp Reply"
    case .ireq: line = "Information Request"
    case .ireqreply: line = "Information Reply"
    case .maskreq: line = "Address Mask Request"
    case .maskreply: line = "Address Mask Reply"
    case .routerAdvert: line = "Router Advertisement"
    case .routerSolicit: line = "Router Solicitation"
    default: line = "Bad ICMP type: \(type.rawValue)"
    }
    line += "\n"
    switch type {
    case .unreach, .sourceQuench, .redirect, .timxceed, .paramprob:
      text = line + Self.quoted(packet, at: start + ICMPHeader.size)
    default: text = line
    }
  }

  private static func unreachable(_ code: UInt8, nextMTU: UInt16) -> String {
    switch code {
    case 0: "Destination Net Unreachable"
    case 1: "Destination Host Unreachable"
    case 2: "Destination Protocol Unreachable"
    case 3: "Destination Port Unreachable"
    case 4: "frag needed and DF set (MTU \(nextMTU))"
    case 5: "Source Route Failed"
    case 13: "Communication prohibited by filter"
    default: "Dest Unreachable, Bad Code: \(code)"
    }
  }

  private static func redirect(_ code: UInt8) -> String {
    switch code {
    case 0: "Redirect Network"
    case 1: "Redirect Host"
    case 2: "Redirect Type of Service and Network"
    case 3: "Redirect Type of Service and Host"
    default: "Redirect, Bad Code: \(code)"
    }
  }

  private static func timeExceeded(_ code: UInt8) -> String {
    switch code {
    case 0: "Time to live exceeded"
    case 1: "Frag reassembly time exceeded"
    default: "Time exceeded, Bad Code: \(code)"
    }
  }

  /// The header that an error quotes, and the ports behind it.
  ///
  /// Flags and offset are looked for in the wrong half of a word, where on amd64 is nothing.
  private static func quoted(_ packet: [UInt8], at start: Int) -> String {
    let bytes = packet.rawBytes
    func word(_ place: Int) -> String { bytes.uint16(at: start + place).hex(digits: 4) }
    func byte(_ place: Int) -> String { packet[start + place].hex(digits: 2) }
    let length = Int(packet[start] & 0xf) * 4
    var text = "Vr HL TOS  Len   ID Flg  off TTL Pro  cks      Src      Dst\n"
    text += " \((packet[start] >> 4).hex())  \((packet[start] & 0xf).hex())  \(byte(1))"
    text += " \(word(2)) \(word(4))   0 0000  \(byte(8))  \(byte(9)) \(word(10))"
    text += " \(IPv4Address(rawValue: bytes.uint32(at: start + 12))) "
    text += " \(IPv4Address(rawValue: bytes.uint32(at: start + 16))) "
    if length > IPv4Header.size { text += (IPv4Header.size..<length).map(byte).joined() }
    text += "\n"
    let name: String
    switch packet[start + 9] {
    case 6: name = "TCP"
    case 17: name = "UDP"
    default: return text
    }
    let ports = (bytes.uint16(at: start + length), bytes.uint16(at: start + length + 2))
    return text + "\(name): from port \(ports.0), to port \(ports.1) (decimal)\n"
  }
}
