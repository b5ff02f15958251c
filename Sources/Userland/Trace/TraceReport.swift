// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell

/// How the user wants a trace: one of the three contracts.
enum TraceFormat: Equatable {
  case quiet, json
  case text(TraceLevel)

  /// The letters that choose it; the last of -q and -j wins over -v.
  static var options: [Option<Session>] {
    [
      Option("j", "JSON Lines: an object an event, and a summary a packet."),
      Option("q", "One line a packet, or a line for each stack that it goes through."),
      Option("v", "Also rules that were tried and routes that lost; twice: each check."),
    ]
  }

  init(_ arguments: Arguments) {
    let verbosity = arguments.options.count { $0.letter == "v" }
    self = .text(TraceLevel(rawValue: min(verbosity, 2)) ?? .hits)
    for given in arguments.options {
      if given.letter == "q" { self = .quiet }
      if given.letter == "j" { self = .json }
    }
  }
}

extension Session {
  /// What a trace says of a run, in one of its formats.
  func report(_ run: TraceRun, _ format: TraceFormat) -> String {
    switch format {
    case .quiet:
      let printer = QuietPrinter(session: self)
      return run.packets.flatMap(printer.lines).map { $0 + "\n" }.joined()
    case .json:
      let printer = JSONPrinter(session: self, run: run)
      return run.packets.map(printer.text).joined()
    case .text(let level):
      let printer = TracePrinter(session: self, level: level)
      return run.packets.map(printer.text).joined()
    }
  }

  /// Lets a packet into the machine and records all that it sets in motion.
  ///
  /// A send's error is part of the recording: it is the verdict's.
  func perform(_ packet: PreparedPacket, _ recorder: inout Recorder) -> PacketNumber? {
    switch packet {
    case .received(let frame): return kernel.receive(frame, vnet: vnet, tracer: &recorder)
    case .sent(let packet):
      do throws(Errno) {
        try kernel.send(packet, vnet: vnet, tracer: &recorder)
      } catch {
        return nil
      }
      return nil
    }
  }

  /// What was recorded, as it is now.
  func run(of recorder: borrowing Recorder) -> TraceRun {
    TraceRun(recorder, vnet: vnet, time: kernel.machine.now)
  }

  /// Runs something on a copy of the machine, which is thrown away afterwards: nothing stays.
  func onCopy<Value>(_ body: () throws(Fault) -> Value) throws(Fault) -> Value {
    var copy = kernel.clone()
    swap(&kernel, &copy)
    defer { swap(&kernel, &copy) }
    return try body()
  }
}
