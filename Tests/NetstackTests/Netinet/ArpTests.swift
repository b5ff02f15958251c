// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

@Suite("ARP input") struct ArpInputTests {
  /// What comes in on em0, 10.0.0.1/24, of the machine with three cards.
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    var setup: [String] = []
    var operation = ARPOperation.request
    var hardware = mac(1)
    var sender = "10.0.0.2"
    var target = "10.0.0.1"
    /// The frames that go out.
    var frames: [String] = []
    /// How the packet ended, and then its reply.
    var ends: [String]
    var log: [String] = []
    /// em0's entries but for the own one's.
    var entries: [String] = []
  }

  private static let reply = "em0 10.0.0.1 is-at 02:00:00:00:00:00 to 02:aa:00:00:00:01"
  private static let answered = ["CONSUMED arp.replied", "SENT arp.sent"]
  private static let learned = ["em0 10.0.0.2 02:aa:00:00:00:01 2008"]

  @Test(arguments: [
    Case(
      testDescription: "a request for us is answered, and the asker learned",
      frames: [reply], ends: answered, entries: learned),
    Case(
      testDescription: "a request for another host makes no entry", target: "10.0.0.9",
      ends: ["DROPPED arp.request.notours"]),
    Case(
      testDescription: "a request for another host refreshes an entry",
      setup: ["arp 10.0.0.2 02:aa:00:00:00:07 temp"], target: "10.0.0.9",
      ends: ["DROPPED arp.request.notours"],
      log: ["arp: 10.0.0.2 moved from 02:aa:00:00:00:07 to 02:aa:00:00:00:01 on em0"],
      entries: learned),
    Case(
      testDescription: "an asker from another net is answered, not learned", sender: "10.9.9.9",
      frames: [reply], ends: answered),
    Case(
      testDescription: "a request for another card's address", target: "10.0.1.1",
      ends: ["DROPPED arp.request.notours"]),
    Case(
      testDescription: "a reply that nobody asked for is learned", operation: .reply,
      ends: ["CONSUMED arp.learned"], entries: learned),
    Case(
      testDescription: "a reply to another is not", operation: .reply, target: "10.0.0.3",
      ends: ["DROPPED arp.noreply"]),
    Case(
      testDescription: "a reply that claims our address is dropped", operation: .reply,
      sender: "10.0.0.1", target: "10.0.0.2", ends: ["DROPPED arp.dup"],
      log: ["arp: 02:aa:00:00:00:01 is using my IP address 10.0.0.1 on em0!"]),
    Case(
      testDescription: "a request that claims our address is answered", sender: "10.0.0.1",
      target: "10.0.0.9", frames: [reply], ends: answered,
      log: ["arp: 02:aa:00:00:00:01 is using my IP address 10.0.0.1 on em0!"]),
    Case(
      testDescription: "the broadcast address is nobody's", hardware: .broadcast,
      ends: ["DROPPED arp.bcastmac"],
      log: ["arp: link address is broadcast for IP address 10.0.0.2!"]),
    Case(
      testDescription: "our own packet comes back", hardware: EthernetAddress(2, 0, 0, 0, 0, 0),
      ends: ["DROPPED arp.ours"]),
    Case(
      testDescription: "a probe from 0.0.0.0 is answered, not learned", sender: "0.0.0.0",
      frames: [reply], ends: answered),
    Case(
      testDescription: "a probe is not learned through a default route",
      setup: ["route 0.0.0.0/0 10.0.0.254"], sender: "0.0.0.0", frames: [reply],
      ends: answered),
    Case(
      testDescription: "a permanent entry stays", setup: ["arp 10.0.0.2 02:aa:00:00:00:07"],
      frames: [reply], ends: answered,
      log: [
        "arp: 02:aa:00:00:00:01 attempts to modify permanent entry for 10.0.0.2 on em0"
      ], entries: ["em0 10.0.0.2 02:aa:00:00:00:07 200a"]),
    Case(
      testDescription: "a permanent entry stays, and a reply ends there",
      setup: ["arp 10.0.0.2 02:aa:00:00:00:07"], operation: .reply,
      ends: ["DROPPED arp.permanent"],
      log: [
        "arp: 02:aa:00:00:00:01 attempts to modify permanent entry for 10.0.0.2 on em0"
      ], entries: ["em0 10.0.0.2 02:aa:00:00:00:07 200a"]),
    Case(
      testDescription: "a published entry is answered for",
      setup: ["arp 10.0.0.9 02:99:00:00:00:09 pub"], target: "10.0.0.9",
      frames: ["em0 10.0.0.9 is-at 02:99:00:00:00:09 to 02:aa:00:00:00:01"],
      ends: ["CONSUMED arp.request.proxied", "SENT arp.sent"],
      entries: ["em0 10.0.0.9 02:99:00:00:00:09 202a"]),
    Case(
      testDescription: "a card without ARP takes no frame", setup: ["em0 -arp"],
      ends: ["DROPPED eth.noarp"]),
    Case(
      testDescription: "a card with static ARP answers and does not learn",
      setup: ["em0 staticarp"], frames: [reply], ends: answered),
    Case(
      testDescription: "an operation that nobody knows", operation: .inverseReply,
      ends: ["CONSUMED arp.learned"], entries: learned),
  ]) func arrives(_ test: Case) throws {
    var lab = InterfaceLab.base
    for command in test.setup { #expect(lab.run(command) == nil) }
    lab.forget()
    try lab.receive(test.operation, from: test.hardware, test.sender, for: test.target)
    let entries = lab.arpLines.filter { $0.hasPrefix("em0") && !$0.hasPrefix("em0 10.0.0.1 ") }
    let (frames, ends, messages) = (lab.frames, lab.ends, lab.kernel.machine.messages)
    #expect(frames == test.frames)
    #expect(ends == test.ends)
    #expect(messages == test.log)
    #expect(entries == test.entries)
    let tally = lab.kernel.machine.tally
    #expect(tally.entered == tally.ended)
  }

  @Test func linkLocalAddressesAnswerAllStations() throws {
    var lab = InterfaceLab(["em0 169.254.1.1/16"])
    try lab.receive(.request, from: mac(1), "169.254.1.2", for: "169.254.1.1")
    let frames = lab.frames
    #expect(frames == ["em0 169.254.1.1 is-at 02:00:00:00:00:00"])
  }

  @Test func aCardWithoutAddressAnswersNothing() throws {
    var lab = InterfaceLab(["em0 up"])
    try lab.receive(.request, from: mac(1), "10.0.0.2", for: "10.0.0.1")
    let ends = lab.ends
    #expect(ends == ["DROPPED arp.noaddr"])
  }

  /// proxyall with 192.168.1.0/24 by em1.
  @Test(
    arguments: [
      ("10.0.0.2", "192.168.1.1", "CONSUMED arp.request.proxied", nil),
      ("10.0.0.2", "10.0.0.9", "DROPPED arp.request.notours", nil),
      ("10.0.0.2", "10.0.1.9", "CONSUMED arp.request.proxied", nil),
      ("10.0.0.2", "1.2.3.4", "DROPPED arp.request.notours", nil),
      ("9.9.9.9", "10.0.1.9", "DROPPED arp.request.notours", nil),
      (
        "10.0.2.7", "10.0.1.9", "DROPPED arp.request.wrongif",
        "arp_proxy: ignoring request from 10.0.2.7 via em0, expecting em2"
      ),
    ] as [(String, String, String, String?)])
  func proxyallAnswersForWhatIsElsewhere(
    _ sender: String, _ target: String, _ end: String, _ log: String?
  ) throws {
    var lab = InterfaceLab.base
    #expect(lab.run("route 192.168.1.0/24 10.0.1.254") == nil)
    #expect(lab.run("sysctl proxyall 1") == nil)
    lab.forget()
    try lab.receive(.request, from: mac(1), sender, for: target)
    let (ends, messages) = (lab.ends, lab.kernel.machine.messages)
    #expect(ends.first == end)
    #expect(messages == (log.map { [$0] } ?? []))
  }

  /// Packets that are not what they say, by the bytes behind the Ethernet header.
  @Test(
    arguments: [
      ([0, 1, 8, 0, 6, 4, 0], "DROPPED arp.runt", "arp: runt packet -- m_pullup failed"),
      (
        [0, 2, 8, 0, 6, 4, 0, 1], "DROPPED arp.badhw",
        "arp: unknown hardware address format (0x0002)"
      ),
      ([0, 1, 8, 0, 6, 4, 0, 1], "DROPPED arp.runt.len", "arp: runt packet"),
      ([0, 1, 8, 0, 0, 0, 0, 1], "DROPPED arp.runt.in", "in_arp: runt packet -- m_pullup failed"),
      (
        [0, 1, 8, 0, 255, 255, 0, 1] + [UInt8](repeating: 1, count: 900), "DROPPED arp.runt.len",
        "arp: runt packet"
      ),
    ] as [([UInt8], String, String)])
  func refusesWhatIsShort(_ payload: [UInt8], _ end: String, _ log: String) throws {
    var lab = InterfaceLab.base
    let header = Array(
      arpFrame(.request, from: mac(1), "10.0.0.2", for: "10.0.0.1").prefix(EthernetHeader.size))
    try lab.receive(header + payload)
    let (ends, messages) = (lab.ends, lab.kernel.machine.messages)
    #expect(ends == [end])
    #expect(messages == [log])
  }

  @Test func otherProtocolsAreDroppedSilently() throws {
    var lab = InterfaceLab.base
    var frame = arpFrame(.request, from: mac(1), "10.0.0.2", for: "10.0.0.1")
    frame[EthernetHeader.size + 2] = 0x86
    try lab.receive(frame)
    let (ends, messages) = (lab.ends, lab.kernel.machine.messages)
    #expect(ends == ["DROPPED arp.badproto"])
    #expect(messages.isEmpty)
  }

  /// Every pair of lengths, in a packet that is long enough for all: nothing traps.
  @Test(arguments: [0, 1, 4, 5, 6, 7, 20, 255] as [UInt8])
  func survivesOddLengths(_ length: UInt8) throws {
    var lab = InterfaceLab.base
    for other in [0, 1, 3, 4, 5, 16, 255] as [UInt8] {
      var frame = arpFrame(.request, from: mac(1), "10.0.0.2", for: "10.0.0.1")
      frame[EthernetHeader.size + 4] = length
      frame[EthernetHeader.size + 5] = other
      frame += [UInt8](repeating: 0, count: 1020 - 28)
      try lab.receive(frame)
    }
    let tally = lab.kernel.machine.tally
    #expect(tally.entered == tally.ended)
    #expect(lab.kernel.machine.store.buffersInUse == 0)
  }

  @Test func anotherHardwareLengthIsNotLearnedButAnswered() throws {
    var lab = InterfaceLab.base
    var frame = arpFrame(.request, from: mac(1), "10.0.0.2", for: "10.0.0.1")
    // Five bytes of hardware address: the protocol addresses move to the front.
    frame.removeSubrange(27...27)
    frame[EthernetHeader.size + 4] = 5
    frame.remove(at: 31)
    frame += [0, 0, 0]
    try lab.receive(frame)
    let (messages, entries) = (lab.kernel.machine.messages, lab.arpLines)
    #expect(messages == ["arp from 02:aa:00:00:00:0a: addr len: new 5, i/f 6 (ignored)"])
    #expect(entries.contains { $0.hasPrefix("em0 10.0.0.2 -") })
  }
}

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
