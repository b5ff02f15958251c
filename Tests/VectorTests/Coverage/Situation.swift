// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Testing
import Userland
import Wire

/// What a user types so that a packet comes to an id that no recorded scenario has.
struct Situation: CustomTestStringConvertible {
  let id: TraceID
  let commands: String

  init(_ id: TraceID, _ commands: String...) {
    self.id = id
    self.commands = commands.joined(separator: "\n")
  }

  var testDescription: String { id.text }

  /// A router between 10.0.0.0/24 on em0 and 10.0.1.0/24 on em1, a neighbour 2 on each.
  private static let router = """
    ifconfig em0 inet 10.0.0.1/24
    ifconfig em1 inet 10.0.1.1/24
    arp -s 10.0.0.2 02:aa:00:00:00:01
    arp -s 10.0.1.2 02:aa:00:00:00:02
    sysctl net.inet.ip.forwarding=1

    """

  /// Types the commands on a fresh router, and reads what the traces among them say.
  func run() throws -> (coverage: Coverage, complaints: String) {
    let sitting = Sitting()
    _ = try sitting.type(Situation.router)
    let coverage = try sitting.type(commands + "\n")
    return (coverage, sitting.transcript.error)
  }
}

/// A shell over a fresh machine, and what its JSON traces tell.
struct Sitting {
  let session = Session()
  let transcript = Transcript()
  private let shell: Interpreter<Session>

  init() {
    shell = Interpreter(
      world: session, registry: Commands.registry, output: transcript.output())
  }

  /// Runs a text, and gathers the ids of what `-j` showed.
  func type(_ text: String) throws -> Coverage {
    let before = transcript.out.utf8.count
    shell.run(text: text)
    var coverage = Coverage()
    let shown = String(decoding: transcript.out.utf8.dropFirst(before), as: UTF8.self)
    for line in shown.split(separator: "\n") where line.hasPrefix("{") {
      coverage.note(try JSON(line: line))
    }
    return coverage
  }

  /// The last frame that left, by what was shown.
  func lastFrame() throws -> [UInt8] {
    var frame: [UInt8] = []
    for line in transcript.out.split(separator: "\n") where line.hasPrefix("{") {
      let event = try JSON(line: line)
      if event["moment"]?.text == "transmitted" {
        frame = try Word.bytes(event["bytes"]?.text ?? "-")
      }
    }
    return frame
  }
}

extension Coverage {
  /// Notes what a line of a JSON trace says was reached.
  fileprivate mutating func note(_ line: JSON) {
    func id(_ member: String) -> TraceID? { line[member]?.text.flatMap { TraceID(text: $0) } }
    switch line["event"]?.text {
    case "waypoint", "netisr", "bridge": if let id = id("id") { note(id, isPassed: true) }
    case "discarded", "end":
      for member in ["id", "cause", "suppressed"] {
        if let id = id(member) { note(id, isPassed: false) }
      }
    default: break
    }
  }
}
