// SPDX-License-Identifier: BSD-2-Clause

import Netstack
package import Shell

extension Commands {
  /// ipfw(8): the firewall's rules.
  package static let ipfw = Command<Session>(
    "ipfw", summary: "IP firewall and traffic shaper control program", effect: .changes,
    usage: .exact(
      "ipfw: usage: ipfw [options]\ndo \"ipfw -h\" or \"man ipfw\" for details\n", status: 64),
    options: Ipfw.options, prepare: Ipfw.prepare,
    operands: [Source("command", "One of the commands below.")], keywords: KeywordSection.ipfw,
    next: RuleCompletion.next,
    description: [
      "Rules are tried in the order of their numbers until one decides; the last, 65535, always "
        + "does. Each rule has an action, a protocol with two addresses, and options."
    ],
    examples: [
      Example("ipfw add 100 setfib 1 ip from 10.1.0.0/16 to any in", "Routes a network by FIB 1."),
      Example("ipfw table 1 add 10.1.0.0/16 300", "Puts a network into a table, with a value."),
      Example(
        "ipfw add skipto tablearg ip from 'table(1)' to any in",
        "Goes on at the rule that the table says."),
      Example(
        "ipfw add allow tcp from me to any 22 setup keep-state",
        "Lets connections out, and their answers in."),
      Example(
        "ipfw add deny log logamount 3 tcp from any to me 22",
        "Logs the first three packets; dmesg(8) shows them."),
      Example("ipfw pipe 1 config bw 1Mbit/s delay 20ms", "Makes a slow link of a pipe."),
      Example("ipfw add pipe 1 ip from any to any out xmit em1", "Sends packets through it."),
      Example(
        "ipfw add divert 8668 ip from any to any via em1",
        "Hands packets to the socket of 'sock divert 8668'."),
      Example("ipfw nat 1 config if em1 same_ports", "Gives a network one address outside."),
      Example("ipfw show", "Lists the rules with their counters."),
    ],
    seeAlso: ["dmesg(8)", "setfib(1)", "sock(8)", "sysctl(8)", "trace(8)"],
    exitStatus: "0 on success, 64 if the words do not fit, 65 if a value cannot be, 67 or 68 if a "
      + "name is unknown, 69 if the kernel refuses, 71 if a call fails.",
    compatibility: [
      "Host names are not looked up, -p is no option, and a rule that needs netgraph is refused as "
        + "by a kernel without it. The lab's kernel lets packets pass by default; "
        + "'fibsh -o net.inet.ip.fw.default_to_accept=0' boots one that does not."
    ]
  ) { session, invocation, arguments throws(Fault) in
    var run = Ipfw(session: session, output: invocation.output)
    run.read = invocation.interpreter.host.read
    run.take(arguments)
    if arguments.has("h") { return invocation.output.writeError(Ipfw.summary) }
    if arguments.operands.isEmpty && arguments.options.isEmpty { throw .usage() }
    if invocation.interpreter.isInteractive, !arguments.has("f") {
      run.confirm = { question in
        invocation.output.write(question)
        while let answer = invocation.input.readLine() {
          if let letter = answer.first, "yYnN".contains(letter) {
            invocation.output.line()
            return "yY".contains(letter)
          }
        }
        return false
      }
    }
    if let file = invocation.words.last, file.hasPrefix("/"),
      let text = Ipfw.contents(of: file, invocation.interpreter.host)
    {
      return try run.run(file: file, text, arguments, invocation)
    }
    if arguments.has("p") { throw .usage("illegal option -- p") }
    try run.run(arguments.operands)
  }
}

extension Ipfw {
  /// The letters of getopt(3).
  fileprivate static let options =
    lineOptions + [
      Option("p", argument: "preprocessor", "Runs the file of commands through this host program.")
    ]

  /// Those that a line of a file may have.
  private static let lineOptions: [Option<Session>] = [
    Option("a", "Shows counters in lists."), Option("b", "Shows only action and comment."),
    Option("c", "Shows rules in their short form."),
    Option("d", "Shows dynamic rules too."), Option("e", "Shows expired dynamic rules too."),
    Option("f", "Asks no question before a flush."), Option("h", "Shows a summary."),
    Option("i", "Shows values of tables as addresses."),
    Option("N", "Shows names of services."), Option("n", "Reads rules, but changes nothing."),
    Option("q", "Says nothing when it changes something."),
    Option("S", "Shows the set of each rule, and rules of disabled sets."),
    Option("s", argument: "column", "Sorts the output for pipes."),
    Option("T", "Shows the time of the last match as a number."),
    Option("t", "Shows the time of the last match."), Option("v", "Says more."),
  ]

  /// The letters that may stand in front of a file of commands.
  private static let fileLetters: Set<Character> = ["c", "f", "N", "n", "p", "q", "S"]

  /// Heeds the option letters.
  fileprivate mutating func take(_ arguments: Arguments) {
    isQuiet = arguments.has("q")
    isTest = arguments.has("n")
    showsCounters = arguments.has("a")
    showsDynamic = arguments.has("d")
    showsExpired = arguments.has("e")
    pipeFormat.isVerbose = arguments.has("v")
    if let column = arguments.options.last(where: { $0.letter == "s" }) {
      pipeFormat.column = CNumber.atoi(column.argument ?? "")
    }
    showsValuesAsAddresses = arguments.has("i")
    // `-b` brings `-c` along.
    format.isCompact = arguments.has("c") || arguments.has("b")
    format.isCommentOnly = arguments.has("b")
    format.showsSets = arguments.has("S")
    format.namesServices = arguments.has("N")
    format.altqQueues = session.kernel.machine.options.altqQueues ?? []
    if let time = arguments.options.last(where: { "tT".contains($0.letter) }) {
      format.time = time.letter == "t" ? .text : .number
    }
  }

  /// Joins words as for a command, or ends the options behind `-p`: the rest are the preprocessor's.
  fileprivate static func prepare(_ words: [String]) -> [String] {
    guard words.count > 1, words.last?.hasPrefix("/") == true else { return join(words) }
    var index = 0
    while index < words.count, words[index].hasPrefix("-"),
      words[index].dropFirst().allSatisfy({ fileLetters.contains($0) && $0 != "p" })
    {
      index += 1
    }
    guard index < words.count, words[index].hasPrefix("-"),
      let letter = words[index].firstIndex(of: "p"),
      words[index][..<letter].dropFirst().allSatisfy(fileLetters.contains)
    else { return join(words) }
    let isGlued = words[index].index(after: letter) < words[index].endIndex
    let end = min(index + (isGlued ? 1 : 2), words.count)
    return words[..<end] + ["--"] + words[end...]
  }

  /// The text of a file of commands, or nil for what cannot be read; a directory has none.
  fileprivate static func contents(of path: String, _ host: Host) -> [UInt8]? {
    path.allSatisfy { $0 == "/" } ? [] : try? host.read(path)
  }

  /// Runs a file of commands, through a preprocessor if there is one (`ipfw_readfile`).
  fileprivate func run(
    file: String, _ text: [UInt8], _ arguments: Arguments, _ invocation: Invocation<Session>
  ) throws(Fault) {
    try Ipfw.checkFileLetters(arguments, output)
    guard let preprocessor = arguments.value("p") else {
      guard arguments.operands.count == 1 else {
        throw .failed("extraneous filename arguments \(file)", status: 64)
      }
      _ = try run(lines: text, arguments)
      return
    }
    guard !arguments.operands.isEmpty else { throw .failed("no filename argument", status: 64) }
    guard invocation.interpreter.allowsHostPrograms else {
      throw .failed("-p \(preprocessor): host programs need --exec", status: 69)
    }
    var filtered = Filtered(output: [], end: .exited(status: 71))
    do throws(HostError) {
      filtered = try invocation.interpreter.host.filter(
        [preprocessor] + arguments.operands.dropLast(), file)
    } catch {
      warn("execvp(\(preprocessor)) failed: \(error.message)")
    }
    let count = try run(lines: filtered.output, arguments)
    let program = count == 0 ? self.program : "Line \(count)"
    switch filtered.end {
    case .exited(status: 0): break
    case .exited(let status):
      throw .failed(
        program: program, message: "preprocessor exited with status \(status)", status: 69)
    case .killed(let signal):
      throw .failed(
        program: program, message: "preprocessor exited with signal \(signal)", status: 69)
    }
  }

  /// Complains of a letter that may not stand in front of a file.
  fileprivate static func checkFileLetters(
    _ arguments: Arguments, _ output: Output
  ) throws(Fault) {
    for option in arguments.options where !fileLetters.contains(option.letter) {
      output.writeError("ipfw: illegal option -- \(option.letter)\n")
      throw .failed("bad arguments, for usage summary ``ipfw''", status: 64)
    }
  }

  /// Runs each line, which may have options for those that follow; the first error ends it, named by
  /// its line. Returns the number of lines.
  private func run(lines text: [UInt8], _ arguments: Arguments) throws(Fault) -> Int {
    var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    var letters = arguments.options.filter { $0.letter != "p" }
    for (index, line) in lines.enumerated() {
      let words = Ipfw.join([String(decoding: line, as: UTF8.self)])
      if words.isEmpty { continue }
      var run = self
      run.program = "Line \(index + 1)"
      do throws(Fault) {
        let given = letters.map { "-\($0.letter)\($0.argument ?? "")" }
        let arguments = try Arguments.parse((given + words)[...], Ipfw.lineOptions)
        // Counters are shown by the line alone that asks for them.
        letters = arguments.options.filter { $0.letter != "a" }
        run.take(arguments)
        try run.run(arguments.operands)
      } catch {
        let (text, status) = error.resolved(program: run.program, usage: "", usageStatus: 64)
        throw .worded(text, status: status)
      }
    }
    return lines.count
  }

  /// What `-h` says.
  fileprivate static var summary: String {
    func list(_ words: [String]) -> String { words.joined(separator: " | ") }
    let commands = IpfwWord.allCases.map { [$0.rawValue] + $0.face.operands }
    let actions = ActionWord.all.map { [$0.words[0]] + ($0.operand.map { [$0] } ?? []) }
    let parameters = ParameterWord.all.map { "[\($0.word) \($0.operand)]" }
    let options = OptionWord.all.map { [$0.words[0]] + ($0.operand.map { [$0] } ?? []) }
    return """
      ipfw syntax summary (but please do read the ipfw(8) manpage):

      \tipfw [-abcdefhnNqStTv] <command>

      COMMAND:\t\(list(commands.map { $0.joined(separator: " ") }))
      \t[set N] { delete | flush | zero | resetlog | print | list | show } ...
      RULE:\t[set N] [prob x] ACTION [PARAMETERS] [proto from ADDR [PORTS] to ADDR [PORTS]] [OPTIONS]
      ACTION:\t\(list(actions.map { $0.joined(separator: " ") }))
      PARAMETERS:\t\(parameters.joined(separator: " "))
      ADDR:\t[not] { any | me | me6 | ip/bits{x,y,z} | table(number[,value]) |
      \t{ ip | ip/bits | ip:mask }[,...] | { ip6 | ip6/bits }[,...] }
      OPTIONS:\t\(list(options.map { $0.joined(separator: " ") }))

      """
  }
}
