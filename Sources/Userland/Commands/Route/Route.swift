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
      Option("v", "Show messages in full; not supported yet."),
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
      "monitor and -v are not supported yet. There is IPv4 only.",
    ],
    examples: [
      Example("route add default 10.0.0.254", "Sets the default route."),
      Example("route add 10.9.0.0/16 10.0.0.254", "Adds a network."),
      Example("route get 10.9.1.1", "Asks which way packets to an address go."),
      Example("route delete default", "Removes the default route."),
      Example("route flush", "Removes every route over a gateway."),
    ],
    seeAlso: ["netstat(1)", "setfib(1)"],
    exitStatus:
      "0 on success, 1 if the kernel refuses, 64 if the words do not fit, 68 if an address "
      + "is none.",
    compatibility: ["Routes are IPv4 only, and no names are looked up."]
  ) { session, invocation, arguments throws(Fault) in
    guard let verb = arguments.operands.first else { throw .usage() }
    if arguments.has("v") { throw .failed("-v: verbose messages are not supported yet") }
    var run = RouteRun(session, invocation.output, arguments)
    let words = arguments.operands.dropFirst()
    switch verb {
    case "add", "change", "del", "delete": try run.change(verb, words)
    case "get", "show": try run.get(words)
    case "flush": try run.flush(words)
    case "monitor": throw .failed("monitor: routing messages are not supported yet")
    default: throw .usage("bad keyword: \(verb)")
    }
  }
}

/// One call of route(8).
private struct RouteRun {
  private let session: Session
  private let output: Output
  private let isQuiet: Bool
  /// Nothing reaches the routing socket.
  private let isDry: Bool
  private let writesToNull: Bool

  init(_ session: Session, _ output: Output, _ arguments: Arguments) {
    self.session = session
    self.output = output
    isQuiet = arguments.has("q")
    writesToNull = arguments.has("t")
    isDry = arguments.has("d") || writesToNull
  }

  /// Adds, deletes or changes a route, and says so on stdout whether it worked or not.
  func change(_ verb: String, _ words: ArraySlice<String>) throws(Fault) {
    let asked = try RouteWords(words, session)
    let errno = isDry ? nil : write(verb, asked)
    if !isQuiet {
      let gateway = asked.gatewayText.isEmpty ? "" : ": gateway \(asked.gatewayText)"
      let reason = errno.map { ": " + RouteRun.reason($0) } ?? ""
      let kind = asked.isHost ? "host" : "net"
      output.line("\(verb) \(kind) \(asked.destinationText)\(gateway)\(reason)")
    }
    if errno != nil { throw .silent(1) }
  }

  /// Writes to the routing socket; an error is told at once, as by warn(3).
  private func write(_ verb: String, _ asked: RouteWords) -> Errno? {
    do throws(Errno) {
      guard let message = asked.message else { throw .EINVAL }
      let (vnet, fib) = (session.vnet, session.fib)
      switch verb {
      case "add": try session.kernel.routeAdd(vnet: vnet, fib: fib, message)
      case "change": try session.kernel.routeChange(vnet: vnet, fib: fib, message)
      default: try session.kernel.routeDelete(vnet: vnet, fib: fib, message)
      }
      return nil
    } catch {
      output.writeError("route: writing to routing socket: \(error.message)\n")
      return error
    }
  }

  /// How route(8) words an error in its answer.
  private static func reason(_ errno: Errno) -> String {
    switch errno {
    case .ESRCH: "not in table"
    case .EEXIST: "route already in table"
    case .EBUSY: "entry in use"
    case .ENOBUFS: "not enough memory"
    case .EADDRINUSE: "gateway uses the same route"
    default: errno.message
    }
  }

  /// Shows the route to a host, or the one of exactly a network.
  func get(_ words: ArraySlice<String>) throws(Fault) {
    let asked = try RouteWords(words, session)
    if writesToNull {
      output.writeError("route: read from routing socket: \(Errno.EBADF.message)\n")
    }
    if isDry { return }
    let what = "writing to routing socket"
    let answer = try session.call("route", what) { kernel throws(Errno) in
      guard let message = asked.message else { throw .EINVAL }
      return try kernel.routeGet(
        vnet: session.vnet, fib: session.fib, destination: message.destination,
        mask: asked.isHost ? nil : message.mask)
    }
    output.write(RouteReport.text(answer, for: asked.destination ?? .any, session))
  }

  /// Removes the routes over gateways.
  func flush(_ words: ArraySlice<String>) throws(Fault) {
    if let word = words.first {
      let families = ["-inet", "-inet6", "-link", "-atalk"]
      guard words.count == 1, families.contains(word) else { throw .usage("bad keyword: \(word)") }
      if word != "-inet" { return }
    }
    if isDry { return }
    let routes = try session.call("route", "route-sysctl-estimate") { kernel throws(Errno) in
      try kernel.routeFlush(vnet: session.vnet, fib: session.fib)
    }
    if isQuiet { return }
    for route in routes { output.line(RouteReport.flushed(route, session)) }
  }
}
