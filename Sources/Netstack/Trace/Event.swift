// SPDX-License-Identifier: BSD-2-Clause

package import Wire

/// Which way a packet passes a filter.
package enum Direction: UInt8, BitwiseCopyable, Sendable {
  case `in`, out
}

/// One fact about a packet's way: what was asked, and what was decided. Numbers only; the words are
/// made by the printers of Userland.
package enum Event: BitwiseCopyable, Sendable {
  /// The packet's bytes were kept, as the snapshot of this number.
  case snapshot(UInt32)
  /// A packet was made on the way of another.
  case made(parent: PacketNumber, birth: Birth)
  /// A frame's header, as `ether_input` read it.
  case frame(interface: InterfaceIndex, EthernetHeader)
  /// A packet entered `ip_input` from this interface.
  case ipInput(interface: InterfaceIndex)
  /// A packet entered `ip_fastforward` from this interface.
  case ipFastForward(interface: InterfaceIndex)
  /// A check did not drop the packet: the id it would have got, the packet's value, the bound.
  case passed(TraceID, UInt32, UInt32)
  /// Something worth a line that ends nothing (table H of the ids), with up to two numbers.
  case waypoint(TraceID, UInt32, UInt32)
  /// netisr ran the protocol, queued the packet, or its worker took it.
  case netisr(NetisrStep)
  /// A counter moved by one.
  case counted(Counter)
  /// The filter was asked.
  case pfil(Direction, interface: InterfaceIndex)
  /// The filter was asked about a frame (`net.link.ether.ipfw`).
  case frameFilter(Direction, interface: InterfaceIndex)
  /// The search does not begin at the first rule but behind this number (a divert cookie).
  case searchBehind(rule: UInt16)
  /// A packet comes back to this rule, and no other is tried (`net.inet.ip.fw.one_pass`).
  case onePass(rule: UInt16)
  /// A rule hands the packet to the divert socket of a port.
  case diverted(port: UInt16, rule: UInt16)
  /// A divert socket gave the packet back.
  case reinjected(ReinjectionStep)
  /// A firewall rule was tried.
  case rule(RuleStep)
  /// The dynamic rules were asked for a state, or to make one.
  case state(StateStep)
  /// The packet came back from this rule so often that it is denied.
  case filterLoop(rule: UInt16)
  /// What `ipfw_chk` returned.
  case firewall(FirewallStep)
  /// A `setfib` rule stamped the packet; `tooLate` where the route is chosen already.
  case fibChanged(from: FibNumber, to: FibNumber, rule: UInt16, tooLate: Bool)
  /// A `nat` rule had the packet translated, or not.
  case nat(NatStep)
  /// A route was looked up for the packet.
  case route(RouteStep)
  /// What these other tables (a bit each) would have answered.
  case otherFibs(UInt16, RouteStep)
  /// `ip_forward` took one off the TTL.
  case ttl(from: UInt8, to: UInt8)
  /// `ip_output` filled in the source address, or `igmp_input` that of a host without one.
  case sourceChosen(IPv4Address)
  /// The length was compared with the MTU.
  case mtu(length: UInt32, mtu: UInt32)
  /// What ARP said of a next hop.
  case arp(ArpStep)
  /// What a bridge found or decided about a frame.
  case bridge(BridgeStep)
  /// An ICMP message was asked for, and made unless something suppressed it.
  case reply(type: UInt8, code: UInt8, suppressedBy: TraceID?)
  /// A socket was found for the packet.
  case socket(SocketStep)
  /// An advertisement changed the state of a carp interface, or tells of the change.
  case carp(CarpStep)
  /// Fragments became a datagram of this length, which goes on as this packet. It has the header and
  /// the metadata of `first`, the fragment at offset 0.
  case reassembled(first: PacketNumber, fragments: UInt32, length: UInt32)
  /// The packet was discarded inside a function whose caller gives the verdict.
  case discarded(TraceID)
  /// The end of the packet's way; exactly one for each packet.
  case end(End)
}

/// Why a packet was made.
package enum Birth: Hashable, BitwiseCopyable, Sendable {
  case icmpError(type: UInt8, code: UInt8)
  case icmpReply(type: UInt8)
  case fragment(number: UInt16)
  case broadcastCopy
  case multicastCopy
  case igmpReport(IGMPReport)
  case arpRequest(IPv4Address)
  case arpReply(IPv4Address)
  case gratuitousArp(IPv4Address)
  case carpAdvertisement
  case reset
  /// One of several sockets gets a packet of its own.
  case socketCopy
  /// A divert socket gets a copy (`tee`).
  case teeCopy
  /// The syncache answers a SYN, or does so again.
  case synAck
  /// The firewall asks whether both ends of a state are still there.
  case keepalive
  /// What goes over a bridge to a member, or to the bridge itself, of a frame for several.
  case bridgeCopy
  /// A span port gets a copy.
  case bridgeSpan
  /// A bridge tells others of its spanning tree.
  case treeMessage
  /// A copy that ARP keeps though it reported an error for the packet.
  case heldCopy
}

/// A counter of any of the tables.
package enum Counter: Hashable, BitwiseCopyable, Sendable {
  case ip(IPCounter)
  case icmp(ICMPCounter)
  case icmpIn(type: UInt8)
  case icmpOut(type: UInt8)
  case udp(UDPCounter)
  case igmp(IGMPCounter)
  case carp(CarpCounter)
  case tcp(TCPCounter)
  case route(RouteCounter)
  case interface(InterfaceIndex, InterfaceCounter)
}

/// A rule that was tried and what came of it.
package struct RuleStep: BitwiseCopyable, Sendable {
  /// The rule's place in the chain.
  package var index: Int32
  package var number: UInt16
  package var outcome: Outcome
  /// The instruction that failed first, or nil.
  package var failed: UInt16?
  /// The packet's own value for that instruction, in the instruction's terms.
  package var value: UInt64 = 0

  package enum Outcome: UInt8, BitwiseCopyable, Sendable {
    /// The rule took the packet, and counted it.
    case met
    case failed
    /// A state was found: the next rule is the state's, and it takes the packet.
    case state
    /// The rule took the packet, but could make no state for it: the packet is denied.
    case refused
    /// The rule's set is switched off.
    case disabled
  }

  /// Whether the rule counted the packet.
  package var isCounted: Bool { outcome == .met || outcome == .refused }
}

/// What the firewall said of a packet, in numbers.
package struct FirewallStep: BitwiseCopyable, Sendable {
  package enum Verdict: UInt8, BitwiseCopyable, Sendable {
    case pass, deny, dummynet, divert, tee, netgraph, ngtee, reass, nat
  }
  package var verdict: Verdict
  /// The number of the pipe or queue, the port, or the hook.
  package var argument: UInt32 = 0
  /// Of dummynet: it is a queue.
  package var isQueue = false
}

/// A look-up in one table and its answer.
package struct RouteStep: BitwiseCopyable, Sendable {
  package var fib: FibNumber
  package var chooser: FibChooser
  package var destination: IPv4Address
  /// nil where there is no route.
  package var answer: RouteSummary?
}

/// What a trace needs of a route, kept because the route may change before it is printed.
package struct RouteSummary: Hashable, BitwiseCopyable, Sendable {
  package var key: RouteKey
  package var gateway: Gateway
  package var interface: InterfaceIndex
  package var flags: RouteFlags

  init(_ key: RouteKey, _ hop: NextHop) {
    self.key = key
    gateway = hop.gateway
    interface = hop.interface
    flags = hop.flags
  }

  package init(_ route: Rtentry) {
    key = route.key
    gateway = route.gateway
    interface = route.interface
    flags = route.flags
  }
}

/// What ARP did for a packet.
package struct ArpStep: BitwiseCopyable, Sendable {
  package enum Outcome: Hashable, BitwiseCopyable, Sendable {
    case resolved(EthernetAddress)
    /// Kept until a reply comes, the `asked`th request being sent.
    case held(asked: UInt16)
    /// An error for the caller, though the packet is kept.
    case failing(asked: UInt16)
    /// No entry could be made.
    case refused
    /// The next hop is an address of the interface itself.
    case ownAddress
  }
  package var interface: InterfaceIndex
  package var nextHop: IPv4Address
  package var outcome: Outcome
}

/// What a bridge found or decided about a frame: `id` says what.
package struct BridgeStep: BitwiseCopyable, Sendable {
  package var id: TraceID
  package var bridge: InterfaceIndex
  /// The member, or the bridge itself, that it is about; none for all.
  package var member: InterfaceIndex
  /// The station that it is about, if it is about one.
  package var address: EthernetAddress
  package var vlan: UInt16
}

/// A socket that a packet is for, as it was at that moment.
package struct SocketStep: BitwiseCopyable, Sendable {
  package var index: SocketIndex
  package var kind: SocketKind
  /// The protocol of a raw socket.
  package var proto: IPProtocol
  package var local: Endpoint
  package var foreign: Endpoint
  package var fib: FibNumber
  package var state: TCPState

  init(_ index: SocketIndex, _ socket: borrowing Socket) {
    self.index = index
    kind = socket.kind
    proto = socket.proto
    local = socket.local
    foreign = socket.foreign
    fib = socket.fib
    state = socket.state
  }
}

/// A packet that was written to a divert socket.
package struct ReinjectionStep: BitwiseCopyable, Sendable {
  package var socket: SocketIndex
  /// The number behind which the search for a rule goes on; 0 for none.
  package var cookie: UInt16
  package var direction: Direction
  /// The interface it counts as received on.
  package var interface: InterfaceIndex
}

/// How a packet ended: the closed list of verdicts.
package enum Verdict: UInt8, CaseIterable, BitwiseCopyable, Sendable {
  /// Handed to an interface.
  case sent
  /// Given to a local protocol or socket.
  case delivered
  /// Waiting in ARP, reassembly, dummynet or a queue.
  case held
  /// Refused by the firewall.
  case denied
  /// Anything else discarded.
  case dropped
  /// Discarded, and an ICMP error or a RST made, which is a packet of its own.
  case replied
  /// Taken by divert, netgraph, a tunnel or a kernel protocol such as ARP; or by reassembly, whose
  /// datagram goes on as another packet.
  case consumed

  /// The word of the trace.
  package var word: String {
    switch self {
    case .sent: "SENT"
    case .delivered: "DELIVERED"
    case .held: "HELD"
    case .denied: "DENIED"
    case .dropped: "DROPPED"
    case .replied: "REPLIED"
    case .consumed: "CONSUMED"
    }
  }
}

/// The end of a packet's way, with what the one-line trace says of it.
package struct End: BitwiseCopyable, Sendable {
  package var verdict: Verdict
  /// The id of the place that ended it.
  package var id: TraceID
  /// What made that place end it: the output id behind `fwd.err.*`.
  package var cause: TraceID?
  package var interface: InterfaceIndex = .none
  package var nextHop: IPv4Address?
  package var fib: FibNumber = .zero
  package var fibChooser: FibChooser = .default
  package var ttl: UInt8 = 0
  /// The type and code of the ICMP message that was asked for.
  package var icmp: ICMPKind?
  /// The byte of the header that a parameter problem blames.
  package var pointer: UInt8?
  /// Why that message was not made.
  package var suppressedBy: TraceID?
  package var errno: Errno?
  /// The rule that denied it.
  package var rule: UInt16?

  package init(_ verdict: Verdict, _ id: TraceID) {
    self.verdict = verdict
    self.id = id
  }
}

/// Type and code of an ICMP message.
package struct ICMPKind: Hashable, BitwiseCopyable, Sendable {
  package var type: UInt8
  package var code: UInt8

  package init(_ type: UInt8, _ code: UInt8) {
    self.type = type
    self.code = code
  }
}
