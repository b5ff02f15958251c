// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// What the kernel does when memory is short.
extension Kernel {
  /// Asks IP for what it can do without, in every stack (`ip_drain`, as `mb_reclaim` calls it).
  package mutating func ipDrain(tracer: inout Recorder) { drainAll(&tracer) }

  /// The same, and nobody listens.
  package mutating func ipDrain() {
    var silent = Silent()
    drainAll(&silent)
  }

  private mutating func drainAll<T: Tracer & ~Copyable>(_ tracer: inout T) {
    machine.store.drains &+= 1
    for vnet in 0..<vnets.count {
      tracer.enter(vnets[vnet].index)
      vnets[vnet].ipDrain(&machine, &tracer)
    }
  }
}
