// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// One run of ipfw(8): what its options ask for, and the machine it talks to.
struct Ipfw {
  let session: Session
  let output: Output
  /// What stands in front of its messages; a line's number while it reads a file.
  var program = "ipfw"
  /// `-q`
  var isQuiet = false
  /// `-n`: rules are read and shown, but the kernel is not asked.
  var isTest = false
  /// `-a`
  var showsCounters = false
  /// `-d`: states too.
  var showsDynamic = false
  /// `-e`: those that are over, too.
  var showsExpired = false
  /// `-i`: values of tables are addresses.
  var showsValuesAsAddresses = false
  var format = RuleFormat()
  var pipeFormat = PipePrinter()
  /// `pipe` or `queue` in front of a command: what it is about.
  var pipeKind: PipeKind?
  /// `set N` in front of a command: what it is about.
  var set: UInt8?
  /// Reads a file of the host.
  var read: (_ path: String) throws(HostError) -> [UInt8] = { _ throws(HostError) in
    throw .refused
  }
  /// Asks whether to go on; nil where nobody is there to answer.
  var confirm: ((_ question: String) -> Bool)?

  /// Does what the words behind the options say (`ipfw_main`).
  mutating func run(_ arguments: [String]) throws(Fault) {
    var words = arguments[...]
    guard var word = words.first else {
      throw .failed("bad arguments, for usage summary ``ipfw''", status: 64)
    }
    if words.count > 1, CNumber.hasDigit(word) { words.swapAt(0, 1) }
    word = words[words.startIndex]
    if !word.isEmpty, "nat".hasPrefix(word) { return try runNat(words.dropFirst()) }
    if !word.isEmpty, "pipe".hasPrefix(word) {
      pipeKind = .pipe
    } else if !word.isEmpty, matches(word, "queue") {
      pipeKind = .queue
    }
    if pipeKind != nil { return try runSwapped(words.dropFirst()) }
    if !word.isEmpty, "set".hasPrefix(word), words.count > 1, CNumber.hasDigit(words[1]) {
      guard let number = UInt8(words[1]), number <= FirewallRule.reservedSet else {
        throw .failed("invalid set number \(words[1])\n", status: 65)
      }
      set = number
      words = words.dropFirst(2)
      guard let next = words.first else { throw .failed("missing command", status: 64) }
      word = next
    }
    words.removeFirst()
    try run(word, words)
  }

  /// What follows `nat`; a number in front counts as if it stood behind the command.
  private mutating func runNat(_ words: ArraySlice<String>) throws(Fault) {
    var words = Array(words)
    if words.count > 1, CNumber.hasDigit(words[0]) { words.swapAt(0, 1) }
    guard let word = words.first else { throw .failed("missing command", status: 64) }
    if try !translate(word, words.dropFirst()) { try run(word, words.dropFirst()) }
  }

  /// What follows `pipe` or `queue`; a number in front counts as if it stood behind the command.
  private mutating func runSwapped(_ words: ArraySlice<String>) throws(Fault) {
    var words = Array(words)
    if words.count > 1, CNumber.hasDigit(words[0]) { words.swapAt(0, 1) }
    guard let word = words.first else { throw .failed("missing command", status: 64) }
    try run(word, words.dropFirst())
  }

  /// Finds the command; the first that the word begins is meant.
  private mutating func run(_ word: String, _ words: ArraySlice<String>) throws(Fault) {
    let commands = IpfwWord.allCases.filter {
      (set == nil || $0.takesSet) && (pipeKind != nil || $0 != .config)
    }
    guard let command = commands.first(where: { matches(word, $0.rawValue) }) else {
      throw .failed("bad command `\(word)'", status: 64)
    }
    switch (command, pipeKind) {
    case (.config, let kind?): return try configure(words, kind)
    case (.delete, let kind?): return try deletePipes(words, kind)
    case (.flush, _?): return try flushPipes()
    case (.print, let kind?), (.list, let kind?), (.show, let kind?):
      return try listPipes(words, kind)
    default: break
    }
    switch command {
    case .add: try add(words)
    // Only behind `pipe` and `queue`.
    case .config: break
    case .set: try changeSets(words)
    case .table: try changeTables(words)
    case .enable: try enable(words.first, true)
    case .disable: try enable(words.first, false)
    case .delete: try delete(words)
    case .flush: try flush()
    case .zero: try zero(words, logOnly: false)
    case .resetlog: try zero(words, logOnly: true)
    case .print, .list: try list(words)
    case .show:
      showsCounters = true
      try list(words)
    }
  }

  /// Splits a single argument at blanks up to `#`, and joins words that end in a comma with the next.
  static func join(_ arguments: [String]) -> [String] {
    var words = arguments
    if arguments.count == 1 {
      words = arguments[0].prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
        .map(String.init)
    }
    var result: [String] = []
    var isOpen = false
    for word in words {
      if isOpen { result[result.count - 1] += word } else { result.append(word) }
      isOpen = word.hasSuffix(",")
    }
    return result
  }

  /// Whether a word is a keyword or its beginning.
  func matches(_ word: String, _ keyword: String) -> Bool {
    RuleParser.isPrefix(word, of: keyword, warn: warn)
  }

  /// The address of a host's name.
  func resolve(_ host: String) -> IPv4Address? { Hosts.address(named: host) }

  /// Says something on stderr (`warnx`).
  func warn(_ message: String) { output.writeError("\(program): \(message)\n") }

  /// Makes a system call, unless only the words are tested.
  func call<Value>(
    _ what: String, status: Int32, _ body: (inout Kernel) throws(Errno) -> Value
  ) throws(Fault) -> Value {
    do throws(Errno) {
      return try body(&session.kernel)
    } catch {
      throw .failed("\(what): \(error.message)", status: status)
    }
  }

  /// The scope of a call about a number, inside the chosen set if there is one.
  func scope(_ number: UInt16) -> Kernel.FirewallScope {
    set.map { .numberInSet(number, $0) } ?? .number(number)
  }
}
