// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

@Suite("ARP resolution") struct ArpResolveTests {
  private static let request = "em0 who-has 10.0.0.77 tell 10.0.0.1"

  @Test func sixPacketsAtOnceToAnAbsentNeighbour() {
    var lab = InterfaceLab.base
    let errors = (1...6).map { lab.send(to: "10.0.0.77", id: UInt16($0)) }
    #expect(errors == [nil, nil, nil, nil, nil, .EHOSTDOWN])
    let (frames, ends, entries) = (lab.frames, lab.ends, lab.arpLines)
    #expect(frames == Array(repeating: Self.request, count: 6))
    let again = ["DROPPED arp.replaced", "HELD arp.hold", "SENT arp.sent"]
    #expect(Array(ends.prefix(2)) == ["HELD arp.hold", "SENT arp.sent"])
    #expect(Array(ends.dropFirst(2).prefix(12)) == again + again + again + again)
    #expect(Array(ends.dropFirst(14).prefix(3)) == again)
    #expect(entries.contains("em0 10.0.0.77 - 2000"))
    let entry = lab.kernel.arpEntries(vnet: .zero).first { $0.entry.address == ip("10.0.0.77") }
    #expect(entry?.entry.asked == 6)
    #expect(entry?.secondsLeft == 20)
    let tally = lab.kernel.machine.tally
    #expect(tally.entered == tally.ended)
    #expect(tally.held == 1)
    #expect(lab.kernel.machine.store.buffersInUse == 1)
  }

  @Test func aDeadGatewayIsUnreachable() {
    var lab = InterfaceLab.base
    #expect(lab.run("route 192.168.9.0/24 10.0.0.77") == nil)
    let errors = (1...6).map { lab.send(to: "192.168.9.9", id: UInt16($0)) }
    #expect(errors == [nil, nil, nil, nil, nil, .EHOSTUNREACH])
  }

  @Test func oneASecondFailsFromTheSixth() {
    var lab = InterfaceLab.base
    var errors: [Errno?] = []
    for id in 1...8 {
      errors.append(lab.send(to: "10.0.0.77", id: UInt16(id)))
      lab.tick(1000)
    }
    #expect(errors == [nil, nil, nil, nil, nil, .EHOSTDOWN, .EHOSTDOWN, .EHOSTDOWN])
    let frames = lab.frames
    #expect(frames.count == 8)
    lab.forget()
    lab.tick(18_999)
    let before = lab.ends
    lab.tick(1)
    let (after, entries) = (lab.ends, lab.arpLines)
    #expect(before.isEmpty)
    #expect(after == ["DROPPED arp.timeout"])
    #expect(!entries.contains { $0.contains("10.0.0.77") })
    #expect(lab.kernel.machine.tally.held == 0)
    #expect(lab.kernel.machine.store.buffersInUse == 0)
    // The sequence starts anew.
    let error = lab.send(to: "10.0.0.77")
    #expect(error == nil)
  }

  @Test func theReplyReleasesTheLastPacket() throws {
    var lab = InterfaceLab.base
    for id in 1...3 { _ = lab.send(to: "10.0.0.2", id: UInt16(id)) }
    lab.forget()
    try lab.receive(.reply, from: mac(1), "10.0.0.2", for: "10.0.0.1")
    let (frames, ends) = (lab.frames, lab.ends)
    #expect(frames == ["em0 ip 3 to 02:aa:00:00:00:01"])
    #expect(ends == ["SENT if.tx", "CONSUMED arp.learned"])
    let tally = lab.kernel.machine.tally
    #expect(tally.held == 0)
    #expect(tally.entered == tally.ended)
    // Known from now on, for 1200 seconds.
    let error = lab.send(to: "10.0.0.2", id: 4)
    #expect(error == nil)
    lab.tick(1_199_999)
    let entries = lab.arpLines
    #expect(entries.contains("em0 10.0.0.2 02:aa:00:00:00:01 2008"))
    lab.tick(1)
    let later = lab.arpLines
    #expect(!later.contains { $0.contains("10.0.0.2 ") })
  }

  @Test func theOldestOfTheKeptIsCountedOnceWhenItFails() throws {
    var lab = InterfaceLab.base
    for id in 1...6 { _ = lab.send(to: "10.0.0.2", id: UInt16(id)) }
    lab.forget()
    try lab.receive(.reply, from: mac(1), "10.0.0.2", for: "10.0.0.1")
    let (frames, tally) = (lab.frames, lab.kernel.machine.tally)
    #expect(frames == ["em0 ip 6 to 02:aa:00:00:00:01"])
    #expect(tally.held == 0)
    #expect(tally.entered == tally.ended)
  }

  @Test func useNearTheEndAsksAgain() throws {
    var lab = InterfaceLab.base
    try lab.receive(.request, from: mac(1), "10.0.0.2", for: "10.0.0.1")
    lab.tick(1_195_000)
    lab.forget()
    _ = lab.send(to: "10.0.0.2")
    let early = lab.frames
    lab.tick(1000)
    _ = lab.send(to: "10.0.0.2")
    _ = lab.send(to: "10.0.0.2")
    let late = lab.frames
    let packet = "em0 ip 1 to 02:aa:00:00:00:01"
    #expect(early == [packet])
    #expect(late == [packet, "em0 who-has 10.0.0.2 tell 10.0.0.1", packet, packet])
  }

  @Test(arguments: [
    ("a next hop that FIB 0 has behind a gateway", ["route 192.168.9.0/24 10.0.0.77"]),
    (
      "a next hop that FIB 0 has on another card",
      ["em1 10.5.0.1/16", "route 10.5.0.0/24 10.0.0.2"]
    ),
  ]) func refusesNextHopsThatFib0DoesNotHaveThere(_ name: String, _ setup: [String]) throws {
    var lab = InterfaceLab.base
    for command in setup { #expect(lab.run(command) == nil, "\(name)") }
    let interface = try lab.index("em0")
    var message = RouteMessage(
      destination: ip("172.16.0.0"), mask: IPv4Prefix.mask(length: 16),
      gateway: .link(interface))
    message.flags = [.RTF_UP, .RTF_STATIC]
    try lab.kernel.routeAdd(vnet: .zero, fib: FibNumber(rawValue: 1), message)
    lab.forget()
    let error = lab.send(to: "172.16.1.1", fib: 1)
    let (ends, messages) = (lab.ends, lab.kernel.machine.messages)
    #expect(error == .EINVAL)
    #expect(ends.count == 1)
    #expect(messages == ["arpresolve: can't allocate llinfo for 172.16.1.1"])
  }

  @Test(arguments: ["-arp", "staticarp"]) func aCardThatAsksNobodySaysInvalid(_ word: String) {
    var lab = InterfaceLab.base
    #expect(lab.run("em0 \(word)") == nil)
    let (error, messages) = (lab.send(to: "10.0.0.2"), lab.kernel.machine.messages)
    #expect(error == .EINVAL)
    #expect(messages.isEmpty)
  }

  @Test func theSenderIsTheAddressOfTheTargetsNetwork() {
    var lab = InterfaceLab(["em0 10.0.0.1/24", "em0 10.7.0.1/24", "em0 10.8.0.1/24"])
    _ = lab.send(to: "10.7.0.9")
    let frames = lab.frames
    #expect(frames == ["em0 who-has 10.7.0.9 tell 10.7.0.1"])
  }

  @Test func aCloneKeepsItsOwnHeldPacket() {
    var lab = InterfaceLab.base
    _ = lab.send(to: "10.0.0.77")
    var copy = lab.kernel.clone()
    copy.advance(to: copy.machine.now.advanced(seconds: 30))
    #expect(copy.machine.tally.held == 0)
    #expect(lab.kernel.machine.tally.held == 1)
    #expect(lab.kernel.arpEntries(vnet: .zero).contains { $0.entry.held != nil })
  }
}
