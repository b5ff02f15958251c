// SPDX-License-Identifier: BSD-2-Clause

/// The commands about what names mean.
extension Builtins {
  static var command: Command<World> {
    Command(
      "command", section: 1, summary: "run a command that no function hides", effect: .reads,
      usage: .generated(status: 2),
      options: [
        Option("p", "Changes nothing: there is one place for commands."),
        Option("v", "Show what the name means, in short."), Option("V", "Show what it means."),
      ],
      operands: [.command()], isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let shell = invocation.interpreter
      let words = arguments.operands
      if arguments.has("v") || arguments.has("V") {
        guard words.count == 1 else { throw .failed("wrong number of arguments", status: 2) }
        return try describe(words, isShort: arguments.has("v"), shell, invocation.output)
      }
      let status = shell.run(words: words, output: invocation.output, input: invocation.input)
      if status != 0 { throw .silent(status) }
    }
  }

  static var type: Command<World> {
    Command(
      "type", section: 1, summary: "tell what names mean", effect: .reads,
      usage: .generated(status: 2), options: nil,
      operands: [Source("name", "A command, function or alias.", kind: .subject).repeated],
      isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      try describe(
        arguments.operands, isShort: false, invocation.interpreter, invocation.output)
    }
  }

  private static func describe(
    _ names: [String], isShort: Bool, _ shell: Interpreter<World>, _ output: Output
  ) throws(Fault) {
    var isMissing = false
    for name in names {
      let meaning: String
      if Reserved(rawValue: name) != nil {
        meaning = "is a shell keyword"
      } else if let text = shell.state.aliases[name] {
        if isShort { output.line("alias \(name)='\(text)'") }
        meaning = "is an alias for \(text)"
        if isShort { continue }
      } else if specialBuiltins.contains(name) {
        meaning = "is a special shell builtin"
      } else if shell.state.functions[name] != nil {
        meaning = "is a shell function"
      } else if shell.registry[name] != nil {
        meaning = "is a shell builtin"
      } else {
        if !isShort { output.writeError("\(name): not found\n") }
        isMissing = true
        continue
      }
      output.line(isShort ? name : "\(name) \(meaning)")
    }
    if isMissing { throw .silent(127) }
  }

  static var alias: Command<World> {
    Command(
      "alias", section: 1, summary: "give commands other names", effect: .reads, options: nil,
      operands: [Source("name[=text]", "A name, and the text in its place.").optional.repeated],
      description: ["Sets aliases, or shows them; a line is read before those that it sets count."],
      seeAlso: ["unalias(1)"], isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let shell = invocation.interpreter
      if arguments.operands.isEmpty {
        for (name, text) in shell.aliases { invocation.output.line("\(name)=\(shellQuoted(text))") }
        return
      }
      var isMissing = false
      for word in arguments.operands {
        let (name, text) = split(word)
        if let text {
          shell.state.aliases[name] = text
        } else if let text = shell.state.aliases[name] {
          invocation.output.line("\(name)=\(shellQuoted(text))")
        } else {
          invocation.output.writeError("alias: \(name) not found\n")
          isMissing = true
        }
      }
      if isMissing { throw .silent(1) }
    }
  }

  static var unalias: Command<World> {
    Command(
      "unalias", section: 1, summary: "forget aliases", effect: .reads,
      usage: .generated(status: 2), options: [Option("a", "All of them.")],
      operands: [Source("name", "An alias.").optional.repeated], seeAlso: ["alias(1)"],
      isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let shell = invocation.interpreter
      if arguments.has("a") { return shell.state.aliases = [:] }
      var isMissing = false
      for name in arguments.operands where shell.state.aliases.removeValue(forKey: name) == nil {
        isMissing = true
      }
      if isMissing { throw .silent(1) }
    }
  }
}
