// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell

/// The protocols' queues as `netstat -Q` of 8.1 shows them (`netisr_stats()` of netisr.c), and as the
/// debugger of 8.0 does (`show netisr`).
struct NetisrReport {
  private let session: Session

  init(_ session: Session) { self.session = session }

  private func number(_ key: SysctlKey) -> Int64 {
    guard case .number(let value) = session.kernel.sysctl(key, vnet: session.vnet, fib: session.fib)
    else { return 0 }
    return value
  }

  /// A number as `%u` prints an `int`.
  private func unsigned(_ key: SysctlKey) -> UInt32 { UInt32(truncatingIfNeeded: number(key)) }

  var text: String {
    var lines = ["Configuration:", setting("Setting", "Current", "Limit")]
    for (name, key, limit) in [
      ("Thread count", SysctlKey.isrNumthreads, SysctlKey.isrMaxthreads),
      ("Default queue limit", .isrDefaultqlimit, .isrMaxqlimit),
    ] {
      lines.append(setting(name, "\(unsigned(key))", "\(unsigned(limit))"))
    }
    for (name, key) in [
      ("Direct dispatch", SysctlKey.isrDirect), ("Forced direct dispatch", .isrDirectForce),
      ("Threads bound to CPUs", .isrBindthreads),
    ] {
      lines.append(setting(name, number(key) == 0 ? "disabled" : "enabled", "n/a"))
    }
    lines += ["", "Protocols:", "Name   Proto QLimit Policy Flags"]
    lines += NetisrProtocol.allCases.map(protocolLine)
    lines += ["", "Workstreams:"]
    lines.append("WSID CPU   Name     Len WMark   Disp'd  HDisp'd   QDrops   Queued  Handled")
    for cpu in workers {
      for (place, netisr) in NetisrProtocol.allCases.enumerated() {
        let work = session.kernel.netisrWork(netisr, cpu: cpu)
        let start = place == 0 ? "\(cpu.padLeft(to: 4)) \(cpu.padLeft(to: 3))" : "        "
        let counts = [
          work.dispatched, work.hybridDispatched, work.drops, work.queued, work.handled,
        ]
        lines.append(
          start + "  \(netisr.name.padRight(to: 6)) \(work.length.padLeft(to: 5)) "
            + work.watermark.padLeft(to: 5) + counts.map { " " + $0.padLeft(to: 8) }.joined())
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The queues as `db_show_netisr` prints them.
  var debuggerText: String {
    var lines = ["CPU  Proto   Len WMark   Max     Disp    HDisp     Drop    Queue"]
    for cpu in workers {
      for (place, netisr) in NetisrProtocol.allCases.enumerated() {
        let work = session.kernel.netisrWork(netisr, cpu: cpu)
        let limit = Int32(truncatingIfNeeded: session.kernel.netisrLimit(netisr))
        let counts = [work.dispatched, work.hybridDispatched, work.drops, work.queued]
        lines.append(
          (place == 0 ? cpu.padLeft(to: 3) : "   ") + " \(netisr.name.padLeft(to: 6)) "
            + "\(work.length.padLeft(to: 5)) \(work.watermark.padLeft(to: 5)) "
            + limit.padLeft(to: 5) + counts.map { " " + $0.padLeft(to: 8) }.joined())
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The CPUs that have a worker, lowest first.
  private var workers: [Int] {
    let streams = session.kernel.machine.netisr.streamCount
    return (0..<streams).map { session.kernel.machine.netisr.cpu(ofStream: $0) }.sorted()
  }

  private func setting(_ name: String, _ current: String, _ limit: String) -> String {
    [name.padRight(to: 25), current.padLeft(to: 12), limit.padLeft(to: 12)].joined(separator: " ")
  }

  /// One protocol: its policy, and which functions of its own it has.
  private func protocolLine(_ netisr: NetisrProtocol) -> String {
    let policy =
      switch netisr.policy {
      case .source: "source"
      case .flow: "flow"
      case .cpu: "cpu"
      }
    // No protocol finds flows itself.
    let flags = (netisr.policy == .cpu ? "C" : "-") + (netisr.hearsOfDrain ? "D" : "-") + "-"
    return [
      netisr.name.padRight(to: 6), Int(netisr.rawValue).padLeft(to: 5),
      session.kernel.netisrLimit(netisr).padLeft(to: 6), policy.padLeft(to: 6), "  " + flags,
    ].joined(separator: " ")
  }
}
