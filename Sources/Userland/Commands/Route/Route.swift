// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell
import Wire

extension Commands {
  /// route(8): changes and asks the forwarding table of the process.
  package static let route = Command<Session>(
    "route", summary: "manually manipulate the routing tables", effect: .changes,
    usage: .exact("usage: route [-dnqtv] command [[modifiers] args]\n", status: 64),
    options: [
      Option("d", "Change nothing, but answer as if it had worked."),
      Option("n", "Show addresses as numbers."),
      Option("q", "Say nothing but errors."),
      Option("t", "Write to /dev/null instead of the routing socket."),
      Option("v", "Show the messages to and from the kernel."),
    ],
    operands: [
      .listed("command", RouteCompletion.verbs, help: "What to do."),
      Source("destination", "An address, a network, or default.").optional,
      Source("gateway", "The next hop, or with -interface an interface.") { session in
        session.interfaceNames.map { Candidate($0) }
      }.optional,
      Source("netmask", "The mask of the network.").optional,
    ],
    keywords: [RouteWords.table.section], next: RouteCompletion.next,
    description: [
      "Adds, deletes, changes and shows routes of the forwarding table that the process is in; "
        + "setfib(1) runs it in another.",
      "A destination with a host part of its class is a host, any other a network; -net, -host, a "
        + "length behind a slash or a netmask decide. A network without a mask gets one up to its "
        + "last byte that is not 0.",
      "monitor shows what the kernel tells of routes, interfaces and addresses, of every forwarding "
        + "table, as it happens; behind & it goes on while other commands run. With -d it shows the "
        + "interfaces instead.",
      "load adds the routes of a file, each as 'add -net' would. A line is a network and its gateway; "
        + "what follows a # is left out. Behind -gateway address a gateway may be a number, too, and is "
        + "the so manyth address behind that one. A line that fails is named with the file and its "
        + "number, the first ten of them, and the rest goes on; at the end the routes and the "
        + "errors are counted, with -q only the errors that were not shown.",
      "There are tables of IPv4 only.",
    ],
    examples: [
      Example("route add default 10.0.0.254", "Sets the default route."),
      Example("route add 10.9.0.0/16 10.0.0.254", "Adds a network."),
      Example("route get 10.9.1.1", "Asks which way packets to an address go."),
      Example("route delete default", "Removes the default route."),
      Example("route flush", "Removes every route over a gateway."),
      Example(
        "route load -gateway 10.0.0.0 routes.txt",
        "Adds the routes of a file; the gateway 7 is 10.0.0.7."),
      Example("route -d monitor", "Shows the interfaces as messages."),
    ],
    seeAlso: ["netstat(1)", "setfib(1)"],
    exitStatus:
      "0 on success, 1 if the kernel refuses, 64 if the words do not fit, 68 if an address "
      + "is none; of load that of the first error, 130 after ^C.",
    compatibility: [
      "FreeBSD has no load.",
      "Routes are IPv4 only, and are shown by number; of names localhost alone is known.",
    ]
  ) { session, invocation, arguments throws(Fault) in
    guard let verb = arguments.operands.first else { throw .usage() }
    let run = RouteRun(session, invocation, arguments)
    let words = arguments.operands.dropFirst()
    switch verb {
    case "add": try run.change(verb, .RTM_ADD, words)
    case "change": try run.change(verb, .RTM_CHANGE, words)
    case "del", "delete": try run.change(verb, .RTM_DELETE, words)
    case "get", "show": try run.get(words)
    case "flush": try run.flush(words)
    case "load":
      var load = try RouteLoad(run, invocation, words)
      try load.load()
    case "monitor":
      if let watch = run.monitor() { try invocation.watch(watch) }
    default: throw .usage("bad keyword: \(verb)")
    }
  }
}
