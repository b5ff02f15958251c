// SPDX-License-Identifier: BSD-2-Clause

import Shell

/// The world of these tests: a few names, and what commands did to it.
final class Bench: TimedWorld {
  var names = ["em0", "em1", "lo0"]
  var mtu: [String: Int] = [:]
  var log: [String] = []
  /// Nanoseconds.
  var now: UInt64 = 0
  /// The moments at which something happens, in order.
  var events: [UInt64] = []
  /// What happened and nobody saw yet.
  var news: [String] = []

  func letTimePass(nanoseconds: UInt64) {
    now += nanoseconds
    while let event = events.first, event <= now {
      news.append("event at \(event / 1_000_000_000)")
      events.removeFirst()
    }
  }

  var timeToNextEvent: UInt64? { events.first.map { $0 - now } }
}

extension Operand where World == Bench, Value == String {
  /// A name that the bench has.
  static var name: Self {
    .one(Source("name", "The name.") { $0.names.map { Candidate($0, "a name") } }) {
      word, bench throws(Fault) in
      guard bench.names.contains(word) else { throw .failed("name \(word) does not exist") }
      return word
    }
  }
}

/// What a run of the keyword command gathers.
struct Change {
  var words: [String] = []
}

/// The commands of these tests.
enum Commands {
  /// Shows its words, one bracket each, and its stdin.
  static let words = Command<Bench>(
    "words", summary: "show the words", effect: .reads, options: nil,
    operands: [.file("file", "A file.").optional.repeated]
  ) { _, invocation, arguments in
    invocation.output.line(arguments.operands.map { "<\($0)>" }.joined())
    while let line = invocation.input.readLine() { invocation.output.line("stdin: \(line)") }
  }

  /// Writes to both streams and ends with a status.
  static let both = Command<Bench>(
    "both", summary: "write to both streams", effect: .reads,
    forms: [
      Form(.number("status", 0...255, "The status.")) { _, invocation, status throws(Fault) in
        invocation.output.line("out")
        invocation.output.writeError("err\n")
        if status != 0 { throw .silent(Int32(status)) }
      }
    ])

  /// A command of forms.
  static let link = Command<Bench>(
    "link", section: 8, summary: "configure links", effect: .changes,
    forms: [
      Form(.keyword("list", "show")) { bench, invocation, _ in
        invocation.output.line(bench.names.joined(separator: " "))
      },
      Form(.name, .keyword("mtu"), .number("n", 72...65535, "The largest packet.")) {
        bench, _, name, _, mtu in bench.mtu[name] = mtu
      },
      Form(.keyword("add"), .keyword("-net"), .word("net", "A net."), .optional(.name)) {
        bench, _, _, _, net, name in bench.log.append("\(net) \(name ?? "-")")
      },
      Form(.keyword("tag"), .repeated(.choice("colour", "A colour.", colours))) {
        bench, _, _, tags in bench.log += tags
      },
    ],
    description: ["Configures links."],
    examples: [Example("link em0 mtu 1400", "makes packets smaller")],
    seeAlso: ["route(8)", "netstat(1)"])

  private static let colours = [Candidate("red", "like blood"), Candidate("green")]

  /// A command of getopt(3) with BSD's own usage.
  static let stat = Command<Bench>(
    "stat", section: 1, summary: "show status", effect: .reads,
    usage: .exact("usage: stat [-anr] [-I name]\n            [-w wait] [what]\n", status: 1),
    options: [
      Option("a", "Show all."), Option("n", "Show numbers."), Option("r", "Show routes."),
      Option("I", "Only this name.", argument: Source("name") { $0.names.map { Candidate($0) } }),
      Option("w", argument: "wait", "Repeat."),
    ],
    operands: [Source("what", "What to show.") { _ in [Candidate("all"), Candidate("few")] }]
  ) { _, invocation, arguments throws(Fault) in
    if arguments.operands.first == "?" { throw .usage() }
    let options = arguments.options.map { "\($0.letter)\($0.argument.map { "=\($0)" } ?? "")" }
    invocation.output.line((options + ["|"] + arguments.operands).joined(separator: " "))
  }

  /// A table of keywords.
  static let parameters = KeywordTable<Bench, Change>(
    "parameters",
    [
      Keyword("up", help: "Mark it up.") { change, _, _ in change.words.append("UP") },
      Keyword("alias", "add", operands: [Source("address", "An address.")], help: "Add one.") {
        change, arguments, _ throws(Fault) in
        if arguments[0] == "bad" { throw .failed("bad value") }
        change.words.append("+" + arguments[0])
      },
      .taking(
        "range", operands: [Source("low"), Source("high").optional], help: "Set a range."
      ) { change, rest, _ throws(Fault) in
        change.words.append("\(rest.removeFirst())...\(rest.popFirst() ?? "")")
      },
      Keyword(
        "peer",
        operands: [Source("name", "Another name.") { $0.names.map { Candidate($0) } }],
        help: "Connect it."
      ) { change, arguments, _ in change.words.append("=" + arguments[0]) },
    ])

  /// A command of options, a name and keywords.
  static let conf = Command<Bench>(
    "conf", summary: "configure by keywords", effect: .changes, options: [Option("q", "Quiet.")],
    operands: [Source("name", "The name.") { $0.names.map { Candidate($0) } }],
    keywords: [parameters.section]
  ) { bench, invocation, arguments throws(Fault) in
    var change = Change()
    let rest = try parameters.parse(
      arguments.operands.dropFirst(), into: &change, bench,
      missing: { .failed("'\($1)' requires argument") },
      positional: { change, rest throws(Fault) in
        if rest.first != "stop" { change.words.append("?" + rest.removeFirst()) }
      })
    invocation.output.line((change.words + ["|"] + rest).joined(separator: " "))
  }

  /// A prefix command.
  static let twice = Command<Bench>(
    "twice", section: 1, summary: "run a command twice", effect: .reads,
    forms: [
      Form(.command("command", "The command.")) { _, invocation, words throws(Fault) in
        invocation.interpreter.run(words: words)
        let status = invocation.interpreter.run(words: words)
        if status != 0 { throw .silent(status) }
      }
    ])

  /// Runs a command and says what it wrote.
  static let captured = Command<Bench>(
    "captured", section: 1, summary: "capture a command", effect: .reads, options: nil,
    operands: [.command("command", "The command.")]
  ) { _, invocation, arguments in
    let (status, transcript) = invocation.interpreter.capture(words: arguments.operands)
    invocation.interpreter.failedExpectations += status == 0 ? 0 : 1
    invocation.output.line("\(status) \(transcript.out.debugDescription)")
  }

  /// Takes names with dots.
  static let walk = Command<Bench>(
    "walk", section: 1, summary: "walk a tree of names", effect: .reads, options: nil,
    operands: [
      Source(
        "name", "A name.",
        kind: .paths { _ in
          ["net", "net.inet", "net.inet.ttl", "net.fibs", "kern.ident"].map { Candidate($0) }
        })
    ]
  ) { _, _, arguments throws(Fault) in throw .failed("unknown \(arguments.operands)") }

  /// A command that goes on: shows what happens until it has seen as many events as it shall.
  static let watcher = Command<Bench>(
    "watcher", section: 1, summary: "watch events", effect: .reads, options: nil,
    operands: [Source("count").optional]
  ) { bench, invocation, arguments throws(Fault) in
    var left = arguments.operands.first.flatMap { Int($0) } ?? .max
    invocation.output.line("watching")
    try invocation.watch(
      Watch {
        for news in bench.news.prefix(left) { invocation.output.line(news) }
        left -= min(left, bench.news.count)
        bench.news = []
        return left > 0
      } finish: {
        invocation.output.line("watched")
        return left > 0 ? 0 : 5
      })
  }

  /// A command that shows a line each second.
  static let ticker = Command<Bench>(
    "ticker", section: 1, summary: "show the time", effect: .reads, options: nil
  ) { bench, invocation, _ throws(Fault) in
    var next = bench.now
    try invocation.watch(
      Watch {
        while next <= bench.now {
          invocation.output.line("\(next / 1_000_000_000) s")
          next += 1_000_000_000
        }
        return true
      } finish: {
        0
      } due: {
        next - bench.now
      })
  }

  /// Lets seconds pass.
  static let pass = Command<Bench>(
    "pass", section: 1, summary: "let time pass", effect: .reads,
    forms: [
      Form(.number("seconds", 0...100_000, "How many.")) { _, invocation, seconds throws(Fault) in
        guard invocation.pass(nanoseconds: UInt64(seconds) * 1_000_000_000) else {
          throw .silent(130)
        }
      }
    ])

  static let registry = Registry(
    [words, both, link, stat, conf, twice, captured, walk, watcher, ticker, pass],
    topics: [Topic("keys", "what keys do", ["TAB completes."])])
}

/// A host in memory.
final class Files {
  var contents: [String: String] = [:]
  var programs: [(text: String, input: String)] = []
  var isInterrupted = false
  var directory = "/home"
  var history: [String] = []
  var pager: String?
  var edited: [[String]] = []
  /// Real waits, in milliseconds, and what happens in each.
  var pauses: [UInt64] = []
  var whilePausing: () -> Void = {}

  var host: Host {
    var host = Host()
    host.read = { path throws(HostError) in
      guard let text = self.contents[path] else { throw HostError("No such file or directory") }
      return Array(text.utf8)
    }
    host.create = { path, isAppending throws(HostError) in
      if path.hasPrefix("/locked/") { throw HostError("Permission denied") }
      if !isAppending || self.contents[path] == nil { self.contents[path] = "" }
      var name = path
      return Sink {
        self.contents[name, default: ""] += String(decoding: $0, as: UTF8.self)
        return true
      } close: {
        // What comes now would be in whatever file is opened next.
        name = "closed \(path)"
        return 0
      }
    }
    host.spawn = { script throws(HostError) in
      let number = self.programs.count
      let text = script.text
      self.programs.append((text, ""))
      return Sink {
        self.programs[number].input += String(decoding: $0, as: UTF8.self)
        return !text.hasPrefix("head")
      } close: {
        text == "fail" ? 3 : text == "nonesuch" ? 127 : 0
      }
    }
    host.capture = { script, input throws(HostError) in
      self.programs.append((script.text, String(decoding: input, as: UTF8.self)))
      let value = script.variables.first { $0.name == "value" }?.value ?? ""
      let end: Filtered.End = script.text == "fail" ? .exited(status: 3) : .exited(status: 0)
      let errors = script.takesErrors && script.text.hasPrefix("cry") ? Array("cried\n".utf8) : []
      return Filtered(output: Array("captured \(value)\n".utf8), errors: errors, end: end)
    }
    host.file = { path in
      if path == "dir" { return HostFile(kind: .directory) }
      return self.contents[path].map {
        HostFile(kind: .regular, size: $0.utf8.count, isReadable: true, isWritable: true)
      }
    }
    host.directory = { self.directory }
    host.changeDirectory = { path throws(HostError) in
      guard path.hasPrefix("/") else { throw HostError("No such file or directory") }
      self.directory = path
      return path
    }
    host.list = { directory in
      directory == "." ? ["rules", "run 1.fsh", ".hidden", "dir/"] : ["inner"]
    }
    host.pause = {
      self.pauses.append($0 / 1_000_000)
      self.whilePausing()
    }
    host.history = { self.history }
    host.pager = pager
    host.edit = { words in
      self.edited.append(words)
      return words.contains("nonesuch") ? 1 : 0
    }
    host.isInterrupted = { self.isInterrupted }
    host.clearInterrupt = { self.isInterrupted = false }
    return host
  }
}

/// A shell over a bench, with everything in memory.
struct Rig {
  let bench = Bench()
  let files = Files()
  let transcript = Transcript()
  let shell: Interpreter<Bench>

  init(columns: Int? = nil, stdin: String = "", pager: String? = nil) {
    files.pager = pager
    shell = Interpreter(
      world: bench, registry: Commands.registry, output: transcript.output(columns: columns),
      input: Input(bytes: Array(stdin.utf8)), host: files.host)
  }

  /// Runs a text and returns what a terminal would show.
  func run(_ text: String, file: String? = nil) -> String {
    shell.run(text: text, file: file)
    return transcript.all
  }
}
