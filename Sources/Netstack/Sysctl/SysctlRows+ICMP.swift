// SPDX-License-Identifier: BSD-2-Clause

extension SysctlNode {
  /// The nodes of net.inet.icmp and net.inet.igmp, in listing order.
  static let icmp: [SysctlNode] = [
    .init(node: "net.inet.icmp", number: 1, "ICMP"),
    .init(
      .icmpMaskrepl, "net.inet.icmp.maskrepl", .int, .readWrite, .vnet, .number(0),
      "Reply to ICMP Address Mask Request packets.", number: 1),
    .init(
      .icmpStats, "net.inet.icmp.stats", .opaque, .readWrite, .vnet, .none,
      "", number: 2, format: "S,icmpstat"),
    .init(
      .icmpIcmplim, "net.inet.icmp.icmplim", .int, .readWrite, .vnet, .number(200),
      "Maximum number of ICMP responses per second", number: 3),
    .init(.icmpBmcastecho, "net.inet.icmp.bmcastecho", .int, .readWrite, .vnet, .number(0), ""),
    .init(
      .icmpQuotelen, "net.inet.icmp.quotelen", .int, .readWrite, .vnet, .number(8),
      "Number of bytes from original packet to quote in ICMP reply"),
    .init(
      .icmpReplyFromInterface, "net.inet.icmp.reply_from_interface",
      .int, .readWrite, .vnet, .number(0),
      "ICMP reply from incoming interface for non-local packets"),
    .init(
      .icmpReplySrc, "net.inet.icmp.reply_src", .string, .readWrite, .vnet, .text(""),
      "icmp reply source for non-local packets."),
    .init(
      .icmpIcmplimOutput, "net.inet.icmp.icmplim_output", .int, .readWrite, .vnet, .number(1),
      "Enable rate limiting of ICMP responses"),
    .init(
      .icmpLogRedirect, "net.inet.icmp.log_redirect", .int, .readWrite, .vnet, .number(0),
      "Log ICMP redirects to the console"),
    .init(
      .icmpDropRedirect, "net.inet.icmp.drop_redirect", .int, .readWrite, .vnet, .number(0),
      "Ignore ICMP redirects"),
    .init(
      .icmpMaskfake, "net.inet.icmp.maskfake", .uint, .readWrite, .vnet, .number(0),
      "Fake reply to ICMP Address Mask Request packets."),
    .init(node: "net.inet.igmp", number: 2, "IGMP"),
    .init(
      .igmpStats, "net.inet.igmp.stats", .opaque, .readWrite, .vnet, .none,
      "", number: 1, format: "S,igmpstat"),
    .init(
      .igmpGsrdelay, "net.inet.igmp.gsrdelay", .int, .readWrite, .vnet, .number(10),
      "Rate limit for IGMPv3 Group-and-Source queries in seconds"),
    .init(
      .igmpDefaultVersion, "net.inet.igmp.default_version", .int, .readWrite, .vnet, .number(3),
      "Default version of IGMP to run on each interface"),
    .init(
      .igmpLegacysupp, "net.inet.igmp.legacysupp", .int, .readWrite, .vnet, .number(0),
      "Allow v1/v2 reports to suppress v3 group responses"),
    .init(
      .igmpV2enable, "net.inet.igmp.v2enable", .int, .readWrite, .vnet, .number(1),
      "Enable backwards compatibility with IGMPv2"),
    .init(
      .igmpV1enable, "net.inet.igmp.v1enable", .int, .readWrite, .vnet, .number(1),
      "Enable backwards compatibility with IGMPv1"),
    .init(
      .igmpSendlocal, "net.inet.igmp.sendlocal", .int, .readWrite, .vnet, .number(1),
      "Send IGMP membership reports for 224.0.0.0/24 groups"),
    .init(
      .igmpSendra, "net.inet.igmp.sendra", .int, .readWrite, .vnet, .number(1),
      "Send IP Router Alert option in IGMPv2/v3 messages"),
    .init(
      .igmpRecvifkludge, "net.inet.igmp.recvifkludge", .int, .readWrite, .vnet, .number(1),
      "Rewrite IGMPv1/v2 reports from 0.0.0.0 to contain subnet address"),
  ]
}
