// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Testing
import Userland

/// Whatever a script says, the shell comes to an end, and the same script says the same again.
@Suite("Random scripts") struct ScriptFuzzTests {
  @Test(arguments: FuzzSize.lineSeeds) func comeToAnEnd(seed: UInt64) {
    var maker = ScriptMaker(seed: seed)
    for number in 0..<FuzzSize.linesPerSeed {
      let script = maker.next()
      let first = Run(script)
      let place: Comment = "seed \(seed), script \(number):\n\(script)"
      #expect((0...255).contains(first.status), place)
      #expect(first.tally.ended == first.tally.entered, place)
      // In nothing that a script can ask does chance, or the host, play a part.
      let second = Run(script)
      #expect(first.text == second.text && first.status == second.status, place)
    }
  }

  /// What a fresh shell did with a script.
  private struct Run {
    let text: String
    let status: Int32
    let tally: Tally

    init(_ script: String) {
      let session = Session()
      let transcript = Transcript()
      var host = Host()
      // Endless loops meet ^C.
      var polls = 0
      host.isInterrupted = {
        polls += 1
        return polls > 5000
      }
      let shell = Interpreter(
        world: session, registry: Commands.registry, output: transcript.output(), host: host)
      shell.allowsHostPrograms = true
      shell.setParameters(name: "script", ["a", "b c", ""])
      shell.run(text: script, file: "f")
      shell.end()
      text = transcript.all
      status = shell.exitStatus
      tally = session.kernel.machine.tally
    }
  }
}

/// Draws scripts that are mostly of the grammar, and damages some.
struct ScriptMaker {
  private var random: RandomSource

  private static let words = [
    "a", "b", "'c d'", "\"e $a\"", "$a", "${a}", "${b:-x y}", "${c:=z}", "${a+q}", "${#a}",
    "${a%b*}",
    "${a##*/}", "\"$@\"", "$*", "$1", "${2}", "$#", "$?", "$$", "$!", "`echo b`", "$(echo c)",
    "$((1+2))",
    "$((a*3))", "\\;", "\"\"", "''", "*", "[a-c]", "é", "10.0.0.1", "x/y.z", "-n", "1", "2", "=",
    "{", "}", "!",
    "\"$(echo \"$a\" | read x; echo $x)\"", "~", "if", "done", "$", "\\\n", "#", "a#b", "${a?}",
    "${!}", "${a-$(exit 3)}",
  ]
  private static let simple = [
    "echo", "echo -e", "printf '%s|%d\\n'", "test", "[ a =", "true", "false", ":", "eval",
    "eval echo",
    "set --", "shift", "local", "export a=1", "readonly r=1", "unset", "a=", "b=$a", "c=$(echo x)",
    "IFS=:", "f", "g",
    "read x y", "return", "break", "continue", "exit", "trap 'echo t'", "alias al=echo\n", "al",
    "type", "command", "sh -c",
    "env a=1", "time", "getopts ab: o", "cd", "set -e", "set -x", "set -u", "set +e",
    "sysctl -n net.my_fibnum", "setfib 1 sh -c",
    "route -n get", "sleep 1", "jobs", "wait", "kill %1", "kill -l", "exec", "source", "nonesuch",
    "netstat -rn", "unset -f",
  ]
  private static let redirections = [
    ">f", "2>&1", ">&2", "<f", "3>&1", ">&3", "<&-", "2>&-", "<<E\nbody $a\nE\n",
    "<<'E'\nbody\nE\n", "<>x", ">&x",
  ]

  init(seed: UInt64) { random = RandomSource(seed: seed) }

  mutating func next() -> String {
    var script = list(depth: 0)
    if random.chance(30) { damage(&script) }
    return script
  }

  /// Takes out a piece, or doubles one, or puts something in.
  private mutating func damage(_ script: inout String) {
    var characters = Array(script)
    for _ in 0..<Int.random(in: 1...3, using: &random) where !characters.isEmpty {
      let start = Int.random(in: 0..<characters.count, using: &random)
      let end = min(characters.count, start + Int.random(in: 0...8, using: &random))
      switch Int.random(in: 0..<3, using: &random) {
      case 0: characters.removeSubrange(start..<end)
      case 1: characters.insert(contentsOf: characters[start..<end], at: start)
      default:
        characters.insert(
          contentsOf: random.pick(Self.words + ["'", "\"", "`", "$(", "${", ")", "\u{0}"]),
          at: start)
      }
    }
    script = String(characters)
  }

  private mutating func list(depth: Int) -> String {
    (0..<Int.random(in: 1...3, using: &random)).map { _ in
      item(depth: depth) + random.pick([";", "\n", " &", "\n\n"])
    }.joined(separator: " ")
  }

  private mutating func item(depth: Int) -> String {
    var text = pipeline(depth: depth)
    while random.chance(15) {
      text += random.pick([" && ", " || ", " &&\n"]) + pipeline(depth: depth)
    }
    return text
  }

  private mutating func pipeline(depth: Int) -> String {
    var text = (random.chance(8) ? "! " : "") + command(depth: depth)
    while random.chance(8) { text += " | " + command(depth: depth) }
    return text
  }

  private mutating func command(depth: Int) -> String {
    guard depth < 4, random.chance(35) else { return simpleCommand() }
    let compound = compound(depth: depth + 1)
    return compound + (random.chance(15) ? " " + random.pick(Self.redirections) : "")
  }

  private mutating func simpleCommand() -> String {
    var words = [random.pick(Self.simple)]
    for _ in 0..<Int.random(in: 0...3, using: &random) { words.append(random.pick(Self.words)) }
    if random.chance(10) { words.append(random.pick(Self.redirections)) }
    return words.joined(separator: " ")
  }

  private mutating func compound(depth: Int) -> String {
    let (one, two) = (list(depth: depth), list(depth: depth))
    let word = random.pick(Self.words)
    switch Int.random(in: 0..<10, using: &random) {
    case 0: return "if \(one) then \(two) fi"
    case 1: return "if \(one) then \(two) else \(list(depth: depth)) fi"
    case 2: return "for i in \(word) \(random.pick(Self.words)); do \(one) done"
    case 3: return "while \(one) do \(two) break; done"
    case 4: return "until \(one) do \(two) done"
    case 5: return "case \(word) in \(random.pick(Self.words)) | b) \(one) ;; *) \(two) esac"
    case 6: return "{ \(one) }"
    case 7: return "( \(one) )"
    case 8: return "\(random.pick(["f", "g"]))() { \(one) }"
    default: return "echo $(\(one))"
    }
  }
}
