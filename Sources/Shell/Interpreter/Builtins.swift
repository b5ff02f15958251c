// SPDX-License-Identifier: BSD-2-Clause

/// The shell's own commands; none of them knows what the world is.
enum Builtins<World: AnyObject> {
  /// All of them.
  static var commands: [Command<World>] {
    [bind, echo, catenate, help, man, history, shell("sh"), shell("csh"), time]
      + [exit("exit"), exit("quit"), exit("logout"), status("true", 0), status(":", 0)]
      + [status("false", 1), leaveLoop("break"), leaveLoop("continue"), leaveFunction, shift]
      + [evaluate, exec, source("source"), source("."), trap, command, type]
      + [set, unset, export, readonly, local, read, getopts, env, alias, unalias]
      + [test("test"), test("["), printf, changeDirectory, workingDirectory]
      + [jobs, wait, foreground, kill]
  }

  private static var echo: Command<World> {
    Command(
      "echo", section: 1, summary: "write arguments to the standard output", effect: .reads,
      options: nil,
      operands: [
        Source("-n", "Do not print the trailing newline.", kind: .literal(["-n"])).optional,
        Source("-e", "Read backslashes as in C.", kind: .literal(["-e"])).optional,
        Source("string", "What to print; words are joined by one blank.").optional.repeated,
      ],
      description: ["Writes its operands and a newline."],
      examples: [Example("echo -n hello", "prints hello and stays on the line")],
      isBuiltin: true
    ) { _, invocation, arguments in
      var words = arguments.operands[...]
      let option = words.first.flatMap { $0 == "-n" || $0 == "-e" ? $0 : nil }
      if option != nil { words.removeFirst() }
      let text = words.joined(separator: " ")
      guard option == "-e" else {
        return invocation.output.write(text + (option == "-n" ? "" : "\n"))
      }
      let (escaped, isCut) = Escapes.replaced(text, inOperand: true)
      invocation.output.write(escaped + (isCut ? "" : "\n"))
    }
  }

  private static func exit(_ name: String) -> Command<World> {
    Command(
      name, section: 1, summary: "leave the shell", effect: .reads, usage: .generated(status: 2),
      options: nil, operands: [Source("status", "The exit status; else the last one.").optional],
      description: [
        "Ends the shell with the given status, or with that of the last command. A shell in the "
          + "shell, or commands in parentheses, end alone."
      ], isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      guard arguments.operands.count <= 1 else { throw .usage() }
      var status = invocation.interpreter.status
      if let word = arguments.operands.first { status = try number(word) & 0xff }
      invocation.interpreter.leave(status: status)
    }
  }

  /// A number that is not negative.
  static func number(_ word: String) throws(Fault) -> Int32 {
    guard let number = Int32(word), number >= 0 else {
      throw .failed("Illegal number: \(word)", status: 2)
    }
    return number
  }

  private static var history: Command<World> {
    Command(
      "history", section: 1, summary: "list the lines entered", effect: .reads,
      options: nil, operands: [Source("count", "How many of the last lines to list.").optional],
      description: ["Lists the lines entered at the terminal with their numbers, oldest first."],
      isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      guard arguments.operands.count <= 1 else { throw .usage() }
      let lines = invocation.interpreter.host.history()
      var count = lines.count
      if let word = arguments.operands.first {
        guard let number = Int(word), number >= 0 else { throw .failed("bad count: \(word)") }
        count = number
      }
      for (number, line) in lines.enumerated().suffix(count) {
        invocation.output.line("\((number + 1).padLeft(to: 5))  \(line)")
      }
    }
  }

  private static func status(_ name: String, _ status: Int32) -> Command<World> {
    Command(
      name, section: 1, summary: "do nothing, with status \(status)", effect: .reads,
      options: nil, operands: [Source("word", "Is not looked at.").optional.repeated],
      isBuiltin: true
    ) { _, _, _ throws(Fault) in
      if status != 0 { throw .silent(status) }
    }
  }

  /// Does something of the shell; its error is the command's, as sh(1) words it.
  static func trying<Value>(
    _ name: String, _ body: () throws(ShellError) -> Value
  ) throws(Fault) -> Value {
    do throws(ShellError) {
      return try body()
    } catch {
      throw .failed(program: name, message: error.message, status: 2)
    }
  }
}

/// The special builtins of sh(1): they come before functions, assignments before them stay, and their
/// errors end a batch.
let specialBuiltins: Set<String> = [
  "break", ":", "continue", ".", "eval", "exec", "exit", "export", "readonly", "return", "set",
  "shift", "trap", "unset",
]
