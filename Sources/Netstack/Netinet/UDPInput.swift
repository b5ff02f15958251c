// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// UDP's input (netinet/udp_usrreq.c).
extension Vnet {
  /// Checks a datagram and gives it to its socket, or to all that want it if it is for a group;
  /// with no socket to take it, answers "port unreachable" (`udp_input`).
  mutating func udpInput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    let number = packet.number
    count(udp: .ipackets, number, &tracer)
    let header = ipStripOptions(&packet, header, &machine)
    let payload = packet.count - IPv4Header.size
    guard
      let udp = UDPHeader(
        machine.store.bytes(of: packet).extracting(droppingFirst: IPv4Header.size))
    else {
      count(udp: .hdrops, number, &tracer)
      return drop(packet, .udpHdrops, &machine, &tracer)
    }
    guard udp.destinationPort != 0 else { return drop(packet, .udpPort0, &machine, &tracer) }
    guard Int(udp.length) <= payload, Int(udp.length) >= UDPHeader.size else {
      count(udp: .badlen, number, &tracer)
      return drop(packet, .udpBadlen, &machine, &tracer)
    }
    packet.trim(to: IPv4Header.size + Int(udp.length))
    guard udpSumIsRight(packet, header, udp, &machine, &tracer) else {
      count(udp: .badsum, number, &tracer)
      return drop(packet, .udpBadsum, &machine, &tracer)
    }
    var port = udp.destinationPort
    var destination = header.destination
    if let tag = packet.header.forwardTag {
      destination = tag.address
      port = tag.port
      packet.header.forwardTag = nil
    }
    let local = Endpoint(destination, port)
    let foreign = Endpoint(header.source, udp.sourcePort)
    let received = packet.header.receivedOn
    if destination.isMulticast || (received != .none && inBroadcast(destination, on: received)) {
      return udpGroupInput(packet, from: foreign, to: local, &machine, &tracer)
    }
    guard
      let socket = sockets.find(.udp, local: local, foreign: foreign, wildcard: true)
    else { return udpUnclaimed(packet, from: foreign, to: local, &machine, &tracer) }
    emitSocket(socket, number, &tracer)
    guard sockets[socket].minimumTTL <= header.ttl else {
      return drop(packet, .udpMinttl, &machine, &tracer)
    }
    udpAppend(packet, from: foreign, to: socket, &machine, &tracer)
  }

  /// Gives a broadcast or multicast to every socket that wants it (U8).
  ///
  /// The newest comes first, and the first that does not share its address is the last to get it.
  private mutating func udpGroupInput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, from foreign: Endpoint, to local: Endpoint,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    let number = packet.number
    var last: SocketIndex?
    for position in 0..<sockets.count {
      let index = sockets.newest(at: position)
      guard sockets[index].kind == .udp, sockets[index].local.port == local.port,
        sockets[index].accepts(local.address, from: foreign),
        takesGroup(index, local.address, packet, &tracer)
      else { continue }
      if let last, let copy = socketCopy(of: packet, &machine, &tracer) {
        emitSocket(last, copy.number, &tracer)
        udpAppend(copy, from: foreign, to: last, &machine, &tracer)
      }
      last = index
      if sockets[index].options.isDisjoint(with: [.SO_REUSEADDR, .SO_REUSEPORT]) { break }
    }
    guard let last else {
      count(udp: .noportbcast, number, &tracer)
      return drop(packet, .udpNoportBcast, &machine, &tracer)
    }
    emitSocket(last, number, &tracer)
    udpAppend(packet, from: foreign, to: last, &machine, &tracer)
  }

  /// Puts a datagram behind what waits in a socket (`udp_append`).
  private mutating func udpAppend<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, from source: Endpoint, to socket: SocketIndex,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    let number = packet.number
    let payload = packet.count - IPv4Header.size - UDPHeader.size
    let charge = payload + Vnet.senderAddressSize
    guard charge <= sockets[socket].receive.space else {
      count(udp: .fullsock, number, &tracer)
      return drop(packet, .udpFullsock, &machine, &tracer)
    }
    packet.trimFront(IPv4Header.size + UDPHeader.size)
    deliver(packet, from: source, charge: charge, to: socket, .dlvUdp, &machine, &tracer)
  }

  /// Nobody listens: an ICMP error, unless a rule or a limit forbids it (U9).
  private mutating func udpUnclaimed<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, from foreign: Endpoint, to local: Endpoint,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    let number = packet.number
    if machine.sysctl.udpLogInVain {
      machine.log(
        "Connection attempt to UDP \(local.address):\(local.port) from "
          + "\(foreign.address):\(foreign.port)")
    }
    count(udp: .noport, number, &tracer)
    if !packet.header.flags.isDisjoint(with: [.broadcast, .multicast]) {
      count(udp: .noportbcast, number, &tracer)
      return drop(packet, .udpNoportL2, &machine, &tracer)
    }
    if sysctl.udpBlackhole { return drop(packet, .udpBlackhole, &machine, &tracer) }
    guard bandlimAllows(.unreach, &machine) else {
      return drop(packet, .udpBandlim, &machine, &tracer)
    }
    // The error quotes the packet as udp_input left it: the port is the one it looked for.
    var bytes = machine.store.mutableBytes(of: packet)
    bytes.store(local.port, at: IPv4Header.size + 2)
    reply(to: packet, ICMPKind(3, 3), .udpNoport, &machine, &tracer)
  }

  /// Verifies the checksum over pseudo header and datagram; 0 means the sender made none.
  private mutating func udpSumIsRight<T: Tracer & ~Copyable>(
    _ packet: borrowing Packet, _ header: IPv4Header, _ udp: UDPHeader,
    _ machine: inout Machine, _ tracer: inout T
  ) -> Bool {
    guard udp.checksum != 0 else {
      count(udp: .nosum, packet.number, &tracer)
      return true
    }
    if packet.header.flags.contains(.dataValid) { return true }
    var sum = InternetChecksum()
    sum.addPseudoHeader(
      source: header.source, destination: header.destination, protocol: .udp,
      length: Int(udp.length))
    sum.add(machine.store.bytes(of: packet).extracting(droppingFirst: IPv4Header.size))
    return sum.finish() == 0
  }
}
