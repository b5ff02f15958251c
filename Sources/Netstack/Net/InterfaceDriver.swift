// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// How an interface's packets look; decides its output routine.
package enum InterfaceType: UInt8, BitwiseCopyable, Sendable {
  /// `IFT_ETHER`, `IFT_L2VLAN` and `IFT_BRIDGE`: frames leave through ARP and a driver.
  case ethernet
  /// `IFT_LOOP` and `IFT_CARP`: packets come straight back through the IP queue.
  case loopback
  /// `IFT_GIF` and `IFT_TUNNEL`: packets leave inside others.
  case tunnel
}

/// Who makes an interface's packets and answers its ioctls; the name is `if_dname`, which is the
/// cloner's too.
package enum InterfaceDriver: UInt8, CaseIterable, BitwiseCopyable, Sendable {
  /// The simulated Ethernet card, as if_em.c has it.
  case em
  /// net/if_loop.c.
  case lo
  /// net/if_vlan.c: the frames of one tag on a card.
  case vlan
  /// net/if_tap.c: an Ethernet interface whose other end is a file that nobody has opened.
  case tap
  /// net/if_epair.c: one of two Ethernet interfaces with a cable between them.
  case epair
  /// net/if_disc.c and net/if_edsc.c: what throws packets away, and frames.
  case disc, edsc
  /// net/if_gif.c: IP inside IP.
  case gif
  /// net/if_gre.c: IP inside GRE.
  case gre
  /// netinet/ip_carp.c: addresses that one of several hosts answers for.
  case carp
  /// net/if_bridge.c: joins others to one Ethernet.
  case bridge

  package var name: String {
    switch self {
    case .em: "em"
    case .lo: "lo"
    case .vlan: "vlan"
    case .tap: "tap"
    case .epair: "epair"
    case .disc: "disc"
    case .edsc: "edsc"
    case .gif: "gif"
    case .gre: "gre"
    case .carp: "carp"
    case .bridge: "bridge"
    }
  }

  package var type: InterfaceType {
    switch self {
    case .em, .vlan, .tap, .epair, .edsc, .bridge: .ethernet
    case .lo, .disc, .carp: .loopback
    case .gif, .gre: .tunnel
    }
  }
}

/// What is there of an interface when its driver has attached it.
extension Ifnet {
  /// A simulated Ethernet card; it runs when it is first brought up.
  ///
  /// The capabilities are those of an 82545 in em(4); the model's card does none of it.
  static func ethernet(_ name: InterfaceName, _ address: EthernetAddress) -> Ifnet {
    var interface = Ifnet(
      name: name, index: .none, driver: .em,
      flags: [.IFF_BROADCAST, .IFF_SIMPLEX, .IFF_MULTICAST], mtu: 1500,
      hardwareAddress: address, queueLimit: 255)
    interface.enabledCapabilities = [
      .IFCAP_HWCSUM, .IFCAP_VLAN_MTU, .IFCAP_VLAN_HWTAGGING, .IFCAP_VLAN_HWCSUM,
    ]
    interface.capabilities = interface.enabledCapabilities.union(.IFCAP_TSO4)
    return interface
  }

  /// A loopback interface (`lo_clone_create`, net/if_loop.c); checksums are not made on it.
  static func loopback(_ name: InterfaceName) -> Ifnet {
    var interface = Ifnet(
      name: name, index: .none, driver: .lo, flags: [.IFF_LOOPBACK, .IFF_MULTICAST],
      mtu: 16384, hardwareAddress: .zero, queueLimit: 50)
    interface.linkState = .unknown
    interface.capabilities = .IFCAP_HWCSUM
    interface.enabledCapabilities = interface.capabilities
    interface.hardwareAssist = [.CSUM_IP, .CSUM_TCP, .CSUM_UDP]
    return interface
  }

  /// A VLAN without parent (`vlan_clone_create`).
  static func vlan(_ name: InterfaceName) -> Ifnet {
    var interface = Ifnet(
      name: name, index: .none, driver: .vlan, flags: [.IFF_BROADCAST, .IFF_MULTICAST],
      mtu: 1500, hardwareAddress: .zero, queueLimit: 50)
    interface.linkState = .unknown
    return interface
  }

  /// A tap (`tapcreate`), whose address has the clock's ticks and the unit in it.
  static func tap(_ name: InterfaceName, unit: Int, ticks: UInt32) -> Ifnet {
    let ticks = ticks.byteSwapped >> 8
    let address = 0x00bd << 32 | UInt64(ticks) << 8 | UInt64(unit & 0xff)
    var interface = Ifnet(
      name: name, index: .none, driver: .tap,
      flags: [.IFF_BROADCAST, .IFF_SIMPLEX, .IFF_MULTICAST], mtu: 1500,
      hardwareAddress: EthernetAddress(rawValue: address), queueLimit: 50)
    interface.linkState = .unknown
    return interface
  }

  /// An end of a pair (`epair_clone_create`); its address is made of its number.
  static func epair(_ name: InterfaceName) -> Ifnet {
    var interface = Ifnet(
      name: name, index: .none, driver: .epair,
      flags: [.IFF_BROADCAST, .IFF_SIMPLEX, .IFF_MULTICAST], mtu: 1500,
      hardwareAddress: .zero, queueLimit: 50)
    interface.linkState = .unknown
    return interface
  }

  /// What throws packets away (`disc_clone_create`).
  static func disc(_ name: InterfaceName) -> Ifnet {
    var interface = Ifnet(
      name: name, index: .none, driver: .disc,
      flags: [.IFF_LOOPBACK, .IFF_MULTICAST, .IFF_DRV_RUNNING], mtu: 65_532,
      hardwareAddress: .zero, queueLimit: 20)
    interface.linkState = .unknown
    return interface
  }

  /// What throws frames away (`edsc_clone_create`): it can do all that cards can, and none is on.
  static func edsc(_ name: InterfaceName) -> Ifnet {
    var interface = Ifnet(
      name: name, index: .none, driver: .edsc,
      flags: [.IFF_BROADCAST, .IFF_SIMPLEX, .IFF_MULTICAST, .IFF_DRV_RUNNING], mtu: 1500,
      hardwareAddress: .zero, queueLimit: 50)
    interface.linkState = .unknown
    interface.capabilities = [
      .IFCAP_HWCSUM, .IFCAP_VLAN_MTU, .IFCAP_VLAN_HWTAGGING, .IFCAP_VLAN_HWCSUM, .IFCAP_TSO,
      .IFCAP_JUMBO_MTU,
    ]
    return interface
  }

  /// A tunnel without ends (`gif_clone_create`, `gre_clone_create`).
  static func tunnel(_ name: InterfaceName, _ driver: InterfaceDriver) -> Ifnet {
    var interface = Ifnet(
      name: name, index: .none, driver: driver, flags: [.IFF_POINTOPOINT, .IFF_MULTICAST],
      mtu: driver == .gre ? 1476 : 1280, hardwareAddress: .zero, queueLimit: 50)
    if driver == .gre { interface.flags.insert(.IFF_LINK0) }
    interface.linkState = .unknown
    return interface
  }

  /// A carp interface without number (`carp_clone_create`).
  static func carp(_ name: InterfaceName) -> Ifnet {
    var interface = Ifnet(
      name: name, index: .none, driver: .carp, flags: .IFF_LOOPBACK, mtu: 1500,
      hardwareAddress: .zero, queueLimit: 50)
    interface.linkState = .unknown
    return interface
  }

  /// A bridge without members (`bridge_clone_create`).
  static func bridge(_ name: InterfaceName, _ address: EthernetAddress) -> Ifnet {
    var interface = Ifnet(
      name: name, index: .none, driver: .bridge,
      flags: [.IFF_BROADCAST, .IFF_SIMPLEX, .IFF_MULTICAST], mtu: 1500,
      hardwareAddress: address, queueLimit: 50)
    interface.linkState = .unknown
    return interface
  }

  /// What a card of a unit says its address is.
  static func hardwareAddress(unit: Int) -> EthernetAddress {
    EthernetAddress(rawValue: 0x0200_0000_0000 | UInt64(truncatingIfNeeded: unit))
  }
}
