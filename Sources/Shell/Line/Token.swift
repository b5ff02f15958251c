// SPDX-License-Identifier: BSD-2-Clause

/// What the lexer finds.
enum Token {
  case word(Word)
  case op(Operator)
  case redirect(RedirectionOperator, descriptor: Int?)
  case newline
  case end

  /// Whether it is this operator.
  func isOp(_ op: Operator) -> Bool {
    if case .op(op) = self { true } else { false }
  }

  /// Whether it is the end of a line.
  var isNewline: Bool { if case .newline = self { true } else { false } }

  /// Whether it is the end of the input.
  var isEnd: Bool { if case .end = self { true } else { false } }

  /// The word if nothing of it is quoted or expanded.
  var bare: String? { if case .word(let word) = self { word.bare } else { nil } }
}

/// What stands between commands.
enum Operator: String {
  case semicolon = ";"
  case background = "&"
  case and = "&&"
  case or = "||"
  case pipe = "|"
  case open = "("
  case close = ")"
  case endCase = ";;"
}

/// What sends a stream elsewhere.
enum RedirectionOperator: String {
  case read = "<"
  case write = ">"
  case append = ">>"
  case clobber = ">|"
  case joinOutput = ">&"
  case joinInput = "<&"
  case readWrite = "<>"
  case here = "<<"
  case hereWithoutTabs = "<<-"

  /// The descriptor it is about where none is given.
  var usual: Int { rawValue.hasPrefix("<") ? 0 : 1 }
}

/// The words that mean something as the first of a command.
enum Reserved: String {
  case `if`, then, `else`, elif, fi, `while`, until, `for`, `do`, done, `case`, esac
  case begin = "{"
  case end = "}"
  case not = "!"

  /// The reserved word that a text is; most words are too long, or begin otherwise.
  init?(word: String) {
    let bytes = word.utf8
    guard bytes.count <= 5, let first = bytes.first, "itefwudcd{}!".utf8.contains(first) else {
      return nil
    }
    self.init(rawValue: word)
  }

  /// Whether it ends a list of commands.
  var endsList: Bool {
    switch self {
    case .then, .else, .elif, .fi, .do, .done, .esac, .end: true
    case .if, .while, .until, .for, .case, .begin, .not: false
    }
  }
}
