// SPDX-License-Identifier: BSD-2-Clause

package import Wire

/// What a routing message is about (`RTM_` of net/route.h).
package enum RoutingMessageType: UInt8, Hashable, Sendable {
  case RTM_ADD = 1
  case RTM_DELETE, RTM_CHANGE, RTM_GET, RTM_LOSING, RTM_REDIRECT, RTM_MISS, RTM_LOCK
  case RTM_OLDADD, RTM_OLDDEL, RTM_RESOLVE
  case RTM_NEWADDR, RTM_DELADDR, RTM_IFINFO, RTM_NEWMADDR, RTM_DELMADDR, RTM_IFANNOUNCE
}

/// What a process writes to a routing socket and reads from one: a header and up to eight addresses
/// (`struct rt_msghdr` and its kin, net/route.h and net/if.h).
package struct RoutingMessage: Hashable, Sendable {
  /// What the header says besides type and length.
  package enum Header: Hashable, Sendable {
    /// `struct rt_msghdr`.
    case route(RouteHeader)
    /// `struct if_msghdr`.
    case interface(InterfaceIndex, LinkState, InterfaceFlags)
    /// `struct ifa_msghdr`.
    case address(metric: UInt32, RouteFlags)
    /// `struct ifma_msghdr`.
    case membership
    /// `struct if_announcemsghdr`.
    case announcement(InterfaceIndex, isArrival: Bool)
  }

  /// The part of `struct rt_msghdr` that is shown.
  package struct RouteHeader: Hashable, Sendable {
    package var flags: RouteFlags = []
    /// The process that wrote it; 0 for the kernel.
    package var process: Int32 = 0
    package var sequence: Int32 = 0
    package var errno: Int32 = 0
    /// Which metrics count.
    package var inits: RouteMetricSet = []
    package var metrics = RouteMetrics()

    package init(flags: RouteFlags = []) { self.flags = flags }
  }

  package var type: RoutingMessageType
  package var header: Header
  package var addresses = RoutingAddresses()
  /// It was made for a sysctl, whose messages end on whole longs (`rt_msg2`).
  package var isDumped = false

  package init(_ type: RoutingMessageType, _ header: Header) {
    self.type = type
    self.header = header
  }

  /// A message about a route.
  package init(_ type: RoutingMessageType, _ route: RouteHeader = RouteHeader()) {
    self.init(type, .route(route))
  }

  /// The header of a message about a route; of any other an empty one.
  package var route: RouteHeader {
    get { if case .route(let header) = header { header } else { RouteHeader() } }
    set { header = .route(newValue) }
  }

  /// `rtm_msglen`, by the sizes of amd64.
  package var length: Int {
    let length = header.length + addresses.length
    return isDumped ? (length + 7) & ~7 : length
  }
}

extension RoutingMessage.Header {
  fileprivate var length: Int {
    switch self {
    case .route: 152
    case .interface: 168
    case .address: 20
    case .membership: 16
    case .announcement: 24
    }
  }
}

/// The addresses of a message, in the order they stand (`RTAX_`).
package struct RoutingAddresses: Hashable, Sendable {
  package var destination: RoutingAddress?
  package var gateway: RoutingAddress?
  package var netmask: RoutingAddress?
  package var genmask: RoutingAddress?
  package var interface: RoutingAddress?
  package var source: RoutingAddress?
  package var author: RoutingAddress?
  package var broadcast: RoutingAddress?

  package init() {}

  /// Those that are there, with what route(8) calls them.
  package var present: [(name: String, address: RoutingAddress)] {
    [
      ("DST", destination), ("GATEWAY", gateway), ("NETMASK", netmask), ("GENMASK", genmask),
      ("IFP", interface), ("IFA", source), ("AUTHOR", author), ("BRD", broadcast),
    ].compactMap { row in row.1.map { (row.0, $0) } }
  }

  fileprivate var length: Int { present.reduce(0) { $0 + $1.address.size } }
}

/// One address of a routing message (`struct sockaddr`).
package enum RoutingAddress: Hashable, Sendable {
  /// Of length 0: a mask of zeros, or an end that was never set.
  case empty
  case inet(IPv4Address)
  case inet6(IPv6Address)
  /// A mask that says `AF_INET`, without the zeros at its end.
  case inetMask(IPv4Address)
  /// A mask as the tree of routes keeps it: its family is 255 (`rn_addmask`).
  case treeMask(IPv4Address)
  /// A mask as route(8) makes one of a length: its family is 0.
  case bareMask(IPv4Address)
  case inet6Mask(IPv6Address)
  case appleTalk(net: UInt16, node: UInt8)
  case link(LinkAddress)

  /// The address or the mask of IPv4; nil where it is of another family.
  package var ipv4: IPv4Address? {
    switch self {
    case .empty: .any
    case .inet(let address), .inetMask(let address), .treeMask(let address),
      .bareMask(let address):
      address
    case .inet6, .inet6Mask, .appleTalk, .link: nil
    }
  }

  /// `sa_len`.
  package var length: Int {
    switch self {
    case .empty: 0
    case .inet, .appleTalk: 16
    case .inet6: 28
    case .inet6Mask(let mask): mask.prefixLength.map { $0 == 0 ? 2 : 8 + ($0 + 7) / 8 } ?? 28
    case .inetMask(let mask): mask == .any ? 2 : 4 + mask.significantBytes
    case .treeMask(let mask), .bareMask(let mask):
      mask == .any ? 0 : 4 + mask.significantBytes
    case .link(let link): link.length
    }
  }

  /// What it takes in a message: whole longs, and one for nothing (`SA_SIZE`).
  fileprivate var size: Int { length == 0 ? 8 : 1 + ((length - 1) | 7) }
}

/// A link-level address (`struct sockaddr_dl`, net/if_dl.h).
package struct LinkAddress: Hashable, Sendable {
  package var index = InterfaceIndex.none
  package var name: String?
  package var hardwareAddress: EthernetAddress?
  /// `sdl_len`: that of an empty structure, or with the interface's name in whole longs.
  package var length = 54

  package init(
    index: InterfaceIndex = .none, name: String? = nil, hardwareAddress: EthernetAddress? = nil,
    length: Int = 54
  ) {
    (self.index, self.name, self.hardwareAddress) = (index, name, hardwareAddress)
    self.length = length
  }
}

extension IPv4Address {
  /// The bytes of a mask up to the last that is not 0.
  fileprivate var significantBytes: Int {
    rawValue == 0 ? 0 : 4 - rawValue.trailingZeroBitCount / 8
  }
}
