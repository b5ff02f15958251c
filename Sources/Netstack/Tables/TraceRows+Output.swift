// SPDX-License-Identifier: BSD-2-Clause

extension TraceRow {
  /// ip_output and raw output (table E).
  static let output: [TraceRow] = [
    .init(
      .outNorouteOnes, "out.noroute.ones", "ip_output", .drop, "ips_noroute",
      "No interface has the destination as broadcast or peer address."),
    .init(
      .outNorouteIf, "out.noroute.if", "ip_output", .drop, "ips_noroute",
      "The destination is on no attached subnet, and routing was declined."),
    .init(
      .outNoroute, "out.noroute", "ip_output", .drop, "ips_noroute",
      "The FIB has no route to the destination."),
    .init(
      .outNorouteMcast, "out.noroute.mcast", "ip_output", .drop, "ips_noroute",
      "The interface of a multicast packet cannot multicast."),
    .init(
      .outMforward, "out.mforward", "ip_output", .drop, "none",
      "The multicast router refused the packet; the sender sees success.", needs: "MROUTING"),
    .init(
      .outMcastLocal, "out.mcast.local", "ip_output", .drop, "none",
      "A multicast packet that may not leave; a looped copy may exist."),
    .init(
      .outQfull, "out.qfull", "ip_output", .drop, "ips_odropped",
      "The send queue has no room for all of the packet."),
    .init(
      .outBcastIf, "out.bcast.if", "ip_output", .drop, "none",
      "A broadcast by an interface that cannot broadcast."),
    .init(
      .outBcastPerm, "out.bcast.perm", "ip_output", .drop, "none",
      "The sender has no permission to broadcast."),
    .init(
      .outBcastSize, "out.bcast.size", "ip_output", .drop, "none",
      "A broadcast must fit the interface's MTU."),
    .init(
      .outIpsecDrop, "out.ipsec.drop", "ip_output", .drop, "none",
      "The security policy refused the packet.", needs: "IPSEC"),
    .init(
      .outIpsecTaken, "out.ipsec.taken", "ip_output", .alternate, "none",
      "IPsec took the packet.", needs: "IPSEC"),
    .init(
      .outFwDeny, "out.fw.deny", "ip_output", .drop, "none",
      "An outbound hook refused the packet.", needs: "ipfw"),
    .init(
      .outFwConsumed, "out.fw.consumed", "ip_output", .held, "none",
      "An outbound hook took the packet: dummynet, divert or netgraph.",
      needs: "dummynet, IPDIVERT"),
    .init(
      .outRequeue, "out.requeue", "ip_output", .alternate, "none",
      "A hook made the destination our own: the packet becomes input.", needs: "ipfw"),
    .init(
      .outBadaddr, "out.badaddr", "ip_output", .drop, "ips_badaddr",
      "A loopback address may not leave by another interface."),
    .init(
      .outDf, "out.df", "ip_output", .drop, "ips_cantfrag",
      "Too big for the link, and fragmenting is forbidden."),
    .init(
      .outFragSmall, "out.frag.small", "ip_fragment", .drop, "none",
      "The MTU has no room for 8 bytes of payload."),
    .init(
      .outFragNobufs, "out.frag.nobufs", "ip_fragment", .drop, "ips_odropped",
      "No buffer for a fragment.", needs: "mem"),
    .init(
      .outSent, "out.sent", "ip_output", .sent, "none",
      "The packet was handed to the interface."),
    .init(
      .outFragsent, "out.fragsent", "ip_output", .sent, "ips_fragmented, ips_ofragments",
      "All fragments were handed to the interface."),
    .init(
      .outIferr, "out.iferr", "ip_output", .drop, "none",
      "The interface refused the packet or one of its fragments."),
    .init(
      .rawOutMsgsize, "raw.out.msgsize", "rip_output", .drop, "none",
      "The raw datagram exceeds 65535 bytes."),
    .init(
      .rawOutInval, "raw.out.inval", "rip_output", .drop, "none",
      "What the sender wrote contradicts itself, or no interface has its address."),
    .init(
      .rawOutJail, "raw.out.jail", "rip_output", .drop, "none",
      "The jail does not own the source address.", needs: "jail"),
  ]
}
