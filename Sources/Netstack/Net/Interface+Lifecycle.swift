// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

extension Ifnet {
  /// A simulated Ethernet card, as `em` attaches one; it runs when it is first brought up.
  ///
  /// The capabilities are those of the real driver's listing; the model's card does none of it.
  static func ethernet(_ name: InterfaceName, _ address: EthernetAddress) -> Ifnet {
    var interface = Ifnet(
      name: name, index: .none, type: .ethernet,
      flags: [.IFF_BROADCAST, .IFF_SIMPLEX, .IFF_MULTICAST], mtu: 1500,
      hardwareAddress: address, queueLimit: 255)
    interface.capabilities = [
      .IFCAP_RXCSUM, .IFCAP_TXCSUM, .IFCAP_VLAN_MTU, .IFCAP_VLAN_HWTAGGING, .IFCAP_VLAN_HWCSUM,
    ]
    interface.enabledCapabilities = interface.capabilities
    return interface
  }

  /// A loopback interface (`lo_clone_create`, net/if_loop.c); checksums are not made on it.
  static func loopback(_ name: InterfaceName) -> Ifnet {
    var interface = Ifnet(
      name: name, index: .none, type: .loopback, flags: [.IFF_LOOPBACK, .IFF_MULTICAST],
      mtu: 16384, hardwareAddress: .zero, queueLimit: 50)
    interface.linkState = .unknown
    interface.capabilities = [.IFCAP_RXCSUM, .IFCAP_TXCSUM]
    interface.enabledCapabilities = interface.capabilities
    interface.hardwareAssist = [.CSUM_IP, .CSUM_TCP, .CSUM_UDP]
    return interface
  }

  /// What a card of a unit says its address is.
  static func hardwareAddress(unit: Int) -> EthernetAddress {
    EthernetAddress(rawValue: 0x0200_0000_0000 | UInt64(truncatingIfNeeded: unit))
  }

  /// The largest MTU the driver takes: `em`'s frames of 9234 bytes, or what any interface may have.
  var largestMTU: UInt32 { type == .ethernet ? 9216 : 65_535 }
}

/// How interfaces come, change and go (net/if.c), and what their drivers do then.
extension Vnet {
  /// Attaches a loopback interface; the first is where packets to this host go (`V_loif`).
  @discardableResult
  mutating func attachLoopback(_ name: InterfaceName) -> InterfaceIndex {
    let interface = interfaces.attach(.loopback(name))
    if loopback == .none {
      loopback = interface
      interfaces[interface].isPermanent = true
    }
    rtAnnounce(interface, isArrival: true)
    return interface
  }

  /// Attaches a simulated Ethernet card.
  @discardableResult
  mutating func attachEthernet(
    _ name: InterfaceName, address: EthernetAddress
  ) -> InterfaceIndex {
    let interface = interfaces.attach(.ethernet(name, address))
    rtAnnounce(interface, isArrival: true)
    return interface
  }

  /// Removes an interface with its addresses, routes, groups and ARP entries (`if_detach`).
  mutating func detach<T: Tracer & ~Copyable>(
    _ interface: InterfaceIndex, fib: FibNumber, _ machine: inout Machine, _ tracer: inout T
  ) {
    ifDown(interface, fib: fib, &machine, &tracer)
    while let first = addresses.first(on: interface) {
      let address = addresses[first].address
      // The record was just found, so that deleting it cannot fail.
      try? deleteAddress(address, from: interface, fib: fib, &machine, &tracer)
    }
    rtIfDelete(interface: interface)
    arpFlush(interface: interface, &machine, &tracer)
    multicast.purge(interface)
    sockets.purge(interface)
    machine.medium.purge(interface, index)
    machine.observers.detachAll(interface, index)
    rtAnnounce(interface, isArrival: false)
    interfaces.detach(interface)
  }

  /// Sets the flags that an administrator may set (`SIOCSIFFLAGS`).
  mutating func setFlags<T: Tracer & ~Copyable>(
    _ flags: InterfaceFlags, of interface: InterfaceIndex, fib: FibNumber,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    let old = interfaces[interface].flags
    if old.contains(.IFF_UP) && !flags.contains(.IFF_UP) {
      ifDown(interface, fib: fib, &machine, &tracer)
    } else if !old.contains(.IFF_UP) && flags.contains(.IFF_UP) {
      ifUp(interface, fib: fib, &machine)
    }
    if old.contains(.IFF_PPROMISC) != flags.contains(.IFF_PPROMISC) {
      let isOn = flags.contains(.IFF_PPROMISC)
      if isOn {
        interfaces[interface].flags.insert(.IFF_PROMISC)
      } else if interfaces[interface].promiscuousCount == 0 {
        interfaces[interface].flags.remove(.IFF_PROMISC)
      }
      machine.log(
        "\(interfaces[interface].name): permanently promiscuous mode "
          + (isOn ? "enabled" : "disabled"))
    }
    interfaces[interface].flags = interfaces[interface].flags
      .intersection(InterfaceFlags.cannotChange)
      .union(flags.subtracting(InterfaceFlags.cannotChange))
    driverSetFlags(interface)
  }

  /// The card starts and stops with `IFF_UP` (`em_ioctl`); a loopback interface runs on.
  private mutating func driverSetFlags(_ interface: InterfaceIndex) {
    guard interfaces[interface].type == .ethernet else { return }
    if interfaces[interface].flags.contains(.IFF_UP) {
      interfaces[interface].flags.insert(.IFF_DRV_RUNNING)
    } else {
      interfaces[interface].flags.remove(.IFF_DRV_RUNNING)
    }
  }

  /// An address brings its interface up; a card announces it unless it does no ARP (`em_ioctl` and
  /// `loioctl` of `SIOCSIFADDR`).
  mutating func driverSetAddress<T: Tracer & ~Copyable>(
    _ address: IPv4Address, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    interfaces[interface].flags.formUnion([.IFF_UP, .IFF_DRV_RUNNING])
    guard interfaces[interface].type == .ethernet,
      !interfaces[interface].flags.contains(.IFF_NOARP)
    else { return }
    arpIfinit(address, on: interface, &machine, &tracer)
  }

  /// Marks an interface down and takes its addresses' routes away (`if_down`).
  private mutating func ifDown<T: Tracer & ~Copyable>(
    _ interface: InterfaceIndex, fib: FibNumber, _ machine: inout Machine, _ tracer: inout T
  ) {
    interfaces[interface].flags.remove(.IFF_UP)
    var next = addresses.first(on: interface)
    while let index = next {
      inetInterfaceDown(index, fib: fib, &machine, &tracer)
      next = addresses[index].nextOnInterface
    }
    flushQueue(of: interface, &machine, &tracer)
    rtIfMessage(interface)
  }

  /// Marks an interface up and makes its addresses' routes again (`if_up`).
  private mutating func ifUp(
    _ interface: InterfaceIndex, fib: FibNumber, _ machine: inout Machine
  ) {
    interfaces[interface].flags.insert(.IFF_UP)
    var next = addresses.first(on: interface)
    while let index = next {
      inetInterfaceUp(index, fib: fib, &machine)
      next = addresses[index].nextOnInterface
    }
    rtIfMessage(interface)
  }

  /// Drops what a stopped driver left in the send queue (`if_qflush`).
  private mutating func flushQueue<T: Tracer & ~Copyable>(
    of interface: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    for frame in takeStalled(of: interface) {
      machine.tally[.held] &-= 1
      var end = End(.dropped, .ifDown)
      end.interface = interface
      machine.finish(Packet(frame.packet), end, &tracer)
    }
  }

  /// Lets a stopped driver go on: what waits in the send queue is sent, in order.
  mutating func resume<T: Tracer & ~Copyable>(
    _ interface: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    interfaces[interface].isStalled = false
    for frame in takeStalled(of: interface) {
      machine.tally[.held] &-= 1
      let number = frame.packet.number
      transmit(Packet(frame.packet), on: interface, &machine, &tracer)
      var end = End(.sent, .ifTx)
      end.interface = interface
      machine.end(number, end, &tracer)
    }
  }

  /// Empties an interface's send queue.
  private mutating func takeStalled(of interface: InterfaceIndex) -> [StalledFrame] {
    var taken: [StalledFrame] = []
    var position = 0
    while position < stalled.count {
      if stalled[position].interface == interface {
        taken.append(stalled.remove(at: position))
      } else {
        position += 1
      }
    }
    interfaces[interface].queueLength = 0
    return taken
  }

  /// Gives a card another address and announces it with every address it has (`if_setlladdr`); the
  /// permanent ARP entries keep the old one.
  mutating func setHardwareAddress<T: Tracer & ~Copyable>(
    _ address: EthernetAddress, of interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) throws(Errno) {
    guard interfaces[interface].type == .ethernet else { throw .ENODEV }
    interfaces[interface].hardwareAddress = address
    guard interfaces[interface].flags.contains(.IFF_UP) else { return }
    driverSetFlags(interface)
    var next = addresses.first(on: interface)
    while let index = next {
      arpIfinit(addresses[index].address, on: interface, &machine, &tracer)
      next = addresses[index].nextOnInterface
    }
  }

  /// The cable was put in or pulled out (`if_link_state_change`). Routes stay.
  mutating func setLinkState(
    _ state: LinkState, of interface: InterfaceIndex, _ machine: inout Machine
  ) {
    guard interfaces[interface].linkState != state else { return }
    interfaces[interface].linkState = state
    rtIfMessage(interface)
    guard machine.sysctl.logLinkStateChange else { return }
    machine.log(
      "\(interfaces[interface].name): link state changed to \(state == .up ? "UP" : "DOWN")")
  }
}
