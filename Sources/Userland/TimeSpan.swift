// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell

/// A length of time as sleep(1) and `clock` take it.
enum TimeSpan {
  /// Reads `5`, `0.5s`, `20m`, `2h` or `1d`; a hundred years at most.
  static func nanoseconds(_ text: String) -> UInt64? {
    let units: [Character: UInt64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    var number = text[...]
    var seconds: UInt64 = 1
    if let last = text.last, let unit = units[last] {
      seconds = unit
      number.removeLast()
    }
    let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let fraction = parts.count == 2 ? parts[1] : ""
    guard let whole = parts.first, !(whole.isEmpty && fraction.isEmpty),
      (whole + fraction).utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      whole.utf8.count <= 10
    else { return nil }
    let billionths = String(fraction.prefix(9)).padRight(to: 9).replacing(" ", with: "0")
    guard let whole = UInt64(whole.isEmpty ? "0" : whole), let part = UInt64(billionths)
    else { return nil }
    let (product, overflow) = (whole * 1_000_000_000 + part).multipliedReportingOverflow(
      by: seconds)
    return overflow || product > Session.lastMoment.nanoseconds ? nil : product
  }

  /// Reads a time as sleep(1) does, and with `ms` or `us`; no longer than a day.
  static func short(_ word: String) throws(Fault) -> UInt64 {
    var nanoseconds: UInt64?
    if let unit = units.first(where: { word.hasSuffix($0.name) }) {
      nanoseconds = Self.nanoseconds(String(word.dropLast(unit.name.count)))
      nanoseconds = nanoseconds.map { $0 / unit.divisor }
    } else {
      nanoseconds = Self.nanoseconds(word)
    }
    guard let nanoseconds, nanoseconds <= 86_400_000_000_000 else {
      throw .failed("bad time: \(word)")
    }
    return nanoseconds
  }

  private static let units: [(name: String, divisor: UInt64)] = [("ms", 1000), ("us", 1_000_000)]

  /// How a time is written so that it reads as the same.
  static func text(nanoseconds: UInt64) -> String {
    if nanoseconds % 1_000_000_000 == 0 { return "\(nanoseconds / 1_000_000_000)s" }
    if nanoseconds % 1_000_000 == 0 { return "\(nanoseconds / 1_000_000)ms" }
    let whole = "\(nanoseconds / 1000)"
    return nanoseconds % 1000 == 0
      ? "\(whole)us" : "\(whole).\((nanoseconds % 1000).decimal(digits: 3))us"
  }
}
