// SPDX-License-Identifier: BSD-2-Clause

package import Wire

/// What jail_set(2) is asked for: the parameters that were given, nil for those that were not.
package struct PrisonSettings: Sendable {
  package var id: Int32?
  package var name: String?
  package var path: String?
  package var hostname: String?
  package var domainname: String?
  package var hostuuid: String?
  package var hostid: UInt64?
  package var securelevel: Int32?
  package var enforceStatfs: Int32?
  package var childMax: Int32?
  package var ip4: [IPv4Address]?
  package var ip6: [IPv6Address]?
  /// The flags that were named, and those of them that are to be set.
  package var changedFlags: PrisonFlags = []
  package var flags: PrisonFlags = []
  /// The permissions that were named, and those of them that are to be given.
  package var changedAllowance: PrisonAllowance = []
  package var allowance: PrisonAllowance = []
  /// A parameter that is new, shared or not there is something else.
  package var isInvalid = false
  /// The first parameter that the kernel does not take.
  package var unknown: String?

  package init() {}
}

/// `JAIL_` flags of jail_set(2).
package struct PrisonRequest: OptionSet, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let create = PrisonRequest(rawValue: 1)
  package static let update = PrisonRequest(rawValue: 2)
  package static let attach = PrisonRequest(rawValue: 4)
}

/// Why jail_set(2) or jail_get(2) failed, with the kernel's own text where it has one.
package struct PrisonError: Error, Hashable, Sendable {
  package let errno: Errno
  package let text: String?

  init(_ errno: Errno, _ text: String? = nil) { (self.errno, self.text) = (errno, text) }
}

extension PrisonSettings {
  /// What is wrong with the parameters whatever jails there are (the first half of `kern_jail_set`).
  mutating func check(
    _ request: PrisonRequest, mostAddresses: Int
  ) throws(PrisonError) {
    func refuse(_ text: String) -> PrisonError { PrisonError(.EINVAL, text) }
    if let enforceStatfs, !(0...2).contains(enforceStatfs) { throw PrisonError(.EINVAL) }
    if isInvalid { throw PrisonError(.EINVAL) }
    if request.isDisjoint(with: [.update, .attach]), request.contains(.create),
      !flags.contains(.PR_PERSIST)
    {
      throw refuse("new jail must persist or attach")
    }
    if request.contains(.update) {
      for (flag, name) in [
        (PrisonFlags.PR_VNET, "vnet"), (.PR_IP4_USER, "ip4"), (.PR_IP6_USER, "ip6"),
      ] where changedFlags.contains(flag) {
        throw refuse("\(name) cannot be changed after creation")
      }
    }
    for text in [name, hostname, domainname] where (text?.utf8.count ?? 0) >= 256 {
      throw PrisonError(.ENAMETOOLONG)
    }
    if (hostuuid?.utf8.count ?? 0) >= 64 { throw PrisonError(.ENAMETOOLONG) }
    if hostname != nil || domainname != nil || hostuuid != nil || hostid != nil {
      flags.insert(.PR_HOST)
      changedFlags.insert(.PR_HOST)
    }
    try checkAddresses(mostAddresses)
    if changedFlags.contains(.PR_VNET),
      !changedFlags.isDisjoint(with: [.PR_IP4_USER, .PR_IP6_USER])
    {
      throw refuse("vnet jails cannot have IP address restrictions")
    }
    if let path {
      guard !request.contains(.update) else {
        throw refuse("path cannot be changed after creation")
      }
      if path.utf8.count >= 1024 { throw PrisonError(.ENAMETOOLONG) }
      if path.isEmpty || path == "/" { self.path = nil }
    }
  }

  /// Addresses: all but the first in order, none of them twice, none of them nobody's or all's.
  private mutating func checkAddresses(_ most: Int) throws(PrisonError) {
    if var list = ip4 {
      changedFlags.formUnion([.PR_IP4_USER, .PR_IP4_DISABLE])
      flags.insert(.PR_IP4_USER)
      if list.isEmpty { flags.insert(.PR_IP4_DISABLE) } else { flags.remove(.PR_IP4_DISABLE) }
      guard list.count <= most else {
        throw PrisonError(.EINVAL, "too many IPv4 addresses")
      }
      list = Array(list.prefix(1) + list.dropFirst().sorted { $0.rawValue < $1.rawValue })
      guard Set(list).count == list.count, !list.contains(.any), !list.contains(.broadcast) else {
        throw PrisonError(.EINVAL)
      }
      ip4 = list
    } else if flags.contains(.PR_IP4_DISABLE) {
      ip4 = []
    }
    if let list = ip6 {
      changedFlags.formUnion([.PR_IP6_USER, .PR_IP6_DISABLE])
      flags.insert(.PR_IP6_USER)
      if list.isEmpty { flags.insert(.PR_IP6_DISABLE) } else { flags.remove(.PR_IP6_DISABLE) }
      guard list.count <= most else {
        throw PrisonError(.EINVAL, "too many IPv6 addresses")
      }
      guard Set(list).count == list.count else { throw PrisonError(.EINVAL) }
    }
  }
}
