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
      Option("A", "Show kernel addresses; not supported."),
      Option("a", "Show listening sockets too; with -i, multicast addresses too."),
      Option("B", "Show observers; not supported yet."), Option("b", "With -i, show bytes too."),
      Option("d", "With -i, show packets dropped on output too."),
      Option(
        "f", "Only this family.",
        argument: Source("family") { _ in families.map { Candidate($0.word) } }),
      Option("g", "Show multicast routing, which the kernel does not do."),
      Option("h", "With -i, show numbers short."),
      Option("I", "Show an interface.", argument: .interface()),
      Option("i", "Show interfaces."), Option("L", "Show listen queues."),
      Option("l", "The same as -W."), Option("M", argument: "core", "Means nothing here."),
      Option("m", "Show buffers; not supported yet."),
      Option("N", argument: "system", "Means nothing here."),
      Option("n", "Show addresses as numbers, and the length of each network."),
      Option(
        "p", "Only this protocol.",
        argument: Source("protocol") { _ in NetstatProtocol.all.map { Candidate($0.name) } }),
      Option("Q", "Show the dispatch queues; not supported yet."),
      Option("q", argument: "howmany", "With -w, end after so many lines."),
      Option("r", "Show the forwarding table of the process."),
      Option("S", "Show addresses as numbers, ports by name."),
      Option("s", "Show counters; twice, only those that are not zero."),
      Option("u", "The same as -f unix."), Option("W", "Show names in full."),
      Option("w", argument: "wait", "Show traffic again and again; not supported yet."),
      Option("x", "Show socket buffers; not supported yet."),
      Option("z", "Set the counters to zero after showing them."),
    ],
    description: [
      "Shows the forwarding table (-r), the interfaces (-i), or the counters of the protocols (-s). "
        + "Without any of these it shows sockets, with -a also those that listen.",
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
    ],
    seeAlso: ["arp(8)", "route(8)", "setfib(1)", "sock(8)"],
    compatibility: ["There is IPv4 only, and no name is looked up: -n changes how networks look."]
  ) { session, invocation, arguments throws(Fault) in
    let settings = try NetstatSettings(arguments)
    let output = invocation.output
    var hasHeading = false
    for letter: Character in ["B", "m", "Q", "x"] where arguments.has(letter) {
      throw .failed("-\(letter): not supported yet")
    }
    let showsCounters = arguments.has("s")
    if settings.showsInterfaces && !showsCounters {
      if settings.repeats { throw .failed("-w: not supported yet") }
      output.write(InterfaceRows(session, settings).text)
    } else if arguments.has("r") {
      if showsCounters {
        let suppressZero = settings.suppressesZero
        let counters = session.kernel.statistics(vnet: session.vnet).route
        output.write(lines: counters.netstatLines(suppressZero: suppressZero))
      } else {
        if arguments.has("A") { throw .failed("-A: there are no kernel addresses to show") }
        output.write(try RouteRows(session, settings).text)
      }
    } else if arguments.has("A"), !showsCounters {
      throw .failed("-A: there are no kernel addresses to show")
    } else if arguments.has("g") {
      if settings.family == nil || settings.family == .inet {
        output.write(showsCounters ? MulticastRouting.counters(settings) : MulticastRouting.tables)
      }
    } else if let row = settings.protocolRow {
      try NetstatProtocol.show(
        row, isNamed: true, session, settings, hasHeading: &hasHeading, output)
    } else if settings.family == nil || settings.family == .inet {
      for row in NetstatProtocol.all {
        try NetstatProtocol.show(
          row, isNamed: false, session, settings, hasHeading: &hasHeading, output)
      }
    }
  }

  fileprivate static let families: [(word: String, family: NetstatSettings.Family)] = [
    ("inet", .inet), ("inet6", .other), ("pfkey", .other), ("unix", .other), ("atalk", .other),
    ("ipx", .other), ("ng", .other), ("netgraph", .other), ("link", .link),
  ]
}

/// What the letters of a call of netstat(1) come to.
struct NetstatSettings {
  /// What -f limits to.
  enum Family: Hashable {
    case inet, link
    /// One of which the model has nothing.
    case other
  }

  private(set) var family: Family?
  private(set) var protocolRow: NetstatProtocol.Row?
  /// -i, -I or -w.
  private(set) var showsInterfaces = false
  private(set) var repeats = false
  private(set) var interface: String?
  private let arguments: Arguments

  init(_ arguments: Arguments) throws(Fault) {
    self.arguments = arguments
    for given in arguments.options {
      let value = given.argument ?? ""
      switch given.letter {
      case "f":
        guard let row = Commands.families.first(where: { $0.word == value }) else {
          throw .failed("\(value): unknown address family")
        }
        family = row.family
      case "u": family = .other
      case "p":
        guard let row = NetstatProtocol.named(value) else {
          throw .failed("\(value): unknown or uninstrumented protocol")
        }
        protocolRow = row
      case "I":
        interface = value
        showsInterfaces = true
      case "i": showsInterfaces = true
      case "w":
        repeats = CNumber.atoi(value) != 0
        showsInterfaces = true
      default: break
      }
    }
    // A number is an interval; what else follows would be the files of another kernel.
    if let word = arguments.operands.first, CNumber.hasDigit(word) {
      guard CNumber.atoi(word) > 0 else { throw .usage() }
      repeats = true
      showsInterfaces = true
    }
  }

  /// Whether a letter was given.
  func has(_ letter: Character) -> Bool { arguments.has(letter) }

  var isWide: Bool { has("W") || has("l") }
  /// A second -s.
  var suppressesZero: Bool { arguments.options.count { $0.letter == "s" } > 1 }

  /// A network's text (`netname()` and `domask()`): with -n always with its length, else not where
  /// that ends a byte; `&0x…` for a mask with holes. No network has a name.
  func network(_ address: IPv4Address, mask: IPv4Address) -> String {
    guard mask != .any else { return "\(address)" }
    guard let length = mask.prefixLength else { return "\(address)&0x\(mask.rawValue.hex())" }
    let isImplied = !has("n") && [8, 16, 24].contains(length)
    return isImplied ? "\(address)" : "\(address)/\(length)"
  }
}

extension Output {
  /// Writes lines.
  func write(lines: [String]) {
    for text in lines { line(text) }
  }
}
