// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// Look-ups of sixteen addresses at a time.
extension RoutingTables {
  /// Whether look-ups in a table wait for memory. A table with few routes is in the processor's caches.
  @inline(__always)
  func isLarge(_ fib: FibNumber) -> Bool {
    contains(fib) && fibs[Int(fib.rawValue)].count >= 1 << 14
  }

  /// `lookup` for some addresses, which wait for memory together.
  @inline(__always)
  func lookup(
    _ destinations: InlineArray<16, UInt32>, in fib: FibNumber
  ) -> InlineArray<16, RouteIndex?> {
    guard contains(fib) else { return InlineArray(repeating: nil) }
    return routes(table.entries(destinations, row: Int(fib.rawValue)), destinations, fib)
  }

  /// `find` for some addresses in the same way.
  @inline(__always)
  mutating func find(
    _ destinations: InlineArray<16, UInt32>, in fib: FibNumber
  ) -> InlineArray<16, RouteIndex?> {
    guard contains(fib) else { return InlineArray(repeating: nil) }
    var entries = table.entries(destinations, row: Int(fib.rawValue))
    for place in entries.indices where entries[place] == .unknown {
      entries[place] = table.compile(destinations[place], source(fib), trie)
    }
    return routes(entries, destinations, fib)
  }

  @inline(__always)
  private func routes(
    _ entries: InlineArray<16, LookupTable.Entry>, _ destinations: InlineArray<16, UInt32>,
    _ fib: FibNumber
  ) -> InlineArray<16, RouteIndex?> {
    var found = InlineArray<16, RouteIndex?>(repeating: nil)
    for place in entries.indices {
      found[place] = route(entries[place], IPv4Address(rawValue: destinations[place]), fib)
    }
    return found
  }

  /// Has what a packet needs of a route brought near.
  @inline(__always)
  func prefetch(_ index: RouteIndex) {
    guard case .node(let place, let fib) = index.place else { return }
    nodeHops.prefetch(Int(place))
    fibs[Int(fib.rawValue)].uses.prefetch(Int(place))
  }
}
