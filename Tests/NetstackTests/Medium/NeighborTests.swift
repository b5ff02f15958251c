// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Netstack
import Testing
import Wire

/// A machine with 10.0.0.1/24 on em0 and a declared host there.
private struct NeighborLab: ~Copyable {
  var net = InterfaceLab.base

  init(_ change: (inout Neighbor) -> Void = { _ in }) throws {
    var neighbor = Neighbor(ip("10.0.0.9"), mac(9), on: try net.index("em0"))
    change(&neighbor)
    try net.kernel.setNeighbor(neighbor)
    #expect(net.run("arp 10.0.0.9 \(mac(9))") == nil)
    net.forget()
  }

  /// Sends a packet of a protocol as a process does, with the rest of a header chosen by the test.
  mutating func send(
    _ proto: IPProtocol, _ payload: [UInt8], to target: String = "10.0.0.9", ttl: UInt8 = 64
  ) throws {
    let header = IPv4Header(
      totalLength: UInt16(20 + payload.count), identification: 7, ttl: ttl, protocol: proto,
      source: ip("10.0.0.1"), destination: ip(target))
    var bytes = [UInt8](repeating: 0, count: 20)
    bytes.withMutableRawBytes { header.write(into: &$0, at: 0) }
    try net.kernel.send(
      LocalPacket(bytes + payload, socket: .rawHeaderIncluded), tracer: &net.recorder)
  }

  /// What came in, as `tcpdump -nv` shows it.
  var received: [String] {
    var options = PacketPrinter.Options()
    options.verbosity = 1
    var printer = PacketPrinter(options: options)
    return net.recorder.snapshots.compactMap { snapshot in
      guard case .received = snapshot.moment else { return nil }
      let bytes = Array(net.recorder.bytes(of: snapshot))
      var text = ""
      printer.print(bytes.rawBytes, wireLength: bytes.count, link: .ethernet, into: &text)
      return String(text.dropLast())
    }
  }
}

private func echo(count: Int = 56, type: ICMPType = .echo) -> [UInt8] {
  var message: [UInt8] = [type.rawValue, 0, 0, 0, 0, 1, 0, 2]
  message += (0..<count).map { UInt8(truncatingIfNeeded: $0) }
  let sum = InternetChecksum.checksum(of: message.rawBytes)
  message.withMutableRawBytes { $0.store(sum, at: 2) }
  return message
}

@Suite("Neighbours") struct NeighborTests {
  @Test func answersARPAndThenGetsThePacket() throws {
    var lab = InterfaceLab.base
    let card = try lab.index("em0")
    try lab.kernel.setNeighbor(Neighbor(ip("10.0.0.9"), mac(9), on: card))
    #expect(lab.send(to: "10.0.0.9") == nil)
    let early = lab.ends
    #expect(early == ["HELD arp.hold", "SENT arp.sent"])
    let moment = lab.kernel.machine.now.nanoseconds
    lab.kernel.advance(to: Instant(nanoseconds: moment + 99_999), &lab.recorder)
    #expect(lab.ends.count == 2)
    lab.kernel.advance(to: Instant(nanoseconds: moment + 100_000), &lab.recorder)
    let (ends, frames) = (lab.ends, lab.frames)
    #expect(ends.dropFirst(2) == ["SENT if.tx", "CONSUMED arp.learned"])
    #expect(frames.last == "em0 ip 1 to \(mac(9))")
    #expect(lab.kernel.neighbors(vnet: .zero).first?.answered == 2)
    let tally = lab.kernel.machine.tally
    #expect(tally.entered == tally.ended)
  }

  @Test(
    arguments: [
      (
        "an echo request", IPProtocol.icmp, echo(), 64 as UInt8, "10.0.0.9",
        [
          "IP (tos 0x0, ttl 64, id 1, offset 0, flags [none], proto ICMP (1), length 84)\n"
            + "    10.0.0.9 > 10.0.0.1: ICMP echo reply, id 1, seq 2, length 64"
        ]
      ),
      ("an echo reply", .icmp, echo(type: .echoReply), 64, "10.0.0.9", []),
      ("an echo request with a wrong sum", .icmp, [8, 0, 1, 1, 0, 1, 0, 2], 64, "10.0.0.9", []),
      (
        "UDP", .udp, [0, 5, 0, 9, 0, 9, 0, 0, 1], 1, "10.0.0.9",
        [
          "IP (tos 0x0, ttl 64, id 1, offset 0, flags [none], proto ICMP (1), length 56)\n"
            + "    10.0.0.9 > 10.0.0.1: ICMP 10.0.0.9 udp port 9 unreachable, length 36\n"
            + "\tIP (tos 0x0, ttl 1, id 7, offset 0, flags [none], proto UDP (17), length 29)\n"
            + "    10.0.0.1.5 > 10.0.0.9.9: UDP, length 1"
        ]
      ),
      ("an unknown protocol", IPProtocol(rawValue: 99), [1, 2, 3], 64, "10.0.0.9", []),
      (
        "the last hop's neighbour behind a router", .udp, [0, 5, 0, 9, 0, 8, 0, 0], 1,
        "192.0.2.7",
        [
          "IP (tos 0x0, ttl 64, id 1, offset 0, flags [none], proto ICMP (1), length 56)\n"
            + "    10.0.0.9 > 10.0.0.1: ICMP time exceeded in-transit, length 36\n"
            + "\tIP (tos 0x0, ttl 1, id 7, offset 0, flags [none], proto UDP (17), length 28)\n"
            + "    10.0.0.1.5 > 192.0.2.7.9: UDP, length 0"
        ]
      ),
      (
        "a host behind a router", .udp, [0, 5, 0, 9, 0, 8, 0, 0], 2, "192.0.2.7",
        [
          "IP (tos 0x0, ttl 63, id 1, offset 0, flags [none], proto ICMP (1), length 56)\n"
            + "    192.0.2.7 > 10.0.0.1: ICMP 192.0.2.7 udp port 9 unreachable, length 36\n"
            + "\tIP (tos 0x0, ttl 1, id 7, offset 0, flags [none], proto UDP (17), length 28)\n"
            + "    10.0.0.1.5 > 192.0.2.7.9: UDP, length 0"
        ]
      ),
      ("a host that nobody has", .udp, [0, 5, 0, 9, 0, 8, 0, 0], 64, "198.18.0.1", []),
    ] as [(String, IPProtocol, [UInt8], UInt8, String, [String])])
  func answers(
    _ name: String, _ proto: IPProtocol, _ payload: [UInt8], _ ttl: UInt8, _ target: String,
    _ expected: [String]
  ) throws {
    var lab = try NeighborLab { $0.networks = [IPv4Prefix(ip("192.0.2.0"), length: 24)] }
    #expect(lab.net.run("route 0.0.0.0/0 10.0.0.9") == nil)
    try lab.send(proto, payload, to: target, ttl: ttl)
    lab.net.tick(1)
    #expect(lab.received == expected, "\(name)")
    let tally = lab.net.kernel.machine.tally
    #expect(tally.entered == tally.ended)
  }

  @Test func notesItselfInARecordedRoute() throws {
    var lab = try NeighborLab()
    let header = IPv4Header(
      headerWords: 8, totalLength: 32 + 64, identification: 7, protocol: .icmp,
      source: ip("10.0.0.1"), destination: ip("10.0.0.9"))
    var bytes = [UInt8](repeating: 0, count: 20)
    bytes.withMutableRawBytes { header.write(into: &$0, at: 0) }
    bytes += [7, 11, 4] + [UInt8](repeating: 0, count: 8) + [0]
    try lab.net.kernel.send(
      LocalPacket(bytes + echo(), socket: .rawHeaderIncluded), tracer: &lab.net.recorder)
    lab.net.tick(1)
    let lines = lab.received
    #expect(lines.count == 1)
    #expect(lines.first?.contains("options (RR 10.0.0.9, 0.0.0.0,EOL)") == true, "\(lines)")
  }

  @Test func resetsTCP() throws {
    var lab = try NeighborLab()
    let segment = TCPHeader(sourcePort: 1025, destinationPort: 80, sequence: 41, flags: .syn)
    var bytes = [UInt8](repeating: 0, count: 20)
    bytes.withMutableRawBytes { segment.write(into: &$0, at: 0) }
    var sum = InternetChecksum()
    sum.addPseudoHeader(
      source: ip("10.0.0.1"), destination: ip("10.0.0.9"), protocol: .tcp, length: 20)
    sum.add(bytes.rawBytes)
    bytes.withMutableRawBytes { $0.store(sum.finish(), at: 16) }
    try lab.send(.tcp, bytes)
    lab.net.tick(1)
    let lines = lab.received
    #expect(lines.count == 1)
    #expect(
      lines.first?.contains(
        "10.0.0.9.80 > 10.0.0.1.1025: Flags [R.], cksum 0x") == true)
    #expect(
      lines.first?.hasSuffix("(correct), seq 0, ack 42, win 0, length 0") == true)
  }

  @Test func answersWhatComesInFragments() throws {
    var lab = try NeighborLab()
    try lab.send(.icmp, echo(count: 2992))
    lab.net.tick(1)
    let lines = lab.received
    #expect(lines.count == 3)
    #expect(lines.allSatisfy { $0.contains("proto ICMP (1)") })
    #expect(lines.first?.contains("ICMP echo reply, id 1, seq 2, length 1480") == true)
    #expect(lines.last?.contains("offset 2960, flags [none]") == true)
    // The machine joins them again: the last one ends as the delivered datagram does.
    #expect(lab.net.kernel.vnets[0].statistics.ip[.reassembled] == 1)
  }

  @Test(arguments: [
    (Neighbor.Habit.silent, [false, false, false]),
    (.flaps(period: 2_000_000_000), [true, false, true]),
    (.answers, [true, true, true]),
  ])
  func answersWhenItsHabitIs(_ habit: Neighbor.Habit, _ answered: [Bool]) throws {
    var lab = try NeighborLab { $0.habit = habit }
    for expected in answered {
      lab.net.forget()
      try lab.send(.icmp, echo())
      lab.net.tick(1)
      #expect(lab.received.isEmpty != expected)
      lab.net.tick(1999)
    }
    let neighbor = lab.net.kernel.neighbors(vnet: .zero).first
    #expect(neighbor?.heard == 3)
    #expect(neighbor?.answered == UInt64(answered.count { $0 }))
  }

  @Test func movesWhenItsLinkAddressChangesAndItSaysSo() throws {
    var lab = InterfaceLab.base
    let card = try lab.index("em0")
    try lab.kernel.setNeighbor(Neighbor(ip("10.0.0.9"), mac(9), on: card))
    _ = lab.send(to: "10.0.0.9")
    lab.tick(1)
    try lab.kernel.setNeighbor(Neighbor(ip("10.0.0.9"), mac(10), on: card))
    try lab.kernel.announceNeighbor(vnet: .zero, interface: card, ip("10.0.0.9"))
    lab.tick(1)
    let messages = lab.kernel.machine.messages
    #expect(messages == ["arp: 10.0.0.9 moved from \(mac(9)) to \(mac(10)) on em0"])
  }

  @Test func complainsOfAHostWithOurAddress() throws {
    var lab = InterfaceLab(["em0 up"])
    let card = try lab.index("em0")
    try lab.kernel.setNeighbor(Neighbor(ip("10.0.0.1"), mac(9), on: card))
    #expect(lab.run("em0 10.0.0.1/24") == nil)
    lab.tick(1)
    let messages = lab.kernel.machine.messages
    #expect(messages.last == "arp: \(mac(9)) is using my IP address 10.0.0.1 on em0!")
  }

  @Test func nothingPassesAPulledCable() throws {
    var lab = try NeighborLab()
    let card = try lab.net.index("em0")
    try lab.send(.icmp, echo())
    try lab.net.kernel.setLinkState(vnet: .zero, interface: card, .down)
    lab.net.tick(1)
    #expect(lab.received == [])
    try lab.send(.icmp, echo())
    #expect(lab.net.kernel.machine.medium.nextArrival == nil)
  }

  @Test func goesWithItsCard() throws {
    var lab = InterfaceLab.base
    #expect(lab.run("em3 create") == nil)
    #expect(lab.run("em3 10.0.3.1/24") == nil)
    let card = try lab.index("em3")
    try lab.kernel.setNeighbor(Neighbor(ip("10.0.3.9"), mac(9), on: card))
    _ = lab.send(to: "10.0.3.9")
    #expect(lab.kernel.machine.medium.nextArrival != nil)
    #expect(lab.run("em3 destroy") == nil)
    #expect(lab.kernel.machine.medium.nextArrival == nil)
    #expect(lab.kernel.neighbors(vnet: .zero).isEmpty)
    lab.tick(1)
    let tally = lab.kernel.machine.tally
    #expect(tally.entered == tally.ended)
  }

  @Test func aCloneHasItsOwnFramesUnderWay() throws {
    var lab = try NeighborLab()
    try lab.send(.icmp, echo())
    var copy = lab.net.kernel.clone()
    copy.advance(to: copy.machine.now.advanced(seconds: 1))
    #expect(copy.machine.medium.nextArrival == nil)
    #expect(lab.net.kernel.machine.medium.nextArrival != nil)
  }

  @Test func hasPlaceOnCardsOnly() throws {
    var lab = InterfaceLab.base
    let loopback = try lab.index("lo0")
    #expect(throws: Errno.ENODEV) {
      try lab.kernel.setNeighbor(Neighbor(ip("127.0.0.2"), mac(9), on: loopback))
    }
    #expect(throws: Errno.ESRCH) {
      try lab.kernel.deleteNeighbor(vnet: .zero, interface: loopback, ip("10.0.0.9"))
    }
  }

  /// Packets that end anywhere in their headers: no answer traps.
  @Test func survivesShortPackets() throws {
    var lab = try NeighborLab { $0.networks = [IPv4Prefix(ip("0.0.0.0"), length: 0)] }
    for proto in [IPProtocol.icmp, .udp, .tcp] {
      for length in 0..<40 {
        try lab.send(proto, Array(echo().prefix(length)))
      }
    }
    lab.net.tick(1)
    let tally = lab.net.kernel.machine.tally
    #expect(tally.entered == tally.ended)
  }
}
