// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

/// What an administrator sets, and what other parts of the stack ask of CARP.
@Suite("carp interfaces") struct CarpControlTests {
  /// A command that is refused, and what is there afterwards.
  struct Refusal: CustomTestStringConvertible {
    let testDescription: String
    var setup: [String] = []
    let command: String
    let errno: Errno
    var state = "INIT 8"
  }

  @Test(arguments: [
    Refusal(
      testDescription: "no network has the address", command: "carp0 10.9.0.1/24",
      errno: .EADDRNOTAVAIL, state: "INIT 9"),
    Refusal(
      testDescription: "another network than its first address's",
      setup: ["carp0 vhid 1", "carp0 10.0.0.100/24"], command: "carp0 10.0.1.100/24",
      errno: .EADDRNOTAVAIL, state: "BACKUP 49"),
    Refusal(
      testDescription: "a second host without number on a card",
      setup: ["carp1 create", "carp1 10.0.0.99/24"], command: "carp0 10.0.0.100/24",
      errno: .EEXIST, state: "INIT 9"),
    Refusal(
      testDescription: "a number that the card has",
      setup: ["carp1 create", "carp1 vhid 1", "carp1 10.0.0.99/24", "carp0 vhid 1"],
      command: "carp0 10.0.0.100/24", errno: .EEXIST, state: "INIT 9"),
    Refusal(
      testDescription: "a number that the card has, asked for later",
      setup: [
        "carp1 create", "carp1 vhid 1", "carp1 10.0.0.99/24", "carp0 vhid 2",
        "carp0 10.0.0.100/24",
      ], command: "carp0 vhid 1", errno: .EEXIST, state: "BACKUP 49"),
    Refusal(testDescription: "a number above 255", command: "carp0 vhid 256", errno: .EINVAL),
    Refusal(testDescription: "a skew of 255", command: "carp0 advskew 255", errno: .EINVAL),
    Refusal(testDescription: "a base of 256", command: "carp0 advbase 256", errno: .EINVAL),
    Refusal(
      testDescription: "neither number nor interval", command: "carp0 advbase 0", errno: .EINVAL),
    Refusal(testDescription: "another MTU", command: "carp0 mtu 1400", errno: .EINVAL),
    Refusal(testDescription: "a card", command: "em0 vhid 1", errno: .EINVAL),
  ]) func refuses(_ refusal: Refusal) throws {
    var lab = InterfaceLab.carp()
    for command in refusal.setup { #expect(lab.run(command) == nil, "\(command)") }
    #expect(lab.run(refusal.command) == refusal.errno)
    #expect(try lab.carp() == refusal.state)
    let count = refusal.state.hasPrefix("BACKUP") ? 1 : 0
    #expect(try lab.addresses("carp0").count == count)
  }

  /// 8.0 keeps where the group was joined when a number is taken: only that card will do then.
  @Test func aRefusedNumberTiesToTheCard() throws {
    var lab = InterfaceLab.carp("carp1 create", "carp1 vhid 1", "carp1 10.0.0.99/24")
    #expect(lab.run("carp0 vhid 1") == nil)
    #expect(lab.run("carp0 10.0.0.100/24") == .EEXIST)
    #expect(lab.run("carp0 10.0.1.100/24") == .EADDRNOTAVAIL)
    #expect(lab.run("carp0 vhid 2") == nil)
    #expect(lab.run("carp0 10.0.0.100/24") == nil)
  }

  @Test func theFirstOnACardMakesItPromiscuousAndTheLastEndsThat() throws {
    var lab = InterfaceLab.carp("carp0 vhid 1", "carp0 10.0.0.100/24", "carp1 create")
    #expect(lab.run("carp1 vhid 2") == nil)
    #expect(lab.run("carp1 10.0.0.101/24") == nil)
    let card = try lab.index("em0")
    let group = IPv4Address(224, 0, 0, 18)
    let joined = lab.kernel[.zero].isMember(of: group, on: card)
    #expect(joined)
    #expect(lab.run("carp0 destroy") == nil)
    #expect(try lab.state("em0").hasPrefix("8943 "))
    #expect(lab.run("carp1 destroy") == nil)
    #expect(try lab.state("em0").hasPrefix("8843 "))
    let isJoined = lab.kernel[.zero].isMember(of: group, on: card)
    #expect(!isJoined)
    #expect(
      lab.kernel.machine.messages.suffix(2) == [
        "em0: promiscuous mode disabled", "carp1: link state changed to DOWN",
      ])
    #expect(lab.kernel.machine.timers.count <= 1)
  }

  @Test func aMasterThatIsDestroyedLeavesNoRoute() throws {
    var lab = InterfaceLab.master("carp0 destroy")
    #expect(try lab.routes().allSatisfy { !$0.contains("carp0") })
    #expect(try lab.carpFrames() == [])
    lab.tick(60_000)
    #expect(try lab.carpFrames() == [])
  }

  /// A new name is a departure: the hosts begin anew when their addresses are set again.
  @Test func aParentThatIsRenamedLosesItsHosts() throws {
    var lab = InterfaceLab.master()
    #expect(lab.run("em0 name outside") == nil)
    #expect(try lab.carp() == "INIT 8")
    #expect(lab.kernel.machine.messages.contains("carp0: link state changed to DOWN"))
    #expect(lab.run("carp0 10.0.0.100/24") == nil)
    #expect(try lab.carp() == "BACKUP 49")
  }

  /// ... one that is gone takes the place of any other for good.
  @Test func aParentThatIsGoneIsRemembered() throws {
    var lab = InterfaceLab.carp("em3 create", "em3 10.0.3.1/24", "carp0 vhid 1")
    #expect(lab.run("carp0 10.0.3.100/24") == nil)
    #expect(lab.run("em3 destroy") == nil)
    #expect(try lab.carp() == "INIT 8")
    #expect(lab.suppression == 0)
    #expect(lab.run("carp0 10.0.0.100/24") == .EADDRNOTAVAIL)
    #expect(lab.run("carp0 destroy") == nil)
  }

  /// 8.0 never tells the driver that an address is gone, and hashes without it at the next ioctl.
  @Test func aDeletedAddressCountsOn() throws {
    var lab = InterfaceLab.host("carp0 -10.0.0.100")
    #expect(try lab.carp() == "BACKUP 49")
    try lab.hear(TestAdvertisement())
    #expect(lab.ends == ["DELIVERED dlv.carp"])
    #expect(lab.run("carp0 pass x") == nil)
    lab.forget()
    try lab.hear(TestAdvertisement())
    #expect(lab.ends == ["DROPPED carp.badauth"])
    try lab.hear(TestAdvertisement(addresses: []))
    #expect(lab.ends.last == "DELIVERED dlv.carp")
  }

  /// The addresses are hashed by size, each once.
  @Test func theOrderOfAddressesDoesNotMatter() throws {
    var lab = InterfaceLab.host("carp0 10.0.0.9/24", "carp0 10.0.0.101/24")
    try lab.hear(TestAdvertisement(addresses: ["10.0.0.9", "10.0.0.100", "10.0.0.101"]))
    #expect(lab.ends == ["DELIVERED dlv.carp"])
  }

  /// A host whose shared address is one of its cards' has skew 0.
  @Test func theOwnerOfTheAddressHasNoSkew() throws {
    var lab = InterfaceLab.carp("carp0 vhid 1", "carp0 advskew 100", "carp0 10.0.0.1/24")
    #expect(try lab.kernel.interface(vnet: .zero, named: "carp0").carp?.skew == 0)
    lab.tick(3001)
    #expect(try lab.carp() == "MASTER 49")
  }

  @Test(arguments: [false, true]) func answersRequestsAsTheMaster(_ isMaster: Bool) throws {
    var lab = isMaster ? InterfaceLab.master() : InterfaceLab.host()
    try lab.receive(.request, from: mac(2), "10.0.0.2", for: "10.0.0.100")
    let answer = "em0 10.0.0.100 is-at 00:00:5e:00:01:01 to 02:aa:00:00:00:02"
    #expect(lab.frames == (isMaster ? [answer] : []))
    let frame = lab.sentFrames.first ?? []
    #expect(Array(frame.dropFirst(6).prefix(6)) == (isMaster ? [2, 0, 0, 0, 0, 0] : []))
    // Only one that answers keeps who asked.
    #expect(lab.arpLines.contains { $0.contains("10.0.0.2 ") } == isMaster)
  }

  /// With `net.inet.carp.arpbalance` the asker's address chooses between two hosts with one address.
  @Test(arguments: [("10.0.0.2", "00:00:5e:00:01:01"), ("10.0.0.3", "00:00:5e:00:01:02")])
  func balancesAnswers(_ asker: String, _ expected: String) throws {
    var lab = InterfaceLab.carp(
      "sysctl carp.arpbalance 1", "carp0 vhid 1", "carp0 10.0.0.100/24", "carp1 create",
      "carp1 vhid 2", "carp1 10.0.0.100/24")
    lab.tick(3100)
    lab.forget()
    try lab.receive(.request, from: mac(2), asker, for: "10.0.0.100")
    #expect(lab.frames == ["em0 10.0.0.100 is-at \(expected) to 02:aa:00:00:00:02"])
    // The host of the others is another machine: nobody answers for it here.
    #expect(lab.run("carp1 advskew 200") == nil)
    try lab.hear(TestAdvertisement(vhid: 2, key: "", addresses: ["10.0.0.100"]))
    lab.forget()
    try lab.receive(.request, from: mac(2), asker, for: "10.0.0.100")
    #expect(lab.frames.count == (expected.hasSuffix("01") ? 1 : 0))
  }

  /// A frame for the virtual router is taken by the master alone.
  @Test(arguments: [
    (true, UInt8(1), "DROPPED udp.noport"), (false, 1, "DROPPED eth.promisc"),
    (true, 2, "DROPPED eth.promisc"),
  ]) func takesFramesForTheVirtualRouter(_ isMaster: Bool, _ vhid: UInt8, _ end: String) throws {
    var lab = isMaster ? InterfaceLab.master() : InterfaceLab.host()
    let packet = TestPacket(destination: ip("10.0.0.100"))
    try lab.receive([0, 0, 0x5e, 0, 1, vhid, 2, 0xaa, 0, 0, 0, 2, 0x08, 0] + packet.bytes)
    let replied = end.replacing("DROPPED udp", with: "REPLIED udp")
    #expect(lab.ends.contains(end) || lab.ends.contains(replied))
  }

  /// A card with carp on it is not held to `net.inet.ip.check_interface`, and a backup takes what
  /// comes for the shared address all the same.
  @Test func theCheckOfInterfacesLeavesItOut() throws {
    var lab = InterfaceLab.host("sysctl check_interface 1")
    let packet = TestPacket(destination: ip("10.0.0.100"), proto: 99)
    try lab.receive([2, 0, 0, 0, 0, 0, 2, 0xaa, 0, 0, 0, 2, 0x08, 0] + packet.bytes)
    #expect(lab.ends == ["DROPPED raw.noproto"])
    lab.forget()
    try lab.receive(
      [2, 0, 0, 0, 0, 1, 2, 0xaa, 0, 0, 0, 2, 0x08, 0] + packet.bytes, on: "em1")
    #expect(lab.ends == ["DROPPED ip.cantforward"])
  }

  /// An address of carp neither owns nor inherits the route of its network.
  @Test func theNetworkIsTheCardsAlone() throws {
    var lab = InterfaceLab.host("sysctl same_prefix_carp_only 1")
    #expect(lab.run("em2 10.0.0.7/24") == .EEXIST)
    #expect(lab.run("carp0 10.0.0.101/24") == nil)
    #expect(lab.run("em0 -10.0.0.1") == nil)
    #expect(try lab.routes().allSatisfy { !$0.contains("carp0") })
  }
}
