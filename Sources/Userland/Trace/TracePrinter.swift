// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// Contract 3 of a trace: stages in order, what each decided and why, and the verdict last.
struct TracePrinter {
  let session: Session
  let level: TraceLevel
  /// The stack of the line that is made: that of the command to begin with.
  private(set) var vnet: VnetIndex

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
    case .event(.bridge(let step)): [bridgeLine(step)]
    case .event(.socket(let socket)): [socketLine(socket)]
    case .event(.carp(let step)): [TraceLine("carp", name(of: step.interface), step.text)]
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

extension TraceID {
  /// The summary inside a line: without capital and full stop.
  var sentence: String {
    var text = summary
    if text.hasSuffix(".") { text.removeLast() }
    guard let first = text.first, text.dropFirst().first?.isUppercase != true else { return text }
    return first.lowercased() + text.dropFirst()
  }
}
