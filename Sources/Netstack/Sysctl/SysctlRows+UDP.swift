// SPDX-License-Identifier: BSD-2-Clause

extension SysctlNode {
  /// The nodes of net.inet.udp, net.inet.pim and net.inet.carp, in listing order.
  static let udp: [SysctlNode] = [
    .init(node: "net.inet.udp", number: 17, "UDP"),
    .init(
      .udpChecksum, "net.inet.udp.checksum", .int, .readWrite, .machine, .number(1),
      "compute udp checksum", number: 1),
    .init(
      .udpStats, "net.inet.udp.stats", .opaque, .readWrite, .vnet, .none,
      "UDP statistics (struct udpstat, netinet/udp_var.h)", number: 2, format: "S,udpstat"),
    .init(
      .udpMaxdgram, "net.inet.udp.maxdgram", .ulong, .readWrite, .machine, .number(9216),
      "Maximum outgoing UDP datagram size", number: 3),
    .init(
      .udpRecvspace, "net.inet.udp.recvspace", .ulong, .readWrite, .machine, .number(42080),
      "Maximum space for incoming UDP datagrams", number: 4),
    .init(
      .udpPcblist, "net.inet.udp.pcblist", .opaque, .readOnly, .machine, .none,
      "List of active UDP sockets", number: 5, format: "S,xinpcb"),
    .init(
      .udpGetcred, "net.inet.udp.getcred", .opaque, .readWrite, .machine, .none,
      "Get the xucred of a UDP connection", format: "S,xucred"),
    .init(
      .udpBlackhole, "net.inet.udp.blackhole", .int, .readWrite, .vnet, .number(0),
      "Do not send port unreachables for refused connects"),
    .init(
      .udpLogInVain, "net.inet.udp.log_in_vain", .int, .readWrite, .machine, .number(0),
      "Log all incoming UDP packets"),
    .init(node: "net.inet.pim", number: 103, "PIM"),
    .init(
      .pimStats, "net.inet.pim.stats", .opaque, .readOnly, .machine, .none,
      "PIM Statistics (struct pimstat, netinet/pim_var.h)",
      number: 1, format: "S,pimstat", needs: "MROUTING"),
    .init(
      .pimSquelchWholepkt, "net.inet.pim.squelch_wholepkt",
      .ulong, .readWrite, .machine, .number(0),
      "Disable IGMP_WHOLEPKT notifications if rendezvous point is unspecified",
      needs: "MROUTING", isInert: true),
    .init(node: "net.inet.carp", number: 112, "CARP"),
    .init(
      .carpAllow, "net.inet.carp.allow", .int, .readWrite, .machine, .number(1),
      "Accept incoming CARP packets", number: 1, needs: "CARP"),
    .init(
      .carpPreempt, "net.inet.carp.preempt", .int, .readWrite, .machine, .number(0),
      "high-priority backup preemption mode", number: 2, needs: "CARP"),
    .init(
      .carpLog, "net.inet.carp.log", .int, .readWrite, .machine, .number(1),
      "log bad carp packets", number: 3, needs: "CARP"),
    .init(
      .carpStats, "net.inet.carp.stats", .opaque, .readWrite, .machine, .none,
      "CARP statistics (struct carpstats, netinet/ip_carp.h)",
      number: 4, format: "S,carpstats", needs: "CARP"),
    .init(
      .carpArpbalance, "net.inet.carp.arpbalance", .int, .readWrite, .machine, .number(0),
      "balance arp responses", number: 5, needs: "CARP"),
    .init(
      .carpSuppressPreempt, "net.inet.carp.suppress_preempt", .int, .readOnly, .machine, .number(0),
      "Preemption is suppressed", needs: "CARP"),
  ]
}
