// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// A place in an instance's table of links (`struct alias_link *`).
struct AliasLinkIndex: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
  var rawValue: Int32
}

/// What a link is for (`link_type`, netinet/libalias/alias_db.c): the packets of an IP protocol, or
/// one of libalias' own purposes.
struct AliasKind: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
  var rawValue: UInt16

  init(rawValue: UInt16) { self.rawValue = rawValue }
  init(_ proto: IPProtocol) { rawValue = UInt16(proto.rawValue) }

  static let icmp = AliasKind(.icmp)
  static let udp = AliasKind(.udp)
  static let tcp = AliasKind(.tcp)
  /// `LINK_FRAGMENT_ID`: where the fragments of a datagram go; the id stands for the alias port.
  static let fragmentID = AliasKind(rawValue: 257)
  /// `LINK_ADDR`: a static translation of a whole address.
  static let address = AliasKind(rawValue: 259)

  /// How long a new link lives without a packet, in seconds.
  var lifetime: Int32 {
    switch self {
    case .tcp: 300
    case .fragmentID: 10
    default: 60
    }
  }
}

/// What one direction of a TCP connection has been seen to do (`ALIAS_TCP_STATE_`).
enum AliasTCPState: UInt8, BitwiseCopyable, Sendable {
  case notConnected, connected, disconnected
}

/// A translation that is known (`struct alias_link`): the inner end, the outer end, and what the inner
/// end is called outside. Of ICMP the port is the identifier.
struct AliasLink: BitwiseCopyable, Sendable {
  var kind: AliasKind
  /// The end inside (`src_addr`, `src_port`); `.any` is the instance's own address.
  var inside: Endpoint
  /// The other end (`dst_addr`, `dst_port`); `.any` and port 0 are not known yet.
  var outside: Endpoint
  /// What the inner end is called (`alias_addr`, `alias_port`); `.any` is the instance's address.
  var alias: Endpoint
  /// Never expires (`LINK_PERMANENT`): a redirection.
  var isPermanent = false
  /// When a packet last used it, and how long it lives after that, in seconds of uptime.
  var timestamp: Int32
  var lifetime: Int32
  /// The state of TCP, inwards and outwards.
  var stateIn = AliasTCPState.notConnected
  var stateOut = AliasTCPState.notConnected
  /// Where the rest of a datagram goes (`data.frag_addr`).
  var fragmentAddress = IPv4Address.any
  /// The server of a pool whose turn it is, or none.
  var server: Int32 = AliasLink.none
  /// The neighbours in the chains of the two tables.
  var nextIn: Int32 = AliasLink.none
  var previousIn: Int32 = AliasLink.none
  var nextOut: Int32 = AliasLink.none
  var previousOut: Int32 = AliasLink.none

  /// No link, no server.
  static let none: Int32 = -1
  /// The port of what has none (`NO_SRC_PORT`, `NO_DEST_PORT`): C's 1 is in network order.
  static let noPort = UInt16(1).byteSwapped

  /// The other end's address or port is not known yet (`LINK_PARTIALLY_SPECIFIED`).
  @inline(__always)
  var isPartial: Bool { outside.address == .any || outside.port == 0 }
}

/// A server of a pool, in a ring (`struct server`).
struct AliasServer: BitwiseCopyable, Sendable {
  var endpoint: Endpoint
  var next: Int32
}

/// What an instance is told to do (`PKT_ALIAS_`, netinet/libalias/alias.h).
package struct AliasMode: OptionSet, Hashable, BitwiseCopyable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let log = AliasMode(rawValue: 0x01)
  package static let denyIncoming = AliasMode(rawValue: 0x02)
  package static let samePorts = AliasMode(rawValue: 0x04)
  package static let unregisteredOnly = AliasMode(rawValue: 0x10)
  package static let resetOnAddressChange = AliasMode(rawValue: 0x20)
  package static let proxyOnly = AliasMode(rawValue: 0x40)
  package static let reverse = AliasMode(rawValue: 0x80)
}

/// What libalias made of a packet (`PKT_ALIAS_OK` and so on).
enum AliasResult: Hashable, BitwiseCopyable, Sendable {
  /// Translated, or to be left as it is.
  case ok
  /// The first of several fragments, translated or not.
  case foundHeaderFragment
  /// None of its business (`PKT_ALIAS_IGNORED`).
  case ignored(AliasReason)
  /// A fragment whose datagram is not known.
  case unresolvedFragment
}

/// Why a packet is none of libalias' business.
package enum AliasReason: UInt8, CaseIterable, BitwiseCopyable, Sendable {
  /// The length in the header is more than there is, or the header less than it must be.
  case mangled
  /// It ends before what would be translated.
  case tooShort
  /// Nothing is known for it, and `deny_in` lets nothing begin outside.
  case denyIn
  /// Nothing is known for it, and `proxy_only` makes no links.
  case noLink
  /// An error that quotes a packet for which nothing is known.
  case quoteUnknown
  /// No port is left for it.
  case noPort
  /// ICMP of a type that is neither a query nor an error.
  case icmpType
  /// An error about a packet of a protocol that is not looked into.
  case quotedProtocol
}

/// Which link a packet used.
package enum AliasLinkAge: UInt8, BitwiseCopyable, Sendable {
  case none, known, new
  /// Made of a redirection.
  case redirected
}

/// How many links there are of each kind.
struct AliasCounts: Hashable, BitwiseCopyable, Sendable {
  var icmp: UInt32 = 0
  var udp: UInt32 = 0
  var tcp: UInt32 = 0
  var proto: UInt32 = 0
  var fragmentID: UInt32 = 0

  /// Counts a link that came, or one that went.
  mutating func count(_ kind: AliasKind, _ isAdded: Bool) {
    let change: UInt32 = isAdded ? 1 : .max
    switch kind {
    case .icmp: icmp &+= change
    case .udp: udp &+= change
    case .tcp: tcp &+= change
    case .fragmentID: fragmentID &+= change
    case .address: break
    default: proto &+= change
    }
  }

  /// The line that an instance with `log` keeps (`ShowAliasStats`).
  var line: String {
    let total = icmp &+ udp &+ tcp &+ proto &+ fragmentID
    return "icmp=\(icmp), udp=\(udp), tcp=\(tcp), sctp=0, pptp=0, proto=\(proto), "
      + "frag_id=\(fragmentID) frag_ptr=0 / tot=\(total)"
  }
}
