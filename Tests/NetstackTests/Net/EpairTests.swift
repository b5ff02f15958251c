// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Netstack
import Testing
import Wire

@Suite("if_epair") struct EpairTests {
  /// A pair whose ends are both up, the first with 10.3.0.1, with an entry for 10.3.0.2 behind it.
  private static var lab: InterfaceLab {
    InterfaceLab(
      cards: 0,
      [
        "lo0 create", "lo0 127.0.0.1/8", "epair create", "epair0a 10.3.0.1/24", "epair0b up",
        "arp 10.3.0.2 02:00:00:00:00:99",
      ])
  }

  @Test func addressesHaveTheNumbersOfTheInterfaces() throws {
    let lab = InterfaceLab(cards: 2, ["epair7 create"])
    let a = try lab.kernel.interface(vnet: .zero, named: "epair7a")
    let b = try lab.kernel.interface(vnet: .zero, named: "epair7b")
    // lo0, em0 and em1 come first.
    #expect((a.index.rawValue, b.index.rawValue) == (4, 5))
    #expect(a.hardwareAddress == EthernetAddress(2, 0, 0, 0, 4, 0x0a))
    #expect(b.hardwareAddress == EthernetAddress(2, 0, 0, 0, 5, 0x0b))
    #expect(a.flags == [.IFF_BROADCAST, .IFF_SIMPLEX, .IFF_MULTICAST, .IFF_DRV_RUNNING])
  }
}
