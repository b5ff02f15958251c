// SPDX-License-Identifier: BSD-2-Clause

extension ManualPage {
  /// The page as plain text, filled to a width, with the header and margins of man(1).
  package func rendered(width: Int) -> String {
    let width = max(40, min(width, 100))
    let title = "\(name.uppercased())(\(section))"
    let manual = Self.manualName(section)
    var text = spread(title, manual, title, width) + "\n"
    text += "\nNAME\n" + filled("\(name) -- \(summary)", indent: 5, width)
    for (title, blocks) in sections {
      text += "\n\(title)\n"
      for (number, block) in blocks.enumerated() {
        if number > 0 { text += "\n" }
        text += rendered(block, width)
      }
    }
    return text + "\n" + spread("fibsh", "", title, width) + "\n"
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
    case .lines(let lines):
      lines.map { filled($0, indent: 5, hanging: 5 + name.utf8.count + 1, width) }.joined()
    case .list(let rows):
      rows.map { rendered($0.tag, $0.text, width) }.joined(separator: "\n")
    }
  }

  /// A term and its text: beside it where it is short, else below.
  private func rendered(_ tag: String, _ text: String, _ width: Int) -> String {
    let body = filled(text, indent: 13, width)
    guard tag.utf8.count < 8, !body.isEmpty else { return "     \(tag)\n\(body)" }
    return "     \(tag.padRight(to: 8))" + body.dropFirst(13)
  }

  private func spread(_ left: String, _ middle: String, _ right: String, _ width: Int) -> String {
    let before = max(1, (width - middle.utf8.count) / 2 - left.utf8.count)
    let start = left + String(repeating: " ", count: before) + middle
    return start + right.padLeft(to: max(right.utf8.count + 1, width - start.utf8.count))
  }
}

/// The words of a text in lines of at most a width, each ending in a newline.
private func filled(_ text: String, indent: Int, hanging: Int? = nil, _ width: Int) -> String {
  var result = ""
  var line = ""
  var margin = indent
  for word in text.split(separator: " ") {
    if !line.isEmpty && margin + line.utf8.count + 1 + word.utf8.count > width {
      result += String(repeating: " ", count: margin) + line + "\n"
      line = ""
      margin = hanging ?? indent
    }
    line += (line.isEmpty ? "" : " ") + word
  }
  return line.isEmpty ? result : result + String(repeating: " ", count: margin) + line + "\n"
}
