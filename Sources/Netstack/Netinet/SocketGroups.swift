// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// A group that a socket joined on an interface (`imo_membership`), for any source.
struct SocketMembership: BitwiseCopyable {
  var socket: SocketIndex
  var group: IPv4Address
  var interface: InterfaceIndex
}

/// Sockets and groups (netinet/in_mcast.c).
extension Vnet {
  /// `IP_MAX_MEMBERSHIPS`.
  private static let mostMemberships = 4095

  /// Joins a group for a socket (`inp_join_group`), by default on the interface that the socket's
  /// table names for the group (`inp_lookup_mcast_ifp`).
  mutating func joinGroup<T: Tracer & ~Copyable>(
    _ socket: SocketIndex, _ group: IPv4Address, on wanted: InterfaceIndex?,
    _ machine: inout Machine, _ tracer: inout T
  ) throws(Errno) {
    guard group.isMulticast else { throw .EINVAL }
    guard let interface = wanted ?? interfaceOfGroup(group, for: socket, now: machine.now),
      interfaces[interface].flags.contains(.IFF_MULTICAST)
    else { throw .EADDRNOTAVAIL }
    sockets[socket].hasMulticastState = true
    guard sockets.membership(socket, group, on: interface) == nil else { throw .EADDRINUSE }
    guard sockets.memberships.count < Vnet.mostMemberships else { throw .ETOOMANYREFS }
    try inJoinGroup(group, on: interface, &machine, &tracer)
    sockets.memberships.append(
      SocketMembership(socket: socket, group: group, interface: interface))
  }

  /// Takes a socket's join back (`inp_leave_group`); without an interface the first of the group.
  mutating func leaveGroup<T: Tracer & ~Copyable>(
    _ socket: SocketIndex, _ group: IPv4Address, on interface: InterfaceIndex?,
    _ machine: inout Machine, _ tracer: inout T
  ) throws(Errno) {
    guard group.isMulticast else { throw .EINVAL }
    guard let place = sockets.membership(socket, group, on: interface) else {
      throw .EADDRNOTAVAIL
    }
    try dropMembership(at: place, &machine, &tracer)
  }

  /// Takes all joins of a socket back (`inp_freemoptions`).
  mutating func leaveGroups<T: Tracer & ~Copyable>(
    of socket: SocketIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    for place in (0..<sockets.memberships.count).reversed()
    where sockets.memberships[place].socket == socket {
      // Both conditions of an error were looked at when it joined.
      try? dropMembership(at: place, &machine, &tracer)
    }
  }

  private mutating func dropMembership<T: Tracer & ~Copyable>(
    at place: Int, _ machine: inout Machine, _ tracer: inout T
  ) throws(Errno) {
    let membership = sockets.memberships[place]
    sockets.memberships.remove(at: place)
    try inLeaveGroup(membership.group, on: membership.interface, &machine, &tracer)
  }

  /// The interface of the route to a group, else the first that is no loopback and does multicast.
  private mutating func interfaceOfGroup(
    _ group: IPv4Address, for socket: SocketIndex, now: Instant
  ) -> InterfaceIndex? {
    if let route = rtalloc1(group, fib: sockets[socket].fib, report: false) {
      let interface = routes[route].interface
      rtfree(route, now: now)
      return interface
    }
    for position in 0..<addresses.count {
      let interface = addresses[addresses.configured(at: position)].interface
      let flags = interfaces[interface].flags
      if flags.contains(.IFF_MULTICAST), !flags.contains(.IFF_LOOPBACK) { return interface }
    }
    return nil
  }

  /// Whether a socket takes a multicast that came by an interface (`imo_multicast_filter`): one
  /// that never asked for anything takes all, and any other what it joined there.
  mutating func takesGroup<T: Tracer & ~Copyable>(
    _ socket: SocketIndex, _ group: IPv4Address, _ packet: borrowing Packet,
    _ tracer: inout T
  ) -> Bool {
    guard group.isMulticast, sockets[socket].hasMulticastState else { return true }
    let received = packet.header.receivedOn
    if sockets.membership(socket, group, on: received) != nil { return true }
    count(.notmember, packet.number, &tracer)
    return false
  }
}

extension SocketTable {
  /// The place of a socket's membership; on any interface where none is named.
  func membership(
    _ socket: SocketIndex, _ group: IPv4Address, on interface: InterfaceIndex?
  ) -> Int? {
    for place in 0..<memberships.count
    where memberships[place].socket == socket && memberships[place].group == group
      && (interface == nil || memberships[place].interface == interface)
    {
      return place
    }
    return nil
  }

  /// Forgets the memberships on an interface that is gone, and who sends multicasts by it
  /// (`in_pcbpurgeif0`).
  mutating func purge(_ interface: InterfaceIndex) {
    for place in (0..<memberships.count).reversed()
    where memberships[place].interface == interface {
      memberships.remove(at: place)
    }
    for position in 0..<count {
      let socket = newest(at: position)
      if self[socket].multicast?.interface == interface { self[socket].multicast?.interface = nil }
    }
  }
}
