// SPDX-License-Identifier: BSD-2-Clause

extension SysctlNode {
  /// The nodes of net.inet.sctp, in listing order.
  static let sctp: [SysctlNode] = [
    .init(node: "net.inet.sctp", number: 132, "SCTP"),
    .init(
      .sctpAssoclist, "net.inet.sctp.assoclist", .opaque, .readOnly, .machine, .none,
      "List of active SCTP associations", format: "S,xassoc"),
    .init(
      .sctpStats, "net.inet.sctp.stats", .opaque, .readWrite, .machine, .none,
      "SCTP statistics (struct sctp_stat)", format: "S,sctpstat"),
    .init(
      .sctpOutputUnlocked, "net.inet.sctp.output_unlocked", .int, .readWrite, .machine, .number(0),
      "Unlock socket when sending packets down to IP.", format: "IU", needs: "SCTP_SO_LOCK_TESTING",
      clamp: 0...1, isInert: true),
    .init(
      .sctpDebug, "net.inet.sctp.debug", .int, .readWrite, .machine, .number(0),
      "Configure debug output", format: "IU", needs: "SCTP_DEBUG", isInert: true),
    .init(
      .sctpVtagTimeWait, "net.inet.sctp.vtag_time_wait", .int, .readWrite, .machine, .number(60),
      "Vtag time wait time 0 disables.", format: "IU", isInert: true),
    .init(
      .sctpNatFriendlyInit, "net.inet.sctp.nat_friendly_init",
      .int, .readWrite, .machine, .number(0),
      "Enable sending of the nat-friendly SCTP option on INITs.",
      format: "IU", clamp: 0...1, isInert: true),
    .init(
      .sctpEnableSackImmediately, "net.inet.sctp.enable_sack_immediately",
      .int, .readWrite, .machine, .number(0),
      "Enable sending of the SACK-IMMEDIATELY-bit.", format: "IU", clamp: 0...1, isInert: true),
    .init(
      .sctpUdpTunnelingPort, "net.inet.sctp.udp_tunneling_port",
      .int, .readWrite, .machine, .number(0),
      "Set the SCTP/UDP tunneling port", format: "IU", clamp: 0...65535, isInert: true),
    .init(
      .sctpUdpTunnelingForClientEnable, "net.inet.sctp.udp_tunneling_for_client_enable",
      .int, .readWrite, .machine, .number(0),
      "Enable SCTP/UDP tunneling for client", format: "IU", clamp: 0...1, isInert: true),
    .init(
      .sctpClearTrace, "net.inet.sctp.clear_trace", .opaque, .readWrite, .machine, .none,
      "Clear SCTP Logging buffer", format: "IU", needs: "SCTP_LOCAL_TRACE_BUF"),
    .init(
      .sctpLog, "net.inet.sctp.log", .opaque, .readOnly, .machine, .none,
      "SCTP logging (struct sctp_log)", format: "S,sctp_log", needs: "SCTP_LOCAL_TRACE_BUF"),
    .init(
      .sctpMobilityFasthandoff, "net.inet.sctp.mobility_fasthandoff",
      .int, .readWrite, .machine, .number(0),
      "Enable SCTP fast handoff", format: "IU", clamp: 0...1, isInert: true),
    .init(
      .sctpMobilityBase, "net.inet.sctp.mobility_base", .int, .readWrite, .machine, .number(0),
      "Enable SCTP base mobility", format: "IU", clamp: 0...1, isInert: true),
    .init(
      .sctpDefaultFragInterleave, "net.inet.sctp.default_frag_interleave",
      .int, .readWrite, .machine, .number(1),
      "Default fragment interleave level", format: "IU", clamp: 0...2, isInert: true),
    .init(
      .sctpDefaultCcModule, "net.inet.sctp.default_cc_module",
      .int, .readWrite, .machine, .number(0),
      "Default congestion control module", format: "IU", clamp: 0...2, isInert: true),
    .init(
      .sctpLogLevel, "net.inet.sctp.log_level", .int, .readWrite, .machine, .number(0),
      "Ltrace/KTR trace logging level", format: "IU", isInert: true),
    .init(
      .sctpMaxRetranChunk, "net.inet.sctp.max_retran_chunk",
      .int, .readWrite, .machine, .number(30),
      "Maximum times an unlucky chunk can be retran'd before assoc abort",
      format: "IU", clamp: 0...65535, isInert: true),
    .init(
      .sctpMinResidual, "net.inet.sctp.min_residual", .int, .readWrite, .machine, .number(1452),
      "Minimum residual data chunk in second part of split",
      format: "IU", clamp: 20...65535, isInert: true),
    .init(
      .sctpStrictDataOrder, "net.inet.sctp.strict_data_order",
      .int, .readWrite, .machine, .number(0),
      "Enforce strict data ordering, abort if control inside data",
      format: "IU", clamp: 0...1, isInert: true),
    .init(
      .sctpAbortAtLimit, "net.inet.sctp.abort_at_limit", .int, .readWrite, .machine, .number(0),
      "When one-2-one hits qlimit abort", format: "IU", clamp: 0...1, isInert: true),
    .init(
      .sctpHbMaxBurst, "net.inet.sctp.hb_max_burst", .int, .readWrite, .machine, .number(4),
      "Confirmation Heartbeat max burst", format: "IU", clamp: 1...4294967295, isInert: true),
    .init(
      .sctpDoSctpDrain, "net.inet.sctp.do_sctp_drain", .int, .readWrite, .machine, .number(1),
      "Should SCTP respond to the drain calls", format: "IU", clamp: 0...1, isInert: true),
    .init(
      .sctpMaxChainedMbufs, "net.inet.sctp.max_chained_mbufs",
      .int, .readWrite, .machine, .number(5),
      "Default max number of small mbufs on a chain", format: "IU", isInert: true),
    .init(
      .sctpAbcLVar, "net.inet.sctp.abc_l_var", .int, .readWrite, .machine, .number(1),
      "SCTP ABC max increase per SACK (L)", format: "IU", isInert: true),
    .init(
      .sctpNatFriendly, "net.inet.sctp.nat_friendly", .int, .readWrite, .machine, .number(1),
      "SCTP NAT friendly operation", format: "IU", clamp: 0...1, isInert: true),
    .init(
      .sctpAuthDisable, "net.inet.sctp.auth_disable", .int, .readWrite, .machine, .number(0),
      "Disable SCTP AUTH function", format: "IU", clamp: 0...1, isInert: true),
    .init(
      .sctpAsconfAuthNochk, "net.inet.sctp.asconf_auth_nochk",
      .int, .readWrite, .machine, .number(0),
      "Disable SCTP ASCONF AUTH requirement", format: "IU", clamp: 0...1, isInert: true),
    .init(
      .sctpEarlyFastRetranMsec, "net.inet.sctp.early_fast_retran_msec",
      .int, .readWrite, .machine, .number(250),
      "Early Fast Retransmit minimum timer value", format: "IU", isInert: true),
    .init(
      .sctpEarlyFastRetran, "net.inet.sctp.early_fast_retran",
      .int, .readWrite, .machine, .number(0),
      "Early Fast Retransmit with timer", format: "IU", isInert: true),
    .init(
      .sctpCwndMaxburst, "net.inet.sctp.cwnd_maxburst", .int, .readWrite, .machine, .number(1),
      "Use a CWND adjusting maxburst", format: "IU", clamp: 0...1, isInert: true),
    .init(
      .sctpCmtPf, "net.inet.sctp.cmt_pf", .int, .readWrite, .machine, .number(0),
      "CMT PF type flag", format: "IU", clamp: 0...2, isInert: true),
    .init(
      .sctpCmtUseDac, "net.inet.sctp.cmt_use_dac", .int, .readWrite, .machine, .number(0),
      "CMT DAC on/off flag", format: "IU", clamp: 0...1, isInert: true),
    .init(
      .sctpNrSackOnOff, "net.inet.sctp.nr_sack_on_off", .int, .readWrite, .machine, .number(0),
      "NR_SACK on/off flag", format: "IU", clamp: 0...1, isInert: true),
    .init(
      .sctpCmtOnOff, "net.inet.sctp.cmt_on_off", .int, .readWrite, .machine, .number(0),
      "CMT on/off flag", format: "IU", clamp: 0...1, isInert: true),
    .init(
      .sctpOutgoingStreams, "net.inet.sctp.outgoing_streams",
      .int, .readWrite, .machine, .number(10),
      "Default number of outgoing streams", format: "IU", clamp: 1...65535, isInert: true),
    .init(
      .sctpAddMoreOnOutput, "net.inet.sctp.add_more_on_output",
      .int, .readWrite, .machine, .number(1452),
      "When space wise is it worthwhile to try to add more to a socket send buffer",
      format: "IU", isInert: true),
    .init(
      .sctpPathRtxMax, "net.inet.sctp.path_rtx_max", .int, .readWrite, .machine, .number(5),
      "Default maximum of retransmissions per path", format: "IU", isInert: true),
    .init(
      .sctpAssocRtxMax, "net.inet.sctp.assoc_rtx_max", .int, .readWrite, .machine, .number(10),
      "Default maximum number of retransmissions per association", format: "IU", isInert: true),
    .init(
      .sctpInitRtxMax, "net.inet.sctp.init_rtx_max", .int, .readWrite, .machine, .number(8),
      "Default maximum number of retransmission for INIT chunks", format: "IU", isInert: true),
    .init(
      .sctpValidCookieLife, "net.inet.sctp.valid_cookie_life",
      .int, .readWrite, .machine, .number(60000),
      "Default cookie lifetime in sec", format: "IU", isInert: true),
    .init(
      .sctpInitRtoMax, "net.inet.sctp.init_rto_max", .int, .readWrite, .machine, .number(60000),
      "Default maximum retransmission timeout during association setup in msec",
      format: "IU", isInert: true),
    .init(
      .sctpRtoInitial, "net.inet.sctp.rto_initial", .int, .readWrite, .machine, .number(3000),
      "Default initial retransmission timeout in msec", format: "IU", isInert: true),
    .init(
      .sctpRtoMin, "net.inet.sctp.rto_min", .int, .readWrite, .machine, .number(1000),
      "Default minimum retransmission timeout in msec", format: "IU", isInert: true),
    .init(
      .sctpRtoMax, "net.inet.sctp.rto_max", .int, .readWrite, .machine, .number(60000),
      "Default maximum retransmission timeout in msec", format: "IU", isInert: true),
    .init(
      .sctpSecretLifetime, "net.inet.sctp.secret_lifetime",
      .int, .readWrite, .machine, .number(3600),
      "Default secret lifetime in sec", format: "IU", isInert: true),
    .init(
      .sctpShutdownGuardTime, "net.inet.sctp.shutdown_guard_time",
      .int, .readWrite, .machine, .number(180),
      "Default shutdown guard timer in sec", format: "IU", isInert: true),
    .init(
      .sctpPmtuRaiseTime, "net.inet.sctp.pmtu_raise_time", .int, .readWrite, .machine, .number(600),
      "Default PMTU raise timer in sec", format: "IU", isInert: true),
    .init(
      .sctpHeartbeatInterval, "net.inet.sctp.heartbeat_interval",
      .int, .readWrite, .machine, .number(30000),
      "Default heartbeat interval in msec", format: "IU", isInert: true),
    .init(
      .sctpAsocResource, "net.inet.sctp.asoc_resource", .int, .readWrite, .machine, .number(10),
      "Max number of cached resources in an asoc", format: "IU", isInert: true),
    .init(
      .sctpSysResource, "net.inet.sctp.sys_resource", .int, .readWrite, .machine, .number(1000),
      "Max number of cached resources in the system", format: "IU", isInert: true),
    .init(
      .sctpSackFreq, "net.inet.sctp.sack_freq", .int, .readWrite, .machine, .number(2),
      "Default SACK frequency", format: "IU", isInert: true),
    .init(
      .sctpDelayedSackTime, "net.inet.sctp.delayed_sack_time",
      .int, .readWrite, .machine, .number(200),
      "Default delayed SACK timer in msec", format: "IU", isInert: true),
    .init(
      .sctpChunkscale, "net.inet.sctp.chunkscale", .int, .readWrite, .machine, .number(10),
      "Tuneable for Scaling of number of chunks and messages",
      format: "IU", clamp: 1...4294967295, isInert: true),
    .init(
      .sctpMinSplitPoint, "net.inet.sctp.min_split_point",
      .int, .readWrite, .machine, .number(2904),
      "Minimum size when splitting a chunk", format: "IU", isInert: true),
    .init(
      .sctpPcbhashsize, "net.inet.sctp.pcbhashsize", .int, .readWrite, .machine, .number(256),
      "Tunable for PCB hash table sizes", format: "IU", clamp: 1...4294967295, isInert: true),
    .init(
      .sctpTcbhashsize, "net.inet.sctp.tcbhashsize", .int, .readWrite, .machine, .number(1024),
      "Tunable for TCB hash table sizes", format: "IU", clamp: 1...4294967295, isInert: true),
    .init(
      .sctpMaxchunks, "net.inet.sctp.maxchunks", .int, .readWrite, .machine, .number(512),
      "Default max chunks on queue per asoc", format: "IU", isInert: true),
    .init(
      .sctpMaxburst, "net.inet.sctp.maxburst", .int, .readWrite, .machine, .number(4),
      "Default max burst for sctp endpoints", format: "IU", clamp: 1...4294967295, isInert: true),
    .init(
      .sctpPeerChkoh, "net.inet.sctp.peer_chkoh", .int, .readWrite, .machine, .number(256),
      "Amount to debit peers rwnd per chunk sent", format: "IU", isInert: true),
    .init(
      .sctpStrictInit, "net.inet.sctp.strict_init", .int, .readWrite, .machine, .number(1),
      "Enable strict INIT/INIT-ACK singleton enforcement",
      format: "IU", clamp: 0...1, isInert: true),
    .init(
      .sctpLoopbackNocsum, "net.inet.sctp.loopback_nocsum", .int, .readWrite, .machine, .number(1),
      "Enable NO Csum on packets sent on loopback", format: "IU", clamp: 0...1, isInert: true),
    .init(
      .sctpStrictSacks, "net.inet.sctp.strict_sacks", .int, .readWrite, .machine, .number(1),
      "Enable SCTP Strict SACK checking", format: "IU", clamp: 0...1, isInert: true),
    .init(
      .sctpEcnNonce, "net.inet.sctp.ecn_nonce", .int, .readWrite, .machine, .number(0),
      "Enable SCTP ECN Nonce", format: "IU", clamp: 0...1, isInert: true),
    .init(
      .sctpEcnEnable, "net.inet.sctp.ecn_enable", .int, .readWrite, .machine, .number(1),
      "Enable SCTP ECN", format: "IU", clamp: 0...1, isInert: true),
    .init(
      .sctpAutoAsconf, "net.inet.sctp.auto_asconf", .int, .readWrite, .machine, .number(0),
      "Enable SCTP Auto-ASCONF", format: "IU", clamp: 0...1, isInert: true),
    .init(
      .sctpRecvspace, "net.inet.sctp.recvspace", .int, .readWrite, .machine, .number(262144),
      "Maximum incoming SCTP buffer size", format: "IU", isInert: true),
    .init(
      .sctpSendspace, "net.inet.sctp.sendspace", .int, .readWrite, .machine, .number(262144),
      "Maximum outgoing SCTP buffer size", format: "IU", isInert: true),
    .init(
      .sctpGetcred, "net.inet.sctp.getcred", .opaque, .readWrite, .machine, .none,
      "Get the ucred of a SCTP connection", format: "S,ucred"),
  ]
}
