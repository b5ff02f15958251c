// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// Routing sockets (net/rtsock.c).
extension Kernel {
  /// Opens a socket that hears of everything (`socket(PF_ROUTE, SOCK_RAW, 0)`).
  package mutating func openRoutingSocket(vnet: VnetIndex) -> RoutingSocket {
    let limit = Int(clamping: machine.sysctl[.netRawRecvspace])
    setRoutingWorker(Int(vnet.rawValue))
    return vnets[Int(vnet.rawValue)].routingSockets.open(limit: limit)
  }

  /// What a socket has heard since it was asked last, oldest first.
  package mutating func readRoutingSocket(
    vnet: VnetIndex, _ socket: RoutingSocket
  ) -> [RoutingMessage] {
    vnets[Int(vnet.rawValue)].routingSockets.read(socket)
  }

  package mutating func closeRoutingSocket(vnet: VnetIndex, _ socket: RoutingSocket) {
    vnets[Int(vnet.rawValue)].routingSockets.close(socket)
  }

  /// Does what a message says, and tells every listener of it, with what came of it
  /// (`route_output`).
  ///
  /// - Parameters:
  ///   - process: Who writes it.
  ///   - message: `RTM_ADD`, `RTM_DELETE`, `RTM_CHANGE` or `RTM_GET`.
  /// - Returns: The answer; of `RTM_DELETE` and `RTM_GET` it has the route.
  @discardableResult
  package mutating func routeOutput(
    vnet: VnetIndex, fib: FibNumber, process: Int32 = 0, _ message: consuming RoutingMessage
  ) throws(Errno) -> RoutingMessage {
    try checkFib(fib, vnet)
    let stack = Int(vnet.rawValue)
    var answer = message
    answer.route.process = process
    do throws(Errno) {
      try perform(&answer, stack, fib)
      answer.route.flags.insert(.RTF_DONE)
    } catch {
      answer.route.errno = error.rawValue
      if vnets[stack].routingSockets.isHeard { vnets[stack].routingSockets.dispatch(answer) }
      throw error
    }
    if vnets[stack].routingSockets.isHeard { vnets[stack].routingSockets.dispatch(answer) }
    return answer
  }

  /// The routes of a table as messages, in the order of the tree (`sysctl_dumpentry`).
  package func routeDump(vnet: VnetIndex, fib: FibNumber) throws(Errno) -> [RoutingMessage] {
    let stack = Int(vnet.rawValue)
    return try routes(vnet: vnet, fib: fib).map { route in
      var message = RoutingMessage(.RTM_GET)
      message.addresses.interface = .empty  // Asks for all that can be said.
      report(route, in: &message, stack)
      message.isDumped = true
      return message
    }
  }

  /// The interfaces and their addresses as messages (`sysctl_iflist`).
  package func interfaceDump(vnet: VnetIndex) -> [RoutingMessage] {
    let stack = Int(vnet.rawValue)
    var messages: [RoutingMessage] = []
    for interface in interfaces(vnet: vnet) {
      let state = interface.interface
      var message = RoutingMessage(
        .RTM_IFINFO, .interface(interface.index, state.linkState, state.flags))
      message.addresses.interface = .link(vnets[stack].linkAddress(of: interface.index))
      message.isDumped = true
      messages.append(message)
      for address in interface.addresses {
        var message = vnets[stack].addressMessage(.RTM_NEWADDR, address)
        message.addresses.interface = nil
        message.isDumped = true
        messages.append(message)
      }
    }
    return messages
  }
}

/// How `route_output` goes about a request.
extension Kernel {
  private mutating func perform(
    _ message: inout RoutingMessage, _ stack: Int, _ fib: FibNumber
  ) throws(Errno) {
    guard let destination = message.addresses.destination else { throw .EINVAL }
    let isOwnGateway = leadsToOurselves(message.addresses.gateway, stack, fib)
    if message.type == .RTM_ADD, message.addresses.gateway == nil { throw .EINVAL }
    // There are tables of IPv4 alone.
    guard let address = destination.ipv4 else { throw .EAFNOSUPPORT }
    let mask = try message.addresses.netmask.map { (mask) throws(Errno) in
      guard let mask = mask.ipv4 else { throw Errno.EINVAL }
      return mask
    }
    var request = try request(message, to: address, mask: mask, stack)
    if isOwnGateway { request.flags.remove(.RTF_GATEWAY) }
    switch message.type {
    case .RTM_ADD:
      try vnets[stack].rtAdd(request, fib: fib)
    case .RTM_DELETE:
      // The destination must be the network itself: 8.0 masks it on adding only.
      guard request.key.isHost || request.key.destination == address else { throw .ESRCH }
      let gone = try vnets[stack].rtDelete(request.key, fib: fib)
      report(gone, in: &message, stack)
    case .RTM_GET, .RTM_CHANGE, .RTM_LOCK:
      guard let route = vnets[stack].rtLookup(address, mask: mask, fib: fib) else { throw .ESRCH }
      if message.type == .RTM_GET {
        return report(vnets[stack].routes[route], in: &message, stack)
      }
      guard vnets[stack].routes[route].key.isHost == (mask == nil) else { throw .ESRCH }
      if message.type == .RTM_CHANGE { try vnets[stack].rtChange(route, request) }
    default: throw .EOPNOTSUPP
    }
  }

  /// Whether a gateway is one of our own addresses: then packets go straight onto its interface.
  ///
  /// Such an address shows by its route, a link-level one over a loopback interface. Looking for
  /// it counts a failure like any other, so that an unreachable gateway counts twice.
  mutating func leadsToOurselves(
    _ gateway: RoutingAddress?, _ stack: Int, _ fib: FibNumber
  ) -> Bool {
    guard let gateway else { return false }
    if case .link = gateway { return false }
    guard let address = gateway.ipv4 else {
      vnets[stack].statistics.route[.unreach] &+= 1
      if vnets[stack].routingSockets.isHeard {
        var addresses = RoutingAddresses()
        addresses.destination = gateway
        vnets[stack].rtMissMessage(.RTM_MISS, addresses)
      }
      return false
    }
    guard let way = vnets[stack].rtalloc1(address, fib: fib, report: true) else { return false }
    defer { vnets[stack].rtfree(way, now: machine.now) }
    let entry = vnets[stack].routes[way]
    guard case .link = entry.gateway else { return false }
    return vnets[stack].interfaces[entry.interface].flags.contains(.IFF_LOOPBACK)
  }

  /// What a message asks for, in the kernel's terms. `RTF_HOST` drops the mask.
  private func request(
    _ message: RoutingMessage, to destination: IPv4Address, mask: IPv4Address?, _ stack: Int
  ) throws(Errno) -> RouteRequest {
    let header = message.route
    let key =
      if let mask, !header.flags.contains(.RTF_HOST) {
        RouteKey(network: destination, mask: mask)
      } else {
        RouteKey(host: destination)
      }
    let gateway = try message.addresses.gateway.map { (address) throws(Errno) in
      try self.gateway(address, stack)
    }
    var request = RouteRequest(key: key, gateway: gateway, flags: header.flags)
    if case .link(let link)? = message.addresses.gateway { request.namesGateway = link.name != nil }
    // An interface that is not there is as good as none asked for.
    if case .link(let link)? = message.addresses.interface, let text = link.name,
      let name = InterfaceName(text)
    {
      request.interface = vnets[stack].interfaces.index(named: name)
    }
    request.sourceAddress = message.addresses.source?.ipv4
    request.isSourceAsked = message.addresses.interface != nil
    if header.inits.contains(.RTV_MTU) {
      request.mtu = UInt32(truncatingIfNeeded: header.metrics.mtu)
    }
    if header.inits.contains(.RTV_WEIGHT) {
      request.weight = UInt32(truncatingIfNeeded: header.metrics.weight)
    }
    if header.inits.contains(.RTV_EXPIRE) {
      let moment = header.metrics.expire
      request.expire = moment == 0 ? 0 : moment &- machine.wallSeconds &+ machine.now.seconds
    }
    return request
  }

  private func gateway(_ address: RoutingAddress, _ stack: Int) throws(Errno) -> Gateway {
    if case .link(let link) = address {
      guard vnets[stack].interfaces.all.contains(link.index) else { throw .ENETUNREACH }
      return .link(link.index)
    }
    guard let address = address.ipv4 else { throw .EINVAL }
    return .address(address)
  }

  /// Puts a route into an answer. The interface and its address are told where either was asked for.
  private func report(_ route: Rtentry, in message: inout RoutingMessage, _ stack: Int) {
    let wantsInterface = message.addresses.interface != nil || message.addresses.source != nil
    message.addresses.destination = .inet(route.key.destination)
    message.addresses.gateway = vnets[stack].gatewayAddress(of: route)
    message.addresses.netmask = route.key.isHost ? nil : .treeMask(route.key.mask)
    message.addresses.genmask = nil
    if wantsInterface {
      let address = vnets[stack].addresses[route.address]
      message.addresses.interface = .link(vnets[stack].linkAddress(of: route.interface))
      message.addresses.source = .inet(address.address)
      if vnets[stack].interfaces[route.interface].flags.contains(.IFF_POINTOPOINT) {
        message.addresses.broadcast = address.peer.map { .inet($0) } ?? .empty
      }
    }
    var metrics = RouteMetrics()
    metrics.mtu = UInt64(route.mtu)
    metrics.weight = UInt64(route.weight)
    if route.expire != 0 {
      metrics.expire = route.expire &- machine.now.seconds &+ machine.wallSeconds
    }
    message.route.metrics = metrics
    message.route.flags = route.flags
  }
}
