// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// What route(8) prints of routes (`print_getmsg()` and `flushroutes()` of route.c).
enum RouteReport {
  /// The answer to `get`.
  static func text(
    _ answer: RouteAnswer, for destination: IPv4Address, _ session: Session
  ) -> String {
    let entry = answer.entry
    var text = "   route to: \(name(destination))\n"
    text += "destination: \(name(entry.key.destination))\n"
    if !entry.key.isHost { text += "       mask: \(name(entry.key.mask))\n" }
    if entry.flags.contains(.RTF_GATEWAY) {
      text += "    gateway: \(name(entry.gateway, session))\n"
    }
    text += "  interface: \(answer.interfaceName)\n"
    let flags = RouteFlags.faces.filter { entry.flags.contains($0.flag) }.map(\.word)
    text += "      flags: <\(flags.joined(separator: ","))>\n"
    text += " recvpipe  sendpipe  ssthresh  rtt,msec    mtu        weight    expire\n"
    // The kernel keeps neither locks nor the first four; the blanks are where an L would stand.
    let values = [0, 0, 0, 0, Int64(entry.mtu), Int64(entry.weight), answer.secondsLeft]
    return text + values.map { $0.padLeft(to: 8) }.joined(separator: "  ") + " \n"
  }

  /// The line of a route that `flush` removed.
  static func flushed(_ route: Rtentry, _ session: Session) -> String {
    let destination = route.key.destination
    let network = route.key.isHost ? name(destination) : shortNetwork(destination)
    return [network, name(route.gateway, session)].map { $0.padRight(to: 20, limit: 20) }
      .joined(separator: " ") + " done"
  }

  /// A gateway; one that `change` made an interface of is shown as link_ntoa(3) does.
  private static func name(_ gateway: Gateway, _ session: Session) -> String {
    switch gateway {
    case .address(let address): return name(address)
    case .link(let index):
      let interface = session.interface(index)
      guard interface.type == .ethernet else { return "\(interface.name)" }
      let address = interface.hardwareAddress.rawValue
      let bytes = stride(from: 40, through: 0, by: -8).map { (address >> UInt64($0) & 0xff).hex() }
      return "\(interface.name):\(bytes.joined(separator: "."))"
    }
  }

  /// An address; 0.0.0.0 is `default` wherever it stands (`routename()`).
  private static func name(_ address: IPv4Address) -> String {
    address == .any ? "default" : "\(address)"
  }

  /// A network without the zeros at its end (`netname()`).
  private static func shortNetwork(_ address: IPv4Address) -> String {
    let bytes = [24, 16, 8, 0].map { address.rawValue >> UInt32($0) & 0xff }
    guard let last = bytes.lastIndex(where: { $0 != 0 }) else { return "default" }
    return bytes[...last].map { "\($0)" }.joined(separator: ".")
  }
}
