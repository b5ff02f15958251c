// SPDX-License-Identifier: BSD-2-Clause

package import Wire

/// The number a trace calls a packet by: `#17`, and `#17.1` for a packet made on the way.
package struct PacketNumber: Hashable, BitwiseCopyable, Sendable, CustomStringConvertible {
  /// The injection, local send or timer that set things in motion.
  package var root: UInt32
  /// 0 for the packet itself, else its place among the packets made on the way.
  package var child: UInt32

  package init(root: UInt32, child: UInt32 = 0) {
    self.root = root
    self.child = child
  }

  package var description: String { child == 0 ? "\(root)" : "\(root).\(child)" }
}

/// One packet on its way through the stack: a handle that is consumed exactly once.
///
/// The counterpart of an mbuf chain with its packet header. The bytes are in `PacketStore`; what
/// travels here is `m_pkthdr`. Losing a handle is a bug that traps, freeing it twice does not
/// compile.
package struct Packet: ~Copyable {
  /// What the packet is when it rests in a table: plain data that can be cloned.
  package struct Record: BitwiseCopyable, Sendable {
    /// The buffer: small ones count up from 0, large ones down from -1.
    var buffer: Int32
    /// Where the packet starts inside its buffer, so that headers can be put in front.
    var start: UInt32
    /// The packet's length in bytes (`m_pkthdr.len`).
    package var count: UInt32
    package var number: PacketNumber
    /// The interface it arrived on (`m_pkthdr.rcvif`).
    package var receivedOn: InterfaceIndex = .none
    /// The vnet whose queue or table holds it.
    package var vnet: VnetIndex = .zero
    /// The forwarding table that look-ups use (`M_GETFIB`).
    package var fib: FibNumber = .zero
    /// Who chose `fib`.
    package var fibChooser: FibChooser = .default
    package var flags: PacketFlags = []
    /// Where in the header the source route lies that the packet came to the end of, from the
    /// header's start; 0 for none (`PACKET_TAG_IPOPTIONS`).
    var savedRoute: UInt8 = 0
    /// The next hop an ipfw `fwd` rule left behind (`PACKET_TAG_IPFORWARD`).
    package var forwardTag: ForwardTag?
    /// What a packet on its way to or from a divert socket has with it (`PACKET_TAG_DIVERT`).
    package var divertTag: DivertTag?
    /// The rule that sent it to dummynet or netgraph, from which it goes on
    /// (`PACKET_TAG_DUMMYNET`, `NGM_IPFW_COOKIE`).
    package var ruleReference: RuleReference?
    /// The first of the tags that ipfw rules gave it, in the store's lists.
    var firstTag = PacketTags.none
    /// The first of the gif interfaces that have wrapped it, each with its stack, in the store's lists
    /// (`MTAG_GIF`).
    var firstWrapper = PacketTags.none
    /// The flow it belongs to, where the flags say so (`flowid`).
    package var flowID: UInt32 = 0
    /// The tag that the frame had, where the flags say so (`ether_vtag`).
    var vlanTag: UInt16 = 0
    /// How often it, or what it is a copy of, has come out of the queues of netisr.
    var rounds: UInt16 = 0
    /// The virtual host that it is an advertisement of; 0 for what is none (`PACKET_TAG_CARP`).
    var virtualHost: UInt8 = 0
    /// How many bytes lie in the first buffer, where a test splits the packet; nil where all do.
    ///
    /// Only checks that C makes on `m_len` look at it (spec: buffer sizes matter in `icmp_error`).
    package var firstBufferCount: UInt32?
  }

  package var header: Record

  init(_ record: Record) { header = record }

  deinit { Packet.trapLost() }

  private static func trapLost() {
    preconditionFailure("a packet was lost: neither freed nor handed on")
  }

  /// Turns the handle into data that a queue or table keeps; `init(_:)` turns it back.
  consuming func park() -> Record {
    let record = header
    discard self
    return record
  }

  package var count: Int { Int(header.count) }
  package var number: PacketNumber { header.number }

  /// How many of the bytes lie in whole buffers that hold no more than `limit` together.
  ///
  /// A frame comes in clusters of 2048 bytes, its first byte at the start of one; what is made here
  /// is in one piece.
  func bytesInWholeBuffers(upTo limit: Int) -> Int {
    if let first = header.firstBufferCount { return Int(first) <= limit ? Int(first) : 0 }
    guard header.receivedOn != .none else { return count <= limit ? count : 0 }
    let removed = Int(header.start) - PacketStore.headroom
    return max((limit + removed) / Packet.clusterSize * Packet.clusterSize - removed, 0)
  }

  /// `MCLBYTES`.
  private static let clusterSize = 2048

  /// Removes bytes from the front (`m_adj` with a positive length).
  mutating func trimFront(_ bytes: Int) {
    precondition(bytes >= 0 && bytes <= count, "trimmed more than there is")
    header.start += UInt32(bytes)
    header.count -= UInt32(bytes)
    if let first = header.firstBufferCount {
      header.firstBufferCount = first > UInt32(bytes) ? first - UInt32(bytes) : nil
    }
  }

  /// Makes the first `bytes` bytes lie in the first buffer (`m_pullup`).
  @inline(__always)
  mutating func pullUp(_ bytes: Int) {
    guard let first = header.firstBufferCount else { return }
    header.firstBufferCount = max(first, UInt32(min(bytes, count)))
  }

  /// Keeps the first `bytes` bytes (`m_adj` with a negative length).
  mutating func trim(to bytes: Int) {
    precondition(bytes >= 0 && bytes <= count, "a packet cannot grow at its end")
    header.count = UInt32(bytes)
  }

  /// Makes room for a header in front of the packet (`M_PREPEND`); the bytes are not set.
  mutating func prepend(_ bytes: Int) {
    precondition(bytes >= 0 && bytes <= Int(header.start), "no headroom left")
    header.start -= UInt32(bytes)
    header.count += UInt32(bytes)
    if let first = header.firstBufferCount { header.firstBufferCount = first + UInt32(bytes) }
  }
}

/// Facts about a packet that are yes or no (`m_flags`, `csum_flags`).
package struct PacketFlags: OptionSet, BitwiseCopyable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Came or goes as a link-level broadcast (`M_BCAST`).
  package static let broadcast = PacketFlags(rawValue: 1 << 0)
  /// Came or goes as a link-level multicast (`M_MCAST`).
  package static let multicast = PacketFlags(rawValue: 1 << 1)
  /// A frame for another station, seen in promiscuous mode (`M_PROMISC`).
  package static let promiscuous = PacketFlags(rawValue: 1 << 2)
  /// The firewall or the fast path found it to be for this host (`M_FASTFWD_OURS`).
  package static let fastForwardOurs = PacketFlags(rawValue: 1 << 3)
  /// Made by the firewall, or past it already (`M_SKIP_FIREWALL`).
  package static let skipFirewall = PacketFlags(rawValue: 1 << 4)
  /// The card looked at the IP header checksum (`CSUM_IP_CHECKED`).
  package static let ipChecked = PacketFlags(rawValue: 1 << 5)
  /// ... and found it right (`CSUM_IP_VALID`).
  package static let ipValid = PacketFlags(rawValue: 1 << 6)
  /// The transport checksum is known to be right (`CSUM_DATA_VALID`, `CSUM_PSEUDO_HDR`).
  package static let dataValid = PacketFlags(rawValue: 1 << 7)

  /// Has a VLAN tag beside it, be it of VLAN 0 (`M_VLANTAG`).
  static let tagged = PacketFlags(rawValue: 1 << 11)
  /// That tag is of another VLAN than 0 (`ether_vtag`).
  static let otherVLAN = PacketFlags(rawValue: 1 << 8)
  /// In C `ipfw_chk()` has freed the refused packet: its sender was told, it was too short, or
  /// libalias would not have it.
  static let givenAway = PacketFlags(rawValue: 1 << 9)

  /// The card or the flow table has found out its flow (`M_FLOWID`); a copy has not got it.
  package static let flowID = PacketFlags(rawValue: 1 << 10)

  /// What the card or the stack knows of the packet's checksums (`csum_flags`).
  static let checksumState: PacketFlags = [.ipChecked, .ipValid, .dataValid]

  /// What `ether_demux` and the end of `ip_output` wipe (`M_PROTOFLAGS`).
  static let protocolPrivate: PacketFlags = [.fastForwardOurs]
}

/// What an ipfw `fwd` rule asks for.
package struct ForwardTag: Hashable, BitwiseCopyable, Sendable {
  package var address: IPv4Address
  package var port: UInt16
}

/// What a divert socket gets to know, and what the firewall is to do when a packet comes back
/// (`struct divert_tag`).
package struct DivertTag: Hashable, BitwiseCopyable, Sendable {
  /// The port that the rule names.
  package var port: UInt16
  /// The side it came back by: bit 0 as input, bit 1 as output (`IP_FW_DIVERT_LOOPBACK_FLAG` and
  /// `IP_FW_DIVERT_OUTPUT_FLAG`).
  package var sides: UInt8 = 0
  /// The rule behind which the search goes on.
  package var cookie: UInt16

  package init(port: UInt16, sides: UInt8 = 0, cookie: UInt16) {
    (self.port, self.sides, self.cookie) = (port, sides, cookie)
  }

  /// A tag as a rule makes it: of a table's value the bits above the port count as sides.
  init(info: UInt32, cookie: UInt16) {
    let port = UInt16(truncatingIfNeeded: info)
    self.init(port: port, sides: UInt8(info >> 19 & 3), cookie: cookie)
  }
}

/// A rule that a packet comes back to, and the chain as it was (`args->rule`, `rule_id`, `chain_id`).
package struct RuleReference: Hashable, BitwiseCopyable, Sendable {
  /// The rule's id, which no other rule ever has.
  package var id: UInt32
  /// Its place in the chain of that generation.
  package var index: Int32
  package var generation: UInt32
}

/// Who chose the forwarding table of a packet; `fib_by` of a trace.
package enum FibChooser: Hashable, BitwiseCopyable, Sendable {
  /// Nobody: FIB 0.
  case `default`
  /// The process that sent it (`setfib N`).
  case process
  /// The socket it was sent on, which has it of the process that made it or of `SO_SETFIB`.
  case socket
  /// Stamped on arrival, as a test or a later release's interface would.
  case interface
  /// An ipfw `setfib` rule.
  case ipfw(rule: UInt16)
  /// The divert socket it came back from.
  case divert
  /// It answers a packet and keeps that packet's table.
  case reply
  /// The packet that made the dynamic rule it belongs to.
  case state
  /// The tunnel that wrapped it.
  case tunnel
}
