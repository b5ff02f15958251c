// SPDX-License-Identifier: BSD-2-Clause

extension TraceRow {
  /// Bridges: our own ids.
  static let bridge: [TraceRow] = [
    .init(
      .brMonitor, "br.monitor", "bridge_input", .drop, "if_ipackets, if_ibytes",
      "The bridge only monitors; frames end after the tap."),
    .init(
      .brOwn, "br.own", "bridge_input", .drop, "none",
      "The frame has an address of this bridge or its members as source: it was sent from here."),
    .init(
      .brOurs, "br.ours", "bridge_input", .waypoint, "none",
      "The frame is for this host: it goes up the stack as received there."),
    .init(
      .brTree, "br.tree", "bstp_input", .delivered, "none",
      "The spanning tree's port read the message."),
    .init(
      .brNotree, "br.notree", "bstp_input", .drop, "none",
      "A message of the spanning tree came to a member that takes no part in it."),
    .init(
      .brTreeSent, "br.tree.sent", "bstp_transmit", .sent, "if_obytes",
      "A message of the spanning tree was handed to the interface."),
    .init(
      .brLearned, "br.learned", "bridge_rtupdate", .waypoint, "none",
      "The sender's address is new in the table."),
    .init(
      .brMoved, "br.moved", "bridge_rtupdate", .waypoint, "none",
      "The sender was behind another member before."),
    .init(
      .brSeen, "br.seen", "bridge_rtupdate", .waypoint, "none",
      "The sender's entry lives on."),
    .init(
      .brStays, "br.stays", "bridge_rtupdate", .waypoint, "none",
      "The sender's entry is static or sticky and stays at another member."),
    .init(
      .brBadsource, "br.badsource", "bridge_rtupdate", .waypoint, "none",
      "The sender's address is none of a station, and is not learned."),
    .init(
      .brFull, "br.full", "bridge_rtupdate", .waypoint, "none",
      "The table is full: the sender's address is not learned."),
    .init(
      .brLimit, "br.limit", "bridge_rtupdate", .waypoint, "none",
      "The member has as many addresses as it may: the sender's is not learned."),
    .init(
      .brRefused, "br.refused", "bridge_forward", .drop, "none",
      "The member has a limit of addresses, and the sender's is not known."),
    .init(
      .brLearning, "br.learning", "bridge_forward", .drop, "none",
      "The member's port of the spanning tree is learning and does not forward yet."),
    .init(
      .brKnown, "br.known", "bridge_rtlookup", .waypoint, "none",
      "The table knows behind which member the station is."),
    .init(
      .brUnknown, "br.unknown", "bridge_rtlookup", .waypoint, "none",
      "The table does not know the station: the frame is for all members."),
    .init(
      .brGroup, "br.group", "bridge_forward", .waypoint, "if_imcasts",
      "The frame is for several stations and so for all members."),
    .init(
      .brSameside, "br.sameside", "bridge_forward", .drop, "none",
      "The station is behind the member that the frame came from."),
    .init(
      .brReserved, "br.reserved", "bridge_forward", .drop, "none",
      "A group address that no bridge forwards."),
    .init(
      .brPrivate, "br.private", "bridge_forward", .drop, "none",
      "Both members are private."),
    .init(
      .brBlocked, "br.blocked", "bridge_forward", .drop, "none",
      "The spanning tree keeps the member from sending."),
    .init(
      .brDown, "br.down", "bridge_forward", .drop, "none",
      "The member behind which the station is does not run; a local sender is not told."),
    .init(
      .brSkipSource, "br.skip.source", "bridge_broadcast", .waypoint, "none",
      "Not back to the member that it came from."),
    .init(
      .brSkipPrivate, "br.skip.private", "bridge_broadcast", .waypoint, "none",
      "Not to this member: both are private."),
    .init(
      .brSkipBlocked, "br.skip.blocked", "bridge_broadcast", .waypoint, "none",
      "Not to this member: the spanning tree keeps it from sending."),
    .init(
      .brSkipDiscover, "br.skip.discover", "bridge_broadcast", .waypoint, "none",
      "Not to this member: it is to get no frames for unknown stations."),
    .init(
      .brSkipDown, "br.skip.down", "bridge_broadcast", .waypoint, "none",
      "Not to this member: it does not run."),
    .init(
      .brNomem, "br.nomem", "bridge_broadcast", .drop, "if_oerrors",
      "No memory for a copy.", needs: "mem"),
    .init(
      .brNobody, "br.nobody", "bridge_broadcast", .drop, "none",
      "No member may have the frame; a local sender is not told."),
    .init(
      .brCopied, "br.copied", "bridge_broadcast", .sent, "none",
      "Copies left by members; none was left for the frame itself."),
    .init(
      .brSent, "br.sent", "bridge_enqueue", .sent, "if_opackets, if_obytes",
      "The frame was handed to a member, and counts on the bridge too."),
    .init(
      .brPfil, "br.pfil", "bridge_pfil", .waypoint, "none",
      "The filters are asked for this interface.", sysctl: "net.link.bridge.pfil_member"),
    .init(
      .brNotip, "br.notip", "bridge_pfil", .drop, "none",
      "The filters do not know the frame's type.", sysctl: "net.link.bridge.pfil_onlyip"),
    .init(
      .brToosmall, "br.toosmall", "bridge_ip_checkbasic", .drop, "ips_toosmall",
      "The packet is shorter than an IP header."),
    .init(
      .brBadvers, "br.badvers", "bridge_ip_checkbasic", .drop, "ips_badvers",
      "The packet's version is not 4."),
    .init(
      .brBadhlen, "br.badhlen", "bridge_ip_checkbasic", .drop, "ips_badhlen",
      "The packet's header length is below 20 or above its own."),
    .init(
      .brBadsum, "br.badsum", "bridge_ip_checkbasic", .drop, "ips_badsum",
      "The packet's header checksum is wrong."),
    .init(
      .brBadlen, "br.badlen", "bridge_ip_checkbasic", .drop, "ips_badlen",
      "The packet's length is below its header's."),
    .init(
      .brTooshort, "br.tooshort", "bridge_ip_checkbasic", .drop, "ips_tooshort",
      "The frame has fewer bytes than the packet's length says."),
    .init(
      .brBadip6, "br.badip6", "bridge_ip6_checkbasic", .drop, "none",
      "The frame has no IPv6 header."),
    .init(
      .brFwDeny, "br.fw.deny", "bridge_pfil", .drop, "none",
      "The firewall refused the frame on the bridge or a member.", needs: "ipfw"),
    .init(
      .brFwHold, "br.fw.hold", "bridge_pfil", .held, "none",
      "The firewall gave the frame to dummynet.", needs: "ipfw layer2",
      sysctl: "net.link.bridge.ipfw"),
    .init(
      .brLeft, "br.left", "bridge_dummynet", .drop, "none",
      "The interface was taken out of the bridge while the frame waited.", needs: "dummynet"),
    .init(
      .brDf, "br.df", "bridge_fragment", .drop, "ips_cantfrag",
      "The packet is too long for the member and may not be cut; nobody is told."),
    .init(
      .brFragnobufs, "br.fragnobufs", "bridge_fragment", .drop, "ips_odropped",
      "No memory for a fragment.", needs: "mem"),
    .init(
      .brFragsent, "br.fragsent", "bridge_fragment", .sent, "ips_fragmented, ips_ofragments",
      "The packet left in fragments."),
  ]
}
