// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What a gre without `link0` does (net/if_gre.c, netinet/ip_gre.c): instead of a header in front
/// it puts a short one behind the packet's own, whose addresses it changes (RFC 2004).
extension Vnet {
  /// Wraps a packet; its length and time to live are still its own.
  ///
  /// C reads the fragment field in the byte order of the other side, here and as the packet comes out:
  /// what has any flag there counts as a fragment, and a few fragments do not.
  ///
  /// - Returns: What is wrong, or nil.
  func wrapMobile(
    _ packet: inout Packet, _ ends: TunnelEnds, _ machine: inout Machine
  ) -> (TraceID, Errno)? {
    guard let header = IPv4Header(machine.store.bytes(of: packet)),
      header.fragment.byteSwapped & (IPv4Header.MF | IPv4Header.offsetMask) == 0
    else { return (.greFragment, .EINVAL) }
    let keepsSource = header.source != ends.source
    let size = keepsSource ? 12 : 8
    guard machine.store.reserve(size, before: &packet) else { return (.outQfull, .ENOBUFS) }
    packet.prepend(size)
    var outer = header
    outer.totalLength &+= UInt16(size)
    outer.fragment = header.fragment.byteSwapped
    outer.protocol = .mobile
    (outer.source, outer.destination) = (ends.source, ends.destination)
    writeHeader(outer, packet, &machine)
    var bytes = machine.store.mutableBytes(of: packet)
    bytes.store(header.protocol.rawValue, at: 20)
    bytes.store(keepsSource ? Vnet.mobileSource : 0, at: 21)
    bytes.store(UInt16(0), at: 22)
    bytes.store(header.destination.rawValue, at: 24)
    if keepsSource { bytes.store(header.source.rawValue, at: 28) }
    let sum = Vnet.mobileSum(machine.store.bytes(of: packet), size)
    bytes = machine.store.mutableBytes(of: packet)
    bytes.store(sum, at: 22)
    return nil
  }

  /// Gives a packet its own addresses back (`gre_mobile_input`). The short header is looked for behind
  /// 20 bytes, and taken out behind the options.
  mutating func mobileInput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, _ tunnel: Tunnel,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    let interface = tunnel.interface
    guard interfaces[interface].flags.contains(.IFF_UP) else {
      return drop(packet, .greGone, &machine, &tracer)
    }
    guard packet.count >= 32 else { return drop(packet, .greShort, &machine, &tracer) }
    interfaces[interface].statistics[.ipackets] &+= 1
    interfaces[interface].statistics[.ibytes] &+= UInt64(packet.count)
    tracer.emit(
      packet.number,
      .waypoint(.dlvEncap, UInt32(interface.rawValue), UInt32(header.protocol.rawValue)))
    let keepsSource = machine.store.bytes(of: packet).uint8(at: 21) & Vnet.mobileSource != 0
    let size = keepsSource ? 12 : 8
    guard packet.count >= header.headerLength + size else {
      return drop(packet, .greShort, &machine, &tracer)
    }
    guard Vnet.mobileSum(machine.store.bytes(of: packet), size) == 0 else {
      return drop(packet, .greBadsum, &machine, &tracer)
    }
    unwrapMobile(&packet, header, size, &machine)
    if interfaces[interface].bpfPeers > 0 { tap(packet, on: interface, .in, &machine) }
    packet.header.receivedOn = interface
    packet.header.savedRoute = 0
    _ = netisrQueue(packet, .ip, &machine, &tracer)
  }

  private func unwrapMobile(
    _ packet: inout Packet, _ header: IPv4Header, _ size: Int, _ machine: inout Machine
  ) {
    var inner = header
    inner.protocol = IPProtocol(rawValue: machine.store.bytes(of: packet).uint8(at: 20))
    inner.destination = IPv4Address(rawValue: machine.store.bytes(of: packet).uint32(at: 24))
    if size == 12 {
      inner.source = IPv4Address(rawValue: machine.store.bytes(of: packet).uint32(at: 28))
    }
    // The length has lost the header's own as the packet was delivered, and gets 20 back.
    inner.totalLength &-= UInt16(header.headerLength - IPv4Header.size + size)
    inner.fragment = header.fragment.byteSwapped
    for place in stride(from: header.headerLength - 1, through: IPv4Header.size, by: -1) {
      let byte = machine.store.bytes(of: packet).uint8(at: place)
      var bytes = machine.store.mutableBytes(of: packet)
      bytes.store(byte, at: place + size)
    }
    packet.trimFront(size)
    writeHeader(inner, packet, &machine)
    finishHeader(of: packet, on: nil, &machine)
  }

  /// The short header's flag that it has the source too (`MOB_H_SBIT`).
  private static let mobileSource: UInt8 = 0x80

  /// The checksum of the short header (`gre_in_cksum`): 0 where it is right.
  private static func mobileSum(_ bytes: RawSpan, _ size: Int) -> UInt16 {
    var sum: UInt32 = 0
    for word in 0..<size / 2 { sum += UInt32(bytes.uint16(at: IPv4Header.size + 2 * word)) }
    sum = (sum >> 16) + (sum & 0xffff)
    sum += sum >> 16
    return ~UInt16(truncatingIfNeeded: sum)
  }
}
