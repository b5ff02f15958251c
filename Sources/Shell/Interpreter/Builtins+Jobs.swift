// SPDX-License-Identifier: BSD-2-Clause

/// The commands about what stands before a `&`.
extension Builtins {
  static var jobs: Command<World> {
    Command(
      "jobs", section: 1, summary: "list the commands that go on", effect: .reads,
      usage: .generated(status: 2),
      options: [
        Option("l", "With the process id."), Option("p", "Only the process ids."),
        Option("s", "Only the process ids."),
      ],
      operands: [job.optional.repeated],
      description: [
        "A command such as tcpdump(1) with '&' behind it goes on while others run, and shows what "
          + "comes after each command and while time passes. Other commands are run to their end at "
          + "once: time stands still meanwhile, so that nobody could tell."
      ],
      examples: [Example("jobs", "lists them")], seeAlso: ["fg(1)", "kill(1)", "wait(1)"],
      isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let shell = invocation.interpreter
      var shown = shell.jobs
      if !arguments.operands.isEmpty {
        shown = try arguments.operands.map { word throws(Fault) in try find(word, shell) }
      }
      for job in shown {
        if arguments.has("p") || arguments.has("s") {
          invocation.output.line("\(job.pid)")
        } else {
          invocation.output.write(shell.line(of: job, withProcess: arguments.has("l")))
        }
      }
      shell.jobs.removeAll { job in !job.isRunning && shown.contains { $0 === job } }
    }
  }

  static var wait: Command<World> {
    Command(
      "wait", section: 1, summary: "wait for commands that go on", effect: .changes,
      usage: .generated(status: 2), options: nil, operands: [job.optional],
      description: [
        "Lets virtual time pass until the job, or all of them, have ended, and returns its status. "
          + "A batch ends the job after 60 seconds in which nothing happened."
      ], seeAlso: ["jobs(1)"], isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let shell = invocation.interpreter
      guard let word = arguments.operands.first else {
        for job in shell.jobs {
          guard shell.wait(for: job) != nil else { throw .silent(130) }
        }
        shell.jobs.removeAll { !$0.isRunning }
        return
      }
      let job = try find(word, shell)
      guard let status = shell.wait(for: job) else { throw .silent(130) }
      shell.jobs.removeAll { $0 === job }
      if status != 0 { throw .silent(status) }
    }
  }

  static var foreground: Command<World> {
    Command(
      "fg", section: 1, summary: "bring a command that goes on to the foreground",
      effect: .changes, usage: .generated(status: 2), options: nil, operands: [job.optional],
      description: ["Shows the job's command and waits for its end; ^C ends it."],
      seeAlso: ["jobs(1)"], isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let shell = invocation.interpreter
      let job = try find(arguments.operands.first ?? "%%", shell)
      invocation.output.line(job.text)
      var status = shell.wait(for: job)
      if status == nil {
        shell.finish(job)
        status = job.status
      }
      shell.jobs.removeAll { $0 === job }
      if let status, status != 0 { throw .silent(status) }
    }
  }

  static var kill: Command<World> {
    Command(
      "kill", section: 1, summary: "end a command that goes on", effect: .changes,
      usage: .exact(killUsage, status: 1), options: nil,
      operands: [
        Source(
          "-signal_name", "The signal; each that ends a program does the same here.",
          kind: .literal(["-INT", "-TERM", "-HUP", "-KILL"])
        ).optional,
        job.repeated,
      ],
      description: [
        "Ends jobs as ^C does, whatever the signal: they show their statistics. One that does not "
          + "catch signals then has the status 128 and the signal's number.",
        "$$ is the shell itself: what trap(1) says is run, or the shell ends.",
      ],
      examples: [], seeAlso: ["jobs(1)"], isBuiltin: true
    ) { _, invocation, arguments throws(Fault) in
      let shell = invocation.interpreter
      let (signal, words) = try Signal.read(arguments.operands)
      guard let signal else { return try Signal.list(words, invocation.output) }
      guard !words.isEmpty else { throw .usage() }
      var status: Int32 = 0
      for word in words {
        if let job = shell.job(named: word), job.isRunning {
          if signal != 0 { shell.finish(job, signal: signal) }
        } else if word == String(Interpreter<World>.processID) {
          if signal != 0 { shell.receive(signal) }
        } else if word.hasPrefix("%"), shell.job(named: word) == nil {
          throw .worded("No such job: \(word)\n", status: 2)
        } else {
          let mayBe = word.hasPrefix("%") || Int(word) != nil
          invocation.output.writeError(
            mayBe ? "kill: \(word): No such process\n" : "kill: illegal process id: \(word)\n")
          status = 1
        }
      }
      if status != 0 { throw .silent(status) }
    }
  }

  private static var killUsage: String {
    """
    usage: kill [-s signal_name] pid ...
           kill -l [exit_status]
           kill -signal_name pid ...
           kill -signal_number pid ...

    """
  }

  private static var job: Source<World> { Source("job", "%N, or a process id.") }

  private static func find(_ word: String, _ shell: Interpreter<World>) throws(Fault) -> Job {
    guard let job = shell.job(named: word) else {
      throw .worded("No such job: \(word)\n", status: 2)
    }
    return job
  }
}

/// The signals by name, with FreeBSD's numbers.
enum Signal {
  /// The names in order of their numbers, from 1.
  static let names: [String] =
    ("HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM URG STOP TSTP CONT CHLD "
    + "TTIN TTOU IO XCPU XFSZ VTALRM PROF WINCH INFO USR1 USR2").split(separator: " ").map(
      String.init)

  /// What a shell says of a program that a signal ended (`sys_siglist`).
  static func text(of signal: Int32) -> String {
    switch signal {
    case 1: "Hangup"
    case 2: "Interrupt"
    case 3: "Quit"
    case 6: "Abort trap"
    case 9: "Killed"
    case 13: "Broken pipe"
    case 14: "Alarm clock"
    case 15: "Terminated"
    default: "Signal \(signal)"
    }
  }

  /// The number of a name with or without SIG before it, or of a number; 0 is EXIT.
  static func number(_ word: String) -> Int32? {
    if let number = Int32(word) { return (0...Int32(names.count)).contains(number) ? number : nil }
    var name = word.uppercased()
    if name.hasPrefix("SIG") { name.removeFirst(3) }
    if name == "EXIT" { return 0 }
    return names.firstIndex(of: name).map { Int32($0 + 1) }
  }

  /// Takes the signal off the words of kill(1); nil for `-l`.
  static func read(_ words: [String]) throws(Fault) -> (signal: Int32?, rest: [String]) {
    guard let first = words.first, first.hasPrefix("-"), first != "-" else {
      return (15, words)
    }
    if first == "-l" { return (nil, Array(words.dropFirst())) }
    if first == "--" { return (15, Array(words.dropFirst())) }
    var rest = words.dropFirst()
    var name = String(first.dropFirst())
    if name == "s" {
      guard let word = rest.popFirst() else {
        throw .usage("option requires an argument -- s")
      }
      name = word
    }
    if rest.first == "--" { rest.removeFirst() }
    guard let number = number(name) else {
      throw .failed("unknown signal \(name); valid signals:\n" + table.dropLast())
    }
    return (number, Array(rest))
  }

  /// `kill -l`, or the name of the signal in an exit status.
  static func list(_ words: [String], _ output: Output) throws(Fault) {
    guard let word = words.first else { return output.write(table) }
    guard words.count == 1 else { throw .usage() }
    guard let status = Int(word) else { throw .failed("illegal signal number: \(word)") }
    let number = status >= 128 ? status - 128 : status
    guard names.indices.contains(number - 1) else {
      throw .failed("unknown signal \(word); valid signals:\n" + table.dropLast())
    }
    output.line(names[number - 1])
  }

  /// The names in two lines, as kill(1) lists them.
  private static var table: String {
    let half = names.count / 2
    return names[..<half].joined(separator: " ") + "\n" + names[half...].joined(separator: " ")
      + "\n"
  }
}
