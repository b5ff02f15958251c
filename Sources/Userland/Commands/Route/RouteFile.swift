// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// Reads the lines of a file of routes: a network and its gateway each, read as bytes.
///
/// What most lines are, four decimal numbers and a length over four decimal numbers or one, is read
/// here; other words are for route(8)'s own reader.
struct RouteFile {
  /// A line that is not as most are.
  enum Other: Equatable {
    /// Two words that are read as those of `route add -net`.
    case words([String], line: Int)
    case error(String, line: Int)
  }

  /// What some lines have.
  struct Batch: Equatable {
    var routes: [NetworkRoute] = []
    /// The other lines, each with how many routes come before it.
    var others: [(before: Int, line: Other)] = []

    mutating func removeAll() {
      routes.removeAll(keepingCapacity: true)
      others.removeAll(keepingCapacity: true)
    }

    fileprivate mutating func append(_ other: Other) { others.append((routes.count, other)) }

    static func == (one: Batch, two: Batch) -> Bool {
      one.routes == two.routes && one.others.elementsEqual(two.others) { $0 == $1 }
    }
  }

  /// The longest line; more is no line of routes, and is not kept.
  static let longestLine = 1024

  /// The address to which a gateway that is a number is added; nil where none was given.
  let base: UInt32?
  /// How many lines were begun.
  private(set) var line = 0
  /// The beginning of a line whose end is in the next piece.
  private var rest: [UInt8] = []
  /// The line that goes on is too long.
  private var isTooLong = false

  init(base: UInt32?) { self.base = base }

  /// Reads the lines that end in a piece; what is behind them waits for the next piece.
  mutating func read(_ piece: [UInt8], into batch: inout Batch) {
    var start = 0
    if !rest.isEmpty || isTooLong {
      guard let end = piece.firstIndex(of: .newline) else { return keep(piece[...]) }
      keep(piece[..<end])
      finish(into: &batch)
      start = end + 1
    }
    let bytes = piece.span
    while start < bytes.count {
      var end = start
      while end < bytes.count, bytes[end] != .newline { end += 1 }
      guard end < bytes.count else { return keep(piece[start...]) }
      take(bytes, start..<end, into: &batch)
      start = end + 1
    }
  }

  /// Reads a last line that has no newline.
  mutating func end(into batch: inout Batch) {
    if !rest.isEmpty || isTooLong { finish(into: &batch) }
  }

  private mutating func keep(_ bytes: ArraySlice<UInt8>) {
    if rest.count + bytes.count > Self.longestLine { isTooLong = true }
    if !isTooLong { rest += bytes }
  }

  /// Reads the line that was kept.
  private mutating func finish(into batch: inout Batch) {
    if isTooLong {
      line += 1
      batch.append(.error("line too long", line: line))
    } else {
      let kept = rest
      take(kept.span, 0..<kept.count, into: &batch)
    }
    (rest, isTooLong) = ([], false)
  }

  /// Reads one line.
  private mutating func take(_ bytes: Span<UInt8>, _ range: Range<Int>, into batch: inout Batch) {
    line += 1
    guard range.count <= Self.longestLine else {
      return batch.append(.error("line too long", line: line))
    }
    var cursor = RouteCursor(bytes: bytes, place: range.lowerBound, end: range.upperBound)
    cursor.skipBlanks()
    if cursor.isAtEnd { return }
    if let route = cursor.network(base: base, line: line) {
      return batch.routes.append(route)
    }
    batch.append(words(of: cursor))
  }

  /// The words of a line that is not as most are.
  private func words(of cursor: borrowing RouteCursor) -> Other {
    var words: [String] = []
    var word: [UInt8] = []
    for place in cursor.place...cursor.end {
      let byte = place < cursor.end ? cursor.bytes[place] : UInt8(ascii: " ")
      if !byte.isBlank {
        if byte == UInt8(ascii: "#"), word.isEmpty { break }
        word.append(byte)
      } else if !word.isEmpty {
        words.append(String(decoding: word, as: UTF8.self))
        word = []
      }
    }
    if let number = words.last, words.count == 2, number.utf8.allSatisfy(\.isDigit) {
      guard let base else {
        return .error("\(number): a gateway by number needs -gateway", line: line)
      }
      guard let value = UInt32(number), let gateway = base.sum(value) else {
        return .error("bad gateway number: \(number)", line: line)
      }
      words[1] = "\(IPv4Address(rawValue: gateway))"
    }
    guard words.count == 2 else {
      let text = words.joined(separator: " ")
      return .error("not a network and a gateway: \(text)", line: line)
    }
    for word in words where word.hasPrefix("-") {
      return .error("bad keyword: \(word.dropFirst())", line: line)
    }
    return .words(words, line: line)
  }
}

/// A place in a line.
private struct RouteCursor: ~Escapable {
  let bytes: Span<UInt8>
  var place: Int
  let end: Int

  @_lifetime(copy bytes)
  init(bytes: Span<UInt8>, place: Int, end: Int) {
    self.bytes = bytes
    self.place = place
    self.end = end
  }

  /// Whether only a comment is left.
  var isAtEnd: Bool { place == end || bytes[place] == UInt8(ascii: "#") }

  @_lifetime(self: copy self)
  mutating func skipBlanks() {
    while place < end, bytes[place].isBlank { place += 1 }
  }

  /// The route that the whole line is; nil where it is written in another way, and from then on
  /// the place is where it was.
  @_lifetime(self: copy self)
  mutating func network(base: UInt32?, line: Int) -> NetworkRoute? {
    let start = place
    // A network of 0 is shifted by route(8), as are numbers behind fewer dots.
    if let network = quad(), network >> 24 != 0, skip(UInt8(ascii: "/")), let length = number(2),
      (1...32).contains(length), let gateway = gateway(base: base)
    {
      skipBlanks()
      if isAtEnd {
        return NetworkRoute(
          destination: IPv4Address(rawValue: network),
          mask: IPv4Prefix.mask(length: Int(length)), gateway: IPv4Address(rawValue: gateway),
          line: line)
      }
    }
    place = start
    return nil
  }

  /// Behind blanks an address, or a number behind the base.
  @_lifetime(self: copy self)
  private mutating func gateway(base: UInt32?) -> UInt32? {
    guard place < end, bytes[place].isBlank else { return nil }
    skipBlanks()
    let start = place
    if let address = quad() { return endsWord ? address : nil }
    place = start
    guard let base, let value = number(9), endsWord else { return nil }
    return base.sum(value)
  }

  /// Four decimal numbers, none with a zero in front: C would read that as octal.
  @_lifetime(self: copy self)
  private mutating func quad() -> UInt32? {
    var value: UInt32 = 0
    for part in 0..<4 {
      if part > 0, !skip(UInt8(ascii: ".")) { return nil }
      guard let octet = number(3), octet <= 255 else { return nil }
      value = value << 8 | octet
    }
    return value
  }

  /// A decimal number of so many digits at most and without zeros in front.
  @_lifetime(self: copy self)
  private mutating func number(_ digits: Int) -> UInt32? {
    let start = place
    var value: UInt32 = 0
    while place < end, bytes[place].isDigit, place - start < digits {
      value = value * 10 + UInt32(bytes[place] - UInt8(ascii: "0"))
      place += 1
    }
    guard place > start, bytes[start] != UInt8(ascii: "0") || place == start + 1 else { return nil }
    return value
  }

  @_lifetime(self: copy self)
  private mutating func skip(_ byte: UInt8) -> Bool {
    guard place < end, bytes[place] == byte else { return false }
    place += 1
    return true
  }

  private var endsWord: Bool { place == end || bytes[place].isBlank }
}

extension UInt8 {
  fileprivate static let newline = UInt8(ascii: "\n")
  fileprivate var isDigit: Bool { (0x30...0x39).contains(self) }
  /// Blank, tab, and what else isspace(3) takes; a newline ends the line before.
  fileprivate var isBlank: Bool { self == 0x20 || (0x09...0x0d).contains(self) }
}

extension UInt32 {
  /// The address so many behind; nil beyond the last.
  fileprivate func sum(_ other: UInt32) -> UInt32? {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? nil : sum
  }
}
