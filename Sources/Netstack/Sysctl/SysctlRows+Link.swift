// SPDX-License-Identifier: BSD-2-Clause

extension SysctlNode {
  /// The nodes of net.link, in listing order.
  static let link: [SysctlNode] = [
    .init(node: "net.link", number: 18, "Link layers"),
    .init(node: "net.link.generic", number: 0, "Generic link-management"),
    .init(node: "net.link.generic.system", number: 1, "Variables global to all interfaces"),
    .init(
      .linkGenericSystemIfcount, "net.link.generic.system.ifcount",
      .int, .readOnly, .vnet, .number(0),
      "Number of configured interfaces", number: 1),
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
    .init(node: "net.link.gre", number: 131, "Generic Routing Encapsulation"),
    .init(
      .linkGreMaxNesting, "net.link.gre.max_nesting", .int, .readWrite, .machine, .number(1),
      "Max nested tunnels", isInert: true),
    .init(node: "net.link.vlan", number: 135, "IEEE 802.1Q VLAN"),
    .init(
      .linkVlanSoftPad, "net.link.vlan.soft_pad", .int, .readWrite, .machine, .number(0),
      "pad short frames before tagging", isInert: true),
    .init(node: "net.link.bridge", number: 209, "Bridge"),
    .init(
      .linkBridgeIpfw, "net.link.bridge.ipfw", .int, .readWrite, .machine, .number(0),
      "Layer2 filter with IPFW"),
    .init(
      .linkBridgeInheritMac, "net.link.bridge.inherit_mac", .int, .readWrite, .machine, .number(0),
      "Inherit MAC address from the first bridge member"),
    .init(
      .linkBridgeLogStp, "net.link.bridge.log_stp", .int, .readWrite, .machine, .number(0),
      "Log STP state changes"),
    .init(
      .linkBridgePfilLocalPhys, "net.link.bridge.pfil_local_phys",
      .int, .readWrite, .machine, .number(0),
      "Packet filter on the physical interface for locally destined packets"),
    .init(
      .linkBridgePfilMember, "net.link.bridge.pfil_member", .int, .readWrite, .machine, .number(1),
      "Packet filter on the member interface"),
    .init(
      .linkBridgePfilBridge, "net.link.bridge.pfil_bridge", .int, .readWrite, .machine, .number(1),
      "Packet filter on the bridge interface"),
    .init(
      .linkBridgeIpfwArp, "net.link.bridge.ipfw_arp", .int, .readWrite, .machine, .number(0),
      "Filter ARP packets through IPFW layer2"),
    .init(
      .linkBridgePfilOnlyip, "net.link.bridge.pfil_onlyip", .int, .readWrite, .machine, .number(1),
      "Only pass IP packets when pfil is enabled"),
    .init(node: "net.link.stf", number: 215, "6to4 Interface"),
    .init(
      .linkStfRouteCache, "net.link.stf.route_cache", .int, .readWrite, .machine, .number(1),
      "Caching of IPv4 routes for 6to4 Output", needs: "STF", isInert: true),
    .init(node: "net.link.gif", number: 240, "Generic Tunnel Interface"),
    .init(
      .linkGifParallelTunnels, "net.link.gif.parallel_tunnels", .int, .readWrite, .vnet, .number(0),
      "Allow parallel tunnels?", needs: "gif"),
    .init(
      .linkGifMaxNesting, "net.link.gif.max_nesting", .int, .readWrite, .vnet, .number(1),
      "Max nested tunnels", needs: "gif"),
    .init(
      .linkLogLinkStateChange, "net.link.log_link_state_change",
      .int, .readWrite, .machine, .number(1),
      "log interface link state change events"),
    .init(node: "net.link.epair", "epair sysctl"),
    .init(
      .linkEpairNetisrMaxqlen, "net.link.epair.netisr_maxqlen",
      .int, .readWrite, .machine, .number(2100),
      "Maximum if_epair(4) netisr \"hw\" queue length"),
    .init(
      .linkEpairEpairDebug, "net.link.epair.epair_debug", .uint, .readWrite, .machine, .number(0),
      "if_epair(4) debugging.", format: "IX", needs: "EPAIR_DEBUG", isInert: true),
    .init(node: "net.link.tun", "IP tunnel software network interface."),
    .init(
      .linkTunDevfsCloning, "net.link.tun.devfs_cloning", .int, .readWrite, .machine, .number(1),
      "Enable legacy devfs interface creation.", isInert: true),
    .init(node: "net.link.tap", "Ethernet tunnel software network interface"),
    .init(
      .linkTapDebug, "net.link.tap.debug", .int, .readWrite, .machine, .number(0),
      "", isInert: true),
    .init(
      .linkTapDevfsCloning, "net.link.tap.devfs_cloning", .int, .readWrite, .machine, .number(1),
      "Enably legacy devfs interface creation", isInert: true),
    .init(
      .linkTapUpOnOpen, "net.link.tap.up_on_open", .int, .readWrite, .machine, .number(0),
      "Bring interface up when /dev/tap is opened", isInert: true),
    .init(
      .linkTapUserOpen, "net.link.tap.user_open", .int, .readWrite, .machine, .number(0),
      "Allow user to open /dev/tap (based on node permissions)", isInert: true),
  ]
}
