// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Netstack
import Testing
import Wire

@Suite("Groups of interfaces") struct MulticastTests {
  @Test func theFirstAddressJoinsAllHosts() throws {
    var lab = InterfaceLab(["lo0 127.0.0.1/8"])
    #expect(try lab.groups() == [])
    #expect(try lab.groups("lo0") == ["224.0.0.1"])
    #expect(lab.run("em0 10.0.0.1/24") == nil)
    #expect(lab.run("em0 10.0.9.1/24") == nil)
    #expect(try lab.groups() == ["224.0.0.1"])
    lab.tick(10_000)
    #expect(lab.reports == [])
  }

  @Test func theLastAddressLeavesAllHosts() throws {
    var lab = InterfaceLab(["em0 10.0.0.1/24", "em0 10.0.9.1/24"])
    #expect(lab.run("em0 -10.0.0.1") == nil)
    #expect(try lab.groups() == ["224.0.0.1"])
    #expect(lab.run("em0 -10.0.9.1") == nil)
    #expect(try lab.groups() == [])
    #expect(lab.run("em0 10.0.0.1/24") == nil)
    #expect(try lab.groups() == ["224.0.0.1"])
  }

  @Test func aJoinOfAllHostsByHandOutlivesTheAddresses() throws {
    var lab = InterfaceLab(["em0 10.0.0.1/24"])
    try lab.join("224.0.0.1")
    #expect(lab.run("em0 -10.0.0.1") == nil)
    #expect(try lab.groups() == ["224.0.0.1"])
    try lab.leave("224.0.0.1")
    #expect(try lab.groups() == [])
  }

  @Test func joinsAreCounted() throws {
    var lab = InterfaceLab.base
    try lab.join("239.1.1.1")
    try lab.join("239.1.1.2")
    try lab.join("239.1.1.1")
    #expect(try lab.groups() == ["239.1.1.2", "239.1.1.1", "224.0.0.1"])
    try lab.leave("239.1.1.1")
    #expect(lab.kernel.vnets[0].isMember(of: ip("239.1.1.1"), on: try lab.index("em0")))
    try lab.leave("239.1.1.1")
    #expect(!lab.kernel.vnets[0].isMember(of: ip("239.1.1.1"), on: try lab.index("em0")))
    #expect(!lab.kernel.vnets[0].isMember(of: ip("239.1.1.2"), on: try lab.index("em1")))
  }

  @Test func refusesWhatIsNoGroupAndWhatIsNotJoined() throws {
    var lab = InterfaceLab.base
    let em0 = try lab.index("em0")
    #expect(throws: Errno.EINVAL) {
      try lab.kernel.joinGroup(vnet: .zero, interface: em0, ip("10.0.0.1"))
    }
    #expect(throws: Errno.EADDRNOTAVAIL) {
      try lab.kernel.leaveGroup(vnet: .zero, interface: em0, ip("239.1.1.1"))
    }
    #expect(throws: Errno.ENXIO) {
      try lab.kernel.joinGroup(
        vnet: .zero, interface: InterfaceIndex(rawValue: 99), ip("239.1.1.1"))
    }
  }

  @Test func anInterfaceThatGoesTakesItsGroupsAlong() throws {
    var lab = InterfaceLab.base
    #expect(lab.run("em3 create") == nil)
    #expect(lab.run("em3 10.0.3.1/24") == nil)
    try lab.join("239.1.1.1", on: "em3")
    #expect(lab.run("em3 destroy") == nil)
    #expect(lab.run("em3 create") == nil)
    #expect(try lab.groups("em3") == [])
    lab.forget()
    lab.tick(10_000)
    #expect(lab.reports == [])
  }

  @Test func aCopyOfTheMachineHasItsOwnGroups() throws {
    var lab = InterfaceLab.base
    let em0 = try lab.index("em0")
    var copy = lab.kernel.clone()
    try copy.joinGroup(vnet: .zero, interface: em0, ip("239.1.1.1"))
    #expect(try lab.groups() == ["224.0.0.1"])
    #expect(try copy.memberships(vnet: .zero, interface: em0).count == 2)
    try lab.join("239.1.1.1")
    copy.advance(to: Instant(seconds: 60))
    lab.tick(59_000)
    #expect(
      copy.vnets[0].statistics.igmp[.sndReports]
        == lab.kernel.vnets[0].statistics.igmp[.sndReports])
  }

  @Test func multicastsReachProtocolsWhateverIsJoined() throws {
    var lab = InterfaceLab.base
    for group in ["224.0.0.1", "239.9.9.9"] {
      try lab.receive(IGMPMessage(type: 0x22, group: group, hasRouterAlert: true))
    }
    let passed = lab.recorder.entries.compactMap { entry -> UInt32? in
      guard case .waypoint(.ipMcastNofilter, let group, _) = entry.event else { return nil }
      return group
    }
    #expect(passed == [ip("239.9.9.9").rawValue])
    #expect(lab.ends == ["DROPPED raw.noproto", "DROPPED raw.noproto"])
  }

  @Test func rsvpNeedsADaemonAndTunnelsFallToRawSockets() throws {
    var lab = InterfaceLab.base
    for proto: IPProtocol in [.rsvp, .ipip, .gre, .pim] {
      var frame = IGMPMessage.query(2).frame
      frame[EthernetHeader.size + 9] = proto.rawValue
      // The protocol's number was 2 under the checksum.
      let sum = UInt16(frame[24]) << 8 | UInt16(frame[25])
      let fixed = InternetChecksum.update(
        checksum: sum, old: 0x0102, new: 0x0100 | UInt16(proto.rawValue))
      (frame[24], frame[25]) = (UInt8(fixed >> 8), UInt8(fixed & 0xff))
      try lab.receive(frame)
    }
    #expect(
      lab.ends == ["DROPPED rsvp.off"]
        + [String](repeating: "DROPPED raw.noproto", count: 3))
    #expect(lab.kernel.vnets[0].statistics.ip[.delivered] == 1)
  }
}
