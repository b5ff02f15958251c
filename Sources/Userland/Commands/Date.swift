// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell

extension Commands {
  /// date(1): shows the machine's wall clock.
  package static let date = Command<Session>(
    "date", section: 1, summary: "display or set date and time", effect: .reads,
    usage: .exact(
      """
      usage: date [-jnu] [-d dst] [-r seconds] [-t west] [-v[+|-]val[ymwdHMS]] ... \n\
                  [-f fmt date | [[[[[cc]yy]mm]dd]HH]MM[.ss]] [+format]

      """, status: 1),
    options: [
      Option("d", argument: "dst", "Whether it is summer; the clock here is UTC always."),
      Option("f", argument: "input_fmt", "Read the date by this format; not here."),
      Option("j", "Do not set the clock."), Option("n", "Set the clock of this machine only."),
      Option("r", argument: "seconds", "Show this time, in seconds since 1970."),
      Option("t", argument: "minutes_west", "The zone of the clock; it is UTC always."),
      Option("u", "Show UTC, as without it."),
      Option("v", argument: "val", "Adjust what is shown; not here."),
    ],
    operands: [
      Source("+format", "What to show, with the conversions of strftime(3).").optional
    ],
    description: [
      "Shows the machine's wall clock, which follows its virtual time. The clock cannot be set: "
        + "clock(8) lets time pass."
    ],
    examples: [
      Example("date", "Shows the time."), Example("date +%Y-%m-%d", "Shows the day."),
      Example("date -r 0", "Shows when counting began."),
    ],
    seeAlso: ["clock(8)", "sleep(1)"]
  ) { session, invocation, arguments throws(Fault) in
    for letter in "fvdt" where arguments.has(letter) {
      throw .failed("-\(letter): not in this fibsh")
    }
    var seconds = Int64(clamping: session.kernel.machine.wallSeconds)
    if let word = arguments.value("r") {
      let number = CNumber(word)
      guard number.rest.isEmpty || number.isWhole else { throw .usage() }
      seconds = number.isNumber ? number.signed : 0
    }
    guard (0...DateFormat.lastSecond).contains(seconds) else {
      throw .failed("\(seconds): not a time that fibsh shows")
    }
    var format = "%+"
    for word in arguments.operands {
      guard word.hasPrefix("+") else {
        guard word.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2e }) else {
          throw .usage("illegal time format")
        }
        throw .failed("settimeofday (timeval): \(Errno.EPERM.message)")
      }
      format = String(word.dropFirst())
    }
    invocation.output.line(DateFormat(UInt64(seconds)).text(format))
  }
}

/// strftime(3) in the C locale and in UTC.
struct DateFormat {
  private let seconds: UInt64
  private let time: CalendarTime.Fields

  /// The end of the year 9999.
  static let lastSecond: Int64 = 253_402_300_799

  init(_ seconds: UInt64) {
    self.seconds = seconds
    time = CalendarTime(seconds: seconds).fields
  }

  /// A text with its conversions in place; an unknown one stands for its letter.
  func text(_ format: String) -> String {
    var text = ""
    var rest = format[...]
    while let character = rest.popFirst() {
      guard character == "%" else {
        text.append(character)
        continue
      }
      var letter = rest.popFirst()
      // Other numerals and eras are the same in the C locale.
      while letter == "E" || letter == "O" { letter = rest.popFirst() }
      text += letter.map(conversion) ?? "%"
    }
    return text
  }

  private func conversion(_ letter: Character) -> String {
    let hour12 = time.hour % 12 == 0 ? 12 : time.hour % 12
    switch letter {
    case "A": return CalendarTime.longDays[time.weekday]
    case "a": return CalendarTime.days[time.weekday]
    case "B": return CalendarTime.longMonths[time.month]
    case "b", "h": return CalendarTime.months[time.month]
    case "C": return (time.year / 100).decimal(digits: 2)
    case "c": return text("%a %b %e %H:%M:%S %Y")
    case "D", "x": return text("%m/%d/%y")
    case "d": return time.day.decimal(digits: 2)
    case "e": return time.day.padLeft(to: 2)
    case "F": return text("%Y-%m-%d")
    case "G": return "\(isoWeek.year)"
    case "g": return (isoWeek.year % 100).decimal(digits: 2)
    case "H": return time.hour.decimal(digits: 2)
    case "I": return hour12.decimal(digits: 2)
    case "j": return (time.dayOfYear + 1).decimal(digits: 3)
    case "k": return time.hour.padLeft(to: 2)
    case "l": return hour12.padLeft(to: 2)
    case "M": return time.minute.decimal(digits: 2)
    case "m": return (time.month + 1).decimal(digits: 2)
    case "n": return "\n"
    case "p": return time.hour < 12 ? "AM" : "PM"
    case "R": return text("%H:%M")
    case "r": return text("%I:%M:%S %p")
    case "S": return time.second.decimal(digits: 2)
    case "s": return "\(seconds)"
    case "T", "X": return text("%H:%M:%S")
    case "t": return "\t"
    case "U": return ((time.dayOfYear + 7 - time.weekday) / 7).decimal(digits: 2)
    case "u": return "\(time.weekday == 0 ? 7 : time.weekday)"
    case "V": return isoWeek.week.decimal(digits: 2)
    case "v": return text("%e-%b-%Y")
    case "W": return ((time.dayOfYear + 7 - (time.weekday + 6) % 7) / 7).decimal(digits: 2)
    case "w": return "\(time.weekday)"
    case "Y": return "\(time.year)"
    case "y": return (time.year % 100).decimal(digits: 2)
    case "Z": return "UTC"
    case "z": return "+0000"
    case "+": return text("%a %b %e %H:%M:%S %Z %Y")
    default: return String(letter)
    }
  }

  /// The week by ISO 8601, whose first has the year's first Thursday, and its year.
  private var isoWeek: (year: Int, week: Int) {
    // The day of the year of this week's Thursday.
    let thursday = time.dayOfYear - (time.weekday + 6) % 7 + 3
    if thursday < 0 {
      let length = CalendarTime.isLeap(time.year - 1) ? 366 : 365
      return (time.year - 1, (thursday + length) / 7 + 1)
    }
    let length = CalendarTime.isLeap(time.year) ? 366 : 365
    return thursday >= length ? (time.year + 1, 1) : (time.year, thursday / 7 + 1)
  }
}
