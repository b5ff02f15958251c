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
