// SPDX-License-Identifier: BSD-2-Clause

extension TraceID {
  /// The table of all ids in Markdown, for Docs/Tracing.md.
  package static func documentation() -> String {
    var table = """
      | id | function | kind | counters | what happened | needs | sysctl |
      |---|---|---|---|---|---|---|

      """
    for id in allCases {
      let cells = [
        id.text, id.function, id.kind.rawValue, id.counterText, id.summary,
        id.needsOption ?? "", id.sysctl ?? "",
      ]
      table += "| " + cells.joined(separator: " | ") + " |\n"
    }
    return table
  }
}
