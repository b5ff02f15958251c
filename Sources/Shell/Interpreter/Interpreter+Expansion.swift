// SPDX-License-Identifier: BSD-2-Clause

/// Expansion of words in sh(1)'s order: parameters, commands and arithmetic, then fields, then quotes.
///
/// There are no names of files and no homes: `*` and `~` mean themselves.
extension Interpreter {
  /// The arguments that words make.
  func fields(of words: [Word]) throws(ShellError) -> [String] {
    var builder = FieldBuilder(.fields(separators: separators))
    for word in words {
      try expand(word, &builder)
      builder.endField()
    }
    return builder.fields
  }

  /// The one text that a word makes, as in an assignment.
  func text(of word: Word) throws(ShellError) -> String {
    if let plain = word.plain { return plain }
    var builder = FieldBuilder(.text)
    try expand(word, &builder)
    return builder.text
  }

  /// The pattern that a word makes.
  func pattern(of word: Word) throws(ShellError) -> Glob {
    var builder = FieldBuilder(.pattern)
    try expand(word, &builder)
    return Glob(builder.text)
  }

  private func expand(_ word: Word, _ builder: inout FieldBuilder) throws(ShellError) {
    for part in word.parts {
      switch part {
      case .text(let text, let isQuoted): builder.append(text, isQuoted: isQuoted)
      case .parameter(let parameter, let isQuoted):
        try expand(parameter, isQuoted: isQuoted, &builder)
      case .command(let list, let isQuoted):
        builder.appendExpanded(try substitute(list), isQuoted: isQuoted)
      case .arithmetic(let word, let isQuoted):
        var arithmetic = Arithmetic(try text(of: word)) { self.variable($0) }
        let value = try arithmetic.value()
        for (name, value) in arithmetic.assignments { try setVariable(name, String(value)) }
        builder.appendExpanded(String(value), isQuoted: isQuoted)
      }
    }
  }

  private func expand(
    _ parameter: Parameter, isQuoted: Bool, _ builder: inout FieldBuilder
  ) throws(ShellError) {
    let name = parameter.name
    let isAll = name == "@" || name == "*"
    let value = isAll ? allParameters : self.parameter(name)
    switch parameter.operation {
    case .value:
      if isAll { return appendAll(isEach: name == "@", isQuoted: isQuoted, &builder) }
      try demand(name, value)
      if let value {
        builder.appendExpanded(value, isQuoted: isQuoted)
      } else {
        nothing(isQuoted, &builder)
      }
    case .length:
      try demand(name, value)
      let length = isAll ? state.parameters.count : value?.count ?? 0
      builder.appendExpanded(String(length), isQuoted: isQuoted)
    case .otherwise(let word, let orEmpty):
      guard isMissing(value, orEmpty) else {
        return try expand(name, value ?? "", isQuoted, &builder)
      }
      try expandInside(word, isQuoted: isQuoted, &builder)
    case .instead(let word, let orEmpty):
      if isMissing(value, orEmpty) { return nothing(isQuoted, &builder) }
      try expandInside(word, isQuoted: isQuoted, &builder)
    case .assign(let word, let orEmpty):
      guard isMissing(value, orEmpty) else {
        return try expand(name, value ?? "", isQuoted, &builder)
      }
      let text = try text(of: word)
      try setVariable(name, text)
      builder.appendExpanded(text, isQuoted: isQuoted)
    case .require(let word, let orEmpty):
      guard isMissing(value, orEmpty) else {
        return try expand(name, value ?? "", isQuoted, &builder)
      }
      if let word { throw ShellError(try text(of: word)) }
      throw ShellError("\(name): parameter \(orEmpty ? "null or " : "")not set")
    case .trim(let word, let atEnd, let longest):
      try demand(name, value)
      let pattern = try pattern(of: word)
      let text = Self.trim(value ?? "", pattern, atEnd: atEnd, longest: longest)
      builder.appendExpanded(text, isQuoted: isQuoted)
    case .bad(let message): throw ShellError(message)
    }
  }

  /// All parameters in one text; nil if there are none.
  private var allParameters: String? {
    state.parameters.isEmpty ? nil : state.parameters.joined(separator: joint)
  }

  /// What joins the parameters of `"$*"`.
  private var joint: String { separators.first.map(String.init) ?? "" }

  private func isMissing(_ value: String?, _ orEmpty: Bool) -> Bool {
    value == nil || orEmpty && value == ""
  }

  /// `set -u`.
  private func demand(_ name: String, _ value: String?) throws(ShellError) {
    if value == nil && state.options.refusesUnset && name != "@" && name != "*" {
      throw ShellError("\(name): parameter not set")
    }
  }

  /// An expansion to nothing; between quotes it is an empty text.
  private func nothing(_ isQuoted: Bool, _ builder: inout FieldBuilder) {
    if isQuoted { builder.append("", isQuoted: true) }
  }

  private func expand(
    _ name: String, _ value: String, _ isQuoted: Bool, _ builder: inout FieldBuilder
  ) throws(ShellError) {
    if name == "@" || name == "*" {
      appendAll(isEach: name == "@", isQuoted: isQuoted, &builder)
    } else {
      builder.appendExpanded(value, isQuoted: isQuoted)
    }
  }

  /// The word inside braces; outside of quotes its own unquoted text is split, too.
  private func expandInside(
    _ word: Word, isQuoted: Bool, _ builder: inout FieldBuilder
  ) throws(ShellError) {
    if word.parts.isEmpty { return nothing(isQuoted, &builder) }
    for part in word.parts {
      if case .text(let text, isQuoted: false) = part {
        builder.appendExpanded(text, isQuoted: isQuoted)
      } else {
        try expand(Word(parts: [part]), &builder)
      }
    }
  }

  /// `$@` and `$*`: a field for each parameter, but for `"$*"`.
  private func appendAll(isEach: Bool, isQuoted: Bool, _ builder: inout FieldBuilder) {
    guard case .fields = builder.purpose, isEach || !isQuoted else {
      let text = state.parameters.joined(separator: isEach ? " " : joint)
      return builder.appendExpanded(text, isQuoted: isQuoted)
    }
    for (number, text) in state.parameters.enumerated() {
      if number > 0 { builder.endField() }
      builder.appendExpanded(text, isQuoted: isQuoted)
    }
  }

  /// Cuts off the shortest or longest end, or beginning, that a pattern fits.
  private static func trim(
    _ text: String, _ pattern: Glob, atEnd: Bool, longest: Bool
  ) -> String {
    let characters = Array(text)
    let lengths = Array(0...characters.count)
    for length in longest ? lengths.reversed() : lengths {
      let place = atEnd ? characters.count - length : length
      let (head, tail) = (characters[..<place], characters[place...])
      if pattern.matches(atEnd ? tail : head) { return String(atEnd ? head : tail) }
    }
    return text
  }

  /// What commands write, without the newlines at its end; their status becomes the last one.
  private func substitute(_ list: CommandList) throws(ShellError) -> String {
    let collector = Collector()
    let output = collector.output(errors: output)
    let outer = (self.output, startingJob)
    (self.output, startingJob) = (output, nil)
    let before = lastProcess
    substitutedStatus = inSubshell { run(list) }
    waitForJobs(since: before)
    (self.output, startingJob) = outer
    while collector.text.utf8.last == UInt8(ascii: "\n") {
      collector.text.unicodeScalars.removeLast()
    }
    if collector.isFull { throw ShellError("command substitution: Cannot allocate memory") }
    return collector.text
  }
}

/// What commands wrote to stdout, up to a limit, for other commands.
final class Collector {
  /// No more than this many bytes are kept.
  private static let limit = 1 << 26

  var text = ""
  private(set) var isFull = false

  /// An output that fills it; errors go where another output's go.
  func output(errors: Output) -> Output {
    Output { stream, text in
      guard stream == .out else {
        errors.writeError(text)
        return true
      }
      self.isFull = self.isFull || self.text.utf8.count + text.utf8.count > Self.limit
      if !self.isFull { self.text += text }
      return !self.isFull
    }
  }
}
