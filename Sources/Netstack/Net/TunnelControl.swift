// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// The ends of tunnels (`gif_set_tunnel` and `gif_delete_tunnel`, net/if_gif.c; `gre_ioctl`,
/// net/if_gre.c).
extension Vnet {
  /// Sets the outer addresses (`SIOCSIFPHYADDR`).
  ///
  /// - Throws: `EINVAL` where the interface is no tunnel; of gif `EADDRNOTAVAIL` where another has the
  ///   same pair, unless `net.link.gif.parallel_tunnels` allows that.
  mutating func setTunnel(
    _ ends: TunnelEnds, of interface: InterfaceIndex, _ machine: inout Machine
  ) throws(Errno) {
    guard var tunnel = tunnels.tunnel(of: interface) else { throw .EINVAL }
    guard tunnel.driver == .gif else {
      tunnel.ends = ends
      tunnels.update(tunnel)
      return greRecompute(interface, &machine)
    }
    for place in 0..<tunnels.count where sysctl[.linkGifParallelTunnels] == 0 {
      let other = tunnels[place]
      if other.driver == .gif, other.interface != interface, other.ends == ends {
        throw .EADDRNOTAVAIL
      }
    }
    tunnel.ends = ends
    tunnels.remove(interface)
    tunnels.insert(tunnel)
    interfaces[interface].flags.insert(.IFF_DRV_RUNNING)
  }

  /// Forgets the outer addresses (`SIOCDIFPHYADDR`). A gif stops; a gre that ran runs on, and drops.
  mutating func deleteTunnel(
    of interface: InterfaceIndex, _ machine: inout Machine
  ) throws(Errno) {
    guard var tunnel = tunnels.tunnel(of: interface) else { throw .EINVAL }
    tunnel.ends = nil
    tunnels.update(tunnel)
    if tunnel.driver == .gif {
      interfaces[interface].flags.remove(.IFF_DRV_RUNNING)
    } else {
      greRecompute(interface, &machine)
    }
  }

  /// Gives a gre's packets a key, or with 0 none; its MTU makes room (`GRESKEY`).
  mutating func setTunnelKey(_ key: UInt32, of interface: InterfaceIndex) throws(Errno) {
    guard var tunnel = tunnels.tunnel(of: interface), tunnel.driver == .gre else { throw .EINVAL }
    var mtu = interfaces[interface].mtu
    if key == 0, tunnel.key != 0 { mtu += 4 }
    if key != 0, tunnel.key == 0 { mtu -= 4 }
    guard mtu >= 576 else { throw .EINVAL }
    interfaces[interface].mtu = mtu
    tunnel.key = key
    tunnels.update(tunnel)
  }

  /// Sets a gif's options (`GIFSOPTS`).
  mutating func setTunnelOptions(_ options: UInt32, of interface: InterfaceIndex) throws(Errno) {
    guard var tunnel = tunnels.tunnel(of: interface), tunnel.driver == .gif, options & ~0x11 == 0
    else { throw .EINVAL }
    tunnel.options = options
    tunnels.update(tunnel)
  }

  /// Reads a gre's flags, and where both ends are known whether there is a route to the far one that
  /// does not lead through the tunnel: then it runs (`recompute` of `gre_ioctl`).
  mutating func greRecompute(_ interface: InterfaceIndex, _ machine: inout Machine) {
    guard var tunnel = tunnels.tunnel(of: interface) else { return }
    tunnel.isMobile = !interfaces[interface].flags.contains(.IFF_LINK0)
    tunnel.isWCCP2 = interfaces[interface].flags.contains(.IFF_LINK2)
    tunnels.update(tunnel)
    guard let ends = tunnel.ends, ends.source != .any, ends.destination != .any else { return }
    if let route = rtalloc1(greRouteKey(tunnel, ends), fib: tunnel.fib, report: true) {
      let isOther = routes[route].interface != interface
      rtfree(route, now: machine.now)
      if isOther {
        interfaces[interface].flags.insert(.IFF_DRV_RUNNING)
        return
      }
    }
    interfaces[interface].flags.remove(.IFF_DRV_RUNNING)
  }

  /// The address whose route a gre's packets take: with the last bit turned over, so that it is not
  /// the tunnel's own, unless `link1` says otherwise (`gre_compute_route`).
  func greRouteKey(_ tunnel: Tunnel, _ ends: TunnelEnds) -> IPv4Address {
    if interfaces[tunnel.interface].flags.contains(.IFF_LINK1) { return ends.destination }
    return IPv4Address(rawValue: ends.destination.rawValue ^ 1)
  }
}
