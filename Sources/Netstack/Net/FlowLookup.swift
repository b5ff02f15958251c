// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// The way that the flow table has for a packet (`ro_rt`, `ro_lle`).
struct FlowAnswer: BitwiseCopyable {
  let destination: IPv4Address
  let route: RouteIndex
  let entry: ArpIndex
}

/// Why the flow table keeps no way; the numbers are those of the trace.
package enum FlowRefusal: UInt8, Error, BitwiseCopyable, Sendable {
  case noRoute = 1
  case loopback, pointToPoint
  /// The next hop has no ARP entry and gets none.
  case noEntry
  /// As many flows as `net.inet.flowtable.nmbflows` says.
  case full
  /// A flow with the same hash has the place.
  case taken
}

/// The cache of ways for packets of this host (net/flowtable.c).
extension Vnet {
  /// Looks for the way of a packet, and keeps the one it finds (`flowtable_lookup`).
  ///
  /// - Parameter destination: Where the packet was to go before options changed that.
  @inline(__always)
  mutating func flowLookup<T: Tracer & ~Copyable>(
    _ packet: inout Packet, to destination: IPv4Address, _ machine: inout Machine,
    _ tracer: inout T
  ) -> FlowAnswer? {
    guard machine.options.flowtable, sysctl.flowtableEnable else { return nil }
    return flowSearch(&packet, destination, &machine, &tracer)
  }

  @inline(never)
  private mutating func flowSearch<T: Tracer & ~Copyable>(
    _ packet: inout Packet, _ destination: IPv4Address, _ machine: inout Machine,
    _ tracer: inout T
  ) -> FlowAnswer? {
    let hash = flows.hash(destination)
    // 0 says that there is no flow.
    guard hash != 0 else { return nil }
    if !packet.header.flags.contains(.flowID) {
      packet.header.flags.insert(.flowID)
      packet.header.flowID = hash
    }
    let fib = packet.header.fib
    flows.counters.lookups &+= 1
    var place = flows.head(hash, cpu: machine.netisr.cpu)
    while place >= 0 {
      let flow = flows[place]
      if flow.hash == hash, flow.destination == destination, flow.fib == fib,
        routes.isUp(flow.route)
      {
        flows.counters.hits &+= 1
        flows[place].lastUse = machine.uptime
        tracer.emit(
          packet.number,
          .waypoint(.outFlowHit, arp[flow.entry].address.rawValue, machine.uptime &- flow.lastUse))
        return FlowAnswer(destination: destination, route: flow.route, entry: flow.entry)
      }
      place = flow.next
    }
    flows.counters.misses &+= 1
    switch flowMake(hash, destination, fib, &machine) {
    case .success(let answer):
      tracer.emit(packet.number, .waypoint(.outFlowMiss, 1, 0))
      return answer
    case .failure(let refusal):
      tracer.emit(packet.number, .waypoint(.outFlowMiss, 0, UInt32(refusal.rawValue)))
      return nil
    }
  }

  /// Makes a flow for a destination, and an ARP entry where its next hop has none: whether anybody
  /// asks for it later or not.
  private mutating func flowMake(
    _ hash: UInt32, _ destination: IPv4Address, _ fib: FibNumber, _ machine: inout Machine
  ) -> Result<FlowAnswer, FlowRefusal> {
    guard let route = rtalloc1(destination, fib: fib, report: true) else {
      return .failure(.noRoute)
    }
    let refusal: FlowRefusal
    switch flowEntry(route, destination, &machine) {
    case .failure(let reason): refusal = reason
    case .success where flows.count >= Int(UInt32(truncatingIfNeeded: sysctl[.flowtableNmbflows])):
      refusal = .full
    case .success(let entry):
      if let held = flowInsert(hash, destination, fib, route, entry, &machine) {
        return .success(FlowAnswer(destination: destination, route: held, entry: entry))
      }
      refusal = .taken
    }
    rtfree(route, now: machine.now)
    return .failure(refusal)
  }

  /// The ARP entry of a route's next hop (`llentry_update`).
  private mutating func flowEntry(
    _ route: RouteIndex, _ destination: IPv4Address, _ machine: inout Machine
  ) -> Result<ArpIndex, FlowRefusal> {
    let interface = routes[route].interface
    let flags = interfaces[interface].flags
    guard !flags.contains(.IFF_LOOPBACK) else { return .failure(.loopback) }
    guard !flags.contains(.IFF_POINTOPOINT) else { return .failure(.pointToPoint) }
    var nextHop = destination
    if routes[route].flags.contains(.RTF_GATEWAY) {
      guard case .address(let gateway) = routes[route].gateway else { return .failure(.noEntry) }
      nextHop = gateway
    }
    if let entry = arp.find(nextHop, on: interface) { return .success(entry) }
    guard flags.isDisjoint(with: [.IFF_NOARP, .IFF_STATICARP]),
      let entry = arpCreate(nextHop, on: interface, &machine)
    else { return .failure(.noEntry) }
    return .success(entry)
  }

  /// Puts a flow into its bucket (`flowtable_insert`). The bucket is found by the hash alone, in which
  /// the FIB has no part: nil, and nothing done, for a second FIB's flow to the same destination.
  ///
  /// - Returns: The route as the flow holds it.
  private mutating func flowInsert(
    _ hash: UInt32, _ destination: IPv4Address, _ fib: FibNumber, _ route: RouteIndex,
    _ entry: ArpIndex, _ machine: inout Machine
  ) -> RouteIndex? {
    let cpu = machine.netisr.cpu
    var (last, depth): (Int32, Int32) = (-1, 0)
    var next = flows.head(hash, cpu: cpu)
    if next >= 0 { flows.counters.collisions &+= 1 }
    while next >= 0 {
      let flow = flows[next]
      if flow.hash == hash, !flow.isStale(machine.uptime, routes) { return nil }
      (last, next) = (next, flow.next)
      depth += 1
    }
    flows.counters.maxDepth = max(flows.counters.maxDepth, depth)
    let held = routes.hold(route)
    arp[entry].references += 1
    flows.append(
      Flow(
        hash: hash, destination: destination, fib: fib, lastUse: machine.uptime, route: held,
        entry: entry),
      behind: last, cpu: cpu)
    machine.startFlowCleaner()
    return held
  }

  /// Frees the flows that are stale (`flowtable_clean_vnet`).
  mutating func flowClean(_ machine: inout Machine) {
    guard flows.count > 0, flows.cleaned != machine.now else { return }
    flows.cleaned = machine.now
    let uptime = machine.uptime
    var (place, freed) = (0, 0)
    while let flow = flows.removeNext(from: &place, .stale(uptime), routes) {
      if let route = flowFree(flow) { rtfree(route, now: machine.now) }
      freed += 1
    }
    if freed > 0, sysctl[.flowtableDebug] != 0 { machine.log("freed \(freed) flow entries") }
  }

  /// A new route takes the place of one that covers it: the flows of that one go, if the new one's mask
  /// has more bytes (`rtrequest1_fib`, `flowtable_route_flush`).
  ///
  /// C compares the masks as they lie in memory. Their lengths are the first byte; behind it the
  /// kernel's own mask has ones where a process has an address family, and so counts as the larger.
  mutating func flowFlush(coveredBy key: RouteKey, _ covering: RouteIndex?) {
    guard flows.count > 0, let covering, !routes[covering].key.isHost else { return }
    let old = routes[covering].key.mask
    guard key.isHost || old == .any || key.mask.byteCount > old.byteCount else { return }
    guard let held = routes.held(covering) else { return }
    var place = 0
    while let flow = flows.removeNext(from: &place, .of(held), routes) {
      flowFree(flow)
    }
  }

  /// Gives back what a flow held (`fle_free`).
  ///
  /// - Returns: Its route where that is up.
  @discardableResult
  private mutating func flowFree(_ flow: Flow) -> RouteIndex? {
    arp.release(flow.entry)
    return routes.release(flow.route)
  }
}

extension IPv4Address {
  /// The bytes of a mask up to the last that is not 0.
  fileprivate var byteCount: Int { 4 - min(rawValue.trailingZeroBitCount / 8, 4) }
}

/// The thread `flowcleaner`, one for all stacks.
struct FlowCleaner: BitwiseCopyable {
  /// When it ran last: it began at boot.
  var last = Instant(seconds: 1)
  var isSet = false
}

extension Machine {
  /// Seconds from one cleaning to the next.
  private static let flowCleanSeconds: UInt64 = 10

  /// Sets the cleaner's timer, which is only needed while there are flows.
  mutating func startFlowCleaner() {
    guard !flowCleaner.isSet else { return }
    flowCleaner.isSet = true
    let rounds = (now.nanoseconds - flowCleaner.last.nanoseconds) / 10_000_000_000 + 1
    let deadline = flowCleaner.last.advanced(seconds: rounds * Machine.flowCleanSeconds)
    timers.set(.flowCleaner, vnet: .zero, at: deadline)
  }

  /// Wakes the cleaner (`flowtable_flush`).
  mutating func wakeFlowCleaner() {
    guard flowCleaner.isSet else { return flowCleaner.last = now }
    timers.cancel(.flowCleaner, vnet: .zero)
    timers.set(.flowCleaner, vnet: .zero, at: now)
  }
}

extension Kernel {
  /// Looks through all flows (`flowtable_cleaner`).
  mutating func cleanFlows() {
    machine.flowCleaner.last = machine.now
    machine.flowCleaner.isSet = false
    var isNeeded = false
    for position in 0..<vnets.count {
      vnets[position].flowClean(&machine)
      isNeeded = isNeeded || vnets[position].flows.count > 0
    }
    if isNeeded { machine.startFlowCleaner() }
  }
}
