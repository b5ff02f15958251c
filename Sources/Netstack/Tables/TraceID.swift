// SPDX-License-Identifier: BSD-2-Clause

/// Where a packet's way ends or what is worth saying about it on the way.
///
/// Each id is one place in the original. A case is its id in camel case: `fwd.err.needfrag` is
/// `.fwdErrNeedfrag`, `opt.bad/rr.ptr` is `.optBadRrPtr`. Ids are stable and never reused.
/// Everything about an id stands in `rows`, apart from the counters a drop raises, which the packet
/// path needs (`ipCounter`).
package enum TraceID: UInt16, CaseIterable, BitwiseCopyable, Sendable {
  // Link level (table A) and the interface tails of table E.
  case ethDown, ethNopkthdr, ethRunt, ethNorcvif, ethMonitor, ethLagg, ethVlanshort
  case ethNetgraph, ethBridge, ethFwDeny, ethFwHold, ethNovlan, ethVlan, ethPromisc
  case ethNoarp, ethArp, ethOther, ethUnknown, isrQdrop, isrHeld, isrGone, ifDown, ifQfull, ifTx,
    ifLoop
  case ifSelfloop, ifLoopReject, ifLoopBlackhole, ethFwOut, vlanDown, tapClosed
  case epairDown, isrStorm, vnetGone
  case linkHeld, linkLost, linkDown, linkFull, linkGone, discEaten, edscEaten
  case gifLoop, gifNested, gifDown, gifNoroute, gifSelf, greNested, greDown, greFragment

  // ARP: sending (table E), and input, whose ids are our own.
  case arpHold, arpReplaced, arpFail, arpInval, arpTimeout, arpFlushed, arpSent
  case arpRequestNoaddr, arpRunt, arpBadhw, arpRuntLen, arpBadproto, arpRuntIn, arpNoaddr
  case arpOurs, arpBcastmac, arpDup, arpPermanent, arpLearned, arpNoreply, arpReplied
  case arpRequestProxied, arpRequestWrongif, arpRequestNotours

  // ip_input and the inbound hooks (table B).
  case ipTooshortHdr, ipToosmall, ipBadvers, ipBadhlen, ipBadhlenTrunc, ipBadaddr, ipBadsum
  case ipAltq, ipBadlen, ipTooshort, ipFwDeny, ipFwConsumed, fwDivert, fwDivertNoport
  case fwDivertNomod, fwDivertFrag, ipLinklocal, ipMforward, ipFaith, ipCantforward
  case ipIpsecFwdNosp, ipIpsecFwdReject, ipIpsecIn

  // IP options (table B): ip_dooptions.
  case optReject, optBadTrunc, optBadLen, optBadLsrrLen, optBadLsrrPtr, optBadSsrrLen
  case optBadSsrrPtr, optBadRrLen, optBadRrPtr, optBadTsLen, optBadTsPtr, optBadTsOvf
  case optBadTsRoom, optBadTsFlag, optSsrrNothere, optSrDenied, optSrSilent, optSrStealth
  case optSrNohop, optRrNoroute

  // Reassembly (table C).
  case reassDisabled, reassBadlen, reassNomem, reassEcn, reassDup, reassHeld, reassDone
  case reassSuperseded, reassToomany, reassToolong, reassEvicted, reassTimeout, reassShrunk
  case reassDrained

  // Forwarding (table D), slow and fast path.
  case fwdL2bcast, fwdBaddst, fwdTtl, fwdNoroute, fwdOk, fwdErrNeedfrag, fwdErrNobufs
  case fwdErrQuench, fwdErrAcces, fwdErrUnreach, fwdErrNocopy, ffTooshortHdr, ffToosmall
  case ffBadvers, ffBadhlen, ffBadhlenTrunc, ffBadsum, ffTooshort, ffBadaddr, ffAltq
  case ffOptReject, ffFwIn, ffTtl, ffNoroute, ffBlackhole, ffFwOut, ffReject, ffQfull
  case ffLinkdown, ffNeedfrag, ffFrag, ffIferr, ffOk

  // ip_output and raw output (table E).
  case outNorouteOnes, outNorouteIf, outNoroute, outNorouteMcast, outMforward
  case outMcastLocal, outQfull, outBcastIf, outBcastPerm, outBcastSize, outIpsecDrop
  case outIpsecTaken, outFwDeny, outFwConsumed, outRequeue, outBadaddr, outDf, outFragSmall
  case outFragNobufs, outSent, outFragsent, outIferr, rawOutMsgsize, rawOutInval, rawOutJail

  // Dummynet, whose ids are our own.
  case dnNopipe, dnNoqueue, dnOrphan, dnPlr, dnFull, dnRed, dnNomem, dnPurged, dnCutoff
  case dnInet6, dnProfile, dnPipe, dnQueue, dnFast, dnLeaves

  // Bridges, whose ids are our own.
  case brMonitor, brOwn, brOurs, brTree, brNotree, brTreeSent, brLearned, brMoved, brSeen
  case brStays, brBadsource, brFull, brLimit, brRefused, brLearning, brKnown, brUnknown, brGroup
  case brSameside, brReserved, brPrivate, brBlocked, brDown, brSkipSource, brSkipPrivate
  case brSkipBlocked, brSkipDiscover, brSkipDown, brNomem, brNobody, brCopied, brSent, brPfil
  case brNotip, brToosmall, brBadvers, brBadhlen, brBadsum, brBadlen, brTooshort, brBadip6
  case brFwDeny, brFwHold, brLeft, brDf, brFragnobufs, brFragsent

  // Local protocols (table F).
  case dlvRaw, rawNoproto, rawPolicy, rawFull, dlvUdp, udpHdrops, udpPort0, udpBadlen
  case udpBadsum, udpNoportBcast, udpNoportL2, udpBlackhole, udpBandlim, udpNoport
  case udpMinttl, udpIpsec, udpFullsock, dlvTcp, dlvTcpSyn, tcpShort, tcpBadsum, tcpBadoff
  case tcpBlackhole, tcpClosed, tcpNorst, tcpMinttl, tcpListenRst, tcpListenNosyn
  case tcpListenSynfin, tcpListenL2bcast, tcpListenLand, tcpListenBcast, tcpListenSynack
  case tcpListenBadack, igmpShort, igmpBadttl, igmpBadsum, igmpBadreport, igmpV3srcs
  case rsvpOff, rsvpDrop, dlvEncap, gifNogif, gifEcn, gifShort, gifOther, greShort, greBadsum,
    greGone
  case pimDrop, carpDrop, carpBadif, carpBadttl, carpBadlen, carpHdrops, carpBadsum, carpBadvhid
  case carpBadver, carpBadauth, carpNomem, carpIftype, dlvCarp, dlvSctp, dlvIpsec

  // ICMP (table G).
  case icmpSupDecrypted, icmpSupFrag, icmpSupL2bcast, icmpSupIcmp, icmpSupShort
  case icmpSupBadtcp, icmpSupNomem, icmpError, icmpBadaddr, icmpNoroute, icmpShort
  case icmpBadsum, icmpFaith, icmpBadlen, icmpBandlim, icmpReflect, icmpBmcast, icmpBadcode
  case icmpNotified, icmpRedirected, icmpRedirectIgnored, icmpPassive

  // Waypoints (table H): a packet passes them, none ends here.
  case ethBcast, ethMcast, isrDirect, isrHybrid, isrQueued, isrWorker, arpMoved, arpWrongif,
    arpBadlen, arpStatic
  case arpReleased, ipFastours, ipTrim, ipIpsecBypass, ipFwPass, ipFwDstchg, ipFwFwdlocal
  case ipFwFwdtag, optLsrr, optSsrr, optRr, optTs, optSrForwarded, ipOursFastours
  case ipOursRsvp, ipOursNoaddr, ipOursAddr, ipOursBcast, ipOursNetbcast, ipOursBootp
  case ipOursIgmp, ipOursMcast, ipOursLimited, ipOursAny, ipOursFaith, ipCheckifSkip
  case ipMcastNofilter, reassNew, reassJoin, reassTrim, fwdRoute, fwdRedirect, fwdTtlDec
  case outId, outOptInserted, outOptDropped, outFlowHit, outFlowMiss, outFlowStale, outRoute, outSrc
  case outMtu, outMloop, outRedst, outFwd, outCksum, outFrag, ffLocal, icmpQuote, icmpSrc
  case gifWrap, greWrap, vlanTag, epairCross, linkSent, linkArrives
  case ethCarp, arpCarp, carpMac
}

extension TraceID {
  /// What it means for a packet to come to an id.
  package enum Kind: String, CaseIterable, Sendable {
    /// Discarded; nobody is told.
    case drop
    /// Discarded, and an answer (ICMP, TCP reset, ARP reply) is made of it: a child packet.
    case reply
    /// Kept inside: reassembly, ARP, dummynet, a queue.
    case held
    /// Given to a protocol's consumer or a socket.
    case delivered
    /// Handed to an interface.
    case sent
    /// Taken by another part of the system, where it goes on.
    case alternate
    /// Passed on the way; never the end.
    case waypoint
    /// The answer that a packet would have got is not made; the packet keeps its own end.
    case suppressed
  }

  /// The id's name, such as `fwd.err.needfrag`.
  package var text: String { row.text }

  /// The C function that decides it.
  package var function: String { row.function }

  package var kind: Kind { row.kind }

  /// The counters that move, by field, or `none`.
  package var counterText: String { row.counters }

  /// What happened, in one sentence.
  package var summary: String { row.summary }

  /// The kernel option or module without which it cannot happen; `mem` is a failed allocation.
  package var needsOption: String? { row.needs }

  /// The sysctl that switches or tunes it.
  package var sysctl: String? { row.sysctl }

  private var row: TraceRow { Self.rows[Int(rawValue)] }

  /// Finds the id of a name, as typed by a user.
  package init?(text: String) {
    guard let id = Self.allCases.first(where: { $0.text == text }) else { return nil }
    self = id
  }

  /// Every id's facts in case order.
  static let rows: [TraceRow] =
    TraceRow.link
    + TraceRow.arp
    + TraceRow.input
    + TraceRow.options
    + TraceRow.reassembly
    + TraceRow.forwarding
    + TraceRow.output
    + TraceRow.dummynet
    + TraceRow.bridge
    + TraceRow.local
    + TraceRow.icmp
    + TraceRow.waypoints
}

/// The facts about one trace id.
struct TraceRow: Sendable {
  let id: TraceID
  let text: String
  let function: String
  let kind: TraceID.Kind
  let counters: String
  let summary: String
  let needs: String?
  let sysctl: String?

  init(
    _ id: TraceID, _ text: String, _ function: String, _ kind: TraceID.Kind,
    _ counters: String, _ summary: String, needs: String? = nil, sysctl: String? = nil
  ) {
    self.id = id
    self.text = text
    self.function = function
    self.kind = kind
    self.counters = counters
    self.summary = summary
    self.needs = needs
    self.sysctl = sysctl
  }
}
