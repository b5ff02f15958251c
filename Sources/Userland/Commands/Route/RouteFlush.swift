// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// `route flush`: removes the routes over gateways.
extension RouteRun {
  func flush(_ words: ArraySlice<String>) throws(Fault) {
    if let word = words.first {
      let families = ["-inet", "-inet6", "-link", "-atalk"]
      guard words.count == 1, families.contains(word) else { throw .usage("bad keyword: \(word)") }
    }
    let touchesInternet = words.first == nil || words.first == "-inet"
    if isVerbose || writesToNull || session.kernel.hearsRoutes(vnet: session.vnet) {
      return try flushByMessages(touchesInternet)
    }
    guard touchesInternet && !isDry else { return }
    // Nobody wants to hear of each.
    let isAtOnce = session.kernel.gatewaysStay(vnet: session.vnet, fib: session.fib)
    if isAtOnce, !isQuiet { try reportGatewayRoutes() }
    let (gone, errno) = try session.call("route", Self.dump) { kernel throws(Errno) in
      try kernel.routeFlush(vnet: session.vnet, fib: session.fib)
    }
    if !isQuiet { report(gone) }
    if let errno {
      warn("write to routing socket", errno)
      throw .silent(1)
    }
  }

  /// The call that fails where there is no such table.
  private static let dump = "route-sysctl-estimate"

  /// Shows the routes over gateways, as those that are removed.
  private func reportGatewayRoutes() throws(Fault) {
    let places = try session.call("route", Self.dump) { kernel throws(Errno) in
      try kernel.routeIndexes(vnet: session.vnet, fib: session.fib)
    }
    var routes: [Rtentry] = []
    for start in stride(from: 0, to: places.count, by: Self.pieceSize) {
      let end = min(start + Self.pieceSize, places.count)
      routes.removeAll(keepingCapacity: true)
      session.kernel.readRoutes(vnet: session.vnet, places[start..<end], into: &routes)
      report(routes.filter { $0.flags.contains(.RTF_GATEWAY) })
    }
  }

  /// So many rows are made before they are written.
  private static let pieceSize = 1024

  /// Shows what was removed.
  private func report(_ routes: [Rtentry]) {
    var text = ByteText(capacity: Self.pieceSize * 50)
    for place in routes.indices {
      RouteReport.appendFlushed(routes[place], session, to: &text)
      if place % Self.pieceSize == Self.pieceSize - 1 {
        output.write(text)
        text.removeAll()
      }
    }
    output.write(text)
  }

  /// Removes routes by a message each, which others hear and -v shows.
  private func flushByMessages(_ touchesInternet: Bool) throws(Fault) {
    var routes = try session.call("route", Self.dump) { kernel throws(Errno) in
      try kernel.routeDump(vnet: session.vnet, fib: session.fib)
    }
    if isVerbose { output.line("Examining routing table from sysctl") }
    var sequence: Int32 = 0
    for place in routes.indices {
      if isVerbose { output.write(routes[place].text) }
      guard routes[place].route.flags.contains(.RTF_GATEWAY), !isDry, touchesInternet else {
        continue
      }
      routes[place].type = .RTM_DELETE
      routes[place].route.sequence = sequence
      sequence += 1
      do throws(Errno) {
        if !writesToNull {
          try session.kernel.routeOutput(
            vnet: session.vnet, fib: session.fib, process: process, routes[place])
        }
      } catch {
        warn("write to routing socket", error)
        throw Fault.silent(1)
      }
      if isQuiet { continue }
      output.write(isVerbose ? routes[place].text : RouteReport.flushed(routes[place]) + "\n")
    }
  }
}
