// SPDX-License-Identifier: BSD-2-Clause

/// A manual page before it is set: what mdoc(7) source and the page on the screen are made from.
package struct ManualPage: Sendable {
  /// A piece of a section.
  package enum Block: Sendable {
    case paragraph(String)
    /// Lines that stay as they are.
    case lines([String])
    /// Terms, each with a text.
    case list([(tag: String, text: String)])
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
}

extension Command {
  /// The command's manual page.
  package var page: ManualPage {
    var page = ManualPage(name: name, section: section, summary: summary, sections: [])
    page.sections.append(("SYNOPSIS", [.lines(synopses)]))
    var description = self.description.map(ManualPage.Block.paragraph)
    if let options = grammar.options, !options.isEmpty {
      description.append(.paragraph("The options are:"))
      description.append(.list(options.map { ($0.synopsis, $0.help) }))
    }
    if !operandRows.isEmpty {
      description.append(.paragraph("The operands are:"))
      description.append(.list(operandRows))
    }
    if !description.isEmpty { page.sections.append(("DESCRIPTION", description)) }
    for keywords in grammar.keywords {
      let rows = keywords.rows.map { (tag: $0.synopsis, text: $0.help) }
      page.sections.append((keywords.title.uppercased(), [.list(rows)]))
    }
    if !examples.isEmpty {
      let blocks = examples.flatMap { example in
        [
          ManualPage.Block.lines([example.line]),
          .paragraph(example.explanation.prefix(1).uppercased() + example.explanation.dropFirst()),
        ].filter { if case .paragraph("") = $0 { false } else { true } }
      }
      page.sections.append(("EXAMPLES", blocks))
    }
    if !seeAlso.isEmpty {
      page.sections.append(("SEE ALSO", [.paragraph(seeAlso.joined(separator: ", "))]))
    }
    return page
  }
}

extension Topic {
  /// The topic as a page.
  package var page: ManualPage {
    ManualPage(
      name: name, section: 7, summary: summary,
      sections: [("DESCRIPTION", paragraphs.map(ManualPage.Block.paragraph))])
  }
}
