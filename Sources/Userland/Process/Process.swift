// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell

/// A program of the machine that goes on, such as ping(8): its number, its clock and its stack.
struct Process {
  let session: Session
  let vnet: VnetIndex
  let prison: PrisonID
  /// The forwarding table of its sockets, as setfib(1) set it when the program began.
  let fib: FibNumber
  /// `getpid`.
  let number: Int

  init(_ session: Session, _ invocation: Invocation<Session>) {
    self.session = session
    vnet = session.vnet
    prison = session.prison
    fib = session.fib
    number = invocation.takeProcessID()
  }

  /// The moment it is.
  var now: Instant { session.kernel.machine.now }

  /// The wall clock (`gettimeofday`).
  var timeOfDay: TimeOfDay { timeOfDay(at: now) }

  /// The wall clock at a moment of the machine's own.
  func timeOfDay(at moment: Instant) -> TimeOfDay {
    let boot = session.kernel.machine.wallSeconds - now.seconds
    return TimeOfDay(
      seconds: Int64(clamping: boot + moment.seconds),
      microseconds: Int64(moment.nanoseconds % 1_000_000_000 / 1000))
  }

  /// Nanoseconds until a moment, or until something happens by itself: when to look again.
  func due(_ moment: Instant) -> UInt64 {
    let rest = moment > now ? moment.nanoseconds - now.nanoseconds : 0
    return min(rest, session.timeToNextEvent ?? .max)
  }

  /// Whether something waits in a socket.
  func isReadable(_ socket: SocketIndex?) -> Bool {
    guard let socket else { return false }
    return (try? session.kernel.isReadable(vnet: vnet, socket)) ?? false
  }

  /// Makes a system call; an error is worded as err(3) does.
  func call<Value>(
    _ what: String, status: Int32 = 1, _ body: (inout Kernel) throws(Errno) -> Value
  ) throws(Fault) -> Value {
    do throws(Errno) {
      return try body(&session.kernel)
    } catch {
      throw .failed("\(what): \(error.message)", status: status)
    }
  }
}

/// `struct timeval`: the wall clock, whose smallest unit is a microsecond.
struct TimeOfDay {
  var seconds: Int64
  var microseconds: Int64

  /// Milliseconds since an earlier one.
  func milliseconds(since earlier: TimeOfDay) -> Double {
    var passed = (seconds: seconds - earlier.seconds, rest: microseconds - earlier.microseconds)
    if passed.rest < 0 {
      passed.seconds -= 1
      passed.rest += 1_000_000
    }
    return Double(passed.seconds) * 1000 + Double(passed.rest) / 1000
  }
}
