// SPDX-License-Identifier: BSD-2-Clause

/// The streams of one command while its redirections are opened.
struct Streams {
  /// Where a descriptor goes.
  enum Target {
    case stream(Output, Output.Stream)
    case sink(Sink)
    case input(Input)
    case closed
  }

  /// What the descriptors 0, 1, 2 and others are; one that is not here is not open.
  private(set) var targets: [Int: Target]
  private let outer: Output
  private let outerInput: Input
  private var files: [Sink] = []
  private var isChanged = false

  /// Begins with the streams a shell has.
  init(output: Output, input: Input, descriptors: [Int: Target]) {
    outer = output
    outerInput = input
    targets = descriptors
    targets[0] = .input(input)
    targets[1] = .stream(output, .out)
    targets[2] = .stream(output, .error)
  }

  /// The descriptors from 3 on.
  var descriptors: [Int: Target] { targets.filter { $0.key > 2 } }

  /// The stdin to run the command with.
  var input: Input { if case .input(let input)? = targets[0] { input } else { .empty } }

  /// The output to run the command with.
  var output: Output {
    guard isChanged else { return outer }
    let (outer, out, error) = (outer, targets[1] ?? .closed, targets[2] ?? .closed)
    var columns: Int?
    if case .stream(let output, .out) = out, output === outer { columns = outer.columns }
    return Output(columns: columns, progress: outer.progress) { stream, text in
      switch stream == .out ? out : error {
      case .stream(let output, let stream):
        output.write(text, to: stream)
        return !output.isClosed
      case .sink(let sink): return sink.write(Array(text.utf8))
      case .input, .closed: return true
      }
    } bytes: { stream, bytes in
      switch stream == .out ? out : error {
      case .stream(let output, let stream):
        output.write(bytes: bytes, to: stream)
        return !output.isClosed
      case .sink(let sink): return sink.write(bytes)
      case .input, .closed: return true
      }
    }
  }

  /// Opens one redirection; a file that does not open is an error in sh(1)'s words.
  mutating func apply<World>(
    _ redirection: Redirection, _ shell: Interpreter<World>
  ) throws(ShellError) {
    isChanged = true
    let number = redirection.descriptor
    switch redirection.action {
    case .read(let word): targets[number] = .input(try open(try shell.text(of: word), shell.host))
    case .readWrite(let word):
      let path = try shell.text(of: word)
      if let bytes = try? shell.host.read(path) {
        targets[number] = .input(Input(bytes: bytes))
      } else {
        try create(path, isAppending: true, number, shell.host)
        targets[number] = .input(.empty)
      }
    case .write(let word, let isAppending):
      try create(try shell.text(of: word), isAppending: isAppending, number, shell.host)
    case .here(let document):
      switch document.body {
      case .success(let word):
        targets[number] = .input(Input(bytes: Array(try shell.text(of: word).utf8)))
      case .failure(let error): throw ShellError("Syntax error: \(error.message)")
      }
    case .join(let word):
      let text = try shell.text(of: word)
      if text == "-" {
        targets[number] = .closed
        return
      }
      guard text.utf8.count == 1, let other = Int(text) else {
        throw ShellError("Syntax error: Bad fd number")
      }
      switch targets[other] {
      case nil, .closed?: throw ShellError("\(other): Bad file descriptor")
      case let target?: targets[number] = target
      }
    }
  }

  private func open(_ path: String, _ host: Host) throws(ShellError) -> Input {
    do throws(HostError) {
      return Input(bytes: try host.read(path))
    } catch {
      throw ShellError("cannot open \(path): \(error.message)")
    }
  }

  private mutating func create(
    _ path: String, isAppending: Bool, _ number: Int, _ host: Host
  ) throws(ShellError) {
    do throws(HostError) {
      let file = try host.create(path, isAppending)
      files.append(file)
      targets[number] = .sink(file)
    } catch {
      throw ShellError("cannot create \(path): \(error.message)")
    }
  }

  /// Closes the files.
  func close() {
    for file in files { _ = file.close() }
  }
}
