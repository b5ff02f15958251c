// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// A packet and what is known of it besides its bytes, as parts that can be changed one at a time.
struct FlipPacket {
  /// What stands behind the IP header.
  enum Transport {
    case tcp(TCPHeader, options: [UInt8])
    case udp(source: UInt16, destination: UInt16)
    /// ICMP, or ICMPv6 in an IPv6 packet.
    case icmp(type: UInt8)
    case other(UInt8)
  }

  /// Of an IPv6 packet the fields that conditions ask for.
  struct IPv6 {
    var source: SIMD4<UInt32> = SIMD4(0x2001_0db8, 0, 0, 1)
    var destination: SIMD4<UInt32> = SIMD4(0x2001_0db8, 0, 0, 2)
    var flowLabel: UInt32 = 5
    /// The types of extension headers, in order.
    var extensions: [UInt8] = []
  }

  var header = IPv4Header(
    totalLength: 0, identification: 7, protocol: .udp, source: IPv4Address(10, 0, 0, 5),
    destination: IPv4Address(192, 168, 9, 9))
  var options: [UInt8] = []
  /// In place of the IPv4 header.
  var ipv6: IPv6?
  var transport = Transport.udp(source: 1234, destination: 53)
  var payload: [UInt8] = []
  var direction = Direction.in
  var received = InterfaceIndex(rawValue: 1)
  var current = InterfaceIndex(rawValue: 1)
  var fib = FibNumber.zero
  var tags: [UInt32] = []
  var divertSides: UInt8 = 0
  var frame: EthernetHeader?
  /// Whose socket it comes from; nil for none.
  var owner: SocketOwner?

  /// The protocol of the transport header.
  private var proto: UInt8 {
    switch transport {
    case .tcp: 6
    case .udp: 17
    case .icmp: ipv6 == nil ? 1 : 58
    case .other(let proto): proto
    }
  }

  private var transportBytes: [UInt8] {
    switch transport {
    case .tcp(var segment, let options):
      segment.dataOffset = UInt8(5 + options.count / 4)
      return Self.written(20) { segment.write(into: &$0, at: 0) } + options
    case .udp(let source, let destination):
      return [source, destination, UInt16(8 + payload.count), 0].flatMap { Self.octets($0) }
    case .icmp(let type): return [type, 0, 0, 0, 0, 0, 0, 0]
    case .other: return [UInt8](repeating: 0, count: 8)
    }
  }

  /// The packet from its IP header on.
  var bytes: [UInt8] {
    if let ipv6 { return bytes(of: ipv6) }
    var header = header
    header.protocol = IPProtocol(rawValue: proto)
    header.headerWords = UInt8(5 + options.count / 4)
    let rest = transportBytes + payload
    header.totalLength = UInt16(header.headerLength + rest.count)
    return Self.written(20) { header.write(into: &$0, at: 0) } + options + rest
  }

  private func bytes(of ipv6: IPv6) -> [UInt8] {
    var rest = transportBytes + payload
    var next = proto
    for type in ipv6.extensions.reversed() {
      // A fragment header says that more follow, at offset 0; a routing header is of type 0.
      rest = [next, 0, 0, type == 44 ? 1 : 0, 0, 0, 0, 0] + rest
      next = type
    }
    var bytes = [0x60, UInt8(ipv6.flowLabel >> 16 & 0xf)]
    bytes += Self.octets(UInt16(truncatingIfNeeded: ipv6.flowLabel))
    bytes += Self.octets(UInt16(rest.count)) + [next, 64]
    for address in [ipv6.source, ipv6.destination] {
      for word in 0..<4 {
        bytes += Self.octets(UInt16(address[word] >> 16))
        bytes += Self.octets(UInt16(truncatingIfNeeded: address[word]))
      }
    }
    return bytes + rest
  }

  private static func octets(_ number: UInt16) -> [UInt8] {
    [UInt8(number >> 8), UInt8(number & 0xff)]
  }

  private static func written(_ count: Int, _ write: (inout MutableRawSpan) -> Void) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    write(&raw)
    return bytes
  }
}
