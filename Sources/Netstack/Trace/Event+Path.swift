// SPDX-License-Identifier: BSD-2-Clause

import Wire

extension Event {
  /// The id of a step on a packet's path; a check that passed is none.
  package var pathID: TraceID? {
    switch self {
    case .frame(_, let header):
      header.destination.isBroadcast ? .ethBcast : header.destination.isGroup ? .ethMcast : nil
    case .netisr(let step): step.id
    case .waypoint(let id, _, _), .discarded(let id): id
    case .bridge(let step): step.id
    case .ttl: .fwdTtlDec
    case .route: .outRoute
    case .sourceChosen: .outSrc
    case .mtu: .outMtu
    case .end(let end): end.id
    default: nil
    }
  }
}
