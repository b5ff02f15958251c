// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// The way in.
extension TracePrinter {
  /// Why no rule is tried behind the step in which a packet comes to them, or nil if one is.
  static func notAsked(_ trace: PacketTrace, behind place: Int) -> String? {
    guard case .event(.firewall(let answer)) = trace.steps[place...].dropFirst().first else {
      return nil
    }
    return answer.verdict == .deny
      ? "no rule is tried: its headers are cut short or not known"
      : "not asked: it has sent the packet on itself"
  }

  func frameLine(
    _ interface: InterfaceIndex, _ header: EthernetHeader, at place: Int, in trace: PacketTrace
  ) -> TraceLine {
    let own = session.interface(interface, in: vnet).hardwareAddress
    let whose =
      header.destination.isBroadcast
      ? "broadcast"
      : header.destination.isGroup
        ? "multicast" : header.destination == own ? "ours" : "of another station"
    var line = TraceLine(
      "ether_input", name(of: interface), "to \(header.destination), \(whose)")
    // ether_input counts each frame it reads, whatever becomes of it.
    line.counters = [("if_ibytes", trace.frame(before: place)?.bytes.count ?? 0)]
    return line
  }

  func inputLine(at place: Int, in trace: PacketTrace) -> TraceLine {
    let words: [([TraceID], String)] = [
      ([.ipBadvers, .ffBadvers], "version"), ([.ipBadhlen, .ffBadhlen], "header"),
      ([.ipBadaddr, .ffBadaddr], "address"), ([.ipBadsum, .ffBadsum], "checksum"),
      ([.ipBadlen, .ffTooshort], "length"),
    ]
    let isFast = trace.isFast(at: place)
    let function = trace.function("ip_input", at: place)
    var passed: Set<TraceID> = []
    for case .event(let event) in trace.steps[place...].dropFirst() {
      if case .passed(let id, _, _) = event { passed.insert(id) }
      if case .waypoint(.ipFastours, _, _) = event {
        return TraceLine(function, "again", "taken as ours before: no checks")
      }
      if case .ipInput = event { break }
    }
    let isOK = passed.contains(isFast ? .ffBadaddr : .ipTooshort)
    let text = words.filter { !passed.isDisjoint(with: $0.0) }.map(\.1).joined(separator: ", ")
    return TraceLine(function, isOK ? "ok" : "fails", text.isEmpty || isOK ? text : text + " ok")
  }

  func passedLines(_ id: TraceID, _ a: UInt32, _ b: UInt32) -> [TraceLine] {
    let value =
      switch id {
      case .ipTooshortHdr, .ffTooshortHdr: "\(a) bytes, a header has \(b)"
      case .ipBadvers, .ffBadvers: "version \(a)"
      case .ipBadhlen, .ffBadhlen: "a header of \(a) bytes in \(b)"
      case .ipBadaddr, .ffBadaddr:
        "\(IPv4Address(rawValue: a)) > \(IPv4Address(rawValue: b)), none a loopback address"
      case .ipBadsum, .ffBadsum: "checksum 0x\(Int(a).hex(digits: 4))"
      case .ipBadlen: "length \(a), header \(b)"
      case .ipTooshort, .ffTooshort: "\(a) bytes for length \(b)"
      case .igmpShort: "\(a) bytes, a message has \(b)"
      case .igmpBadttl: "ttl \(a)"
      case .carpBadttl: "ttl \(a)"
      case .carpBadlen: "\(a) bytes, header and advertisement have \(b)"
      case .carpBadsum: "checksum 0x\(Int(a).hex(digits: 4))"
      case .carpBadvhid: "vhid \(a)"
      case .carpBadver: "version \(a)"
      case .carpBadauth: "the digest is right"
      case .igmpBadsum: "checksum 0x\(Int(a).hex(digits: 4))"
      case .ipCantforward: "net.inet.ip.forwarding=\(a)"
      case .fwdBaddst: "\(IPv4Address(rawValue: a)) can be forwarded to"
      default: "\(a), \(b)"
      }
    let check = TraceLine(
      "", "passed", "\(id.text): \(value)", level: .checks, takesCounters: false)
    guard id == .ipCantforward else { return [check] }
    return [notOursLine, check]
  }

  var notOursLine: TraceLine {
    TraceLine(
      "ours?", "no", "not an address of this host, not broadcast, not multicast",
      takesCounters: false)
  }

  func waypointLine(
    _ id: TraceID, _ a: UInt32, _ b: UInt32, at place: Int, in trace: PacketTrace
  ) -> TraceLine {
    if id == .ipFwFwdlocal, place > 0, case .event(.waypoint(id, _, _)) = trace.steps[place - 1] {
      return TraceLine("ours?", "yes", "as the fwd rule says")
    }
    switch id {
    case .ethArp, .ifLoop, .ipFwPass, .fwdRoute, .fwdOk, .fwdRedirect, .outMloop, .outCksum,
      .icmpQuote, .icmpSrc:
      // Other lines of the text tell as much.
      return TraceLine(id.function, id.text, id.sentence, level: .checks, takesCounters: false)
    case .ipTrim:
      return TraceLine(
        trace.function("ip_input", at: place), "\(a) -> \(b)",
        "link padding behind the packet was cut off")
    case .ipFwFwdtag, .outFwd:
      return TraceLine(
        trace.function(id.function, at: place), "next hop",
        "\(IPv4Address(rawValue: a)), chosen by a fwd rule")
    case .outFlowHit:
      let age = b == 0 ? "just now" : "\(b) s ago"
      return TraceLine(
        "flowtable", "hit",
        "the way by \(IPv4Address(rawValue: a)) is kept, last used \(age): no look-up",
        takesCounters: false)
    case .outFlowMiss:
      return TraceLine(
        "flowtable", "miss",
        FlowRefusal(rawValue: UInt8(clamping: b))?.text
          ?? "the route and its ARP entry are kept for what follows",
        level: .tried, takesCounters: false)
    case .outFlowStale:
      return TraceLine(
        "flowtable", "stale",
        "to \(IPv4Address(rawValue: a)), though the route says \(IPv4Address(rawValue: b)) now",
        takesCounters: false)
    case .gifWrap, .greWrap:
      let ends = "\(IPv4Address(rawValue: a)) > \(IPv4Address(rawValue: b))"
      return TraceLine(id.function, "wrapped", "\(ends): \(id.sentence)")
    case .ethVlan: return TraceLine("vlan_input", "tag \(a)", id.sentence)
    case .linkSent, .linkArrives:
      let time = TimeSpan.text(nanoseconds: UInt64(a) * 1000)
      return TraceLine(
        "cable", time, id == .linkSent ? "until it is at the other end" : "later, at the other end")
    case .epairCross: return crossingLine(a, b)
    case .vlanTag: return TraceLine(id.function, "tag \(a)", id.sentence)
    case .dnPipe:
      return TraceLine(id.function, "pipe \(a)", "packet \(b) of its queue", level: .tried)
    case .dnQueue:
      return TraceLine(
        id.function, "pipe \(a)", "packet \(b) of a weighted queue", level: .tried)
    case .dnLeaves: return TraceLine("dummynet", "\(b) ms later", "leaves at tick \(a)")
    case .ipFwDstchg, .outRedst:
      return TraceLine(
        trace.function(id.function, at: place), "destination",
        "\(IPv4Address(rawValue: a)): \(id.sentence)")
    case .outId: return TraceLine("ip_output", "id \(a)", id.sentence, level: .tried)
    case .ipCheckifSkip:
      return TraceLine("ours?", "not here", "\(IPv4Address(rawValue: a)): \(id.sentence)")
    case .ipMcastNofilter:
      return TraceLine("ours?", "not joined", "\(IPv4Address(rawValue: a)): \(id.sentence)")
    case _ where id.text.hasPrefix("ip.ours."):
      return TraceLine("ours?", "yes", String(id.sentence.dropFirst("ours: ".count)))
    default: return TraceLine(id.function, id.text, id.sentence)
    }
  }
}
