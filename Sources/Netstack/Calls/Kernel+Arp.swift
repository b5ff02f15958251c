// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
package import Wire

/// An ARP entry as arp(8) sees it.
package struct ArpInfo: Sendable {
  package var entry: ArpEntry
  package var interfaceName: InterfaceName
  package var driver: InterfaceDriver
  /// nil while nobody has answered.
  package var hardwareAddress: EthernetAddress?
  /// Seconds left; nil for an entry that does not expire, negative for one that has.
  package var secondsLeft: Int64?

  package var isPublished: Bool { entry.flags.contains(.LLE_PUB) }
}

/// Why arp(8) cannot find the interface for a host, which it does before it sets or deletes.
package enum ArpFault: Error, Hashable, Sendable {
  /// The routing socket says `ESRCH`: the process's table has no route.
  case noRoute
  /// The route is the host's own: "proxy entry exists for non 802 device".
  case hasOwnRoute
  /// The route has a gateway, or its interface no ARP: "cannot intuit interface index and type" when
  /// setting, "cannot locate" when deleting.
  case isNotLocal
}

/// What arp(8) asks of the routing socket and of `net.route` (`lla_rt_output`, net/if_llatbl.c).
extension Kernel {
  /// The entries of an interface, or of all, those of the newest first.
  ///
  /// - Parameter includesDeleted: Also what is deleted and waits for its timer or its prefix to go.
  package func arpEntries(
    vnet: VnetIndex, interface: InterfaceIndex? = nil, includesDeleted: Bool = false
  ) -> [ArpInfo] {
    let stack = Int(vnet.rawValue)
    var result: [ArpInfo] = []
    for attached in vnets[stack].interfaces.all.reversed()
    where interface == nil || attached == interface {
      for index in vnets[stack].arp.entries(on: attached) {
        let entry = vnets[stack].arp[index]
        guard includesDeleted || !entry.flags.contains(.LLE_DELETED) else { continue }
        result.append(info(entry, vnets[stack].interfaces[attached]))
      }
    }
    return result
  }

  private func info(_ entry: ArpEntry, _ interface: Ifnet) -> ArpInfo {
    let isPermanent = entry.flags.contains(.LLE_STATIC) || entry.expire == 0
    return ArpInfo(
      entry: entry, interfaceName: interface.name, driver: interface.driver,
      hardwareAddress: entry.flags.contains(.LLE_VALID) ? entry.hardwareAddress : nil,
      secondsLeft: isPermanent ? nil : Int64(entry.expire) - Int64(machine.wallSeconds))
  }

  /// The interface on which arp(8) sets or deletes a host's entry: that of its route in the
  /// process's table (`RTM_GET`), by the route's link-level gateway.
  ///
  /// - Parameter isSetting: The host's own route will not do then.
  package func arpInterface(
    vnet: VnetIndex, fib: FibNumber, for address: IPv4Address, isSetting: Bool
  ) throws(ArpFault) -> InterfaceIndex {
    let stack = Int(vnet.rawValue)
    guard let index = vnets[stack].routes.lookup(address, in: fib) else { throw .noRoute }
    let route = vnets[stack].routes[index]
    if isSetting && route.key.destination == address { throw .hasOwnRoute }
    guard !route.flags.contains(.RTF_GATEWAY), case .link(let interface) = route.gateway,
      vnets[stack].interfaces[interface].type == .ethernet
    else { throw .isNotLocal }
    return interface
  }

  /// Sets an entry (`RTM_ADD` with `RTF_LLDATA`).
  ///
  /// 8.0's ways are kept: an entry that may not be made is dropped without an error; one that is
  /// there is not published by this, nor is its old timer stopped; `pub only` never works, because
  /// its look-up carries a mark that no host route's key has.
  ///
  /// - Parameter isTemporary: It is good for 1200 seconds, after which it stays, unused.
  package mutating func arpSet<T: Tracer & ~Copyable>(
    vnet: VnetIndex, interface: InterfaceIndex, address: IPv4Address,
    hardwareAddress: EthernetAddress, isTemporary: Bool = false, isPublished: Bool = false,
    isProxyOnly: Bool = false, tracer: inout T
  ) throws(Errno) {
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    guard let stack = try? stack(vnet, interface) else { throw .EINVAL }
    if isPublished && isProxyOnly {
      if let route = vnets[stack].rtalloc1(address, fib: .zero, report: false) {
        vnets[stack].rtfree(route, now: machine.now)
      }
      machine.log("lla_rt_output: RTM_ADD publish (proxy only) is invalid")
      throw .EINVAL
    }
    let flags: ArpFlags = isPublished ? [.LLE_EXCLUSIVE, .LLE_PUB] : .LLE_EXCLUSIVE
    guard
      let entry = vnets[stack].arp.find(address, on: interface)
        ?? vnets[stack].arpCreate(address, on: interface, flags: flags, &machine)
    else { return }
    vnets[stack].arp[entry].hardwareAddress = hardwareAddress
    vnets[stack].arp[entry].flags.insert(.LLE_VALID)
    if isTemporary {
      vnets[stack].arp[entry].expire = machine.wallSeconds &+ 1200
    } else {
      vnets[stack].arp[entry].flags.insert(.LLE_STATIC)
      vnets[stack].arp[entry].expire = 0
    }
    if vnets[stack].arp[entry].flags.contains(.LLE_PUB) {
      tracer.enter(vnet)
      vnets[stack].arpAnnounce(
        address, as: hardwareAddress, on: interface, &machine, &tracer)
      drain(&tracer)
    }
  }

  /// The same with nobody listening.
  package mutating func arpSet(
    vnet: VnetIndex, interface: InterfaceIndex, address: IPv4Address,
    hardwareAddress: EthernetAddress, isTemporary: Bool = false, isPublished: Bool = false,
    isProxyOnly: Bool = false
  ) throws(Errno) {
    var silent = Silent()
    try arpSet(
      vnet: vnet, interface: interface, address: address, hardwareAddress: hardwareAddress,
      isTemporary: isTemporary, isPublished: isPublished, isProxyOnly: isProxyOnly,
      tracer: &silent)
  }

  /// Deletes an entry (`RTM_DELETE` with `RTF_LLDATA`): it is found no more, and goes with its timer
  /// or its prefix. Of an own address nothing is deleted, and no error told.
  package mutating func arpDelete(
    vnet: VnetIndex, interface: InterfaceIndex, address: IPv4Address
  ) throws(Errno) {
    guard let stack = try? stack(vnet, interface),
      let entry = vnets[stack].arp.find(address, on: interface)
    else { throw .EINVAL }
    guard !vnets[stack].arp[entry].flags.contains(.LLE_IFADDR) else { return }
    vnets[stack].arp.markDeleted(entry)
  }

  /// The card that is up on a host's network, whose address `arp -s HOST auto pub` gives out
  /// (`get_ether_addr` of arp(8)).
  package func arpProxyInterface(vnet: VnetIndex, for address: IPv4Address) -> InterfaceInfo? {
    interfaces(vnet: vnet).first { info in
      let state = info.flags.intersection([
        .IFF_UP, .IFF_BROADCAST, .IFF_POINTOPOINT, .IFF_LOOPBACK, .IFF_NOARP,
      ])
      return state == [.IFF_UP, .IFF_BROADCAST] && info.addresses.contains { $0.covers(address) }
    }
  }
}
