// SPDX-License-Identifier: BSD-2-Clause

package import Shell

import Netstack

extension Commands {
  package static let clock = Command<Session>(
    "clock", summary: "show or advance the virtual time", effect: .changes,
    options: TraceFormat.options,
    operands: [
      Source("advance", "", kind: .literal(["advance"])).optional,
      Source("time", "A number with s, m, h or d, such as 20m; alone with a plus before it.")
        .optional,
    ],
    description: [
      "Shows how long the machine is up and what its wall clock says. Time stands still but for "
        + "this command and sleep(1): timers, such as those of ARP, run when it passes them. With "
        + "-q, -j or -v shows what becomes of packets on the way, as trace(8) does."
    ],
    examples: [
      Example("clock", "shows the time"),
      Example("clock +20s", "lets 20 seconds pass"),
      Example("clock -q advance 20m", "lets 20 minutes pass, and shows the packets that end"),
    ], seeAlso: ["sleep(1)"],
    compatibility: ["This is a command of fibsh; FreeBSD's time passes by itself."]
  ) { session, invocation, arguments throws(Fault) in
    var words = arguments.operands[...]
    if words.isEmpty { return invocation.output.line(ClockReading(session).text) }
    let isNamed = words.first == "advance"
    if isNamed { words.removeFirst() }
    guard let word = words.popFirst(), words.isEmpty, isNamed || word.hasPrefix("+") else {
      throw .usage()
    }
    let text = word.hasPrefix("+") ? String(word.dropFirst()) : word
    guard let nanoseconds = TimeSpan.nanoseconds(text) else { throw .failed("bad time: \(word)") }
    try session.pass(nanoseconds, arguments, invocation)
  }

  package static let sleep = Command<Session>(
    "sleep", section: 1, summary: "let virtual time pass", effect: .changes,
    usage: .exact("usage: sleep seconds\n", status: 1), options: TraceFormat.options,
    operands: [Source("seconds", "A number, or one with s, m, h or d behind it.")],
    description: [
      "Lets the machine's virtual time pass without anybody waiting. With -q, -j or -v shows what "
        + "becomes of packets on the way, as trace(8) does."
    ],
    examples: [Example("sleep 20", "lets 20 seconds pass"), Example("sleep -q 20m", "20 minutes")],
    seeAlso: ["clock(8)"],
    compatibility: ["FreeBSD's sleep(1) takes seconds alone, and waits for them."]
  ) { session, invocation, arguments throws(Fault) in
    guard let word = arguments.operands.first, arguments.operands.count == 1 else {
      throw .usage()
    }
    guard let nanoseconds = TimeSpan.nanoseconds(word) else { throw .usage() }
    try session.pass(nanoseconds, arguments, invocation)
  }

  package static let dmesg = Command<Session>(
    "dmesg", summary: "display the system message buffer", effect: .reads,
    usage: .exact("usage: dmesg [-a]\n", status: 1),
    options: [Option("a", "All messages; there are no others here.")],
    description: [
      "Shows what the kernel logged, such as packets of ipfw(8)'s rules with 'log' and ARP's "
        + "complaints, oldest first. A terminal shows each before the next prompt, too."
    ],
    examples: [Example("dmesg", "shows the messages")], seeAlso: ["ipfw(8)"],
    compatibility: ["There are no messages of boot, and no -M and -N."]
  ) { session, invocation, arguments throws(Fault) in
    guard arguments.operands.isEmpty else { throw .usage() }
    for line in session.kernel.machine.messages { invocation.output.line(line) }
  }
}

extension Session {
  /// Lets time pass, and shows what a format asks for of what happens.
  fileprivate func pass(
    _ nanoseconds: UInt64, _ arguments: Arguments, _ invocation: Invocation<Session>
  ) throws(Fault) {
    let shell = invocation.interpreter
    let outer = shell.letTimePass
    defer { shell.letTimePass = outer }
    if !arguments.options.isEmpty {
      let format = TraceFormat(arguments)
      shell.letTimePass = { [self] in
        advance(by: $0) { run in invocation.output.write(report(run, format)) }
      }
    }
    guard invocation.pass(nanoseconds: nanoseconds, isPaced: false) else { throw .silent(130) }
  }
}

/// What the machine's clocks say.
struct ClockReading {
  let text: String

  init(_ session: Session) {
    let now = session.kernel.machine.now
    let date = CalendarTime(seconds: session.kernel.machine.wallSeconds).text
    let milliseconds = Int(now.nanoseconds / 1_000_000 % 1000).decimal(digits: 3)
    text = "up \(now.seconds).\(milliseconds) s, \(date) UTC"
  }
}
