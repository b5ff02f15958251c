// SPDX-License-Identifier: BSD-2-Clause

/// The commands about where commands run: the directory and its files, a shell in the shell, the time
/// they take.
extension Builtins {
  static var changeDirectory: Command<World> {
    Command(
      "cd", section: 1, summary: "change the host's directory", effect: .reads,
      usage: .generated(status: 2),
      options: [Option("L", "Changes nothing."), Option("P", "Changes nothing.")],
      operands: [
        .file("directory", "Where to go; - is where we were, without it we go home.").optional
      ],
      description: ["Says in which directory of the host files and captures are looked for."],
      seeAlso: ["pwd(1)"], isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let shell = invocation.interpreter
      guard arguments.operands.count <= 1 else { throw .failed("too many arguments", status: 2) }
      guard var path = arguments.operands.first ?? shell.variable("HOME") else {
        throw .failed("HOME not set", status: 2)
      }
      let isBack = path == "-"
      let before = shell.host.directory()
      if isBack { path = shell.variable("OLDPWD") ?? before }
      if path.isEmpty { path = "." }
      let directory: String
      do throws(HostError) {
        directory = try shell.host.changeDirectory(path)
      } catch {
        if error == .refused { throw .failed("can't cd to \(path): \(error.message)", status: 2) }
        throw .failed("can't cd to \(path)", status: 2)
      }
      if shell.state.directory == nil { shell.state.directory = before }
      shell.state.directory = directory
      try trying("cd") { () throws(ShellError) in
        try shell.setVariable("OLDPWD", before)
        try shell.setVariable("PWD", directory)
      }
      if isBack && shell.isInteractive { invocation.output.line(directory) }
    }
  }

  static var workingDirectory: Command<World> {
    Command(
      "pwd", section: 1, summary: "show the host's directory", effect: .reads,
      usage: .generated(status: 2),
      options: [Option("L", "Changes nothing."), Option("P", "Changes nothing.")],
      seeAlso: ["cd(1)"], isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      guard arguments.operands.isEmpty else { throw .failed("too many arguments", status: 2) }
      invocation.output.line(invocation.interpreter.host.directory())
    }
  }

  /// cat(1), so that a here document or a file can be shown without a program of the host.
  static var catenate: Command<World> {
    Command(
      "cat", section: 1, summary: "write files one after the other", effect: .reads,
      usage: .exact("usage: cat [-u] [file ...]\n", status: 1),
      options: [Option("u", "Changes nothing.")],
      operands: [
        .file("file", "A file of the host; - is the standard input, as without files.").optional
          .repeated
      ],
      description: ["Writes what it reads to the standard output, as it is."],
      examples: [Example("echo hello | cat", "shows what comes through the pipe")], isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let shell = invocation.interpreter
      var status: Int32 = 0
      for path in arguments.operands.isEmpty ? ["-"] : arguments.operands {
        guard path != "-" else {
          while let line = invocation.input.readBytes(), !invocation.isInterrupted {
            invocation.output.write(bytes: line + [UInt8(ascii: "\n")])
          }
          if invocation.isInterrupted { throw .silent(130) }
          continue
        }
        do throws(HostError) {
          invocation.output.write(bytes: try shell.host.read(path))
        } catch {
          invocation.output.writeError("cat: \(path): \(error.message)\n")
          status = 1
        }
      }
      if status != 0 { throw .silent(status) }
    }
  }

  static func shell(_ name: String) -> Command<World> {
    Command(
      name, section: 1, summary: "run a shell in the shell", effect: .reads,
      usage: .generated(status: 2),
      options: [
        Option("c", argument: "text", "Run this text."), Option("e", "As with set(1)."),
        Option("u", "As with set(1)."), Option("v", "As with set(1)."),
        Option("x", "As with set(1)."),
      ],
      operands: [
        .file("file", "The file to run; without it the shell reads what would be read next.")
          .optional,
        Source("parameter", "$1 and those behind.").optional.repeated,
      ],
      description: [
        "Runs commands with variables and options of their own. 'setfib 1 sh' gives a prompt in "
          + "another forwarding table; 'exit' returns from it."
      ],
      examples: [Example("sh -c 'x=1; echo $x'", "runs a text")], isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let shell = invocation.interpreter
      let operands = arguments.operands
      var script: String?
      if let text = arguments.value("c") {
        script = text
      } else if let path = operands.first {
        do throws(HostError) {
          script = String(decoding: try shell.host.read(path), as: UTF8.self)
        } catch {
          throw .failed(program: name, message: "Can't open \(path): \(error.message)", status: 2)
        }
      }
      let status = shell.runShell(within: invocation) {
        for given in arguments.options where given.letter != "c" {
          _ = shell.setOption(given.letter)
        }
        shell.setParameters(name: operands.first ?? name, Array(operands.dropFirst()))
        return (script, arguments.has("c") ? nil : operands.first)
      }
      if status != 0 { throw .silent(status) }
    }
  }

  static var time: Command<World> {
    Command(
      "time", section: 1, summary: "show how much virtual time a command takes", effect: .reads,
      usage: .exact("usage: time [-al] [-h|-p] [-o file] command\n", status: 1),
      options: [Option("p", "In the form of POSIX.")], operands: [.command()],
      description: [
        "Runs the command and shows the virtual time that passed meanwhile; the machine's "
          + "processors take none."
      ], isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let shell = invocation.interpreter
      guard !arguments.operands.isEmpty else { throw .usage() }
      let start = shell.elapsed
      let status = shell.run(
        words: arguments.operands, output: invocation.output, input: invocation.input)
      let hundredths = (shell.elapsed - start) / 10_000_000
      let (seconds, rest) = (hundredths / 100, (hundredths % 100).decimal(digits: 2))
      invocation.output.writeError(
        arguments.has("p")
          ? "real \(seconds).\(rest)\nuser 0.00\nsys 0.00\n"
          : "\(seconds.padLeft(to: 9)).\(rest) real         0.00 user         0.00 sys\n")
      if status != 0 { throw .silent(status) }
    }
  }
}

extension Interpreter {
  /// Runs a shell in the shell: a text, or what its stdin has, which at a terminal is a prompt.
  ///
  /// - Parameter prepare: Sets options and parameters; returns the text and the file it is from.
  fileprivate func runShell(
    within invocation: Invocation<World>, _ prepare: () -> (text: String?, file: String?)
  ) -> Int32 {
    let outer = (depth, isTested, origin, readLine)
    let result = inSubshell {
      output = invocation.output
      input = invocation.input
      isTested = false
      state.functions = [:]
      state.aliases = [:]
      state.locals = []
      state.options = ShellOptions()
      state.variables = state.variables.filter {
        $0.value.isExported || ["IFS", "PS1", "PS2", "PS4"].contains($0.key)
      }
      state.variables["OPTIND"] = Variable(value: "1")
      for name in state.variables.keys { state.variables[name]?.isReadOnly = false }
      let (text, file) = prepare()
      status = 0
      if let text {
        depth += 1
        run(text: text, file: file)
      } else if let readLine, depth == 0 {
        run(lines: readLine)
      } else {
        depth += 1
        run { _ in self.input.readLine().map { .line($0) } ?? .end }
      }
    }
    (depth, isTested, origin, readLine) = outer
    return result
  }
}
