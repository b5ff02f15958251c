// SPDX-License-Identifier: BSD-2-Clause

extension ManualPage {
  /// The page as mdoc(7) source, for the man(1) of the host.
  package var mdoc: String {
    var text = """
      .\\" SPDX-License-Identifier: BSD-2-Clause
      .\\" Made from the declaration of the command; change that instead.
      .Dd \(Self.date)
      .Dt \(name.uppercased()) \(section)
      .Os fibsh
      .Sh NAME
      .Nm \(name)
      .Nd \(Self.escaped(summary))

      """
    for (title, blocks) in sections {
      text += ".Sh \(title)\n"
      for (number, block) in blocks.enumerated() {
        if number > 0 && block.needsSpace { text += ".Pp\n" }
        text += source(block)
      }
    }
    return text
  }

  /// The day that the pages bear: that of the release they describe.
  private static let date = "November 25, 2009"

  private func source(_ block: Block) -> String {
    switch block {
    case .paragraph(let text): return Self.line(text)
    case .line(let line): return ".Dl \(Self.protected(Self.escaped(line, isCode: true)))\n"
    case .synopsis(let lines): return lines.map { ".Nm\n" + Self.macros($0) }.joined()
    case .list(let rows):
      let items = rows.map { ".It \(Self.macros($0.tag).dropFirst())" + Self.line($0.text) }
      return ".Bl -tag -width indent\n" + items.joined() + ".El\n"
    case .references(let pages): return Self.references(pages)
    }
  }

  /// `route(8), arp(8)` as cross references.
  private static func references(_ pages: [String]) -> String {
    pages.enumerated().map { number, page in
      let parts = page.split(whereSeparator: { $0 == "(" || $0 == ")" })
      let comma = number + 1 < pages.count ? " ," : ""
      return ".Xr \(parts.joined(separator: " "))\(comma)\n"
    }.joined()
  }

  /// A line of macros for the pieces of a synopsis or term; nothing for none.
  private static func macros(_ markup: Markup) -> String {
    var words: [String] = []
    for piece in markup.pieces {
      let isBracket = piece.role == .plain && (piece.text == "[" || piece.text == "]")
      // Oo and Oc leave no blank inside themselves.
      let isAfterBracket = words.last == "Oo"
      if piece.isGlued && !isAfterBracket && piece.text != "]" { words.append("Ns") }
      switch piece.role {
      case .plain where isBracket: words.append(piece.text == "[" ? "Oo" : "Oc")
      case .plain where piece.text == "|" || piece.text == ",": words.append(piece.text)
      case .plain where piece.text == "...": words.append(piece.text)
      case .plain: words += ["No", protected(escaped(piece.text))]
      case .literal: words += ["Cm", protected(escaped(piece.text))]
      case .flag: words += ["Fl", protected(escaped(String(piece.text.dropFirst())))]
      case .argument: words += ["Ar", protected(escaped(piece.text))]
      }
    }
    return words.isEmpty ? "" : "." + words.joined(separator: " ") + "\n"
  }

  /// Text that roff takes as text, each sentence on a line of its own; nothing for none.
  private static func line(_ text: String) -> String {
    let sentences = escaped(text).replacing(". ", with: ".\n").split(separator: "\n")
    let lines = sentences.flatMap { filled(String($0), indent: 0, 78).split(separator: "\n") }
    return lines.map { line in
      (line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" : "") + line + "\n"
    }.joined()
  }

  /// Backslashes and dashes; one between letters is a hyphen unless the text is typed as it is.
  private static func escaped(_ text: String, isCode: Bool = false) -> String {
    var result = ""
    let characters = Array(text)
    for (place, character) in characters.enumerated() {
      switch character {
      case "\\": result += "\\e"
      case "-":
        let isInside =
          place > 0 && characters[place - 1].isLetter && place + 1 < characters.count
          && characters[place + 1].isLetter
        result += isInside && !isCode ? "-" : "\\-"
      default: result.append(character)
      }
    }
    return result
  }

  /// Text as arguments of a macro: what could be a macro's name or a delimiter is made none.
  private static func protected(_ text: String) -> String {
    text.split(separator: " ", omittingEmptySubsequences: false).map { word in
      let isName =
        word.count == 2 && (word.first == "%" || word.first?.isUppercase == true)
        && word.last?.isLetter == true
      let isDelimiter = word.count == 1 && ".,:;()[]?!|\"".contains(word)
      let quoted = word.replacing("\"", with: "\\(dq")
      return isName || isDelimiter || word.hasPrefix("'") || word.hasPrefix(".")
        ? "\\&" + quoted : quoted
    }.joined(separator: " ")
  }
}

extension ManualPage.Block {
  /// Whether a blank line stands before it; an example's line belongs to the sentence above.
  fileprivate var needsSpace: Bool {
    switch self {
    case .paragraph: true
    case .line, .synopsis, .list, .references: false
    }
  }
}
