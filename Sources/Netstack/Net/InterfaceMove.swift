// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// An interface on its way to another stack, with what stays its own.
struct TravellingInterface {
  var interface: Ifnet
  var details: InterfaceDetails
  var tunnel: Tunnel?
  var carp: CarpSettings?
}

/// An interface that goes to another stack (`if_vmove`, net/if.c).
extension Vnet {
  /// Takes an interface out: it goes down and loses addresses, routes, groups and memberships. It
  /// keeps name, address, MTU, capabilities, media and who watches it.
  mutating func release<T: Tracer & ~Copyable>(
    _ interface: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) -> TravellingInterface {
    let carp = carpSettings(of: interface)
    carpRemove(interface, &machine, &tracer)
    // A bridge leaves its members behind.
    bridgeDestroy(interface, &machine, &tracer)
    strip(interface, fib: .zero, &machine, &tracer)
    carpParentDeparts(interface, .moved, &machine)
    reassembly.forget(interface)
    let traveller = TravellingInterface(
      interface: interfaces[interface], details: interfaces[details: interface],
      tunnel: tunnels.tunnel(of: interface), carp: carp)
    tunnels.remove(interface)
    rtAnnounce(interface, isArrival: false)
    interfaces.detach(interface)
    return traveller
  }

  /// Takes an interface in, at the lowest free number; it is in no group but `all`.
  mutating func adopt(_ traveller: TravellingInterface) -> InterfaceIndex {
    let interface = interfaces.attach(traveller.interface, traveller.details)
    if let tunnel = traveller.tunnel { tunnels.insert(tunnel.moved(to: interface)) }
    if let carp = traveller.carp { carpAdopt(interface, carp) }
    if interfaces[interface].driver == .bridge {
      bridges.insert(interface, interfaces[interface].hardwareAddress)
    }
    rtAnnounce(interface, isArrival: true)
    return interface
  }
}

extension Machine {
  /// Every table of the machine that names interfaces hears that one is elsewhere now.
  mutating func interfaceMoved(from: InterfacePlace, to: InterfacePlace) {
    observers.interfaceMoved(from: from, to: to)
    medium.interfaceMoved(from: from, to: to)
    netisr.interfaceMoved(from: from, to: to)
    dummynet.interfaceMoved(from: from, to: to)
    epairs.moved(from: from, to: to)
  }

  /// A stack is gone: its timers, and what waits of it in the queues that all stacks share.
  mutating func forget<T: Tracer & ~Copyable>(_ vnet: VnetIndex, _ tracer: inout T) {
    timers.cancelAll(of: vnet)
    dummynet.forget(vnet)
    while let item = netisr.remove(where: { $0.vnet == vnet }) {
      if item.isHeld { tally[.held] &-= 1 }
      finish(Packet(item.packet), End(.dropped, .vnetGone), &tracer)
    }
  }
}

/// What a stack that ends leaves.
extension Vnet {
  /// Closes all sockets, as the end of their processes would.
  mutating func endSockets<T: Tracer & ~Copyable>(_ machine: inout Machine, _ tracer: inout T) {
    while sockets.count > 0 {
      let socket = sockets.newest(at: 0)
      leaveGroups(of: socket, &machine, &tracer)
      freeSocket(socket, &machine)
    }
  }

  /// Gives up what still waits: fragments, and packets for neighbours.
  mutating func endWaiting<T: Tracer & ~Copyable>(_ machine: inout Machine, _ tracer: inout T) {
    ipDrain(&machine, &tracer)
  }
}
