// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// How interfaces come, change and go (net/if.c), and what their drivers do then.
extension Vnet {
  /// Attaches a loopback interface; the first is where packets to this host go (`V_loif`).
  @discardableResult
  mutating func attachLoopback(_ name: InterfaceName, unit: Int = 0) -> InterfaceIndex {
    let interface = interfaces.attach(.loopback(name), unit: unit)
    if loopback == .none {
      loopback = interface
      interfaces[interface].isPermanent = true
    }
    return interface
  }

  /// Attaches a simulated Ethernet card.
  @discardableResult
  mutating func attachEthernet(
    _ name: InterfaceName, unit: Int = 0, address: EthernetAddress
  ) -> InterfaceIndex {
    let interface = interfaces.attach(.ethernet(name, address), unit: unit)
    interfaces[details: interface].media = .em
    return interface
  }

  /// Removes an interface with its addresses, routes, groups and ARP entries (`if_detach`).
  mutating func detach<T: Tracer & ~Copyable>(
    _ interface: InterfaceIndex, fib: FibNumber, _ machine: inout Machine, _ tracer: inout T
  ) {
    if interfaces[interface].driver == .carp { carpRemove(interface, &machine, &tracer) }
    bridgeDestroy(interface, &machine, &tracer)
    strip(interface, fib: fib, &machine, &tracer)
    carpParentDeparts(interface, .gone, &machine)
    vlanUnconfigure(interface, &machine)
    tunnels.remove(interface)
    netisrPurge(interface, &machine, &tracer)
    machine.medium.purge(interface, index)
    machine.observers.detachAll(interface, index)
    rtAnnounce(interface, isArrival: false)
    interfaces.detach(interface)
    if loopback == interface { loopback = .none }
  }

  /// What an interface loses when it goes, be it for ever or to another stack
  /// (`if_detach_internal`).
  mutating func strip<T: Tracer & ~Copyable>(
    _ interface: InterfaceIndex, fib: FibNumber, _ machine: inout Machine, _ tracer: inout T
  ) {
    drainLinkTask(of: interface, &machine, &tracer)
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
    vlanParentDeparts(interface, &machine)
    bridgeMemberDeparts(interface, &machine, &tracer)
    flowClean(&machine)
    machine.wakeFlowCleaner()
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
      ifUp(interface, fib: fib, &machine, &tracer)
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
    driverSetFlags(interface, &machine)
    if interfaces[interface].driver == .carp { carpSetFlags(interface, &machine, &tracer) }
  }

  /// Marks an interface down and takes its addresses' routes away (`if_down`).
  private mutating func ifDown<T: Tracer & ~Copyable>(
    _ interface: InterfaceIndex, fib: FibNumber, _ machine: inout Machine, _ tracer: inout T
  ) {
    interfaces[interface].flags.remove(.IFF_UP)
    epairNote(interface, &machine)
    var next = addresses.first(on: interface)
    while let index = next {
      inetInterfaceDown(index, fib: fib, &machine, &tracer)
      next = addresses[index].nextOnInterface
    }
    flushQueue(of: interface, &machine, &tracer)
    if interfaces[interface].hasCarp { carpParentState(interface, &machine, &tracer) }
    rtIfMessage(interface)
  }

  /// Marks an interface up and makes its addresses' routes again (`if_up`).
  private mutating func ifUp<T: Tracer & ~Copyable>(
    _ interface: InterfaceIndex, fib: FibNumber, _ machine: inout Machine, _ tracer: inout T
  ) {
    interfaces[interface].flags.insert(.IFF_UP)
    epairNote(interface, &machine)
    var next = addresses.first(on: interface)
    while let index = next {
      inetInterfaceUp(index, fib: fib, &machine)
      next = addresses[index].nextOnInterface
    }
    if interfaces[interface].hasCarp { carpParentState(interface, &machine, &tracer) }
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
      let result = driverStart(Packet(frame.packet), on: interface, &machine, &tracer)
      var end = End(.sent, result.id)
      switch result.fate {
      // A VLAN's parent may have a stopped driver too.
      case .held, .continues: continue
      case .sent: break
      case .dropped, .denied: end.verdict = .dropped
      }
      end.interface = interface
      machine.end(number, end, &tracer)
    }
  }

  /// Empties an interface's send queue.
  mutating func takeStalled(of interface: InterfaceIndex) -> [StalledFrame] {
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

  /// Gives an interface another link address and announces it with every IPv4 address it has
  /// (`if_setlladdr`); the permanent ARP entries keep the old one.
  ///
  /// - Throws: `EINVAL` for another length than it has, `ENODEV` for what has none.
  mutating func setLinkAddress<T: Tracer & ~Copyable>(
    _ bytes: [UInt8], of interface: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) throws(Errno) {
    let isEthernet = interfaces[interface].type == .ethernet
    guard bytes.count == (isEthernet ? 6 : 0) else { throw .EINVAL }
    guard isEthernet else { throw .ENODEV }
    interfaces[interface].hardwareAddress = EthernetAddress(
      rawValue: bytes.reduce(0) { $0 << 8 | UInt64($1) })
    guard interfaces[interface].flags.contains(.IFF_UP) else { return }
    // What the driver does of it: down, and up again.
    interfaces[interface].flags.remove(.IFF_UP)
    driverSetFlags(interface, &machine)
    interfaces[interface].flags.insert(.IFF_UP)
    driverSetFlags(interface, &machine)
    var next = addresses.first(on: interface)
    while let index = next {
      arpIfinit(addresses[index].address, on: interface, &machine, &tracer)
      next = addresses[index].nextOnInterface
    }
  }

  /// The cable was put in or pulled out (`if_link_state_change`).
  mutating func setLinkState<T: Tracer & ~Copyable>(
    _ state: LinkState, of interface: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    guard interfaces[interface].linkState != state else { return }
    interfaces[interface].linkState = state
    linkStateChanged(interface, times: 1, &machine, &tracer)
  }

  /// Tells of a link's state (`do_link_state_change`). Routes stay; carp interfaces and VLANs follow
  /// their card.
  ///
  /// - Parameter times: How many changes this tells of.
  mutating func linkStateChanged<T: Tracer & ~Copyable>(
    _ interface: InterfaceIndex, times: Int, _ machine: inout Machine, _ tracer: inout T
  ) {
    let (name, state) = (interfaces[interface].name, interfaces[interface].linkState)
    rtIfMessage(interface)
    if interfaces[interface].hasCarp { carpParentState(interface, &machine, &tracer) }
    if times > 1 { machine.log("\(name): \(times) link states coalesced") }
    if machine.sysctl.logLinkStateChange {
      machine.log("\(name): link state changed to \(state == .up ? "UP" : "DOWN")")
    }
    bridgeLinkChanged(interface, &machine)
    guard interfaces[interface].hasVLANs else { return }
    for vlan in vlans.interfaces(on: interface) {
      setLinkState(state, of: vlan, &machine, &tracer)
    }
  }
}
