// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// Looking up, adding, changing and deleting routes (net/route.c).
extension Vnet {
  /// The route to a destination for a packet or a check (`rtalloc1_fib`).
  ///
  /// A failure counts in `rts_unreach` whether it is reported or not. A route that a redirect made
  /// stops ageing when it is found (`in_matroute`) and starts again with `rtfree`.
  ///
  /// - Parameter report: Listeners on routing sockets are to hear of a failure (`RTM_MISS`).
  @inline(__always)
  mutating func rtalloc1(
    _ destination: IPv4Address, fib: FibNumber, report: Bool
  ) -> RouteIndex? {
    guard let route = routes.find(destination, in: fib) else {
      statistics.route[.unreach] &+= 1
      if report, routingSockets.isHeard { reportMiss(destination) }
      return nil
    }
    if routes.hops.ageing > 0 { stopAgeing(route) }
    return route
  }

  @inline(never)
  private mutating func stopAgeing(_ route: RouteIndex) {
    guard routes.nextHop(of: route).flags.contains(.RTF_PROTO3) else { return }
    routes[route].flags.remove(.RTF_PROTO3)
    routes[route].expire = 0
  }

  /// Gives back what `rtalloc1` found (`rtfree`): a route that a redirect made is from now on kept
  /// for `net.inet.ip.rtexpire` seconds (`in_clsroute`), and not at all where that is 0.
  @inline(__always)
  mutating func rtfree(_ route: RouteIndex, now: Instant) {
    if routes.hops.ageing > 0 { startAgeing(route, now: now) }
  }

  @inline(never)
  private mutating func startAgeing(_ route: RouteIndex, now: Instant) {
    let flags = routes.nextHop(of: route).flags
    guard flags.contains(.RTF_DYNAMIC), !flags.contains(.RTF_PROTO3) else { return }
    // An answer to the packet may have used and removed it already; C's would have waited for us.
    guard let route = routes.live(route), routes.references(of: route) == 0 else { return }
    guard sysctl.rtexpire != 0 else {
      routes.remove(route)
      return
    }
    routes[route].flags.insert(.RTF_PROTO3)
    // The sysctl may be negative; C's sum wraps as this one does.
    routes[route].expire = now.seconds &+ UInt64(bitPattern: Int64(sysctl.rtexpire))
  }

  /// The route that a message names (`rn_lookup`): the longest match for a destination without
  /// mask, else the one among the longest match's namesakes that has the mask.
  func rtLookup(
    _ destination: IPv4Address, mask: IPv4Address?, fib: FibNumber
  ) -> RouteIndex? {
    guard let longest = routes.lookup(destination, in: fib) else { return nil }
    guard let mask else { return longest }
    let key = RouteKey(network: destination, mask: mask)
    guard routes[longest].key.destination == key.destination else { return nil }
    return routes.exact(key, in: fib)
  }

  /// Adds a route (`rtrequest1_fib`, `RTM_ADD`).
  ///
  /// Nobody asks whether the interface is up, nor is the gateway ever checked again.
  @discardableResult
  mutating func rtAdd(_ request: RouteRequest, fib: FibNumber) throws(Errno) -> RouteIndex {
    guard let gateway = request.gateway else { throw .EINVAL }
    guard routes.contains(fib) else { throw .EAFNOSUPPORT }
    guard let source = rtGetifa(request, fib: fib) else { throw .ENETUNREACH }
    // The interface is the address's, even where another was asked for.
    let interface =
      source.isLinkLevel ? source.interface : addresses[source.address].interface
    var route = Rtentry(
      key: request.key, gateway: gateway, flags: request.flags.union(.RTF_UP), fib: fib,
      interface: interface, address: source.address, mtu: interfaces[interface].mtu)
    route.namesGateway = request.namesGateway
    markAddressKind(&route, source)
    route.setMetrics(request)
    let covering = flows.count > 0 ? routes.lookup(route.key.destination, in: fib) : nil
    guard let index = routes.add(route) else { throw .EEXIST }
    flowFlush(coveredBy: route.key, covering)
    return index
  }

  /// Deletes the route with exactly this key (`rtrequest1_fib`, `RTM_DELETE`).
  @discardableResult
  mutating func rtDelete(_ key: RouteKey, fib: FibNumber) throws(Errno) -> Rtentry {
    guard routes.contains(fib) else { throw .EAFNOSUPPORT }
    guard let index = routes.exact(key, in: fib) else { throw .ESRCH }
    var route = routes.remove(index)
    route.flags.remove(.RTF_UP)
    return route
  }

  /// Changes a route (`route_output`, `RTM_CHANGE`, net/rtsock.c).
  ///
  /// The MTU follows the interface only where a loopback interface is left or taken: no other
  /// driver is told (`lortrequest`, if_loop.c), and it overrides an MTU that was asked for.
  mutating func rtChange(_ index: RouteIndex, _ request: RouteRequest) throws(Errno) {
    var route = routes[index]
    let isOtherSource = request.sourceAddress.map { $0 != addresses[route.address].address }
    var source: RouteSource?
    if (route.flags.contains(.RTF_GATEWAY) && request.gateway != nil)
      || request.interface != nil || request.isSourceAsked
      || isOtherSource == true
    {
      source = rtGetifa(request, fib: route.fib)
      guard source != nil else { throw .ENETUNREACH }
    }
    if let source, source.address != route.address { followLoopback(&route) }
    if let gateway = request.gateway {
      route.gateway = gateway
      route.namesGateway = request.namesGateway
      // It is set where the request has it, and never cleared.
      route.flags.formUnion(request.flags.intersection(.RTF_GATEWAY))
    }
    if let source, source.address != route.address {
      route.address = source.address
      route.interface = source.interface
    }
    route.flags.subtract(.changeable)
    route.flags.formUnion(request.flags.intersection(.changeable))
    route.setMetrics(request)
    followLoopback(&route)
    routes[index] = route
  }

  /// A route over a loopback interface's address has the MTU of its interface (`lortrequest`).
  private func followLoopback(_ route: inout Rtentry) {
    let owner = addresses[route.address].interface
    guard interfaces[owner].type == .loopback else { return }
    route.mtu = interfaces[route.interface].mtu
  }

  /// What is worth knowing of the destination (`in_addroute`, netinet/in_rmx.c).
  private func markAddressKind(_ route: inout Rtentry, _ source: RouteSource) {
    let destination = route.key.destination
    if route.key.isHost {
      if inBroadcast(destination, on: route.interface) {
        route.flags.insert(.RTF_BROADCAST)
      } else if !source.isLinkLevel && addresses[source.address].address == destination {
        route.flags.insert(.RTF_LOCAL)
      }
    }
    if destination.isMulticast { route.flags.insert(.RTF_MULTICAST) }
  }
}

extension RouteFlags {
  /// What `RTM_CHANGE` replaces (`RTF_FMASK`).
  fileprivate static let changeable: RouteFlags = [
    .RTF_PROTO1, .RTF_PROTO2, .RTF_PROTO3, .RTF_BLACKHOLE, .RTF_REJECT, .RTF_STATIC, .RTF_STICKY,
  ]
}
