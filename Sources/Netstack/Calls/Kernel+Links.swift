// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// One direction of a cable as link(8) shows it.
package struct LinkReport: Sendable {
  package let end: Int32
  package let from: InterfacePlace
  package let to: InterfacePlace
  package let cable: Cable
  /// Frames that it carries at the moment.
  package let underWay: Int
}

/// The cables between pairs of interfaces. No part of the modelled system: a user lays them.
extension Kernel {
  /// Both directions of all cables, in the order of the pairs' numbers.
  package var links: [LinkReport] {
    let ends = (0..<machine.epairs.count).filter { machine.epairs[$0].place.interface != .none }
    return ends.sorted { (machine.epairs[$0].unit, $0) < (machine.epairs[$1].unit, $1) }
      .map { link($0) }
  }

  /// The direction that leaves an end.
  package func link(_ end: Int32) -> LinkReport {
    LinkReport(
      end: end, from: machine.epairs[end].place,
      to: machine.epairs[EpairTable.other(end)].place, cable: machine.epairs[end].cable,
      underWay: machine.epairs.underWay(from: end))
  }

  /// The ends of the pair of a number; none where there is no such pair.
  package func epairEnds(unit: Int) -> [Int32] {
    (0..<machine.epairs.count).filter {
      machine.epairs[$0].place.interface != .none && Int(machine.epairs[$0].unit) == unit
    }
  }

  /// Says what a cable does to the frames that leave an end from now on.
  package mutating func setLink(_ end: Int32, _ settings: CableSettings) {
    machine.epairs[end].cable.settings = settings
    machine.epairs[end].cable.settle()
  }

  /// Puts a cable in or pulls it out, of which both ends hear; with `unknown` they are as made.
  package mutating func setCable<T: Tracer & ~Copyable>(
    _ end: Int32, _ state: LinkState, tracer: inout T
  ) {
    for end in [end, EpairTable.other(end)] {
      let place = machine.epairs[end].place
      tracer.enter(place.vnet)
      vnets[Int(place.vnet.rawValue)].setLinkState(state, of: place.interface, &machine, &tracer)
    }
    layCable(end)
    drain(&tracer)
  }

  /// A cable carries frames unless one of its ends has none.
  mutating func layCable(_ end: Int32) {
    var isDown = false
    for end in [end, EpairTable.other(end)] {
      let place = machine.epairs[end].place
      let state = vnets[Int(place.vnet.rawValue)].interfaces[place.interface].linkState
      isDown = isDown || state == .down
    }
    for end in [end, EpairTable.other(end)] {
      machine.epairs[end].cable.isDown = isDown
      machine.epairs[end].cable.settle()
    }
  }

  /// The same with nobody listening.
  package mutating func setCable(_ end: Int32, _ state: LinkState) {
    var silent = Silent()
    setCable(end, state, tracer: &silent)
  }
}
