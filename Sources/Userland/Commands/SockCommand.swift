// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell
import Wire

extension Commands {
  /// sock(8): sockets by hand. Ours; FreeBSD has no such command.
  package static let sock = Command<Session>(
    "sock", summary: "make sockets, and send and receive on them", effect: .changes,
    options: TraceFormat.options + [
      Option("x", "Show the bytes that were received in hexadecimal too.")
    ],
    operands: [
      Source("word", "What to do, or the kind of socket to make.") { _ in
        ["udp", "tcp", "raw", "divert", "list", "set", "bind", "connect", "send", "recv", "close"]
          .map { Candidate($0) }
      },
      Source("argument", "What it does it with: sockets, ends, options.") { session in
        ["bind", "listen", "connect", "to", "hex", "back"].map { Candidate($0) }
          + ["fib", "minttl", "join", "leave"].map { Candidate($0) }
          + session.kernel.sockets(vnet: session.vnet).map { Candidate("\($0.index.number)") }
          + SocketWord.all.map { Candidate($0.name) }
      }.optional.repeated,
    ], keywords: [DivertedPacket.table.section],
    description: [
      "'udp', 'tcp', 'raw PROTOCOL' and 'divert PORT' make a socket and print its number; it stays "
        + "until 'close'. "
        + "What follows is done to it in turn: 'bind END', 'listen END', 'connect END', and options. "
        + "An end is ADDRESS:PORT, where * stands for any address and port 0 lets the kernel choose; "
        + "of a raw socket it is an address.",
      "The socket's forwarding table is that of the process, as setfib(1) sets it, unless 'fib N' "
        + "sets another. What it sends takes that table, and a connection that a listening socket "
        + "accepts has its listener's.",
      "The options are reuseaddr, reuseport, broadcast, dontroute, hdrincl, onesbcast, dontfrag, "
        + "highport, lowport, fib N, minttl N, and join GROUP and leave GROUP, both with an interface "
        + "behind them or without; 'set NUMBER' sets them later.",
      "'send NUMBER TEXT [to END]' sends the bytes of a text, or with 'hex' before it those that it "
        + "spells, and shows what becomes of them as trace(8) does. With hdrincl they begin with the "
        + "IP header, as on the wire. 'recv NUMBER' shows what has waited longest. TCP sockets take "
        + "connections and data; they do not send.",
      "A divert socket gets the packets that the ipfw(8) rules 'divert PORT' and 'tee PORT' send it. "
        + "'recv' shows the packet as tcpdump(1) does, the rule, and the interface it came in by; "
        + "'send NUMBER back' gives the last one read to the kernel again, at the rules behind that "
        + "one, and 'send NUMBER hex BYTES' a packet made by hand. The words under DIVERTED PACKET "
        + "change it on its way. What is never sent back is lost, but for the copies of 'tee'.",
    ],
    examples: [
      Example("sock udp bind 10.1.0.1:53", "Waits for datagrams to one address."),
      Example("setfib 1 sock tcp listen *:80", "Takes connections in the second forwarding table."),
      Example("sock raw icmp", "Gets a copy of the ICMP messages that are not answered."),
      Example("sock divert 8668", "Gets what rules divert to this port."),
      Example("sock list", "Shows all sockets, the oldest first."),
    ], seeAlso: ["inject(8)", "ipfw(8)", "netstat(1)", "setfib(1)", "trace(8)"],
    compatibility: ["This is a command of fibsh; FreeBSD has none like it."]
  ) { session, invocation, arguments throws(Fault) in
    try SockRun(session, invocation.output, arguments).run(arguments.operands[...])
  }
}

/// The words that set something on a socket without a value.
struct SocketWord: Sendable {
  let name: String
  let option: SocketOptions

  static let all = [
    SocketWord(name: "reuseaddr", option: .SO_REUSEADDR),
    SocketWord(name: "reuseport", option: .SO_REUSEPORT),
    SocketWord(name: "broadcast", option: .SO_BROADCAST),
    SocketWord(name: "dontroute", option: .SO_DONTROUTE),
    SocketWord(name: "hdrincl", option: .IP_HDRINCL),
    SocketWord(name: "onesbcast", option: .IP_ONESBCAST),
    SocketWord(name: "dontfrag", option: .IP_DONTFRAG),
    SocketWord(name: "highport", option: .INP_HIGHPORT),
    SocketWord(name: "lowport", option: .INP_LOWPORT),
  ]
}
