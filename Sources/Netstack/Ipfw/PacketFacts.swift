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
  let isIPv4: Bool
  let isIPv6: Bool
  /// 0 for what is no IP.
  private(set) var proto: UInt8
  /// Of the IPv4 header the bytes that were read: a field is taken out of them when it is asked for.
  private var network: HeaderWords
  /// The header behind it.
  private var segment: Segment
  /// What the walk over an IPv6 packet's headers found.
  private(set) var six = IPv6Facts()
  /// What is counted: the IP length, or less where less is there.
  let count: Int

  /// The header behind that of IP, if it is there and one that is read; of IPv6 no ICMP.
  enum Transport: UInt8, BitwiseCopyable {
    case none, tcp, udp, icmp
  }

  /// Up to 20 bytes of a header.
  private struct HeaderWords: BitwiseCopyable {
    var front: UInt64 = 0
    var middle: UInt64 = 0
    var last: UInt32 = 0
  }

  /// The header behind that of IP as it was read.
  private struct Segment: BitwiseCopyable {
    var words = HeaderWords()
    var transport = Transport.none
    var isCut = false

    /// None that is read.
    init() {}

    @inline(__always)
    init(_ proto: IPProtocol, _ bytes: RawSpan, at offset: Int) {
      let left = bytes.byteCount - offset
      switch proto {
      case .tcp:
        isCut = left < TCPHeader.size
        guard !isCut else { return }
        words.front = bytes.uint64(at: offset)
        words.middle = bytes.uint64(at: offset + 8)
        words.last = bytes.uint32(at: offset + 16)
        transport = .tcp
      case .udp:
        isCut = left < UDPHeader.size
        guard !isCut else { return }
        words.front = bytes.uint64(at: offset)
        transport = .udp
      case .icmp:
        isCut = left < 4
        guard !isCut else { return }
        words.front = UInt64(bytes.uint32(at: offset)) << 32
        transport = .icmp
      default: break
      }
    }
  }

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
    let size = bytes.byteCount
    let front = size >= IPv4Header.size ? bytes.uint64(at: 0) : 0
    let version = front >> 60
    guard version == 4, isPlain || place.frame?.type == .ipv4 else {
      isIPv4 = false
      isIPv6 =
        version == 6 && size >= IPv6Facts.headerSize && (isPlain || place.frame?.type == .ipv6)
      (proto, network, segment, count) = (0, HeaderWords(), Segment(), size)
      return
    }
    (isIPv4, isIPv6) = (true, false)
    let middle = bytes.uint64(at: 8)
    network = HeaderWords(front: front, middle: middle, last: bytes.uint32(at: 16))
    let header = IPv4Header(front, middle, network.last)
    proto = header.protocol.rawValue
    count = min(Int(header.totalLength), size)
    segment =
      header.fragmentOffset == 0
      ? Segment(header.protocol, bytes, at: header.headerLength) : Segment()
  }

  /// Takes what the walk over an IPv6 packet's headers found, and reads the header behind them.
  mutating func take(_ walk: HeaderWalk, _ bytes: RawSpan) {
    proto = walk.proto
    six = walk.facts
    guard six.fragment == 0, IPProtocol(rawValue: proto) != .icmp else { return }
    segment = Segment(IPProtocol(rawValue: proto), bytes, at: walk.offset)
    segment.isCut = false
  }

  /// Takes one off the TTL.
  mutating func takeHop() { network.middle &-= 1 << 56 }

  @inline(__always)
  var transport: Transport { segment.transport }

  /// It is too short for the transport header it should have ("pullup failed").
  @inline(__always)
  var isCut: Bool { segment.isCut }

  /// Nil for what is no IPv4.
  @inline(__always)
  var ip: IPv4Header? {
    isIPv4 ? IPv4Header(network.front, network.middle, network.last) : nil
  }

  /// The TCP header of a packet that has one.
  @inline(__always)
  var tcp: TCPHeader? {
    let words = segment.words
    return transport == .tcp ? TCPHeader(words.front, words.middle, words.last) : nil
  }

  @inline(__always)
  var icmpType: UInt8? {
    transport == .icmp ? UInt8(truncatingIfNeeded: segment.words.front >> 56) : nil
  }

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
  func port(_ end: PacketEnd) -> UInt16? {
    guard transport == .tcp || transport == .udp else { return nil }
    return UInt16(truncatingIfNeeded: segment.words.front >> (end == .source ? 48 : 32))
  }

  /// The ends of its flow; nil for what is no IPv4.
  @inline(__always)
  var ends: FlowEnds? {
    guard let ip else { return nil }
    let hasPorts = transport == .tcp || transport == .udp
    let ports = hasPorts ? UInt32(truncatingIfNeeded: segment.words.front >> 32) : 0
    return FlowEnds(ip, ports: ports)
  }

  /// The TCP flags, or the type of an ICMP message.
  @inline(__always)
  var flowFlags: UInt8 { tcp?.flags.rawValue ?? icmpType ?? six.flags }

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
