// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// IP inside GRE, going out (net/if_gre.c).
extension Vnet {
  /// The time to live of the packets that gre makes (`GRE_TTL`).
  private static let greTTL: UInt8 = 30
  /// The type of a redirected packet of WCCP (`WCCP_PROTOCOL_TYPE`).
  static let wccpType: UInt16 = 0x883e

  /// Wraps a packet for a tunnel's other end and sends it (`gre_output`): type of service and
  /// identification are the inner packet's.
  @inline(never)
  mutating func greOutput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) -> OutputResult {
    guard var tunnel = tunnels.tunnel(of: interface) else {
      preconditionFailure("a gre has a place among the tunnels as long as it is there")
    }
    tunnel.nesting &+= 1
    tunnels.update(tunnel)
    let result = greOutput(packet, tunnel, &machine, &tracer)
    tunnel.nesting = 0
    tunnels.update(tunnel)
    return result
  }

  private mutating func greOutput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ tunnel: Tunnel, _ machine: inout Machine, _ tracer: inout T
  ) -> OutputResult {
    let interface = tunnel.interface
    // net.link.gre.max_nesting is 1.
    guard tunnel.nesting <= 1, tunnels.outputDepth < TunnelTable.deepestOutput else {
      machine.log(
        "\(interfaces[interface].name): gre_output: recursively called too many "
          + "times(\(tunnel.nesting))")
      return tunnelFailed(packet, on: interface, .greNested, .EIO, &machine, &tracer)
    }
    guard interfaces[interface].isRunning, let ends = tunnel.ends, ends.source != .any,
      ends.destination != .any
    else {
      return tunnelFailed(packet, on: interface, .greDown, .ENETDOWN, &machine, &tracer)
    }
    if interfaces[interface].bpfPeers > 0 { tap(packet, on: interface, .out, &machine) }
    packet.header.flags.subtract([.broadcast, .multicast])
    let refusal =
      tunnel.isMobile
      ? wrapMobile(&packet, ends, &machine) : wrap(&packet, tunnel, ends, &machine)
    if let (id, errno) = refusal {
      // _IF_DROP of if_gre.c.
      interfaces[interface].statistics[.sndDrops] &+= 1
      return tunnelFailed(packet, on: interface, id, errno, &machine, &tracer)
    }
    packet.header.fib = tunnel.fib
    packet.header.fibChooser = .tunnel
    tracer.emit(
      packet.number, .waypoint(.greWrap, ends.source.rawValue, ends.destination.rawValue))
    interfaces[interface].statistics[.opackets] &+= 1
    interfaces[interface].statistics[.obytes] &+= UInt64(packet.count)
    var request = OutputRequest(flags: .IP_FORWARDING)
    request.routeKey = greRouteKey(tunnel, ends)
    return tunnelSend(packet, request, on: interface, &machine, &tracer)
  }

  /// Puts IP and GRE headers in front.
  ///
  /// - Returns: What is wrong, or nil.
  private func wrap(
    _ packet: inout Packet, _ tunnel: Tunnel, _ ends: TunnelEnds, _ machine: inout Machine
  ) -> (TraceID, Errno)? {
    // Flags and type; a key; the header of WCCP's second version, which stays empty.
    let words = 1 + (tunnel.key != 0 ? 1 : 0) + (tunnel.isWCCP2 ? 1 : 0)
    let length = IPv4Header.size + 4 * words
    guard machine.store.reserve(length, before: &packet) else { return (.outQfull, .ENOBUFS) }
    let service = machine.store.bytes(of: packet).uint8(at: 1)
    let identification = machine.store.bytes(of: packet).uint16(at: 4)
    packet.prepend(length)
    let header = IPv4Header(
      tos: service, totalLength: UInt16(truncatingIfNeeded: packet.count),
      identification: identification, ttl: Vnet.greTTL, protocol: .gre, source: ends.source,
      destination: ends.destination)
    writeHeader(header, packet, &machine)
    var bytes = machine.store.mutableBytes(of: packet)
    for word in 0..<words { bytes.store(UInt32(0), at: IPv4Header.size + 4 * word) }
    bytes.store(
      tunnel.isWCCP2 ? Vnet.wccpType : EtherType.ipv4.rawValue, at: IPv4Header.size + 2)
    if tunnel.key != 0 {
      bytes.store(GreFlags.key, at: IPv4Header.size)
      bytes.store(tunnel.key, at: IPv4Header.size + 4)
    }
    return nil
  }
}

/// The flags of a GRE header (RFC 1701; net/if_gre.h).
enum GreFlags {
  static let checksum: UInt16 = 0x8000
  static let routing: UInt16 = 0x4000
  static let key: UInt16 = 0x2000
  static let sequence: UInt16 = 0x1000
}
