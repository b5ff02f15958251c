// SPDX-License-Identifier: BSD-2-Clause

/// Text made as bytes, for listings with a million lines: no String is made on the way.
package struct ByteText {
  /// What was made so far.
  package private(set) var bytes: [UInt8] = []

  /// Makes an empty text with room for so many bytes.
  package init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  /// How many bytes there are.
  package var count: Int { bytes.count }

  /// Forgets the text, keeping the memory.
  package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  /// Appends a text.
  package mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// Appends bytes.
  package mutating func append(_ more: [UInt8]) { bytes.append(contentsOf: more) }

  /// Appends one byte.
  package mutating func append(_ byte: UInt8) { bytes.append(byte) }

  /// Appends a number in decimal, with blanks before it up to a width.
  package mutating func append(decimal number: UInt64, padLeft width: Int = 0) {
    // 20 digits hold any number.
    var digits: InlineArray<20, UInt8> = InlineArray(repeating: 0)
    var first = 20
    var rest = number
    repeat {
      first -= 1
      digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest > 0
    append(blanks: width - (20 - first))
    for place in first..<20 { bytes.append(digits[place]) }
  }

  /// Appends a byte's value in decimal.
  package mutating func append(octet: UInt8) {
    if octet >= 100 { bytes.append(UInt8(ascii: "0") + octet / 100) }
    if octet >= 10 { bytes.append(UInt8(ascii: "0") + octet / 10 % 10) }
    bytes.append(UInt8(ascii: "0") + octet % 10)
  }

  /// Appends so many blanks; none where the number is negative.
  package mutating func append(blanks count: Int) {
    for _ in 0..<max(0, count) { bytes.append(UInt8(ascii: " ")) }
  }

  /// Fills a cell that began at a place up to a width, or cuts it to a limit; it has ASCII alone.
  package mutating func endCell(from start: Int, width: Int, limit: Int = .max) {
    let length = bytes.count - start
    if length > limit { bytes.removeLast(length - limit) }
    append(blanks: width - length)
  }
}

extension Output {
  /// Writes what was made to stdout.
  package func write(_ text: ByteText) { write(bytes: text.bytes) }
}
