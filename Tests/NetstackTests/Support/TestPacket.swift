// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// An IPv4 packet to build and to spoil: fields first, bytes last.
struct TestPacket {
  var source = IPv4Address(10, 0, 0, 2)
  var destination = IPv4Address(192, 168, 1, 1)
  var ttl: UInt8 = 64
  var proto: UInt8 = 17
  var identification: UInt16 = 1
  var fragment: UInt16 = 0
  var options: [UInt8] = []
  var payload: [UInt8] = TestPacket.udp(port: 5000)

  /// A datagram without a checksum.
  static func udp(port: UInt16, _ data: [UInt8] = [0, 1, 2, 3]) -> [UInt8] {
    let length = UInt16(8 + data.count)
    return [
      0x04, 0, UInt8(port >> 8), UInt8(port & 0xff), UInt8(length >> 8), UInt8(length & 0xff),
    ]
      + [0, 0] + data
  }

  /// The packet, its length and checksum right.
  var bytes: [UInt8] {
    var bytes: [UInt8] = [0x40 | UInt8((20 + options.count) / 4), 0]
    let length = UInt16(20 + options.count + payload.count)
    for word in [length, identification, fragment] {
      bytes += [UInt8(word >> 8), UInt8(word & 0xff)]
    }
    bytes += [ttl, proto, 0, 0]
    for address in [source, destination] {
      bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: address.rawValue >> $0) }
    }
    bytes += options
    TestPacket.setChecksum(&bytes)
    return bytes + payload
  }

  /// Makes the checksum of a header right again.
  static func setChecksum(_ header: inout [UInt8]) {
    (header[10], header[11]) = (0, 0)
    let length = min(Int(header[0] & 0xf) * 4, header.count)
    let covered = Array(header[..<length])
    let sum = InternetChecksum.checksum(of: covered.span.bytes)
    (header[10], header[11]) = (UInt8(sum >> 8), UInt8(sum & 0xff))
  }
}

/// A router on three networks: em0 10.0.0.1/24, em1 10.0.1.1/24, em2 10.0.2.1/24, with a neighbour
/// 2 on each and a route to 192.168.0.0/16 by way of 10.0.1.2.
struct TestRouter: ~Copyable {
  var kernel: Kernel
  /// em0, em1, em2.
  let cards: [InterfaceIndex]
  static let neighbour = EthernetAddress(rawValue: 0x02aa_0000_0001)

  init() throws {
    kernel = Kernel()
    var cards: [InterfaceIndex] = []
    for index in kernel[.zero].interfaces.all
    where kernel[.zero].interfaces[index].type == .ethernet { cards.append(index) }
    self.cards = cards
    for (unit, card) in cards.enumerated() where unit < 3 {
      let network = UInt8(unit)
      let request = AddressRequest(
        IPv4Address(10, 0, network, 1), mask: IPv4Prefix.mask(length: 24))
      try kernel.addAddress(vnet: .zero, interface: card, request)
      try kernel.arpSet(
        vnet: .zero, interface: card, address: IPv4Address(10, 0, network, 2),
        hardwareAddress: TestRouter.neighbour)
    }
    try addRoute(IPv4Address(192, 168, 0, 0), length: 16, gateway: IPv4Address(10, 0, 1, 2))
    kernel[.zero].sysctl[.ipForwarding] = 1
    kernel[.zero].sysctl[.ipFwEnable] = 0
  }

  mutating func addRoute(
    _ destination: IPv4Address, length: Int, gateway: IPv4Address, _ flags: RouteFlags = [],
    mtu: UInt32? = nil
  ) throws {
    var message = RouteMessage(
      destination: destination, mask: IPv4Prefix.mask(length: length), gateway: .address(gateway))
    message.flags = flags.union([.RTF_UP, .RTF_GATEWAY, .RTF_STATIC])
    message.mtu = mtu
    try kernel.routeAdd(vnet: .zero, fib: .zero, message)
  }

  /// em0 receives a packet, in a frame for it or for another station.
  ///
  /// - Parameter split: How many of the packet's bytes lie in the first buffer; nil for all.
  mutating func receive(
    _ packet: [UInt8], to station: EthernetAddress? = nil, split: Int? = nil
  ) -> TestRun {
    let own = kernel[.zero].interfaces[cards[0]].hardwareAddress
    let frame =
      TestRouter.octets(station ?? own) + TestRouter.octets(TestRouter.neighbour) + [8, 0] + packet
    var recorder = Recorder()
    let before = kernel[.zero].statistics
    var received = ReceivedFrame(frame, on: cards[0])
    received.firstBufferCount = split
    kernel.receive(received, tracer: &recorder)
    return TestRun(recorder, before, kernel[.zero].statistics)
  }

  /// A process sends a packet whose header it wrote.
  mutating func send(
    _ packet: [UInt8], _ flags: OutputFlags = [], multicast: MulticastOptions? = nil
  ) -> TestRun {
    var local = LocalPacket(packet, socket: .rawHeaderIncluded)
    local.flags = flags
    local.multicast = multicast
    var recorder = Recorder()
    let before = kernel[.zero].statistics
    var errno: Errno?
    do throws(Errno) {
      try kernel.send(local, tracer: &recorder)
    } catch {
      errno = error
    }
    var run = TestRun(recorder, before, kernel[.zero].statistics)
    run.errno = errno
    return run
  }

  private static func octets(_ address: EthernetAddress) -> [UInt8] {
    (0..<6).map { UInt8(truncatingIfNeeded: address.rawValue >> (40 - 8 * $0)) }
  }
}

/// What came of one packet.
struct TestRun {
  /// The ends of the packet and of what was made on its way, in order.
  let ends: [End]
  /// The frames that left.
  let sent: [[UInt8]]
  /// The changes of `struct ipstat`, by field without its prefix.
  let counted: [String: UInt64]
  /// What the sender was told.
  var errno: Errno?

  init(_ recorder: borrowing Recorder, _ before: Statistics, _ after: Statistics) {
    ends = recorder.entries.compactMap { if case .end(let end) = $0.event { end } else { nil } }
    var sent: [[UInt8]] = []
    for snapshot in recorder.snapshots {
      if case .transmitted = snapshot.moment { sent.append(Array(recorder.bytes(of: snapshot))) }
    }
    self.sent = sent
    var counted: [String: UInt64] = [:]
    for (name, delta) in after.ip.changes(since: before.ip) {
      counted[String(name.dropFirst("ips_".count))] = delta
    }
    self.counted = counted
  }

  /// Type and code of the ICMP message that left first, if the first frame is one.
  var icmp: ICMPKind? {
    guard let frame = sent.first, frame.count >= 36, frame[12] == 8, frame[23] == 1 else {
      return nil
    }
    return ICMPKind(frame[34], frame[35])
  }
}
