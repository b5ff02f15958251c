// SPDX-License-Identifier: BSD-2-Clause

/// The fields of `struct ipstat` (netinet/ip_var.h), in its order.
package enum IPCounter: UInt8, CounterName {
  case total, badsum, tooshort, toosmall, badhlen, badlen
  case fragments, fragdropped, fragtimeout
  case forward, fastforward, cantforward, redirectsent
  case noproto, delivered, localout, odropped
  case reassembled, fragmented, ofragments, cantfrag
  case badoptions, noroute, badvers, rawout, toolong, notmember, nogif, badaddr

  package static var block: String { "ip" }
  package var prefix: String { "ips_" }
}

package typealias IPStatistics = Counters<29, IPCounter>

extension IPCounter: PrintedCounter {
  package static let lines: [StatisticsLine<IPCounter>] = [
    .init(1, "<1> total packet{s} received", .total),
    .init(1, "<1> bad header checksum{s}", .badsum),
    .init(1, "<1> with size smaller than minimum", .toosmall),
    .init(1, "<1> with data size < data length", .tooshort),
    .init(1, "<1> with ip length > max ip packet size", .toolong),
    .init(1, "<1> with header length < data size", .badhlen),
    .init(1, "<1> with data length < header length", .badlen),
    .init(1, "<1> with bad options", .badoptions),
    .init(1, "<1> with incorrect version number", .badvers),
    .init(1, "<1> fragment{s} received", .fragments),
    .init(1, "<1> fragment{s} dropped (dup or out of space)", .fragdropped),
    .init(1, "<1> fragment{s} dropped after timeout", .fragtimeout),
    .init(1, "<1> packet{s} reassembled ok", .reassembled),
    .init(1, "<1> packet{s} for this host", .delivered),
    .init(1, "<1> packet{s} for unknown/unsupported protocol", .noproto),
    .init(1, "<1> packet{s} forwarded", .forward, value: .continued),
    .init(0, " (<1> packet{s} fast forwarded)", .fastforward),
    .init(1, "<1> packet{s} not forwardable", .cantforward),
    .init(1, "<1> packet{s} received for unknown multicast group", .notmember),
    .init(1, "<1> redirect{s} sent", .redirectsent),
    .init(1, "<1> packet{s} sent from this host", .localout),
    .init(1, "<1> packet{s} sent with fabricated ip header", .rawout),
    .init(1, "<1> output packet{s} dropped due to no bufs, etc.", .odropped),
    .init(1, "<1> output packet{s} discarded due to no route", .noroute),
    .init(1, "<1> output datagram{s} fragmented", .fragmented),
    .init(1, "<1> fragment{s} created", .ofragments),
    .init(1, "<1> datagram{s} that can't be fragmented", .cantfrag),
    .init(1, "<1> tunneling packet{s} that can't find gif", .nogif),
    .init(1, "<1> datagram{s} with bad address in header", .badaddr),
  ]
}
