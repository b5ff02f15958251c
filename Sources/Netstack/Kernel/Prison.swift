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
  /// The whole name, with those of its parents before dots.
  package var name: String
  package var path = "/"
  /// The stack of its processes: its own or its parent's.
  package let vnet: VnetIndex
  package var flags: PrisonFlags = []
  package var hostname = ""
  package var domainname = ""
  package var hostuuid = "00000000-0000-0000-0000-000000000000"
  package var hostid: UInt64 = 0
  package var securelevel: Int32 = -1
  package var enforceStatfs: Int32 = 2
  package var childMax: Int32 = 0
  package var childCount: Int32 = 0
  package var allow: PrisonAllowance = []
  package var ip4: [IPv4Address] = []
  package var ip6: [IPv6Address] = []
  /// The processes in it, children not counted.
  package var processes: Int32 = 0

  package var persists: Bool { flags.contains(.PR_PERSIST) }
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
  package internal(set) var all: [Prison]
  /// The number that was given last (`lastprid`).
  var lastID: Int32 = 0

  init() {
    var host = Prison(id: .host, parent: .host, name: "0", vnet: .zero)
    host.flags = .PR_HOST
    host.childMax = 999_999
    host.enforceStatfs = 0
    host.allow = .all
    all = [host]
  }

  package subscript(id: PrisonID) -> Prison? { all.first { $0.id == id } }

  /// The places of a jail's children and theirs, the jail itself not.
  func descendants(of id: PrisonID) -> [Int] {
    all.indices.filter { all[$0].id != id && isAncestor(id, of: all[$0]) }
  }

  /// Whether a jail is inside another, or that itself (`prison_ischild` and the same).
  func isAncestor(_ ancestor: PrisonID, of prison: Prison) -> Bool {
    var prison = prison
    while prison.id != ancestor {
      guard prison.id != .host, let parent = self[prison.parent] else { return false }
      prison = parent
    }
    return true
  }
}
