// SPDX-License-Identifier: BSD-2-Clause

extension TraceRow {
  /// Link level (table A) and the interface tails of table E.
  static let link: [TraceRow] = [
    .init(.ethDown, "eth.down", "ether_input", .drop, "none", "The receiving interface is not up."),
    .init(
      .ethNopkthdr, "eth.nopkthdr", "ether_input", .drop, "if_ierrors",
      "The buffer has no packet header.", needs: "a faulty driver"),
    .init(
      .ethRunt, "eth.runt", "ether_input", .drop, "if_ierrors",
      "The frame is shorter than an Ethernet header."),
    .init(
      .ethNorcvif, "eth.norcvif", "ether_input", .drop, "if_ierrors",
      "The frame names no receiving interface.", needs: "a faulty driver"),
    .init(
      .ethMonitor, "eth.monitor", "ether_input", .drop, "if_ibytes",
      "The interface only monitors; frames end after the tap."),
    .init(
      .ethLagg, "eth.lagg", "ether_input", .alternate, "none",
      "A link aggregation took the frame.", needs: "lagg"),
    .init(
      .ethVlanshort, "eth.vlanshort", "ether_input", .drop, "if_ierrors",
      "The frame says 802.1Q but is too short for a tag."),
    .init(
      .ethNetgraph, "eth.netgraph", "ether_input", .alternate, "none",
      "A netgraph hook took the frame.", needs: "netgraph"),
    .init(
      .ethBridge, "eth.bridge", "ether_input", .alternate, "none",
      "The frame comes to the bridge that the interface is a member of."),
    .init(
      .ethFwDeny, "eth.fw.deny", "ether_demux", .drop, "none",
      "The layer 2 firewall pass refused the frame.",
      needs: "ipfw layer2", sysctl: "net.link.ether.ipfw"),
    .init(
      .ethFwHold, "eth.fw.hold", "ether_demux", .held, "none",
      "The layer 2 firewall pass gave the frame to dummynet.",
      needs: "ipfw layer2", sysctl: "net.link.ether.ipfw"),
    .init(
      .ethNovlan, "eth.novlan", "ether_demux", .drop, "if_noproto",
      "No vlan interface takes the frame's tag."),
    .init(
      .ethVlan, "eth.vlan", "ether_demux", .alternate, "none",
      "The frame goes on as input of a vlan interface."),
    .init(
      .ethPromisc, "eth.promisc", "ether_demux", .drop, "none",
      "The frame is for another station; only promiscuous mode let it in."),
    .init(
      .ethNoarp, "eth.noarp", "ether_demux", .drop, "none",
      "An ARP frame on an interface that does no ARP."),
    .init(.ethArp, "eth.arp", "ether_demux", .alternate, "none", "The frame goes to ARP input."),
    .init(
      .ethOther, "eth.other", "ether_demux", .alternate, "none",
      "The frame goes to another known protocol."),
    .init(
      .ethUnknown, "eth.unknown", "ether_demux", .drop, "none",
      "Nobody handles the frame's type."),
    .init(
      .isrQdrop, "isr.qdrop", "netisr_queue", .drop, "net.inet.ip.intr_queue_drops",
      "The protocol's netisr queue is full.", sysctl: "net.inet.ip.intr_queue_maxlen"),
    .init(
      .isrHeld, "isr.held", "netisr_queue", .held, "none",
      "The packet waits in its protocol's queue, whose worker is stopped.",
      sysctl: "debug.netisr_stop"),
    .init(
      .isrGone, "isr.gone", "swi_net", .drop, "none",
      "The interface that the packet came from is gone when the worker takes it.",
      sysctl: "debug.netisr_stop"),
    .init(
      .ifDown, "if.down", "ether_output", .drop, "none",
      "The outgoing interface is not up and running, or only monitors."),
    .init(
      .ifQfull, "if.qfull", "ether_output", .drop, "ifq_drops",
      "The interface's send queue is full."),
    .init(
      .ifTx, "if.tx", "ether_output", .sent, "if_opackets, if_obytes",
      "The frame is handed to the device."),
    .init(
      .ifLoop, "if.loop", "if_simloop", .alternate, "if_opackets, if_obytes",
      "The packet comes back as input of the loopback interface."),
    .init(
      .ifSelfloop, "if.selfloop", "if_simloop", .alternate, "none",
      "The next hop is the interface's own address; the packet comes back."),
    .init(
      .ifLoopReject, "if.loop.reject", "looutput", .drop, "none",
      "The loopback interface met a reject route."),
    .init(
      .ifLoopBlackhole, "if.loop.blackhole", "looutput", .drop, "none",
      "The loopback interface met a blackhole route and reports success."),
    .init(
      .ethFwOut, "eth.fw.out", "ether_output_frame", .drop, "none",
      "The layer 2 firewall pass refused or took the outgoing frame.",
      needs: "ipfw layer2", sysctl: "net.link.ether.ipfw"),
    .init(
      .vlanDown, "vlan.down", "vlan_start", .drop, "if_collisions",
      "The VLAN's card is not up and running; the sender is not told."),
    .init(
      .tapClosed, "tap.closed", "tapifstart", .drop, "if_oerrors",
      "No process has opened the tap; the sender is not told."),
    .init(
      .epairDown, "epair.down", "epair_transmit", .drop, "if_oerrors",
      "The other end is not up; the sender is not told."),
    .init(
      .isrStorm, "isr.storm", "swi_net", .drop, "none",
      "The packet goes round and round, or others do: fibsh ends it where 8.0 never would."),
    .init(
      .vnetGone, "vnet.gone", "vnet_destroy", .drop, "none",
      "The network stack that the packet waited in is gone.", needs: "VIMAGE"),
    .init(
      .linkHeld, "link.held", "epair_transmit", .held, "if_opackets, if_obytes",
      "The frame is on its cable, which takes time: see link(8)."),
    .init(
      .linkLost, "link.lost", "epair_transmit", .drop, "if_opackets, if_obytes",
      "The cable loses the frame, by chance: see link(8)."),
    .init(
      .linkDown, "link.down", "epair_transmit", .drop, "if_opackets, if_obytes",
      "The cable is pulled out: see link(8)."),
    .init(
      .linkFull, "link.full", "epair_transmit", .drop, "if_opackets, if_obytes",
      "Too many frames wait for the cable's bandwidth: see link(8)."),
    .init(
      .linkGone, "link.gone", "epair_clone_destroy", .drop, "none",
      "The pair was destroyed while the frame was on its cable."),
    .init(
      .discEaten, "disc.eaten", "discoutput", .drop, "if_opackets, if_obytes",
      "The disc interface throws away what it is given; the sender is not told."),
    .init(
      .edscEaten, "edsc.eaten", "edsc_start", .drop, "if_opackets, if_obytes",
      "The edsc interface throws away what it is given; the sender is not told."),
    .init(
      .gifLoop, "gif.loop", "gif_output", .drop, "if_oerrors",
      "The same tunnel has wrapped the packet already."),
    .init(
      .gifNested, "gif.nested", "gif_output", .drop, "if_oerrors",
      "The packet has been wrapped as often as may be.", sysctl: "net.link.gif.max_nesting"),
    .init(
      .gifDown, "gif.down", "gif_output", .drop, "if_oerrors",
      "The tunnel is not up, or has no ends."),
    .init(
      .gifNoroute, "gif.noroute", "in_gif_output", .drop, "if_oerrors",
      "The tunnel's table has no route to its other end."),
    .init(
      .gifSelf, "gif.self", "in_gif_output", .drop, "if_oerrors",
      "The route to the tunnel's other end leads into the tunnel."),
    .init(
      .greNested, "gre.nested", "gre_output", .drop, "if_oerrors",
      "The packet has come back into the tunnel that wrapped it."),
    .init(
      .greDown, "gre.down", "gre_output", .drop, "if_oerrors",
      "The tunnel is not up and running, or has no ends."),
    .init(
      .greFragment, "gre.fragment", "gre_output", .drop, "if_oerrors, ifq_drops",
      "RFC 2004's encapsulation takes no fragment, nor what must not be one."),
  ]
}

extension TraceRow {
  /// ARP: sending (table E), and input, whose ids are our own.
  static let arp: [TraceRow] = [
    .init(
      .arpHold, "arp.hold", "arpresolve", .held, "none",
      "The packet waits for the next hop's link address."),
    .init(
      .arpReplaced, "arp.replaced", "arpresolve", .drop, "none",
      "A newer packet took the one place in the ARP entry."),
    .init(
      .arpFail, "arp.fail", "arpresolve", .held, "none",
      "Too many requests went unanswered; the sender gets an error.",
      sysctl: "net.link.ether.inet.maxtries"),
    .init(
      .arpInval, "arp.inval", "arpresolve", .drop, "none",
      "No ARP entry may be made for the next hop on this interface."),
    .init(
      .arpTimeout, "arp.timeout", "arptimer", .drop, "none",
      "The ARP entry that held the packet expired."),
    .init(
      .arpFlushed, "arp.flushed", "llentry_free", .drop, "none",
      "The ARP entry that held the packet was removed."),
    .init(.arpSent, "arp.sent", "arprequest", .sent, "none", "A request was broadcast."),
    .init(
      .arpRequestNoaddr, "arp.request.noaddr", "arprequest", .drop, "none",
      "The interface has no address to ask from."),
    .init(
      .arpRunt, "arp.runt", "arpintr", .drop, "none",
      "The packet is shorter than the fixed ARP header."),
    .init(.arpBadhw, "arp.badhw", "arpintr", .drop, "none", "The hardware type is unknown."),
    .init(
      .arpRuntLen, "arp.runt.len", "arpintr", .drop, "none",
      "The packet is shorter than its address lengths imply."),
    .init(.arpBadproto, "arp.badproto", "arpintr", .drop, "none", "The protocol is not IPv4."),
    .init(
      .arpRuntIn, "arp.runt.in", "in_arpinput", .drop, "none",
      "The packet is too short for this interface's addresses."),
    .init(
      .arpNoaddr, "arp.noaddr", "in_arpinput", .drop, "none",
      "The receiving interface has no IPv4 address to answer for."),
    .init(
      .arpOurs, "arp.ours", "in_arpinput", .drop, "none",
      "The sender's link address is our own."),
    .init(
      .arpBcastmac, "arp.bcastmac", "in_arpinput", .drop, "none",
      "The sender claims the broadcast link address."),
    .init(
      .arpDup, "arp.dup", "in_arpinput", .drop, "none",
      "Another station uses our address; only its requests are answered."),
    .init(
      .arpPermanent, "arp.permanent", "in_arpinput", .drop, "none",
      "The packet would change a permanent entry."),
    .init(
      .arpLearned, "arp.learned", "in_arpinput", .delivered, "none",
      "A reply was consumed: the sender's entry is new or refreshed.",
      sysctl: "net.link.ether.inet.max_age"),
    .init(
      .arpNoreply, "arp.noreply", "in_arpinput", .drop, "none",
      "Not a request, and nothing was learned from it."),
    .init(
      .arpReplied, "arp.replied", "in_arpinput", .reply, "none",
      "A request for our address was answered."),
    .init(
      .arpRequestProxied, "arp.request.proxied", "in_arpinput", .reply, "none",
      "A request was answered for another: published entry or proxyall.",
      sysctl: "net.link.ether.inet.proxyall"),
    .init(
      .arpRequestWrongif, "arp.request.wrongif", "in_arpinput", .drop, "none",
      "proxyall refused: the sender is routed by another interface.",
      sysctl: "net.link.ether.inet.proxyall"),
    .init(
      .arpRequestNotours, "arp.request.notours", "in_arpinput", .drop, "none",
      "The request asks for an address that we do not answer for."),
  ]
}
