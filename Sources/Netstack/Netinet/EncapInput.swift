// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// Packets with packets inside (netinet/ip_encap.c, in_gif.c, ip_gre.c).
extension Vnet {
  /// Finds the tunnel that a packet for this host came by; without one it goes to the raw sockets
  /// (`encap4_input`).
  mutating func encapInput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    for place in 0..<tunnels.count {
      let tunnel = tunnels[place]
      switch tunnel.driver {
      case .gif where gifTakes(packet, header, tunnel, &machine):
        return inGifInput(packet, header, tunnel, &machine, &tracer)
      case .gre where header.protocol == .gre && greTakes(header, tunnel):
        return greInput(packet, header, tunnel, &machine, &tracer)
      case .gre where header.protocol == .mobile && tunnel.isMobile && tunnel.joins(header):
        return mobileInput(packet, header, tunnel, &machine, &tracer)
      default: continue
      }
    }
    ripInput(packet, header, &machine, &tracer)
  }

  /// Whether a gif is up and the packet is from its other end (`gif_encapcheck`, `gif_validate4`):
  /// from an address that can be one, and by the interface that leads there, unless `link2` says
  /// otherwise.
  private mutating func gifTakes(
    _ packet: borrowing Packet, _ header: IPv4Header, _ tunnel: Tunnel, _ machine: inout Machine
  ) -> Bool {
    let flags = interfaces[tunnel.interface].flags
    guard flags.contains(.IFF_UP), let ends = tunnel.ends,
      header.protocol == .ipip || header.protocol == .ipv6 || header.protocol == .etherip,
      ends.source == header.destination, ends.destination == header.source
    else { return false }
    let first = header.source.rawValue >> 24
    guard !header.source.isMulticast, first != 0, first != 127, first != 255 else { return false }
    for position in 0..<addresses.count {
      let record = addresses[addresses.configured(at: position)]
      if record.broadcast == header.source,
        interfaces[record.interface].flags.contains(.IFF_BROADCAST)
      {
        return false
      }
    }
    guard !flags.contains(.IFF_LINK2), packet.header.receivedOn != .none else { return true }
    guard let route = rtalloc1(header.source, fib: tunnel.fib, report: false) else { return false }
    let isFromThere = routes[route].interface == packet.header.receivedOn
    rtfree(route, now: machine.now)
    return isFromThere
  }

  /// Takes the outer header off (`in_gif_input`, `gif_input`).
  ///
  /// With `link1` the mark of congestion comes inside; as the inner checksum is not made anew, a
  /// packet that gets one this way is damaged from then on.
  private mutating func inGifInput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, _ tunnel: Tunnel,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    let interface = tunnel.interface
    tracer.emit(
      packet.number,
      .waypoint(.dlvEncap, UInt32(interface.rawValue), UInt32(header.protocol.rawValue))
    )
    packet.trimFront(header.headerLength)
    // IPv6 is not there, and frames are a bridge's.
    guard header.protocol == .ipip else { return drop(packet, .gifOther, &machine, &tracer) }
    guard packet.count >= IPv4Header.size else {
      return drop(packet, .gifShort, &machine, &tracer)
    }
    if interfaces[interface].flags.contains(.IFF_LINK1), header.tos & 3 == 3 {
      let inner = machine.store.bytes(of: packet).uint8(at: 1)
      guard inner & 3 != 0 else { return drop(packet, .gifEcn, &machine, &tracer) }
      var bytes = machine.store.mutableBytes(of: packet)
      bytes.store(inner | 3, at: 1)
    }
    packet.header.receivedOn = interface
    packet.header.savedRoute = 0
    if interfaces[interface].bpfPeers > 0 { tap(packet, on: interface, .in, &machine) }
    interfaces[interface].statistics[.ipackets] &+= 1
    interfaces[interface].statistics[.ibytes] &+= UInt64(packet.count)
    guard tunnels.inputDepth < TunnelTable.deepestInput else {
      _ = netisrQueue(packet, .ip, &machine, &tracer)
      return
    }
    tunnels.inputDepth += 1
    netisrDispatch(packet, .ip, &machine, &tracer)
    tunnels.inputDepth -= 1
  }

  /// Whether a gre is up and the packet is from its other end (`gre_lookup`).
  private func greTakes(_ header: IPv4Header, _ tunnel: Tunnel) -> Bool {
    !tunnel.isMobile && tunnel.joins(header)
      && interfaces[tunnel.interface].flags.contains(.IFF_UP)
  }

  /// Takes IP and GRE headers off (`gre_input2`). A key or a number is stepped over, whatever it is;
  /// what has a route or is of another kind than IPv4 goes to the raw sockets.
  private mutating func greInput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, _ tunnel: Tunnel,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    let interface = tunnel.interface
    guard packet.count >= IPv4Header.size + 4 else {
      return drop(packet, .greShort, &machine, &tracer)
    }
    interfaces[interface].statistics[.ipackets] &+= 1
    interfaces[interface].statistics[.ibytes] &+= UInt64(packet.count)
    // C takes the outer header for one of 20 bytes here.
    let flags = machine.store.bytes(of: packet).uint16(at: IPv4Header.size)
    let type = machine.store.bytes(of: packet).uint16(at: IPv4Header.size + 2)
    var length = header.headerLength + 4
    if flags & (GreFlags.checksum | GreFlags.routing) != 0 { length += 4 }
    if flags & GreFlags.key != 0 { length += 4 }
    if flags & GreFlags.sequence != 0 { length += 4 }
    if type == Vnet.wccpType, tunnel.isWCCP2 { length += 4 }
    guard flags & GreFlags.routing == 0, type == EtherType.ipv4.rawValue || type == Vnet.wccpType
    else { return ripInput(packet, header, &machine, &tracer) }
    tracer.emit(
      packet.number,
      .waypoint(.dlvEncap, UInt32(interface.rawValue), UInt32(header.protocol.rawValue))
    )
    guard length <= packet.count else { return drop(packet, .greShort, &machine, &tracer) }
    packet.trimFront(length)
    if interfaces[interface].bpfPeers > 0 { tap(packet, on: interface, .in, &machine) }
    packet.header.receivedOn = interface
    packet.header.savedRoute = 0
    _ = netisrQueue(packet, .ip, &machine, &tracer)
  }
}

extension Tunnel {
  /// Whether a packet's addresses are the ends.
  fileprivate func joins(_ header: IPv4Header) -> Bool {
    ends?.source == header.destination && ends?.destination == header.source
  }
}
