// SPDX-License-Identifier: BSD-2-Clause

extension SysctlNode {
  /// The nodes of net.inet.ip.dummynet, in listing order.
  static let dummynet: [SysctlNode] = [
    .init(node: "net.inet.ip.dummynet", "Dummynet"),
    .init(
      .ipDummynetDebug, "net.inet.ip.dummynet.debug", .int, .readWrite, .machine, .number(0),
      "control debugging printfs", isInert: true),
    .init(
      .ipDummynetPipeByteLimit, "net.inet.ip.dummynet.pipe_byte_limit",
      .long, .readWrite, .machine, .number(1_048_576),
      "Upper limit in bytes for pipe queue."),
    .init(
      .ipDummynetPipeSlotLimit, "net.inet.ip.dummynet.pipe_slot_limit",
      .long, .readWrite, .machine, .number(100),
      "Upper limit in slots for pipe queue."),
    .init(
      .ipDummynetIoPktDrop, "net.inet.ip.dummynet.io_pkt_drop",
      .ulong, .readOnly, .machine, .number(0),
      "Number of packets dropped by dummynet."),
    .init(
      .ipDummynetIoPktFast, "net.inet.ip.dummynet.io_pkt_fast",
      .ulong, .readOnly, .machine, .number(0),
      "Number of packets bypassed dummynet scheduler."),
    .init(
      .ipDummynetIoPkt, "net.inet.ip.dummynet.io_pkt", .ulong, .readOnly, .machine, .number(0),
      "Number of packets passed to dummynet."),
    .init(
      .ipDummynetIoFast, "net.inet.ip.dummynet.io_fast", .int, .readWrite, .machine, .number(0),
      "Enable fast dummynet io."),
    .init(
      .ipDummynetTickLost, "net.inet.ip.dummynet.tick_lost", .long, .readOnly, .machine, .number(0),
      "Number of ticks coalesced by dummynet taskqueue."),
    .init(
      .ipDummynetTickDiff, "net.inet.ip.dummynet.tick_diff", .long, .readOnly, .machine, .number(0),
      "Adjusted vs non-adjusted curr_time difference (ticks)."),
    .init(
      .ipDummynetTickAdjustment, "net.inet.ip.dummynet.tick_adjustment",
      .long, .readOnly, .machine, .number(0),
      "Tick adjustments done."),
    .init(
      .ipDummynetTickDeltaSum, "net.inet.ip.dummynet.tick_delta_sum",
      .long, .readOnly, .machine, .number(0),
      "Accumulated tick difference (usec)."),
    .init(
      .ipDummynetTickDelta, "net.inet.ip.dummynet.tick_delta",
      .long, .readOnly, .machine, .number(0),
      "Last vs standard tick difference (usec)."),
    .init(
      .ipDummynetRedMaxPktSize, "net.inet.ip.dummynet.red_max_pkt_size",
      .int, .readOnly, .machine, .number(1500),
      "RED Max packet size"),
    .init(
      .ipDummynetRedAvgPktSize, "net.inet.ip.dummynet.red_avg_pkt_size",
      .int, .readOnly, .machine, .number(512),
      "RED Medium packet size"),
    .init(
      .ipDummynetRedLookupDepth, "net.inet.ip.dummynet.red_lookup_depth",
      .int, .readOnly, .machine, .number(256),
      "Depth of RED lookup table"),
    .init(
      .ipDummynetMaxChainLen, "net.inet.ip.dummynet.max_chain_len",
      .int, .readWrite, .machine, .number(16),
      "Max ratio between dynamic queues and buckets"),
    .init(
      .ipDummynetExpire, "net.inet.ip.dummynet.expire", .int, .readWrite, .machine, .number(1),
      "Expire queue if empty"),
    .init(
      .ipDummynetSearchSteps, "net.inet.ip.dummynet.search_steps",
      .long, .readOnly, .machine, .number(0),
      "Number of queue search steps"),
    .init(
      .ipDummynetSearches, "net.inet.ip.dummynet.searches", .long, .readOnly, .machine, .number(0),
      "Number of queue searches"),
    .init(
      .ipDummynetExtractHeap, "net.inet.ip.dummynet.extract_heap",
      .int, .readOnly, .machine, .number(0),
      "Size of extract heap"),
    .init(
      .ipDummynetReadyHeap, "net.inet.ip.dummynet.ready_heap",
      .int, .readOnly, .machine, .number(0),
      "Size of ready heap"),
    .init(
      .ipDummynetCurrTime, "net.inet.ip.dummynet.curr_time", .long, .readOnly, .machine, .number(0),
      "Current tick"),
    .init(
      .ipDummynetHashSize, "net.inet.ip.dummynet.hash_size",
      .int, .readWrite, .machine, .number(64),
      "Default hash table size"),
    .init(
      .ipFastforwarding, "net.inet.ip.fastforwarding", .int, .readWrite, .vnet, .number(0),
      "Enable fast IP forwarding"),
  ]
}
