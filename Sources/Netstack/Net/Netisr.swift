// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// Handing packets to the protocols: now, or through their queue (net/netisr.c).
extension Vnet {
  /// Runs the protocol at once where the sysctls and the order of packets allow it, else queues
  /// (`netisr_dispatch_src`).
  mutating func netisrDispatch<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ netisr: NetisrProtocol, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    guard machine.sysctl.isrDirect else {
      _ = netisrQueue(packet, netisr, &machine, &tracer)
      return
    }
    guard machine.sysctl.isrDirectForce else {
      return netisrHybrid(packet, netisr, &machine, &tracer)
    }
    machine.netisr.dispatchDirectly(netisr)
    tracer.emit(packet.number, .netisr(machine.netisr.direct(netisr)))
    netisrHandle(packet, netisr, &machine, &tracer)
  }

  /// Runs the protocol at once if this CPU is the stream's and nobody works for the stream.
  @inline(never)
  private mutating func netisrHybrid<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ netisr: NetisrProtocol, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    var step = machine.netisr.select(packet.header, netisr, source: 0)
    guard machine.netisr.beginHybrid(on: Int(step.cpu)) else {
      _ = netisrAppend(packet, step, &machine, &tracer)
      return
    }
    step.id = .isrHybrid
    tracer.emit(packet.number, .netisr(step))
    netisrHandle(packet, netisr, &machine, &tracer)
    machine.netisr.endHybrid(netisr)
  }

  /// Queues a packet for its protocol; a full queue drops it (`netisr_queue_src`).
  ///
  /// - Parameter source: What a caller knows of where the packet is from.
  /// - Returns: `ENOBUFS` for a packet that was dropped.
  mutating func netisrQueue<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ netisr: NetisrProtocol, source: UInt32 = 0,
    _ machine: inout Machine, _ tracer: inout T
  ) -> Errno? {
    let step = machine.netisr.select(packet.header, netisr, source: source)
    return netisrAppend(packet, step, &machine, &tracer)
  }

  private mutating func netisrAppend<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ target: NetisrStep, _ machine: inout Machine, _ tracer: inout T
  ) -> Errno? {
    packet.header.vnet = index
    let record = packet.park()
    guard netisrPut(record, target, &machine, &tracer) else {
      drop(Packet(record), .isrQdrop, &machine, &tracer)
      return .ENOBUFS
    }
    return nil
  }

  /// Puts a packet into the queue of its protocol and its stream; false where that is full.
  mutating func netisrPut<T: Tracer & ~Copyable>(
    _ record: Packet.Record, _ target: NetisrStep, _ machine: inout Machine, _ tracer: inout T
  ) -> Bool {
    let limit = machine.netisrLimit(target.netisr)
    let isHeld = machine.netisr.isStopped(Int(target.cpu))
    let length = machine.netisr.append(
      record, target.netisr, on: Int(target.cpu), limit: limit, isHeld: isHeld)
    var step = target
    step.length = UInt32(clamping: length ?? limit)
    step.limit = UInt32(clamping: limit)
    tracer.emit(record.number, .netisr(step))
    if isHeld, length != nil { machine.end(record.number, End(.held, .isrHeld), &tracer) }
    return length != nil
  }

  /// Gives a packet to its protocol (`np_handler`).
  @inline(__always)
  mutating func netisrHandle<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ netisr: NetisrProtocol, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    switch netisr {
    case .ip: ipInput(packet, &machine, &tracer)
    case .arp: arpIntr(packet, &machine, &tracer)
    case .igmp: igmpIntr(packet, &machine, &tracer)
    case .epair: epairInput(packet, &machine, &tracer)
    // Messages of routing sockets are no packets.
    case .rtsock: drop(packet, .isrQdrop, &machine, &tracer)
    }
  }
}

extension Vnet {
  /// Drops what waits for a stopped worker and came from an interface that goes. 8.0 leaves it there,
  /// with a pointer to what is no interface any more.
  mutating func netisrPurge<T: Tracer & ~Copyable>(
    _ interface: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    guard machine.netisr.count > 0 else { return }
    let vnet = index
    let isLast = interface == loopback
    while let item = machine.netisr.remove(where: {
      $0.vnet == vnet && ($0.receivedOn == interface || isLast && $0.receivedOn == .none)
    }) {
      if item.isHeld { machine.tally[.held] &-= 1 }
      drop(Packet(item.packet), .isrGone, &machine, &tracer)
    }
  }
}

/// Which stream a packet belongs to.
extension NetisrQueue {
  /// A packet that its protocol gets at once.
  func direct(_ netisr: NetisrProtocol) -> NetisrStep {
    NetisrStep(direct: netisr, cpu: UInt8(cpu), streams: UInt8(streamCount))
  }

  /// A packet that a worker takes.
  func taking(_ item: Item) -> NetisrStep {
    var step = select(item.packet, item.netisr, source: 0)
    step.id = .isrWorker
    // What the caller added is not known any more; where the packet is, is.
    step.cpu = UInt8(cpu)
    step.stream = UInt8(turn)
    return step
  }

  /// The stream of a packet, and why (`netisr_select_cpuid`).
  func select(
    _ packet: Packet.Record, _ netisr: NetisrProtocol, source: UInt32
  ) -> NetisrStep {
    let streams = UInt32(streamCount)
    var step = NetisrStep(
      id: .isrQueued, netisr: netisr, cpu: 0, streams: UInt8(streams), stream: 0,
      reason: .onlyStream)
    guard streams > 1 else { return step }
    let interface = packet.receivedOn
    let place: UInt32
    switch netisr.policy {
    case .cpu:
      // The stream was chosen when the pair was made, by the interface's index of then.
      step.reason = .cpu(InterfacePlace(packet.vnet, interface))
      place = source % streams
    case .flow where packet.flags.contains(.flowID):
      step.reason = .flow(packet.flowID)
      place = packet.flowID % streams
    case .flow, .source:
      // Without an interface the index is 0, and the source alone decides.
      step.reason = .source(interface, source)
      place = (UInt32(interface.rawValue) &+ source) % streams
    }
    step.stream = UInt8(place)
    step.cpu = UInt8(cpu(ofStream: Int(place)))
    return step
  }
}

extension Machine {
  /// How many packets of a protocol may wait in each stream.
  @inline(__always)
  func netisrLimit(_ netisr: NetisrProtocol) -> Int {
    Int(UInt32(truncatingIfNeeded: sysctl[netisr.limitKey ?? .isrDefaultqlimit]))
  }
}
