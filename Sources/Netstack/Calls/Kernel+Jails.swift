// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// Jails (kern/kern_jail.c). The asking process is in one too: it sees those inside its own.
extension Kernel {
  /// A jail that another can see, by its number (`prison_find_child`).
  package func prison(_ id: PrisonID, seenBy observer: PrisonID) -> Prison? {
    guard id != observer, let prison = machine.prisons[id],
      machine.prisons.isInside(observer, prison)
    else { return nil }
    return prison
  }

  /// A jail that another can see, by its name as that other calls it (`prison_find_name`).
  package func prison(named name: String, seenBy observer: PrisonID) -> Prison? {
    var whole = name
    if observer != .host, let own = machine.prisons[observer]?.name { whole = "\(own).\(name)" }
    return machine.prisons.id(named: whole).flatMap { prison($0, seenBy: observer) }
  }

  /// The jails that another can see, by number.
  package func prisons(seenBy observer: PrisonID) -> [Prison] {
    machine.prisons.all.filter { prison($0.id, seenBy: observer) != nil }
  }

  /// A jail's name without those of the jails that the observer is in (`prison_name`); a jail's own
  /// name for itself is 0.
  package func name(of prison: Prison, seenBy observer: PrisonID) -> String {
    if prison.id == observer { return "0" }
    guard observer != .host, let own = machine.prisons[observer]?.name,
      prison.name.hasPrefix(own + ".")
    else { return prison.name }
    return String(prison.name.dropFirst(own.count + 1))
  }

  /// A jail's path within the observer's, or the whole of one that is not in it (`prison_path`).
  package func path(of prison: Prison, seenBy observer: PrisonID) -> String {
    guard let own = machine.prisons[observer]?.path, own != "/" else { return prison.path }
    if prison.path == own { return "/" }
    return prison.path.hasPrefix(own + "/")
      ? String(prison.path.dropFirst(own.count)) : prison.path
  }

  /// Moves an interface into a jail's stack (`SIOCSIFVNET`, `if_vmove_loan`).
  ///
  /// - Throws: `ENXIO` for a jail that is not visible, `EEXIST` where the interface, or one of its
  ///   name, is there already.
  package mutating func lendInterface(
    vnet: VnetIndex, interface: InterfaceIndex, to jail: PrisonID, by asker: PrisonID
  ) throws(Errno) {
    guard let prison = prison(jail, seenBy: asker) else { throw .ENXIO }
    try moveInterface(InterfacePlace(vnet, interface), to: prison.vnet)
  }

  /// Takes an interface back from a jail's stack (`SIOCSIFRVNET`, `if_vmove_reclaim`).
  ///
  /// - Throws: `ENXIO` for a jail or an interface that is not there, `EEXIST` where the jail has no
  ///   stack of its own. 8.0 does not look whether the name is taken; here that is `EEXIST` too.
  package mutating func reclaimInterface(
    vnet: VnetIndex, named name: String, from jail: PrisonID, by asker: PrisonID
  ) throws(Errno) {
    guard let prison = prison(jail, seenBy: asker) else { throw .ENXIO }
    if machine.options.vnetDebug {
      // The ioctl has set the stack of its socket already.
      let (new, old) = (prison.vnet.address, vnet.address)
      machine.log(
        "CURVNET_SET(0x\(String(new, radix: 16))) in if_vmove_reclaim() on cpu 0, "
          + "prev 0x\(String(old, radix: 16)) in soo_ioctl()")
    }
    guard let interface = self[prison.vnet].interfaces.index(named: name) else { throw .ENXIO }
    try moveInterface(InterfacePlace(prison.vnet, interface), to: vnet)
  }

  /// A process begins in a jail (`jail_attach`).
  ///
  /// - Throws: `EINVAL` for one that is not visible.
  package mutating func attach(to id: PrisonID, by asker: PrisonID) throws(Errno) {
    guard prison(id, seenBy: asker) != nil else { throw .EINVAL }
    machine.prisons.update(id) { $0.processes += 1 }
  }

  /// A process in a jail has ended: the last one takes the jail with it, unless that persists.
  package mutating func detach(from id: PrisonID) {
    machine.prisons.update(id) { $0.processes -= 1 }
    releasePrison(id)
  }

  /// Ends a jail with all inside it (`jail_remove`): its processes, and then its stack.
  ///
  /// - Throws: `EINVAL` for one that is not visible.
  package mutating func removePrison(_ id: PrisonID, by asker: PrisonID) throws(Errno) {
    guard prison(id, seenBy: asker) != nil else { throw .EINVAL }
    for inner in machine.prisons.descendants(of: id).reversed() { endPrison(inner) }
    endPrison(id)
  }

  /// Ends a jail that nothing keeps any more, and then perhaps the one it is in (`prison_deref`).
  mutating func releasePrison(_ id: PrisonID) {
    guard id != .host, let prison = machine.prisons[id], prison.processes <= 0,
      prison.childCount == 0, !prison.flags.contains(.PR_PERSIST)
    else { return }
    endPrison(id)
    releasePrison(prison.parent)
  }

  private mutating func endPrison(_ id: PrisonID) {
    guard let prison = machine.prisons[id] else { return }
    machine.prisons.remove(id)
    if prison.flags.contains(.PR_VNET) { destroyVnet(prison.vnet) }
  }
}

extension Kernel {
  /// A process of a jail makes another.
  package mutating func addProcess(to id: PrisonID) {
    machine.prisons.update(id) { $0.processes += 1 }
  }
}
