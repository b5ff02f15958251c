// SPDX-License-Identifier: BSD-2-Clause

/// What the shell may ask of the machine it runs on; the executable fills it, tests give their own.
package struct Host {
  /// Reads a whole file, as `<FILE` and `source` need it.
  package var read: (_ path: String) throws(HostError) -> [UInt8] = { _ throws(HostError) in
    throw .refused
  }

  /// Opens a file that is read piece by piece; where it is not set, `read` serves.
  package var open: ((_ path: String) throws(HostError) -> FileReader)?

  /// A file to read piece by piece.
  package func reader(_ path: String) throws(HostError) -> FileReader {
    if let open { return try open(path) }
    return FileReader(bytes: try read(path))
  }

  /// Makes or extends a file, as `>FILE` and `>>FILE` need it.
  package var create: (_ path: String, _ appending: Bool) throws(HostError) -> Sink = {
    _, _ throws(HostError) in throw .refused
  }

  /// Starts the host's sh(1); its stdin is the sink, its status the sink's.
  package var spawn: (_ script: HostScript) throws(HostError) -> Sink = { _ throws(HostError) in
    throw .refused
  }

  /// Runs the host's sh(1) over some bytes; waits for its end.
  package var capture: (_ script: HostScript, _ input: [UInt8]) throws(HostError) -> Filtered = {
    _, _ throws(HostError) in throw .refused
  }

  /// What a path names; nil if nothing is there.
  package var file: (_ path: String) -> HostFile? = { _ in nil }

  /// The working directory.
  package var directory: () -> String = { "/" }

  /// Changes the working directory and returns its full path.
  package var changeDirectory: (_ path: String) throws(HostError) -> String = {
    _ throws(HostError) in throw .refused
  }

  /// A host that refuses everything but what a terminal needs.
  package var sandboxed: Host {
    var host = Host()
    host.history = history
    host.edit = edit
    host.isInterrupted = isInterrupted
    host.clearInterrupt = clearInterrupt
    host.pause = pause
    return host
  }

  /// Runs a host program, its first word found as execvp(3) does, over a file as its stdin; waits for
  /// its end.
  package var filter: (_ words: [String], _ path: String) throws(HostError) -> Filtered = {
    _, _ throws(HostError) in throw .refused
  }

  /// The names in a directory, directories with a slash behind, for completion.
  package var list: (_ directory: String) -> [String] = { _ in [] }

  /// The command that shows long texts at a terminal, such as `less -s`; nil where there is none.
  package var pager: String?

  /// Passes words to the line editor, as the lines of ~/.editrc; returns an exit status, or nil where
  /// there is no editor.
  package var edit: (_ words: [String]) -> Int32? = { _ in nil }

  /// The lines entered so far, oldest first.
  package var history: () -> [String] = { [] }

  /// Whether ^C was typed since `clearInterrupt`; long commands poll it.
  package var isInterrupted: () -> Bool = { false }

  /// Forgets a ^C.
  package var clearInterrupt: () -> Void = {}

  /// Lets real time pass at a terminal, until then or ^C; in a batch it does nothing.
  package var pause: (_ nanoseconds: UInt64) -> Void = { _ in }

  /// Makes a host that refuses everything, a sandbox; set what shall work.
  package init() {}
}

/// Why the host refused; the text is strerror(3)'s in FreeBSD's words.
package struct HostError: Error, Equatable, Sendable {
  /// The words, such as `No such file or directory`.
  package let message: String

  /// Makes an error from its words.
  package init(_ message: String) { self.message = message }

  /// What a sandbox says.
  package static let refused = HostError("Operation not permitted")
}

/// What a host program wrote, and how it ended.
package struct Filtered {
  /// How a program ends.
  package enum End: Equatable, Sendable { case exited(status: Int32), killed(signal: Int32) }

  /// What it wrote to its stdout.
  package let output: [UInt8]
  /// What it wrote to its stderr, where somebody asked for it.
  package let errors: [UInt8]
  /// How it ended.
  package let end: End

  /// Makes an answer from its halves.
  package init(output: [UInt8], errors: [UInt8] = [], end: End) {
    self.output = output
    self.errors = errors
    self.end = end
  }
}

/// A line for the host's sh(1), and what it knows of the shell.
package struct HostScript: Sendable {
  /// The text.
  package let text: String
  /// `$0`.
  package let name: String
  /// `$1` and those behind.
  package let parameters: [String]
  /// The variables, all of which the script may use.
  package let variables: [(name: String, value: String)]
  /// Whether its stderr is kept, too, and not the shell's own.
  package var takesErrors = false
}

/// What test(1) asks about a file of the host.
package struct HostFile: Sendable {
  /// What kinds of files there are.
  package enum Kind: Sendable { case regular, directory, pipe, socket, block, character }

  /// What it is, or what the link there leads to.
  package let kind: Kind
  /// Whether it is a link.
  package let isLink: Bool
  /// Bytes.
  package let size: Int
  package let isReadable: Bool
  package let isWritable: Bool
  package let isExecutable: Bool

  /// Makes an answer.
  package init(
    kind: Kind, isLink: Bool = false, size: Int = 0, isReadable: Bool = false,
    isWritable: Bool = false, isExecutable: Bool = false
  ) {
    self.kind = kind
    self.isLink = isLink
    self.size = size
    self.isReadable = isReadable
    self.isWritable = isWritable
    self.isExecutable = isExecutable
  }
}

/// An open file or host program that takes bytes.
package struct Sink {
  /// Takes bytes; false means that nobody reads them any more.
  package let write: ([UInt8]) -> Bool

  /// Ends it and returns the exit status; 0 for a file.
  package let close: () -> Int32

  /// Makes a sink from its two halves.
  package init(write: @escaping ([UInt8]) -> Bool, close: @escaping () -> Int32) {
    self.write = write
    self.close = close
  }
}

/// What a command reads as its stdin.
package final class Input {
  /// Gives the next line where the bytes are not in memory.
  private let source: (() -> [UInt8]?)?
  /// What is left of the bytes in memory.
  private var rest: ArraySlice<UInt8>

  /// Makes an input from a closure that returns a line without its newline, or nil at the end.
  package init(lines next: @escaping () -> [UInt8]?) { (source, rest) = (next, []) }

  /// Makes an input from bytes in memory.
  package init(bytes: [UInt8]) { (source, rest) = (nil, bytes[...]) }

  private func next() -> [UInt8]? {
    if let source { return source() }
    guard !rest.isEmpty else { return nil }
    let line = Array(rest.prefix { $0 != UInt8(ascii: "\n") })
    rest = rest.dropFirst(line.count + 1)
    return line
  }

  /// An input that is at its end, as /dev/null.
  package static var empty: Input { Input(bytes: []) }

  /// All that is left; a line that is not in memory gets its newline.
  func readAll() -> [UInt8] {
    guard source != nil else {
      defer { rest = [] }
      return Array(rest)
    }
    var bytes: [UInt8] = []
    while let line = next() { bytes += line + [UInt8(ascii: "\n")] }
    return bytes
  }

  /// The bytes of the next line without its newline, or nil at the end.
  func readBytes() -> [UInt8]? { next() }

  /// The next line as text.
  package func readLine() -> String? {
    next().map { String(decoding: $0, as: UTF8.self) }
  }
}
