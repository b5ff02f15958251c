// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Testing
import Userland
import Wire

/// The listings of large tables, which are made as bytes and in pieces, against plain text.
@Suite("Rows of routes") struct RouteRowsTests {
  /// Routes of every kind, with namesakes of several masks next to each other, more than a piece.
  private func session() throws -> Session {
    let session = Session()
    _ = answer(
      "ifconfig em0 10.0.0.1/24; ifconfig em1 name averylongname 10.0.1.1/24\n"
        + "route -q add -net 99.0.0.0 -netmask 255.0.255.0 10.0.0.2\n"
        + "route -q add 98.0.0.0/8 -interface em0; route -q add 97.0.0.7 -iface 10.0.0.1\n"
        + "route -q add 96.0.0.0/8 10.0.0.2 -expire 1249999999 -mtu 0\n"
        + "route -q add 95.0.0.0/8 10.0.0.2 -blackhole -proto1 -reject -sticky\n", in: session)
    var state: UInt64 = 7
    for _ in 0..<2200 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let bits = UInt32(truncatingIfNeeded: state >> 32)
      let mask = IPv4Prefix.mask(length: Int(bits % 25) + 8)
      let network = IPv4Address(rawValue: bits & 0x3fff_0000 | 0x0100_0000) & mask
      let isHost = bits % 11 == 0
      var message = RouteMessage(
        destination: network, mask: isHost ? nil : mask,
        gateway: .address(IPv4Address(10, 0, UInt8(bits >> 3 & 1), UInt8(bits >> 5 & 127) + 2)))
      message.flags = [.RTF_UP, .RTF_GATEWAY, .RTF_STATIC]
      try? session.kernel.routeAdd(vnet: .zero, fib: .zero, message)
    }
    return session
  }

  /// What `netstat -r` says, cell by cell.
  private func plain(_ session: Session, isNumeric: Bool, isWide: Bool) throws -> String {
    let routes = try session.kernel.routes(vnet: session.vnet, fib: session.fib)
    let uptime = session.kernel.machine.now.seconds
    var rows = [["Destination", "Gateway", "Flags", "Refs", "Use", "Mtu", "Netif", "Expire"]]
    for route in routes {
      let left = Int64(bitPattern: route.expire &- uptime)
      rows.append([
        destination(route.key, isNumeric), gateway(route, session, isNumeric),
        letters(route.flags), "\(route.references)", "\(route.use)",
        route.mtu == 0 ? "" : "\(route.mtu)", session.name(of: route.interface),
        route.expire != 0 && left > 0 ? "\(left)" : "",
      ])
    }
    var widths = [18, 18, 6, 6, 8, 6, isWide ? 8 : 6, 6]
    if isWide {
      for row in rows.dropFirst() {
        for place in [0, 1, 2, 4, 5, 6, 7] { widths[place] = max(widths[place], row[place].count) }
      }
    }
    var text = "Routing tables\n\nInternet:\n"
    for (number, row) in rows.enumerated() {
      var cells: [String] = []
      for (place, cell) in row.enumerated() where isWide || place != 5 {
        let width = widths[place]
        switch place {
        case 0, 1: cells.append(cell.padRight(to: width, limit: isNumeric ? .max : width))
        case 2: cells.append(cell.padRight(to: width, limit: width))
        case 6: cells.append(cell.padLeft(to: width, limit: width))
        case 7: if !cell.isEmpty { cells.append(cell.padLeft(to: width)) }
        default: cells.append(cell.padLeft(to: width))
        }
      }
      let hasMore =
        number > 0 && number < routes.count
        && routes[number].key.destination == routes[number - 1].key.destination
      text += cells.joined(separator: " ") + (hasMore ? " =>" : "") + "\n"
    }
    return text
  }

  private func destination(_ key: RouteKey, _ isNumeric: Bool) -> String {
    if key.isHost { return host(key.destination, isNumeric) }
    if key.destination == .any, key.mask == .any { return "default" }
    guard let length = key.mask.prefixLength else {
      return "\(key.destination)&0x\(key.mask.rawValue.hex())"
    }
    let isImplied = !isNumeric && [8, 16, 24].contains(length)
    return isImplied ? "\(key.destination)" : "\(key.destination)/\(length)"
  }

  private func host(_ address: IPv4Address, _ isNumeric: Bool) -> String {
    !isNumeric && address == .loopback ? "localhost" : "\(address)"
  }

  private func gateway(_ route: Rtentry, _ session: Session, _ isNumeric: Bool) -> String {
    switch session.kernel[session.vnet].gatewayAddress(of: route) {
    case .link(let link) where link.name == nil: "link#\(link.index.rawValue)"
    case .link(let link): link.hardwareAddress.map { "\($0)" } ?? link.name ?? ""
    case let address: host(address.ipv4 ?? .any, isNumeric)
    }
  }

  private func letters(_ flags: RouteFlags) -> String {
    let set = RouteFlags.faces.filter { flags.contains($0.flag) }.compactMap(\.letter)
    return String(RouteFlags.letterOrder.filter { set.contains($0) })
  }

  @Test(arguments: ["-rn", "-r", "-rnW", "-rW"]) func areThePlainText(_ letters: String) throws {
    let session = try session()
    let text = answer("netstat \(letters)", in: session)
    let expected = try plain(
      session, isNumeric: letters.contains("n"), isWide: letters.contains("W"))
    #expect(try session.kernel.routes(vnet: .zero, fib: .zero).count > 2048)
    #expect(text.contains(" =>\n"))
    #expect(text == expected)
  }

  @Test func flushShowsWhatItDeletes() throws {
    let session = try session()
    let gateways = try session.kernel.routes(vnet: .zero, fib: .zero)
      .filter { $0.flags.contains(.RTF_GATEWAY) }
    let quiet = try self.session()
    let heard = try self.session()
    let text = answer("route flush", in: session)
    // With a listener, each route is deleted by a message of its own.
    let socket = heard.kernel.openRoutingSocket(vnet: .zero)
    #expect(answer("route flush", in: heard) == text)
    heard.kernel.closeRoutingSocket(vnet: .zero, socket)
    #expect(answer("route -q flush", in: quiet).isEmpty)
    #expect(text.split(separator: "\n").count == gateways.count)
    #expect(text.hasSuffix(" done\n"))
    let left = try session.kernel.routes(vnet: .zero, fib: .zero)
    #expect(!left.isEmpty && left.allSatisfy { !$0.flags.contains(.RTF_GATEWAY) })
    #expect(quiet.kernel[.zero].routes.count(in: .zero) == left.count)
    #expect(heard.kernel[.zero].routes.count(in: .zero) == left.count)
  }

  /// What flush counts of gateways that it made unreachable is what the messages count.
  @Test(arguments: [
    "route add 20/8 10.0.0.2; route add 30/8 20.0.0.5; route add 40/8 20.0.0.5",
    "route add default 10.0.0.2; route add 20/8 10.0.0.2; route add 19/8 20.0.0.5",
    "route add 20/8 10.0.0.1; route add 30/8 10.0.0.77",
    "route add 10.0.0.0/25 10.0.0.200; route add 30/8 10.0.0.7",
    "route add 30.0.0.1 10.0.0.7; route add -net 30.0.0.1/32 10.0.0.7; route add 30/8 10.0.0.8",
  ]) func flushCountsAsMessagesDo(_ routes: String) {
    let setup = "ifconfig em0 10.0.0.1/24; \(routes)"
    let (plain, heard) = (Session(), Session())
    _ = answer(setup, in: plain)
    _ = answer(setup, in: heard)
    let socket = heard.kernel.openRoutingSocket(vnet: .zero)
    #expect(answer("route flush", in: plain) == answer("route flush", in: heard))
    heard.kernel.closeRoutingSocket(vnet: .zero, socket)
    let lines = "netstat -rs; netstat -rn"
    #expect(answer(lines, in: plain) == answer(lines, in: heard))
  }
}
