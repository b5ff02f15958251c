// SPDX-License-Identifier: BSD-2-Clause

/// Commands one after the other: a line, or what stands between `then` and `fi`.
struct CommandList {
  var items: [AndOr] = []
}

/// Pipelines joined by `&&` and `||`.
struct AndOr {
  var first: Pipeline
  /// The others, each with whether it runs after success (`&&`) or after failure (`||`).
  var rest: [(afterSuccess: Bool, pipeline: Pipeline)] = []
  /// The text before a `&`, if there is one behind.
  var background: String?
}

/// Commands joined by `|`.
struct Pipeline {
  /// Whether `!` turns its status round.
  var isNegated = false
  var first: Statement
  /// The commands behind `|`; `first` has no text if there are none.
  var stages: [Stage] = []
  /// The text of the first command, for a host program, and its here documents.
  var text = ""
  var documents: [HereDocument] = []
  /// The line in the text, from 1.
  var line = 0
}

/// A command behind `|`.
struct Stage {
  /// What it is here; nil if only the host's sh(1) can read it, to the end of the pipeline.
  var statement: Statement?
  /// Its text, for a host program, and its here documents.
  var text: String
  var documents: [HereDocument]
}

/// One command, whatever its kind.
indirect enum Statement {
  case simple(SimpleCommand)
  /// `{ …; }`
  case group(CommandList)
  /// `( … )`
  case subshell(CommandList)
  /// `if` and the `elif`s with what each runs, and what `else` does.
  case conditional([(test: CommandList, body: CommandList)], otherwise: CommandList?)
  /// `while`, or `until`.
  case loop(test: CommandList, isUntil: Bool, body: CommandList)
  /// `for`; without words it goes over the parameters.
  case iteration(name: String, words: [Word]?, body: CommandList)
  case choice(Word, [(patterns: [Word], body: CommandList)])
  case function(name: String, body: Statement)
  /// A compound command and where its streams go.
  case redirected(Statement, [Redirection])
}

/// Words with assignments before and redirections in between.
struct SimpleCommand {
  var assignments: [(name: String, value: Word)] = []
  var words: [Word] = []
  var redirections: [Redirection] = []
  /// The words as a command gets them, if none needs to be expanded.
  var plain: [String]?
  /// The line in the text, from 1.
  var line = 0
}

/// Where a stream of a command is sent.
struct Redirection {
  /// What is done to the stream.
  enum Action {
    case read(Word)
    case write(Word, isAppending: Bool)
    case readWrite(Word)
    /// Joins the stream to another, as `2>&1`, or closes it, as `2>&-`.
    case join(Word)
    case here(HereDocument)
  }

  let descriptor: Int
  let action: Action
}

/// The text behind `<<`; it is read with the line's end, after the command's words.
final class HereDocument {
  let delimiter: String
  /// Whether the delimiter was quoted, so that nothing in the text is expanded.
  let isLiteral: Bool
  let dropsTabs: Bool
  /// The text as it is, for a host program.
  var text = ""
  /// The text as a word, or what is wrong in it.
  var body: Result<Word, SyntaxError> = .success(Word())

  init(delimiter: String, isLiteral: Bool, dropsTabs: Bool) {
    self.delimiter = delimiter
    self.isLiteral = isLiteral
    self.dropsTabs = dropsTabs
  }
}
