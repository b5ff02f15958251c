// SPDX-License-Identifier: BSD-2-Clause

/// The fields of `struct udpstat` (netinet/udp_var.h), in its order.
package enum UDPCounter: UInt8, CounterName {
  case ipackets, hdrops, badsum, nosum, badlen, noport, noportbcast, fullsock
  case pcbcachemiss, pcbhashmiss, opackets, fastout, noportmcast, filtermcast

  package static var block: String { "udp" }
  package var prefix: String {
    switch self {
    case .pcbcachemiss, .pcbhashmiss: "udpps_"
    default: "udps_"
    }
  }
}

package typealias UDPStatistics = Counters<14, UDPCounter>

extension UDPCounter: PrintedCounter {
  package static let lines: [StatisticsLine<UDPCounter>] = [
    .init(1, "<1> datagram{s} received", .ipackets),
    .init(1, "<1> with incomplete header", .hdrops),
    .init(1, "<1> with bad data length field", .badlen),
    .init(1, "<1> with bad checksum", .badsum),
    .init(1, "<1> with no checksum", .nosum),
    .init(1, "<1> dropped due to no socket", .noport),
    .init(1, "<1> broadcast/multicast datagram{s} undelivered", .noportbcast),
    .init(1, "<1> dropped due to full socket buffers", .fullsock),
    .init(1, "<1> not for hashed pcb", .pcbhashmiss),
    // No field: what is left after the losses. It wraps when one datagram counted two of them.
    .init(
      1, "<1> delivered",
      .ipackets, .hdrops, .badlen, .badsum, .noport, .noportbcast, .fullsock, value: .difference),
    .init(1, "<1> datagram{s} output", .opackets),
    .init(1, "<1> time{s} multicast source filter matched", .filtermcast),
  ]
}
