// SPDX-License-Identifier: BSD-2-Clause

extension Registry {
  /// What could stand at the cursor.
  ///
  /// - Parameters:
  ///   - words: The complete words of the command before the cursor, its name first.
  ///   - partial: The word the cursor is in, up to the cursor.
  ///   - files: Lists names of files that begin with a text.
  /// - Returns: The candidates that begin with the partial word, in order, each once.
  package func candidates(
    for words: [String], partial: String, _ world: World, files: (String) -> [Candidate]
  ) -> [Candidate] {
    var seen: Set<String> = []
    return all(words[...], partial, world, files)
      .filter { $0.text.hasPrefix(partial) && seen.insert($0.text).inserted }
  }

  private func all(
    _ words: ArraySlice<String>, _ partial: String, _ world: World,
    _ files: (String) -> [Candidate]
  ) -> [Candidate] {
    guard let name = words.first else {
      return commands.map { Candidate($0.name, $0.summary) }
    }
    guard let command = self[name] else { return [] }
    var result: [Candidate] = []
    let places = command.places(after: words.dropFirst(), isOption: partial.hasPrefix("-"), world)
    for place in places {
      switch place {
      case .words(let candidates): result += candidates
      case .source(let source, let rest):
        switch source.kind {
        case .literal(let words): result += words.map { Candidate($0, source.help) }
        case .values(let candidates): result += candidates(world)
        case .paths(let candidates): result += components(of: candidates(world), partial)
        case .file: result += files(partial)
        case .command:
          let enter = command.grammar.enter ?? { _, _, body in body() }
          enter(words.dropFirst(), world) { result += all(rest, partial, world, files) }
        case .subject:
          result +=
            all([], partial, world, files) + listedTopics.map { Candidate($0.name, $0.summary) }
        case .part:
          result += words.dropFirst().first.flatMap { self[$0] }?.partNames(world) ?? []
        }
      }
    }
    return result
  }
}

/// Something that may come next.
enum Place<World: AnyObject> {
  /// One of these words.
  case words([Candidate])
  /// A word of a source; for a command inside a command, with the words it has already.
  case source(Source<World>, ArraySlice<String>)
}

extension Command {
  /// What may come after some words of the command.
  func places(
    after words: ArraySlice<String>, isOption: Bool, _ world: World
  ) -> [Place<World>] {
    if !grammar.forms.isEmpty {
      return grammar.forms.flatMap { $0.places(after: words, world) }
    }
    var rest = words
    if let options = grammar.options {
      switch walk(&rest, options) {
      case .argument(let source): return [.source(source, [])]
      case .mayContinue where isOption && rest.isEmpty:
        return [.words(options.map { Candidate("-\($0.letter)", $0.help) })]
      case .mayContinue, .ended: break
      }
    }
    if let next = grammar.next { return next(rest, world).map { .source($0, []) } }
    return afterOptions(rest)
  }

  /// How the options of a line end at the cursor.
  private enum OptionsEnd {
    case argument(Source<World>)
    case mayContinue
    case ended
  }

  /// Steps over options as getopt(3) would, faults aside.
  private func walk(
    _ rest: inout ArraySlice<String>, _ options: [Option<World>]
  ) -> OptionsEnd {
    while let word = rest.first, word.hasPrefix("-"), word != "-" {
      rest.removeFirst()
      if word == "--" { return .ended }
      var letters = word.dropFirst()
      while let letter = letters.popFirst() {
        guard let option = options.first(where: { $0.letter == letter }),
          let argument = option.argument
        else { continue }
        if letters.isEmpty && rest.popFirst() == nil { return .argument(argument) }
        letters = ""
      }
    }
    return .mayContinue
  }

  /// Steps over operands and keywords with their arguments.
  private func afterOptions(_ words: ArraySlice<String>) -> [Place<World>] {
    let rows = grammar.keywords.flatMap(\.rows)
    let keywords: [Place<World>] = rows.map { row in
      .words(row.words.map { Candidate($0, row.help) })
    }
    var rest = words
    var position = 0
    while let word = rest.first {
      let operand = operand(at: position)
      if let operand, case .command = operand.kind { return [.source(operand, rest)] }
      rest.removeFirst()
      guard let row = rows.first(where: { $0.words.contains(word) }) else {
        position += 1
        continue
      }
      var open: [Place<World>] = []
      for operand in row.operands {
        let isLeftOut = rest.first.map { word in
          operand.isOptional && rows.contains { $0.words.contains(word) }
        }
        if isLeftOut == true { break }
        if rest.popFirst() != nil { continue }
        open.append(.source(operand, []))
        if !operand.isOptional { return open }
      }
      if !open.isEmpty { return open + keywords }
    }
    // Keywords come behind the first operand, which says what they are about.
    let hasSubject = position > 0 || grammar.operands.isEmpty
    return operands(from: position).map { .source($0, []) } + (hasSubject ? keywords : [])
  }

  /// The operand that the word of this number is; the last one may repeat.
  private func operand(at position: Int) -> Source<World>? {
    if position < grammar.operands.count { return grammar.operands[position] }
    return grammar.operands.last.flatMap { $0.isRepeated ? $0 : nil }
  }

  /// The operands that may come next: one, and those after it while it may be left out.
  private func operands(from position: Int) -> [Source<World>] {
    guard position < grammar.operands.count else {
      return operand(at: position).map { [$0] } ?? []
    }
    var result: [Source<World>] = []
    for operand in grammar.operands[position...] {
      result.append(operand)
      if !operand.isOptional { break }
    }
    return result
  }
}

extension Form {
  /// What may come after some words, if they fit the form so far.
  func places(after words: ArraySlice<String>, _ world: World) -> [Place<World>] {
    var rest = words
    var result: [Place<World>] = []
    for (source, probe) in zip(sources, probes) {
      if rest.isEmpty {
        result.append(.source(source, []))
        if !source.isOptional { return result }
        continue
      }
      if case .command = source.kind { return [.source(source, rest)] }
      guard probe(&rest, world) else { return [] }
      if rest.isEmpty && source.isRepeated { result.append(.source(source, [])) }
    }
    return result
  }
}

/// The names that begin with a partial one, cut behind the component that the cursor is in; one that
/// is cut ends in a dot.
private func components(of names: [Candidate], _ partial: String) -> [Candidate] {
  let start = partial.lastIndex(of: ".").map(partial.index(after:)) ?? partial.startIndex
  let parent = partial[..<start]
  let below = names.filter { $0.text.hasPrefix(parent) && $0.text.utf8.count > parent.utf8.count }
  func component(_ name: Candidate) -> Substring {
    let rest = name.text.dropFirst(parent.count)
    return rest.prefix { $0 != "." }
  }
  let nodes = Set(
    below.filter { $0.text.dropFirst(parent.count).contains(".") }.map(component))
  var seen: Set<Substring> = []
  return below.compactMap { name in
    let component = component(name)
    guard seen.insert(component).inserted else { return nil }
    let text = parent + component
    let help = name.text == text ? name.help : ""
    return Candidate(text + (nodes.contains(component) ? "." : ""), help, isOpen: true)
  }
}
