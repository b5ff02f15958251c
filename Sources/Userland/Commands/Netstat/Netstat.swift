// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell
import Wire

extension Commands {
  /// netstat(1): shows routes, interfaces and counters.
  package static let netstat = Command<Session>(
    "netstat", section: 1, summary: "show network status", effect: .changes,
    usage: .exact(
      """
      usage: netstat [-AaLnSWx] [-f protocol_family | -p protocol]
                     [-M core] [-N system]
             netstat -i | -I interface [-abdhnW] [-f address_family]
                     [-M core] [-N system]
             netstat -w wait [-I interface] [-d] [-M core] [-N system]
                     [-q howmany]
             netstat -s [-s] [-z] [-f protocol_family | -p protocol]
                     [-M core] [-N system]
             netstat -i | -I interface -s [-f protocol_family | -p protocol]
                     [-M core] [-N system]
             netstat -m [-M core] [-N system]
             netstat -B [-I interface]
             netstat -r [-AanW] [-f address_family] [-M core] [-N system]
             netstat -rs [-s] [-M core] [-N system]
             netstat -g [-W] [-f address_family] [-M core] [-N system]
             netstat -gs [-s] [-f address_family] [-M core] [-N system]
             netstat -Q

      """, status: 1),
    options: [
      Option("A", "Show kernel addresses; there are none."),
      Option("a", "Show listening sockets too; with -i, multicast addresses too."),
      Option("B", "Show who observes interfaces."), Option("b", "With -i, show bytes too."),
      Option("d", "With -i, show packets dropped on output too."),
      Option(
        "f", "Only this family.",
        argument: Source("family") { _ in NetstatSettings.families.map { Candidate($0.word) } }),
      Option("g", "Show multicast routing, which the kernel does not do."),
      Option("h", "With -i, show numbers short."),
      Option("I", "Show an interface.", argument: .interface()),
      Option("i", "Show interfaces."), Option("L", "Show listen queues."),
      Option("l", "The same as -W."), Option("M", argument: "core", "Means nothing here."),
      Option("m", "Show the packet memory."),
      Option("N", argument: "system", "Means nothing here."),
      Option("n", "Show addresses as numbers, and the length of each network."),
      Option(
        "p", "Only this protocol.",
        argument: Source("protocol") { _ in NetstatProtocol.all.map { Candidate($0.name) } }),
      Option("Q", "Show the dispatch queues."),
      Option("q", argument: "howmany", "With -w, end after so many lines."),
      Option("r", "Show the forwarding table of the process."),
      Option("S", "Show addresses as numbers, ports by name."),
      Option("s", "Show counters; twice, only those that are not zero."),
      Option("u", "The same as -f unix."), Option("W", "Show names in full."),
      Option("w", argument: "wait", "Show the traffic of each so many seconds."),
      Option("x", "Show the buffers and timers of sockets too."),
      Option("z", "Set the counters to zero after showing them."),
    ],
    description: [
      "Shows the forwarding table (-r), the interfaces (-i), or the counters of the protocols (-s). "
        + "Without any of these it shows sockets, with -a also those that listen.",
      "-w shows traffic as virtual time goes by, until it is ended or -q lines were shown; behind & "
        + "it goes on while other commands run.",
      "No address has a name here, so that -n changes nothing but the length behind networks and "
        + "the names of ports.",
    ],
    examples: [
      Example("netstat -rn", "Shows the forwarding table."),
      Example("setfib 1 netstat -rn", "Shows another one."),
      Example("netstat -in", "Shows the interfaces."),
      Example("netstat -s -p ip", "Shows the counters of IP."),
      Example("netstat -an -p tcp", "Shows the sockets of TCP, and the half-open connections."),
      Example("netstat -s -s", "Shows all counters that are not zero."),
      Example("netstat -w 5 -q 3 -I em0", "Shows the traffic of em0 of 5 seconds, three times."),
      Example("netstat -m", "Shows the packet memory."),
    ],
    seeAlso: ["arp(8)", "route(8)", "setfib(1)", "sock(8)"],
    compatibility: ["There is IPv4 only, and no name is looked up: -n changes how networks look."]
  ) { session, invocation, arguments throws(Fault) in
    let settings = try NetstatSettings(arguments)
    if settings.has("B"), settings.isDead { throw .usage() }
    if let watch = try show(session, settings, invocation.output) { try invocation.watch(watch) }
  }

  /// Shows the first of what was asked for, in the order of `main()`; a watch where that goes on.
  private static func show(
    _ session: Session, _ settings: NetstatSettings, _ output: Output
  ) throws(Fault) -> Watch? {
    let showsCounters = settings.has("s")
    if settings.has("B") {
      output.write(ObserverReport.text(session, settings))
    } else if settings.has("m") {
      output.write(MemoryReport.text(session))
    } else if settings.has("Q") {
      output.write(NetisrReport(session).text)
    } else if settings.showsInterfaces && !showsCounters {
      if settings.interval != 0 { return try InterfaceTraffic(session, settings, output).watch }
      output.write(InterfaceRows(session, settings).text)
    } else if settings.has("A"), !showsCounters {
      throw .failed("-A: there are no kernel addresses to show")
    } else if settings.has("r") {
      guard showsCounters else {
        var rows = try RouteRows(session, settings)
        rows.write(to: output)
        return nil
      }
      let counters = session.kernel.statistics(vnet: session.vnet).route
      output.write(lines: counters.netstatLines(suppressZero: settings.suppressesZero))
    } else if settings.has("g") {
      guard settings.family == nil || settings.family == .inet else { return nil }
      if showsCounters {
        output.write(lines: MulticastRouting.counters(settings))
      } else {
        output.write(MulticastRouting.tables)
      }
    } else {
      try showProtocols(session, settings, output)
    }
    return nil
  }

  /// Shows the counters or the sockets of one protocol, or of all.
  private static func showProtocols(
    _ session: Session, _ settings: NetstatSettings, _ output: Output
  ) throws(Fault) {
    var hasHeading = false
    if let row = settings.protocolRow {
      return try NetstatProtocol.show(
        row, isNamed: true, session, settings, hasHeading: &hasHeading, output)
    }
    guard settings.family == nil || settings.family == .inet else { return }
    for row in NetstatProtocol.all {
      try NetstatProtocol.show(
        row, isNamed: false, session, settings, hasHeading: &hasHeading, output)
    }
  }
}
