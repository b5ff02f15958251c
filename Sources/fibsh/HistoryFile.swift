// SPDX-License-Identifier: BSD-2-Clause

import Glibc
import Shell

/// The file that keeps the lines entered; a line is in it as soon as it was entered, so that a
/// crash or a second shell loses none.
struct HistoryFile {
  /// How many lines are kept.
  static let limit = 1000

  private let path: String?

  /// The user's file: `$FIBSH_HISTFILE`, or `~/.fibsh_history`. If the variable is empty, or there is
  /// no home, nothing is kept.
  init() {
    let chosen = unsafe getenv("FIBSH_HISTFILE").map { unsafe String(cString: $0) }
    let home = unsafe getenv("HOME").map { unsafe String(cString: $0) + "/.fibsh_history" }
    path = chosen.map { $0.isEmpty ? nil : $0 } ?? home
  }

  /// The last lines, oldest first; a file that grew far too long is cut.
  func load() -> [String] {
    guard let path, let bytes = try? HostFiles.read(path) else { return [] }
    var lines = bytes.split(separator: UInt8(ascii: "\n"))
      .map { String(decoding: $0, as: UTF8.self) }
    if lines.first == HistoryEntry.cookie { lines.removeFirst() }
    let kept = lines.suffix(Self.limit)
    if lines.count > 2 * Self.limit { replace(path, kept) }
    return kept.map(HistoryEntry.decoded)
  }

  /// Adds a line at the end.
  func append(_ line: String) {
    guard let path else { return }
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard file >= 0 else { return }
    defer { close(file) }
    let isNew = lseek(file, 0, SEEK_END) == 0
    let text = (isNew ? HistoryEntry.cookie + "\n" : "") + HistoryEntry.encoded(line) + "\n"
    _ = writeAll(Array(text.utf8), to: file)
  }

  private func replace(_ path: String, _ entries: ArraySlice<String>) {
    let text = ([HistoryEntry.cookie] + entries).map { $0 + "\n" }.joined()
    let file = unsafe open(path + ".new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { return }
    let error = writeAll(Array(text.utf8), to: file)
    close(file)
    if error == nil { unsafe _ = rename(path + ".new", path) }
  }
}
