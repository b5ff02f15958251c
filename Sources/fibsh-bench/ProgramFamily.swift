// SPDX-License-Identifier: BSD-2-Clause

import CProbe
import Glibc

/// The program `fibsh` that lies beside this one: how fast it starts, reads commands, and does what
/// one command does with a whole table or capture.
///
/// Each run is a process of its own. What a command takes is the difference between a run with it
/// and one without.
struct ProgramFamily: Family {
  static let sizes = [100_000, 1_000_000]
  /// What growth is told against.
  private static let smallest = 10_000

  private enum Kind: String, CaseIterable {
    case start
    case add = "command-route-add"
    case list = "program-netstat"
    case load = "program-load"
    case flush = "program-flush"
    case quietFlush = "program-flush-quiet"
    case replay = "program-replay"
    case filteredReplay = "program-replay-ipfw"

    func summary(_ size: Int) -> String {
      switch self {
      case .start: "start fibsh, run nothing and leave"
      case .add: "a line \"route -q add\" of a script of \(size)"
      case .list: "a line of netstat -rn with \(size) routes"
      case .load: "a line of a file of \(size) that route load reads"
      case .flush: "a route of route flush with \(size)"
      case .quietFlush: "a route of route -q flush with \(size)"
      case .replay: "a packet of a capture of \(size) that inject -q -r reads, ipfw off"
      case .filteredReplay: "the same with a rule that allows everything, in and out"
      }
    }
  }

  let settings: Settings
  let source: RouteSource

  init(_ settings: Settings, _ source: RouteSource) {
    (self.settings, self.source) = (settings, source)
  }

  private func scenario(_ kind: Kind, _ size: Int) -> Scenario {
    Scenario(
      name: kind == .start ? kind.rawValue : "\(kind.rawValue)-\(shortNumber(size))",
      summary: kind.summary(size), isHeavy: size > 100_000)
  }

  private var rows: [(kind: Kind, size: Int)] {
    Kind.allCases.flatMap { kind in
      let sizes =
        switch kind {
        case .start: [1]
        case .replay, .filteredReplay: ProgramFamily.sizes
        case .add, .list, .load, .flush, .quietFlush: source.sizes(ProgramFamily.sizes)
        }
      return sizes.map { (kind, $0) }
    }
  }

  var scenarios: [Scenario] { rows.map { scenario($0.kind, $0.size) } }

  func measure(_ chosen: Chosen, _ report: Report) {
    guard let program = Program.beside() else {
      report.leaveOut(scenarios.map(\.name).filter(chosen.contains), "no fibsh beside fibsh-bench")
      return
    }
    let directory = TemporaryDirectory()
    defer { directory.remove() }
    let base = ProgramLab(source, ProgramFamily.smallest, directory)
    var lab: ProgramLab?
    for (kind, size) in rows {
      let scenario = scenario(kind, size)
      guard chosen.contains(scenario.name) else { continue }
      if kind == .start {
        report.add(startRow(scenario, program))
        continue
      }
      let used = lab.flatMap { $0.size == size ? $0 : nil } ?? ProgramLab(source, size, directory)
      lab = used
      report.add(row(kind, scenario, used, base, program))
    }
  }

  private func startRow(_ scenario: Scenario, _ program: String) -> Row {
    let start = ProgramRun(program, ["-f", "-c", ":"])
    let shell = ProgramRun("/bin/sh", ["-c", ":"])
    let found = interleave(settings.hasPeers ? [start, shell] : [start], rounds: 25)
    return Row(
      scenario: scenario, measurement: found[0],
      peers: found.dropFirst().map { ("sh", $0.nanoseconds) })
  }

  private func row(
    _ kind: Kind, _ scenario: Scenario, _ lab: ProgramLab, _ base: ProgramLab, _ program: String
  ) -> Row {
    var subjects: [any Subject] = [lab, base].flatMap { lab in
      scripts(kind, lab).map { ProgramRun(program, ["-f", $0]) }
    }
    switch kind {
    case .add where settings.hasPeers: subjects.append(lab.radixLoad())
    case .list where settings.hasPeers: subjects.append(lab.radixPrint())
    default: break
    }
    let found = interleave(subjects, rounds: 5)
    // A difference of two runs, which may be none.
    let time = (found[0].nanoseconds - found[1].nanoseconds) / Double(lab.size)
    let baseTime = (found[2].nanoseconds - found[3].nanoseconds) / Double(base.size)
    return Row(
      scenario: scenario,
      measurement: Measurement(
        nanoseconds: time, counts: probe_counts(), operations: lab.size),
      growth: baseTime > 0 ? time / baseTime : nil,
      peers: found.dropFirst(4).map { ("radix", $0.nanoseconds) })
  }

  /// The script with what is measured, and the one without it.
  private func scripts(_ kind: Kind, _ lab: ProgramLab) -> [String] {
    switch kind {
    case .start, .add: [lab.commands, lab.nothing]
    case .list: [lab.listing, lab.loading]
    case .load: [lab.loading, lab.nothing]
    case .flush: [lab.flushing(isQuiet: false), lab.loading]
    case .quietFlush: [lab.flushing(isQuiet: true), lab.loading]
    case .replay: [lab.replaying(isFiltered: false), lab.nothing]
    case .filteredReplay: [lab.replaying(isFiltered: true), lab.nothing]
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
