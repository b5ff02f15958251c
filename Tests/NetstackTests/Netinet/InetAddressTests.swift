// SPDX-License-Identifier: BSD-2-Clause

import Testing
import Wire

// Records are set here without the calls that make them, to test the look-ups alone.
@testable import Netstack

extension Vnet {
  /// em0 10.0.0.1/24 and 10.0.0.130/25, em1 10.0.1.1/16, gif0 10.8.0.1 to 10.8.0.2, em2
  /// 172.16.5.1/32, lo0 127.0.0.1/8: numbered 1 to 5.
  fileprivate static var addressed: Vnet {
    var vnet = Vnet(index: .zero, .generic)
    vnet.equip()
    return vnet
  }

  private mutating func equip() {
    for name in ["em0", "em1", "gif0", "em2"] {
      guard let name = InterfaceName(name) else { continue }
      attachEthernet(name, address: .zero)
    }
    interfaces[InterfaceIndex(rawValue: 3)].flags = [.IFF_POINTOPOINT]
    if let name = InterfaceName("lo0") { attachLoopback(name) }
    record("10.0.0.1", 24, 1)
    record("10.0.0.130", 25, 1)
    record("10.0.1.1", 16, 2)
    record("10.8.0.1", 8, 3, peer: "10.8.0.2")
    record("172.16.5.1", 32, 4)
    record("127.0.0.1", 8, 5)
  }

  private mutating func record(
    _ address: String, _ length: Int, _ interface: UInt16, peer: String? = nil
  ) {
    let mask = IPv4Prefix.mask(length: length)
    var record = InterfaceAddress(
      address: ip(address), mask: mask, interface: InterfaceIndex(rawValue: interface))
    if interface != 3 && interface != 5 { record.broadcast = record.subnet | ~mask }
    record.peer = peer.map { ip($0) }
    _ = addresses.insert(record)
  }

  fileprivate func text(_ index: AddressIndex?) -> String? {
    index.map { "\(addresses[$0].address)" }
  }
}

@Suite("in.c and if.c look-ups") struct InetAddressTests {
  @Test(
    arguments: [
      ("10.0.0.1", "10.0.0.1"), ("10.0.0.255", "10.0.0.1"), ("10.0.255.255", "10.0.1.1"),
      ("172.16.5.1", "172.16.5.1"), ("127.0.0.1", "127.0.0.1"), ("10.8.0.2", nil),
      ("10.0.0.2", nil), ("127.255.255.255", nil),
    ] as [(String, String?)]) func findsByAddressOrBroadcast(_ asked: String, _ found: String?)
  {
    let vnet = Vnet.addressed
    let answer = vnet.text(vnet.ifaWithAddress(ip(asked)))
    #expect(answer == found)
  }

  @Test(
    arguments: [
      ("10.0.0.2", "10.0.0.1"), ("10.0.0.131", "10.0.0.130"), ("10.0.7.7", "10.0.1.1"),
      ("10.8.0.2", "10.8.0.1"), ("10.8.0.3", nil), ("127.4.4.4", "127.0.0.1"), ("8.8.8.8", nil),
    ] as [(String, String?)]) func findsTheMostSpecificNetwork(_ asked: String, _ found: String?)
  {
    let vnet = Vnet.addressed
    let answer = vnet.text(vnet.ifaWithNet(ip(asked)))
    #expect(answer == found)
  }

  @Test func findsPeersOnPointToPointLinksOnly() {
    let vnet = Vnet.addressed
    let (peer, other) = (
      vnet.text(vnet.ifaWithPeer(ip("10.8.0.2"))), vnet.text(vnet.ifaWithPeer(ip("127.0.0.1")))
    )
    #expect(peer == "10.8.0.1")
    #expect(other == nil)
  }

  @Test(
    arguments: [
      (1, "10.0.0.131", "10.0.0.1"), (1, "8.8.8.8", "10.0.0.1"), (2, "10.0.9.9", "10.0.1.1"),
      (3, "10.8.0.2", "10.8.0.1"), (3, "8.8.8.8", "10.8.0.1"), (5, "10.0.0.1", "127.0.0.1"),
    ] as [(UInt16, String, String)])
  func picksAnInterfacesBest(_ interface: UInt16, _ asked: String, _ found: String) {
    let vnet = Vnet.addressed
    let answer = vnet.text(
      vnet.ifaOf(interface: InterfaceIndex(rawValue: interface), for: ip(asked)))
    #expect(answer == found)
  }

  @Test(
    arguments: [
      (1, "255.255.255.255", true), (5, "0.0.0.0", true), (1, "10.0.0.255", true),
      (1, "10.0.0.0", true), (1, "10.0.0.128", true), (1, "10.255.255.255", true),
      (1, "10.0.0.0", true), (2, "10.0.0.255", false), (4, "172.16.5.1", false),
      (4, "172.16.255.255", false), (5, "127.255.255.255", false), (3, "10.255.255.255", false),
      (1, "10.0.1.255", false),
    ] as [(UInt16, String, Bool)])
  func knowsBroadcasts(_ interface: UInt16, _ address: String, _ expected: Bool) {
    let vnet = Vnet.addressed
    let answer = vnet.inBroadcast(ip(address), on: InterfaceIndex(rawValue: interface))
    #expect(answer == expected)
  }

  @Test(arguments: [
    ("10.0.0.1", true), ("0.1.2.3", false), ("127.0.0.1", false), ("224.0.0.1", false),
    ("240.0.0.1", false), ("255.255.255.255", false), ("169.254.1.1", false), ("1.0.0.0", true),
  ]) func knowsWhatMayBeForwarded(_ address: String, _ expected: Bool) {
    #expect(Vnet.inCanForward(ip(address)) == expected)
  }

  @Test func subnetsAreLocalMeansClassfulNetworks() {
    var vnet = Vnet.addressed
    let before = [vnet.inLocalAddress(ip("172.16.5.1")), vnet.inLocalAddress(ip("172.16.9.9"))]
    vnet.sysctl[.ipSubnetsAreLocal] = 1
    let after = [vnet.inLocalAddress(ip("172.16.9.9")), vnet.inLocalAddress(ip("172.17.9.9"))]
    #expect(before == [true, false])
    #expect(after == [true, false])
  }
}
