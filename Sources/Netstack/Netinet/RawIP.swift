// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// Raw sockets (netinet/raw_ip.c).
extension Vnet {
  /// Gives a packet to the raw sockets that want it (`rip_input`): a copy to all but the last.
  ///
  /// Where nobody wants it the delivery is counted back. No ICMP protocol unreachable is ever sent.
  mutating func ripInput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    var last: SocketIndex?
    // Sockets with both ends and a protocol stand in a list of their own, which comes first.
    for wantsFull in [true, false] where !sockets.isEmpty {
      for position in 0..<sockets.count {
        let index = sockets.newest(at: position)
        guard sockets[index].takesRaw(header), sockets[index].isFullySpecified == wantsFull,
          takesGroup(index, header.destination, packet, &tracer)
        else { continue }
        if let last, let copy = socketCopy(of: packet, &machine, &tracer) {
          _ = ripAppend(copy, header, to: last, &machine, &tracer)
        }
        last = index
      }
    }
    guard let last else {
      statistics.ip[.delivered] &-= 1
      return drop(packet, .rawNoproto, &machine, &tracer)
    }
    let number = packet.number
    if !ripAppend(packet, header, to: last, &machine, &tracer) {
      // The C counts the delivery that failed a second time.
      count(.delivered, number, &tracer)
    }
  }

  /// Puts a packet behind what waits in a socket (`rip_append`).
  ///
  /// - Returns: False where the socket refuses such packets; a full buffer is no refusal.
  private mutating func ripAppend<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, to socket: SocketIndex,
    _ machine: inout Machine, _ tracer: inout T
  ) -> Bool {
    emitSocket(socket, packet.number, &tracer)
    guard sockets[socket].minimumTTL <= header.ttl else {
      drop(packet, .rawPolicy, &machine, &tracer)
      return false
    }
    let charge = packet.count + Vnet.senderAddressSize
    guard charge <= sockets[socket].receive.space else {
      drop(packet, .rawFull, &machine, &tracer)
      return true
    }
    let source = Endpoint(header.source, 0)
    deliver(packet, from: source, charge: charge, to: socket, .dlvRaw, &machine, &tracer)
    return true
  }

  /// Sends on a raw socket (`rip_output`): with a header made for it, or with its own, whose bytes
  /// are as on the wire here.
  mutating func ripOutput<T: Tracer & ~Copyable>(
    _ payload: [UInt8], on index: SocketIndex, to wanted: IPv4Address?,
    _ machine: inout Machine, _ tracer: inout T
  ) throws(Errno) {
    let socket = sockets[index]
    if wanted != nil, socket.foreign.address != .any { throw .EISCONN }
    let destination = wanted ?? socket.foreign.address
    guard wanted != nil || destination != .any else { throw .ENOTCONN }
    if socket.options.contains(.IP_HDRINCL) {
      return try sendLocal(payload, .rawHeaderIncluded, on: index, socket, &machine, &tracer)
    }
    let length = IPv4Header.size + payload.count
    guard length <= 65_535 else { throw .EMSGSIZE }
    var bytes = [UInt8](repeating: 0, count: IPv4Header.size) + payload
    socket.writeHeader(length: length, from: socket.local.address, to: destination, into: &bytes)
    try sendLocal(bytes, .cooked, on: index, socket, &machine, &tracer)
  }
}

extension Socket {
  /// Whether a raw socket is one for a packet with this header.
  fileprivate func takesRaw(_ header: IPv4Header) -> Bool {
    kind == .raw && (proto.rawValue == 0 || proto == header.protocol)
      && accepts(header.destination, from: Endpoint(header.source, 0))
  }

  /// Whether protocol and both addresses are set, as `rip_inshash` tells them apart.
  fileprivate var isFullySpecified: Bool {
    proto.rawValue != 0 && local.address != .any && foreign.address != .any
  }
}

extension [UInt8] {
  /// Changes the order of the bytes of the length in the packet that an ICMP error quotes, as
  /// icmp_input has done (`ip_len = ntohs(ip_len)`) before a raw socket gets it.
  ///
  /// - Parameter offset: Where the ICMP message begins.
  mutating func swapQuotedLength(at offset: Int) {
    let length = offset + ICMPHeader.size + 2
    guard count >= length + 2,
      let icmp = ICMPHeader(rawBytes.extracting(droppingFirst: offset))
    else { return }
    let mostCode: UInt8? =
      switch icmp.type {
      case .unreach: 15
      case .timxceed, .paramprob: 1
      case .sourceQuench: 0
      default: nil
      }
    if let mostCode, icmp.code <= mostCode { swapAt(length, length + 1) }
  }
}
