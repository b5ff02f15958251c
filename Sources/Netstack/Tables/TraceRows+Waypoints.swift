// SPDX-License-Identifier: BSD-2-Clause

extension TraceRow {
  /// Waypoints (table H): a packet passes them, none ends here.
  static let waypoints: [TraceRow] = [
    .init(
      .ethBcast, "eth.bcast", "ether_input", .waypoint, "if_imcasts",
      "The frame is a link broadcast."),
    .init(
      .ethMcast, "eth.mcast", "ether_input", .waypoint, "if_imcasts",
      "The frame is a link multicast."),
    .init(
      .isrDirect, "isr.direct", "netisr_dispatch", .waypoint, "none",
      "The protocol runs at once.", sysctl: "net.isr.direct"),
    .init(
      .isrHybrid, "isr.hybrid", "netisr_dispatch", .waypoint, "none",
      "The protocol runs at once, in the place of the stream's worker.",
      sysctl: "net.isr.direct_force"),
    .init(
      .isrQueued, "isr.queued", "netisr_dispatch", .waypoint, "none",
      "The packet waits in the protocol's queue.", sysctl: "net.isr.direct"),
    .init(
      .isrWorker, "isr.worker", "swi_net", .waypoint, "none",
      "The stream's worker takes the packet.", sysctl: "net.isr.maxthreads"),
    .init(
      .arpMoved, "arp.moved", "in_arpinput", .waypoint, "none",
      "The sender has a new link address.", sysctl: "net.link.ether.inet.log_arp_movements"),
    .init(
      .arpWrongif, "arp.wrongif", "in_arpinput", .waypoint, "none",
      "The sender's entry belongs to another interface.",
      needs: "one ARP table for all interfaces",
      sysctl: "net.link.ether.inet.log_arp_wrong_iface"),
    .init(
      .arpBadlen, "arp.badlen", "in_arpinput", .waypoint, "none",
      "The sender's link address has another length than ours."),
    .init(
      .arpStatic, "arp.static", "in_arpinput", .waypoint, "none",
      "The interface does not learn (STATICARP)."),
    .init(
      .arpReleased, "arp.released", "in_arpinput", .waypoint, "none",
      "The packet that waited for this address is sent."),
    .init(
      .ipFastours, "ip.fastours", "ip_input", .waypoint, "none",
      "An earlier step decided that the packet is ours: no checks."),
    .init(
      .ipTrim, "ip.trim", "ip_input", .waypoint, "none",
      "Link padding behind the packet was cut off."),
    .init(
      .ipIpsecBypass, "ip.ipsec.bypass", "ip_input", .waypoint, "none",
      "A packet out of an IPsec tunnel skips the inbound hooks.", needs: "IPSEC"),
    .init(
      .ipFwPass, "ip.fw.pass", "ip_input", .waypoint, "none",
      "The inbound hooks let the packet pass.", needs: "ipfw"),
    .init(
      .ipFwDstchg, "ip.fw.dstchg", "ip_input", .waypoint, "none",
      "An inbound hook changed the destination.", needs: "ipfw nat"),
    .init(
      .ipFwFwdlocal, "ip.fw.fwdlocal", "ip_input", .waypoint, "none",
      "A fwd rule made the packet ours.", needs: "IPFIREWALL_FORWARD"),
    .init(
      .ipFwFwdtag, "ip.fw.fwdtag", "ip_input", .waypoint, "none",
      "A fwd rule chose the next hop.", needs: "IPFIREWALL_FORWARD"),
    .init(
      .optLsrr, "opt.lsrr", "ip_dooptions", .waypoint, "none",
      "A loose source route was acted on.", sysctl: "net.inet.ip.process_options"),
    .init(
      .optSsrr, "opt.ssrr", "ip_dooptions", .waypoint, "none",
      "A strict source route was acted on.", sysctl: "net.inet.ip.process_options"),
    .init(
      .optRr, "opt.rr", "ip_dooptions", .waypoint, "none",
      "A record route was acted on.", sysctl: "net.inet.ip.process_options"),
    .init(
      .optTs, "opt.ts", "ip_dooptions", .waypoint, "none",
      "A timestamp option was acted on.", sysctl: "net.inet.ip.process_options"),
    .init(
      .optSrForwarded, "opt.sr.forwarded", "ip_dooptions", .waypoint, "none",
      "The source route sends the packet on.", sysctl: "net.inet.ip.sourceroute"),
    .init(
      .ipOursFastours, "ip.ours.fastours", "ip_input", .waypoint, "none",
      "Ours, as an earlier step decided."),
    .init(
      .ipOursRsvp, "ip.ours.rsvp", "ip_input", .waypoint, "none",
      "Ours: RSVP, and a daemon wants it.", needs: "an RSVP daemon"),
    .init(
      .ipOursNoaddr, "ip.ours.noaddr", "ip_input", .waypoint, "none",
      "Ours: no address is configured yet."),
    .init(
      .ipOursAddr, "ip.ours.addr", "ip_input", .waypoint, "none",
      "Ours: one of our addresses.", sysctl: "net.inet.ip.check_interface"),
    .init(
      .ipOursBcast, "ip.ours.bcast", "ip_input", .waypoint, "none",
      "Ours: a broadcast address of the receiving interface."),
    .init(
      .ipOursNetbcast, "ip.ours.netbcast", "ip_input", .waypoint, "none",
      "Ours: the classful broadcast address of the receiving interface."),
    .init(
      .ipOursBootp, "ip.ours.bootp", "ip_input", .waypoint, "none",
      "Ours: the interface has no address yet, and BOOTP wants all.", needs: "BOOTP_COMPAT"),
    .init(
      .ipOursIgmp, "ip.ours.igmp", "ip_input", .waypoint, "none",
      "Ours: IGMP, for the multicast router.", needs: "MROUTING"),
    .init(
      .ipOursMcast, "ip.ours.mcast", "ip_input", .waypoint, "none",
      "Ours: multicast; sockets check the membership."),
    .init(
      .ipOursLimited, "ip.ours.limited", "ip_input", .waypoint, "none",
      "Ours: the limited broadcast 255.255.255.255."),
    .init(
      .ipOursAny, "ip.ours.any", "ip_input", .waypoint, "none",
      "Ours: the destination is 0.0.0.0."),
    .init(
      .ipOursFaith, "ip.ours.faith", "ip_input", .waypoint, "none",
      "Ours: captured by a faith interface.", needs: "faith", sysctl: "net.inet.ip.keepfaith"),
    .init(
      .ipCheckifSkip, "ip.checkif.skip", "ip_input", .waypoint, "none",
      "Our address, but of another interface: not ours.", sysctl: "net.inet.ip.check_interface"),
    .init(
      .ipMcastNofilter, "ip.mcast.nofilter", "ip_input", .waypoint, "none",
      "No membership check is made for multicast."),
    .init(
      .reassNew, "reass.new", "ip_reass", .waypoint, "none",
      "First fragment to come: a new reassembly queue."),
    .init(
      .reassJoin, "reass.join", "ip_reass", .waypoint, "none",
      "The fragment joins its reassembly queue."),
    .init(
      .reassTrim, "reass.trim", "ip_reass", .waypoint, "none",
      "Overlapping bytes of a fragment were cut off."),
    .init(
      .fwdRoute, "fwd.route", "ip_forward", .waypoint, "none",
      "The route to the destination was looked up."),
    .init(
      .fwdRedirect, "fwd.redirect", "ip_forward", .waypoint, "ips_redirectsent",
      "The sender is told a better gateway (5/1).", sysctl: "net.inet.ip.redirect"),
    .init(
      .fwdTtlDec, "fwd.ttl.dec", "ip_forward", .waypoint, "none",
      "The time to live was lowered by one.", sysctl: "net.inet.ip.stealth"),
    .init(
      .outId, "out.id", "ip_output", .waypoint, "ips_localout",
      "The packet got its identification.", sysctl: "net.inet.ip.random_id"),
    .init(
      .outOptInserted, "out.opt.inserted", "ip_insertoptions", .waypoint, "none",
      "Options were put into the header."),
    .init(
      .outOptDropped, "out.opt.dropped", "ip_insertoptions", .waypoint, "none",
      "Options did not fit; the packet goes without them."),
    .init(
      .outFlowHit, "out.flow.hit", "flowtable_lookup", .waypoint, "none",
      "The flow table knew the way.", sysctl: "net.inet.flowtable.enable"),
    .init(
      .outFlowMiss, "out.flow.miss", "flowtable_lookup", .waypoint, "none",
      "The flow table did not know the way.", sysctl: "net.inet.flowtable.enable"),
    .init(
      .outFlowStale, "out.flow.stale", "ether_output", .waypoint, "none",
      "The flow's next hop is not the route's: the packet goes where the flow says.",
      sysctl: "net.inet.flowtable.enable"),
    .init(
      .outRoute, "out.route", "ip_output", .waypoint, "none",
      "The route to the destination was looked up."),
    .init(.outSrc, "out.src", "ip_output", .waypoint, "none", "The source address was chosen."),
    .init(.outMtu, "out.mtu", "ip_output", .waypoint, "none", "The MTU was chosen."),
    .init(
      .outMloop, "out.mloop", "ip_mloopback", .waypoint, "none",
      "A copy of the multicast comes back as input.", sysctl: "net.inet.ip.mcast.loop"),
    .init(
      .outRedst, "out.redst", "ip_output", .waypoint, "none",
      "An outbound hook changed the destination: routing starts again.", needs: "ipfw nat"),
    .init(
      .outFwd, "out.fwd", "ip_output", .waypoint, "none",
      "A fwd rule chose the next hop: routing starts again.", needs: "IPFIREWALL_FORWARD"),
    .init(.outCksum, "out.cksum", "ip_output", .waypoint, "none", "Checksums were computed."),
    .init(.outFrag, "out.frag", "ip_fragment", .waypoint, "none", "A fragment was made."),
    .init(
      .ffLocal, "ff.local", "ip_fastforward", .waypoint, "none",
      "A hook made the destination our own: the slow path takes over.",
      needs: "ipfw", sysctl: "net.inet.ip.fastforwarding"),
    .init(
      .icmpQuote, "icmp.quote", "icmp_error", .waypoint, "none",
      "How much of the packet the error quotes.", sysctl: "net.inet.icmp.quotelen"),
    .init(
      .icmpSrc, "icmp.src", "icmp_reflect", .waypoint, "none",
      "The reply's source address was chosen.", sysctl: "net.inet.icmp.reply_from_interface"),
    .init(
      .gifWrap, "gif.wrap", "gif_output", .waypoint, "if_opackets, if_obytes",
      "The packet is wrapped for a tunnel's other end."),
    .init(
      .greWrap, "gre.wrap", "gre_output", .waypoint, "if_opackets, if_obytes",
      "The packet is wrapped for a tunnel's other end."),
    .init(
      .vlanTag, "vlan.tag", "vlan_start", .waypoint, "none",
      "The frame gets the VLAN's tag and goes to its card."),
    .init(
      .epairCross, "epair.cross", "epair_transmit", .waypoint, "if_opackets, if_obytes",
      "The frame waits in netisr's queue for the other end, in whose stack it comes in.",
      sysctl: "net.link.epair.netisr_maxqlen"),
    .init(
      .linkSent, "link.sent", "epair_transmit", .waypoint, "none",
      "The frame will be at the other end after so many microseconds."),
    .init(
      .linkArrives, "link.arrives", "epair_transmit", .waypoint, "none",
      "The frame comes in after so many microseconds on its cable."),
    .init(
      .ethCarp, "eth.carp", "carp_forus", .waypoint, "none",
      "The frame is for a virtual router that this host is the master of."),
    .init(
      .arpCarp, "arp.carp", "carp_iamatch", .waypoint, "none",
      "The address is a virtual host's that this one answers for.",
      sysctl: "net.inet.carp.arpbalance"),
    .init(
      .carpMac, "carp.mac", "carp_output", .waypoint, "none",
      "The frame comes from the virtual router's address."),
  ]
}
