// SPDX-License-Identifier: BSD-2-Clause

extension TraceRow {
  /// ip_input and the inbound hooks (table B).
  static let input: [TraceRow] = [
    .init(
      .ipTooshortHdr, "ip.tooshort.hdr", "ip_input", .drop, "ips_tooshort",
      "The packet is shorter than an IP header."),
    .init(
      .ipToosmall, "ip.toosmall", "ip_input", .drop, "ips_toosmall",
      "The header could not be made contiguous.", needs: "mem"),
    .init(.ipBadvers, "ip.badvers", "ip_input", .drop, "ips_badvers", "The version is not 4."),
    .init(
      .ipBadhlen, "ip.badhlen", "ip_input", .drop, "ips_badhlen",
      "The header length is below 20."),
    .init(
      .ipBadhlenTrunc, "ip.badhlen.trunc", "ip_input", .drop, "ips_badhlen",
      "The packet is shorter than its header length."),
    .init(
      .ipBadaddr, "ip.badaddr", "ip_input", .drop, "ips_badaddr",
      "A loopback address came in by another interface than loopback."),
    .init(.ipBadsum, "ip.badsum", "ip_input", .drop, "ips_badsum", "The header checksum is wrong."),
    .init(
      .ipAltq, "ip.altq", "ip_input", .drop, "none",
      "The ALTQ input conditioner refused the packet.", needs: "ALTQ"),
    .init(
      .ipBadlen, "ip.badlen", "ip_input", .drop, "ips_badlen",
      "The total length is below the header length."),
    .init(
      .ipTooshort, "ip.tooshort", "ip_input", .drop, "ips_tooshort",
      "The packet is shorter than its total length."),
    .init(
      .ipFwDeny, "ip.fw.deny", "ip_input", .drop, "none",
      "An inbound hook refused the packet.", needs: "ipfw"),
    .init(
      .ipFwConsumed, "ip.fw.consumed", "ip_input", .held, "none",
      "An inbound hook took the packet: dummynet, divert or netgraph.",
      needs: "dummynet, IPDIVERT"),
    .init(
      .fwDivert, "fw.divert", "ipfw_divert", .delivered, "none",
      "The packet went to a divert socket.", needs: "IPDIVERT"),
    .init(
      .fwDivertNoport, "fw.divert.noport", "divert_packet", .drop, "ips_noproto, ips_delivered",
      "No divert socket listens on the port.", needs: "IPDIVERT"),
    .init(
      .fwDivertNomod, "fw.divert.nomod", "ipfw_divert", .drop, "none",
      "The divert module is not loaded, or the first fragment had no divert rule.",
      needs: "IPDIVERT"),
    .init(
      .fwDivertFrag, "fw.divert.frag", "ipfw_divert", .held, "as reass.*",
      "A fragment waits to be reassembled before it is diverted.", needs: "IPDIVERT"),
    .init(
      .ipLinklocal, "ip.linklocal", "ip_input", .drop, "ips_cantforward",
      "The destination is link-local (169.254/16) and not ours."),
    .init(
      .ipMforward, "ip.mforward", "ip_input", .drop, "ips_cantforward",
      "The multicast router refused the packet.", needs: "MROUTING"),
    .init(
      .ipFaith, "ip.faith", "ip_input", .drop, "none",
      "A faith interface takes only TCP and ICMP, if keepfaith is set.",
      needs: "faith", sysctl: "net.inet.ip.keepfaith"),
    .init(
      .ipCantforward, "ip.cantforward", "ip_input", .drop, "ips_cantforward",
      "Not for us, and this host does not forward.", sysctl: "net.inet.ip.forwarding"),
    .init(
      .ipIpsecFwdNosp, "ip.ipsec.fwd.nosp", "ip_input", .drop, "none",
      "No security policy covers the packet to forward.", needs: "IPSEC"),
    .init(
      .ipIpsecFwdReject, "ip.ipsec.fwd.reject", "ip_input", .drop, "ips_cantforward",
      "The security policy rejects the packet to forward.", needs: "IPSEC"),
    .init(
      .ipIpsecIn, "ip.ipsec.in", "ip_input", .drop, "none",
      "The security policy rejects the packet for us.", needs: "IPSEC"),
  ]
}

extension TraceRow {
  /// IP options (table B): ip_dooptions.
  static let options: [TraceRow] = [
    .init(
      .optReject, "opt.reject", "ip_dooptions", .reply, "ips_badoptions",
      "Options are refused altogether; answered with 3/13.", sysctl: "net.inet.ip.process_options"),
    .init(
      .optBadTrunc, "opt.bad/trunc", "ip_dooptions", .reply, "ips_badoptions",
      "An option has no room for its length byte.", sysctl: "net.inet.ip.process_options"),
    .init(
      .optBadLen, "opt.bad/len", "ip_dooptions", .reply, "ips_badoptions",
      "An option's length is below 2 or past the header.", sysctl: "net.inet.ip.process_options"),
    .init(
      .optBadLsrrLen, "opt.bad/lsrr.len", "ip_dooptions", .reply, "ips_badoptions",
      "A loose source route is shorter than 3.", sysctl: "net.inet.ip.process_options"),
    .init(
      .optBadLsrrPtr, "opt.bad/lsrr.ptr", "ip_dooptions", .reply, "ips_badoptions",
      "A loose source route's pointer is below 4.", sysctl: "net.inet.ip.process_options"),
    .init(
      .optBadSsrrLen, "opt.bad/ssrr.len", "ip_dooptions", .reply, "ips_badoptions",
      "A strict source route is shorter than 3.", sysctl: "net.inet.ip.process_options"),
    .init(
      .optBadSsrrPtr, "opt.bad/ssrr.ptr", "ip_dooptions", .reply, "ips_badoptions",
      "A strict source route's pointer is below 4.", sysctl: "net.inet.ip.process_options"),
    .init(
      .optBadRrLen, "opt.bad/rr.len", "ip_dooptions", .reply, "ips_badoptions",
      "A record route is shorter than 3.", sysctl: "net.inet.ip.process_options"),
    .init(
      .optBadRrPtr, "opt.bad/rr.ptr", "ip_dooptions", .reply, "ips_badoptions",
      "A record route's pointer is below 4.", sysctl: "net.inet.ip.process_options"),
    .init(
      .optBadTsLen, "opt.bad/ts.len", "ip_dooptions", .reply, "ips_badoptions",
      "A timestamp option's length is not 4 to 40.", sysctl: "net.inet.ip.process_options"),
    .init(
      .optBadTsPtr, "opt.bad/ts.ptr", "ip_dooptions", .reply, "ips_badoptions",
      "A timestamp option's pointer is below 5.", sysctl: "net.inet.ip.process_options"),
    .init(
      .optBadTsOvf, "opt.bad/ts.ovf", "ip_dooptions", .reply, "ips_badoptions",
      "A full timestamp option's overflow count wrapped.", sysctl: "net.inet.ip.process_options"),
    .init(
      .optBadTsRoom, "opt.bad/ts.room", "ip_dooptions", .reply, "ips_badoptions",
      "A timestamp option has no room for address and time.",
      sysctl: "net.inet.ip.process_options"),
    .init(
      .optBadTsFlag, "opt.bad/ts.flag", "ip_dooptions", .reply, "ips_badoptions",
      "A timestamp option's flag is unknown.", sysctl: "net.inet.ip.process_options"),
    .init(
      .optSsrrNothere, "opt.ssrr.nothere", "ip_dooptions", .reply, "ips_badoptions",
      "Strict source route, but the packet is not addressed to us; 3/5.",
      sysctl: "net.inet.ip.process_options"),
    .init(
      .optSrDenied, "opt.sr.denied", "ip_dooptions", .reply, "ips_badoptions",
      "Source routing is off here; answered with 3/5.", sysctl: "net.inet.ip.sourceroute"),
    .init(
      .optSrSilent, "opt.sr.silent", "ip_dooptions", .drop, "ips_cantforward",
      "Source routing and forwarding are both off.", sysctl: "net.inet.ip.sourceroute"),
    .init(
      .optSrStealth, "opt.sr.stealth", "ip_dooptions", .drop, "ips_cantforward",
      "A stealth router does not follow source routes.",
      needs: "IPSTEALTH", sysctl: "net.inet.ip.stealth"),
    .init(
      .optSrNohop, "opt.sr.nohop", "ip_dooptions", .reply, "ips_badoptions",
      "The next hop of the source route is unreachable; 3/5.",
      sysctl: "net.inet.ip.process_options"),
    .init(
      .optRrNoroute, "opt.rr.noroute", "ip_dooptions", .reply, "ips_badoptions",
      "Record route found no route to the destination; 3/1.",
      sysctl: "net.inet.ip.process_options"),
  ]
}

extension TraceRow {
  /// Reassembly (table C).
  static let reassembly: [TraceRow] = [
    .init(
      .reassDisabled, "reass.disabled", "ip_reass", .drop, "ips_fragments, ips_fragdropped",
      "Reassembly is off: one of its limits is 0.", sysctl: "net.inet.ip.maxfragpackets"),
    .init(
      .reassBadlen, "reass.badlen", "ip_reass", .drop, "ips_toosmall, ips_fragdropped",
      "A fragment before the last is empty or no multiple of 8 long."),
    .init(
      .reassNomem, "reass.nomem", "ip_reass", .drop, "ips_fragments, ips_fragdropped",
      "No memory for a new reassembly queue.", needs: "mem"),
    .init(
      .reassEcn, "reass.ecn", "ip_reass", .drop, "ips_fragments, ips_fragdropped",
      "The ECN marks of the fragments contradict each other."),
    .init(
      .reassDup, "reass.dup", "ip_reass", .drop, "ips_fragments, ips_fragdropped",
      "Earlier fragments cover all of this one."),
    .init(
      .reassHeld, "reass.held", "ip_reass", .held, "ips_fragments",
      "The fragment waits for the others."),
    .init(
      .reassDone, "reass.done", "ip_reass", .alternate, "ips_reassembled",
      "The datagram is complete; its fragments end here and it goes on."),
    .init(
      .reassSuperseded, "reass.superseded", "ip_reass", .drop, "ips_fragdropped",
      "A newer fragment covers all of this held one."),
    .init(
      .reassToomany, "reass.toomany", "ip_reass", .drop, "ips_fragdropped",
      "The datagram came in too many fragments.", sysctl: "net.inet.ip.maxfragsperpacket"),
    .init(
      .reassToolong, "reass.toolong", "ip_reass", .drop, "ips_toolong, ips_fragdropped",
      "The complete datagram would exceed 65535 bytes."),
    .init(
      .reassEvicted, "reass.evicted", "ip_reass", .drop, "ips_fragtimeout",
      "A newer datagram needed the reassembly queue.", sysctl: "net.inet.ip.maxfragpackets"),
    .init(
      .reassTimeout, "reass.timeout", "ip_slowtimo", .drop, "ips_fragtimeout",
      "The other fragments did not come within 30 seconds."),
    .init(
      .reassShrunk, "reass.shrunk", "ip_slowtimo", .drop, "ips_fragdropped",
      "The limit on reassembly queues was lowered.", sysctl: "net.inet.ip.maxfragpackets"),
    .init(
      .reassDrained, "reass.drained", "ip_drain", .drop, "ips_fragdropped",
      "A memory shortage emptied the reassembly queues."),
  ]
}
