// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

/// What becomes of an advertisement, check by check (`carp_input`, netinet/ip_carp.c).
@Suite("carp_input") struct CarpInputTests {
  /// An advertisement that is not heeded: how it ends, what is counted besides `ipackets`, what the
  /// console says.
  struct Fault: CustomTestStringConvertible {
    let testDescription: String
    var setup: [String] = []
    var card = "em0"
    let ends: String
    var counter: String?
    var message: String?
    let spoil: @Sendable (inout TestAdvertisement) -> Void

    init(
      _ what: String, _ setup: [String] = [], on card: String = "em0", ends: String,
      _ counter: String? = nil, says message: String? = nil,
      spoil: @escaping @Sendable (inout TestAdvertisement) -> Void = { _ in }
    ) {
      testDescription = what
      self.setup = setup
      self.card = card
      self.ends = "DROPPED carp.\(ends)"
      self.counter = counter
      self.message = message
      self.spoil = spoil
    }
  }

  /// In the order of the checks: each case has the faults of all that are behind it too.
  static let faults: [Fault] = [
    Fault("nobody listens", ["sysctl carp.allow 0"], on: "em1", ends: "drop") {
      $0.ttl = 254
      $0.checksumError = 1
    },
    Fault(
      "no virtual host on the card", on: "em1", ends: "badif", "badif",
      says: "carp_input: packet received on non-carp interface: em1"
    ) { $0.ttl = 254 },
    Fault(
      "it comes from far", ends: "badttl", "badttl",
      says: "carp_input: received ttl 254 != 255i on em0"
    ) {
      $0.ttl = 254
      $0.length = 35
    },
    Fault(
      "one byte short", ends: "badlen", "badlen",
      says: "carp_input: received len 35 < sizeof(struct carp_header) on em0"
    ) { $0.length = 35 },
    Fault("no memory", ["sysctl fail_point 1"], ends: "hdrops", "hdrops") { $0.checksumError = 1 },
    Fault(
      "no memory for a longer one", ["sysctl fail_point 1"], ends: "hdrops", "hdrops",
      says: "carp_input: pullup failed"
    ) { $0.tail = [0] },
    Fault(
      "a wrong checksum", ends: "badsum", "badsum", says: "carp_input: checksum failed on em0"
    ) {
      $0.checksumError = 1
      $0.vhid = 2
    },
    Fault("another virtual host", ends: "badvhid", "badvhid") {
      $0.vhid = 2
      $0.version = 3
    },
    Fault("a virtual host that is down", ["carp0 down"], ends: "badvhid", "badvhid"),
    Fault("a later version", ends: "badver", "badver", says: "carp0; invalid version 3") {
      $0.version = 3
      $0.key = "y"
    },
    Fault("another password", ends: "badauth", "badauth", says: "carp0: incorrect hash") {
      $0.key = "y"
    },
    Fault("other addresses", ends: "badauth", "badauth", says: "carp0: incorrect hash") {
      $0.addresses.append("10.0.0.101")
    },
  ]

  @Test(arguments: faults) func drops(_ fault: Fault) throws {
    var lab = InterfaceLab.host()
    for command in fault.setup { #expect(lab.run(command) == nil) }
    lab.forget()
    var advertisement = TestAdvertisement()
    fault.spoil(&advertisement)
    let sent = lab.kernel.machine.carp.statistics[.opackets]
    try lab.hear(advertisement, on: fault.card)
    #expect(lab.ends == [fault.ends])
    var counters = ["ipackets 1"]
    if let counter = fault.counter { counters.append("\(counter) 1") }
    if sent > 0 { counters.append("opackets \(sent)") }
    #expect(lab.carpCounters == counters)
    #expect(lab.kernel.machine.messages == [fault.message].compactMap { $0 })
    let reachesHost = fault.ends.hasSuffix("badver") || fault.ends.hasSuffix("badauth")
    #expect(try lab.counter(.ipackets, of: "carp0") == (reachesHost ? 1 : 0))
    #expect(try lab.counter(.ierrors, of: "carp0") == (reachesHost ? 1 : 0))
  }

  /// `net.inet.carp.log` 0 keeps the console clean.
  @Test func isSilentWithoutLog() throws {
    var lab = InterfaceLab.host("sysctl carp.log 0")
    try lab.hear(TestAdvertisement(key: "y"))
    #expect(lab.kernel.machine.messages.isEmpty)
  }

  /// Options before it, bytes behind it, and any type are no fault.
  @Test(arguments: [
    TestAdvertisement(options: [1, 1, 1, 0]), TestAdvertisement(tail: [1, 2, 3]),
    TestAdvertisement(counter: .max),
  ]) func delivers(_ advertisement: TestAdvertisement) throws {
    var lab = InterfaceLab.host()
    try lab.hear(advertisement)
    #expect(lab.ends == ["DELIVERED dlv.carp"])
    let length = 20 + advertisement.options.count + 36 + advertisement.tail.count
    #expect(try lab.counter(.ibytes, of: "carp0") == UInt64(length))
  }

  /// The digest over 2, 1, vhid 1, 10.0.0.100 and counter 1 with the key x, by another program.
  @Test func hasAKnownDigest() throws {
    let frame = TestAdvertisement().frame
    let digest = frame.suffix(20).map { String($0, radix: 16) }
    #expect(
      digest == [
        "23", "46", "d5", "3e", "22", "97", "b7", "20", "68", "a", "e7", "6", "6c", "3c", "a",
        "17",
        "e6", "38", "2d", "2d",
      ])
    var lab = InterfaceLab.host()
    try lab.receive(frame)
    #expect(lab.ends == ["DELIVERED dlv.carp"])
  }

  /// What a host does: begins with its state and settings, hears base and skew, is in a state.
  struct Hearing: CustomTestStringConvertible {
    let testDescription: String
    var commands: [String] = []
    let base: UInt8
    let skew: UInt8
    let state: String
    var says: [String] = []

    init(
      _ what: String, _ commands: [String] = [], hears base: UInt8, _ skew: UInt8,
      is state: String, says: [String] = []
    ) {
      testDescription = what
      self.commands = commands
      self.base = base
      self.skew = skew
      self.state = state
      self.says = says
    }
  }

  private static let stepsDown = "carp0: MASTER -> BACKUP (more frequent advertisement received)"
  private static let preempts = "carp0: BACKUP -> MASTER (preempting a slower master)"
  private static let timesOut = "carp0: BACKUP -> MASTER (master timed out)"

  @Test(arguments: [
    Hearing("a master hears a slower one", hears: 1, 101, is: "MASTER"),
    Hearing("a master hears one as fast", hears: 1, 100, is: "BACKUP", says: [stepsDown]),
    Hearing("a master hears a faster one", hears: 1, 99, is: "BACKUP", says: [stepsDown]),
    Hearing("seconds count before the skew", hears: 2, 0, is: "MASTER"),
    Hearing("a farewell", hears: 255, 255, is: "MASTER"),
  ]) func masterHears(_ hearing: Hearing) throws {
    var lab = InterfaceLab.master()
    try lab.hear(TestAdvertisement(base: hearing.base, skew: hearing.skew))
    #expect(try lab.carp() == "\(hearing.state) 49")
    let link = hearing.state == "MASTER" ? [] : ["carp0: link state changed to DOWN"]
    #expect(lab.kernel.machine.messages == hearing.says + link)
    let routes = try lab.routes()
    #expect(routes.contains("10.0.0.100 link#carp0 UH carp0") == (hearing.state == "MASTER"))
  }

  @Test(arguments: [
    Hearing("a slower master, not preempting", hears: 1, 200, is: "BACKUP"),
    Hearing(
      "a slower master, preempting", ["sysctl carp.preempt 1"], hears: 1, 101, is: "MASTER",
      says: [preempts]),
    Hearing("one as fast, preempting", ["sysctl carp.preempt 1"], hears: 1, 100, is: "BACKUP"),
    Hearing("one that comes just before the wait ends", hears: 3, 100, is: "BACKUP"),
    Hearing("one that comes too late", hears: 3, 101, is: "MASTER", says: [timesOut]),
    Hearing("a farewell", hears: 255, 255, is: "MASTER", says: [timesOut]),
  ]) func backupHears(_ hearing: Hearing) throws {
    var lab = InterfaceLab.host()
    for command in hearing.commands { #expect(lab.run(command) == nil) }
    try lab.hear(TestAdvertisement(base: hearing.base, skew: hearing.skew))
    #expect(try lab.carp() == "\(hearing.state) 49")
    let link = hearing.state == "BACKUP" ? [] : ["carp0: link state changed to UP"]
    #expect(lab.kernel.machine.messages == hearing.says + link)
    let announcement = [
      "em0 00:00:5e:00:01:01 1/100", "em0 02:00:00:00:00:00 10.0.0.100 is 00:00:5e:00:01:01",
    ]
    #expect(try lab.carpFrames() == (hearing.state == "MASTER" ? announcement : []))
  }

  /// While preemption is suppressed a skew counts as 240, and one above as itself.
  @Test(arguments: [("100", 239, "BACKUP"), ("100", 241, "MASTER"), ("250", 249, "BACKUP")])
  func comparesTheSuppressedSkew(_ own: String, _ skew: UInt8, _ state: String) throws {
    var lab = InterfaceLab.master("carp0 advskew \(own)")
    lab.kernel.machine.sysctl[.carpSuppressPreempt] = 1
    try lab.hear(TestAdvertisement(skew: skew))
    #expect(try lab.carp() == "\(state) 49")
  }

  /// A backup that heard a counter goes on from it; one that heard none draws each at random.
  @Test func countsOnFromWhatItHeard() throws {
    var lab = InterfaceLab.host()
    try lab.hear(TestAdvertisement(counter: 0xffff_ffff))
    lab.tick(6000)
    let counters = lab.sentFrames.compactMap { frame -> UInt64? in
      let packet = Array(frame.dropFirst(EthernetHeader.size))
      guard packet.count == 56 else { return nil }
      return CARPHeader(packet.span.bytes, at: 20)?.counter
    }
    #expect(counters == [0x1_0000_0000, 0x1_0000_0001])
    var alone = InterfaceLab.host()
    alone.tick(6000)
    let drawn = Set(alone.sentFrames.filter { $0.count == 70 }.map { Array($0[42..<50]) })
    #expect(drawn.count == 2)
  }
}
