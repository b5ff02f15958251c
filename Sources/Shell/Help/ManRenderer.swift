// SPDX-License-Identifier: BSD-2-Clause

/// How a page is set apart on the screen.
package enum ManualStyle: Sendable {
  /// Plain text.
  case plain
  /// Bold and underlined letters struck over, as less(1) and every other pager shows them.
  case overstruck
}

extension ManualPage {
  /// The page as text, filled to a width, with the header and margins of man(1).
  package func rendered(width: Int, style: ManualStyle = .plain) -> String {
    let width = max(40, min(width, 100))
    let title = "\(name.uppercased())(\(section))"
    let manual = Self.manualName(section)
    var text = spread(title, manual, title, width) + "\n"
    text += "\n\(Mark.bold("NAME"))\n"
    text += filled("\(Mark.bold(name)) -- \(summary)", indent: 5, width)
    for (title, blocks) in sections {
      text += "\n\(Mark.bold(title))\n"
      for (number, block) in blocks.enumerated() {
        if number > 0 { text += "\n" }
        text += rendered(block, width)
      }
    }
    text += "\n" + spread("fibsh", "", title, width) + "\n"
    return Mark.styled(text, style)
  }

  /// What the middle of the header says.
  private static func manualName(_ section: Int) -> String {
    switch section {
    case 1: "General Commands Manual"
    case 7: "Miscellaneous Information Manual"
    default: "System Manager's Manual"
    }
  }

  private func rendered(_ block: Block, _ width: Int) -> String {
    switch block {
    case .paragraph(let paragraph): filled(paragraph, indent: 5, width)
    case .line(let line): "           \(line)\n"
    case .synopsis(let lines):
      lines.map { line in
        let words = [Mark.bold(name), line.text(Mark.marked)].filter { !$0.isEmpty }
        let hanging = 5 + name.utf8.count + 1
        return filled(words.joined(separator: " "), indent: 5, hanging: hanging, width)
      }.joined()
    case .list(let rows):
      rows.map { rendered($0.tag, $0.text, width) }.joined(separator: "\n")
    case .references(let pages): filled(pages.joined(separator: ", "), indent: 5, width)
    }
  }

  /// A term and its text: beside it where it is short, else below.
  private func rendered(_ tag: Markup, _ text: String, _ width: Int) -> String {
    let body = filled(text, indent: 13, width)
    let term = tag.text(Mark.marked)
    let length = Mark.width(term)
    guard length < 8, !body.isEmpty else { return "     \(term)\n\(body)" }
    return "     " + term + String(repeating: " ", count: 8 - length) + body.dropFirst(13)
  }

  private func spread(_ left: String, _ middle: String, _ right: String, _ width: Int) -> String {
    let before = max(1, (width - middle.utf8.count) / 2 - left.utf8.count)
    let start = left + String(repeating: " ", count: before) + middle
    return start + right.padLeft(to: max(right.utf8.count + 1, width - start.utf8.count))
  }
}

/// The words of a text in lines of at most a width, each ending in a newline.
func filled(_ text: String, indent: Int, hanging: Int? = nil, _ width: Int) -> String {
  var result = ""
  var line = ""
  var margin = indent
  for word in text.split(separator: " ") {
    if !line.isEmpty && margin + Mark.width(line) + 1 + Mark.width(word) > width {
      result += String(repeating: " ", count: margin) + line + "\n"
      line = ""
      margin = hanging ?? indent
    }
    line += (line.isEmpty ? "" : " ") + word
  }
  return line.isEmpty ? result : result + String(repeating: " ", count: margin) + line + "\n"
}

/// Bold and underlined runs while lines are filled: control characters that take no room.
private enum Mark {
  private static let boldOn: Character = "\u{1}"
  private static let underlineOn: Character = "\u{2}"
  private static let off: Character = "\u{3}"

  static func bold(_ text: String) -> String { "\(boldOn)\(text)\(off)" }

  static func marked(_ text: String, _ role: Markup.Role) -> String {
    switch role {
    case .plain: text
    case .literal, .flag: bold(text)
    case .argument: "\(underlineOn)\(text)\(off)"
    }
  }

  /// How many columns a text takes.
  static func width(_ text: some StringProtocol) -> Int { text.utf8.count { $0 > 3 } }

  /// The text with its runs as a style shows them.
  static func styled(_ text: String, _ style: ManualStyle) -> String {
    var result = ""
    var run: Character?
    for character in text {
      switch character {
      case boldOn, underlineOn: run = character
      case off: run = nil
      default:
        if style == .overstruck, character != " ", let run {
          result += run == boldOn ? "\(character)\u{8}" : "_\u{8}"
        }
        result.append(character)
      }
    }
    return result
  }
}
