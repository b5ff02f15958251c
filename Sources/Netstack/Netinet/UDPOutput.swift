// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// UDP's output (netinet/udp_usrreq.c).
extension Vnet {
  /// Sends a datagram on a socket (`udp_output`); to nobody in particular where it is connected.
  ///
  /// A socket without a port keeps the one that is chosen for its first datagram.
  mutating func udpOutput<T: Tracer & ~Copyable>(
    _ payload: [UInt8], on index: SocketIndex, to wanted: Endpoint?, _ machine: inout Machine,
    _ tracer: inout T
  ) throws(Errno) {
    let socket = sockets[index]
    var (local, foreign) = (socket.local, socket.foreign)
    if let wanted {
      guard foreign.address == .any else { throw .EISCONN }
      foreign = wanted
      if local.address == .any || local.port == 0 || wanted.address == .any
        || wanted.address == .broadcast
      {
        (local, foreign) = try connectSetup(index, to: wanted, &machine)
        if socket.local == .any {
          sockets[index].local.port = local.port
          sockets[index].options.insert(.INP_ANONPORT)
        }
      }
    } else if foreign.address == .any {
      throw .ENOTCONN
    }
    let length = IPv4Header.size + UDPHeader.size + payload.count
    guard length <= 65_535 else { throw .EMSGSIZE }
    var bytes = [UInt8](repeating: 0, count: IPv4Header.size + UDPHeader.size) + payload
    socket.writeHeader(length: length, from: local.address, to: foreign.address, into: &bytes)
    let header = UDPHeader(
      sourcePort: local.port, destinationPort: foreign.port,
      length: UInt16(length - IPv4Header.size))
    let makesChecksum = machine.sysctl.udpChecksum
    bytes.withMutableRawBytes { bytes in
      header.write(into: &bytes, at: IPv4Header.size)
      guard makesChecksum else { return }
      var sum = InternetChecksum()
      sum.addPseudoHeader(
        source: local.address, destination: foreign.address, protocol: .udp,
        length: length - IPv4Header.size)
      sum.add(bytes.bytes.extracting(droppingFirst: IPv4Header.size))
      let checksum = sum.finish()
      bytes.store(checksum == 0 ? 0xffff : checksum, at: IPv4Header.size + 6)
    }
    try sendLocal(bytes, .udp, on: index, socket, &machine, &tracer)
  }

  /// Hands a packet of a socket to `ip_output`, with all that the socket asks for.
  mutating func sendLocal<T: Tracer & ~Copyable>(
    _ bytes: [UInt8], _ kind: LocalPacket.Socket, on index: SocketIndex, _ socket: Socket,
    _ machine: inout Machine, _ tracer: inout T
  ) throws(Errno) {
    var packet = LocalPacket(bytes, socket: kind, fib: socket.fib, chooser: socket.fibChooser)
    packet.owner = socket.owner
    packet.flags = socket.outputFlags
    packet.multicast = socket.multicast
    packet.options = sockets.ipOptions(of: index)
    if let errno = socketOutput(packet, &machine, &tracer) { throw errno }
  }
}

extension Socket {
  /// Puts the IP header of a packet of this socket in front of it; `ip_output` does the rest.
  func writeHeader(
    length: Int, from source: IPv4Address, to destination: IPv4Address, into bytes: inout [UInt8]
  ) {
    var header = IPv4Header(
      totalLength: UInt16(length), ttl: ttl, protocol: proto, source: source,
      destination: destination)
    header.tos = tos
    if options.contains(.IP_DONTFRAG) { header.fragment = IPv4Header.DF }
    bytes.withMutableRawBytes { bytes in header.write(into: &bytes, at: 0) }
  }
}
