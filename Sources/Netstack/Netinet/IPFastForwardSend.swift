// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// Fast forwarding, from the route to the interface: the second half of `ip_fastforward`
/// (netinet/ip_fastfwd.c).
///
/// Errors quote the packet as it is by now: with the TTL one less. Nothing redirects, nothing asks
/// who may broadcast, and the addresses' own counters stand still.
extension Vnet {
  /// Looks up the route, shows the packet to the outbound filters, and sends it (X20 to X23).
  ///
  /// - Parameter arrival: The destination before any filter; where it is another by the end, inbound
  ///   filters included, the route is looked up again.
  mutating func fastRoute<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, arrivedFor arrival: IPv4Address,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    var header = header
    guard
      var route = ipFindRoute(header.destination, packet.header, machine.now, &tracer)
    else { return reply(to: packet, ICMPKind(3, 1), .ffNoroute, &machine, &tracer) }
    guard routes.nextHop(of: route).flags.isDisjoint(with: [.RTF_BLACKHOLE, .RTF_BROADCAST]) else {
      rtfree(route, now: machine.now)
      return drop(packet, .ffBlackhole, &machine, &tracer)
    }
    var key = header.destination
    if hasHooks {
      let place = FilterPlace(.out, routes.nextHop(of: route).interface)
      switch pfilRunHooks(packet, place, &machine, &tracer) {
      case .pass(let passed): packet = passed
      case .denied(let refused, let rule):
        rtfree(route, now: machine.now)
        var end = End(.denied, .ffFwOut)
        end.rule = rule
        return machine.finish(refused, end, &tracer)
      case .taken: return rtfree(route, now: machine.now)
      }
      header = IPv4Header(machine.store.bytes(of: packet)) ?? header
      key = header.destination
      let isChanged = key != arrival
      if packet.header.flags.contains(.fastForwardOurs) || isChanged && addresses.own(key) != nil {
        rtfree(route, now: machine.now)
        return forwardLocal(packet, &machine, &tracer)
      }
      if isChanged || packet.header.forwardTag != nil {
        if let tag = packet.header.forwardTag {
          packet.header.forwardTag = nil
          key = tag.address
          tracer.emit(packet.number, .waypoint(.outFwd, key.rawValue, UInt32(tag.port)))
        } else {
          tracer.emit(packet.number, .waypoint(.outRedst, key.rawValue, 0))
        }
        rtfree(route, now: machine.now)
        guard let other = ipFindRoute(key, packet.header, machine.now, &tracer) else {
          return reply(to: packet, ICMPKind(3, 1), .ffNoroute, &machine, &tracer)
        }
        route = other
      }
    }
    fastSend(packet, header, key, route, &machine, &tracer)
    rtfree(route, now: machine.now)
  }

  /// The route to a destination, if it and its interface are usable (`ip_findroute`).
  private mutating func ipFindRoute<T: Tracer & ~Copyable>(
    _ destination: IPv4Address, _ packet: Packet.Record, _ now: Instant, _ tracer: inout T
  ) -> RouteIndex? {
    let route = rtalloc1(destination, fib: packet.fib, report: true)
    emitRoute(route, destination, packet, &tracer)
    guard let route else { return nil }
    let hop = routes.nextHop(of: route)
    guard hop.flags.contains(.RTF_UP), interfaces[hop.interface].isRunning
    else {
      rtfree(route, now: now)
      return nil
    }
    return route
  }

  /// The last checks: reject routes, room in the queue, the link, the MTU (X24 to X28).
  private mutating func fastSend<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, _ key: IPv4Address, _ route: RouteIndex,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    let hop = routes.nextHop(of: route)
    let interface = hop.interface
    if hop.flags.contains(.RTF_REJECT), hop.expire == 0 || machine.now.seconds < hop.expire {
      return reply(to: packet, ICMPKind(3, 1), .ffReject, &machine, &tracer)
    }
    let length = UInt32(header.totalLength)
    let interfaceMTU = interfaces[interface].mtu
    let needed = interfaces[interface].queueLength &+ length / max(interfaceMTU, 1) &+ 1
    guard needed < interfaces[interface].queueLimit else {
      return drop(packet, .ffQfull, &machine, &tracer)
    }
    guard interfaces[interface].linkState != .down else {
      return reply(to: packet, ICMPKind(3, 1), .ffLinkdown, &machine, &tracer)
    }
    // Unlike ip_output's, this does not lower the route's own MTU for good.
    let mtu = hop.mtu == 0 ? interfaceMTU : min(hop.mtu, interfaceMTU)
    tracer.emit(packet.number, .mtu(length: length, mtu: mtu))
    var choice = OutputChoice(interface: interface, nextHop: key, route: route)
    if hop.flags.contains(.RTF_GATEWAY), case .address(let gateway) = hop.gateway {
      choice.nextHop = gateway
    }
    let record = packet.header
    let result: OutputResult
    if length <= mtu
      || (!header.dontFragment
        && interfaces[interface].hardwareAssist.contains(.CSUM_FRAGMENT))
    {
      var sent = ifOutput(
        packet, on: interface, nextHop: choice.nextHop, route: route, &machine, &tracer)
      complete(&sent, choice)
      result = sent
    } else if header.dontFragment {
      return reply(to: packet, ICMPKind(3, 4), .ffNeedfrag, mtu: mtu, &machine, &tracer)
    } else {
      result = outputFragments(packet, header, choice, mtu: Int(mtu), &machine, &tracer)
    }
    fastSent(record, result, ttl: header.ttl, &machine, &tracer)
  }

  /// What output said: counts, and gives the verdict (X29 to X31).
  private mutating func fastSent<T: Tracer & ~Copyable>(
    _ packet: Packet.Record, _ result: OutputResult, ttl: UInt8, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    var result = result
    if let errno = result.errno {
      let isUncut = result.id == .outFragSmall || result.id == .outFragNobufs
      var end = End(.dropped, isUncut ? .ffFrag : .ffIferr)
      end.cause = result.id
      end.errno = errno
      if case .denied(let rule) = result.fate { (end.verdict, end.rule) = (.denied, rule) }
      if let counter = end.id.ipCounter { count(counter, packet.number, &tracer) }
      return machine.end(packet.number, end, &tracer)
    }
    if let route = result.route { routes.countUse(of: route) }
    count(.forward, packet.number, &tracer)
    count(.fastforward, packet.number, &tracer)
    if case .sent = result.fate { result.id = .ffOk }
    endOutput(packet, result, ttl: ttl, &machine, &tracer)
  }
}
