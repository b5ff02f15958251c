// SPDX-License-Identifier: BSD-2-Clause

/// The fields of `struct tcpstat` (netinet/tcp_var.h) that `netstat -s` prints, in its order.
package enum TCPCounter: UInt8, CounterName {
  case sndtotal, sndpack, sndbyte, sndrexmitpack, sndrexmitbyte, sndrexmitbad, mturesent
  case sndacks, delack, sndurg, sndprobe, sndwinup, sndctrl, rcvtotal, rcvackpack
  case rcvackbyte, rcvdupack, rcvacktoomuch, rcvpack, rcvbyte, rcvduppack, rcvdupbyte
  case pawsdrop, rcvpartduppack, rcvpartdupbyte, rcvoopack, rcvoobyte, rcvpackafterwin
  case rcvbyteafterwin, rcvwinprobe, rcvwinupd, rcvafterclose, rcvbadsum, rcvbadoff
  case rcvshort, rcvmemdrop, connattempt, accepts, badsyn, listendrop, badrst, connects
  case closed, drops, cachedrtt, cachedrttvar, cachedssthresh, conndrops, rttupdated
  case segstimed, rexmttimeo, timeoutdrop, persisttimeo, persistdrop, finwait2Drops
  case keeptimeo, keepprobe, keepdrops, predack, preddat, scAdded, scRetransmitted
  case scDupsyn, scDropped, scCompleted, scBucketoverflow, scCacheoverflow, scReset
  case scStale, scAborted, scBadack, scUnreach, scZonefail, scSendcookie, scRecvcookie
  case sackRecoveryEpisode, sackRexmits, sackRexmitBytes, sackRcvBlocks, sackSendBlocks
  case sackSboverflow, ecnCe, ecnEct0, ecnEct1, ecnShs, ecnRcwnd

  package static var block: String { "tcp" }
  package var prefix: String { "tcps_" }
}

package typealias TCPStatistics = Counters<86, TCPCounter>

extension TCPCounter: PrintedCounter {
  package static let lines: [StatisticsLine<TCPCounter>] = [
    .init(1, "<1> packet{s} sent", .sndtotal),
    .init(2, "<1> data packet{s} (<2> byte{s})", .sndpack, .sndbyte),
    .init(2, "<1> data packet{s} (<2> byte{s}) retransmitted", .sndrexmitpack, .sndrexmitbyte),
    .init(2, "<1> data packet{s} unnecessarily retransmitted", .sndrexmitbad),
    .init(2, "<1> resend{s} initiated by MTU discovery", .mturesent),
    .init(2, "<1> ack-only packet{s} (<2> delayed)", .sndacks, .delack),
    .init(2, "<1> URG only packet{s}", .sndurg),
    .init(2, "<1> window probe packet{s}", .sndprobe),
    .init(2, "<1> window update packet{s}", .sndwinup),
    .init(2, "<1> control packet{s}", .sndctrl),
    .init(1, "<1> packet{s} received", .rcvtotal),
    .init(2, "<1> ack{s} (for <2> byte{s})", .rcvackpack, .rcvackbyte),
    .init(2, "<1> duplicate ack{s}", .rcvdupack),
    .init(2, "<1> ack{s} for unsent data", .rcvacktoomuch),
    .init(2, "<1> packet{s} (<2> byte{s}) received in-sequence", .rcvpack, .rcvbyte),
    .init(2, "<1> completely duplicate packet{s} (<2> byte{s})", .rcvduppack, .rcvdupbyte),
    .init(2, "<1> old duplicate packet{s}", .pawsdrop),
    .init(
      2, "<1> packet{s} with some dup. data (<2> byte{s} duped)",
      .rcvpartduppack, .rcvpartdupbyte),
    .init(2, "<1> out-of-order packet{s} (<2> byte{s})", .rcvoopack, .rcvoobyte),
    .init(
      2, "<1> packet{s} (<2> byte{s}) of data after window",
      .rcvpackafterwin, .rcvbyteafterwin),
    .init(2, "<1> window probe{s}", .rcvwinprobe),
    .init(2, "<1> window update packet{s}", .rcvwinupd),
    .init(2, "<1> packet{s} received after close", .rcvafterclose),
    .init(2, "<1> discarded for bad checksum{s}", .rcvbadsum),
    .init(2, "<1> discarded for bad header offset field{s}", .rcvbadoff),
    .init(2, "<1> discarded because packet too short", .rcvshort),
    .init(2, "<1> discarded due to memory problems", .rcvmemdrop),
    .init(1, "<1> connection request{s}", .connattempt),
    .init(1, "<1> connection accept{s}", .accepts),
    .init(1, "<1> bad connection attempt{s}", .badsyn),
    .init(1, "<1> listen queue overflow{s}", .listendrop),
    .init(1, "<1> ignored RSTs in the window{s}", .badrst),
    .init(1, "<1> connection{s} established (including accepts)", .connects),
    .init(1, "<1> connection{s} closed (including <2> drop{s})", .closed, .drops),
    .init(2, "<1> connection{s} updated cached RTT on close", .cachedrtt),
    .init(2, "<1> connection{s} updated cached RTT variance on close", .cachedrttvar),
    .init(2, "<1> connection{s} updated cached ssthresh on close", .cachedssthresh),
    .init(1, "<1> embryonic connection{s} dropped", .conndrops),
    .init(1, "<1> segment{s} updated rtt (of <2> attempt{s})", .rttupdated, .segstimed),
    .init(1, "<1> retransmit timeout{s}", .rexmttimeo),
    .init(2, "<1> connection{s} dropped by rexmit timeout", .timeoutdrop),
    .init(1, "<1> persist timeout{s}", .persisttimeo),
    .init(2, "<1> connection{s} dropped by persist timeout", .persistdrop),
    .init(1, "<1> Connection{s} (fin_wait_2) dropped because of timeout", .finwait2Drops),
    .init(1, "<1> keepalive timeout{s}", .keeptimeo),
    .init(2, "<1> keepalive probe{s} sent", .keepprobe),
    .init(2, "<1> connection{s} dropped by keepalive", .keepdrops),
    .init(1, "<1> correct ACK header prediction{s}", .predack),
    .init(1, "<1> correct data packet header prediction{s}", .preddat),
    .init(1, "<1> syncache entr{y|ies} added", .scAdded),
    .init(2, "<1> retransmitted", .scRetransmitted),
    .init(2, "<1> dupsyn", .scDupsyn),
    .init(2, "<1> dropped", .scDropped),
    .init(2, "<1> completed", .scCompleted),
    .init(2, "<1> bucket overflow", .scBucketoverflow),
    .init(2, "<1> cache overflow", .scCacheoverflow),
    .init(2, "<1> reset", .scReset),
    .init(2, "<1> stale", .scStale),
    .init(2, "<1> aborted", .scAborted),
    .init(2, "<1> badack", .scBadack),
    .init(2, "<1> unreach", .scUnreach),
    .init(2, "<1> zone failure{s}", .scZonefail),
    .init(1, "<1> cookie{s} sent", .scSendcookie),
    .init(1, "<1> cookie{s} received", .scRecvcookie),
    .init(1, "<1> SACK recovery episode{s}", .sackRecoveryEpisode),
    .init(1, "<1> segment rexmit{s} in SACK recovery episodes", .sackRexmits),
    .init(1, "<1> byte rexmit{s} in SACK recovery episodes", .sackRexmitBytes),
    .init(1, "<1> SACK option{s} (SACK blocks) received", .sackRcvBlocks),
    .init(1, "<1> SACK option{s} (SACK blocks) sent", .sackSendBlocks),
    .init(1, "<1> SACK scoreboard overflow", .sackSboverflow),
    .init(1, "<1> packet{s} with ECN CE bit set", .ecnCe),
    .init(1, "<1> packet{s} with ECN ECT(0) bit set", .ecnEct0),
    .init(1, "<1> packet{s} with ECN ECT(1) bit set", .ecnEct1),
    .init(1, "<1> successful ECN handshake{s}", .ecnShs),
    .init(1, "<1> time{s} ECN reduced the congestion window", .ecnRcwnd),
  ]
}
