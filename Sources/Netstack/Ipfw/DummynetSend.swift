// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// The packet path's way into dummynet and out of it (netinet/ipfw/ip_dummynet.c).
extension Vnet {
  /// Takes a packet into a pipe or a queue (`dummynet_io`).
  ///
  /// A packet that waits has its verdict; one that is not let in ends here, and the hook says
  /// nothing of it, as 8.0 does not look at what dummynet returns.
  ///
  /// - Parameter interface: What it is to leave by, for the ways out.
  /// - Returns: The packet if it need not wait; its header refers to the rule it comes from.
  mutating func dummynetIO<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ exit: DummynetExit, on interface: InterfaceIndex,
    _ request: DummynetRequest, _ machine: inout Machine, _ tracer: inout T
  ) -> Packet? {
    packet.header.vnet = index
    packet.header.ruleReference = request.order.reference
    let record = packet.park()
    let waiting = DummynetPacket(
      record: record, exit: exit, interface: exit.isOut ? interface : .none, arrival: 0)
    var ticket: DummynetTicket
    switch machine.dummynetAdmit(waiting, request) {
    case .refused(let reason):
      machine.finish(Packet(record), End(.dropped, reason), &tracer)
      return nil
    case .taken(let taken): ticket = taken
    }
    machine.setDummynetTimer()
    tracer.emit(
      record.number,
      .waypoint(
        request.order.isQueue ? .dnQueue : .dnPipe, UInt32(bitPattern: ticket.pipe), ticket.depth))
    if ticket.chain.head == ticket.place, exit.mayPassAtOnce {
      return passAtOnce(&ticket.chain, &machine, &tracer)
    }
    var end = End(.held, exit.heldID)
    end.interface = exit.isOut ? interface : record.receivedOn
    end.fib = record.fib
    end.fibChooser = record.fibChooser
    machine.end(record.number, end, &tracer)
    dummynetSend(ticket.chain, &machine, &tracer)
    return nil
  }

  /// A packet that was ready at once goes on in its caller. What was made ready behind it is lost, as
  /// the original cuts it off.
  private func passAtOnce<T: Tracer & ~Copyable>(
    _ chain: inout DummynetChain, _ machine: inout Machine, _ tracer: inout T
  ) -> Packet? {
    machine.dummynet.ioFast &+= 1
    guard let first = machine.dummynet.popFirst(&chain) else { return nil }
    tracer.emit(first.record.number, .waypoint(.dnFast, 0, 0))
    if !chain.isEmpty {
      machine.log("dummynet: fast io: pkt chain detected!")
      machine.endDummynet(chain, .dnCutoff, &tracer)
    }
    return Packet(first.record)
  }

  /// Sends packets whose time has come; those of other stacks wait for the kernel (`dummynet_send`).
  mutating func dummynetSend<T: Tracer & ~Copyable>(
    _ chain: DummynetChain, _ machine: inout Machine, _ tracer: inout T
  ) {
    var chain = chain
    while let packet = machine.dummynet.popFirst(&chain) {
      if packet.record.vnet == index {
        dummynetSend(packet, &machine, &tracer)
      } else {
        machine.dummynet.putElsewhere(packet)
      }
    }
  }

  /// Sends a packet whose time has come: to the IP output anew, by a route of its own FIB, to the IP
  /// input from its start, or back to Ethernet.
  mutating func dummynetSend<T: Tracer & ~Copyable>(
    _ waiting: DummynetPacket, _ machine: inout Machine, _ tracer: inout T
  ) {
    let record = waiting.record
    machine.tally[.held] &-= 1
    tracer.emit(
      record.number,
      .waypoint(
        .dnLeaves, UInt32(truncatingIfNeeded: machine.dummynet.now),
        UInt32(truncatingIfNeeded: machine.dummynet.now &- waiting.arrival)))
    switch waiting.exit {
    case .toIPOut:
      _ = ipOutputLocal(
        Packet(record), OutputRequest(flags: .IP_FORWARDING), &machine, &tracer)
    case .toIPIn:
      netisrDispatch(Packet(record), .ip, &machine, &tracer)
    case .toIP6In, .toIP6Out:
      let way = waiting.exit == .toIP6In ? 6 : 7
      machine.log("dummynet: bad switch \(way)!")
      machine.finish(Packet(record), End(.dropped, .dnInet6), &tracer)
    case .toNowhere: machine.finish(Packet(record), End(.dropped, .dnProfile), &tracer)
    case .toVnetGone: machine.finish(Packet(record), End(.dropped, .vnetGone), &tracer)
    case .toEthernetDemux:
      guard let header = EthernetHeader(machine.store.bytes(of: record)) else {
        return drop(Packet(record), .ethRunt, &machine, &tracer)
      }
      etherDemux(Packet(record), header, on: record.receivedOn, &machine, &tracer)
    case .toBridge:
      bridgeDummynet(Packet(record), on: waiting.interface, &machine, &tracer)
    case .toEthernetOut:
      let result = etherOutputFrame(Packet(record), on: waiting.interface, &machine, &tracer)
      endOutput(record, result, ttl: 0, &machine, &tracer)
    }
  }
}

extension DummynetExit {
  /// The id of the hook that gave the packet away.
  fileprivate var heldID: TraceID {
    switch self {
    case .toIPIn, .toIP6In, .toNowhere, .toVnetGone: .ipFwConsumed
    case .toIPOut, .toIP6Out: .outFwConsumed
    case .toEthernetDemux, .toEthernetOut: .ethFwHold
    case .toBridge: .brFwHold
    }
  }
}

extension Machine {
  /// What is to be done at the tick that the timer was set for; what leaves is in the chain.
  mutating func dummynetTask() -> DummynetChain {
    dummynet.timerTick = nil
    dummynet.readClock(now)
    let chain = dummynet.task(&random)
    setDummynetTimer()
    return chain
  }

  /// Ends packets that had their verdict, and waited.
  mutating func endDummynet<T: Tracer & ~Copyable>(
    _ chain: DummynetChain, _ reason: TraceID, _ tracer: inout T
  ) {
    var chain = chain
    while let packet = dummynet.popFirst(&chain) {
      tally[.held] &-= 1
      finish(Packet(packet.record), End(.dropped, reason), &tracer)
    }
  }
}

extension Kernel {
  /// The tick that dummynet's timer was set for.
  mutating func dummynetTask<T: Tracer & ~Copyable>(_ tracer: inout T) {
    var chain = machine.dummynetTask()
    while let packet = machine.dummynet.popFirst(&chain) {
      let outer = machine.enter(packet.record.vnet)
      tracer.enter(packet.record.vnet)
      vnets[Int(packet.record.vnet.rawValue)].dummynetSend(packet, &machine, &tracer)
      machine.leave(to: outer)
    }
  }

  /// Sends what one stack set free of another's.
  mutating func sendElsewhere<T: Tracer & ~Copyable>(_ tracer: inout T) {
    while let packet = machine.dummynet.nextElsewhere() {
      let outer = machine.enter(packet.record.vnet)
      tracer.enter(packet.record.vnet)
      vnets[Int(packet.record.vnet.rawValue)].dummynetSend(packet, &machine, &tracer)
      machine.leave(to: outer)
    }
  }
}
