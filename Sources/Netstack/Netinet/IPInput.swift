// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// The way in: `ip_input` (netinet/ip_input.c).
extension Vnet {
  /// Decides what becomes of a packet that IP received: deliver, forward or drop.
  ///
  /// The order of the checks is part of the model: each has its own counter, and a packet with two
  /// faults counts under the first. The packet starts at its IP header and may be longer than the
  /// header says (Ethernet padding).
  mutating func ipInput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ machine: inout Machine, _ tracer: inout T
  ) {
    machine.assertCurrent(index)
    let number = packet.number
    tracer.emit(number, .ipInput(interface: packet.header.receivedOn))
    if packet.header.flags.contains(.fastForwardOurs) {
      packet.header.flags.remove(.fastForwardOurs)
      tracer.emit(number, .waypoint(.ipFastours, 0, 0))
      // The fast path does not compare the length with the header's; see Docs/Fidelity.md.
      guard let header = IPv4Header(machine.store.bytes(of: packet)),
        header.headerLength <= packet.count
      else { return drop(packet, .ipBadlen, &machine, &tracer) }
      return ipOurs(packet, address: nil, .ipOursFastours, &machine, &tracer)
    }
    count(.total, number, &tracer)
    if packet.header.firstBufferCount != nil,
      let fault = gatherHeader(of: &packet, .ipToosmall, .ipBadhlenTrunc, &machine)
    {
      return drop(packet, fault, &machine, &tracer)
    }
    if let fault = ipCheck(packet, machine, &tracer) {
      return drop(packet, fault, &machine, &tracer)
    }
    guard var header = IPv4Header(machine.store.bytes(of: packet)) else {
      preconditionFailure("ip_input checked that the header is there")
    }
    if packet.count > Int(header.totalLength) {
      tracer.emit(
        number, .waypoint(.ipTrim, UInt32(packet.count), UInt32(header.totalLength)))
      packet.trim(to: Int(header.totalLength))
    }
    // The length of the header that the hooks saw stands; what they made of it does not count.
    let headerWords = header.headerWords
    var isRedirected = false
    if hasHooks {
      let destination = header.destination
      let place = FilterPlace(.in, packet.header.receivedOn)
      switch pfilRunHooks(packet, place, &machine, &tracer) {
      case .pass(let passed): packet = passed
      case .denied(let refused, let rule):
        var end = End(.denied, .ipFwDeny)
        end.rule = rule
        return machine.finish(refused, end, &tracer)
      case .taken: return
      }
      tracer.emit(number, .waypoint(.ipFwPass, 0, 0))
      header = IPv4Header(machine.store.bytes(of: packet)) ?? header
      if header.destination != destination {
        tracer.emit(number, .waypoint(.ipFwDstchg, header.destination.rawValue, 0))
        // With IPFIREWALL_FORWARD, C notes a next hop in the same place, and forgets the change.
        isRedirected = !machine.options.ipfirewallForward
      }
      if packet.header.flags.contains(.fastForwardOurs) {
        packet.header.flags.remove(.fastForwardOurs)
        tracer.emit(number, .waypoint(.ipFwFwdlocal, 0, 0))
        return ipOurs(packet, address: nil, .ipFwFwdlocal, &machine, &tracer)
      }
      if let tag = packet.header.forwardTag {
        tracer.emit(number, .waypoint(.ipFwFwdtag, tag.address.rawValue, UInt32(tag.port)))
        return ipForward(packet, isSourceRouted: true, &machine, &tracer)
      }
    }
    if headerWords > 5 {
      guard let kept = ipDoOptions(packet, .arrival, &machine, &tracer) else { return }
      packet = kept
      header = IPv4Header(machine.store.bytes(of: packet)) ?? header
    }
    ipRoute(packet, header, isRedirected: isRedirected, &machine, &tracer)
  }

  /// Makes the header lie in the first buffer, as the C reads it: the id of the pull-up that found no
  /// memory (I3, I6; X3, X6 of the fast path). Headers that are wrong are left to the checks.
  @inline(never)
  func gatherHeader(
    of packet: inout Packet, _ small: TraceID, _ truncated: TraceID, _ machine: inout Machine
  ) -> TraceID? {
    guard machine.store.pullUp(&packet, IPv4Header.size) else { return small }
    guard let header = IPv4Header(machine.store.bytes(of: packet)), header.version == 4,
      header.headerLength >= IPv4Header.size
    else { return nil }
    return machine.store.pullUp(&packet, header.headerLength) ? nil : truncated
  }

  /// The checks before the filter: the id of the first that fails, in the C's order (I2 to I11).
  private func ipCheck<T: Tracer & ~Copyable>(
    _ packet: borrowing Packet, _ machine: borrowing Machine, _ tracer: inout T
  ) -> TraceID? {
    let number = packet.number
    guard let header = IPv4Header(machine.store.bytes(of: packet)) else { return .ipTooshortHdr }
    tracer.emit(number, .passed(.ipTooshortHdr, UInt32(packet.count), UInt32(IPv4Header.size)))
    guard header.version == 4 else { return .ipBadvers }
    tracer.emit(number, .passed(.ipBadvers, UInt32(header.version), 4))
    let headerLength = header.headerLength
    guard headerLength >= IPv4Header.size else { return .ipBadhlen }
    guard headerLength <= packet.count else { return .ipBadhlenTrunc }
    tracer.emit(number, .passed(.ipBadhlen, UInt32(headerLength), UInt32(packet.count)))
    if header.source.isLoopback || header.destination.isLoopback,
      !isLoopback(packet.header.receivedOn)
    {
      return .ipBadaddr
    }
    tracer.emit(number, .passed(.ipBadaddr, header.source.rawValue, header.destination.rawValue))
    if packet.header.flags.contains(.ipChecked) {
      guard packet.header.flags.contains(.ipValid) else { return .ipBadsum }
    } else {
      let sum = IPv4Header.checksum(
        of: machine.store.bytes(of: packet), headerLength: headerLength)
      guard sum == 0 else { return .ipBadsum }
    }
    tracer.emit(number, .passed(.ipBadsum, UInt32(header.checksum), 0))
    guard Int(header.totalLength) >= headerLength else { return .ipBadlen }
    tracer.emit(number, .passed(.ipBadlen, UInt32(header.totalLength), UInt32(headerLength)))
    guard packet.count >= Int(header.totalLength) else { return .ipTooshort }
    tracer.emit(
      number, .passed(.ipTooshort, UInt32(packet.count), UInt32(header.totalLength)))
    return nil
  }

  /// After the options: is the packet for this host, or to be forwarded (I18 to I29)?
  ///
  /// - Parameter isRedirected: The filter changed the destination (`dchg`).
  private mutating func ipRoute<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, isRedirected: Bool,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    let number = packet.number
    let linkFlags: PacketFlags = [.broadcast, .multicast]
    if addresses.isEmpty, packet.header.flags.isDisjoint(with: linkFlags) {
      return ipOurs(packet, address: nil, .ipOursNoaddr, &machine, &tracer)
    }
    if let (address, reason) = ipOwnAddress(
      packet, header, isRedirected: isRedirected, &tracer)
    {
      return ipOurs(packet, address: address, reason, &machine, &tracer)
    }
    if header.destination.isLinkLocal { return drop(packet, .ipLinklocal, &machine, &tracer) }
    if header.destination.isMulticast {
      if T.isOn, !isMember(of: header.destination, on: packet.header.receivedOn) {
        tracer.emit(number, .waypoint(.ipMcastNofilter, header.destination.rawValue, 0))
      }
      return ipOurs(packet, address: nil, .ipOursMcast, &machine, &tracer)
    }
    if header.destination == .broadcast {
      return ipOurs(packet, address: nil, .ipOursLimited, &machine, &tracer)
    }
    if header.destination == .any {
      return ipOurs(packet, address: nil, .ipOursAny, &machine, &tracer)
    }
    guard sysctl.forwarding else { return drop(packet, .ipCantforward, &machine, &tracer) }
    tracer.emit(number, .passed(.ipCantforward, 1, 0))
    ipForward(packet, isSourceRouted: isRedirected, &machine, &tracer)
  }

  /// The address of ours that the packet is for, and which test said so (I20 to I22).
  private func ipOwnAddress<T: Tracer & ~Copyable>(
    _ packet: borrowing Packet, _ header: IPv4Header, isRedirected: Bool, _ tracer: inout T
  ) -> (AddressIndex, TraceID)? {
    let received = packet.header.receivedOn
    let checksInterface =
      sysctl.checkInterface && !sysctl.forwarding && received != .none && !isLoopback(received)
      && !isRedirected && !interfaces[received].hasCarp
    var candidate = addresses.own(header.destination)
    while let address = candidate {
      if !checksInterface || addresses[address].interface == received {
        return (address, .ipOursAddr)
      }
      tracer.emit(
        packet.number, .waypoint(.ipCheckifSkip, header.destination.rawValue, 0))
      candidate = addresses.nextOwn(after: address)
    }
    guard received != .none, interfaces[received].flags.contains(.IFF_BROADCAST) else {
      return nil
    }
    var next = addresses.first(on: received)
    while let address = next {
      let record = addresses[address]
      if record.broadcast == header.destination { return (address, .ipOursBcast) }
      if record.classfulBroadcast == header.destination { return (address, .ipOursNetbcast) }
      next = record.nextOnInterface
    }
    return nil
  }

  /// The packet is for this host: counts it on its address and calls the protocol (O1 to O6).
  private mutating func ipOurs<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, address: AddressIndex?, _ reason: TraceID,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    let number = packet.number
    guard var header = IPv4Header(machine.store.bytes(of: packet)) else {
      preconditionFailure("ip_input checked that the header is there")
    }
    tracer.emit(number, .waypoint(reason, header.destination.rawValue, 0))
    if header.headerWords > 5, machine.options.ipStealth, sysctl.stealth {
      guard let kept = ipDoOptions(packet, .delivery, &machine, &tracer) else { return }
      packet = kept
    }
    if let address {
      addresses[address].ipackets &+= 1
      addresses[address].ibytes &+= UInt64(packet.count)
    }
    if header.isFragment {
      guard let datagram = ipReass(packet, header, &machine, &tracer) else { return }
      packet = datagram
      header = IPv4Header(machine.store.bytes(of: packet)) ?? header
    }
    count(.delivered, number, &tracer)
    if T.isOn {
      tracer.recordBytes(
        number, .delivered(header.protocol), machine.store.bytes(of: packet))
    }
    protocolInput(packet, header, &machine, &tracer)
  }

  /// Whether packets from this interface never left the machine.
  private func isLoopback(_ interface: InterfaceIndex) -> Bool {
    interface != .none && interfaces[interface].flags.contains(.IFF_LOOPBACK)
  }
}
