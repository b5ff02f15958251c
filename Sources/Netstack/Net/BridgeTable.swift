// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// A place in a vnet's table of bridges; `.none` where an interface is in no bridge (`if_bridge`).
package struct BridgeIndex: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
  package var rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }

  package static let none = BridgeIndex(rawValue: 0)
}

/// `IFBIF_` bits of net/if_bridgevar.h: what a member does, and what is known of its spanning tree.
package struct BridgeMemberFlags: OptionSet, Hashable, BitwiseCopyable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let IFBIF_LEARNING = BridgeMemberFlags(rawValue: 0x1)
  package static let IFBIF_DISCOVER = BridgeMemberFlags(rawValue: 0x2)
  package static let IFBIF_STP = BridgeMemberFlags(rawValue: 0x4)
  package static let IFBIF_SPAN = BridgeMemberFlags(rawValue: 0x8)
  package static let IFBIF_STICKY = BridgeMemberFlags(rawValue: 0x10)
  package static let IFBIF_BSTP_EDGE = BridgeMemberFlags(rawValue: 0x20)
  package static let IFBIF_BSTP_AUTOEDGE = BridgeMemberFlags(rawValue: 0x40)
  package static let IFBIF_BSTP_PTP = BridgeMemberFlags(rawValue: 0x80)
  package static let IFBIF_BSTP_AUTOPTP = BridgeMemberFlags(rawValue: 0x100)
  package static let IFBIF_BSTP_ADMEDGE = BridgeMemberFlags(rawValue: 0x200)
  package static let IFBIF_BSTP_ADMCOST = BridgeMemberFlags(rawValue: 0x400)
  package static let IFBIF_PRIVATE = BridgeMemberFlags(rawValue: 0x800)

  /// What the spanning tree keeps, and not the bridge (the complement of `IFBIFMASK`).
  static let ofTree: BridgeMemberFlags = [
    .IFBIF_BSTP_EDGE, .IFBIF_BSTP_AUTOEDGE, .IFBIF_BSTP_PTP, .IFBIF_BSTP_AUTOPTP,
    .IFBIF_BSTP_ADMEDGE, .IFBIF_BSTP_ADMCOST,
  ]

  /// Bit and word of every flag that ifconfig(8) prints, in its order; the last two have no word.
  package static let words: [(flag: BridgeMemberFlags, word: String)] = [
    (.IFBIF_LEARNING, "LEARNING"), (.IFBIF_DISCOVER, "DISCOVER"), (.IFBIF_STP, "STP"),
    (.IFBIF_SPAN, "SPAN"), (.IFBIF_STICKY, "STICKY"), (.IFBIF_PRIVATE, "PRIVATE"),
    (.IFBIF_BSTP_EDGE, "EDGE"), (.IFBIF_BSTP_AUTOEDGE, "AUTOEDGE"), (.IFBIF_BSTP_PTP, "PTP"),
    (.IFBIF_BSTP_AUTOPTP, "AUTOPTP"),
  ]
}

/// An interface in a bridge (`struct bridge_iflist`).
struct BridgeMember: BitwiseCopyable, Sendable {
  let interface: InterfaceIndex
  var flags: BridgeMemberFlags = [.IFBIF_LEARNING, .IFBIF_DISCOVER]
  /// Where its port of the spanning tree stands.
  var state = TreeState.discarding
  /// The capabilities that it had before (`bif_savedcaps`).
  let savedCapabilities: InterfaceCapabilities
  /// The most addresses that may be learned on it, 0 for any number; how many are, and how often one
  /// was refused.
  var addressLimit: UInt32 = 0
  var addressCount: UInt32 = 0
  var addressesRefused: UInt32 = 0

  /// Whether frames of the spanning tree's ports stop here.
  var isDiscarding: Bool { flags.contains(.IFBIF_STP) && state == .discarding }
}

/// What a bridge keeps besides its `Ifnet` (`struct bridge_softc`).
struct Bridge: ~Copyable, StateHashable {
  let interface: InterfaceIndex
  /// The address it was born with (`sc_defaddr`).
  let defaultAddress: EthernetAddress
  /// The member whose address it has (`sc_ifaddr`).
  var addressDonor = InterfaceIndex.none
  /// Newest first.
  var members = UniqueArray<BridgeMember>()
  /// Interfaces that get a copy of everything, newest first.
  var spans = UniqueArray<InterfaceIndex>()
  var routes = BridgeRoutes()
  /// The most addresses, and how often one more was refused (`sc_brtmax`, `sc_brtexceeded`).
  var routeLimit: UInt32 = 100
  var routesRefused: UInt32 = 0
  /// Seconds that a learned address lives (`sc_brttimeout`).
  var timeout: UInt32 = 1200
  var tree = SpanningTree()

  /// `BRIDGE_RTABLE_PRUNE_PERIOD` in seconds.
  static let prunePeriod: UInt64 = 300

  init(_ interface: InterfaceIndex, _ address: EthernetAddress) {
    (self.interface, defaultAddress) = (interface, address)
  }

  /// The place of a member in the list (`bridge_lookup_member_if`).
  func place(of interface: InterfaceIndex) -> Int? {
    for place in 0..<members.count where members[place].interface == interface { return place }
    return nil
  }

  func clone() -> Bridge {
    var copy = Bridge(interface, defaultAddress)
    copy.addressDonor = addressDonor
    copy.members = members.clone()
    copy.spans = spans.clone()
    copy.routes = routes.clone()
    copy.routeLimit = routeLimit
    copy.routesRefused = routesRefused
    copy.timeout = timeout
    copy.tree = tree
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(interface)
    hasher.combine(defaultAddress)
    hasher.combine(addressDonor)
    hasher.combine(members)
    hasher.combine(spans)
    hasher.combine(routes)
    hasher.combine(routeLimit)
    hasher.combine(routesRefused)
    hasher.combine(timeout)
    hasher.combine(tree)
  }
}

/// A vnet's bridges. A place stays its bridge's until that goes, and is then used again.
struct BridgeTable: ~Copyable, StateHashable {
  private var bridges = UniqueArray<Bridge>()

  subscript(index: BridgeIndex) -> Bridge {
    @inline(__always) _read { yield bridges[Int(index.rawValue) - 1] }
    @inline(__always) _modify { yield &bridges[Int(index.rawValue) - 1] }
  }

  /// The places in use, for commands.
  var all: [BridgeIndex] {
    var found: [BridgeIndex] = []
    for place in 0..<bridges.count where bridges[place].interface != .none {
      found.append(BridgeIndex(rawValue: UInt16(place + 1)))
    }
    return found
  }

  /// The bridge that an interface is, if it is one.
  func index(of interface: InterfaceIndex) -> BridgeIndex? {
    for place in 0..<bridges.count where bridges[place].interface == interface {
      return BridgeIndex(rawValue: UInt16(place + 1))
    }
    return nil
  }

  mutating func insert(_ interface: InterfaceIndex, _ address: EthernetAddress) {
    for place in 0..<bridges.count where bridges[place].interface == .none {
      bridges[place] = Bridge(interface, address)
      return
    }
    bridges.append(Bridge(interface, address))
  }

  mutating func remove(_ index: BridgeIndex) {
    bridges[Int(index.rawValue) - 1] = Bridge(.none, .zero)
  }

  func clone() -> BridgeTable {
    var copy = BridgeTable()
    for place in 0..<bridges.count { copy.bridges.append(bridges[place].clone()) }
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    for place in 0..<bridges.count { hasher.combine(bridges[place]) }
  }
}
