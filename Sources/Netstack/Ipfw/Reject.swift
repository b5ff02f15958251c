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
  ///
  /// - Returns: Whether it is a packet to be told of.
  @inline(never)
  mutating func reply<T: Tracer & ~Copyable>(
    _ action: RuleAction, _ facts: borrowing PacketFacts, _ packet: borrowing Packet,
    _ machine: inout Machine, _ tracer: inout T
  ) -> Bool {
    guard facts.isAnswerable(packet.header.flags) else { return false }
    switch action {
    case .unreach(let code):
      guard let copy = machine.store.copy(packet, number: packet.number) else { return true }
      _ = icmpError(
        copy, type: ICMPType.unreach.rawValue, code: code, gateway: .any, mtu: 0, &machine, &tracer)
    case .reset:
      sendReset(facts, packet.number, &machine, &tracer)
    default: break
    }
    return true
  }

  /// Answers a segment with a reset (`send_pkt` with `TH_RST`), unless it is one itself.
  ///
  /// The acknowledgement leaves the segment's data out.
  private mutating func sendReset<T: Tracer & ~Copyable>(
    _ facts: borrowing PacketFacts, _ parent: PacketNumber, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    guard let ip = facts.ip, let segment = facts.tcp, !segment.flags.contains(.rst) else { return }
    var tcp = TCPHeader(
      sourcePort: segment.destinationPort, destinationPort: segment.sourcePort,
      sequence: segment.acknowledgement, flags: .rst)
    if !segment.flags.contains(.ack) {
      tcp.sequence = 0
      tcp.acknowledgement = segment.sequence &+ (segment.flags.contains(.syn) ? 1 : 0)
      tcp.flags = [.rst, .ack]
    }
    let sender = SegmentSender(
      local: ip.destination, foreign: ip.source, ttl: sysctl.ttl, tos: 0, fib: facts.fib,
      fibChooser: .reply, dontFragment: false, flags: .skipFirewall)
    let number = machine.newChild()
    tracer.emit(number, .made(parent: parent, birth: .reset))
    _ = sendSegment(tcp, OptionBytes(), sender, number, &machine, &tracer)
  }
}
