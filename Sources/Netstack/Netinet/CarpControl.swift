// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// What an administrator does to carp interfaces and their parents (`carp_ioctl` and what it calls,
/// netinet/ip_carp.c).
extension Vnet {
  /// An address was given to a carp interface, which goes up: its parent is the first interface whose
  /// network the address is in (`carp_set_addr`).
  ///
  /// - Throws: `EADDRNOTAVAIL` where there is none that does multicast, or it is another than that
  ///   of earlier addresses; `ENOBUFS` where 224.0.0.18 cannot be joined; `EEXIST` where the parent
  ///   has the vhid.
  mutating func carpSetAddress<T: Tracer & ~Copyable>(
    _ address: AddressIndex, _ machine: inout Machine, _ tracer: inout T
  ) throws(Errno) {
    let interface = addresses[address].interface
    guard let place = carps.place(of: interface) else { throw .EINVAL }
    interfaces[interface].flags.insert(.IFF_UP)
    addresses[address].peer = addresses[address].address
    defer { carpPrepareHash(place) }
    guard addresses[address].address != .any else {
      return carpSetRun(place, &machine, &tracer)
    }
    let (own, isOwn) = try carpParent(for: addresses[address].address, place)
    let parent = addresses[own].interface
    if !carps[place].hasJoined {
      guard (try? inJoinGroup(Carp.multicastGroup, on: parent, &machine, &tracer)) != nil else {
        throw .ENOBUFS
      }
      carps[place].hasJoined = true
      carps[place].group = parent
    }
    if interfaces[parent].hasCarp {
      let vhid = carps[place].vhid
      let isTaken = carps.places(on: parent).contains { $0 != place && carps[$0].vhid == vhid }
      guard !isTaken else {
        carpLeaveGroup(place, &machine, &tracer)
        throw .EEXIST
      }
    } else {
      setPromiscuous(true, on: parent, &machine)
      interfaces[parent].hasCarp = true
    }
    carps[place].source = addresses[own].address
    carps[place].parent = parent
    carps.attach(place, to: parent)
    carps[place].addressCount += 1
    interfaces[interface].flags.insert(.IFF_UP)
    if isOwn { carps[place].skew = 0 }
    carpFollowParent(place, &machine, &tracer)
    carpSetRun(place, &machine, &tracer)
  }

  /// The address of the parent for an address; and whether some interface has this very address.
  private func carpParent(
    for address: IPv4Address, _ place: Int
  ) throws(Errno) -> (AddressIndex, isOwn: Bool) {
    var first: AddressIndex?
    var isOwn = false
    for position in 0..<addresses.count {
      let other = addresses.configured(at: position)
      let record = addresses[other]
      guard record.interface != carps[place].interface,
        interfaces[record.interface].flags.contains(.IFF_MULTICAST), record.covers(address)
      else { continue }
      first = first ?? other
      isOwn = isOwn || record.address == address
    }
    guard let first else { throw .EADDRNOTAVAIL }
    let parent = addresses[first].interface
    guard carps[place].group == .none || carps[place].group == parent else {
      throw .EADDRNOTAVAIL
    }
    return (first, isOwn)
  }

  private mutating func carpLeaveGroup<T: Tracer & ~Copyable>(
    _ place: Int, _ machine: inout Machine, _ tracer: inout T
  ) {
    guard carps[place].hasJoined else { return }
    carps[place].hasJoined = false
    // The group went with an interface that is lost.
    guard carps[place].group != Carp.lost else { return }
    try? inLeaveGroup(Carp.multicastGroup, on: carps[place].group, &machine, &tracer)
  }

  /// The flags of a carp interface were set (`SIOCSIFFLAGS`): a master that goes down says so.
  mutating func carpSetFlags<T: Tracer & ~Copyable>(
    _ interface: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    guard let place = carps.place(of: interface) else { return }
    let isUp = interfaces[interface].flags.contains(.IFF_UP)
    if carps[place].state != .initial, !isUp {
      carpCancelTimers(place, &machine)
      if carps[place].state == .master { carpSendAd(place, nil, &machine, &tracer) }
      carpSetState(place, .initial, &machine)
      carpSetRun(place, &machine, &tracer)
    } else if carps[place].state == .initial, isUp {
      carpSetRun(place, &machine, &tracer)
    }
    carpPrepareHash(place)
  }

  /// Sets what there is to set (`SIOCSVH`). What was taken before an error stays.
  ///
  /// - Throws: `EINVAL` for numbers out of range, or where neither the vhid nor one of the intervals
  ///   is above 0; `EEXIST` for a vhid that the parent has.
  mutating func carpConfigure<T: Tracer & ~Copyable>(
    _ place: Int, _ settings: CarpSettings, _ machine: inout Machine, _ tracer: inout T
  ) throws(Errno) {
    defer { carpPrepareHash(place) }
    let state = carps[place].state
    if state != .initial, settings.state != state {
      carpForce(settings.state, place, &machine, &tracer)
    }
    var isChanged = false
    if settings.vhid > 0 {
      guard settings.vhid <= 255 else { throw .EINVAL }
      let parent = carps[place].parent
      let isTaken =
        parent != .none
        && carps.places(on: parent).contains { $0 != place && carps[$0].vhid == settings.vhid }
      guard !isTaken else { throw .EEXIST }
      carps[place].vhid = settings.vhid
      interfaces[carps[place].interface].hardwareAddress = Carp.hardwareAddress(
        vhid: settings.vhid)
      isChanged = true
    }
    if settings.base > 0 || settings.skew > 0 {
      guard settings.skew < 255, settings.base <= 255 else { throw .EINVAL }
      carps[place].base = settings.base
      carps[place].skew = settings.skew
      isChanged = true
    }
    for byte in carps[place].key.indices {
      carps[place].key[byte] = byte < settings.key.count ? settings.key[byte] : 0
    }
    guard isChanged else { throw .EINVAL }
    carpSetRun(place, &machine, &tracer)
  }

  /// The state that was asked for, of a virtual host that has begun.
  private mutating func carpForce<T: Tracer & ~Copyable>(
    _ state: CarpState, _ place: Int, _ machine: inout Machine, _ tracer: inout T
  ) {
    switch state {
    case .initial: return
    case .backup:
      machine.timers.cancel(.carpAdvertise(carps[place].interface), vnet: index)
      carpSetState(place, .backup, &machine)
      carpSetRun(place, &machine, &tracer)
      carpDeleteRoutes(place, machine)
    case .master: carpMasterDown(place, .asked, &machine, &tracer)
    }
  }

  /// A carp interface is removed, or leaves the stack (`carp_clone_destroy`).
  mutating func carpRemove<T: Tracer & ~Copyable>(
    _ interface: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    guard let place = carps.place(of: interface) else { return }
    carpStop(place, &machine)
    carpLeaveGroup(place, &machine, &tracer)
    carpLeaveParent(place, &machine)
    carps.remove(interface)
  }

  /// A carp interface comes from another stack, with what was set of it.
  mutating func carpAdopt(_ interface: InterfaceIndex, _ settings: CarpSettings) {
    var carp = Carp(interface)
    (carp.vhid, carp.base, carp.skew) = (settings.vhid, settings.base, settings.skew)
    for byte in carp.key.indices where byte < settings.key.count {
      carp.key[byte] = settings.key[byte]
    }
    carps.insert(carp)
    carpPrepareHash(0)
  }

  /// How a parent departs.
  enum CarpDeparture: BitwiseCopyable {
    /// It goes by another name from now on.
    case renamed
    /// It goes to another stack.
    case moved
    /// It is no more.
    case gone
  }

  /// A parent departs (`carp_ifdetach`): what was on it is in INIT, and down. Of one that does not
  /// stay in the stack 8.0 remembers that the group was joined there, and takes no other parent.
  mutating func carpParentDeparts(
    _ parent: InterfaceIndex, _ departure: CarpDeparture, _ machine: inout Machine
  ) {
    guard interfaces[parent].hasCarp else { return }
    for place in carps.places(on: parent) {
      carpStop(place, &machine)
      if departure != .renamed { carps[place].group = Carp.lost }
      carpLeaveParent(place, &machine, isGone: departure == .gone)
    }
  }

  /// The first half of `carpdetach()`: nothing runs any more.
  private mutating func carpStop(_ place: Int, _ machine: inout Machine) {
    let interface = carps[place].interface
    carpCancelTimers(place, &machine)
    if carps[place].isSuppressing { machine.sysctl.carpSuppression -= 1 }
    carps[place].isSuppressing = false
    if carps[place].sendErrors >= Carp.mostErrors { machine.sysctl.carpSuppression -= 1 }
    carps[place].sendErrors = 0
    carpSetState(place, .initial, &machine)
    interfaces[interface].flags.subtract([.IFF_UP, .IFF_DRV_RUNNING])
    carpDeleteRoutes(place, machine)
  }

  /// Its second half: the parent's last carp gives promiscuous mode back, which a driver that is gone
  /// does not hear.
  private mutating func carpLeaveParent(
    _ place: Int, _ machine: inout Machine, isGone: Bool = false
  ) {
    let parent = carps[place].parent
    guard parent != .none else { return }
    carps.detach(place)
    carps[place].parent = .none
    guard carps.places(on: parent).isEmpty else { return }
    interfaces[parent].hasCarp = false
    if !isGone { setPromiscuous(false, on: parent, &machine) }
  }
}
