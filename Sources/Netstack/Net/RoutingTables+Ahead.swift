// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// Look-ups of sixteen addresses at a time, which wait for memory together.
extension RoutingTables {
  /// `lookup` for sixteen addresses, each asked for by its number.
  @inline(__always)
  package func sixteenLookups(
    in fib: FibNumber, _ address: (Int) -> UInt32,
    _ take: (_ number: Int, _ found: RouteIndex?) -> Void
  ) {
    guard contains(fib) else { return (0..<16).forEach { take($0, nil) } }
    table.sixteenEntries(row: Int(fib.rawValue), address) { number, entry in
      take(number, route(entry, IPv4Address(rawValue: address(number)), fib))
    }
  }

  /// `find` for some addresses in the same way; what a packet needs of the routes is brought near.
  @inline(__always)
  package mutating func find(
    _ addresses: InlineArray<16, UInt32>, in fib: FibNumber,
    _ found: inout InlineArray<16, RouteIndex?>
  ) {
    guard contains(fib) else {
      found = InlineArray(repeating: nil)
      return
    }
    var entries = InlineArray<16, LookupTable.Entry>(repeating: .unknown)
    table.sixteenEntries(row: Int(fib.rawValue), { addresses[$0] }) { entries[$0] = $1 }
    for number in entries.indices {
      if entries[number] == .unknown {
        entries[number] = table.compile(addresses[number], source(fib), trie)
      }
      found[number] = route(entries[number], IPv4Address(rawValue: addresses[number]), fib)
      if let index = found[number] { prefetch(index) }
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
