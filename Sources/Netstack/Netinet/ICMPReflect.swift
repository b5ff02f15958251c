// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// Turning a packet round: `icmp_reflect` and `icmp_send` (netinet/ip_icmp.c).
extension Vnet {
  /// Sends an ICMP message back to where the packet in the same buffer came from.
  ///
  /// The header still has the old source and destination, and the options of a request, which are
  /// answered.
  mutating func icmpReflect<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ machine: inout Machine, _ tracer: inout T
  ) {
    let number = packet.number
    guard var header = IPv4Header(machine.store.bytes(of: packet)) else {
      preconditionFailure("icmp_reflect gets whole headers")
    }
    if header.source.isMulticast || header.source.isExperimental || header.source.isZeroNet {
      count(icmp: .badaddr, number, &tracer)
      return drop(packet, .icmpBadaddr, &machine, &tracer)
    }
    let target = header.destination
    header.destination = header.source
    guard
      let source = reflectSource(
        target, replyTo: header.destination, packet, now: machine.now, &tracer)
    else {
      count(icmp: .noroute, number, &tracer)
      return drop(packet, .icmpNoroute, &machine, &tracer)
    }
    header.source = source
    tracer.emit(number, .waypoint(.icmpSrc, source.rawValue, 0))
    tracer.emit(number, .sourceChosen(source))
    header.ttl = sysctl.ttl
    let options = header.headerWords > 5 ? replyOptions(to: packet, header, machine) : nil
    packet.trimFront(header.headerLength - IPv4Header.size)
    header.headerWords = 5
    header.totalLength = UInt16(packet.count)
    var bytes = machine.store.mutableBytes(of: packet)
    header.write(into: &bytes, at: 0)
    packet.header.flags.subtract([.broadcast, .multicast])
    packet.header.forwardTag = nil
    packet.header.divertTag = nil
    packet.header.ruleReference = nil
    packet.header.savedRoute = 0
    machine.store.forgetWrappers(of: &packet)
    icmpSend(packet, options, &machine, &tracer)
  }

  /// Makes the checksum, puts the options in and sends (`icmp_send`).
  private mutating func icmpSend<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ options: OptionBytes?, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    var bytes = machine.store.mutableBytes(of: packet)
    bytes.store(UInt16(0), at: IPv4Header.size + 2)
    let sum = InternetChecksum.checksum(
      of: machine.store.bytes(of: packet).extracting(droppingFirst: IPv4Header.size))
    bytes = machine.store.mutableBytes(of: packet)
    bytes.store(sum, at: IPv4Header.size + 2)
    packet.header.receivedOn = .none
    var request = OutputRequest()
    if let options {
      request.flowKey = IPv4Header(machine.store.bytes(of: packet))?.destination
      ipInsertOptions(options, into: &packet, &machine, &tracer)
    }
    if T.isOn {
      tracer.recordBytes(packet.number, .made, machine.store.bytes(of: packet))
    }
    ipOutputLocal(packet, request, &machine, &tracer)
  }

  /// Which of our addresses answers (K3 to K7).
  private mutating func reflectSource<T: Tracer & ~Copyable>(
    _ target: IPv4Address, replyTo destination: IPv4Address, _ packet: borrowing Packet,
    now: Instant, _ tracer: inout T
  ) -> IPv4Address? {
    if addresses.own(target) != nil { return target }
    let received = packet.header.receivedOn
    if received != .none, interfaces[received].flags.contains(.IFF_BROADCAST) {
      var next = addresses.first(on: received)
      while let address = next {
        if addresses[address].broadcast == target { return addresses[address].address }
        next = addresses[address].nextOnInterface
      }
    }
    if sysctl.replyFromInterface, received != .none,
      let address = addresses.first(on: received)
    {
      return addresses[address].address
    }
    if let interface = replySourceInterface, let address = addresses.first(on: interface) {
      return addresses[address].address
    }
    let route = rtalloc1(destination, fib: packet.header.fib, report: true)
    emitRoute(route, destination, packet.header, &tracer)
    guard let route else { return nil }
    let address = routes[route].address
    rtfree(route, now: now)
    return addresses[address].address
  }

  /// The interface that `net.inet.icmp.reply_src` names, if there is one.
  private var replySourceInterface: InterfaceIndex? {
    guard let text = sysctl[text: .icmpReplySrc], !text.isEmpty, let name = InterfaceName(text)
    else { return nil }
    return interfaces.index(named: name)
  }
}
