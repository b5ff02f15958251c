// SPDX-License-Identifier: BSD-2-Clause

/// Makes the commands of a text by the grammar of sh(1); each is parsed once, however often it runs.
struct Parser {
  var lexer: Lexer
  /// The texts of aliases, asked for when a name of one may stand.
  var aliases: () -> [String: String] = { [:] }
  var current: (token: Token, range: Range<Int>, line: Int) = (.end, 0..<0, 1)
  /// Where the last token that was taken ended.
  private var end = 0
  /// Where an alias ended whose text ends in a blank: the next word may be one, too.
  var aliasGoesOnAt: Int?

  /// Makes a parser of lines that are read when they are needed.
  init(_ lexer: Lexer) { self.lexer = lexer }

  /// Whether reading the last line ended with ^C.
  var isInterrupted: Bool { lexer.isInterrupted }

  /// What a line has.
  enum Line {
    /// One command with nothing to expand, as most lines are.
    case command(SimpleCommand)
    case list(CommandList)
  }

  /// The commands of the next line, and of the lines it needs to be complete; nil at the end.
  mutating func nextLine() throws(SyntaxError) -> Line? {
    lexer.begin()
    lexer.depth = 0
    let number = lexer.line
    if aliases().isEmpty, let words = lexer.plainLine() {
      return .command(SimpleCommand(plain: words, line: number))
    }
    do throws(SyntaxError) {
      try advance()
      return current.token.isEnd ? nil : .list(try line())
    } catch {
      lexer.drop()
      throw error
    }
  }

  /// All commands of a text.
  mutating func whole() throws(SyntaxError) -> CommandList {
    try advance()
    let list = try list()
    guard current.token.isEnd else { throw unexpected() }
    return list
  }

  /// The commands behind `$(`, with its `)`.
  mutating func listInParentheses() throws(SyntaxError) -> CommandList {
    try advance()
    let list = try list()
    guard current.token.isOp(.close) else { throw unexpected(expecting: "\")\"") }
    return list
  }

  mutating func advance() throws(SyntaxError) {
    end = current.range.upperBound
    current = try lexer.next()
  }

  mutating func skipNewlines() throws(SyntaxError) {
    while current.token.isNewline { try advance() }
  }

  /// Stops at the newline: to look behind it would ask for a line that nobody needs yet.
  private mutating func line() throws(SyntaxError) -> CommandList {
    var list = CommandList()
    while !current.token.isEnd && !current.token.isNewline {
      try item(&list)
      switch current.token {
      case .end, .newline: break
      case .op(.semicolon), .op(.background): try advance()
      default: throw unexpected()
      }
    }
    return list
  }

  /// Commands to a word or operator that ends a list, which is left.
  mutating func list() throws(SyntaxError) -> CommandList {
    try lexer.descend()
    defer { lexer.depth -= 1 }
    var list = CommandList()
    try skipNewlines()
    while !endsList {
      try item(&list)
      switch current.token {
      case .newline: try skipNewlines()
      case .op(.semicolon), .op(.background):
        try advance()
        try skipNewlines()
      default: return list
      }
    }
    return list
  }

  private var endsList: Bool {
    switch current.token {
    case .end, .op(.close), .op(.endCase): true
    case .word(let word): word.bare.flatMap(Reserved.init(word:))?.endsList ?? false
    default: false
    }
  }

  private mutating func item(_ list: inout CommandList) throws(SyntaxError) {
    let start = current.range.lowerBound
    var item = try andOr()
    if current.token.isOp(.background) { item.background = text(from: start) }
    list.items.append(item)
  }

  /// The text from a place to the last token that was taken.
  private func text(from start: Int) -> String {
    String(decoding: lexer.bytes[min(start, end)..<end], as: UTF8.self)
  }

  private mutating func andOr() throws(SyntaxError) -> AndOr {
    var item = AndOr(first: try pipeline())
    while current.token.isOp(.and) || current.token.isOp(.or) {
      let afterSuccess = current.token.isOp(.and)
      try advance()
      try demandMore()
      item.rest.append((afterSuccess, try pipeline()))
    }
    return item
  }

  /// After an operator a command must follow, on a later line if need be.
  mutating func demandMore() throws(SyntaxError) {
    try skipNewlines()
    if current.token.isEnd { throw unexpected() }
  }

  private mutating func pipeline() throws(SyntaxError) -> Pipeline {
    let line = current.line
    var isNegated = false
    while current.token.bare == Reserved.not.rawValue {
      isNegated.toggle()
      try advance()
    }
    let start = current.range.lowerBound
    let documents = lexer.hereDocuments.count
    var pipeline = Pipeline(isNegated: isNegated, first: try statement(), line: line)
    guard current.token.isOp(.pipe) else { return pipeline }
    pipeline.text = text(from: start)
    pipeline.documents = Array(lexer.hereDocuments.dropFirst(documents))
    while current.token.isOp(.pipe) {
      try advance()
      try demandMore()
      pipeline.stages.append(try stage())
    }
    return pipeline
  }

  /// A command behind `|`; what cannot be read here may still mean something to the host's sh(1).
  private mutating func stage() throws(SyntaxError) -> Stage {
    let start = current.range.lowerBound
    let mark = lexer.mark
    let documents = lexer.hereDocuments
    let first = current
    do throws(SyntaxError) {
      let statement = try statement()
      switch current.token {
      case .word where endsList: break
      case .word, .redirect, .op(.open): throw unexpected()
      default: break
      }
      return Stage(
        statement: statement, text: text(from: start),
        documents: Array(lexer.hereDocuments.dropFirst(documents.count)))
    } catch {
      lexer.rewind(to: mark)
      lexer.hereDocuments = documents
      current = first
      return Stage(statement: nil, text: try hostText(), documents: [])
    }
  }

  /// The raw text up to the end of the pipeline.
  private mutating func hostText() throws(SyntaxError) -> String {
    let start = current.range.lowerBound
    var open = 0
    while true {
      switch current.token {
      case .op(.open): open += 1
      case .op(.close) where open > 0: open -= 1
      case .end where open > 0: throw unexpected()
      case _ where open > 0, .word, .redirect, .op(.pipe): break
      default:
        guard current.range.lowerBound > start else { throw unexpected() }
        return text(from: start)
      }
      let wasPipe = current.token.isOp(.pipe)
      try advance()
      if wasPipe { try demandMore() }
    }
  }

  func error(_ message: String) -> SyntaxError {
    SyntaxError(message: message, line: current.line)
  }

  /// What sh(1) says of a token that cannot stand here.
  func unexpected(expecting wanted: String? = nil) -> SyntaxError {
    let name =
      switch current.token {
      case .word(let word):
        word.bare.flatMap(Reserved.init(word:)).map { "\"\($0.rawValue)\"" } ?? "word"
      case .op(let op): "\"\(op.rawValue)\""
      case .redirect: "redirection"
      case .newline: "newline"
      case .end: "end of file"
      }
    return error("\(name) unexpected" + (wanted.map { " (expecting \($0))" } ?? ""))
  }
}
