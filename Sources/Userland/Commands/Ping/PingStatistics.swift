// SPDX-License-Identifier: BSD-2-Clause

import Shell

/// What ping(8) counts, and the lines at its end (`finish` of ping.c).
struct PingStatistics {
  /// Packets sent; the next one has this number (`ntransmitted`).
  var transmitted = 0
  private(set) var received = 0
  private var repeats = 0
  /// Answers that came after the wait time (`nrcvtimeout`).
  var late = 0
  /// Whether the data has room for the time, and answers bring it back.
  var timing = false
  /// Milliseconds (`tmin`, `tmax`, `tsum`, `tsumsq`).
  private var least = 999_999_999.0
  private(set) var most = 0.0
  private var sum = 0.0
  private var sumOfSquares = 0.0
  /// The numbers that were answered, modulo 1024 (`rcvd_tbl`).
  private var answered = [Bool](repeating: false, count: PingStatistics.mostKnown)
  private var mostMissing = 0

  /// `MAX_DUP_CHK`.
  private static let mostKnown = 8 * 128

  /// A number is about to be used again.
  mutating func forget(_ sequence: Int) { answered[sequence % Self.mostKnown] = false }

  /// Counts a round trip.
  mutating func add(milliseconds: Double) {
    sum += milliseconds
    sumOfSquares += milliseconds * milliseconds
    least = min(least, milliseconds)
    most = max(most, milliseconds)
  }

  /// Counts an answer; true if its number was answered before.
  mutating func answer(to sequence: UInt16) -> Bool {
    let place = Int(sequence) % Self.mostKnown
    if answered[place] {
      repeats += 1
      return true
    }
    answered[place] = true
    received += 1
    return false
  }

  /// Whether more answers are missing than ever before.
  mutating func notesMiss() -> Bool {
    let missing = transmitted - received - 1
    guard missing > mostMissing else { return false }
    mostMissing = missing
    return true
  }

  /// The lines at the end, with the empty one before them.
  func report(_ host: String) -> String {
    var text = "\n--- \(host) ping statistics ---\n"
    text += "\(transmitted) packets transmitted, \(received) packets received, "
    if repeats > 0 { text += "+\(repeats) duplicates, " }
    if transmitted > 0 {
      let loss = Double(transmitted - received) * 100 / Double(transmitted)
      text +=
        received > transmitted
        ? "-- somebody's printing up packets!" : "\(loss.fixed(1))% packet loss"
    }
    if late > 0 { text += ", \(late) packets out of wait time" }
    text += "\n"
    guard received > 0, timing else { return text }
    let count = Double(received + repeats)
    let average = sum / count
    let deviation = (sumOfSquares / count - average * average).squareRoot()
    let times = [least, average, most, deviation].map { $0.fixed(3) }.joined(separator: "/")
    return text + "round-trip min/avg/max/stddev = \(times) ms\n"
  }
}
