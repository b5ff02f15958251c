// SPDX-License-Identifier: BSD-2-Clause

extension SysctlNode {
  /// The nodes of net.link and the rest of net, in listing order.
  static let link: [SysctlNode] = [
    .init(node: "net.link", number: 18, "Link layers"),
    .init(node: "net.link.ether", number: 6, "Ethernet"),
    .init(node: "net.link.ether.inet", number: 2, ""),
    .init(
      .linkEtherInetLogArpPermanentModify, "net.link.ether.inet.log_arp_permanent_modify",
      .int, .readWrite, .machine, .number(1),
      "log arp replies from MACs different than the one in the permanent arp entry", isInert: true),
    .init(
      .linkEtherInetLogArpMovements, "net.link.ether.inet.log_arp_movements",
      .int, .readWrite, .machine, .number(1),
      "log arp replies from MACs different than the one in the cache"),
    .init(
      .linkEtherInetLogArpWrongIface, "net.link.ether.inet.log_arp_wrong_iface",
      .int, .readWrite, .machine, .number(1),
      "log arp packets arriving on the wrong interface"),
    .init(
      .linkEtherInetProxyall, "net.link.ether.inet.proxyall", .int, .readWrite, .vnet, .number(0),
      "Enable proxy ARP for all suitable requests"),
    .init(
      .linkEtherInetUseloopback, "net.link.ether.inet.useloopback",
      .int, .readWrite, .vnet, .number(1),
      "Use the loopback interface for local traffic"),
    .init(
      .linkEtherInetMaxtries, "net.link.ether.inet.maxtries", .int, .readWrite, .vnet, .number(5),
      "ARP resolution attempts before returning error"),
    .init(
      .linkEtherInetMaxAge, "net.link.ether.inet.max_age", .int, .readWrite, .vnet, .number(1200),
      "ARP entry lifetime in seconds"),
    .init(
      .linkEtherIpfw, "net.link.ether.ipfw", .int, .readWrite, .vnet, .number(0),
      "Pass ether pkts through firewall"),
    .init(node: "net.link.gif", number: 240, "Generic Tunnel Interface"),
    .init(
      .linkGifParallelTunnels, "net.link.gif.parallel_tunnels", .int, .readWrite, .vnet, .number(0),
      "Allow parallel tunnels?", needs: "gif", isInert: true),
    .init(
      .linkGifMaxNesting, "net.link.gif.max_nesting", .int, .readWrite, .vnet, .number(1),
      "Max nested tunnels", needs: "gif", isInert: true),
    .init(
      .linkLogLinkStateChange, "net.link.log_link_state_change",
      .int, .readWrite, .machine, .number(1),
      "log interface link state change events"),
    .init(node: "net.bpf", "bpf sysctl"),
    .init(
      .bpfMaxbufsize, "net.bpf.maxbufsize", .int, .readWrite, .machine, .number(524288),
      "Default capture buffer in bytes", isInert: true),
    .init(
      .bpfBufsize, "net.bpf.bufsize", .int, .readWrite, .machine, .number(4096),
      "Maximum capture buffer size in bytes", isInert: true),
    .init(
      .bpfMaxinsns, "net.bpf.maxinsns", .int, .readWrite, .machine, .number(512),
      "Maximum bpf program instructions", isInert: true),
    .init(node: "net.isr", "netisr"),
    .init(
      .isrNumthreads, "net.isr.numthreads", .int, .readOnly, .machine, .number(1),
      "Number of extant netisr threads."),
    .init(
      .isrMaxqlimit, "net.isr.maxqlimit", .int, .readOnly, .machine, .number(10240),
      "Maximum netisr per-protocol, per-CPU queue depth."),
    .init(
      .isrDefaultqlimit, "net.isr.defaultqlimit", .int, .readOnly, .machine, .number(256),
      "Default netisr per-protocol, per-CPU queue limit if not set by protocol"),
    .init(
      .isrBindthreads, "net.isr.bindthreads", .int, .readOnly, .machine, .number(0),
      "Bind netisr threads to CPUs.", isInert: true),
    .init(
      .isrMaxthreads, "net.isr.maxthreads", .int, .readOnly, .machine, .number(1),
      "Use at most this many CPUs for netisr processing", isInert: true),
    .init(
      .isrDirect, "net.isr.direct", .int, .readWrite, .machine, .number(1),
      "Enable direct dispatch"),
    .init(
      .isrDirectForce, "net.isr.direct_force", .int, .readWrite, .machine, .number(1),
      "Force direct dispatch"),
    .init(node: "net.raw", "Raw socket infrastructure"),
    .init(
      .netRawRecvspace, "net.raw.recvspace", .ulong, .readWrite, .machine, .number(8192),
      "Default raw socket receive space"),
    .init(
      .netRawSendspace, "net.raw.sendspace", .ulong, .readWrite, .machine, .number(8192),
      "Default raw socket send space", isInert: true),
    .init(
      .myFibnum, "net.my_fibnum", .int, .readOnly, .machine, .number(0),
      "default FIB of caller"),
    .init(.addAddrAllfibs, "net.add_addr_allfibs", .int, .readWrite, .machine, .number(1), ""),
    .init(.fibs, "net.fibs", .int, .readOnly, .machine, .number(1), ""),
    .init(node: "net.route", ""),
    .init(
      .routeNetisrMaxqlen, "net.route.netisr_maxqlen", .int, .readWrite, .machine, .number(256),
      "maximum routing socket dispatch queue length", isInert: true),
  ]
}
