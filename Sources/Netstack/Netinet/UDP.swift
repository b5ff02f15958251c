// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// UDP's input (netinet/udp_usrreq.c).
extension Vnet {
  /// Checks a datagram; with no socket to take it, answers "port unreachable" (`udp_input`).
  ///
  /// Sockets that receive are not part of the model yet.
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
    udpUnclaimed(
      packet, header, udp, destination: destination, port: port, &machine, &tracer)
  }

  /// Nobody listens: silence for groups, else an ICMP error within the limits (U8, U9).
  private mutating func udpUnclaimed<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, _ udp: UDPHeader,
    destination: IPv4Address, port: UInt16, _ machine: inout Machine, _ tracer: inout T
  ) {
    let number = packet.number
    let received = packet.header.receivedOn
    if destination.isMulticast || (received != .none && inBroadcast(destination, on: received)) {
      count(udp: .noportbcast, number, &tracer)
      return drop(packet, .udpNoportBcast, &machine, &tracer)
    }
    if machine.sysctl.udpLogInVain {
      machine.log(
        "Connection attempt to UDP \(destination):\(port) from "
          + "\(header.source):\(udp.sourcePort)")
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
    bytes.store(port, at: IPv4Header.size + 2)
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
