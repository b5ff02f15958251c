// SPDX-License-Identifier: BSD-2-Clause

import Wire

extension RoutingTables {
  /// The sum of the indices of the routes to some addresses: look-ups alone, as the packet path makes
  /// them, for what measures them.
  ///
  /// - Parameter fibs: How many tables are asked, one after the other from 0 on; a power of two.
  package func sumOfLookups(_ addresses: Span<UInt32>, fibs: Int = 1) -> Int64 {
    var sum: Int64 = 0
    var next = 0
    // As batches make them.
    while fibs == 1, next &+ 32 <= addresses.count {
      let some = addresses.extracting(next..<next &+ 32)
      lookupsTogether(in: .zero, { some[$0] }) { sum &+= Int64($1?.rawValue ?? -1) }
      next &+= 32
    }
    for place in next..<addresses.count {
      let fib = FibNumber(rawValue: UInt8(truncatingIfNeeded: place & (fibs - 1)))
      let found = lookup(IPv4Address(rawValue: addresses[place]), in: fib)
      sum &+= Int64(found?.rawValue ?? -1)
    }
    return sum
  }
}
