// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Testing
import Userland

/// Whatever is typed, the shell answers and goes on.
///
/// The host refuses everything, and `-w` is never drawn, so no line touches a file or starts a program.
@Suite("Random lines") struct CommandFuzzTests {
  @Test(arguments: FuzzSize.lineSeeds) func areAnswered(seed: UInt64) {
    let session = Session()
    let registry = Commands.registry
    let transcript = Transcript()
    var lines = LineMaker(seed: seed, registry)
    for number in 0..<FuzzSize.linesPerSeed {
      let line = lines.next(session)
      // A shell each: some lines leave it, or make it say nothing any more.
      let shell = Interpreter(world: session, registry: registry, output: transcript.output())
      shell.run(text: line)
      shell.end()
      let tally = session.kernel.machine.tally
      let place: Comment = "seed \(seed), line \(number): \(line)"
      #expect(tally.ended == tally.entered, place)
      #expect((0...255).contains(shell.status), place)
    }
  }
}

/// Draws command lines from the commands' own words.
struct LineMaker {
  private var random: RandomSource
  private let commands: [(name: String, words: [String])]

  /// Operands that mean something here and there, and such that mean trouble.
  private static let operands: [String] = [
    "em0", "em1", "lo0", "em9", "10.0.0.1", "10.0.0.1/24", "10.0.0.2", "192.168.1.0/24", "default",
    "127.0.0.1", "0", "1", "-1", "15", "16", "65535", "65536", "4294967296", "99999999999999999999",
    "net.inet.ip.forwarding=1", "net.inet.ip.ttl", "02:aa:00:00:00:01", "255.255.255.0", "up",
    "down", "add", "delete", "inet", "alias", "-a", "-n", "-s", "-r", "any", "to", "from", "me",
    "ip", "all", "''", "\"", "'a b'", "\\", "$?", "$x", "$", "*", "[", "{", "é", "\u{1}", "-",
    "--", "#", "", "0x", "1.2.3", "1.2.3.4.5", "300.1.1.1", "/33", "10.0.0.0/-1", "=",
  ]

  /// What joins commands.
  private static let joints: [String] = [
    ";", "&&", "||", "|", ">", ">>", "<", "!", "&", "(", ")", "$(", "`",
  ]

  /// Commands that end the shell, or run until they are interrupted.
  private static let avoided: Set<String> = ["exit", "quit", "logout"]

  init(seed: UInt64, _ registry: Registry<Session>) {
    random = RandomSource(seed: seed)
    commands = registry.commands.filter { !LineMaker.avoided.contains($0.name) }.map { command in
      let keywords = command.grammar.keywords.flatMap { $0.rows.flatMap(\.words) }
      let options = (command.grammar.options ?? []).map { "-\($0.letter)" }
      let usage = command.usageText.split { !$0.isLetter && $0 != "-" && $0 != "_" }
      let words = keywords + options + usage.map(String.init)
      // Behind -w stands a capture's file, which libpcap makes without asking the host.
      return (command.name, words.filter { !($0.hasPrefix("-") && $0.contains("w")) })
    }
  }

  /// The next line: mostly a command with words of its own.
  mutating func next(_ session: Session) -> String {
    guard random.chance(95) else {
      return String(decoding: random.bytes(Int(random.byte()) % 60), as: UTF8.self)
        .replacing("\n", with: " ")
    }
    let command = random.pick(commands)
    var words = [command.name]
    for _ in 0..<Int.random(in: 0...7, using: &random) {
      switch Int.random(in: 0..<100, using: &random) {
      case 0..<45 where !command.words.isEmpty: words.append(random.pick(command.words))
      case 0..<90: words.append(random.pick(LineMaker.operands))
      case 90..<95: words.append(random.pick(session.interfaceNames))
      default:
        words.append(random.pick(LineMaker.joints))
        words.append(random.pick(commands).name)
      }
    }
    return words.joined(separator: " ")
  }
}
