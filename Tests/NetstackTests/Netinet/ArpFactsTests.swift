// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Netstack
import Testing
import Wire

/// What the sysctls of ARP change, and when: at once.
@Suite("ARP's sysctls") struct ArpSysctlTests {
  @Test func maxAgeIsTheLifeOfWhatIsLearnedNext() throws {
    var lab = InterfaceLab.base
    try lab.receive(.request, from: mac(1), "10.0.0.2", for: "10.0.0.1")
    #expect(lab.run("sysctl max_age 60") == nil)
    try lab.receive(.request, from: mac(2), "10.0.0.3", for: "10.0.0.1")
    let left = lab.kernel.arpEntries(vnet: .zero).compactMap(\.secondsLeft)
    #expect(left.sorted() == [60, 1200])
    lab.tick(60_000)
    let entries = lab.arpLines
    #expect(entries.contains { $0.contains("10.0.0.2 ") })
    #expect(!entries.contains { $0.contains("10.0.0.3 ") })
  }

  @Test func maxtriesIsHowManyRequestsGoWithoutError() {
    var lab = InterfaceLab.base
    #expect(lab.run("sysctl maxtries 2") == nil)
    let early = (1...3).map { lab.send(to: "10.0.0.77", id: UInt16($0)) }
    #expect(early == [nil, nil, .EHOSTDOWN])
    #expect(lab.run("sysctl maxtries 9") == nil)
    let late = lab.send(to: "10.0.0.77", id: 4)
    #expect(late == nil)
  }

  /// One a second, beginning when fewer seconds are left than there are tries.
  @Test(arguments: [(5, 4), (2, 1)])
  func maxtriesIsTheBudgetOfRequestsBeforeTheEnd(_ tries: Int, _ expected: Int) throws {
    var lab = InterfaceLab.base
    #expect(lab.run("sysctl maxtries \(tries)") == nil)
    try lab.receive(.request, from: mac(1), "10.0.0.2", for: "10.0.0.1")
    lab.tick(1_190_000)
    lab.forget()
    for id in 0..<40 {
      _ = lab.send(to: "10.0.0.2", id: UInt16(id + 1))
      lab.tick(249)
    }
    let requests = lab.frames.count { $0.hasPrefix("em0 who-has") }
    #expect(requests == expected)
  }

  @Test(arguments: [
    ("sysctl log_arp_movements 0", "arp 10.0.0.2 02:aa:00:00:00:07 temp", false),
    ("sysctl log_arp_movements 1", "arp 10.0.0.2 02:aa:00:00:00:07 temp", true),
    // 8.0 has the other one and does not look at it.
    ("sysctl log_arp_permanent_modify 0", "arp 10.0.0.2 02:aa:00:00:00:07", true),
  ]) func logsAsTold(_ sysctl: String, _ entry: String, _ logs: Bool) throws {
    var lab = InterfaceLab.base
    #expect(lab.run(sysctl) == nil)
    #expect(lab.run(entry) == nil)
    try lab.receive(.request, from: mac(1), "10.0.0.2", for: "10.0.0.1")
    #expect(lab.kernel.machine.messages.isEmpty != logs)
  }
}

/// Announcements, and what changes nothing.
@Suite("ARP and interfaces") struct ArpInterfaceTests {
  @Test(arguments: [
    ("em0 up", []), ("em0 down", []), ("em0 10.0.0.2/32", ["em0 who-has 10.0.0.2 tell 10.0.0.2"]),
    ("em0 mtu 1400", []),
    ("em0 ether 02:99:00:00:00:01", ["em0 who-has 10.0.0.1 tell 10.0.0.1"]),
  ]) func announces(_ command: String, _ frames: [String]) {
    var lab = InterfaceLab.base
    #expect(lab.run(command) == nil)
    #expect(lab.frames == frames)
  }

  @Test func theCableAnnouncesNothing() throws {
    var lab = InterfaceLab.base
    let card = try lab.index("em0")
    for state in [LinkState.down, .up] {
      try lab.kernel.setLinkState(vnet: .zero, interface: card, state)
    }
    #expect(lab.frames.isEmpty)
  }

  @Test func anAddressThatGoesTakesItsEntryAlong() {
    var lab = InterfaceLab(["em0 10.0.0.1/24", "em0 10.0.0.2/32"])
    #expect(lab.run("em0 -10.0.0.2") == nil)
    let shown = lab.kernel.arpEntries(vnet: .zero).map(\.entry.address)
    #expect(shown == [ip("10.0.0.1")])
  }

  /// An own address that routing leads to a card comes back from it.
  @Test func anOwnAddressComesBackFromTheCard() throws {
    var lab = InterfaceLab.base
    var message = RouteMessage(
      destination: ip("10.0.0.0"), mask: IPv4Prefix.mask(length: 24),
      gateway: .link(try lab.index("em0")))
    message.flags = [.RTF_UP, .RTF_STATIC]
    try? lab.kernel.routeAdd(vnet: .zero, fib: FibNumber(rawValue: 1), message)
    lab.forget()
    let error = lab.send(to: "10.0.0.1", fib: 1)
    let (frames, ends) = (lab.frames, lab.ends)
    #expect(error == nil && frames.isEmpty)
    #expect(ends.count == 1)
    #expect(lab.kernel[.zero].interfaces[try lab.index("em0")].statistics[.ipackets] == 1)
  }

  @Test func repliesAreCutToTheirLength() throws {
    var lab = InterfaceLab.base
    let request = arpFrame(.request, from: mac(1), "10.0.0.2", for: "10.0.0.1")
    try lab.receive(request + [UInt8](repeating: 0xee, count: 18))
    let sent = lab.recorder.snapshots.filter {
      if case .transmitted = $0.moment { true } else { false }
    }
    #expect(sent.map(\.count) == [42])
  }
}

@Suite("ARP and group addresses") struct ArpGroupTests {
  /// Where a packet goes, and whether ARP keeps anything of it.
  @Test(arguments: [
    ("10.0.0.255", "em0 ip 1 to ff:ff:ff:ff:ff:ff"),
    ("224.1.2.3", "em0 ip 1 to 01:00:5e:01:02:03"),
    ("239.129.2.3", "em0 ip 1 to 01:00:5e:01:02:03"),
  ]) func groupsHaveAddressesOfTheirOwn(_ target: String, _ frame: String) throws {
    var lab = InterfaceLab.base
    #expect(lab.run("route 0.0.0.0/0 10.0.0.254") == nil)
    let header = IPv4Header(
      totalLength: 20, identification: 1, protocol: .udp, source: ip("10.0.0.1"),
      destination: ip(target))
    var bytes = [UInt8](repeating: 0, count: 20)
    bytes.withMutableRawBytes { header.write(into: &$0, at: 0) }
    var packet = LocalPacket(bytes, socket: .rawHeaderIncluded)
    packet.flags = .IP_ALLOWBROADCAST
    try lab.kernel.send(packet, tracer: &lab.recorder)
    let frames = lab.frames.map {
      $0.hasSuffix("ip 1") ? $0 + " to \(EthernetAddress.broadcast)" : $0
    }
    #expect(frames == [frame])
    #expect(lab.kernel.arpEntries(vnet: .zero).allSatisfy { $0.entry.flags.contains(.LLE_IFADDR) })
  }
}
