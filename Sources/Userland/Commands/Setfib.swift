// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell

extension Commands {
  /// setfib(1): runs a command in another forwarding table.
  package static let setfib = Command<Session>(
    "setfib", section: 1, summary: "run a utility with an altered default network view",
    effect: .reads, usage: .exact("usage: setfib [-[F]]value command\n", status: 1),
    options: nil, operands: [.fib(), .command("command", "The command, with its words.")],
    enter: { words, session, body in
      let fib = try? setfibWords(Array(words), session).0
      session.withFib(fib ?? session.fib, body)
    },
    description: [
      "Runs the command as a process whose sockets use the forwarding table of the given number: "
        + "what it sends, the routes it adds and shows, and the ARP entries it sets.",
      "The number may be written as 1, -1, -F1 or -F 1. There are net.fibs tables, from 0 on.",
    ],
    examples: [
      Example("setfib 1 netstat -rn", "Shows the second forwarding table."),
      Example("setfib 1 route get 10.0.0.1", "Asks it for the way to an address."),
    ],
    seeAlso: ["netstat(1)", "route(8)", "sysctl(8)"],
    exitStatus:
      "That of the command; 127 if there is no such command, 1 if the words do not fit or "
      + "there is no such table.",
    compatibility: [
      "A lab has 16 tables unless it was started with 'fibsh -o net.fibs=N'; GENERIC has 1."
    ]
  ) { session, invocation, arguments throws(Fault) in
    let (fib, words) = try setfibWords(arguments.operands, session)
    guard let name = words.first else { throw .usage() }
    guard invocation.interpreter.registry[name] != nil else {
      throw .failed("\(name): \(Errno.ENOENT.message)", status: 127)
    }
    let status = try session.withFib(fib) { () throws(Fault) -> Int32 in
      invocation.interpreter.run(
        words: words, output: invocation.output, input: invocation.input)
    }
    if status != 0 { throw .silent(status) }
  }
}

/// The table and the command that setfib's words name; without a number the table is 0.
private func setfibWords(
  _ words: [String], _ session: Session
) throws(Fault) -> (FibNumber, [String]) {
  var words = words
  if let first = words.first {
    // `1` and `-1` are older ways to write `-F1`.
    let bare = first.hasPrefix("-") ? first.dropFirst() : first[...]
    if let digit = bare.utf8.first, (0x30...0x39).contains(digit) { words[0] = "-F\(bare)" }
  }
  var rest = words[...]
  var fib = FibNumber.zero
  // -F is the only letter, so that each word is one option.
  while let word = rest.first, word.hasPrefix("-"), word != "-" {
    rest.removeFirst()
    if word == "--" { break }
    var letters = word.dropFirst()
    let letter = letters.removeFirst()
    guard letter == "F" else { throw .usage("illegal option -- \(letter)") }
    guard let text = letters.isEmpty ? rest.popFirst() : String(letters) else {
      throw .usage("option requires an argument -- F")
    }
    let number = CNumber(text, base: 10)
    guard number.isWhole, !text.isEmpty, (0..<Int64(session.fibCount)).contains(number.signed)
    else {
      throw .failed("\(text): invalid FIB (max \(session.fibCount - 1))")
    }
    fib = FibNumber(rawValue: UInt8(truncatingIfNeeded: number.signed))
  }
  return (fib, Array(rest))
}
