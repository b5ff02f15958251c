// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell

extension Session: TimedWorld {
  package func letTimePass(nanoseconds: UInt64) {
    kernel.advance(to: moment(after: nanoseconds))
  }

  package var timeToNextEvent: UInt64? {
    guard let next = kernel.machine.timers.nextDeadline else { return nil }
    let now = kernel.machine.now
    return next > now ? next.nanoseconds - now.nanoseconds : 0
  }
}

extension Session {
  /// The longest that the clock can run: a hundred years.
  static let lastMoment = Instant(seconds: 100 * 365 * 86_400)

  /// Lets time pass; everything that falls due happens at its moment and is recorded.
  func advance(by nanoseconds: UInt64, _ recorder: inout Recorder) {
    let target = moment(after: nanoseconds)
    kernel.advance(to: target, &recorder)
  }

  /// Lets time pass, and tells what happened on the way, moment by moment.
  func advance(by nanoseconds: UInt64, happened: (TraceRun) -> Void) {
    let target = moment(after: nanoseconds)
    while let deadline = kernel.machine.timers.nextDeadline, deadline <= target {
      var recorder = Recorder()
      kernel.advance(to: deadline, &recorder)
      happened(run(of: recorder))
    }
    kernel.advance(to: target)
  }

  /// Lets what is on the wires arrive, as far as that takes a second at most, and tells what
  /// happened on the way.
  ///
  /// Nothing is on a wire unless neighbor(8) declared somebody there or link(8) slowed a cable.
  func settle(happened: (TraceRun) -> Void) {
    let end = moment(after: 1_000_000_000)
    while let arrival = nextArrival, arrival <= end {
      let now = kernel.machine.now
      advance(by: arrival.nanoseconds - min(now.nanoseconds, arrival.nanoseconds)) { run in
        happened(run)
      }
    }
  }

  private var nextArrival: Instant? {
    let arrivals = [kernel.machine.medium.nextArrival, kernel.machine.epairs.nextArrival]
    return arrivals.compactMap { $0 }.min()
  }

  private func moment(after nanoseconds: UInt64) -> Instant {
    let now = kernel.machine.now
    let (sum, overflow) = now.nanoseconds.addingReportingOverflow(nanoseconds)
    return max(now, overflow ? Self.lastMoment : min(Instant(nanoseconds: sum), Self.lastMoment))
  }
}
