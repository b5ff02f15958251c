// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// What is kept of the routes of one FIB apart from the others'.
struct FibState: ~Copyable, StateHashable {
  /// How many there are.
  var count = 0
  /// Packets sent through each (`rmx_pksent`), by the trie's node.
  var uses = SharedPages<UInt64>()
  /// By the trie's node, the number of the hold and 1.
  var holds = SharedPages<Int32>()

  init() {}

  func clone() -> FibState { FibState(copying: self) }

  private init(copying other: borrowing FibState) {
    count = other.count
    uses = other.uses.clone()
    holds = other.holds.clone()
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(count)
    hasher.combine(uses)
    hasher.combine(holds)
  }

  func isHeld(_ place: Int32) -> Bool { holds.value(at: Int(place)) != 0 }

  var bytes: Int { uses.bytes + holds.bytes }
}

/// FIBs that have another next hop for a prefix than the node of the trie.
struct RouteVariant: BitwiseCopyable {
  var members: UInt16
  var hop: NextHopIndex
  /// The next one of the node; -1 for none.
  var next: Int32
}

/// A route whose mask is no prefix.
struct ScatteredRoute: BitwiseCopyable {
  var key: RouteKey
  var fib: FibNumber
  var hop: NextHopIndex
  var use: UInt64
  /// The number of the hold and 1.
  var hold: Int32 = 0
}

/// A route that flows hold: where it is, or what it was when it was taken out.
struct RouteHold: BitwiseCopyable {
  var index: RouteIndex
  var references: Int32
  /// It is in no table any more.
  var last: Rtentry?
  /// The next hop of `last`, without `RTF_UP`; it counts as meant.
  var hop = NextHopIndex(rawValue: -1)
}

extension RouteIndex {
  /// What an index means.
  enum Place: BitwiseCopyable {
    case node(Int32, FibNumber)
    case scattered(Int32)
    case held(Int32)
  }

  private static let firstScattered: Int32 = 0x4000_0000
  /// Nodes that an index can name, with the FIB.
  static let mostPlaces = firstScattered >> 4

  @inline(__always)
  init(place: Int32, _ fib: FibNumber) {
    self.init(rawValue: place << 4 | Int32(fib.rawValue))
  }

  init(scattered place: Int32) { self.init(rawValue: RouteIndex.firstScattered | place) }

  init(held place: Int32) { self.init(rawValue: ~place) }

  @inline(__always) var place: Place {
    if UInt32(bitPattern: rawValue) < UInt32(RouteIndex.firstScattered) {
      return .node(rawValue >> 4, FibNumber(rawValue: UInt8(rawValue & 15)))
    }
    return rawValue < 0
      ? .held(~rawValue) : .scattered(rawValue & (RouteIndex.firstScattered - 1))
  }
}

extension FibNumber {
  /// The FIB's bit among the members of a prefix.
  @inline(__always) var member: UInt16 { 1 << UInt16(rawValue & 15) }
}

extension RouteKey {
  /// The length under which the trie has it, or nil where its mask is no prefix.
  var trieLength: UInt8? {
    isHost ? PrefixTrie.hostLength : mask.prefixLength.map { UInt8($0) }
  }

  /// What the trie has under a node.
  init(_ node: PrefixTrie.Node) {
    let address = IPv4Address(rawValue: node.prefix)
    if node.length == PrefixTrie.hostLength {
      self.init(host: address)
    } else {
      self.init(network: address, mask: IPv4Prefix.mask(length: Int(node.length)))
    }
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

/// Reading and writing routes.
extension RoutingTables {
  /// A route; its key and FIB stay as they were inserted, and its references are `hold`'s business.
  package subscript(index: RouteIndex) -> Rtentry {
    get {
      switch index.place {
      case .node(let place, let fib):
        var route = Rtentry(key: RouteKey(trie[place]), fib: fib, hops[hop(of: index)])
        route.use = fibs[Int(fib.rawValue)].uses.value(at: Int(place))
        route.references = references(of: index)
        return route
      case .scattered(let place):
        let entry = scattered[place]
        var route = Rtentry(key: entry.key, fib: entry.fib, hops[entry.hop])
        route.use = entry.use
        route.references = references(of: index)
        return route
      case .held(let place):
        let hold = holds[place]
        guard let last = hold.last else { return self[hold.index] }
        var route = Rtentry(key: last.key, fib: last.fib, hops[hold.hop])
        (route.use, route.references) = (last.use, hold.references)
        return route
      }
    }
    set { write(newValue, at: index) }
  }

  /// What a route has in common with others: all that the way of most packets asks.
  @inline(__always)
  func nextHop(of index: RouteIndex) -> NextHop { hops[hop(of: index)] }

  /// What a trace says of a route.
  func summary(of index: RouteIndex) -> RouteSummary {
    RouteSummary(key(of: index), nextHop(of: index))
  }

  /// The number of a route's next hop.
  @inline(__always)
  package func hop(of index: RouteIndex) -> NextHopIndex {
    if case .node(let place, let fib) = index.place {
      let hop = nodeHops.value(at: Int(place)) - 1
      return hop >= 0 ? NextHopIndex(rawValue: hop) : variantHop(trie[place], fib.member)
    }
    return otherHop(index)
  }

  @inline(never)
  private func otherHop(_ index: RouteIndex) -> NextHopIndex {
    switch index.place {
    case .node: return hop(of: index)
    case .scattered(let place): return scattered[place].hop
    case .held(let place):
      return holds[place].last == nil ? hop(of: holds[place].index) : holds[place].hop
    }
  }

  @inline(never)
  private func variantHop(_ node: PrefixTrie.Node, _ member: UInt16) -> NextHopIndex {
    variants.hop(from: node.more, else: node.value, for: member)
  }

  /// A route's key.
  package func key(of index: RouteIndex) -> RouteKey {
    switch index.place {
    case .node(let place, _): RouteKey(trie[place])
    case .scattered(let place): scattered[place].key
    case .held(let place): holds[place].last?.key ?? key(of: holds[place].index)
    }
  }

  /// Counts a packet that is sent through a route (`rmx_pksent`).
  @inline(__always)
  package mutating func countUse(of index: RouteIndex) {
    if case .node(let place, let fib) = index.place,
      Int(place) < fibs[Int(fib.rawValue)].uses.count
    {
      fibs[Int(fib.rawValue)].uses[Int(place)] &+= 1
    } else {
      countOtherUse(of: index)
    }
  }

  @inline(never)
  private mutating func countOtherUse(of index: RouteIndex) {
    setUse(use(of: index) &+ 1, of: index)
  }

  private func use(of index: RouteIndex) -> UInt64 { self[index].use }

  private mutating func setUse(_ use: UInt64, of index: RouteIndex) {
    switch index.place {
    case .node(let place, let fib): fibs[Int(fib.rawValue)].uses.set(use, at: Int(place))
    case .scattered(let place): scattered[place].use = use
    case .held(let place):
      if holds[place].last == nil {
        setUse(use, of: holds[place].index)
      } else {
        holds[place].last?.use = use
      }
    }
  }

  /// Changes what a route has under its key; FIBs that shared its next hop keep theirs.
  private mutating func write(_ route: Rtentry, at index: RouteIndex) {
    if use(of: index) != route.use { setUse(route.use, of: index) }
    let new = NextHop(route)
    guard hops[hop(of: index)] != new else { return }
    switch index.place {
    case .node(let place, let fib):
      let hop = hops.intern(new)
      withdraw(fib.member, at: place)
      add(fib.member, hop, at: place)
    case .scattered(let place):
      hops.release(scattered[place].hop)
      scattered[place].hop = hops.intern(new)
    case .held(let place):
      guard holds[place].last != nil else { return write(route, at: holds[place].index) }
      hops.release(holds[place].hop)
      holds[place].hop = hops.intern(new)
    }
  }

  /// Adds a FIB to those that have a node's prefix; the next hop was counted for it.
  mutating func add(_ member: UInt16, _ hop: NextHopIndex, at place: Int32) {
    defer { noteHop(at: place) }
    let node = trie[place]
    trie[place].members |= member
    if node.members == 0 {
      trie[place].value = UInt32(bitPattern: hop.rawValue)
      return
    }
    if node.value == UInt32(bitPattern: hop.rawValue) { return hops.release(hop) }
    var next = node.more
    while next >= 0 {
      if variants[next].hop == hop {
        variants[next].members |= member
        return hops.release(hop)
      }
      next = variants[next].next
    }
    trie[place].more = variants.insert(
      RouteVariant(members: member, hop: hop, next: node.more))
  }

  /// Takes a FIB out of those that have a node's prefix, with its next hop.
  mutating func withdraw(_ member: UInt16, at place: Int32) {
    defer { noteHop(at: place) }
    let node = trie[place]
    trie[place].members &= ~member
    var others: UInt16 = 0
    var (before, next): (Int32, Int32) = (-1, node.more)
    while next >= 0 {
      let variant = variants[next]
      if variant.members == member { return removeVariant(next, behind: before, at: place) }
      if variant.members & member != 0 {
        variants[next].members &= ~member
        return
      }
      others |= variant.members
      (before, next) = (next, variant.next)
    }
    guard node.members & ~member & ~others == 0 else { return }
    // Nobody has the node's own next hop any more: that of the first variant takes its place.
    hops.release(NextHopIndex(rawValue: Int32(bitPattern: node.value)))
    guard node.more >= 0 else { return }
    let first = variants[node.more]
    trie[place].value = UInt32(bitPattern: first.hop.rawValue)
    trie[place].more = first.next
    variants.remove(node.more)
  }

  private mutating func removeVariant(_ number: Int32, behind before: Int32, at place: Int32) {
    let variant = variants[number]
    if before >= 0 {
      variants[before].next = variant.next
    } else {
      trie[place].more = variant.next
    }
    hops.release(variant.hop)
    variants.remove(number)
  }
}

extension SharedSlots<RouteVariant> {
  /// The next hop that a member has for the prefix of a node, whose chain begins here.
  ///
  /// - Parameter value: The next hop of members that are not in the chain.
  func hop(from first: Int32, else value: UInt32, for member: UInt16) -> NextHopIndex {
    var next = first
    while next >= 0 {
      let variant = self[next]
      if variant.members & member != 0 { return variant.hop }
      next = variant.next
    }
    return NextHopIndex(rawValue: Int32(bitPattern: value))
  }
}

extension Rtentry {
  /// A route put together of its parts.
  fileprivate init(key: RouteKey, fib: FibNumber, _ hop: NextHop) {
    self.init(
      key: key, gateway: hop.gateway, flags: hop.flags, fib: fib, interface: hop.interface,
      address: hop.address, mtu: hop.mtu)
    namesGateway = hop.namesGateway
    weight = hop.weight
    expire = hop.expire
  }
}
