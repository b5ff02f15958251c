// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// One instance of the packet aliasing library (`struct libalias`, netinet/libalias).
///
/// Its links hang in two hash tables, one for each direction, whose chains have the newest in front.
/// The hash is C's, to the bit: which chains are swept when decides how long a link that has expired
/// still serves. Nothing is allocated for a packet once the tables have grown.
struct AliasLibrary: ~Copyable, StateHashable {
  /// `LINK_TABLE_IN_SIZE`, `LINK_TABLE_OUT_SIZE`.
  static let tableSize = 4001
  /// All chains are swept in so many seconds (`ALIAS_CLEANUP_INTERVAL_SECS`).
  private static let sweepSeconds: Int32 = 64
  /// The most chains swept at once (`ALIAS_CLEANUP_MAX_SPOKES`).
  private static let mostChains = Int32(AliasLibrary.tableSize / 5)

  /// What `LibAliasInit()` sets cannot be taken back by ipfw(8), which only sets.
  private(set) var mode: AliasMode = [.samePorts, .resetOnAddressChange]
  /// What inner addresses are called outside (`aliasAddress`).
  var address = IPv4Address.any
  var links = Slots<AliasLink>()
  var servers = Slots<AliasServer>()
  /// Heads of the chains.
  var tableIn = UniqueArray<Int32>(repeating: AliasLink.none, count: AliasLibrary.tableSize)
  var tableOut = UniqueArray<Int32>(repeating: AliasLink.none, count: AliasLibrary.tableSize)
  private(set) var counts = AliasCounts()
  /// What an instance with `log` said last; nil before a link came or went.
  private(set) var logged: AliasCounts?
  /// The second of uptime of the packet in work (`timeStamp`).
  private(set) var now: Int32
  private var lastSweep: Int32
  private var nextChain = 0
  /// Which link the packet in work used; only the trace asks.
  var linkAge = AliasLinkAge.none

  init(at moment: Instant) {
    now = Int32(truncatingIfNeeded: moment.seconds)
    lastSweep = now
  }

  private init(copying other: borrowing AliasLibrary) {
    mode = other.mode
    address = other.address
    links = other.links.clone()
    servers = other.servers.clone()
    tableIn = other.tableIn.clone()
    tableOut = other.tableOut.clone()
    counts = other.counts
    logged = other.logged
    now = other.now
    lastSweep = other.lastSweep
    nextChain = other.nextChain
    linkAge = other.linkAge
  }

  func clone() -> AliasLibrary { AliasLibrary(copying: self) }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(mode)
    hasher.combine(address)
    hasher.combine(links)
    hasher.combine(servers)
    hasher.combine(tableIn)
    hasher.combine(tableOut)
    hasher.combine(counts)
    hasher.combine(logged)
    hasher.combine(now)
    hasher.combine(lastSweep)
    hasher.combine(nextChain)
    hasher.combine(linkAge)
  }

  /// Sets flags; those not named stay (`LibAliasSetMode` as ipfw calls it).
  mutating func set(_ flags: AliasMode) { mode.formUnion(flags) }

  /// Takes another address; what was translated to the old one is forgotten (`LibAliasSetAddress`).
  mutating func setAddress(_ address: IPv4Address) {
    if mode.contains(.resetOnAddressChange), self.address != address {
      removeAll { !$0.isPermanent }
      nextChain = 0
    }
    self.address = address
  }

  /// Begins the work on a packet: looks at the clock, and sweeps some chains (`HouseKeeping`).
  mutating func keepHouse(at moment: Instant) {
    linkAge = .none
    now = Int32(truncatingIfNeeded: moment.seconds)
    // C's arithmetic: after six idle days it overflows, and nothing is swept.
    let chains = Int32(AliasLibrary.tableSize) &* (now &- lastSweep) / AliasLibrary.sweepSeconds
    if chains != 0 { lastSweep = now }
    for _ in 0..<max(min(chains, AliasLibrary.mostChains), 0) {
      sweep(nextChain)
      nextChain = nextChain + 1 == AliasLibrary.tableSize ? 0 : nextChain + 1
    }
  }

  /// Removes what has expired from a chain (`IncrementalCleanup`).
  private mutating func sweep(_ chain: Int) {
    var next = tableOut[chain]
    while next != AliasLink.none {
      let link = links[next]
      if now &- link.timestamp > link.lifetime, !link.isPermanent {
        remove(AliasLinkIndex(rawValue: next))
      }
      next = link.nextOut
    }
  }

  /// Removes the links that are meant.
  mutating func removeAll(where isDoomed: (AliasLink) -> Bool) {
    for chain in 0..<AliasLibrary.tableSize {
      var next = tableOut[chain]
      while next != AliasLink.none {
        let link = links[next]
        if isDoomed(link) { remove(AliasLinkIndex(rawValue: next)) }
        next = link.nextOut
      }
    }
  }

  /// Puts a link at the front of its chains (the end of `AddLink`).
  mutating func insert(_ link: AliasLink) -> AliasLinkIndex {
    var link = link
    let (chainIn, chainOut) = (AliasLibrary.chainIn(link), AliasLibrary.chainOut(link))
    (link.nextIn, link.previousIn) = (tableIn[chainIn], AliasLink.none)
    (link.nextOut, link.previousOut) = (tableOut[chainOut], AliasLink.none)
    let index = links.insert(link)
    if link.nextIn != AliasLink.none { links[link.nextIn].previousIn = index }
    if link.nextOut != AliasLink.none { links[link.nextOut].previousOut = index }
    tableIn[chainIn] = index
    tableOut[chainOut] = index
    count(link.kind, true)
    return AliasLinkIndex(rawValue: index)
  }

  /// Takes a link out, with its servers (`DeleteLink`).
  mutating func remove(_ index: AliasLinkIndex) {
    let link = links[index.rawValue]
    if link.previousIn == AliasLink.none {
      tableIn[AliasLibrary.chainIn(link)] = link.nextIn
    } else {
      links[link.previousIn].nextIn = link.nextIn
    }
    if link.nextIn != AliasLink.none { links[link.nextIn].previousIn = link.previousIn }
    if link.previousOut == AliasLink.none {
      tableOut[AliasLibrary.chainOut(link)] = link.nextOut
    } else {
      links[link.previousOut].nextOut = link.nextOut
    }
    if link.nextOut != AliasLink.none { links[link.nextOut].previousOut = link.previousOut }
    removeServers(from: link.server)
    links.remove(index.rawValue)
    count(link.kind, false)
  }

  private mutating func removeServers(from first: Int32) {
    guard first != AliasLink.none else { return }
    var next = first
    repeat {
      let behind = servers[next].next
      servers.remove(next)
      next = behind
    } while next != first
  }

  private mutating func count(_ kind: AliasKind, _ isAdded: Bool) {
    counts.count(kind, isAdded)
    if mode.contains(.log) { logged = counts }
  }

  /// The chain of the way in (`StartPointIn`).
  @inline(__always)
  static func chainIn(_ kind: AliasKind, alias: Endpoint) -> Int {
    let sum =
      alias.address.rawValue.byteSwapped &+ UInt32(alias.port.byteSwapped) &+ UInt32(kind.rawValue)
    return Int(sum % UInt32(tableSize))
  }

  /// The chain of the way out (`StartPointOut`).
  @inline(__always)
  static func chainOut(_ kind: AliasKind, inside: Endpoint, outside: Endpoint) -> Int {
    let addresses = inside.address.rawValue.byteSwapped &+ outside.address.rawValue.byteSwapped
    let ports = UInt32(inside.port.byteSwapped) &+ UInt32(outside.port.byteSwapped)
    return Int((addresses &+ ports &+ UInt32(kind.rawValue)) % UInt32(tableSize))
  }

  private static func chainIn(_ link: AliasLink) -> Int { chainIn(link.kind, alias: link.alias) }

  private static func chainOut(_ link: AliasLink) -> Int {
    chainOut(link.kind, inside: link.inside, outside: link.outside)
  }
}
