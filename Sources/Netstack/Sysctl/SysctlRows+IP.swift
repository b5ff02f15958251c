// SPDX-License-Identifier: BSD-2-Clause

extension SysctlNode {
  /// The nodes of net.inet.ip before the firewall, in listing order.
  static let ip: [SysctlNode] = [
    .init(node: "net.inet", number: 2, "Internet Family"),
    .init(node: "net.inet.ip", number: 0, "IP"),
    .init(node: "net.inet.ip.portrange", number: 0, "IP Ports"),
    .init(
      .ipPortrangeRandomtime, "net.inet.ip.portrange.randomtime",
      .int, .readWrite, .vnet, .number(45),
      "Minimum time to keep sequental port allocation before switching to a random one"),
    .init(
      .ipPortrangeRandomcps, "net.inet.ip.portrange.randomcps",
      .int, .readWrite, .vnet, .number(10),
      "Maximum number of random port allocations before switching to a sequental one"),
    .init(
      .ipPortrangeRandomized, "net.inet.ip.portrange.randomized",
      .int, .readWrite, .vnet, .number(1),
      "Enable random port allocation"),
    .init(
      .ipPortrangeReservedlow, "net.inet.ip.portrange.reservedlow",
      .int, .secure, .vnet, .number(0),
      ""),
    .init(
      .ipPortrangeReservedhigh, "net.inet.ip.portrange.reservedhigh",
      .int, .secure, .vnet, .number(1023),
      ""),
    .init(
      .ipPortrangeHilast, "net.inet.ip.portrange.hilast", .int, .readWrite, .vnet, .number(65535),
      ""),
    .init(
      .ipPortrangeHifirst, "net.inet.ip.portrange.hifirst", .int, .readWrite, .vnet, .number(49152),
      ""),
    .init(
      .ipPortrangeLast, "net.inet.ip.portrange.last", .int, .readWrite, .vnet, .number(65535),
      ""),
    .init(
      .ipPortrangeFirst, "net.inet.ip.portrange.first", .int, .readWrite, .vnet, .number(10000),
      ""),
    .init(
      .ipPortrangeLowlast, "net.inet.ip.portrange.lowlast", .int, .readWrite, .vnet, .number(600),
      ""),
    .init(
      .ipPortrangeLowfirst, "net.inet.ip.portrange.lowfirst",
      .int, .readWrite, .vnet, .number(1023),
      ""),
    .init(
      .ipForwarding, "net.inet.ip.forwarding", .int, .readWrite, .vnet, .number(0),
      "Enable IP forwarding between interfaces", number: 1),
    .init(
      .ipRedirect, "net.inet.ip.redirect", .int, .readWrite, .vnet, .number(1),
      "Enable sending IP redirects", number: 2),
    .init(
      .ipTtl, "net.inet.ip.ttl", .int, .readWrite, .vnet, .number(64),
      "Maximum TTL on IP packets", number: 3),
    .init(
      .ipMtu, "net.inet.ip.mtu", .int, .readWrite, .machine, .number(0),
      "Default MTU", number: 4, isInert: true),
    .init(
      .ipRtexpire, "net.inet.ip.rtexpire", .int, .readWrite, .vnet, .number(3600),
      "Default expiration time on dynamically learned routes", number: 5),
    .init(
      .ipRtminexpire, "net.inet.ip.rtminexpire", .int, .readWrite, .vnet, .number(10),
      "Minimum time to attempt to hold onto dynamically learned routes", number: 6),
    .init(
      .ipRtmaxcache, "net.inet.ip.rtmaxcache", .int, .readWrite, .vnet, .number(128),
      "Upper limit on dynamically learned routes", number: 7),
    .init(
      .ipSourceroute, "net.inet.ip.sourceroute", .int, .readWrite, .machine, .number(0),
      "Enable forwarding source routed IP packets", number: 8),
    .init(
      .ipIntrQueueMaxlen, "net.inet.ip.intr_queue_maxlen", .int, .readWrite, .machine, .number(256),
      "Maximum size of the IP input queue", number: 10),
    .init(
      .ipIntrQueueDrops, "net.inet.ip.intr_queue_drops", .int, .readOnly, .machine, .number(0),
      "Number of packets dropped from the IP input queue", number: 11),
    .init(
      .ipStats, "net.inet.ip.stats", .opaque, .readWrite, .vnet, .none,
      "IP statistics (struct ipstat, netinet/ip_var.h)", number: 12, format: "S,ipstat"),
    .init(
      .ipAcceptSourceroute, "net.inet.ip.accept_sourceroute",
      .int, .readWrite, .machine, .number(0),
      "Enable accepting source routed IP packets", number: 13),
    .init(
      .ipKeepfaith, "net.inet.ip.keepfaith", .int, .readWrite, .vnet, .number(0),
      "Enable packet capture for FAITH IPv4->IPv6 translater daemon", number: 15, isInert: true),
    .init(
      .ipGifttl, "net.inet.ip.gifttl", .int, .readWrite, .vnet, .number(30),
      "", number: 16, needs: "gif"),
    .init(
      .ipSamePrefixCarpOnly, "net.inet.ip.same_prefix_carp_only",
      .int, .readWrite, .vnet, .number(0),
      "Refuse to create same prefixes on different interfaces"),
    .init(
      .ipSubnetsAreLocal, "net.inet.ip.subnets_are_local", .int, .readWrite, .vnet, .number(0),
      "Treat all subnets as directly connected", isInert: true),
    .init(
      .ipRandomIdTotal, "net.inet.ip.random_id_total", .int, .readOnly, .machine, .number(0),
      "Count of IP IDs created"),
    .init(
      .ipRandomIdCollisions, "net.inet.ip.random_id_collisions",
      .int, .readOnly, .machine, .number(0),
      "Count of IP ID collisions"),
    .init(
      .ipRandomIdPeriod, "net.inet.ip.random_id_period", .int, .readWrite, .machine, .number(8192),
      "IP ID Array size", format: "IU"),
    .init(node: "net.inet.ip.mcast", "IPv4 multicast"),
    .init(
      .ipMcastLoop, "net.inet.ip.mcast.loop", .int, .readWrite, .machine, .number(1),
      "Loopback multicast datagrams by default"),
    .init(
      .ipMcastMaxsocksrc, "net.inet.ip.mcast.maxsocksrc",
      .ulong, .readWrite, .machine, .number(128),
      "Max source filters per socket", isInert: true),
    .init(
      .ipMcastMaxgrpsrc, "net.inet.ip.mcast.maxgrpsrc", .ulong, .readWrite, .machine, .number(512),
      "Max source filters per group", isInert: true),
  ]
}
