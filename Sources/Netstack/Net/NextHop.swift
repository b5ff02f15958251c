// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What many routes have in common: all of a route but its key, its FIB and its counts.
package struct NextHop: Hashable, BitwiseCopyable, Sendable {
  /// See `Rtentry` for each.
  package var gateway: Gateway
  package var namesGateway = false
  package var flags: RouteFlags
  package var interface: InterfaceIndex
  package var address: AddressIndex
  package var mtu: UInt32
  package var weight: UInt32 = 1
  package var expire: UInt64 = 0

  package init(_ route: Rtentry) {
    gateway = route.gateway
    namesGateway = route.namesGateway
    flags = route.flags
    interface = route.interface
    address = route.address
    mtu = route.mtu
    weight = route.weight
    expire = route.expire
  }

  fileprivate var isAgeing: Bool { !flags.isDisjoint(with: [.RTF_DYNAMIC, .RTF_PROTO3]) }

  /// A number by which equal ones are found, the same in every process.
  fileprivate var digest: UInt64 {
    let target: UInt64 =
      switch gateway {
      case .address(let address): UInt64(address.rawValue) << 1
      case .link(let interface): UInt64(interface.rawValue) << 1 | 1
      }
    var sum = target &* 0x9e37_79b9_7f4a_7c15
    sum ^= UInt64(flags.rawValue) << 16 ^ UInt64(interface.rawValue)
    sum = (sum ^ sum >> 29) &* 0xbf58_476d_1ce4_e5b9
    sum ^= UInt64(mtu) << 32 ^ UInt64(UInt32(bitPattern: address.rawValue))
    sum = (sum ^ sum >> 32) &* 0x94d0_49bb_1331_11eb
    sum ^= expire << 1 ^ UInt64(weight) << 40 ^ (namesGateway ? 1 : 0)
    sum = (sum ^ sum >> 29) &* 0x9e37_79b9_7f4a_7c15
    return sum ^ sum >> 32
  }
}

/// Next hops, each once, as long as a route has it.
package struct NextHopTable: ~Copyable, StateHashable {
  /// Not private, because Swift 6.3 cannot yet emit a table of a private type in another file.
  struct Entry: BitwiseCopyable {
    var hop: NextHop
    /// How often it is meant by what is kept of routes.
    var owners: Int32
    /// The next one with the same end of the digest; -1 for none.
    var next: Int32
  }

  private var entries: SharedSlots<Entry>
  /// The first entry, and 1, by the end of the digest: a power of two of them.
  private var buckets: SharedPages<Int32>
  /// How many are of routes that a redirect made, or that age. Mostly none is, and nobody need ask
  /// what a route is.
  private(set) var ageing = 0
  /// Raised whenever a number comes to mean another next hop.
  private(set) var changes: UInt64 = 0

  init() {
    entries = SharedSlots()
    buckets = SharedPages()
  }

  private init(copying other: borrowing NextHopTable) {
    entries = other.entries.clone()
    buckets = other.buckets.clone()  // No state: made of the entries.
    ageing = other.ageing  // No state: made of the entries.
    changes = other.changes  // No state: for what is known of the others.
  }

  func clone() -> NextHopTable { NextHopTable(copying: self) }

  /// Whether nobody has written to either since one was made of the other.
  @inline(__always)
  func sharesPages(with other: borrowing NextHopTable) -> Bool {
    entries.sharesPages(with: other.entries)
  }

  func hash(into hasher: inout StateHasher) { hasher.combine(entries) }

  /// How many there are.
  package var count: Int { entries.count }

  /// Bytes, whoever shares them.
  var bytes: Int { entries.bytes + buckets.bytes }

  package subscript(index: NextHopIndex) -> NextHop {
    @inline(__always) get { entries[index.rawValue].hop }
  }

  /// The number of a next hop, which counts as meant once more.
  mutating func intern(_ hop: NextHop) -> NextHopIndex {
    let digest = hop.digest
    var next = first(digest)
    while next >= 0 {
      if entries[next].hop == hop {
        entries[next].owners += 1
        return NextHopIndex(rawValue: next)
      }
      next = entries[next].next
    }
    if entries.count >= buckets.count { rehash() }
    let new = entries.insert(Entry(hop: hop, owners: 1, next: first(digest)))
    buckets[bucket(digest)] = new + 1
    changes &+= 1
    if hop.isAgeing { ageing += 1 }
    return NextHopIndex(rawValue: new)
  }

  /// Takes back what `intern` counted; what nobody means goes.
  mutating func release(_ index: NextHopIndex) {
    let place = index.rawValue
    entries[place].owners -= 1
    guard entries[place].owners == 0 else { return }
    unlink(place)
    if entries[place].hop.isAgeing { ageing -= 1 }
    entries.remove(place)
  }

  /// Counts one more that means a next hop.
  mutating func retain(_ index: NextHopIndex) { entries[index.rawValue].owners += 1 }

  /// Whether a test picks any; `picked` is then true at their places.
  func pick(_ isMeant: (NextHop) -> Bool, _ picked: inout [Bool]) -> Bool {
    picked = [Bool](repeating: false, count: entries.places)
    var isAny = false
    for place in picked.indices {
      let entry = entries[Int32(place)]
      guard entry.owners > 0, isMeant(entry.hop) else { continue }
      picked[place] = true
      isAny = true
    }
    return isAny
  }

  /// Whether a route may be of this kind.
  func contains(where isMeant: (NextHop) -> Bool) -> Bool {
    for place in 0..<Int32(entries.places)
    where entries[place].owners > 0 && isMeant(entries[place].hop) {
      return true
    }
    return false
  }

  private func bucket(_ digest: UInt64) -> Int { Int(digest & UInt64(buckets.count - 1)) }

  private func first(_ digest: UInt64) -> Int32 {
    buckets.count == 0 ? -1 : buckets.value(at: bucket(digest)) - 1
  }

  private mutating func unlink(_ place: Int32) {
    let bucket = bucket(entries[place].hop.digest)
    let after = entries[place].next
    var next = buckets.value(at: bucket) - 1
    if next == place { return buckets.set(after + 1, at: bucket) }
    while entries[next].next != place { next = entries[next].next }
    entries[next].next = after
  }

  /// Makes twice as many buckets.
  private mutating func rehash() {
    let size = max(2 * buckets.count, 16)
    buckets.removeAll()
    buckets.grow(to: size)
    for place in 0..<Int32(entries.places) where entries[place].owners > 0 {
      let bucket = bucket(entries[place].hop.digest)
      entries[place].next = buckets.value(at: bucket) - 1
      buckets.set(place + 1, at: bucket)
    }
  }
}
