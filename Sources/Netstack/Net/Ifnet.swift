// SPDX-License-Identifier: BSD-2-Clause

package import Wire

/// What a driver says of its cable (`if_link_state`).
package enum LinkState: UInt8, BitwiseCopyable, Sendable {
  case unknown, down, up
}

/// One network interface (`struct ifnet`, net/if_var.h), as plain data.
package struct Ifnet: BitwiseCopyable, Sendable {
  package var name: InterfaceName
  /// `if_index`; `.none` marks a free place of the table.
  package var index: InterfaceIndex
  /// Who makes and moves its packets.
  package var driver: InterfaceDriver { didSet { noteChange() } }
  package var flags: InterfaceFlags { didSet { noteChange() } }
  package var mtu: UInt32 { didSet { isChanged = true } }
  package var metric: UInt32 = 0
  package var hardwareAddress: EthernetAddress { didSet { isChanged = true } }
  package var linkState: LinkState = .up { didSet { noteChange() } }
  /// What the hardware can do and what of it is on (`if_capabilities`, `if_capenable`).
  package var capabilities: InterfaceCapabilities = []
  package var enabledCapabilities: InterfaceCapabilities = []
  /// What checksums and fragments the hardware makes (`if_hwassist`).
  package var hardwareAssist: HardwareAssist = [] { didSet { noteChange() } }
  /// `ifq_len` and `ifq_maxlen` of the send queue. The simulated driver takes a packet at once,
  /// unless it is stalled.
  package var queueLength: UInt32 = 0 { didSet { noteChange() } }
  package var queueLimit: UInt32 { didSet { noteChange() } }
  /// A test stopped the driver: packets stay in the send queue.
  package var isStalled = false { didSet { noteChange() } }
  /// Observers of its traffic (`bpf_peers_present`).
  package var bpfPeers: UInt16 = 0 { didSet { noteChange() } }
  /// How many ask for promiscuous mode, the administrator not among them (`if_pcount`).
  package var promiscuousCount: UInt16 = 0
  /// Whether somebody on its wire hears what it sends (`Medium`).
  package var isHeard = false { didSet { noteChange() } }
  /// The bridge that it is a member of (`if_bridge`).
  var bridge = BridgeIndex.none { didSet { noteChange() } }
  /// Of an end of a pair its place in `EpairTable`; -1 of all others.
  package var epairEnd: Int32 = -1
  /// It is the parent of VLANs (`if_vlantrunk`).
  var hasVLANs = false
  /// It is the parent of carp interfaces (`if_carp`).
  var hasCarp = false
  /// Set while the driver must not be removed: lo0, and the interfaces of boot.
  package var isPermanent = false
  /// The order of attaching, which listings follow.
  package var attachOrder: UInt32 = 0
  package var statistics = InterfaceStatistics()
  /// What the express lane asks of it, found out whenever something changes that it depends on.
  private(set) var express: ExpressPort = []
  /// Something was written that the lane may know from packets before (`ExpressHops`): the table sees
  /// it, and takes it back at once.
  var isChanged = false

  private mutating func noteChange() {
    express = expressFacts
    isChanged = true
  }

  package var type: InterfaceType { driver.type }

  /// Whether it is `IFT_ETHER`: neither a VLAN nor a bridge, which have types of their own.
  var isEthernetCard: Bool { type == .ethernet && driver != .vlan && driver != .bridge }

  /// Whether the administrator and the driver have it running (`IFF_UP` and `IFF_DRV_RUNNING`).
  package var isRunning: Bool { flags.isSuperset(of: [.IFF_UP, .IFF_DRV_RUNNING]) }
}

/// `IFF_` flags of net/if.h; those that users see keep their spelling.
package struct InterfaceFlags: OptionSet, Hashable, BitwiseCopyable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let IFF_UP = InterfaceFlags(rawValue: 0x1)
  package static let IFF_BROADCAST = InterfaceFlags(rawValue: 0x2)
  package static let IFF_DEBUG = InterfaceFlags(rawValue: 0x4)
  package static let IFF_LOOPBACK = InterfaceFlags(rawValue: 0x8)
  package static let IFF_POINTOPOINT = InterfaceFlags(rawValue: 0x10)
  package static let IFF_SMART = InterfaceFlags(rawValue: 0x20)
  package static let IFF_DRV_RUNNING = InterfaceFlags(rawValue: 0x40)
  package static let IFF_NOARP = InterfaceFlags(rawValue: 0x80)
  package static let IFF_PROMISC = InterfaceFlags(rawValue: 0x100)
  package static let IFF_ALLMULTI = InterfaceFlags(rawValue: 0x200)
  package static let IFF_DRV_OACTIVE = InterfaceFlags(rawValue: 0x400)
  package static let IFF_SIMPLEX = InterfaceFlags(rawValue: 0x800)
  package static let IFF_LINK0 = InterfaceFlags(rawValue: 0x1000)
  package static let IFF_LINK1 = InterfaceFlags(rawValue: 0x2000)
  package static let IFF_LINK2 = InterfaceFlags(rawValue: 0x4000)
  package static let IFF_MULTICAST = InterfaceFlags(rawValue: 0x8000)
  package static let IFF_PPROMISC = InterfaceFlags(rawValue: 0x20000)
  package static let IFF_MONITOR = InterfaceFlags(rawValue: 0x40000)
  package static let IFF_STATICARP = InterfaceFlags(rawValue: 0x80000)

  /// What the administrator cannot change (`IFF_CANTCHANGE`).
  package static let cannotChange: InterfaceFlags = [
    .IFF_BROADCAST, .IFF_POINTOPOINT, .IFF_DRV_RUNNING, .IFF_DRV_OACTIVE, .IFF_SIMPLEX,
    .IFF_MULTICAST, .IFF_ALLMULTI, .IFF_SMART, .IFF_PROMISC,
  ]

  /// Bit and word of every flag that ifconfig(8) prints, in bit order.
  package static let words: [(flag: InterfaceFlags, word: String)] = [
    (.IFF_UP, "UP"), (.IFF_BROADCAST, "BROADCAST"), (.IFF_DEBUG, "DEBUG"),
    (.IFF_LOOPBACK, "LOOPBACK"), (.IFF_POINTOPOINT, "POINTOPOINT"), (.IFF_SMART, "SMART"),
    (.IFF_DRV_RUNNING, "RUNNING"), (.IFF_NOARP, "NOARP"), (.IFF_PROMISC, "PROMISC"),
    (.IFF_ALLMULTI, "ALLMULTI"), (.IFF_DRV_OACTIVE, "OACTIVE"), (.IFF_SIMPLEX, "SIMPLEX"),
    (.IFF_LINK0, "LINK0"), (.IFF_LINK1, "LINK1"), (.IFF_LINK2, "LINK2"),
    (.IFF_MULTICAST, "MULTICAST"), (.IFF_PPROMISC, "PPROMISC"), (.IFF_MONITOR, "MONITOR"),
    (.IFF_STATICARP, "STATICARP"),
  ]
}

/// `IFCAP_` bits of net/if.h.
package struct InterfaceCapabilities: OptionSet, Hashable, BitwiseCopyable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let IFCAP_RXCSUM = InterfaceCapabilities(rawValue: 0x1)
  package static let IFCAP_TXCSUM = InterfaceCapabilities(rawValue: 0x2)
  package static let IFCAP_NETCONS = InterfaceCapabilities(rawValue: 0x4)
  package static let IFCAP_VLAN_MTU = InterfaceCapabilities(rawValue: 0x8)
  package static let IFCAP_VLAN_HWTAGGING = InterfaceCapabilities(rawValue: 0x10)
  package static let IFCAP_JUMBO_MTU = InterfaceCapabilities(rawValue: 0x20)
  package static let IFCAP_POLLING = InterfaceCapabilities(rawValue: 0x40)
  package static let IFCAP_VLAN_HWCSUM = InterfaceCapabilities(rawValue: 0x80)
  package static let IFCAP_TSO4 = InterfaceCapabilities(rawValue: 0x100)
  package static let IFCAP_TSO6 = InterfaceCapabilities(rawValue: 0x200)
  package static let IFCAP_LRO = InterfaceCapabilities(rawValue: 0x400)
  package static let IFCAP_WOL_UCAST = InterfaceCapabilities(rawValue: 0x800)
  package static let IFCAP_WOL_MCAST = InterfaceCapabilities(rawValue: 0x1000)
  package static let IFCAP_WOL_MAGIC = InterfaceCapabilities(rawValue: 0x2000)
  package static let IFCAP_VLAN_HWFILTER = InterfaceCapabilities(rawValue: 0x10000)
  package static let IFCAP_VLAN_HWTSO = InterfaceCapabilities(rawValue: 0x40000)
  package static let IFCAP_LINKSTATE = InterfaceCapabilities(rawValue: 0x80000)

  package static let IFCAP_HWCSUM: InterfaceCapabilities = [.IFCAP_RXCSUM, .IFCAP_TXCSUM]
  package static let IFCAP_TSO: InterfaceCapabilities = [.IFCAP_TSO4, .IFCAP_TSO6]
  package static let IFCAP_WOL: InterfaceCapabilities = [
    .IFCAP_WOL_UCAST, .IFCAP_WOL_MCAST, .IFCAP_WOL_MAGIC,
  ]

  /// Bit and word of every capability that ifconfig(8) of 8.1 prints, in bit order.
  package static let words: [(flag: InterfaceCapabilities, word: String)] = [
    (.IFCAP_RXCSUM, "RXCSUM"), (.IFCAP_TXCSUM, "TXCSUM"), (.IFCAP_NETCONS, "NETCONS"),
    (.IFCAP_VLAN_MTU, "VLAN_MTU"), (.IFCAP_VLAN_HWTAGGING, "VLAN_HWTAGGING"),
    (.IFCAP_JUMBO_MTU, "JUMBO_MTU"), (.IFCAP_POLLING, "POLLING"),
    (.IFCAP_VLAN_HWCSUM, "VLAN_HWCSUM"), (.IFCAP_TSO4, "TSO4"), (.IFCAP_TSO6, "TSO6"),
    (.IFCAP_LRO, "LRO"), (.IFCAP_WOL_UCAST, "WOL_UCAST"), (.IFCAP_WOL_MCAST, "WOL_MCAST"),
    (.IFCAP_WOL_MAGIC, "WOL_MAGIC"), (.IFCAP_VLAN_HWFILTER, "VLAN_HWFILTER"),
    (.IFCAP_VLAN_HWTSO, "VLAN_HWTSO"), (.IFCAP_LINKSTATE, "LINKSTATE"),
  ]
}

/// `CSUM_` bits of sys/mbuf.h: what an interface does so that `ip_output` need not.
package struct HardwareAssist: OptionSet, Hashable, BitwiseCopyable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let CSUM_IP = HardwareAssist(rawValue: 0x1)
  package static let CSUM_TCP = HardwareAssist(rawValue: 0x2)
  package static let CSUM_UDP = HardwareAssist(rawValue: 0x4)
  package static let CSUM_IP_FRAGS = HardwareAssist(rawValue: 0x8)
  package static let CSUM_FRAGMENT = HardwareAssist(rawValue: 0x10)
}
