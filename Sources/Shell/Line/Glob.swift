// SPDX-License-Identifier: BSD-2-Clause

/// A pattern of sh(1): `*`, `?`, `[a-z]`, `[!a-z]`, and a backslash before what is meant as it is.
package struct Glob {
  private enum Piece {
    case any, one
    case character(Character)
    case set([ClosedRange<Character>], isNegated: Bool)
  }

  private var pieces: [Piece] = []

  /// Makes a pattern from its text.
  package init(_ pattern: String) {
    var rest = pattern[...]
    while let character = rest.popFirst() {
      switch character {
      case "*": pieces.append(.any)
      case "?": pieces.append(.one)
      case "\\": pieces.append(.character(rest.popFirst() ?? "\\"))
      case "[": pieces.append(Self.set(&rest))
      default: pieces.append(.character(character))
      }
    }
  }

  /// Reads a set behind its bracket; without a closing one the bracket means itself.
  private static func set(_ rest: inout Substring) -> Piece {
    var inside = rest
    let isNegated = inside.first == "!" || inside.first == "^"
    if isNegated { inside.removeFirst() }
    var ranges: [ClosedRange<Character>] = []
    while let low = inside.popFirst() {
      if low == "]", !ranges.isEmpty {
        rest = inside
        return .set(ranges, isNegated: isNegated)
      }
      let high = inside.dropFirst().first
      if inside.first == "-", let high, high != "]", low <= high {
        inside = inside.dropFirst(2)
        ranges.append(low...high)
      } else {
        ranges.append(low...low)
      }
    }
    return .character("[")
  }

  /// Whether the whole text fits. Goes back to the last star only, so it is never slow.
  package func matches(_ text: String) -> Bool { matches(Array(text)[...]) }

  /// Whether all of some characters fit.
  func matches(_ characters: ArraySlice<Character>) -> Bool {
    var (piece, place) = (0, characters.startIndex)
    var star: (piece: Int, place: Int)?
    while place < characters.endIndex {
      if piece < pieces.count, case .any = pieces[piece] {
        star = (piece, place)
        piece += 1
      } else if piece < pieces.count, Self.fits(pieces[piece], characters[place]) {
        piece += 1
        place += 1
      } else if let last = star {
        star = (last.piece, last.place + 1)
        (piece, place) = (last.piece + 1, last.place + 1)
      } else {
        return false
      }
    }
    return pieces[piece...].allSatisfy { if case .any = $0 { true } else { false } }
  }

  private static func fits(_ piece: Piece, _ character: Character) -> Bool {
    switch piece {
    case .any, .one: true
    case .character(let wanted): wanted == character
    case .set(let ranges, let isNegated):
      ranges.contains { $0.contains(character) } != isNegated
    }
  }
}
