// SPDX-License-Identifier: BSD-2-Clause

import Wire

extension Vnet {
  /// Takes a packet into a pipe or a queue (`dummynet_io`, netinet/ipfw/ip_dummynet.c).
  ///
  /// - Returns: The packet if it need not wait; its header refers to the rule it comes from.
  mutating func dummynetIO<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ direction: Direction, _ request: DummynetRequest,
    _ machine: inout Machine, _ tracer: inout T
  ) -> Packet? {
    drop(packet, .ipFwConsumed, &machine, &tracer)
    return nil
  }
}
