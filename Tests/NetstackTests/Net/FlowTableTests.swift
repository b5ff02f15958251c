// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Netstack
import Testing
import Wire

/// A host with 10.0.0.1/24 on em0, two gateways there, and a flow table.
private struct FlowLab: ~Copyable {
  var kernel: Kernel
  let em0: InterfaceIndex

  init(size: Int = 2048) throws {
    var options = KernelOptions()
    options.flowtable = true
    options.flowtableSize = size
    options.routeTables = 2
    var kernel = Kernel(options)
    let card = try kernel.interface(vnet: .zero, named: "em0").index
    try kernel.addAddress(
      vnet: .zero, interface: card,
      AddressRequest(IPv4Address(10, 0, 0, 1), mask: IPv4Prefix.mask(length: 24)))
    for last in [UInt8(7), 8] {
      try kernel.arpSet(
        vnet: .zero, interface: card, address: IPv4Address(10, 0, 0, last),
        hardwareAddress: mac(last))
    }
    self.kernel = kernel
    em0 = card
  }

  func route(_ prefix: String, _ length: Int, via last: UInt8 = 7) -> RouteMessage {
    var message = RouteMessage(
      destination: ip(prefix), mask: length == 32 ? nil : IPv4Prefix.mask(length: length),
      gateway: .address(IPv4Address(10, 0, 0, last)))
    message.flags = [.RTF_UP, .RTF_GATEWAY, .RTF_STATIC]
    if length == 32 { message.flags.insert(.RTF_HOST) }
    return message
  }

  mutating func add(_ prefix: String, _ length: Int, fib: UInt8 = 0) throws {
    try kernel.routeAdd(
      vnet: .zero, fib: FibNumber(rawValue: fib), route(prefix, length))
  }

  /// Sends a packet of protocol 99.
  ///
  /// - Returns: The last byte of the address that its frame went to; nil if none left.
  @discardableResult
  mutating func send(_ destination: String, fib: UInt8 = 0) -> UInt8? {
    let header = IPv4Header(
      totalLength: 20, identification: 1, protocol: IPProtocol(rawValue: 99),
      source: IPv4Address(10, 0, 0, 1), destination: ip(destination))
    var bytes = [UInt8](repeating: 0, count: 20)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    header.write(into: &raw, at: 0)
    var packet = LocalPacket(
      bytes, socket: .rawHeaderIncluded, fib: FibNumber(rawValue: fib), chooser: .socket)
    packet.flags = .IP_ALLOWBROADCAST
    var recorder = Recorder()
    try? kernel.send(packet, tracer: &recorder)
    for snapshot in recorder.snapshots {
      guard case .transmitted = snapshot.moment else { continue }
      let frame = Array(recorder.bytes(of: snapshot))
      if frame[12] == 8, frame[13] == 0 { return frame[5] }
    }
    return nil
  }

  mutating func wait(_ seconds: UInt64) {
    kernel.advance(to: kernel.machine.now.advanced(seconds: seconds))
  }

  var counters: FlowCounters { kernel[.zero].flows.counters }
  var counts: [Int32] {
    [counters.lookups, counters.hits, counters.misses, counters.collisions, counters.frees]
  }
  var flows: Int { kernel[.zero].flows.count }

  /// How many flows hold a route.
  func references(_ destination: String, fib: UInt8 = 0) throws -> [Int32] {
    try kernel.routes(vnet: .zero, fib: FibNumber(rawValue: fib))
      .filter { $0.key.destination == ip(destination) }.map(\.references)
  }
}

@Suite("flowtable") struct FlowTableTests {
  @Test func theSecondPacketHits() throws {
    var lab = try FlowLab()
    try lab.add("0.0.0.0", 0)
    #expect([lab.send("8.8.8.8"), lab.send("8.8.8.8"), lab.send("8.8.4.4")] == [7, 7, 7])
    #expect(lab.counts == [3, 1, 2, 0, 0])
    #expect(try lab.references("0.0.0.0") == [2])
  }

  @Test func theOldNextHopStaysUntilTheFlowIsIdle() throws {
    var lab = try FlowLab()
    try lab.add("0.0.0.0", 0)
    lab.send("8.8.8.8")
    try lab.kernel.routeChange(vnet: .zero, fib: .zero, lab.route("0.0.0.0", 0, via: 8))
    #expect(lab.send("8.8.8.8") == 7)
    // 30 seconds are not too long; the cleaner comes every 10.
    lab.wait(30)
    #expect(lab.send("8.8.8.8") == 7)
    lab.wait(41)
    #expect(lab.flows == 0)
    #expect(lab.send("8.8.8.8") == 8)
    #expect(lab.counts == [4, 2, 2, 0, 1])
  }

  @Test func aDeletedRouteIsAMiss() throws {
    var lab = try FlowLab()
    try lab.add("0.0.0.0", 0)
    try lab.add("8.0.0.0", 8)
    lab.send("8.8.8.8")
    _ = try lab.kernel.routeDelete(vnet: .zero, fib: .zero, lab.route("8.0.0.0", 8))
    #expect(lab.send("8.8.8.8") == 7)
    // The old flow is still there, and the new one behind it.
    #expect(lab.flows == 2)
    #expect(lab.counts == [2, 0, 2, 1, 0])
    #expect(lab.counters.maxDepth == 1)
    try lab.add("9.0.0.0", 8)
    #expect(try lab.references("9.0.0.0") == [0])
    lab.wait(60)
    #expect(lab.flows == 0)
    #expect(try lab.references("0.0.0.0") == [0])
  }

  /// Only a mask of more bytes takes the flows of the route that covers it.
  @Test(arguments: [
    ("0.0.0.0", 0, "8.0.0.0", 8, true), ("0.0.0.0", 0, "8.8.8.8", 32, true),
    ("8.0.0.0", 8, "8.8.0.0", 16, true), ("8.0.0.0", 7, "8.0.0.0", 8, false),
    ("8.8.0.0", 17, "8.8.0.0", 24, false), ("8.8.0.0", 16, "8.8.8.0", 24, true),
    ("8.8.8.0", 24, "8.0.0.0", 8, false), ("0.0.0.0", 0, "9.0.0.0", 8, true),
  ]) func aNewRouteFlushes(
    _ old: String, _ length: Int, _ new: String, _ newLength: Int, _ isFlushed: Bool
  ) throws {
    var lab = try FlowLab()
    try lab.add(old, length)
    lab.send("8.8.8.8")
    try lab.add(new, newLength)
    #expect(lab.flows == (isFlushed ? 0 : 1))
    #expect(lab.counters.frees == (isFlushed ? 1 : 0))
  }

  @Test func aSecondTableFindsTheBucketTaken() throws {
    var lab = try FlowLab()
    try lab.add("0.0.0.0", 0)
    try lab.add("0.0.0.0", 0, fib: 1)
    lab.send("8.8.8.8")
    lab.send("8.8.8.8", fib: 1)
    lab.send("8.8.8.8", fib: 1)
    #expect(lab.counts == [3, 0, 3, 2, 0])
    #expect(lab.flows == 1)
  }

  @Test func aBroadcastLeavesAnEntry() throws {
    var lab = try FlowLab()
    lab.send("10.0.0.255")
    lab.wait(7200)
    #expect(lab.flows == 0)
    let entry = try #require(
      lab.kernel.arpEntries(vnet: .zero).first { $0.entry.address == ip("10.0.0.255") })
    #expect(entry.hardwareAddress == nil)
  }

  /// The flow goes on with an entry whose time is over, though nobody finds it any more.
  @Test func anEntryThatIsGoneIsStillUsed() throws {
    var lab = try FlowLab()
    // 10.0.0.9 asks for 10.0.0.1, so that it is known.
    let request: [UInt8] =
      [255, 255, 255, 255, 255, 255, 2, 0xaa, 0, 0, 0, 9, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1]
      + [2, 0xaa, 0, 0, 0, 9, 10, 0, 0, 9, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1]
    lab.kernel.receive(ReceivedFrame(request, on: lab.em0))
    for _ in 0..<70 {
      #expect(lab.send("10.0.0.9") == 9)
      lab.wait(20)
    }
    #expect(lab.kernel.arpEntries(vnet: .zero).allSatisfy { $0.entry.address != ip("10.0.0.9") })
    lab.wait(60)
    #expect(lab.send("10.0.0.9") == nil)
  }

  @Test func aFullTableKeepsNoMore() throws {
    var lab = try FlowLab()
    try lab.add("0.0.0.0", 0)
    lab.kernel[.zero].sysctl[.flowtableNmbflows] = 2
    for last in 1...4 { #expect(lab.send("8.8.8.\(last)") == 7) }
    #expect(lab.flows == 2)
    #expect(lab.counts == [4, 0, 4, 0, 0])
    #expect(throws: Errno.EINVAL) {
      try lab.kernel.setSysctl(.flowtableNmbflows, to: 2, vnet: .zero)
    }
  }

  @Test func anInterfaceThatGoesTakesItsFlows() throws {
    var lab = try FlowLab()
    try lab.kernel.createInterface(vnet: .zero, named: "em9", fib: .zero)
    let card = try lab.kernel.interface(vnet: .zero, named: "em9").index
    try lab.kernel.addAddress(
      vnet: .zero, interface: card,
      AddressRequest(IPv4Address(10, 9, 0, 1), mask: IPv4Prefix.mask(length: 24)))
    lab.send("10.9.0.7")
    #expect(lab.flows == 1)
    try lab.kernel.destroyInterface(vnet: .zero, interface: card)
    #expect(lab.flows == 0)
    #expect(lab.counts == [1, 0, 1, 0, 1])
  }

  @Test func noRouteIsMissedTwice() throws {
    var lab = try FlowLab()
    lab.send("8.8.8.8")
    // The flow table asks first, then ip_output.
    #expect(lab.kernel[.zero].statistics.route[.unreach] == 2)
    #expect(lab.counts == [1, 0, 1, 0, 0])
  }

  @Test func oneBucketHoldsAll() throws {
    var lab = try FlowLab(size: 8)
    try lab.add("0.0.0.0", 0)
    for last in 1...40 { lab.send("8.8.8.\(last)") }
    for last in 1...40 { lab.send("8.8.8.\(last)") }
    #expect(lab.counters.hits == 40)
    #expect(lab.counters.collisions >= 32)
    lab.wait(60)
    #expect(lab.flows == 0)
    #expect(lab.counters.frees == 40)
  }
}
