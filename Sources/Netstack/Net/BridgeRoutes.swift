// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// How an address came into a bridge's table (`IFBAF_` of net/if_bridgevar.h).
package struct BridgeRouteFlags: OptionSet, Hashable, BitwiseCopyable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let IFBAF_STATIC = BridgeRouteFlags(rawValue: 1)
  package static let IFBAF_STICKY = BridgeRouteFlags(rawValue: 2)
}

/// An address and the member behind which its station is (`struct bridge_rtnode`).
struct BridgeRoute: BitwiseCopyable, Sendable {
  let address: EthernetAddress
  let vlan: UInt16
  var flags: BridgeRouteFlags
  var interface: InterfaceIndex
  /// The uptime in seconds at which it is too old.
  var expire: UInt64 = 0
  /// Neighbours in the list and the next in its hash chain; -1 for none.
  fileprivate(set) var newer: Int32 = -1
  fileprivate(set) var older: Int32 = -1
  fileprivate(set) var nextInHash: Int32 = -1

  init(
    _ address: EthernetAddress, vlan: UInt16, flags: BridgeRouteFlags, on interface: InterfaceIndex
  ) {
    (self.address, self.vlan, self.flags, self.interface) = (address, vlan, flags, interface)
  }

  /// Learned, so that it moves and ages (`IFBAF_DYNAMIC`).
  var isDynamic: Bool { flags.isEmpty }
}

/// The addresses that a bridge knows, newest first (`sc_rtlist`), found by address and VLAN.
struct BridgeRoutes: ~Copyable, StateHashable {
  private var nodes = UniqueArray<BridgeRoute>()
  private var buckets = UniqueArray<Int32>()
  private var free = UniqueArray<Int32>()
  /// The newest, or -1.
  private(set) var first: Int32 = -1

  private static let bucketCount = 256

  init() {}

  var count: Int { nodes.count - free.count }

  subscript(place: Int32) -> BridgeRoute {
    @inline(__always) _read { yield nodes[Int(place)] }
    @inline(__always) _modify { yield &nodes[Int(place)] }
  }

  private static func bucket(_ address: EthernetAddress) -> Int {
    let folded = address.rawValue ^ address.rawValue >> 8 ^ address.rawValue >> 24
    return Int(truncatingIfNeeded: folded) & (bucketCount - 1)
  }

  /// The place of an address; with VLAN 0 that of its oldest entry (`bridge_rtnode_lookup`).
  func find(_ address: EthernetAddress, vlan: UInt16) -> Int32? {
    guard !buckets.isEmpty else { return nil }
    var place = buckets[BridgeRoutes.bucket(address)]
    while place >= 0 {
      let node = nodes[Int(place)]
      if node.address == address, node.vlan == vlan || vlan == 0 { return place }
      place = node.nextInHash
    }
    return nil
  }

  /// Puts an entry at the head of the list (`bridge_rtnode_insert`).
  mutating func insert(_ route: BridgeRoute) -> Int32 {
    if buckets.isEmpty { buckets = UniqueArray(repeating: -1, count: BridgeRoutes.bucketCount) }
    var route = route
    (route.newer, route.older, route.nextInHash) = (-1, first, -1)
    let place: Int32
    if let reused = free.popLast() {
      place = reused
      nodes[Int(place)] = route
    } else {
      place = Int32(nodes.count)
      nodes.append(route)
    }
    if first >= 0 { nodes[Int(first)].newer = place }
    first = place
    let bucket = BridgeRoutes.bucket(route.address)
    guard buckets[bucket] >= 0 else {
      buckets[bucket] = place
      return place
    }
    var last = Int(buckets[bucket])
    while nodes[last].nextInHash >= 0 { last = Int(nodes[last].nextInHash) }
    nodes[last].nextInHash = place
    return place
  }

  /// Forgets an entry (`bridge_rtnode_destroy`).
  mutating func remove(_ place: Int32) {
    let route = nodes[Int(place)]
    if route.newer >= 0 { nodes[Int(route.newer)].older = route.older } else { first = route.older }
    if route.older >= 0 { nodes[Int(route.older)].newer = route.newer }
    let bucket = BridgeRoutes.bucket(route.address)
    if buckets[bucket] == place {
      buckets[bucket] = route.nextInHash
    } else {
      var before = Int(buckets[bucket])
      while nodes[before].nextInHash != place { before = Int(nodes[before].nextInHash) }
      nodes[before].nextInHash = route.nextInHash
    }
    free.append(place)
  }

  func clone() -> BridgeRoutes {
    var copy = BridgeRoutes()
    copy.nodes = nodes.clone()
    copy.buckets = buckets.clone()
    copy.free = free.clone()
    copy.first = first
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(nodes)
    hasher.combine(buckets)
    hasher.combine(free)
    hasher.combine(first)
  }
}

/// What came of learning an address.
struct BridgeLearning: BitwiseCopyable {
  /// The id that tells it.
  var id: TraceID
  /// Why it is not in the table.
  var errno: Errno?
}

/// The table of addresses (net/if_bridge.c).
extension Bridge {
  /// Notes that a station is behind a member (`bridge_rtupdate`).
  ///
  /// - Parameters:
  ///   - place: The member's place in the list.
  ///   - flags: What an administrator says of it; nil for an address that is learned.
  mutating func learn(
    _ address: EthernetAddress, vlan: UInt16, on place: Int, flags: BridgeRouteFlags?,
    uptime: UInt64
  ) -> BridgeLearning {
    guard !address.isGroup, address != .zero else {
      return BridgeLearning(id: .brBadsource, errno: .EINVAL)
    }
    // Frames that only have a priority are of VLAN 1.
    let vlan = vlan == 0 ? 1 : vlan
    var id = TraceID.brSeen
    var found = routes.find(address, vlan: vlan)
    if found == nil {
      guard routes.count < Int(routeLimit) else {
        routesRefused &+= 1
        return BridgeLearning(id: .brFull, errno: .ENOSPC)
      }
      let limit = members[place].addressLimit
      guard limit == 0 || members[place].addressCount < limit else {
        members[place].addressesRefused &+= 1
        return BridgeLearning(id: .brLimit, errno: .ENOSPC)
      }
      let isSticky = members[place].flags.contains(.IFBIF_STICKY)
      found = routes.insert(
        BridgeRoute(
          address, vlan: vlan, flags: isSticky ? .IFBAF_STICKY : [],
          on: members[place].interface))
      members[place].addressCount &+= 1
      id = .brLearned
    }
    guard let entry = found else { return BridgeLearning(id: .brFull, errno: .ENOMEM) }
    if routes[entry].interface != members[place].interface {
      id = .brStays
      if routes[entry].isDynamic {
        countDown(routes[entry].interface)
        routes[entry].interface = members[place].interface
        members[place].addressCount &+= 1
        id = .brMoved
      }
    }
    if flags?.isEmpty ?? true { routes[entry].expire = uptime &+ UInt64(timeout) }
    if let flags { routes[entry].flags = flags }
    return BridgeLearning(id: id, errno: nil)
  }

  /// The member behind which a station is (`bridge_rtlookup`).
  func lookup(_ address: EthernetAddress, vlan: UInt16) -> InterfaceIndex? {
    routes.find(address, vlan: vlan).map { routes[$0].interface }
  }

  /// Forgets all that are told to go.
  private mutating func removeRoutes(where goes: (BridgeRoute) -> Bool) {
    var place = routes.first
    while place >= 0 {
      let next = routes[place].older
      if goes(routes[place]) { remove(place) }
      place = next
    }
  }

  private mutating func remove(_ place: Int32) {
    countDown(routes[place].interface)
    routes.remove(place)
  }

  private mutating func countDown(_ interface: InterfaceIndex) {
    if let place = place(of: interface) { members[place].addressCount &-= 1 }
  }

  /// Forgets learned addresses that are too old (`bridge_rtage`).
  mutating func age(_ uptime: UInt64) {
    removeRoutes { $0.isDynamic && uptime >= $0.expire }
  }

  /// Cuts the table to its limit: first what is too old, then the newest that were learned
  /// (`bridge_rttrim`).
  mutating func trim(_ uptime: UInt64) {
    guard routes.count > Int(routeLimit) else { return }
    age(uptime)
    var excess = routes.count - Int(routeLimit)
    removeRoutes {
      guard excess > 0, $0.isDynamic else { return false }
      excess -= 1
      return true
    }
  }

  /// Forgets the learned addresses, or all (`bridge_rtflush`).
  mutating func flush(all: Bool) { removeRoutes { all || $0.isDynamic } }

  /// Forgets those of a member, which is still in the list (`bridge_rtdelete`).
  mutating func flush(_ interface: InterfaceIndex, all: Bool) {
    removeRoutes { $0.interface == interface && (all || $0.isDynamic) }
  }

  /// Lets the learned addresses of a member live `age` seconds at most; none with 0
  /// (`bridge_rtable_expire`).
  mutating func expire(_ interface: InterfaceIndex, age: UInt64, _ uptime: UInt64) {
    guard age > 0 else { return flush(interface, all: false) }
    var place = routes.first
    while place >= 0 {
      if routes[place].interface == interface, routes[place].isDynamic {
        routes[place].expire = min(routes[place].expire, uptime &+ age)
      }
      place = routes[place].older
    }
  }

  /// Forgets an address in all VLANs (`bridge_rtdaddr`); `ENOENT` for an unknown one.
  mutating func forget(_ address: EthernetAddress) throws(Errno) {
    guard var place = routes.find(address, vlan: 0) else { throw .ENOENT }
    while true {
      remove(place)
      guard let next = routes.find(address, vlan: 0) else { return }
      place = next
    }
  }
}
