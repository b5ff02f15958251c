// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell

/// What `help` says of the ids of traces; all of it comes from the ids' own table.
enum TraceTopics {
  /// One topic with every id, and one for each: `help trace ip.badsum`.
  static let all: [Topic] =
    [
      Topic(
        "trace-ids", "where a packet's way can end, and what is worth saying on it",
        ["'help trace ID' tells more about one."]
          + TraceID.allCases.map { "\($0.text) (\($0.kind.rawValue)): \($0.summary)" })
    ] + TraceID.allCases.map(topic)

  private static func topic(_ id: TraceID) -> Topic {
    var facts = [
      "\(id.function): \(id.kind.meaning)",
      id.counterText == "none" ? "FreeBSD counts nothing" : "counter \(id.counterText)",
    ]
    if let sysctl = id.sysctl { facts.append("sysctl \(sysctl)") }
    if let option = id.needsOption { facts.append("needs \(option)") }
    return Topic(
      "trace \(id.text)", id.sentence,
      ["\(id.text)  \(id.summary)", "  " + facts.joined(separator: "; ")])
  }
}

extension TraceID.Kind {
  /// What it means for a packet to come to such an id.
  var meaning: String {
    switch self {
    case .drop: "the packet is discarded, and nobody is told"
    case .reply: "the packet is discarded, and an answer is made of it, a packet of its own"
    case .held: "the packet waits"
    case .delivered: "the packet is given to a protocol or a socket"
    case .sent: "the packet is handed to an interface"
    case .alternate: "the packet is taken by another part of the system"
    case .waypoint: "the packet passes; its way does not end here"
    case .suppressed: "the answer to the packet is not made; the packet keeps its own end"
    }
  }
}
