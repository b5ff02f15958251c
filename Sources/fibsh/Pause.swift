// SPDX-License-Identifier: BSD-2-Clause

import Glibc

/// Real time, for commands at a terminal that take some.
enum Pause {
  /// Waits; a signal such as ^C ends it.
  static func wait(_ nanoseconds: UInt64) {
    guard !Signals.isInterrupted else { return }
    var time = timespec(
      tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    unsafe _ = nanosleep(&time, nil)
  }
}
