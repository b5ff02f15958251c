// SPDX-License-Identifier: BSD-2-Clause

import Wire

extension Vnet {
  /// Whether any filter wants to see packets (`PFIL_HOOKED`).
  @inline(__always)
  var hasHooks: Bool { firewall.isPresent && sysctl.fwEnable }

  /// Shows a packet to the filters (`pfil_run_hooks`, net/pfil.c): the firewall is the only one.
  ///
  /// What `ipfw_check_in()` and `ipfw_check_out()` do around it is here too: a rule's next hop
  /// replaces one that an earlier pass left, and one of our own addresses marks the packet as ours.
  mutating func pfilRunHooks<T: Tracer & ~Copyable>(
    _ packet: inout Packet, _ direction: Direction, interface: InterfaceIndex,
    _ machine: inout Machine, _ tracer: inout T
  ) -> FirewallVerdict {
    guard hasHooks else { return .pass }
    tracer.emit(packet.number, .pfil(direction, interface: interface))
    let earlier = packet.header.forwardTag
    packet.header.forwardTag = nil
    let verdict = ipfwCheck(&packet, direction, interface: interface, &machine, &tracer)
    if let tag = packet.header.forwardTag {
      if addresses.own(tag.address) != nil { packet.header.flags.insert(.fastForwardOurs) }
    } else {
      packet.header.forwardTag = earlier
    }
    return verdict
  }
}
