// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Netstack
import Testing
import Wire

/// A router of several CPUs, 10.0.0.1/24 on em0 and 10.0.1.1/24 on em1.
private struct NetisrLab: ~Copyable {
  var kernel: Kernel
  var recorder = Recorder()
  /// What the addresses announced of themselves.
  private var announced: UInt64 = 0
  /// Packets sent since.
  var sent: UInt64 { kernel.machine.tally.sent - announced }

  init(cpus: Int = 4, threads: Int = 4, direct: Int = 1, force: Int = 1) throws {
    var options = KernelOptions()
    options.cpus = cpus
    options.ethernetInterfaces = 2
    options.netisr.maxthreads = threads
    options.netisr.direct = direct
    options.netisr.directForce = force
    kernel = Kernel(options)
    for (number, name) in ["em0", "em1"].enumerated() {
      let index = try kernel.interface(vnet: .zero, named: name).index
      try kernel.addAddress(
        vnet: .zero, interface: index,
        AddressRequest(
          IPv4Address(10, 0, UInt8(number), 1), mask: IPv4Prefix.mask(length: 24)))
      try kernel.arpSet(
        vnet: .zero, interface: index, address: IPv4Address(10, 0, UInt8(number), 2),
        hardwareAddress: mac(UInt8(number)))
    }
    kernel[.zero].sysctl[.ipForwarding] = 1
    announced = kernel.machine.tally.sent
  }

  /// A packet of protocol 99 comes in on em0, or another card, and is forwarded to em1.
  mutating func receive(on name: String = "em0", flow: UInt32? = nil, cpu: Int = 0) throws {
    let card = try kernel.interface(vnet: .zero, named: name).interface
    let header = IPv4Header(
      totalLength: 20, identification: 1, protocol: IPProtocol(rawValue: 99),
      source: IPv4Address(10, 0, 0, 2), destination: IPv4Address(10, 0, 1, 2))
    var bytes = [UInt8](repeating: 0, count: 34)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    EthernetHeader(
      destination: card.hardwareAddress, source: mac(9), type: .ipv4
    ).write(into: &raw, at: 0)
    header.write(into: &raw, at: 14)
    raw.store(
      IPv4Header.checksum(
        of: raw.bytes.extracting(droppingFirst: 14), headerLength: IPv4Header.size), at: 24)
    var frame = ReceivedFrame(bytes, on: card.index)
    frame.flowID = flow
    frame.cpu = cpu
    kernel.receive(frame, tracer: &recorder)
  }

  /// What a protocol's queue on a CPU counted: direct, hybrid, drops, queued, handled, high water.
  func counts(_ netisr: NetisrProtocol = .ip, cpu: Int) -> [Int] {
    let work = kernel.netisrWork(netisr, cpu: cpu)
    return [work.dispatched, work.hybridDispatched, work.drops, work.queued, work.handled]
      .map { Int($0) } + [work.watermark]
  }
}

@Suite("netisr2") struct NetisrTests {
  @Test(arguments: [
    (1, 1, [0]), (4, 1, [0]), (4, 2, [0, 3]), (4, 4, [0, 3, 2, 1]), (2, 8, [0, 1]), (1, -1, [0]),
  ]) func streamsAreOnTheFirstAndTheLastCPUs(_ cpus: Int, _ threads: Int, _ expected: [Int]) throws
  {
    let lab = try NetisrLab(cpus: cpus, threads: threads)
    let netisr = lab.kernel.machine.netisr.streamCount
    #expect((0..<netisr).map { lab.kernel.machine.netisr.cpu(ofStream: $0) } == expected)
    #expect(lab.kernel.machine.sysctl[.isrNumthreads] == Int64(expected.count))
    #expect(lab.kernel.machine.sysctl[.isrMaxthreads] == Int64(expected.count))
  }

  @Test func bootSaysWhatItCaps() {
    var options = KernelOptions()
    options.cpus = 2
    options.netisr.maxthreads = 5
    options.netisr.defaultqlimit = 300
    options.netisr.maxqlimit = 200
    options.netisr.routeMaxqlen = 500
    let kernel = Kernel(options)
    #expect(
      kernel.machine.messages == [
        "netisr2: forcing maxthreads from 5 to 2",
        "netisr2: forcing defaultqlimit from 300 to 200",
        "netisr_register: rtsock requested queue limit 500 capped to net.isr.maxqlimit 200",
        "netisr_register: epair requested queue limit 2100 capped to net.isr.maxqlimit 200",
      ])
    #expect(NetisrProtocol.allCases.map { kernel.netisrLimit($0) } == [200, 200, 200, 200, 200])
  }

  /// 4 streams; em0 has index 1, so that its packets belong to stream 1 on CPU 3.
  @Test(arguments: [
    // Direct: counted on the CPU that it comes to, worker or not.
    (1, 1, UInt32?.none, 0, 0, [1, 0, 0, 0, 1, 0]),
    (1, 1, 7, 2, 2, [1, 0, 0, 0, 1, 0]),
    // Hybrid: at once on the stream's own CPU, else queued there.
    (1, 0, nil, 3, 3, [0, 1, 0, 0, 1, 0]),
    (1, 0, nil, 0, 3, [0, 0, 0, 1, 1, 1]),
    (1, 0, 7, 1, 1, [0, 1, 0, 0, 1, 0]),
    // Always queued.
    (0, 1, nil, 3, 3, [0, 0, 0, 1, 1, 1]),
    (0, 0, 7, 0, 1, [0, 0, 0, 1, 1, 1]),
    (0, 0, 4, 0, 0, [0, 0, 0, 1, 1, 1]),
  ]) func findsTheStream(
    _ direct: Int, _ force: Int, _ flow: UInt32?, _ cpu: Int, _ target: Int, _ expected: [Int]
  ) throws {
    var lab = try NetisrLab(direct: direct, force: force)
    try lab.receive(flow: flow, cpu: cpu)
    #expect(lab.counts(cpu: target) == expected)
    let others = (0..<4).filter { $0 != target }.flatMap { lab.counts(cpu: $0) }
    #expect(others.allSatisfy { $0 == 0 })
    #expect(lab.sent == 1)
  }

  @Test func aStoppedWorkerTakesAsManyAsTheLimit() throws {
    var lab = try NetisrLab(cpus: 1, threads: 1, direct: 0)
    try lab.kernel.setSysctl(.debugNetisrStop, to: 1, vnet: .zero)
    for _ in 0..<300 { try lab.receive() }
    #expect(lab.counts(cpu: 0) == [0, 0, 44, 256, 0, 256])
    #expect(lab.kernel.netisrWork(.ip, cpu: 0).length == 256)
    #expect(lab.kernel.machine.tally.held == 256)
    #expect(lab.kernel.machine.tally.dropped == 44)
    let drops = lab.kernel.sysctl(.ipIntrQueueDrops, vnet: .zero, fib: .zero)
    #expect(drops == .number(44))
    // A clone goes on as the machine does.
    var twin = lab.kernel.clone()
    try twin.setSysctl(.debugNetisrStop, to: 0, vnet: .zero)
    try lab.kernel.setSysctl(.debugNetisrStop, to: 0, vnet: .zero)
    #expect(lab.counts(cpu: 0) == [0, 0, 44, 256, 256, 256])
    #expect(lab.kernel.machine.tally == twin.machine.tally)
    #expect(lab.sent == 256)
    #expect(lab.kernel.machine.tally.held == 0)
  }

  @Test func aLowerLimitKeepsWhatWaits() throws {
    var lab = try NetisrLab(cpus: 1, threads: 1, direct: 0)
    try lab.kernel.setSysctl(.debugNetisrStop, to: 1, vnet: .zero)
    for _ in 0..<5 { try lab.receive() }
    try lab.kernel.setSysctl(.ipIntrQueueMaxlen, to: 2, vnet: .zero)
    try lab.receive()
    #expect(lab.counts(cpu: 0) == [0, 0, 1, 5, 0, 5])
    try lab.kernel.setSysctl(.debugNetisrStop, to: 0, vnet: .zero)
    #expect(lab.sent == 5)
  }

  @Test func aBusyStreamIsNotOvertaken() throws {
    var lab = try NetisrLab(cpus: 1, threads: 1, direct: 0, force: 0)
    try lab.kernel.setSysctl(.debugNetisrStop, to: 1, vnet: .zero)
    try lab.receive()
    try lab.kernel.setSysctl(.isrDirect, to: 1, vnet: .zero)
    try lab.receive()
    // The worker was woken for the first, so that the second waits behind it.
    #expect(lab.counts(cpu: 0) == [0, 0, 0, 2, 0, 2])
    try lab.kernel.setSysctl(.debugNetisrStop, to: 0, vnet: .zero)
    try lab.receive()
    #expect(lab.counts(cpu: 0) == [0, 1, 0, 2, 3, 2])
  }

  @Test func workersTakeTurnsInTheOrderOfStreams() throws {
    var lab = try NetisrLab(direct: 0)
    try lab.kernel.setSysctl(.debugNetisrStop, to: 15, vnet: .zero)
    for flow in [3, 2, 2, 1, 0] { try lab.receive(flow: UInt32(flow)) }
    lab.recorder.removeAll()
    lab.kernel.machine.sysctl[.debugNetisrStop] = 0
    lab.kernel.settleNetisr(&lab.recorder)
    let taken = lab.recorder.entries.compactMap { entry -> UInt8? in
      guard case .netisr(let step) = entry.event, step.id == .isrWorker else { return nil }
      return step.cpu
    }
    #expect(taken == [0, 3, 2, 2, 1])
    #expect(lab.sent == 5)
  }

  @Test func messagesOfRoutingSocketsWaitToo() throws {
    var lab = try NetisrLab(cpus: 1, threads: 1)
    let socket = lab.kernel.openRoutingSocket(vnet: .zero)
    try lab.kernel.setSysctl(.routeNetisrMaxqlen, to: 2, vnet: .zero)
    try lab.kernel.setSysctl(.debugNetisrStop, to: 1, vnet: .zero)
    let em0 = try lab.kernel.interface(vnet: .zero, named: "em0").index
    for mtu in [1400, 1300, 1200] {
      try lab.kernel.setMTU(vnet: .zero, interface: em0, mtu)
    }
    #expect(lab.kernel.readRoutingSocket(vnet: .zero, socket).isEmpty)
    #expect(lab.counts(.rtsock, cpu: 0) == [0, 0, 1, 2, 0, 2])
    try lab.kernel.setSysctl(.debugNetisrStop, to: 0, vnet: .zero)
    #expect(lab.kernel.readRoutingSocket(vnet: .zero, socket).count == 2)
  }

  @Test func reportsOfGroupsGoThroughTheirQueue() throws {
    var lab = try NetisrLab(direct: 0)
    let em0 = try lab.kernel.interface(vnet: .zero, named: "em0").index
    try lab.kernel.joinGroup(
      vnet: .zero, interface: em0, IPv4Address(224, 5, 6, 7), tracer: &lab.recorder)
    lab.kernel.advance(to: lab.kernel.machine.now.advanced(seconds: 1))
    // They come from no interface: source 0, the first stream.
    #expect(lab.counts(.igmp, cpu: 0) == [0, 0, 0, 1, 1, 1])
  }

  /// A stopped worker whose last packet went with its interface has nothing to do: the caller may.
  @Test func packetsThatGoWithTheirInterfaceWakeNobody() throws {
    var lab = try NetisrLab(cpus: 1, threads: 1, direct: 0)
    try lab.kernel.createInterface(vnet: .zero, named: "em7")
    let card = try lab.kernel.interface(vnet: .zero, named: "em7").index
    try lab.kernel.setFlags(vnet: .zero, interface: card, set: .IFF_UP)
    lab.kernel.machine.sysctl[.debugNetisrStop] = 1
    lab.kernel.settleNetisr(&lab.recorder)
    try lab.receive(on: "em7")
    #expect(lab.counts(cpu: 0) == [0, 0, 0, 1, 0, 1])
    try lab.kernel.destroyInterface(vnet: .zero, interface: card)
    lab.kernel.machine.sysctl[.debugNetisrStop] = 0
    lab.kernel.settleNetisr(&lab.recorder)
    lab.kernel.machine.sysctl[.isrDirect] = 1
    lab.kernel.machine.sysctl[.isrDirectForce] = 0
    try lab.receive()
    #expect(lab.counts(cpu: 0) == [0, 1, 0, 1, 1, 1])
  }
}
