// SPDX-License-Identifier: BSD-2-Clause

/// The streams of one command while its redirections are opened.
struct Streams {
  private(set) var input: Input
  private let outer: Output
  private var out: Target
  private var error: Target
  private var files: [Sink] = []
  private var program: Sink?

  /// Where one of the two output streams goes.
  private enum Target {
    case stream(Output.Stream)
    case sink(Sink)
  }

  /// Begins with the streams the shell has.
  init(output: Output, input: Input) {
    self.input = input
    outer = output
    out = .stream(.out)
    error = .stream(.error)
  }

  /// The output to run the command with.
  var output: Output {
    if case .stream(.out) = out, case .stream(.error) = error { return outer }
    let (outer, out, error) = (outer, out, error)
    var columns: Int?
    if case .stream(.out) = out { columns = outer.columns }
    return Output(columns: columns, progress: outer.progress) { stream, text in
      switch stream == .out ? out : error {
      case .stream(let stream):
        outer.write(text, to: stream)
        return !outer.isClosed
      case .sink(let sink):
        return sink.write(Array(text.utf8))
      }
    }
  }

  /// Sends stdout to a host program, before any redirection, as sh(1) does.
  mutating func pipe<World>(
    to text: String, _ shell: Interpreter<World>
  ) throws(SyntaxError) {
    guard shell.allowsHostPrograms else {
      throw SyntaxError("| \(text): host programs need --exec")
    }
    do throws(HostError) {
      let sink = try shell.host.spawn(text)
      program = sink
      out = .sink(sink)
    } catch {
      throw SyntaxError("cannot run /bin/sh: \(error.message)")
    }
  }

  /// Opens one redirection; a file that does not open is an error in sh(1)'s words.
  mutating func apply(
    _ redirection: Redirection, _ host: Host, status: Int32
  ) throws(SyntaxError) {
    switch redirection.action {
    case .read(let word):
      let path = try word.expanded(status: status)
      do throws(HostError) {
        input = Input(bytes: try host.read(path))
      } catch {
        throw SyntaxError("cannot open \(path): \(error.message)")
      }
    case .write(let word, let isAppending):
      let path = try word.expanded(status: status)
      do throws(HostError) {
        let file = try host.create(path, isAppending)
        files.append(file)
        set(redirection.descriptor, .sink(file))
      } catch {
        throw SyntaxError("cannot create \(path): \(error.message)")
      }
    case .join(let other): set(redirection.descriptor, other == 1 ? out : error)
    }
  }

  private mutating func set(_ descriptor: Int, _ target: Target) {
    if descriptor == 1 { out = target } else { error = target }
  }

  /// Gives a command in the background an empty stdin, as sh(1) without job control does.
  mutating func detachInput() { input = .empty }

  /// Leaves the closing to a copy.
  mutating func release() { (files, program) = ([], nil) }

  /// Closes files and the program as a job ends.
  func closed() {
    var copy = self
    copy.close()
  }

  /// Closes files and waits for the host program; its status if there is one. May be called twice.
  @discardableResult mutating func close() -> Int32? {
    for file in files { _ = file.close() }
    files = []
    defer { program = nil }
    return program?.close()
  }
}
