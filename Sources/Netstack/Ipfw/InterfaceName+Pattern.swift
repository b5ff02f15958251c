// SPDX-License-Identifier: BSD-2-Clause

import Wire

extension InterfaceName {
  /// Whether the name fits a pattern, as fnmatch(3) without flags decides.
  func matches(pattern: InterfaceName) -> Bool {
    var (place, offset) = (0, 0)
    // Where the last `*` lets us try again: behind it, and with one more byte for it.
    var retry: (place: Int, offset: Int)?
    while true {
      let wanted = pattern.byte(at: place)
      if wanted == UInt8(ascii: "*") {
        place += 1
        retry = (place, offset)
        continue
      }
      let byte = byte(at: offset)
      if byte == 0 && wanted == 0 { return true }
      if byte != 0, let next = pattern.step(from: place, over: byte) {
        place = next
        offset += 1
        continue
      }
      guard let last = retry, self.byte(at: last.offset) != 0 else { return false }
      retry = (last.place, last.offset + 1)
      (place, offset) = (last.place, last.offset + 1)
    }
  }

  /// The place behind the part of a pattern at `place`, if that part takes the byte.
  private func step(from place: Int, over byte: UInt8) -> Int? {
    switch self.byte(at: place) {
    case 0: return nil
    case UInt8(ascii: "?"): return place + 1
    case UInt8(ascii: "["):
      if let end = bracketEnd(from: place) {
        return bracket(from: place + 1, to: end, has: byte) ? end + 1 : nil
      }
      return byte == UInt8(ascii: "[") ? place + 1 : nil
    case UInt8(ascii: "\\") where self.byte(at: place + 1) != 0:
      return self.byte(at: place + 1) == byte ? place + 2 : nil
    case byte: return place + 1
    default: return nil
    }
  }

  /// Where the bracket that opens at `place` closes; nil for a `[` that stands for itself.
  private func bracketEnd(from place: Int) -> Int? {
    var end = place + (isNegation(at: place + 1) ? 2 : 1)
    // A `]` that comes first is a member.
    repeat {
      if byte(at: end) == 0 { return nil }
      end += 1
    } while byte(at: end) != UInt8(ascii: "]")
    return end
  }

  private func isNegation(at place: Int) -> Bool {
    byte(at: place) == UInt8(ascii: "!") || byte(at: place) == UInt8(ascii: "^")
  }

  /// Whether the members between two places include the byte, or exclude it behind `!`.
  private func bracket(from start: Int, to end: Int, has byte: UInt8) -> Bool {
    let isNegated = isNegation(at: start)
    var place = isNegated ? start + 1 : start
    while place < end {
      let low = self.byte(at: place)
      let isRange = self.byte(at: place + 1) == UInt8(ascii: "-") && place + 2 < end
      let high = isRange ? self.byte(at: place + 2) : low
      if low <= byte && byte <= high { return !isNegated }
      place += isRange ? 3 : 1
    }
    return isNegated
  }
}
