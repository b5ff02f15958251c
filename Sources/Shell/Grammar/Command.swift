// SPDX-License-Identifier: BSD-2-Clause

/// Whether a command only looks or also changes; changes get a checkpoint before.
package enum Effect: Sendable { case reads, changes }

/// A command line that works, and what it shows.
package struct Example: Sendable {
  /// The line as typed.
  package let line: String
  /// What it does.
  package let explanation: String

  /// Makes an example.
  package init(_ line: String, _ explanation: String) {
    self.line = line
    self.explanation = explanation
  }
}

/// The usage text of a command and the status it exits with after showing it.
package struct Usage: Sendable {
  /// BSD's own text, newline included, or nil to make one from the grammar.
  package let text: String?
  /// The exit status.
  package let status: Int32
  /// Whether getopt(3) is told not to say what was wrong with an option (`opterr`).
  package let isAlone: Bool

  /// Text to print as it is.
  package static func exact(_ text: String, status: Int32, isAlone: Bool = false) -> Usage {
    Usage(text: text, status: status, isAlone: isAlone)
  }

  /// Text made from the grammar.
  package static func generated(status: Int32 = 64) -> Usage {
    Usage(text: nil, status: status, isAlone: false)
  }
}

/// What a command's words may be; everything a reader, but not the parser, needs.
package struct Grammar<World: AnyObject>: Sendable {
  /// The letters of getopt(3), or nil where a dash is nothing special.
  package let options: [Option<World>]?
  /// The places after the options.
  package let operands: [Source<World>]
  /// The keywords that may follow.
  package let keywords: [KeywordSection<World>]
  /// The forms, if the command is written in forms.
  package let forms: [Form<World>]
  /// What may stand behind some words, where the order of operands and keywords does not tell.
  package let next: (@Sendable (ArraySlice<String>, World) -> [Source<World>])?
  /// Calls a closure in the context that a prefix command's words ask for, as setfib(1) with its
  /// table, so that completion offers what is there.
  package let enter: (@Sendable (ArraySlice<String>, World, () -> Void) -> Void)?
}

/// A command as one value: it parses, runs, explains, completes and documents itself.
///
/// It never changes, and is a class because it is handed on with each call.
package final class Command<World: AnyObject>: Sendable {
  /// What a user types.
  package let name: String
  /// The section of the manual.
  package let section: Int
  /// What it does, in one line without a full stop.
  package let summary: String
  /// Whether it changes anything.
  package let effect: Effect
  /// Its usage text and the status after it.
  package let usage: Usage
  /// What its words may be.
  package let grammar: Grammar<World>
  /// The paragraphs of the manual page.
  package let description: [String]
  /// Lines that work.
  package let examples: [Example]
  /// Other pages, such as `route(8)`.
  package let seeAlso: [String]
  /// What the exit status says; nil where the usual sentence does.
  package let exitStatus: String?
  /// Where it differs from FreeBSD's, in paragraphs.
  package let compatibility: [String]

  /// Whether it is the shell's own, so that its errors are the shell's.
  let isBuiltin: Bool
  private let body: @Sendable (World, Invocation<World>) throws(Fault) -> Void

  /// Declares a command by the forms it may be written in, tried in order.
  package init(
    _ name: String, section: Int = 8, summary: String, effect: Effect,
    usage: Usage = .generated(), forms: [Form<World>], description: [String] = [],
    examples: [Example] = [], seeAlso: [String] = [], exitStatus: String? = nil,
    compatibility: [String] = [], isBuiltin: Bool = false
  ) {
    self.name = name
    self.section = section
    self.summary = summary
    self.effect = effect
    self.usage = usage
    grammar = Grammar(options: nil, operands: [], keywords: [], forms: forms, next: nil, enter: nil)
    self.description = description
    self.examples = examples
    self.seeAlso = seeAlso
    self.exitStatus = exitStatus
    self.compatibility = compatibility
    self.isBuiltin = isBuiltin
    body = { world, invocation throws(Fault) in
      let call = try Form.choose(forms, invocation.arguments, world)
      try call(world, invocation)
    }
  }

  /// Declares a command by its option letters, operands and keywords.
  ///
  /// - Parameters:
  ///   - options: The letters of getopt(3); nil passes all words as operands.
  ///   - prepare: What the command does to its words before it looks for options.
  ///   - operands: What the words after the options are, for usage, manual and completion.
  ///   - keywords: The `section` of each table that the closure parses with.
  ///   - next: What completion offers behind some words that are no options, where the operands and
  ///     keywords in their order do not tell.
  ///   - enter: Calls a closure in the context that the words of a prefix command ask for.
  package init(
    _ name: String, section: Int = 8, summary: String, effect: Effect,
    usage: Usage = .generated(), options: [Option<World>]?,
    prepare: (@Sendable ([String]) -> [String])? = nil, operands: [Source<World>] = [],
    keywords: [KeywordSection<World>] = [],
    next: (@Sendable (ArraySlice<String>, World) -> [Source<World>])? = nil,
    enter: (@Sendable (ArraySlice<String>, World, () -> Void) -> Void)? = nil,
    description: [String] = [],
    examples: [Example] = [], seeAlso: [String] = [], exitStatus: String? = nil,
    compatibility: [String] = [], isBuiltin: Bool = false,
    run: @escaping @Sendable (World, Invocation<World>, Arguments) throws(Fault) -> Void
  ) {
    self.name = name
    self.section = section
    self.summary = summary
    self.effect = effect
    self.usage = usage
    grammar = Grammar(
      options: options, operands: operands, keywords: keywords, forms: [], next: next,
      enter: enter)
    self.description = description
    self.examples = examples
    self.seeAlso = seeAlso
    self.exitStatus = exitStatus
    self.compatibility = compatibility
    self.isBuiltin = isBuiltin
    let letters = options.map { OptionLetters($0) }
    body = { world, invocation throws(Fault) in
      var words = invocation.arguments
      if let prepare { words = prepare(Array(words))[...] }
      var arguments = Arguments()
      if let letters {
        do throws(Fault) {
          arguments = try Arguments.parse(words, letters)
        } catch {
          throw usage.isAlone ? .usage() : error
        }
      } else {
        arguments.operands = Array(words)
      }
      try run(world, invocation, arguments)
    }
  }

  /// Runs it; a fault is already worded with this command's name and usage.
  package func run(_ world: World, _ invocation: Invocation<World>) throws(Fault) {
    do throws(Fault) {
      try body(world, invocation)
    } catch {
      let (text, status) = error.resolved(
        program: name, usage: usageText, usageStatus: usage.status)
      throw .worded(text, status: status)
    }
  }
}

/// One call of a command: its words and its surroundings.
package struct Invocation<World: AnyObject> {
  /// The words; the first is the command's bare name.
  package let words: [String]
  /// Where stdout and stderr go.
  package let output: Output
  /// What stdin is.
  package let input: Input
  /// The shell, for commands that run commands.
  package let interpreter: Interpreter<World>

  /// The words after the name.
  package var arguments: ArraySlice<String> { words.dropFirst() }

  /// Whether ^C was typed; long loops poll it and then end as the real tool does.
  package var isInterrupted: Bool { interpreter.host.isInterrupted() }
}
