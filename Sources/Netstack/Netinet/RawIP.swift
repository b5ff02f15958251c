// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// Raw sockets (netinet/raw_ip.c).
extension Vnet {
  /// Gives a packet to the raw sockets that want it (`rip_input`).
  ///
  /// There are no sockets to receive yet, so nobody wants it: the delivery is counted back. No ICMP
  /// protocol unreachable is ever sent.
  mutating func ripInput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    statistics.ip[.delivered] &-= 1
    drop(packet, .rawNoproto, &machine, &tracer)
  }
}
