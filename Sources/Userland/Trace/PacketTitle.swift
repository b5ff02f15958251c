// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// The first line of a packet's trace: what it is and where it comes from.
struct PacketTitle {
  let session: Session

  /// `#17  udp 10.1.0.7.5000 > 8.8.8.8.53: length 1, ttl 64, id 1, recv em0`.
  func text(_ trace: PacketTrace) -> String {
    var parts: [String] = []
    if let sighting = trace.first {
      parts.append(describe(sighting))
      switch sighting.moment {
      case .received(let interface):
        let vnet = trace.vnets.first ?? session.vnet
        parts.append("recv \(session.name(of: interface, in: vnet))")
      case .made: parts.append(trace.birth?.1 == .teeCopy ? Birth.teeCopy.phrase : "send")
      case .transmitted, .delivered: break
      }
    }
    if let (parent, birth) = trace.birth {
      // What the clock makes has no parent to tell why.
      if parts.isEmpty || parent == trace.number { parts.append(birth.phrase) }
      if parent != trace.number { parts.append("made of #\(parent)") }
    }
    if parts.isEmpty { parts.append("goes on") }
    return "#\(trace.number)  \(parts.joined(separator: ", "))"
  }

  private func describe(_ sighting: TraceRun.Sighting) -> String {
    switch sighting.moment {
    case .received, .transmitted:
      let frame = FrameParts(sighting.bytes)
      guard frame.ethernet?.type == .ipv4 else { return line(sighting.bytes, .ethernet) }
      return describe(Array(frame.packet))
    case .made, .delivered: return describe(sighting.bytes)
    }
  }

  /// What tcpdump says of an IP packet, less what the trace says elsewhere, and the header's fields.
  private func describe(_ packet: [UInt8]) -> String {
    var text = line(packet, .raw)
    guard let header = IPv4Header(packet.rawBytes), text.hasPrefix("IP ") else { return text }
    let name = header.protocol.name ?? "proto \(header.protocol.rawValue)"
    text = "\(name) \(text.dropFirst(3))"
    for noise in [": UDP, ", ": ICMP "] {
      if let range = text.firstRange(of: noise) { text.replaceSubrange(range, with: ": ") }
    }
    text += ", ttl \(header.ttl), id \(header.identification)"
    if header.tos != 0 { text += ", tos \(header.tos)" }
    if header.dontFragment { text += ", df" }
    if header.isFragment {
      text += ", frag \(header.fragmentOffset)\(header.moreFragments ? "+" : "")"
    }
    return text
  }

  private func line(_ bytes: [UInt8], _ link: PacketPrinter.LinkType) -> String {
    var printer = PacketPrinter()
    var text = ""
    printer.print(bytes.rawBytes, wireLength: bytes.count, link: link, into: &text)
    return String(text.prefix { $0 != "\n" })
  }
}

extension Birth {
  /// Why the packet was made.
  var phrase: String {
    switch self {
    case .icmpError(let type, let code): "icmp \(type)/\(code)"
    case .icmpReply(let type): "icmp \(type)"
    case .fragment(let number): "fragment \(number)"
    case .broadcastCopy: "copy of a broadcast"
    case .multicastCopy: "copy of a multicast"
    case .igmpReport(let kind): kind == .leave ? "igmp leave" : "igmp report"
    case .arpRequest(let address): "arp request for \(address)"
    case .arpReply(let address): "arp reply for \(address)"
    case .gratuitousArp(let address): "arp announcement of \(address)"
    case .carpAdvertisement: "carp advertisement"
    case .reset: "tcp reset"
    case .socketCopy: "copy for another socket"
    case .teeCopy: "copy for a divert socket"
    case .synAck: "tcp syn-ack"
    case .keepalive: "keepalive of a state"
    case .bridgeCopy: "copy over a bridge"
    case .bridgeSpan: "copy for a span port"
    case .treeMessage: "message of the spanning tree"
    case .heldCopy: "what arp keeps"
    }
  }

  /// The kind, as JSON has it.
  var word: String {
    switch self {
    case .icmpError: "icmp-error"
    case .icmpReply: "icmp-reply"
    case .fragment: "fragment"
    case .broadcastCopy: "broadcast-copy"
    case .multicastCopy: "multicast-copy"
    case .igmpReport(let kind): kind == .leave ? "igmp-leave" : "igmp-report"
    case .arpRequest: "arp-request"
    case .arpReply: "arp-reply"
    case .gratuitousArp: "arp-announcement"
    case .carpAdvertisement: "carp-advertisement"
    case .reset: "reset"
    case .socketCopy: "socket-copy"
    case .teeCopy: "tee-copy"
    case .synAck: "syn-ack"
    case .keepalive: "keepalive"
    case .bridgeCopy: "bridge-copy"
    case .bridgeSpan: "bridge-span"
    case .treeMessage: "bpdu"
    case .heldCopy: "held-copy"
    }
  }
}
