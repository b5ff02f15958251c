// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell

extension Commands {
  /// ping(8): sends ICMP echo requests and waits for the answers.
  package static let ping = Command<Session>(
    "ping", summary: "send ICMP ECHO_REQUEST packets to network hosts", effect: .changes,
    usage: .exact(
      """
      usage: ping [-AaDdfnoQqRrv] [-c count] [-G sweepmaxsize] [-g sweepminsize]
                  [-h sweepincrsize] [-i wait] [-l preload] [-M mask | time] [-m ttl]
                  [-P policy] [-p pattern] [-S src_addr] [-s packetsize] [-t timeout]
                  [-W waittime] [-z tos] host
             ping [-AaDdfLnoQqRrv] [-c count] [-I iface] [-i wait] [-l preload]
                  [-M mask | time] [-m ttl] [-P policy] [-p pattern] [-S src_addr]
                  [-s packetsize] [-T ttl] [-t timeout] [-W waittime]
                  [-z tos] mcast-group

      """, status: 64),
    options: [
      Option("A", "Ring the bell when a packet is missed."),
      Option("a", "Ring the bell for each answer."),
      Option("c", argument: "count", "Stop after so many answers, and send no more than so many."),
      Option("D", "Set the Don't Fragment bit."),
      Option("d", "Set SO_DEBUG on the socket, which changes nothing."),
      Option("f", "Send as fast as answers come, a dot for each packet and a backspace for each."),
      Option("G", argument: "sweepmaxsize", "The largest packet of a sweep of sizes."),
      Option("g", argument: "sweepminsize", "The smallest packet of a sweep; by default 0."),
      Option("h", argument: "sweepincrsize", "How much each size of a sweep adds; by default 1."),
      Option("I", "Send multicasts by the interface with this address.", argument: .ownAddress),
      Option("i", argument: "wait", "Seconds between packets; by default 1."),
      Option("L", "This host does not hear its own multicasts."),
      Option("l", argument: "preload", "Send so many packets at once first."),
      Option("M", argument: "mask | time", "Ask for the netmask or the time instead."),
      Option("m", argument: "ttl", "The time to live of what is sent."),
      Option("n", "Show numbers instead of names, of which there is localhost alone."),
      Option("o", "Stop after the first answer."),
      Option("P", argument: "policy", "A policy of IPsec, which this kernel has not."),
      Option("p", argument: "pattern", "Up to 16 bytes in hexadecimal to fill the packets with."),
      Option("Q", "Do not show ICMP errors about our packets."),
      Option("q", "Show the first line and the statistics only."),
      Option("R", "Record the route in the packets' IP headers, and show it."),
      Option("r", "Send to hosts of attached networks only, without routes."),
      Option("S", "Send from this address of ours.", argument: .ownAddress),
      Option("s", argument: "packetsize", "Bytes of data in a packet; by default 56."),
      Option("T", argument: "ttl", "The time to live of multicasts."),
      Option("t", argument: "timeout", "Stop after so many seconds."),
      Option("v", "Show all ICMP packets that come, whomever they are about."),
      Option("W", argument: "waittime", "Milliseconds to wait for an answer; by default 10000."),
      Option("z", argument: "tos", "The type of service of what is sent."),
    ],
    operands: [Source("host", "The address to send to.")],
    description: [
      "Sends a packet a second on a raw socket of the machine and shows what comes back, until ^C "
        + "or what -c, -o, -t or -G says. The statistics then tell what was lost, and the round-trip "
        + "times. Time is the machine's: where nothing delays a packet its round-trip time is 0; "
        + "pipes of ipfw(8) delay.",
      "In a script, where nobody types ^C, a ping without -c, -t and -G ends after 60 seconds of "
        + "the machine's time.",
      "The exit status is 0 if anything was answered and 2 if not.",
    ],
    examples: [
      Example("ping -c 1 127.0.0.1", "Asks this host."),
      Example("ping -c 3 -i 0.2 -s 1000 127.0.0.1", "Sends 1000 bytes five times a second."),
      Example("ping -R -c 1 127.0.0.1", "Shows by whom the packets pass."),
    ],
    seeAlso: ["setfib(1)", "traceroute(8)", "ipfw(8)"]
  ) { session, invocation, arguments throws(Fault) in
    try PingRun.main(session, invocation, arguments)
  }
}

extension Source where World == Session {
  /// An address of this machine.
  static var ownAddress: Source {
    Source("address", "An address of this machine.") { session in
      session.kernel.interfaces(vnet: session.vnet).flatMap(\.addresses).map {
        Candidate("\($0.address)")
      }
    }
  }
}
