// SPDX-License-Identifier: BSD-2-Clause

/// Where a stream of a command is sent.
struct Redirection: Equatable, Sendable {
  /// What is done to the stream.
  enum Action: Equatable, Sendable {
    case read(Word)
    case write(Word, isAppending: Bool)
    /// Joins the stream to another, as `2>&1`.
    case join(Int)
  }

  /// 0, 1 or 2.
  let descriptor: Int
  let action: Action
}

/// One command with its redirections, and the host program its output goes to.
struct Pipeline: Equatable, Sendable {
  /// Whether `!` turns its status round.
  var isNegated = false
  var words: [Word] = []
  var redirections: [Redirection] = []
  /// What stands after `|`, for `/bin/sh -c`.
  var host: String?
  /// The line in the text, from 1.
  var line = 0
}

/// Pipelines joined by `&&` and `||`.
struct AndOr: Equatable, Sendable {
  var first: Pipeline
  /// The others, each with whether it runs after success (`&&`) or after failure (`||`).
  var rest: [(afterSuccess: Bool, pipeline: Pipeline)] = []
  /// The text before a `&`, if there is one behind.
  var background: String?

  static func == (left: AndOr, right: AndOr) -> Bool {
    left.first == right.first && left.rest.elementsEqual(right.rest) { $0 == $1 }
  }
}

/// Makes the commands of a text, the part of sh(1)'s grammar that has no control flow.
struct Parser {
  private var lexer: Lexer
  private var current: (token: Token, range: Range<Int>, line: Int) = (.end, 0..<0, 1)

  /// Makes a parser of lines that are read when they are needed.
  init(_ lexer: Lexer) { self.lexer = lexer }

  /// Whether reading the last line ended with ^C.
  var isInterrupted: Bool { lexer.isInterrupted }

  /// The commands of the next line, and of the lines it needs to be complete; nil at the end.
  mutating func nextLine() throws(SyntaxError) -> [AndOr]? {
    lexer.begin()
    do throws(SyntaxError) {
      try advance()
      return current.token == .end ? nil : try list()
    } catch {
      lexer.drop()
      throw error
    }
  }

  private mutating func advance() throws(SyntaxError) { current = try lexer.next() }

  private mutating func skipNewlines() throws(SyntaxError) {
    while current.token == .newline { try advance() }
  }

  /// Stops at the newline: to look behind it would ask for a line that nobody needs yet.
  private mutating func list() throws(SyntaxError) -> [AndOr] {
    var items: [AndOr] = []
    while current.token != .end && current.token != .newline {
      let start = current.range.lowerBound
      items.append(try andOr())
      switch current.token {
      case .end, .newline: break
      case .op(";"): try advance()
      case .op("&"):
        let text = lexer.bytes[start..<current.range.lowerBound]
        items[items.count - 1].background =
          String(decoding: text, as: UTF8.self)
          .trimmingBlanks
        try advance()
      default: throw unexpected()
      }
    }
    return items
  }

  private mutating func andOr() throws(SyntaxError) -> AndOr {
    var item = AndOr(first: try pipeline())
    while current.token == .op("&&") || current.token == .op("||") {
      let afterSuccess = current.token == .op("&&")
      try advance()
      try demandMore()
      item.rest.append((afterSuccess, try pipeline()))
    }
    return item
  }

  /// After an operator a command must follow, on a later line if need be.
  private mutating func demandMore() throws(SyntaxError) {
    try skipNewlines()
    if current.token == .end {
      throw error("end of file unexpected")
    }
  }

  private mutating func pipeline() throws(SyntaxError) -> Pipeline {
    var pipeline = Pipeline()
    pipeline.line = current.line
    while case .word(let word) = current.token, word.bare == "!" {
      pipeline.isNegated.toggle()
      try advance()
    }
    try command(&pipeline)
    if current.token == .op("|") {
      try advance()
      try demandMore()
      pipeline.host = try hostText()
    }
    return pipeline
  }

  private mutating func command(_ pipeline: inout Pipeline) throws(SyntaxError) {
    scan: while true {
      switch current.token {
      case .word(let word):
        if pipeline.words.isEmpty { try refuseReserved(word) }
        pipeline.words.append(word)
        try advance()
      case .redirect(let op, let descriptor):
        pipeline.redirections.append(try redirection(op, descriptor))
      default: break scan
      }
    }
    if pipeline.words.isEmpty && pipeline.redirections.isEmpty {
      if current.token == .op("(") { throw error("\"(\" is not supported yet") }
      throw unexpected()
    }
  }

  /// Refuses what would begin a part of the language that is missing.
  private func refuseReserved(_ word: Word) throws(SyntaxError) {
    if case .text(let text, isQuoted: false) = word.parts.first,
      let name = text.split(separator: "=", omittingEmptySubsequences: false).first,
      name.utf8.count < text.utf8.count, isName(name)
    {
      throw error("\(name)=: variables are not supported yet")
    }
    switch word.bare {
    case "if"?, "for"?, "while"?, "until"?, "case"?, "{"?:
      throw error("\"\(word.bare ?? "")\" is not supported yet")
    case "then"?, "else"?, "elif"?, "fi"?, "do"?, "done"?, "esac"?, "}"?: throw unexpected()
    default: return
    }
  }

  private func isName(_ text: Substring) -> Bool {
    guard let first = text.unicodeScalars.first, first.isASCII else { return false }
    return !first.properties.isASCIIDigit
      && text.unicodeScalars.allSatisfy {
        $0 == "_" || $0.isASCII && ($0.properties.isAlphabetic || $0.properties.isASCIIDigit)
      }
  }

  private mutating func redirection(
    _ op: String, _ number: Int?
  ) throws(SyntaxError) -> Redirection {
    if op == "<<" { throw error("here documents are not supported yet") }
    let descriptor = number ?? (op.hasPrefix("<") ? 0 : 1)
    try advance()
    guard case .word(let target) = current.token else { throw unexpected() }
    let action: Redirection.Action
    switch op {
    case "<" where descriptor == 0: action = .read(target)
    case ">" where (1...2).contains(descriptor), ">|" where (1...2).contains(descriptor):
      action = .write(target, isAppending: false)
    case ">>" where (1...2).contains(descriptor): action = .write(target, isAppending: true)
    case ">&" where (1...2).contains(descriptor):
      guard let other = target.bare.flatMap({ Int($0) }), (1...2).contains(other) else {
        throw error("Bad fd number")
      }
      action = .join(other)
    case "<", ">", ">>", ">|", ">&", "<&": throw error("Bad fd number")
    default: throw error("\"\(op)\" is not supported yet")
    }
    try advance()
    return Redirection(descriptor: descriptor, action: action)
  }

  /// The raw text up to the end of the pipeline; the host's sh reads it.
  private mutating func hostText() throws(SyntaxError) -> String {
    let start = current.range.lowerBound
    var end = start
    var open = 0
    while true {
      switch current.token {
      case .op("("): open += 1
      case .op(")"): open -= 1
      case .end where open > 0: throw error("end of file unexpected")
      case _ where open > 0, .word, .redirect, .op("|"): break
      default:
        if end == start { throw unexpected() }
        return String(decoding: lexer.bytes[start..<end], as: UTF8.self)
      }
      end = current.range.upperBound
      let wasPipe = current.token == .op("|")
      try advance()
      if wasPipe { try demandMore() }
    }
  }

  private func error(_ message: String) -> SyntaxError { SyntaxError(message, line: current.line) }

  private func unexpected() -> SyntaxError {
    switch current.token {
    case .word(let word): error("\(word.bare.map { "\"\($0)\"" } ?? "word") unexpected")
    case .op(let op): error("\"\(op)\" unexpected")
    case .redirect: error("redirection unexpected")
    case .newline, .end: error("newline unexpected")
    }
  }
}

extension String {
  fileprivate var trimmingBlanks: String {
    var text = self[...]
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return String(text)
  }
}

extension Unicode.Scalar.Properties {
  fileprivate var isASCIIDigit: Bool { numericType == .decimal }
}
