// SPDX-License-Identifier: BSD-2-Clause

/// The sysctl leaves of the model, in listing order; the raw value is the place of the value.
///
/// A case is the name in camel case without `net.` and `inet.`: net.inet.ip.fw.one_pass is
/// `.ipFwOnePass`, net.link.ether.inet.max_age is `.linkEtherInetMaxAge`. Only net.raw keeps its
/// `net`, because net.inet.raw is another.
package enum SysctlKey: UInt16, CaseIterable, Sendable {
  // The nodes of kern with fixed numbers.
  case kernOstype, kernOsrelease, kernOsrevision, kernVersion, kernMaxvnodes, kernMaxproc
  case kernMaxfiles, kernArgmax, kernSecurelevel, kernHostname, kernHostid, kernClockrate
  case kernPosix1version, kernNgroups, kernJobControl, kernSavedIds, kernBoottime, kernDomainname
  case kernOsreldate, kernBootfile, kernMaxfilesperproc, kernMaxprocperuid

  // The nodes of kern.ipc.
  case kernIpcMaxsockbuf, kernIpcSockbufWasteFactor, kernIpcSomaxconn, kernIpcMaxLinkhdr
  case kernIpcMaxProtohdr, kernIpcMaxHdr, kernIpcMaxDatalen, kernIpcMbstat, kernIpcNmbjumbo16
  case kernIpcNmbjumbo9, kernIpcNmbjumbop, kernIpcNmbclusters, kernIpcPiperesizeallowed
  case kernIpcPiperesizefail, kernIpcPipeallocfail, kernIpcPipefragretry, kernIpcPipekva
  case kernIpcMaxpipekva, kernIpcMsqids, kernIpcMsgseg, kernIpcMsgssz, kernIpcMsgtql
  case kernIpcMsgmnb, kernIpcMsgmni, kernIpcMsgmax, kernIpcSema, kernIpcSemaem, kernIpcSemvmx
  case kernIpcSemusz, kernIpcSemume, kernIpcSemopm, kernIpcSemmsl, kernIpcSemmnu, kernIpcSemmns
  case kernIpcSemmni, kernIpcSemmap, kernIpcShmsegs, kernIpcShmAllowRemoved, kernIpcShmUsePhys
  case kernIpcShmall, kernIpcShmseg, kernIpcShmmni, kernIpcShmmin, kernIpcShmmax
  case kernIpcMbufprofileclr, kernIpcMbufprofile, kernIpcMDefragrandomfailures
  case kernIpcMDefragfailure, kernIpcMDefraguseless, kernIpcMDefragbytes, kernIpcMDefragpackets
  case kernIpcMaxsockets, kernIpcZeroCopySend, kernIpcZeroCopyReceive, kernIpcNumopensockets
  case kernIpcNsfbufsused, kernIpcNsfbufspeak, kernIpcNsfbufs

  // The nodes of kern that the system numbers, and vm.
  case kernPsStrings, kernUsrstack, kernLogsigexit, kernIovMax, kernHostuuid, kernRandompid
  case kernMaxusers, kernIdent, kernCorefile, kernCoredump, kernSugidCoredump, kernTimecounterTick
  case kernTimecounterChoice, kernTimecounterHardware, kernTimecounterStepwarnings, kernNcallout
  case kernHz, kernMsgbuf, kernSmpCpus, kernSmpDisabled, kernSmpActive, kernSmpMaxcpus, vmVmtotal
  case vmLoadavg

  // net and the nodes of net.local.
  case localStreamPcblist, localStreamRecvspace, localStreamSendspace, localDgramPcblist
  case localDgramRecvspace, localDgramMaxdgram, localTaskcount, localRecycled, localInflight

  // The nodes of net.inet.ip before the firewall.
  case ipPortrangeRandomtime, ipPortrangeRandomcps, ipPortrangeRandomized, ipPortrangeReservedlow
  case ipPortrangeReservedhigh, ipPortrangeHilast, ipPortrangeHifirst, ipPortrangeLast
  case ipPortrangeFirst, ipPortrangeLowlast, ipPortrangeLowfirst, ipForwarding, ipRedirect, ipTtl
  case ipMtu, ipRtexpire, ipRtminexpire, ipRtmaxcache, ipSourceroute, ipIntrQueueMaxlen
  case ipIntrQueueDrops, ipStats, ipAcceptSourceroute, ipKeepfaith, ipGifttl, ipSamePrefixCarpOnly
  case ipSubnetsAreLocal, ipRandomIdTotal, ipRandomIdCollisions, ipRandomIdPeriod, ipMcastLoop
  case ipMcastMaxsocksrc, ipMcastMaxgrpsrc

  // The nodes of net.inet.ip.dummynet.
  case ipDummynetDebug, ipDummynetPipeByteLimit, ipDummynetPipeSlotLimit, ipDummynetIoPktDrop
  case ipDummynetIoPktFast, ipDummynetIoPkt, ipDummynetIoFast, ipDummynetTickLost
  case ipDummynetTickDiff, ipDummynetTickAdjustment, ipDummynetTickDeltaSum, ipDummynetTickDelta
  case ipDummynetRedMaxPktSize, ipDummynetRedAvgPktSize, ipDummynetRedLookupDepth
  case ipDummynetMaxChainLen, ipDummynetExpire, ipDummynetSearchSteps, ipDummynetSearches
  case ipDummynetExtractHeap, ipDummynetReadyHeap, ipDummynetCurrTime, ipDummynetHashSize
  case ipFastforwarding

  // The nodes of net.inet.ip.fw.
  case ipFwDynKeepalive, ipFwDynShortLifetime, ipFwDynUdpLifetime, ipFwDynRstLifetime
  case ipFwDynFinLifetime, ipFwDynSynLifetime, ipFwDynAckLifetime, ipFwStaticCount, ipFwDynMax
  case ipFwDynCount, ipFwCurrDynBuckets, ipFwDynBuckets, ipFwDefaultToAccept, ipFwTablesMax
  case ipFwDefaultRule, ipFwVerboseLimit, ipFwVerbose, ipFwOnePass, ipFwAutoincStep
  case ipFwCompiled, ipFwEnable

  // The nodes of net.inet.ip behind the firewall.
  case ipMaxfragpackets, ipOutputFlowtableSize, ipStealth, ipMaxfragsperpacket, ipFragpackets
  case ipCheckInterface, ipRandomId, ipSendsourcequench, ipViftable, ipMrtstat, ipProcessOptions
  case ipMbufFragSize

  // The nodes of net.inet.icmp and net.inet.igmp.
  case icmpMaskrepl, icmpStats, icmpIcmplim, icmpBmcastecho, icmpQuotelen, icmpReplyFromInterface
  case icmpReplySrc, icmpIcmplimOutput, icmpLogRedirect, icmpDropRedirect, icmpMaskfake, igmpStats
  case igmpGsrdelay, igmpDefaultVersion, igmpLegacysupp, igmpV2enable, igmpV1enable, igmpSendlocal
  case igmpSendra, igmpRecvifkludge

  // The nodes of net.inet.tcp.
  case tcpRfc1323, tcpMssdflt, tcpStats, tcpKeepidle, tcpKeepintvl, tcpSendspace, tcpRecvspace
  case tcpKeepinit, tcpPcblist, tcpDelacktime, tcpV6mssdflt, tcpDrop, tcpHostcacheList
  case tcpHostcachePurge, tcpHostcachePrune, tcpHostcacheExpire, tcpHostcacheCount
  case tcpHostcacheBucketlimit, tcpHostcacheHashsize, tcpHostcacheCachelimit, tcpReadLocking
  case tcpRecvbufMax, tcpRecvbufInc, tcpRecvbufAuto, tcpInsecureRst, tcpEcnMaxretries
  case tcpEcnEnable, tcpAbcLVar, tcpRfc3465, tcpRfc3390, tcpRfc3042, tcpDropSynfin, tcpDelayedAck
  case tcpBlackhole, tcpLogInVain, tcpSendbufMax, tcpSendbufInc, tcpSendbufAuto, tcpTso
  case tcpNewreno, tcpLocalSlowstartFlightsize, tcpSlowstartFlightsize, tcpPathMtuDiscovery
  case tcpReassOverflows, tcpReassMaxqlen, tcpReassCursegments, tcpReassMaxsegments
  case tcpSackGlobalholes, tcpSackGlobalmaxholes, tcpSackMaxholes, tcpSackEnable, tcpGetcred
  case tcpInflightStab, tcpInflightMax, tcpInflightMin, tcpInflightRttthresh, tcpInflightDebug
  case tcpInflightEnable, tcpIsnReseedInterval, tcpIcmpMayRst, tcpPcbcount, tcpDoTcpdrain
  case tcpTcbhashsize, tcpLogDebug, tcpMinmss, tcpSyncacheRstOnSockFail, tcpSyncacheRexmtlimit
  case tcpSyncacheHashsize, tcpSyncacheCount, tcpSyncacheCachelimit, tcpSyncacheBucketlimit
  case tcpSyncookiesOnly, tcpSyncookies, tcpTimerRace, tcpFinwait2Timeout, tcpFastFinwait2Recycle
  case tcpAlwaysKeepalive, tcpRexmitSlop, tcpRexmitMin, tcpMsl, tcpNolocaltimewait, tcpMaxtcptw

  // The nodes of net.inet.udp, net.inet.pim and net.inet.carp.
  case udpChecksum, udpStats, udpMaxdgram, udpRecvspace, udpPcblist, udpGetcred, udpBlackhole
  case udpLogInVain, pimStats, pimSquelchWholepkt, carpAllow, carpPreempt, carpLog, carpStats
  case carpArpbalance, carpSuppressPreempt

  // The nodes of net.inet.sctp.
  case sctpAssoclist, sctpStats, sctpOutputUnlocked, sctpDebug, sctpVtagTimeWait
  case sctpNatFriendlyInit, sctpEnableSackImmediately, sctpUdpTunnelingPort
  case sctpUdpTunnelingForClientEnable, sctpClearTrace, sctpLog, sctpMobilityFasthandoff
  case sctpMobilityBase, sctpDefaultFragInterleave, sctpDefaultCcModule, sctpLogLevel
  case sctpMaxRetranChunk, sctpMinResidual, sctpStrictDataOrder, sctpAbortAtLimit, sctpHbMaxBurst
  case sctpDoSctpDrain, sctpMaxChainedMbufs, sctpAbcLVar, sctpNatFriendly, sctpAuthDisable
  case sctpAsconfAuthNochk, sctpEarlyFastRetranMsec, sctpEarlyFastRetran, sctpCwndMaxburst
  case sctpCmtPf, sctpCmtUseDac, sctpNrSackOnOff, sctpCmtOnOff, sctpOutgoingStreams
  case sctpAddMoreOnOutput, sctpPathRtxMax, sctpAssocRtxMax, sctpInitRtxMax, sctpValidCookieLife
  case sctpInitRtoMax, sctpRtoInitial, sctpRtoMin, sctpRtoMax, sctpSecretLifetime
  case sctpShutdownGuardTime, sctpPmtuRaiseTime, sctpHeartbeatInterval, sctpAsocResource
  case sctpSysResource, sctpSackFreq, sctpDelayedSackTime, sctpChunkscale, sctpMinSplitPoint
  case sctpPcbhashsize, sctpTcbhashsize, sctpMaxchunks, sctpMaxburst, sctpPeerChkoh
  case sctpStrictInit, sctpLoopbackNocsum, sctpStrictSacks, sctpEcnNonce, sctpEcnEnable
  case sctpAutoAsconf, sctpRecvspace, sctpSendspace, sctpGetcred

  // The rest of net.inet.
  case ipsecFiltertunnel, rawPcblist, rawRecvspace, rawMaxdgram, divertPcblist, accfUnloadable
  case accfHttpParsehttpversion, flowtableNmbflows, flowtableTcpExpire, flowtableFinWaitExpire
  case flowtableUdpExpire, flowtableSynExpire, flowtableCollisions, flowtableMaxDepth
  case flowtableFreeChecks, flowtableFrees, flowtableMisses, flowtableLookups, flowtableHits
  case flowtableEnable, flowtableDebug

  // The nodes of net.link.
  case linkGenericSystemIfcount, linkEtherInetLogArpPermanentModify, linkEtherInetLogArpMovements
  case linkEtherInetLogArpWrongIface, linkEtherInetProxyall, linkEtherInetUseloopback
  case linkEtherInetMaxtries, linkEtherInetMaxAge, linkEtherIpfw, linkGreMaxNesting
  case linkVlanSoftPad, linkBridgeIpfw, linkBridgeInheritMac, linkBridgeLogStp
  case linkBridgePfilLocalPhys, linkBridgePfilMember, linkBridgePfilBridge, linkBridgeIpfwArp
  case linkBridgePfilOnlyip, linkStfRouteCache, linkGifParallelTunnels, linkGifMaxNesting
  case linkLogLinkStateChange, linkEpairNetisrMaxqlen, linkEpairEpairDebug, linkTunDevfsCloning
  case linkTapDebug, linkTapDevfsCloning, linkTapUpOnOpen, linkTapUserOpen

  // The rest of net.
  case bpfZerocopyEnable, bpfMaxinsns, bpfMaxbufsize, bpfBufsize, bpfJitterEnable
  case encOutIpsecBpfMask, encOutIpsecFilterMask, encInIpsecBpfMask, encInIpsecFilterMask
  case isrNumthreads, isrDefaultqlimit, isrMaxqlimit, isrBindthreads, isrMaxthreads, isrDirect
  case isrDirectForce, netRawRecvspace, netRawSendspace, myFibnum, tunnelfib, addAddrAllfibs, fibs
  case routeNetisrMaxqlen

  // The nodes of debug, hw and security.
  case debugFailPoint, debugNetisrStop, hwMachine, hwModel, hwNcpu, hwByteorder, hwPhysmem,
    hwUsermem, hwPagesize
  case hwFloatingpoint, hwMachineArch, hwRealmem, hwAvailpages, hwClockrate
  case securityJailEnforceStatfs, securityJailMountAllowed, securityJailChflagsAllowed
  case securityJailAllowRawSockets, securityJailSysvipcAllowed, securityJailSocketUnixiprouteOnly
  case securityJailSetHostnameAllowed, securityJailJailMaxAfIps, securityJailJailed
}
