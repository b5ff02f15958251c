// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Testing
import Wire

@testable import Netstack

/// Pipes and queues beyond the recorded sessions. At 8000 bit/s a byte takes a millisecond.
@Suite("dummynet") struct DummynetTests {
  private static let slow: Int32 = 8000

  @Test func aBurstIsSentAtOnceAfterIdleTime() throws {
    var lab = try PipeLab(
      [
        .pipe(1) {
          $0.bandwidth = DummynetTests.slow
          $0.burst = 250
        }
      ], .pipe(1))
    let numbers = (0..<4).map { _ in UInt64(lab.send()) }
    // Two whole packets by the burst, half of the third; the rest at the link's pace.
    expect(lab.takeEnds().prefix(2).map(\.end.verdict), is: [.sent, .sent])
    expect(lab.departures(), is: [[numbers[2], 50], [numbers[3], 150]])
    // Idleness fills the credit up to the burst and no further.
    lab.wait(1000)
    let later = (0..<3).map { _ in UInt64(lab.send()) }
    expect(lab.takeEnds().prefix(2).map(\.end.verdict), is: [.sent, .sent])
    expect(lab.departures(), is: [[later[2], 1200]])
  }

  @Test func thePacketThatPassesAtOnceStaysInItsCall() throws {
    var lab = try PipeLab([.pipe(1)], .pipe(1), .deny)
    lab.send()
    expect(lab.takeIDs(), is: [.outSent])
    expect(lab.router.kernel.machine.dummynet.ioFast, is: 1)
    // With one_pass=0 the next rule has it.
    try lab.router.kernel.setSysctl(.ipFwOnePass, to: 0, vnet: .zero)
    lab.send()
    expect(lab.takeEnds().map(\.end.rule), is: [200])
  }

  @Test func aPacketWhoseRuleIsGoneMeetsTheDefaultRule() throws {
    var lab = try PipeLab([.pipe(1) { $0.delay = 10 }], .pipe(1), .allow)
    try lab.router.kernel.setSysctl(.ipFwOnePass, to: 0, vnet: .zero)
    lab.send()
    try lab.router.kernel.firewallDelete(vnet: .zero, .number(100))
    lab.wait(10)
    var counts = 0
    for rule in try lab.router.kernel.firewallRules(vnet: .zero) where rule.number == 200 {
      counts += Int(rule.packets)
    }
    expect(counts, is: 0)
    expect(lab.takeIDs(), is: [.ipFwConsumed, .outSent])
  }

  /// The default rule is all that is left; with one_pass it is not even asked.
  @Test(arguments: [Int64(0), 1]) func aFlushLeavesPacketsWaiting(onePass: Int64) throws {
    var lab = try PipeLab([.pipe(1) { $0.delay = 10 }], .pipe(1))
    try lab.router.kernel.setSysctl(.ipFwOnePass, to: onePass, vnet: .zero)
    lab.send()
    try lab.router.kernel.firewallFlush(vnet: .zero)
    lab.wait(10)
    expect(lab.takeIDs(), is: [.ipFwConsumed, .outSent])
    let rules = try lab.router.kernel.firewallRules(vnet: .zero)
    // On its way in, unless it is through, and on its way out.
    expect(rules.map(\.packets), is: [onePass == 1 ? 1 : 2])
  }

  @Test func aPacketWithoutRouteAfterItsDelayIsDropped() throws {
    var lab = try PipeLab([.pipe(1) { $0.delay = 10 }], .pipe(1), isOutbound: true)
    lab.send()
    expect(lab.takeIDs(), is: [.outFwConsumed])
    for var route in try lab.router.kernel.routeDump(vnet: .zero, fib: .zero)
    where route.route.flags.contains(.RTF_GATEWAY) {
      route.type = .RTM_DELETE
      try lab.router.kernel.routeOutput(vnet: .zero, fib: .zero, route)
    }
    lab.wait(10)
    // ip_forward has long gone: nobody makes an ICMP error.
    expect(lab.takeIDs(), is: [.outNoroute])
    expect(lab.router.kernel.machine.tally.held, is: 0)
  }

  @Test func tooManyFlowsShareAQueue() throws {
    var lab = try PipeLab(
      [
        .pipe(1) {
          $0.bandwidth = DummynetTests.slow
          $0.flowSet.flags = .DN_HAVE_FLOW_MASK
          $0.flowSet.mask.destinationPort = .max
          $0.flowSet.buckets = 4
        }
      ], .pipe(1))
    try lab.router.kernel.setSysctl(.ipDummynetMaxChainLen, to: 2, vnet: .zero)
    for port in 1...14 { lab.send(port: UInt16(port)) }
    let flows = try lab.router.kernel.dummynetReport().pipes[0].flows
    // One more than twice the buckets, and the one that the other five share.
    expect(flows.count, is: 10)
    expect(flows.last?.bucket, is: 4)
    expect(flows.last?.packets, is: 5)
    expect(flows.last?.id.destinationPort, is: 14)
  }

  @Test func idleFlowsGoWhereASearchMeetsThem() throws {
    var lab = try PipeLab(
      [
        .pipe(1) {
          $0.flowSet.flags = .DN_HAVE_FLOW_MASK
          $0.flowSet.mask.destinationPort = .max
          $0.flowSet.buckets = 4
        }
      ], .pipe(1))
    // All in one bucket: the hash takes a port twice.
    for port in stride(from: UInt16(2), to: 20, by: 2) { lab.send(port: port) }
    expect(try lab.router.kernel.dummynetReport().pipes[0].flows.count, is: 1)
    try lab.router.kernel.setSysctl(.ipDummynetExpire, to: 0, vnet: .zero)
    for port in stride(from: UInt16(2), to: 20, by: 2) { lab.send(port: port) }
    expect(try lab.router.kernel.dummynetReport().pipes[0].flows.count, is: 9)
  }

  @Test func queuesWithoutTheirPipeLoseTheirPackets() throws {
    var lab = try PipeLab(
      [.pipe(1) { $0.bandwidth = DummynetTests.slow }, .queue(1, of: 1)], .queue(1))
    for _ in 0..<3 { lab.send() }
    expect(lab.router.kernel.machine.tally.held, is: 3)
    var recorder = Recorder()
    try lab.router.kernel.dummynetDelete(pipe: 1, tracer: &recorder)
    expect(lab.router.kernel.machine.tally.held, is: 0)
    expect(lab.router.kernel.machine.timers.count, is: 0)
    _ = lab.takeEnds()
    lab.send()
    expect(lab.takeIDs(), is: [.dnOrphan])
    // A new pipe of that number is theirs at once.
    try lab.router.kernel.dummynetConfigure(.pipe(1))
    lab.send()
    expect(lab.takeIDs(), is: [.outSent])
    let tally = lab.router.kernel.machine.tally
    expect(tally.entered, is: tally.ended)
  }

  @Test func aFlushEndsWhatWaits() throws {
    var lab = try PipeLab([.pipe(1) { $0.delay = 10 }], .pipe(1))
    for _ in 0..<5 { lab.send() }
    let copy = lab.router.kernel.clone()
    var recorder = Recorder()
    try lab.router.kernel.dummynetFlush(tracer: &recorder)
    expect(lab.router.kernel.machine.tally.dropped, is: 5)
    expect(lab.router.kernel.machine.store.buffersInUse, is: 0)
    expect(lab.router.kernel.machine.timers.count, is: 0)
    // The copy has packets of its own.
    expect(copy.machine.dummynet.count, is: 5)
    expect(copy.machine.tally.held, is: 5)
  }

  @Test func redDropsTheMoreTheLongerTheQueue() throws {
    var lab = try PipeLab(
      [
        .pipe(1) {
          $0.bandwidth = DummynetTests.slow
          $0.flowSet.size = 100
          $0.flowSet.flags = .DN_IS_RED
          // The average is the length itself.
          $0.flowSet.red.weight = 65_536
          $0.flowSet.red.leastThreshold = 5
          $0.flowSet.red.mostThreshold = 20
          $0.flowSet.red.mostProbability = 32_768
          $0.flowSet.red.lookupStep = 1
        }
      ], .pipe(1))
    for _ in 0..<6 { lab.send() }
    expect(lab.takeIDs().contains(.dnRed), is: false)
    for _ in 0..<60 { lab.send() }
    let early = lab.takeIDs().count { $0 == .dnRed }
    let flow = try lab.router.kernel.dummynetReport().pipes[0].flows[0]
    // Never more than the upper threshold, and some are dropped on the way there.
    expect(flow.packets <= 20, is: true)
    expect(Int(flow.drops), is: early)
    expect(early > 46 - 20, is: true)
  }

  @Test(arguments: [0.1, 0.5, 0.9]) func losesPacketsByChance(rate: Double) throws {
    var lab = try PipeLab(
      [.pipe(1) { $0.flowSet.lossRate = Int32(rate * Double(Int32.max)) }], .pipe(1))
    for _ in 0..<2000 { lab.send() }
    let lost = lab.takeIDs().count { $0 == .dnPlr }
    // Five standard deviations at most.
    let deviation = (2000 * rate * (1 - rate)).squareRoot()
    expect(abs(Double(lost) - 2000 * rate) < 5 * deviation, is: true)
    expect(lab.router.kernel.machine.dummynet.ioDrops, is: UInt64(lost))
  }

  @Test func framesComeBackToTheirLayer() throws {
    var lab = try PipeLab([.pipe(1) { $0.delay = 5 }], .allow)
    let before = lab.router.kernel[.zero].interfaces[lab.router.cards[1]].statistics[.opackets]
    try lab.holdFrame(.toEthernetOut)
    try lab.holdFrame(.toEthernetDemux)
    expect(lab.router.kernel.machine.tally.held, is: 2)
    lab.wait(4)
    expect(lab.takeEnds().isEmpty, is: true)
    lab.wait(1)
    // The one is sent as it is, the other is input again and forwarded.
    expect(lab.takeIDs(), is: [.ifTx, .outSent])
    let after = lab.router.kernel[.zero].interfaces[lab.router.cards[1]].statistics[.opackets]
    expect(after - before, is: 2)
  }

  @Test(
    arguments: [
      ([.queue(1, of: 1)], Errno?.none), ([.queue(1, of: 1), .queue(1, of: 2)], .EINVAL),
      ([.queue(1, of: 0)], .EINVAL), ([.pipe(0)], .EINVAL),
      ([.pipe(1) { $0.flowSet.number = 1 }], .EINVAL),
    ] as [([PipeSettings], Errno?)])
  func theKernelChecksNumbers(_ settings: [PipeSettings], _ wanted: Errno?) {
    var found: Errno?
    do throws(Errno) {
      var kernel = Kernel()
      for one in settings { try kernel.dummynetConfigure(one) }
    } catch {
      found = error
    }
    #expect(found == wanted)
  }

  @Test func withoutTheModuleNothingAnswers() throws {
    var options = KernelOptions.demo
    options.dummynet = false
    var kernel = Kernel(options)
    #expect(throws: Errno.ENOPROTOOPT) { try kernel.dummynetConfigure(.pipe(1)) }
    #expect(throws: Errno.ENOPROTOOPT) { try kernel.dummynetReport() }
    // The rule may be there, and denies.
    var lab = FirewallLab([.rule(100, .pipe(1)), .rule(200, .allow)])
    expect(try lab.ask(.udp).verdict, is: .deny(rule: 100))
  }
}

extension PipeLab {
  /// Gives a frame to pipe 1 as the pass over layer 2 would.
  fileprivate mutating func holdFrame(_ exit: DummynetExit) throws {
    var packet = TestPacket()
    packet.source = IPv4Address(10, 0, 0, 2)
    let card = router.cards[exit == .toEthernetOut ? 1 : 0]
    let header = EthernetHeader(
      destination: router.kernel[.zero].interfaces[card].hardwareAddress,
      source: TestRouter.neighbour, type: .ipv4)
    var frame = [UInt8](repeating: 0, count: EthernetHeader.size)
    var span = frame.mutableSpan
    var raw = span.mutableBytes
    header.write(into: &raw, at: 0)
    frame += packet.bytes
    let number = router.kernel.machine.newRoot()
    guard var handle = router.kernel.machine.store.take(frame.span.bytes, number: number) else {
      throw Errno.ENOBUFS
    }
    handle.header.receivedOn = router.cards[0]
    router.kernel.holdFrame(handle, exit, on: card)
  }
}

extension Kernel {
  fileprivate mutating func holdFrame(
    _ packet: consuming Packet, _ exit: DummynetExit, on card: InterfaceIndex
  ) {
    let facts = PacketFacts(
      machine.store.bytes(of: packet), FilterPlace(.out, card), received: card, fib: .zero)
    let flow = FlowID(facts, machine.store.bytes(of: packet))
    var silent = Silent()
    let order = DummynetOrder(
      number: 1, isQueue: false, rule: 100, reference: vnets[0].firewall.reference(to: 0))
    let request = DummynetRequest(order, flow)
    let outer = machine.enter(.zero)
    defer { machine.leave(to: outer) }
    let back = vnets[0].dummynetIO(packet, exit, on: card, request, &machine, &silent)
    if let back { machine.store.free(back) }
  }
}
