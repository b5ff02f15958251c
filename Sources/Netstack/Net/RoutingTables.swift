// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
package import Wire

/// A vnet's forwarding tables, one for each FIB (`rt_tables`, net/route.c).
///
/// There is one set of routes for all FIBs: a trie of the prefixes that any has, and at each the FIBs
/// that have it and their next hops. FIBs that agree share the node and the next hop. Look-ups ask
/// the compiled `LookupTable`, which says the same as `definition(of:in:)`. The few routes whose mask
/// is no prefix are in a list, which is looked at only when it is not empty.
package struct RoutingTables: ~Copyable, StateHashable {
  private let pin = Pin()
  package let fibCount: Int
  /// What the routes share.
  package internal(set) var hops = NextHopTable()
  /// A node's value is the next hop of its members, but for those in its chain of variants.
  var trie = PrefixTrie(roots: 1)
  /// By the trie's node, the number of the next hop that all its members have, and 1. It says again
  /// what the node says, but more of it fits into the processor's caches.
  var nodeHops = SharedPages<Int32>()
  /// The FIBs that have a default route; negative where routes have masks that are no prefix.
  private var defaults: Int32 = 0
  var variants = SharedSlots<RouteVariant>()
  var table: LookupTable
  /// Routes whose mask is no prefix.
  var scattered = Slots<ScatteredRoute>()
  /// Their places, the most specific first.
  var scatteredOrder = UniqueArray<Int32>()
  /// Routes that flows hold.
  var holds = Slots<RouteHold>()
  /// What is kept for each FIB apart.
  var fibs = UniqueArray<FibState>()

  package init(fibs count: Int) {
    precondition(count <= FibNumber.limit, "a member is one of 16 bits")
    fibCount = count
    table = LookupTable(rows: count)
    for _ in 0..<count { fibs.append(FibState()) }
  }

  private init(copying other: borrowing RoutingTables) {
    fibCount = other.fibCount
    hops = other.hops.clone()
    trie = other.trie.clone()
    nodeHops = other.nodeHops.clone()  // No state: made of the trie.
    defaults = other.defaults  // No state either.
    variants = other.variants.clone()
    table = other.table.clone()  // No state: made of the trie.
    scattered = other.scattered.clone()
    scatteredOrder = other.scatteredOrder.clone()
    holds = other.holds.clone()
    for number in 0..<other.fibs.count { fibs.append(other.fibs[number].clone()) }
  }

  package func clone() -> RoutingTables { RoutingTables(copying: self) }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(fibCount)
    hasher.combine(hops)
    hasher.combine(trie)
    hasher.combine(variants)
    hasher.combine(scattered)
    hasher.combine(scatteredOrder)
    hasher.combine(holds)
    for number in 0..<fibs.count { hasher.combine(fibs[number]) }
  }

  /// Whether there is such a table.
  @inline(__always)
  package func contains(_ fib: FibNumber) -> Bool { fib.rawValue < fibCount }

  /// How many routes a table has.
  package func count(in fib: FibNumber) -> Int {
    contains(fib) ? fibs[Int(fib.rawValue)].count : 0
  }

  /// Bytes of everything, of which clones share what they have in common.
  package var bytes: Int {
    var sum = hops.bytes + trie.bytes + nodeHops.bytes + variants.bytes + table.bytes
    for number in 0..<fibs.count { sum += fibs[number].bytes }
    return sum
  }

  /// Whether any route's next hop is of this kind; does not go through the routes.
  func contains(where isMeant: (NextHop) -> Bool) -> Bool {
    // A route that flows hold and that is in no table is not up.
    hops.contains { $0.flags.contains(.RTF_UP) && isMeant($0) }
  }

  // MARK: Looking up

  /// The most specific route to an address (`rn_match`); nil too where there is no such table.
  ///
  /// Changes and counts nothing: see `Vnet.rtalloc1`. Among masks that are no prefix the one with
  /// more ones in front wins always; `rn_match` has exceptions that depend on the tree's shape.
  @inline(__always)
  package func lookup(_ destination: IPv4Address, in fib: FibNumber) -> RouteIndex? {
    guard contains(fib) else { return nil }
    let entry = table.entry(destination.rawValue, row: Int(fib.rawValue))
    return route(entry, destination, fib)
  }

  /// The same, and makes the next look-up of an address nearby fast.
  @inline(__always)
  package mutating func find(_ destination: IPv4Address, in fib: FibNumber) -> RouteIndex? {
    guard contains(fib) else { return nil }
    var entry = table.entry(destination.rawValue, row: Int(fib.rawValue))
    if entry == .unknown { entry = table.compile(destination.rawValue, source(fib), trie) }
    return route(entry, destination, fib)
  }

  /// The same by the plain structures, which say what is right.
  package func definition(of destination: IPv4Address, in fib: FibNumber) -> RouteIndex? {
    guard contains(fib) else { return nil }
    return route(.unknown, destination, fib)
  }

  /// Compiles a table's look-ups now, not with the first packets.
  package mutating func compile(_ fib: FibNumber) {
    guard contains(fib) else { return }
    table.compileAll(source(fib), trie)
  }

  @inline(__always)
  func route(
    _ entry: LookupTable.Entry, _ destination: IPv4Address, _ fib: FibNumber
  ) -> RouteIndex? {
    // One question for three, as nobody can guess whether it is the default route: is the place known,
    // is it not that of a default route that is not there, and do prefixes alone decide?
    guard entry.place | defaults & (Int32.min | Int32(fib.member)) > 0 else {
      return rareRoute(entry, destination, fib)
    }
    return RouteIndex(place: entry.place, fib)
  }

  /// What neither the compiled table nor a prefix alone decides.
  @inline(never)
  private func rareRoute(
    _ entry: LookupTable.Entry, _ destination: IPv4Address, _ fib: FibNumber
  ) -> RouteIndex? {
    let place: Int32 =
      switch entry {
      case .unknown: trie.match(destination.rawValue, root: 0, mask: fib.member)
      case .root where trie[0].members & fib.member == 0: -1
      default: entry.place
      }
    let found = place < 0 ? nil : RouteIndex(place: place, fib)
    return scatteredOrder.isEmpty ? found : better(than: found, for: destination, in: fib)
  }

  func source(_ fib: FibNumber) -> LookupTable.Source {
    LookupTable.Source(
      row: Int(fib.rawValue), root: 0, member: fib.member, sharesRows: fibCount > 1)
  }

  /// The route with exactly this key.
  package func exact(_ key: RouteKey, in fib: FibNumber) -> RouteIndex? {
    guard contains(fib) else { return nil }
    if let length = key.trieLength {
      let place = trie.find(key.destination.rawValue, length: length, root: 0)
      guard place >= 0, trie[place].members & fib.member != 0 else { return nil }
      return RouteIndex(place: place, fib)
    }
    for position in 0..<scatteredOrder.count {
      let route = scattered[scatteredOrder[position]]
      if route.fib == fib, route.key == key {
        return RouteIndex(scattered: scatteredOrder[position])
      }
    }
    return nil
  }

  /// The better of the trie's answer and the routes whose mask is no prefix.
  private func better(
    than best: RouteIndex?, for destination: IPv4Address, in fib: FibNumber
  ) -> RouteIndex? {
    for position in 0..<scatteredOrder.count {
      let candidate = scattered[scatteredOrder[position]]
      guard candidate.fib == fib,
        destination & candidate.key.mask == candidate.key.destination
      else { continue }
      if let best, key(of: best).specificity > candidate.key.specificity { return best }
      return RouteIndex(scattered: scatteredOrder[position])
    }
    return best
  }

  // MARK: Adding and removing

  /// Adds a route with a key that its table has not yet.
  package mutating func insert(_ route: Rtentry) -> RouteIndex {
    guard let index = add(route) else { preconditionFailure("a key is filed once") }
    return index
  }

  /// Adds a route; nil where its table has the key. Both are found on one way through the trie.
  mutating func add(_ route: Rtentry) -> RouteIndex? {
    precondition(contains(route.fib), "a route's table exists")
    guard let length = route.key.trieLength else {
      return exact(route.key, in: route.fib) == nil ? insertScattered(route) : nil
    }
    let place = trie.insert(route.key.destination.rawValue, length: length, root: 0)
    guard trie[place].members & route.fib.member == 0 else { return nil }
    precondition(place < RouteIndex.mostPlaces, "a node's number fits into an index")
    fibs[Int(route.fib.rawValue)].count += 1
    add(route.fib.member, hops.intern(NextHop(route)), at: place)
    table.forget(
      route.key.destination.rawValue, length: length, row: Int(route.fib.rawValue))
    if route.use != 0 { fibs[Int(route.fib.rawValue)].uses.set(route.use, at: Int(place)) }
    return RouteIndex(place: place, route.fib)
  }

  private mutating func noteDefaults() {
    defaults = Int32(trie[0].members) | (scatteredOrder.isEmpty ? 0 : .min)
  }

  /// Keeps what is known of a node's members and next hop beside it.
  mutating func noteHop(at place: Int32) {
    let node = trie[place]
    let isOne = node.members != 0 && node.more < 0
    nodeHops.set(isOne ? Int32(bitPattern: node.value) + 1 : 0, at: Int(place))
    if place == 0 { noteDefaults() }
  }

  private mutating func insertScattered(_ route: Rtentry) -> RouteIndex {
    fibs[Int(route.fib.rawValue)].count += 1
    let hop = hops.intern(NextHop(route))
    let new = scattered.insert(
      ScatteredRoute(key: route.key, fib: route.fib, hop: hop, use: route.use))
    var position = 0
    while position < scatteredOrder.count,
      scattered[scatteredOrder[position]].key.specificity >= route.key.specificity
    {
      position += 1
    }
    scatteredOrder.insert(new, at: position)
    noteDefaults()
    return RouteIndex(scattered: new)
  }

  /// Takes a route out and returns it as it was last; one that flows hold stays for them, not up.
  @discardableResult
  package mutating func remove(_ index: RouteIndex) -> Rtentry {
    guard let index = live(index) else { preconditionFailure("what is removed is there") }
    let route = self[index]
    retire(index, route)
    switch index.place {
    case .node(let place, let fib):
      unfile(fib, at: place)
      let node = trie[place]
      if node.members == 0 { trie.remove(node.prefix, length: node.length, root: 0) }
    case .scattered(let place):
      hops.release(scattered[place].hop)
      for position in 0..<scatteredOrder.count where scatteredOrder[position] == place {
        scatteredOrder.remove(at: position)
        break
      }
      noteDefaults()
      scattered.remove(place)
      fibs[Int(route.fib.rawValue)].count -= 1
    case .held: break
    }
    return route
  }

  /// A FIB has a prefix no longer. The node stays.
  mutating func unfile(_ fib: FibNumber, at place: Int32) {
    let node = trie[place]
    table.forget(node.prefix, length: node.length, row: Int(fib.rawValue))
    withdraw(fib.member, at: place)
    fibs[Int(fib.rawValue)].uses.set(0, at: Int(place))
    fibs[Int(fib.rawValue)].count -= 1
  }
}
