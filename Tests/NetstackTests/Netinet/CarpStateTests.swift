// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Netstack
import Testing
import Wire

/// How virtual hosts become masters and cease to be (netinet/ip_carp.c).
@Suite("carp states") struct CarpStateTests {
  private let advertisement = "em0 00:00:5e:00:01:01 1/100"
  private let announcement = "em0 02:00:00:00:00:00 10.0.0.100 is 00:00:5e:00:01:01"
  private let route = "10.0.0.100 link#carp0 UH carp0"

  /// A backup waits 3 * advbase + advskew / 256 seconds, in whole ticks and one more.
  @Test func aBackupBecomesTheMasterWhenNobodyIsHeard() throws {
    var lab = InterfaceLab.host()
    #expect(try lab.carp() == "BACKUP 49")
    #expect(try lab.routes().contains(route) == false)
    lab.tick(3391)
    #expect(try lab.carp() == "BACKUP 49")
    #expect(try lab.carpFrames() == [])
    lab.tick(1)
    #expect(try lab.carp() == "MASTER 49")
    #expect(try lab.carpFrames() == [advertisement, announcement])
    #expect(try lab.routes().contains(route))
    #expect(lab.kernel.machine.messages == ["carp0: link state changed to UP"])
    #expect(try lab.counter(.opackets, of: "carp0") == 1)
    #expect(try lab.counter(.obytes, of: "carp0") == 56)
  }

  /// ... and advertises every advbase + advskew / 256 seconds.
  @Test func aMasterAdvertises() throws {
    var lab = InterfaceLab.host()
    lab.tick(3392)
    lab.forget()
    lab.tick(1391)
    #expect(try lab.carpFrames() == [])
    lab.tick(1)
    #expect(try lab.carpFrames() == [advertisement])
    lab.tick(1392 * 5)
    #expect(try lab.carpFrames().count == 6)
    #expect(lab.carpCounters == ["opackets 7"])
  }

  /// The packet: low delay, not to be fragmented, TTL 255, from the parent's address.
  @Test func advertisesAsTheProtocolSays() throws {
    var lab = InterfaceLab.host()
    lab.tick(3392)
    let frame = try #require(lab.sentFrames.first { $0.count == 70 })
    #expect(frame.prefix(6) == [0x01, 0, 0x5e, 0, 0, 0x12])
    let packet = Array(frame.dropFirst(EthernetHeader.size))
    guard let header = IPv4Header(packet.span.bytes),
      let carp = CARPHeader(packet.span.bytes, at: 20)
    else {
      Issue.record("the packet is short")
      return
    }
    #expect(header.tos == 0x10 && header.dontFragment && header.ttl == 255)
    #expect(header.source == ip("10.0.0.1") && header.destination == ip("224.0.0.18"))
    #expect(packet[20] == 0x21 && packet[23] == 7 && packet[24] == 0)
    let expected = TestAdvertisement(skew: 100, counter: carp.counter).frame.suffix(36)
    #expect(Array(packet.suffix(36)) == Array(expected))
  }

  @Test func withPreemptItBeginsAsTheMaster() throws {
    var lab = InterfaceLab.carp("sysctl carp.preempt 1", "carp0 vhid 1", "carp0 pass x")
    #expect(lab.run("carp0 10.0.0.100/24") == nil)
    #expect(try lab.carp() == "MASTER 49")
    #expect(try lab.carpFrames() == ["em0 00:00:5e:00:01:01 1/0", announcement])
    #expect(
      lab.kernel.machine.messages == [
        "em0: promiscuous mode enabled", "carp0: INIT -> MASTER (preempting)",
        "carp0: link state changed to UP",
      ])
  }

  @Test func withoutPreemptItBeginsAsABackup() throws {
    var lab = InterfaceLab.carp("carp0 vhid 1")
    #expect(lab.run("carp0 10.0.0.100/24") == nil)
    #expect(
      lab.kernel.machine.messages == [
        "em0: promiscuous mode enabled", "carp0: INIT -> BACKUP",
        "carp0: link state changed to DOWN",
      ])
  }

  /// A second address begins it anew; the two changes of the link are told as one.
  @Test func anotherAddressBeginsAnew() throws {
    var lab = InterfaceLab.master("carp0 10.0.0.101/24")
    #expect(try lab.carp() == "BACKUP 49")
    lab = InterfaceLab.master()
    #expect(lab.run("carp0 10.0.0.101/24") == nil)
    #expect(
      lab.kernel.machine.messages == [
        "carp0: INIT -> BACKUP", "carp0: 2 link states coalesced",
        "carp0: link state changed to DOWN",
      ])
    #expect(try lab.routes().contains(route) == false)
  }

  @Test func aMasterThatGoesDownSaysFarewell() throws {
    var lab = InterfaceLab.master()
    #expect(lab.run("carp0 down") == nil)
    #expect(try lab.carp() == "INIT 8")
    #expect(try lab.carpFrames() == ["em0 00:00:5e:00:01:01 255/255"])
    #expect(try lab.routes().contains(route) == false)
    lab.forget()
    lab.tick(60_000)
    #expect(try lab.carpFrames() == [])
    #expect(lab.run("carp0 up") == nil)
    #expect(try lab.carp() == "BACKUP 49")
    lab.tick(3392)
    #expect(try lab.carp() == "MASTER 49")
  }

  /// Three ways in which a parent fails; a master of another parent advertises 240 at once.
  @Test(arguments: [["em0 link down"], ["em0 down"], ["em0 link down", "em0 down"]])
  func aParentThatFailsSuppressesPreemption(_ commands: [String]) throws {
    var lab = InterfaceLab.master("carp1 create", "carp1 vhid 2", "carp1 10.0.1.100/24")
    lab.tick(3100)
    #expect(try lab.carp("carp1") == "MASTER 49")
    lab.forget()
    for command in commands { #expect(lab.run(command) == nil) }
    #expect(try lab.carp() == "INIT 8")
    #expect(try lab.carpFrames() == ["em1 00:00:5e:00:01:02 1/240"])
    #expect(lab.suppression == 1)
    #expect(lab.run("em0 up") == nil)
    #expect(lab.run("em0 link up") == nil)
    #expect(lab.suppression == 0)
    // What went down twice has lost IFF_UP in what was saved.
    #expect(try lab.carp() == (commands.count == 1 ? "BACKUP 49" : "INIT 8"))
    #expect(try lab.routes().contains(route) == false)
  }

  @Test func theConsoleTellsOfTheParentFirst() throws {
    var lab = InterfaceLab.master()
    #expect(lab.run("em0 link down") == nil)
    #expect(lab.run("em0 link up") == nil)
    #expect(
      lab.kernel.machine.messages == [
        "em0: link state changed to DOWN", "carp0: link state changed to DOWN",
        "carp0: INIT -> BACKUP", "em0: link state changed to UP",
        "carp0: link state changed to DOWN",
      ])
  }

  /// Three advertisements that the parent cannot send suppress preemption, three that it can end that.
  @Test func errorsOfSendingSuppressPreemption() throws {
    var lab = InterfaceLab.master("carp1 create", "carp1 vhid 2", "carp1 10.0.1.100/24")
    lab.tick(3100)
    let card = try lab.index("em0")
    lab.kernel.vnets[0].interfaces[card].flags.remove(.IFF_DRV_RUNNING)
    lab.tick(1392 * 2)
    #expect(lab.suppression == 0)
    lab.forget()
    lab.tick(1392)
    #expect(lab.suppression == 1)
    #expect(try lab.carpFrames().contains("em1 00:00:5e:00:01:02 1/240"))
    // All masters were told to advertise, this one too.
    #expect(try lab.counter(.oerrors, of: "carp0") == 4)
    lab.kernel.vnets[0].interfaces[card].flags.insert(.IFF_DRV_RUNNING)
    lab.forget()
    // At the suppressed skew they come every 1939 ms.
    lab.tick(1939 * 2)
    #expect(lab.suppression == 1)
    lab.tick(1939)
    #expect(lab.suppression == 0)
  }

  /// An advertisement that comes in may be why; the masters of other stacks are told all the same.
  @Test func otherStacksHearOfSuppression() throws {
    var lab = InterfaceLab.host("sysctl carp.preempt 1")
    let second = lab.kernel.createVnet()
    let card = try lab.kernel.moveInterface(
      InterfacePlace(.zero, try lab.index("em1")), to: second)
    try lab.kernel.createInterface(vnet: second, named: "carp1")
    let carp = try lab.kernel.interface(vnet: second, named: "carp1").index
    var settings = try lab.kernel.carpSettings(vnet: second, interface: carp)
    settings.vhid = 2
    try lab.kernel.setCarp(vnet: second, interface: carp, settings)
    for (interface, last) in [(card, UInt8(1)), (carp, 100)] {
      try lab.kernel.addAddress(
        vnet: second, interface: interface,
        AddressRequest(IPv4Address(10, 0, 1, last), mask: IPv4Prefix.mask(length: 24)))
    }
    lab.tick(4000)
    #expect(lab.kernel[second].interfaces[carp].linkState == .up)
    lab.kernel.vnets[0].interfaces[try lab.index("em0")].queueLimit = 0
    let before = lab.kernel[second].interfaces[carp].statistics[.opackets]
    for _ in 0..<3 {
      try lab.hear(TestAdvertisement(skew: 0))
      #expect(lab.suppression == 0)
      try lab.hear(TestAdvertisement(skew: 200))
    }
    #expect(lab.suppression == 1)
    #expect(lab.kernel[second].interfaces[carp].statistics[.opackets] == before + 1)
  }

  /// Without memory for an advertisement the next is tried.
  @Test func memoryRunsOut() throws {
    var lab = InterfaceLab.master("sysctl fail_point 1")
    lab.tick(800)
    #expect(try lab.carpFrames() == [])
    #expect(lab.ends == ["DROPPED carp.nomem"])
    #expect(try lab.counter(.oerrors, of: "carp0") == 1)
    #expect(lab.kernel.machine.carp.statistics[.onomem] == 1)
    lab.tick(1392)
    #expect(try lab.carpFrames() == [advertisement])
  }

  @Test func theAdministratorMayChooseTheState() throws {
    var lab = InterfaceLab.host()
    let carp = try lab.index("carp0")
    var settings = try lab.kernel.carpSettings(vnet: .zero, interface: carp)
    settings.state = .master
    try lab.kernel.setCarp(vnet: .zero, interface: carp, settings, tracer: &lab.recorder)
    #expect(try lab.carp() == "MASTER 49")
    settings.state = .backup
    try lab.kernel.setCarp(vnet: .zero, interface: carp, settings, tracer: &lab.recorder)
    #expect(try lab.carp() == "BACKUP 49")
    #expect(try lab.routes().contains(route) == false)
  }

  /// Three times the seconds are an `int`, which wraps, as seconds below 0 are taken beside a skew.
  @Test(
    arguments: [(-1_000_000_000, "BACKUP 49"), (-2_000_000_000, "MASTER 49")] as [(Int32, String)])
  func secondsBelowNoneWrap(_ base: Int32, _ state: String) throws {
    var lab = InterfaceLab.host()
    let carp = try lab.index("carp0")
    var settings = try lab.kernel.carpSettings(vnet: .zero, interface: carp)
    settings.base = base
    try lab.kernel.setCarp(vnet: .zero, interface: carp, settings, tracer: &lab.recorder)
    lab.tick(2)
    #expect(try lab.carp() == state)
  }

  /// A clone goes on as the original does, and shares nothing with it.
  @Test func clonesGoOnAlike() throws {
    var lab = InterfaceLab.host()
    var copy = lab.kernel.clone()
    lab.tick(10_000)
    var recorder = Recorder()
    copy.advance(to: lab.kernel.machine.now, &recorder)
    #expect(recorder.bytes == lab.recorder.bytes)
    #expect(copy.machine.carp.statistics[.opackets] == 5)
  }
}
