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
func interleave(_ subjects: [any Subject], rounds: Int = 9) -> [Measurement] {
  let long: UInt64 = 100_000_000
  let enough = probe_nanoseconds() + UInt64(subjects.count) * 300_000_000
  var rounds = rounds
  var best = [UInt64](repeating: .max, count: subjects.count)
  var sums = [probe_counts](repeating: probe_counts(), count: subjects.count)
  for round in 0...rounds {
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
    guard round >= 3, probe_nanoseconds() > enough else { continue }
    rounds = round
    break
  }
  return subjects.indices.map { place in
    Measurement(
      nanoseconds: Double(best[place]) / Double(subjects[place].operations), counts: sums[place],
      operations: rounds * subjects[place].operations)
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
