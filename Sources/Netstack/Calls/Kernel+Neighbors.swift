// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
package import Wire

/// The declared hosts on the wires of the cards. No part of the modelled system: a user sets them up
/// as one would plug in a machine.
extension Kernel {
  /// Those of a stack's cards, in the order of their declaration.
  package func neighbors(vnet: VnetIndex) -> [Neighbor] {
    machine.medium.neighbors.filter { $0.vnet == vnet }
  }

  /// The one of that address on a card's wire.
  package func neighbor(
    vnet: VnetIndex, interface: InterfaceIndex, _ address: IPv4Address
  ) -> Neighbor? {
    machine.medium.neighbors.first { $0.isAt(vnet, interface, address) }
  }

  /// Puts a host on the wire of a card, in place of one with its address.
  ///
  /// - Throws: `ENXIO` for a card that is not there, `ENODEV` for an interface without a wire.
  package mutating func setNeighbor(_ neighbor: Neighbor) throws(Errno) {
    let stack = try stack(neighbor.vnet, neighbor.interface)
    guard vnets[stack].interfaces[neighbor.interface].driver == .em else { throw .ENODEV }
    var neighbor = neighbor
    neighbor.since = machine.now
    let place = machine.medium.neighbors.firstIndex {
      $0.isAt(neighbor.vnet, neighbor.interface, neighbor.address)
    }
    if let place {
      machine.medium.neighbors[place] = neighbor
    } else {
      machine.medium.neighbors.append(neighbor)
    }
    vnets[stack].interfaces[neighbor.interface].isHeard = true
  }

  /// Takes a host off the wire; what it sent already arrives.
  ///
  /// - Throws: `ESRCH` if there is none with that address.
  package mutating func deleteNeighbor(
    vnet: VnetIndex, interface: InterfaceIndex, _ address: IPv4Address
  ) throws(Errno) {
    guard
      let place = machine.medium.neighbors.firstIndex(where: {
        $0.isAt(vnet, interface, address)
      })
    else { throw .ESRCH }
    machine.medium.neighbors.remove(at: place)
    vnets[Int(vnet.rawValue)].interfaces[interface].isHeard = machine.medium.neighbors.contains {
      $0.vnet == vnet && $0.interface == interface
    }
  }

  /// Lets a host tell all stations its address (gratuitous ARP), even one that answers nothing.
  ///
  /// - Throws: `ESRCH` if there is none with that address.
  package mutating func announceNeighbor(
    vnet: VnetIndex, interface: InterfaceIndex, _ address: IPv4Address
  ) throws(Errno) {
    guard let neighbor = neighbor(vnet: vnet, interface: interface, address) else {
      throw .ESRCH
    }
    machine.launch(neighbor.announcement(), to: interface, vnet, after: neighbor.delay)
  }

  /// A frame that was under way has come to its card (`TimerKind.arrival`).
  mutating func arrive<T: Tracer & ~Copyable>(_ number: UInt64, _ tracer: inout T) {
    guard let arrival = machine.medium.land(number),
      vnets[Int(arrival.vnet.rawValue)].interfaces[arrival.interface].linkState != .down
    else { return }
    _ = receiveFrame(
      arrival.frame.rawBytes, FrameFacts(on: arrival.interface), arrival.vnet, &tracer)
  }
}
