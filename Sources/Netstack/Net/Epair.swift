// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// The way of frames between the ends of a pair (net/if_epair.c).
///
/// A frame crosses as it is: the same buffer, with the FIB, the flags and the tags that it has.
extension Vnet {
  /// Hands a frame to the other end, through the queue of netisr (`epair_transmit_locked`).
  ///
  /// What this end sends is counted when the queue has taken it. A queue that was full once is not
  /// tried again before it has been emptied.
  @inline(never)
  mutating func epairTransmit<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) -> OutputResult {
    guard interfaces[interface].flags.contains(.IFF_UP) else {
      return discard(packet, .ifDown, .ENETDOWN, &machine, &tracer)
    }
    epairShow(packet, on: interface, &machine, &tracer)
    let end = interfaces[interface].epairEnd
    guard machine.epairs[EpairTable.other(end)].isUsable else {
      interfaces[interface].statistics[.oerrors] &+= 1
      return discard(packet, .epairDown, nil, &machine, &tracer)
    }
    guard machine.epairs.busy & machine.epairs[end].cpuBit == 0 else {
      return epairHold(packet, on: interface, &machine, &tracer)
    }
    guard machine.epairs[end].cable.isPlain else {
      return cableSend(packet, on: interface, &machine, &tracer)
    }
    return epairSend(packet, on: interface, &machine, &tracer)
  }

  /// Sends a frame that nothing holds up, and counts its bytes.
  @inline(__always)
  mutating func epairSend<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) -> OutputResult {
    let length = UInt64(packet.count)
    let isGroup = !packet.header.flags.isDisjoint(with: [.broadcast, .multicast])
    let result = epairCross(packet, on: interface, &machine, &tracer)
    if result.errno == nil {
      interfaces[interface].statistics[.obytes] &+= length
      if isGroup { interfaces[interface].statistics[.omcasts] &+= 1 }
    }
    return result
  }

  /// Shows a frame to observers and to the recording.
  @inline(__always)
  private mutating func epairShow<T: Tracer & ~Copyable>(
    _ packet: borrowing Packet, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    if interfaces[interface].bpfPeers > 0 { tap(packet, on: interface, .out, &machine) }
    if T.isOn {
      tracer.recordBytes(
        packet.number, .transmitted(interface), machine.store.bytes(of: packet))
    }
  }

  /// Queues a frame for the other end, in whose stack it comes in; a full queue frees it.
  private mutating func epairCross<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) -> OutputResult {
    let end = interfaces[interface].epairEnd
    let place = machine.epairs[EpairTable.other(end)].place
    let stream = UInt32(machine.epairs[EpairTable.other(end)].stream)
    packet.header.receivedOn = place.interface
    packet.header.vnet = place.vnet
    let record = packet.park()
    tracer.emit(
      record.number,
      .waypoint(.epairCross, UInt32(place.vnet.rawValue), UInt32(place.interface.rawValue)))
    let step = machine.netisr.select(record, .epair, source: stream)
    guard netisrPut(record, step, &machine, &tracer) else {
      let bit = machine.epairs[end].cpuBit
      machine.epairs.busy |= bit
      interfaces[interface].flags.insert(.IFF_DRV_OACTIVE)
      return discard(Packet(record), .isrQdrop, .ENOBUFS, &machine, &tracer)
    }
    interfaces[interface].statistics[.opackets] &+= 1
    var result = OutputResult(.continues, .epairCross)
    result.interface = interface
    return result
  }

  /// Puts a frame into the send queue, where it waits for the queue of netisr to be emptied.
  private mutating func epairHold<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) -> OutputResult {
    guard interfaces[interface].queueLength < interfaces[interface].queueLimit else {
      interfaces[interface].statistics[.sndDrops] &+= 1
      return discard(packet, .ifQfull, .ENOBUFS, &machine, &tracer)
    }
    interfaces[interface].queueLength += 1
    let number = packet.number
    stalled.append(StalledFrame(interface: interface, packet: packet.park()))
    machine.epairs.drainLater(interfaces[interface].epairEnd)
    var end = End(.held, .ifQfull)
    end.interface = interface
    machine.end(number, end, &tracer)
    return OutputResult(.held, .ifTx)
  }

  /// Sends what waits in the send queue, of which each frame that does not get through is lost
  /// (`epair_start_locked`).
  mutating func epairStart<T: Tracer & ~Copyable>(
    _ interface: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    guard interfaces[interface].isRunning else { return }
    let end = interfaces[interface].epairEnd
    for frame in takeStalled(of: interface) {
      machine.tally[.held] &-= 1
      let number = frame.packet.number
      let packet = Packet(frame.packet)
      epairShow(packet, on: interface, &machine, &tracer)
      let result: OutputResult
      if machine.epairs[EpairTable.other(end)].isUsable {
        result = epairCross(packet, on: interface, &machine, &tracer)
        if result.errno != nil { machine.epairs.drainLater(end) }
      } else {
        interfaces[interface].statistics[.oerrors] &+= 1
        result = discard(packet, .epairDown, nil, &machine, &tracer)
      }
      guard case .dropped = result.fate else { continue }
      var end = End(.dropped, result.id)
      end.interface = interface
      machine.end(number, end, &tracer)
    }
  }

  /// Takes a frame in from the other end (`epair_nh_sintr`).
  mutating func epairInput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ machine: inout Machine, _ tracer: inout T
  ) {
    let interface = packet.header.receivedOn
    interfaces[interface].statistics[.ipackets] &+= 1
    etherInput(packet, on: interface, &machine, &tracer)
  }

  /// Tells the other end of a pair whether this one takes frames; of what is no pair nothing.
  mutating func epairNote(_ interface: InterfaceIndex, _ machine: inout Machine) {
    guard interfaces[interface].driver == .epair else { return }
    machine.epairs[interfaces[interface].epairEnd].isUsable = interfaces[interface].isRunning
  }
}

extension EpairEnd {
  /// The bit of its processor.
  var cpuBit: UInt64 { 1 << UInt64(cpu & 63) }
}

extension Kernel {
  /// The queue of netisr was emptied: those who wait for that may send again
  /// (`epair_nh_drainedcpu`).
  ///
  /// Nobody waits who has not had a frame to send since the queue was full. As in 8.0 then nothing
  /// sends any more.
  mutating func epairDrained<T: Tracer & ~Copyable>(_ cpu: Int, _ tracer: inout T) {
    var position = 0
    while let end = machine.epairs.draining(at: position) {
      guard machine.epairs[end].cpu == UInt8(clamping: cpu) else {
        position += 1
        continue
      }
      let place = machine.epairs[end].place
      let stack = Int(place.vnet.rawValue)
      let bit = machine.epairs[end].cpuBit
      machine.epairs.busy &= ~bit
      tracer.enter(place.vnet)
      vnets[stack].interfaces[place.interface].flags.remove(.IFF_DRV_OACTIVE)
      vnets[stack].epairStart(place.interface, &machine, &tracer)
      guard !vnets[stack].interfaces[place.interface].flags.contains(.IFF_DRV_OACTIVE) else {
        return
      }
      if vnets[stack].interfaces[place.interface].queueLength == 0 {
        machine.epairs.endDraining(end)
      } else {
        position += 1
      }
    }
  }

  /// Makes the second end of a pair whose first is there, and joins them (`epair_clone_create`).
  ///
  /// - Throws: `ENOSPC` where the name does not fit.
  mutating func joinEpair(_ a: InterfaceIndex, unit: Int, _ stack: Int) throws(Errno) {
    guard let name = InterfaceName("epair\(unit)b") else { throw .ENOSPC }
    let b = vnets[stack].interfaces.attach(.epair(name), unit: unit)
    let vnet = VnetIndex(rawValue: UInt16(stack))
    let first = machine.epairs.insert(epairEnd(a, vnet, unit), epairEnd(b, vnet, unit))
    for (place, interface) in [a, b].enumerated() {
      vnets[stack].interfaces[interface].hardwareAddress = EthernetAddress(
        rawValue: 0x0200_0000_000a + UInt64(place) | UInt64(interface.rawValue) << 8)
      vnets[stack].interfaces[interface].epairEnd = first + Int32(place)
      vnets[stack].interfaces[interface].flags.insert(.IFF_DRV_RUNNING)
    }
    vnets[stack].rtAnnounce(b, isArrival: true)
    // Nothing new is in the group yet.
    try? vnets[stack].interfaces.groups.add(b, to: InterfaceDriver.epair.name)
  }

  /// An end as it is made: its stream is that of its number.
  private func epairEnd(_ interface: InterfaceIndex, _ vnet: VnetIndex, _ unit: Int) -> EpairEnd {
    let stream = Int(interface.rawValue) % machine.netisr.streamCount
    return EpairEnd(
      place: InterfacePlace(vnet, interface), unit: Int32(unit), stream: UInt16(stream),
      cpu: UInt8(clamping: machine.netisr.cpu(ofStream: stream)))
  }

  /// Removes both ends of a pair, the other one first (`epair_clone_destroy`).
  mutating func destroyEpair<T: Tracer & ~Copyable>(_ end: Int32, _ tracer: inout T) {
    let places = [machine.epairs[EpairTable.other(end)].place, machine.epairs[end].place]
    for place in places {
      let stack = Int(place.vnet.rawValue)
      vnets[stack].interfaces[place.interface].flags.remove(.IFF_DRV_RUNNING)
      vnets[stack].epairNote(place.interface, &machine)
    }
    for place in places {
      tracer.enter(place.vnet)
      let outer = machine.enter(place.vnet)
      vnets[Int(place.vnet.rawValue)].detach(place.interface, fib: .zero, &machine, &tracer)
      machine.leave(to: outer)
    }
    while let frame = machine.epairs.takeUnderWay(end) {
      machine.tally[.held] &-= 1
      machine.finish(Packet(frame.packet), End(.dropped, .linkGone), &tracer)
    }
    machine.epairs.remove(end)
  }
}
