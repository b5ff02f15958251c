// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
package import Wire

/// What a process writes to a routing socket (`struct rt_msghdr` and its addresses, net/route.h).
package struct RouteMessage: Hashable, Sendable {
  package var destination: IPv4Address
  /// nil asks for a host, as `RTF_HOST` does.
  package var mask: IPv4Address?
  package var gateway: Gateway?
  package var flags: RouteFlags = []
  /// `-ifp`.
  package var interface: InterfaceIndex?
  /// `-ifa`.
  package var sourceAddress: IPv4Address?
  package var mtu: UInt32?
  package var weight: UInt32?
  /// Seconds since 1970; 0 for never.
  package var expire: UInt64?

  package init(destination: IPv4Address, mask: IPv4Address? = nil, gateway: Gateway? = nil) {
    self.destination = destination
    self.mask = mask
    self.gateway = gateway
  }

  /// Whether the mask counts: `RTF_HOST` drops it.
  fileprivate var isHost: Bool { mask == nil || flags.contains(.RTF_HOST) }
}

/// What a routing socket answers to `RTM_GET`.
package struct RouteAnswer: Sendable {
  /// The route; its flags have `RTF_DONE`.
  package var entry: Rtentry
  package var interfaceName: InterfaceName
  /// The source address of packets that have none.
  package var source: IPv4Address
  /// The other end where the interface is a point-to-point link (`RTAX_BRD`).
  package var peer: IPv4Address?
  /// Seconds left, or 0 where the route does not expire.
  package var secondsLeft: Int64
}

/// The routing socket of a process in a FIB (`route_output`, net/rtsock.c).
extension Kernel {
  /// Adds a route (`RTM_ADD`).
  package mutating func routeAdd(
    vnet: VnetIndex, fib: FibNumber, _ message: RouteMessage
  ) throws(Errno) {
    try checkFib(fib, vnet)
    let request = try request(message, vnet, fib)
    try vnets[Int(vnet.rawValue)].rtAdd(request, fib: fib)
  }

  /// Deletes a route (`RTM_DELETE`) and returns it as it was.
  ///
  /// The destination must be the network itself: 8.0 masks it on adding only. The gateway is looked
  /// at by no check.
  @discardableResult
  package mutating func routeDelete(
    vnet: VnetIndex, fib: FibNumber, _ message: RouteMessage
  ) throws(Errno) -> Rtentry {
    try checkFib(fib, vnet)
    let request = try request(message, vnet, fib)
    guard message.isHost || request.key.destination == message.destination else { throw .ESRCH }
    return try vnets[Int(vnet.rawValue)].rtDelete(request.key, fib: fib)
  }

  /// Changes a route (`RTM_CHANGE`), which must have a mask where the message has one.
  package mutating func routeChange(
    vnet: VnetIndex, fib: FibNumber, _ message: RouteMessage
  ) throws(Errno) {
    try checkFib(fib, vnet)
    let request = try request(message, vnet, fib)
    let stack = Int(vnet.rawValue)
    guard
      let route = vnets[stack].rtLookup(message.destination, mask: message.mask, fib: fib),
      vnets[stack].routes[route].key.isHost == (message.mask == nil)
    else { throw .ESRCH }
    try vnets[stack].rtChange(route, request)
  }

  /// The route with this mask, or the one that packets would take where none is given (`RTM_GET`).
  package func routeGet(
    vnet: VnetIndex, fib: FibNumber, destination: IPv4Address, mask: IPv4Address? = nil
  ) throws(Errno) -> RouteAnswer {
    try checkFib(fib, vnet)
    let stack = Int(vnet.rawValue)
    guard let route = vnets[stack].rtLookup(destination, mask: mask, fib: fib) else {
      throw .ESRCH
    }
    var entry = vnets[stack].routes[route]
    entry.flags.insert(.RTF_DONE)
    let interface = vnets[stack].interfaces[entry.interface]
    let address = vnets[stack].addresses[entry.address]
    let isPointToPoint = interface.flags.contains(.IFF_POINTOPOINT)
    return RouteAnswer(
      entry: entry, interfaceName: interface.name, source: address.address,
      peer: isPointToPoint ? address.peer : nil,
      secondsLeft: entry.expire == 0
        ? 0 : Int64(bitPattern: entry.expire &- machine.now.seconds))
  }

  /// A table's routes in the order that netstat(1) shows (`NET_RT_DUMP`).
  package func routes(vnet: VnetIndex, fib: FibNumber) throws(Errno) -> [Rtentry] {
    try checkFib(fib, vnet)
    let stack = Int(vnet.rawValue)
    return vnets[stack].routes.routes(in: fib).map { vnets[stack].routes[$0] }
  }

  /// Deletes every route over a gateway and returns them in order, as route(8)'s `flush` does.
  package mutating func routeFlush(vnet: VnetIndex, fib: FibNumber) throws(Errno) -> [Rtentry] {
    try checkFib(fib, vnet)
    let stack = Int(vnet.rawValue)
    var flushed: [Rtentry] = []
    for route in vnets[stack].routes.routes(in: fib)
    where vnets[stack].routes[route].flags.contains(.RTF_GATEWAY) {
      flushed.append(vnets[stack].routes.remove(route))
    }
    return flushed
  }

  /// No process can be in a table that does not exist (`setfib(2)`).
  private func checkFib(_ fib: FibNumber, _ vnet: VnetIndex) throws(Errno) {
    guard vnets[Int(vnet.rawValue)].routes.contains(fib) else { throw .EINVAL }
  }

  /// What a message asks for, in the kernel's terms.
  ///
  /// A gateway that is one of our own addresses is none: packets go straight onto its interface.
  /// Such an address shows by its route, a link-level one over a loopback interface. Looking for
  /// it counts a failure like any other, so that an unreachable gateway counts twice.
  private mutating func request(
    _ message: RouteMessage, _ vnet: VnetIndex, _ fib: FibNumber
  ) throws(Errno) -> RouteRequest {
    let stack = Int(vnet.rawValue)
    let key =
      if let mask = message.mask, !message.isHost {
        RouteKey(network: message.destination, mask: mask)
      } else {
        RouteKey(host: message.destination)
      }
    var request = RouteRequest(key: key, gateway: message.gateway, flags: message.flags)
    let attached = vnets[stack].interfaces.all
    for named in [message.interface, message.gateway?.link].compactMap({ $0 }) {
      guard attached.contains(named) else { throw .ENETUNREACH }
    }
    if let gateway = message.gateway?.ipv4,
      let way = vnets[stack].rtalloc1(gateway, fib: fib, report: true)
    {
      let entry = vnets[stack].routes[way]
      if entry.gateway.link != nil,
        vnets[stack].interfaces[entry.interface].flags.contains(.IFF_LOOPBACK)
      {
        request.flags.remove(.RTF_GATEWAY)
      }
      vnets[stack].rtfree(way, now: machine.now)
    }
    request.interface = message.interface
    request.sourceAddress = message.sourceAddress
    request.mtu = message.mtu
    request.weight = message.weight
    request.expire = message.expire.map { moment in
      moment == 0 ? 0 : moment &- machine.wallSeconds &+ machine.now.seconds
    }
    return request
  }
}

extension Gateway {
  /// The interface where it is one.
  fileprivate var link: InterfaceIndex? {
    if case .link(let interface) = self { interface } else { nil }
  }
}
