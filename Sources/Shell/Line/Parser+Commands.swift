// SPDX-License-Identifier: BSD-2-Clause

/// Commands by their kinds.
extension Parser {
  /// Reads one command of any kind.
  mutating func statement() throws(SyntaxError) -> Statement {
    try expandAliases()
    if current.token.isOp(.open) {
      try advance()
      let list = try list()
      guard current.token.isOp(.close) else { throw unexpected(expecting: "\")\"") }
      try advance()
      return try redirected(.subshell(list))
    }
    guard let word = current.token.bare, let reserved = Reserved(word: word) else {
      return try simpleCommand()
    }
    switch reserved {
    case .begin:
      try advance()
      let list = try list()
      try take(.end)
      return try redirected(.group(list))
    case .if: return try redirected(try conditional())
    case .while, .until:
      try advance()
      let test = try test()
      try take(.do)
      let body = try list()
      try take(.done)
      return try redirected(.loop(test: test, isUntil: reserved == .until, body: body))
    case .for: return try redirected(try iteration())
    case .case: return try redirected(try choice())
    case .not, .then, .else, .elif, .fi, .do, .done, .esac, .end: throw unexpected()
    }
  }

  private mutating func take(_ word: Reserved) throws(SyntaxError) {
    guard current.token.bare == word.rawValue else {
      throw unexpected(expecting: "\"\(word.rawValue)\"")
    }
    try advance()
  }

  /// A list that must not be empty.
  private mutating func test() throws(SyntaxError) -> CommandList {
    let list = try list()
    guard !list.items.isEmpty else { throw unexpected() }
    return list
  }

  private mutating func redirected(_ statement: Statement) throws(SyntaxError) -> Statement {
    var redirections: [Redirection] = []
    while case .redirect(let op, let descriptor) = current.token {
      redirections.append(try redirection(op, descriptor))
    }
    return redirections.isEmpty ? statement : .redirected(statement, redirections)
  }

  private mutating func conditional() throws(SyntaxError) -> Statement {
    var branches: [(test: CommandList, body: CommandList)] = []
    repeat {
      try advance()
      let test = try test()
      try take(.then)
      branches.append((test, try list()))
    } while current.token.bare == Reserved.elif.rawValue
    var otherwise: CommandList?
    if current.token.bare == Reserved.else.rawValue {
      try advance()
      otherwise = try list()
    }
    try take(.fi)
    return .conditional(branches, otherwise: otherwise)
  }

  private mutating func iteration() throws(SyntaxError) -> Statement {
    try advance()
    guard let name = current.token.bare, name.isName else { throw error("Bad for loop variable") }
    try advance()
    try skipNewlines()
    var words: [Word]?
    if current.token.bare == "in" {
      try advance()
      var list: [Word] = []
      while case .word(let word) = current.token {
        list.append(word)
        try advance()
      }
      words = list
      guard current.token.isNewline || current.token.isOp(.semicolon) else { throw unexpected() }
      try advance()
    } else if current.token.isOp(.semicolon) {
      try advance()
    }
    try skipNewlines()
    let hasBraces = current.token.bare == Reserved.begin.rawValue
    if hasBraces { try advance() } else { try take(.do) }
    let body = try list()
    try take(hasBraces ? .end : .done)
    return .iteration(name: name, words: words, body: body)
  }

  private mutating func choice() throws(SyntaxError) -> Statement {
    try advance()
    guard case .word(let subject) = current.token else { throw unexpected(expecting: "word") }
    try advance()
    try skipNewlines()
    guard current.token.bare == "in" else { throw error("expecting \"in\"") }
    try advance()
    try skipNewlines()
    var cases: [(patterns: [Word], body: CommandList)] = []
    while current.token.bare != Reserved.esac.rawValue {
      if current.token.isOp(.open) { try advance() }
      var patterns: [Word] = []
      while true {
        guard case .word(let pattern) = current.token else { throw unexpected(expecting: "word") }
        patterns.append(pattern)
        try advance()
        guard current.token.isOp(.pipe) else { break }
        try advance()
      }
      guard current.token.isOp(.close) else { throw unexpected(expecting: "\")\"") }
      try advance()
      cases.append((patterns, try list()))
      guard current.token.isOp(.endCase) else { break }
      try advance()
      try skipNewlines()
    }
    guard current.token.bare == Reserved.esac.rawValue else {
      throw unexpected(expecting: "\";;\"")
    }
    try advance()
    return .choice(subject, cases)
  }

  private mutating func simpleCommand() throws(SyntaxError) -> Statement {
    var command = SimpleCommand(line: current.line)
    scan: while true {
      switch takeToken() {
      case .word(let word):
        if command.words.isEmpty, let (name, value) = word.assignment {
          command.assignments.append((name, value))
          try advance()
          if !current.token.isNewline { try expandAliases() }
          continue
        }
        command.words.append(word)
        try advance()
        if command.words.count == 1, command.redirections.isEmpty, command.assignments.isEmpty,
          current.token.isOp(.open)
        {
          return try function(word)
        }
        if aliasGoesOnAt != nil { try expandAliases(isArgument: true) }
      case .redirect(let op, let descriptor):
        command.redirections.append(try redirection(op, descriptor))
      case let token:
        current.token = token
        break scan
      }
    }
    if command.words.isEmpty && command.redirections.isEmpty && command.assignments.isEmpty {
      throw unexpected()
    }
    command.plain = plain(command.words)
    return .simple(command)
  }

  /// The current token, which is moved out: the next one takes its place.
  private mutating func takeToken() -> Token {
    var token = Token.end
    swap(&token, &current.token)
    return token
  }

  private func plain(_ words: [Word]) -> [String]? {
    var result: [String] = []
    result.reserveCapacity(words.count)
    for word in words {
      guard let text = word.plain else { return nil }
      result.append(text)
    }
    return result
  }

  /// What stands behind `name(`.
  private mutating func function(_ word: Word) throws(SyntaxError) -> Statement {
    try advance()
    guard let name = word.plain, current.token.isOp(.close) else {
      throw unexpected(expecting: current.token.isOp(.close) ? nil : "\")\"")
    }
    guard !name.isEmpty else { throw error("Bad function name") }
    try advance()
    try lexer.descend()
    defer { lexer.depth -= 1 }
    try demandMore()
    return .function(name: name, body: try statement())
  }

  private mutating func redirection(
    _ op: RedirectionOperator, _ number: Int?
  ) throws(SyntaxError) -> Redirection {
    try advance()
    guard case .word(let target) = current.token else { throw unexpected() }
    let action: Redirection.Action
    switch op {
    case .read: action = .read(target)
    case .write, .clobber: action = .write(target, isAppending: false)
    case .append: action = .write(target, isAppending: true)
    case .readWrite: action = .readWrite(target)
    case .joinOutput, .joinInput:
      if let text = target.plain, text != "-", text.utf8.count != 1 || Int(text) == nil {
        throw error("Bad fd number")
      }
      action = .join(target)
    case .here, .hereWithoutTabs:
      guard let delimiter = target.plain, !delimiter.isEmpty else {
        throw error("Illegal eof marker for << redirection")
      }
      let document = HereDocument(
        delimiter: delimiter, isLiteral: target.bare == nil, dropsTabs: op == .hereWithoutTabs)
      lexer.hereDocuments.append(document)
      action = .here(document)
    }
    try advance()
    return Redirection(descriptor: number ?? op.usual, action: action)
  }

  /// Puts the text of an alias in the place of its name, as often as there is one.
  private mutating func expandAliases(isArgument: Bool = false) throws(SyntaxError) {
    if isArgument && aliasGoesOnAt.map({ current.range.lowerBound < $0 }) ?? true { return }
    aliasGoesOnAt = nil
    let table = aliases()
    if table.isEmpty { return }
    while let name = current.token.bare, Reserved(word: name) == nil {
      guard let text = table[name],
        !lexer.isInside(alias: name, at: current.range.lowerBound)
      else { return }
      let start = current.range.lowerBound
      lexer.replace(current.range, by: text, alias: name)
      if text.hasSuffix(" ") || text.hasSuffix("\t") { aliasGoesOnAt = start + text.utf8.count }
      current = try lexer.next()
    }
  }
}

extension Word {
  /// The name and value if the word is `NAME=value`.
  fileprivate var assignment: (name: String, value: Word)? {
    guard case .text(let text, isQuoted: false) = parts.first,
      let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")), text[..<equals].isName
    else { return nil }
    var value = Array(parts.dropFirst())
    let rest = String(text[text.utf8.index(after: equals)...])
    if !rest.isEmpty { value.insert(.text(rest, isQuoted: false), at: 0) }
    return (String(text[..<equals]), Word(parts: value))
  }
}
