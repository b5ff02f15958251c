// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// The way of a packet that crosses pairs of interfaces, piece by piece.
extension PacketTrace {
  /// A packet comes in where it has been before.
  struct Visit {
    let place: InterfacePlace
    /// The second time, the third...
    let count: Int
    /// How often it comes there in all.
    let total: Int

    /// Whether it is none of the first and not the last.
    var isDull: Bool { count > 3 && count < total }
  }

  /// The pieces of the way, each from where the packet came in or was made to where it left; the last
  /// one has its end. All pieces of one that crosses nothing are one.
  var hops: [PacketTrace] {
    var hops = [PacketTrace(number: number)]
    var hasLeft = false
    for (step, vnet) in zip(steps, vnets) {
      if case .bytes(let sighting) = step {
        if case .transmitted = sighting.moment { hasLeft = true }
        if hasLeft, case .received = sighting.moment {
          hasLeft = false
          hops.append(PacketTrace(number: number))
        }
      }
      switch step {
      case .event(let event): hops[hops.count - 1].append(event, in: vnet)
      case .bytes(let sighting): hops[hops.count - 1].append(sighting, in: vnet)
      }
    }
    return hops
  }

  /// The steps by which the packet comes in at an interface again.
  var visits: [Int: Visit] {
    var places: [InterfacePlace: [Int]] = [:]
    for (place, step) in steps.enumerated() {
      guard case .bytes(let sighting) = step, case .received(let interface) = sighting.moment
      else { continue }
      places[InterfacePlace(vnets[place], interface), default: []].append(place)
    }
    var visits: [Int: Visit] = [:]
    for (spot, steps) in places {
      for (number, step) in steps.enumerated().dropFirst() {
        visits[step] = Visit(place: spot, count: number + 1, total: steps.count)
      }
    }
    return visits
  }

  /// The frame as it came in last before a step.
  func frame(before place: Int) -> TraceRun.Sighting? {
    for case .bytes(let sighting) in steps[..<place].reversed() {
      if case .received = sighting.moment { return sighting }
    }
    return nil
  }

  /// The route that was taken last, if one was asked for.
  var route: RouteSummary? {
    for case .event(.route(let step)) in steps.reversed() { return step.answer }
    return nil
  }

  /// Whom the frame was for.
  var nextHop: IPv4Address? {
    for case .event(.arp(let step)) in steps.reversed() { return step.nextHop }
    return nil
  }
}
