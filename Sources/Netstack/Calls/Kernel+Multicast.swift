// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
package import Wire

/// An interface's IGMP as ifmcstat(8) shows it.
package struct IGMPInterfaceInfo: Sendable {
  package var link: IGMPInterface
  package var version: UInt8
}

/// Groups: listing, joining, leaving. Each call has a form with somebody listening; everything it
/// sets in motion runs to completion. All throw `ENXIO` for an interface that is not there.
extension Kernel {
  /// The groups that somebody joined on an interface, the most recent first.
  package func memberships(
    vnet: VnetIndex, interface: InterfaceIndex
  ) throws(Errno) -> [Membership] {
    let stack = try stack(vnet, interface)
    var result: [Membership] = []
    for place in 0..<vnets[stack].multicast.groups.count {
      let membership = vnets[stack].multicast.groups[place]
      guard membership.interface == interface, membership.references > 0 else { continue }
      result.append(membership)
    }
    return result
  }

  /// What IGMP knows of an interface's link.
  package func igmpInterface(
    vnet: VnetIndex, interface: InterfaceIndex
  ) throws(Errno) -> IGMPInterfaceInfo {
    let stack = try stack(vnet, interface)
    return IGMPInterfaceInfo(
      link: vnets[stack].multicast[interface],
      version: vnets[stack].igmpVersion(on: interface, now: machine.now))
  }

  /// Joins a group for any source; each call stands for a join of its own.
  ///
  /// - Throws: `EINVAL` for what is no group, `EADDRNOTAVAIL` where the interface does no multicast.
  package mutating func joinGroup<T: Tracer & ~Copyable>(
    vnet: VnetIndex, interface: InterfaceIndex, _ group: IPv4Address, tracer: inout T
  ) throws(Errno) {
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    let stack = try stack(vnet, interface)
    tracer.enter(vnet)
    try vnets[stack].inJoinGroup(group, on: interface, &machine, &tracer)
    drain(&tracer)
  }

  /// The same with nobody listening.
  package mutating func joinGroup(
    vnet: VnetIndex, interface: InterfaceIndex, _ group: IPv4Address
  ) throws(Errno) {
    var silent = Silent()
    try joinGroup(vnet: vnet, interface: interface, group, tracer: &silent)
  }

  /// Takes one join back.
  ///
  /// - Throws: `EINVAL` for what is no group, `EADDRNOTAVAIL` if nobody joined it.
  package mutating func leaveGroup<T: Tracer & ~Copyable>(
    vnet: VnetIndex, interface: InterfaceIndex, _ group: IPv4Address, tracer: inout T
  ) throws(Errno) {
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    let stack = try stack(vnet, interface)
    tracer.enter(vnet)
    try vnets[stack].inLeaveGroup(group, on: interface, &machine, &tracer)
    drain(&tracer)
  }

  /// The same with nobody listening.
  package mutating func leaveGroup(
    vnet: VnetIndex, interface: InterfaceIndex, _ group: IPv4Address
  ) throws(Errno) {
    var silent = Silent()
    try leaveGroup(vnet: vnet, interface: interface, group, tracer: &silent)
  }
}
