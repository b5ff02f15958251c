// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// The settings of VLANs and tunnels. All throw `ENXIO` for an interface that is not there, and
/// `EINVAL` for one of another kind.
extension Kernel {
  /// Puts a VLAN onto a card, or with no parent takes it off (`SIOCSETVLAN`).
  ///
  /// - Throws: `ENOENT` where there is no such card, and what `vlan_config` says of it.
  package mutating func setVLAN(
    vnet: VnetIndex, interface: InterfaceIndex, _ request: VLANRequest
  ) throws(Errno) {
    let stack = try stack(vnet, interface)
    guard vnets[stack].interfaces[interface].driver == .vlan else { throw .EINVAL }
    guard !request.parent.isEmpty else {
      return vnets[stack].vlanUnconfigure(interface, &machine)
    }
    guard let parent = vnets[stack].interfaces.index(named: request.parent) else { throw .ENOENT }
    guard request.tag & ~Vnet.vlanMask == 0 else { throw .EINVAL }
    try vnets[stack].vlanConfigure(interface, on: parent, tag: request.tag, &machine)
  }

  /// Sets a tunnel's outer addresses (`SIOCSIFPHYADDR`).
  ///
  /// - Throws: `EADDRNOTAVAIL` where another gif has the same.
  package mutating func setTunnel(
    vnet: VnetIndex, interface: InterfaceIndex, _ ends: TunnelEnds
  ) throws(Errno) {
    let stack = try stack(vnet, interface)
    try vnets[stack].setTunnel(ends, of: interface, &machine)
  }

  /// Forgets a tunnel's outer addresses (`SIOCDIFPHYADDR`).
  package mutating func deleteTunnel(
    vnet: VnetIndex, interface: InterfaceIndex
  ) throws(Errno) {
    let stack = try stack(vnet, interface)
    try vnets[stack].deleteTunnel(of: interface, &machine)
  }

  /// Sets the key of a gre's packets, with 0 none (`GRESKEY`).
  package mutating func setTunnelKey(
    vnet: VnetIndex, interface: InterfaceIndex, _ key: UInt32
  ) throws(Errno) {
    let stack = try stack(vnet, interface)
    try vnets[stack].setTunnelKey(key, of: interface)
  }

  /// Turns options of a gif on or off (`GIFGOPTS`, `GIFSOPTS`).
  package mutating func setTunnelOptions(
    vnet: VnetIndex, interface: InterfaceIndex, set: UInt32 = 0, clear: UInt32 = 0
  ) throws(Errno) {
    let stack = try stack(vnet, interface)
    guard let tunnel = vnets[stack].tunnels.tunnel(of: interface), tunnel.driver == .gif else {
      throw .EINVAL
    }
    try vnets[stack].setTunnelOptions(tunnel.options & ~clear | set, of: interface)
  }
}
