// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// Contract 1 of a trace: one line a packet, which never changes and scripts compare.
///
/// The grammar of the line is in Docs/Tracing.md.
struct QuietPrinter {
  let session: Session

  /// The line of a packet, or nil for one that has no verdict.
  func line(_ trace: PacketTrace) -> String? {
    guard let end = trace.end else { return nil }
    var words = ["#\(trace.number)", end.verdict.word]
    switch end.verdict {
    case .sent:
      words.append(session.name(of: end.interface))
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
      words += received(trace)
    case .held:
      if end.interface != .none { words.append(session.name(of: end.interface)) }
      if let nextHop = end.nextHop { words += ["via", "\(nextHop)"] + fib(end) }
    case .denied:
      if let rule = end.decidingRule { words += ["by", "ipfw:\(rule)"] }
    case .consumed: words += received(trace)
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
    return words.joined(separator: " ")
  }

  private func fib(_ end: End) -> [String] {
    ["fib", "\(end.fib.rawValue)", "by", end.fibChooser.word]
  }

  private func received(_ trace: PacketTrace) -> [String] {
    trace.receivedOn.map { ["recv", session.name(of: $0)] } ?? []
  }
}
