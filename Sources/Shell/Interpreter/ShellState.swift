// SPDX-License-Identifier: BSD-2-Clause

/// What a subshell gets a copy of, and loses its changes to.
struct ShellState {
  /// The variables by name.
  var variables: [String: Variable] = [:]
  /// For each running function what its `local` variables were before, nil where there was none.
  var locals: [[String: Variable?]] = []
  /// The functions by name.
  var functions: [String: Function] = [:]
  /// The texts of aliases by name.
  var aliases: [String: String] = [:]
  /// `$0`.
  var name = "fibsh"
  /// `$1` and those behind.
  var parameters: [String] = []
  /// What `set` turns on and off.
  var options = ShellOptions()
  /// The actions of `trap` by signal, 0 for the end of the shell; an empty one ignores the signal.
  var traps: [Int32: String] = [:]
  /// Descriptors from 3 on that `exec` opened.
  var descriptors: [Int: Streams.Target] = [:]
  /// The directory of the host that `cd` went to, or nil.
  var directory: String?
  /// Where getopts is inside of a word with several letters.
  var optionOffset = 0
}

/// A variable of the shell.
struct Variable {
  /// Its value; nil if it is only marked.
  var value: String?
  var isExported = false
  var isReadOnly = false
}

/// A function of the shell.
struct Function {
  let body: Statement
  /// The file it was read from, for messages.
  let file: String?
}

/// What `set` turns on with a minus and a letter, and off with a plus.
struct ShellOptions {
  /// Each option: its letter, its name for `set -o`, where it is kept, and what it does.
  static var table:
    [(letter: Character, name: String, path: WritableKeyPath<Self, Bool>, help: String)]
  {
    [
      ("e", "errexit", \.stopsAtFailure, "Leave at the first failure that nothing tests."),
      ("E", "transcript", \.showsTranscript, "Show the prompt and each line before it runs."),
      ("n", "noexec", \.checksOnly, "Read commands and run none; a person at a terminal cannot."),
      ("u", "nounset", \.refusesUnset, "A variable that is not set is an error."),
      ("v", "verbose", \.echoesLines, "Show each line as it is read."),
      ("x", "xtrace", \.tracesCommands, "Show each command before it runs, expanded."),
    ]
  }

  var stopsAtFailure = false
  var showsTranscript = false
  var checksOnly = false
  var refusesUnset = false
  var echoesLines = false
  var tracesCommands = false

  /// `$-`.
  var letters: String { String(Self.table.filter { self[keyPath: $0.path] }.map(\.letter)) }

  /// Sets the option of a letter; false if there is none.
  mutating func set(_ letter: Character, _ isOn: Bool) -> Bool {
    guard let row = Self.table.first(where: { $0.letter == letter }) else { return false }
    self[keyPath: row.path] = isOn
    return true
  }
}
