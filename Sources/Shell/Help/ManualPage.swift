// SPDX-License-Identifier: BSD-2-Clause

/// A manual page before it is set: what mdoc(7) source and the page on the screen are made from.
package struct ManualPage: Sendable {
  /// A piece of a section.
  package enum Block: Sendable {
    case paragraph(String)
    /// A command line typed as it is.
    case line(String)
    /// The ways to write the command, each without its name.
    case synopsis([Markup])
    /// Terms, each with a text.
    case list([(tag: Markup, text: String)])
    /// Other pages, such as `route(8)`.
    case references([String])
  }

  /// The name in the header.
  package let name: String
  /// The section of the manual.
  package let section: Int
  /// What it does, in one line.
  package let summary: String
  /// The headings in order, each with its blocks.
  package var sections: [(title: String, blocks: [Block])]

  /// Makes a page.
  package init(
    name: String, section: Int, summary: String, sections: [(title: String, blocks: [Block])]
  ) {
    self.name = name
    self.section = section
    self.summary = summary
    self.sections = sections
  }

  /// The name of the file with its source, such as `route.8`.
  package var fileName: String { "\(name).\(section)" }
}

extension Command {
  /// The command's manual page.
  package var page: ManualPage {
    var page = ManualPage(name: name, section: section, summary: summary, sections: [])
    let literals = literals
    page.sections.append(
      ("SYNOPSIS", [.synopsis(synopses.map { Markup(withoutName($0), literals: literals) })]))
    var description = self.description.map(ManualPage.Block.paragraph)
    if let options = grammar.options, !options.isEmpty {
      description.append(.paragraph("The options are:"))
      description.append(.list(options.map { (Markup($0.synopsis), $0.help) }))
    }
    if !operandRows.isEmpty {
      description.append(.paragraph("The operands are:"))
      description.append(.list(operandRows.map { (Markup($0, literals: literals), $1) }))
    }
    if !description.isEmpty { page.sections.append(("DESCRIPTION", description)) }
    for keywords in grammar.keywords {
      let rows = keywords.rows.map { row in
        (tag: Markup(row.synopsis, literals: literals.union(row.words)), text: row.help)
      }
      page.sections.append((keywords.title.uppercased(), [.list(rows)]))
    }
    page.sections.append(("EXIT STATUS", [.paragraph(exitStatusText)]))
    if !examples.isEmpty {
      page.sections.append(("EXAMPLES", examples.flatMap(\.blocks)))
    }
    if !compatibility.isEmpty {
      page.sections.append(("COMPATIBILITY", compatibility.map(ManualPage.Block.paragraph)))
    }
    if !seeAlso.isEmpty { page.sections.append(("SEE ALSO", [.references(sorted(seeAlso))])) }
    return page
  }

  /// What the exit status says, in a sentence or more.
  private var exitStatusText: String {
    if let exitStatus { return exitStatus }
    return usage.status == 1
      ? "0 on success, 1 if the words do not fit or something fails."
      : "0 on success, \(usage.status) if the words do not fit, 1 if something else fails."
  }

  private func withoutName(_ synopsis: String) -> String {
    synopsis.hasPrefix(name) ? String(synopsis.dropFirst(name.count)) : synopsis
  }

  /// The words that are typed as they are.
  private var literals: Set<String> {
    let places = grammar.operands + grammar.forms.flatMap(\.sources)
    let words = places.flatMap { place -> [String] in
      if case .literal(let words) = place.kind { words } else { [] }
    }
    return Set(words + grammar.keywords.flatMap { $0.rows.flatMap(\.words) })
  }
}

extension Example {
  /// What it does, and the line.
  fileprivate var blocks: [ManualPage.Block] {
    var sentence = explanation.prefix(1).uppercased() + explanation.dropFirst()
    if sentence.isEmpty { return [.line(line)] }
    if sentence.hasSuffix(".") { sentence.removeLast() }
    return [.paragraph(sentence + ":"), .line(line)]
  }
}

extension Topic {
  /// The topic as a page.
  package var page: ManualPage {
    var page = ManualPage(
      name: name, section: 7, summary: summary,
      sections: [("DESCRIPTION", paragraphs.map(ManualPage.Block.paragraph))])
    if !examples.isEmpty { page.sections.append(("EXAMPLES", examples.flatMap(\.blocks))) }
    if !seeAlso.isEmpty { page.sections.append(("SEE ALSO", [.references(sorted(seeAlso))])) }
    return page
  }
}

/// Pages by section and name, as manuals list them.
private func sorted(_ pages: [String]) -> [String] {
  pages.sorted { left, right in
    let (first, second) = (left.suffix(3), right.suffix(3))
    return first == second ? left < right : first < second
  }
}
