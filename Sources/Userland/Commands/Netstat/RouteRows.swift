// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// The forwarding table as `netstat -r` shows it (`routepr()` of route.c).
struct RouteRows {
  private let rows: [Row]
  private let settings: NetstatSettings

  /// The cells of one route.
  private struct Row {
    let destination: String
    let gateway: String
    let flags: String
    let references: Int32
    let use: UInt64
    let mtu: UInt32
    let interface: String
    /// Seconds left; nil where it does not expire, or has.
    let expire: Int64?
    /// Whether another route to the same destination follows.
    let hasMore: Bool
  }

  /// Takes the table of the process.
  init(_ session: Session, _ settings: NetstatSettings) throws(Fault) {
    self.settings = settings
    let routes = try session.call("netstat", "sysctl: net.route.0.0.dump") { kernel throws(Errno) in
      try kernel.routes(vnet: session.vnet, fib: session.fib)
    }
    let uptime = session.kernel.machine.now.seconds
    rows = routes.indices.map { position in
      let route = routes[position]
      let next = position + 1 < routes.count ? routes[position + 1] : nil
      let left = Int64(bitPattern: route.expire &- uptime)
      return Row(
        destination: RouteRows.destination(route.key, settings),
        gateway: RouteRows.gateway(route, session, settings), flags: RouteRows.letters(route.flags),
        references: route.references, use: route.use, mtu: route.mtu,
        interface: session.name(of: route.interface),
        expire: route.expire != 0 && left > 0 ? left : nil,
        hasMore: next?.key.destination == route.key.destination)
    }
  }

  /// The whole listing.
  var text: String {
    var lines = ["Routing tables"]
    if settings.family == nil || settings.family == .inet {
      let widths = Widths(rows, isWide: settings.isWide)
      lines += ["", "Internet:", heading(widths)]
      lines += rows.map { line($0, widths) }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The widths of the columns; -W makes them fit what they hold (`size_cols()`).
  private struct Widths {
    var destination = 18
    var gateway = 18
    var flags = 6
    var use = 8
    var mtu = 6
    var interface = 6
    var expire = 6

    init(_ rows: [Row], isWide: Bool) {
      guard isWide else { return }
      interface = 8
      for row in rows {
        destination = max(destination, row.destination.utf8.count)
        gateway = max(gateway, row.gateway.utf8.count)
        flags = max(flags, row.flags.utf8.count)
        use = max(use, "\(row.use)".utf8.count)
        mtu = max(mtu, "\(row.mtu)".utf8.count)
        interface = max(interface, row.interface.utf8.count)
        expire = max(expire, row.expire.map { "\($0)".utf8.count } ?? 0)
      }
    }
  }

  private func heading(_ widths: Widths) -> String {
    var cells = [
      "Destination".padRight(to: widths.destination), "Gateway".padRight(to: widths.gateway),
      "Flags".padRight(to: widths.flags), "Refs".padLeft(to: 6), "Use".padLeft(to: widths.use),
    ]
    if settings.isWide { cells.append("Mtu".padLeft(to: widths.mtu)) }
    cells += ["Netif".padLeft(to: widths.interface), "Expire".padLeft(to: widths.expire)]
    return cells.joined(separator: " ")
  }

  private func line(_ row: Row, _ widths: Widths) -> String {
    // With numbers a long cell shifts the row; names are cut.
    let limit = settings.isNumeric ? Int.max : 0
    var cells = [
      row.destination.padRight(
        to: widths.destination, limit: max(limit, widths.destination)),
      row.gateway.padRight(to: widths.gateway, limit: max(limit, widths.gateway)),
      row.flags.padRight(to: widths.flags, limit: widths.flags),
      row.references.padLeft(to: 6),
      row.use.padLeft(to: widths.use),
    ]
    if settings.isWide {
      cells.append((row.mtu == 0 ? "" : "\(row.mtu)").padLeft(to: widths.mtu))
    }
    cells.append(row.interface.padLeft(to: widths.interface, limit: widths.interface))
    if let expire = row.expire { cells.append(expire.padLeft(to: widths.expire)) }
    return cells.joined(separator: " ") + (row.hasMore ? " =>" : "")
  }

  private static func destination(_ key: RouteKey, _ settings: NetstatSettings) -> String {
    if key.isHost { return settings.host(key.destination) }
    if key.destination == .any, key.mask == .any { return "default" }
    return settings.network(key.destination, mask: key.mask)
  }

  /// A link-level gateway without name is shown by its number, an Ethernet's by its address.
  private static func gateway(
    _ route: Rtentry, _ session: Session, _ settings: NetstatSettings
  ) -> String {
    switch session.kernel[session.vnet].gatewayAddress(of: route) {
    case .link(let link) where link.name == nil: "link#\(link.index.rawValue)"
    case .link(let link): link.hardwareAddress.map { "\($0)" } ?? link.name ?? ""
    case let address: settings.host(address.ipv4 ?? .any)
    }
  }

  private static func letters(_ flags: RouteFlags) -> String {
    let set = RouteFlags.faces.filter { flags.contains($0.flag) }.compactMap(\.letter)
    return String(RouteFlags.letterOrder.filter { set.contains($0) })
  }
}
