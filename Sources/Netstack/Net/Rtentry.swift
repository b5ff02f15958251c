// SPDX-License-Identifier: BSD-2-Clause

package import Wire

/// Where a route sends packets (`rt_gateway`).
package enum Gateway: Hashable, BitwiseCopyable, Sendable {
  /// A next hop (`AF_INET`).
  case address(IPv4Address)
  /// Straight onto an interface (`AF_LINK`), shown as `link#N`.
  case link(InterfaceIndex)
}

/// `RTF_` flags of net/route.h.
package struct RouteFlags: OptionSet, Hashable, BitwiseCopyable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let RTF_UP = RouteFlags(rawValue: 0x1)
  package static let RTF_GATEWAY = RouteFlags(rawValue: 0x2)
  package static let RTF_HOST = RouteFlags(rawValue: 0x4)
  package static let RTF_REJECT = RouteFlags(rawValue: 0x8)
  package static let RTF_DYNAMIC = RouteFlags(rawValue: 0x10)
  package static let RTF_MODIFIED = RouteFlags(rawValue: 0x20)
  package static let RTF_DONE = RouteFlags(rawValue: 0x40)
  package static let RTF_XRESOLVE = RouteFlags(rawValue: 0x200)
  package static let RTF_LLDATA = RouteFlags(rawValue: 0x400)
  package static let RTF_STATIC = RouteFlags(rawValue: 0x800)
  package static let RTF_BLACKHOLE = RouteFlags(rawValue: 0x1000)
  package static let RTF_PROTO2 = RouteFlags(rawValue: 0x4000)
  package static let RTF_PROTO1 = RouteFlags(rawValue: 0x8000)
  package static let RTF_PRCLONING = RouteFlags(rawValue: 0x10000)
  package static let RTF_PROTO3 = RouteFlags(rawValue: 0x40000)
  package static let RTF_PINNED = RouteFlags(rawValue: 0x100000)
  package static let RTF_LOCAL = RouteFlags(rawValue: 0x200000)
  package static let RTF_BROADCAST = RouteFlags(rawValue: 0x400000)
  package static let RTF_MULTICAST = RouteFlags(rawValue: 0x800000)
  package static let RTF_STICKY = RouteFlags(rawValue: 0x1000_0000)

  /// What a flag is called in three places: `netstat -r`'s letter, `route get`'s word.
  package struct Face: Sendable {
    package let flag: RouteFlags
    /// nil where netstat(1) prints no letter.
    package let letter: Character?
    package let word: String
  }

  /// Every flag with its faces, in bit order as `route get` prints the words.
  package static let faces: [Face] = [
    Face(flag: .RTF_UP, letter: "U", word: "UP"),
    Face(flag: .RTF_GATEWAY, letter: "G", word: "GATEWAY"),
    Face(flag: .RTF_HOST, letter: "H", word: "HOST"),
    Face(flag: .RTF_REJECT, letter: "R", word: "REJECT"),
    Face(flag: .RTF_DYNAMIC, letter: "D", word: "DYNAMIC"),
    Face(flag: .RTF_MODIFIED, letter: "M", word: "MODIFIED"),
    Face(flag: .RTF_DONE, letter: "d", word: "DONE"),
    Face(flag: .RTF_XRESOLVE, letter: "X", word: "XRESOLVE"),
    Face(flag: .RTF_LLDATA, letter: "L", word: "LLINFO"),
    Face(flag: .RTF_STATIC, letter: "S", word: "STATIC"),
    Face(flag: .RTF_BLACKHOLE, letter: "B", word: "BLACKHOLE"),
    Face(flag: .RTF_PROTO2, letter: "2", word: "PROTO2"),
    Face(flag: .RTF_PROTO1, letter: "1", word: "PROTO1"),
    Face(flag: .RTF_PRCLONING, letter: "c", word: "PRCLONING"),
    Face(flag: .RTF_PROTO3, letter: "3", word: "PROTO3"),
    Face(flag: .RTF_PINNED, letter: nil, word: "PINNED"),
    Face(flag: .RTF_LOCAL, letter: nil, word: "LOCAL"),
    Face(flag: .RTF_BROADCAST, letter: "b", word: "BROADCAST"),
    Face(flag: .RTF_MULTICAST, letter: nil, word: "MULTICAST"),
    Face(flag: .RTF_STICKY, letter: nil, word: "STICKY"),
  ]

  /// The letters in the order netstat(1) prints them.
  package static let letterOrder: [Character] = Array("UGHRDMdXS12c3BbL")
}

/// What a route is filed under: a network, or one host.
///
/// A host route and a network route of 32 bits to the same address are two keys; the host route is
/// preferred.
package struct RouteKey: Hashable, BitwiseCopyable, Sendable {
  package var destination: IPv4Address
  package var mask: IPv4Address
  package var isHost: Bool

  /// A network's key; the destination is masked as on insert.
  package init(network: IPv4Address, mask: IPv4Address) {
    destination = network & mask
    self.mask = mask
    isHost = false
  }

  package init(host: IPv4Address) {
    destination = host
    mask = .broadcast
    isHost = true
  }
}

/// One route (`struct rtentry`, net/route.h), as plain data, put together of what is kept of it.
package struct Rtentry: BitwiseCopyable, Sendable {
  package var key: RouteKey
  package var gateway: Gateway
  /// The gateway is an interface with its name and address, as route(8) writes it for -interface;
  /// the kernel's own routes know it by its number.
  package var namesGateway = false
  package var flags: RouteFlags
  package var fib: FibNumber
  /// The interface packets leave by (`rt_ifp`).
  package var interface: InterfaceIndex
  /// The address that stands for it as a source (`rt_ifa`).
  package var address: AddressIndex
  /// `rmx_mtu`; lowered by `ip_output` where the interface's is smaller.
  package var mtu: UInt32
  package var weight: UInt32 = 1
  /// Uptime in seconds when it expires; 0 for never (`rmx_expire`).
  package var expire: UInt64 = 0
  /// Flows that hold it (`rt_refcnt`); see `RoutingTables.hold`.
  package var references: Int32 = 0
  /// Packets sent through it (`rmx_pksent`).
  package var use: UInt64 = 0
}
