// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// Contract 1 of a trace: one line a packet or piece of its way, which never changes and scripts compare.
///
/// The grammar of the line is in Docs/Tracing.md.
struct QuietPrinter {
  let session: Session
  /// The stack of the line that is made.
  private var vnet: VnetIndex
  /// The line is that of a piece, and has said how the packet came in.
  private var isPiece = false

  init(session: Session) {
    self.session = session
    vnet = session.vnet
  }

  /// The lines of a packet: one where it stays in the stack of the command, else one for each piece of
  /// its way; none for one that has no verdict.
  func lines(_ trace: PacketTrace) -> [String] {
    guard let end = trace.end else { return [] }
    let hops = trace.hops
    if hops.count == 1, trace.vnets.allSatisfy({ $0 == session.vnet }) {
      return [(["#\(trace.number)"] + words(trace, end)).joined(separator: " ")]
    }
    var visits = trace.visits.sorted { $0.key < $1.key }[...]
    var place = 0
    return hops.enumerated().map { number, hop in
      place += hop.steps.count
      var visit: PacketTrace.Visit?
      while let next = visits.first, next.key < place { visit = visits.removeFirst().value }
      // What waited and went on has the verdict of having left.
      let end = number < hops.count - 1 ? Self.crossing(hop) : hop.end
      return line(hop, visit, end ?? Self.crossing(hop))
    }
  }

  /// A piece of a packet's way: the stack, how it came in, its route, and what became of it there.
  private func line(_ hop: PacketTrace, _ visit: PacketTrace.Visit?, _ end: End) -> String {
    var printer = self
    printer.vnet = hop.vnets.first ?? vnet
    printer.isPiece = true
    var words = ["#\(hop.number)", session.name(of: printer.vnet)]
    words += printer.received(hop)
    if let visit { words += ["LOOP", "\(visit.count)"] }
    if let route = hop.route { words += ["route", TracePrinter.name(of: route.key)] }
    return (words + printer.words(hop, end)).joined(separator: " ")
  }

  /// What the verdict of a piece is behind which the packet goes on elsewhere.
  private static func crossing(_ hop: PacketTrace) -> End {
    var end = End(.sent, .epairCross)
    end.interface = hop.transmitted.last?.place.interface ?? .none
    end.nextHop = hop.nextHop
    (end.fib, end.fibChooser) = hop.fib
    return end
  }

  private func name(of interface: InterfaceIndex) -> String {
    session.name(of: interface, in: vnet)
  }

  /// The verdict and what belongs to it.
  private func words(_ trace: PacketTrace, _ end: End) -> [String] {
    var words = [end.verdict.word]
    switch end.verdict {
    case .sent:
      words.append(name(of: end.interface))
      if let nextHop = end.nextHop {
        words += ["via", "\(nextHop)"] + fib(end)
        if let ttl = trace.ttlSent { words += ["ttl", "\(ttl)"] }
      }
    case .delivered:
      if end.id == .fwDivert {
        words.append("divert")
      } else if let proto = trace.deliveredTo {
        words.append(proto.name ?? "\(proto.rawValue)")
      }
      words += receivedOnce(trace)
    case .held:
      if end.interface != .none { words.append(name(of: end.interface)) }
      if let nextHop = end.nextHop { words += ["via", "\(nextHop)"] + fib(end) }
    case .denied:
      if let rule = end.decidingRule { words += ["by", "ipfw:\(rule)"] }
    case .consumed: words += receivedOnce(trace)
    case .dropped, .replied: break
    }
    words += ["id", end.id.text]
    if let cause = end.cause { words += ["cause", cause.text] }
    if end.verdict == .dropped || end.verdict == .denied {
      words += ["counter", end.id.counterText.filter { $0 != " " }]
    }
    // Only a local sender sees it.
    if let errno = end.errno, trace.isSent {
      words += ["errno", errno.name]
    }
    if let icmp = end.icmp { words += ["icmp", "\(icmp.type)/\(icmp.code)"] }
    if let suppressed = end.suppressedBy { words += ["suppressed", suppressed.text] }
    return words
  }

  private func fib(_ end: End) -> [String] {
    ["fib", "\(end.fib.rawValue)", "by", end.fibChooser.word]
  }

  /// As `received`, where a line does not begin with it.
  private func receivedOnce(_ trace: PacketTrace) -> [String] {
    isPiece ? [] : received(trace)
  }

  private func received(_ trace: PacketTrace) -> [String] {
    trace.receivedOn.map { ["recv", name(of: $0)] } ?? []
  }
}
