// SPDX-License-Identifier: BSD-2-Clause

import Glibc
import Synchronization

/// The signals that arrived; handlers only set these, the program looks at them when it is safe.
enum Signals {
  /// ^C since it was last cleared.
  static let interrupt = Atomic(false)
  /// The signal that asks the shell to end, or 0.
  static let termination = Atomic<Int32>(0)
  /// The terminal has another size.
  static let resize = Atomic(false)
  /// The program goes on after ^Z.
  static let resumption = Atomic(false)

  /// Installs the handlers, without SA_RESTART, so that a blocked read returns.
  ///
  /// - Parameter isInteractive: Whether there is a terminal to hand back on SIGTERM and SIGHUP; a
  ///   batch lets these end it at once.
  static func install(isInteractive: Bool) {
    // A global of Swift is made at its first use, which must not be inside a handler.
    interrupt.store(false, ordering: .relaxed)
    termination.store(0, ordering: .relaxed)
    resize.store(false, ordering: .relaxed)
    resumption.store(false, ordering: .relaxed)
    _ = signal(SIGPIPE, SIG_IGN)
    handle(SIGINT) { _ in Signals.interrupt.store(true, ordering: .relaxed) }
    guard isInteractive else { return }
    handle(SIGTERM) { number in Signals.termination.store(number, ordering: .relaxed) }
    handle(SIGHUP) { number in Signals.termination.store(number, ordering: .relaxed) }
    handle(SIGWINCH) { _ in Signals.resize.store(true, ordering: .relaxed) }
    handle(SIGCONT) { _ in Signals.resumption.store(true, ordering: .relaxed) }
  }

  /// Whether a long command shall end.
  static var isInterrupted: Bool {
    interrupt.load(ordering: .relaxed) || termination.load(ordering: .relaxed) != 0
  }

  private static func handle(_ number: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = handler
    unsafe _ = sigaction(number, &action, nil)
  }
}
