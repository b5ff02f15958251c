// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
package import Wire

/// How a flow set treats its packets (`DN_` flags of `flags_fs`, with 8.0's numbers).
package struct DummynetFlags: OptionSet, Hashable, BitwiseCopyable, Sendable {
  package let rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Each masked flow has a queue of its own.
  package static let DN_HAVE_FLOW_MASK = DummynetFlags(rawValue: 0x01)
  package static let DN_IS_RED = DummynetFlags(rawValue: 0x02)
  package static let DN_IS_GENTLE_RED = DummynetFlags(rawValue: 0x04)
  /// The queue's size is in bytes, not in slots.
  package static let DN_QSIZE_IS_BYTES = DummynetFlags(rawValue: 0x08)
  /// A drop is no error to the sender.
  package static let DN_NOERROR = DummynetFlags(rawValue: 0x10)
}

/// The bits of a flow that tell queues apart (`flow_mask`).
package struct FlowMask: Hashable, BitwiseCopyable, Sendable {
  package var proto: UInt8 = 0
  package var source: UInt32 = 0
  package var destination: UInt32 = 0
  package var sourcePort: UInt16 = 0
  package var destinationPort: UInt16 = 0
  package var source6: SIMD4<UInt32> = .zero
  package var destination6: SIMD4<UInt32> = .zero
  package var flowID6: UInt32 = 0

  package init() {}
}

/// What random early detection is told by ipfw(8): thresholds as typed, the rest times 65536.
package struct RedSettings: Hashable, BitwiseCopyable, Sendable {
  /// The weight of a new length in the average (`w_q`).
  package var weight: Int32 = 0
  package var leastThreshold: Int32 = 0
  package var mostThreshold: Int32 = 0
  /// The probability of a drop at the upper threshold (`max_p`).
  package var mostProbability: Int32 = 0
  /// Ticks of idleness that a step of the table stands for.
  package var lookupStep: Int32 = 0
  /// The average's part that a step leaves.
  package var lookupWeight: Int32 = 0

  package init() {}
}

/// What a flow set is to be (the fields of `struct dn_flow_set` that ipfw(8) fills in).
package struct FlowSetSettings: Hashable, BitwiseCopyable, Sendable {
  /// The queue's number; 0 for that of a pipe.
  package var number: UInt16 = 0
  /// The pipe that clocks a queue.
  package var parent: UInt16 = 0
  package var weight: Int32 = 0
  package var flags: DummynetFlags = []
  /// Slots or bytes; 0 for the default.
  package var size: Int32 = 0
  /// The part of packets that is lost, times 2^31 - 1 (`plr`).
  package var lossRate: Int32 = 0
  package var mask = FlowMask()
  package var buckets: Int32 = 0
  package var red = RedSettings()

  package init() {}
}

/// How a link's own protocol delays packets (`struct dn_pipe`): one of the samples is drawn for each.
package struct DelayProfile: Hashable, Sendable {
  package var name: String
  /// From this sample on, a packet is lost after its delay.
  package var lossLevel: Int32
  /// Milliseconds, from the shortest to the longest.
  package var samples: [Int32]

  package init(name: String, lossLevel: Int32, samples: [Int32]) {
    (self.name, self.lossLevel, self.samples) = (name, lossLevel, samples)
  }
}

/// What a pipe is to be (`struct dn_pipe`, as ipfw(8) hands it over).
package struct PipeSettings: Hashable, Sendable {
  package var number: Int32 = 0
  /// Bits per second; 0 for no limit.
  package var bandwidth: Int32 = 0
  /// Milliseconds.
  package var delay: Int32 = 0
  /// Bytes.
  package var burst: UInt64 = 0
  /// The interface whose transmitter is the clock.
  package var clock: InterfaceName?
  package var profile: DelayProfile?
  package var flowSet = FlowSetSettings()

  package init() {}
}

/// Where a packet goes when its time has come (`dn_dir`).
package enum DummynetExit: UInt8, BitwiseCopyable, Sendable {
  case toIPOut, toIPIn, toIP6In, toIP6Out, toEthernetDemux, toEthernetOut
  /// Out of a member of a bridge (`DN_TO_IFB_FWD`).
  case toBridge
  /// Lost by the link (`DN_TO_DROP`).
  case toNowhere
  /// Its stack is gone: it ends when its time comes.
  case toVnetGone

  /// The way back to the hook that a packet comes from, by its version; nil if that is none of IP.
  init?(_ direction: Direction, _ bytes: RawSpan) {
    switch (bytes.byteCount > 0 ? bytes.uint8(at: 0) >> 4 : 0, direction) {
    case (4, .in): self = .toIPIn
    case (4, .out): self = .toIPOut
    case (6, .in): self = .toIP6In
    case (6, .out): self = .toIP6Out
    default: return nil
    }
  }

  /// Whether a packet that need not wait goes on in its caller.
  var mayPassAtOnce: Bool {
    self != .toEthernetDemux && self != .toEthernetOut && self != .toBridge
  }
  var isOut: Bool {
    self == .toIPOut || self == .toIP6Out || self == .toEthernetOut || self == .toBridge
  }
}

/// What dummynet is asked to do with a packet.
struct DummynetRequest: BitwiseCopyable {
  var order: DummynetOrder
  var flow: FlowID

  init(_ order: DummynetOrder, _ flow: FlowID) { (self.order, self.flow) = (order, flow) }
}

/// A packet in a queue or a delay line (`struct dn_pkt_tag`).
struct DummynetPacket: BitwiseCopyable {
  var record: Packet.Record
  /// The next one of its queue, delay line or chain; -1 behind the last.
  var next: Int32 = -1
  /// The tick at which it leaves.
  var outputTime: DummynetKey = 0
  var exit: DummynetExit
  /// The interface it is to leave by (`ifp`).
  var interface: InterfaceIndex
  /// The tick at which it came.
  var arrival: DummynetKey
}

/// Packets in a row, linked by their places; the first goes first.
struct DummynetChain: BitwiseCopyable {
  var head: Int32 = -1
  var tail: Int32 = -1
  var isEmpty: Bool { head < 0 }
}

/// The packets of one flow (`struct dn_flow_queue`).
struct DummynetQueue: BitwiseCopyable {
  /// The next one of its bucket.
  var next: Int32 = -1
  var id: FlowID
  var packets = DummynetChain()
  var count: UInt32 = 0
  var bytes: UInt32 = 0
  /// The bits times `hz` that may be sent (`numbytes`).
  var credit: UInt64 = 0
  /// The bits that stand for the first packet's extra delay.
  var extraBits: Int64 = 0
  var totalPackets: UInt64 = 0
  var totalBytes: UInt64 = 0
  var drops: UInt32 = 0
  var slot: Int32
  /// RED's average length, arrivals since the last drop, and random number.
  var average: Int32 = 0
  var arrivals: Int32 = 0
  var random: Int32 = 0
  var idleTime: DummynetKey = 0
  var flowSet: Int32
  var heapPosition: Int32 = 0
  var scheduledTime: DummynetKey = 0
  /// The virtual times of WF2Q+ (`S`, `F`); a start behind the finish means there are none.
  var start: DummynetKey = 1
  var finish: DummynetKey = 0

  /// Whether it is idle and in no heap, so that it may go.
  var mayExpire: Bool { packets.isEmpty && start == finish &+ 1 }
}

/// A pipe's own queues or those of a `queue` (`struct dn_flow_set`).
struct DummynetFlowSet: ~Copyable, StateHashable {
  var number: UInt16 = 0
  /// The next one of its list.
  var next: Int32 = -1
  /// The pipe that clocks it, or -1 while it was not found.
  var pipe: Int32 = -1
  var parent: UInt16 = 0
  var weight: Int32 = 0
  var flags: DummynetFlags = []
  var size: Int32 = 0
  var lossRate: Int32 = 0
  var mask = FlowMask()
  /// The queues by the hash of their flow; behind the last bucket those that find no room.
  var buckets = UniqueArray<Int32>()
  /// How many queues there are (`rq_elements`).
  var count: Int32 = 0
  /// The second in which idle queues were last cleared away for want of room.
  var lastExpired: UInt32 = 0
  var backlogged: Int32 = 0
  var red = DummynetRed()
  /// What is left of an average after so many steps of idleness (`w_q_lookup`).
  var redTable = UniqueArray<UInt32>()

  /// The buckets without the last (`rq_size`).
  var bucketCount: Int { buckets.count - 1 }

  func clone() -> DummynetFlowSet {
    var copy = DummynetFlowSet()
    copy.number = number
    copy.next = next
    copy.pipe = pipe
    copy.parent = parent
    copy.weight = weight
    copy.flags = flags
    copy.size = size
    copy.lossRate = lossRate
    copy.mask = mask
    copy.buckets = buckets.clone()
    copy.count = count
    copy.lastExpired = lastExpired
    copy.backlogged = backlogged
    copy.red = red
    copy.redTable = redTable.clone()
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(number)
    hasher.combine(next)
    hasher.combine(pipe)
    hasher.combine(parent)
    hasher.combine(weight)
    hasher.combine(flags)
    hasher.combine(size)
    hasher.combine(lossRate)
    hasher.combine(mask)
    hasher.combine(buckets)
    hasher.combine(count)
    hasher.combine(lastExpired)
    hasher.combine(backlogged)
    hasher.combine(red)
    hasher.combine(redTable)
  }
}

/// A link of a bandwidth and a delay (`struct dn_pipe`).
struct DummynetPipe: ~Copyable, StateHashable {
  var number: Int32 = 0
  /// The next one of its list.
  var next: Int32 = -1
  /// Bits per second.
  var bandwidth: Int32 = 0
  /// Ticks.
  var delay: Int32 = 0
  /// The delay line.
  var packets = DummynetChain()
  /// The queues that may send, by finish time.
  var scheduler = DummynetHeap()
  /// Those whose start time has not come, by start time.
  var notEligible = DummynetHeap()
  /// Those with nothing to send, by finish time.
  var idle = DummynetHeap(isIndexed: true)
  /// The virtual time (`V`), and the weights of all queues that have times.
  var virtualTime: DummynetKey = 0
  var sum: Int32 = 0
  /// The bits times `hz` that may be sent (`numbytes`).
  var credit: Int64 = 0
  /// The most credit that idleness gives, in the same unit.
  var burst: UInt64 = 0
  var scheduledTime: DummynetKey = 0
  var idleTime: DummynetKey = 0
  var clock: InterfaceName?
  /// Its own flow set.
  var flowSet: Int32 = -1
  /// The profile of extra delays; no samples for none.
  var profileName = ""
  var lossLevel: Int32 = 0
  var samples = UniqueArray<Int32>()

  /// Whether an idle queue's times are over (the sweep at the end of `dummynet_task`).
  var hasStaleIdle: Bool { idle.top.map { $0.key.isBefore(virtualTime) } ?? false }

  func clone() -> DummynetPipe {
    var copy = DummynetPipe()
    copy.number = number
    copy.next = next
    copy.bandwidth = bandwidth
    copy.delay = delay
    copy.packets = packets
    copy.scheduler = scheduler.clone()
    copy.notEligible = notEligible.clone()
    copy.idle = idle.clone()
    copy.virtualTime = virtualTime
    copy.sum = sum
    copy.credit = credit
    copy.burst = burst
    copy.scheduledTime = scheduledTime
    copy.idleTime = idleTime
    copy.clock = clock
    copy.flowSet = flowSet
    copy.profileName = profileName
    copy.lossLevel = lossLevel
    copy.samples = samples.clone()
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(number)
    hasher.combine(next)
    hasher.combine(bandwidth)
    hasher.combine(delay)
    hasher.combine(packets)
    hasher.combine(scheduler)
    hasher.combine(notEligible)
    hasher.combine(idle)
    hasher.combine(virtualTime)
    hasher.combine(sum)
    hasher.combine(credit)
    hasher.combine(burst)
    hasher.combine(scheduledTime)
    hasher.combine(idleTime)
    hasher.combine(clock)
    hasher.combine(flowSet)
    hasher.combine(profileName)
    hasher.combine(lossLevel)
    hasher.combine(samples)
  }
}
