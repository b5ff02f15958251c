// SPDX-License-Identifier: BSD-2-Clause

/// Interfaces that throw away what they are given (net/if_disc.c, net/if_edsc.c).
extension Vnet {
  /// Eats a packet of IP (`discoutput`).
  @inline(never)
  mutating func discOutput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) -> OutputResult {
    if interfaces[interface].bpfPeers > 0 { tap(packet, on: interface, .out, &machine) }
    interfaces[interface].statistics[.opackets] &+= 1
    interfaces[interface].statistics[.obytes] &+= UInt64(packet.count)
    return discard(packet, .discEaten, nil, &machine, &tracer)
  }

  /// Eats a frame (`edsc_start`), whose bytes the send queue has counted already: they count twice.
  @inline(never)
  mutating func edscStart<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) -> OutputResult {
    if interfaces[interface].bpfPeers > 0 { tap(packet, on: interface, .out, &machine) }
    interfaces[interface].statistics[.opackets] &+= 1
    interfaces[interface].statistics[.obytes] &+= UInt64(packet.count)
    return discard(packet, .edscEaten, nil, &machine, &tracer)
  }
}
