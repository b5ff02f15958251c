// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// The forwarding table as `netstat -r` shows it (`routepr()` of route.c), made row by row: a table
/// may have a million.
struct RouteRows {
  /// So many rows are made before they are written.
  private static let pieceSize = 1024

  private let session: Session
  private let settings: NetstatSettings
  private let routes: [RouteIndex]
  private let uptime: UInt64
  private var widths = Widths()
  /// The cells of interfaces and flags, which are few.
  private var interfaceCells: [InterfaceIndex: [UInt8]] = [:]
  private var flagCells: [UInt32: [UInt8]] = [:]

  /// Takes the table of the process.
  init(_ session: Session, _ settings: NetstatSettings) throws(Fault) {
    self.session = session
    self.settings = settings
    routes = try session.call("netstat", "sysctl: net.route.0.0.dump") { kernel throws(Errno) in
      try kernel.routeIndexes(vnet: session.vnet, fib: session.fib)
    }
    uptime = session.kernel.machine.now.seconds
  }

  /// Writes the whole listing.
  mutating func write(to output: Output) {
    output.line("Routing tables")
    guard settings.family == nil || settings.family == .inet else { return }
    if settings.isWide { fitColumns() }
    output.write("\nInternet:\n" + heading + "\n")
    var text = ByteText(capacity: Self.pieceSize * 80)
    forEachPiece { rows, piece, count in
      guard !output.isClosed else { return }
      text.removeAll()
      for place in 0..<count {
        rows.append(piece[place], to: &text)
        let next = place + 1
        let hasMore =
          next < piece.count && piece[next].key.destination == piece[place].key.destination
        text.append(hasMore ? " =>\n" : "\n")
      }
      output.write(text)
    }
  }

  /// Goes through the routes, a piece of so many at a time; the next one, if there is one, is behind
  /// them.
  private mutating func forEachPiece(_ body: (inout RouteRows, [Rtentry], Int) -> Void) {
    var piece: [Rtentry] = []
    for start in stride(from: 0, to: routes.count, by: Self.pieceSize) {
      let count = min(Self.pieceSize, routes.count - start)
      let end = min(start + count + 1, routes.count)
      piece.removeAll(keepingCapacity: true)
      session.kernel.readRoutes(vnet: session.vnet, routes[start..<end], into: &piece)
      body(&self, piece, count)
    }
  }

  private var heading: String {
    var cells = [
      "Destination".padRight(to: widths.destination), "Gateway".padRight(to: widths.gateway),
      "Flags".padRight(to: widths.flags), "Refs".padLeft(to: 6), "Use".padLeft(to: widths.use),
    ]
    if settings.isWide { cells.append("Mtu".padLeft(to: widths.mtu)) }
    cells += ["Netif".padLeft(to: widths.interface), "Expire".padLeft(to: widths.expire)]
    return cells.joined(separator: " ")
  }

  /// Appends a route's row.
  private mutating func append(_ route: Rtentry, to text: inout ByteText) {
    // With numbers a long cell shifts the row; names are cut.
    let isCut = !settings.isNumeric
    var start = text.count
    appendDestination(route.key, to: &text)
    text.endCell(
      from: start, width: widths.destination, limit: isCut ? widths.destination : .max)
    text.append(.blank)
    start = text.count
    appendGateway(route, to: &text)
    text.endCell(from: start, width: widths.gateway, limit: isCut ? widths.gateway : .max)
    text.append(.blank)
    text.append(flags(route.flags))
    text.append(.blank)
    text.append(decimal: UInt64(bitPattern: Int64(route.references)), padLeft: 6)
    text.append(.blank)
    text.append(decimal: route.use, padLeft: widths.use)
    text.append(.blank)
    if settings.isWide {
      if route.mtu == 0 {
        text.append(blanks: widths.mtu)
      } else {
        text.append(decimal: UInt64(route.mtu), padLeft: widths.mtu)
      }
      text.append(.blank)
    }
    text.append(interface(route.interface))
    if let left = secondsLeft(route) {
      text.append(.blank)
      text.append(decimal: left, padLeft: widths.expire)
    }
  }

  /// nil where it does not expire, or has.
  private func secondsLeft(_ route: Rtentry) -> UInt64? {
    let left = Int64(bitPattern: route.expire &- uptime)
    return route.expire != 0 && left > 0 ? UInt64(left) : nil
  }

  private func appendDestination(_ key: RouteKey, to text: inout ByteText) {
    if key.isHost {
      appendHost(key.destination, to: &text)
    } else if key.destination == .any, key.mask == .any {
      text.append("default")
    } else if settings.isNumeric, key.mask != .any, let length = key.mask.prefixLength {
      text.append(key.destination)
      text.append(UInt8(ascii: "/"))
      text.append(decimal: UInt64(length))
    } else {
      text.append(settings.network(key.destination, mask: key.mask))
    }
  }

  private func appendHost(_ address: IPv4Address, to text: inout ByteText) {
    if settings.isNumeric { text.append(address) } else { text.append(settings.host(address)) }
  }

  /// A link-level gateway without name is shown by its number, an Ethernet's by its address.
  private func appendGateway(_ route: Rtentry, to text: inout ByteText) {
    if case .address(let address) = route.gateway { return appendHost(address, to: &text) }
    switch session.kernel[session.vnet].gatewayAddress(of: route) {
    case .link(let link) where link.name == nil: text.append("link#\(link.index.rawValue)")
    case .link(let link):
      text.append(link.hardwareAddress.map { "\($0)" } ?? link.name ?? "")
    case let address: appendHost(address.ipv4 ?? .any, to: &text)
    }
  }

  private mutating func flags(_ flags: RouteFlags) -> [UInt8] {
    if let cell = flagCells[flags.rawValue] { return cell }
    let cell = Array(Self.letters(flags).padRight(to: widths.flags, limit: widths.flags).utf8)
    flagCells[flags.rawValue] = cell
    return cell
  }

  private static func letters(_ flags: RouteFlags) -> String {
    let set = RouteFlags.faces.filter { flags.contains($0.flag) }.compactMap(\.letter)
    return String(RouteFlags.letterOrder.filter { set.contains($0) })
  }

  private mutating func interface(_ index: InterfaceIndex) -> [UInt8] {
    if let cell = interfaceCells[index] { return cell }
    let name = session.name(of: index)
    let cell = Array(name.padLeft(to: widths.interface, limit: widths.interface).utf8)
    interfaceCells[index] = cell
    return cell
  }
}

/// The widths of the columns.
private struct Widths {
  var destination = 18
  var gateway = 18
  var flags = 6
  var use = 8
  var mtu = 6
  var interface = 6
  var expire = 6
}

extension RouteRows {
  /// Makes the columns as wide as what they hold, for -W (`size_cols()`).
  private mutating func fitColumns() {
    var text = ByteText()
    func width(_ number: UInt64) -> Int { "\(number)".utf8.count }
    widths.interface = 8
    forEachPiece { rows, piece, count in
      for route in piece[..<count] {
        text.removeAll()
        rows.appendDestination(route.key, to: &text)
        rows.widths.destination = max(rows.widths.destination, text.count)
        text.removeAll()
        rows.appendGateway(route, to: &text)
        rows.widths.gateway = max(rows.widths.gateway, text.count)
        rows.widths.flags = max(rows.widths.flags, RouteRows.letters(route.flags).utf8.count)
        rows.widths.use = max(rows.widths.use, width(route.use))
        rows.widths.mtu = max(rows.widths.mtu, width(UInt64(route.mtu)))
        let name = rows.session.name(of: route.interface).utf8.count
        rows.widths.interface = max(rows.widths.interface, name)
        if let left = rows.secondsLeft(route) {
          rows.widths.expire = max(rows.widths.expire, width(left))
        }
      }
    }
  }
}

extension ByteText {
  /// Appends a dotted quad.
  mutating func append(_ address: IPv4Address) { append(quad: address.rawValue) }
}

extension UInt8 {
  fileprivate static let blank = UInt8(ascii: " ")
}
