// SPDX-License-Identifier: BSD-2-Clause

extension ManualPage {
  /// The page as mdoc(7) source, for the man(1) of the host.
  package var mdoc: String {
    var text = """
      .\\" SPDX-License-Identifier: BSD-2-Clause
      .\\" Made from the declaration of the command; change that instead.
      .Dd $Mdocdate$
      .Dt \(name.uppercased()) \(section)
      .Os fibsh
      .Sh NAME
      .Nm \(name)
      .Nd \(escaped(summary))

      """
    for (title, blocks) in sections {
      text += ".Sh \(title)\n"
      for (number, block) in blocks.enumerated() {
        if number > 0 { text += ".Pp\n" }
        text += title == "SEE ALSO" ? references(block) : source(block)
      }
    }
    return text
  }

  private func source(_ block: Block) -> String {
    switch block {
    case .paragraph(let text): return line(text)
    case .lines(let lines):
      return ".Bd -literal -offset indent -compact\n" + lines.map(line).joined() + ".Ed\n"
    case .list(let rows):
      let items = rows.map { ".It \(quoted($0.tag))\n" + line($0.text) }
      return ".Bl -tag -width indent\n" + items.joined() + ".El\n"
    }
  }

  /// `route(8), arp(8)` as cross references.
  private func references(_ block: Block) -> String {
    guard case .paragraph(let text) = block else { return "" }
    let pages = text.split(separator: ", ")
    return pages.enumerated().map { number, page in
      let parts = page.split(whereSeparator: { $0 == "(" || $0 == ")" })
      let comma = number + 1 < pages.count ? " ," : ""
      return ".Xr \(parts.joined(separator: " "))\(comma)\n"
    }.joined()
  }

  /// A line of text that roff takes as text.
  private func line(_ text: String) -> String {
    let safe = escaped(text)
    return (safe.hasPrefix(".") || safe.hasPrefix("'") ? "\\&" : "") + safe + "\n"
  }

  /// One argument of a macro.
  private func quoted(_ text: String) -> String {
    "\""
      + escaped(text).split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }

  private func escaped(_ text: String) -> String {
    text.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\e")
      .split(separator: "-", omittingEmptySubsequences: false).joined(separator: "\\-")
  }
}
