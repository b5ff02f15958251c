// SPDX-License-Identifier: BSD-2-Clause

import Glibc
import Shell

/// What the program was started with.
struct CommandLineOptions {
  /// The texts of `-c` in order.
  var texts: [String] = []
  /// The script to run; nil or `-` reads the standard input.
  var script: String?
  /// `$0`, and `$1` and those behind.
  var name = "fibsh"
  var parameters: [String] = []
  /// The options of set(1) that are on.
  var letters: [Character] = []
  var isInteractive = false
  var isQuiet = false
  var allowsHostPrograms = false
  var isSandbox = false
  /// The file an interactive shell runs first; nil for the user's own.
  var startFile: String?
  /// Whether there is no such file.
  var hasNoStartFile = false
  /// Loader tunables of `-o NAME=VALUE`.
  var tunables: [(name: String, value: String)] = []
  /// How many em interfaces there are; nil for the usual number.
  var interfaces: Int?
  /// What `--help` or `--version` prints instead of a session.
  var information: String?

  static let usage = """
    usage: fibsh [-Eefinquvx] [--exec | --sandbox] [-I interfaces] [-o name=value]
                 [-r file] [-c text | file] [argument ...]

    """

  private static let explanation = """
      -c text        run this text; may be given more than once
      -E             show the prompt and each line before it runs
      -e             leave at the first failure that nothing tests
      -f             read no start file
      -I interfaces  the number of em interfaces
      -i             behave as at a terminal
      -n             read the commands and run none
      -o name=value  set a tunable before the kernel boots
      -q             greet nobody
      -r file        the start file at a terminal, instead of ~/.fibshrc
      -u             a variable that is not set is an error
      -v             show each line as it is read
      -x             show each command before it runs
      --exec         run programs of the host where a batch names them
      --sandbox      touch nothing of the host: no files, no programs
      --help         show this text
      --version      show the version
    Without text and file the commands come from the standard input. Arguments are $1 and those
    behind; with -c the first one is $0.

    """

  /// Reads the words after the program's name.
  init(_ words: ArraySlice<String>) throws(Fault) {
    let flags: [Option<Nowhere>] =
      "Eefhinquvx".map { Option($0, "") }
      + [
        Option("c", argument: "text", ""), Option("I", argument: "interfaces", ""),
        Option("o", argument: "name=value", ""), Option("r", argument: "file", ""),
      ]
    let arguments = try Arguments.parse(try takeLongOptions(words), flags)
    for given in arguments.options { try take(given.letter, given.argument ?? "") }
    if let first = arguments.operands.first {
      parameters = Array(arguments.operands.dropFirst())
      if !texts.isEmpty || first != "-" { name = first }
      script = texts.isEmpty && first != "-" ? first : nil
    }
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
      case "--sandbox": isSandbox = true
      case "--help": information = Self.usage + Self.explanation
      case "--version": information = "fibsh 0.1\n"
      default:
        guard !word.hasPrefix("--") else { throw .usage("unknown option \(word)") }
        rest.append(word)
        let takesNext = word.last.map { "cIor".contains($0) } ?? false
        if takesNext, let argument = words.popFirst() { rest.append(argument) }
      }
    }
    return (rest + words)[...]
  }

  private mutating func take(_ letter: Character, _ argument: String) throws(Fault) {
    switch letter {
    case "c": texts.append(argument)
    case "E", "e", "n", "u", "v", "x": letters.append(letter)
    case "f": hasNoStartFile = true
    case "r": startFile = argument
    case "i": isInteractive = true
    case "q": isQuiet = true
    case "h": information = Self.usage + Self.explanation
    case "I":
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
