// SPDX-License-Identifier: BSD-2-Clause

/// The fields of `struct carpstats` (netinet/ip_carp.h), in its order. Those of IPv6, of address
/// lists and of state updates stay zero.
package enum CarpCounter: UInt8, CounterName {
  case ipackets, ipackets6, badif, badttl, hdrops, badsum, badver, badlen, badauth, badvhid
  case badaddrs, opackets, opackets6, onomem, ostates, preempt

  package static var block: String { "carp" }
  package var prefix: String { "carps_" }
}

package typealias CarpStatistics = Counters<16, CarpCounter>

extension CarpCounter: PrintedCounter {
  package static let lines: [StatisticsLine<CarpCounter>] = [
    .init(1, "<1> packet{s} received (IPv4)", .ipackets),
    .init(1, "<1> packet{s} received (IPv6)", .ipackets6),
    .init(2, "<1> packet{s} discarded for wrong TTL", .badttl),
    .init(2, "<1> packet{s} shorter than header", .hdrops),
    .init(2, "<1> discarded for bad checksum{s}", .badsum),
    .init(2, "<1> discarded packet{s} with a bad version", .badver),
    .init(2, "<1> discarded because packet too short", .badlen),
    .init(2, "<1> discarded for bad authentication", .badauth),
    .init(2, "<1> discarded for bad vhid", .badvhid),
    .init(2, "<1> discarded because of a bad address list", .badaddrs),
    .init(1, "<1> packet{s} sent (IPv4)", .opackets),
    .init(1, "<1> packet{s} sent (IPv6)", .opackets6),
    .init(2, "<1> send failed due to mbuf memory error", .onomem),
  ]
}
