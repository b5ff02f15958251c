// SPDX-License-Identifier: BSD-2-Clause

/// The commands about variables and parameters.
extension Builtins {
  static var set: Command<World> {
    Command(
      "set", section: 1, summary: "set options and parameters of the shell", effect: .reads,
      usage: .generated(status: 2), options: nil,
      operands: ShellOptions.table.map {
        Source("-\($0.letter)", $0.help, kind: .literal(["-\($0.letter)", "+\($0.letter)"]))
          .optional
      } + [
        Source("-o", "An option by its name; alone lists them.", kind: .literal(["-o", "+o"]))
          .optional,
        Source("--", "What follows are the parameters.", kind: .literal(["--"])).optional,
        Source("parameter", "$1 and those behind.").optional.repeated,
      ],
      description: [
        "Turns options of the shell on with a minus and off with a plus, and sets the parameters. "
          + "Alone lists the variables."
      ], isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let shell = invocation.interpreter
      var words = arguments.operands[...]
      if words.isEmpty {
        for (name, value) in shell.variables {
          invocation.output.line("\(name)=\(shellQuoted(value))")
        }
        return
      }
      while let word = words.first, word.utf8.count > 1, word.hasPrefix("-") || word.hasPrefix("+")
      {
        words.removeFirst()
        if word == "--" {
          shell.state.parameters = Array(words)
          return
        }
        let isOn = word.hasPrefix("-")
        for letter in word.dropFirst() {
          if letter == "o" {
            try setByName(words.popFirst(), isOn, shell, invocation.output)
          } else if !shell.state.options.set(letter, isOn) {
            throw .failed("Illegal option -\(letter)", status: 2)
          }
        }
      }
      if words.first == "-" { words.removeFirst() }
      if !words.isEmpty { shell.state.parameters = Array(words) }
    }
  }

  /// `set -o NAME`; without a name lists the options.
  private static func setByName(
    _ name: String?, _ isOn: Bool, _ shell: Interpreter<World>, _ output: Output
  ) throws(Fault) {
    let options = shell.state.options
    guard let name else {
      if isOn { output.line("Current option settings") }
      for row in ShellOptions.table {
        let value = options[keyPath: row.path]
        output.line(
          isOn
            ? row.name.padRight(to: 16) + (value ? "on" : "off")
            : "set \(value ? "-" : "+")o \(row.name)")
      }
      return
    }
    guard let row = ShellOptions.table.first(where: { $0.name == name }) else {
      throw .failed("Illegal option -o \(name)", status: 2)
    }
    shell.state.options[keyPath: row.path] = isOn
  }

  static var unset: Command<World> {
    Command(
      "unset", section: 1, summary: "forget variables or functions", effect: .reads,
      usage: .generated(status: 2),
      options: [Option("f", "Functions."), Option("v", "Variables, as without.")],
      operands: [Source("name", "What to forget.").repeated], isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let shell = invocation.interpreter
      for name in arguments.operands {
        if arguments.has("f") {
          shell.state.functions[name] = nil
        } else {
          if shell.state.variables[name]?.isReadOnly == true { throw .silent(1) }
          shell.state.variables[name] = nil
        }
      }
    }
  }

  static var export: Command<World> {
    marking("export", "give variables to commands", \.isExported)
  }

  static var readonly: Command<World> {
    marking("readonly", "protect variables against changes", \.isReadOnly)
  }

  private static func marking(
    _ name: String, _ summary: String,
    _ mark: any WritableKeyPath<Variable, Bool> & Sendable
  ) -> Command<World> {
    Command(
      name, section: 1, summary: summary, effect: .reads, usage: .generated(status: 2),
      options: [Option("p", "List them so that they can be read back.")],
      operands: [Source("name[=value]", "A variable, and what to set it to.").optional.repeated],
      isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let shell = invocation.interpreter
      if arguments.operands.isEmpty {
        let marked = shell.state.variables.filter { $0.value[keyPath: mark] }
        for (variable, content) in marked.sorted(by: { $0.key < $1.key }) {
          guard arguments.has("p") else {
            invocation.output.line(variable)
            continue
          }
          let value = content.value.map { "=" + shellQuoted($0) } ?? ""
          invocation.output.line("\(name) \(variable)\(value)")
        }
        return
      }
      if arguments.has("p") { throw .failed("-p requires no arguments", status: 2) }
      for word in arguments.operands {
        let (variable, value) = split(word)
        try trying(name) { () throws(ShellError) in
          if let value {
            try shell.setVariable(variable, value)
          } else if !variable.isName {
            throw ShellError("\(variable): bad variable name")
          }
        }
        shell.state.variables[variable, default: Variable()][keyPath: mark] = true
      }
    }
  }

  /// `NAME=value` at its equals sign.
  static func split(_ word: String) -> (name: String, value: String?) {
    guard let equals = word.firstIndex(of: "=") else { return (word, nil) }
    return (String(word[..<equals]), String(word[word.index(after: equals)...]))
  }

  static var local: Command<World> {
    Command(
      "local", section: 1, summary: "make variables of a function its own", effect: .reads,
      usage: .generated(status: 2), options: nil,
      operands: [Source("name[=value]", "A variable, and what to set it to.").repeated],
      description: ["When the function returns, the variables are what they were before."],
      isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let shell = invocation.interpreter
      guard !shell.state.locals.isEmpty else { throw .failed("Not in a function", status: 2) }
      for word in arguments.operands {
        let (name, value) = split(word)
        guard name.isName else { throw .failed("\(name): bad variable name", status: 2) }
        let innermost = shell.state.locals.count - 1
        if shell.state.locals[innermost][name] == nil {
          shell.state.locals[innermost].updateValue(shell.state.variables[name], forKey: name)
        }
        if let value {
          try trying("local") { () throws(ShellError) in try shell.setVariable(name, value) }
        }
      }
    }
  }

  static var read: Command<World> {
    Command(
      "read", section: 1, summary: "read a line into variables", effect: .reads,
      usage: .generated(status: 2),
      options: [
        Option("e", "Changes nothing."), Option("r", "A backslash is nothing special."),
        Option("p", argument: "prompt", "Show this first at a terminal."),
        Option("t", argument: "timeout", "Changes nothing: nothing waits."),
      ],
      operands: [Source("name", "A variable for each field; the last gets the rest.").repeated],
      isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let shell = invocation.interpreter
      guard !arguments.operands.isEmpty else { throw .failed("arg count", status: 2) }
      if let prompt = arguments.value("p"), shell.isInteractive {
        invocation.output.writeError(prompt)
      }
      var reader = FieldReader(shell.separators, count: arguments.operands.count)
      var isAtEnd = false
      repeat {
        guard let line = invocation.input.readLine() else {
          if invocation.isInterrupted { throw .silent(130) }
          isAtEnd = true
          break
        }
        reader.take(line, isRaw: arguments.has("r"))
      } while reader.goesOn
      for (name, value) in zip(arguments.operands, reader.values) {
        try trying("read") { () throws(ShellError) in try shell.setVariable(name, value) }
      }
      if isAtEnd { throw .silent(1) }
    }
  }

  static var getopts: Command<World> {
    Command(
      "getopts", section: 1, summary: "read the next option of a script", effect: .reads,
      usage: .exact("usage: getopts optstring var [arg]\n", status: 2), options: nil,
      operands: [
        Source("optstring", "The letters; one that takes an argument has a colon behind."),
        Source("var", "The variable that gets the letter."),
        Source("arg", "What to read; else the parameters.").optional.repeated,
      ],
      description: ["Sets OPTARG to an option's argument, and OPTIND to the next parameter."],
      isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      guard arguments.operands.count >= 2 else { throw .usage() }
      let shell = invocation.interpreter
      let (letters, name) = (arguments.operands[0], arguments.operands[1])
      let rest = Array(arguments.operands.dropFirst(2))
      let words = rest.isEmpty ? shell.state.parameters : rest
      var scan = OptionScan(
        letters: letters, words: words,
        index: max(1, shell.variable("OPTIND").flatMap { Int($0) } ?? 1),
        offset: shell.state.optionOffset)
      let found = scan.next()
      if !scan.message.isEmpty { invocation.output.writeError(scan.message) }
      try trying("getopts") { () throws(ShellError) in
        try shell.setVariable("OPTIND", String(scan.index))
        try shell.setVariable("OPTARG", scan.argument)
        try shell.setVariable(name, String(found ?? "?"))
      }
      shell.state.optionOffset = scan.offset
      if found == nil { throw .silent(1) }
    }
  }

  static var env: Command<World> {
    Command(
      "env", section: 1, summary: "run a command with other variables", effect: .reads,
      usage: .exact(
        """
        usage: env [-iv] [-P utilpath] [-S string] [-u name]
                   [name=value ...] [utility [argument ...]]

        """, status: 1),
      options: [
        Option("i", "Without those there are."), Option("u", argument: "name", "Without this one."),
      ],
      operands: [
        Source("name=value", "A variable for the command.").optional.repeated,
        Source.command().optional,
      ],
      description: ["Runs a command with other variables, or lists those that commands get."],
      isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let shell = invocation.interpreter
      let outer = shell.state.variables
      defer { shell.state.variables = outer }
      if arguments.has("i") {
        for name in outer.keys { shell.state.variables[name]?.isExported = false }
      }
      for given in arguments.options where given.letter == "u" {
        shell.state.variables[given.argument ?? ""] = nil
      }
      var words = arguments.operands[...]
      while let word = words.first, case (let name, let value?) = split(word) {
        words.removeFirst()
        shell.state.variables[name] = Variable(value: value, isExported: true)
      }
      guard let name = words.first else {
        for (name, variable) in shell.state.variables.sorted(by: { $0.key < $1.key }) {
          guard variable.isExported, let value = variable.value else { continue }
          invocation.output.line("\(name)=\(value)")
        }
        return
      }
      guard shell.registry[name] != nil else {
        throw .failed("\(name): No such file or directory", status: 127)
      }
      let status = shell.run(
        words: Array(words), output: invocation.output, input: invocation.input)
      if status != 0 { throw .silent(status) }
    }
  }
}
