// SPDX-License-Identifier: BSD-2-Clause

import CProbe
import Glibc

/// Something that is measured, a sample at a time.
protocol Subject: AnyObject {
  /// How many operations make a sample.
  var operations: Int { get }

  /// Does the operations of a sample; the meter runs only while they are done.
  func run()
}

/// What an operation of a subject cost.
struct Measurement {
  /// Of the fastest sample.
  var nanoseconds: Double
  /// Of all samples together.
  var counts: probe_counts
  /// How many operations `counts` is of.
  var operations: Int
}

/// Takes samples of several subjects in turn, so that a slow moment of the machine meets them all.
///
/// A first sample of each is forgotten, as is one before each sample that does not take long: what ran
/// in between has left nothing of the subject in the processor's caches. What takes long is measured
/// less often.
///
/// - Parameter growthLimit: How many times the second subject's time the first may take. While it takes
///   more there are more rounds, up to eight times as many: other programs make far memory slow for
///   minutes, and what lies in the processor's caches does not notice.
func interleave(
  _ subjects: [any Subject], rounds: Int = 9, growthLimit: Double? = nil
) -> [Measurement] {
  let long: UInt64 = 100_000_000
  let start = probe_nanoseconds()
  let enough = UInt64(subjects.count) * 300_000_000
  var best = [UInt64](repeating: .max, count: subjects.count)
  var sums = [probe_counts](repeating: probe_counts(), count: subjects.count)
  /// Nanoseconds an operation, of the fastest sample.
  func time(_ place: Int) -> Double { Double(best[place]) / Double(subjects[place].operations) }
  var round = 0
  while true {
    for (place, subject) in subjects.enumerated() {
      if best[place] < long {
        subject.run()
        _ = probe_take()
      }
      subject.run()
      let sample = probe_take()
      guard round > 0 else { continue }
      best[place] = min(best[place], sample.nanoseconds)
      sums[place].mallocs += sample.counts.mallocs
      sums[place].retains += sample.counts.retains
      sums[place].releases += sample.counts.releases
      sums[place].accesses += sample.counts.accesses
    }
    var patience = 1
    if let growthLimit, subjects.count > 1, time(0) > growthLimit * time(1) { patience = 8 }
    let isEnough = round >= 3 && probe_nanoseconds() - start > enough * UInt64(patience)
    if round >= rounds * patience || isEnough { break }
    round += 1
  }
  return subjects.indices.map { place in
    Measurement(
      nanoseconds: time(place), counts: sums[place],
      operations: round * subjects[place].operations)
  }
}

/// A subject that is a closure.
final class Work: Subject {
  let operations: Int
  private let work: () -> Void

  /// - Parameter work: Does all operations of a sample, and starts and stops the meter itself.
  init(operations: Int, _ work: @escaping () -> Void) {
    self.operations = operations
    self.work = work
  }

  func run() { work() }
}

/// Ends the program where what was measured is not what it should be.
func demand(_ holds: Bool, _ what: @autoclosure () -> String) {
  if !holds { fail(what()) }
}

/// Says what is wrong, and ends the program.
func fail(_ what: String) -> Never {
  print("fibsh-bench: \(what)")
  exit(70)
}
