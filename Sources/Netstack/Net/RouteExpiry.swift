// SPDX-License-Identifier: BSD-2-Clause

extension Instant {
  /// When routes that redirects made are looked through next (`in_rtqtimo`): from boot on every
  /// 600 s and the tick that `tvtohz` adds. nil at the end of all time.
  var nextRouteSweep: Instant? {
    let period: UInt64 = 600_001_000_000
    let boot: UInt64 = 1_000_000_000
    guard nanoseconds >= boot else { return Instant(nanoseconds: boot) }
    let wait = period - (nanoseconds - boot) % period
    let (next, overflow) = nanoseconds.addingReportingOverflow(wait)
    return overflow ? nil : Instant(nanoseconds: next)
  }
}

/// How routes that redirects made end by themselves (netinet/in_rmx.c).
extension Vnet {
  /// Seconds between two sweeps, and between two cuts of `net.inet.ip.rtexpire` (`RTQ_TIMEOUT`).
  private static let sweepInterval: UInt64 = 600

  /// Sees to it that the next sweep happens: while there are routes of redirects, and only then.
  mutating func startRouteSweeps(_ machine: inout Machine) {
    guard !isSweepingRoutes, let moment = machine.now.nextRouteSweep else { return }
    isSweepingRoutes = true
    machine.timers.set(.routeSweep, vnet: index, at: moment)
  }

  /// Deletes the routes whose time is over, FIB by FIB (`in_rtqtimo`).
  mutating func routeSweep(_ machine: inout Machine) {
    isSweepingRoutes = false
    for number in 0..<routes.fibCount { sweep(FibNumber(rawValue: UInt8(number)), &machine) }
    if routes.contains(where: { $0.flags.contains(.RTF_DYNAMIC) }) { startRouteSweeps(&machine) }
  }

  /// One table's sweep; where too many routes stay, their time is cut to two thirds and the table is
  /// swept again (`in_rtqtimo_one`).
  private mutating func sweep(_ fib: FibNumber, _ machine: inout Machine) {
    let now = machine.now.seconds
    let left = deleteExpired(in: fib, now: now, isCutting: false)
    guard left > sysctl.rtmaxcache, sysctl.rtexpire > sysctl.rtminexpire,
      now &- machine.lastRouteCut >= Vnet.sweepInterval
    else { return }
    sysctl[.ipRtexpire] = max(2 * sysctl[.ipRtexpire] / 3, sysctl[.ipRtminexpire])
    machine.lastRouteCut = now
    _ = deleteExpired(in: fib, now: now, isCutting: true)
  }

  /// Deletes what has expired of what nobody uses (`in_rtqkill`).
  ///
  /// - Parameter isCutting: No route may keep more time than `net.inet.ip.rtexpire`.
  /// - Returns: How many routes stay.
  private mutating func deleteExpired(in fib: FibNumber, now: UInt64, isCutting: Bool) -> Int {
    var left = 0
    // No need to go through a million others.
    guard routes.contains(where: { $0.flags.contains(.RTF_PROTO3) }) else { return 0 }
    for route in routes.routes(in: fib) where routes[route].flags.contains(.RTF_PROTO3) {
      guard routes[route].expire > now else {
        routes.remove(route)
        continue
      }
      left += 1
      // A negative sysctl was not there when the route began to age, or it would be gone.
      let most = UInt64(max(sysctl.rtexpire, 0))
      if isCutting, routes[route].expire - now > most { routes[route].expire = now + most }
    }
    return left
  }
}
