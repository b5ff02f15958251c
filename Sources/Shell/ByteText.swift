// SPDX-License-Identifier: BSD-2-Clause

/// Text made as bytes, for listings with a million lines: no String is made on the way.
package struct ByteText {
  /// The text, and room behind it, which is written in place.
  private var storage: [UInt8]
  /// How many bytes there are.
  package private(set) var count = 0

  /// Makes an empty text with room for so many bytes.
  package init(capacity: Int = 0) { storage = [UInt8](repeating: 0, count: capacity) }

  /// What was made so far.
  package var bytes: [UInt8] { Array(storage[..<count]) }

  /// Forgets the text, keeping the memory.
  package mutating func removeAll() { count = 0 }

  /// Makes room for so many bytes more.
  private mutating func reserve(_ more: Int) {
    let missing = count + more - storage.count
    guard missing > 0 else { return }
    storage.append(contentsOf: repeatElement(0, count: max(missing, storage.count)))
  }

  /// Appends a text.
  package mutating func append(_ text: String) { append(bytes: text.utf8.span) }

  /// Appends bytes.
  package mutating func append(_ more: [UInt8]) { append(bytes: more.span) }

  private mutating func append(bytes more: Span<UInt8>) {
    reserve(more.count)
    let start = count
    var text = storage.mutableSpan
    for place in more.indices { text[start + place] = more[place] }
    count = start + more.count
  }

  /// Appends one byte.
  package mutating func append(_ byte: UInt8) {
    reserve(1)
    storage[count] = byte
    count += 1
  }

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
    append(bytes: digits.span.extracting(first..<20))
  }

  /// Appends four bytes of a number, or the first so many, in decimal with dots between them.
  package mutating func append(quad: UInt32, parts: Int = 4) {
    reserve(16)
    var place = count
    var text = storage.mutableSpan
    for part in 0..<parts {
      let octet = UInt8(truncatingIfNeeded: quad >> UInt32(24 - 8 * part))
      if part > 0 {
        text[place] = UInt8(ascii: ".")
        place += 1
      }
      if octet >= 100 {
        text[place] = UInt8(ascii: "0") + octet / 100
        place += 1
      }
      if octet >= 10 {
        text[place] = UInt8(ascii: "0") + octet / 10 % 10
        place += 1
      }
      text[place] = UInt8(ascii: "0") + octet % 10
      place += 1
    }
    count = place
  }

  /// Appends so many blanks; none where the number is negative.
  package mutating func append(blanks number: Int) {
    guard number > 0 else { return }
    reserve(number)
    let places = count..<count + number
    var text = storage.mutableSpan
    for place in places { text[place] = UInt8(ascii: " ") }
    count = places.upperBound
  }

  /// Fills a cell that began at a place up to a width, or cuts it to a limit; it has ASCII alone.
  package mutating func endCell(from start: Int, width: Int, limit: Int = .max) {
    count = start + min(count - start, limit)
    append(blanks: width - (count - start))
  }
}

extension Output {
  /// Writes what was made to stdout.
  package func write(_ text: ByteText) { write(bytes: text.bytes) }
}
