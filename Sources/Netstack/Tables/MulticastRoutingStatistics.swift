// SPDX-License-Identifier: BSD-2-Clause

/// The fields of `struct mrtstat` (netinet/ip_mroute.h), in its order. No multicast router can run
/// here, so that all stay zero.
package enum MulticastRoutingCounter: UInt8, CounterName {
  case mfcLookups, mfcMisses, upcalls, noRoute, badTunnel, cantTunnel, wrongIf
  case upqOvflw, cacheCleanups, dropSel, qOverflow, pkt2large, upqSockfull

  package static var block: String { "IPv4 multicast forwarding" }
  package var prefix: String { "mrts_" }
}

package typealias MulticastRoutingStatistics = Counters<13, MulticastRoutingCounter>

extension MulticastRoutingCounter: PrintedCounter {
  package static let lines: [StatisticsLine<MulticastRoutingCounter>] = [
    .init(1, "<1> multicast forwarding cache lookup{s}", .mfcLookups),
    .init(1, "<1> multicast forwarding cache miss{|es}", .mfcMisses),
    .init(1, "<1> upcall{s} to multicast routing daemon", .upcalls),
    .init(1, "<1> upcall queue overflow{s}", .upqOvflw),
    .init(1, "<1> upcall{s} dropped due to full socket buffer", .upqSockfull),
    .init(1, "<1> cache cleanup{s}", .cacheCleanups),
    .init(1, "<1> datagram{s} with no route for origin", .noRoute),
    .init(1, "<1> datagram{s} arrived with bad tunneling", .badTunnel),
    .init(1, "<1> datagram{s} could not be tunneled", .cantTunnel),
    .init(1, "<1> datagram{s} arrived on wrong interface", .wrongIf),
    .init(1, "<1> datagram{s} selectively dropped", .dropSel),
    .init(1, "<1> datagram{s} dropped due to queue overflow", .qOverflow),
    .init(1, "<1> datagram{s} dropped for being too large", .pkt2large),
  ]
}
