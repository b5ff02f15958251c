// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// What netstat(1) and the debugger see of netisr, and the workers' brake.
extension Kernel {
  /// What a protocol's queue on a CPU went through.
  package func netisrWork(_ netisr: NetisrProtocol, cpu: Int) -> NetisrWork {
    guard netisr == .rtsock else { return machine.netisr[netisr, cpu: cpu] }
    var sum = NetisrWork()
    for position in 0..<vnets.count where routingCPU(position) == cpu {
      let work = vnets[position].routingSockets.work
      sum.length += work.length
      sum.watermark = max(sum.watermark, work.watermark)
      sum.drops &+= work.drops
      sum.queued &+= work.queued
      sum.handled &+= work.handled
    }
    return sum
  }

  /// How many packets of a protocol may wait in each stream.
  package func netisrLimit(_ netisr: NetisrProtocol) -> Int { machine.netisrLimit(netisr) }

  /// The CPU whose stream has a stack's routing messages: they count as received on its lo0.
  private func routingCPU(_ position: Int) -> Int {
    let streams = machine.netisr.streamCount
    return machine.netisr.cpu(ofStream: Int(vnets[position].loopback.rawValue) % streams)
  }

  /// Does what `debug.netisr_stop` says: some workers stand still, the others take what waits.
  package mutating func settleNetisr<T: Tracer & ~Copyable>(_ tracer: inout T) {
    machine.netisr.stop(UInt64(UInt32(truncatingIfNeeded: machine.sysctl[.debugNetisrStop])))
    for position in 0..<vnets.count { setRoutingWorker(position) }
    drain(&tracer)
  }

  /// Tells the routing sockets of a stack how things are with their queue.
  mutating func setRoutingWorker(_ position: Int) {
    let isStopped = machine.netisr.isStopped(routingCPU(position))
    vnets[position].routingSockets.setWorker(
      isStopped: isStopped, limit: machine.netisrLimit(.rtsock))
  }
}
