// SPDX-License-Identifier: BSD-2-Clause

/// Handing packets to the protocols: now, or through their queue (net/netisr.c).
extension Vnet {
  /// Runs the protocol at once where the sysctls allow it, else queues (`netisr_dispatch`).
  mutating func netisrDispatch<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ netisr: NetisrProtocol, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    // With one worker the hybrid policy finds it idle, so direct=1 runs at once as direct_force=1.
    guard machine.sysctl.isrDirect else {
      _ = netisrQueue(packet, netisr, &machine, &tracer)
      return
    }
    machine.netisr.dispatchDirectly(netisr)
    tracer.emit(packet.number, .waypoint(.isrDirect, UInt32(netisr.rawValue), 0))
    switch netisr {
    case .ip: ipInput(packet, &machine, &tracer)
    case .arp: arpIntr(packet, &machine, &tracer)
    case .epair: epairInput(packet, &machine, &tracer)
    }
  }

  /// Queues a packet for its protocol; a full queue drops it (`netisr_queue`).
  mutating func netisrQueue<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ netisr: NetisrProtocol, _ machine: inout Machine,
    _ tracer: inout T
  ) -> Errno? {
    let number = packet.number
    packet.header.vnet = index
    let record = packet.park()
    let item = NetisrQueue.Item(packet: record, netisr: netisr)
    let limit =
      netisr == .ip
      ? machine.sysctl.intrQueueMaxlen : Int(clamping: machine.sysctl[.isrDefaultqlimit])
    guard machine.netisr.append(item, limit: limit) else {
      drop(Packet(record), .isrQdrop, &machine, &tracer)
      return .ENOBUFS
    }
    tracer.emit(number, .waypoint(.isrQueued, UInt32(netisr.rawValue), 0))
    return nil
  }
}
