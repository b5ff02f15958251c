// SPDX-License-Identifier: BSD-2-Clause

import Glibc
import Shell

/// What the program was started with.
struct CommandLineOptions {
  /// The texts of `-c` in order.
  var texts: [String] = []
  /// The script to run; nil or `-` reads the standard input.
  var script: String?
  var stopsAtFailure = false
  var isInteractive = false
  var isQuiet = false
  var allowsHostPrograms = false
  /// Loader tunables of `-o NAME=VALUE`.
  var tunables: [(name: String, value: String)] = []
  /// How many em interfaces there are; nil for the usual number.
  var interfaces: Int?
  /// What `--help` or `--version` prints instead of a session.
  var information: String?

  static let usage = """
    usage: fibsh [-eiq] [--exec] [-n interfaces] [-o name=value] [-c text | file]

    """

  private static let explanation = """
      -c text        run this text; may be given more than once
      -e             leave at the first failure that nothing tests
      -i             behave as at a terminal
      -n interfaces  the number of em interfaces
      -o name=value  set a tunable before the kernel boots
      -q             greet nobody
      --exec         allow `| command` in batches
      --help         show this text
      --version      show the version
    Without text and file the commands come from the standard input.

    """

  /// Reads the words after the program's name.
  init(_ words: ArraySlice<String>) throws(Fault) {
    let flags: [Option<Nowhere>] = [
      Option("c", argument: "text", ""), Option("e", ""), Option("i", ""), Option("q", ""),
      Option("h", ""), Option("n", argument: "interfaces", ""),
      Option("o", argument: "name=value", ""),
    ]
    let arguments = try Arguments.parse(try takeLongOptions(words), flags)
    for given in arguments.options { try take(given.letter, given.argument ?? "") }
    guard arguments.operands.count <= (texts.isEmpty ? 1 : 0) else { throw .usage() }
    script = arguments.operands.first == "-" ? nil : arguments.operands.first
    let isBatch = !texts.isEmpty || script != nil
    isInteractive = (isInteractive || isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1)
    isInteractive = isInteractive && !isBatch
  }

  /// Takes out the words before the file that begin with two dashes, which getopt(3) has not got.
  private mutating func takeLongOptions(
    _ words: ArraySlice<String>
  ) throws(Fault) -> ArraySlice<String> {
    var rest: [String] = []
    var words = words
    while let word = words.first, word.hasPrefix("-"), word != "-", word != "--" {
      words.removeFirst()
      switch word {
      case "--exec": allowsHostPrograms = true
      case "--help": information = Self.usage + Self.explanation
      case "--version": information = "fibsh 0.1\n"
      default:
        guard !word.hasPrefix("--") else { throw .usage("unknown option \(word)") }
        rest.append(word)
        let takesNext = word.last.map { "cno".contains($0) } ?? false
        if takesNext, let argument = words.popFirst() { rest.append(argument) }
      }
    }
    return (rest + words)[...]
  }

  private mutating func take(_ letter: Character, _ argument: String) throws(Fault) {
    switch letter {
    case "c": texts.append(argument)
    case "e": stopsAtFailure = true
    case "i": isInteractive = true
    case "q": isQuiet = true
    case "h": information = Self.usage + Self.explanation
    case "n":
      guard let number = Int(argument), (0...1024).contains(number) else {
        throw .failed("bad number of interfaces: \(argument)", status: 2)
      }
      interfaces = number
    case "o":
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw .failed("bad tunable: \(argument)", status: 2)
      }
      tunables.append((String(parts[0]), String(parts[1])))
    default: throw .usage()
    }
  }
}

/// The world of the program's own options: it has no candidates.
private final class Nowhere {}
