// SPDX-License-Identifier: BSD-2-Clause

import Testing
import Wire

@testable import Netstack

@Suite("libalias: redirections") struct NatRedirectTests {
  private func toOuter(_ port: UInt16, from remote: Endpoint = Endpoint(NatPacket.server, 4000))
    -> NatPacket
  {
    NatPacket.tcp(.syn).with {
      ($0.source, $0.sourcePort) = (remote.address, remote.port)
      ($0.destination, $0.destinationPort) = (NatPacket.outer, port)
    }
  }

  @Test func aPortGoesInside() {
    var lab = NatLab(.denyIncoming, [.portToClient])
    let received = lab.in(toOuter(80))
    #expect(received.age == .redirected)
    #expect(received.destination == Endpoint(NatPacket.client, 8080))
    #expect(received.checksumsAreRight)
    let answer = NatPacket.tcp([.syn, .ack]).with {
      ($0.sourcePort, $0.destinationPort) = (8080, 4000)
    }
    let sent = lab.out(answer)
    #expect(sent.age == .known)
    #expect(sent.source == Endpoint(NatPacket.outer, 80))
    #expect(lab.in(toOuter(81)).result == .ignored(.denyIn))
    // The redirection stays for others.
    #expect(lab.in(toOuter(80, from: Endpoint(IPv4Address(9, 9, 9, 9), 1))).age == .redirected)
    expect(lab.library.counts.tcp, is: 3)
  }

  @Test func theServerMayBegin() {
    var lab = NatLab([], [.portToClient])
    let sent = lab.out(.tcp(.syn).with { $0.sourcePort = 8080 })
    #expect(sent.age == .redirected)
    #expect(sent.source == Endpoint(NatPacket.outer, 80))
  }

  @Test func aRangeGoesPortByPort() {
    let redirect = NatRedirect(
      .port(.tcp, count: 3, remoteCount: 3), local: Endpoint(NatPacket.client, 100),
      published: Endpoint(NatPacket.outer, 200), remote: Endpoint(NatPacket.server, 300))
    var lab = NatLab(.denyIncoming, [redirect])
    for offset in 0..<UInt16(3) {
      let packet = toOuter(200 + offset, from: Endpoint(NatPacket.server, 300 + offset))
      #expect(lab.in(packet).destination == Endpoint(NatPacket.client, 100 + offset))
    }
    #expect(lab.in(toOuter(200, from: Endpoint(NatPacket.server, 301))).result == .ignored(.denyIn))
  }

  @Test func anAddressGoesInsideAndComesOut() {
    let published = IPv4Address(203, 0, 113, 10)
    let redirect = NatRedirect(
      .address, local: Endpoint(NatPacket.client, 0), published: Endpoint(published, 0))
    var lab = NatLab([], [redirect])
    let received = lab.in(toOuter(80).with { $0.destination = published })
    #expect(received.destination == Endpoint(NatPacket.client, 80))
    #expect(lab.out(.udp).header.source == published)
    #expect(lab.out(.udp.with { $0.source = .loopback }).header.source == NatPacket.outer)
  }

  @Test func aProtocolGoesInside() {
    let redirect = NatRedirect(
      .proto(.gre), local: Endpoint(NatPacket.client, 0), published: .any)
    var lab = NatLab(.denyIncoming, [redirect])
    let packet = NatPacket.udp.with {
      $0.proto = .gre
      ($0.source, $0.destination) = (NatPacket.server, NatPacket.outer)
    }
    #expect(lab.in(packet).header.destination == NatPacket.client)
    #expect(lab.in(packet.with { $0.proto = .esp }).result == .ignored(.denyIn))
  }

  @Test func aPoolSharesTheWorkLastServerFirst() {
    let servers = (1...3).map { Endpoint(IPv4Address(10, 1, 0, $0), 8000) }
    var lab = NatLab(
      [],
      [
        NatRedirect(
          .port(.tcp, count: 1, remoteCount: 1), local: Endpoint(.broadcast, .max),
          published: Endpoint(.any, 80), servers: servers)
      ])
    var seen: [Endpoint] = []
    for port in 1...4 {
      let packet = toOuter(80, from: Endpoint(NatPacket.server, UInt16(port)))
      seen.append(lab.in(packet).destination)
      #expect(lab.in(packet).destination == seen.last)
    }
    #expect(seen == [servers[2], servers[1], servers[0], servers[2]])
  }

  @Test func aPoolOfAddressesTakesTurns() {
    let servers = (1...2).map { Endpoint(IPv4Address(10, 1, 0, $0), .max) }
    var lab = NatLab(
      [],
      [
        NatRedirect(
          .address, local: Endpoint(.broadcast, 0), published: Endpoint(NatPacket.outer, 0),
          servers: servers)
      ])
    let seen = (1...3).map { port in
      lab.in(toOuter(80, from: Endpoint(NatPacket.server, UInt16(port)))).header.destination
    }
    #expect(seen == [servers[1], servers[0], servers[1]].map(\.address))
  }
}

@Suite("libalias: fragments and errors") struct NatErrorTests {
  @Test func fragmentsFollowTheFirst() {
    var lab = NatLab()
    _ = lab.out(.udp)
    let first = NatPacket.udp.reversed.with {
      $0.destination = NatPacket.outer
      $0.fragment = IPv4Header.MF
      $0.identification = 9
    }
    let later = first.with { $0.fragment = 2 }
    #expect(lab.in(later).result == .unresolvedFragment)
    let received = lab.in(first)
    #expect(received.result == .foundHeaderFragment)
    #expect(received.destination == Endpoint(NatPacket.client, 5000))
    let rest = lab.in(later)
    #expect(rest.result == .ok)
    #expect(rest.header.destination == NatPacket.client)
    #expect(rest.bytes.dropFirst(20) == later.bytes.dropFirst(20))
    #expect(lab.in(later.with { $0.identification = 10 }).result == .unresolvedFragment)
  }

  @Test func fragmentsGoOutByAddress() {
    var lab = NatLab()
    let sent = lab.out(.udp.with { $0.fragment = 2 })
    #expect(sent.result == .ok)
    #expect(sent.header.source == NatPacket.outer)
    #expect(IPv4Header.checksum(of: sent.bytes.rawBytes, headerLength: 20) == 0)
  }

  /// In C the answer of the fragments hides that of the packet.
  @Test func aFirstFragmentPassesThoughItIsRefused() {
    var lab = NatLab(.denyIncoming)
    let first = NatPacket.udp.with {
      ($0.source, $0.destination) = (NatPacket.server, NatPacket.outer)
      $0.fragment = IPv4Header.MF
    }
    #expect(lab.in(first).result == .foundHeaderFragment)
    #expect(lab.in(first.with { $0.fragment = 0 }).result == .ignored(.denyIn))
  }

  /// An error of a router about a packet as it saw it.
  private func error(about bytes: [UInt8], _ type: UInt8 = 11) -> NatPacket {
    NatPacket.icmp(type).with {
      ($0.source, $0.destination) = (IPv4Address(4, 4, 4, 4), NatPacket.outer)
      $0.data = Array(bytes.prefix(28))
    }
  }

  @Test(arguments: [NatPacket.udp, .tcp(.syn), .icmp(8), .icmp(13)], [3, 4, 11, 12] as [UInt8])
  func anErrorFindsTheSender(_ packet: NatPacket, _ type: UInt8) {
    var lab = NatLab()
    // The other client's packet gets another port.
    _ = lab.out(packet.with { $0.source = IPv4Address(10, 1, 0, 8) })
    let sent = lab.out(packet)
    let received = lab.in(error(about: sent.bytes, type))
    #expect(received.result == .ok)
    #expect(received.header.destination == NatPacket.client)
    #expect(received.checksumsAreRight)
    // It quotes the packet as the sender made it, but for two checksums.
    var quoted = Array(received.bytes.dropFirst(28))
    var original = Array(packet.bytes.prefix(28))
    for place in [10, 11, 22, 23, 26, 27] { (quoted[place], original[place]) = (0, 0) }
    #expect(quoted == original)
  }

  @Test(arguments: [NatPacket.udp, .tcp(.syn), .icmp(8)])
  func anErrorGoesOutAsIfTheOuterAddressHadMadeIt(_ packet: NatPacket) {
    var lab = NatLab([], [.portToClient])
    // Something that came in, to the client or through a link it made.
    _ = lab.out(packet)
    let came = packet.reversed.with { $0.destination = NatPacket.outer }
    let received = lab.in(came)
    guard packet.proto != .icmp else {
      // A reply is never quoted, a query is: the identifier is the inner end's.
      let query = lab.in(
        .icmp(8).with { ($0.source, $0.destination) = (NatPacket.server, NatPacket.outer) })
      let answer = error(about: query.bytes, 3).with {
        ($0.source, $0.destination) = (query.header.destination, NatPacket.server)
      }
      #expect(lab.out(answer).result == .ok)
      return
    }
    let answer = error(about: received.bytes, 3).with {
      ($0.source, $0.destination) = (NatPacket.client, NatPacket.server)
    }
    let sent = lab.out(answer)
    #expect(sent.result == .ok)
    #expect(sent.header.source == NatPacket.outer)
    #expect(sent.checksumsAreRight)
    #expect(Array(sent.bytes[28 + 16..<28 + 24]) == Array(came.bytes[16..<24]))
    // An error of a router inside keeps its own source.
    let router = lab.out(answer.with { $0.source = IPv4Address(10, 1, 0, 1) })
    #expect(router.header.source == IPv4Address(10, 1, 0, 1))
  }

  @Test func anErrorAboutSomethingUnknownIsIgnored() {
    var lab = NatLab()
    #expect(lab.in(error(about: NatPacket.udp.bytes)).result == .ignored(.quoteUnknown))
    #expect(lab.out(error(about: NatPacket.udp.bytes)).result == .ignored(.quoteUnknown))
    let gre = NatPacket.udp.with { $0.proto = .gre }
    #expect(lab.in(error(about: gre.bytes)).result == .ignored(.quotedProtocol))
    let reply = NatPacket.icmp(0)
    #expect(lab.in(error(about: reply.bytes)).result == .ignored(.quotedProtocol))
    for count in 0..<24 {
      let short = error(about: Array(NatPacket.udp.bytes.prefix(count)))
      #expect(lab.in(short).result == .ignored(.tooShort))
    }
  }
}

@Suite("libalias: properties") struct NatPropertyTests {
  @Test(arguments: [1, 2, 3] as [UInt64]) func outAndBackRestores(_ seed: UInt64) {
    var random = RandomSource(seed: seed)
    var lab = NatLab()
    var aliases: Set<[UInt16]> = []
    for _ in 0..<2000 {
      var packet = NatPacket.udp
      packet.proto = [.udp, .tcp, .icmp, .gre][Int(random.next() % 4)]
      packet.source = IPv4Address(10, 1, 0, UInt8(random.next() % 4))
      packet.destination = IPv4Address(8, 8, 8, UInt8(random.next() % 3))
      packet.sourcePort = UInt16(truncatingIfNeeded: random.next() % 50 + 1)
      packet.destinationPort = UInt16(truncatingIfNeeded: random.next() % 3 + 1)
      packet.data = (0..<random.next() % 9).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let sent = lab.out(packet)
      #expect(sent.result == .ok)
      #expect(sent.header.source == NatPacket.outer)
      #expect(sent.checksumsAreRight)
      var answer = packet.reversed.with { $0.destination = NatPacket.outer }
      if packet.proto == .icmp {
        answer.sourcePort = sent.id
      } else if packet.proto != .gre {
        answer.destinationPort = sent.source.port
        aliases.insert([sent.source.port, packet.destinationPort])
      }
      let received = lab.in(answer)
      #expect(received.result == .ok)
      #expect(received.checksumsAreRight)
      if packet.proto == .icmp {
        #expect(received.id == packet.sourcePort)
        #expect(received.header.destination == packet.source)
      } else if packet.proto != .gre {
        #expect(received.destination == Endpoint(packet.source, packet.sourcePort))
      }
      if random.next() % 50 == 0 { lab.sleep(random.next() % 100) }
    }
    #expect(!aliases.isEmpty)
  }

  @Test(arguments: [11, 12] as [UInt64]) func nothingTraps(_ seed: UInt64) {
    var random = RandomSource(seed: seed)
    var labs = [AliasMode]([
      [], .denyIncoming, .proxyOnly, .reverse, [.unregisteredOnly, .log],
    ])
    labs.append([.reverse, .proxyOnly])
    for mode in labs {
      var lab = NatLab(mode, [.portToClient])
      for round in 0..<1500 {
        var packet: NatPacket = [.udp, .tcp(.ack), .icmp(UInt8(random.next() % 20))][round % 3]
        packet.source = [NatPacket.client, NatPacket.server, .any][Int(random.next() % 3)]
        packet.destination = [NatPacket.outer, NatPacket.server, .any][Int(random.next() % 3)]
        packet.data = NatPacket.udp.bytes
        if random.next() % 4 == 0 { packet.fragment = UInt16(random.next() % 3) | IPv4Header.MF }
        packet.options = [UInt8](repeating: 1, count: Int(random.next() % 3) * 4)
        var bytes = packet.bytes
        for _ in 0..<random.next() % 4 {
          bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
        }
        bytes = Array(bytes.prefix(Int(random.next() % UInt64(bytes.count + 1))))
        let answer = lab.translate(bytes, random.next() % 2 == 0 ? .in : .out)
        #expect(answer.bytes.count == bytes.count)
      }
    }
  }

  /// Against the definition, for both signs and both zeros.
  @Test func changesOfAChecksumAddUp() {
    var random = RandomSource(seed: 5)
    for _ in 0..<5000 {
      let old = UInt16(truncatingIfNeeded: random.next())
      let new = UInt16(truncatingIfNeeded: random.next())
      let checksum = UInt16(truncatingIfNeeded: random.next())
      var change = ChecksumChange()
      change.replace(old, new)
      let found = change.applied(to: checksum)
      let wanted = InternetChecksum.update(checksum: checksum, old: old, new: new)
      #expect(found % 0xffff == wanted % 0xffff)
    }
    #expect(ChecksumChange().applied(to: 0) == 0)
    var change = ChecksumChange()
    change.replace(0x1234, 0x1234)
    #expect(change.applied(to: 0xffff) == 0xffff)
  }
}
