// SPDX-License-Identifier: BSD-2-Clause

/// Whether it is worth while to ask a memo: it should know every second packet. Where it does not, it
/// is not asked for a while.
struct MemoUse: BitwiseCopyable {
  /// How many questions are left until it is looked at how it did, and how many it knew nothing of; or
  /// how many are left until it is asked again.
  private var left = 0
  private var missed = 0
  private var window = 0
  private(set) var rests = false

  /// - Parameter window: After how many questions it is looked at how it did.
  mutating func begin(window: Int) {
    self = MemoUse()
    (self.window, left) = (window, window)
  }

  @inline(__always)
  mutating func isDue() -> Bool {
    left &-= 1
    if left < 0 { judge() }
    return !rests
  }

  @inline(__always)
  mutating func noteMiss() { missed &+= 1 }

  /// Notes questions that were answered without asking whether they are due.
  @inline(__always)
  mutating func noteAnswers(_ count: Int) { left &-= count }

  @inline(never)
  private mutating func judge() {
    rests = !rests && missed > window / 2
    left = rests ? 8 * window : window
    missed = 0
  }
}
