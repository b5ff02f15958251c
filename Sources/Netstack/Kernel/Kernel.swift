// SPDX-License-Identifier: BSD-2-Clause

package import BasicContainers

/// The machine: every stack, all memory, and the clock. One value; copied by `clone()` only.
package struct Kernel: ~Copyable {
  package var machine: Machine
  package var vnets = UniqueArray<Vnet>()

  /// Boots a kernel: lo0, the simulated Ethernet interfaces, one stack.
  package init(_ options: KernelOptions = .demo) {
    machine = Machine(options)
    vnets.append(Vnet(index: .zero, options))
    bootInterfaces()
  }

  private init(copying other: borrowing Kernel) {
    machine = other.machine.clone()
    for position in 0..<other.vnets.count { vnets.append(other.vnets[position].clone()) }
  }

  /// A second machine in the same state, sharing nothing with this one.
  package func clone() -> Kernel { Kernel(copying: self) }

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

  /// What each timer does.
  private mutating func fire<T: Tracer & ~Copyable>(_ timer: Timer, _ tracer: inout T) {
    let vnet = Int(timer.vnet.rawValue)
    switch timer.kind {
    case .arp(let entry):
      vnets[vnet].arpTimer(entry, &machine, &tracer)
    case .synCache(let entry):
      vnets[vnet].synCacheTimer(entry, &machine, &tracer)
    case .igmpFast:
      vnets[vnet].igmpFastTimo(&machine, &tracer)
    case .ipSlow:
      vnets[vnet].ipSlowTimer(&machine, &tracer)
    case .ipfwTick:
      vnets[vnet].ipfwTick(&machine, &tracer)
    case .routeSweep:
      vnets[vnet].routeSweep(&machine)
    case .dummynet:
      dummynetTask(&tracer)
    case .arrival(let number):
      arrive(number, &tracer)
    }
  }

  /// Runs the netisr workers until nothing waits: every packet runs to completion.
  mutating func drain<T: Tracer & ~Copyable>(_ tracer: inout T) {
    var handled = 0
    while true {
      if !machine.dummynet.elsewhere.isEmpty { sendElsewhere(&tracer) }
      switch machine.netisr.next() {
      case .idle: return
      case .drained(_, let cpu): epairDrained(on: cpu, &tracer)
      case .handle(let item):
        handled += 1
        let vnet = Int(item.packet.vnet.rawValue)
        if item.isHeld { machine.tally[.held] &-= 1 }
        if isStorm(handled) {
          vnets[vnet].drop(Packet(item.packet), .isrQdrop, &machine, &tracer)
          continue
        }
        if item.isHeld || machine.netisr.streamCount > 1 {
          tracer.emit(item.packet.number, .netisr(machine.netisr.taking(item)))
        }
        vnets[vnet].netisrHandle(Packet(item.packet), item.netisr, &machine, &tracer)
      }
    }
  }

  /// Whether so many packets in a row are an endless loop, which hangs the real worker: a route to
  /// 127.0.0.1 and `net.inet.ip.stealth` keep a packet going round.
  private mutating func isStorm(_ handled: Int) -> Bool {
    guard handled > Kernel.mostRounds else { return false }
    machine.log("fibsh: endless loop through netisr cut after \(Kernel.mostRounds) packets")
    return true
  }

  /// More than the fragments that one packet can make.
  private static let mostRounds = 2000
}
