// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
package import Wire

/// A vnet's forwarding tables, one for each FIB (`rt_tables`, net/route.c).
///
/// Routes keep their place, whatever comes and goes around them. Those whose mask is a prefix are
/// found by a trie; the few others by a list, which is looked at only when it is not empty.
package struct RoutingTables: ~Copyable, StateHashable {
  package let fibCount: Int
  private var entries = Slots<Rtentry>()
  /// Root n is FIB n.
  private var trie: RouteTrie
  /// Routes of all FIBs whose mask is no prefix, the most specific first.
  private var scattered = UniqueArray<RouteIndex>()
  /// Routes by FIB.
  private var counts: UniqueArray<Int>

  package init(fibs: Int) {
    fibCount = fibs
    trie = RouteTrie(roots: fibs)
    counts = UniqueArray(repeating: 0, count: fibs)
  }

  private init(copying other: borrowing RoutingTables) {
    fibCount = other.fibCount
    entries = other.entries.clone()
    trie = other.trie.clone()
    scattered = other.scattered.clone()
    counts = other.counts.clone()
  }

  package func clone() -> RoutingTables { RoutingTables(copying: self) }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(fibCount)
    hasher.combine(entries)
    hasher.combine(trie)
    hasher.combine(scattered)
    hasher.combine(counts)
  }

  /// Whether there is such a table.
  package func contains(_ fib: FibNumber) -> Bool { fib.rawValue < fibCount }

  /// A route; its key and FIB stay as they were inserted.
  package subscript(index: RouteIndex) -> Rtentry {
    @inline(__always) _read { yield entries[index.rawValue] }
    @inline(__always) _modify { yield &entries[index.rawValue] }
  }

  /// The most specific route to an address (`rn_match`); nil too where there is no such table.
  ///
  /// Changes and counts nothing: see `Vnet.rtalloc1`. Among masks that are no prefix the one with
  /// more ones in front wins always; `rn_match` has exceptions that depend on the tree's shape.
  package func lookup(_ destination: IPv4Address, in fib: FibNumber) -> RouteIndex? {
    guard contains(fib) else { return nil }
    let found = trie.match(destination.rawValue, root: Int32(fib.rawValue))
    let best = found < 0 ? nil : RouteIndex(rawValue: found)
    return scattered.isEmpty ? best : better(than: best, for: destination, in: fib)
  }

  /// The route with exactly this key.
  package func exact(_ key: RouteKey, in fib: FibNumber) -> RouteIndex? {
    guard contains(fib) else { return nil }
    if let length = key.trieLength {
      let found = trie.find(key.destination.rawValue, length: length, root: Int32(fib.rawValue))
      return found < 0 ? nil : RouteIndex(rawValue: found)
    }
    for position in 0..<scattered.count {
      let route = self[scattered[position]]
      if route.fib == fib && route.key == key { return scattered[position] }
    }
    return nil
  }

  /// Adds a route with a key that its table has not yet.
  package mutating func insert(_ route: Rtentry) -> RouteIndex {
    precondition(contains(route.fib), "a route's table exists")
    let index = RouteIndex(rawValue: entries.insert(route))
    counts[Int(route.fib.rawValue)] += 1
    if let length = route.key.trieLength {
      trie.insert(
        index.rawValue, route.key.destination.rawValue, length: length,
        root: Int32(route.fib.rawValue))
      return index
    }
    var position = 0
    while position < scattered.count,
      self[scattered[position]].key.specificity >= route.key.specificity
    {
      position += 1
    }
    scattered.insert(index, at: position)
    return index
  }

  /// Takes a route out and returns it as it was last; one that flows hold stays for them, not up.
  @discardableResult
  package mutating func remove(_ index: RouteIndex) -> Rtentry {
    let route = self[index]
    counts[Int(route.fib.rawValue)] -= 1
    if let length = route.key.trieLength {
      trie.remove(
        route.key.destination.rawValue, length: length, root: Int32(route.fib.rawValue))
    } else {
      for position in 0..<scattered.count where scattered[position] == index {
        scattered.remove(at: position)
        break
      }
    }
    if route.references > 0 {
      entries[index.rawValue].flags.remove(.RTF_UP)
    } else {
      entries.remove(index.rawValue)
    }
    return route
  }

  /// Gives back a flow's hold on a route (`RTFREE`); one that is in no table goes with the last.
  mutating func release(_ index: RouteIndex) {
    entries[index.rawValue].references -= 1
    let route = entries[index.rawValue]
    if route.references == 0, !route.flags.contains(.RTF_UP) { entries.remove(index.rawValue) }
  }

  /// How many routes a table has.
  package func count(in fib: FibNumber) -> Int {
    contains(fib) ? counts[Int(fib.rawValue)] : 0
  }

  /// A table's routes in the order of `rn_walktree`, which netstat(1) shows: ascending by
  /// destination, for one destination the most specific first.
  package func routes(in fib: FibNumber) -> [RouteIndex] {
    guard contains(fib) else { return [] }
    var result = trie.values(root: Int32(fib.rawValue)).map { RouteIndex(rawValue: $0) }
    for position in 0..<scattered.count where self[scattered[position]].fib == fib {
      result.append(scattered[position])
    }
    result.sort { first, second in
      let (a, b) = (entries[first.rawValue].key, entries[second.rawValue].key)
      return a.destination == b.destination
        ? a.specificity > b.specificity : a.destination < b.destination
    }
    return result
  }

  /// The better of the trie's answer and the routes whose mask is no prefix.
  private func better(
    than best: RouteIndex?, for destination: IPv4Address, in fib: FibNumber
  ) -> RouteIndex? {
    for position in 0..<scattered.count {
      let candidate = self[scattered[position]]
      guard candidate.fib == fib,
        destination & candidate.key.mask == candidate.key.destination
      else { continue }
      if let best, self[best].key.specificity > candidate.key.specificity { return best }
      return scattered[position]
    }
    return best
  }
}

extension RouteKey {
  /// The length under which the trie has it, or nil where its mask is no prefix.
  fileprivate var trieLength: UInt8? {
    isHost ? RouteTrie.hostLength : mask.prefixLength.map { UInt8($0) }
  }

  /// What routes are preferred by, most first: a host, then more ones in front, then a mask with
  /// more bytes that are not 0, then the larger one (`rn_addroute`, `rn_lexobetter`).
  var specificity: UInt64 {
    if isHost { return .max }
    let ones = UInt64((~mask.rawValue).leadingZeroBitCount)
    let bytes = UInt64(4 - mask.rawValue.trailingZeroBitCount / 8)
    return ones << 40 | bytes << 32 | UInt64(mask.rawValue)
  }
}
