// SPDX-License-Identifier: BSD-2-Clause

extension SysctlNode {
  /// The nodes of net.inet.udp, net.inet.raw and net.inet.flowtable, in listing order.
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
      .udpBlackhole, "net.inet.udp.blackhole", .int, .readWrite, .vnet, .number(0),
      "Do not send port unreachables for refused connects"),
    .init(
      .udpLogInVain, "net.inet.udp.log_in_vain", .int, .readWrite, .machine, .number(0),
      "Log all incoming UDP packets"),
    .init(node: "net.inet.raw", number: 255, "RAW"),
    .init(
      .rawMaxdgram, "net.inet.raw.maxdgram", .ulong, .readWrite, .machine, .number(9216),
      "Maximum outgoing raw IP datagram size"),
    .init(
      .rawRecvspace, "net.inet.raw.recvspace", .ulong, .readWrite, .machine, .number(9216),
      "Maximum space for incoming raw IP datagrams"),
    .init(node: "net.inet.flowtable", "flowtable"),
    .init(
      .flowtableNmbflows, "net.inet.flowtable.nmbflows", .int, .readWrite, .vnet, .number(4096),
      "Maximum number of flows allowed", format: "IU", isInert: true),
    .init(
      .flowtableTcpExpire, "net.inet.flowtable.tcp_expire", .int, .readWrite, .vnet, .number(86400),
      "seconds after which to remove flow allocated to a TCP connection.", isInert: true),
    .init(
      .flowtableFinWaitExpire, "net.inet.flowtable.fin_wait_expire",
      .int, .readWrite, .vnet, .number(600),
      "seconds after which to remove a flow in FIN_WAIT.", isInert: true),
    .init(
      .flowtableUdpExpire, "net.inet.flowtable.udp_expire", .int, .readWrite, .vnet, .number(300),
      "seconds after which to remove flow allocated to UDP.", isInert: true),
    .init(
      .flowtableSynExpire, "net.inet.flowtable.syn_expire", .int, .readWrite, .vnet, .number(300),
      "seconds after which to remove syn allocated flow.", isInert: true),
    .init(
      .flowtableCollisions, "net.inet.flowtable.collisions", .int, .readOnly, .vnet, .number(0),
      "#flowtable collisions.", isInert: true),
    .init(
      .flowtableMaxDepth, "net.inet.flowtable.max_depth", .int, .readOnly, .vnet, .number(0),
      "max collision list length.", isInert: true),
    .init(
      .flowtableFreeChecks, "net.inet.flowtable.free_checks", .int, .readOnly, .vnet, .number(0),
      "#flows free checks.", isInert: true),
    .init(
      .flowtableFrees, "net.inet.flowtable.frees", .int, .readOnly, .vnet, .number(0),
      "#flows freed.", isInert: true),
    .init(
      .flowtableMisses, "net.inet.flowtable.misses", .int, .readOnly, .vnet, .number(0),
      "#flowtable misses.", isInert: true),
    .init(
      .flowtableLookups, "net.inet.flowtable.lookups", .int, .readOnly, .vnet, .number(0),
      "# flowtable lookups.", isInert: true),
    .init(
      .flowtableHits, "net.inet.flowtable.hits", .int, .readOnly, .vnet, .number(0),
      "# flowtable hits.", isInert: true),
    .init(
      .flowtableEnable, "net.inet.flowtable.enable", .int, .readWrite, .vnet, .number(1),
      "enable flowtable caching.", isInert: true),
    .init(
      .flowtableDebug, "net.inet.flowtable.debug", .int, .readWrite, .vnet, .number(0),
      "print debug info.", isInert: true),
  ]
}
