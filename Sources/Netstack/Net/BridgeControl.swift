// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// Bridges and their members: how they come and go (net/if_bridge.c).
extension Vnet {
  /// Takes an interface into a bridge, in the order of `bridge_ioctl_add()`.
  ///
  /// - Throws: `ENOENT` for an unknown interface, `EBUSY` for a span port or a member of another
  ///   bridge, `EINVAL` for another MTU or what is no Ethernet, `EEXIST` for a member, `EOPNOTSUPP`
  ///   for a gif, whose frames the model does not wrap.
  mutating func bridgeAdd<T: Tracer & ~Copyable>(
    _ name: String, to bridge: BridgeIndex, _ machine: inout Machine, _ tracer: inout T
  ) throws(Errno) {
    guard let member = interfaces.index(named: name) else { throw .ENOENT }
    let own = bridges[bridge].interface
    for place in 0..<bridges[bridge].spans.count where bridges[bridge].spans[place] == member {
      throw .EBUSY
    }
    let isFirst = bridges[bridge].members.isEmpty
    if interfaces[member].driver != .gif {
      if isFirst {
        // Whether it can be a member is asked later.
        interfaces[own].mtu = interfaces[member].mtu
      } else if interfaces[own].mtu != interfaces[member].mtu {
        machine.log("\(interfaces[own].name): invalid MTU for \(interfaces[member].name)")
        throw .EINVAL
      }
    }
    guard interfaces[member].bridge != bridge else { throw .EEXIST }
    guard interfaces[member].bridge == .none else { throw .EBUSY }
    try checkBridgeable(member)
    if machine.sysctl.bridgeInheritMac, isFirst,
      interfaces[own].hardwareAddress == bridges[bridge].defaultAddress
    {
      interfaces[own].hardwareAddress = interfaces[member].hardwareAddress
      bridges[bridge].addressDonor = member
    }
    interfaces[member].bridge = bridge
    let port = TreePort(member, treeLink(of: member), bridges[bridge].tree.version)
    bridges[bridge].tree.idle.insert(port, at: 0)
    bridges[bridge].members.insert(
      BridgeMember(
        interface: member, savedCapabilities: interfaces[member].enabledCapabilities), at: 0)
    bridgeMuteCapabilities(bridge, &machine)
    setPromiscuous(true, on: member, &machine)
  }

  /// Ethernet and VLANs can be in a bridge.
  private func checkBridgeable(_ member: InterfaceIndex) throws(Errno) {
    guard interfaces[member].driver != .gif else { throw .EOPNOTSUPP }
    guard interfaces[member].isEthernetCard || interfaces[member].driver == .vlan else {
      throw .EINVAL
    }
  }

  /// Takes a member out of its bridge (`bridge_delete_member`).
  ///
  /// - Parameter isGone: The interface goes away, or changes its name: nothing is asked of it.
  mutating func bridgeDelete<T: Tracer & ~Copyable>(
    _ member: InterfaceIndex, isGone: Bool, _ machine: inout Machine, _ tracer: inout T
  ) {
    let bridge = interfaces[member].bridge
    guard bridge != .none, let place = bridges[bridge].place(of: member) else { return }
    if bridges[bridge].members[place].flags.contains(.IFBIF_STP) {
      changeTree(of: bridge, &machine, &tracer) { $0.disable(member) }
    }
    interfaces[member].bridge = .none
    let saved = bridges[bridge].members[place].savedCapabilities
    bridges[bridge].flush(member, all: true)
    bridges[bridge].members.remove(at: place)
    bridges[bridge].tree.idle.removeAll { $0.interface == member }
    if machine.sysctl.bridgeInheritMac, bridges[bridge].addressDonor == member {
      let own = bridges[bridge].interface
      if bridges[bridge].members.isEmpty {
        interfaces[own].hardwareAddress = bridges[bridge].defaultAddress
        bridges[bridge].addressDonor = .none
      } else {
        let donor = bridges[bridge].members[0].interface
        interfaces[own].hardwareAddress = interfaces[donor].hardwareAddress
        bridges[bridge].addressDonor = donor
      }
    }
    bridgeMuteCapabilities(bridge, &machine)
    guard !isGone else { return }
    setPromiscuous(false, on: member, &machine)
    bridgeSetCapabilities(saved, of: member, bridge, &machine)
  }

  /// Leaves on every member only what all can do of what frames of others must not meet
  /// (`bridge_mutecaps`).
  private mutating func bridgeMuteCapabilities(_ bridge: BridgeIndex, _ machine: inout Machine) {
    let masked = InterfaceCapabilities.IFCAP_TSO.union([.IFCAP_TXCSUM])
    var common = masked
    for place in 0..<bridges[bridge].members.count {
      common.formIntersection(bridges[bridge].members[place].savedCapabilities)
    }
    for place in 0..<bridges[bridge].members.count {
      let member = bridges[bridge].members[place].interface
      let enabled = interfaces[member].enabledCapabilities
        .subtracting(.IFCAP_LRO).subtracting(masked).union(common)
      bridgeSetCapabilities(enabled, of: member, bridge, &machine)
    }
  }

  /// `bridge_set_ifcap`.
  private mutating func bridgeSetCapabilities(
    _ wanted: InterfaceCapabilities, of member: InterfaceIndex, _ bridge: BridgeIndex,
    _ machine: inout Machine
  ) {
    guard interfaces[member].enabledCapabilities != wanted else { return }
    do throws(Errno) {
      try driverSetCapabilities(wanted, of: member)
    } catch {
      let own = bridges[bridge].interface
      machine.log(
        "\(interfaces[own].name): error setting interface capabilities on "
          + "\(interfaces[member].name)")
    }
  }

  /// Lets an interface have a copy of all that passes (`bridge_ioctl_addspan`).
  ///
  /// - Throws: `ENOENT` for an unknown interface, `EBUSY` for one that is a span port already or a
  ///   member of a bridge, `EINVAL` and `EOPNOTSUPP` as a member.
  mutating func bridgeAddSpan(_ name: String, to bridge: BridgeIndex) throws(Errno) {
    guard let span = interfaces.index(named: name) else { throw .ENOENT }
    for place in 0..<bridges[bridge].spans.count where bridges[bridge].spans[place] == span {
      throw .EBUSY
    }
    guard interfaces[span].bridge == .none else { throw .EBUSY }
    try checkBridgeable(span)
    bridges[bridge].spans.insert(span, at: 0)
  }

  /// Takes a span port back; `ENOENT` for what is none (`bridge_ioctl_delspan`).
  mutating func bridgeDeleteSpan(_ name: String, of bridge: BridgeIndex) throws(Errno) {
    guard let span = interfaces.index(named: name), removeSpan(span, of: bridge) else {
      throw .ENOENT
    }
  }

  private mutating func removeSpan(_ span: InterfaceIndex, of bridge: BridgeIndex) -> Bool {
    for place in 0..<bridges[bridge].spans.count where bridges[bridge].spans[place] == span {
      bridges[bridge].spans.remove(at: place)
      return true
    }
    return false
  }

  /// An interface goes away, or seems to, as it does while it is renamed or moved to another stack
  /// (`bridge_ifdetach`).
  mutating func bridgeMemberDeparts<T: Tracer & ~Copyable>(
    _ interface: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    if interfaces[interface].bridge != .none {
      return bridgeDelete(interface, isGone: true, &machine, &tracer)
    }
    for bridge in bridges.all { _ = removeSpan(interface, of: bridge) }
  }

  /// A bridge goes away (`bridge_clone_destroy`).
  mutating func bridgeDestroy<T: Tracer & ~Copyable>(
    _ own: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    guard let bridge = bridges.index(of: own) else { return }
    interfaces[own].flags.remove(.IFF_UP)
    bridgeSetFlags(own, &machine, &tracer)
    while !bridges[bridge].members.isEmpty {
      let member = bridges[bridge].members[0].interface
      bridgeDelete(member, isGone: false, &machine, &tracer)
    }
    bridges.remove(bridge)
  }

  /// Starts and stops a bridge as it goes up and down (`bridge_init`, `bridge_stop`).
  mutating func bridgeSetFlags<T: Tracer & ~Copyable>(
    _ own: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    guard let bridge = bridges.index(of: own) else { return }
    let isRunning = interfaces[own].flags.contains(.IFF_DRV_RUNNING)
    guard interfaces[own].flags.contains(.IFF_UP) != isRunning else { return }
    if isRunning {
      machine.timers.cancel(.bridge(own), vnet: index)
      changeTree(of: bridge, &machine, &tracer) { $0.stop() }
      bridges[bridge].flush(all: false)
      interfaces[own].flags.remove(.IFF_DRV_RUNNING)
    } else {
      setBridgeTimer(own, &machine)
      interfaces[own].flags.insert(.IFF_DRV_RUNNING)
      changeTree(of: bridge, &machine, &tracer) { $0.start() }
    }
  }

  private func setBridgeTimer(_ own: InterfaceIndex, _ machine: inout Machine) {
    machine.timers.set(
      .bridge(own), vnet: index, at: machine.now.advanced(seconds: Bridge.prunePeriod))
  }

  /// Looks for addresses that are too old (`bridge_timer`).
  mutating func bridgeTimer(_ own: InterfaceIndex, _ machine: inout Machine) {
    guard let bridge = bridges.index(of: own) else { return }
    bridges[bridge].age(machine.now.seconds)
    setBridgeTimer(own, &machine)
  }
}
