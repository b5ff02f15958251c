// SPDX-License-Identifier: BSD-2-Clause

/// Gathers bytes into the parts of a word.
struct WordBuilder {
  private var parts: [Word.Part] = []
  private var bytes: [UInt8] = []
  private var isQuoted: Bool?

  /// How many pieces were appended.
  private(set) var size = 0

  mutating func append(_ byte: UInt8, isQuoted: Bool) {
    if self.isQuoted != isQuoted { flush() }
    self.isQuoted = isQuoted
    bytes.append(byte)
    size += 1
  }

  mutating func append(_ part: Word.Part) {
    flush()
    parts.append(part)
    size += 1
  }

  /// Begins a quoted piece, which counts even if it stays empty.
  mutating func open() {
    if isQuoted != true { flush() }
    isQuoted = true
  }

  mutating func word() -> Word {
    flush()
    return Word(parts: parts)
  }

  private mutating func flush() {
    if let isQuoted {
      parts.append(.text(String(decoding: bytes, as: UTF8.self), isQuoted: isQuoted))
    }
    bytes.removeAll(keepingCapacity: true)
    isQuoted = nil
  }
}
