// SPDX-License-Identifier: BSD-2-Clause

/// Writes the time before each packet's line as tcpdump's -t options choose; times are UTC.
public struct PacketTimestamp: Sendable {
  /// What is written.
  public enum Style: Hashable, Sendable {
    /// `hh:mm:ss.uuuuuu`.
    case clock
    /// -t: nothing.
    case none
    /// -tt: seconds since 1970.
    case epoch
    /// -ttt: since the packet before.
    case sincePrevious
    /// -tttt: date and clock.
    case date
    /// -ttttt: since the first packet.
    case sinceFirst
  }

  public let style: Style
  private var reference: Int64?

  /// Begins a run, so that the next packet is the first.
  public init(style: Style = .clock) {
    self.style = style
  }

  /// Appends the stamp and a blank for a packet seen that many nanoseconds after 1970 began.
  public mutating func append(_ nanoseconds: Int64, to text: inout String) {
    switch style {
    case .none:
      break
    case .clock:
      let (_, rest) = Self.floorDivide(nanoseconds, 86_400_000_000_000)
      Self.appendClock(rest, to: &text)
    case .epoch:
      let (seconds, rest) = Self.floorDivide(nanoseconds, 1_000_000_000)
      text += "\(seconds).\(Self.padded(rest / 1000, 6)) "
    case .date:
      let (day, rest) = Self.floorDivide(nanoseconds, 86_400_000_000_000)
      let (year, month, dayOfMonth) = Self.civil(day: day)
      text += "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(dayOfMonth, 2)) "
      Self.appendClock(rest, to: &text)
    case .sincePrevious, .sinceFirst:
      let difference = nanoseconds.subtractingReportingOverflow(reference ?? nanoseconds)
      if reference == nil || style == .sincePrevious { reference = nanoseconds }
      if difference.partialValue < 0 { text += "-" }
      Self.appendClock(Int64(clamping: difference.partialValue.magnitude), to: &text)
    }
  }

  /// Appends hours, which may pass 23, minutes, seconds and microseconds.
  private static func appendClock(_ nanoseconds: Int64, to text: inout String) {
    let seconds = nanoseconds / 1_000_000_000
    text +=
      "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
    text += ".\(padded(nanoseconds % 1_000_000_000 / 1000, 6)) "
  }

  /// Divides so that the remainder is not negative.
  private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (Int64, Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }

  /// Year, month and day of a day counted from 1970-01-01, by counting in 400-year cycles from March.
  private static func civil(day: Int64) -> (Int64, Int64, Int64) {
    let (era, dayOfEra) = floorDivide(day + 719_468, 146_097)
    let leapDays = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / 146_096
    let yearOfEra = (dayOfEra - leapDays) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }

  private static func padded(_ value: Int64, _ digits: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }
}
