// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// Forwarding: `ip_forward` (netinet/ip_input.c).
extension Vnet {
  /// The bytes of a packet that an ICMP error can quote after forwarding failed: what fits into an
  /// mbuf with a packet header on amd64 (`MHLEN`).
  private static let quoteLimit = 168

  /// Sends a packet on towards its destination, or tells its sender why not.
  ///
  /// - Parameter isSourceRouted: The next hop was chosen by a source route or by the filter
  ///   (`srcrt`): no early "no route", no redirect.
  mutating func ipForward<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, isSourceRouted: Bool, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    let number = packet.number
    guard let header = IPv4Header(machine.store.bytes(of: packet)) else {
      preconditionFailure("ip_input checked that the header is there")
    }
    if !packet.header.flags.isDisjoint(with: [.broadcast, .multicast]) {
      return drop(packet, .fwdL2bcast, &machine, &tracer)
    }
    guard Vnet.inCanForward(header.destination) else {
      return drop(packet, .fwdBaddst, &machine, &tracer)
    }
    tracer.emit(number, .passed(.fwdBaddst, header.destination.rawValue, 0))
    let isStealthy = machine.options.ipStealth && sysctl.stealth
    if !isStealthy, header.ttl <= 1 {
      return reply(to: packet, ICMPKind(11, 0), .fwdTtl, &machine, &tracer)
    }
    let route = rtalloc1(header.destination, fib: packet.header.fib, report: true)
    if route == nil { emitRoute(nil, header.destination, packet.header, &tracer) }
    guard route != nil || isSourceRouted else {
      return reply(to: packet, ICMPKind(3, 1), .fwdNoroute, &machine, &tracer)
    }
    if route != nil { tracer.emit(number, .waypoint(.fwdRoute, header.destination.rawValue, 0)) }
    let address = route.map { routes.nextHop(of: $0).address }
    if let route { rtfree(route, now: machine.now) }
    var quote = machine.store.copy(
      packet, upTo: min(Int(header.totalLength), Vnet.quoteLimit), number: number)
    quote?.pullUp(Vnet.quoteLimit)
    if !isStealthy {
      var bytes = machine.store.mutableBytes(of: packet)
      bytes.store(header.ttl - 1, at: 8)
      tracer.emit(number, .ttl(from: header.ttl, to: header.ttl - 1))
    }
    let redirect =
      isSourceRouted
      ? nil : redirectGateway(header, packet.header, address: address, now: machine.now)
    let record = packet.header
    var request = OutputRequest(flags: .IP_FORWARDING)
    request.bringsRoute = true
    let result = ipOutput(packet, request, &machine, &tracer)
    if let errno = result.errno {
      forwardFailed(
        quote, number, result, errno, length: Int(header.totalLength), address: address,
        &machine, &tracer)
      if let used = result.route { rtfree(used, now: machine.now) }
      return
    }
    if let used = result.route { rtfree(used, now: machine.now) }
    count(.forward, number, &tracer)
    tracer.emit(number, .waypoint(.fwdOk, 0, 0))
    if let gateway = redirect {
      tracer.emit(number, .waypoint(.fwdRedirect, gateway.rawValue, 0))
      count(.redirectsent, number, &tracer)
      if let quote {
        _ = icmpError(
          quote, type: 5, code: 1, gateway: gateway, mtu: 0, &machine, &tracer)
      }
    } else if let quote {
      machine.store.free(quote)
    }
    endOutput(
      record, result, ttl: isStealthy ? header.ttl : header.ttl - 1, &machine, &tracer)
  }

  /// Where a redirect sends the sender, if one is due (F8).
  private mutating func redirectGateway(
    _ header: IPv4Header, _ packet: Packet.Record, address: AddressIndex?, now: Instant
  ) -> IPv4Address? {
    guard sysctl.redirect, let address,
      addresses[address].interface == packet.receivedOn,
      let route = rtalloc1(header.destination, fib: packet.fib, report: false)
    else { return nil }
    let entry = routes.nextHop(of: route)
    let key = routes.key(of: route)
    rtfree(route, now: now)
    guard entry.flags.isDisjoint(with: [.RTF_DYNAMIC, .RTF_MODIFIED]),
      key.destination != .any
    else { return nil }
    let source = addresses[entry.address]
    guard header.source & source.mask == source.subnet else { return nil }
    if entry.flags.contains(.RTF_GATEWAY), case .address(let gateway) = entry.gateway {
      return gateway
    }
    return header.destination
  }

  /// Output failed: counts, and tells the sender what the error means (F10 and the error map).
  @inline(never)
  private mutating func forwardFailed<T: Tracer & ~Copyable>(
    _ quote: consuming Packet?, _ number: PacketNumber, _ result: OutputResult,
    _ errno: Errno, length: Int, address: AddressIndex?, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    var kind: ICMPKind?
    var mtu: UInt32 = 0
    let id: TraceID
    switch errno {
    case .EMSGSIZE:
      id = .fwdErrNeedfrag
      kind = ICMPKind(3, 4)
      mtu = nextHopMTU(result, length: length, address: address)
    case .ENOBUFS:
      if sysctl.sendsourcequench {
        id = .fwdErrQuench
        kind = ICMPKind(4, 0)
      } else {
        id = .fwdErrNobufs
      }
    case .EACCES:
      id = .fwdErrAcces
    default:
      id = .fwdErrUnreach
      kind = ICMPKind(3, 1)
    }
    var end = End(.dropped, id)
    end.cause = result.id
    end.errno = errno
    if case .denied(let rule) = result.fate {
      end.verdict = .denied
      end.rule = rule
    }
    if let counter = id.ipCounter { count(counter, number, &tracer) }
    if let counter = id.secondIPCounter { count(counter, number, &tracer) }
    if let quote {
      if let kind {
        end.icmp = kind
        end.suppressedBy = icmpError(
          quote, type: kind.type, code: kind.code, gateway: .any, mtu: mtu, &machine, &tracer)
        if end.suppressedBy == nil { end.verdict = .replied }
      } else {
        machine.store.free(quote)
      }
    } else if kind != nil {
      end.id = .fwdErrNocopy
    }
    switch result.fate {
    // A `reass` rule keeps fragments and says that it refuses them; a full queue has dropped it.
    case .held, .continues: return
    case .sent, .denied, .dropped: machine.end(number, end, &tracer)
    }
  }

  /// The MTU that "needs fragmentation" reports (02, "Next-hop MTU").
  private func nextHopMTU(
    _ result: OutputResult, length: Int, address: AddressIndex?
  ) -> UInt32 {
    let interfaceMTU = address.map { interfaces[addresses[$0].interface].mtu }
    let routeMTU = result.route.map { routes[$0].mtu } ?? 0
    if routeMTU != 0 { return min(routeMTU, interfaceMTU ?? routeMTU) }
    return interfaceMTU ?? Vnet.nextSmallerPlateau(below: length)
  }
}
