// SPDX-License-Identifier: BSD-2-Clause

/// One line of `netstat -s`: its text and the counters it shows.
///
/// In the text `<1>` and `<2>` stand for the values; `{s}` is nothing if the value before it is
/// exactly 1, else `s`; `{y|ies}` and `{|es}` choose likewise.
package struct StatisticsLine<Name: CounterName>: Sendable {
  /// What `<1>` stands for.
  enum Value {
    /// Each counter its own number.
    case each
    /// The first counter less all others; it wraps.
    case difference
    /// As `each`, and the next line continues this one.
    case continued
  }

  let indent: Int
  let text: String
  let counters: [Name]
  let value: Value

  init(_ indent: Int, _ text: String, _ counters: Name..., value: Value = .each) {
    self.indent = indent
    self.text = text
    self.counters = counters
    self.value = value
  }

  /// The numbers that the text's `<1>`, `<2>` become.
  func values(_ read: (Name) -> UInt64) -> [UInt64] {
    let values = counters.map(read)
    guard value == .difference, let first = values.first else { return values }
    return [values.dropFirst().reduce(first, &-)]
  }

  /// The text with its indentation, numbers and plurals filled in.
  func rendered(_ values: [UInt64]) -> String {
    var line = String(repeating: "\t", count: indent)
    var rest = text[...]
    var last: UInt64 = 0
    while let character = rest.popFirst() {
      switch character {
      case "<":
        guard let digit = rest.first?.wholeNumberValue, values.indices.contains(digit - 1) else {
          line.append(character)  // A real "<": "data size < data length".
          continue
        }
        last = values[digit - 1]
        line += String(last)
        rest = rest.dropFirst(2)
      case "{":
        let forms = rest.prefix { $0 != "}" }
        rest = rest.dropFirst(forms.count + 1)
        line += Self.plural(of: forms, for: last)
      default:
        line.append(character)
      }
    }
    return line
  }

  private static func plural(of forms: Substring, for value: UInt64) -> Substring {
    guard let bar = forms.firstIndex(of: "|") else { return value == 1 ? "" : forms }
    return value == 1 ? forms[..<bar] : forms[forms.index(after: bar)...]
  }
}

extension CounterName {
  /// Prints some lines of the block as the `p` macros of netstat/inet.c do.
  ///
  /// With `suppressZero` a line whose counters are all zero is left out; then a continuation after
  /// a left out line does not even end its line, so that the next one is glued to it.
  static func rendered(
    _ lines: some Sequence<StatisticsLine<Self>>, suppressZero: Bool, _ read: (Self) -> UInt64
  ) -> [String] {
    var rendered: [String] = []
    var pending = ""
    var isBegun: Bool?  // Whether the line that this one continues was shown.
    for line in lines {
      let values = line.values(read)
      let isShown = !suppressZero || values.contains { $0 != 0 }
      if isShown { pending += line.rendered(values) }
      if line.value == .continued {
        isBegun = isShown
        continue
      }
      if isBegun ?? isShown {
        rendered.append(pending)
        pending = ""
      }
      isBegun = nil
    }
    if !pending.isEmpty { rendered.append(pending) }
    return rendered
  }
}

/// Counters that `netstat -s` prints.
package protocol PrintedCounter: CounterName {
  /// The lines of the block in print order.
  static var lines: [StatisticsLine<Self>] { get }
}

extension Counters where Name: PrintedCounter {
  /// The block as `netstat -s` prints it, heading first; `-s -s` suppresses zero lines.
  package func netstatLines(suppressZero: Bool) -> [String] {
    ["\(Self.name):"]
      + Name.rendered(Name.lines, suppressZero: suppressZero) { self[$0] }
  }
}
