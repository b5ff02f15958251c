// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
package import Wire

/// A network over a gateway, as `route add -net` asks for one; of these a file has many.
package struct NetworkRoute: Hashable, BitwiseCopyable, Sendable {
  package var destination: IPv4Address
  package var mask: IPv4Address
  package var gateway: IPv4Address
  /// Where it was read.
  package var line: Int

  package init(destination: IPv4Address, mask: IPv4Address, gateway: IPv4Address, line: Int = 0) {
    self.destination = destination
    self.mask = mask
    self.gateway = gateway
    self.line = line
  }
}

/// What many routes in a row ask of their gateways, kept as long as no route to one of them changes.
package struct KnownGateways: Sendable {
  fileprivate struct Answer {
    /// The gateway is an address of ours: packets go straight onto its interface.
    var isOwn: Bool
    /// What `rtGetifa` chose.
    var address: AddressIndex
  }

  /// More than a table of a router has; what is beyond is asked anew.
  private static let most = 4096

  private var answers: [UInt32: Answer] = [:]
  private var lowest = UInt32.max
  private var highest = UInt32.min

  package init() {}

  fileprivate subscript(gateway: IPv4Address) -> Answer? { answers[gateway.rawValue] }

  fileprivate mutating func keep(_ answer: Answer, of gateway: IPv4Address) {
    if answers.count == Self.most { forget() }
    answers[gateway.rawValue] = answer
    lowest = min(lowest, gateway.rawValue)
    highest = max(highest, gateway.rawValue)
  }

  /// A route came, or one goes: what it may lead to is asked anew.
  fileprivate mutating func routeChanges(_ key: RouteKey) {
    let first = key.destination.rawValue
    let last = first | ~key.mask.rawValue
    if first <= highest, lowest <= last { forget() }
  }

  /// Forgets all; the next route asks the tables.
  package mutating func forget() {
    answers.removeAll(keepingCapacity: true)
    (lowest, highest) = (.max, .min)
  }
}

/// Many routes at once: what `routeOutput` does for each, without a message that nobody reads.
///
/// Where somebody listens to a routing socket the messages are to be heard: then these calls do
/// not serve.
extension Kernel {
  /// Whether somebody listens to routing sockets of a stack.
  package func hearsRoutes(vnet: VnetIndex) -> Bool {
    vnets[Int(vnet.rawValue)].routingSockets.isHeard
  }

  /// Adds routes of some places, to the last or the first that fails (`RTM_ADD`).
  ///
  /// - Parameter known: What earlier calls found of gateways; nothing but these calls may have
  ///   changed routes or addresses since.
  /// - Returns: The place of the route that failed, and why; nil where none did.
  package mutating func routeAdd(
    vnet: VnetIndex, fib: FibNumber, _ routes: [NetworkRoute], _ places: Range<Int>,
    _ known: inout KnownGateways
  ) -> (place: Int, errno: Errno)? {
    precondition(!hearsRoutes(vnet: vnet), "nobody hears of routes that are added at once")
    let stack = Int(vnet.rawValue)
    for place in places {
      do throws(Errno) {
        try checkFib(fib, vnet)
        try add(routes[place], stack, fib, &known)
      } catch {
        return (place, error)
      }
    }
    return nil
  }

  /// What `route_output` does for one network that is added.
  private mutating func add(
    _ route: NetworkRoute, _ stack: Int, _ fib: FibNumber, _ known: inout KnownGateways
  ) throws(Errno) {
    var request = RouteRequest(
      key: RouteKey(network: route.destination, mask: route.mask),
      gateway: .address(route.gateway), flags: [.RTF_UP, .RTF_GATEWAY, .RTF_STATIC])
    if let answer = known[route.gateway] {
      if answer.isOwn { request.flags.remove(.RTF_GATEWAY) }
      request.address = answer.address
      try vnets[stack].rtAdd(request, fib: fib)
    } else {
      // A failed search counts each time, and a redirect's route ages with each.
      let isSteady =
        vnets[stack].routes.lookup(route.gateway, in: fib).map { way in
          vnets[stack].routes[way].flags.isDisjoint(with: [.RTF_DYNAMIC, .RTF_PROTO3])
        } ?? false
      let isOwn = leadsToOurselves(.inet(route.gateway), stack, fib)
      if isOwn { request.flags.remove(.RTF_GATEWAY) }
      let index = try vnets[stack].rtAdd(request, fib: fib)
      if isSteady {
        known.keep(
          KnownGateways.Answer(isOwn: isOwn, address: vnets[stack].routes[index].address),
          of: route.gateway)
      }
    }
    known.routeChanges(request.key)
  }

  /// Deletes the routes over gateways, as route(8) does one after the other (`RTM_DELETE`).
  ///
  /// - Returns: The routes in the order of their deletion, but none where `gatewaysStay`, and why no
  ///   more went.
  package mutating func routeFlush(
    vnet: VnetIndex, fib: FibNumber
  ) throws(Errno) -> (gone: [Rtentry], errno: Errno?) {
    precondition(!hearsRoutes(vnet: vnet), "nobody hears of routes that are deleted at once")
    try checkFib(fib, vnet)
    let stack = Int(vnet.rawValue)
    if gatewaysStay(vnet: vnet, fib: fib) {
      vnets[stack].routes.removeAll(in: fib) { $0.flags.contains(.RTF_GATEWAY) }
      return ([], nil)
    }
    let routes = gatewayRoutes(stack, fib)
    for place in routes.indices {
      do throws(Errno) {
        // Looked for as with any message: what is not reached counts.
        if case .address(let gateway) = routes[place].gateway {
          _ = leadsToOurselves(.inet(gateway), stack, fib)
        }
        try vnets[stack].rtDelete(routes[place].key, fib: fib)
      } catch {
        return (Array(routes[..<place]), error)
      }
    }
    return (routes, nil)
  }

  /// Whether each gateway is reached by a route over none, and no search changes that route: then
  /// nothing comes of looking for gateways, and all routes over them can be deleted at once.
  package func gatewaysStay(vnet: VnetIndex, fib: FibNumber) -> Bool {
    let stack = Int(vnet.rawValue)
    var gateways: Set<UInt32> = []
    _ = vnets[stack].routes.contains { hop in
      if hop.flags.contains(.RTF_GATEWAY), case .address(let gateway) = hop.gateway {
        gateways.insert(gateway.rawValue)
      }
      return false
    }
    return gateways.allSatisfy { gateway in
      let way = vnets[stack].routes.lookup(IPv4Address(rawValue: gateway), in: fib)
      return way.map {
        vnets[stack].routes[$0].flags.isDisjoint(with: [.RTF_GATEWAY, .RTF_DYNAMIC, .RTF_PROTO3])
      } ?? false
    }
  }

  private func gatewayRoutes(_ stack: Int, _ fib: FibNumber) -> [Rtentry] {
    var result: [Rtentry] = []
    for place in vnets[stack].routes.routes(in: fib) {
      let route = vnets[stack].routes[place]
      if route.flags.contains(.RTF_GATEWAY) { result.append(route) }
    }
    return result
  }

  /// The places of a table's routes in the order that netstat(1) shows.
  package func routeIndexes(vnet: VnetIndex, fib: FibNumber) throws(Errno) -> [RouteIndex] {
    try checkFib(fib, vnet)
    return vnets[Int(vnet.rawValue)].routes.routes(in: fib)
  }

  /// Reads routes as they are now.
  package func readRoutes(
    vnet: VnetIndex, _ places: ArraySlice<RouteIndex>, into routes: inout [Rtentry]
  ) {
    let stack = Int(vnet.rawValue)
    for place in places { vnets[stack].routes.prefetchAll(place) }
    for place in places { routes.append(vnets[stack].routes[place]) }
  }
}
