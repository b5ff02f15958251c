// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// The states of carp interfaces and what moves them (netinet/ip_carp.c).
extension Vnet {
  /// Starts what its state asks for: the wait of a backup, the beat of a master, or from INIT one of
  /// the two (`carp_setrun`).
  mutating func carpSetRun<T: Tracer & ~Copyable>(
    _ place: Int, _ machine: inout Machine, _ tracer: inout T
  ) {
    guard carpCanRun(place, &machine) else { return }
    let interface = carps[place].interface
    interfaces[interface].flags.insert(.IFF_DRV_RUNNING)
    switch carps[place].state {
    case .initial where machine.sysctl.carpPreempts && machine.sysctl.carpSuppression == 0:
      let step = CarpStep(interface: interface, from: .initial, to: .master, reason: .preempting)
      carpSendAd(place, step, &machine, &tracer)
      carpSendArp(place, &machine, &tracer)
      carpDebug(step, &machine)
      carpSetState(place, .master, &machine)
      carpAddRoutes(place, &machine)
    case .initial:
      carpDebug(
        CarpStep(interface: interface, from: .initial, to: .backup, reason: .waiting), &machine)
      carpSetState(place, .backup, &machine)
      carpDeleteRoutes(place, machine)
      carpSetRun(place, &machine, &tracer)
    case .backup:
      machine.timers.cancel(.carpAdvertise(interface), vnet: index)
      carpSetTimer(
        .carpMasterDown(interface), seconds: 3 &* carps[place].base, skew: carps[place].skew,
        &machine)
    case .master:
      carpSetTimer(
        .carpAdvertise(interface), seconds: carps[place].base, skew: carps[place].skew, &machine)
    }
  }

  /// Whether all is there that it needs to run; else it stops running, with the state it has.
  private mutating func carpCanRun(_ place: Int, _ machine: inout Machine) -> Bool {
    let carp = carps[place]
    guard carp.parent != .none else {
      interfaces[carp.interface].flags.remove(.IFF_DRV_RUNNING)
      carpSetState(place, .initial, &machine)
      return false
    }
    let isUp = interfaces[carp.interface].flags.contains(.IFF_UP)
    guard isUp, carp.vhid > 0, carp.addressCount > 0 else {
      interfaces[carp.interface].flags.remove(.IFF_DRV_RUNNING)
      carpDeleteRoutes(place, machine)
      return false
    }
    return true
  }

  /// Nobody was heard for too long, or is to be heard no more: a backup becomes the master
  /// (`carp_master_down`).
  ///
  /// - Parameter cause: The advertisement that made it so; nil where time did, or the administrator.
  mutating func carpMasterDown<T: Tracer & ~Copyable>(
    _ place: Int, _ reason: CarpStep.Reason, because cause: PacketNumber? = nil,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    let interface = carps[place].interface
    switch carps[place].state {
    case .initial:
      machine.log("\(interfaces[interface].name): master_down event in INIT state")
    case .master: return
    case .backup:
      let step = CarpStep(interface: interface, from: .backup, to: .master, reason: reason)
      if let cause { tracer.emit(cause, .carp(step)) }
      carpSetState(place, .master, &machine)
      carpSendAd(place, cause == nil ? step : nil, because: cause, &machine, &tracer)
      carpSendArp(place, because: cause, &machine, &tracer)
      carpSetRun(place, &machine, &tracer)
      carpAddRoutes(place, &machine)
    }
  }

  /// Enters a state; the link is up for a master, down for a backup, else unknown
  /// (`carp_set_state`).
  mutating func carpSetState(_ place: Int, _ state: CarpState, _ machine: inout Machine) {
    guard carps[place].state != state else { return }
    carps[place].state = state
    let link: LinkState =
      switch state {
      case .initial: .unknown
      case .backup: .down
      case .master: .up
      }
    let interface = carps[place].interface
    guard interfaces[interface].linkState != link else { return }
    interfaces[interface].linkState = link
    machine.linkTasks.add(interface, of: index)
  }

  /// Says on the console what changed, at `net.inet.carp.log` 2 and above.
  func carpDebug(_ step: CarpStep, _ machine: inout Machine) {
    guard machine.sysctl.carpLog > 1 else { return }
    machine.log("\(interfaces[step.interface].name): \(step.text)")
  }

  /// The parent went up or down, or its cable did: all carps on it begin anew or stop
  /// (`carp_carpdev_state`).
  mutating func carpParentState<T: Tracer & ~Copyable>(
    _ parent: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    for place in carps.places(on: parent) { carpFollowParent(place, &machine, &tracer) }
  }

  /// One carp of these (`carp_sc_state_locked`).
  ///
  /// A parent that goes down a second way while it is down has the flags saved again, without
  /// `IFF_UP`: what then comes back is a carp that is down.
  mutating func carpFollowParent<T: Tracer & ~Copyable>(
    _ place: Int, _ machine: inout Machine, _ tracer: inout T
  ) {
    let (interface, parent) = (carps[place].interface, carps[place].parent)
    let isThere =
      interfaces[parent].linkState == .up && interfaces[parent].flags.contains(.IFF_UP)
    guard !isThere else {
      interfaces[interface].flags.formUnion(carps[place].savedFlags)
      carpSetState(place, .initial, &machine)
      carpSetRun(place, &machine, &tracer)
      if carps[place].isSuppressing { machine.sysctl.carpSuppression -= 1 }
      carps[place].isSuppressing = false
      return
    }
    carps[place].savedFlags = interfaces[interface].flags
    interfaces[interface].flags.subtract([.IFF_UP, .IFF_DRV_RUNNING])
    carpCancelTimers(place, &machine)
    carpSetState(place, .initial, &machine)
    carpSetRun(place, &machine, &tracer)
    if !carps[place].isSuppressing { carpSuppress(&machine, &tracer) }
    carps[place].isSuppressing = true
  }

  /// One more reason not to preempt; at the first all masters say so at once.
  mutating func carpSuppress<T: Tracer & ~Copyable>(
    _ machine: inout Machine, _ tracer: inout T
  ) {
    machine.sysctl.carpSuppression += 1
    guard machine.sysctl.carpSuppression == 1 else { return }
    carpSendAdAll(&machine, &tracer)
    machine.carp.announcer = index
  }

  /// A timer of a carp interface is due.
  mutating func carpTimer<T: Tracer & ~Copyable>(
    _ kind: TimerKind, _ machine: inout Machine, _ tracer: inout T
  ) {
    switch kind {
    case .carpAdvertise(let interface):
      guard let place = carps.place(of: interface) else { return }
      carpSendAd(place, nil, &machine, &tracer)
    case .carpMasterDown(let interface):
      guard let place = carps.place(of: interface) else { return }
      carpMasterDown(place, .silence, &machine, &tracer)
    default: return
    }
  }

  mutating func carpCancelTimers(_ place: Int, _ machine: inout Machine) {
    let interface = carps[place].interface
    machine.timers.cancel(.carpAdvertise(interface), vnet: index)
    machine.timers.cancel(.carpMasterDown(interface), vnet: index)
  }

  /// Starts a timer anew (`callout_reset` of `tvtohz`): whole ticks, one more than the time has, and no
  /// more than an `int` holds.
  func carpSetTimer(_ kind: TimerKind, seconds: Int32, skew: Int32, _ machine: inout Machine) {
    let time = Int64(seconds) * 1_000_000 + carpMicroseconds(skew: skew)
    let ticks = time < 0 ? 1 : min(UInt64((time + 999) / 1000 + 1), UInt64(Int32.max))
    machine.timers.cancel(kind, vnet: index)
    machine.timers.set(
      kind, vnet: index, at: Instant(nanoseconds: (machine.now.ticks + ticks) * 1_000_000))
  }

  /// A skew in microseconds.
  func carpMicroseconds(skew: Int32) -> Int64 { Int64(skew) * 1_000_000 / 256 }

  /// Gives a master's addresses their host routes (`carp_setroute` with `RTM_ADD`), unless another
  /// master on the parent has the same address.
  mutating func carpAddRoutes(_ place: Int, _ machine: inout Machine) {
    for address in carpAddresses(place) where carpMasters(of: address, place) == 1 {
      // A table that has the route refuses; nobody is told.
      try? addPrefixRoute(address, fib: .zero, &machine)
    }
  }

  /// Takes the routes of addresses away that no master has (`carp_setroute` with `RTM_DELETE`).
  mutating func carpDeleteRoutes(_ place: Int, _ machine: borrowing Machine) {
    guard carps[place].parent != .none else { return }
    for address in carpAddresses(place) where carpMasters(of: address, place) == 0 {
      let ownsRoute = addresses[address].ownsPrefixRoute
      deletePrefixRoute(address)
      addresses[address].ownsPrefixRoute = ownsRoute
    }
  }

  func carpAddresses(_ place: Int) -> [AddressIndex] {
    var all: [AddressIndex] = []
    var next = addresses.first(on: carps[place].interface)
    while let address = next {
      all.append(address)
      next = addresses[address].nextOnInterface
    }
    return all
  }

  /// How many masters on the carp's parent have an address (`carp_addrcount`).
  private func carpMasters(of address: AddressIndex, _ place: Int) -> Int {
    carps.places(on: carps[place].parent).count { other in
      carps[other].state == .master
        && own(addresses[address].address, on: carps[other].interface) != nil
    }
  }
}
