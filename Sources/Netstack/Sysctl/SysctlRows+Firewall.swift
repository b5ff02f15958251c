// SPDX-License-Identifier: BSD-2-Clause

extension SysctlNode {
  /// The nodes of net.inet.ip.fw, in listing order.
  static let firewall: [SysctlNode] = [
    .init(node: "net.inet.ip.fw", "Firewall"),
    .init(
      .ipFwDynKeepalive, "net.inet.ip.fw.dyn_keepalive", .int, .readWrite, .vnet, .number(1),
      "Enable keepalives for dyn. rules"),
    .init(
      .ipFwDynShortLifetime, "net.inet.ip.fw.dyn_short_lifetime",
      .int, .readWrite, .vnet, .number(5),
      "Lifetime of dyn. rules for other situations"),
    .init(
      .ipFwDynUdpLifetime, "net.inet.ip.fw.dyn_udp_lifetime", .int, .readWrite, .vnet, .number(10),
      "Lifetime of dyn. rules for UDP"),
    .init(
      .ipFwDynRstLifetime, "net.inet.ip.fw.dyn_rst_lifetime", .int, .readWrite, .vnet, .number(1),
      "Lifetime of dyn. rules for rst"),
    .init(
      .ipFwDynFinLifetime, "net.inet.ip.fw.dyn_fin_lifetime", .int, .readWrite, .vnet, .number(1),
      "Lifetime of dyn. rules for fin"),
    .init(
      .ipFwDynSynLifetime, "net.inet.ip.fw.dyn_syn_lifetime", .int, .readWrite, .vnet, .number(20),
      "Lifetime of dyn. rules for syn"),
    .init(
      .ipFwDynAckLifetime, "net.inet.ip.fw.dyn_ack_lifetime", .int, .readWrite, .vnet, .number(300),
      "Lifetime of dyn. rules for acks"),
    .init(
      .ipFwStaticCount, "net.inet.ip.fw.static_count", .int, .readOnly, .vnet, .number(1),
      "Number of static rules"),
    .init(
      .ipFwDynMax, "net.inet.ip.fw.dyn_max", .int, .readWrite, .vnet, .number(4096),
      "Max number of dyn. rules"),
    .init(
      .ipFwDynCount, "net.inet.ip.fw.dyn_count", .int, .readOnly, .vnet, .number(0),
      "Number of dyn. rules"),
    .init(
      .ipFwCurrDynBuckets, "net.inet.ip.fw.curr_dyn_buckets", .int, .readOnly, .vnet, .number(256),
      "Current Number of dyn. buckets"),
    .init(
      .ipFwDynBuckets, "net.inet.ip.fw.dyn_buckets", .int, .readWrite, .vnet, .number(256),
      "Number of dyn. buckets"),
    .init(
      .ipFwDefaultToAccept, "net.inet.ip.fw.default_to_accept",
      .int, .readOnlyTunable, .machine, .number(0),
      "Make the default rule accept all packets."),
    .init(
      .ipFwTablesMax, "net.inet.ip.fw.tables_max", .uint, .readOnly, .machine, .number(128),
      "The maximum number of tables."),
    .init(
      .ipFwDefaultRule, "net.inet.ip.fw.default_rule", .uint, .readOnly, .machine, .number(65535),
      "The default/max possible rule number."),
    .init(
      .ipFwVerboseLimit, "net.inet.ip.fw.verbose_limit", .int, .readWrite, .vnet, .number(0),
      "Set upper limit of matches of ipfw rules logged"),
    .init(
      .ipFwVerbose, "net.inet.ip.fw.verbose", .int, .secure3, .vnet, .number(0),
      "Log matches to ipfw rules"),
    .init(
      .ipFwOnePass, "net.inet.ip.fw.one_pass", .int, .secure3, .vnet, .number(1),
      "Only do a single pass through ipfw when using dummynet(4)"),
    .init(
      .ipFwAutoincStep, "net.inet.ip.fw.autoinc_step", .int, .readWrite, .vnet, .number(100),
      "Rule number auto-increment step"),
    .init(
      .ipFwCompiled, "net.inet.ip.fw.compiled", .int, .readWrite, .vnet, .number(1),
      "Find rules by a decision structure: 0 never, 1 where it pays, 2 always"),
    .init(.ipFwEnable, "net.inet.ip.fw.enable", .int, .secure3, .vnet, .number(1), "Enable ipfw"),
  ]
}
