// SPDX-License-Identifier: BSD-2-Clause

import Shell

/// How much a trace says.
enum TraceLevel: Int, Comparable {
  /// Stages and hits.
  case hits
  /// Also rules that were tried and routes that lost.
  case tried
  /// Also each check that passed.
  case checks

  static func < (a: TraceLevel, b: TraceLevel) -> Bool { a.rawValue < b.rawValue }
}

/// A line of a trace before it is laid out.
struct TraceLine {
  /// Where: the C function or the question.
  var stage: String
  /// What was found, in a word or two.
  var what: String
  /// The rest of it.
  var text: String
  /// What stands at the end of the line: reasons, before the counters.
  var notes: [String]
  /// The counters that it raised.
  var counters: [(name: String, count: Int)] = []
  /// The level from which on it shows.
  var level: TraceLevel
  /// Whether counters raised right after it stand in it.
  var takesCounters: Bool

  init(
    _ stage: String, _ what: String, _ text: String, notes: [String] = [],
    level: TraceLevel = .hits, takesCounters: Bool = true
  ) {
    self.stage = stage
    self.what = what
    self.text = text
    self.notes = notes
    self.level = level
    self.takesCounters = takesCounters
  }

  /// The line in columns, at most 100 characters wide; what does not fit stands in lines below.
  func rendered() -> String {
    let head = "  " + stage.padRight(to: 12) + " " + what.padRight(to: 12) + " "
    var rows = Self.wrapped(head + text, indent: Self.textColumn)
    var note = (notes + counters.map { "\($0.name) +\($0.count)" }).joined(separator: ", ")
    guard !note.isEmpty else { return rows.map { $0.trimmed + "\n" }.joined() }
    // A long note begins further left, where the text leaves room for it.
    let column = max(Self.textColumn, min(Self.noteColumn, Self.width - note.utf8.count))
    var last = rows.removeLast().trimmed
    if last.utf8.count + 2 + note.utf8.count > Self.width {
      rows.append(last)
      last = ""
    } else if !last.isEmpty {
      last += "  "
    }
    last = last.padRight(to: column)
    while last.utf8.count + note.utf8.count > Self.width {
      let cut = Self.wrapped(note, indent: 0, width: Self.width - last.utf8.count)
      rows.append(last + cut[0])
      note = cut.dropFirst().joined(separator: " ")
    }
    rows.append(last + note)
    return rows.map { $0.trimmed + "\n" }.joined()
  }

  private static let textColumn = 28
  private static let noteColumn = 72
  private static let width = 100

  /// Breaks a line at blanks; a word that is longer than the line is cut.
  static func wrapped(_ line: String, indent: Int, width: Int = width) -> [String] {
    var rows: [String] = []
    var rest = line
    while rest.utf8.count > width {
      let head = rest.prefix(width + 1)
      let start = head.index(head.startIndex, offsetBy: min(indent + 1, head.count))
      let blank = head[start...].lastIndex(of: " ")
      let end = blank ?? head.index(before: head.endIndex)
      rows.append(String(rest[..<end]))
      let tail = blank == nil ? rest[end...] : rest[end...].dropFirst()
      rest = String(repeating: " ", count: indent) + tail
    }
    rows.append(rest)
    return rows
  }
}

extension String {
  /// The text without blanks at its end.
  fileprivate var trimmed: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
