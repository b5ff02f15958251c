// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// What came back for a packet of traceroute(8).
struct ProbeAnswer {
  enum Kind: Equatable {
    /// The time to live was over on the way.
    case exceeded
    /// The host replied to an echo request.
    case reply
    /// It could not be delivered; the MTU is that of the link where the code is 4.
    case unreachable(code: UInt8, mtu: UInt16)
  }

  let kind: Kind
  let sender: IPv4Address
  /// Whom the answer was sent to.
  let receiver: IPv4Address
  /// The time to live of the answer itself.
  let ttl: UInt8
  /// Bytes of ICMP.
  let length: Int
  let milliseconds: Double

  /// How the sender is shown (`print`).
  func name(_ options: TracerouteOptions) -> String {
    let name = Hosts.text(of: sender, isNumeric: false)
    var text = options.has("n") ? " \(sender)" : " \(name) (\(sender))"
    if options.verbosity > 0 { text += " \(length) bytes to \(receiver)" }
    return text
  }

  /// What stands behind the time of an unreachable host.
  static func mark(_ code: UInt8, _ mtu: UInt16) -> String {
    switch code {
    case 0: " !N"
    case 1: " !H"
    case 4: " !F-\(mtu)"
    case 5: " !S"
    case 6: " !U"
    case 7: " !W"
    case 8: " !I"
    case 9: " !A"
    case 10: " !Z"
    case 11: " !Q"
    case 12: " !T"
    case 13: " !X"
    case 14: " !V"
    case 15: " !C"
    default: " !<\(code)>"
    }
  }
}

/// Reading answers.
extension TracerouteRun {
  /// Reads an ICMP message; nil unless it is about the last packet (`packet_ok`).
  func receive(since sent: Instant) -> ProbeAnswer? {
    guard let receiver,
      let datagram = try? process.session.kernel.receive(vnet: process.vnet, receiver)
    else { return nil }
    let length = min(datagram.bytes.count, packet.count)
    packet.replaceSubrange(..<length, with: datagram.bytes[..<length])
    let start = Int(packet[0] & 0xf) * 4
    // icmp_input keeps shorter ones to itself.
    guard length >= start + ICMPHeader.size else { return nil }
    let count = length - start
    guard let kind = kind(of: count, at: start) else {
      if options.verbosity > 0 { output.write(other(count, at: start, datagram.source.address)) }
      return nil
    }
    return ProbeAnswer(
      kind: kind, sender: datagram.source.address, receiver: address(16), ttl: packet[8],
      length: count,
      milliseconds: process.timeOfDay(at: datagram.arrival).milliseconds(
        since: process.timeOfDay(at: sent)))
  }

  /// What a message says of the last packet, or nil.
  private func kind(of count: Int, at start: Int) -> ProbeAnswer.Kind? {
    let type = ICMPType(rawValue: packet[start])
    let code = packet[start + 1]
    if type == .echoReply, options.proto == .icmp,
      maker.isOurs(UInt8(truncatingIfNeeded: sequence), { self.word(start + $0) })
    {
      return .reply
    }
    guard (type == .timxceed && code == 0) || type == .unreach else { return nil }
    let quoted = start + ICMPHeader.size
    let quotedLength = Int(byte(quoted) & 0xf) * 4
    guard quotedLength + 12 <= count, byte(quoted + 9) == options.proto.number.rawValue,
      maker.isOurs(
        UInt8(truncatingIfNeeded: sequence), { self.word(quoted + quotedLength + $0) })
    else { return nil }
    quotedBytes = quoted..<start + count
    return type == .timxceed
      ? .exceeded : .unreachable(code: code, mtu: code == 4 ? word(start + 6) : 0)
  }

  /// What `-v` shows of any other message.
  private func other(_ count: Int, at start: Int, _ sender: IPv4Address) -> String {
    let type = packet[start]
    var text = "\n\(count) bytes from \(sender) to \(address(16)): icmp type \(type) "
    text += "(\(Self.typeName(type))) code \(packet[start + 1])\n"
    for place in stride(from: 4, to: count, by: 4) {
      let first = start + 4 + place
      let word = (0..<4).reversed().map { byte(first + $0).hex(digits: 2) }.joined()
      text += "\(place.padLeft(to: 2)): x\(word)\n"
    }
    return text
  }

  /// What it calls the types (`pr_type`).
  private static func typeName(_ type: UInt8) -> String {
    switch type {
    case 0: "Echo Reply"
    case 3: "Dest Unreachable"
    case 4: "Source Quench"
    case 5: "Redirect"
    case 8: "Echo"
    case 11: "Time Exceeded"
    case 12: "Param Problem"
    case 13: "Timestamp"
    case 14: "Timestamp Reply"
    case 15: "Info Request"
    case 16: "Info Reply"
    case 0...16: "ICMP \(type)"
    default: "OUT-OF-RANGE"
    }
  }

  /// What `-D` shows: the packet that was sent, and where the quoted one differs (`pkt_compare`).
  var differences: String {
    let key = "vhtslen id  off tlprsum srcip   dstip   opts"
    let width = Int(probe[0] & 0xf) * 8
    let quoted = quotedBytes.map(byte)
    let head = key.padRight(to: width, limit: width) + options.proto.key
    let own = probe.map { $0.hex(digits: 2) }.joined()
    let other = quoted.enumerated().map { place, value in
      place < probe.count && probe[place] == value ? "__" : value.hex(digits: 2)
    }
    return "\n\(head)\n\(own)\n\(other.joined())\n"
  }

  private func byte(_ place: Int) -> UInt8 { place < packet.count ? packet[place] : 0 }
  private func word(_ place: Int) -> UInt16 { UInt16(byte(place)) << 8 | UInt16(byte(place + 1)) }
  private func address(_ place: Int) -> IPv4Address {
    IPv4Address(byte(place), byte(place + 1), byte(place + 2), byte(place + 3))
  }
}
