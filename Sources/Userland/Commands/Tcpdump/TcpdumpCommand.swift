// SPDX-License-Identifier: BSD-2-Clause

package import Shell

import Netstack
import Wire

extension Commands {
  package static let tcpdump = Command<Session>(
    "tcpdump", section: 1, summary: "dump traffic on a network", effect: .changes,
    usage: .exact(TcpdumpOptions.usage, status: 1, isAlone: true),
    options: TcpdumpOptions.letters,
    operands: [
      Source("expression", "Which packets to show, as in pcap-filter(7).").optional.repeated,
      Source("--", "", kind: .literal(["--"])).optional,
      .command("command", "What to watch the interface for.").optional,
    ],
    description: [
      "Prints the packets that an interface receives and sends from now on, with the virtual time "
        + "of each, until ^C or as many as -c says. Behind '&' it goes on while other commands run, "
        + "until it is killed. With '--' and a command it watches while that runs. Packets that "
        + "trace(8) makes up are on no interface. With -r prints a capture file.",
      "Lines are those of tcpdump 4.0.0. Without -n ports have names, and link addresses their "
        + "makers; no address of the network has a name here.",
    ],
    examples: [
      Example(
        "tcpdump -n -e -i em0 icmp -- inject -q icmp from 10.1.0.7 to 10.1.0.1 recv em0",
        "shows the echo request and the reply as they pass em0"),
      Example("tcpdump -n -i em0 arp & sleep 5; kill %1", "shows the ARP of five seconds"),
      Example("tcpdump -D", "lists the interfaces"),
    ], seeAlso: ["inject(8)", "neighbor(8)"],
    compatibility: ["Options are those of tcpdump 4.0.0, as FreeBSD 8 had it."]
  ) { session, invocation, _ throws(Fault) in
    // getopt(3) would take the two dashes in front of the command for its own.
    let words = invocation.arguments
    let end = words.firstIndex(of: "--") ?? words.endIndex
    let options = try TcpdumpOptions(words[..<end], session, invocation)
    let command = Array(words[end...].dropFirst())
    if options.listsInterfaces {
      for (number, name) in session.captureInterfaces.enumerated() {
        invocation.output.line("\(number + 1).\(name)")
      }
    } else if let path = options.input {
      try TcpdumpFile(session, invocation, options).read(path)
    } else {
      try TcpdumpLive(session, invocation, options).run(command)
    }
  }
}

extension Session {
  /// The names of the interfaces that libpcap finds: those that are up, lowest unit first, loopback
  /// last (`pcap_findalldevs`).
  var captureInterfaces: [String] {
    let up = interfaces.map(interface).filter { $0.flags.contains(.IFF_UP) }
    let keys = up.enumerated().map { place, info in
      let name = "\(info.name)"
      let digits = String(name.reversed().prefix(while: \.isNumber).reversed())
      return (isLoopback: info.type == .loopback, unit: Int(digits) ?? 0, place: place, name: name)
    }
    return keys.sorted { a, b in
      (a.isLoopback ? 1 : 0, a.unit, a.place) < (b.isLoopback ? 1 : 0, b.unit, b.place)
    }.map(\.name)
  }
}
