// SPDX-License-Identifier: BSD-2-Clause

/// What `help COMMAND WORD` finds: the parts of a command that a word names.
struct WordHelp {
  /// What kind of part it is, such as `options`.
  let title: String
  /// How it is written, and what it means.
  let rows: [(tag: String, text: String)]
}

extension Command {
  /// The options, keywords, words and forms of this name.
  func parts(named word: String, _ world: World) -> [WordHelp] {
    var parts: [WordHelp] = []
    func add(_ title: String, _ rows: [(tag: String, text: String)]) {
      if !rows.isEmpty { parts.append(WordHelp(title: title, rows: rows)) }
    }
    add(
      "options",
      (grammar.options ?? []).filter { "-\($0.letter)" == word }.map { ($0.synopsis, $0.help) })
    for section in grammar.keywords {
      add(
        section.title,
        section.rows.filter { $0.words.contains(word) }.map { ($0.synopsis, $0.help) })
    }
    for operand in grammar.operands {
      let found = operand.words(world).filter { $0.text == word }
      add(operand.name, found.map { ($0.text, $0.help) })
    }
    let forms = grammar.forms.filter { $0.sources.contains { $0.isLiteral && $0.has(word) } }
    add("forms", forms.map { ("\(name) \($0.synopsis)", "") })
    return parts
  }

  /// Every word that `help COMMAND` can explain, options included.
  func partNames(_ world: World) -> [Candidate] {
    let options = (grammar.options ?? []).map { Candidate("-\($0.letter)", $0.help) }
    let rows = grammar.keywords.flatMap(\.rows)
    let keywords = rows.flatMap { row in row.words.map { Candidate($0, row.help) } }
    let words = (grammar.operands + grammar.forms.flatMap(\.sources).filter(\.isLiteral))
      .flatMap { $0.words(world) }
    return keywords + words + options
  }
}

extension Source {
  /// The words that may stand here, if they are few enough to be words and not names of files.
  func words(_ world: World) -> [Candidate] {
    switch kind {
    case .literal(let words): words.map { Candidate($0, help) }
    case .values(let candidates), .paths(let candidates): candidates(world)
    case .file, .command, .subject, .part: []
    }
  }

  fileprivate func has(_ word: String) -> Bool {
    if case .literal(let words) = kind { words.contains(word) } else { false }
  }
}

extension Array where Element == WordHelp {
  /// The parts as `help` prints them.
  func text(of command: String) -> String {
    map { part in
      let width = Swift.min(part.rows.map(\.tag.utf8.count).max() ?? 0, 40)
      return "\(command): \(part.title)\n"
        + part.rows.map { row in
          let line = row.text.isEmpty ? row.tag : "\(row.tag.padRight(to: width))  \(row.text)"
          return "  \(line)\n"
        }.joined()
    }.joined()
  }
}
