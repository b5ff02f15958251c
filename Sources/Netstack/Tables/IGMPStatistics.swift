// SPDX-License-Identifier: BSD-2-Clause

/// The fields of `struct igmpstat` (netinet/igmp_var.h) that are counted, in its order.
package enum IGMPCounter: UInt8, CounterName {
  case rcvTotal, rcvTooshort, rcvBadttl, rcvBadsum
  case rcvV1v2Queries, rcvV3Queries, rcvBadqueries
  case rcvGenQueries, rcvGroupQueries, rcvGsrQueries, dropGsrQueries
  case rcvReports, rcvBadreports, rcvOurreports, rcvNora, sndReports

  package static var block: String { "igmp" }
  package var prefix: String { "igps_" }
}

package typealias IGMPStatistics = Counters<16, IGMPCounter>

extension IGMPCounter: PrintedCounter {
  package static let lines: [StatisticsLine<IGMPCounter>] = [
    .init(1, "<1> message{s} received", .rcvTotal),
    .init(1, "<1> message{s} received with too few bytes", .rcvTooshort),
    .init(1, "<1> message{s} received with wrong TTL", .rcvBadttl),
    .init(1, "<1> message{s} received with bad checksum", .rcvBadsum),
    .init(1, "<1> V1/V2 membership quer{y|ies} received", .rcvV1v2Queries),
    .init(1, "<1> V3 membership quer{y|ies} received", .rcvV3Queries),
    .init(1, "<1> membership quer{y|ies} received with invalid field(s)", .rcvBadqueries),
    .init(1, "<1> general quer{y|ies} received", .rcvGenQueries),
    .init(1, "<1> group quer{y|ies} received", .rcvGroupQueries),
    .init(1, "<1> group-source quer{y|ies} received", .rcvGsrQueries),
    .init(1, "<1> group-source quer{y|ies} dropped", .dropGsrQueries),
    .init(1, "<1> membership report{s} received", .rcvReports),
    .init(1, "<1> membership report{s} received with invalid field(s)", .rcvBadreports),
    .init(
      1, "<1> membership report{s} received for groups to which we belong", .rcvOurreports),
    .init(1, "<1> V3 report{s} received without Router Alert", .rcvNora),
    .init(1, "<1> membership report{s} sent", .sndReports),
  ]
}
