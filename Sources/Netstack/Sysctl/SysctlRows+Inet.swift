// SPDX-License-Identifier: BSD-2-Clause

extension SysctlNode {
  /// The rest of net.inet, in listing order.
  static let inet: [SysctlNode] = [
    .init(node: "net.inet.ipsec", number: 253, "IPSEC"),
    .init(
      .ipsecFiltertunnel, "net.inet.ipsec.filtertunnel", .int, .readWrite, .vnet, .number(0),
      "If set filter packets from an IPsec tunnel.", needs: "IPSEC", isInert: true),
    .init(node: "net.inet.raw", number: 255, "RAW"),
    .init(
      .rawPcblist, "net.inet.raw.pcblist", .opaque, .readOnly, .machine, .none,
      "List of active raw IP sockets", format: "S,xinpcb"),
    .init(
      .rawRecvspace, "net.inet.raw.recvspace", .ulong, .readWrite, .machine, .number(9216),
      "Maximum space for incoming raw IP datagrams"),
    .init(
      .rawMaxdgram, "net.inet.raw.maxdgram", .ulong, .readWrite, .machine, .number(9216),
      "Maximum outgoing raw IP datagram size"),
    .init(node: "net.inet.divert", number: 258, "IPDIVERT"),
    .init(
      .divertPcblist, "net.inet.divert.pcblist", .opaque, .readOnly, .machine, .none,
      "List of active divert sockets", format: "S,xinpcb", needs: "IPDIVERT"),
    .init(node: "net.inet.accf", "Accept filters"),
    .init(
      .accfUnloadable, "net.inet.accf.unloadable", .int, .readWrite, .machine, .number(0),
      "Allow unload of accept filters (not recommended)", isInert: true),
    .init(node: "net.inet.accf.http", "HTTP accept filter"),
    .init(
      .accfHttpParsehttpversion, "net.inet.accf.http.parsehttpversion",
      .int, .readWrite, .machine, .number(1),
      "Parse http version so that non 1.x requests work",
      needs: "ACCEPT_FILTER_HTTP", isInert: true),
    .init(node: "net.inet.flowtable", "flowtable"),
    .init(
      .flowtableNmbflows, "net.inet.flowtable.nmbflows", .int, .readWrite, .vnet, .number(4096),
      "Maximum number of flows allowed", format: "IU"),
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
      "#flowtable collisions."),
    .init(
      .flowtableMaxDepth, "net.inet.flowtable.max_depth", .int, .readOnly, .vnet, .number(0),
      "max collision list length."),
    .init(
      .flowtableFreeChecks, "net.inet.flowtable.free_checks", .int, .readOnly, .vnet, .number(0),
      "#flows free checks."),
    .init(
      .flowtableFrees, "net.inet.flowtable.frees", .int, .readOnly, .vnet, .number(0),
      "#flows freed."),
    .init(
      .flowtableMisses, "net.inet.flowtable.misses", .int, .readOnly, .vnet, .number(0),
      "#flowtable misses."),
    .init(
      .flowtableLookups, "net.inet.flowtable.lookups", .int, .readOnly, .vnet, .number(0),
      "# flowtable lookups."),
    .init(
      .flowtableHits, "net.inet.flowtable.hits", .int, .readOnly, .vnet, .number(0),
      "# flowtable hits."),
    .init(
      .flowtableEnable, "net.inet.flowtable.enable", .int, .readWrite, .vnet, .number(1),
      "enable flowtable caching."),
    .init(
      .flowtableDebug, "net.inet.flowtable.debug", .int, .readWrite, .vnet, .number(0),
      "print debug info."),
  ]
}
