// SPDX-License-Identifier: BSD-2-Clause

import Wire

extension RoutingTables {
  /// The sum of the indices of the routes to some addresses: look-ups alone, as the packet path makes
  /// them, for what measures them.
  ///
  /// - Parameter fibs: How many tables are asked, one after the other from 0 on; a power of two.
  package func sumOfLookups(_ addresses: Span<UInt32>, fibs: Int = 1) -> Int64 {
    if fibs == 1, isLarge(.zero) { return sumOfLookups(addresses) }
    var sum: Int64 = 0
    for place in addresses.indices {
      let fib = FibNumber(rawValue: UInt8(truncatingIfNeeded: place & (fibs - 1)))
      let found = lookup(IPv4Address(rawValue: addresses[place]), in: fib)
      sum &+= Int64(found?.rawValue ?? -1)
    }
    return sum
  }

  /// The same in the first table, 16 look-ups at a time, as batches make them in a large one.
  private func sumOfLookups(_ addresses: Span<UInt32>) -> Int64 {
    var sum: Int64 = 0
    var next = 0
    while next < addresses.count {
      var some = InlineArray<16, UInt32>(repeating: 0)
      let count = min(some.count, addresses.count - next)
      for place in 0..<count { some[place] = addresses[next &+ place] }
      let found = lookup(some, in: .zero)
      for place in 0..<count { sum &+= Int64(found[place]?.rawValue ?? -1) }
      next &+= count
    }
    return sum
  }
}
