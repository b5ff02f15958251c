// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What `rtGetifa` chose for a route.
struct RouteSource: BitwiseCopyable {
  var address: AddressIndex
  var interface: InterfaceIndex
  /// It was chosen as the interface's link-level address, which its driver traded for this one
  /// when the route was in the table (`link_rtrequest`, net/if.c).
  var isLinkLevel = false
}

/// Which interface address stands for a route (net/route.c).
extension Vnet {
  /// The address and interface for a route that is asked for (`rt_getifa_fib`), or nil where
  /// nothing reaches its gateway.
  ///
  /// 8.0 gives a route over an interface without IPv4 address that interface's link-level address;
  /// here there is none, and only a loopback interface can do without: the address of this host
  /// that the route leads to then stands for it.
  mutating func rtGetifa(_ request: RouteRequest, fib: FibNumber) -> RouteSource? {
    if let address = request.address ?? request.sourceAddress.flatMap({ ifaWithAddress($0) }) {
      return RouteSource(
        address: address, interface: request.interface ?? addresses[address].interface)
    }
    let destination = request.key.destination
    if let interface = request.interface {
      if let subject = request.sourceAddress ?? request.gateway?.ipv4 ?? request.subjectAlone {
        return ifaOf(interface: interface, for: subject).map {
          RouteSource(address: $0, interface: interface)
        }
      }
      let isLoopback = interfaces[interface].type == .loopback
      return
        (ifaOf(interface: interface, for: destination)
        ?? (isLoopback ? addresses.own(destination) : nil))
        .map { RouteSource(address: $0, interface: interface, isLinkLevel: true) }
    }
    let subject = request.sourceAddress ?? destination
    let found =
      if let gateway = request.gateway {
        ifaWithRoute(request.flags, destination, gateway, fib: fib)
      } else {
        ifaWithRoute(request.flags, subject, .address(subject), fib: fib)
      }
    return found.map { RouteSource(address: $0, interface: addresses[$0].interface) }
  }

  /// The address by which a gateway is reached (`ifa_ifwithroute_fib`).
  ///
  /// All interfaces are looked at whatever the FIB; the first attached wins among equals. Only the
  /// last resort asks this FIB's table, and a default route is no answer there.
  private mutating func ifaWithRoute(
    _ flags: RouteFlags, _ destination: IPv4Address, _ gateway: Gateway, fib: FibNumber
  ) -> AddressIndex? {
    let isDirect = !flags.contains(.RTF_GATEWAY)
    if isDirect, flags.contains(.RTF_HOST), let address = ifaWithPeer(destination) {
      return address
    }
    switch gateway {
    case .link(let interface):
      return ifaOf(interface: interface, for: destination)
    case .address(let gateway):
      let direct = isDirect ? ifaWithAddress(gateway) : ifaWithPeer(gateway)
      if let address = direct ?? ifaWithNet(gateway) { return address }
      guard let route = rtalloc1(gateway, fib: fib, report: false),
        routes[route].key.destination != .any
      else { return nil }
      return routes[route].address
    }
  }
}

extension Gateway {
  /// The next hop where it is one.
  var ipv4: IPv4Address? {
    if case .address(let address) = self { address } else { nil }
  }
}

extension RouteRequest {
  /// The destination where it is all that is known of the way.
  fileprivate var subjectAlone: IPv4Address? { gateway == nil ? key.destination : nil }
}
