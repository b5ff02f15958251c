// SPDX-License-Identifier: BSD-2-Clause

extension TraceRow {
  /// Local protocols (table F).
  static let local: [TraceRow] = [
    .init(
      .dlvRaw, "dlv.raw", "rip_input", .delivered, "ips_delivered",
      "Raw sockets got the packet."),
    .init(
      .rawNoproto, "raw.noproto", "rip_input", .drop, "ips_noproto, ips_delivered",
      "No raw socket wants the protocol; no ICMP is ever sent."),
    .init(
      .rawPolicy, "raw.policy", "rip_append", .drop, "none",
      "The socket refuses it: minimum TTL or security policy."),
    .init(
      .rawFull, "raw.full", "rip_append", .drop, "none",
      "The socket's receive buffer is full."),
    .init(.dlvUdp, "dlv.udp", "udp_input", .delivered, "none", "A socket got the datagram."),
    .init(
      .udpHdrops, "udp.hdrops", "udp_input", .drop, "udps_hdrops",
      "The packet is shorter than a UDP header."),
    .init(.udpPort0, "udp.port0", "udp_input", .drop, "none", "The destination port is 0."),
    .init(
      .udpBadlen, "udp.badlen", "udp_input", .drop, "udps_badlen",
      "The UDP length contradicts the IP length."),
    .init(.udpBadsum, "udp.badsum", "udp_input", .drop, "udps_badsum", "The checksum is wrong."),
    .init(
      .udpNoportBcast, "udp.noport.bcast", "udp_input", .drop, "udps_noportbcast",
      "No socket wants the broadcast or multicast datagram."),
    .init(
      .udpNoportL2, "udp.noport.l2", "udp_input", .drop, "udps_noport, udps_noportbcast",
      "No socket; it came as a link broadcast, so no answer."),
    .init(
      .udpBlackhole, "udp.blackhole", "udp_input", .drop, "udps_noport",
      "No socket, and closed ports stay silent.", sysctl: "net.inet.udp.blackhole"),
    .init(
      .udpBandlim, "udp.bandlim", "udp_input", .drop, "udps_noport",
      "No socket, and the limit on ICMP answers is reached.", sysctl: "net.inet.icmp.icmplim"),
    .init(
      .udpNoport, "udp.noport", "udp_input", .reply, "udps_noport",
      "No socket on the port; answered with 3/3."),
    .init(
      .udpMinttl, "udp.minttl", "udp_input", .drop, "none",
      "The socket demands a higher time to live."),
    .init(
      .udpIpsec, "udp.ipsec", "udp_append", .drop, "none",
      "The security policy refuses the datagram.", needs: "IPSEC"),
    .init(
      .udpFullsock, "udp.fullsock", "udp_append", .drop, "udps_fullsock",
      "The socket's receive buffer is full."),
    .init(.dlvTcp, "dlv.tcp", "tcp_input", .delivered, "none", "A connection got the segment."),
    .init(
      .dlvTcpSyn, "dlv.tcp.syn", "tcp_input", .delivered, "none",
      "A listening socket's syncache got the SYN."),
    .init(
      .tcpShort, "tcp.short", "tcp_input", .drop, "tcps_rcvshort",
      "The packet is shorter than a TCP header."),
    .init(.tcpBadsum, "tcp.badsum", "tcp_input", .drop, "tcps_rcvbadsum", "The checksum is wrong."),
    .init(
      .tcpBadoff, "tcp.badoff", "tcp_input", .drop, "tcps_rcvbadoff",
      "The data offset is below 20 or past the segment."),
    .init(
      .tcpBlackhole, "tcp.blackhole", "tcp_input", .drop, "none",
      "No socket, and closed ports stay silent.", sysctl: "net.inet.tcp.blackhole"),
    .init(
      .tcpClosed, "tcp.closed", "tcp_input", .reply, "none",
      "No socket on the port; answered with a reset."),
    .init(
      .tcpNorst, "tcp.norst", "tcp_dropwithreset", .drop, "none",
      "A reset was due, but the segment must not be answered."),
    .init(
      .tcpMinttl, "tcp.minttl", "tcp_input", .drop, "none",
      "The socket demands a higher time to live."),
    .init(
      .tcpListenRst, "tcp.listen.rst", "tcp_input", .drop, "none",
      "A reset for a listening socket."),
    .init(
      .tcpListenNosyn, "tcp.listen.nosyn", "tcp_input", .drop, "tcps_badsyn",
      "A segment without SYN or ACK for a listening socket."),
    .init(
      .tcpListenSynfin, "tcp.listen.synfin", "tcp_input", .drop, "tcps_badsyn",
      "SYN with FIN, which this host refuses.", sysctl: "net.inet.tcp.drop_synfin"),
    .init(
      .tcpListenL2bcast, "tcp.listen.l2bcast", "tcp_input", .drop, "none",
      "The SYN came as a link broadcast or multicast."),
    .init(
      .tcpListenLand, "tcp.listen.land", "tcp_input", .drop, "none",
      "The SYN claims to come from the very socket it is sent to."),
    .init(
      .tcpListenBcast, "tcp.listen.bcast", "tcp_input", .drop, "none",
      "The SYN has a broadcast or multicast address."),
    .init(
      .tcpListenSynack, "tcp.listen.synack", "tcp_input", .reply, "tcps_badsyn",
      "SYN with ACK for a listening socket; answered with a reset."),
    .init(
      .tcpListenBadack, "tcp.listen.badack", "tcp_input", .reply, "none",
      "An ACK that belongs to no handshake; answered with a reset."),
    .init(
      .igmpShort, "igmp.short", "igmp_input", .drop, "igps_rcv_tooshort",
      "The message is too short, or its length fits no version."),
    .init(
      .igmpBadttl, "igmp.badttl", "igmp_input", .drop, "igps_rcv_badttl",
      "The time to live is not 1."),
    .init(
      .igmpBadsum, "igmp.badsum", "igmp_input", .drop, "igps_rcv_badsum",
      "The checksum is wrong."),
    .init(
      .igmpBadreport, "igmp.badreport", "igmp_input", .drop,
      "igps_rcv_reports, igps_rcv_badreports",
      "The report contradicts itself."),
    .init(
      .igmpV3srcs, "igmp.v3srcs", "igmp_input", .drop, "igps_rcv_tooshort",
      "A version 3 query claims more sources than any packet holds."),
    .init(
      .rsvpOff, "rsvp.off", "rsvp_input", .drop, "none",
      "No RSVP daemon has asked for packets."),
    .init(
      .rsvpDrop, "rsvp.drop", "rsvp_input", .drop, "none",
      "The multicast router does not want the RSVP packet.", needs: "MROUTING"),
    .init(
      .dlvEncap, "dlv.encap", "encap4_input", .alternate, "none",
      "A tunnel took the packet; what it carries starts anew."),
    .init(
      .gifNogif, "gif.nogif", "in_gif_input", .drop, "ips_nogif",
      "No gif interface is up for the tunnel, or it carries nothing known.",
      needs: "a tunnel that goes meanwhile"),
    .init(
      .gifEcn, "gif.ecn", "in_gif_input", .drop, "none",
      "The ECN marks of the outer and the inner header contradict each other."),
    .init(
      .gifShort, "gif.short", "in_gif_input", .drop, "none",
      "What was inside is shorter than an IP header."),
    .init(
      .gifOther, "gif.other", "gif_input", .drop, "none",
      "What was inside is IPv6, which nobody takes, or a frame, and the tunnel is in no bridge."),
    .init(
      .greShort, "gre.short", "gre_input2", .drop, "none",
      "The packet ends inside its tunnel's header."),
    .init(
      .greBadsum, "gre.badsum", "gre_mobile_input", .drop, "none",
      "The checksum of RFC 2004's header is wrong."),
    .init(
      .greGone, "gre.gone", "gre_mobile_input", .drop, "none",
      "The tunnel that the packet came by is not up."),
    .init(
      .pimDrop, "pim.drop", "pim_input", .drop, "pims_*",
      "The PIM message is not acceptable.", needs: "MROUTING"),
    .init(
      .carpDrop, "carp.drop", "carp_input", .drop, "none",
      "CARP does not listen to advertisements.", sysctl: "net.inet.carp.allow"),
    .init(
      .carpBadif, "carp.badif", "carp_input", .drop, "carps_badif",
      "No carp interface is on the interface that it came by."),
    .init(
      .carpBadttl, "carp.badttl", "carp_input", .drop, "carps_badttl",
      "The advertisement's TTL is not 255: it does not come from this link."),
    .init(
      .carpBadlen, "carp.badlen", "carp_input", .drop, "carps_badlen",
      "The packet is shorter than an advertisement."),
    .init(
      .carpHdrops, "carp.hdrops", "carp_input", .drop, "carps_hdrops",
      "There is no memory to take the advertisement in.", needs: "mem"),
    .init(
      .carpBadsum, "carp.badsum", "carp_input", .drop, "carps_badsum",
      "The advertisement's checksum is wrong."),
    .init(
      .carpBadvhid, "carp.badvhid", "carp_input_c", .drop, "carps_badvhid",
      "No virtual host of this number runs on the interface."),
    .init(
      .carpBadver, "carp.badver", "carp_input_c", .drop, "carps_badver, if_ierrors",
      "The advertisement is of another version than 2."),
    .init(
      .carpBadauth, "carp.badauth", "carp_input_c", .drop, "carps_badauth, if_ierrors",
      "The digest is wrong: another password, or other addresses."),
    .init(
      .carpNomem, "carp.nomem", "carp_send_ad", .drop, "carps_onomem, if_oerrors",
      "There is no memory for an advertisement.", needs: "mem"),
    .init(
      .carpIftype, "carp.iftype", "carp_output", .drop, "if_oerrors",
      "The advertisement cannot have the virtual router's address on a bridge."),
    .init(
      .dlvCarp, "dlv.carp", "carp_input", .delivered, "carps_ipackets",
      "CARP got the advertisement."),
    .init(
      .dlvSctp, "dlv.sctp", "sctp_input", .alternate, "none",
      "SCTP got the packet.", needs: "SCTP"),
    .init(
      .dlvIpsec, "dlv.ipsec", "ipsec4_common_input", .alternate, "none",
      "IPsec got the packet.", needs: "IPSEC"),
  ]
}

extension TraceRow {
  /// ICMP (table G).
  static let icmp: [TraceRow] = [
    .init(
      .icmpSupDecrypted, "icmp.sup.decrypted", "icmp_error", .suppressed, "icps_error",
      "No error is sent about a packet that IPsec decrypted.", needs: "IPSEC"),
    .init(
      .icmpSupFrag, "icmp.sup.frag", "icmp_error", .suppressed, "icps_error",
      "No error is sent about a fragment other than the first."),
    .init(
      .icmpSupL2bcast, "icmp.sup.l2bcast", "icmp_error", .suppressed, "icps_error",
      "No error is sent about a link broadcast or multicast."),
    .init(
      .icmpSupIcmp, "icmp.sup.icmp", "icmp_error", .suppressed, "icps_error, icps_oldicmp",
      "No error is sent about an ICMP error."),
    .init(
      .icmpSupShort, "icmp.sup.short", "icmp_error", .suppressed, "icps_error",
      "The packet is too short to be quoted."),
    .init(
      .icmpSupBadtcp, "icmp.sup.badtcp", "icmp_error", .suppressed, "icps_error",
      "The TCP header to quote contradicts itself."),
    .init(
      .icmpSupNomem, "icmp.sup.nomem", "icmp_error", .suppressed, "icps_error",
      "No buffer for the error.", needs: "mem"),
    .init(
      .icmpError, "icmp.error", "icmp_error", .waypoint, "icps_error, icps_outhist",
      "An ICMP error is made."),
    .init(
      .icmpBadaddr, "icmp.badaddr", "icmp_reflect", .drop, "icps_badaddr",
      "The reply would go to an address that cannot be a host."),
    .init(
      .icmpNoroute, "icmp.noroute", "icmp_reflect", .drop, "icps_noroute",
      "No route leads back, so the reply has no source address."),
    .init(
      .icmpShort, "icmp.short", "icmp_input", .drop, "icps_tooshort",
      "The message is shorter than an ICMP header."),
    .init(
      .icmpBadsum, "icmp.badsum", "icmp_input", .drop, "icps_checksum",
      "The checksum is wrong."),
    .init(
      .icmpFaith, "icmp.faith", "icmp_input", .drop, "none",
      "A faith interface takes only error messages.", needs: "faith"),
    .init(
      .icmpBadlen, "icmp.badlen", "icmp_input", .drop, "icps_badlen",
      "An error message quotes too little."),
    .init(
      .icmpBandlim, "icmp.bandlim", "icmp_input", .drop, "none",
      "The limit on ICMP replies is reached.", sysctl: "net.inet.icmp.icmplim"),
    .init(
      .icmpReflect, "icmp.reflect", "icmp_input", .reply, "icps_reflect, icps_outhist",
      "The request is answered."),
    .init(
      .icmpBmcast, "icmp.bmcast", "icmp_input", .waypoint, "icps_bmcastecho",
      "A request that came as a link broadcast is not answered.",
      sysctl: "net.inet.icmp.bmcastecho"),
    .init(
      .icmpBadcode, "icmp.badcode", "icmp_input", .waypoint, "icps_badcode",
      "The code is unknown for the type."),
    .init(
      .icmpNotified, "icmp.notified", "icmp_input", .waypoint, "none",
      "The protocol that sent the quoted packet is told."),
    .init(
      .icmpRedirected, "icmp.redirected", "icmp_input", .waypoint, "rts_dynamic, rts_newgateway",
      "The redirect changed the routing table."),
    .init(
      .icmpRedirectIgnored, "icmp.redirect.ignored", "icmp_input", .waypoint, "none",
      "The redirect is not followed.", sysctl: "net.inet.icmp.drop_redirect"),
    .init(
      .icmpPassive, "icmp.passive", "icmp_input", .waypoint, "none",
      "The message asks for nothing."),
  ]
}
