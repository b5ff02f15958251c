// SPDX-License-Identifier: BSD-2-Clause

/// Interfaces that throw away what they are given (net/if_disc.c, net/if_edsc.c).
extension Vnet {
  /// Shows, counts and eats a packet of IP (`discoutput`) or a frame (`edsc_start`). The bytes of a
  /// frame the send queue has counted already: they count twice.
  @inline(never)
  mutating func eat<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ id: TraceID, on interface: InterfaceIndex,
    _ machine: inout Machine, _ tracer: inout T
  ) -> OutputResult {
    if interfaces[interface].bpfPeers > 0 { tap(packet, on: interface, .out, &machine) }
    interfaces[interface].statistics[.opackets] &+= 1
    interfaces[interface].statistics[.obytes] &+= UInt64(packet.count)
    return discard(packet, id, nil, &machine, &tracer)
  }
}
