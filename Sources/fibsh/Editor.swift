// SPDX-License-Identifier: BSD-2-Clause

import CEditline
import Glibc
import Shell
import Synchronization
import Userland

/// libedit at a terminal: prompt, keys of ~/.editrc, history and completion.
@safe final class Editor {
  private let shell: Interpreter<Session>
  private let terminal: Terminal
  private let stdin: LineReader
  private let file = HistoryFile()
  private var lines: [String]
  private let edit: OpaquePointer?
  private let history: OpaquePointer?
  /// What libedit's prompt callback returns; it must stay until the next one is set.
  fileprivate var prompt = unsafe strdup("")

  /// Opens the terminal; the prompt goes to stderr, so that stdout may be redirected.
  init(_ shell: Interpreter<Session>, _ terminal: Terminal, _ stdin: LineReader) {
    self.shell = shell
    self.stdin = stdin
    self.terminal = terminal
    lines = file.load()
    unsafe edit = unsafe el_init("fibsh", fibsh_stdin(), fibsh_stderr(), fibsh_stderr())
    unsafe history = unsafe history_init()
    guard let edit = unsafe edit, let history = unsafe history else { return }
    unsafe fibsh_history_size(history, Int32(HistoryFile.limit))
    unsafe fibsh_history_unique(history)
    for line in lines { unsafe fibsh_history_enter(history, line) }
    unsafe configure(edit, history)
    terminal.entered = { [unowned self] in lines }
    terminal.edit = { [unowned self] words in parse(words) }
  }

  private func configure(_ edit: OpaquePointer, _ history: OpaquePointer) {
    unsafe fibsh_set_client(edit, Unmanaged.passUnretained(self).toOpaque())
    unsafe fibsh_set_prompt(edit) { edit in unsafe Editor.of(edit)?.prompt }
    unsafe fibsh_set_getc(edit) { edit, character in unsafe Editor.readKey(edit, character) }
    unsafe fibsh_set_history(edit, history)
    // libedit starts in vi mode; ~/.editrc is read last so that the user's choice wins.
    unsafe fibsh_set_editor(edit, "emacs")
    unsafe fibsh_add_function(edit, "fibsh-complete", "Complete the word at the cursor") {
      edit, _ in unsafe Editor.of(edit)?.complete() ?? UInt8(CC_ERROR)
    }
    unsafe fibsh_bind(edit, "^I", "fibsh-complete")
    unsafe fibsh_bind(edit, "\u{1b}[1;5D", "ed-prev-word")
    unsafe fibsh_bind(edit, "\u{1b}[1;5C", "em-next-word")
    unsafe el_source(edit, nil)
    // The keys of vi forget the others.
    if unsafe fibsh_is_vi(edit) != 0 { unsafe fibsh_bind(edit, "^I", "fibsh-complete") }
  }

  /// Runs words as a line of ~/.editrc, such as `bind -v`.
  private func parse(_ words: [String]) -> Int32? {
    guard let edit = unsafe edit else { return nil }
    terminal.flush()
    let copies = unsafe words.map { (word: String) in unsafe strdup(word) }
    defer { unsafe copies.forEach { unsafe free($0) } }
    var pointers = unsafe copies.map { unsafe UnsafePointer($0) }
    let wasVi = unsafe fibsh_is_vi(edit)
    let status = unsafe el_parse(edit, Int32(pointers.count), &pointers)
    if unsafe fibsh_is_vi(edit) != wasVi { unsafe fibsh_bind(edit, "^I", "fibsh-complete") }
    return status == 0 ? 0 : 1
  }

  /// Gives the terminal back.
  func close() {
    if let history = unsafe history { unsafe history_end(history) }
    if let edit = unsafe edit { unsafe el_end(edit) }
    unsafe free(prompt)
    unsafe prompt = nil
  }

  /// Reads a line, after the kernel's new messages; ^C drops it, ^D on an empty one is the end.
  func read(isContinuation: Bool) -> LineRead {
    terminal.rest()
    for message in shell.world.takeMessages() { terminal.output.writeError(message + "\n") }
    let text = shell.prompt(isContinuation: isContinuation)
    guard let edit = unsafe edit, isatty(STDIN_FILENO) == 1, unsafe fibsh_is_editing(edit) != 0
    else { return readPlainly(text) }
    unsafe free(prompt)
    unsafe prompt = unsafe strdup(text)
    while true {
      let isResumed = Signals.resumption.exchange(false, ordering: .relaxed)
      if Signals.resize.exchange(false, ordering: .relaxed) || isResumed { unsafe el_resize(edit) }
      var count: Int32 = 0
      let text = unsafe el_gets(edit, &count).map { unsafe String(cString: $0) }
      if Signals.termination.load(ordering: .relaxed) != 0 { return terminate() }
      if Signals.interrupt.exchange(false, ordering: .relaxed) {
        terminal.output.writeError("\n")
        return .interrupted
      }
      guard let text, count > 0 else {
        if count < 0 && errno == EINTR { continue }
        terminal.output.writeError("\n")
        return .end
      }
      let line = text.hasSuffix("\n") ? String(text.dropLast()) : text
      remember(line)
      return .line(line)
    }
  }

  /// Reads a line without libedit, which drops bytes of what is no terminal.
  private func readPlainly(_ prompt: String) -> LineRead {
    terminal.output.writeError(prompt)
    let line = stdin.next()
    if Signals.termination.load(ordering: .relaxed) != 0 { return terminate() }
    if Signals.interrupt.exchange(false, ordering: .relaxed) {
      terminal.output.writeError("\n")
      return .interrupted
    }
    guard let line else {
      terminal.output.writeError("\n")
      return .end
    }
    return .line(String(decoding: line, as: UTF8.self))
  }

  /// SIGTERM or SIGHUP at the prompt.
  private func terminate() -> LineRead {
    shell.leave(status: 128 + Signals.termination.load(ordering: .relaxed))
    return .end
  }

  /// Keeps a line; neither an empty one, nor one after a blank, nor the one before again.
  private func remember(_ line: String) {
    guard let first = line.first, first != " ", first != "\t", line != lines.last else { return }
    lines.append(line)
    if lines.count > HistoryFile.limit { lines.removeFirst() }
    if let history = unsafe history { unsafe fibsh_history_enter(history, line) }
    file.append(line)
  }

  /// Completes the word before the cursor, or lists what could stand there.
  private func complete() -> UInt8 {
    guard let edit = unsafe edit, let info = unsafe el_line(edit) else { return UInt8(CC_ERROR) }
    let (start, cursor) = unsafe (info.pointee.buffer, info.pointee.cursor)
    guard let start = unsafe start, let cursor = unsafe cursor else { return UInt8(CC_ERROR) }
    let bytes = unsafe UnsafeRawBufferPointer(start: start, count: cursor - start)
    let line = unsafe String(decoding: bytes, as: UTF8.self)
    let found = shell.registry.complete(line, shell.world, shell.host)
    if let replacement = found.replacement {
      unsafe el_deletestr(edit, Int32(found.typedLength))
      unsafe el_insertstr(edit, replacement)
      return UInt8(found.candidates.count == 1 ? CC_REFRESH : CC_REFRESH_BEEP)
    }
    guard !found.candidates.isEmpty else { return UInt8(CC_REFRESH_BEEP) }
    let size = terminal.size
    let list = found.candidates.listing(width: size.columns, height: size.rows)
    terminal.output.writeError("\n" + list)
    return UInt8(CC_REDISPLAY)
  }

  private static func of(_ edit: OpaquePointer?) -> Editor? {
    guard let edit = unsafe edit, let client = unsafe fibsh_client(edit) else { return nil }
    return unsafe Unmanaged<Editor>.fromOpaque(client).takeUnretainedValue()
  }

  /// Reads one character as libedit wants it: 1, or 0 at the end, or -1 with errno.
  ///
  /// Done here because only between two reads is it safe to act on a signal: after a change of the
  /// window's size or ^Z the line is drawn again and reading goes on; ^C ends the line.
  private static func readKey(
    _ edit: OpaquePointer?, _ character: UnsafeMutablePointer<wchar_t>?
  ) -> Int32 {
    var first: UInt8 = 0
    var count = readByte(&first)
    while count < 0, !Signals.isInterrupted, unsafe Editor.of(edit)?.drawAgain() == true {
      count = readByte(&first)
    }
    if count == 0 { return 0 }
    if count < 0 { return -1 }
    unsafe character?.pointee = wchar_t(scalar(after: first))
    return 1
  }

  /// Shows the line again if the window has another size, or another program had the terminal.
  private func drawAgain() -> Bool {
    let isResumed = Signals.resumption.exchange(false, ordering: .relaxed)
    let isResized = Signals.resize.exchange(false, ordering: .relaxed)
    guard isResumed || isResized, let edit = unsafe edit else { return false }
    if !isResumed { unsafe clear(edit) }
    unsafe el_resize(edit)
    if isResumed { unsafe fibsh_take_terminal(edit) }
    unsafe fibsh_draw(edit)
    return true
  }

  /// Clears the rows of the line, whose ends the terminal has wrapped at its new width.
  private func clear(_ edit: OpaquePointer) {
    guard let info = unsafe el_line(edit), let prompt = unsafe prompt,
      let start = unsafe info.pointee.buffer, let cursor = unsafe info.pointee.cursor
    else { return }
    let bytes = unsafe UnsafeRawBufferPointer(start: start, count: cursor - start)
    let columns = unsafe String(cString: prompt).count + bytes.count { $0 & 0xc0 != 0x80 }
    let rows = columns / terminal.size.columns
    let up = rows > 0 ? "\u{1b}[\(rows)A" : ""
    if terminal.isCapable { terminal.output.writeError("\r\(up)\u{1b}[J") }
  }

  /// The character that a first byte of UTF-8 begins; U+FFFD for what is none.
  private static func scalar(after first: UInt8) -> UInt32 {
    var bytes = [first]
    let length = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
    while bytes.count < length {
      var byte: UInt8 = 0
      guard readByte(&byte) == 1 else { break }
      bytes.append(byte)
    }
    let text = String(decoding: bytes, as: UTF8.self)
    return text.unicodeScalars.first?.value ?? 0xfffd
  }

  private static func readByte(_ byte: inout UInt8) -> Int {
    unsafe Glibc.read(STDIN_FILENO, &byte, 1)
  }
}
