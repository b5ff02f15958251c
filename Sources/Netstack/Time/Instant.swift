// SPDX-License-Identifier: BSD-2-Clause

/// A moment of the model's virtual time: nanoseconds since boot.
package struct Instant: Hashable, Comparable, BitwiseCopyable, Sendable {
  package var nanoseconds: UInt64

  package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  package init(seconds: UInt64) { self.init(nanoseconds: seconds &* 1_000_000_000) }

  /// Uptime in whole seconds (`time_uptime`).
  package var seconds: UInt64 { nanoseconds / 1_000_000_000 }

  /// Clock ticks since boot at `hz` 1000 (`ticks`).
  package var ticks: UInt64 { nanoseconds / 1_000_000 }

  package func advanced(milliseconds: UInt64) -> Instant {
    Instant(nanoseconds: nanoseconds &+ milliseconds &* 1_000_000)
  }

  package func advanced(seconds: UInt64) -> Instant {
    advanced(milliseconds: seconds &* 1000)
  }

  package static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }
}
