// SPDX-License-Identifier: BSD-2-Clause

/// What to say on a terminal when a word was nearly right.
extension Registry {
  /// The command whose name is near a word.
  func nearest(to name: String) -> String? {
    nearestWord(to: name, in: commands.map(\.name))
  }

  /// The word that a command which failed may have meant, by what may stand in its words' places.
  ///
  /// A command inside a command looks after its own words.
  func suggestion(for words: [String], _ world: World) -> String? {
    guard let name = words.first, let command = self[name] else { return nil }
    for (place, word) in words.enumerated().dropFirst() {
      let before = words[1..<place]
      let places = command.places(after: before, isOption: false, world)
      var known: [String] = []
      var takesBeginnings = true
      for place in places {
        switch place {
        case .words(let candidates): known += candidates.map(\.text)
        case .source(let source, _):
          if case .command = source.kind {
            return self[word] == nil ? nearest(to: word) : nil
          }
          if case .subject = source.kind {
            takesBeginnings = false
            known += commands.map(\.name) + listedTopics.map(\.name)
          } else if case .part = source.kind {
            known += before.first.flatMap { self[$0] }?.partNames(world).map(\.text) ?? []
          } else {
            known += source.words(world).map(\.text)
          }
        }
      }
      // What is behind an equals sign is a value.
      let asked = String(word.prefix { $0 != "=" })
      // A word may be the beginning of one that the command completes itself.
      let isKnown = known.contains {
        $0 == word || takesBeginnings && $0.hasPrefix(asked) && !$0.contains(".")
      }
      if isKnown || known.contains(asked) { continue }
      if let near = nearestWord(to: asked, in: known) { return near }
    }
    return nil
  }
}

/// The word at most two slips away, or the one whose beginning or end the text is, as `ip.forwarding`
/// is of a longer name; nothing for texts that are numbers or differ in digits only.
private func nearestWord(to text: String, in words: [String]) -> String? {
  guard text.utf8.count < 64, text.utf8.count > 1, text.first?.isNumber == false else { return nil }
  let whole = words.first {
    $0.hasSuffix(".\(text)") || $0.hasPrefix(text) && $0.dropFirst(text.count).first != "."
  }
  if text.contains("."), let whole { return whole }
  let letters = text.filter { !$0.isNumber }
  let bytes = Array(text.utf8)
  let limit = min(2, bytes.count / 2)
  var best: (word: String, slips: Int)?
  for word in words where abs(word.utf8.count - bytes.count) <= limit {
    if word.filter({ !$0.isNumber }) == letters { continue }
    let count = slips(bytes, Array(word.utf8))
    if count <= limit, count < best?.slips ?? Int.max { best = (word, count) }
  }
  return best?.word
}

/// The number of letters to add, drop, change or swap with the next between two words.
private func slips(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var rows = [Array(0...right.count)]
  for (line, byte) in left.enumerated() {
    var row = [line + 1]
    for (column, other) in right.enumerated() {
      var cost = min(rows[line][column + 1], row[column]) + 1
      cost = min(cost, rows[line][column] + (byte == other ? 0 : 1))
      if line > 0, column > 0, byte == right[column - 1], other == left[line - 1] {
        cost = min(cost, rows[line - 1][column - 1] + 1)
      }
      row.append(cost)
    }
    rows.append(row)
  }
  return rows[left.count][right.count]
}
