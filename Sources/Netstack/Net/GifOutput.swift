// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// IP inside IP, going out (net/if_gif.c, netinet/in_gif.c).
extension Vnet {
  /// Wraps a packet for a tunnel's other end and sends it (`gif_output`).
  ///
  /// A packet that has been wrapped before may be so again `net.link.gif.max_nesting` times less one,
  /// but never by the same interface.
  @inline(never)
  mutating func gifOutput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) -> OutputResult {
    let own = UInt32(index.rawValue) << 16 | UInt32(interface.rawValue)
    var depth = 1
    let isLoop = machine.store.tags.contains(from: packet.header.firstWrapper) { wrapper in
      depth += 1
      return wrapper == own
    }
    if isLoop {
      machine.log("gif_output: loop detected on \(interfaces[interface].name)")
      return tunnelFailed(packet, on: interface, .gifLoop, .EIO, &machine, &tracer)
    }
    guard depth <= sysctl.gifMaxNesting, tunnels.outputDepth < TunnelTable.deepestOutput else {
      machine.log("gif_output: recursively called too many times(\(depth))")
      return tunnelFailed(packet, on: interface, .gifNested, .EIO, &machine, &tracer)
    }
    machine.store.tags.prepend(own, to: &packet.header.firstWrapper)
    packet.header.flags.subtract([.broadcast, .multicast])
    guard interfaces[interface].flags.contains(.IFF_UP),
      let tunnel = tunnels.tunnel(of: interface), let ends = tunnel.ends
    else {
      return tunnelFailed(packet, on: interface, .gifDown, .ENETDOWN, &machine, &tracer)
    }
    if interfaces[interface].bpfPeers > 0 { tap(packet, on: interface, .out, &machine) }
    interfaces[interface].statistics[.opackets] &+= 1
    interfaces[interface].statistics[.obytes] &+= UInt64(packet.count)
    return inGifOutput(packet, tunnel, ends, &machine, &tracer)
  }

  /// Puts the outer header in front, whose mark of congestion the inner decides, and looks for a way
  /// that is not the tunnel itself (`in_gif_output`).
  private mutating func inGifOutput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ tunnel: Tunnel, _ ends: TunnelEnds, _ machine: inout Machine,
    _ tracer: inout T
  ) -> OutputResult {
    let interface = tunnel.interface
    guard ends.destination != .any else {
      return tunnelFailed(packet, on: interface, .gifNoroute, .ENETUNREACH, &machine, &tracer)
    }
    guard machine.store.reserve(IPv4Header.size, before: &packet) else {
      return tunnelFailed(packet, on: interface, .outQfull, .ENOBUFS, &machine, &tracer)
    }
    var service = machine.store.bytes(of: packet).uint8(at: 1)
    // ECN_ALLOWED: of "congestion experienced" the outer header says only that it can.
    if interfaces[interface].flags.contains(.IFF_LINK1), service & 3 == 3 { service &= ~1 }
    packet.prepend(IPv4Header.size)
    let header = IPv4Header(
      tos: service, totalLength: UInt16(truncatingIfNeeded: packet.count), ttl: sysctl.gifTTL,
      protocol: .ipip, source: ends.source, destination: ends.destination)
    writeHeader(header, packet, &machine)
    packet.header.fib = tunnel.fib
    packet.header.fibChooser = .tunnel
    tracer.emit(
      packet.number, .waypoint(.gifWrap, ends.source.rawValue, ends.destination.rawValue))
    guard let route = rtalloc1(ends.destination, fib: tunnel.fib, report: true) else {
      return tunnelFailed(packet, on: interface, .gifNoroute, .ENETUNREACH, &machine, &tracer)
    }
    let leadsBack = routes[route].interface == interface
    rtfree(route, now: machine.now)
    guard !leadsBack else {
      return tunnelFailed(packet, on: interface, .gifSelf, .ENETUNREACH, &machine, &tracer)
    }
    return tunnelSend(packet, OutputRequest(), on: interface, &machine, &tracer)
  }

  /// Sends what a tunnel has wrapped; an error counts on its interface.
  mutating func tunnelSend<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ request: OutputRequest, on interface: InterfaceIndex,
    _ machine: inout Machine, _ tracer: inout T
  ) -> OutputResult {
    tunnels.outputDepth += 1
    var request = request
    request.bringsRoute = true
    let result = ipOutput(packet, request, &machine, &tracer)
    tunnels.outputDepth -= 1
    if let used = result.route { rtfree(used, now: machine.now) }
    if result.errno != nil { interfaces[interface].statistics[.oerrors] &+= 1 }
    return result
  }

  /// Ends a packet that a tunnel cannot send.
  mutating func tunnelFailed<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, _ id: TraceID, _ errno: Errno,
    _ machine: inout Machine, _ tracer: inout T
  ) -> OutputResult {
    interfaces[interface].statistics[.oerrors] &+= 1
    return discard(packet, id, errno, &machine, &tracer)
  }
}
