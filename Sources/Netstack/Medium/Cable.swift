// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// What the cable between the ends of a pair does to the frames of one direction. Nothing of 8.0, whose
/// pairs have no cable: it is for labs.
package struct CableSettings: Hashable, BitwiseCopyable, Sendable {
  /// How long a frame is under way, in nanoseconds.
  package var delay: UInt64 = 0
  /// Bits a second; 0 for no limit.
  package var bandwidth: UInt64 = 0
  /// How many of 2^31 - 1 frames are lost, as dummynet's `plr`.
  package var loss: UInt32 = 0
  /// How many frames may wait for the bandwidth.
  package var queue: UInt32 = 50

  package init() {}

  /// Certain loss.
  package static let certainLoss = UInt32(Int32.max)
}

/// One direction of a cable.
package struct Cable: BitwiseCopyable, Sendable {
  package internal(set) var settings = CableSettings()
  /// It is pulled out.
  package internal(set) var isDown = false
  /// When the last bit leaves of what was sent last.
  var busyUntil = Instant(nanoseconds: 0)
  /// Frames that chance took, and those that found no room to wait.
  package internal(set) var lost: UInt64 = 0
  package internal(set) var refused: UInt64 = 0

  /// Whether frames pass as if there were none: what the packet path asks.
  var isPlain = true

  mutating func settle() {
    isPlain = !isDown && settings.delay == 0 && settings.bandwidth == 0 && settings.loss == 0
  }
}

/// A frame on a cable.
struct CableFrame: BitwiseCopyable {
  let number: UInt64
  let packet: Packet.Record
  /// The end that it leaves.
  let end: Int32
  let sent: Instant
  /// When its last bit has left, and when it comes in.
  let departure: Instant
  let arrival: Instant
}

extension Vnet {
  /// Sends a frame over a cable that is more than none: it may be lost, wait for its turn, and take its
  /// time.
  @inline(never)
  mutating func cableSend<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) -> OutputResult {
    let end = interfaces[interface].epairEnd
    let cable = machine.epairs[end].cable
    let length = packet.count
    func isLost(_ machine: inout Machine) -> Bool {
      cable.settings.loss > 0
        && UInt32(truncatingIfNeeded: machine.random.next() >> 33) < cable.settings.loss
    }
    if cable.isDown || isLost(&machine) {
      machine.epairs[end].cable.lost &+= 1
      countSent(length, packet, on: interface)
      return discard(packet, cable.isDown ? .linkDown : .linkLost, nil, &machine, &tracer)
    }
    guard cable.settings.delay > 0 || cable.settings.bandwidth > 0 else {
      return epairSend(packet, on: interface, &machine, &tracer)
    }
    countSent(length, packet, on: interface)
    guard let arrival = machine.launch(packet.header, from: end, length: length) else {
      machine.epairs[end].cable.refused &+= 1
      return discard(packet, .linkFull, nil, &machine, &tracer)
    }
    let number = packet.number
    let nanoseconds = arrival.nanoseconds - machine.now.nanoseconds
    _ = packet.park()
    tracer.emit(number, .waypoint(.linkSent, UInt32(clamping: nanoseconds / 1000), 0))
    var held = End(.held, .linkHeld)
    held.interface = interface
    machine.end(number, held, &tracer)
    return OutputResult(.held, .linkHeld)
  }

  private mutating func countSent(
    _ length: Int, _ packet: borrowing Packet, on interface: InterfaceIndex
  ) {
    interfaces[interface].statistics[.opackets] &+= 1
    interfaces[interface].statistics[.obytes] &+= UInt64(length)
    if !packet.header.flags.isDisjoint(with: [.broadcast, .multicast]) {
      interfaces[interface].statistics[.omcasts] &+= 1
    }
  }
}

extension Machine {
  /// Puts a frame onto a cable.
  ///
  /// - Returns: When it comes in; nil where too many wait for the bandwidth.
  fileprivate mutating func launch(
    _ packet: Packet.Record, from end: Int32, length: Int
  ) -> Instant? {
    let settings = epairs[end].cable.settings
    var departure = now
    if settings.bandwidth > 0 {
      guard epairs.waiting(at: end, now) < Int(settings.queue) else { return nil }
      let start = max(now, epairs[end].cable.busyUntil)
      let bits = UInt64(length) * 8_000_000_000
      departure = start.advanced(byNanoseconds: bits / settings.bandwidth)
      epairs[end].cable.busyUntil = departure
    }
    let arrival = departure.advanced(byNanoseconds: settings.delay)
    let number = epairs.launch(packet, from: end, sent: now, departure, arrival)
    timers.set(.cable(number), vnet: .zero, at: arrival)
    return arrival
  }
}

extension Instant {
  /// A later moment; the last there is where that is too late.
  fileprivate func advanced(byNanoseconds count: UInt64) -> Instant {
    let (sum, overflow) = nanoseconds.addingReportingOverflow(count)
    return Instant(nanoseconds: overflow ? .max : sum)
  }
}

extension Kernel {
  /// A frame has come to the other end of its cable (`TimerKind.cable`).
  mutating func cableArrival<T: Tracer & ~Copyable>(_ number: UInt64, _ tracer: inout T) {
    guard let frame = machine.epairs.land(number) else { return }
    machine.tally[.held] &-= 1
    let place = machine.epairs[EpairTable.other(frame.end)].place
    let stack = Int(place.vnet.rawValue)
    var packet = Packet(frame.packet)
    tracer.enter(place.vnet)
    guard !machine.epairs[frame.end].cable.isDown else {
      machine.epairs[frame.end].cable.lost &+= 1
      return vnets[stack].drop(packet, .linkDown, &machine, &tracer)
    }
    (packet.header.vnet, packet.header.receivedOn) = (place.vnet, place.interface)
    let time = (machine.now.nanoseconds - frame.sent.nanoseconds) / 1000
    tracer.emit(packet.number, .waypoint(.linkArrives, UInt32(clamping: time), 0))
    let record = packet.park()
    let stream = UInt32(machine.epairs[EpairTable.other(frame.end)].stream)
    let step = machine.netisr.select(record, .epair, source: stream)
    if !vnets[stack].netisrPut(record, step, &machine, &tracer) {
      vnets[stack].drop(Packet(record), .isrQdrop, &machine, &tracer)
    }
  }
}
