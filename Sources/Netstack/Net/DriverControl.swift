// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What the drivers do when an ioctl reaches them: `em_ioctl` (dev/e1000/if_em.c), `loioctl`,
/// `vlan_ioctl`, `tapifioctl`, `epair_ioctl`, `gif_ioctl`, `gre_ioctl`, and what most leave to `ether_ioctl`.
extension Vnet {
  /// `SIOCSIFFLAGS`: the card starts and stops with `IFF_UP`; most others run on.
  mutating func driverSetFlags(_ interface: InterfaceIndex, _ machine: inout Machine) {
    switch interfaces[interface].driver {
    case .em:
      if interfaces[interface].flags.contains(.IFF_UP) {
        interfaces[interface].flags.insert(.IFF_DRV_RUNNING)
      } else {
        interfaces[interface].flags.remove(.IFF_DRV_RUNNING)
      }
    case .vlan: vlanSetFlags(interface, &machine)
    case .gre: greRecompute(interface, &machine)
    case .bridge:
      var silent = Silent()
      bridgeSetFlags(interface, &machine, &silent)
    // What it asks of carp may send: see carpSetFlags.
    case .lo, .tap, .gif, .epair, .disc, .edsc, .carp: break
    }
  }

  /// `SIOCSIFADDR`: an address brings its interface up, and an Ethernet announces it.
  ///
  /// Of a card that does no ARP em(4) sends no announcement; `ether_ioctl` does not ask.
  mutating func driverSetAddress<T: Tracer & ~Copyable>(
    _ address: IPv4Address, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    interfaces[interface].flags.insert(.IFF_UP)
    epairNote(interface, &machine)
    switch interfaces[interface].driver {
    case .em:
      interfaces[interface].flags.insert(.IFF_DRV_RUNNING)
      if interfaces[interface].flags.contains(.IFF_NOARP) { return }
    case .lo: return interfaces[interface].flags.formUnion(.IFF_DRV_RUNNING)
    case .tap:
      // Its start routine, which nobody listens to, counts one error for the empty queue.
      interfaces[interface].flags.insert(.IFF_DRV_RUNNING)
      interfaces[interface].statistics[.oerrors] &+= 1
    case .bridge: driverSetFlags(interface, &machine)
    case .vlan, .epair, .edsc: break
    // carpSetAddress does that, and may refuse.
    case .gif, .gre, .disc, .carp: return
    }
    arpIfinit(address, on: interface, &machine, &tracer)
  }

  /// `SIOCSIFMTU`; `EINVAL` for what the driver cannot take.
  mutating func driverSetMTU(_ mtu: Int, of interface: InterfaceIndex) throws(Errno) {
    let limits: ClosedRange<Int>
    switch interfaces[interface].driver {
    // Frames of 9234 bytes with header and checksum.
    case .em: limits = 0...9216
    case .lo, .tap, .epair, .disc: limits = 0...65_535
    case .edsc: limits = 0...1500
    case .vlan:
      guard let link = vlans.link(of: interface) else { throw .EINVAL }
      // ETHERMIN is 46.
      let most = Int(interfaces[link.parent].mtu) - Int(link.mtuFudge)
      limits = 46 - Int(link.mtuFudge)...max(most, 46)
      guard mtu <= most else { throw .EINVAL }
    case .gif: limits = 1280...8192
    case .gre: limits = 576...65_535
    case .carp: throw .EINVAL
    // Its first member says what it is.
    case .bridge: throw .EINVAL
    }
    guard limits.contains(mtu) else { throw .EINVAL }
    interfaces[interface].mtu = UInt32(mtu)
  }

  /// `SIOCSIFCAP`. In em(4) of 8.0 receiving and sending checksums are one switch: asking for either
  /// turns both over. `EINVAL` where a driver has no capabilities to set.
  mutating func driverSetCapabilities(
    _ wanted: InterfaceCapabilities, of interface: InterfaceIndex
  ) throws(Errno) {
    var enabled = interfaces[interface].enabledCapabilities
    let changed = enabled.symmetricDifference(wanted)
    switch interfaces[interface].driver {
    case .em:
      if !changed.isDisjoint(with: .IFCAP_HWCSUM) { enabled.formSymmetricDifference(.IFCAP_HWCSUM) }
      enabled.formSymmetricDifference(changed.intersection([.IFCAP_TSO4, .IFCAP_VLAN_HWTAGGING]))
      interfaces[interface].enabledCapabilities = enabled
      vlanFollowCapabilities(of: interface)
    case .lo:
      enabled.formSymmetricDifference(changed.intersection(.IFCAP_HWCSUM))
      interfaces[interface].enabledCapabilities = enabled
      interfaces[interface].hardwareAssist =
        enabled.contains(.IFCAP_TXCSUM) ? [.CSUM_IP, .CSUM_TCP, .CSUM_UDP] : []
    case .edsc: interfaces[interface].enabledCapabilities = wanted
    case .vlan, .tap, .epair, .disc, .gif, .gre, .bridge, .carp: throw .EINVAL
    }
  }

  /// `SIOCGIFMEDIA`: of a VLAN its parent's, of which it offers only the one in use. `EINVAL` of
  /// what has no media.
  func driverMedia(of interface: InterfaceIndex) throws(Errno) -> MediaReport {
    if interfaces[interface].driver == .vlan, let link = vlans.link(of: interface) {
      var report = try driverMedia(of: link.parent)
      report.supported = [report.current]
      return report
    }
    guard let media = interfaces[details: interface].media else { throw .EINVAL }
    let hasCarrier = interfaces[interface].linkState == .up
    return MediaReport(
      current: media.current, active: media.active(hasCarrier: hasCarrier), isActive: hasCarrier,
      supported: media.supported)
  }

  /// Asks for promiscuous mode, or gives it back (`ifpromisc`, net/if.c): the first and the last to
  /// do so change it, unless the administrator wants it anyway.
  mutating func setPromiscuous(
    _ isOn: Bool, on interface: InterfaceIndex, _ machine: inout Machine
  ) {
    if isOn {
      interfaces[interface].promiscuousCount &+= 1
    } else {
      interfaces[interface].promiscuousCount -= 1
    }
    guard !interfaces[interface].flags.contains(.IFF_PPROMISC),
      interfaces[interface].promiscuousCount == (isOn ? 1 : 0)
    else { return }
    if isOn {
      interfaces[interface].flags.insert(.IFF_PROMISC)
    } else {
      interfaces[interface].flags.remove(.IFF_PROMISC)
    }
    driverSetFlags(interface, &machine)
    rtIfMessage(interface)
    machine.log(
      "\(interfaces[interface].name): promiscuous mode \(isOn ? "enabled" : "disabled")")
  }
}
