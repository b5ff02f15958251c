// SPDX-License-Identifier: BSD-2-Clause

/// printf(3)'s field widths; they count bytes, not characters.
extension StringProtocol {
  /// Blanks before the text, as `%8s`.
  package func padLeft(to width: Int) -> String {
    String(repeating: " ", count: Swift.max(0, width - utf8.count)) + String(self)
  }

  /// Blanks after the text, as `%-8s`.
  package func padRight(to width: Int) -> String {
    String(self) + String(repeating: " ", count: Swift.max(0, width - utf8.count))
  }

  /// Blanks after the text, or its first bytes only, as `%-18.18s`.
  ///
  /// A character that the limit would split is left out and its place filled with blanks.
  package func padRight(to width: Int, limit: Int) -> String {
    truncated(to: limit).padRight(to: width)
  }

  /// Blanks before the text, or its first bytes only, as `%8.8s`.
  package func padLeft(to width: Int, limit: Int) -> String {
    truncated(to: limit).padLeft(to: width)
  }

  /// As many whole characters as fit into a number of bytes, as `%.18s`.
  package func truncated(to limit: Int) -> String {
    guard utf8.count > limit else { return String(self) }
    var text = ""
    var bytes = 0
    for character in self {
      bytes += character.utf8.count
      if bytes > limit { break }
      text.append(character)
    }
    return text
  }
}

extension BinaryInteger {
  /// The number in decimal with blanks before it, as `%8d`.
  package func padLeft(to width: Int) -> String { String(self).padLeft(to: width) }

  /// The number in decimal with blanks after it, as `%-8d`.
  package func padRight(to width: Int) -> String { String(self).padRight(to: width) }

  /// The number in lower-case hexadecimal with zeros before it, as `%08x`.
  package func hex(digits: Int = 1) -> String { zeroFilled(String(self, radix: 16), digits) }

  /// The number in decimal with zeros before it, as `%05d`.
  package func decimal(digits: Int) -> String { zeroFilled(String(self), digits) }

  private func zeroFilled(_ text: String, _ digits: Int) -> String {
    String(repeating: "0", count: Swift.max(0, digits - text.utf8.count)) + text
  }
}
