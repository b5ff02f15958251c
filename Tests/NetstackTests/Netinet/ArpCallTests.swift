// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

@Suite("arp(8)'s calls") struct ArpCallTests {
  @Test func deletedEntriesStayHidden() {
    var lab = InterfaceLab.base
    #expect(lab.run("arp 10.0.0.2 02:aa:00:00:00:01") == nil)
    #expect(lab.run("arp -d 10.0.0.2") == nil)
    #expect(lab.run("arp -d 10.0.0.2") == .EINVAL)
    #expect(lab.run("arp -d 10.0.0.1") == nil)
    let (all, shown) = (lab.arpLines, lab.kernel.arpEntries(vnet: .zero).map(\.entry.address))
    #expect(Array(all.prefix(2)) == ["em0 10.0.0.2 - 1", "em0 10.0.0.1 02:00:00:00:00:00 e"])
    #expect(shown == [ip("10.0.2.1"), ip("10.0.1.1"), ip("10.0.0.1")])
  }

  @Test(
    arguments: [
      ("10.9.9.9", true, ArpFault.noRoute), ("10.0.0.1", true, .hasOwnRoute),
      ("127.0.0.1", true, .hasOwnRoute), ("192.168.9.9", true, .isNotLocal),
      ("192.168.9.9", false, .isNotLocal), ("127.0.0.1", false, .isNotLocal),
      ("10.0.0.1", false, nil), ("10.0.0.9", true, nil),
    ] as [(String, Bool, ArpFault?)])
  func theRouteSaysWhere(_ host: String, _ isSetting: Bool, _ fault: ArpFault?) throws {
    var lab = InterfaceLab.base
    #expect(lab.run("route 192.168.9.0/24 10.0.0.77") == nil)
    do throws(ArpFault) {
      let found = try lab.kernel.arpInterface(
        vnet: .zero, fib: .zero, for: ip(host), isSetting: isSetting)
      let card = try? lab.index("em0")
      #expect(fault == nil && found == card)
    } catch {
      #expect(error == fault)
    }
  }

  @Test func publishingAnnounces() {
    var lab = InterfaceLab.base
    #expect(lab.run("arp 10.0.0.9 02:99:00:00:00:09 pub") == nil)
    #expect(lab.run("arp 10.0.0.9 02:99:00:00:00:09 pub only") == .EINVAL)
    let (frames, messages) = (lab.frames, lab.kernel.machine.messages)
    #expect(frames == ["em0 who-has 10.0.0.9 tell 10.0.0.9"])
    #expect(messages == ["lla_rt_output: RTM_ADD publish (proxy only) is invalid"])
  }

  @Test func aPermanentEntryKeepsItsOldTimer() throws {
    var lab = InterfaceLab.base
    try lab.receive(.request, from: mac(1), "10.0.0.2", for: "10.0.0.1")
    #expect(lab.run("arp 10.0.0.2 02:aa:00:00:00:01") == nil)
    lab.tick(1_200_000)
    let entries = lab.arpLines
    #expect(!entries.contains { $0.contains("10.0.0.2 ") })
  }

  @Test func aTemporaryEntryIsNotRemovedButAsksAgain() {
    var lab = InterfaceLab.base
    #expect(lab.run("arp 10.0.0.2 02:aa:00:00:00:01 temp") == nil)
    lab.tick(1_200_000)
    lab.forget()
    let error = lab.send(to: "10.0.0.2")
    let (frames, entries) = (lab.frames, lab.arpLines)
    #expect(error == nil)
    #expect(frames == ["em0 who-has 10.0.0.2 tell 10.0.0.1"])
    #expect(entries.contains("em0 10.0.0.2 02:aa:00:00:00:01 2008"))
  }

  @Test func listsInTheOrderOfBuckets() {
    var lab = InterfaceLab(["em0 10.0.0.1/16"])
    // The bytes' exclusive or, five bits: 9, 8, 8 again, and 40 which is 8 too.
    for host in ["10.0.0.3", "10.0.0.2", "10.0.1.3", "10.0.0.34"] {
      #expect(lab.run("arp \(host) 02:aa:00:00:00:01") == nil)
    }
    let order = lab.kernel.arpEntries(vnet: .zero).map { "\($0.entry.address)" }
    #expect(order == ["10.0.0.34", "10.0.1.3", "10.0.0.2", "10.0.0.3", "10.0.0.1"])
  }

  @Test func manyEntriesAreAllFound() {
    var lab = InterfaceLab(["em0 10.0.0.1/8"])
    for number in 0..<1000 {
      let host = "10.1.\(number / 250).\(number % 250)"
      #expect(lab.run("arp \(host) 02:aa:00:00:00:01") == nil)
    }
    for number in stride(from: 0, to: 1000, by: 3) {
      #expect(lab.run("arp -d 10.1.\(number / 250).\(number % 250)") == nil)
    }
    #expect(lab.kernel.arpEntries(vnet: .zero).count == 1000 - 334 + 1)
    let errors = (lab.run("arp -d 10.1.0.0"), lab.run("arp -d 10.1.0.1"))
    #expect(errors == (.EINVAL, nil))
  }
}
