// SPDX-License-Identifier: BSD-2-Clause

/// Commands joined by `|`: those of this shell run one after the other, each over what the one before
/// wrote; the others are the host's, and neighbours among them are one line for its sh(1).
extension Interpreter {
  /// One command, or neighbours that are the host's.
  private enum Part {
    case here(Statement)
    case host(String, [HereDocument])
  }

  /// Runs a pipeline of several commands; the status is the last one's.
  func run(stages pipeline: Pipeline) {
    var parts = parts(of: pipeline)
    let last = parts.removeLast()
    var input = input
    for part in parts.indices {
      // The last command of this shell writes right to a host program that ends the pipeline.
      if part == parts.count - 1, case .host(let line, let documents) = last,
        case .here(let statement) = parts[part],
        output === shellOutput
      {
        return run(statement, input, into: text(line, documents))
      }
      guard let text = collect(parts[part], input) else { return }
      input = Input(bytes: text)
    }
    switch last {
    case .here(let statement): status = run(statement, input, output)
    case .host(let line, let documents):
      guard let answer = capture(text(line, documents), input, output) else { return }
      show(answer, output)
      status = status(of: answer)
    }
  }

  /// Whose the commands are.
  private func parts(of pipeline: Pipeline) -> [Part] {
    var parts: [Part] = []
    let stages =
      [Stage(statement: pipeline.first, text: pipeline.text, documents: pipeline.documents)]
      + pipeline.stages
    for stage in stages {
      if let statement = stage.statement, isHere(statement) {
        parts.append(.here(statement))
      } else if case .host(let text, let documents)? = parts.last {
        parts[parts.count - 1] = .host(text + " | " + stage.text, documents + stage.documents)
      } else {
        parts.append(.host(stage.text, stage.documents))
      }
    }
    return parts
  }

  /// A line for the host with its here documents behind it.
  private func text(_ line: String, _ documents: [HereDocument]) -> String {
    if documents.isEmpty { return line }
    return line + "\n" + documents.map { "\($0.text)\($0.delimiter)\n" }.joined()
  }

  /// Whether this shell knows the command; of a compound one, all in it.
  private func isHere(_ statement: Statement) -> Bool {
    switch statement {
    case .simple(let command):
      // What a variable names is found out when it runs.
      guard let name = command.words.first?.plain else { return true }
      return state.functions[name] != nil || registry[name] != nil
    case .group(let list), .subshell(let list): return isHere(list)
    case .conditional(let branches, let otherwise):
      return branches.allSatisfy { isHere($0.test) && isHere($0.body) }
        && otherwise.map(isHere) ?? true
    case .loop(let test, _, let body): return isHere(test) && isHere(body)
    case .iteration(_, _, let body): return isHere(body)
    case .choice(_, let cases): return cases.allSatisfy { isHere($0.body) }
    case .function: return true
    case .redirected(let inner, _): return isHere(inner)
    }
  }

  private func isHere(_ list: CommandList) -> Bool {
    list.items.allSatisfy { item in
      ([item.first] + item.rest.map(\.pipeline)).allSatisfy { isHere($0.first) }
    }
  }

  private func collect(_ part: Part, _ input: Input) -> [UInt8]? {
    switch part {
    case .host(let line, let documents):
      guard let answer = capture(text(line, documents), input, output) else { return nil }
      output.write(bytes: answer.errors, to: .error)
      return answer.output
    case .here(let statement):
      let collector = Collector()
      // What another command waits for cannot go on in the background.
      let outer = startingJob
      startingJob = nil
      let before = lastProcess
      run(statement, input, collector.output(errors: output))
      waitForJobs(since: before)
      startingJob = outer
      return Array(collector.text.utf8)
    }
  }

  @discardableResult private func run(
    _ statement: Statement, _ input: Input, _ output: Output
  ) -> Int32 {
    inSubshell {
      self.input = input
      self.output = output
      run(statement)
    }
  }

  /// Runs a command whose output a host program reads while it is written.
  private func run(_ statement: Statement, _ input: Input, into text: String) {
    guard let script = script(text) else { return }
    let program: Sink
    do throws(HostError) {
      program = try host.spawn(script)
    } catch {
      return refuse("cannot run /bin/sh: \(error.message)")
    }
    let outer = output
    let output = Output { stream, text in
      if stream == .out { return program.write(Array(text.utf8)) }
      outer.writeError(text)
      return true
    }
    let before = lastProcess
    run(statement, input, output)
    waitForJobs(since: before)
    if let job = startingJob, !job.watches.isEmpty {
      job.close.append { _ = program.close() }
      status = 0
    } else {
      status = program.close()
    }
  }

  /// Runs words that no command here has as a program of the host; returns its status.
  func runOnHost(_ words: [String], _ output: Output, _ input: Input) -> Int32 {
    let line = words.map(shellQuoted).joined(separator: " ")
    guard let answer = capture(line, input, output) else { return 2 }
    show(answer, output)
    return status(of: answer)
  }

  /// Shows what a host program wrote; of both streams to one place the order is lost.
  private func show(_ answer: Filtered, _ output: Output) {
    output.write(bytes: answer.output)
    output.write(bytes: answer.errors, to: .error)
  }

  private func status(of answer: Filtered) -> Int32 {
    switch answer.end {
    case .exited(let status): status
    case .killed(let signal): 128 + signal
    }
  }

  /// Runs a line of the host's sh(1) over an input, and takes what it writes; its stderr, too, unless
  /// that is the shell's own.
  private func capture(_ text: String, _ input: Input, _ output: Output) -> Filtered? {
    guard var script = script(text) else { return nil }
    script.takesErrors = output !== shellOutput
    do throws(HostError) {
      // What the shell will read is not for a program that may not ask for it.
      return try host.capture(script, input === shellInput ? [] : input.readAll())
    } catch {
      refuse("cannot run /bin/sh: \(error.message)")
      return nil
    }
  }

  /// The line with what the shell knows; nil where no host program may run.
  private func script(_ text: String) -> HostScript? {
    guard allowsHostPrograms else {
      refuse("\(text): host programs need --exec")
      return nil
    }
    return HostScript(
      text: text, name: state.name, parameters: state.parameters, variables: hostScriptVariables)
  }

  private func refuse(_ message: String) {
    report(message)
    status = 2
  }
}
