// SPDX-License-Identifier: BSD-2-Clause

extension [Candidate] {
  /// The candidates for the eye: a line each with their help where they fit on the screen, else in
  /// columns.
  package func listing(width: Int, height: Int = 24) -> String {
    let names = map(\.text)
    let column = (names.map(\.utf8.count).max() ?? 0) + 2
    let isFew = count <= Swift.max(24, height - 2)
    if isFew && contains(where: { !$0.help.isEmpty }) {
      return map {
        ("  " + $0.text.padRight(to: column) + $0.help).truncated(to: Swift.max(1, width - 1))
          + "\n"
      }.joined()
    }
    let across = Swift.max(1, width / column)
    let rows = (names.count + across - 1) / across
    return (0..<rows).map { row in
      let line = stride(from: row, to: names.count, by: rows).map { names[$0] }
      return line.dropLast().map { $0.padRight(to: column) }.joined() + (line.last ?? "") + "\n"
    }.joined()
  }
}
