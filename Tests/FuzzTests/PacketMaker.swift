// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// Makes IPv4 packets that are nearly right.
struct PacketMaker {
  var random: RandomSource

  /// Addresses that mean something to the lab of these tests, and some that mean nothing.
  static let addresses: [IPv4Address] = [
    IPv4Address(10, 0, 0, 1), IPv4Address(10, 0, 0, 2), IPv4Address(10, 0, 0, 77),
    IPv4Address(10, 0, 0, 255), IPv4Address(10, 0, 0, 0), IPv4Address(10, 0, 1, 1),
    IPv4Address(10, 0, 1, 2), IPv4Address(10, 0, 1, 99), IPv4Address(10, 0, 2, 1),
    IPv4Address(10, 0, 2, 2), IPv4Address(192, 168, 1, 5), IPv4Address(192, 168, 2, 9),
    IPv4Address(172, 16, 0, 1), IPv4Address(172, 17, 3, 4), IPv4Address(8, 8, 8, 8), .any,
    .broadcast, .loopback, IPv4Address(224, 0, 0, 1), IPv4Address(239, 1, 2, 3),
    IPv4Address(240, 0, 0, 1), IPv4Address(169, 254, 1, 1), IPv4Address(0, 0, 0, 9),
  ]

  private static let protocols: [UInt8] = [1, 1, 1, 17, 17, 17, 6, 6, 2, 4, 46, 47, 103, 132, 255]

  /// A packet whose length, options, fragment fields, checksums and contents are mostly right.
  mutating func packet() -> [UInt8] {
    let proto = random.chance(95) ? random.pick(PacketMaker.protocols) : random.byte()
    let options = random.chance(20) ? self.options() : []
    let (source, destination) = (address(), address())
    let payload = self.payload(proto, source, destination)
    let headerLength = 20 + options.count
    var packet = [UInt8](repeating: 0, count: headerLength) + payload
    packet[0] = 0x40 | UInt8(headerLength / 4)
    packet[1] = random.chance(20) ? random.byte() : 0
    store(UInt16(min(packet.count, 65_535)), at: 2, in: &packet)
    store(UInt16.random(in: 0...8, using: &random), at: 4, in: &packet)
    if random.chance(20) { store(fragmentField(), at: 6, in: &packet) }
    packet[8] = proto == 2 && random.chance(80) ? 1 : random.pick([64, 64, 64, 255, 2, 1, 0])
    packet[9] = proto
    store(source, at: 12, in: &packet)
    store(destination, at: 16, in: &packet)
    for (index, byte) in options.enumerated() { packet[20 + index] = byte }
    if random.chance(5) { store(UInt16.random(in: 0...2000, using: &random), at: 2, in: &packet) }
    store(checksum(packet[..<headerLength]), at: 10, in: &packet)
    return packet
  }

  mutating func address() -> IPv4Address {
    random.chance(95)
      ? random.pick(PacketMaker.addresses) : IPv4Address(rawValue: UInt32(random.next() >> 32))
  }

  private mutating func fragmentField() -> UInt16 {
    random.pick([
      0x4000, 0x8000, 0x2000, 0x2001, 0x0001, 0x0005, 0x1fff, 0x3fff, 0x6000,
      UInt16.random(in: 0...0xffff, using: &random),
    ])
  }

  /// Whole words of options: record route, time stamp, source routes, security, and nonsense.
  private mutating func options() -> [UInt8] {
    var options: [UInt8] = []
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      let type: UInt8 = random.pick([0, 1, 7, 68, 131, 137, 130, 136, 148, random.byte()])
      guard type > 1 else {
        options.append(type)
        continue
      }
      let length = random.chance(80) ? random.pick([3, 7, 11, 15]) : Int(random.byte()) % 40
      options += [type, UInt8(length), random.pick([4, 4, 5, 8, 0, 255])]
      options += random.bytes(max(length - 3, 0))
    }
    options = Array(options.prefix(40))
    while options.count % 4 != 0 { options.append(0) }
    return options
  }

  private mutating func payload(
    _ proto: UInt8, _ source: IPv4Address, _ destination: IPv4Address
  ) -> [UInt8] {
    let data = random.bytes(random.pick([0, 4, 8, 20, 64, 400, 1400, 1472, 3000]))
    switch proto {
    case 1: return icmp(data)
    case 2: return igmp(data)
    case 17:
      let ports = port() + port()
      let length = UInt16(8 + data.count)
      var datagram = ports + [UInt8(length >> 8), UInt8(length & 0xff), 0, 0] + data
      if random.chance(50) {
        var sum = InternetChecksum()
        sum.addPseudoHeader(
          source: source, destination: destination, protocol: .udp, length: datagram.count)
        sum.add(datagram.span.bytes)
        store(sum.finish(), at: 6, in: &datagram)
      }
      return datagram
    case 6:
      let offset: UInt8 = random.pick([0x50, 0x50, 0xf0, 0x10])
      var segment = port() + port() + random.bytes(8) + [offset, random.byte() & 0x3f]
      segment += [0xff, 0xff, 0, 0, 0, 0] + data
      if random.chance(90) {
        var sum = InternetChecksum()
        sum.addPseudoHeader(
          source: source, destination: destination, protocol: .tcp, length: segment.count)
        sum.add(segment.span.bytes)
        store(sum.finish(), at: 16, in: &segment)
      }
      return segment
    default: return data
    }
  }

  /// A port that sockets of the lab have, or any.
  private mutating func port() -> [UInt8] {
    random.chance(70) ? [0, random.pick([53, 80, 80, 7, 0])] : random.bytes(2)
  }

  /// ICMP of every type, errors with something like a packet inside.
  private mutating func icmp(_ data: [UInt8]) -> [UInt8] {
    let type = random.chance(90) ? random.pick([0, 3, 4, 5, 8, 11, 12, 13, 17]) : random.byte()
    var body = data
    if [3, 4, 5, 11, 12].contains(type), random.chance(80) {
      body = [0x45, 0, 0, 40, 0, 1, 0, 0, 64, 17, 0, 0]
      for address in [self.address(), self.address()] {
        body += octets(address)
      }
      body += random.bytes(8)
    }
    var message: [UInt8] = [type, random.byte() % 16, 0, 0] + random.bytes(4) + body
    if type == 5 { store(address(), at: 4, in: &message) }
    if random.chance(90) { store(checksum(message[...]), at: 2, in: &message) }
    return message
  }

  /// IGMP queries and reports, of lengths that fit a version and others.
  private mutating func igmp(_ data: [UInt8]) -> [UInt8] {
    let type = random.chance(90) ? random.pick([0x11, 0x12, 0x16, 0x17, 0x22]) : random.byte()
    let rest = random.pick([[], [], [2, 125, 0, 0], [7, 0xff, 0, 1] + random.bytes(4), data])
    var message: [UInt8] = [type, random.pick([0, 1, 10, 100, 0xff]), 0, 0, 0, 0, 0, 0] + rest
    if random.chance(50) { store(address(), at: 4, in: &message) }
    if random.chance(90) { store(checksum(message[...]), at: 2, in: &message) }
    return message
  }

  private func octets(_ address: IPv4Address) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: address.rawValue >> $0) }
  }

  private func checksum(_ bytes: ArraySlice<UInt8>) -> UInt16 {
    var sum = InternetChecksum()
    sum.add(Array(bytes).span.bytes)
    return sum.finish()
  }

  private func store(_ value: UInt16, at offset: Int, in bytes: inout [UInt8]) {
    bytes[offset] = UInt8(value >> 8)
    bytes[offset + 1] = UInt8(value & 0xff)
  }

  private func store(_ address: IPv4Address, at offset: Int, in bytes: inout [UInt8]) {
    store(UInt16(address.rawValue >> 16), at: offset, in: &bytes)
    store(UInt16(address.rawValue & 0xffff), at: offset + 2, in: &bytes)
  }
}
