// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// What route(8) prints of routes (`print_getmsg()` and `flushroutes()` of route.c).
enum RouteReport {
  /// The answer to `get`.
  ///
  /// - Parameters:
  ///   - now: Seconds since 1970.
  ///   - isVerbose: The message's details follow.
  static func text(
    _ answer: RoutingMessage, to destination: RoutingAddress?, now: UInt64, isVerbose: Bool
  ) -> String {
    var answer = answer
    if let mask = answer.addresses.netmask?.ipv4 {
      // The kernel's masks have no family of their own; this gives them the destination's.
      answer.addresses.netmask = .inetMask(mask)
    }
    let (addresses, route) = (answer.addresses, answer.route)
    var text = "   route to: \((destination ?? .empty).text)\n"
    if let destination = addresses.destination { text += "destination: \(destination.text)\n" }
    if let mask = addresses.netmask { text += "       mask: \(mask.text)\n" }
    if let gateway = addresses.gateway, route.flags.contains(.RTF_GATEWAY) {
      text += "    gateway: \(gateway.text)\n"
    }
    if case .link(let link)? = addresses.interface, let name = link.name {
      text += "  interface: \(name)\n"
    }
    text += "      flags: \(route.flags.text)\n" + metrics(route.metrics, now: now)
    return isVerbose ? text + answer.details : text
  }

  private static func metrics(_ metrics: RouteMetrics, now: UInt64) -> String {
    let expire = metrics.expire == 0 ? 0 : metrics.expire &- now
    let cells: [(value: UInt64, flag: RouteMetricSet)] = [
      (metrics.recvpipe, .RTV_RPIPE), (metrics.sendpipe, .RTV_SPIPE),
      (metrics.ssthresh, .RTV_SSTHRESH), ((metrics.rtt &+ 500) / 1000, .RTV_RTT),
      (metrics.mtu, .RTV_MTU), (metrics.weight, .RTV_WEIGHT), (expire, .RTV_EXPIRE),
    ]
    let row = cells.map { cell in
      Int64(bitPattern: cell.value).padLeft(to: 8) + (metrics.locks.contains(cell.flag) ? "L" : " ")
    }
    return " recvpipe  sendpipe  ssthresh  rtt,msec    mtu        weight    expire\n"
      + row.joined(separator: " ") + "\n"
  }

  /// The line of a route that `flush` removed.
  static func flushed(_ route: RoutingMessage) -> String {
    let isHost = route.route.flags.contains(.RTF_HOST)
    let destination = route.addresses.destination ?? .empty
    let network = isHost ? destination.text : shortNetwork(destination)
    let gateway = (route.addresses.gateway ?? .empty).text
    return [network, gateway].map { $0.padRight(to: 20, limit: 20) }.joined(separator: " ")
      + " done"
  }

  /// Appends the same line, as it is made of a million routes.
  static func appendFlushed(_ route: Rtentry, _ session: Session, to text: inout ByteText) {
    var start = text.count
    let destination = route.key.destination
    if destination == .any {
      text.append("default")
    } else if route.flags.contains(.RTF_HOST) {
      text.append(destination)
    } else {
      // Without the zeros at its end, as below.
      text.append(
        quad: destination.rawValue, parts: 4 - destination.rawValue.trailingZeroBitCount / 8)
    }
    text.endCell(from: start, width: 20, limit: 20)
    text.append(UInt8(ascii: " "))
    start = text.count
    if case .address(let gateway) = route.gateway, gateway != .any {
      text.append(gateway)
    } else {
      text.append(session.kernel[session.vnet].gatewayAddress(of: route).text)
    }
    text.endCell(from: start, width: 20, limit: 20)
    text.append(" done\n")
  }

  /// A network without the zeros at its end (`netname()`).
  private static func shortNetwork(_ address: RoutingAddress) -> String {
    let bytes = [24, 16, 8, 0].map { (address.ipv4 ?? .any).rawValue >> UInt32($0) & 0xff }
    guard let last = bytes.lastIndex(where: { $0 != 0 }) else { return "default" }
    return bytes[...last].map { "\($0)" }.joined(separator: ".")
  }
}
