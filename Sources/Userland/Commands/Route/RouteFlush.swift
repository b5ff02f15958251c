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
    let (gone, errno) = try session.call("route", "route-sysctl-estimate") {
      kernel throws(Errno) in
      try kernel.routeFlush(vnet: session.vnet, fib: session.fib, isListed: !isQuiet)
    }
    if !isQuiet { report(gone) }
    if let errno {
      warn("write to routing socket", errno)
      throw .silent(1)
    }
  }

  /// Shows what was removed, some rows at a time.
  private func report(_ routes: [Rtentry]) {
    var text = ByteText(capacity: 1024 * 50)
    for place in routes.indices {
      RouteReport.appendFlushed(routes[place], session, to: &text)
      if place % 1024 == 1023 {
        output.write(text)
        text.removeAll()
      }
    }
    output.write(text)
  }

  /// Removes routes by a message each, which others hear and -v shows.
  private func flushByMessages(_ touchesInternet: Bool) throws(Fault) {
    var routes = try session.call("route", "route-sysctl-estimate") { kernel throws(Errno) in
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
