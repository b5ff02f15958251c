// SPDX-License-Identifier: BSD-2-Clause

extension SysctlNode {
  /// The nodes of net.inet.ip behind the firewall, in listing order.
  static let ipInput: [SysctlNode] = [
    .init(
      .ipMaxfragpackets, "net.inet.ip.maxfragpackets", .int, .readWrite, .machine, .number(800),
      "Maximum number of IPv4 fragment reassembly queue entries"),
    .init(
      .ipOutputFlowtableSize, "net.inet.ip.output_flowtable_size",
      .int, .readOnlyTunable, .vnet, .number(2048),
      "number of entries in the per-cpu output flow caches"),
    .init(
      .ipStealth, "net.inet.ip.stealth", .int, .readWrite, .vnet, .number(0),
      "IP stealth mode, no TTL decrementation on forwarding", needs: "IPSTEALTH"),
    .init(
      .ipMaxfragsperpacket, "net.inet.ip.maxfragsperpacket", .int, .readWrite, .vnet, .number(16),
      "Maximum number of IPv4 fragments allowed per packet"),
    .init(
      .ipFragpackets, "net.inet.ip.fragpackets", .int, .readOnly, .vnet, .number(0),
      "Current number of IPv4 fragment reassembly queue entries"),
    .init(
      .ipCheckInterface, "net.inet.ip.check_interface", .int, .readWrite, .vnet, .number(0),
      "Verify packet arrives on correct interface"),
    .init(
      .ipRandomId, "net.inet.ip.random_id", .int, .readWrite, .vnet, .number(0),
      "Assign random ip_id values"),
    .init(
      .ipSendsourcequench, "net.inet.ip.sendsourcequench", .int, .readWrite, .vnet, .number(0),
      "Enable the transmission of source quench packets"),
    .init(
      .ipViftable, "net.inet.ip.viftable", .opaque, .readOnly, .machine, .none,
      "IPv4 Multicast Interfaces (struct vif[MAXVIFS], netinet/ip_mroute.h)",
      format: "S,vif[MAXVIFS]", needs: "MROUTING"),
    .init(
      .ipMrtstat, "net.inet.ip.mrtstat", .opaque, .readWrite, .machine, .none,
      "IPv4 Multicast Forwarding Statistics (struct mrtstat, netinet/ip_mroute.h)",
      format: "S,mrtstat", needs: "MROUTING"),
    .init(
      .ipProcessOptions, "net.inet.ip.process_options", .int, .readWrite, .machine, .number(1),
      "Enable IP options processing ([LS]SRR, RR, TS)"),
    .init(
      .ipMbufFragSize, "net.inet.ip.mbuf_frag_size", .int, .readWrite, .machine, .number(0),
      "Fragment outgoing mbufs to this size", needs: "MBUF_STRESS_TEST", isInert: true),
  ]
}
