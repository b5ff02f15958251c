// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// A route and the number of its next hop, which is negative where there is none.
struct FoundRoute: BitwiseCopyable {
  var route = RouteIndex(rawValue: -1)
  var hop = NextHopIndex(rawValue: -1)
}

/// Look-ups of 32 addresses at a time, which wait for memory together.
extension RoutingTables {
  /// `lookup` for 32 addresses, each asked for by its number.
  @inline(__always)
  package func lookupsTogether(
    in fib: FibNumber, _ address: (Int) -> UInt32,
    _ take: (_ number: Int, _ found: RouteIndex?) -> Void
  ) {
    guard contains(fib) else { return (0..<32).forEach { take($0, nil) } }
    table.entriesTogether(row: Int(fib.rawValue), address) { number, entry in
      take(number, route(entry, IPv4Address(rawValue: address(number)), fib))
    }
  }

  /// `find` for some of 32 addresses in the same way, and their next hops; the counts of the
  /// routes are brought near.
  @inline(__always)
  mutating func find(
    _ addresses: Span<UInt32>, _ count: Int, in fib: FibNumber,
    _ found: inout InlineArray<32, FoundRoute>
  ) {
    guard contains(fib) else { return }
    // All 32 are looked up, however few of them are asked for.
    guard count > 8 else { return findFew(addresses, count, in: fib, &found) }
    table.entriesTogether(row: Int(fib.rawValue), { addresses[$0] }) { number, entry in
      found[number].route = RouteIndex(rawValue: Int32(bitPattern: entry.rawValue))
    }
    for number in 0..<count {
      var entry = LookupTable.Entry(rawValue: UInt32(bitPattern: found[number].route.rawValue))
      if entry == .unknown { entry = table.compile(addresses[number], source(fib), trie) }
      guard let index = route(entry, IPv4Address(rawValue: addresses[number]), fib) else {
        found[number] = FoundRoute()
        continue
      }
      // So many hops are asked for in so few steps that they come together.
      found[number] = FoundRoute(route: index, hop: hop(of: index))
      if case .node(let place, _) = index.place {
        fibs[Int(fib.rawValue)].uses.prefetch(Int(place))
      }
    }
  }

  private mutating func findFew(
    _ addresses: Span<UInt32>, _ count: Int, in fib: FibNumber,
    _ found: inout InlineArray<32, FoundRoute>
  ) {
    for number in 0..<count {
      guard let index = find(IPv4Address(rawValue: addresses[number]), in: fib) else { continue }
      found[number] = FoundRoute(route: index, hop: hop(of: index))
    }
  }

  /// Has what is read of a route brought near.
  package func prefetchAll(_ index: RouteIndex) {
    guard case .node(let place, _) = index.place else { return }
    trie.prefetch(place)
    prefetch(index)
  }

  /// Has what a packet needs of a route brought near.
  @inline(__always)
  func prefetch(_ index: RouteIndex) {
    guard case .node(let place, let fib) = index.place else { return }
    nodeHops.prefetch(Int(place))
    fibs[Int(fib.rawValue)].uses.prefetch(Int(place))
  }
}
