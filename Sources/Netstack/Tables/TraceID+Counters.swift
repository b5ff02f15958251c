// SPDX-License-Identifier: BSD-2-Clause

extension TraceID {
  /// The field of ipstat that a function raises as it discards a packet for this reason.
  ///
  /// Nil where it raises none, where another structure counts, and for ids that discard nothing.
  /// What is not the discarder's own doing is not in here: `ips_fragments` and `ips_toolong`, which
  /// ip_reass counts once before it drops, and `ips_delivered`, which raw input counts down.
  package var ipCounter: IPCounter? {
    switch self {
    case .ipBadsum, .ffBadsum, .brBadsum: .badsum
    case .ipTooshortHdr, .ipTooshort, .ffTooshortHdr, .ffTooshort, .brTooshort: .tooshort
    case .ipToosmall, .reassBadlen, .ffToosmall, .brToosmall: .toosmall
    case .ipBadhlen, .ipBadhlenTrunc, .ffBadhlenTrunc, .brBadhlen: .badhlen
    case .ipBadlen, .ffBadhlen, .brBadlen: .badlen
    case .reassDisabled: .fragments
    case .reassNomem, .reassEcn, .reassDup, .reassSuperseded, .reassToomany, .reassToolong,
      .reassShrunk, .reassDrained:
      .fragdropped
    case .reassEvicted, .reassTimeout: .fragtimeout
    case .ipLinklocal, .ipMforward, .ipCantforward, .ipIpsecFwdReject, .optSrSilent,
      .optSrStealth, .fwdL2bcast, .fwdBaddst, .fwdErrNeedfrag, .fwdErrNobufs, .fwdErrQuench,
      .fwdErrAcces, .fwdErrUnreach, .fwdErrNocopy:
      .cantforward
    case .fwDivertNoport, .rawNoproto: .noproto
    case .ffQfull, .ffIferr, .outQfull, .outFragNobufs, .brFragnobufs: .odropped
    case .ffNeedfrag, .outDf, .brDf: .cantfrag
    case .optReject, .optBadTrunc, .optBadLen, .optBadLsrrLen, .optBadLsrrPtr, .optBadSsrrLen,
      .optBadSsrrPtr, .optBadRrLen, .optBadRrPtr, .optBadTsLen, .optBadTsPtr, .optBadTsOvf,
      .optBadTsRoom, .optBadTsFlag, .optSsrrNothere, .optSrDenied, .optSrNohop,
      .optRrNoroute:
      .badoptions
    case .ffNoroute, .outNorouteOnes, .outNorouteIf, .outNoroute, .outNorouteMcast: .noroute
    case .ipBadvers, .ffBadvers, .brBadvers: .badvers
    case .gifNogif: .nogif
    case .ipBadaddr, .ffBadaddr, .outBadaddr: .badaddr
    case .ethDown, .ethNopkthdr, .ethRunt, .ethNorcvif, .ethMonitor, .ethLagg, .ethVlanshort,
      .ethNetgraph, .ethBridge, .ethFwDeny, .ethFwHold, .ethNovlan, .ethVlan, .ethPromisc,
      .ethNoarp, .ethArp, .ethOther, .ethUnknown, .isrQdrop, .isrHeld, .isrGone, .ifDown, .ifQfull,
      .ifTx, .ifLoop,
      .ifSelfloop, .ifLoopReject, .ifLoopBlackhole, .ethFwOut, .vlanDown, .tapClosed, .epairDown,
      .isrStorm, .vnetGone, .linkHeld, .linkLost, .linkDown, .linkFull, .linkGone, .discEaten,
      .edscEaten, .linkSent, .linkArrives,
      .gifLoop, .gifNested, .gifDown, .gifNoroute, .gifSelf, .greNested, .greDown, .greFragment,
      .arpHold, .arpReplaced, .arpFail,
      .arpInval, .arpTimeout, .arpFlushed, .arpSent, .arpRequestNoaddr, .arpRunt, .arpBadhw,
      .arpRuntLen, .arpBadproto, .arpRuntIn, .arpNoaddr, .arpOurs, .arpBcastmac, .arpDup,
      .arpPermanent, .arpLearned, .arpNoreply, .arpReplied, .arpRequestProxied,
      .arpRequestWrongif, .arpRequestNotours, .ipAltq, .ipFwDeny, .ipFwConsumed, .fwDivert,
      .fwDivertNomod, .fwDivertFrag, .ipFaith, .ipIpsecFwdNosp, .ipIpsecIn, .reassHeld,
      .reassDone, .fwdTtl, .fwdNoroute, .fwdOk, .ffAltq, .ffOptReject, .ffFwIn, .ffTtl,
      .ffBlackhole, .ffFwOut, .ffReject, .ffLinkdown, .ffFrag, .ffOk, .outMforward,
      .outMcastLocal, .outBcastIf, .outBcastPerm, .outBcastSize, .outIpsecDrop, .outIpsecTaken,
      .outFwDeny, .outFwConsumed, .outRequeue, .outFragSmall, .outSent, .outFragsent, .outIferr,
      .dnNopipe, .dnNoqueue, .dnOrphan, .dnPlr, .dnFull, .dnRed, .dnNomem, .dnPurged, .dnCutoff,
      .dnInet6, .dnProfile, .dnPipe, .dnQueue, .dnFast, .dnLeaves,
      .brMonitor, .brOwn, .brOurs, .brTree, .brNotree, .brTreeSent, .brLearned, .brMoved,
      .brSeen, .brStays, .brBadsource, .brFull, .brLimit, .brRefused, .brLearning, .brKnown,
      .brUnknown, .brGroup, .brSameside, .brReserved, .brPrivate, .brBlocked, .brDown,
      .brSkipSource, .brSkipPrivate, .brSkipBlocked, .brSkipDiscover, .brSkipDown, .brNomem,
      .brNobody, .brCopied, .brSent, .brPfil, .brNotip, .brBadip6, .brFwDeny,
      .brFwHold, .brLeft, .brFragsent,
      .rawOutMsgsize, .rawOutInval, .rawOutJail, .dlvRaw, .rawPolicy, .rawFull, .dlvUdp,
      .udpHdrops, .udpPort0, .udpBadlen, .udpBadsum, .udpNoportBcast, .udpNoportL2,
      .udpBlackhole, .udpBandlim, .udpNoport, .udpMinttl, .udpIpsec, .udpFullsock, .dlvTcp,
      .dlvTcpSyn, .tcpShort, .tcpBadsum, .tcpBadoff, .tcpBlackhole, .tcpClosed, .tcpNorst,
      .tcpMinttl, .tcpListenRst, .tcpListenNosyn, .tcpListenSynfin, .tcpListenL2bcast,
      .tcpListenLand, .tcpListenBcast, .tcpListenSynack, .tcpListenBadack, .igmpShort,
      .igmpBadttl, .igmpBadsum, .igmpBadreport, .igmpV3srcs, .rsvpOff, .rsvpDrop, .dlvEncap,
      .gifEcn, .gifShort, .gifOther, .greShort, .greBadsum, .greGone, .gifWrap, .greWrap, .vlanTag,
      .epairCross,
      .pimDrop, .carpDrop, .carpBadif, .carpBadttl, .carpBadlen, .carpHdrops, .carpBadsum,
      .carpBadvhid, .carpBadver, .carpBadauth, .carpNomem, .carpIftype, .ethCarp, .arpCarp,
      .carpMac,
      .dlvCarp,
      .dlvSctp,
      .dlvIpsec, .icmpSupDecrypted,
      .icmpSupFrag, .icmpSupL2bcast, .icmpSupIcmp, .icmpSupShort, .icmpSupBadtcp, .icmpSupNomem,
      .icmpError, .icmpBadaddr, .icmpNoroute, .icmpShort, .icmpBadsum, .icmpFaith, .icmpBadlen,
      .icmpBandlim, .icmpReflect, .icmpBmcast, .icmpBadcode, .icmpNotified, .icmpRedirected,
      .icmpRedirectIgnored, .icmpPassive, .ethBcast, .ethMcast, .isrDirect, .isrHybrid, .isrQueued,
      .isrWorker,
      .arpMoved, .arpWrongif, .arpBadlen, .arpStatic, .arpReleased, .ipFastours, .ipTrim,
      .ipIpsecBypass, .ipFwPass, .ipFwDstchg, .ipFwFwdlocal, .ipFwFwdtag, .optLsrr, .optSsrr,
      .optRr, .optTs, .optSrForwarded, .ipOursFastours, .ipOursRsvp, .ipOursNoaddr, .ipOursAddr,
      .ipOursBcast, .ipOursNetbcast, .ipOursBootp, .ipOursIgmp, .ipOursMcast, .ipOursLimited,
      .ipOursAny, .ipOursFaith, .ipCheckifSkip, .ipMcastNofilter, .reassNew, .reassJoin,
      .reassTrim, .fwdRoute, .fwdRedirect, .fwdTtlDec, .outId, .outOptInserted, .outOptDropped,
      .outFlowHit, .outFlowMiss, .outFlowStale, .outRoute, .outSrc, .outMtu, .outMloop, .outRedst,
      .outFwd,
      .outCksum, .outFrag, .ffLocal, .icmpQuote, .icmpSrc:
      nil
    }
  }

  /// The second field of ipstat that moves with `ipCounter`, if any.
  package var secondIPCounter: IPCounter? {
    switch self {
    case .reassDisabled, .reassBadlen: .fragdropped
    case .ffNoroute: .cantforward
    case .fwdErrNeedfrag: .cantfrag
    default: nil
    }
  }
}
