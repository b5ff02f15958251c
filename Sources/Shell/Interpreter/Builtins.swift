// SPDX-License-Identifier: BSD-2-Clause

/// The shell's own commands; none of them knows what the world is.
enum Builtins<World: AnyObject> {
  /// All of them.
  static var commands: [Command<World>] {
    [bind, echo, exit("exit"), exit("quit"), exit("logout"), help, man, history]
      + [jobs, wait, foreground, kill]
      + [source("source"), source("."), set, status("true", 0), status(":", 0), status("false", 1)]
  }

  private static var echo: Command<World> {
    Command(
      "echo", section: 1, summary: "write arguments to the standard output", effect: .reads,
      options: nil,
      operands: [
        Source("-n", "Do not print the trailing newline.", kind: .literal(["-n"])).optional,
        Source("string", "What to print; words are joined by one blank.").optional.repeated,
      ],
      description: ["Writes its operands and a newline."],
      examples: [Example("echo -n hello", "prints hello and stays on the line")],
      isBuiltin: true
    ) { _, invocation, arguments in
      let isShort = arguments.operands.first == "-n"
      let words = isShort ? arguments.operands.dropFirst() : arguments.operands[...]
      invocation.output.write(words.joined(separator: " ") + (isShort ? "" : "\n"))
    }
  }

  private static func exit(_ name: String) -> Command<World> {
    Command(
      name, section: 1, summary: "leave the shell", effect: .reads, usage: .generated(status: 2),
      options: nil, operands: [Source("status", "The exit status; else the last one.").optional],
      description: ["Ends the shell with the given status, or with that of the last command."],
      isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      guard arguments.operands.count <= 1 else { throw .usage() }
      var status = invocation.interpreter.status
      if let word = arguments.operands.first {
        guard let number = Int32(word), number >= 0 else {
          throw .failed("Illegal number: \(word)", status: 2)
        }
        status = number & 0xff
      }
      invocation.interpreter.leave(status: status)
    }
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

  private static func source(_ name: String) -> Command<World> {
    Command(
      name, section: 1, summary: "run the commands of a file", effect: .reads,
      usage: .generated(status: 2), options: nil,
      operands: [.file("file", "A file of the host with one command a line.")],
      description: ["Runs the lines of a file as if they were typed here."], isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      guard let path = arguments.operands.first, arguments.operands.count == 1 else {
        throw .usage()
      }
      try invocation.interpreter.source(path)
    }
  }

  private static var set: Command<World> {
    Command(
      "set", section: 1, summary: "set options of the shell", effect: .reads,
      usage: .generated(status: 2), options: nil,
      operands: [
        Source("-e", "Leave at the first failure that nothing tests.", kind: .literal(["-e"])),
        Source("+e", "Go on after failures.", kind: .literal(["+e"])),
      ].map(\.optional),
      description: ["Turns options of the shell on with a minus and off with a plus."],
      isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      for word in arguments.operands {
        switch word {
        case "-e": invocation.interpreter.stopsAtFailure = true
        case "+e": invocation.interpreter.stopsAtFailure = false
        default: throw .failed("Illegal option \(word)", status: 2)
        }
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
}
