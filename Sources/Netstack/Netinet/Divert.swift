// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// The way to divert sockets (netinet/ipfw/ip_fw_pfil.c, netinet/ip_divert.c).
extension Vnet {
  /// Hands a packet, or a copy of it, to the divert socket of the port in its tag (`ipfw_divert`).
  ///
  /// A fragment waits for the rest of its datagram first; a copy goes as it is.
  ///
  /// - Returns: The packet if only a copy was meant.
  mutating func ipfwDivert<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ direction: Direction, isTee: Bool, _ machine: inout Machine,
    _ tracer: inout T
  ) -> Packet? {
    guard machine.options.ipdivert else {
      drop(packet, .fwDivertNomod, &machine, &tracer)
      return nil
    }
    if isTee {
      // Without memory the socket goes without.
      if let copy = teeCopy(of: packet, &machine, &tracer) {
        divertPacket(copy, direction, &machine, &tracer)
      }
      return packet
    }
    if IPv4Header(machine.store.bytes(of: packet))?.isFragment ?? false {
      guard
        let datagram = filterReass(
          packet, heldAs: .fwDivertFrag, swapsLength: false, &machine, &tracer)
      else { return nil }
      packet = datagram
    }
    divertPacket(packet, direction, &machine, &tracer)
    return nil
  }

  /// A copy of a packet for a divert socket, a packet of its own.
  private func teeCopy<T: Tracer & ~Copyable>(
    of packet: borrowing Packet, _ machine: inout Machine, _ tracer: inout T
  ) -> Packet? {
    guard var copy = machine.store.copy(packet, number: packet.number) else { return nil }
    copy.header.number = machine.newChild()
    tracer.emit(copy.number, .made(parent: packet.number, birth: .teeCopy))
    if T.isOn { tracer.recordBytes(copy.number, .made, machine.store.bytes(of: copy)) }
    return copy
  }

  /// Keeps a packet in the socket that is bound to the port of its tag (`divert_packet`).
  ///
  /// The reader gets the rule's number as port, the first address of the interface it came in by on
  /// its way in, and that interface's name where there is one. Checksums are whole: nothing here
  /// leaves them to a card. Where nobody takes the packet a delivery is counted back that was never
  /// counted.
  private mutating func divertPacket<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ direction: Direction, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    guard let tag = packet.header.divertTag else {
      // A datagram has the tags of its first fragment, which another rule may have had.
      machine.log("divert_packet: no divert tag")
      return drop(packet, .fwDivertNomod, &machine, &tracer)
    }
    let number = packet.number
    tracer.emit(number, .diverted(port: tag.port, rule: tag.cookie))
    var end = End(.dropped, .fwDivertNoport)
    if let socket = sockets.divert(tag.port) {
      emitSocket(socket, number, &tracer)
      let charge = packet.count + Vnet.senderAddressSize
      if charge <= sockets[socket].receive.space {
        let received = packet.header.receivedOn
        let source = Endpoint(direction == .in ? firstAddress(of: received) : .any, tag.cookie)
        let name = received == .none ? nil : interfaces[received].name.truncated
        packet.header.divertTag = nil
        sockets.append(packet, from: source, by: name, charge: charge, at: machine.now, to: socket)
        end = End(.delivered, .fwDivert)
        end.interface = received
        return machine.end(number, end, &tracer)
      }
      end.cause = .rawFull
    }
    count(.noproto, number, &tracer)
    statistics.ip[.delivered] &-= 1
    machine.finish(packet, end, &tracer)
  }

  /// The first address of an interface, or 0.0.0.0.
  private func firstAddress(of interface: InterfaceIndex) -> IPv4Address {
    guard interface != .none, let first = addresses.first(on: interface) else { return .any }
    return addresses[first].address
  }
}

extension SocketTable {
  /// The newest divert socket that is bound to a port.
  fileprivate func divert(_ port: UInt16) -> SocketIndex? {
    for position in 0..<count {
      let index = newest(at: position)
      if self[index].kind == .divert, self[index].local.port == port { return index }
    }
    return nil
  }
}
