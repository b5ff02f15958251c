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
  let frame: EthernetHeader?
  /// The table its look-ups use; a `setfib` rule changes it for the rules behind it.
  var fib: FibNumber
  /// Nil for what is no IPv4.
  private(set) var ip: IPv4Header?
  private(set) var isIPv6 = false
  /// 0 for what is no IP.
  private(set) var proto: UInt8 = 0
  /// The TCP header of a packet that has one.
  private(set) var tcp: TCPHeader?
  private(set) var udp: UDPHeader?
  private(set) var icmpType: UInt8?
  /// What the walk over an IPv6 packet's headers found.
  private(set) var six = IPv6Facts()
  /// It is too short for the transport header it should have ("pullup failed").
  private(set) var isCut = false
  /// What is counted: the IP length, or less where less is there.
  private(set) var count: Int

  /// How many bytes of the packet were read, which C first makes contiguous (`PULLUP_TO`).
  var examined: Int {
    guard let ip else { return Int(six.transport) }
    if tcp != nil { return ip.headerLength + TCPHeader.size }
    if udp != nil { return ip.headerLength + UDPHeader.size }
    return icmpType == nil ? 0 : ip.headerLength + 4
  }

  @inline(__always)
  init(
    _ bytes: RawSpan, _ place: FilterPlace, received: InterfaceIndex, fib: FibNumber
  ) {
    direction = place.direction
    self.received = received
    current = place.interface
    frame = place.frame
    self.fib = fib
    count = bytes.byteCount
    guard let header = IPv4Header(bytes) else { return }
    isIPv6 =
      header.version == 6 && bytes.byteCount >= IPv6Facts.headerSize
      && frame?.type ?? .ipv6 == .ipv6
    guard header.version == 4, frame?.type ?? .ipv4 == .ipv4 else { return }
    ip = header
    proto = header.protocol.rawValue
    count = min(Int(header.totalLength), count)
    guard header.fragmentOffset == 0 else { return }
    let transport = bytes.extracting(droppingFirst: min(header.headerLength, bytes.byteCount))
    switch header.protocol {
    case .tcp:
      tcp = TCPHeader(transport)
      isCut = tcp == nil
    case .udp:
      udp = UDPHeader(transport)
      isCut = udp == nil
    case .icmp:
      isCut = transport.byteCount < 4
      if !isCut { icmpType = transport.uint8(at: 0) }
    default: break
    }
  }

  /// Takes what the walk over an IPv6 packet's headers found, and reads the header behind them.
  mutating func take(_ walk: HeaderWalk, _ bytes: RawSpan) {
    proto = walk.proto
    six = walk.facts
    guard six.fragment == 0 else { return }
    let transport = bytes.extracting(droppingFirst: min(walk.offset, bytes.byteCount))
    switch IPProtocol(rawValue: proto) {
    case .tcp: tcp = TCPHeader(transport)
    case .udp: udp = UDPHeader(transport)
    default: break
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
  func port(_ end: PacketEnd) -> UInt16? {
    if let tcp { return end == .source ? tcp.sourcePort : tcp.destinationPort }
    if let udp { return end == .source ? udp.sourcePort : udp.destinationPort }
    return nil
  }

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
