// SPDX-License-Identifier: BSD-2-Clause

/// Running the syntax tree. Each function leaves its status in `status`.
extension Interpreter {
  /// How deep commands may run inside each other, functions and substitutions counted.
  static var deepest: Int { 400 }

  /// Whether what runs is to be left; after ^C the status is its.
  func mustStop() -> Bool {
    if isLeaving || jump != nil { return true }
    guard meetsInterrupt() else { return false }
    status = 130
    return true
  }

  /// Whether ^C ends what runs; with a trap of INT, that is done instead.
  func meetsInterrupt() -> Bool {
    guard host.isInterrupted() else { return false }
    guard let action = state.traps[2] else { return true }
    host.clearInterrupt()
    // What cannot be cleared is the end of the program.
    if host.isInterrupted() { return true }
    if !action.isEmpty { run(trap: action) }
    return false
  }

  /// Runs commands one after the other; none is a success.
  func run(_ list: CommandList) {
    if list.items.isEmpty { status = 0 }
    for item in list.items {
      if mustStop() { return }
      if let text = item.background {
        runInBackground(text) { inSubshell { run(item) } }
        status = 0
      } else {
        run(item)
      }
    }
  }

  /// Runs pipelines joined by `&&` and `||`; only the last one's failure can end a `set -e` shell.
  private func run(_ item: AndOr) {
    run(item.first, isTested: !item.rest.isEmpty)
    for (number, (afterSuccess, pipeline)) in item.rest.enumerated() {
      if mustStop() { return }
      guard (status == 0) == afterSuccess else { continue }
      run(pipeline, isTested: number + 1 < item.rest.count)
    }
  }

  private func run(_ pipeline: Pipeline, isTested tests: Bool) {
    let outer = isTested
    isTested = outer || tests || pipeline.isNegated
    defer { isTested = outer }
    if pipeline.stages.isEmpty {
      run(pipeline.first)
    } else {
      origin.line = pipeline.line
      run(stages: pipeline)
      leaveAfterFailure()
    }
    if pipeline.isNegated && !mustStop() { status = status == 0 ? 1 : 0 }
  }

  /// `set -e`.
  func leaveAfterFailure() {
    if state.options.stopsAtFailure && !isTested && status != 0 && jump == nil { isLeaving = true }
  }

  /// Runs one command of any kind.
  func run(_ statement: Statement) {
    if case .simple(let command) = statement { return run(command) }
    guard level < Self.deepest else { return fail(ShellError("commands are nested too deeply")) }
    level += 1
    defer { level -= 1 }
    switch statement {
    case .simple: break
    case .group(let list): run(list)
    case .subshell(let list):
      status = inSubshell { run(list) }
      leaveAfterFailure()
    case .conditional(let branches, let otherwise): runConditional(branches, otherwise)
    case .loop(let test, let isUntil, let body): runLoop(test, isUntil, body)
    case .iteration(let name, let words, let body): runIteration(name, words, body)
    case .choice(let word, let cases): runChoice(word, cases)
    case .function(let name, let body):
      state.functions[name] = Function(body: body, file: origin.file)
      status = 0
    case .redirected(let statement, let redirections): run(statement, redirections)
    }
  }

  private func runTested(_ list: CommandList) {
    let outer = isTested
    isTested = true
    run(list)
    isTested = outer
  }

  private func runConditional(
    _ branches: [(test: CommandList, body: CommandList)], _ otherwise: CommandList?
  ) {
    for (test, body) in branches {
      runTested(test)
      if mustStop() { return }
      if status == 0 { return run(body) }
    }
    if let otherwise { run(otherwise) } else { status = 0 }
  }

  private func runLoop(_ test: CommandList, _ isUntil: Bool, _ body: CommandList) {
    var last: Int32 = 0
    loops += 1
    defer { loops -= 1 }
    while true {
      runTested(test)
      if mustStop() {
        if takesJump() { continue }
        break
      }
      guard (status == 0) != isUntil else { break }
      run(body)
      last = status
      if mustStop() && !takesJump() { return }
      if endsLoop() { break }
    }
    if !mustStop() { status = last }
  }

  private func runIteration(_ name: String, _ words: [Word]?, _ body: CommandList) {
    let values: [String]
    do throws(ShellError) {
      values =
        try words.map { words throws(ShellError) in try fields(of: words) } ?? state.parameters
    } catch {
      return fail(error)
    }
    status = 0
    loops += 1
    defer { loops -= 1 }
    for value in values {
      do throws(ShellError) {
        try setVariable(name, value)
      } catch {
        return fail(error)
      }
      run(body)
      if mustStop() && !takesJump() { return }
      if endsLoop() { break }
    }
  }

  /// Takes a `continue` or `break` that is for this loop; true if the loop goes on.
  private func takesJump() -> Bool {
    switch jump {
    case .continueLoop(1)?:
      jump = nil
      return !mustStop()
    case .continueLoop(let count)?: jump = .continueLoop(count - 1)
    case .breakLoop(1)?: jump = nil
    case .breakLoop(let count)?: jump = .breakLoop(count - 1)
    case .returning?, .toPrompt?, nil: break
    }
    return false
  }

  /// Whether nobody reads what a loop would go on to write.
  private func endsLoop() -> Bool { output.isClosed }

  private func runChoice(_ word: Word, _ cases: [(patterns: [Word], body: CommandList)]) {
    do throws(ShellError) {
      substitutedStatus = nil
      let subject = Array(try text(of: word))
      status = substitutedStatus ?? 0
      for (patterns, body) in cases {
        for pattern in patterns where try self.pattern(of: pattern).matches(subject[...]) {
          return run(body)
        }
      }
    } catch {
      fail(error)
    }
  }

  /// Runs a compound command with its streams sent elsewhere.
  private func run(_ statement: Statement, _ redirections: [Redirection]) {
    var streams = Streams(output: output, input: input, descriptors: state.descriptors)
    let before = lastProcess
    defer { close(streams, usedSince: before) }
    do throws(ShellError) {
      for redirection in redirections { try streams.apply(redirection, self) }
    } catch {
      report(error.message)
      status = 2
      return leaveAfterFailure()
    }
    with(streams) { run(statement) }
  }

  /// Does something with other streams.
  func with(_ streams: Streams, _ body: () -> Void) {
    let outer = (output, input, state.descriptors)
    (output, input, state.descriptors) = (streams.output, streams.input, streams.descriptors)
    body()
    (output, input, state.descriptors) = outer
  }

  /// Closes streams, at once or with the last job that may use them.
  ///
  /// - Parameter process: The last process id before they were opened.
  func close(_ streams: Streams, usedSince process: Int) {
    var users = jobs(since: process)
    if let job = startingJob, !job.watches.isEmpty { users.append(job) }
    guard !users.isEmpty else { return streams.close() }
    var left = users.count
    for job in users {
      job.close.append {
        left -= 1
        if left == 0 { streams.close() }
      }
    }
  }

  /// Runs something whose changes of variables and the like are forgotten; returns its status.
  @discardableResult func inSubshell(_ body: () -> Void) -> Int32 {
    guard level < Self.deepest else {
      fail(ShellError("commands are nested too deeply"))
      return status
    }
    let outer = (state, output, input)
    level += 1
    state.traps = state.traps.filter { $0.value.isEmpty }
    body()
    runExitTrap()
    level -= 1
    let result = status
    if state.directory != outer.0.directory, let directory = outer.0.directory {
      _ = try? host.changeDirectory(directory)
    }
    (state, output, input) = outer
    isLeaving = false
    jump = nil
    return result
  }

  /// Says what went wrong in the shell itself: that ends a batch, and a person's line.
  func fail(_ error: ShellError) {
    if !error.message.isEmpty { report(error.message) }
    status = 2
    if isInteractive { jump = .toPrompt } else { isLeaving = true }
  }
}
