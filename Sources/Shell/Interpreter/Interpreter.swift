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

  /// Whether a person types; then errors do not end the shell and near misses are suggested.
  package var isInteractive = false
  /// Whether `| command` may start host programs: at a terminal, or with --exec.
  package var allowsHostPrograms = false
  /// `set -e`: leave at the first failure that nothing tests.
  package var stopsAtFailure = false
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

  /// Lets virtual time pass; the world's own clock unless another is set.
  package var letTimePass: (_ nanoseconds: UInt64) -> Void = { _ in }
  /// How long it is until something happens in the world by itself, or nil.
  var timeToNextEvent: () -> UInt64? = { nil }
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

  /// Where the line that runs was read, for messages.
  var origin = Origin()
  /// How many sources are open inside each other.
  var depth = 0
  /// Whether the running command's failure is tested by `&&`, `||` or `!`.
  var isTested = false

  /// The file of a line, if it has one, and its number.
  struct Origin {
    var file: String?
    var line = 0
  }

  /// Makes a shell over a world.
  package init(
    world: World, registry: Registry<World>, output: Output, input: Input = .empty,
    host: Host = Host()
  ) {
    self.world = world
    self.registry = registry
    self.output = output
    self.input = input
    self.host = host
    if let timed = world as? any TimedWorld {
      letTimePass = { timed.letTimePass(nanoseconds: $0) }
      timeToNextEvent = { timed.timeToNextEvent }
    }
  }

  /// What the program exits with: 1 if an expectation failed, else the last status.
  package var exitStatus: Int32 { failedExpectations > 0 ? 1 : status }

  /// Ends the shell after the running command.
  package func leave(status: Int32) {
    self.status = status
    isLeaving = true
  }

  /// Runs a text, such as that of `-c`, or of a file whose name then stands before errors.
  @discardableResult package func run(text: String, file: String? = nil) -> Int32 {
    var rest = text[...]
    var number = 0
    return run(file: file) { _ in
      guard !rest.isEmpty else { return .end }
      number += 1
      if number % 256 == 0, let file { self.output.progress?("\(file): line \(number)") }
      let line = rest.prefix { $0 != "\n" && $0 != "\r\n" }
      rest = rest[line.endIndex...].dropFirst()
      return .line(String(line))
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
    let outer = origin
    defer { origin = outer }
    origin = Origin(file: file)
    var parser = Parser(Lexer(lines: next))
    while !isLeaving {
      if isInteractive && depth == 0 { reportEndedJobs() }
      do throws(SyntaxError) {
        let list = try parser.nextLine()
        if list == nil && !parser.isInterrupted { break }
        for item in list ?? [] where !isLeaving && !host.isInterrupted() {
          if let text = item.background {
            runInBackground(text) {
              execute(item)
              return status
            }
            status = 0
          } else {
            execute(item)
          }
        }
      } catch {
        if !parser.isInterrupted { refuse(error) }
      }
      if parser.isInterrupted { status = 130 }
      if (parser.isInterrupted || host.isInterrupted()) && !resumes() { break }
    }
    if !isInteractive && host.isInterrupted() { leave(status: 130) }
    return status
  }

  /// Reports a line that cannot be parsed; it ends a batch, as in sh(1).
  private func refuse(_ error: SyntaxError) {
    origin.line = error.line
    report("Syntax error: \(error.message)")
    status = 2
    if !isInteractive { isLeaving = true }
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

  /// `FILE:LINE: ` of the line that runs, or nothing where it comes from no file.
  var place: String { origin.file.map { "\($0):\(origin.line): " } ?? "" }
}
