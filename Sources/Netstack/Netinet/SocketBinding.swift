// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// How sockets get their addresses and ports (netinet/in_pcb.c).
extension Vnet {
  /// Gives a socket an end of its own (`in_pcbbind`); port 0, or no end at all, leaves the choice of
  /// the port to the kernel.
  mutating func bindSocket(
    _ index: SocketIndex, to wanted: Endpoint?, _ machine: inout Machine
  ) throws(Errno) {
    let socket = sockets[index]
    guard !addresses.isEmpty else { throw .EADDRNOTAVAIL }
    guard socket.local == .any else { throw .EINVAL }
    let reuse = socket.options.intersection([.SO_REUSEADDR, .SO_REUSEPORT])
    var local = wanted ?? .any
    if local.address.isMulticast || local.address == .any {
    } else if ifaWithAddress(local.address) == nil {
      throw .EADDRNOTAVAIL
    }
    if local.port != 0 {
      // A multicast address may be shared by SO_REUSEADDR alone.
      var shareable = reuse.intersection(.SO_REUSEPORT)
      if local.address.isMulticast, reuse.contains(.SO_REUSEADDR) {
        shareable = [.SO_REUSEADDR, .SO_REUSEPORT]
      }
      if let other = sockets.conflicting(socket.kind, with: local, wildcard: reuse.isEmpty),
        sockets[other].options.isDisjoint(with: shareable)
      {
        throw .EADDRINUSE
      }
    } else {
      local.port = try ephemeralPort(
        socket.kind, socket.options, local: local.address, wildcard: reuse.isEmpty, &machine)
      sockets[index].options.insert(.INP_ANONPORT)
    }
    sockets[index].local = local
  }

  /// Both ends of what a socket sends to somebody (`in_pcbconnect_setup`): the destination with
  /// its special addresses replaced, and its own address and port, chosen where it has none.
  mutating func connectSetup(
    _ index: SocketIndex, to wanted: Endpoint, _ machine: inout Machine
  ) throws(Errno) -> (local: Endpoint, foreign: Endpoint) {
    let socket = sockets[index]
    guard wanted.port != 0 else { throw .EADDRNOTAVAIL }
    var (local, foreign) = (socket.local, wanted)
    if !addresses.isEmpty {
      let first = addresses[addresses.configured(at: 0)]
      if foreign.address == .any {
        foreign.address = first.address
      } else if foreign.address == .broadcast,
        interfaces[first.interface].flags.contains(.IFF_BROADCAST)
      {
        foreign.address = first.broadcast
      }
    }
    if local.address == .any {
      local.address = try sourceAddress(socket, to: foreign.address, now: machine.now)
    }
    guard sockets.find(socket.kind, local: local, foreign: foreign, wildcard: false) == nil else {
      throw .EADDRINUSE
    }
    if local.port == 0 {
      local.port = try ephemeralPort(
        socket.kind, socket.options, local: local.address,
        wildcard: socket.options.isDisjoint(with: [.SO_REUSEADDR, .SO_REUSEPORT]), &machine)
    }
    return (local, foreign)
  }

  /// Which of our addresses an unbound socket sends from. A multicast goes out from its interface's,
  /// but without any way to it not even then (`in_pcbconnect_setup`).
  private mutating func sourceAddress(
    _ socket: Socket, to destination: IPv4Address, now: Instant
  ) throws(Errno) -> IPv4Address {
    let route =
      socket.options.contains(.SO_DONTROUTE)
      ? nil : rtalloc1(destination, fib: socket.fib, report: true)
    defer { if let route { rtfree(route, now: now) } }
    guard let chosen = sourceAddress(to: destination, over: route) else { throw .ENETUNREACH }
    guard destination.isMulticast, let interface = socket.multicast?.interface else {
      return addresses[chosen].address
    }
    guard let address = addresses.first(on: interface) else { throw .EADDRNOTAVAIL }
    return addresses[address].address
  }

  /// The address that `in_pcbladdr` chooses: the route's, but of a route to ourselves, or without any,
  /// one that faces the destination.
  func sourceAddress(to destination: IPv4Address, over route: RouteIndex?) -> AddressIndex? {
    if let route, !interfaces[routes[route].interface].flags.contains(.IFF_LOOPBACK) {
      return routes[route].address
    }
    let facing = ifaWithPeer(destination) ?? ifaWithNet(destination)
    return facing ?? (route == nil ? nil : ifaWithAddress(destination))
  }
}
