// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What the firewall reads of a packet before it tries the first rule: the top of `ipfw_chk()`.
struct PacketFacts: ~Copyable {
  private let pin = Pin()
  let direction: Direction
  /// The interface it arrived on, or none.
  let received: InterfaceIndex
  /// The interface it passes now.
  let current: InterfaceIndex
  /// The header of the frame, in the pass over layer 2.
  private(set) var frame: EthernetHeader?
  /// The table its look-ups use; a `setfib` rule changes it for the rules behind it.
  var fib: FibNumber
  let isIPv6: Bool
  private(set) var headers: PacketHeaders
  /// What the walk over an IPv6 packet's headers found.
  private(set) var six = IPv6Facts()

  @inline(__always)
  init(
    _ bytes: RawSpan, _ place: FilterPlace, received: InterfaceIndex, fib: FibNumber
  ) {
    direction = place.direction
    self.received = received
    current = place.interface
    self.fib = fib
    // Few packets have one: the others need no copy of it.
    let isPlain = place.frame == nil
    frame = nil
    if !isPlain { frame = place.frame }
    headers = PacketHeaders(bytes, mayBeIPv4: isPlain || place.frame?.type == .ipv4)
    isIPv6 =
      !headers.isIPv4 && bytes.byteCount >= IPv6Facts.headerSize && bytes.uint8(at: 0) >> 4 == 6
      && (isPlain || place.frame?.type == .ipv6)
  }

  /// Takes what the walk over an IPv6 packet's headers found, and reads the header behind them.
  mutating func take(_ walk: HeaderWalk, _ bytes: RawSpan) {
    headers.proto = walk.proto
    six = walk.facts
    guard six.fragment == 0, IPProtocol(rawValue: walk.proto) != .icmp else { return }
    headers.readSegment(bytes, at: walk.offset)
  }

  /// Takes one off the TTL.
  mutating func takeHop() { headers.takeHop() }

  @inline(__always)
  var isIPv4: Bool { headers.isIPv4 }

  /// 0 for what is no IP.
  @inline(__always)
  var proto: UInt8 { headers.proto }

  /// What is counted: the IP length, or less where less is there.
  @inline(__always)
  var count: Int { headers.count }

  @inline(__always)
  var transport: PacketHeaders.Transport { headers.transport }

  /// It is too short for the transport header it should have ("pullup failed").
  @inline(__always)
  var isCut: Bool { headers.isCut }

  /// Nil for what is no IPv4.
  @inline(__always)
  var ip: IPv4Header? { headers.ip }

  /// The TCP header of a packet that has one.
  @inline(__always)
  var tcp: TCPHeader? { headers.tcp }

  @inline(__always)
  var icmpType: UInt8? { headers.icmpType }

  /// How many bytes of the packet were read, which C first makes contiguous (`PULLUP_TO`).
  var examined: Int {
    guard let ip else { return Int(six.transport) }
    return switch transport {
    case .none: 0
    case .tcp: ip.headerLength + TCPHeader.size
    case .udp: ip.headerLength + UDPHeader.size
    case .icmp: ip.headerLength + 4
    }
  }

  /// Whether it is a fragment; of IPv4, any but the first.
  @inline(__always)
  var isFragment: Bool { six.fragment != 0 || (ip?.fragmentOffset ?? 0) != 0 }

  /// The address at one end; nil for what is no IPv4.
  @inline(__always)
  func address(_ end: PacketEnd) -> IPv4Address? {
    end == .source ? ip?.source : ip?.destination
  }

  /// The port at one end; nil without one.
  @inline(__always)
  func port(_ end: PacketEnd) -> UInt16? { headers.port(end) }

  /// The ends of its flow; nil for what is no IPv4.
  @inline(__always)
  var ends: FlowEnds? { headers.ends }

  /// The TCP flags, or the type of an ICMP message.
  @inline(__always)
  var flowFlags: UInt8 { headers.flowFlags ?? six.flags }

  /// The value of a field that ranges are compared with; nil where the packet has none.
  @inline(__always)
  func number(_ field: NumberField) -> UInt16? {
    switch field {
    case .iplen: return ip?.totalLength
    case .ipid: return ip?.identification
    case .ipttl: return (ip?.ttl).map { UInt16($0) }
    case .tcpdatalen:
      guard let tcp else { return nil }
      // Sixteen bits wrap in a packet whose headers claim more than its length; C takes IPv6 for
      // such a one.
      let words = Int(ip?.headerWords ?? six.headerWords)
      return (ip?.totalLength ?? 0) &- UInt16(words * 4 + tcp.headerLength)
    }
  }

  /// The interface that a condition is about, or none.
  @inline(__always)
  func interface(_ role: InterfaceRole) -> InterfaceIndex {
    switch role {
    case .recv: received
    case .xmit: direction == .out ? current : .none
    case .via: current
    }
  }
}
