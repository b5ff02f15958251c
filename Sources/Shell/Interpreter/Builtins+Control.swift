// SPDX-License-Identifier: BSD-2-Clause

/// The commands that decide what runs next.
extension Builtins {
  static func leaveLoop(_ name: String) -> Command<World> {
    let isBreak = name == "break"
    return Command(
      name, section: 1,
      summary: isBreak ? "leave a loop" : "go on with the next turn of a loop", effect: .reads,
      usage: .generated(status: 2), options: nil,
      operands: [Source("count", "How many loops, from the innermost; else 1.").optional],
      isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let shell = invocation.interpreter
      var count = 1
      if let word = arguments.operands.first {
        count = Int(try number(word))
        guard count > 0 else { throw .failed("Illegal number: \(word)", status: 2) }
      }
      guard shell.loops > 0 else { return }
      count = min(count, shell.loops)
      shell.jump = isBreak ? .breakLoop(count) : .continueLoop(count)
    }
  }

  static var leaveFunction: Command<World> {
    Command(
      "return", section: 1, summary: "leave a function or a file", effect: .reads,
      usage: .generated(status: 2), options: nil,
      operands: [Source("status", "Its exit status; else the last one.").optional],
      isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let shell = invocation.interpreter
      var status = shell.status
      if let word = arguments.operands.first { status = try number(word) & 0xff }
      shell.jump = .returning
      if status != 0 { throw .silent(status) }
    }
  }

  static var shift: Command<World> {
    Command(
      "shift", section: 1, summary: "drop the first parameters", effect: .reads,
      usage: .generated(status: 2), options: nil,
      operands: [Source("count", "How many; else 1.").optional], isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let shell = invocation.interpreter
      let count = Int(
        try arguments.operands.first.map { word throws(Fault) in try number(word) } ?? 1)
      guard count <= shell.state.parameters.count else {
        throw .failed("can't shift that many", status: 2)
      }
      shell.state.parameters.removeFirst(count)
    }
  }

  static var evaluate: Command<World> {
    Command(
      "eval", section: 1, summary: "run words as a line", effect: .reads, options: nil,
      operands: [Source("word", "They are joined by blanks and read again.").optional.repeated],
      isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let shell = invocation.interpreter
      let text = arguments.operands.joined(separator: " ")
      guard text.contains(where: { !$0.isWhitespace }) else { return }
      let status = shell.run(within: invocation) { shell.evaluate(text) }
      if status != 0 { throw .silent(status) }
    }
  }

  static var exec: Command<World> {
    Command(
      "exec", section: 1, summary: "run a command in the place of the shell", effect: .reads,
      options: nil, operands: [Source.command().optional],
      description: [
        "Runs the command and ends the shell with its status. Without a command the redirections "
          + "are the shell's from then on."
      ], isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      guard !arguments.operands.isEmpty else { return }
      let shell = invocation.interpreter
      let status = shell.run(
        words: arguments.operands, output: invocation.output, input: invocation.input)
      if !shell.isLeaving { shell.leave(status: status) }
    }
  }

  static func source(_ name: String) -> Command<World> {
    Command(
      name, section: 1, summary: "run the commands of a file", effect: .reads,
      usage: .generated(status: 2), options: nil,
      operands: [.file("file", "A file of the host.")],
      description: ["Runs the lines of a file as if they were typed here."], isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      guard let path = arguments.operands.first, arguments.operands.count == 1 else {
        throw .usage()
      }
      try invocation.interpreter.source(path)
    }
  }

  static var trap: Command<World> {
    Command(
      "trap", section: 1, summary: "run a line when a signal comes", effect: .reads,
      usage: .generated(status: 2), options: nil,
      operands: [
        Source("action", "The line to run; '' ignores the signal, - does as before.").optional,
        Source("signal", "EXIT for the end of the shell, INT for ^C, or another name.") { _ in
          ["EXIT", "INT", "TERM", "HUP"].map { Candidate($0) }
        }.optional.repeated,
      ],
      description: [
        "Runs a line when a signal comes: EXIT is the end of the shell, INT is ^C. Other signals "
          + "come from kill(1) alone. Without operands lists what is set, with -l the signals."
      ], seeAlso: ["kill(1)"], isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let shell = invocation.interpreter
      var words = arguments.operands[...]
      if words.isEmpty {
        for (signal, action) in shell.state.traps.sorted(by: { $0.key < $1.key }) {
          let name = signal == 0 ? "exit" : Signal.names[Int(signal) - 1]
          invocation.output.line("trap -- \(shellQuoted(action)) \(name)")
        }
        return
      }
      if words.first == "--" { words.removeFirst() }
      var action: String?
      if let first = words.first, Signal.number(first) == nil {
        words.removeFirst()
        switch first {
        case "-": break
        case "-l": return invocation.output.line(Signal.names.joined(separator: " "))
        default:
          if first.hasPrefix("-") { throw .failed("bad option \(first)", status: 2) }
          action = first
        }
      }
      var isBad = false
      for word in words {
        guard let signal = Signal.number(word) else {
          invocation.output.writeError("trap: bad signal \(word)\n")
          isBad = true
          continue
        }
        shell.state.traps[signal] = action
      }
      if isBad { throw .silent(1) }
    }
  }
}

extension Interpreter {
  /// Runs something of the shell with the streams of a builtin; returns the status.
  func run(within invocation: Invocation<World>, _ body: () -> Void) -> Int32 {
    let streams = openStreams.count
    let outer = (output, input)
    (output, input) = (invocation.output, invocation.input)
    body()
    if openStreams.count == streams { (output, input) = outer }
    return status
  }

  /// Does what a signal to the shell itself does.
  func receive(_ signal: Int32) {
    if let action = state.traps[signal] {
      if !action.isEmpty { run(trap: action) }
    } else {
      leave(status: 128 + signal)
    }
  }
}
