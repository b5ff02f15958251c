// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// Contract 3 of a trace: stages in order, what each decided and why, and the verdict last.
struct TracePrinter {
  let session: Session
  let level: TraceLevel
  /// The stack of the line that is made: that of the command to begin with.
  private var vnet: VnetIndex

  init(session: Session, level: TraceLevel) {
    self.session = session
    self.level = level
    vnet = session.vnet
  }

  /// The same for what happened in another stack.
  private func inStack(_ vnet: VnetIndex) -> TracePrinter {
    var printer = self
    printer.vnet = vnet
    return printer
  }

  /// What an interface of the stack is called.
  func name(of interface: InterfaceIndex) -> String { session.name(of: interface, in: vnet) }

  /// A rule of the stack's.
  func rule(at index: Int32) -> FirewallRule { session.kernel[vnet].firewall.rule(at: Int(index)) }

  /// The text of a packet, title to verdict.
  func text(_ trace: PacketTrace) -> String {
    let title = TraceLine.wrapped(PacketTitle(session: session).text(trace), indent: 4)
    var text = title.map { $0 + "\n" }.joined()
    for line in lines(trace) where line.level <= level { text += line.rendered() }
    return text
  }

  /// A packet's lines of every level, with the counters where they were raised.
  private func lines(_ trace: PacketTrace) -> [TraceLine] {
    var lines: [TraceLine] = []
    var pending: [(name: String, count: Int)] = []
    // What the verdict's own id raises stands with the verdict.
    var verdicts: [(name: String, count: Int)] = []
    // Whether nothing but counters came since the last line.
    var isFresh = false
    var current = self
    let visits = trace.visits
    var skipped = 0
    for (place, step) in trace.steps.enumerated() {
      if let visit = visits[place] {
        if visit.isDull {
          skipped += 1
        } else if skipped > 0 {
          lines.append(Self.skippedLine(skipped))
          skipped = 0
        }
      }
      if skipped > 0, place < trace.steps.count - 1 { continue }
      if case .event(.counted(let counter)) = step {
        if trace.end?.raises(counter) == true {
          Self.count(counter.field, &verdicts)
        } else if isFresh, let last = lines.indices.last, lines[last].takesCounters {
          Self.count(counter.field, &lines[last].counters)
        } else {
          Self.count(counter.field, &pending)
        }
        continue
      }
      if trace.vnets[place] != current.vnet {
        current = inStack(trace.vnets[place])
        lines.append(TraceLine("vnet", session.name(of: current.vnet), "", takesCounters: false))
      }
      var made = current.lines(for: step, at: place, in: trace)
      if let visit = visits[place] { made.append(current.loopLine(visit)) }
      isFresh = false
      guard let last = made.indices.last else { continue }
      if case .event(.end) = step {
        made[last].counters = verdicts
        verdicts = []
      }
      if made[last].takesCounters {
        made[last].counters = pending + made[last].counters
        pending = []
        isFresh = true
      }
      lines += made
    }
    return lines
  }

  /// So many rounds of a loop have no lines.
  private static func skippedLine(_ count: Int) -> TraceLine {
    TraceLine("...", "", "\(count) times more, the same way", takesCounters: false)
  }

  /// The packet is again where it has been.
  private func loopLine(_ visit: PacketTrace.Visit) -> TraceLine {
    TraceLine(
      "LOOP", name(of: visit.place.interface), "the packet comes in here for time \(visit.count)",
      takesCounters: false)
  }

  private static func count(_ name: String, _ counters: inout [(name: String, count: Int)]) {
    if let place = counters.firstIndex(where: { $0.name == name }) {
      counters[place].count += 1
    } else {
      counters.append((name, 1))
    }
  }

  /// The lines of one step; most have one, some none.
  private func lines(
    for step: PacketTrace.Step, at place: Int, in trace: PacketTrace
  ) -> [TraceLine] {
    switch step {
    case .bytes(let sighting): sightingLines(sighting)
    case .event(.frame(let interface, let header)):
      [frameLine(interface, header, at: place, in: trace)]
    case .event(.ipInput), .event(.ipFastForward): [inputLine(at: place, in: trace)]
    case .event(.passed(let id, let a, let b)): passedLines(id, a, b)
    case .event(.waypoint(let id, let a, let b)): [waypointLine(id, a, b, at: place, in: trace)]
    case .event(.pfil(let direction, _)):
      [
        TraceLine(
          "pfil \(direction)", "ipfw",
          Self.notAsked(trace, behind: place) ?? "", takesCounters: false)
      ]
    case .event(.frameFilter(let direction, _)):
      [
        TraceLine(
          "layer 2 \(direction)", "ipfw", "net.link.ether.ipfw=1",
          notes: Self.notAsked(trace, behind: place).map { [$0] } ?? [], takesCounters: false)
      ]
    case .event(.searchBehind), .event(.onePass), .event(.diverted), .event(.reinjected):
      [divertLine(step)]
    case .event(.rule(let rule)): [ruleLine(rule, at: place, in: trace)]
    case .event(.state(let state)): [stateLine(state)]
    case .event(.filterLoop(let rule)):
      [
        TraceLine(
          "", "loop", "a state leads to rule \(rule) again and again: 8.0 never ends",
          notes: ["denied"], takesCounters: false)
      ]
    case .event(.netisr(let step)): [netisrLine(step)]
    case .event(.nat(let step)): [natLine(step)]
    case .event(.route(let route)): [routeLine(route)]
    case .event(.otherFibs(let fibs, let route)): [otherLine(fibs, route, at: place, in: trace)]
    case .event(.ttl(let from, let to)):
      [
        TraceLine(
          trace.function("ip_forward", at: place), "ttl \(from) -> \(to)",
          "net.inet.ip.\(trace.isFast(at: place) ? "fast" : "")forwarding=1")
      ]
    case .event(.sourceChosen(let address)):
      [TraceLine("source", "\(address)", "chosen for the packet")]
    case .event(.mtu(let length, let mtu)): [mtuLine(length, mtu, at: place, in: trace)]
    case .event(.arp(let arp)): [arpLine(arp)]
    case .event(.socket(let socket)): [socketLine(socket)]
    case .event(.carp(let step)): [TraceLine("carp", session.name(of: step.interface), step.text)]
    case .event(.reply(let type, let code, let suppressed)):
      [replyLine(type, code, suppressed)]
    case .event(.reassembled(let first, let fragments, let length)):
      [
        TraceLine(
          "ip_reass", "complete",
          "\(fragments) fragments make \(length) bytes; header and FIB are those of #\(first)")
      ]
    case .event(.discarded(let id)):
      [TraceLine(id.function, id.text, id.sentence, takesCounters: true)]
    case .event(.end(let end)): endLines(end, trace)
    case .event(.snapshot), .event(.made), .event(.counted), .event(.fibChanged), .event(.firewall):
      []
    }
  }
}

/// The way in.
extension TracePrinter {
  /// Why no rule is tried behind the step in which a packet comes to them, or nil if one is.
  private static func notAsked(_ trace: PacketTrace, behind place: Int) -> String? {
    guard case .event(.firewall(let answer)) = trace.steps[place...].dropFirst().first else {
      return nil
    }
    return answer.verdict == .deny
      ? "no rule is tried: its headers are cut short or not known"
      : "not asked: it has sent the packet on itself"
  }

  private func frameLine(
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

  private func inputLine(at place: Int, in trace: PacketTrace) -> TraceLine {
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

  private func passedLines(_ id: TraceID, _ a: UInt32, _ b: UInt32) -> [TraceLine] {
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

  private func waypointLine(
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

extension TraceID {
  /// The summary inside a line: without capital and full stop.
  var sentence: String {
    var text = summary
    if text.hasSuffix(".") { text.removeLast() }
    guard let first = text.first, text.dropFirst().first?.isUppercase != true else { return text }
    return first.lowercased() + text.dropFirst()
  }
}
