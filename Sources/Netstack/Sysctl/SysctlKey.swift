// SPDX-License-Identifier: BSD-2-Clause

/// The sysctl leaves of the model, in listing order; the raw value is the place of the value.
///
/// A case is the name in camel case without `net.` and `inet.`: net.inet.ip.fw.one_pass is
/// `.ipFwOnePass`, net.link.ether.inet.max_age is `.linkEtherInetMaxAge`. Only net.raw keeps its
/// `net`, because net.inet.raw is another.
package enum SysctlKey: UInt16, CaseIterable, Sendable {
  // kern, and net apart from net.inet and net.link.
  case kernOstype, kernOsrelease, kernHostname, kernOsreldate, kernHz

  // net.inet.ip apart from the firewall.
  case ipPortrangeRandomtime, ipPortrangeRandomcps, ipPortrangeRandomized
  case ipPortrangeReservedlow, ipPortrangeReservedhigh, ipPortrangeHilast, ipPortrangeHifirst
  case ipPortrangeLast, ipPortrangeFirst, ipPortrangeLowlast, ipPortrangeLowfirst
  case ipForwarding, ipRedirect, ipTtl, ipRtexpire, ipRtminexpire, ipRtmaxcache, ipSourceroute
  case ipIntrQueueMaxlen, ipIntrQueueDrops, ipStats, ipAcceptSourceroute, ipKeepfaith
  case ipGifttl, ipSamePrefixCarpOnly, ipSubnetsAreLocal, ipRandomIdTotal
  case ipRandomIdCollisions, ipRandomIdPeriod, ipMcastLoop, ipMcastMaxsocksrc
  case ipMcastMaxgrpsrc, ipFastforwarding, ipMaxfragpackets, ipOutputFlowtableSize
  case ipMaxfragsperpacket, ipFragpackets, ipCheckInterface, ipRandomId, ipSendsourcequench
  case ipProcessOptions, ipStealth

  // net.inet.ip.fw and net.inet.ip.dummynet.
  case ipFwEnable, ipFwOnePass, ipFwVerbose, ipFwVerboseLimit, ipFwAutoincStep
  case ipFwDefaultRule, ipFwTablesMax, ipFwDefaultToAccept, ipFwDynBuckets, ipFwCurrDynBuckets
  case ipFwDynCount, ipFwDynMax, ipFwStaticCount, ipFwDynAckLifetime, ipFwDynSynLifetime
  case ipFwDynFinLifetime, ipFwDynRstLifetime, ipFwDynUdpLifetime, ipFwDynShortLifetime
  case ipFwDynKeepalive, ipDummynetHashSize, ipDummynetReadyHeap
  case ipDummynetExtractHeap, ipDummynetSearches, ipDummynetSearchSteps, ipDummynetExpire
  case ipDummynetMaxChainLen, ipDummynetRedLookupDepth, ipDummynetRedAvgPktSize
  case ipDummynetRedMaxPktSize, ipDummynetTickDelta, ipDummynetTickDeltaSum
  case ipDummynetTickAdjustment, ipDummynetTickDiff, ipDummynetTickLost, ipDummynetIoFast
  case ipDummynetIoPkt, ipDummynetIoPktFast, ipDummynetIoPktDrop, ipDummynetPipeSlotLimit
  case ipDummynetPipeByteLimit

  // net.inet.icmp and net.inet.igmp.
  case icmpMaskrepl, icmpStats, icmpIcmplim, icmpBmcastecho, icmpQuotelen
  case icmpReplyFromInterface, icmpReplySrc, icmpIcmplimOutput, icmpLogRedirect
  case icmpDropRedirect, icmpMaskfake, igmpStats, igmpGsrdelay, igmpDefaultVersion
  case igmpLegacysupp, igmpV2enable, igmpV1enable, igmpSendlocal, igmpSendra, igmpRecvifkludge

  // net.inet.tcp.
  case tcpRfc1323, tcpMssdflt, tcpStats, tcpKeepidle, tcpKeepintvl, tcpSendspace, tcpRecvspace
  case tcpKeepinit, tcpDelacktime, tcpV6mssdflt, tcpHostcachePurge, tcpHostcachePrune
  case tcpHostcacheExpire, tcpHostcacheCount, tcpHostcacheBucketlimit, tcpHostcacheHashsize
  case tcpHostcacheCachelimit, tcpReadLocking, tcpRecvbufMax, tcpRecvbufInc, tcpRecvbufAuto
  case tcpInsecureRst, tcpEcnMaxretries, tcpEcnEnable, tcpAbcLVar, tcpRfc3465, tcpRfc3390
  case tcpRfc3042, tcpDropSynfin, tcpDelayedAck, tcpBlackhole, tcpLogInVain, tcpSendbufMax
  case tcpSendbufInc, tcpSendbufAuto, tcpTso, tcpNewreno, tcpLocalSlowstartFlightsize
  case tcpSlowstartFlightsize, tcpPathMtuDiscovery, tcpReassOverflows, tcpReassMaxqlen
  case tcpReassCursegments, tcpReassMaxsegments, tcpSackGlobalholes, tcpSackGlobalmaxholes
  case tcpSackMaxholes, tcpSackEnable, tcpInflightStab, tcpInflightMax, tcpInflightMin
  case tcpInflightRttthresh, tcpInflightDebug, tcpInflightEnable, tcpIsnReseedInterval
  case tcpIcmpMayRst, tcpPcbcount, tcpDoTcpdrain, tcpTcbhashsize, tcpLogDebug, tcpMinmss
  case tcpSyncacheRstOnSockFail, tcpSyncacheRexmtlimit, tcpSyncacheHashsize, tcpSyncacheCount
  case tcpSyncacheCachelimit, tcpSyncacheBucketlimit, tcpSyncookiesOnly, tcpSyncookies
  case tcpTimerRace, tcpFinwait2Timeout, tcpFastFinwait2Recycle, tcpAlwaysKeepalive
  case tcpRexmitSlop, tcpRexmitMin, tcpMsl, tcpNolocaltimewait, tcpMaxtcptw

  // net.inet.udp, net.inet.raw and net.inet.flowtable.
  case udpChecksum, udpStats, udpMaxdgram, udpRecvspace, udpBlackhole, udpLogInVain
  case rawMaxdgram, rawRecvspace, flowtableNmbflows, flowtableTcpExpire
  case flowtableFinWaitExpire, flowtableUdpExpire, flowtableSynExpire, flowtableCollisions
  case flowtableMaxDepth, flowtableFreeChecks, flowtableFrees, flowtableMisses
  case flowtableLookups, flowtableHits, flowtableEnable, flowtableDebug

  // net.link and the rest of net.
  case linkEtherInetLogArpPermanentModify, linkEtherInetLogArpMovements
  case linkEtherInetLogArpWrongIface, linkEtherInetProxyall, linkEtherInetUseloopback
  case linkEtherInetMaxtries, linkEtherInetMaxAge, linkEtherIpfw, linkGifParallelTunnels
  case linkGifMaxNesting, linkLogLinkStateChange, bpfMaxbufsize, bpfBufsize, bpfMaxinsns
  case isrNumthreads, isrMaxqlimit, isrDefaultqlimit, isrBindthreads, isrMaxthreads, isrDirect
  case isrDirectForce, netRawRecvspace, netRawSendspace, myFibnum, addAddrAllfibs, fibs
  case routeNetisrMaxqlen

  // debug, which is listed behind net.
  case debugFailPoint
}
