// SPDX-License-Identifier: BSD-2-Clause

package import Wire

/// A host that a user declared to be on the wire of a card; no part of the modelled system.
///
/// It answers as a plain host does: ARP requests for its address, echo and time stamp requests, UDP
/// to its ports, which are all closed, and TCP segments, which it resets. With `networks` it is a
/// router too, and the hosts of these networks, which are one hop behind it, answer alike.
package struct Neighbor: Hashable, Sendable {
  /// When it answers.
  package enum Habit: Hashable, Sendable {
    case answers
    /// Hears all and says nothing.
    case silent
    /// Answers for so many nanoseconds, is silent for as many, and so on from its declaration.
    case flaps(period: UInt64)
  }

  package internal(set) var vnet: VnetIndex
  package internal(set) var interface: InterfaceIndex
  package let address: IPv4Address
  package var hardwareAddress: EthernetAddress
  package var habit = Habit.answers
  /// Nanoseconds between a frame that leaves the card and the answer's arrival.
  package var delay = Neighbor.usualDelay
  /// What it is a router to.
  package var networks: [IPv4Prefix] = []
  /// The VLAN it is in, whose frames have a tag; nil for frames without.
  package var tag: UInt16?
  /// When it was declared; its flapping begins then.
  package var since = Instant(nanoseconds: 0)
  /// Frames to it, and how many of them it answered.
  package internal(set) var heard: UInt64 = 0
  package internal(set) var answered: UInt64 = 0
  /// The identification of its last IP packet.
  var lastID: UInt16 = 0
  /// The datagram of which fragments come in.
  var partial: PartialDatagram?

  /// A tenth of a millisecond, as there and back on a small Ethernet.
  package static let usualDelay: UInt64 = 100_000

  package init(
    _ address: IPv4Address, _ hardwareAddress: EthernetAddress, on interface: InterfaceIndex,
    vnet: VnetIndex = .zero
  ) {
    self.address = address
    self.hardwareAddress = hardwareAddress
    self.interface = interface
    self.vnet = vnet
  }

  /// Whether it would answer at that moment.
  package func isTalking(at now: Instant) -> Bool {
    switch habit {
    case .answers: return true
    case .silent: return false
    case .flaps(let period):
      let age = now.nanoseconds - min(since.nanoseconds, now.nanoseconds)
      return age / max(period, 1) % 2 == 0
    }
  }

  /// Whether it is the one of that place and address.
  func isAt(_ vnet: VnetIndex, _ interface: InterfaceIndex, _ address: IPv4Address) -> Bool {
    self.vnet == vnet && self.interface == interface && self.address == address
  }
}

/// The fragments of a datagram so far, which a wire brings in order.
struct PartialDatagram: Hashable, Sendable {
  /// The header of the first fragment.
  let header: IPv4Header
  /// That header's bytes, options included.
  let headerBytes: [UInt8]
  var payload: [UInt8]
}
