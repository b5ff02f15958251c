// SPDX-License-Identifier: BSD-2-Clause

package import Shell

extension Commands {
  package static let expect = Command<Session>(
    "expect", summary: "check what a command prints", effect: .reads,
    options: nil,
    operands: [
      Source("pattern", "What a line must look like: * ? and [...] as in sh(1).").repeated,
      .command("command", "The command to run."),
    ],
    description: [
      "Runs a command and compares its lines with patterns; the first word that names a command "
        + "ends the patterns. Nothing is shown if all is as expected. Otherwise both are shown, the "
        + "status is 1, and so will the status of the whole batch be.",
      "A line of 'trace -q' or 'inject -q' is compared without its packet number. One pattern "
        + "stands for the packet itself; several stand for a line each, packets made on the way "
        + "included. The lines of other commands need a pattern each.",
    ],
    examples: [
      Example(
        "expect 'DROPPED id ip.badsum *' trace -q udp from 10.1.0.7 1 to 10.1.0.1 2 badsum recv em0",
        "Fails if the packet is not dropped for its checksum."),
      Example("expect hello echo hello", "Compares the output of any command."),
    ], seeAlso: ["trace(8)", "inject(8)"],
    exitStatus: "0 if all is as expected, 1 if not, 64 if the words do not fit.",
    compatibility: ["This is a command of fibsh; FreeBSD has none like it."]
  ) { _, invocation, arguments throws(Fault) in
    let interpreter = invocation.interpreter
    let patterns = Array(arguments.operands.prefix { interpreter.registry[$0] == nil })
    let words = Array(arguments.operands.dropFirst(patterns.count))
    guard !patterns.isEmpty else { throw .usage("no pattern before a command") }
    guard !words.isEmpty else {
      throw .usage("no command after the patterns: \(patterns.joined(separator: " "))")
    }
    let (status, transcript) = interpreter.capture(words: words)
    let found = Expectation.lines(transcript.all)
    guard !Expectation.isMet(patterns, by: found) else { return }
    interpreter.failedExpectations += 1
    let output = invocation.output
    interpreter.report("expect: not as expected: \(words.joined(separator: " "))", to: output)
    for pattern in patterns { output.writeError("  expected  \(pattern)\n") }
    for line in found { output.writeError("  found     \(line.text)\n") }
    if found.isEmpty { output.writeError("  found     nothing, and status \(status)\n") }
    throw .silent(1)
  }
}

/// The comparison of lines with patterns.
enum Expectation {
  /// A line of output.
  struct Line: Equatable {
    /// The line without the number of its packet.
    let text: String
    /// The number, of a line that has one.
    let packet: String?
  }

  /// The lines of a text.
  static func lines(_ text: String) -> [Line] {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .dropLast(text.hasSuffix("\n") || text.isEmpty ? 1 : 0)
      .map { line in
        guard line.first == "#" else { return Line(text: String(line), packet: nil) }
        let number = line.dropFirst().prefix { $0.isNumber || $0 == "." }
        let rest = line.dropFirst(1 + number.count)
        guard !number.isEmpty, rest.first == " ", rest.dropFirst().first != " " else {
          return Line(text: String(line), packet: nil)
        }
        return Line(text: String(rest.dropFirst()), packet: String(number))
      }
  }

  /// Whether the lines are as the patterns say; one pattern is about the end of the first packet alone.
  static func isMet(_ patterns: [String], by lines: [Line]) -> Bool {
    var lines = lines
    if patterns.count == 1, let first = lines.first, lines.allSatisfy({ $0.packet != nil }),
      let end = lines.last(where: { $0.packet == first.packet })
    {
      lines = [end]
    }
    return patterns.count == lines.count
      && zip(patterns, lines).allSatisfy { Glob($0).matches($1.text) }
  }
}
