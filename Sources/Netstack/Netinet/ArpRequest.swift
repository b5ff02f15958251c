// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// Requests, announcements, and the entries of our own addresses (netinet/if_ether.c).
extension Vnet {
  /// Asks who has an address (`arprequest` without a sender).
  ///
  /// The sender is the interface's address whose network has the target, else its last one.
  mutating func arpRequest<T: Tracer & ~Copyable>(
    on interface: InterfaceIndex, for target: IPv4Address, parent: PacketNumber,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    var sender: IPv4Address?
    var next = addresses.first(on: interface)
    while let index = next {
      sender = addresses[index].address
      if addresses[index].covers(target) { break }
      next = addresses[index].nextOnInterface
    }
    guard let sender else {
      machine.log("arprequest: cannot find matching address")
      let number = machine.newChild()
      tracer.emit(number, .made(parent: parent, birth: .arpRequest(target)))
      return machine.end(number, End(.dropped, .arpRequestNoaddr), &tracer)
    }
    guard var packet = arpPacket(on: interface, sender: sender, target: target, nil, &machine)
    else { return }
    packet.header.number = machine.newChild()
    tracer.emit(packet.number, .made(parent: parent, birth: .arpRequest(target)))
    arpSend(packet, to: .broadcast, on: interface, &machine, &tracer)
  }

  /// Tells everybody that we have an address: a request whose sender and target it is.
  ///
  /// A system call sets it off, so the packet is not made on another's way.
  ///
  /// - Parameters:
  ///   - hardware: Who has it, where it is not the interface itself.
  ///   - cause: The packet that it is made because of, if any.
  mutating func arpAnnounce<T: Tracer & ~Copyable>(
    _ address: IPv4Address, as hardware: EthernetAddress? = nil, on interface: InterfaceIndex,
    because cause: PacketNumber? = nil, _ machine: inout Machine, _ tracer: inout T
  ) {
    guard
      var packet = arpPacket(
        on: interface, sender: address, target: address, hardware, &machine)
    else { return }
    packet.header.number = cause == nil ? machine.newRoot() : machine.newChild()
    tracer.emit(
      packet.number, .made(parent: cause ?? packet.number, birth: .gratuitousArp(address)))
    arpSend(packet, to: .broadcast, on: interface, &machine, &tracer)
  }

  /// A request as a packet, or nil where memory is out; it has no number of its own yet.
  private mutating func arpPacket(
    on interface: InterfaceIndex, sender: IPv4Address, target: IPv4Address,
    _ hardware: EthernetAddress?, _ machine: inout Machine
  ) -> Packet? {
    guard
      var packet = machine.store.allocate(count: ARPHeader.size, number: PacketNumber(root: 0))
    else { return nil }
    let header = ARPHeader(
      operation: .request,
      senderHardware: hardware ?? interfaces[interface].hardwareAddress, senderProtocol: sender,
      targetHardware: .zero, targetProtocol: target)
    var bytes = machine.store.mutableBytes(of: packet)
    header.write(into: &bytes, at: 0)
    packet.header.flags.insert(.broadcast)
    return packet
  }

  /// Puts the Ethernet header in front of an ARP packet, sends it, and gives its verdict
  /// (`ether_output` of `AF_ARP`, which makes no copy for ourselves).
  mutating func arpSend<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, to destination: EthernetAddress, on interface: InterfaceIndex,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    let number = packet.number
    var end = End(.sent, .arpSent)
    end.interface = interface
    guard interfaces[interface].isRunning,
      !interfaces[interface].flags.contains(.IFF_MONITOR)
    else {
      end.verdict = .dropped
      end.id = .ifDown
      end.errno = .ENETDOWN
      return machine.finish(packet, end, &tracer)
    }
    packet.prepend(EthernetHeader.size)
    let header = EthernetHeader(
      destination: destination, source: interfaces[interface].hardwareAddress, type: .arp)
    var bytes = machine.store.mutableBytes(of: packet)
    header.write(into: &bytes, at: 0)
    let result = etherHandDown(packet, on: interface, &machine, &tracer)
    switch result.fate {
    case .sent: break
    case .held, .continues: return
    case .dropped, .denied:
      end.verdict = .dropped
      end.id = result.id
      end.errno = result.errno
      if case .denied(let rule) = result.fate { (end.verdict, end.rule) = (.denied, rule) }
    }
    machine.end(number, end, &tracer)
  }

  /// Announces an address of an interface and makes its permanent entry (`arp_ifinit`).
  mutating func arpIfinit<T: Tracer & ~Copyable>(
    _ address: IPv4Address, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    guard address != .any else { return }
    arpAnnounce(address, on: interface, &machine, &tracer)
    guard arp.find(address, on: interface) == nil else { return }
    var entry = ArpEntry(
      address, on: interface, flags: [.LLE_IFADDR, .LLE_STATIC, .LLE_VALID],
      expire: machine.wallSeconds)
    entry.hardwareAddress = interfaces[interface].hardwareAddress
    _ = arp.insert(entry)
  }

  /// Deletes the entry of an address that an interface loses (`arp_ifscrub`); it is no more found.
  mutating func arpIfscrub(_ address: IPv4Address, on interface: InterfaceIndex) {
    if let entry = arp.find(address, on: interface) { arp.markDeleted(entry) }
  }

  /// Removes every entry of a network from all interfaces, own and permanent ones too
  /// (`lltable_prefix_free`).
  mutating func arpFlush<T: Tracer & ~Copyable>(
    network: IPv4Address, mask: IPv4Address, _ machine: inout Machine, _ tracer: inout T
  ) {
    for position in 0..<interfaces.count {
      for entry in arp.entries(on: interfaces.attached(at: position))
      where arp[entry].address & mask == network & mask {
        arpFree(entry, &machine, &tracer)
      }
    }
  }

  /// Removes an interface's whole table (`lltable_free`).
  mutating func arpFlush<T: Tracer & ~Copyable>(
    interface: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    for entry in arp.entries(on: interface) { arpFree(entry, &machine, &tracer) }
  }
}
