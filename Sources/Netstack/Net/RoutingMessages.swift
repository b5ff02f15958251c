// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What the kernel tells those who read routing sockets (net/rtsock.c). Callers on the packet path
/// ask `routingSockets.isHeard` first.
extension Vnet {
  /// A look-up failed, or a redirect was dealt with (`rt_missmsg`).
  mutating func rtMissMessage(
    _ type: RoutingMessageType, _ addresses: RoutingAddresses, flags: RouteFlags = [],
    _ errno: Errno? = nil
  ) {
    var message = RoutingMessage(type, RoutingMessage.RouteHeader(flags: flags.union(.RTF_DONE)))
    message.route.errno = errno?.rawValue ?? 0
    message.addresses = addresses
    routingSockets.dispatch(message)
  }

  /// Nobody knows a way to an address that a packet or a socket asked for (`RTM_MISS`).
  @inline(never)
  mutating func reportMiss(_ destination: IPv4Address) {
    var addresses = RoutingAddresses()
    addresses.destination = .inet(destination)
    rtMissMessage(.RTM_MISS, addresses)
  }

  /// Flags, MTU or cable of an interface changed (`rt_ifmsg`).
  mutating func rtIfMessage(_ interface: InterfaceIndex) {
    guard routingSockets.isHeard else { return }
    let state = interfaces[interface]
    routingSockets.dispatch(
      RoutingMessage(.RTM_IFINFO, .interface(interface, state.linkState, state.flags)))
  }

  /// An interface came or goes (`rt_ifannouncemsg`).
  mutating func rtAnnounce(_ interface: InterfaceIndex, isArrival: Bool) {
    guard routingSockets.isHeard else { return }
    routingSockets.dispatch(
      RoutingMessage(.RTM_IFANNOUNCE, .announcement(interface, isArrival: isArrival)))
  }

  /// An address came with a route, or goes with one (`rt_newaddrmsg`): first the address and then
  /// the route, or the other way round.
  ///
  /// - Parameter route: nil for an address that had none; then the message of the route is empty.
  mutating func rtAddressMessages(
    _ type: RoutingMessageType, _ address: AddressIndex, _ route: Rtentry?,
    gateway: RoutingAddress? = nil
  ) {
    guard routingSockets.isHeard else { return }
    var routeMessage = RoutingMessage(type, RoutingMessage.RouteHeader(flags: route?.flags ?? []))
    if let route {
      routeMessage.addresses.destination = .inet(route.key.destination)
      routeMessage.addresses.gateway = gateway ?? gatewayAddress(of: route)
      routeMessage.addresses.netmask = route.key.isHost ? nil : .treeMask(route.key.mask)
    }
    if type == .RTM_ADD {
      routingSockets.dispatch(addressMessage(.RTM_NEWADDR, addresses[address]))
      routingSockets.dispatch(routeMessage)
    } else {
      routingSockets.dispatch(routeMessage)
      routingSockets.dispatch(addressMessage(.RTM_DELADDR, addresses[address]))
    }
  }

  /// What is said of an interface's address. Its only flag is that it holds its prefix's route.
  func addressMessage(
    _ type: RoutingMessageType, _ record: InterfaceAddress
  ) -> RoutingMessage {
    var message = RoutingMessage(
      type, .address(metric: 0, record.ownsPrefixRoute ? .RTF_UP : []))
    message.addresses.netmask = .inetMask(record.mask)
    message.addresses.interface = .link(linkAddress(of: record.interface))
    message.addresses.source = .inet(record.address)
    let flags = interfaces[record.interface].flags
    message.addresses.broadcast =
      if flags.contains(.IFF_BROADCAST) {
        .inet(record.broadcast)
      } else {
        record.peer.map { .inet($0) } ?? .empty
      }
    return message
  }

  /// A group was joined on an interface (`rt_newmaddrmsg`). Nobody hears that it is left: 8.0 says
  /// so of what an interface still has when it goes, and by then the groups are gone.
  mutating func rtNewGroupMessage(_ group: IPv4Address, on interface: InterfaceIndex) {
    guard routingSockets.isHeard else { return }
    var message = RoutingMessage(.RTM_NEWMADDR, .membership)
    if interfaces[interface].type == .ethernet {
      message.addresses.gateway = .link(
        LinkAddress(index: interface, hardwareAddress: .multicast(for: group)))
    }
    message.addresses.interface = .link(linkAddress(of: interface))
    message.addresses.source = .inet(group)
    routingSockets.dispatch(message)
  }

  /// An interface's own link-level address.
  package func linkAddress(of interface: InterfaceIndex) -> LinkAddress {
    let state = interfaces[interface]
    return LinkAddress(
      index: interface, name: "\(state.name)",
      hardwareAddress: state.type == .ethernet ? state.hardwareAddress : nil, length: 56)
  }

  /// Where a route leads.
  package func gatewayAddress(of route: Rtentry) -> RoutingAddress {
    switch route.gateway {
    case .address(let address): .inet(address)
    case .link(let index):
      .link(route.namesGateway ? linkAddress(of: index) : LinkAddress(index: index))
    }
  }
}
