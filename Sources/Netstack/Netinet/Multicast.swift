// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
package import Wire

/// What IGMP does about a group of ours (`inm_state`, netinet/igmp.h).
///
/// `IGMP_SLEEPING_MEMBER` and `IGMP_AWAKENING_MEMBER` are missing, which nothing in 8.0 enters, and
/// `IGMP_SG_QUERY_PENDING_MEMBER`, which needs source filters.
package enum IGMPState: UInt8, BitwiseCopyable, Sendable {
  /// Never reported: 224.0.0.1, and all groups of a loopback interface.
  case silent
  /// A report is under way, or (version 3) may be asked for.
  case reporting
  /// Reported; versions 1 and 2 wait for the next query.
  case idle
  /// Another host reported the group; ours is not needed.
  case lazy
  /// An answer to a group query is due when the timer runs out.
  case groupQueryPending
  /// Left by everybody here; version 3 is still to say so.
  case leaving
}

/// One group on one interface (`struct in_multi`, netinet/in_var.h), joined for any source.
package struct Membership: BitwiseCopyable, Sendable {
  package var group: IPv4Address
  package var interface: InterfaceIndex
  /// How many joins stand; 0 while it is leaving.
  package var references: UInt32 = 1
  package var state: IGMPState
  /// Fast ticks until a report is due; 0 for none (`inm_timer`).
  var timer: UInt32 = 0
  /// Fast ticks until the next report of a change, and how many are left (`inm_sctimer`, `inm_scrv`).
  var changeTimer: UInt32 = 0
  var changesLeft: UInt32 = 0
  /// The change was reported once, so that leaving must be reported too.
  var isAnnounced = false
  /// When a query for sources was last heeded (`inm_lastgsrtv`).
  var lastSourceQuery: Instant?
}

/// What IGMP knows of an interface (`struct igmp_ifinfo`, netinet/igmp_var.h).
package struct IGMPInterface: BitwiseCopyable, Sendable {
  /// The robustness variable (`igi_rv`).
  package var robustness: UInt32 = 2
  /// Seconds between queries (`igi_qi`).
  package var queryInterval: UInt32 = 125
  /// Seconds to answer a query (`igi_qri`); C stores a version 3 query's tenths here as they come.
  package var responseInterval: UInt32 = 10
  /// Seconds between unsolicited reports (`igi_uri`).
  package let unsolicitedInterval: UInt32 = 3
  /// Until when a querier of version 1 or 2 is taken to be there.
  var version1Until: Instant?
  var version2Until: Instant?
  /// Fast ticks until a general query is answered (`igi_v3_timer`).
  var generalTimer: UInt32 = 0
  /// The interface's first address joined 224.0.0.1 (`ii_allhosts`).
  var holdsAllHosts = false
}

/// A vnet's groups, the most recently joined first (`if_multiaddrs`), and IGMP's interfaces.
package struct MulticastTable: ~Copyable, StateHashable {
  var groups = UniqueArray<Membership>()
  /// By interface number; grown on demand.
  private var interfaces = UniqueArray<IGMPInterface>()
  /// Whether the fast timer is set.
  var isTicking = false

  init() {}

  subscript(interface: InterfaceIndex) -> IGMPInterface {
    get {
      let place = Int(interface.rawValue)
      return place < interfaces.count ? interfaces[place] : IGMPInterface()
    }
    set {
      while interfaces.count <= Int(interface.rawValue) { interfaces.append(IGMPInterface()) }
      interfaces[Int(interface.rawValue)] = newValue
    }
  }

  /// The place of a group, those that are leaving too.
  func find(_ group: IPv4Address, on interface: InterfaceIndex) -> Int? {
    for place in 0..<groups.count
    where groups[place].group == group && groups[place].interface == interface {
      return place
    }
    return nil
  }

  /// Forgets an interface that is gone (`igmp_domifdetach`).
  mutating func purge(_ interface: InterfaceIndex) {
    var place = 0
    while place < groups.count {
      if groups[place].interface == interface { groups.remove(at: place) } else { place += 1 }
    }
    self[interface] = IGMPInterface()
  }

  func clone() -> MulticastTable {
    var copy = MulticastTable()
    copy.groups = groups.clone()
    copy.interfaces = interfaces.clone()
    copy.isTicking = isTicking
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(groups)
    hasher.combine(interfaces)
    hasher.combine(isTicking)
  }
}

/// Joining and leaving groups (netinet/in_mcast.c).
extension Vnet {
  /// Whether anybody here joined the group on the interface; what sockets ask before they take a
  /// multicast. `ip_input` itself does not.
  package func isMember(of group: IPv4Address, on interface: InterfaceIndex) -> Bool {
    guard let place = multicast.find(group, on: interface) else { return false }
    return multicast.groups[place].references > 0
  }

  /// Joins a group for any source; a second join is only counted (`in_joingroup`).
  ///
  /// - Throws: `EINVAL` for what is no group, `EADDRNOTAVAIL` where the interface does no multicast.
  mutating func inJoinGroup<T: Tracer & ~Copyable>(
    _ group: IPv4Address, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) throws(Errno) {
    guard group.isMulticast else { throw .EINVAL }
    guard interfaces[interface].flags.contains(.IFF_MULTICAST) else { throw .EADDRNOTAVAIL }
    if let place = multicast.find(group, on: interface) {
      multicast.groups[place].references += 1
      guard multicast.groups[place].references == 1 else { return }
    } else {
      let membership = Membership(group: group, interface: interface, state: .silent)
      multicast.groups.insert(membership, at: 0)
      rtNewGroupMessage(group, on: interface)
    }
    igmpInitialJoin(group, on: interface, &machine, &tracer)
  }

  /// Takes one join back; the last one leaves the group (`in_leavegroup`).
  ///
  /// - Throws: `EADDRNOTAVAIL` if nobody joined.
  mutating func inLeaveGroup<T: Tracer & ~Copyable>(
    _ group: IPv4Address, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) throws(Errno) {
    guard group.isMulticast else { throw .EINVAL }
    guard let place = multicast.find(group, on: interface),
      multicast.groups[place].references > 0
    else { throw .EADDRNOTAVAIL }
    multicast.groups[place].references -= 1
    guard multicast.groups[place].references == 0 else { return }
    igmpFinalLeave(place, &machine, &tracer)
  }

  /// An interface's first address joins the group of all hosts (`in_control`).
  mutating func joinAllHosts<T: Tracer & ~Copyable>(
    on interface: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    guard interfaces[interface].flags.contains(.IFF_MULTICAST) else { return }
    // Both conditions of an error were just looked at.
    try? inJoinGroup(.allHostsGroup, on: interface, &machine, &tracer)
    multicast[interface].holdsAllHosts = true
  }

  /// ... and its last one takes that back.
  mutating func leaveAllHosts<T: Tracer & ~Copyable>(
    on interface: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    guard multicast[interface].holdsAllHosts else { return }
    multicast[interface].holdsAllHosts = false
    // The join that is taken back keeps the group there.
    try? inLeaveGroup(.allHostsGroup, on: interface, &machine, &tracer)
  }
}

extension IPv4Address {
  /// `INADDR_ALLHOSTS_GROUP`: every host of the link.
  package static var allHostsGroup: IPv4Address { IPv4Address(224, 0, 0, 1) }
  /// `INADDR_ALLRTRS_GROUP`: its routers, who hear what is left.
  static var allRoutersGroup: IPv4Address { IPv4Address(224, 0, 0, 2) }
  /// `INADDR_ALLRPTS_GROUP`: those who hear reports of version 3.
  static var allReportsGroup: IPv4Address { IPv4Address(224, 0, 0, 22) }
  /// `IN_LOCAL_GROUP`: in 224.0.0.0/24, which no router forwards.
  var isLocalGroup: Bool { rawValue >> 8 == 0xe00000 }
}
