// SPDX-License-Identifier: BSD-2-Clause

/// The protocols that have a netisr queue, by their numbers (net/netisr.h).
package enum NetisrProtocol: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case ip = 1
  case igmp = 2
  /// What routing sockets hear; its packets are messages and stand in `RoutingSocketTable`.
  case rtsock = 3
  case arp = 7
  case epair = 12

  /// How many numbers there are (`NETISR_MAXPROT`).
  static let limit = 16

  /// How a protocol's packets find their stream (`nh_policy`).
  package enum Policy: UInt8, BitwiseCopyable, Sendable {
    /// By the interface they came from: `NETISR_POLICY_SOURCE`.
    case source
    /// By their flow, or where they have none by their source: `NETISR_POLICY_FLOW`.
    case flow
    /// As the protocol says: `NETISR_POLICY_CPU`.
    case cpu
  }

  package var name: String {
    switch self {
    case .ip: "ip"
    case .igmp: "igmp"
    case .rtsock: "rtsock"
    case .arp: "arp"
    case .epair: "epair"
    }
  }

  package var policy: Policy {
    switch self {
    case .ip: .flow
    case .igmp, .rtsock, .arp: .source
    case .epair: .cpu
    }
  }

  /// Whether the protocol is told that a worker has emptied its queue (`nh_drainedcpu`).
  package var hearsOfDrain: Bool { self == .epair }

  /// The sysctl that has the limit of each of its queues; nil where none does.
  package var limitKey: SysctlKey? {
    switch self {
    case .ip: .ipIntrQueueMaxlen
    case .rtsock: .routeNetisrMaxqlen
    case .epair: .linkEpairNetisrMaxqlen
    case .igmp, .arp: nil
    }
  }
}

/// What a protocol's queue on one CPU went through (`struct netisr_work`, net/netisr.c).
package struct NetisrWork: BitwiseCopyable, Sendable {
  /// Packets that wait, and the most that ever did.
  package var length = 0
  package var watermark = 0
  /// Packets that the caller handled at once, always or because the stream was free.
  package var dispatched: UInt64 = 0
  package var hybridDispatched: UInt64 = 0
  package var drops: UInt64 = 0
  package var queued: UInt64 = 0
  package var handled: UInt64 = 0
  /// The first and the last that wait, as places of the queue's items.
  var head: Int32 = -1
  var tail: Int32 = -1

  package init() {}
}

/// The state of a CPU's stream of work (`struct netisr_workstream`).
struct NetisrStream: BitwiseCopyable {
  /// Its worker runs; a caller handles a packet in its place; its worker was woken (`NWS_RUNNING`,
  /// `NWS_DISPATCHING`, `NWS_SCHEDULED`).
  var isRunning = false
  var isDispatching = false
  var isScheduled = false
  /// A bit for each protocol that has packets (`nws_pendingbits`).
  var pending: UInt32 = 0

  /// Whether order forbids that a caller handles a packet itself.
  var isBusy: Bool { isRunning || isDispatching || isScheduled }
}

/// Why a packet goes to a stream (`netisr_select_cpuid`).
package enum NetisrReason: Hashable, BitwiseCopyable, Sendable {
  /// Direct dispatch asks for no stream.
  case caller
  case onlyStream
  case flow(UInt32)
  /// The index of the interface it came from, and what the caller adds.
  case source(InterfaceIndex, UInt32)
  /// The end of a pair that it comes in at, which may be in another stack than the sender.
  case cpu(InterfacePlace)
}

/// What netisr did with a packet.
package struct NetisrStep: BitwiseCopyable, Sendable {
  /// `isr.direct`, `isr.hybrid`, `isr.queued` or `isr.worker`.
  package var id: TraceID
  package var netisr: NetisrProtocol
  /// The CPU of the stream.
  package var cpu: UInt8
  /// How many streams there are, and the stream's place among them.
  package var streams: UInt8
  package var stream: UInt8
  package var reason: NetisrReason
  /// The queue's length behind the packet, and its limit.
  package var length: UInt32 = 0
  package var limit: UInt32 = 0
}

extension NetisrStep {
  /// A packet that its protocol gets at once, on a CPU.
  init(direct netisr: NetisrProtocol, cpu: UInt8, streams: UInt8) {
    self.init(
      id: .isrDirect, netisr: netisr, cpu: cpu, streams: streams, stream: 0, reason: .caller)
  }
}
