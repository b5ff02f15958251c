// SPDX-License-Identifier: BSD-2-Clause

extension Instant {
  /// When the protocols' slow timer runs next (`pfslowtimo`, kern/uipc_domain.c): every 500 ms, a
  /// millisecond behind each half second of uptime.
  var nextSlowTick: Instant {
    let period: UInt64 = 500_000_000
    let phase: UInt64 = 1_000_000
    guard nanoseconds >= phase else { return Instant(nanoseconds: phase) }
    return Instant(nanoseconds: ((nanoseconds - phase) / period + 1) * period + phase)
  }
}

/// What IP does with its reassembly queues as time passes, and where memory is short.
extension Vnet {
  /// Ages the queues and gives up those that waited 60 ticks; then, newest first, those that a
  /// lowered limit has no room for (`ip_slowtimo`, netinet/ip_input.c).
  ///
  /// 8.0 sends no ICMP about any of them. The timer is set anew only while there are queues: no
  /// tick does anything else.
  mutating func ipSlowTimer<T: Tracer & ~Copyable>(
    _ machine: inout Machine, _ tracer: inout T
  ) {
    for bucket in 0..<ReassemblyTable.bucketCount {
      var next = reassembly.newest(in: bucket)
      while let queue = next {
        let older = reassembly.queues[queue].older
        next = older < 0 ? nil : older
        reassembly.queues[queue].ticksLeft -= 1
        if reassembly.queues[queue].ticksLeft == 0 {
          reassFree(queue, .reassTimeout, &machine, &tracer)
        }
      }
    }
    let limit = machine.sysctl.maxfragpackets
    if limit >= 0 { reassShrink(to: limit, .reassShrunk, &machine, &tracer) }
    reassembly.isTicking = reassembly.count > 0
    guard reassembly.isTicking else { return }
    machine.timers.set(.ipSlow, vnet: index, at: machine.now.nextSlowTick)
  }

  /// Gives up all queues, and deletes the routes that wait for their end (`ip_drain`).
  mutating func ipDrain<T: Tracer & ~Copyable>(_ machine: inout Machine, _ tracer: inout T) {
    reassShrink(to: 0, .reassDrained, &machine, &tracer)
    rtqDrain()
  }

  /// Gives up queues, bucket by bucket and newest first, until so many are left.
  private mutating func reassShrink<T: Tracer & ~Copyable>(
    to limit: Int, _ id: TraceID, _ machine: inout Machine, _ tracer: inout T
  ) {
    for bucket in 0..<ReassemblyTable.bucketCount {
      while reassembly.count > limit, let newest = reassembly.newest(in: bucket) {
        reassFree(newest, id, &machine, &tracer)
      }
    }
  }
}
