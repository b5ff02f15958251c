// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell
import Wire

extension Commands {
  /// traceroute(8): asks each router on the way for an answer.
  package static let traceroute = Command<Session>(
    "traceroute", summary: "print the route packets take to a network host", effect: .changes,
    usage: .exact(
      """
      Version 1.4a12+FreeBSD
      Usage: traceroute [-adDeFInrSvx] [-f first_ttl] [-g gateway] [-i iface]
      \t[-m max_ttl] [-p port] [-P proto] [-q nqueries] [-s src_addr]
      \t[-t tos] [-w waittime] [-A as_server] [-z pausemsecs] host [packetlen]

      """, status: 1, isAlone: true),
    options: [
      Option("A", argument: "as_server", "Ask this server for numbers of autonomous systems."),
      Option("a", "Show numbers of autonomous systems; no server can be reached here."),
      Option("D", "Show how quoted packets differ from those that were sent."),
      Option("d", "Set SO_DEBUG on the sockets, which changes nothing."),
      Option("e", "Send all packets to the same port."),
      Option("F", "Set the Don't Fragment bit."),
      Option("f", argument: "first_ttl", "The time to live to begin with; by default 1."),
      Option("g", argument: "gateway", "A gateway of a loose source route; up to 8 of them."),
      Option("I", "Send ICMP echo requests."),
      Option("i", "Send from the address of this interface.", argument: .interface()),
      Option("M", argument: "first_ttl", "The same as -f."),
      Option("m", argument: "max_ttl", "The time to live to end with; by default net.inet.ip.ttl."),
      Option("n", "Show addresses without names, of which there is localhost alone."),
      Option(
        "P", "The protocol to send: udp, tcp, gre, icmp, or another by name or number.",
        argument: Source("proto") { _ in ["udp", "tcp", "gre", "icmp"].map { Candidate($0) } }),
      Option("p", argument: "port", "The port to count on from; by default 33434."),
      Option("q", argument: "nqueries", "Packets for each time to live; by default 3."),
      Option("r", "Send to hosts of attached networks only, without routes."),
      Option("S", "Show how many were not answered."),
      Option("s", "Send from this address of ours.", argument: .ownAddress),
      Option("t", argument: "tos", "The type of service of what is sent."),
      Option("v", "Show other ICMP packets too; twice, the packets sent too."),
      Option("w", argument: "waittime", "Seconds to wait for an answer; by default 5."),
      Option("x", "Make no checksums."),
      Option("z", argument: "pausemsecs", "Milliseconds to pause between packets."),
    ],
    operands: [
      Source("host", "The address to trace."),
      Source("packetlen", "The length of the packets; by default as short as can be.").optional,
    ],
    description: [
      "Sends packets with a time to live of 1, 2 and so on, which ends at the first, the second "
        + "router, and shows who says so and after how long, or * if nobody does. It ends when the "
        + "host itself answers.",
      "Behind a time ! means that the answer came with a time to live of 1 or less; !N, !H and !P "
        + "that network, host or protocol cannot be reached, !F-1400 that the packet is too long "
        + "for a link of that MTU, !S that the source route failed, !X that a filter forbids it, "
        + "and !<N> stands for other codes.",
    ],
    examples: [
      Example("traceroute -n 127.0.0.1", "Traces the way to this host."),
      Example("traceroute -I -q 1 127.0.0.1", "Does so with one echo request a step."),
    ],
    seeAlso: ["ping(8)", "setfib(1)", "route(8)"]
  ) { session, invocation, arguments throws(Fault) in
    try TracerouteRun.main(session, invocation, arguments)
  }
}
