// SPDX-License-Identifier: BSD-2-Clause

import CProbe
import Glibc
import Wire

/// The program `fibsh` that lies beside this one: how fast it starts and reads commands.
///
/// Each run is a process of its own. What a command takes is the difference between a run with it
/// and one without.
struct ProgramFamily: Family {
  private static let lines = 100_000

  private enum Kind: String, CaseIterable {
    case start = "start"
    case add = "command-route-add"
    case netstat = "command-netstat"
    case flush = "command-flush"

    var summary: String {
      switch self {
      case .start: "start fibsh, run nothing and leave"
      case .add: "a line \"route -q add\" of a script of \(ProgramFamily.lines)"
      case .netstat: "a line of netstat -rn with \(ProgramFamily.lines) routes"
      case .flush: "a route of route -q flush with \(ProgramFamily.lines)"
      }
    }
  }

  var scenarios: [Scenario] {
    Kind.allCases.map { Scenario(name: $0.rawValue, summary: $0.summary) }
  }

  func measure(_ chosen: Chosen, _ report: Report) {
    guard let program = Program.beside() else {
      report.leaveOut(scenarios.map(\.name).filter(chosen.contains), "no fibsh beside fibsh-bench")
      return
    }
    let text = Script()
    defer { text.remove() }
    let start = ProgramRun(program, ["-f", "-c", ":"])
    let add = ProgramRun(program, ["-f", text.add])
    let netstat = ProgramRun(program, ["-f", text.netstat])
    let flush = ProgramRun(program, ["-f", text.flush])
    for (kind, scenario) in zip(Kind.allCases, scenarios) where chosen.contains(scenario.name) {
      switch kind {
      case .start:
        let shell = ProgramRun("/bin/sh", ["-c", ":"])
        let found = interleave([start, shell], rounds: 25)
        report.add(
          Row(
            scenario: scenario, measurement: found[0],
            peers: [("sh", found[1].nanoseconds)]))
      case .add: report.add(difference(scenario, add, start, text.radixLoad()))
      case .netstat: report.add(difference(scenario, netstat, add, text.radixPrint()))
      case .flush: report.add(difference(scenario, flush, add, nil))
      }
    }
  }

  private func difference(
    _ scenario: Scenario, _ run: ProgramRun, _ without: ProgramRun,
    _ peer: (name: String, subject: any Subject)?
  ) -> Row {
    let found = interleave([run, without] + (peer.map { [$0.subject] } ?? []), rounds: 5)
    let time = (found[0].nanoseconds - found[1].nanoseconds) / Double(ProgramFamily.lines)
    return Row(
      scenario: scenario,
      measurement: Measurement(
        nanoseconds: time, counts: probe_counts(), operations: ProgramFamily.lines),
      peers: peer.map { [($0.name, found[2].nanoseconds)] } ?? [])
  }

  /// The scripts, in files of their own.
  private struct Script {
    let add: String
    let netstat: String
    let flush: String
    private let text: [UInt8]
    private let table = RouteTable(ProgramFamily.lines)

    init() {
      var lines = "ifconfig em1 10.0.1.1/24\nifconfig em2 10.0.2.1/24\n"
      for prefix in table.prefixes {
        let network = IPv4Address(rawValue: prefix.address)
        lines += "route -q add \(network)/\(prefix.length) \(Lab.gateway(prefix.hop))\n"
      }
      text = Array(lines.utf8)
      let place = "/tmp/fibsh-bench.\(getpid())"
      (add, netstat, flush) = (place + ".add", place + ".netstat", place + ".flush")
      Script.write(text, to: add)
      Script.write(text + Array("netstat -rn\n".utf8), to: netstat)
      Script.write(text + Array("route -q flush\n".utf8), to: flush)
    }

    func remove() {
      for path in [add, netstat, flush] { unsafe unlink(path) }
    }

    private static func write(_ bytes: [UInt8], to path: String) {
      let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
      guard descriptor >= 0, unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count
      else { fail("\(path): cannot be written") }
      close(descriptor)
    }

    /// The same lines read in C into a tree.
    func radixLoad() -> (name: String, subject: any Subject) {
      let text = text
      return (
        "radix",
        Work(operations: ProgramFamily.lines) {
          let tree = RadixPeer([])
          probe_start()
          let count = tree.load(text)
          probe_stop()
          demand(count == ProgramFamily.lines, "\(count) lines were read in C")
        }
      )
    }

    /// The same routes printed in C.
    func radixPrint() -> (name: String, subject: any Subject) {
      let tree = RadixPeer(table.prefixes)
      return (
        "radix",
        Work(operations: ProgramFamily.lines) {
          probe_start()
          let count = tree.print()
          probe_stop()
          demand(count == ProgramFamily.lines, "\(count) routes were printed in C")
        }
      )
    }
  }
}

/// A program of the host.
private enum Program {
  /// The fibsh that lies in the same directory as this program.
  static func beside() -> String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
    guard count > 0 else { return nil }
    let own = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    guard let slash = own.lastIndex(of: "/") else { return nil }
    let path = own[...slash] + "fibsh"
    return unsafe access(String(path), X_OK) == 0 ? String(path) : nil
  }
}

/// A run of a program from its start to its end, with nothing to read and nobody who reads.
private final class ProgramRun: Subject {
  let operations = 1
  private let path: String
  private let arguments: [String]

  init(_ path: String, _ arguments: [String]) {
    (self.path, self.arguments) = (path, arguments)
  }

  func run() {
    let words = ([path] + arguments).joined(separator: "\0") + "\0"
    probe_start()
    let status = unsafe probe_spawn(words, arguments.count + 1)
    probe_stop()
    demand(status == 0, "\(path) \(arguments): status \(status)")
  }
}
