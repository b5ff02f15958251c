// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What lies outside of the cards: the stations on their wires, and the frames under way to them.
///
/// A card whose wire somebody listens to says so in `Ifnet.isHeard`; for all others the medium costs
/// the packet path nothing but that look. A frame is under way for a time, then arrives as one that
/// the driver receives, by a timer of its own, so that the order is the same in each run.
package struct Medium: Sendable {
  /// A frame that will arrive at a card.
  struct Arrival: Sendable {
    let number: UInt64
    fileprivate(set) var vnet: VnetIndex
    fileprivate(set) var interface: InterfaceIndex
    let moment: Instant
    let frame: [UInt8]
  }

  /// The declared hosts in the order of their declaration, which is that of equal answers too.
  package internal(set) var neighbors: [Neighbor] = []
  private var underWay: [Arrival] = []
  private var lastNumber: UInt64 = 0

  /// When the next frame arrives.
  package var nextArrival: Instant? { underWay.map(\.moment).min() }

  /// Puts a frame under way; the number is that of its timer.
  mutating func launch(
    _ frame: [UInt8], to interface: InterfaceIndex, _ vnet: VnetIndex, arriving moment: Instant
  ) -> UInt64 {
    lastNumber += 1
    underWay.append(
      Arrival(
        number: lastNumber, vnet: vnet, interface: interface, moment: moment, frame: frame))
    return lastNumber
  }

  /// Takes a frame off the wire; nil if its card went away meanwhile.
  mutating func land(_ number: UInt64) -> Arrival? {
    guard let place = underWay.firstIndex(where: { $0.number == number }) else { return nil }
    return underWay.remove(at: place)
  }

  /// A card is elsewhere now, and its wire with it.
  mutating func interfaceMoved(from: InterfacePlace, to: InterfacePlace) {
    for place in neighbors.indices
    where neighbors[place].interface == from.interface && neighbors[place].vnet == from.vnet {
      (neighbors[place].vnet, neighbors[place].interface) = (to.vnet, to.interface)
    }
    for place in underWay.indices
    where underWay[place].interface == from.interface && underWay[place].vnet == from.vnet {
      (underWay[place].vnet, underWay[place].interface) = (to.vnet, to.interface)
    }
  }

  /// Forgets all that is on a card's wire.
  mutating func purge(_ interface: InterfaceIndex, _ vnet: VnetIndex) {
    neighbors.removeAll { $0.interface == interface && $0.vnet == vnet }
    underWay.removeAll { $0.interface == interface && $0.vnet == vnet }
  }
}

extension Machine {
  /// A card put a frame onto a wire that somebody listens to: each who answers sends something back.
  @inline(never)
  mutating func carry(
    _ packet: borrowing Packet, from interface: InterfaceIndex, _ vnet: VnetIndex
  ) {
    let frame = store.array(of: packet)
    let clock = millisecondsSinceMidnight
    for place in medium.neighbors.indices
    where medium.neighbors[place].interface == interface && medium.neighbors[place].vnet == vnet {
      for answer in medium.neighbors[place].answers(to: frame, at: now, clock) {
        launch(answer, to: interface, vnet, after: medium.neighbors[place].delay)
      }
    }
  }

  /// Puts a frame under way to a card.
  mutating func launch(
    _ frame: [UInt8], to interface: InterfaceIndex, _ vnet: VnetIndex, after delay: UInt64
  ) {
    let (sum, overflow) = now.nanoseconds.addingReportingOverflow(delay)
    let moment = overflow ? now : Instant(nanoseconds: sum)
    let number = medium.launch(frame, to: interface, vnet, arriving: moment)
    timers.set(.arrival(number), vnet: .zero, at: moment)
  }
}
