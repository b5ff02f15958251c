// SPDX-License-Identifier: BSD-2-Clause

import Shell

/// A moment in the calendar, in UTC.
package struct CalendarTime: Hashable, Sendable {
  private let seconds: UInt64

  /// Takes seconds since 1970.
  package init(seconds: UInt64) { self.seconds = seconds }

  private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// As ctime(3) writes it, without the newline: `Fri Jan  1 00:00:00 2010`.
  package var text: String {
    let day = Int(seconds / 86_400)
    let second = Int(seconds % 86_400)
    let (year, month, date) = CalendarTime.date(day)
    let clock = [second / 3600, second / 60 % 60, second % 60].map { $0.decimal(digits: 2) }
      .joined(separator: ":")
    let name = "\(CalendarTime.days[(day + 4) % 7]) \(CalendarTime.months[month])"
    return "\(name) \(date.padLeft(to: 2)) \(clock) \(year)"
  }

  /// The year, the month from 0 and the day from 1 of a day since 1970.
  private static func date(_ day: Int) -> (year: Int, month: Int, date: Int) {
    // Years that begin in March, so that the leap day is their last.
    let shifted = day + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = (monthFromMarch + 2) % 12
    let year = yearOfEra + era * 400 + (month < 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
  }
}
