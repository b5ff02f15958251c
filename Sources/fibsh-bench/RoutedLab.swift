// SPDX-License-Identifier: BSD-2-Clause

import CProbe
import Netstack
import Wire

/// A lab with a routing table of some size, and what it took to load it.
final class RoutedLab {
  let table: RouteTable
  let bytes: Int
  let nanosecondsPerRoute: Double
  private let plain: Router
  private var keys: [Destinations: [UInt32]] = [:]
  /// The comparators, made when they are asked for.
  private lazy var radix = RadixPeer(prefixes)
  private lazy var dir = DirPeer(prefixes)
  private lazy var forwarder = dir.forwarder()
  /// The destinations for which all have given the same answers.
  private var checked: Set<Destinations> = []

  init(_ table: RouteTable) {
    self.table = table
    let before = probe_live_bytes()
    plain = Router(Lab(networks: 0, hasFirewall: false, hasManyHops: true).boot())
    let start = probe_nanoseconds()
    RoutedLab.load(table, into: &plain.kernel)
    nanosecondsPerRoute = Double(probe_nanoseconds() - start) / Double(table.prefixes.count)
    bytes = Int(probe_live_bytes() - before)
  }

  private static let defaultRoute = Prefix(address: 0, length: 0, hop: 0)
  private var prefixes: [Prefix] { [RoutedLab.defaultRoute] + table.prefixes }

  private static func load(_ table: RouteTable, into kernel: inout Kernel) {
    do throws(Errno) {
      for prefix in [RoutedLab.defaultRoute] + table.prefixes {
        try kernel.routeAdd(
          vnet: .zero, fib: .zero,
          .through(hop: prefix.hop, prefix.address, length: prefix.length))
      }
      kernel[.zero].routes.compile(.zero)
    } catch {
      fail("each prefix is there once: \(error.message)")
    }
  }

  func router(isFast: Bool) -> Router {
    do throws(Errno) {
      try plain.kernel.setSysctl(.ipFastforwarding, to: isFast ? 1 : 0, vnet: .zero)
    } catch {
      fail("the sysctl can be set: \(error.message)")
    }
    return plain
  }

  func keys(_ destinations: Destinations) -> [UInt32] {
    if let known = keys[destinations] { return known }
    let made = destinations.keys(RouteFamily.keyCount, in: table)
    keys[destinations] = made
    return made
  }

  func loadRow(_ scenario: Scenario, smallest: Double) -> Row {
    Row(
      scenario: scenario,
      measurement: Measurement(
        nanoseconds: nanosecondsPerRoute, counts: probe_counts(),
        operations: table.prefixes.count),
      bytes: bytes, growth: nanosecondsPerRoute / smallest,
      peers: [("radix", radix.nanosecondsPerRoute)])
  }

  /// What does the same in C; first it must give the same answers.
  func peers(
    _ purpose: Purpose, _ destinations: Destinations
  ) -> [(name: String, subject: any Subject)] {
    let keys = keys(destinations)
    if checked.insert(destinations).inserted {
      checkHops(keys)
      checkForwarding(keys)
    }
    return switch purpose {
    case .lookup: [("radix", radix.work(keys)), ("trie", dir.work(keys))]
    case .forward: [("forwarder", forwarder.work(keys, operations: 1 << 16))]
    }
  }

  enum Purpose { case lookup, forward }

  /// The model and the comparators find the same next hop for each address.
  private func checkHops(_ keys: [UInt32]) {
    for key in keys.prefix(1 << 17) {
      let routes = plain.kernel.hop(to: key)
      demand(
        routes == radix.hop(to: key) && routes == dir.hop(to: key),
        "next hop of \(IPv4Address(rawValue: key)): \(routes), \(radix.hop(to: key)) by the tree, "
          + "\(dir.hop(to: key)) by the table")
    }
  }

  /// The model and the forwarder send as many packets by each interface.
  private func checkForwarding(_ keys: [UInt32]) {
    let count = 1 << 14
    let outer = [InterfaceIndex(rawValue: 2), InterfaceIndex(rawValue: 3)]
    func sent() -> [UInt64] {
      outer.map { plain.kernel[.zero].interfaces[$0].statistics[.opackets] }
    }
    let fresh = dir.forwarder()
    let before = sent()
    var traffic = Traffic(to: keys)
    traffic.send(count, into: &plain.kernel)
    _ = fresh.send(count, to: keys)
    _ = probe_take()
    let difference = zip(sent(), before).map { $0 - $1 }
    demand(
      difference == fresh.sent && difference[0] + difference[1] == UInt64(count),
      "by em1 and em2 went \(difference), in C \(fresh.sent)")
  }
}

extension RouteMessage {
  /// A route by one of the lab's next hops.
  static func through(hop: UInt8, _ address: UInt32, length: UInt8) -> RouteMessage {
    var message = RouteMessage(
      destination: IPv4Address(rawValue: address), mask: IPv4Prefix.mask(length: Int(length)),
      gateway: .address(Lab.gateway(hop)))
    message.flags = [.RTF_GATEWAY, .RTF_STATIC]
    return message
  }
}

extension Kernel {
  /// The number of the lab's next hop that packets to an address take.
  fileprivate func hop(to address: UInt32) -> UInt16 {
    guard let found = self[.zero].routes.lookup(IPv4Address(rawValue: address), in: .zero),
      case .address(let gateway) = self[.zero].routes[found].gateway
    else { return UInt16(PEER_NO_HOP) }
    let (_, _, network, host) = gateway.octets
    return UInt16(host - 2) * 2 + UInt16(network - 1)
  }
}
