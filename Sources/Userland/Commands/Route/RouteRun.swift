// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// One call of route(8).
struct RouteRun {
  let session: Session
  let output: Output
  let isQuiet: Bool
  let isVerbose: Bool
  /// -d: nothing is written to the routing socket.
  let isDry: Bool
  /// -t: the routing socket is /dev/null, which takes all and says nothing.
  let writesToNull: Bool
  let process: Int32

  init(_ session: Session, _ invocation: Invocation<Session>, _ arguments: Arguments) {
    self.session = session
    output = invocation.output
    isQuiet = arguments.has("q")
    isVerbose = arguments.has("v")
    isDry = arguments.has("d")
    writesToNull = arguments.has("t")
    process = Int32(truncatingIfNeeded: invocation.takeProcessID())
  }

  /// Adds, deletes or changes a route, and says so on stdout whether it worked or not.
  func change(
    _ verb: String, _ type: RoutingMessageType, _ words: ArraySlice<String>
  ) throws(Fault) {
    let asked = try RouteWords(words, session)
    var errno: Errno?
    do throws(Errno) {
      _ = try write(asked.message(type))
    } catch {
      warn("writing to routing socket", error)
      errno = error
    }
    if !isQuiet {
      let gateway = asked.gatewayText.isEmpty ? "" : ": gateway \(asked.gatewayText)"
      let reason = errno.map { ": " + RouteRun.reason($0) } ?? ""
      let kind = asked.isHost ? "host" : "net"
      output.line("\(verb) \(kind) \(asked.destinationText)\(gateway)\(reason)")
    }
    if errno != nil { throw .silent(1) }
  }

  /// Shows the route to a host, or the one of exactly a network.
  func get(_ words: ArraySlice<String>) throws(Fault) {
    let asked = try RouteWords(words, session)
    do throws(Errno) {
      let answer = try write(asked.message(.RTM_GET))
      if isDry { return }
      guard let answer else { return warn("read from routing socket", .EBADF) }
      output.write(
        RouteReport.text(
          answer, to: asked.addresses.destination, now: session.kernel.machine.wallSeconds,
          isVerbose: isVerbose))
    } catch {
      warn("writing to routing socket", error)
      throw Fault.silent(1)
    }
  }

  /// Writes to the routing socket (`rtmsg()`); nil where nobody answers.
  @discardableResult
  func write(_ message: RoutingMessage) throws(Errno) -> RoutingMessage? {
    if isVerbose { output.write(message.addresses.dump + message.text) }
    if isDry || writesToNull { return nil }
    return try session.kernel.routeOutput(
      vnet: session.vnet, fib: session.fib, process: process, message)
  }

  func warn(_ what: String, _ errno: Errno) {
    output.writeError("route: \(what): \(errno.message)\n")
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

  /// Shows every message until it is ended; with -d the interfaces, and no watch.
  func monitor() -> Watch? {
    if isDry {
      for message in session.kernel.interfaceDump(vnet: session.vnet) {
        output.write(message.text)
      }
      return nil
    }
    if writesToNull {
      // The real one repeats this without end.
      output.write(heading(-1) + "routing message version 0 not understood\n")
      return nil
    }
    let vnet = session.vnet
    let socket = session.kernel.openRoutingSocket(vnet: vnet)
    return Watch(
      poll: {
        for message in session.kernel.readRoutingSocket(vnet: vnet, socket) {
          output.write(heading(message.length) + message.text)
        }
        return !output.isClosed
      },
      finish: {
        session.kernel.closeRoutingSocket(vnet: vnet, socket)
        return 130
      })
  }

  private func heading(_ size: Int) -> String {
    let now = CalendarTime(seconds: session.kernel.machine.wallSeconds)
    return "\ngot message of size \(size) on \(now.text)\n"
  }
}
