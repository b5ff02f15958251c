// SPDX-License-Identifier: BSD-2-Clause

/// Where a command's text goes: a terminal, a file, a host program or a test's memory.
///
/// Both streams pass through one closure in the order of the calls, which is the order a terminal
/// shows; BSD's block buffering of a redirected stdout is not imitated.
package final class Output {
  /// Which of the two streams a piece of text belongs to.
  package enum Stream: Sendable { case out, error }

  /// The width of the terminal behind stdout, or nil where stdout is not a terminal.
  package let columns: Int?

  /// Shows how far a long command has come; nil where nobody watches a terminal.
  package let progress: ((String) -> Void)?

  /// Whether the reader of stdout has gone (EPIPE), so that a long command may stop.
  package private(set) var isClosed = false

  /// How many pieces of text were written to either stream.
  package private(set) var pieces = 0

  private let emit: (Stream, String) -> Bool
  private let emitBytes: ((Stream, [UInt8]) -> Bool)?

  /// Makes a sink from a closure that takes each piece, and returns false once nobody reads.
  ///
  /// - Parameter bytes: Takes what is no text, where the sink can; without it what is no text becomes
  ///   some.
  package init(
    columns: Int? = nil, progress: ((String) -> Void)? = nil,
    emit: @escaping (Stream, String) -> Bool, bytes: ((Stream, [UInt8]) -> Bool)? = nil
  ) {
    self.columns = columns
    self.progress = progress
    self.emit = emit
    emitBytes = bytes
  }

  /// Whether stdout is a terminal.
  package var isTerminal: Bool { columns != nil }

  /// Writes text to a stream as it is.
  package func write(_ text: String, to stream: Stream) {
    guard !text.isEmpty else { return }
    pieces &+= 1
    if !emit(stream, text) && stream == .out { isClosed = true }
  }

  /// Writes bytes that may be no text.
  package func write(bytes: [UInt8], to stream: Stream = .out) {
    guard let emitBytes else { return write(String(decoding: bytes, as: UTF8.self), to: stream) }
    guard !bytes.isEmpty else { return }
    pieces &+= 1
    if !emitBytes(stream, bytes) && stream == .out { isClosed = true }
  }

  /// Writes text to stdout as it is.
  package func write(_ text: String) { write(text, to: .out) }

  /// Writes text to stderr as it is.
  package func writeError(_ text: String) { write(text, to: .error) }

  /// Writes text and a newline to stdout.
  package func line(_ text: String = "") { write(text + "\n", to: .out) }
}

/// An output kept in memory: each stream alone, and both as a terminal would show them.
package final class Transcript {
  /// What was written to both, in order.
  package private(set) var all = ""
  /// What was written to stdout.
  package private(set) var out = ""
  /// What was written to stderr.
  package private(set) var error = ""

  /// Makes an empty transcript.
  package init() {}

  /// Makes the output that fills this transcript.
  package func output(columns: Int? = nil) -> Output {
    Output(columns: columns) { stream, text in
      self.all += text
      switch stream {
      case .out: self.out += text
      case .error: self.error += text
      }
      return true
    }
  }
}
