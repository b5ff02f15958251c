// SPDX-License-Identifier: BSD-2-Clause

package import Wire

/// The number of a jail (`jid`); the host's own is 0.
package struct PrisonID: RawRepresentable, Hashable, Comparable, Sendable {
  package var rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }

  /// The host, which is a prison too (`prison0`).
  package static let host = PrisonID(rawValue: 0)

  package static func < (a: PrisonID, b: PrisonID) -> Bool { a.rawValue < b.rawValue }
}

/// A jail (`struct prison`, sys/jail.h).
package struct Prison: Hashable, Sendable {
  package let id: PrisonID
  package let parent: PrisonID
  /// Its place among all jails there ever were: a number of one that is gone may be another's now.
  package let birth: UInt64
  /// The stack of its processes: its own or its parent's.
  package let vnet: VnetIndex
  /// The number of its set of processors.
  package let cpuset: Int32
  /// The whole name, with those of its parents before dots.
  package var name = ""
  package var path = "/"
  package var flags: PrisonFlags = []
  package var hostname = ""
  package var domainname = ""
  package var hostuuid = "00000000-0000-0000-0000-000000000000"
  package var hostid: UInt64 = 0
  package var securelevel: Int32 = -1
  package var enforceStatfs: Int32 = 2
  package var childMax: Int32 = 0
  package var childCount: Int32 = 0
  package var allowance: PrisonAllowance = []
  package var ip4: [IPv4Address] = []
  package var ip6: [IPv6Address] = []
  /// The processes in it, those of its children not counted.
  package var processes: Int32 = 0

  /// Whether its processes may have sockets of IPv4 (`prison_check_af`).
  var hasIPv4: Bool { flags.contains(.PR_VNET) || !flags.contains(.PR_IP4) || !ip4.isEmpty }
}

/// `PR_` flags of sys/jail.h.
package struct PrisonFlags: OptionSet, Hashable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let PR_PERSIST = PrisonFlags(rawValue: 0x1)
  package static let PR_HOST = PrisonFlags(rawValue: 0x2)
  package static let PR_IP4_USER = PrisonFlags(rawValue: 0x4)
  package static let PR_IP6_USER = PrisonFlags(rawValue: 0x8)
  package static let PR_VNET = PrisonFlags(rawValue: 0x10)
  package static let PR_IP4_DISABLE = PrisonFlags(rawValue: 0x20)
  package static let PR_IP6_DISABLE = PrisonFlags(rawValue: 0x40)
  package static let PR_IP4 = PrisonFlags(rawValue: 0x200_0000)
  package static let PR_IP6 = PrisonFlags(rawValue: 0x400_0000)
}

/// `PR_ALLOW_` bits of sys/jail.h: what a jail's root may do.
package struct PrisonAllowance: OptionSet, Hashable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let setHostname = PrisonAllowance(rawValue: 0x1)
  package static let sysvipc = PrisonAllowance(rawValue: 0x2)
  package static let rawSockets = PrisonAllowance(rawValue: 0x4)
  package static let chflags = PrisonAllowance(rawValue: 0x8)
  package static let mount = PrisonAllowance(rawValue: 0x10)
  package static let quotas = PrisonAllowance(rawValue: 0x20)
  package static let socketAF = PrisonAllowance(rawValue: 0x40)

  package static let all = PrisonAllowance(rawValue: 0x7f)
  /// `JAIL_DEFAULT_ALLOW`.
  static let usual: PrisonAllowance = .setHostname
}

/// All jails by number, the host first (`allprison`).
package struct PrisonTable: Sendable {
  package private(set) var all: [Prison]
  /// The number that was chosen last (`lastprid`).
  private(set) var lastID: Int32 = 0
  private var births: UInt64 = 0

  init() {
    var host = Prison(id: .host, parent: .host, birth: 0, vnet: .zero, cpuset: 1, name: "0")
    host.flags = .PR_HOST
    host.childMax = PrisonTable.limit
    host.enforceStatfs = 0
    host.allowance = .all
    all = [host]
  }

  /// `JAIL_MAX`.
  static let limit: Int32 = 999_999

  package subscript(id: PrisonID) -> Prison? {
    let place = place(of: id)
    return place < all.count && all[place].id == id ? all[place] : nil
  }

  /// Where a jail is, or would be.
  private func place(of id: PrisonID) -> Int {
    var (low, high) = (0, all.count)
    while low < high {
      let middle = (low + high) / 2
      if all[middle].id < id { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The jail of this whole name.
  func id(named name: String) -> PrisonID? {
    // A look-up, not a copy of each.
    for place in all.indices where all[place].name == name { return all[place].id }
    return nil
  }

  /// Changes a jail, if it is there.
  mutating func update(_ id: PrisonID, _ body: (inout Prison) -> Void) {
    let place = place(of: id)
    guard place < all.count, all[place].id == id else { return }
    body(&all[place])
  }

  /// Whether a jail is another, or is inside it.
  func isInside(_ outer: PrisonID, _ prison: Prison) -> Bool {
    var prison = prison
    while prison.id != outer {
      guard prison.id != .host, let parent = self[prison.parent] else { return false }
      prison = parent
    }
    return true
  }

  /// All jails inside another, that itself not; the newest child first, each before its own.
  func descendants(of id: PrisonID) -> [PrisonID] {
    all.filter { $0.parent == id && $0.id != .host }.sorted { $0.birth > $1.birth }.flatMap {
      [$0.id] + descendants(of: $0.id)
    }
  }

  /// A jail and those that it is inside of, up to the host.
  func ancestry(of id: PrisonID) -> [Prison] {
    guard let prison = self[id] else { return [] }
    return prison.id == .host ? [prison] : [prison] + ancestry(of: prison.parent)
  }

  /// The next number that is free, or nil.
  mutating func chooseID() -> PrisonID? {
    var next = lastID
    repeat {
      next = next + 1 == PrisonTable.limit ? 1 : next + 1
      if self[PrisonID(rawValue: next)] == nil {
        lastID = next
        return PrisonID(rawValue: next)
      }
    } while next != lastID
    return nil
  }

  /// Puts a new jail in.
  mutating func insert(_ id: PrisonID, in parent: PrisonID, vnet: VnetIndex) {
    births += 1
    // Of so many jails and one more, one set is free.
    var isUsed = [Bool](repeating: false, count: all.count + 1)
    for prison in all where (2..<isUsed.count + 2).contains(Int(prison.cpuset)) {
      isUsed[Int(prison.cpuset) - 2] = true
    }
    let cpuset = Int32((isUsed.firstIndex(of: false) ?? 0) + 2)
    let prison = Prison(id: id, parent: parent, birth: births, vnet: vnet, cpuset: cpuset)
    all.insert(prison, at: place(of: id))
    for ancestor in ancestry(of: parent) { update(ancestor.id) { $0.childCount += 1 } }
  }

  /// Takes a jail out; nothing may be in it any more.
  mutating func remove(_ id: PrisonID) {
    for ancestor in ancestry(of: id).dropFirst() { update(ancestor.id) { $0.childCount -= 1 } }
    all.removeAll { $0.id == id }
  }
}
