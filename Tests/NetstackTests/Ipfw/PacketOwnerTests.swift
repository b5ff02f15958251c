// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Testing
import Wire

// Sockets of others than root cannot be made by a call.
@testable import Netstack

/// `uid`, `gid` and `jail`: of the socket that a packet comes from or is for.
@Suite("check_uidgid") struct PacketOwnerTests {
  private static let owner = SocketOwner(user: 53, group: 54, jail: 3)

  /// Whether a rule takes a packet of 10.0.0.5 for 192.168.9.9 where a socket is bound and
  /// connected so.
  private func takes(
    _ match: Match, _ packet: FirewallPacket, _ kind: SocketKind, local: Endpoint,
    foreign: Endpoint = .any, _ direction: Direction = .in
  ) throws -> Bool {
    var lab = FirewallLab([.rule(100, .allow, match)])
    let socket = try lab.kernel.socket(vnet: .zero, kind)
    lab.kernel.vnets[0].sockets[socket].local = local
    lab.kernel.vnets[0].sockets[socket].foreign = foreign
    lab.kernel.vnets[0].sockets[socket].owner = Self.owner
    return try lab.ask(packet, direction).verdict == .pass
  }

  private static let here = Endpoint(IPv4Address(192, 168, 9, 9), 53)
  private static let there = Endpoint(IPv4Address(10, 0, 0, 5), 1234)

  @Test(arguments: [Match.user(53), .group(54), .jail(3)])
  func findsTheReceiver(_ match: Match) throws {
    #expect(try takes(match, .udp, .udp, local: Self.here))
    #expect(try takes(match, .udp, .udp, local: Endpoint(.any, 53)))
    #expect(try !takes(match, .udp, .udp, local: Endpoint(.any, 54)))
    #expect(try !takes(match, .udp, .tcp, local: Self.here))
    #expect(try !takes(.user(0), .udp, .udp, local: Self.here))
  }

  @Test func findsTheSenderOnTheWayOut() throws {
    #expect(try takes(.user(53), .udp, .udp, local: Self.there, .out))
    #expect(try !takes(.user(53), .udp, .udp, local: Self.here, .out))
  }

  @Test func ofTCPOnlyAConnectionIsFound() throws {
    let web = Endpoint(IPv4Address(192, 168, 9, 9), 80)
    #expect(try takes(.user(53), .tcp(.ack), .tcp, local: web, foreign: Self.there))
    #expect(try !takes(.user(53), .tcp(.ack), .tcp, local: web))
  }

  @Test func otherProtocolsHaveNoOwner() throws {
    #expect(try !takes(.user(53), .icmp(8), .udp, local: Self.here))
    let fragment = FirewallPacket.udp.with { $0.header.fragment = 4 }
    #expect(try !takes(.user(53), fragment, .udp, local: Self.here))
  }

  /// What a process sends is its own, whatever a look-up would find.
  @Test func aSenderBringsItsOwner() throws {
    var lab = FirewallLab([.rule(100, .count, .user(0)), .rule(200, .allow)])
    let socket = try lab.kernel.socket(vnet: .zero, .udp)
    let target = Endpoint(IPv4Address(10, 0, 0, 9), 9)
    try lab.kernel.send(vnet: .zero, socket, [1], to: target)
    expect(lab.counters[0].packets, is: 1)
    lab.kernel.vnets[0].sockets[socket].owner = Self.owner
    try lab.kernel.send(vnet: .zero, socket, [1], to: target)
    expect(lab.counters[0].packets, is: 1)
    expect(lab.counters[1].packets, is: 2)
  }
}
