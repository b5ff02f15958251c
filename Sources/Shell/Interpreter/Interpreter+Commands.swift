// SPDX-License-Identifier: BSD-2-Clause

extension Interpreter {
  /// Runs pipelines joined by `&&` and `||`; only the last one's failure can end a `set -e` shell.
  func execute(_ item: AndOr) {
    let isLast = item.rest.isEmpty
    run(item.first, isTested: !isLast)
    for (number, (afterSuccess, pipeline)) in item.rest.enumerated() {
      if isLeaving || host.isInterrupted() { return }
      guard (status == 0) == afterSuccess else { continue }
      run(pipeline, isTested: number + 1 < item.rest.count)
    }
  }

  private func run(_ pipeline: Pipeline, isTested tests: Bool) {
    let outer = isTested
    isTested = outer || tests || pipeline.isNegated
    let result = perform(pipeline)
    if isLeaving {
      isTested = outer
      return
    }
    status = pipeline.isNegated ? (result == 0 ? 1 : 0) : result
    if stopsAtFailure && !isTested && status != 0 { isLeaving = true }
    isTested = outer
  }

  /// Expands, redirects and runs one pipeline; an error of the shell itself is status 2.
  private func perform(_ pipeline: Pipeline) -> Int32 {
    let line = origin.line
    origin.line = pipeline.line
    defer { origin.line = line }
    var words: [String] = []
    var streams = Streams(output: output, input: input)
    defer { streams.close() }
    if startingJob != nil { streams.detachInput() }
    do throws(SyntaxError) {
      for word in pipeline.words { words.append(try word.expanded(status: status)) }
      if let text = pipeline.host { try streams.pipe(to: text, self) }
      for redirection in pipeline.redirections {
        try streams.apply(redirection, host, status: status)
      }
    } catch {
      report(error.message)
      return 2
    }
    let result = words.isEmpty ? 0 : run(words: words, output: streams.output, input: streams.input)
    if let job = startingJob, !job.watches.isEmpty {
      let held = streams
      streams.release()
      job.close.append { held.closed() }
    }
    return streams.close() ?? result
  }

  /// Runs a command given as words, as exec(3) would: nothing is parsed again.
  ///
  /// Prefix commands such as setfib(1) call this in the context they changed. An error is
  /// reported here; the result is the exit status.
  @discardableResult package func run(
    words: [String], output: Output? = nil, input: Input? = nil
  ) -> Int32 {
    let output = output ?? self.output
    guard let name = words.first else { return 0 }
    guard let command = registry[name] else {
      report("\(name): not found", to: output)
      if self.output.isTerminal, let near = registry.nearest(to: name) {
        output.writeError("did you mean \(near)?\n")
      }
      return 127
    }
    willRun(command, words)
    let result = run(command, words: words, output: output, input: input ?? self.input)
    didRun(command, result)
    if result != 0, !isTested, self.output.isTerminal,
      let near = registry.suggestion(for: words, world)
    {
      output.writeError("did you mean \(near)?\n")
    }
    pollJobs()
    return result
  }

  private func run(
    _ command: Command<World>, words: [String], output: Output, input: Input
  ) -> Int32 {
    let outer = (self.output, self.input)
    (self.output, self.input) = (output, input)
    defer { (self.output, self.input) = outer }
    let invocation = Invocation(
      words: [command.name] + words.dropFirst(), output: output, input: input, interpreter: self)
    do throws(Fault) {
      try command.run(world, invocation)
      return 0
    } catch {
      guard case .worded(let text) = error.text else {
        preconditionFailure("Command.run words each fault")
      }
      output.writeError((command.isBuiltin && !text.isEmpty ? place : "") + text)
      return error.status ?? 1
    }
  }

  /// Runs a command given as words and keeps what it writes; nothing is shown.
  package func capture(words: [String]) -> (status: Int32, transcript: Transcript) {
    let transcript = Transcript()
    let status = run(words: words, output: transcript.output())
    return (status, transcript)
  }

  /// Runs a script file inside the running one; `.` of sh(1).
  package func source(_ path: String) throws(Fault) {
    guard depth < 64 else { throw .failed("\(path): too many levels of source", status: 2) }
    let text: String
    do throws(HostError) {
      text = String(decoding: try host.read(path), as: UTF8.self)
    } catch {
      throw .failed("cannot open \(path): \(error.message)", status: 2)
    }
    depth += 1
    defer { depth -= 1 }
    let status = run(text: text, file: path)
    if status != 0 { throw .silent(status) }
  }
}
