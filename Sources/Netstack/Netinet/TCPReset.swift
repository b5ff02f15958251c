// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// Segments that TCP makes itself (netinet/tcp_input.c, netinet/tcp_subr.c).
extension Vnet {
  /// Ends a segment that nobody wants, and tells its sender with a reset where that is allowed
  /// (`tcp_dropwithreset`).
  ///
  /// - Parameters:
  ///   - id: Why nobody wants it: the segment's id, or where no reset may be sent its cause.
  ///   - socket: The socket that refused it, whose forwarding table the reset then takes; without
  ///     one it is the segment's own.
  mutating func tcpDropWithReset<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ segment: TCPSegment, _ id: TraceID, _ kind: BandwidthClass,
    _ socket: SocketIndex?, _ machine: inout Machine, _ tracer: inout T
  ) {
    let number = packet.number
    guard !segment.flags.contains(.rst),
      packet.header.flags.isDisjoint(with: [.broadcast, .multicast]),
      !involvesGroup(segment, packet), bandlimAllows(kind, &machine)
    else {
      var end = End(.dropped, .tcpNorst)
      end.cause = id
      return machine.finish(packet, end, &tracer)
    }
    var answer = TCPHeader(
      sourcePort: segment.local.port, destinationPort: segment.foreign.port,
      sequence: segment.header.acknowledgement, flags: .rst)
    if !segment.flags.contains(.ack) {
      var length = UInt32(segment.length)
      // 8.0 counts the SYN in, and forgets the FIN.
      if segment.flags.contains(.syn) { length += 1 }
      answer.sequence = 0
      answer.acknowledgement = segment.header.sequence &+ length
      answer.flags = [.rst, .ack]
    }
    let fib = packet.header.fib
    var sender = SegmentSender(
      local: segment.local.address, foreign: segment.foreign.address, ttl: sysctl.ttl, tos: 0,
      fib: fib, fibChooser: fib == .zero ? .default : .reply,
      dontFragment: sysctl.pathMTUDiscovery)
    if let socket {
      sender.fib = sockets[socket].fib
      sender.fibChooser = sockets[socket].fibChooser
      sender.socketFib = sender.fib
      sender.owner = sockets[socket].owner
    }
    machine.store.free(packet)
    let reset = machine.newChild()
    tracer.emit(reset, .made(parent: number, birth: .reset))
    _ = sendSegment(answer, OptionBytes(), sender, reset, &machine, &tracer)
    machine.end(number, End(.replied, id), &tracer)
  }

  /// Makes a segment without data and sends it.
  ///
  /// - Returns: What `ip_output` returns.
  mutating func sendSegment<T: Tracer & ~Copyable>(
    _ tcp: TCPHeader, _ options: OptionBytes, _ sender: SegmentSender, _ number: PacketNumber,
    _ machine: inout Machine, _ tracer: inout T
  ) -> Errno? {
    let length = TCPHeader.size + options.count
    guard
      var packet = machine.store.allocate(count: IPv4Header.size + length, number: number)
    else {
      machine.end(number, End(.dropped, .outQfull), &tracer)
      return .ENOBUFS
    }
    packet.header.vnet = index
    packet.header.fib = sender.fib
    packet.header.fibChooser = sender.fibChooser
    packet.header.flags = sender.flags
    let header = IPv4Header(
      tos: sender.tos, totalLength: UInt16(packet.count),
      fragment: sender.dontFragment ? IPv4Header.DF : 0, ttl: sender.ttl, protocol: .tcp,
      source: sender.local, destination: sender.foreign)
    var tcp = tcp
    tcp.dataOffset = UInt8(length / 4)
    var bytes = machine.store.mutableBytes(of: packet)
    header.write(into: &bytes, at: 0)
    tcp.write(into: &bytes, at: IPv4Header.size)
    for place in 0..<options.count {
      bytes.store(options.bytes[place], at: IPv4Header.size + TCPHeader.size + place)
    }
    var sum = InternetChecksum()
    sum.addPseudoHeader(
      source: sender.local, destination: sender.foreign, protocol: .tcp, length: length)
    sum.add(bytes.bytes.extracting(droppingFirst: IPv4Header.size))
    tcp.checksum = sum.finish()
    tcp.write(into: &bytes, at: IPv4Header.size)
    var request = OutputRequest(socketFib: sender.socketFib)
    if let ipOptions = sender.ipOptions {
      ipInsertOptions(ipOptions, into: &packet, &machine, &tracer)
      request.flowKey = sender.foreign
    }
    if T.isOn { tracer.recordBytes(number, .made, machine.store.bytes(of: packet)) }
    request.sender = sender.owner
    return ipOutputLocal(packet, request, &machine, &tracer)
  }
}

/// What the IP header of a segment made here says, and which table it takes.
struct SegmentSender: BitwiseCopyable {
  var local: IPv4Address
  var foreign: IPv4Address
  var ttl: UInt8
  var tos: UInt8
  var fib: FibNumber
  var fibChooser: FibChooser
  /// The table of the control block that `ip_output` gets, if it gets one.
  var socketFib: FibNumber?
  /// Whose the socket of that control block is.
  var owner: SocketOwner?
  var dontFragment: Bool
  var flags: PacketFlags = []
  var ipOptions: OptionBytes?
}
