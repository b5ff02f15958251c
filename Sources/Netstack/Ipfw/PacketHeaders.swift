// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// The header of an IPv4 packet and the one behind it, as the firewall reads them; of other packets
/// nothing but their length.
struct PacketHeaders: BitwiseCopyable {
  /// 0 for what is no IP.
  var proto: UInt8
  let isIPv4: Bool
  /// Of the IPv4 header the bytes that were read: a field is taken out of them when it is asked for.
  private var network: HeaderWords
  /// The header behind it.
  private var segment: Segment
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

  /// Reads a packet that may be IPv4.
  @inline(__always)
  init(_ bytes: RawSpan, mayBeIPv4: Bool = true) {
    let size = bytes.byteCount
    let front = size >= IPv4Header.size ? bytes.uint64(at: 0) : 0
    guard mayBeIPv4, front >> 60 == 4 else {
      isIPv4 = false
      (proto, network, segment, count) = (0, HeaderWords(), Segment(), size)
      return
    }
    isIPv4 = true
    let middle = bytes.uint64(at: 8)
    network = HeaderWords(front: front, middle: middle, last: bytes.uint32(at: 16))
    let header = IPv4Header(front, middle, network.last)
    proto = header.protocol.rawValue
    count = min(Int(header.totalLength), size)
    segment =
      header.fragmentOffset == 0
      ? Segment(header.protocol, bytes, at: header.headerLength) : Segment()
  }

  /// Reads the header behind those of IPv6.
  mutating func readSegment(_ bytes: RawSpan, at offset: Int) {
    segment = Segment(IPProtocol(rawValue: proto), bytes, at: offset)
    segment.isCut = false
  }

  /// Takes one off the TTL.
  mutating func takeHop() { network.middle &-= 1 << 56 }

  @inline(__always)
  var transport: Transport { segment.transport }

  /// It is too short for the transport header it should have ("pullup failed").
  @inline(__always)
  var isCut: Bool { segment.isCut }

  /// It is IPv4, and the headers are there that it should have.
  @inline(__always)
  var areWhole: Bool { isIPv4 && !isCut }

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

  /// The port at one end; nil without one.
  @inline(__always)
  func port(_ end: PacketEnd) -> UInt16? {
    guard transport == .tcp || transport == .udp else { return nil }
    return UInt16(truncatingIfNeeded: segment.words.front >> (end == .source ? 48 : 32))
  }

  /// The TCP flags, or the type of an ICMP message.
  @inline(__always)
  var flowFlags: UInt8? { tcp?.flags.rawValue ?? icmpType }

  /// The ends of its flow; nil for what is no IPv4.
  @inline(__always)
  var ends: FlowEnds? {
    guard let ip else { return nil }
    let hasPorts = transport == .tcp || transport == .udp
    let ports = hasPorts ? UInt32(truncatingIfNeeded: segment.words.front >> 32) : 0
    return FlowEnds(ip, ports: ports)
  }
}
