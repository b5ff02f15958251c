// SPDX-License-Identifier: BSD-2-Clause

import Glibc
import Shell

/// Host programs as the shell may use them.
enum HostProgram {
  /// Starts the host's sh(1); the sink is its stdin, and closing the sink waits for it.
  static func spawn(_ script: HostScript) throws(HostError) -> Sink {
    let (reading, writing) = try makePipe()
    defer { close(reading) }
    let child: pid_t
    do throws(HostError) {
      child = try start(words(of: script), [(reading, STDIN_FILENO)], script.variables)
    } catch {
      close(writing)
      throw error
    }
    return Sink {
      writeAll($0, to: writing) == nil
    } close: {
      close(writing)
      return switch wait(for: child) {
      case .exited(let status): status
      case .killed(let signal): 128 + signal
      }
    }
  }

  /// Runs the host's sh(1) over bytes and takes what it writes.
  static func capture(_ script: HostScript, _ input: [UInt8]) throws(HostError) -> Filtered {
    // Files and not pipes: nobody has to read and write at once.
    try withTemporaryFile { file throws(HostError) in
      if let error = writeAll(input, to: file) { throw HostError(message(error)) }
      lseek(file, 0, SEEK_SET)
      let words = words(of: script)
      guard script.takesErrors else { return try filter(words, file, nil, script.variables) }
      return try withTemporaryFile { errors throws(HostError) in
        try filter(words, file, errors, script.variables)
      }
    }
  }

  /// Lends a file that nobody else sees, and no child inherits.
  private static func withTemporaryFile(
    _ body: (Int32) throws(HostError) -> Filtered
  ) throws(HostError) -> Filtered {
    guard let stream = unsafe tmpfile() else { throw HostError(message(errno)) }
    defer { unsafe _ = fclose(stream) }
    let file = unsafe fileno(stream)
    _ = fcntl(file, F_SETFD, FD_CLOEXEC)
    return try body(file)
  }

  /// Runs a program over a file and takes what it writes.
  static func filter(_ words: [String], _ path: String) throws(HostError) -> Filtered {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw HostError(message(errno)) }
    defer { close(file) }
    return try filter(words, file, nil, [])
  }

  private static func words(of script: HostScript) -> [String] {
    ["/bin/sh", "-c", script.text, script.name] + script.parameters
  }

  /// Runs a program over an open file.
  ///
  /// - Parameter errors: The file for its stderr, or nil for the shell's own.
  private static func filter(
    _ words: [String], _ file: Int32, _ errors: Int32?,
    _ variables: [(name: String, value: String)]
  ) throws(HostError) -> Filtered {
    let (reading, writing) = try makePipe()
    defer { close(reading) }
    var descriptors = [(file, STDIN_FILENO), (writing, STDOUT_FILENO)]
    if let errors { descriptors.append((errors, STDERR_FILENO)) }
    let child: pid_t
    do throws(HostError) {
      child = try start(words, descriptors, variables)
    } catch {
      close(writing)
      throw error
    }
    close(writing)
    do throws(HostError) {
      let output = try HostFiles.readAll(reading)
      let end = wait(for: child)
      guard let errors else { return Filtered(output: output, end: end) }
      lseek(errors, 0, SEEK_SET)
      return Filtered(output: output, errors: try HostFiles.readAll(errors), end: end)
    } catch {
      kill(child, SIGTERM)
      _ = wait(for: child)
      throw error
    }
  }

  /// A pipe whose ends no child inherits: one that kept the writing end would never see the end of its
  /// input.
  private static func makePipe() throws(HostError) -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [0, 0]
    guard unsafe pipe(&ends) == 0 else { throw HostError(message(errno)) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private static func start(
    _ words: [String], _ descriptors: [(from: Int32, to: Int32)],
    _ variables: [(name: String, value: String)]
  ) throws(HostError) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe _ = posix_spawn_file_actions_destroy(&actions) }
    for (from, to) in descriptors { unsafe posix_spawn_file_actions_adddup2(&actions, from, to) }
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe _ = posix_spawnattr_destroy(&attributes) }
    // The shell ignores SIGPIPE; a child would inherit that.
    var defaults = sigset_t()
    unsafe sigemptyset(&defaults)
    unsafe sigaddset(&defaults, SIGPIPE)
    unsafe posix_spawnattr_setsigdefault(&attributes, &defaults)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    var arguments = unsafe words.map { (word: String) in unsafe strdup(word) } + [nil]
    defer { while let word = unsafe arguments.popLast() { unsafe free(word) } }
    let environment = environment(with: variables)
    var entries = unsafe environment.map { (entry: String) in unsafe strdup(entry) } + [nil]
    defer { while let entry = unsafe entries.popLast() { unsafe free(entry) } }
    var child: pid_t = 0
    let error = unsafe posix_spawnp(
      &child, words[0], &actions, &attributes, &arguments, &entries)
    guard error == 0 else { throw HostError(message(error)) }
    return child
  }

  /// The process's own variables as `NAME=value`, with others over them.
  private static func environment(with variables: [(name: String, value: String)]) -> [String] {
    let names = Set(variables.map(\.name))
    return ownVariables.filter { !names.contains($0.name) }.map { "\($0.name)=\($0.value)" }
      + variables.map { "\($0.name)=\($0.value)" }
  }

  /// The variables that the process was started with.
  static var ownVariables: [(name: String, value: String)] {
    var variables: [(name: String, value: String)] = []
    var next = unsafe environ
    while let entry = unsafe next.pointee {
      let text = unsafe String(cString: entry)
      if let equals = text.firstIndex(of: "=") {
        variables.append((String(text[..<equals]), String(text[text.index(after: equals)...])))
      }
      unsafe next += 1
    }
    return variables
  }

  private static func wait(for child: pid_t) -> Filtered.End {
    var status: Int32 = 0
    while unsafe waitpid(child, &status, 0) < 0 {
      if errno != EINTR { return .exited(status: 127) }
    }
    let signal = status & 0x7f
    return signal == 0 ? .exited(status: status >> 8 & 0xff) : .killed(signal: signal)
  }
}
