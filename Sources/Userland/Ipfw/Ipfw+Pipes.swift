// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell

/// What a command is about that begins with `pipe` or `queue` (`co.do_pipe`).
enum PipeKind: Equatable {
  case pipe, queue
}

/// Pipes and queues (sbin/ipfw/dummynet.c).
extension Ipfw {
  /// `config`.
  func configure(_ words: ArraySlice<String>, _ kind: PipeKind) throws(Fault) {
    let sysctl = session.kernel.dummynetSysctls
    let settings = try PipeParser.parse(
      words, kind,
      PipeParser.Limits(
        slots: sysctl?.slots ?? 100, bytes: sysctl?.bytes ?? 1024 * 1024,
        red: sysctl.map { ($0.redDepth, $0.redPacketSize) }),
      read: read, warn: warn)
    if let error = attempt({ kernel, _ throws(Errno) in
      try kernel.dummynetConfigure(settings)
    }) {
      throw .failed("setsockopt(IP_DUMMYNET_CONFIGURE): \(error.message)", status: 1)
    }
  }

  /// `delete`: numbers one after the other. The status is that of the last, and the number shown is
  /// always 1, which is the original's slip.
  func deletePipes(_ words: ArraySlice<String>, _ kind: PipeKind) throws(Fault) {
    guard let first = words.first else {
      throw .failed("missing rule specification", status: 64)
    }
    // The word is taken, and changes nothing.
    let words = matches(first, "set") ? words.dropFirst() : words
    var error: Errno?
    for word in words {
      guard CNumber.hasDigit(word) else { break }
      let number = CNumber.atoi(word)
      error = attempt { kernel, _ throws(Errno) in
        var recorder = Recorder()
        switch kind {
        case .pipe: try kernel.dummynetDelete(pipe: number, tracer: &recorder)
        case .queue:
          let queue = UInt16(truncatingIfNeeded: number)
          try kernel.dummynetDelete(queue: queue, tracer: &recorder)
        }
      }
      if let error { warn("rule 1: setsockopt(IP_DUMMYNET_DEL): \(error.message)") }
    }
    if error != nil { throw .silent(1) }
  }

  /// `flush`: both pipes and queues, whichever was named.
  func flushPipes() throws(Fault) {
    if !isQuiet, let confirm, !confirm("Are you sure? [yn] ") { return }
    if let error = attempt({ kernel, _ throws(Errno) in
      var recorder = Recorder()
      try kernel.dummynetFlush(tracer: &recorder)
    }) {
      throw .failed("setsockopt(IP_DUMMYNET_FLUSH): \(error.message)", status: 69)
    }
    if !isQuiet { output.line("Flushed all pipes.") }
  }

  /// `list` and `show`: all, or what has this number. Queues are shown with the pipe they share.
  func listPipes(_ words: ArraySlice<String>, _ kind: PipeKind) throws(Fault) {
    if isTest { return output.writeError("Testing only, list disabled\n") }
    let report = try call("getsockopt(IP_DUMMYNET_GET)", status: 71) { kernel throws(Errno) in
      try kernel.dummynetReport()
    }
    let number = Int32(
      truncatingIfNeeded: CNumber.strtoul(Substring(words.first ?? ""), radix: 10).value)
    if kind == .pipe {
      for pipe in report.pipes where number == 0 || number == pipe.settings.number {
        output.write(pipeFormat.text(pipe))
      }
    }
    for queue in report.queues {
      let own = kind == .pipe ? queue.settings.parent : queue.settings.number
      if number == 0 || number == Int32(own) { output.write(pipeFormat.text(queue)) }
    }
  }
}
