// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
package import Wire

/// An interface as ifconfig(8) and netstat(1) see it.
package struct InterfaceInfo: Sendable {
  package var interface: Ifnet
  /// The IPv4 addresses in the order of the interface's list.
  package var addresses: [InterfaceAddress]
  package var description: String?

  package var index: InterfaceIndex { interface.index }
  package var name: InterfaceName { interface.name }
  package var flags: InterfaceFlags { interface.flags }
  /// nil for an interface that has none, as lo0.
  package var hardwareAddress: EthernetAddress? {
    interface.type == .ethernet ? interface.hardwareAddress : nil
  }
}

/// Interfaces: listing, making, and the settings that move no packet (`ifhwioctl`, net/if.c, and
/// net/if_clone.c). All throw `ENXIO` for an interface that is not there.
extension Kernel {
  /// What is there when the kernel has booted: the Ethernet cards, then lo0.
  mutating func bootInterfaces() {
    for unit in 0..<max(machine.options.ethernetInterfaces, 0) {
      guard let name = InterfaceName(prefix: "em", unit: unit) else { continue }
      let card = vnets[0].attachEthernet(name, address: Ifnet.hardwareAddress(unit: unit))
      vnets[0].interfaces[card].isPermanent = true
    }
    guard let name = InterfaceName(prefix: "lo", unit: 0) else { return }
    let loopback = vnets[0].attachLoopback(name)
    guard machine.options.configuresLoopback else { return }
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
    return InterfaceInfo(
      interface: vnets[stack].interfaces[index], addresses: records,
      description: vnets[stack].interfaces.descriptions[index])
  }

  /// What can be made: the loopback of 8.0, and the model's own cards.
  package static let cloners = ["em", "lo"]

  /// Makes an interface (`SIOCIFCREATE2`): `em3`, or `em` for the lowest free unit.
  ///
  /// - Returns: Its name.
  @discardableResult
  package mutating func createInterface(
    vnet: VnetIndex, named text: String, hardwareAddress: EthernetAddress? = nil
  ) throws(Errno) -> InterfaceName {
    let stack = Int(vnet.rawValue)
    let prefix = String(text.prefix { !$0.isNumber })
    let digits = text.dropFirst(prefix.count)
    guard Kernel.cloners.contains(prefix), digits.allSatisfy({ $0.isASCII && $0.isNumber }),
      digits.count == 1 || digits.first != "0"
    else { throw .EINVAL }
    var unit = 0
    if digits.isEmpty {
      while let name = InterfaceName(prefix: prefix, unit: unit),
        vnets[stack].interfaces.index(named: name) != nil
      { unit += 1 }
    } else {
      guard let number = Int(digits) else { throw .EINVAL }
      unit = number
    }
    guard unit <= Kernel.largestUnit, let name = InterfaceName(prefix: prefix, unit: unit) else {
      throw .ENOSPC
    }
    guard vnets[stack].interfaces.index(named: name) == nil else { throw .EEXIST }
    if prefix == "lo" {
      vnets[stack].attachLoopback(name)
    } else {
      vnets[stack].attachEthernet(
        name, address: hardwareAddress ?? Ifnet.hardwareAddress(unit: unit))
    }
    return name
  }

  /// `IF_MAXUNIT` of net/if.h.
  private static let largestUnit = 0x7fff

  /// Gives an interface another name (`SIOCSIFNAME`).
  package mutating func rename(
    vnet: VnetIndex, interface: InterfaceIndex, to text: String
  ) throws(Errno) {
    let stack = try stack(vnet, interface)
    guard !text.isEmpty else { throw .EINVAL }
    guard let name = InterfaceName(text) else { throw .ENAMETOOLONG }
    guard vnets[stack].interfaces.index(named: name) == nil else { throw .EEXIST }
    let old = vnets[stack].interfaces[interface].name
    vnets[stack].rtAnnounce(interface, isArrival: false)
    machine.log("\(old): changing name to '\(name)'")
    vnets[stack].interfaces[interface].name = name
    vnets[stack].rtAnnounce(interface, isArrival: true)
  }

  /// Sets the MTU (`SIOCSIFMTU`); the routes keep theirs until a packet finds one too large.
  package mutating func setMTU(
    vnet: VnetIndex, interface: InterfaceIndex, _ mtu: Int
  ) throws(Errno) {
    let stack = try stack(vnet, interface)
    // IF_MINMTU of net/if.h, and what the driver takes.
    guard mtu >= 72, mtu <= vnets[stack].interfaces[interface].largestMTU else { throw .EINVAL }
    vnets[stack].interfaces[interface].mtu = UInt32(mtu)
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
  package mutating func setDescription(
    vnet: VnetIndex, interface: InterfaceIndex, _ text: String?
  ) throws(Errno) {
    let stack = try stack(vnet, interface)
    vnets[stack].interfaces.descriptions[interface] = text?.isEmpty == true ? nil : text
  }

  /// Turns capabilities on and off; those that the driver does not have are refused
  /// (`SIOCSIFCAP`).
  package mutating func setCapabilities(
    vnet: VnetIndex, interface: InterfaceIndex, _ enabled: InterfaceCapabilities
  ) throws(Errno) {
    let stack = try stack(vnet, interface)
    guard vnets[stack].interfaces[interface].capabilities.isSuperset(of: enabled) else {
      throw .EINVAL
    }
    vnets[stack].interfaces[interface].enabledCapabilities = enabled
    guard vnets[stack].interfaces[interface].type == .loopback else { return }
    vnets[stack].interfaces[interface].hardwareAssist =
      enabled.contains(.IFCAP_TXCSUM) ? [.CSUM_IP, .CSUM_TCP, .CSUM_UDP] : []
  }

  /// Puts the cable in or pulls it out.
  package mutating func setLinkState(
    vnet: VnetIndex, interface: InterfaceIndex, _ state: LinkState
  ) throws(Errno) {
    let stack = try stack(vnet, interface)
    vnets[stack].setLinkState(state, of: interface, &machine)
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

  /// The place of a vnet whose interface is there.
  func stack(_ vnet: VnetIndex, _ interface: InterfaceIndex) throws(Errno) -> Int {
    let stack = Int(vnet.rawValue)
    guard vnets[stack].interfaces.all.contains(interface) else { throw .ENXIO }
    return stack
  }
}
