// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// The protocol switch: who gets a packet for this host (`inetsw`, netinet/in_proto.c).
extension Vnet {
  /// Calls the input function of the packet's protocol (`pr_input`).
  ///
  /// Protocols that no function claims go to the raw sockets. Without a module for multicast routing
  /// `rsvp_input` asks only for a daemon, which the model has not.
  mutating func protocolInput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    switch header.protocol {
    case .icmp: icmpInput(packet, header, &machine, &tracer)
    case .igmp: igmpInput(packet, header, &machine, &tracer)
    case .udp: udpInput(packet, header, &machine, &tracer)
    case .tcp: tcpInput(packet, header, &machine, &tracer)
    case .ipip, .ipv6, .gre, .mobile, .etherip: encapInput(packet, header, &machine, &tracer)
    case .carp where machine.options.carp: carpInput(packet, header, &machine, &tracer)
    case .rsvp: drop(packet, .rsvpOff, &machine, &tracer)
    default: ripInput(packet, header, &machine, &tracer)
    }
  }
}
