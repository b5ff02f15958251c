// SPDX-License-Identifier: BSD-2-Clause

package import BasicContainers
import Synchronization

/// The machine: every stack, all memory, and the clock. One value; copied by `clone()` only.
package struct Kernel: ~Copyable, StateHashable {
  package var machine: Machine
  package var vnets = UniqueArray<Vnet>()
  /// Whether plain packets may take the express lane; what becomes of them is the same. Not part of
  /// the state.
  package var usesExpressLane = true
  /// What `stateHash` has found out.
  let memo = Mutex(StateMemo())

  /// Boots a kernel: lo0, the simulated Ethernet interfaces, one stack.
  package init(_ options: KernelOptions = .demo) {
    machine = Machine(options)
    vnets.append(Vnet(index: .zero, options))
    bootInterfaces()
  }

  private init(copying other: borrowing Kernel) {
    machine = other.machine.clone()
    usesExpressLane = other.usesExpressLane  // No state: the same becomes of packets.
    for position in 0..<other.vnets.count { vnets.append(other.vnets[position].clone()) }
  }

  /// A second machine in the same state, sharing nothing with this one.
  package func clone() -> Kernel { Kernel(copying: self) }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(machine)
    for place in 0..<vnets.count { hasher.combine(vnets[place]) }
  }

  /// Moves the clock, running every timer that falls due on the way, at its own moment.
  package mutating func advance<T: Tracer & ~Copyable>(to moment: Instant, _ tracer: inout T) {
    while let timer = machine.timers.pop(dueAt: moment) {
      machine.now = max(machine.now, timer.deadline)
      fire(timer, &tracer)
      drain(&tracer)
    }
    machine.now = max(machine.now, moment)
  }

  /// Moves the clock with nobody listening.
  package mutating func advance(to moment: Instant) {
    var silent = Silent()
    advance(to: moment, &silent)
  }

  /// What each timer does; the packets of the machine's own have each its own stack.
  private mutating func fire<T: Tracer & ~Copyable>(_ timer: Timer, _ tracer: inout T) {
    switch timer.kind {
    case .dummynet: dummynetTask(&tracer)
    case .cable(let number): cableArrival(number, &tracer)
    case .arrival(let number): arrive(number, &tracer)
    case .flowCleaner: cleanFlows()
    default:
      tracer.enter(timer.vnet)
      let outer = machine.enter(timer.vnet)
      vnets[Int(timer.vnet.rawValue)].fire(timer.kind, &machine, &tracer)
      machine.leave(to: outer)
    }
  }

  /// Runs the netisr workers until nothing waits: every packet runs to completion.
  ///
  /// Frames between bridges and packets that `net.inet.ip.stealth` does not age go round without
  /// end, which hangs the real worker. Here each packet has so many rounds, and so many packets one
  /// moment; what comes after that is dropped.
  mutating func drain<T: Tracer & ~Copyable>(_ tracer: inout T) {
    var handled = 0
    var isCut = false
    while true {
      if !machine.dummynet.elsewhere.isEmpty { sendElsewhere(&tracer) }
      if !machine.linkTasks.isEmpty || machine.carp.announcer != nil { runTasks(&tracer) }
      switch machine.netisr.next() {
      case .idle: return
      case .drained(.epair, let cpu): epairDrained(cpu, &tracer)
      case .drained: break
      case .handle(let item):
        handled += 1
        var packet = Packet(item.packet)
        let vnet = Int(packet.header.vnet.rawValue)
        tracer.enter(packet.header.vnet)
        if item.isHeld { machine.tally[.held] &-= 1 }
        packet.header.rounds &+= 1
        guard packet.header.rounds <= Kernel.mostRounds, handled <= Kernel.mostPackets else {
          if !isCut { machine.log(Kernel.stormMessage(packet.header.rounds, packet.number)) }
          isCut = true
          vnets[vnet].drop(packet, .isrStorm, &machine, &tracer)
          continue
        }
        if item.isHeld || machine.netisr.streamCount > 1 {
          tracer.emit(packet.number, .netisr(machine.netisr.taking(item)))
        }
        let outer = machine.enter(packet.header.vnet)
        vnets[vnet].netisrHandle(packet, item.netisr, &machine, &tracer)
        machine.leave(to: outer)
      }
    }
  }

  /// Whether `drain` would find nothing to do.
  @inline(__always)
  var isIdle: Bool {
    machine.netisr.count == 0 && machine.dummynet.elsewhere.isEmpty && machine.linkTasks.isEmpty
      && machine.carp.announcer == nil
  }

  /// What the system's own thread does when others have run (`taskqueue_swi`): tells of links, and
  /// what is left to do in other stacks.
  @inline(never)
  private mutating func runTasks<T: Tracer & ~Copyable>(_ tracer: inout T) {
    while let task = machine.linkTasks.take() {
      let outer = machine.enter(task.vnet)
      tracer.enter(task.vnet)
      vnets[Int(task.vnet.rawValue)].linkStateChanged(
        task.interface, times: task.count, &machine, &tracer)
      machine.leave(to: outer)
    }
    carpAnnounceElsewhere(&tracer)
  }

  /// How often a packet, or a copy of it, may come out of the queues. A chain of so many stacks takes
  /// it that often.
  private static let mostRounds: UInt16 = 2000
  /// How many packets may come out of the queues for one frame, one datagram or one timer.
  private static let mostPackets = 100_000

  private static func stormMessage(_ rounds: UInt16, _ number: PacketNumber) -> String {
    rounds > mostRounds
      ? "fibsh: packet #\(number) has come through netisr \(mostRounds) times: a loop, cut here"
      : "fibsh: \(mostPackets) packets through netisr in one moment: a storm, cut here"
  }
}

extension Vnet {
  /// What the timers of a stack do.
  fileprivate mutating func fire<T: Tracer & ~Copyable>(
    _ timer: TimerKind, _ machine: inout Machine, _ tracer: inout T
  ) {
    switch timer {
    case .arp(let entry): arpTimer(entry, &machine, &tracer)
    case .synCache(let entry): synCacheTimer(entry, &machine, &tracer)
    case .igmpFast: igmpFastTimo(&machine, &tracer)
    case .ipSlow: ipSlowTimer(&machine, &tracer)
    case .ipfwTick: ipfwTick(&machine, &tracer)
    case .routeSweep: routeSweep(&machine)
    case .bridge(let interface): bridgeTimer(interface, &machine)
    case .bridgeTree(let interface): bridgeTreeTimer(interface, &machine, &tracer)
    case .carpAdvertise, .carpMasterDown: carpTimer(timer, &machine, &tracer)
    case .dummynet, .cable, .arrival, .flowCleaner: break
    }
  }
}
