// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What the protocols share when they give packets to sockets (kern/uipc_sockbuf.c).
extension Vnet {
  /// What the sender's address counts in a receive buffer (`struct sockaddr_in`).
  static let senderAddressSize = 16

  /// Keeps a packet in a socket and gives its verdict (`sbappendaddr`); there is room for it.
  mutating func deliver<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, from source: Endpoint, charge: Int, to socket: SocketIndex,
    _ id: TraceID, _ machine: inout Machine, _ tracer: inout T
  ) {
    let number = packet.number
    var end = End(.delivered, id)
    end.interface = packet.header.receivedOn
    sockets.append(packet, from: source, charge: charge, at: machine.now, to: socket)
    machine.end(number, end, &tracer)
  }

  /// A copy of a packet for one of several sockets, a packet of its own; without memory that socket
  /// goes without.
  mutating func socketCopy<T: Tracer & ~Copyable>(
    of packet: borrowing Packet, _ machine: inout Machine, _ tracer: inout T
  ) -> Packet? {
    guard var copy = machine.store.copy(packet, number: packet.number) else { return nil }
    copy.header.number = machine.newChild()
    tracer.emit(copy.number, .made(parent: packet.number, birth: .socketCopy))
    if T.isOn {
      let proto = IPProtocol(rawValue: machine.store.bytes(of: copy).uint8(at: 9))
      tracer.recordBytes(copy.number, .delivered(proto), machine.store.bytes(of: copy))
    }
    return copy
  }

  /// Tells the tracer which socket a packet is for.
  @inline(__always)
  func emitSocket<T: Tracer & ~Copyable>(
    _ socket: SocketIndex, _ packet: PacketNumber, _ tracer: inout T
  ) {
    tracer.emit(packet, .socket(SocketStep(socket, sockets[socket])))
  }

  /// Throws away what waits in a socket and the socket itself (`sofree`).
  mutating func freeSocket(_ index: SocketIndex, _ machine: inout Machine) {
    while let datagram = sockets.takeFirst(of: index) {
      machine.store.free(Packet(datagram.packet))
    }
    sockets.remove(index)
  }
}
