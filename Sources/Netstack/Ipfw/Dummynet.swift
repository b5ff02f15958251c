// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// The pipes and queues of a kernel, one set for all stacks (netinet/ipfw/ip_dummynet.c).
///
/// Its clock counts milliseconds since boot (`curr_time`). The original looks at its heaps at every
/// tick; here a timer is set for the next tick at which there is something to do.
package struct Dummynet: ~Copyable, StateHashable {
  /// Ticks a second; the unit of credit is a bit times this.
  static let hz = 1000
  private static let hashSize = 16

  /// `curr_time`, at the last time it was asked for.
  var now: DummynetKey = 0
  /// `time_uptime`, likewise.
  var uptime: UInt32 = 0
  var packets = Slots<DummynetPacket>()
  var queues = Slots<DummynetQueue>()
  var flowSets = UniqueArray<DummynetFlowSet>()
  var pipes = UniqueArray<DummynetPipe>()
  var freeFlowSets = UniqueArray<Int32>()
  var freePipes = UniqueArray<Int32>()
  /// The lists of pipes and of queues by number (`pipehash`, `flowsethash`).
  var pipeLists = UniqueArray<Int32>(repeating: -1, count: hashSize)
  var flowSetLists = UniqueArray<Int32>(repeating: -1, count: hashSize)
  /// Queues of fixed-rate pipes, pipes with WF2Q+ queues, and pipes with packets in the delay line.
  var ready = DummynetHeap()
  var readyWFQ = DummynetHeap()
  var extract = DummynetHeap()
  /// Whether an idle queue's times are over at some pipe, so that the next tick has work.
  var isSweepDue = false
  /// The tick that a timer is set for.
  var timerTick: DummynetKey?
  /// Packets of other stacks than the one that set them free, for the kernel to send.
  var elsewhere = DummynetChain()
  /// The counters of the sysctl tree.
  var searches: Int64 = 0
  var searchSteps: Int64 = 0
  var ioPackets: UInt64 = 0
  var ioFast: UInt64 = 0
  var ioDrops: UInt64 = 0

  init() {}

  /// How many packets wait.
  package var count: Int { packets.count }

  /// Reads the clock: `hz` is 1000, and the first tick is a millisecond after boot.
  mutating func readClock(_ moment: Instant) {
    now = Dummynet.tick(at: moment)
    uptime = UInt32(truncatingIfNeeded: moment.seconds)
  }

  /// The tick of a moment (`curr_time`).
  static func tick(at moment: Instant) -> DummynetKey { moment.ticks &- bootTicks }

  /// The moment of a tick.
  static func moment(of tick: DummynetKey) -> Instant {
    Instant(nanoseconds: 0).advanced(milliseconds: tick &+ bootTicks)
  }

  /// Boot is at uptime 1 s.
  private static let bootTicks: UInt64 = 1000

  /// The list that a number belongs to (`HASH`).
  static func list(of number: Int32) -> Int {
    Int((number >> 8 ^ number >> 4 ^ number) & Int32(hashSize - 1))
  }

  /// The pipe with a number, or -1 (`locate_pipe`).
  func pipe(_ number: Int32) -> Int32 {
    var next = pipeLists[Dummynet.list(of: number)]
    while next >= 0, pipes[Int(next)].number != number { next = pipes[Int(next)].next }
    return next
  }

  /// The queue with a number, or -1 (`locate_flowset`).
  func flowSet(_ number: Int32) -> Int32 {
    var next = flowSetLists[Dummynet.list(of: number)]
    while next >= 0, Int32(flowSets[Int(next)].number) != number {
      next = flowSets[Int(next)].next
    }
    return next
  }

  /// Puts a packet at the end of a chain.
  @inline(__always)
  mutating func append(_ packet: Int32, to chain: inout DummynetChain) {
    packets[packet].next = -1
    if chain.isEmpty { chain.head = packet } else { packets[chain.tail].next = packet }
    chain.tail = packet
  }

  /// Takes the first packet off a chain.
  @inline(__always)
  mutating func popFirst(_ chain: inout DummynetChain) -> DummynetPacket? {
    guard !chain.isEmpty else { return nil }
    let packet = packets[chain.head]
    packets.remove(chain.head)
    chain.head = packet.next
    if chain.isEmpty { chain.tail = -1 }
    return packet
  }

  /// Keeps a packet of another stack for the kernel to send.
  mutating func putElsewhere(_ packet: DummynetPacket) {
    let place = packets.insert(packet)
    var chain = elsewhere
    append(place, to: &chain)
    elsewhere = chain
  }

  /// The next packet that was kept for the kernel.
  mutating func nextElsewhere() -> DummynetPacket? {
    if elsewhere.isEmpty { return nil }
    var chain = elsewhere
    let packet = popFirst(&chain)
    elsewhere = chain
    return packet
  }

  /// The next tick at which something is to be done, if any.
  var nextTick: DummynetKey? {
    var next: DummynetKey? = isSweepDue ? now &+ 1 : nil
    if let key = ready.top?.key { next = key.earlier(next) }
    if let key = readyWFQ.top?.key { next = key.earlier(next) }
    if let key = extract.top?.key { next = key.earlier(next) }
    return next?.later(now &+ 1)
  }

  /// A packet goes on in the stack where the interface is now that it came by, or is to leave by
  /// as a frame. One that IP is to send keeps its stack, and came by no interface of it.
  mutating func interfaceMoved(from: InterfacePlace, to: InterfacePlace) {
    packets.updateAll { packet in
      guard packet.record.vnet == from.vnet else { return }
      let cameByIt = packet.record.receivedOn == from.interface
      let leavesByIt = packet.exit == .toEthernetOut && packet.interface == from.interface
      if leavesByIt || cameByIt && !packet.exit.isOut { packet.record.vnet = to.vnet }
      if cameByIt { packet.record.receivedOn = packet.exit.isOut ? .none : to.interface }
      if leavesByIt { packet.interface = to.interface }
    }
  }

  /// A stack is gone: what waits of it ends when its time comes, so that others wait as long as
  /// they would.
  mutating func forget(_ vnet: VnetIndex) {
    packets.updateAll { packet in
      guard packet.record.vnet == vnet else { return }
      packet.record.vnet = .zero
      packet.record.receivedOn = .none
      packet.exit = .toVnetGone
    }
  }

  func clone() -> Dummynet {
    var copy = Dummynet()
    copy.now = now
    copy.uptime = uptime
    copy.packets = packets.clone()
    copy.queues = queues.clone()
    for place in 0..<flowSets.count { copy.flowSets.append(flowSets[place].clone()) }
    for place in 0..<pipes.count { copy.pipes.append(pipes[place].clone()) }
    copy.freeFlowSets = freeFlowSets.clone()
    copy.freePipes = freePipes.clone()
    copy.pipeLists = pipeLists.clone()
    copy.flowSetLists = flowSetLists.clone()
    copy.ready = ready.clone()
    copy.readyWFQ = readyWFQ.clone()
    copy.extract = extract.clone()
    copy.isSweepDue = isSweepDue
    copy.timerTick = timerTick
    copy.elsewhere = elsewhere
    copy.searches = searches
    copy.searchSteps = searchSteps
    copy.ioPackets = ioPackets
    copy.ioFast = ioFast
    copy.ioDrops = ioDrops
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(now)
    hasher.combine(uptime)
    hasher.combine(packets)
    hasher.combine(queues)
    for place in 0..<flowSets.count { hasher.combine(flowSets[place]) }
    for place in 0..<pipes.count { hasher.combine(pipes[place]) }
    hasher.combine(freeFlowSets)
    hasher.combine(freePipes)
    hasher.combine(pipeLists)
    hasher.combine(flowSetLists)
    hasher.combine(ready)
    hasher.combine(readyWFQ)
    hasher.combine(extract)
    hasher.combine(isSweepDue)
    hasher.combine(timerTick)
    hasher.combine(elsewhere)
    hasher.combine(searches)
    hasher.combine(searchSteps)
    hasher.combine(ioPackets)
    hasher.combine(ioFast)
    hasher.combine(ioDrops)
  }
}

extension DummynetKey {
  /// The earlier of two keys, the other of which may be missing.
  @inline(__always)
  fileprivate func earlier(_ other: DummynetKey?) -> DummynetKey {
    guard let other else { return self }
    return isBefore(other) ? self : other
  }
}
