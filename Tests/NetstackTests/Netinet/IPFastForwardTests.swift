// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Netstack
import Testing
import Wire

/// A packet on the fast path: how the router differs from the ordinary, how the packet does, and
/// what comes of it.
private struct FastCase: CustomTestStringConvertible, Sendable {
  let name: String
  /// Verdict and id, with the ICMP that was asked for and what was behind it.
  let end: String
  /// The fields of ipstat that move by one, and no others.
  let counters: String
  var rules: [FirewallRule] = []
  var setUp: @Sendable (inout Kernel) throws -> Void = { _ in }
  var change: @Sendable (inout FirewallPacket) -> Void = { _ in }
  /// Changes the finished bytes, the checksum made.
  var spoil: @Sendable (inout [UInt8]) -> Void = { _ in }

  var testDescription: String { name }
}

/// What a router with fast forwarding on did with one packet.
private struct FastRun {
  /// The end of the packet itself, and that of the packets it caused.
  var ends: [String] = []
  var ids: Set<TraceID> = []
  var counters = ""
  /// The IP packets that left.
  var sent: [[UInt8]] = []
}

private let em1 = FirewallLab.em1
private let neighbour = EthernetAddress(0x02, 0xbb, 0, 0, 0, 2)

/// Sends the packet of a case through a router: 192.168.9.0/24 lies behind 192.168.1.2.
private func run(_ test: FastCase) throws -> FastRun {
  var lab = FirewallLab(test.rules + [.rule(60_000, .allow)])
  let addresses = [(FirewallLab.em0, IPv4Address(10, 0, 0, 5)), (em1, IPv4Address(192, 168, 1, 2))]
  for (interface, address) in addresses {
    try lab.kernel.arpSet(
      vnet: .zero, interface: interface, address: address, hardwareAddress: neighbour)
  }
  try add(&lab.kernel, IPv4Address(192, 168, 9, 0))
  try lab.kernel.setSysctl(.ipForwarding, to: 1, vnet: .zero)
  try lab.kernel.setSysctl(.ipFastforwarding, to: 1, vnet: .zero)
  try lab.kernel.setSysctl(.ipFwEnable, to: test.rules.isEmpty ? 0 : 1, vnet: .zero)
  try test.setUp(&lab.kernel)
  var packet = FirewallPacket.udp.with(test.change).bytes
  let sum = IPv4Header.checksum(of: packet.span.bytes, headerLength: Int(packet[0] & 15) * 4)
  packet[10] = UInt8(sum >> 8)
  packet[11] = UInt8(sum & 0xff)
  test.spoil(&packet)
  let station = lab.kernel[.zero].interfaces[FirewallLab.em0].hardwareAddress
  var frame = [UInt8](repeating: 0, count: EthernetHeader.size)
  var span = frame.mutableSpan
  var raw = span.mutableBytes
  EthernetHeader(destination: station, source: neighbour, type: .ipv4).write(into: &raw, at: 0)
  let before = lab.kernel[.zero].statistics.ip
  var recorder = Recorder()
  lab.kernel.receive(ReceivedFrame(frame + packet, on: FirewallLab.em0), tracer: &recorder)
  let tally = lab.kernel.machine.tally
  expect(tally.entered, is: tally.ended)
  var run = FastRun()
  let changes = lab.kernel[.zero].statistics.ip.changes(since: before)
  // What the answer counts is not the fast path's.
  run.counters = changes.map {
    String($0.name.dropFirst(4)) + ($0.delta == 1 ? "" : "*\($0.delta)")
  }
  .filter { $0 != "localout" }.joined(separator: " ")
  for entry in recorder.entries {
    switch entry.event {
    case .end(let end):
      run.ids.insert(end.id)
      run.ends.append(words(end))
    case .waypoint(let id, _, _): run.ids.insert(id)
    default: break
    }
  }
  for snapshot in recorder.snapshots {
    guard case .transmitted = snapshot.moment else { continue }
    run.sent.append(Array(recorder.bytes(of: snapshot).dropFirst(EthernetHeader.size)))
  }
  return run
}

private func ipHeader(_ packet: [UInt8]) -> IPv4Header? { IPv4Header(packet.span.bytes) }

/// The sum over a header without options: 0 if it is right.
private func sum(_ packet: [UInt8]) -> UInt16 {
  IPv4Header.checksum(of: packet.span.bytes, headerLength: IPv4Header.size)
}

private func words(_ end: End) -> String {
  var words = [end.verdict.word, end.id.text]
  if let cause = end.cause { words.append(cause.text) }
  if let icmp = end.icmp { words.append("\(icmp.type)/\(icmp.code)") }
  if let rule = end.rule { words.append("rule \(rule)") }
  if let suppressed = end.suppressedBy { words.append(suppressed.text) }
  return words.joined(separator: " ")
}

/// Adds a route to a /24 by 192.168.1.2.
private func add(
  _ kernel: inout Kernel, _ network: IPv4Address, _ flags: RouteFlags = [], mtu: UInt32? = nil
) throws {
  var message = RouteMessage(
    destination: network, mask: IPv4Prefix.mask(length: 24),
    gateway: .address(IPv4Address(192, 168, 1, 2)))
  message.flags = [.RTF_UP, .RTF_GATEWAY, .RTF_STATIC, flags]
  message.mtu = mtu
  try kernel.routeAdd(vnet: .zero, fib: .zero, message)
}

/// Another destination, 192.168.7.7, whose route the case adds.
private let elsewhere: @Sendable (inout FirewallPacket) -> Void = {
  $0.header.destination = IPv4Address(192, 168, 7, 7)
}
private let bulky: @Sendable (inout FirewallPacket) -> Void = {
  $0.transport += [UInt8](repeating: 0, count: 1400)
}
private let recordRoute: @Sendable (inout FirewallPacket) -> Void = {
  $0.options = [7, 7, 4, 0, 0, 0, 0, 0]
}

/// A rule for packets that pass one way.
private func rule(
  _ action: RuleAction, _ direction: Direction, _ number: UInt16 = 100
) -> FirewallRule {
  var rule = FirewallRule.rule(number, action)
  rule.instructions = [Instruction(.inbound, isNegated: direction == .out)]
  return rule
}

private func forward(to address: IPv4Address) -> FirewallRule {
  rule(.forward(address, port: 0), .out)
}

private let drops: [FastCase] = [
  FastCase(
    name: "19 bytes", end: "DROPPED ff.tooshort.hdr", counters: "tooshort",
    spoil: { $0 = Array($0.prefix(19)) }),
  FastCase(
    name: "version 6", end: "DROPPED ff.badvers", counters: "badvers", spoil: { $0[0] = 0x65 }),
  FastCase(
    name: "a header of 16", end: "DROPPED ff.badhlen", counters: "badlen",
    spoil: { $0[0] = 0x44 }),
  FastCase(
    name: "a header past the end", end: "DROPPED ff.badhlen.trunc", counters: "badhlen",
    spoil: { $0[0] = 0x4f }),
  FastCase(
    name: "one bit of the checksum", end: "DROPPED ff.badsum", counters: "badsum",
    spoil: { $0[10] ^= 1 }),
  FastCase(
    name: "a length past the end", end: "DROPPED ff.tooshort", counters: "tooshort",
    change: { $0.header.totalLength = 29 }),
  FastCase(
    name: "a loopback source", end: "DROPPED ff.badaddr", counters: "badaddr",
    change: { $0.header.source = IPv4Address(127, 0, 0, 1) }),
  FastCase(
    name: "a blackhole route", end: "DROPPED ff.blackhole", counters: "total",
    setUp: { try add(&$0, IPv4Address(192, 168, 7, 0), .RTF_BLACKHOLE) }, change: elsewhere),
  FastCase(
    name: "no room in the queue", end: "DROPPED ff.qfull", counters: "total odropped",
    setUp: { try $0.setQueueLimit(vnet: .zero, interface: em1, 1) }),
  FastCase(
    name: "a route MTU that fits no fragment", end: "DROPPED ff.frag out.frag.small",
    counters: "total", setUp: { try add(&$0, IPv4Address(192, 168, 7, 0), mtu: 27) },
    change: elsewhere),
  FastCase(
    name: "an interface that only monitors", end: "DROPPED ff.iferr if.down",
    counters: "total odropped",
    setUp: {
      var silent = Recorder()
      try $0.setFlags(
        vnet: .zero, interface: em1, set: .IFF_MONITOR, clear: [], tracer: &silent)
    }),
  FastCase(
    name: "a rule that denies input", end: "DENIED ff.fw.in rule 100", counters: "total",
    rules: [rule(.deny, .in)]),
  FastCase(
    name: "a rule that denies output", end: "DENIED ff.fw.out rule 100", counters: "total",
    rules: [rule(.deny, .out)]),
]

private let replies: [FastCase] = [
  FastCase(
    name: "options refused", end: "REPLIED ff.opt.reject 3/13", counters: "",
    setUp: { try $0.setSysctl(.ipProcessOptions, to: 2, vnet: .zero) }, change: recordRoute),
  FastCase(
    name: "options refused with DF, which C reads as an offset",
    end: "DROPPED ff.opt.reject 3/13 icmp.sup.frag", counters: "",
    setUp: { try $0.setSysctl(.ipProcessOptions, to: 2, vnet: .zero) },
    change: {
      recordRoute(&$0)
      $0.header.fragment = IPv4Header.DF
    }),
  FastCase(
    name: "a TTL of 1", end: "REPLIED ff.ttl 11/0", counters: "total",
    change: { $0.header.ttl = 1 }),
  FastCase(
    name: "no route", end: "REPLIED ff.noroute 3/1", counters: "total cantforward noroute",
    change: elsewhere),
  FastCase(
    name: "a fwd rule to where no route leads, for the answer too",
    end: "REPLIED ff.noroute 3/1", counters: "total cantforward noroute*2",
    rules: [forward(to: IPv4Address(9, 9, 9, 9))]),
  FastCase(
    name: "the interface is down", end: "REPLIED ff.noroute 3/1",
    counters: "total cantforward noroute",
    setUp: {
      var silent = Recorder()
      try $0.setFlags(
        vnet: .zero, interface: em1, set: [], clear: .IFF_UP, tracer: &silent)
    }),
  FastCase(
    name: "a reject route", end: "REPLIED ff.reject 3/1", counters: "total",
    setUp: { try add(&$0, IPv4Address(192, 168, 7, 0), .RTF_REJECT) }, change: elsewhere),
  FastCase(
    name: "the link is down", end: "REPLIED ff.linkdown 3/1", counters: "total",
    setUp: { try $0.setLinkState(vnet: .zero, interface: em1, .down) }),
  FastCase(
    name: "too big, and DF", end: "REPLIED ff.needfrag 3/4", counters: "total cantfrag",
    setUp: { try $0.setMTU(vnet: .zero, interface: em1, 576) },
    change: {
      bulky(&$0)
      $0.header.fragment = IPv4Header.DF
    }),
]

private let passes: [FastCase] = [
  FastCase(
    name: "an ordinary packet", end: "SENT ff.ok", counters: "total forward fastforward"),
  FastCase(
    name: "a TTL of 1 and stealth", end: "SENT ff.ok", counters: "total forward fastforward",
    setUp: { try $0.setSysctl(.ipStealth, to: 1, vnet: .zero) },
    change: { $0.header.ttl = 1 }),
  FastCase(
    name: "options ignored", end: "SENT ff.ok", counters: "total forward fastforward",
    setUp: { try $0.setSysctl(.ipProcessOptions, to: 0, vnet: .zero) }, change: recordRoute),
  FastCase(
    name: "a fwd rule", end: "SENT ff.ok", counters: "total forward fastforward",
    rules: [forward(to: IPv4Address(192, 168, 1, 2))]),
  FastCase(
    name: "a length inside the header", end: "SENT ff.ok", counters: "total forward fastforward",
    change: { $0.header.totalLength = 9 }),
  FastCase(
    name: "the broadcast of a connected net: ARP is asked", end: "HELD arp.hold",
    counters: "total forward fastforward",
    change: { $0.header.destination = IPv4Address(192, 168, 1, 255) }),
  FastCase(
    name: "an unknown neighbour", end: "HELD arp.hold", counters: "total forward fastforward",
    change: { $0.header.destination = IPv4Address(192, 168, 1, 77) }),
]

/// Packets that `ip_input` gets instead.
private let handedBack: [FastCase] = [
  FastCase(
    name: "options to process", end: "SENT out.sent", counters: "total forward",
    change: recordRoute),
  FastCase(
    name: "a link-local destination", end: "DROPPED ip.linklocal", counters: "total cantforward",
    change: { $0.header.destination = IPv4Address(169, 254, 0, 1) }),
  FastCase(
    name: "an address of ours", end: "REPLIED udp.noport 3/3", counters: "total delivered",
    change: { $0.header.destination = IPv4Address(192, 168, 1, 1) }),
  FastCase(
    name: "forwarding off", end: "DROPPED ip.cantforward", counters: "total cantforward",
    setUp: { try $0.setSysctl(.ipForwarding, to: 0, vnet: .zero) }),
  FastCase(
    name: "taken over by a rule for input", end: "REPLIED udp.noport 3/3",
    counters: "total delivered",
    rules: [rule(.forward(IPv4Address(10, 0, 0, 1), port: 0), .in)]),
  FastCase(
    name: "taken over by a rule for output", end: "REPLIED udp.noport 3/3",
    counters: "total delivered",
    rules: [
      .rule(100, .allow, .address(.source, IPv4Address(10, 0, 0, 1))),
      rule(.forward(IPv4Address(10, 0, 0, 1), port: 0), .out, 101),
    ]),
  FastCase(
    name: "taken over though its length is inside the header", end: "DROPPED ip.badlen",
    counters: "total badlen",
    rules: [rule(.forward(IPv4Address(10, 0, 0, 1), port: 0), .in)],
    change: { $0.header.totalLength = 9 }),
]

@Suite("ip_fastforward") struct IPFastForwardTests {
  @Test(arguments: drops + replies + passes + handedBack)
  fileprivate func ends(_ test: FastCase) throws {
    let run = try run(test)
    #expect(run.ends.contains(test.end), "\(run.ends)")
    #expect(run.counters == test.counters)
  }

  @Test func reachesEveryID() throws {
    var reached: Set<TraceID> = []
    for test in drops + replies + passes + handedBack { reached.formUnion(try run(test).ids) }
    let all = TraceID.allCases.filter {
      $0.text.hasPrefix("ff.") && $0.needsOption != "mem" && $0.needsOption != "ALTQ"
    }
    #expect(all.filter { !reached.contains($0) } == [])
  }

  @Test func patchesTheChecksum() throws {
    let sent = try #require(try run(passes[0]).sent.first)
    let header = try #require(ipHeader(sent))
    #expect(header.ttl == 63)
    #expect(sum(sent) == 0)
  }

  /// RFC 1624's corner: a sum that would come out as all ones is zero.
  @Test func patchesToZero() throws {
    var test = passes[0]
    test.spoil = { packet in
      // The id takes what the checksum is to lack.
      let sum = UInt32(packet[10]) << 8 | UInt32(packet[11])
      let id = UInt32(packet[4]) << 8 | UInt32(packet[5])
      let wanted = id + sum + (0xffff - 0xfeff)
      let folded = (wanted & 0xffff) + wanted >> 16
      packet[4] = UInt8(folded >> 8 & 0xff)
      packet[5] = UInt8(folded & 0xff)
      packet[10] = 0xfe
      packet[11] = 0xff
    }
    let sent = try #require(try run(test).sent.first)
    #expect(Array(sent[8..<12]) == [63, 17, 0, 0])
  }

  @Test func fragmentsWithTheLowerTTL() throws {
    var test = passes[0]
    test.setUp = { try $0.setMTU(vnet: .zero, interface: em1, 576) }
    test.change = bulky
    let run = try run(test)
    #expect(run.counters == "total forward fastforward fragmented ofragments*3")
    #expect(run.ends.last == "SENT ff.ok")
    let headers = run.sent.compactMap(ipHeader)
    #expect(headers.map(\.ttl) == [63, 63, 63])
    #expect(headers.map(\.fragment) == [0x2000, 0x2000 + 69, 138])
    for packet in run.sent {
      #expect(sum(packet) == 0)
    }
  }

  /// What errors quote: the header as received, or with the TTL one less and the sum patched.
  @Test(arguments: [("a TTL of 1", UInt8(1)), ("no route", 63), ("a reject route", 63)])
  func quotes(_ name: String, _ ttl: UInt8) throws {
    let test = try #require(replies.first { $0.name == name })
    let error = try #require(try run(test).sent.first)
    let quote = Array(error.dropFirst(28))
    #expect(ipHeader(quote)?.ttl == ttl)
    #expect(sum(quote) == 0)
  }

  @Test func quotesASwappedLength() throws {
    let error = try #require(try run(replies[0]).sent.first)
    let quote = try #require(ipHeader(Array(error.dropFirst(28))))
    #expect(quote.totalLength == UInt16(36).byteSwapped)
    #expect(quote.ttl == 64)
  }

  @Test func sendsWhatIsLeftOfAHeader() throws {
    let test = try #require(passes.first { $0.name == "a length inside the header" })
    let sent = try #require(try run(test).sent.first)
    #expect(sent.count == 9)
    #expect(sent[8] == 63)
  }
}
