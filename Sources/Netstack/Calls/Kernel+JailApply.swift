// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// The second half of `kern_jail_set`: what was checked takes effect, inside the jail too.
extension Kernel {
  mutating func apply(
    _ settings: PrisonSettings, to id: PrisonID, name: String?, isNew: Bool, by asker: Prison
  ) {
    applyNumbers(settings, to: id)
    if name != nil || isNew {
      rename(id, to: name.flatMap { $0.isEmpty ? nil : $0 } ?? "\(id.rawValue)")
    }
    applyHost(settings, to: id)
    if let path = settings.path {
      let outer = path.hasPrefix("/") && asker.path != "/" ? asker.path : ""
      machine.prisons.update(id) { $0.path = outer + path }
    }
    let taken = settings.changedAllowance.subtracting(settings.allowance)
    for inner in machine.prisons.descendants(of: id) {
      machine.prisons.update(inner) { $0.allowance.subtract(taken) }
    }
    machine.prisons.update(id) { prison in
      prison.allowance.subtract(settings.changedAllowance)
      prison.allowance.formUnion(settings.allowance)
      prison.flags.subtract(settings.changedFlags)
      prison.flags.formUnion(settings.flags)
    }
  }

  /// Levels and limits, which no jail inside may be below or above, and addresses.
  private mutating func applyNumbers(_ settings: PrisonSettings, to id: PrisonID) {
    let depth = machine.prisons.ancestry(of: id).count
    for inner in [id] + machine.prisons.descendants(of: id) {
      let level = Int32(machine.prisons.ancestry(of: inner).count - depth)
      machine.prisons.update(inner) { prison in
        if let least = settings.securelevel {
          prison.securelevel = level == 0 ? least : max(prison.securelevel, least)
        }
        if let most = settings.childMax {
          prison.childMax = level == 0 ? most : min(prison.childMax, max(most &- level, 0))
        }
        if let least = settings.enforceStatfs {
          prison.enforceStatfs = level == 0 ? least : max(prison.enforceStatfs, least)
        }
        if level > 0, prison.flags.contains(.PR_VNET) { return }
        if settings.flags.contains(.PR_IP4_USER) {
          let wanted = settings.ip4 ?? []
          prison.ip4 = level == 0 ? wanted : prison.ip4.filter(wanted.contains)
          if level == 0 { prison.flags.insert(.PR_IP4) }
        }
        if settings.flags.contains(.PR_IP6_USER) {
          let wanted = settings.ip6 ?? []
          prison.ip6 = level == 0 ? wanted : prison.ip6.filter(wanted.contains)
          if level == 0 { prison.flags.insert(.PR_IP6) }
        }
      }
    }
  }

  /// Gives a jail another last part of its name, and so those inside it another beginning.
  private mutating func rename(_ id: PrisonID, to last: String) {
    guard let prison = machine.prisons[id] else { return }
    let outer = machine.prisons[prison.parent].map { $0.id == .host ? "" : $0.name + "." } ?? ""
    let inside = machine.prisons.descendants(of: id)
    machine.prisons.update(id) { $0.name = outer + last }
    for inner in inside {
      machine.prisons.update(inner) {
        $0.name = outer + last + $0.name.dropFirst(prison.name.count)
      }
    }
  }

  /// The names of the host: those of the jail around it, or others, which jails inside share that
  /// have none of their own.
  private mutating func applyHost(_ settings: PrisonSettings, to id: PrisonID) {
    guard let prison = machine.prisons[id], let parent = machine.prisons[prison.parent] else {
      return
    }
    if settings.changedFlags.contains(.PR_HOST), !settings.flags.contains(.PR_HOST) {
      guard prison.flags.contains(.PR_HOST) else { return }
      return machine.prisons.update(id) { $0.takeHost(from: parent) }
    }
    machine.prisons.update(id) { $0.setHost(settings) }
    setHostBelow(id, settings)
  }

  /// Tells the jails inside another that have no names of their own.
  mutating func setHostBelow(_ id: PrisonID, _ settings: PrisonSettings) {
    for child in machine.prisons.all
    where child.parent == id && child.id != .host && !child.flags.contains(.PR_HOST) {
      machine.prisons.update(child.id) { $0.setHost(settings) }
      setHostBelow(child.id, settings)
    }
  }
}

extension Prison {
  fileprivate mutating func takeHost(from other: Prison) {
    (hostname, domainname) = (other.hostname, other.domainname)
    (hostuuid, hostid) = (other.hostuuid, other.hostid)
  }

  mutating func setHost(_ settings: PrisonSettings) {
    if let name = settings.hostname { hostname = name }
    if let name = settings.domainname { domainname = name }
    if let uuid = settings.hostuuid { hostuuid = uuid }
    if let number = settings.hostid { hostid = number }
  }
}
