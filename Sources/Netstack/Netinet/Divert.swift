// SPDX-License-Identifier: BSD-2-Clause

import Wire

extension Vnet {
  /// Hands a packet, or a copy of it, to the divert socket of the port in its tag (`ipfw_divert`,
  /// netinet/ipfw/ip_fw_pfil.c).
  ///
  /// - Returns: The packet if only a copy was meant.
  mutating func ipfwDivert<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ direction: Direction, isTee: Bool, _ machine: inout Machine,
    _ tracer: inout T
  ) -> Packet? {
    drop(packet, .fwDivertNomod, &machine, &tracer)
    return nil
  }
}
