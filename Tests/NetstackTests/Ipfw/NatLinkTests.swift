// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Testing
import Wire

@testable import Netstack

@Suite("libalias: links") struct NatLinkTests {
  @Test(arguments: [NatPacket.udp, .tcp(.syn)]) func outAndBack(_ packet: NatPacket) {
    var lab = NatLab()
    let sent = lab.out(packet)
    #expect(sent.result == .ok)
    #expect(sent.age == .new)
    #expect(sent.source == Endpoint(NatPacket.outer, 5000))
    #expect(sent.checksumsAreRight)
    let answer = packet.reversed.with { $0.destination = NatPacket.outer }
    let received = lab.in(answer)
    #expect(received.result == .ok)
    #expect(received.age == .known)
    #expect(received.destination == Endpoint(NatPacket.client, 5000))
    #expect(received.checksumsAreRight)
  }

  /// As a little-endian machine adds up what is in network order.
  @Test func chainsAreThoseOfC() {
    let outer = Endpoint(NatPacket.outer, 5000)
    #expect(AliasLibrary.chainIn(.udp, alias: outer) == 809)
    let (inside, outside) = (Endpoint(NatPacket.client, 5000), Endpoint(NatPacket.server, 53))
    #expect(AliasLibrary.chainOut(.udp, inside: inside, outside: outside) == 2228)
  }

  @Test func aDatagramWithoutChecksumStaysSo() {
    var lab = NatLab()
    var bytes = NatPacket.udp.bytes
    (bytes[26], bytes[27]) = (0, 0)
    let sent = lab.translate(bytes, .out)
    #expect(sent.bytes[26...27] == [0, 0])
    #expect(sent.header.source == NatPacket.outer)
  }

  @Test func aTakenPortGivesWayToARandomOne() {
    var lab = NatLab()
    _ = lab.out(.udp)
    let other = NatPacket.udp.with { $0.source = IPv4Address(10, 1, 0, 8) }
    let port = lab.out(other).source.port
    #expect(port >= 0x8000)
    #expect(lab.out(other).source.port == port)
    // To another end the port is free.
    let elsewhere = lab.out(other.with { $0.destination = IPv4Address(9, 9, 9, 9) })
    #expect(elsewhere.source.port == 5000)
    let answer = other.reversed.with {
      $0.destination = NatPacket.outer
      $0.destinationPort = port
    }
    #expect(lab.in(answer).destination == Endpoint(IPv4Address(10, 1, 0, 8), 5000))
  }

  @Test func pingKeepsItsIdentifierWhileItIsFree() {
    var lab = NatLab()
    let sent = lab.out(.icmp(8))
    #expect(sent.header.source == NatPacket.outer)
    #expect(sent.id == 77)
    #expect(sent.checksumsAreRight)
    let other = NatPacket.icmp(8).with { $0.source = IPv4Address(10, 1, 0, 8) }
    let id = lab.out(other).id
    #expect(id >= 0x8000)
    let answer = NatPacket.icmp(0, id: id).with {
      ($0.source, $0.destination) = (NatPacket.server, NatPacket.outer)
    }
    let received = lab.in(answer)
    #expect(received.header.destination == IPv4Address(10, 1, 0, 8))
    #expect(received.id == 77)
    #expect(received.checksumsAreRight)
  }

  @Test func otherProtocolsGoByAddress() {
    var lab = NatLab()
    let packet = NatPacket.udp.with { $0.proto = .gre }
    #expect(lab.out(packet).header.source == NatPacket.outer)
    let received = lab.in(packet.reversed.with { $0.destination = NatPacket.outer })
    #expect(received.header.destination == NatPacket.client)
    #expect(received.checksumsAreRight)
  }

  @Test func whatNothingIsKnownOfStaysWithThisHost() {
    var lab = NatLab()
    let stranger = NatPacket.udp.reversed.with { $0.destination = NatPacket.outer }
    let received = lab.in(stranger)
    #expect(received.result == .ok)
    #expect(received.age == .new)
    #expect(received.bytes == stranger.bytes)
  }

  @Test(arguments: [NatPacket.udp, .tcp(.syn), .icmp(8), .udp.with { $0.proto = .gre }])
  func denyInRefusesWhatNothingIsKnownOf(_ packet: NatPacket) {
    var lab = NatLab(.denyIncoming)
    let stranger = packet.with {
      ($0.source, $0.destination) = (NatPacket.server, NatPacket.outer)
    }
    #expect(lab.in(stranger).result == .ignored(.denyIn))
    _ = lab.out(packet)
    #expect(lab.in(packet.reversed.with { $0.destination = NatPacket.outer }).result == .ok)
  }

  @Test func unregOnlyLeavesPublicAddresses() {
    var lab = NatLab(.unregisteredOnly)
    #expect(lab.out(.udp).header.source == NatPacket.outer)
    for address in [IPv4Address(172, 31, 255, 255), IPv4Address(192, 168, 0, 0)] {
      #expect(lab.out(.udp.with { $0.source = address }).header.source == NatPacket.outer)
    }
    for address in [IPv4Address(172, 32, 0, 0), IPv4Address(9, 255, 255, 255)] {
      let packet = NatPacket.udp.with { $0.source = address }
      #expect(lab.out(packet).bytes == packet.bytes)
    }
    expect(lab.library.address, is: NatPacket.outer)
  }

  @Test func reverseTakesInForOut() {
    var lab = NatLab(.reverse)
    #expect(lab.in(.udp).source == Endpoint(NatPacket.outer, 5000))
    let answer = NatPacket.udp.reversed.with { $0.destination = NatPacket.outer }
    #expect(lab.out(answer).destination == Endpoint(NatPacket.client, 5000))
  }

  @Test func proxyOnlyTranslatesNothingOut() {
    var lab = NatLab(.proxyOnly)
    for packet in [NatPacket.udp, .tcp(.syn), .icmp(8)] {
      let sent = lab.out(packet)
      #expect(sent.result == .ok)
      #expect(sent.bytes == packet.bytes)
    }
    let stranger = NatPacket.udp.reversed.with { $0.destination = NatPacket.outer }
    #expect(lab.in(stranger).result == .ignored(.noLink))
    #expect(lab.in(.icmp(8)).result == .ok)
  }

  @Test func redirectsOfICMPAreNotTranslated() {
    var lab = NatLab()
    #expect(lab.in(.icmp(5)).result == .ignored(.icmpType))
    #expect(lab.out(.icmp(5)).result == .ignored(.icmpType))
    // An echo with a code is let in, but not out.
    var bytes = NatPacket.icmp(8).bytes
    bytes[21] = 1
    #expect(lab.translate(bytes, .out).result == .ignored(.icmpType))
    #expect(lab.translate(bytes, .in).result == .ok)
  }
}

@Suite("libalias: time") struct NatTimeTests {
  /// A segment each: its flags, whether it goes out, and how long the link lives after it.
  struct Course: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let steps: [(flags: TCPFlags, isOut: Bool, lifetime: Int32)]
  }

  @Test(arguments: [
    Course(
      testDescription: "opened and closed by both",
      steps: [
        (.syn, true, 300), ([.syn, .ack], false, 86_400), (.ack, true, 86_400),
        ([.fin, .ack], true, 90), ([.fin, .ack], false, 10), (.ack, true, 10),
      ]),
    Course(testDescription: "refused", steps: [(.syn, true, 300), (.rst, false, 90)]),
    Course(
      testDescription: "reset",
      steps: [
        (.syn, true, 300), ([.syn, .ack], false, 86_400), (.rst, false, 90), (.rst, true, 10),
      ]),
    Course(testDescription: "in its middle", steps: [(.ack, true, 300), (.ack, false, 300)]),
    Course(testDescription: "reset before anything", steps: [(.rst, true, 10)]),
  ]) func tcpLives(_ course: Course) {
    var lab = NatLab()
    for (number, step) in course.steps.enumerated() {
      let packet = NatPacket.tcp(step.flags)
      if step.isOut {
        _ = lab.out(packet)
      } else {
        _ = lab.in(packet.reversed.with { $0.destination = NatPacket.outer })
      }
      let lifetime = lab.lifetime(.tcp)
      #expect(lifetime == step.lifetime, "step \(number)")
    }
  }

  @Test func linksExpireAsTheTableIsSwept() {
    var lab = NatLab(.log)
    _ = lab.out(.udp)
    expect(lab.library.counts.udp, is: 1)
    for _ in 0..<60 {
      lab.sleep(1)
      _ = lab.out(.icmp(8))
    }
    expect(lab.library.counts.udp, is: 1)
    for _ in 0..<66 {
      lab.sleep(1)
      _ = lab.out(.icmp(8))
    }
    expect(lab.library.counts, is: AliasCounts(icmp: 1))
    expect(
      lab.library.logged?.line,
      is: "icmp=1, udp=0, tcp=0, sctp=0, pptp=0, proto=0, frag_id=0 frag_ptr=0 / tot=1")
  }

  @Test func aLinkThatExpiredServesUntilItIsSwept() {
    var lab = NatLab()
    _ = lab.out(.udp)
    // The packet after the pause sweeps 800 of 4001 chains; this link is in none of them.
    lab.sleep(3600)
    let answer = lab.in(.udp.reversed.with { $0.destination = NatPacket.outer })
    #expect(answer.age == .known)
  }

  @Test func nothingIsSweptAfterSixDays() {
    var lab = NatLab()
    for port in 1...200 { _ = lab.out(.udp.with { $0.sourcePort = UInt16(port) }) }
    // 4001 chains times the seconds is more than an int holds.
    lab.sleep(540_000)
    _ = lab.out(.icmp(8))
    expect(lab.library.counts.udp, is: 200)
    lab.sleep(64)
    _ = lab.out(.icmp(8))
    #expect(lab.library.counts.udp < 200)
  }

  @Test func anotherAddressForgetsLinks() {
    var lab = NatLab([], [.portToClient])
    _ = lab.out(.udp)
    lab.library.setAddress(NatPacket.outer)
    expect(lab.library.counts, is: AliasCounts(udp: 1, tcp: 1))
    lab.library.setAddress(IPv4Address(203, 0, 113, 3))
    expect(lab.library.counts, is: AliasCounts(tcp: 1))
    #expect(lab.out(.udp).header.source == IPv4Address(203, 0, 113, 3))
  }

  @Test func aCloneGoesOnAlike() {
    var lab = NatLab(.denyIncoming, [.portToClient])
    for port in 1...20 { _ = lab.out(.udp.with { $0.sourcePort = UInt16(port) }) }
    var copy = NatLab()
    copy.library = lab.library.clone()
    let other = IPv4Address(10, 1, 0, 8)
    for port in 1...20 {
      let packet = NatPacket.udp.with { $0.sourcePort = UInt16(port) }
      let answer = packet.reversed.with { $0.destination = NatPacket.outer }
      let (first, second) = (lab.in(answer), copy.in(answer))
      #expect(first.bytes == second.bytes)
      #expect(first.destination == Endpoint(NatPacket.client, UInt16(port)))
      // What one does the other does not see.
      _ = copy.out(packet.with { $0.source = other })
    }
    expect(lab.library.counts.udp, is: 20)
    expect(copy.library.counts.udp, is: 40)
  }
}

extension NatRedirect {
  /// What comes to port 80 goes to port 8080 of the client.
  static let portToClient = NatRedirect(
    .port(.tcp, count: 1, remoteCount: 1), local: Endpoint(NatPacket.client, 8080),
    published: Endpoint(.any, 80))
}
