// SPDX-License-Identifier: BSD-2-Clause

import Wire

extension RuleAction {
  /// Whether the sender may be told.
  var mayReply: Bool {
    switch self {
    case .unreach, .reset: true
    default: false
    }
  }
}

extension PacketFacts {
  /// Whether a packet is one whose sender may be told that it was refused.
  ///
  /// Not about later fragments, multicasts, broadcasts, nor ICMP but queries.
  fileprivate func isAnswerable(_ flags: PacketFlags) -> Bool {
    guard let ip, ip.fragmentOffset == 0, !ip.destination.isMulticast,
      flags.isDisjoint(with: [.broadcast, .multicast])
    else { return false }
    guard let icmpType else { return true }
    return switch ICMPType(rawValue: icmpType) {
    case .echo, .routerSolicit, .tstamp, .ireq, .maskreq: true
    default: false
    }
  }
}

extension Vnet {
  /// Tells the sender that its packet was refused (`send_reject`); the packet stays the caller's.
  @inline(never)
  mutating func reply<T: Tracer & ~Copyable>(
    _ action: RuleAction, _ facts: PacketFacts, _ packet: borrowing Packet,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    guard facts.isAnswerable(packet.header.flags) else { return }
    switch action {
    case .unreach(let code):
      guard let copy = machine.store.copy(packet, number: packet.number) else { return }
      _ = icmpError(
        copy, type: ICMPType.unreach.rawValue, code: code, gateway: .any, mtu: 0, &machine, &tracer)
    case .reset:
      sendReset(facts, packet.number, &machine, &tracer)
    default: break
    }
  }

  /// Answers a segment with a reset (`send_pkt` with `TH_RST`), unless it is one itself.
  ///
  /// The acknowledgement leaves the segment's data out.
  private mutating func sendReset<T: Tracer & ~Copyable>(
    _ facts: PacketFacts, _ parent: PacketNumber, _ machine: inout Machine, _ tracer: inout T
  ) {
    guard let ip = facts.ip, let segment = facts.tcp, !segment.flags.contains(.rst) else { return }
    let length = IPv4Header.size + TCPHeader.size
    guard var reset = machine.store.allocate(count: length, number: parent) else { return }
    let number = machine.newChild()
    reset.header.number = number
    reset.header.fib = facts.fib
    reset.header.fibChooser = .reply
    reset.header.flags = .skipFirewall
    var tcp = TCPHeader(
      sourcePort: segment.destinationPort, destinationPort: segment.sourcePort,
      sequence: segment.acknowledgement, flags: .rst)
    if !segment.flags.contains(.ack) {
      tcp.sequence = 0
      tcp.acknowledgement = segment.sequence &+ (segment.flags.contains(.syn) ? 1 : 0)
      tcp.flags = [.rst, .ack]
    }
    let header = IPv4Header(
      totalLength: UInt16(length), ttl: sysctl.ttl, protocol: .tcp, source: ip.destination,
      destination: ip.source)
    write(header, tcp, into: reset, &machine)
    tracer.emit(number, .made(parent: parent, birth: .reset))
    ipOutputLocal(reset, OutputRequest(), &machine, &tracer)
  }

  /// Puts the two headers into a packet, with the segment's checksum.
  private func write(
    _ header: IPv4Header, _ tcp: TCPHeader, into packet: borrowing Packet, _ machine: inout Machine
  ) {
    var tcp = tcp
    var checksum = InternetChecksum()
    checksum.addPseudoHeader(
      source: header.source, destination: header.destination, protocol: .tcp,
      length: TCPHeader.size)
    var bytes = machine.store.mutableBytes(of: packet)
    header.write(into: &bytes, at: 0)
    tcp.write(into: &bytes, at: IPv4Header.size)
    checksum.add(bytes.bytes.extracting(droppingFirst: IPv4Header.size))
    tcp.checksum = checksum.finish()
    tcp.write(into: &bytes, at: IPv4Header.size)
  }
}
