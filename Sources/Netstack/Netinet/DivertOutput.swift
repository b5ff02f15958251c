// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// The way back from divert sockets (netinet/ip_divert.c).
extension Vnet {
  /// Takes a packet that a process writes to a divert socket (`div_send`, `div_output`).
  ///
  /// Without an address it goes out; with one it comes in again, as received by the interface of
  /// that name or address. Either way the rules behind the given number are next. The bytes are as
  /// on the wire.
  ///
  /// - Parameters:
  ///   - target: The address, and as port the number of a rule.
  ///   - interface: The name that lies behind the address; one that nobody has is passed over.
  /// - Throws: `EINVAL` for a header that is not all there or a length that is not, `EADDRNOTAVAIL`
  ///   for an address of no interface, and what output returns.
  mutating func divOutput<T: Tracer & ~Copyable>(
    _ bytes: [UInt8], on index: SocketIndex, to target: Endpoint?, by interface: InterfaceName?,
    _ machine: inout Machine, _ tracer: inout T
  ) throws(Errno) {
    let number = machine.newRoot()
    let span = unsafe bytes.span.bytes
    if T.isOn { tracer.recordBytes(number, .made, span) }
    guard bytes.count >= IPv4Header.size else {
      count(.toosmall, number, &tracer)
      throw refuse(number, .rawOutInval, .EINVAL, &machine, &tracer)
    }
    guard var packet = machine.store.take(span, number: number) else {
      throw refuse(number, .outQfull, .ENOBUFS, &machine, &tracer)
    }
    let socket = sockets[index]
    let isOutput = (target?.address ?? .any) == .any
    packet.header.vnet = self.index
    packet.header.fib = socket.fib
    packet.header.fibChooser = .divert
    packet.header.divertTag = DivertTag(
      port: 0, sides: isOutput ? 2 : 1, cookie: target?.port ?? 0)
    if let interface = interface?.truncated, let received = interfaces.index(named: interface) {
      packet.header.receivedOn = received
    } else if let target, !isOutput, let address = ifaWithAddress(target.address) {
      packet.header.receivedOn = addresses[address].interface
    }
    tracer.emit(
      number,
      .reinjected(
        ReinjectionStep(
          socket: index, cookie: target?.port ?? 0, direction: isOutput ? .out : .in,
          interface: packet.header.receivedOn)))
    if isOutput { return try divertOut(packet, socket, &machine, &tracer) }
    guard packet.header.receivedOn != .none else {
      machine.store.free(packet)
      throw refuse(number, .rawOutInval, .EADDRNOTAVAIL, &machine, &tracer)
    }
    // A full queue is no error to the writer.
    _ = netisrQueue(packet, .ip, &machine, &tracer)
  }

  /// The half of `div_output` that ends in `ip_output`.
  private mutating func divertOut<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ socket: Socket, _ machine: inout Machine, _ tracer: inout T
  ) throws(Errno) {
    let number = packet.number
    guard let header = IPv4Header(machine.store.bytes(of: packet)),
      header.headerLength >= IPv4Header.size, header.headerLength <= Int(header.totalLength),
      Int(header.totalLength) <= packet.count
    else {
      machine.store.free(packet)
      throw refuse(number, .rawOutInval, .EINVAL, &machine, &tracer)
    }
    count(.rawout, number, &tracer)
    var request = OutputRequest(flags: [.IP_RAWOUTPUT, .IP_ALLOWBROADCAST])
    if socket.options.contains(.SO_DONTROUTE) { request.flags.insert(.IP_ROUTETOIF) }
    if let errno = ipOutputLocal(packet, request, &machine, &tracer) { throw errno }
  }

  /// Gives what a process wrote the verdict that it goes nowhere.
  private func refuse<T: Tracer & ~Copyable>(
    _ number: PacketNumber, _ id: TraceID, _ errno: Errno, _ machine: inout Machine,
    _ tracer: inout T
  ) -> Errno {
    var end = End(.dropped, id)
    end.errno = errno
    machine.end(number, end, &tracer)
    return errno
  }
}
