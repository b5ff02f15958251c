// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
package import Wire

/// An interface as ifconfig(8) and netstat(1) see it.
package struct InterfaceInfo: Sendable {
  package var interface: Ifnet
  /// The IPv4 addresses in the order of the interface's list.
  package var addresses: [InterfaceAddress]
  package var description: String?
  /// The groups it is in, in the order of joining.
  package var groups: [String]
  /// What it says of its media; nil where it has none (`SIOCGIFMEDIA`).
  package var media: MediaReport?
  /// Of a VLAN, its tag and its parent's name; nil for what is none (`SIOCGETVLAN`).
  package var vlan: (tag: UInt16, parent: InterfaceName?)?
  /// A tunnel's outer addresses, where it has any (`SIOCGIFPSRCADDR`, `SIOCGIFPDSTADDR`).
  package var tunnel: TunnelEnds?
  /// A gif's options, 0 for what is none (`GIFGOPTS`).
  package var tunnelOptions: UInt32
  /// A gre's key, 0 for none (`GREGKEY`).
  package var tunnelKey: UInt32
  /// Of a carp interface, what is set (`SIOCGVH`).
  package var carp: CarpSettings?
  /// What a bridge is; nil for what is none.
  package var bridge: BridgeInfo?

  package var index: InterfaceIndex { interface.index }
  package var name: InterfaceName { interface.name }
  package var flags: InterfaceFlags { interface.flags }
  /// nil for an interface that has none, as lo0.
  package var hardwareAddress: EthernetAddress? {
    interface.type == .ethernet ? interface.hardwareAddress : nil
  }
}

/// Interfaces: listing and the settings that move no packet (`ifhwioctl`, net/if.c). All throw `ENXIO`
/// for an interface that is not there.
extension Kernel {
  /// What is there when the kernel has booted: the Ethernet cards, then lo0.
  mutating func bootInterfaces() {
    for unit in 0..<max(machine.options.ethernetInterfaces, 0) {
      guard let name = InterfaceName(prefix: "em", unit: unit) else { continue }
      let card = vnets[0].attachEthernet(
        name, unit: unit, address: Ifnet.hardwareAddress(unit: unit))
      vnets[0].interfaces[card].isPermanent = true
    }
    makeLoopback(0)
    let loopback = vnets[0].loopback
    guard loopback != .none, machine.options.configuresLoopback else { return }
    let request = AddressRequest(.loopback, mask: IPv4Prefix.mask(length: 8))
    // The first address of all has nothing to conflict with.
    try? addAddress(vnet: .zero, interface: loopback, request)
  }

  /// Every interface in order of attaching.
  package func interfaces(vnet: VnetIndex) -> [InterfaceInfo] {
    let stack = Int(vnet.rawValue)
    return vnets[stack].interfaces.all.map { info(stack, $0) }
  }

  /// One interface.
  package func interface(vnet: VnetIndex, named name: String) throws(Errno) -> InterfaceInfo {
    let stack = Int(vnet.rawValue)
    guard let name = InterfaceName(name), let index = vnets[stack].interfaces.index(named: name)
    else { throw .ENXIO }
    return info(stack, index)
  }

  private func info(_ stack: Int, _ index: InterfaceIndex) -> InterfaceInfo {
    var records: [InterfaceAddress] = []
    var next = vnets[stack].addresses.first(on: index)
    while let address = next {
      records.append(vnets[stack].addresses[address])
      next = vnets[stack].addresses[address].nextOnInterface
    }
    let details = vnets[stack].interfaces[details: index]
    let tunnel = vnets[stack].tunnels.tunnel(of: index)
    var info = InterfaceInfo(
      interface: vnets[stack].interfaces[index], addresses: records,
      description: details.description,
      groups: vnets[stack].interfaces.groups.groups(of: index),
      media: try? vnets[stack].driverMedia(of: index), tunnel: tunnel?.shownEnds,
      tunnelOptions: tunnel?.driver == .gif ? tunnel?.options ?? 0 : 0,
      tunnelKey: tunnel?.key ?? 0, carp: vnets[stack].carpSettings(of: index))
    if info.interface.driver == .vlan {
      let link = vnets[stack].vlans.link(of: index)
      info.vlan = (link?.tag ?? 0, link.map { vnets[stack].interfaces[$0.parent].name })
    }
    info.bridge = bridge(stack, index)
    return info
  }

  /// Gives an interface another name (`SIOCSIFNAME`).
  package mutating func rename(
    vnet: VnetIndex, interface: InterfaceIndex, to text: String
  ) throws(Errno) {
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    let stack = try stack(vnet, interface)
    guard !text.isEmpty else { throw .EINVAL }
    guard let name = InterfaceName(text) else { throw .ENAMETOOLONG }
    guard vnets[stack].interfaces.index(named: name) == nil else { throw .EEXIST }
    let old = vnets[stack].interfaces[interface].name
    vnets[stack].rtAnnounce(interface, isArrival: false)
    // To the VLANs on it the old name departs, for good.
    vnets[stack].vlanParentDeparts(interface, &machine)
    vnets[stack].carpParentDeparts(interface, .renamed, &machine)
    var silent = Silent()
    vnets[stack].bridgeMemberDeparts(interface, &machine, &silent)
    machine.log("\(old): changing name to '\(name)'")
    vnets[stack].interfaces[interface].name = name
    vnets[stack].rtAnnounce(interface, isArrival: true)
    drain(&silent)
  }

  /// Sets the MTU (`SIOCSIFMTU`); the routes keep theirs until a packet finds one too large.
  package mutating func setMTU(
    vnet: VnetIndex, interface: InterfaceIndex, _ mtu: Int
  ) throws(Errno) {
    let stack = try stack(vnet, interface)
    // IF_MINMTU and IF_MAXMTU of net/if.h.
    guard mtu >= 72, mtu <= 65_535 else { throw .EINVAL }
    try vnets[stack].driverSetMTU(mtu, of: interface)
    vnets[stack].rtIfMessage(interface)
  }

  /// Sets the metric, which nothing uses (`SIOCSIFMETRIC`).
  package mutating func setMetric(
    vnet: VnetIndex, interface: InterfaceIndex, _ metric: UInt32
  ) throws(Errno) {
    let stack = try stack(vnet, interface)
    vnets[stack].interfaces[interface].metric = metric
  }

  /// Writes something about an interface, or with nil nothing more (8.1's `SIOCSIFDESCR`).
  ///
  /// - Throws: `ENAMETOOLONG` for more than `net.ifdescr_maxlen` bytes, which are 1024 with the NUL.
  package mutating func setDescription(
    vnet: VnetIndex, interface: InterfaceIndex, _ text: String?
  ) throws(Errno) {
    let stack = try stack(vnet, interface)
    guard (text?.utf8.count ?? 0) < 1024 else { throw .ENAMETOOLONG }
    vnets[stack].interfaces[details: interface].description = text?.isEmpty == true ? nil : text
  }

  /// Turns capabilities on and off as the driver does that; those it does not have are refused
  /// (`SIOCSIFCAP`).
  package mutating func setCapabilities(
    vnet: VnetIndex, interface: InterfaceIndex, _ enabled: InterfaceCapabilities
  ) throws(Errno) {
    let stack = try stack(vnet, interface)
    guard vnets[stack].interfaces[interface].capabilities.isSuperset(of: enabled) else {
      throw .EINVAL
    }
    try vnets[stack].driverSetCapabilities(enabled, of: interface)
  }

  /// Says what the simulated card can do, all of which is then on. `EINVAL` for what is no card.
  package mutating func equip(
    vnet: VnetIndex, interface: InterfaceIndex, with capabilities: InterfaceCapabilities
  ) throws(Errno) {
    let stack = try stack(vnet, interface)
    guard vnets[stack].interfaces[interface].driver == .em else { throw .EINVAL }
    vnets[stack].interfaces[interface].capabilities = capabilities
    vnets[stack].interfaces[interface].enabledCapabilities = capabilities
    vnets[stack].vlanFollowCapabilities(of: interface)
  }

  /// Puts the cable in or pulls it out; of a pair the other end does not hear of it, and what it sends
  /// is lost: see `setCable`.
  package mutating func setLinkState<T: Tracer & ~Copyable>(
    vnet: VnetIndex, interface: InterfaceIndex, _ state: LinkState, tracer: inout T
  ) throws(Errno) {
    let outer = machine.enter(vnet)
    defer { machine.leave(to: outer) }
    let stack = try stack(vnet, interface)
    tracer.enter(vnet)
    vnets[stack].setLinkState(state, of: interface, &machine, &tracer)
    let end = vnets[stack].interfaces[interface].epairEnd
    if end >= 0 { layCable(end) }
    drain(&tracer)
  }

  /// The same with nobody listening.
  package mutating func setLinkState(
    vnet: VnetIndex, interface: InterfaceIndex, _ state: LinkState
  ) throws(Errno) {
    var silent = Silent()
    try setLinkState(vnet: vnet, interface: interface, state, tracer: &silent)
  }

  /// Sets how many packets the send queue holds (`ifq_maxlen`).
  package mutating func setQueueLimit(
    vnet: VnetIndex, interface: InterfaceIndex, _ limit: UInt32
  ) throws(Errno) {
    let stack = try stack(vnet, interface)
    vnets[stack].interfaces[interface].queueLimit = limit
  }

  /// Sets what the card claims to compute (`if_hwassist`).
  package mutating func setHardwareAssist(
    vnet: VnetIndex, interface: InterfaceIndex, _ assist: HardwareAssist
  ) throws(Errno) {
    let stack = try stack(vnet, interface)
    vnets[stack].interfaces[interface].hardwareAssist = assist
  }

  /// What an interface says of its media (`SIOCGIFMEDIA`); `EINVAL` where it has none.
  package func media(vnet: VnetIndex, interface: InterfaceIndex) throws(Errno) -> MediaReport {
    try vnets[stack(vnet, interface)].driverMedia(of: interface)
  }

  /// Chooses a medium (`SIOCSIFMEDIA`): `ENXIO` where the card has none such, `EINVAL` of what has no
  /// media of its own.
  package mutating func setMedia(
    vnet: VnetIndex, interface: InterfaceIndex, _ word: MediaWord
  ) throws(Errno) {
    let stack = try stack(vnet, interface)
    guard var media = vnets[stack].interfaces[details: interface].media else { throw .EINVAL }
    try media.choose(word)
    vnets[stack].interfaces[details: interface].media = media
  }

  /// Says what autoselection finds at the other end of the cable.
  package mutating func setOfferedMedia(
    vnet: VnetIndex, interface: InterfaceIndex, _ word: MediaWord
  ) throws(Errno) {
    let stack = try stack(vnet, interface)
    guard vnets[stack].interfaces[details: interface].media != nil else { throw .EINVAL }
    vnets[stack].interfaces[details: interface].media?.offered = word
  }

  /// The place of a vnet whose interface is there.
  func stack(_ vnet: VnetIndex, _ interface: InterfaceIndex) throws(Errno) -> Int {
    let stack = Int(vnet.rawValue)
    guard vnets[stack].interfaces.all.contains(interface) else { throw .ENXIO }
    return stack
  }
}
