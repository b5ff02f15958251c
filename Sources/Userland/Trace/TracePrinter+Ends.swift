// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// Where a packet ends, and what its end makes.
extension TracePrinter {
  func sightingLines(_ sighting: TraceRun.Sighting) -> [TraceLine] {
    switch sighting.moment {
    case .received, .made: return []
    case .delivered(let proto):
      return [
        TraceLine(
          Self.inputFunction(proto), proto.name ?? "\(proto.rawValue)",
          "\(sighting.bytes.count) bytes given to the protocol")
      ]
    case .transmitted(let interface):
      let to = EthernetHeader(sighting.bytes.rawBytes).map { " to \($0.destination)" } ?? ""
      return [
        TraceLine(
          "if_transmit", name(of: interface), "\(sighting.bytes.count) bytes\(to)",
          level: .checks, takesCounters: false)
      ]
    }
  }

  /// A frame goes to the other end of a pair.
  func crossingLine(_ vnet: UInt32, _ interface: UInt32) -> TraceLine {
    let vnet = VnetIndex(rawValue: UInt16(truncatingIfNeeded: vnet))
    let name = session.name(
      of: InterfaceIndex(rawValue: UInt16(truncatingIfNeeded: interface)), in: vnet)
    return TraceLine(
      "epair", name, "to the other end in \(session.name(of: vnet)), through netisr")
  }

  /// The function that `inetsw` names for a protocol; those that no function claims go to raw sockets.
  private static func inputFunction(_ proto: IPProtocol) -> String {
    switch proto {
    case .icmp: "icmp_input"
    case .tcp: "tcp_input"
    case .igmp: "igmp_input"
    case .udp: "udp_input"
    case .rsvp: "rsvp_input"
    case .carp: "carp_input"
    case .ipip, .ipv6, .gre, .mobile, .etherip: "encap4_input"
    default: "rip_input"
    }
  }

  /// The socket that was found, its ends, and the table of what it sends.
  func socketLine(_ step: SocketStep) -> TraceLine {
    TraceLine(
      step.kind == .divert ? "divert" : step.function, "socket \(step.index.number)", step.text,
      notes: ["fib \(step.fib.rawValue)"])
  }

  func replyLine(_ type: UInt8, _ code: UInt8, _ suppressed: TraceID?) -> TraceLine {
    guard let suppressed else {
      return TraceLine("icmp_error", "\(type)/\(code)", "made: a packet of its own")
    }
    return TraceLine(
      "icmp_error", "\(type)/\(code)", "not made: \(suppressed.sentence)",
      notes: [suppressed.text])
  }

  func endLines(_ end: End, _ trace: PacketTrace) -> [TraceLine] {
    var verdict = "= \(end.verdict.word)"
    switch end.verdict {
    case .sent, .held:
      if end.interface != .none { verdict += " \(name(of: end.interface))" }
    case .denied: if let rule = end.decidingRule { verdict += " by rule \(rule)" }
    case .replied: if let icmp = end.icmp { verdict += " \(icmp.type)/\(icmp.code)" }
    case .delivered, .dropped, .consumed: break
    }
    var text = end.id.sentence
    if let cause = end.cause { text += "; because of \(cause.text)" }
    if let pointer = end.pointer { text += "; byte \(pointer)" }
    if let errno = end.errno { text += "; \(errno.name)" }
    let line = TraceLine(verdict, end.id.text, text)
    return end.id == .ipCantforward ? [notOursLine, line] : [line]
  }
}

extension End {
  /// The rule that decided; none where the firewall refused the packet without one.
  var decidingRule: UInt16? { rule == 0 ? nil : rule }

  /// Whether the id of the verdict moves a counter.
  func raises(_ counter: Counter) -> Bool {
    guard case .ip(let counter) = counter else { return false }
    return counter == id.ipCounter || counter == id.secondIPCounter
  }
}

extension SocketStep {
  /// The function that found it.
  var function: String {
    switch kind {
    case .raw: "rip_input"
    case .divert: "divert_packet"
    case .udp, .tcp: "in_pcblookup"
    }
  }

  /// What it is: `tcp *.80 *.* LISTEN`.
  fileprivate var text: String {
    let name =
      switch kind {
      case .raw: "raw \(proto.name ?? "\(proto.rawValue)")"
      case .divert: "divert"
      case .udp, .tcp: proto.name ?? ""
      }
    let ends = "\(name) \(local.netstatText) \(foreign.netstatText)"
    return kind == .tcp ? "\(ends) \(state.word)" : ends
  }
}
