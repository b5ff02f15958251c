// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Testing
import Wire

// Links and the library alone are asked: no call shows them.
@testable import Netstack

/// An IPv4 packet of a network behind 203.0.113.2: with ports, checksums and all.
struct NatPacket {
  var source = NatPacket.client
  var destination = NatPacket.server
  var proto = IPProtocol.udp
  var sourcePort: UInt16 = 5000
  var destinationPort: UInt16 = 53
  var tcpFlags = TCPFlags.syn
  /// Of ICMP; the source port is the identifier.
  var icmpType: UInt8 = 8
  var identification: UInt16 = 1
  var fragment: UInt16 = 0
  var options: [UInt8] = []
  /// What an ICMP error quotes, or data behind the header.
  var data: [UInt8] = [1, 2, 3, 4, 5]

  static let client = IPv4Address(10, 1, 0, 7)
  static let server = IPv4Address(8, 8, 8, 8)
  static let outer = IPv4Address(203, 0, 113, 2)

  static let udp = NatPacket()
  static func tcp(_ flags: TCPFlags) -> NatPacket {
    NatPacket(proto: .tcp, destinationPort: 80, tcpFlags: flags)
  }
  static func icmp(_ type: UInt8, id: UInt16 = 77) -> NatPacket {
    NatPacket(proto: .icmp, sourcePort: id, icmpType: type)
  }

  func with(_ change: (inout NatPacket) -> Void) -> NatPacket {
    var copy = self
    change(&copy)
    return copy
  }

  /// The answer: the ends change places.
  var reversed: NatPacket {
    with {
      ($0.source, $0.destination) = (destination, source)
      if proto != .icmp {
        ($0.sourcePort, $0.destinationPort) = (destinationPort, sourcePort)
      } else if icmpType == 8 {
        $0.icmpType = 0
      }
    }
  }

  private var transport: [UInt8] {
    func words(_ words: UInt16...) -> [UInt8] {
      words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
    }
    switch proto {
    case .udp: return words(sourcePort, destinationPort, UInt16(8 + data.count), 0) + data
    case .tcp:
      return words(sourcePort, destinationPort, 0, 1000, 0, 2000)
        + [0x50, tcpFlags.rawValue] + words(5000, 0, 0) + data
    case .icmp:
      return [icmpType, 0] + words(0, icmpType == 3 || icmpType == 11 ? 0 : sourcePort, 1) + data
    default: return data
    }
  }

  var bytes: [UInt8] {
    let isLater = fragment & IPv4Header.offsetMask != 0
    let payload = isLater ? data : transport
    var header = IPv4Header(
      totalLength: UInt16(20 + options.count + payload.count), identification: identification,
      fragment: fragment, protocol: proto, source: source, destination: destination)
    header.headerWords = UInt8(5 + options.count / 4)
    var bytes = [UInt8](repeating: 0, count: 20) + options + payload
    bytes.withMutableRawBytes { span in header.write(into: &span, at: 0) }
    if !isLater { NatPacket.setTransportChecksum(&bytes) }
    let sum = IPv4Header.checksum(of: bytes.rawBytes, headerLength: header.headerLength)
    bytes.withMutableRawBytes { span in span.store(sum, at: 10) }
    return bytes
  }

  /// Writes the right checksum of TCP, UDP or ICMP.
  static func setTransportChecksum(_ bytes: inout [UInt8]) {
    guard let (offset, sum) = transportChecksum(bytes, skipsField: true) else { return }
    bytes.withMutableRawBytes { span in span.store(sum, at: offset) }
  }

  /// Where the transport's checksum lies, and the sum over all it covers: 0 if it is right.
  static func transportChecksum(
    _ bytes: [UInt8], skipsField: Bool = false
  ) -> (offset: Int, sum: UInt16)? {
    guard let header = IPv4Header(bytes.rawBytes) else { return nil }
    let fields: [IPProtocol: Int] = [.tcp: 16, .udp: 6, .icmp: 2]
    guard let field = fields[header.protocol] else { return nil }
    var sum = InternetChecksum()
    if header.protocol != .icmp {
      sum.addPseudoHeader(
        source: header.source, destination: header.destination, protocol: header.protocol,
        length: Int(header.totalLength) - header.headerLength)
    }
    var covered = Array(bytes[header.headerLength..<Int(header.totalLength)])
    if skipsField { (covered[field], covered[field + 1]) = (0, 0) }
    sum.add(covered.rawBytes)
    return (header.headerLength + field, sum.finish())
  }
}

/// A packet after its translation.
struct NatAnswer {
  let result: AliasResult
  let bytes: [UInt8]
  let age: AliasLinkAge

  var header: IPv4Header {
    guard let header = IPv4Header(bytes.rawBytes) else { preconditionFailure("it was one before") }
    return header
  }
  private func word(_ offset: Int) -> UInt16 {
    UInt16(bytes[header.headerLength + offset]) << 8
      | UInt16(bytes[header.headerLength + offset + 1])
  }
  var source: Endpoint { Endpoint(header.source, word(0)) }
  var destination: Endpoint { Endpoint(header.destination, word(2)) }
  /// The identifier of an ICMP query.
  var id: UInt16 { word(4) }
  /// Whether the checksums of the IP header and of the transport are right.
  var checksumsAreRight: Bool {
    IPv4Header.checksum(of: bytes.rawBytes, headerLength: header.headerLength) == 0
      && (NatPacket.transportChecksum(bytes)?.sum ?? 0) == 0
  }
}

/// One instance of libalias for 203.0.113.2, with packets of its own.
struct NatLab: ~Copyable {
  var library: AliasLibrary
  private var store = PacketStore()
  private var random = RandomSource(seed: 7)
  private(set) var now = Instant(seconds: 1)

  init(_ mode: AliasMode = [], _ redirects: [NatRedirect] = []) {
    library = AliasLibrary(at: now)
    library.set(mode)
    library.setAddress(NatPacket.outer)
    for redirect in redirects { library.add(redirect) }
  }

  mutating func sleep(_ seconds: UInt64) { now = now.advanced(seconds: seconds) }

  /// A packet on its way out.
  mutating func out(_ packet: NatPacket) -> NatAnswer { translate(packet.bytes, .out) }

  /// A packet on its way in.
  mutating func `in`(_ packet: NatPacket) -> NatAnswer { translate(packet.bytes, .in) }

  mutating func translate(_ bytes: [UInt8], _ direction: Direction) -> NatAnswer {
    guard let packet = store.take(bytes.rawBytes, number: PacketNumber(root: 1)) else {
      preconditionFailure("there is memory")
    }
    let result =
      direction == .in
      ? library.aliasIn(packet, &store, &random, at: now)
      : library.aliasOut(packet, &store, &random, at: now)
    let answer = NatAnswer(
      result: result, bytes: store.array(of: packet), age: library.linkAge)
    store.free(packet)
    return answer
  }

  /// How long the only link of a kind lives, in seconds.
  func lifetime(_ kind: AliasKind) -> Int32? {
    for chain in 0..<AliasLibrary.tableSize {
      let first = library.tableOut[chain]
      if first != AliasLink.none, library.links[first].kind == kind {
        return library.links[first].lifetime
      }
    }
    return nil
  }
}
