// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

@Suite("Groups of interfaces") struct InterfaceGroupTests {
  @Test func clonesAreInTheirClonersGroup() throws {
    var lab = InterfaceLab(["gif0 create", "lo1 create", "em0.7 create"])
    let groups = try ["em0", "lo1", "gif0", "em0.7"].map {
      try lab.kernel.interface(vnet: .zero, named: $0).groups
    }
    #expect(groups == [["all", "em"], ["all", "lo"], ["all", "gif"], ["all", "vlan"]])
    #expect(lab.kernel.members(vnet: .zero, of: "lo").map { "\($0)" } == ["lo0", "lo1"])
    #expect(lab.run("gif0 destroy") == nil)
    #expect(lab.kernel.members(vnet: .zero, of: "gif").isEmpty)
  }

  @Test(
    arguments: [
      ("em0 group lan", nil), ("em1 group lan", .EEXIST), ("em0 group all", .EEXIST),
      ("em0 group net5", .EINVAL), ("em0 -group lan", .ENOENT), ("em1 -group lan", nil),
      ("em1 -group all", nil), ("em9 group lan", .ENXIO),
    ] as [(String, Errno?)]) func changes(_ command: String, _ error: Errno?)
  {
    var lab = InterfaceLab(["em1 group lan"])
    #expect(lab.run(command) == error)
  }

  @Test func membersComeInTheOrderOfJoining() {
    var lab = InterfaceLab(["em1 group lan", "em0 group lan", "em0 name wan"])
    #expect(lab.kernel.members(vnet: .zero, of: "lan").map { "\($0)" } == ["em1", "wan"])
    #expect(lab.run("wan destroy") == nil)
    #expect(lab.run("em0 create") == nil)
    // Who gets the number of one that went is not in its groups.
    #expect(lab.kernel.members(vnet: .zero, of: "lan").map { "\($0)" } == ["em1"])
  }
}

@Suite("Making interfaces") struct CloningTests {
  @Test func aUnitIsTakenWhateverTheName() {
    var lab = InterfaceLab(["lo1 create", "lo1 name inner"])
    #expect(lab.run("lo1 create") == .EEXIST)
    #expect(lab.run("lo2 create") == nil)
    #expect(lab.run("inner destroy") == nil)
    #expect(lab.run("lo1 create") == nil)
  }

  @Test func everyClonerMakesItsOwn() throws {
    var lab = InterfaceLab()
    for driver in lab.kernel.cloners {
      let name = try lab.kernel.createInterface(vnet: .zero, named: driver.name)
      #expect("\(name)".hasPrefix(driver.name))
      let made = try lab.kernel.interface(vnet: .zero, named: "\(name)").interface.driver
      #expect(made == driver)
    }
    #expect(Set(lab.kernel.cloners) == Set(InterfaceDriver.allCases))
  }
}

@Suite("Media of a card") struct MediaTests {
  private static let full = MediaWord.IFM_FDX

  @Test(
    arguments: [
      (.ethernet(MediaWord.IFM_AUTO), nil, .ethernet(MediaWord.IFM_1000_T, full)),
      (.ethernet(MediaWord.IFM_1000_T), nil, .ethernet(MediaWord.IFM_1000_T, full)),
      (.ethernet(MediaWord.IFM_100_TX, full), nil, .ethernet(MediaWord.IFM_100_TX, full)),
      (
        .ethernet(MediaWord.IFM_100_TX, 1 << 28), nil,
        .ethernet(MediaWord.IFM_100_TX, MediaWord.IFM_HDX)
      ),
      (.ethernet(MediaWord.IFM_AUTO, full), .ENXIO, .ethernet(MediaWord.IFM_1000_T, full)),
      (.ethernet(7), .ENXIO, .ethernet(MediaWord.IFM_1000_T, full)),
      (MediaWord(rawValue: .max), .ENXIO, .ethernet(MediaWord.IFM_1000_T, full)),
    ] as [(MediaWord, Errno?, MediaWord)])
  func choose(_ word: MediaWord, _ error: Errno?, _ active: MediaWord) throws {
    var lab = InterfaceLab()
    let card = try lab.index("em0")
    do throws(Errno) {
      try lab.kernel.setMedia(vnet: .zero, interface: card, word)
      #expect(error == nil)
    } catch let thrown {
      #expect(thrown == error)
    }
    let report = try lab.kernel.media(vnet: .zero, interface: card)
    #expect(report.active == active && report.isActive)
  }

  @Test func withoutACarrierTheTypeIsBare() throws {
    var lab = InterfaceLab()
    let card = try lab.index("em0")
    try lab.kernel.setLinkState(vnet: .zero, interface: card, .down)
    let report = try lab.kernel.media(vnet: .zero, interface: card)
    #expect(report.active == .IFM_ETHER && !report.isActive)
    #expect(report.supported.count == 7)
  }

  @Test func onlyCardsHaveThem() throws {
    var lab = InterfaceLab(["gif0 create", "gre0 create", "tap0 create", "vlan0 create"])
    for name in ["lo0", "gif0", "gre0", "tap0", "vlan0"] {
      let index = try lab.index(name)
      let media = try lab.kernel.interface(vnet: .zero, named: name).media
      #expect(media == nil)
      #expect(throws: Errno.EINVAL) {
        try lab.kernel.setMedia(vnet: .zero, interface: index, .IFM_ETHER)
      }
    }
  }
}

@Suite("Capabilities of a card") struct CapabilityTests {
  @Test(
    arguments: [
      // Receiving and sending are one switch of em(4).
      (0x9a, 0x98), (0x99, 0x98), (0x98, 0x98), (0x9b, 0x9b), (0x19b, 0x19b), (0x8b, 0x8b),
      // What is no switch of em(4) stays.
      (0x93, 0x9b), (0x1b, 0x9b),
    ] as [(UInt32, UInt32)]) func change(_ wanted: UInt32, _ after: UInt32) throws
  {
    var lab = InterfaceLab()
    let card = try lab.index("em0")
    try lab.kernel.setCapabilities(
      vnet: .zero, interface: card, InterfaceCapabilities(rawValue: wanted))
    let enabled = lab.kernel[.zero].interfaces[card].enabledCapabilities.rawValue
    #expect(enabled == after)
  }

  @Test func whatIsNotThereIsRefused() throws {
    var lab = InterfaceLab(["gif0 create"])
    for (name, bits) in [("em0", InterfaceCapabilities.IFCAP_LRO), ("gif0", [])] {
      let index = try lab.index(name)
      #expect(throws: Errno.EINVAL) {
        try lab.kernel.setCapabilities(vnet: .zero, interface: index, bits)
      }
    }
  }

  @Test func loopbackComputesWhatItDoesNotLeaveOut() throws {
    var lab = InterfaceLab()
    let loopback = try lab.index("lo0")
    try lab.kernel.setCapabilities(vnet: .zero, interface: loopback, .IFCAP_RXCSUM)
    let interface = lab.kernel[.zero].interfaces[loopback]
    #expect(interface.enabledCapabilities == .IFCAP_RXCSUM && interface.hardwareAssist.isEmpty)
  }
}
