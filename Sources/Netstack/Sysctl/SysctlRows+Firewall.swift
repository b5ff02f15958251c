// SPDX-License-Identifier: BSD-2-Clause

extension SysctlNode {
  /// The nodes of net.inet.ip.fw and net.inet.ip.dummynet, in listing order.
  static let firewall: [SysctlNode] = [
    .init(node: "net.inet.ip.fw", "Firewall"),
    .init(.ipFwEnable, "net.inet.ip.fw.enable", .int, .secure3, .vnet, .number(1), "Enable ipfw"),
    .init(
      .ipFwOnePass, "net.inet.ip.fw.one_pass", .int, .secure3, .vnet, .number(1),
      "Only do a single pass through ipfw when using dummynet(4)"),
    .init(
      .ipFwVerbose, "net.inet.ip.fw.verbose", .int, .secure3, .vnet, .number(0),
      "Log matches to ipfw rules"),
    .init(
      .ipFwVerboseLimit, "net.inet.ip.fw.verbose_limit", .int, .readWrite, .vnet, .number(0),
      "Set upper limit of matches of ipfw rules logged"),
    .init(
      .ipFwAutoincStep, "net.inet.ip.fw.autoinc_step", .int, .readWrite, .vnet, .number(100),
      "Rule number auto-increment step"),
    .init(
      .ipFwDefaultRule, "net.inet.ip.fw.default_rule", .uint, .readOnly, .machine, .number(65535),
      "The default/max possible rule number."),
    .init(
      .ipFwTablesMax, "net.inet.ip.fw.tables_max", .uint, .readOnly, .machine, .number(128),
      "The maximum number of tables."),
    .init(
      .ipFwDefaultToAccept, "net.inet.ip.fw.default_to_accept",
      .int, .readOnlyTunable, .machine, .number(0),
      "Make the default rule accept all packets."),
    .init(
      .ipFwDynBuckets, "net.inet.ip.fw.dyn_buckets", .int, .readWrite, .vnet, .number(256),
      "Number of dyn. buckets"),
    .init(
      .ipFwCurrDynBuckets, "net.inet.ip.fw.curr_dyn_buckets", .int, .readOnly, .vnet, .number(256),
      "Current Number of dyn. buckets"),
    .init(
      .ipFwDynCount, "net.inet.ip.fw.dyn_count", .int, .readOnly, .vnet, .number(0),
      "Number of dyn. rules"),
    .init(
      .ipFwDynMax, "net.inet.ip.fw.dyn_max", .int, .readWrite, .vnet, .number(4096),
      "Max number of dyn. rules"),
    .init(
      .ipFwStaticCount, "net.inet.ip.fw.static_count", .int, .readOnly, .vnet, .number(1),
      "Number of static rules"),
    .init(
      .ipFwDynAckLifetime, "net.inet.ip.fw.dyn_ack_lifetime", .int, .readWrite, .vnet, .number(300),
      "Lifetime of dyn. rules for acks"),
    .init(
      .ipFwDynSynLifetime, "net.inet.ip.fw.dyn_syn_lifetime", .int, .readWrite, .vnet, .number(20),
      "Lifetime of dyn. rules for syn"),
    .init(
      .ipFwDynFinLifetime, "net.inet.ip.fw.dyn_fin_lifetime", .int, .readWrite, .vnet, .number(1),
      "Lifetime of dyn. rules for fin"),
    .init(
      .ipFwDynRstLifetime, "net.inet.ip.fw.dyn_rst_lifetime", .int, .readWrite, .vnet, .number(1),
      "Lifetime of dyn. rules for rst"),
    .init(
      .ipFwDynUdpLifetime, "net.inet.ip.fw.dyn_udp_lifetime", .int, .readWrite, .vnet, .number(10),
      "Lifetime of dyn. rules for UDP"),
    .init(
      .ipFwDynShortLifetime, "net.inet.ip.fw.dyn_short_lifetime",
      .int, .readWrite, .vnet, .number(5),
      "Lifetime of dyn. rules for other situations"),
    .init(
      .ipFwDynKeepalive, "net.inet.ip.fw.dyn_keepalive", .int, .readWrite, .vnet, .number(1),
      "Enable keepalives for dyn. rules"),
    .init(node: "net.inet.ip.dummynet", "Dummynet"),
    .init(
      .ipDummynetHashSize, "net.inet.ip.dummynet.hash_size",
      .int, .readWrite, .machine, .number(64),
      "Default hash table size"),
    .init(
      .ipDummynetReadyHeap, "net.inet.ip.dummynet.ready_heap",
      .int, .readOnly, .machine, .number(0),
      "Size of ready heap"),
    .init(
      .ipDummynetExtractHeap, "net.inet.ip.dummynet.extract_heap",
      .int, .readOnly, .machine, .number(0),
      "Size of extract heap"),
    .init(
      .ipDummynetSearches, "net.inet.ip.dummynet.searches", .long, .readOnly, .machine, .number(0),
      "Number of queue searches"),
    .init(
      .ipDummynetSearchSteps, "net.inet.ip.dummynet.search_steps",
      .long, .readOnly, .machine, .number(0),
      "Number of queue search steps"),
    .init(
      .ipDummynetExpire, "net.inet.ip.dummynet.expire", .int, .readWrite, .machine, .number(1),
      "Expire queue if empty"),
    .init(
      .ipDummynetMaxChainLen, "net.inet.ip.dummynet.max_chain_len",
      .int, .readWrite, .machine, .number(16),
      "Max ratio between dynamic queues and buckets"),
    .init(
      .ipDummynetRedLookupDepth, "net.inet.ip.dummynet.red_lookup_depth",
      .int, .readOnly, .machine, .number(256),
      "Depth of RED lookup table"),
    .init(
      .ipDummynetRedAvgPktSize, "net.inet.ip.dummynet.red_avg_pkt_size",
      .int, .readOnly, .machine, .number(512),
      "RED Medium packet size"),
    .init(
      .ipDummynetRedMaxPktSize, "net.inet.ip.dummynet.red_max_pkt_size",
      .int, .readOnly, .machine, .number(1500),
      "RED Max packet size"),
    .init(
      .ipDummynetTickDelta, "net.inet.ip.dummynet.tick_delta",
      .long, .readOnly, .machine, .number(0),
      "Last vs standard tick difference (usec)."),
    .init(
      .ipDummynetTickDeltaSum, "net.inet.ip.dummynet.tick_delta_sum",
      .long, .readOnly, .machine, .number(0),
      "Accumulated tick difference (usec)."),
    .init(
      .ipDummynetTickAdjustment, "net.inet.ip.dummynet.tick_adjustment",
      .long, .readOnly, .machine, .number(0),
      "Tick adjustments done."),
    .init(
      .ipDummynetTickDiff, "net.inet.ip.dummynet.tick_diff", .long, .readOnly, .machine, .number(0),
      "Adjusted vs non-adjusted curr_time difference (ticks)."),
    .init(
      .ipDummynetTickLost, "net.inet.ip.dummynet.tick_lost", .long, .readOnly, .machine, .number(0),
      "Number of ticks coalesced by dummynet taskqueue."),
    .init(
      .ipDummynetIoFast, "net.inet.ip.dummynet.io_fast", .int, .readWrite, .machine, .number(0),
      "Enable fast dummynet io."),
    .init(
      .ipDummynetIoPkt, "net.inet.ip.dummynet.io_pkt", .ulong, .readOnly, .machine, .number(0),
      "Number of packets passed to dummynet."),
    .init(
      .ipDummynetIoPktFast, "net.inet.ip.dummynet.io_pkt_fast",
      .ulong, .readOnly, .machine, .number(0),
      "Number of packets bypassed dummynet scheduler."),
    .init(
      .ipDummynetIoPktDrop, "net.inet.ip.dummynet.io_pkt_drop",
      .ulong, .readOnly, .machine, .number(0),
      "Number of packets dropped by dummynet."),
    .init(
      .ipDummynetPipeSlotLimit, "net.inet.ip.dummynet.pipe_slot_limit",
      .long, .readWrite, .machine, .number(100),
      "Upper limit in slots for pipe queue."),
    .init(
      .ipDummynetPipeByteLimit, "net.inet.ip.dummynet.pipe_byte_limit",
      .long, .readWrite, .machine, .number(1_048_576),
      "Upper limit in bytes for pipe queue."),
  ]
}
