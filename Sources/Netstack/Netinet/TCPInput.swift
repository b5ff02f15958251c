// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What `tcp_input` has read of a segment.
struct TCPSegment: BitwiseCopyable {
  var header: TCPHeader
  /// Where it is sent to: this host's end.
  var local: Endpoint
  var foreign: Endpoint
  /// Bytes of data behind the header.
  var length: Int

  var flags: TCPFlags { header.flags }
}

/// The head of TCP's input (netinet/tcp_input.c).
extension Vnet {
  /// Checks a segment and finds its socket: a connection, a listener, or none, which is answered
  /// with a reset (`tcp_input`).
  mutating func tcpInput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    let number = packet.number
    count(tcp: .rcvtotal, number, &tracer)
    let wayBack = header.headerWords > 5 ? ipSrcroute(packet, machine) : nil
    let header = ipStripOptions(&packet, header, &machine)
    guard
      let tcp = TCPHeader(
        machine.store.bytes(of: packet).extracting(droppingFirst: IPv4Header.size))
    else {
      count(tcp: .rcvshort, number, &tracer)
      return drop(packet, .tcpShort, &machine, &tracer)
    }
    let length = packet.count - IPv4Header.size
    guard tcpSumIsRight(packet, header, length, machine) else {
      count(tcp: .rcvbadsum, number, &tracer)
      return drop(packet, .tcpBadsum, &machine, &tracer)
    }
    guard tcp.headerLength >= TCPHeader.size, tcp.headerLength <= length else {
      count(tcp: .rcvbadoff, number, &tracer)
      return drop(packet, .tcpBadoff, &machine, &tracer)
    }
    let segment = TCPSegment(
      header: tcp, local: Endpoint(header.destination, tcp.destinationPort),
      foreign: Endpoint(header.source, tcp.sourcePort), length: length - tcp.headerLength)
    guard let socket = tcpSocket(for: segment, packet.header.forwardTag) else {
      return tcpUnclaimed(packet, segment, &machine, &tracer)
    }
    packet.header.forwardTag = nil
    emitSocket(socket, number, &tracer)
    // Summing in software clears the header's first nine bytes, the TTL with them (`ipovly`): only a
    // segment whose checksum was known to be right still has one to compare.
    let ttl = packet.header.flags.contains(.dataValid) ? header.ttl : 0
    guard sockets[socket].minimumTTL <= ttl else {
      return drop(packet, .tcpMinttl, &machine, &tracer)
    }
    switch sockets[socket].state {
    case .closed:
      tcpDropWithReset(packet, segment, .tcpClosed, .resetClosedPort, socket, &machine, &tracer)
    case .listen: tcpListenInput(packet, segment, wayBack, socket, &machine, &tracer)
    case .synReceived, .established, .closeWait:
      tcpDoSegment(packet, segment, socket, &machine, &tracer)
    }
  }

  /// Verifies the checksum over pseudo header and segment.
  private func tcpSumIsRight(
    _ packet: borrowing Packet, _ header: IPv4Header, _ length: Int,
    _ machine: borrowing Machine
  ) -> Bool {
    if packet.header.flags.contains(.dataValid) { return true }
    var sum = InternetChecksum()
    sum.addPseudoHeader(
      source: header.source, destination: header.destination, protocol: .tcp, length: length)
    sum.add(machine.store.bytes(of: packet).extracting(droppingFirst: IPv4Header.size))
    return sum.finish() == 0
  }

  /// The socket of a segment (T5): after a `fwd` rule a connection on the true addresses, else a
  /// listener on those that the rule named.
  private func tcpSocket(for segment: TCPSegment, _ tag: ForwardTag?) -> SocketIndex? {
    guard let tag else {
      return sockets.find(.tcp, local: segment.local, foreign: segment.foreign, wildcard: true)
    }
    let ambush = Endpoint(tag.address, tag.port == 0 ? segment.local.port : tag.port)
    return sockets.find(.tcp, local: segment.local, foreign: segment.foreign, wildcard: false)
      ?? sockets.find(.tcp, local: ambush, foreign: segment.foreign, wildcard: true)
  }

  /// Nobody has the port: a reset, unless closed ports are to stay silent (T6).
  private mutating func tcpUnclaimed<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ segment: TCPSegment, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    let isSYN = segment.flags.contains(.syn)
    let vain = machine.sysctl.tcpLogInVain
    if vain == 1 && isSYN || vain == 2 {
      machine.log("\(segment.logText); tcp_input: Connection attempt to closed port")
    }
    let blackhole = sysctl.tcpBlackhole
    if blackhole == 1 && isSYN || blackhole == 2 {
      return drop(packet, .tcpBlackhole, &machine, &tracer)
    }
    tcpDropWithReset(packet, segment, .tcpClosed, .resetClosedPort, nil, &machine, &tracer)
  }

  /// What a connection does with a segment: the part of `tcp_do_segment` that sends nothing.
  ///
  /// Data in sequence is kept for the process; what is out of sequence is counted and forgotten.
  mutating func tcpDoSegment<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ segment: TCPSegment, _ socket: SocketIndex,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    let number = packet.number
    var end = End(.delivered, .dlvTcp)
    end.interface = packet.header.receivedOn
    let offset = segment.header.sequence &- sockets[socket].receiveNext
    if segment.flags.contains(.rst) {
      // One that lies in the window, its left edge included, ends the connection.
      if offset &+ 1 <= sockets[socket].receiveWindow &+ 1 {
        count(tcp: .drops, number, &tracer)
        sockets[socket].error = .ECONNRESET
        sockets[socket].state = .closed
        sockets[socket].options.insert(.INP_DROPPED)
      }
      return machine.finish(packet, end, &tracer)
    }
    guard offset == 0, sockets[socket].state == .established else {
      if segment.length > 0 { count(tcp: .rcvoopack, number, &tracer) }
      return machine.finish(packet, end, &tracer)
    }
    let fits = segment.length <= sockets[socket].receive.space
    if segment.flags.contains(.fin), fits {
      sockets[socket].state = .closeWait
      sockets[socket].receiveNext &+= 1
    }
    guard segment.length > 0, fits else { return machine.finish(packet, end, &tracer) }
    count(tcp: .rcvpack, number, &tracer)
    statistics.tcp[.rcvbyte] &+= UInt64(segment.length)
    sockets[socket].receiveNext &+= UInt32(segment.length)
    packet.trimFront(packet.count - segment.length)
    deliver(
      packet, from: segment.foreign, charge: segment.length, to: socket, .dlvTcp, &machine,
      &tracer)
  }
}

extension TCPSegment {
  /// The segment as kernel messages name it (`tcp_log_addrs`).
  fileprivate var logText: String {
    let names = ["FIN", "SYN", "RST", "PUSH", "ACK", "URG", "ECE", "CWR"]
    let set = names.indices.filter { flags.rawValue & (1 << UInt8($0)) != 0 }.map { names[$0] }
    let words = set.isEmpty ? "" : "<\(set.joined(separator: ","))>"
    return "TCP: [\(foreign.address)]:\(foreign.port) to [\(local.address)]:\(local.port) "
      + "tcpflags 0x\(String(flags.rawValue, radix: 16))\(words)"
  }
}
