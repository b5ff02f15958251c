// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// Many routes that go at once.
extension RoutingTables {
  /// Takes out all routes of a table, or of all, whose next hop a test picks.
  package mutating func removeAll(in fib: FibNumber?, where isGone: (NextHop) -> Bool) {
    var picked: [Bool] = []
    guard hops.pick(isGone, &picked) else { return }
    let mask = fib.map { $0.member } ?? .max
    for position in (0..<scatteredOrder.count).reversed() {
      let place = scatteredOrder[position]
      guard scattered[place].fib.member & mask != 0, picked[Int(scattered[place].hop.rawValue)]
      else { continue }
      remove(RouteIndex(scattered: place))
    }
    // In the order of memory, of which the trie's own knows nothing.
    var emptied: [Int32] = []
    var left = 0
    for place in 0..<trie.places where trie[place].members != 0 {
      let node = trie[place]
      if node.more >= 0 || picked[Int(node.value)] { removePicked(picked, mask, at: place) }
      if trie[place].members == 0 { emptied.append(place) } else { left += 1 }
    }
    guard emptied.count < left else { return trie.relink() }
    for place in emptied {
      let node = trie[place]
      // A fork went with the one below it.
      if trie.find(node.prefix, length: node.length, root: 0) == place {
        trie.remove(node.prefix, length: node.length, root: 0)
      }
    }
  }

  /// Takes the routes of a node out whose next hops are picked. The node stays.
  private mutating func removePicked(_ picked: [Bool], _ mask: UInt16, at place: Int32) {
    var left = trie[place].members & mask
    while left != 0 {
      let number = FibNumber(rawValue: UInt8(left.trailingZeroBitCount))
      left &= left &- 1
      let index = RouteIndex(place: place, number)
      guard picked[Int(hop(of: index).rawValue)] else { continue }
      if fibs[Int(number.rawValue)].isHeld(place) { retire(index, self[index]) }
      unfile(number, at: place)
    }
  }
}
