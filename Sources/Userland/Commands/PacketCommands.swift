// SPDX-License-Identifier: BSD-2-Clause

package import Shell

import Netstack
import Wire

extension Commands {
  package static let inject = Command<Session>(
    "inject", summary: "let a packet into the machine", effect: .changes,
    options: PacketCommand.options,
    keywords: [PacketGrammar.table.section],
    description: [
      "Makes a packet of its description, gives it to the machine as a driver or a process would, "
        + "and shows what became of it and of the packets made on its way.",
      PacketCommand.answerText, PacketCommand.replayText,
    ],
    examples: [
      Example(
        "inject udp from 10.1.0.7 5000 to 8.8.8.8 53 recv em0",
        "em0 receives a datagram; its way is shown stage by stage."),
      Example(
        "inject -q icmp from 10.1.0.7 to 10.1.0.1 icmptype 8 recv em0",
        "An echo request, with one line for it and one for the answer."),
      Example(
        "inject -q send tcp from 10.1.0.1 1024 to 8.8.8.8 80 tcpflags syn fib 1",
        "A process sends a segment on a socket whose forwarding table is 1."),
      Example(
        "inject -q arp reply from 10.1.0.7 to 10.1.0.1 src 02:00:00:00:00:07 recv em0",
        "A neighbour says who it is; what waited for that goes on."),
    ], seeAlso: ["trace(8)", "expect(8)", "neighbor(8)", "tcpdump(1)"],
    compatibility: ["This is a command of fibsh; FreeBSD has none like it."]
  ) { session, invocation, arguments throws(Fault) in
    try PacketCommand(session, invocation, arguments).run()
  }

  package static let trace = Command<Session>(
    "trace", summary: "show what would become of a packet", effect: .reads,
    options: PacketCommand.options,
    keywords: [PacketGrammar.table.section],
    description: [
      "Does what inject(8) does, on a copy of the machine that is thrown away: no counter, table or "
        + "packet number changes.",
      PacketCommand.answerText, PacketCommand.replayText,
    ],
    examples: [
      Example(
        "trace -v udp from 10.1.0.7 5000 to 8.8.8.8 53 recv em0",
        "Also the rules that did not match and the routes of the other tables."),
      Example(
        "trace -j icmp from 10.1.0.7 to 10.1.0.1 recv em0", "The same facts for a program."),
    ], seeAlso: ["inject(8)", "expect(8)"],
    compatibility: ["This is a command of fibsh; FreeBSD has none like it."]
  ) { session, invocation, arguments throws(Fault) in
    try session.onCopy { () throws(Fault) in
      try PacketCommand(session, invocation, arguments).run()
    }
  }
}

/// What `inject` and `trace` have in common.
struct PacketCommand {
  static var options: [Option<Session>] {
    TraceFormat.options + [
      Option("c", "Replay this many packets only.", argument: Source("count")),
      Option("k", "Replay frames with the destinations they had."),
      Option("r", "Replay this capture.", argument: .file()),
      Option(
        "w", "Write the frames that leave by the stack's interfaces to this capture.",
        argument: .file()),
    ]
  }

  static let answerText =
    "Where neighbor(8) declared a host that answers, the clock goes on until the answers have come, "
    + "and what they do is shown too."

  static let replayText =
    "With -r the packets come from a capture, pcap or pcapng, and arrive on the interface of 'recv' "
    + "at the pace at which they were captured. A unicast frame is addressed to the interface, so "
    + "that IP gets it, unless -k; a capture of IP packets gets frames. There is one line for each "
    + "packet, and at the end a summary in which each packet counts once; -q shows the summary alone, and "
    + "behind it the paths: how many packets went through the same ids to the same end, the number "
    + "in the capture of the first of them, and the ids. ^C ends the replay, and the summary is of "
    + "the packets until then."

  private let session: Session
  private let invocation: Invocation<Session>
  private let arguments: Arguments
  private let format: TraceFormat

  init(_ session: Session, _ invocation: Invocation<Session>, _ arguments: Arguments) {
    self.session = session
    self.invocation = invocation
    self.arguments = arguments
    format = TraceFormat(arguments)
  }

  /// Does what the words say.
  func run() throws(Fault) {
    var writer = try arguments.value("w").map { path throws(Fault) in
      try FrameWriter(path, invocation.interpreter.host)
    }
    if let path = arguments.value("r") {
      try replay(path, &writer)
    } else {
      for letter in "ck" where arguments.has(letter) {
        throw .refused("-\(letter) is for -r")
      }
      guard !arguments.operands.isEmpty else { throw .usage() }
      let spec = try PacketGrammar.parse(arguments.operands[...], session)
      var recorder = Recorder()
      _ = session.perform(try PacketBuilder.build(spec, session), &recorder)
      let run = session.run(of: recorder)
      invocation.output.write(session.report(run, format))
      writer?.write(run, session)
      var answers: [TraceRun] = []
      session.settle { answers.append($0) }
      for run in answers {
        invocation.output.write(session.report(run, format))
        writer?.write(run, session)
      }
    }
    try writer?.close()
  }

  private func replay(_ path: String, _ writer: inout FrameWriter?) throws(Fault) {
    var count = Int.max
    if let word = arguments.value("c") {
      guard let number = Int(word), number > 0 else { throw .refused("bad count: \(word)") }
      count = number
    }
    let isShown = format != .quiet || arguments.has("w")
    var replay = try Replay(
      path, PacketGrammar.parseArrival(arguments.operands[...], session),
      keepsDestinations: arguments.has("k"), isShown: isShown, session,
      invocation.interpreter.host)
    var number = 0
    var failure: Fault?
    while number < count, !invocation.isInterrupted, !invocation.output.isClosed {
      do throws(Fault) {
        guard try replay.next(session) else { break }
      } catch {
        // What was read before the file broke is counted all the same.
        failure = error
        break
      }
      number += 1
      if isShown { show(replay.run(session), &writer) }
      if number % 1024 == 0 {
        invocation.output.showProgress(replay.file, "\(number) packets")
      }
    }
    switch format {
    case .quiet: invocation.output.write(replay.books.text + replay.books.pathText)
    case .text: invocation.output.write(replay.books.text)
    case .json: invocation.output.write(replay.books.json)
    }
    if let failure { throw failure }
    if invocation.isInterrupted { throw .silent(130) }
  }

  /// Shows a packet of a replay: the usual format is a line a packet, and -q shows the summary alone.
  private func show(_ run: TraceRun, _ writer: inout FrameWriter?) {
    switch format {
    case .quiet: break
    case .text(.hits): invocation.output.write(session.report(run, .quiet))
    case .json, .text: invocation.output.write(session.report(run, format))
    }
    writer?.write(run, session)
  }
}

/// A capture file that takes the frames that leave.
struct FrameWriter: ~Copyable {
  private var writer: CaptureWriter

  init(_ path: String, _ host: Host) throws(Fault) {
    do throws(CaptureError) {
      writer = try CaptureWriter(path: path, host)
    } catch {
      throw .failed(error.description)
    }
  }

  /// Appends what a run sent, at the virtual time of it.
  mutating func write(_ run: TraceRun, _ session: Session) {
    let time = session.wallNanoseconds(at: run.time)
    for packet in run.packets {
      for (place, frame) in packet.transmitted where place.vnet == run.vnet {
        writer.write(frame.rawBytes, wireLength: frame.count, timestamp: time)
      }
    }
  }

  /// Brings all to the file.
  mutating func close() throws(Fault) {
    do throws(CaptureError) {
      try writer.close()
    } catch {
      throw .failed(error.description)
    }
  }
}

extension Session {
  /// The wall clock in nanoseconds since 1970; the clock was at the boot time at uptime 1 s.
  func wallNanoseconds(at moment: Instant) -> Int64 {
    let boot = Int64(clamping: kernel.machine.options.bootTime)
    let seconds = boot.addingReportingOverflow(Int64(moment.seconds) - 1).partialValue
    let fraction = Int64(moment.nanoseconds % 1_000_000_000)
    return seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue &+ fraction
  }
}
