// SPDX-License-Identifier: BSD-2-Clause

import Glibc
import Shell
import Synchronization

/// The process's own streams.
///
/// Text for stdout is gathered and written before anything goes to stderr, before a host program
/// starts, and at the end of each line where a terminal shows it.
final class Terminal {
  /// Whether stdout took less than it was given for another reason than a reader that left.
  private(set) var hasFailed = false
  /// The lines entered, for `history`.
  var entered: () -> [String] = { [] }
  /// Passes words to the line editor, for `bind`.
  var edit: ([String]) -> Int32? = { _ in nil }

  private var pending: [UInt8] = []
  private var isOpen = true
  private var showsProgress = false
  private var lastProgress = timespec()
  private let isTerminal = isatty(STDOUT_FILENO) == 1

  /// The width of the terminal behind stdout, or nil.
  private var columns: Int? {
    guard isTerminal else { return nil }
    var size = winsize()
    let isKnown = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return isKnown ? Int(size.ws_col) : 80
  }

  /// How much fits on the terminal behind stderr, where the prompt is.
  var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return (80, 24)
    }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Whether the terminal moves its cursor, as all but those of type dumb do.
  var isCapable: Bool {
    let type = unsafe getenv("TERM").map { unsafe String(cString: $0) } ?? "dumb"
    return type != "dumb"
  }

  /// What shows long texts: the user's choice, or less(1) without runs of empty lines.
  private var pager: String? {
    guard isTerminal else { return nil }
    let usual = isCapable ? "less -s" : ""
    let chosen = unsafe getenv("PAGER").map { unsafe String(cString: $0) } ?? usual
    return chosen.isEmpty ? nil : chosen
  }

  /// The sink for everything commands write.
  var output: Output {
    let watches = isTerminal && isatty(STDERR_FILENO) == 1
    return Output(columns: columns, progress: watches ? showProgress : nil) { stream, text in
      self.write(text.utf8, to: stream)
    } bytes: { stream, bytes in
      self.write(bytes, to: stream)
    }
  }

  /// What the shell may ask of this machine.
  var host: Host {
    var host = Host()
    host.read = HostFiles.read
    host.open = HostFiles.reader
    host.create = HostFiles.create
    host.list = HostFiles.list
    host.spawn = { script throws(HostError) in
      self.flush()
      return try HostProgram.spawn(script)
    }
    host.pager = pager
    host.edit = { self.edit($0) }
    host.capture = { script, input throws(HostError) in
      self.flush()
      return try HostProgram.capture(script, input)
    }
    host.file = HostFiles.file
    host.directory = HostFiles.directory
    host.changeDirectory = HostFiles.changeDirectory
    host.filter = { words, path throws(HostError) in
      self.flush()
      return try HostProgram.filter(words, path)
    }
    host.history = { self.entered() }
    host.isInterrupted = { Signals.isInterrupted }
    host.clearInterrupt = { Signals.interrupt.store(false, ordering: .relaxed) }
    return host
  }

  /// Prepares for a prompt: everything is shown, and the time of the next command begins.
  func rest() {
    flush()
    clearProgress()
    lastProgress = now
  }

  private var now: timespec {
    var now = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    return now
  }

  /// Writes what was gathered for stdout.
  func flush() {
    guard !pending.isEmpty else { return }
    if isOpen, let error = writeAll(pending, to: STDOUT_FILENO) {
      isOpen = false
      if error != EPIPE {
        hasFailed = true
        _ = writeAll(Array("fibsh: stdout: \(message(error))\n".utf8), to: STDERR_FILENO)
      }
    }
    pending.removeAll(keepingCapacity: true)
  }

  private func write(_ bytes: some Sequence<UInt8>, to stream: Output.Stream) -> Bool {
    clearProgress()
    switch stream {
    case .out:
      pending += bytes
      if pending.count > 1 << 14 || isTerminal { flush() }
      return isOpen
    case .error:
      flush()
      _ = writeAll(Array(bytes), to: STDERR_FILENO)
      return true
    }
  }

  /// Shows one line that the next one or the next output replaces, ten times a second at most.
  private func showProgress(_ text: String) {
    let now = now
    let passed =
      (now.tv_sec - lastProgress.tv_sec) * 1000 + (now.tv_nsec - lastProgress.tv_nsec) / 1_000_000
    guard passed >= 100 else { return }
    lastProgress = now
    flush()
    showsProgress = true
    let width = max(1, (columns ?? 80) - 1)
    _ = writeAll(Array("\r\(text.truncated(to: width))\u{1b}[K".utf8), to: STDERR_FILENO)
  }

  private func clearProgress() {
    guard showsProgress else { return }
    showsProgress = false
    _ = writeAll(Array("\r\u{1b}[K".utf8), to: STDERR_FILENO)
  }
}

/// Writes bytes to a descriptor; returns the errno that stopped it.
func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    if count > 0 {
      rest = rest.dropFirst(count)
    } else if errno != EINTR {
      return errno
    }
  }
  return nil
}

/// Reads a descriptor line by line with read(2); stdio and libedit would drop or change bytes.
final class LineReader {
  private let descriptor: Int32
  private var buffer: ArraySlice<UInt8> = []
  private var isAtEnd = false

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// The next line without its end, or nil at the end of the input or after ^C.
  func next() -> [UInt8]? {
    var line: [UInt8] = []
    while true {
      if let newline = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        line += buffer[..<newline]
        buffer = buffer[(newline + 1)...]
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return line
      }
      line += buffer
      buffer = []
      guard fill() else { return line.isEmpty ? nil : line }
    }
  }

  private func fill() -> Bool {
    while !isAtEnd {
      var chunk = [UInt8](repeating: 0, count: 1 << 14)
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe read(descriptor, $0.baseAddress, $0.count)
      }
      if count > 0 {
        buffer = chunk[..<count]
        return true
      }
      if count < 0 && errno == EINTR && !Signals.isInterrupted { continue }
      if count < 0 && errno == EINTR { return false }
      // ^D ends what reads now; the next may read on.
      if count == 0 && isatty(descriptor) != 0 { return false }
      isAtEnd = true
    }
    return false
  }
}
