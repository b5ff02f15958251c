// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// Making and changing jails (`kern_jail_set`, kern/kern_jail.c), check by check in its order.
extension Kernel {
  /// Makes a jail or changes one, and attaches the asking process where the request says so.
  ///
  /// - Returns: Its number.
  /// - Throws: An errno, with the kernel's words where it has any.
  package mutating func setPrison(
    _ settings: PrisonSettings, _ request: PrisonRequest, by asker: PrisonID
  ) throws(PrisonError) -> PrisonID {
    var settings = settings
    guard let own = machine.prisons[asker] else { throw PrisonError(.EPERM) }
    if request.contains(.create), own.childMax == 0 { throw PrisonError(.EPERM) }
    let most = Int(clamping: machine.sysctl[.securityJailJailMaxAfIps])
    try settings.check(request, mostAddresses: most)
    if let unknown = settings.unknown {
      throw PrisonError(.EINVAL, "unknown parameter: \(unknown)")
    }
    guard !request.isDisjoint(with: [.create, .update]) else {
      throw PrisonError(.EINVAL, "no valid operation (create or update)")
    }
    let target = try findTarget(settings, request, asker)
    let id: PrisonID
    if let found = target.id { id = found } else { id = try makePrison(settings, target, asker) }
    do throws(PrisonError) {
      try checkLimits(of: id, settings, isNew: target.id == nil, target.name)
    } catch {
      if target.id == nil { releasePrison(id) }
      throw error
    }
    apply(settings, to: id, name: target.name, isNew: target.id == nil, by: own)
    if request.contains(.attach) { machine.prisons.update(id) { $0.processes += 1 } }
    releasePrison(id)
    return id
  }

  /// The jail that a request is about: its number where it is there, the one it is in, and the last
  /// part of the name it is to have.
  private struct Target {
    var id: PrisonID?
    var wanted: Int32 = 0
    var parent: PrisonID
    var name: String?
  }

  private func findTarget(
    _ settings: PrisonSettings, _ request: PrisonRequest, _ asker: PrisonID
  ) throws(PrisonError) -> Target {
    var target = Target(parent: asker, name: settings.name)
    target.wanted = settings.id ?? 0
    let isUpdate = request.isDisjoint(with: .create)
    if !request.contains(.update), target.wanted == 0,
      let last = settings.name?.split(separator: ".", omittingEmptySubsequences: false).last
    {
      target.wanted = Int32(last) ?? 0
    }
    if target.wanted != 0 {
      let number = target.wanted
      guard number > 0 else { throw PrisonError(.EINVAL, "negative jid") }
      let id = PrisonID(rawValue: number)
      if let found = machine.prisons[id] {
        target.parent = found.parent
        guard request.contains(.update) else {
          throw PrisonError(.EEXIST, "jail \(number) already exists")
        }
        if prison(id, seenBy: asker) != nil { target.id = id }
      }
      if target.id == nil, isUpdate { throw PrisonError(.ENOENT, "jail \(number) not found") }
    }
    guard let name = settings.name else {
      if isUpdate, target.id == nil { throw PrisonError(.ENOENT, "update specified no jail") }
      return target
    }
    var last = name[...]
    if let dot = name.lastIndex(of: ".") {
      last = name[name.index(after: dot)...]
      let outer = String(name[..<dot])
      if target.id != nil {
        guard machine.prisons[target.parent]?.name == outer else {
          throw PrisonError(.EINVAL, "cannot change jail's parent")
        }
      } else {
        guard let parent = prison(named: outer, seenBy: asker) else {
          throw PrisonError(.ENOENT, "jail \"\(outer)\" not found")
        }
        target.parent = parent.id
      }
    }
    target.name = String(last)
    guard !last.isEmpty else { return target }
    let whole = fullName(String(last), in: target.parent)
    if let same = machine.prisons.all.first(where: { $0.name == whole && $0.id != target.id }) {
      guard target.id == nil, request.contains(.update) else {
        throw PrisonError(.EEXIST, "jail \"\(last)\" already exists")
      }
      target.id = same.id
    } else if isUpdate, target.id == nil {
      throw PrisonError(.ENOENT, "jail \"\(last)\" not found")
    }
    return target
  }

  private func fullName(_ last: String, in parent: PrisonID) -> String {
    guard parent != .host, let outer = machine.prisons[parent]?.name else { return last }
    return "\(outer).\(last)"
  }

  /// Makes a jail with what it has from the one it is in.
  private mutating func makePrison(
    _ settings: PrisonSettings, _ target: Target, _ asker: PrisonID
  ) throws(PrisonError) -> PrisonID {
    for ancestor in machine.prisons.ancestry(of: asker)
    where ancestor.childCount >= ancestor.childMax {
      throw PrisonError(.EPERM, "prison limit exceeded")
    }
    guard let parent = machine.prisons[target.parent] else {
      throw PrisonError(.ENOENT, "parent jail went away!")
    }
    let id: PrisonID
    if target.wanted > 0 {
      id = PrisonID(rawValue: target.wanted)
    } else {
      guard let chosen = machine.prisons.chooseID() else {
        throw PrisonError(.EAGAIN, "no available jail IDs")
      }
      id = chosen
    }
    guard !settings.flags.contains(.PR_VNET) || hasRoomForVnet else { throw PrisonError(.ENOMEM) }
    let vnet = settings.flags.contains(.PR_VNET) ? createVnet() : parent.vnet
    machine.prisons.insert(id, in: parent.id, vnet: vnet)
    machine.prisons.update(id) { prison in
      prison.flags.insert(.PR_HOST)
      if settings.flags.contains(.PR_VNET) {
        prison.flags.insert(.PR_VNET)
      } else {
        if !settings.changedFlags.contains(.PR_IP4_USER) {
          prison.flags.formUnion([.PR_IP4, .PR_IP4_USER, .PR_IP4_DISABLE])
        } else if !settings.flags.contains(.PR_IP4_USER) {
          prison.flags.formUnion(parent.flags.intersection(.PR_IP4))
          prison.ip4 = parent.ip4
        }
        if !settings.changedFlags.contains(.PR_IP6_USER) {
          prison.flags.formUnion([.PR_IP6, .PR_IP6_USER, .PR_IP6_DISABLE])
        } else if !settings.flags.contains(.PR_IP6_USER) {
          prison.flags.formUnion(parent.flags.intersection(.PR_IP6))
          prison.ip6 = parent.ip6
        }
      }
      prison.securelevel = parent.securelevel
      prison.allowance = PrisonAllowance.usual.intersection(parent.allowance)
    }
    return id
  }

  /// What the jail around it does not allow, and what jails beside it have.
  private func checkLimits(
    of id: PrisonID, _ settings: PrisonSettings, isNew: Bool, _ name: String?
  ) throws(PrisonError) {
    guard let prison = machine.prisons[id], let parent = machine.prisons[prison.parent] else {
      return
    }
    let addresses: PrisonFlags = [.PR_IP4_USER, .PR_IP6_USER]
    if !isNew {
      if prison.flags.contains(.PR_VNET), !settings.changedFlags.isDisjoint(with: addresses) {
        throw PrisonError(.EINVAL, "vnet jails cannot have IP address restrictions")
      }
      let differing = settings.flags.symmetricDifference(prison.flags)
        .intersection(settings.changedFlags)
      if differing.contains(.PR_IP4_USER) {
        throw PrisonError(.EINVAL, "ip4 cannot be changed after creation")
      }
      if differing.contains(.PR_IP6_USER) {
        throw PrisonError(.EINVAL, "ip6 cannot be changed after creation")
      }
    }
    if let level = settings.securelevel, level < parent.securelevel { throw PrisonError(.EPERM) }
    if let most = settings.childMax, most >= parent.childMax { throw PrisonError(.EPERM) }
    if let enforce = settings.enforceStatfs, enforce < parent.enforceStatfs {
      throw PrisonError(.EPERM)
    }
    try checkAddresses(settings, of: prison, in: parent)
    if let name, !name.isEmpty, name.utf8.first == UInt8(ascii: "0") || Int32(name) != nil,
      name != "\(id.rawValue)"
    {
      throw PrisonError(.EINVAL, "name cannot be numeric (unless it is the jid)")
    }
    guard settings.allowance.isSubset(of: parent.allowance) else { throw PrisonError(.EPERM) }
  }

  /// Addresses must be some of the outer jail's; two jails may share one only if neither has more.
  private func checkAddresses(
    _ settings: PrisonSettings, of prison: Prison, in parent: Prison
  ) throws(PrisonError) {
    if let ip4 = settings.ip4, !ip4.isEmpty, parent.flags.contains(.PR_IP4),
      !ip4.allSatisfy(parent.ip4.contains)
    {
      throw PrisonError(.EPERM)
    }
    if let ip6 = settings.ip6, !ip6.isEmpty, parent.flags.contains(.PR_IP6),
      !ip6.allSatisfy(parent.ip6.contains)
    {
      throw PrisonError(.EPERM)
    }
    for other in machine.prisons.all
    where other.id != prison.id && other.id != .host && other.vnet == prison.vnet {
      // A jail around this one has its addresses by right.
      if machine.prisons.isInside(other.id, prison) { continue }
      if let ip4 = settings.ip4, !(ip4.count == 1 && other.ip4.count == 1),
        other.flags.contains(.PR_IP4_USER), ip4.contains(where: other.ip4.contains)
      {
        throw PrisonError(.EADDRINUSE, "IPv4 addresses clash")
      }
      if let ip6 = settings.ip6, !(ip6.count == 1 && other.ip6.count == 1),
        other.flags.contains(.PR_IP6_USER), ip6.contains(where: other.ip6.contains)
      {
        throw PrisonError(.EADDRINUSE, "IPv6 addresses clash")
      }
    }
  }
}
