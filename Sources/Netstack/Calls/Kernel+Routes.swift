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

  /// The same as it is written.
  fileprivate func written(as type: RoutingMessageType, by kernel: borrowing Kernel, _ stack: Int)
    -> RoutingMessage
  {
    var message = RoutingMessage(type, RoutingMessage.RouteHeader(flags: flags))
    message.addresses.destination = .inet(destination)
    message.addresses.netmask = mask.map { .inetMask($0) }
    func link(_ index: InterfaceIndex) -> RoutingAddress {
      let isThere = kernel.vnets[stack].interfaces.all.contains(index)
      return .link(
        isThere ? kernel.vnets[stack].linkAddress(of: index) : LinkAddress(index: index))
    }
    switch gateway {
    case .address(let address): message.addresses.gateway = .inet(address)
    case .link(let index): message.addresses.gateway = link(index)
    case nil: break
    }
    if let interface { message.addresses.interface = link(interface) }
    message.addresses.source = sourceAddress.map { .inet($0) }
    if mask == nil { message.route.flags.insert(.RTF_HOST) }
    if let mtu {
      message.route.metrics.mtu = UInt64(mtu)
      message.route.inits.insert(.RTV_MTU)
    }
    if let weight {
      message.route.metrics.weight = UInt64(weight)
      message.route.inits.insert(.RTV_WEIGHT)
    }
    if let expire {
      message.route.metrics.expire = expire
      message.route.inits.insert(.RTV_EXPIRE)
    }
    return message
  }
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

/// What a program does with routes, in fewer words than a message takes (`routeOutput`).
extension Kernel {
  /// Adds a route (`RTM_ADD`).
  package mutating func routeAdd(
    vnet: VnetIndex, fib: FibNumber, _ message: RouteMessage
  ) throws(Errno) {
    try write(.RTM_ADD, message, vnet, fib)
  }

  /// Deletes a route (`RTM_DELETE`). The gateway is looked at by no check.
  package mutating func routeDelete(
    vnet: VnetIndex, fib: FibNumber, _ message: RouteMessage
  ) throws(Errno) {
    try write(.RTM_DELETE, message, vnet, fib)
  }

  /// Changes a route (`RTM_CHANGE`), which must have a mask where the message has one.
  package mutating func routeChange(
    vnet: VnetIndex, fib: FibNumber, _ message: RouteMessage
  ) throws(Errno) {
    try write(.RTM_CHANGE, message, vnet, fib)
  }

  private mutating func write(
    _ type: RoutingMessageType, _ message: RouteMessage, _ vnet: VnetIndex, _ fib: FibNumber
  ) throws(Errno) {
    let written = message.written(as: type, by: self, Int(vnet.rawValue))
    try routeOutput(vnet: vnet, fib: fib, written)
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

  /// The address that a socket which is bound to none would send from (`in_pcbladdr`).
  ///
  /// - Throws: `ENETUNREACH` where no address faces the destination.
  package func sourceAddress(
    vnet: VnetIndex, fib: FibNumber, to destination: IPv4Address
  ) throws(Errno) -> IPv4Address {
    try checkFib(fib, vnet)
    let stack = Int(vnet.rawValue)
    let route = vnets[stack].routes.lookup(destination, in: fib)
    guard let chosen = vnets[stack].sourceAddress(to: destination, over: route) else {
      throw .ENETUNREACH
    }
    return vnets[stack].addresses[chosen].address
  }

  /// A table's routes in the order that netstat(1) shows (`NET_RT_DUMP`).
  package func routes(vnet: VnetIndex, fib: FibNumber) throws(Errno) -> [Rtentry] {
    try checkFib(fib, vnet)
    let stack = Int(vnet.rawValue)
    return vnets[stack].routes.routes(in: fib).map { vnets[stack].routes[$0] }
  }

  /// No process can be in a table that does not exist (`setfib(2)`).
  func checkFib(_ fib: FibNumber, _ vnet: VnetIndex) throws(Errno) {
    guard vnets[Int(vnet.rawValue)].routes.contains(fib) else { throw .EINVAL }
  }
}
