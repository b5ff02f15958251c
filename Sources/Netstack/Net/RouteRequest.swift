// SPDX-License-Identifier: BSD-2-Clause

package import Wire

/// What somebody wants of a routing table (`struct rt_addrinfo`, net/route.h).
package struct RouteRequest: BitwiseCopyable, Sendable {
  package var key: RouteKey
  package var gateway: Gateway?
  /// See `Rtentry`.
  package var namesGateway = false
  package var flags: RouteFlags
  /// The interface that is asked for (`rti_ifp`, `route -ifp`).
  package var interface: InterfaceIndex?
  /// The source address that is asked for (`RTAX_IFA`, `route -ifa`).
  package var sourceAddress: IPv4Address?
  /// Something was said of the interface, so that a change chooses the source address anew.
  package var isSourceAsked = false
  /// The record of the source address where it is known: nothing is searched then (`rti_ifa`).
  package var address: AddressIndex?
  /// The metrics that are asked for; nil leaves each as it is.
  package var mtu: UInt32?
  package var weight: UInt32?
  /// Uptime in seconds.
  package var expire: UInt64?

  package init(key: RouteKey, gateway: Gateway?, flags: RouteFlags = []) {
    self.key = key
    self.gateway = gateway
    self.flags = key.isHost ? flags.union(.RTF_HOST) : flags.subtracting(.RTF_HOST)
  }
}

extension Rtentry {
  /// A route as it is before anybody asks for metrics.
  package init(
    key: RouteKey, gateway: Gateway, flags: RouteFlags, fib: FibNumber,
    interface: InterfaceIndex, address: AddressIndex, mtu: UInt32
  ) {
    self.key = key
    self.gateway = gateway
    self.flags = flags
    self.fib = fib
    self.interface = interface
    self.address = address
    self.mtu = mtu
  }

  /// Stores the metrics that a request names (`rt_setmetrics`); 8.0 keeps only these three.
  mutating func setMetrics(_ request: RouteRequest) {
    if let mtu = request.mtu { self.mtu = mtu }
    if let weight = request.weight { self.weight = weight }
    if let expire = request.expire { self.expire = expire }
  }
}
