// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// The trace ids that packets came to, by table of the list of trace points.
struct Coverage {
  private(set) var reached: Set<TraceID> = []

  /// The tables; where one begins in the order of the ids. Interface tails and ARP's part in sending
  /// are listed with the output.
  static let starts: [(table: String, first: TraceID)] = [
    ("A link level", .ethDown), ("E output", .ifDown), ("ARP", .arpTimeout),
    ("B ip_input", .ipTooshortHdr), ("C reassembly", .reassDisabled), ("D forwarding", .fwdL2bcast),
    ("E output", .outNorouteOnes), ("I dummynet", .dnNopipe), ("J bridges", .brMonitor),
    ("F local protocols", .dlvRaw),
    ("G ICMP", .icmpSupDecrypted),
    ("H waypoints", .ethBcast),
  ]

  /// What this kernel can be built with; an id that needs anything else cannot be reached.
  /// `mem` is a failed allocation, which `debug.fail_point` brings about.
  static let options: Set<String> = [
    "ipfw", "ipfw layer2", "IPFIREWALL_FORWARD", "IPDIVERT", "IPSTEALTH", "mem", "dummynet",
    "dummynet, mem", "dummynet, IPDIVERT",
  ]

  /// The ids that must be reached: all that need nothing the model lacks.
  static let required = TraceID.allCases.filter { id in
    id.needsOption.map { options.contains($0) } ?? true
  }

  static func table(of id: TraceID) -> String {
    starts.last { $0.first.rawValue <= id.rawValue }?.table ?? ""
  }

  /// Notes what an event says was reached.
  mutating func note(_ event: Event) {
    for (id, isPassed) in event.ids { note(id, isPassed: isPassed) }
  }

  /// Notes an id: passed on the way, or the packet's end, its cause, or why no answer was made.
  ///
  /// An end is reached by ending there. A packet that is taken elsewhere goes on, and so only passes.
  mutating func note(_ id: TraceID, isPassed: Bool) {
    switch id.kind {
    case .waypoint, .alternate: reached.insert(id)
    case .drop, .reply, .held, .delivered, .sent, .suppressed: if !isPassed { reached.insert(id) }
    }
  }

  mutating func formUnion(_ other: Coverage) { reached.formUnion(other.reached) }

  /// `GROUP: reached A of B` for each table, in the tables' order, and the total last.
  var lines: [String] {
    var names: [String] = []
    for start in Coverage.starts where !names.contains(start.table) { names.append(start.table) }
    names = names.filter { $0 != "ARP" }.sorted() + ["ARP"]
    let counts = names.map { name in
      let ids = Coverage.required.filter { Coverage.table(of: $0) == name }
      return "\(name): reached \(ids.count { reached.contains($0) }) of \(ids.count)"
    }
    let met = Coverage.required.count { reached.contains($0) }
    return counts + ["reached \(met) of \(Coverage.required.count)"]
  }

  /// The ids that must be reached and were not.
  var missing: [TraceID] { Coverage.required.filter { !reached.contains($0) } }
}

extension Event {
  /// The ids that the event stands for. Some of table H are events with members of their own.
  fileprivate var ids: [(TraceID, isPassed: Bool)] {
    switch self {
    case .waypoint(let id, _, _): [(id, true)]
    case .netisr(let step): [(step.id, true)]
    case .bridge(let step): [(step.id, true)]
    case .discarded(let id): [(id, false)]
    case .end(let end): [end.id, end.cause, end.suppressedBy].compactMap { $0.map { ($0, false) } }
    case .reply(_, _, let suppressed): suppressed.map { [($0, false)] } ?? []
    case .frame(_, let header):
      header.destination.isBroadcast
        ? [(.ethBcast, true)] : header.destination.isGroup ? [(.ethMcast, true)] : []
    case .made(_, let birth):
      switch birth {
      case .fragment: [(.outFrag, true)]
      case .icmpError: [(.icmpError, true)]
      default: []
      }
    case .ttl: [(.fwdTtlDec, true)]
    case .route: [(.outRoute, true)]
    case .sourceChosen: [(.outSrc, true)]
    case .mtu: [(.outMtu, true)]
    default: []
    }
  }
}
