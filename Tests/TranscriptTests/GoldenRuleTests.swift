// SPDX-License-Identifier: BSD-2-Clause

import Foundation
import Netstack
import Shell
import Testing
import Userland

/// What ipfw(8) of August 2010 said over a stub of the kernel: `$ ` the words, `[o] ` and `[e] ` lines
/// of the two streams, `rc=` the exit status.
@Suite("Golden rules") struct GoldenRuleTests {
  /// Commands whose recorded answer the model does not give; Docs/Fidelity.md says why.
  private static let excused: Set<String> = [
    "ipfw add divert natd ip from any to any via em0", "ipfw add allow ip from any to any gid root",
    "ipfw add count ip from any to any lookup dst-ip 3",
    "ipfw add count ip from any to any lookup uid 3", "ipfw set 99 list", "ipfw table 1 list",
    "ipfw -i table 1 list", "ipfw table all list", "ipfw pipe config bw 1M", "ipfw -z", "ipfw -h",
    "ipfw queue 1 config weight",
  ]
  /// Listings after the stub put counters and states there that no packet of the model brings.
  private static let stubbed: Set<String> = [
    "ipfw -a list", "ipfw show", "ipfw -t list", "ipfw -t show", "ipfw -T show", "ipfw -S show",
    "ipfw -d list", "ipfw -d show", "ipfw -d -e list", "ipfw -de show", "ipfw -c show",
    "ipfw -q show 100", "ipfw show 100", "ipfw show 100 300", "ipfw -d show 500", "ipfw sh",
  ]

  /// What a command said on each stream, and its status.
  struct Answer: Equatable {
    var out = ""
    var error = ""
    var status: Int32 = 0
  }

  @Test(arguments: [("add_echo", 172), ("list_show", 104)])
  func answersAsRecorded(file: String, agreed: Int) throws {
    var lab = Lab()
    var found = 0
    var differing: Set<String> = []
    let steps = try Self.steps(of: file)
    for (words, recorded) in steps {
      if file == "add_echo" { lab = Lab() }
      let answer = lab.run(words)
      if answer == recorded {
        found += 1
      } else if Self.excused.contains(words) {
        differing.insert(words)
      } else if !Self.stubbed.contains(words) {
        #expect(answer == recorded, "$ \(words)")
      }
    }
    #expect(differing == Self.excused.intersection(steps.map(\.words)))
    #expect(found >= agreed)
  }

  /// A machine whose kernel has what the stub knew.
  private struct Lab {
    let interpreter: Interpreter<Session>

    init() {
      var options = SessionOptions()
      options.kernel.firewallDefaultsToAccept = false
      options.kernel.netgraph = true
      interpreter = Interpreter(
        world: Session(options), registry: Registry([Commands.ipfw]),
        output: Transcript().output())
    }

    func run(_ line: String) -> Answer {
      let transcript = Transcript()
      let words = line.split(separator: " ").map { String($0.replacing("'", with: "")) }
      let status = interpreter.run(words: words, output: transcript.output(), input: .empty)
      return Answer(out: transcript.out, error: transcript.error, status: status)
    }
  }

  private static func steps(of file: String) throws -> [(words: String, recorded: Answer)] {
    let path = "Tests/TranscriptTests/Golden/ipfw/\(file).txt"
    let text = try String(contentsOf: Repository.root.appending(path: path), encoding: .utf8)
    var steps: [(words: String, recorded: Answer)] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let rest = String(line.dropFirst(4))
      if line.hasPrefix("$ ") {
        steps.append((String(line.dropFirst(2)), Answer()))
      } else if line.hasPrefix("[o]") {
        steps[steps.count - 1].recorded.out += rest + "\n"
      } else if line.hasPrefix("[e]") {
        steps[steps.count - 1].recorded.error += rest + "\n"
      } else if line.hasPrefix("rc=") {
        steps[steps.count - 1].recorded.status = Int32(line.dropFirst(3)) ?? -1
      }
    }
    return steps
  }
}
