// SPDX-License-Identifier: BSD-2-Clause

extension SysctlNode {
  /// The nodes of net.inet.tcp, in listing order.
  static let tcp: [SysctlNode] = [
    .init(node: "net.inet.tcp", number: 6, "TCP"),
    .init(
      .tcpRfc1323, "net.inet.tcp.rfc1323", .int, .readWrite, .vnet, .number(1),
      "Enable rfc1323 (high performance TCP) extensions", number: 1),
    .init(
      .tcpMssdflt, "net.inet.tcp.mssdflt", .int, .readWrite, .vnet, .number(512),
      "Default TCP Maximum Segment Size", number: 3),
    .init(
      .tcpStats, "net.inet.tcp.stats", .opaque, .readWrite, .vnet, .none,
      "TCP statistics (struct tcpstat, netinet/tcp_var.h)", number: 4, format: "S,tcpstat"),
    .init(
      .tcpKeepidle, "net.inet.tcp.keepidle", .int, .readWrite, .machine, .number(7_200_000),
      "time before keepalive probes begin", number: 6, isInert: true),
    .init(
      .tcpKeepintvl, "net.inet.tcp.keepintvl", .int, .readWrite, .machine, .number(75000),
      "time between keepalive probes", number: 7, isInert: true),
    .init(
      .tcpSendspace, "net.inet.tcp.sendspace", .ulong, .readWrite, .machine, .number(32768),
      "Maximum outgoing TCP datagram size", number: 8, isInert: true),
    .init(
      .tcpRecvspace, "net.inet.tcp.recvspace", .ulong, .readWrite, .machine, .number(65536),
      "Maximum incoming TCP datagram size", number: 9),
    .init(
      .tcpKeepinit, "net.inet.tcp.keepinit", .int, .readWrite, .machine, .number(75000),
      "time to establish connection", number: 10, isInert: true),
    .init(
      .tcpPcblist, "net.inet.tcp.pcblist", .opaque, .readOnly, .machine, .none,
      "List of active TCP connections", number: 11, format: "S,xtcpcb"),
    .init(
      .tcpDelacktime, "net.inet.tcp.delacktime", .int, .readWrite, .machine, .number(100),
      "Time before a delayed ACK is sent", number: 12, isInert: true),
    .init(
      .tcpV6mssdflt, "net.inet.tcp.v6mssdflt", .int, .readWrite, .vnet, .number(1024),
      "Default TCP Maximum Segment Size for IPv6", number: 13, isInert: true),
    .init(
      .tcpDrop, "net.inet.tcp.drop", .opaque, .readWrite, .machine, .none,
      "Drop TCP connection", number: 15, format: "", isSkipped: true),
    .init(node: "net.inet.tcp.hostcache", "TCP Host cache"),
    .init(
      .tcpHostcacheList, "net.inet.tcp.hostcache.list",
      .string, .readOnly, .machine,
      .text(
        "\nIP address        MTU  SSTRESH      RTT   RTTVAR BANDWIDTH     CWND SENDPIPE RECVPIPE HITS  UPD  EXP\n"
      ),
      "List of all hostcache entries", isSkipped: true),
    .init(
      .tcpHostcachePurge, "net.inet.tcp.hostcache.purge", .int, .readWrite, .vnet, .number(0),
      "Expire all entires on next purge run", isInert: true),
    .init(
      .tcpHostcachePrune, "net.inet.tcp.hostcache.prune", .int, .readWrite, .vnet, .number(300),
      "Time between purge runs", isInert: true),
    .init(
      .tcpHostcacheExpire, "net.inet.tcp.hostcache.expire", .int, .readWrite, .vnet, .number(3600),
      "Expire time of TCP hostcache entries", isInert: true),
    .init(
      .tcpHostcacheCount, "net.inet.tcp.hostcache.count", .int, .readOnly, .vnet, .number(0),
      "Current number of entries in hostcache", isInert: true),
    .init(
      .tcpHostcacheBucketlimit, "net.inet.tcp.hostcache.bucketlimit",
      .int, .readOnlyTunable, .vnet, .number(30),
      "Per-bucket hash limit for hostcache", isInert: true),
    .init(
      .tcpHostcacheHashsize, "net.inet.tcp.hostcache.hashsize",
      .int, .readOnlyTunable, .vnet, .number(512),
      "Size of TCP hostcache hashtable", isInert: true),
    .init(
      .tcpHostcacheCachelimit, "net.inet.tcp.hostcache.cachelimit",
      .int, .readOnlyTunable, .vnet, .number(15360),
      "Overall entry limit for hostcache", isInert: true),
    .init(
      .tcpReadLocking, "net.inet.tcp.read_locking", .int, .readWrite, .machine, .number(1),
      "Enable read locking strategy", isInert: true),
    .init(
      .tcpRecvbufMax, "net.inet.tcp.recvbuf_max", .int, .readWrite, .vnet, .number(262144),
      "Max size of automatic receive buffer", isInert: true),
    .init(
      .tcpRecvbufInc, "net.inet.tcp.recvbuf_inc", .int, .readWrite, .vnet, .number(16384),
      "Incrementor step size of automatic receive buffer", isInert: true),
    .init(
      .tcpRecvbufAuto, "net.inet.tcp.recvbuf_auto", .int, .readWrite, .vnet, .number(1),
      "Enable automatic receive buffer sizing", isInert: true),
    .init(
      .tcpInsecureRst, "net.inet.tcp.insecure_rst", .int, .readWrite, .vnet, .number(0),
      "Follow the old (insecure) criteria for accepting RST packets", isInert: true),
    .init(node: "net.inet.tcp.ecn", "TCP ECN"),
    .init(
      .tcpEcnMaxretries, "net.inet.tcp.ecn.maxretries", .int, .readWrite, .vnet, .number(1),
      "Max retries before giving up on ECN", isInert: true),
    .init(
      .tcpEcnEnable, "net.inet.tcp.ecn.enable", .int, .readWrite, .vnet, .number(0),
      "TCP ECN support", isInert: true),
    .init(
      .tcpAbcLVar, "net.inet.tcp.abc_l_var", .int, .readWrite, .vnet, .number(2),
      "Cap the max cwnd increment during slow-start to this number of segments", isInert: true),
    .init(
      .tcpRfc3465, "net.inet.tcp.rfc3465", .int, .readWrite, .vnet, .number(1),
      "Enable RFC 3465 (Appropriate Byte Counting)", isInert: true),
    .init(
      .tcpRfc3390, "net.inet.tcp.rfc3390", .int, .readWrite, .vnet, .number(1),
      "Enable RFC 3390 (Increasing TCP's Initial Congestion Window)", isInert: true),
    .init(
      .tcpRfc3042, "net.inet.tcp.rfc3042", .int, .readWrite, .vnet, .number(1),
      "Enable RFC 3042 (Limited Transmit)", isInert: true),
    .init(
      .tcpDropSynfin, "net.inet.tcp.drop_synfin", .int, .readWrite, .vnet, .number(0),
      "Drop TCP packets with SYN+FIN set"),
    .init(
      .tcpDelayedAck, "net.inet.tcp.delayed_ack", .int, .readWrite, .vnet, .number(1),
      "Delay ACK to try and piggyback it onto a data packet", isInert: true),
    .init(
      .tcpBlackhole, "net.inet.tcp.blackhole", .int, .readWrite, .vnet, .number(0),
      "Do not send RST on segments to closed ports"),
    .init(
      .tcpLogInVain, "net.inet.tcp.log_in_vain", .int, .readWrite, .machine, .number(0),
      "Log all incoming TCP segments to closed ports"),
    .init(
      .tcpSendbufMax, "net.inet.tcp.sendbuf_max", .int, .readWrite, .vnet, .number(262144),
      "Max size of automatic send buffer", isInert: true),
    .init(
      .tcpSendbufInc, "net.inet.tcp.sendbuf_inc", .int, .readWrite, .vnet, .number(8192),
      "Incrementor step size of automatic send buffer", isInert: true),
    .init(
      .tcpSendbufAuto, "net.inet.tcp.sendbuf_auto", .int, .readWrite, .vnet, .number(1),
      "Enable automatic send buffer sizing", isInert: true),
    .init(
      .tcpTso, "net.inet.tcp.tso", .int, .readWrite, .vnet, .number(1),
      "Enable TCP Segmentation Offload", isInert: true),
    .init(
      .tcpNewreno, "net.inet.tcp.newreno", .int, .readWrite, .vnet, .number(1),
      "Enable NewReno Algorithms", isInert: true),
    .init(
      .tcpLocalSlowstartFlightsize, "net.inet.tcp.local_slowstart_flightsize",
      .int, .readWrite, .vnet, .number(4),
      "Slow start flight size for local networks", isInert: true),
    .init(
      .tcpSlowstartFlightsize, "net.inet.tcp.slowstart_flightsize",
      .int, .readWrite, .vnet, .number(1),
      "Slow start flight size", isInert: true),
    .init(
      .tcpPathMtuDiscovery, "net.inet.tcp.path_mtu_discovery", .int, .readWrite, .vnet, .number(1),
      "Enable Path MTU Discovery"),
    .init(node: "net.inet.tcp.reass", "TCP Segment Reassembly Queue"),
    .init(
      .tcpReassOverflows, "net.inet.tcp.reass.overflows", .int, .readOnly, .vnet, .number(0),
      "Global number of TCP Segment Reassembly Queue Overflows", isInert: true),
    .init(
      .tcpReassMaxqlen, "net.inet.tcp.reass.maxqlen", .int, .readWrite, .vnet, .number(48),
      "Maximum number of TCP Segments per individual Reassembly Queue", isInert: true),
    .init(
      .tcpReassCursegments, "net.inet.tcp.reass.cursegments", .int, .readOnly, .vnet, .number(0),
      "Global number of TCP Segments currently in Reassembly Queue", isInert: true),
    .init(
      .tcpReassMaxsegments, "net.inet.tcp.reass.maxsegments",
      .int, .readOnlyTunable, .vnet, .number(1600),
      "Global maximum number of TCP Segments in Reassembly Queue", isInert: true),
    .init(node: "net.inet.tcp.sack", "TCP SACK"),
    .init(
      .tcpSackGlobalholes, "net.inet.tcp.sack.globalholes", .int, .readOnly, .vnet, .number(0),
      "Global number of TCP SACK holes currently allocated", isInert: true),
    .init(
      .tcpSackGlobalmaxholes, "net.inet.tcp.sack.globalmaxholes",
      .int, .readWrite, .vnet, .number(65536),
      "Global maximum number of TCP SACK holes", isInert: true),
    .init(
      .tcpSackMaxholes, "net.inet.tcp.sack.maxholes", .int, .readWrite, .vnet, .number(128),
      "Maximum number of TCP SACK holes allowed per connection", isInert: true),
    .init(
      .tcpSackEnable, "net.inet.tcp.sack.enable", .int, .readWrite, .vnet, .number(1),
      "Enable/Disable TCP SACK support"),
    .init(
      .tcpGetcred, "net.inet.tcp.getcred", .opaque, .readWrite, .machine, .none,
      "Get the xucred of a TCP connection", format: "S,xucred"),
    .init(node: "net.inet.tcp.inflight", "TCP inflight data limiting"),
    .init(
      .tcpInflightStab, "net.inet.tcp.inflight.stab", .int, .readWrite, .vnet, .number(20),
      "Inflight Algorithm Stabilization 20 = 2 packets", isInert: true),
    .init(
      .tcpInflightMax, "net.inet.tcp.inflight.max", .int, .readWrite, .vnet, .number(1_073_725_440),
      "Upper-bound for TCP inflight window", isInert: true),
    .init(
      .tcpInflightMin, "net.inet.tcp.inflight.min", .int, .readWrite, .vnet, .number(6144),
      "Lower-bound for TCP inflight window", isInert: true),
    .init(
      .tcpInflightRttthresh, "net.inet.tcp.inflight.rttthresh",
      .int, .readWrite, .vnet, .number(10),
      "RTT threshold below which inflight will deactivate itself", isInert: true),
    .init(
      .tcpInflightDebug, "net.inet.tcp.inflight.debug", .int, .readWrite, .machine, .number(0),
      "Debug TCP inflight calculations", isInert: true),
    .init(
      .tcpInflightEnable, "net.inet.tcp.inflight.enable", .int, .readWrite, .vnet, .number(1),
      "Enable automatic TCP inflight data limiting", isInert: true),
    .init(
      .tcpIsnReseedInterval, "net.inet.tcp.isn_reseed_interval",
      .int, .readWrite, .vnet, .number(0),
      "Seconds between reseeding of ISN secret", isInert: true),
    .init(
      .tcpIcmpMayRst, "net.inet.tcp.icmp_may_rst", .int, .readWrite, .vnet, .number(1),
      "Certain ICMP unreachable messages may abort connections in SYN_SENT", isInert: true),
    .init(
      .tcpPcbcount, "net.inet.tcp.pcbcount", .int, .readOnly, .vnet, .number(0),
      "Number of active PCBs"),
    .init(
      .tcpDoTcpdrain, "net.inet.tcp.do_tcpdrain", .int, .readWrite, .machine, .number(1),
      "Enable tcp_drain routine for extra help when low on mbufs", isInert: true),
    .init(
      .tcpTcbhashsize, "net.inet.tcp.tcbhashsize", .int, .readOnlyTunable, .machine, .number(512),
      "Size of TCP control-block hashtable", isInert: true),
    .init(
      .tcpLogDebug, "net.inet.tcp.log_debug", .int, .readWrite, .machine, .number(0),
      "Log errors caused by incoming TCP segments", isInert: true),
    .init(
      .tcpMinmss, "net.inet.tcp.minmss", .int, .readWrite, .vnet, .number(216),
      "Minmum TCP Maximum Segment Size"),
    .init(node: "net.inet.tcp.syncache", "TCP SYN cache"),
    .init(
      .tcpSyncacheRstOnSockFail, "net.inet.tcp.syncache.rst_on_sock_fail",
      .int, .readWrite, .vnet, .number(1),
      "Send reset on socket allocation failure", isInert: true),
    .init(
      .tcpSyncacheRexmtlimit, "net.inet.tcp.syncache.rexmtlimit",
      .int, .readWrite, .vnet, .number(3),
      "Limit on SYN/ACK retransmissions"),
    .init(
      .tcpSyncacheHashsize, "net.inet.tcp.syncache.hashsize",
      .int, .readOnlyTunable, .vnet, .number(512),
      "Size of TCP syncache hashtable", isInert: true),
    .init(
      .tcpSyncacheCount, "net.inet.tcp.syncache.count", .int, .readOnly, .vnet, .number(0),
      "Current number of entries in syncache"),
    .init(
      .tcpSyncacheCachelimit, "net.inet.tcp.syncache.cachelimit",
      .int, .readOnlyTunable, .vnet, .number(15360),
      "Overall entry limit for syncache"),
    .init(
      .tcpSyncacheBucketlimit, "net.inet.tcp.syncache.bucketlimit",
      .int, .readOnlyTunable, .vnet, .number(30),
      "Per-bucket hash limit for syncache", isInert: true),
    .init(
      .tcpSyncookiesOnly, "net.inet.tcp.syncookies_only", .int, .readWrite, .vnet, .number(0),
      "Use only TCP SYN cookies", isInert: true),
    .init(
      .tcpSyncookies, "net.inet.tcp.syncookies", .int, .readWrite, .vnet, .number(1),
      "Use TCP SYN cookies if the syncache overflows", isInert: true),
    .init(
      .tcpTimerRace, "net.inet.tcp.timer_race", .int, .readOnly, .machine, .number(0),
      "Count of t_inpcb races on tcp_discardcb", isInert: true),
    .init(
      .tcpFinwait2Timeout, "net.inet.tcp.finwait2_timeout",
      .int, .readWrite, .machine, .number(60000),
      "FIN-WAIT2 timeout", isInert: true),
    .init(
      .tcpFastFinwait2Recycle, "net.inet.tcp.fast_finwait2_recycle",
      .int, .readWrite, .machine, .number(0),
      "Recycle closed FIN_WAIT_2 connections faster", isInert: true),
    .init(
      .tcpAlwaysKeepalive, "net.inet.tcp.always_keepalive", .int, .readWrite, .machine, .number(1),
      "Assume SO_KEEPALIVE on all TCP connections", isInert: true),
    .init(
      .tcpRexmitSlop, "net.inet.tcp.rexmit_slop", .int, .readWrite, .machine, .number(200),
      "Retransmission Timer Slop", isInert: true),
    .init(
      .tcpRexmitMin, "net.inet.tcp.rexmit_min", .int, .readWrite, .machine, .number(30),
      "Minimum Retransmission Timeout", isInert: true),
    .init(
      .tcpMsl, "net.inet.tcp.msl", .int, .readWrite, .machine, .number(30000),
      "Maximum segment lifetime", isInert: true),
    .init(
      .tcpNolocaltimewait, "net.inet.tcp.nolocaltimewait", .int, .readWrite, .vnet, .number(0),
      "Do not create compressed TCP TIME_WAIT entries for local connections", isInert: true),
    .init(
      .tcpMaxtcptw, "net.inet.tcp.maxtcptw", .int, .readWrite, .machine, .number(5120),
      "Maximum number of compressed TCP TIME_WAIT entries", format: "IU", isInert: true),
  ]
}
