// SPDX-License-Identifier: BSD-2-Clause

/// What TAB found: the candidates, and what of the line they would replace.
package struct Completion: Equatable, Sendable {
  /// The word at the cursor without its quotes.
  package let partial: String
  /// How many characters before the cursor that word takes up as typed.
  package let typedLength: Int
  /// What could stand there.
  package let candidates: [Candidate]

  /// The text to put in the word's place, or nil if there is nothing to add; then the candidates
  /// are to be listed.
  package var replacement: String? {
    guard let first = candidates.first else { return nil }
    let common = candidates.dropFirst().reduce(first.text) { commonPrefix($0, $1.text) }
    guard candidates.count == 1 || common != partial else { return nil }
    let isOpenEnded = first.isOpen || common.hasSuffix("/")
    return quoted(common) + (candidates.count == 1 && !isOpenEnded ? " " : "")
  }
}

extension Registry {
  /// Completes a line at the cursor.
  ///
  /// - Parameter line: The line up to the cursor.
  package func complete(_ line: String, _ world: World, _ host: Host) -> Completion {
    let files = { fileCandidates($0, host) }
    guard let cursor = Cursor(line) else {
      return Completion(partial: "", typedLength: 0, candidates: [])
    }
    let candidates =
      switch cursor.place {
      case .command:
        self.candidates(for: cursor.words, partial: cursor.partial, world, files: files)
      case .file: files(cursor.partial)
      case .host: [Candidate]()
      }
    return Completion(
      partial: cursor.partial, typedLength: cursor.typedLength, candidates: candidates)
  }
}

/// Where in a command line the cursor is.
private struct Cursor {
  /// What the word at the cursor belongs to.
  enum Place { case command, file, host }

  var place = Place.command
  var words: [String] = []
  var partial = ""
  var typedLength = 0

  /// Reads the line up to the cursor; an open quote is closed in thought, and an open `$(` begins
  /// another line.
  init?(_ line: String) {
    var line = line[...]
    while let open = line.ranges(of: "$(").last, !line[open.upperBound...].contains(")") {
      line = line[open.upperBound...]
    }
    for tail in ["", "'", "\""] where read(line + tail, end: line.utf8.count) {
      return
    }
    return nil
  }

  private mutating func read(_ text: String, end: Int) -> Bool {
    self = Cursor()
    var lexer = Lexer(text)
    while true {
      guard let (token, range, _) = try? lexer.next() else { return false }
      switch token {
      case .word(let word):
        let isLast = range.upperBound >= end
        let text = word.literal
        if isLast {
          partial = text
          typedLength = lexer.bytes[range.lowerBound..<end].count { $0 & 0xc0 != 0x80 }
          return true
        }
        if place == .file {
          place = .command
        } else if !words.isEmpty || !Self.isPassedOver(word) {
          words.append(text)
        }
      case .redirect: place = .file
      case .op(.pipe): (place, words) = (.host, [])
      case .op, .newline: (place, words) = (.command, [])
      case .end: return true
      }
    }
  }

  private init() {}

  /// Whether a word stands before a command and is none: a reserved word or an assignment.
  private static func isPassedOver(_ word: Word) -> Bool {
    let reserved = [
      "!", "{", "if", "then", "elif", "else", "while", "until", "do",
    ]
    if let bare = word.bare, reserved.contains(bare) { return true }
    let name = word.literal.prefix { $0 != "=" }
    return name.count < word.literal.count && !name.isEmpty
      && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
  }
}

/// The host's files that a partial path could mean; hidden ones only if asked for.
private func fileCandidates(_ partial: String, _ host: Host) -> [Candidate] {
  let slash = partial.lastIndex(of: "/").map(partial.index(after:)) ?? partial.startIndex
  let directory = String(partial[..<slash])
  let name = partial[slash...]
  return host.list(directory.isEmpty ? "." : directory)
    .filter { $0.hasPrefix(name) && (name.hasPrefix(".") || !$0.hasPrefix(".")) }
    .sorted().map { Candidate(directory + $0) }
}

private func commonPrefix(_ left: String, _ right: String) -> String {
  String(zip(left, right).prefix { $0 == $1 }.map(\.0))
}

/// A word typed so that the lexer gives it back.
private func quoted(_ word: String) -> String {
  var result = ""
  for character in word {
    if " \t;&|<>()'\"\\$`#".contains(character) { result += "\\" }
    result.append(character)
  }
  return result
}
