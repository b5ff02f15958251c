// SPDX-License-Identifier: BSD-2-Clause

extension Interpreter {
  /// Runs one simple command: expands its words, then opens its streams, then does what they say.
  func run(_ command: SimpleCommand) {
    origin.line = command.line
    let words: [String]
    var assignments: [(name: String, value: String)] = []
    substitutedStatus = nil
    do throws(ShellError) {
      if let plain = command.plain { words = plain } else { words = try fields(of: command.words) }
      for (name, word) in command.assignments {
        assignments.append((name, try text(of: word)))
      }
    } catch {
      return fail(error)
    }
    if state.options.tracesCommands { trace(assignments, words) }
    if command.redirections.isEmpty {
      perform(words, assignments)
    } else {
      redirect(command, words, assignments)
    }
    leaveAfterFailure()
  }

  private func redirect(
    _ command: SimpleCommand, _ words: [String], _ assignments: [(name: String, value: String)]
  ) {
    var streams = Streams(output: output, input: input, descriptors: state.descriptors)
    let before = lastProcess
    do throws(ShellError) {
      for redirection in command.redirections { try streams.apply(redirection, self) }
    } catch {
      streams.close()
      if let name = words.first, isSpecial(name) { return fail(error) }
      report(error.message)
      status = 2
      return
    }
    if words == ["exec"] {
      // Without a command the streams are the shell's from now on.
      (output, input, state.descriptors) = (streams.output, streams.input, streams.descriptors)
      openStreams.append(streams)
      status = 0
      return
    }
    with(streams) { perform(words, assignments) }
    close(streams, usedSince: before)
  }

  /// Runs expanded words: a function, or a command of the registry; special builtins come first.
  private func perform(_ words: [String], _ assignments: [(name: String, value: String)]) {
    let isSpecial = words.first.map(isSpecial) ?? true
    let outer = assignments.map { (name: $0.name, variable: state.variables[$0.name]) }
    do throws(ShellError) {
      for (name, value) in assignments {
        try setVariable(name, value)
        if !isSpecial { state.variables[name]?.isExported = true }
      }
    } catch {
      return fail(error)
    }
    guard let name = words.first else {
      status = substitutedStatus ?? 0
      return
    }
    if !isSpecial, !state.functions.isEmpty, let function = state.functions[name] {
      call(function, words)
    } else {
      let result = run(words: words)
      if !isLeaving { status = result }
    }
    if !isSpecial {
      for (name, variable) in outer.reversed() { state.variables[name] = variable }
    }
  }

  private func isSpecial(_ name: String) -> Bool { specialBuiltins.contains(name) }

  private func call(_ function: Function, _ words: [String]) {
    guard level < Self.deepest else { return fail(ShellError("commands are nested too deeply")) }
    level += 1
    defer { level -= 1 }
    let outer = (state.parameters, origin)
    state.parameters = Array(words.dropFirst())
    state.locals.append([:])
    origin.file = function.file
    run(function.body)
    if jump == .returning { jump = nil }
    for (name, variable) in state.locals.popLast() ?? [:] { state.variables[name] = variable }
    (state.parameters, origin) = outer
  }

  /// `set -x`.
  private func trace(_ assignments: [(name: String, value: String)], _ words: [String]) {
    let texts =
      assignments.map { "\($0.name)=\(shellQuoted($0.value))" }
      + words.enumerated().map { number, word in
        number == 0 && word.contains("=") && !word.contains("'") ? "'\(word)'" : shellQuoted(word)
      }
    output.writeError((variable("PS4") ?? "") + texts.joined(separator: " ") + "\n")
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
      if allowsHostPrograms && !isInteractive {
        return runOnHost(words, output, input ?? self.input)
      }
      report("\(name): not found", to: output)
      if self.output.isTerminal, let near = registry.nearest(to: name) {
        output.writeError("did you mean \(near)?\n")
      }
      return 127
    }
    guard level < Self.deepest else {
      report("commands are nested too deeply", to: output)
      return 2
    }
    level += 1
    defer { level -= 1 }
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
    let streams = openStreams.count
    // What `exec` opened inside stays.
    defer { if openStreams.count == streams { (self.output, self.input) = outer } }
    let isNamed = words.first == command.name
    let invocation = Invocation(
      words: isNamed ? words : [command.name] + words.dropFirst(), output: output, input: input,
      interpreter: self)
    do throws(Fault) {
      try command.run(world, invocation)
      return 0
    } catch {
      guard case .worded(let text) = error.text else {
        preconditionFailure("Command.run words each fault")
      }
      output.writeError((command.isBuiltin && !text.isEmpty ? place : "") + text)
      let status = error.status ?? 1
      if !text.isEmpty && isSpecial(command.name) { fail(ShellError("")) }
      return status
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
    status = 0
    run(text: text, file: path)
    depth -= 1
    if jump == .returning { jump = nil }
    if status != 0 { throw .silent(status) }
  }

  /// Runs a text as part of the line that runs: `eval`, and the actions of traps.
  func evaluate(_ text: String) {
    guard depth < 64 else { return fail(ShellError("commands are nested too deeply")) }
    depth += 1
    run(text: text, origin: origin)
    depth -= 1
  }

  /// Runs the action of a trap; it does not change the status.
  func run(trap action: String) {
    let outer = status
    evaluate(action)
    if !isLeaving { status = outer }
  }

  /// Runs the action for the end of the shell, once.
  func runExitTrap() {
    guard let action = state.traps.removeValue(forKey: 0), !action.isEmpty else { return }
    let outer = status
    (isLeaving, jump) = (false, nil)
    evaluate(action)
    if !isLeaving { status = outer }
    isLeaving = true
  }
}

/// A word as sh(1) reads it back: quoted only where it must be.
func shellQuoted(_ word: String) -> String {
  if word.isEmpty { return "''" }
  if word == "[" || !word.contains(where: { "|&;<>()$`\\\"' \t\n*?[~#".contains($0) }) {
    return word
  }
  var result = ""
  var isOpen = false
  for character in word {
    if character == "'" {
      result += isOpen ? "'\\'" : "\\'"
      isOpen = false
    } else {
      if !isOpen { result += "'" }
      isOpen = true
      result.append(character)
    }
  }
  return result + (isOpen ? "'" : "")
}
