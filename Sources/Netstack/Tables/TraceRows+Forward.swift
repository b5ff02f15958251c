// SPDX-License-Identifier: BSD-2-Clause

extension TraceRow {
  /// Forwarding (table D), slow and fast path.
  static let forwarding: [TraceRow] = [
    .init(
      .fwdL2bcast, "fwd.l2bcast", "ip_forward", .drop, "ips_cantforward",
      "The frame was a link-level broadcast or multicast."),
    .init(
      .fwdBaddst, "fwd.baddst", "ip_forward", .drop, "ips_cantforward",
      "The destination may not be forwarded to."),
    .init(
      .fwdTtl, "fwd.ttl", "ip_forward", .reply, "none",
      "The time to live is used up; answered with 11/0.", sysctl: "net.inet.ip.stealth"),
    .init(
      .fwdNoroute, "fwd.noroute", "ip_forward", .reply, "none",
      "No route to the destination; answered with 3/1."),
    .init(
      .fwdOk, "fwd.ok", "ip_forward", .waypoint, "ips_forward",
      "The packet was forwarded; its end is that of its output."),
    .init(
      .fwdErrNeedfrag, "fwd.err.needfrag", "ip_forward", .reply, "ips_cantforward, ips_cantfrag",
      "Too big for the next link and not to be fragmented; 3/4."),
    .init(
      .fwdErrNobufs, "fwd.err.nobufs", "ip_forward", .drop, "ips_cantforward",
      "The output queue was full; the sender is not told.", sysctl: "net.inet.ip.sendsourcequench"),
    .init(
      .fwdErrQuench, "fwd.err.quench", "ip_forward", .reply, "ips_cantforward",
      "The output queue was full; answered with 4/0.", sysctl: "net.inet.ip.sendsourcequench"),
    .init(
      .fwdErrAcces, "fwd.err.acces", "ip_forward", .drop, "ips_cantforward",
      "A filter refused it, or the destination is a broadcast address."),
    .init(
      .fwdErrUnreach, "fwd.err.unreach", "ip_forward", .reply, "ips_cantforward",
      "Output failed; answered with 3/1."),
    .init(
      .fwdErrNocopy, "fwd.err.nocopy", "ip_forward", .drop, "ips_cantforward",
      "Output failed, and no copy was left to quote.", needs: "mem"),
    .init(
      .ffTooshortHdr, "ff.tooshort.hdr", "ip_fastforward", .drop, "ips_tooshort",
      "The packet is shorter than an IP header.", sysctl: "net.inet.ip.fastforwarding"),
    .init(
      .ffToosmall, "ff.toosmall", "ip_fastforward", .drop, "ips_toosmall",
      "The header could not be made contiguous.",
      needs: "mem", sysctl: "net.inet.ip.fastforwarding"),
    .init(
      .ffBadvers, "ff.badvers", "ip_fastforward", .drop, "ips_badvers",
      "The version is not 4.", sysctl: "net.inet.ip.fastforwarding"),
    .init(
      .ffBadhlen, "ff.badhlen", "ip_fastforward", .drop, "ips_badlen",
      "The header length is below 20; the slow path counts it elsewhere.",
      sysctl: "net.inet.ip.fastforwarding"),
    .init(
      .ffBadhlenTrunc, "ff.badhlen.trunc", "ip_fastforward", .drop, "ips_badhlen",
      "The packet is shorter than its header length.", sysctl: "net.inet.ip.fastforwarding"),
    .init(
      .ffBadsum, "ff.badsum", "ip_fastforward", .drop, "ips_badsum",
      "The header checksum is wrong.", sysctl: "net.inet.ip.fastforwarding"),
    .init(
      .ffTooshort, "ff.tooshort", "ip_fastforward", .drop, "ips_tooshort",
      "The packet is shorter than its total length.", sysctl: "net.inet.ip.fastforwarding"),
    .init(
      .ffBadaddr, "ff.badaddr", "ip_fastforward", .drop, "ips_badaddr",
      "Source or destination is a loopback address.", sysctl: "net.inet.ip.fastforwarding"),
    .init(
      .ffAltq, "ff.altq", "ip_fastforward", .drop, "none",
      "The ALTQ input conditioner refused the packet.",
      needs: "ALTQ", sysctl: "net.inet.ip.fastforwarding"),
    .init(
      .ffOptReject, "ff.opt.reject", "ip_fastforward", .reply, "none",
      "Options are refused altogether; answered with 3/13.", sysctl: "net.inet.ip.process_options"),
    .init(
      .ffFwIn, "ff.fw.in", "ip_fastforward", .drop, "none",
      "An inbound hook refused or took the packet.",
      needs: "ipfw", sysctl: "net.inet.ip.fastforwarding"),
    .init(
      .ffTtl, "ff.ttl", "ip_fastforward", .reply, "none",
      "The time to live is used up; answered with 11/0.", sysctl: "net.inet.ip.fastforwarding"),
    .init(
      .ffNoroute, "ff.noroute", "ip_findroute", .reply, "ips_noroute, ips_cantforward",
      "No usable route to the destination; answered with 3/1.",
      sysctl: "net.inet.ip.fastforwarding"),
    .init(
      .ffBlackhole, "ff.blackhole", "ip_fastforward", .drop, "none",
      "The route is a blackhole, or a broadcast one.", sysctl: "net.inet.ip.fastforwarding"),
    .init(
      .ffFwOut, "ff.fw.out", "ip_fastforward", .drop, "none",
      "An outbound hook refused or took the packet.",
      needs: "ipfw", sysctl: "net.inet.ip.fastforwarding"),
    .init(
      .ffReject, "ff.reject", "ip_fastforward", .reply, "none",
      "The route rejects; answered with 3/1.", sysctl: "net.inet.ip.fastforwarding"),
    .init(
      .ffQfull, "ff.qfull", "ip_fastforward", .drop, "ips_odropped",
      "The interface's send queue has no room.", sysctl: "net.inet.ip.fastforwarding"),
    .init(
      .ffLinkdown, "ff.linkdown", "ip_fastforward", .reply, "none",
      "The outgoing link is down; answered with 3/1.", sysctl: "net.inet.ip.fastforwarding"),
    .init(
      .ffNeedfrag, "ff.needfrag", "ip_fastforward", .reply, "ips_cantfrag",
      "Too big for the next link and not to be fragmented; 3/4.",
      sysctl: "net.inet.ip.fastforwarding"),
    .init(
      .ffFrag, "ff.frag", "ip_fastforward", .drop, "as out.frag.*",
      "The packet could not be fragmented; nobody is told.", sysctl: "net.inet.ip.fastforwarding"),
    .init(
      .ffIferr, "ff.iferr", "ip_fastforward", .drop, "ips_odropped",
      "The interface refused the packet.", sysctl: "net.inet.ip.fastforwarding"),
    .init(
      .ffOk, "ff.ok", "ip_fastforward", .sent, "ips_forward, ips_fastforward",
      "The packet was forwarded on the fast path.", sysctl: "net.inet.ip.fastforwarding"),
  ]
}
