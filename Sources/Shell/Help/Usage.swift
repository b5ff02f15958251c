// SPDX-License-Identifier: BSD-2-Clause

extension Command {
  /// What stderr gets when the words do not fit: BSD's own text, or one made from the grammar.
  package var usageText: String {
    if let text = usage.text { return text }
    return synopses.enumerated().map { number, line in
      (number == 0 ? "usage: " : "       ") + line + "\n"
    }.joined()
  }

  /// The ways to write the command, each with its name first.
  package var synopses: [String] {
    if let text = usage.text, let lines = synopses(in: text) { return lines }
    if !grammar.forms.isEmpty {
      return grammar.forms.map {
        ([name] + [$0.synopsis]).filter { !$0.isEmpty }.joined(separator: " ")
      }
    }
    var words = [name]
    let flags = grammar.options?.filter { $0.argument == nil }.map { String($0.letter) } ?? []
    if !flags.isEmpty { words.append("[-\(flags.joined())]") }
    for option in grammar.options ?? [] where option.argument != nil {
      words.append("[\(option.synopsis)]")
    }
    words += grammar.operands.map(\.synopsis)
    words += grammar.keywords.map { "[\($0.title.lowercased()) ...]" }
    return [words.joined(separator: " ")]
  }

  /// The lines of BSD's usage text that begin with the command's name, continuations joined.
  private func synopses(in text: String) -> [String]? {
    var lines: [String] = []
    for line in text.split(separator: "\n") {
      var words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
      if words.first?.lowercased() == "usage:" {
        words.removeFirst()
        // What stands before it is a version.
        lines = []
      }
      let joined = words.joined(separator: " ")
      if words.first?[...] == name[...] {
        lines.append(joined)
      } else if !lines.isEmpty {
        lines[lines.count - 1] += " " + joined
      }
    }
    return lines.isEmpty ? nil : lines
  }

  /// What `help COMMAND` prints: usage, what it does, each option, operand and keyword with its
  /// meaning, and examples.
  func helpText(width: Int) -> String {
    var text = "\(name): \(summary)\n"
    for line in synopses { text += filled(line, indent: 2, hanging: 3 + name.utf8.count, width) }
    for paragraph in description { text += "\n" + filled(paragraph, indent: 2, width) }
    var rows = (grammar.options ?? []).map { ($0.synopsis, $0.help) }
    rows += operandRows
    text += table(rows)
    for section in grammar.keywords {
      text += "\n\(section.title):"
      text += table(section.rows.map { ($0.synopsis, $0.help) })
    }
    if !examples.isEmpty { text += "\nexamples:" }
    return text + table(examples.map { ($0.line, $0.explanation) })
  }

  /// Terms and their meanings in two columns, below an empty line; a long term stands above.
  private func table(_ rows: [(String, String)]) -> String {
    if rows.isEmpty { return "" }
    let width = min(rows.map(\.0.utf8.count).max() ?? 0, 28)
    return "\n"
      + rows.map { tag, help in
        let isLong = tag.utf8.count > width
        if help.isEmpty { return "  \(tag)\n" }
        return isLong
          ? "  \(tag)\n  \("".padRight(to: width))  \(help)\n"
          : "  \(tag.padRight(to: width))  \(help)\n"
      }.joined()
  }

  /// The operands that have a meaning to tell, each once.
  var operandRows: [(String, String)] {
    var seen: Set<String> = []
    return (grammar.operands + grammar.forms.flatMap(\.sources))
      .filter { !$0.help.isEmpty && seen.insert($0.name).inserted }
      .map { ($0.name, $0.help) }
  }
}
