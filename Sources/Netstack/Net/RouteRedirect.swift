// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// Routes that ICMP redirects make and change (`rtredirect_fib`, net/route.c).
extension Vnet {
  /// Applies a redirect to one FIB and counts what came of it.
  ///
  /// - Parameters:
  ///   - source: Who sent the redirect; only the gateway in use is believed. A FIB without any
  ///     route to the destination believes everybody.
  ///   - now: When the route starts to age.
  mutating func rtredirect(
    destination: IPv4Address, gateway: IPv4Address, from source: IPv4Address, fib: FibNumber,
    now: Instant
  ) {
    let asked: RouteFlags = [.RTF_GATEWAY, .RTF_HOST]
    var outcome: Redirected?
    var failure: Errno?
    do throws(Errno) {
      outcome = try applyRedirect(destination, gateway, from: source, fib: fib, now: now)
    } catch {
      failure = error
    }
    statistics.route[outcome?.counter ?? .badredirect] &+= 1
    guard routingSockets.isHeard else { return }
    var subject = RoutingAddresses()
    subject.destination = .inet(destination)
    subject.gateway = .inet(gateway)
    subject.author = .inet(source)
    rtMissMessage(.RTM_REDIRECT, subject, flags: outcome?.flags ?? asked, failure)
  }

  /// What came of a redirect: its counter, and the flags that listeners hear of.
  private struct Redirected {
    var counter: RouteCounter
    var flags: RouteFlags
  }

  /// The redirect proper; the order of the checks decides which error listeners hear of.
  private mutating func applyRedirect(
    _ destination: IPv4Address, _ gateway: IPv4Address, from source: IPv4Address, fib: FibNumber,
    now: Instant
  ) throws(Errno) -> Redirected {
    guard routes.contains(fib) else { throw .EAFNOSUPPORT }
    guard let address = ifaWithNet(gateway) else { throw .ENETUNREACH }
    guard let route = rtalloc1(destination, fib: fib, report: false) else {
      guard ifaWithAddress(gateway) == nil else { throw .EHOSTUNREACH }
      return try addRedirected(destination, gateway, address, fib: fib, now: now)
    }
    defer { rtfree(route, now: now) }
    let current = routes[route]
    guard current.gateway == .address(source), current.address == address else { throw .EINVAL }
    guard ifaWithAddress(gateway) == nil else { throw .EHOSTUNREACH }
    let isDefault = !current.key.isHost && current.key.mask == .any
    let isGateway = current.flags.contains(.RTF_GATEWAY)
    guard isDefault || isGateway else { throw .EHOSTUNREACH }
    if isDefault || !current.flags.contains(.RTF_HOST) {
      return try addRedirected(destination, gateway, address, fib: fib, now: now)
    }
    routes[route].flags.insert(.RTF_MODIFIED)
    routes[route].gateway = .address(gateway)
    // Whoever keeps state about the route is told how the gateway is reached: in FIB 0, always.
    if let way = rtalloc1(gateway, fib: .zero, report: true), way != route {
      rtfree(way, now: now)
    }
    return Redirected(
      counter: .newgateway, flags: [.RTF_GATEWAY, .RTF_HOST, .RTF_MODIFIED])
  }

  /// Adds the host route that a redirect asks for.
  private mutating func addRedirected(
    _ destination: IPv4Address, _ gateway: IPv4Address, _ address: AddressIndex, fib: FibNumber,
    now: Instant
  ) throws(Errno) -> Redirected {
    var request = RouteRequest(
      key: RouteKey(host: destination), gateway: .address(gateway),
      flags: [.RTF_GATEWAY, .RTF_DYNAMIC])
    request.address = address
    let route = try rtAdd(request, fib: fib)
    let flags = routes[route].flags
    rtfree(route, now: now)
    return Redirected(counter: .dynamic, flags: flags)
  }
}
