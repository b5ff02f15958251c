// SPDX-License-Identifier: BSD-2-Clause

/// What reading one more line gave.
package enum LineRead: Equatable, Sendable {
  /// A line without its newline.
  case line(String)
  /// ^C: what was typed so far is dropped.
  case interrupted
  /// The end of the input.
  case end
}

/// Runs command lines against a world: the shell itself, without a terminal.
package final class Interpreter<World: AnyObject> {
  /// What the commands act on.
  package let world: World
  /// The commands.
  package let registry: Registry<World>
  /// The machine outside.
  package let host: Host
  /// Where commands write unless redirected.
  package internal(set) var output: Output
  /// What commands read unless redirected.
  package internal(set) var input: Input

  /// Where the shell itself writes, which host programs inherit.
  let shellOutput: Output
  /// Where the shell itself reads, perhaps its commands.
  let shellInput: Input
  /// Whether a person types; then errors do not end the shell and near misses are suggested.
  package var isInteractive = false
  /// Whether host programs may be started: at a terminal in pipelines, with --exec anywhere.
  package var allowsHostPrograms = false
  /// `$?`.
  package internal(set) var status: Int32 = 0
  /// How many expectations failed; any makes the exit status 1.
  package var failedExpectations = 0
  /// Whether `exit` was run, or `set -e` found a failure.
  package internal(set) var isLeaving = false
  /// Is called before each command of the registry runs, with its words; makes checkpoints.
  package var willRun: (Command<World>, [String]) -> Void = { _, _ in }
  /// Is called after it, with its status.
  package var didRun: (Command<World>, Int32) -> Void = { _, _ in }
  /// What stands before a line at a terminal while PS1 is not set.
  package var defaultPrompt: () -> String = { "$ " }

  /// The name of the machine, for a prompt.
  package var hostName: () -> String = { "" }

  /// Lets virtual time pass; the world's own clock unless another is set.
  package var letTimePass: (_ nanoseconds: UInt64) -> Void = { _ in }
  /// How long it is until something happens in the world by itself, or nil.
  var timeToNextEvent: () -> UInt64? = { nil }
  /// The virtual nanoseconds that passed so far.
  var elapsed: UInt64 = 0
  /// What stood before a `&`, oldest first: what goes on, and what ended and nobody asked for yet.
  var jobs: [Job] = []
  /// The job that begins: a watch becomes part of it.
  var startingJob: Job?
  /// `$!`: the process id of the last job.
  var lastBackground: Int?
  /// The process id given last; the shell's own is `processID`.
  var lastProcess = Interpreter.processID
  var isPollingJobs = false

  /// `$$`.
  static var processID: Int { 1000 }

  /// What subshells get a copy of.
  var state = ShellState()
  /// Where the line that runs was read, for messages.
  var origin = Origin()
  /// How many sources are open inside each other.
  var depth = 0
  /// How many commands run inside each other.
  var level = 0
  /// How many loops are open; as in 8.0, `break` in a function or subshell may mean one outside.
  var loops = 0
  /// Where `break`, `continue`, `return` or an error goes.
  var jump: Jump?
  /// Whether the running command's failure is tested by `if`, `while`, `&&`, `||` or `!`.
  var isTested = false
  /// The status of the last command substitution of the command that begins.
  var substitutedStatus: Int32?
  /// Reads the lines of the prompt, for a shell in the shell.
  var readLine: ((_ isContinuation: Bool) -> LineRead)?
  /// Files that `exec` opened.
  var openStreams: [Streams] = []

  /// The file of a line, if it has one, and its number.
  struct Origin {
    var file: String?
    var line = 0
  }

  /// What leaves commands that are not at their end.
  enum Jump: Equatable {
    /// `break` and `continue` out of so many loops.
    case breakLoop(Int), continueLoop(Int)
    /// `return`, from a function or a file.
    case returning
    /// An error: back to the prompt.
    case toPrompt
  }

  /// Makes a shell over a world.
  package init(
    world: World, registry: Registry<World>, output: Output, input: Input = .empty,
    host: Host = Host()
  ) {
    self.world = world
    self.registry = registry
    self.output = output
    shellOutput = output
    shellInput = input
    self.input = input
    self.host = host
    if let timed = world as? any TimedWorld {
      letTimePass = { timed.letTimePass(nanoseconds: $0) }
      timeToNextEvent = { timed.timeToNextEvent }
    }
    for (name, value) in [("IFS", " \t\n"), ("PS2", "> "), ("PS4", "+ "), ("OPTIND", "1")] {
      state.variables[name] = Variable(value: value)
    }
  }

  /// What the program exits with: 1 if an expectation failed, else the last status.
  package var exitStatus: Int32 { failedExpectations > 0 ? 1 : status }

  /// What `set` turns on and off, by letter.
  package func setOption(_ letter: Character, _ isOn: Bool = true) -> Bool {
    state.options.set(letter, isOn)
  }

  /// `$0`, and `$1` and those behind.
  package func setParameters(name: String, _ parameters: [String]) {
    state.name = name
    state.parameters = parameters
  }

  /// Ends the shell after the running command.
  package func leave(status: Int32) {
    self.status = status
    isLeaving = true
  }

  /// The end of the shell: runs the trap of EXIT, then ends the jobs.
  package func end() {
    runExitTrap()
    finishJobs()
    for streams in openStreams { streams.close() }
    openStreams = []
  }

  /// What stands before a line at a terminal.
  package func prompt(isContinuation: Bool) -> String {
    if isContinuation { return variable("PS2") ?? "" }
    guard let format = variable("PS1") else { return defaultPrompt() }
    var result = ""
    var rest = format[...]
    while let character = rest.popFirst() {
      guard character == "\\", let code = rest.popFirst() else {
        result.append(character)
        continue
      }
      switch code {
      case "$": result += "#"
      case "\\": result += "\\"
      case "h": result += hostName().prefix { $0 != "." }
      case "H": result += hostName()
      case "w": result += host.directory()
      case "W": result += host.directory().split(separator: "/").last.map(String.init) ?? "/"
      default: result += "\\\(code)"
      }
    }
    return result
  }
}

/// Running what was read.
extension Interpreter {
  /// Runs a text, such as that of `-c`, or of a file whose name then stands before errors.
  @discardableResult package func run(text: String, file: String? = nil) -> Int32 {
    run(text: text, origin: Origin(file: file, line: 1))
  }

  /// Runs a text that begins in a line of a file.
  @discardableResult func run(text: String, origin: Origin) -> Int32 {
    let bytes = Array(text.utf8)
    var place = 0
    var number = 0
    return run(origin: origin) { _ in
      guard place < bytes.count else { return .end }
      number += 1
      if number % 256 == 0, let file = origin.file {
        self.output.progress?("\(file): line \(number)")
      }
      var end = place
      while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
      var line = bytes[place..<end]
      place = end + 1
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      return .line(String(decoding: line, as: UTF8.self))
    }
  }

  /// Runs a script file of the host; one that cannot be read is an error with status 2.
  @discardableResult package func run(script path: String) -> Int32 {
    do throws(HostError) {
      let text = String(decoding: try host.read(path), as: UTF8.self)
      return run(text: text, file: path)
    } catch {
      output.writeError("fibsh: cannot open \(path): \(error.message)\n")
      status = 2
      return status
    }
  }

  /// Runs lines as they are read, until the end or `exit`.
  ///
  /// - Parameter next: Reads a line; its argument says whether the line continues a command, for
  ///   which a terminal shows another prompt.
  @discardableResult package func run(
    file: String? = nil, lines next: @escaping (_ isContinuation: Bool) -> LineRead
  ) -> Int32 {
    run(origin: Origin(file: file, line: 1), lines: next)
  }

  @discardableResult func run(
    origin place: Origin, lines next: @escaping (_ isContinuation: Bool) -> LineRead
  ) -> Int32 {
    let outer = (origin, readLine)
    defer { (origin, readLine) = outer }
    origin = place
    readLine = isInteractive && depth == 0 ? next : nil
    var parser = Parser(Lexer(line: place.line, lines: shown(next)))
    parser.aliases = { [unowned self] in state.aliases }
    while !isLeaving && jump == nil {
      if isInteractive && depth == 0 { reportEndedJobs() }
      do throws(SyntaxError) {
        let line = try parser.nextLine()
        if line == nil && !parser.isInterrupted { break }
        if let line, !parser.isInterrupted, isInteractive || !state.options.checksOnly { run(line) }
      } catch {
        if !parser.isInterrupted { refuse(error) }
      }
      if depth == 0 && (jump != .returning || isInteractive) { jump = nil }
      if parser.isInterrupted { interruptLine() }
      if (parser.isInterrupted || meetsInterrupt()) && !resumes() { break }
    }
    if depth == 0 { jump = nil }
    if !isInteractive && meetsInterrupt() { leave(status: 130) }
    return status
  }

  private func run(_ line: Parser.Line) {
    switch line {
    case .command(let command): if !mustStop() { run(command) }
    case .list(let list): if !list.items.isEmpty { run(list) }
    }
  }

  /// Shows lines as they are read, for `set -v` and `set -E`.
  private func shown(
    _ next: @escaping (_ isContinuation: Bool) -> LineRead
  ) -> (_ isContinuation: Bool) -> LineRead {
    { [unowned self] isContinuation in
      let read = next(isContinuation)
      if case .line(let line) = read {
        if state.options.echoesLines { output.writeError(line + "\n") }
        if state.options.showsTranscript && depth == 0 {
          output.line(prompt(isContinuation: isContinuation) + line)
        }
      }
      return read
    }
  }

  /// Reports a line that cannot be parsed; it ends a batch, as in sh(1).
  private func refuse(_ error: SyntaxError) {
    origin.line = error.line
    report("Syntax error: \(error.message)")
    status = 2
    if isInteractive { jump = .toPrompt } else { isLeaving = true }
  }

  /// ^C at the prompt.
  private func interruptLine() {
    if let action = state.traps[2], !action.isEmpty { run(trap: action) }
    status = 130
  }

  /// Whether to go on after ^C: a person gets a prompt again, a file or batch ends.
  private func resumes() -> Bool {
    guard isInteractive && depth == 0 else {
      status = 130
      return false
    }
    if status == 130 && host.isInterrupted() { output.writeError("\n") }
    host.clearInterrupt()
    return true
  }

  /// Says what the shell itself refuses; in a file with the file and line before it.
  package func report(_ message: String, to output: Output? = nil) {
    (output ?? self.output).writeError("\(place)\(message)\n")
  }

  /// `FILE: LINE: ` of the line that runs, or nothing where it comes from no file.
  var place: String { origin.file.map { "\($0): \(origin.line): " } ?? "" }
}
