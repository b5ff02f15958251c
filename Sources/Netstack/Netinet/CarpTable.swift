// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// What a virtual host is to the others of its group (`CARP_STATES`).
package enum CarpState: UInt8, BitwiseCopyable, Sendable {
  /// It has no say: no parent, or one that is down.
  case initial
  /// Another host answers for the addresses; this one waits.
  case backup
  /// This host answers for them, and says so.
  case master

  /// The word that ifconfig(8) and the log have.
  package var word: String {
    switch self {
    case .initial: "INIT"
    case .backup: "BACKUP"
    case .master: "MASTER"
    }
  }
}

/// A carp interface (`struct carp_softc`, netinet/ip_carp.c).
struct Carp: BitwiseCopyable, Sendable {
  let interface: InterfaceIndex
  /// The interface whose network has the addresses (`sc_carpdev`); `.none` without.
  var parent = InterfaceIndex.none
  /// The parent's address that advertisements come from (`sc_ia`), even when it is gone.
  var source: IPv4Address?
  /// Where 224.0.0.18 was joined, as it was when the interface got lost; `.none` for nowhere
  /// (`imo_multicast_ifp`).
  var group = InterfaceIndex.none
  /// The join stands (`imo_num_memberships`).
  var hasJoined = false
  var state = CarpState.initial
  /// The flags when the parent went down (`sc_flags_backup`).
  var savedFlags: InterfaceFlags = []
  /// It counts in `net.inet.carp.suppress_preempt` for its parent (`sc_suppress`).
  var isSuppressing = false
  /// Advertisements in a row that could not be sent, and after three, those that could again.
  var sendErrors: UInt32 = 0
  var sendSuccesses: UInt32 = 0
  /// -1 until it is set (`sc_vhid`).
  var vhid: Int32 = -1
  /// 256ths of a second, and seconds (`sc_advskew`, `sc_advbase`).
  var skew: Int32 = 0
  var base: Int32 = 1
  /// How often an address was set; 8.0 takes none off (`sc_naddrs`).
  var addressCount: UInt32 = 0
  /// No advertisement has come, so that each has a random counter (`sc_init_counter`).
  var isAlone = true
  var counter: UInt64 = 0
  var key = InlineArray<20, UInt8>(repeating: 0)
  /// The hash up to the counter (`sc_sha1`, `sc_pad`).
  var hash = HMACSHA1(key: [])

  /// `CARP_SENDAD_MAX_ERRORS` and `CARP_SENDAD_MIN_SUCCESS`.
  static let mostErrors: UInt32 = 3
  static let leastSuccesses: UInt32 = 3
  /// The skew that all advertise while preemption is suppressed.
  static let suppressedSkew: Int32 = 240
  /// What stands for an interface that is gone: a dangling pointer in C, which equals no other.
  static let lost = InterfaceIndex(rawValue: .max)
  /// `INADDR_CARP_GROUP`.
  static let multicastGroup = IPv4Address(224, 0, 0, 18)

  init(_ interface: InterfaceIndex) { self.interface = interface }

  /// The address of the virtual router: 00:00:5e:00:01:VHID.
  static func hardwareAddress(vhid: Int32) -> EthernetAddress {
    EthernetAddress(rawValue: 0x0000_5e00_0100 | UInt64(UInt8(truncatingIfNeeded: vhid)))
  }
}

/// A carp interface on a parent.
struct CarpMember: BitwiseCopyable, Sendable {
  var parent: InterfaceIndex
  var interface: InterfaceIndex
}

/// A vnet's carp interfaces, newest first (`carpif_list`), and which are on which parent.
struct CarpTable: ~Copyable, StateHashable {
  private var carps = UniqueArray<Carp>()
  /// Of each parent in the order in which it asks them (`vhif_vrs`).
  private var members = UniqueArray<CarpMember>()

  var count: Int { carps.count }
  var memberCount: Int { members.count }

  subscript(place: Int) -> Carp {
    _read { yield carps[place] }
    _modify { yield &carps[place] }
  }

  /// The place of an interface; it changes only when one is made or removed.
  func place(of interface: InterfaceIndex) -> Int? {
    for place in 0..<carps.count where carps[place].interface == interface { return place }
    return nil
  }

  /// The place of the member of this number, if it is one of the parent's.
  func member(_ number: Int, of parent: InterfaceIndex) -> Int? {
    members[number].parent == parent ? place(of: members[number].interface) : nil
  }

  /// The places of a parent's members.
  func places(on parent: InterfaceIndex) -> [Int] {
    (0..<members.count).compactMap { member($0, of: parent) }
  }

  mutating func insert(_ carp: Carp) { carps.insert(carp, at: 0) }

  mutating func remove(_ interface: InterfaceIndex) {
    if let place = place(of: interface) { carps.remove(at: place) }
  }

  /// Puts a carp on a parent, behind the last whose vhid is smaller, else last, unless it is there.
  mutating func attach(_ place: Int, to parent: InterfaceIndex) {
    var target = members.count
    for number in 0..<members.count {
      guard let other = member(number, of: parent) else { continue }
      if other == place { return }
      if carps[other].vhid < carps[place].vhid { target = number + 1 }
    }
    members.insert(CarpMember(parent: parent, interface: carps[place].interface), at: target)
  }

  /// Takes a carp off its parent.
  mutating func detach(_ place: Int) {
    for number in 0..<members.count where members[number].interface == carps[place].interface {
      members.remove(at: number)
      return
    }
  }

  func clone() -> CarpTable {
    var copy = CarpTable()
    copy.carps = carps.clone()
    copy.members = members.clone()
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(carps)
    hasher.combine(members)
  }
}

/// What CARP has once for all stacks: 8.0 does not virtualise it.
package struct CarpShared: BitwiseCopyable {
  package var statistics = CarpStatistics()
  /// The stack whose masters have all advertised because preemption is suppressed; those of the
  /// others are to do so yet (`carp_send_ad_all`).
  var announcer: VnetIndex?
}
