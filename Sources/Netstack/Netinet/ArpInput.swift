// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// The fields of an ARP packet, found by the lengths it claims for its addresses.
private struct ArpFields: BitwiseCopyable {
  let fixed: ARPFixedHeader
  /// The first six bytes, whatever the packet's own length of them is.
  let senderHardware: EthernetAddress
  let sender: IPv4Address
  let target: IPv4Address

  /// Where the fields begin (`ar_sha`, `ar_spa`, `ar_tha`, `ar_tpa` of net/if_arp.h).
  static let senderHardwareOffset = ARPFixedHeader.size
  var senderOffset: Int { ArpFields.senderHardwareOffset + Int(fixed.hardwareLength) }
  var targetHardwareOffset: Int { senderOffset + Int(fixed.protocolLength) }
  var targetOffset: Int { targetHardwareOffset + Int(fixed.hardwareLength) }
  /// `arphdr_len`.
  var length: Int { targetOffset + Int(fixed.protocolLength) }

  /// Reads a packet of at least 28 bytes; nil for less.
  init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= ARPHeader.size, let fixed = ARPFixedHeader(bytes) else { return nil }
    self.fixed = fixed
    senderHardware = EthernetAddress(rawValue: bytes.uint48(at: ArpFields.senderHardwareOffset))
    let sender = ArpFields.senderHardwareOffset + Int(fixed.hardwareLength)
    let target = sender + Int(fixed.protocolLength) + Int(fixed.hardwareLength)
    self.sender = IPv4Address(rawValue: UInt32(bytes.number(at: sender, bytes: 4)))
    self.target = IPv4Address(rawValue: UInt32(bytes.number(at: target, bytes: 4)))
  }
}

extension RawSpan {
  /// Up to 8 bytes in network order; those past the end, which the C would find in its buffer, are 0.
  fileprivate func number(at offset: Int, bytes: Int) -> UInt64 {
    var value: UInt64 = 0
    for position in offset..<offset + bytes {
      value = value << 8 | (position < byteCount ? UInt64(uint8(at: position)) : 0)
    }
    return value
  }
}

/// ARP packets that arrive (netinet/if_ether.c).
extension Vnet {
  /// `ARPHRD_ETHER`, `_IEEE802`, `_ARCNET` and `_IEEE1394` of net/if_arp.h.
  private static func isKnownHardware(_ type: UInt16) -> Bool {
    type == 1 || type == 6 || type == 7 || type == 24
  }

  /// The checks that all of ARP's protocols have in common (`arpintr`).
  ///
  /// - Parameter packet: Starts at the ARP header.
  mutating func arpIntr<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ machine: inout Machine, _ tracer: inout T
  ) {
    machine.assertCurrent(index)
    guard let fixed = ARPFixedHeader(machine.store.bytes(of: packet)) else {
      machine.log("arp: runt packet -- m_pullup failed")
      return drop(packet, .arpRunt, &machine, &tracer)
    }
    guard Vnet.isKnownHardware(fixed.hardwareType) else {
      machine.log("arp: unknown hardware address format (0x\(hexDigits(fixed.hardwareType)))")
      return drop(packet, .arpBadhw, &machine, &tracer)
    }
    let length =
      ARPFixedHeader.size + 2 * (Int(fixed.hardwareLength) + Int(fixed.protocolLength))
    guard packet.count >= length else {
      machine.log("arp: runt packet")
      return drop(packet, .arpRuntLen, &machine, &tracer)
    }
    guard fixed.protocolType == .ipv4 else {
      return drop(packet, .arpBadproto, &machine, &tracer)
    }
    inArpInput(packet, &machine, &tracer)
  }

  /// Learns from a packet and answers a request, in the order of `in_arpinput()`.
  private mutating func inArpInput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ machine: inout Machine, _ tracer: inout T
  ) {
    var interface = packet.header.receivedOn
    let isBridged = interfaces[interface].bridge != .none
    guard let fields = ArpFields(machine.store.bytes(of: packet)) else {
      machine.log("in_arp: runt packet -- m_pullup failed")
      return drop(packet, .arpRuntIn, &machine, &tracer)
    }
    guard
      let (mine, hardware) = arpOwnAddress(
        for: fields, on: &interface, isBridged: isBridged, machine)
    else {
      return drop(packet, .arpNoaddr, &machine, &tracer)
    }
    if hardware != interfaces[interface].hardwareAddress {
      tracer.emit(packet.number, .waypoint(.arpCarp, 0, 0))
    }
    if fields.senderHardware == hardware {
      return drop(packet, .arpOurs, &machine, &tracer)
    }
    if fields.senderHardware.isBroadcast {
      machine.log("arp: link address is broadcast for IP address \(fields.sender)!")
      return drop(packet, .arpBcastmac, &machine, &tracer)
    }
    var target = fields.target
    var outcome = TraceID.arpNoreply
    if !isBridged && fields.sender == mine && mine != .any {
      machine.log(
        "arp: \(fields.senderHardware) is using my IP address \(fields.sender) "
          + "on \(interfaces[interface].name)!")
      target = mine
      outcome = .arpDup
    } else if interfaces[interface].flags.contains(.IFF_STATICARP) {
      tracer.emit(packet.number, .waypoint(.arpStatic, 0, 0))
    } else {
      outcome = arpLearn(
        fields, mine: mine, on: interface, packet.number, &machine, &tracer)
    }
    guard fields.fixed.operation == .request else {
      return machine.finish(
        packet, End(outcome == .arpLearned ? .consumed : .dropped, outcome), &tracer)
    }
    packet.header.receivedOn = interface
    arpAnswer(packet, fields, target: target, mine: mine, from: hardware, &machine, &tracer)
  }

  /// The address of ours that a packet is about, and who has it: the target if it is the interface's
  /// or a virtual host's that is to answer, else the sender if it is, else the interface's first. To a
  /// member of a bridge those of all members are its own, and in the end any.
  ///
  /// - Parameter interface: Becomes a bridge's member where the bridge has taken what is that's.
  private func arpOwnAddress(
    for fields: ArpFields, on interface: inout InterfaceIndex, isBridged: Bool,
    _ machine: borrowing Machine
  ) -> (IPv4Address, EthernetAddress)? {
    let hardware = interfaces[interface].hardwareAddress
    if let owner = arpTargetOwner(fields, interface, isBridged, machine) {
      return (fields.target, owner)
    }
    if isOwn(fields.sender, interface, isBridged) { return (fields.sender, hardware) }
    if let bridge = bridges.index(of: interface) {
      let member = arpMember(fields.target) {
        $0.bridge == bridge && $0.hardwareAddress == hardware
      }
      if let member {
        interface = member
        return (fields.target, hardware)
      }
    }
    if let first = addresses.first(on: interface) { return (addresses[first].address, hardware) }
    return isBridged && addresses.count > 0
      ? (addresses[addresses.configured(at: 0)].address, hardware) : nil
  }

  /// The hardware address of the target if that is ours.
  private func arpTargetOwner(
    _ fields: ArpFields, _ interface: InterfaceIndex, _ isBridged: Bool,
    _ machine: borrowing Machine
  ) -> EthernetAddress? {
    var next = addresses.own(fields.target)
    while let address = next {
      let owner = addresses[address].interface
      if owner == interface || isBridged && interfaces[owner].bridge != .none {
        return interfaces[interface].hardwareAddress
      }
      if interfaces[interface].hasCarp,
        let shared = carpMatch(address, askedBy: fields.sender, on: interface, machine)
      {
        return shared
      }
      next = addresses.nextOwn(after: address)
    }
    return nil
  }

  private func isOwn(
    _ address: IPv4Address, _ interface: InterfaceIndex, _ isBridged: Bool
  ) -> Bool {
    own(address, on: interface) != nil
      || isBridged && arpMember(address) { $0.bridge != .none } != nil
  }

  /// An interface of a kind that has an address.
  private func arpMember(
    _ address: IPv4Address, where isWanted: (Ifnet) -> Bool
  ) -> InterfaceIndex? {
    for position in 0..<addresses.count {
      let record = addresses[addresses.configured(at: position)]
      if record.address == address, isWanted(interfaces[record.interface]) {
        return record.interface
      }
    }
    return nil
  }

  /// Notes who the sender is; makes a new entry only for one who speaks to us.
  private mutating func arpLearn<T: Tracer & ~Copyable>(
    _ fields: ArpFields, mine: IPv4Address, on interface: InterfaceIndex,
    _ number: PacketNumber, _ machine: inout Machine, _ tracer: inout T
  ) -> TraceID {
    var found = arp.find(fields.sender, on: interface)
    if found == nil && fields.target == mine {
      found = arpCreate(fields.sender, on: interface, &machine)
    }
    guard let entry = found else { return .arpNoreply }
    if arpIsOther(fields, entry, number, &machine, &tracer) { return .arpPermanent }
    guard fields.fixed.hardwareLength == 6 else {
      tracer.emit(number, .waypoint(.arpBadlen, UInt32(fields.fixed.hardwareLength), 6))
      machine.log(
        "arp from \(fields.senderHardware): addr len: new \(fields.fixed.hardwareLength), "
          + "i/f 6 (ignored)")
      return .arpNoreply
    }
    arp[entry].hardwareAddress = fields.senderHardware
    arp[entry].flags.insert(.LLE_VALID)
    if !arp[entry].flags.contains(.LLE_STATIC) {
      let life = UInt64(clamping: sysctl.arpMaxAge)
      arp[entry].expire = machine.wallSeconds &+ life
      arpSetTimer(of: entry, seconds: life, &machine)
    }
    arp[entry].asked = 0
    arp[entry].preempt = Int32(truncatingIfNeeded: sysctl.arpMaxtries)
    arpRelease(entry, &machine, &tracer)
    return .arpLearned
  }

  /// Logs that a neighbour's hardware address is another one now; whether the entry is permanent, so
  /// that it stays.
  private func arpIsOther<T: Tracer & ~Copyable>(
    _ fields: ArpFields, _ entry: ArpIndex, _ number: PacketNumber, _ machine: inout Machine,
    _ tracer: inout T
  ) -> Bool {
    let known = arp[entry].hardwareAddress
    guard arp[entry].flags.contains(.LLE_VALID), known != fields.senderHardware else {
      return false
    }
    let name = interfaces[arp[entry].interface].name
    if arp[entry].flags.contains(.LLE_STATIC) {
      machine.log(
        "arp: \(fields.senderHardware) attempts to modify permanent entry for "
          + "\(fields.sender) on \(name)")
      return true
    }
    tracer.emit(number, .waypoint(.arpMoved, 0, 0))
    if machine.sysctl.logArpMovements {
      machine.log(
        "arp: \(fields.sender) moved from \(known) to \(fields.senderHardware) on \(name)")
    }
    return false
  }

  /// Answers a request for our address, for a published one, or with proxyall for any that is
  /// routed elsewhere (the end of `in_arpinput()`).
  private mutating func arpAnswer<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ fields: ArpFields, target: IPv4Address, mine: IPv4Address,
    from own: EthernetAddress, _ machine: inout Machine, _ tracer: inout T
  ) {
    let interface = packet.header.receivedOn
    var hardware = own
    var id = TraceID.arpReplied
    if target != mine {
      id = .arpRequestProxied
      if let entry = arp.find(target, on: interface), arp[entry].flags.contains(.LLE_PUB) {
        hardware = arp[entry].hardwareAddress
      } else if let refusal = arpProxyRefusal(
        fields.sender, asksFor: target, on: interface, &machine)
      {
        return drop(packet, refusal, &machine, &tracer)
      }
    }
    let isBroadcast = target == mine && target.isLinkLocal
    let asker = packet.number
    packet.header.number = machine.newChild()
    tracer.emit(packet.number, .made(parent: asker, birth: .arpReply(target)))
    machine.end(asker, End(.consumed, id), &tracer)
    packet.header.flags.subtract([.broadcast, .multicast])
    if isBroadcast { packet.header.flags.insert(.broadcast) }
    let destination = arpTurn(&packet, fields, from: hardware, target, &machine)
    arpSend(
      packet, to: isBroadcast ? .broadcast : destination, on: interface, &machine, &tracer)
  }

  /// Why proxyall does not answer for an address, or nil where it does. Asks FIB 0 only.
  private mutating func arpProxyRefusal(
    _ sender: IPv4Address, asksFor target: IPv4Address, on interface: InterfaceIndex,
    _ machine: inout Machine
  ) -> TraceID? {
    guard sysctl.proxyall, let way = arpWay(to: target, machine.now), way != interface,
      let expected = arpWay(to: sender, machine.now)
    else { return .arpRequestNotours }
    guard expected != interface else { return nil }
    machine.log(
      "arp_proxy: ignoring request from \(sender) via \(interfaces[interface].name), "
        + "expecting \(interfaces[expected].name)")
    return .arpRequestWrongif
  }

  /// The interface that FIB 0 reaches an address by.
  private mutating func arpWay(to address: IPv4Address, _ now: Instant) -> InterfaceIndex? {
    guard let route = rtalloc1(address, fib: .zero, report: false) else { return nil }
    let interface = routes[route].interface
    rtfree(route, now: now)
    return interface
  }

  /// Makes a request its own reply, in place; returns where the reply goes.
  ///
  /// Addresses of other lengths than ours keep those lengths, as in the C; what our address is
  /// short of is 0.
  private mutating func arpTurn(
    _ packet: inout Packet, _ fields: ArpFields, from hardware: EthernetAddress,
    _ address: IPv4Address, _ machine: inout Machine
  ) -> EthernetAddress {
    let hardwareLength = Int(fields.fixed.hardwareLength)
    let protocolLength = Int(fields.fixed.protocolLength)
    machine.store.copyBytes(
      from: packet, at: ArpFields.senderHardwareOffset, count: hardwareLength,
      to: packet, at: fields.targetHardwareOffset)
    machine.store.copyBytes(
      from: packet, at: fields.senderOffset, count: protocolLength,
      to: packet, at: fields.targetOffset)
    let fixed = ARPFixedHeader(
      hardwareLength: fields.fixed.hardwareLength, protocolLength: fields.fixed.protocolLength,
      operation: .reply)
    var bytes = machine.store.mutableBytes(of: packet)
    fixed.write(into: &bytes, at: 0)
    for place in 0..<hardwareLength {
      let byte = place < 6 ? UInt8(truncatingIfNeeded: hardware.rawValue >> (40 - 8 * place)) : 0
      bytes.store(byte, at: ArpFields.senderHardwareOffset + place)
    }
    for place in 0..<protocolLength {
      let byte = place < 4 ? UInt8(truncatingIfNeeded: address.rawValue >> (24 - 8 * place)) : 0
      bytes.store(byte, at: fields.senderOffset + place)
    }
    let destination = machine.store.bytes(of: packet).number(
      at: fields.targetHardwareOffset, bytes: 6)
    packet.trim(to: fields.length)
    return EthernetAddress(rawValue: destination)
  }

  /// Two bytes as `%2D` prints them.
  private func hexDigits(_ value: UInt16) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}
