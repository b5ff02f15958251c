// SPDX-License-Identifier: BSD-2-Clause

package import Wire

/// What ifconfig(8) asks for when it adds an address (`struct in_aliasreq`).
package struct AddressRequest: Hashable, Sendable {
  /// nil for the interface's first address, whose mask or broadcast is to change.
  package var address: IPv4Address?
  /// nil for the one it has, or else its class's.
  package var mask: IPv4Address?
  /// The broadcast address, or the other end of a point-to-point link: one field, as in C.
  package var destination: IPv4Address?

  package init(
    _ address: IPv4Address?, mask: IPv4Address? = nil, destination: IPv4Address? = nil
  ) {
    self.address = address
    self.mask = mask
    self.destination = destination
  }
}

/// Adding and deleting addresses: `in_control` and what it calls (netinet/in.c).
extension Vnet {
  /// Adds an address to an interface, or changes one it has (`SIOCAIFADDR`).
  ///
  /// In 8.0 a new record stays when its routes cannot be made: the error is told, the address is
  /// there.
  ///
  /// - Parameter fib: The table of the asking process, for `net.add_addr_allfibs` off.
  mutating func addAddress<T: Tracer & ~Copyable>(
    _ request: AddressRequest, to interface: InterfaceIndex, fib: FibNumber,
    _ machine: inout Machine, _ tracer: inout T
  ) throws(Errno) {
    let isPointToPoint = interfaces[interface].flags.contains(.IFF_POINTOPOINT)
    guard let address = request.address ?? firstAddress(on: interface) else { return }
    let known = own(address, on: interface)
    let isFirst = addresses.first(on: interface) == nil
    if request.address != nil && isPointToPoint && (request.destination ?? .any) == .any {
      throw .EDESTADDRREQ
    }
    let index =
      known
      ?? addresses.insert(InterfaceAddress(address: address, mask: .any, interface: interface))
    if let mask = request.mask {
      if known != nil { scrubPrefix(index, fib: fib, &machine, &tracer) }
      addresses[index].mask = mask
    }
    if isPointToPoint, let peer = request.destination {
      if known != nil { scrubPrefix(index, fib: fib, &machine, &tracer) }
      addresses[index].peer = peer
    }
    var failure: Errno?
    if known == nil || request.mask != nil || isPointToPoint {
      do throws(Errno) {
        try initialize(index, fib: fib, &machine, &tracer)
      } catch {
        // What carp refuses has no address in 8.0: nothing finds it.
        if known == nil, interfaces[interface].driver == .carp { addresses.remove(index) }
        if known == nil { throw error }
        failure = error
      }
    }
    if interfaces[interface].flags.contains(.IFF_BROADCAST), let broadcast = request.destination {
      addresses[index].broadcast = broadcast
    }
    if let failure { throw failure }
    if isFirst { joinAllHosts(on: interface, &machine, &tracer) }
    natFollow(interface)
  }

  /// Deletes an address, or without one the interface's first, with every route that uses it
  /// (`SIOCDIFADDR`).
  mutating func deleteAddress<T: Tracer & ~Copyable>(
    _ address: IPv4Address?, from interface: InterfaceIndex, fib: FibNumber,
    _ machine: inout Machine, _ tracer: inout T
  ) throws(Errno) {
    // Without an address C looks for 0.0.0.0 first, then takes the first.
    let found =
      own(address ?? .any, on: interface)
      ?? (address == nil ? addresses.first(on: interface) : nil)
    guard let index = found else { throw .EADDRNOTAVAIL }
    scrubPrefix(index, fib: fib, &machine, &tracer)
    rtIfaDelete(address: index, includeStatic: true)
    natFollow(interface)
    addresses.remove(index)
    if addresses.first(on: interface) == nil {
      leaveAllHosts(on: interface, &machine, &tracer)
    }
  }

  /// The address that a request without one means.
  private func firstAddress(on interface: InterfaceIndex) -> IPv4Address? {
    if own(.any, on: interface) != nil { return .any }
    return addresses.first(on: interface).map { addresses[$0].address }
  }

  /// Tells the driver, computes what the address implies, and makes its routes (`in_ifinit`).
  private mutating func initialize<T: Tracer & ~Copyable>(
    _ index: AddressIndex, fib: FibNumber, _ machine: inout Machine, _ tracer: inout T
  ) throws(Errno) {
    let (address, interface) = (addresses[index].address, addresses[index].interface)
    addresses.rehash(index, to: address)
    let isCarp = interfaces[interface].driver == .carp
    if isCarp {
      try carpSetAddress(index, &machine, &tracer)
    } else {
      driverSetAddress(address, on: interface, &machine, &tracer)
    }
    if addresses[index].mask == .any { addresses[index].mask = address.classfulMask }
    // A master's addresses have host routes, and no other.
    if isCarp { return }
    let flags = interfaces[interface].flags
    if flags.contains(.IFF_BROADCAST) {
      addresses[index].broadcast = addresses[index].subnet | ~addresses[index].mask
    } else if flags.contains(.IFF_LOOPBACK) {
      addresses[index].peer = address
    } else if flags.contains(.IFF_POINTOPOINT), addresses[index].peer == nil {
      return
    }
    try addPrefix(index, fib: fib, &machine)
    if address == .any { return }
    if sysctl.useloopback && !flags.contains(.IFF_LOOPBACK) {
      try addLoopbackRoute(index, &machine)
    }
  }

  /// Whether an address has a host route to its other end instead of one to its network
  /// (`rtinitflags`).
  private func hasHostRoute(_ index: AddressIndex) -> Bool {
    !interfaces[addresses[index].interface].flags
      .isDisjoint(with: [.IFF_LOOPBACK, .IFF_POINTOPOINT])
  }

  /// The key of an address's prefix route; nil for a link whose other end is not known.
  private func prefixKey(_ index: AddressIndex) -> RouteKey? {
    let record = addresses[index]
    guard hasHostRoute(index) else {
      return RouteKey(network: record.address, mask: record.mask)
    }
    return record.peer.map { RouteKey(host: $0) }
  }

  /// Makes the prefix route unless another address has it already (`in_addprefix`).
  ///
  /// Of a loopback or point-to-point address the search looks at the address, whatever the mask.
  private mutating func addPrefix(
    _ target: AddressIndex, fib: FibNumber, _ machine: inout Machine
  ) throws(Errno) {
    guard let key = prefixKey(target) else { return }
    for position in 0..<addresses.count {
      let other = addresses.configured(at: position)
      let record = addresses[other]
      guard record.ownsPrefixRoute else { continue }
      if hasHostRoute(other) {
        guard record.address == key.destination else { continue }
      } else {
        // A host route's mask is 0 to this search.
        let mask = key.isHost ? .any : key.mask
        guard record.subnet == key.destination, record.mask == mask else { continue }
      }
      if sysctl.samePrefixCarpOnly, interfaces[record.interface].driver != .carp,
        interfaces[addresses[target].interface].driver != .carp
      {
        throw .EEXIST
      }
      // Listeners hear of the route all the same, as one over the holder's address. It is looked up
      // for that, which counts if it is missing.
      if let route = rtalloc1(key.destination, fib: .zero, report: true) {
        rtAddressMessages(.RTM_ADD, target, routes[route], gateway: .inet(record.address))
        rtfree(route, now: machine.now)
      }
      return
    }
    try addPrefixRoute(target, fib: fib, &machine)
    addresses[target].ownsPrefixRoute = true
  }

  /// Adds the prefix route to every table, or to the asking process's only (`rtinit` with
  /// `RTM_ADD`). A table that refuses does not undo the others; the last refusal is told.
  mutating func addPrefixRoute(
    _ index: AddressIndex, fib: FibNumber, _ machine: inout Machine
  ) throws(Errno) {
    guard let key = prefixKey(index) else { throw .EINVAL }
    let isEverywhere = machine.sysctl.addAddrAllFibs
    var request = RouteRequest(key: key, gateway: .link(addresses[index].interface))
    request.address = index
    var failure: Errno?
    for number in 0..<routes.fibCount where isEverywhere || number == Int(fib.rawValue) {
      do throws(Errno) {
        let route = try rtAdd(request, fib: FibNumber(rawValue: UInt8(number)))
        rtAddressMessages(.RTM_ADD, index, routes[route])
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  /// Removes the prefix route from every table where it is this address's (`rtinit` with
  /// `RTM_DELETE`).
  mutating func deletePrefixRoute(_ index: AddressIndex) {
    defer { addresses[index].ownsPrefixRoute = false }
    guard let key = prefixKey(index) else { return }
    for number in 0..<routes.fibCount {
      let fib = FibNumber(rawValue: UInt8(number))
      guard let route = routes.exact(key, in: fib), routes[route].address == index else {
        continue
      }
      guard let gone = try? rtDelete(key, fib: fib) else { continue }
      rtAddressMessages(.RTM_DELETE, index, gone)
    }
  }

  /// Adds the route that keeps packets to our own address inside, to FIB 0 only
  /// (`ifa_add_loopback_route`, net/if.c).
  private mutating func addLoopbackRoute(
    _ index: AddressIndex, _ machine: inout Machine
  ) throws(Errno) {
    var request = RouteRequest(
      key: RouteKey(host: addresses[index].address), gateway: .link(addresses[index].interface),
      flags: .RTF_STATIC)
    request.interface = loopback
    do throws(Errno) {
      try rtAdd(request, fib: .zero)
    } catch {
      machine.log("ifa_add_loopback_route: insertion failed")
      throw error
    }
  }

  /// Takes an address's routes and ARP entries away, handing its prefix route to another address of
  /// the same network if there is one (`in_scrubprefix`).
  ///
  /// The masks are not compared in that search, and the own route goes whoever else needs it.
  mutating func scrubPrefix<T: Tracer & ~Copyable>(
    _ target: AddressIndex, fib: FibNumber, _ machine: inout Machine, _ tracer: inout T
  ) {
    let record = addresses[target]
    let isLoopback = interfaces[record.interface].flags.contains(.IFF_LOOPBACK)
    if record.address != .any && !isLoopback {
      if (try? rtDelete(RouteKey(host: record.address), fib: .zero)) == nil {
        machine.log("ifa_del_loopback_route: deletion failed")
      }
      arpIfscrub(record.address, on: record.interface)
    }
    guard record.ownsPrefixRoute else { return rtAddressMessages(.RTM_DELETE, target, nil) }
    let network = prefixKey(target)?.destination ?? .any
    for position in 0..<addresses.count {
      let other = addresses.configured(at: position)
      guard (prefixKey(other)?.destination ?? .any) == network,
        !addresses[other].ownsPrefixRoute,
        interfaces[addresses[other].interface].driver != .carp
      else { continue }
      deletePrefixRoute(target)
      if (try? addPrefixRoute(other, fib: fib, &machine)) != nil {
        addresses[other].ownsPrefixRoute = true
      }
      return
    }
    arpFlush(network: record.subnet, mask: record.mask, &machine, &tracer)
    deletePrefixRoute(target)
  }

  /// An address's interface goes down: its routes that are not static go (`PRC_IFDOWN` of
  /// `rip_ctlinput`, netinet/raw_ip.c). One that does not hold its prefix route is not touched.
  mutating func inetInterfaceDown<T: Tracer & ~Copyable>(
    _ index: AddressIndex, fib: FibNumber, _ machine: inout Machine, _ tracer: inout T
  ) {
    guard addresses[index].ownsPrefixRoute else { return }
    scrubPrefix(index, fib: fib, &machine, &tracer)
    rtIfaDelete(address: index, includeStatic: false)
    addresses[index].ownsPrefixRoute = false
  }

  /// An address's interface comes up: its routes are made again, unless it holds the prefix route
  /// (`PRC_IFUP`). Whether another address has that route is not asked, nor is `useloopback`.
  mutating func inetInterfaceUp(
    _ index: AddressIndex, fib: FibNumber, _ machine: inout Machine
  ) {
    guard !addresses[index].ownsPrefixRoute else { return }
    if (try? addPrefixRoute(index, fib: fib, &machine)) != nil {
      addresses[index].ownsPrefixRoute = true
    }
    try? addLoopbackRoute(index, &machine)
  }
}
