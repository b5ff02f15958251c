// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// What ifconfig(8) sets of a carp interface and sees (`struct carpreq`, netinet/ip_carp.h).
package struct CarpSettings: Hashable, Sendable {
  /// What it is; setting another changes one that has begun.
  package var state: CarpState
  /// The virtual host's number, 1 to 255; -1 until it is set.
  package var vhid: Int32
  /// 256ths of a second between advertisements, up to 254, and seconds, up to 255.
  package var skew: Int32
  package var base: Int32
  /// The password, of which 20 bytes count.
  package var key: [UInt8]
}

/// The ioctls of carp interfaces. Both throw `EINVAL` for an interface of another kind, and `ENXIO` for
/// one that is not there.
extension Kernel {
  /// What is set (`SIOCGVH`).
  package func carpSettings(
    vnet: VnetIndex, interface: InterfaceIndex
  ) throws(Errno) -> CarpSettings {
    let stack = try stack(vnet, interface)
    guard let settings = vnets[stack].carpSettings(of: interface) else { throw .EINVAL }
    return settings
  }

  /// Sets it (`SIOCSVH`).
  package mutating func setCarp<T: Tracer & ~Copyable>(
    vnet: VnetIndex, interface: InterfaceIndex, _ settings: CarpSettings, tracer: inout T
  ) throws(Errno) {
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    let stack = try stack(vnet, interface)
    guard let place = vnets[stack].carps.place(of: interface) else { throw .EINVAL }
    defer { drain(&tracer) }
    try vnets[stack].carpConfigure(place, settings, &machine, &tracer)
  }

  /// The same with nobody listening.
  package mutating func setCarp(
    vnet: VnetIndex, interface: InterfaceIndex, _ settings: CarpSettings
  ) throws(Errno) {
    var silent = Silent()
    try setCarp(vnet: vnet, interface: interface, settings, tracer: &silent)
  }

  /// Masters of the other stacks advertise too, now that preemption is suppressed.
  mutating func carpAnnounceElsewhere<T: Tracer & ~Copyable>(_ tracer: inout T) {
    guard let announcer = machine.carp.announcer else { return }
    machine.carp.announcer = nil
    for stack in 0..<vnets.count where stack != Int(announcer.rawValue) {
      let outer = machine.enter(vnets[stack].index)
      tracer.enter(vnets[stack].index)
      vnets[stack].carpSendAdAll(&machine, &tracer)
      machine.leave(to: outer)
    }
  }
}

extension Vnet {
  /// What is set of a carp interface; nil for one of another kind.
  func carpSettings(of interface: InterfaceIndex) -> CarpSettings? {
    guard let place = carps.place(of: interface) else { return nil }
    let carp = carps[place]
    return CarpSettings(
      state: carp.state, vhid: carp.vhid, skew: carp.skew, base: carp.base,
      key: carp.key.indices.map { carp.key[$0] })
  }
}
