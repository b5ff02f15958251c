// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What a listening socket does with segments (netinet/tcp_input.c, T8).
extension Vnet {
  /// Completes a handshake, answers a SYN, or refuses, in the C's order.
  ///
  /// - Parameter wayBack: The source route that the answer to a SYN takes, where that came by one.
  mutating func tcpListenInput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ segment: TCPSegment, _ wayBack: OptionBytes?,
    _ listener: SocketIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    let number = packet.number
    let flags = segment.flags
    if flags.intersection([.rst, .ack, .syn]) == .ack {
      guard let socket = synCacheExpand(segment, listener, number, &machine, &tracer) else {
        return tcpDropWithReset(
          packet, segment, .tcpListenBadack, .resetOpenPort, listener, &machine, &tracer)
      }
      emitSocket(socket, number, &tracer)
      count(tcp: .connects, number, &tracer)
      return tcpDoSegment(packet, segment, socket, &machine, &tracer)
    }
    if flags.contains(.rst) {
      synCacheReset(segment, number, &machine, &tracer)
      return drop(packet, .tcpListenRst, &machine, &tracer)
    }
    guard flags.contains(.syn) else {
      count(tcp: .badsyn, number, &tracer)
      return drop(packet, .tcpListenNosyn, &machine, &tracer)
    }
    if flags.contains(.ack) {
      count(tcp: .badsyn, number, &tracer)
      synCacheBadACK(segment, number, &machine, &tracer)
      return tcpDropWithReset(
        packet, segment, .tcpListenSynack, .resetOpenPort, listener, &machine, &tracer)
    }
    if flags.contains(.fin), sysctl.tcpDropSynfin {
      count(tcp: .badsyn, number, &tracer)
      return drop(packet, .tcpListenSynfin, &machine, &tracer)
    }
    if !packet.header.flags.isDisjoint(with: [.broadcast, .multicast]) {
      return drop(packet, .tcpListenL2bcast, &machine, &tracer)
    }
    if segment.local == segment.foreign {
      return drop(packet, .tcpListenLand, &machine, &tracer)
    }
    if involvesGroup(segment, packet) {
      return drop(packet, .tcpListenBcast, &machine, &tracer)
    }
    let options = TCPOptions(segment, packet, machine.store)
    var end = End(.delivered, .dlvTcpSyn)
    end.interface = packet.header.receivedOn
    machine.finish(packet, end, &tracer)
    synCacheAdd(segment, options, wayBack, listener, number, &machine, &tracer)
  }

  /// Whether a segment is to or from more than one host.
  func involvesGroup(_ segment: TCPSegment, _ packet: borrowing Packet) -> Bool {
    let received = packet.header.receivedOn
    let (source, destination) = (segment.foreign.address, segment.local.address)
    return source.isMulticast || destination.isMulticast || source == .broadcast
      || received != .none && inBroadcast(destination, on: received)
  }
}

/// The options of a SYN that the answer depends on (`tcp_dooptions`).
struct TCPOptions: BitwiseCopyable {
  var maximumSegment: UInt16?
  var windowScale: UInt8?
  var permitsSACK = false
  var timestamp: UInt32?

  /// Reads the options up to the end or the first that contradicts itself; one of a wrong length is
  /// passed over.
  init(_ segment: TCPSegment, _ packet: borrowing Packet, _ store: borrowing PacketStore) {
    let end = IPv4Header.size + segment.header.headerLength
    var place = IPv4Header.size + TCPHeader.size
    while place < end {
      let kind = store.bytes(of: packet).uint8(at: place)
      if kind == 0 { return }
      if kind == 1 {
        place += 1
        continue
      }
      guard place + 1 < end else { return }
      let length = Int(store.bytes(of: packet).uint8(at: place + 1))
      guard length >= 2, place + length <= end else { return }
      let bytes = store.bytes(of: packet)
      switch (kind, length) {
      case (2, 4): maximumSegment = bytes.uint16(at: place + 2)
      case (3, 3): windowScale = min(bytes.uint8(at: place + 2), 14)
      case (4, 2): permitsSACK = true
      case (8, 10): timestamp = bytes.uint32(at: place + 2)
      default: break
      }
      place += length
    }
  }
}
