// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// Jails (kern/kern_jail.c). The asking process is in one too: it sees those inside its own.
extension Kernel {
  /// A jail that another can see, by its number (`prison_find_child`).
  package func prison(_ id: PrisonID, seenBy observer: PrisonID) -> Prison? {
    guard id != observer, let prison = machine.prisons[id],
      machine.prisons.isAncestor(observer, of: prison)
    else { return nil }
    return prison
  }

  /// A jail that another can see, by its number or by its name as that other calls it.
  package func prison(named text: String, seenBy observer: PrisonID) -> Prison? {
    if let number = Int32(text) { return prison(PrisonID(rawValue: number), seenBy: observer) }
    return machine.prisons.all.first {
      prison($0.id, seenBy: observer) != nil && name(of: $0, seenBy: observer) == text
    }
  }

  /// A jail's name without those of the jails that the observer is in (`prison_name`).
  package func name(of prison: Prison, seenBy observer: PrisonID) -> String {
    guard observer != .host, let own = machine.prisons[observer]?.name else { return prison.name }
    return prison.name.hasPrefix(own + ".")
      ? String(prison.name.dropFirst(own.utf8.count + 1)) : prison.name
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
    guard let prison = prison(jail, seenBy: asker),
      let interface = self[prison.vnet].interfaces.index(named: name)
    else { throw .ENXIO }
    try moveInterface(InterfacePlace(prison.vnet, interface), to: vnet)
  }

  /// Ends a jail with all inside it (`jail_remove`): its processes, and then its stack.
  ///
  /// - Throws: `EINVAL` for one that is not visible.
  package mutating func removePrison(_ id: PrisonID, by asker: PrisonID) throws(Errno) {
    guard prison(id, seenBy: asker) != nil else { throw .EINVAL }
    let inside = machine.prisons.descendants(of: id).map { machine.prisons.all[$0].id }
    for child in inside.reversed() + [id] { endPrison(child) }
  }

  /// Takes a jail that nothing refers to any more out of the table (`prison_deref`).
  mutating func endPrison(_ id: PrisonID) {
    guard id != .host, let place = machine.prisons.all.firstIndex(where: { $0.id == id }) else {
      return
    }
    let prison = machine.prisons.all.remove(at: place)
    var ancestor = prison.parent
    while let place = machine.prisons.all.firstIndex(where: { $0.id == ancestor }) {
      machine.prisons.all[place].childCount -= 1
      if ancestor == .host { break }
      ancestor = machine.prisons.all[place].parent
    }
    if prison.flags.contains(.PR_VNET) { destroyVnet(prison.vnet) }
  }

  /// Makes a jail (`kern_jail_set`).
  package mutating func createPrison(
    named name: String?, flags: PrisonFlags, by asker: PrisonID
  ) -> PrisonID {
    let owner = machine.prisons[asker]
    machine.prisons.lastID += 1
    let id = PrisonID(rawValue: machine.prisons.lastID)
    let vnet = flags.contains(.PR_VNET) ? createVnet() : owner?.vnet ?? .zero
    var prison = Prison(id: id, parent: asker, name: name ?? "\(id.rawValue)", vnet: vnet)
    prison.flags = flags.union(.PR_HOST)
    prison.allow = .usual
    machine.prisons.all.append(prison)
    if let place = machine.prisons.all.firstIndex(where: { $0.id == asker }) {
      machine.prisons.all[place].childCount += 1
    }
    return id
  }
}
