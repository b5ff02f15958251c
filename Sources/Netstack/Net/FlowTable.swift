// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// A way that a local packet took lately (`struct flentry`, net/flowtable.c).
struct Flow: BitwiseCopyable {
  let hash: UInt32
  let destination: IPv4Address
  let fib: FibNumber
  /// Uptime in seconds.
  var lastUse: UInt32
  /// Both are referenced, so that they outlive their tables.
  let route: RouteIndex
  let entry: ArpIndex
  /// The next flow of the same bucket.
  var next: Int32 = -1
}

/// Which flows are to go.
enum FlowRemoval: BitwiseCopyable {
  case of(RouteIndex)
  /// Those not used for 30 seconds at this uptime, and those whose route is gone.
  case stale(UInt32)

  @inline(__always)
  func means(_ flow: Flow, _ routes: borrowing RoutingTables) -> Bool {
    switch self {
    case .of(let route): flow.route == route
    case .stale(let uptime): flow.isStale(uptime, routes)
    }
  }
}

extension Flow {
  /// Seconds without use after which a flow may go (`ft_udp_idle`).
  private static let idleSeconds: UInt32 = 30

  /// Whether it is not to be used any more (`flow_stale`).
  func isStale(_ uptime: UInt32, _ routes: borrowing RoutingTables) -> Bool {
    !routes.isUp(route) || uptime &- lastUse > Flow.idleSeconds
  }
}

/// What the sysctls under net.inet.flowtable count.
package struct FlowCounters: BitwiseCopyable, Sendable {
  package var lookups: Int32 = 0
  package var hits: Int32 = 0
  package var misses: Int32 = 0
  package var frees: Int32 = 0
  package var freeChecks: Int32 = 0
  package var maxDepth: Int32 = 0
  package var collisions: Int32 = 0
}

/// A vnet's cache of ways for the packets of this host, a table for each CPU (`struct flowtable`).
///
/// Without a flow it has no memory of its own.
package struct FlowTable: ~Copyable, StateHashable {
  /// Buckets of each CPU (`net.inet.ip.output_flowtable_size`).
  private let size: Int
  private let cpus: Int
  /// `flow_hashjitter`: drawn at boot, of a generator of its own.
  private let jitter: UInt32
  private var heads = UniqueArray<Int32>()
  private var flows = Slots<Flow>()
  package internal(set) var counters = FlowCounters()
  /// When the cleaner was here.
  var cleaned = Instant(seconds: 0)

  init(_ options: KernelOptions, _ vnet: VnetIndex) {
    size = max(options.flowtableSize, 1)
    cpus = options.numberOfCPUs
    var random = RandomSource(seed: options.seed &+ 0x666c_6f77 &+ UInt64(vnet.rawValue))
    jitter = UInt32(truncatingIfNeeded: random.next())
  }

  private init(copying other: borrowing FlowTable) {
    size = other.size
    cpus = other.cpus
    jitter = other.jitter
    heads = other.heads.clone()
    flows = other.flows.clone()
    counters = other.counters
    cleaned = other.cleaned
  }

  func clone() -> FlowTable { FlowTable(copying: self) }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(size)
    hasher.combine(cpus)
    hasher.combine(jitter)
    hasher.combine(heads)
    hasher.combine(flows)
    hasher.combine(counters)
    hasher.combine(cleaned)
  }

  /// Flows in all buckets.
  package var count: Int { flows.count }

  subscript(place: Int32) -> Flow {
    @inline(__always) _read { yield flows[place] }
    @inline(__always) _modify { yield &flows[place] }
  }

  /// The hash of a destination: `jenkins_hashword` over two words of 0 and the address as it lies in
  /// memory. Ports, source, protocol and FIB have no part in it.
  func hash(_ destination: IPv4Address) -> UInt32 {
    func rotated(_ word: UInt32, _ bits: UInt32) -> UInt32 { word << bits | word >> (32 - bits) }
    let start = 0xdead_beef &+ 12 &+ jitter
    var (a, b, c) = (start, start, start &+ destination.rawValue.byteSwapped)
    c = (c ^ b) &- rotated(b, 14)
    a = (a ^ c) &- rotated(c, 11)
    b = (b ^ a) &- rotated(a, 25)
    c = (c ^ b) &- rotated(b, 16)
    a = (a ^ c) &- rotated(c, 4)
    b = (b ^ a) &- rotated(a, 14)
    return (c ^ b) &- rotated(b, 24)
  }

  /// The first flow of a hash's bucket on a CPU; -1 for none.
  func head(_ hash: UInt32, cpu: Int) -> Int32 {
    heads.isEmpty ? -1 : heads[bucket(hash, cpu)]
  }

  private func bucket(_ hash: UInt32, _ cpu: Int) -> Int { cpu * size + Int(hash) % size }

  /// Puts a flow behind the others of its bucket.
  mutating func append(_ flow: Flow, behind last: Int32, cpu: Int) {
    if heads.isEmpty { heads = UniqueArray(repeating: -1, count: size * cpus) }
    let place = flows.insert(flow)
    if last >= 0 { flows[last].next = place } else { heads[bucket(flow.hash, cpu)] = place }
  }

  /// Counts the buckets that have flows and takes out the first flow from there on that is meant
  /// (`flowtable_free_stale`); nil where none is.
  ///
  /// - Parameter place: The bucket to begin with, and the one to go on with. Buckets behind the last
  ///   multiple of 8 are never looked at: so much of the bit mask is copied.
  mutating func removeNext(
    from place: inout Int, _ removal: FlowRemoval, _ routes: borrowing RoutingTables
  ) -> Flow? {
    while place < heads.count {
      defer { place += 1 }
      guard heads[place] >= 0, place % size < size / 8 * 8 else { continue }
      var before: Int32 = -1
      var next = heads[place]
      while next >= 0 {
        let flow = flows[next]
        guard removal.means(flow, routes) else {
          before = next
          next = flow.next
          continue
        }
        if before >= 0 { flows[before].next = flow.next } else { heads[place] = flow.next }
        flows.remove(next)
        counters.frees &+= 1
        // The same bucket again: there may be more.
        place -= 1
        return flow
      }
      counters.freeChecks &+= 1
    }
    return nil
  }
}
