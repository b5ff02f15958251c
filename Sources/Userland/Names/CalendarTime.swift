// SPDX-License-Identifier: BSD-2-Clause

import Shell

/// A moment in the calendar, in UTC.
package struct CalendarTime: Hashable, Sendable {
  private let seconds: UInt64

  /// Takes seconds since 1970.
  package init(seconds: UInt64) { self.seconds = seconds }

  /// What a moment is in the calendar.
  struct Fields {
    var year: Int
    /// From 0, as the day of the year and the weekday, of which 0 is Sunday.
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int
    var weekday: Int
    var dayOfYear: Int
  }

  static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  static let longDays = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]
  static let longMonths = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]

  /// As ctime(3) writes it, without the newline: `Fri Jan  1 00:00:00 2010`.
  package var text: String {
    let time = fields
    let clock = [time.hour, time.minute, time.second].map { $0.decimal(digits: 2) }
      .joined(separator: ":")
    let name = "\(CalendarTime.days[time.weekday]) \(CalendarTime.months[time.month])"
    return "\(name) \(time.day.padLeft(to: 2)) \(clock) \(time.year)"
  }

  /// The parts (`gmtime`).
  var fields: Fields {
    let day = Int(seconds / 86_400)
    let second = Int(seconds % 86_400)
    let (year, month, date) = CalendarTime.date(day)
    let before = (0..<month).reduce(0) { $0 + CalendarTime.length(of: $1, year) }
    return Fields(
      year: year, month: month, day: date, hour: second / 3600, minute: second / 60 % 60,
      second: second % 60, weekday: (day + 4) % 7, dayOfYear: before + date - 1)
  }

  static func isLeap(_ year: Int) -> Bool {
    year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
  }

  /// The days of a month, which counts from 0.
  private static func length(of month: Int, _ year: Int) -> Int {
    switch month {
    case 1: isLeap(year) ? 29 : 28
    case 3, 5, 8, 10: 30
    default: 31
    }
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
