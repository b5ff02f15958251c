// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

@Suite("VLANs") struct VLANTests {
  /// em0 with a VLAN of tag 5 that has 10.5.0.1/24 and knows a neighbour.
  private static var lab: InterfaceLab {
    InterfaceLab([
      "lo0 127.0.0.1/8", "em0 10.0.0.1/24", "vlan0 create", "vlan0 vlan 5 em0",
      "vlan0 10.5.0.1/24", "arp 10.5.0.2 02:aa:00:00:00:05",
    ])
  }

  @Test func takesOverWhatItsCardHas() throws {
    var lab = InterfaceLab(["vlan0 create"])
    let fresh = try lab.state("vlan0")
    #expect(fresh == "8002 1500 00:00:00:00:00:00")
    #expect(lab.run("vlan0 mtu 1400") == .EINVAL)
    for command in ["em0 mtu 1400", "vlan0 vlan 5 em0"] { #expect(lab.run(command) == nil) }
    let attached = try lab.kernel.interface(vnet: .zero, named: "vlan0")
    let state = try lab.state("vlan0")
    #expect(state == "8842 1400 02:00:00:00:00:00")
    #expect(attached.interface.enabledCapabilities == .IFCAP_HWCSUM)
    #expect(attached.media?.supported.count == 1)
    #expect(attached.vlan?.tag == 5 && attached.vlan?.parent == InterfaceName("em0"))
    #expect(lab.run("vlan0 mtu 1401") == .EINVAL)
    #expect(lab.run("vlan0 -vlandev") == nil)
    let detached = try lab.state("vlan0")
    #expect(detached == "8802 1500 02:00:00:00:00:00")
  }

  @Test(
    arguments: [
      ("vlan1 vlan 5 em0", .EEXIST), ("vlan0 vlan 6 em0", .EBUSY), ("vlan1 vlan 0 em0", .EINVAL),
      ("vlan1 vlan 4095 em0", .EINVAL), ("vlan1 vlan 4096 em0", .EINVAL),
      ("vlan1 vlan 7 em9", .ENOENT), ("vlan1 vlan 7 lo0", .EPROTONOSUPPORT),
      ("vlan1 vlan 7 vlan0", .EPROTONOSUPPORT), ("em0 vlan 7 em1", .EINVAL),
      ("vlan1 vlan 6 em0", nil), ("vlan1 vlan 5 em1", nil),
    ] as [(String, Errno?)]) func checksTagAndCard(_ command: String, _ error: Errno?)
  {
    var lab = VLANTests.lab
    #expect(lab.run("vlan1 create") == nil)
    #expect(lab.run(command) == error)
  }

  /// With a parent and a tag besides, a name of both is one that ends in no number (`ifc_name2unit`).
  @Test(arguments: [("em0.7", Errno.EINVAL), ("em1.7", .EINVAL), ("vlan7", nil)])
  func takesParentAndTagFromOnePlace(_ name: String, _ error: Errno?) {
    var lab = VLANTests.lab
    var thrown: Errno?
    do throws(Errno) {
      let request = VLANRequest(parent: "em1", tag: 8)
      try lab.kernel.createInterface(vnet: .zero, named: name, vlan: request)
    } catch {
      thrown = error
    }
    #expect(thrown == error)
  }

  @Test(
    arguments: [
      ("em0.7", nil, "em0.7"), ("em0.7x", nil, "em0.7x"), ("em0.", .EINVAL, ""),
      ("em0.5", .EEXIST, ""), ("em0.4096", .EINVAL, ""), ("em9.7", .EINVAL, ""),
      ("vlan0.7", .EINVAL, ""), ("vlan", nil, "vlan1"), ("vlan7", nil, "vlan7"),
      ("vlan07", .EINVAL, ""),
    ] as [(String, Errno?, String)])
  func createsByName(_ name: String, _ error: Errno?, _ made: String) {
    var lab = VLANTests.lab
    do throws(Errno) {
      let name = try lab.kernel.createInterface(vnet: .zero, named: name)
      #expect("\(name)" == made && error == nil)
    } catch let thrown {
      #expect(thrown == error)
      #expect(lab.kernel.interfaces(vnet: .zero).count == 5, "nothing is left of it")
    }
  }

  @Test func tagsWhatItSends() throws {
    var lab = VLANTests.lab
    #expect(lab.send(to: "10.5.0.2", id: 9) == nil)
    let frame = try #require(lab.sentFrames.last)
    let start: [UInt8] = [2, 0xaa, 0, 0, 0, 5, 2, 0, 0, 0, 0, 0, 0x81, 0, 0, 5, 8, 0, 0x45]
    #expect(Array(frame.prefix(start.count)) == start)
    #expect(frame.count == 54)
    // One frame each for the announcement of the address.
    let counts = try (lab.counter(.opackets, of: "vlan0"), lab.counter(.opackets, of: "em0"))
    #expect(counts == (2, 3))
    let ends = lab.ends
    #expect(ends == ["SENT out.sent"])
  }

  @Test func hearsTheFramesOfItsTag() throws {
    var lab = VLANTests.lab
    let before = try lab.counter(.ipackets, of: "em0")
    for tag in [5, 6, 0x3005] as [UInt16] { try lab.receive(VLANTests.request(tag: tag)) }
    let replies = lab.sentFrames
    #expect(replies.count == 2 && replies.allSatisfy { $0[12] == 0x81 && $0[15] == 5 })
    let counts = try (
      lab.counter(.ipackets, of: "em0") - before, lab.counter(.ipackets, of: "vlan0"),
      lab.counter(.noproto, of: "em0")
    )
    #expect(counts == (3, 2, 1))
    #expect(lab.ends.filter { $0 == "DROPPED eth.novlan" }.count == 1)
    // A VLAN that is down is as none.
    #expect(lab.run("vlan0 down") == nil)
    try lab.receive(VLANTests.request(tag: 5))
    #expect(lab.ends.last == "DROPPED eth.novlan")
  }

  @Test func dropsWhileItsCardIsDown() throws {
    var lab = VLANTests.lab
    #expect(lab.run("em0 down") == nil)
    #expect(lab.send(to: "10.5.0.2") == nil)
    let collisions = try lab.counter(.collisions, of: "vlan0")
    #expect(collisions == 1 && lab.ends == ["DROPPED vlan.down"])
  }

  @Test func isLeftByACardThatGoesOrIsRenamed() throws {
    for command in ["em0 name lan0", "em0 destroy"] {
      var lab = VLANTests.lab
      #expect(lab.run(command) == nil)
      let vlan = try lab.kernel.interface(vnet: .zero, named: "vlan0")
      #expect(vlan.vlan?.tag == 0 && vlan.vlan?.parent == nil && vlan.interface.mtu == 1500)
      #expect(!vlan.flags.contains(.IFF_DRV_RUNNING))
    }
  }

  @Test func followsTheCable() throws {
    var lab = VLANTests.lab
    let card = try lab.index("em0")
    try lab.kernel.setLinkState(vnet: .zero, interface: card, .down)
    #expect(
      lab.kernel.machine.messages
        == ["em0: link state changed to DOWN", "vlan0: link state changed to DOWN"])
    let state = try lab.kernel.interface(vnet: .zero, named: "vlan0").interface.linkState
    #expect(state == .down)
  }

  @Test func asksItsCardToHearEverything() throws {
    var lab = VLANTests.lab
    for command in ["vlan0 promisc", "vlan0 -promisc", "vlan0 promisc", "vlan0 -vlandev"] {
      #expect(lab.run(command) == nil)
    }
    let flags = try lab.kernel.interface(vnet: .zero, named: "em0").flags
    #expect(!flags.contains(.IFF_PROMISC))
    #expect(
      lab.kernel.machine.messages == [
        "vlan0: permanently promiscuous mode enabled", "em0: promiscuous mode enabled",
        "vlan0: permanently promiscuous mode disabled", "em0: promiscuous mode disabled",
        "vlan0: permanently promiscuous mode enabled", "em0: promiscuous mode enabled",
        "em0: promiscuous mode disabled",
      ])
  }

  @Test func leavesToItsCardWhatThatCanDoForVLANs() throws {
    var lab = VLANTests.lab
    let card = try lab.index("em0")
    var enabled = lab.kernel[.zero].interfaces[card].enabledCapabilities
    enabled.remove(.IFCAP_VLAN_HWTAGGING)
    try lab.kernel.setCapabilities(vnet: .zero, interface: card, enabled)
    let vlan = try lab.kernel.interface(vnet: .zero, named: "vlan0").interface
    #expect(vlan.enabledCapabilities.isEmpty && vlan.capabilities == .IFCAP_HWCSUM)
  }

  /// A tagged ARP request for 10.5.0.1.
  private static func request(tag: UInt16) -> [UInt8] {
    let frame = arpFrame(.request, from: mac(5), "10.5.0.2", for: "10.5.0.1")
    let label: [UInt8] = [0x81, 0, UInt8(tag >> 8), UInt8(tag & 0xff)]
    return frame.prefix(12) + label + frame.dropFirst(12)
  }
}

@Suite("tap") struct TapTests {
  @Test func nobodyTakesWhatItSends() throws {
    var lab = InterfaceLab(["lo0 127.0.0.1/8", "tap3 create"])
    // The ticks of the clock, lowest byte first: it is one second past boot.
    let fresh = try lab.state("tap3")
    #expect(fresh == "8802 1500 00:bd:e8:03:00:03")
    #expect(lab.run("tap3 up") == nil)
    let up = try lab.state("tap3")
    #expect(up.hasPrefix("8803 "))
    for command in ["tap3 10.3.0.1/24", "arp 10.3.0.2 02:aa:00:00:00:05"] {
      #expect(lab.run(command) == nil)
    }
    let running = try lab.state("tap3")
    #expect(running.hasPrefix("8843 "))
    lab.forget()
    #expect(lab.send(to: "10.3.0.2") == nil)
    #expect(lab.ends == ["DROPPED tap.closed"])
    let errors = try lab.counter(.oerrors, of: "tap3")
    // One for the empty queue as the address was set; two for each frame, of which one announced it.
    #expect(errors == 5)
    #expect(lab.run("tap3 mtu 9000") == nil)
  }
}
