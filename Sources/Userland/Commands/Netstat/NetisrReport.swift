// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell

/// The dispatch queues as `netstat -Q` of 8.1 shows them (`netisr_stats()` of netisr.c).
struct NetisrReport {
  private let session: Session

  init(_ session: Session) { self.session = session }

  /// A protocol with a queue; those that nothing here ever uses are there all the same.
  private struct Row {
    let name: String
    let number: Int
    let limit: Int64
    let policy: String
    let work: NetisrWork
  }

  private var rows: [Row] {
    let ip = session.kernel.machine.netisr[.ip]
    let arp = session.kernel.machine.netisr[.arp]
    let usual = number(.isrDefaultqlimit)
    var messages = NetisrWork()
    messages.queued = session.kernel[session.vnet].routingSockets.dispatched
    messages.handled = messages.queued
    messages.watermark = messages.queued == 0 ? 0 : 1
    return [
      Row(
        name: "ip", number: 1, limit: number(.ipIntrQueueMaxlen), policy: "flow", work: ip),
      Row(name: "igmp", number: 2, limit: usual, policy: "source", work: NetisrWork()),
      Row(
        name: "rtsock", number: 3, limit: number(.routeNetisrMaxqlen), policy: "source",
        work: messages),
      Row(name: "arp", number: 7, limit: usual, policy: "source", work: arp),
    ]
  }

  private func number(_ key: SysctlKey) -> Int64 {
    guard case .number(let value) = session.kernel.sysctl(key, vnet: session.vnet, fib: session.fib)
    else { return 0 }
    return value
  }

  var text: String {
    var lines = ["Configuration:", setting("Setting", "Current", "Limit")]
    lines.append(setting("Thread count", "\(number(.isrNumthreads))", "\(number(.isrMaxthreads))"))
    lines.append(
      setting(
        "Default queue limit", "\(number(.isrDefaultqlimit))", "\(number(.isrMaxqlimit))"))
    for (name, key) in [
      ("Direct dispatch", SysctlKey.isrDirect), ("Forced direct dispatch", .isrDirectForce),
      ("Threads bound to CPUs", .isrBindthreads),
    ] {
      lines.append(setting(name, number(key) == 0 ? "disabled" : "enabled", "n/a"))
    }
    lines += ["", "Protocols:", "Name   Proto QLimit Policy Flags"]
    // No protocol has a function of its own for the CPU or the flow.
    lines += rows.map { row in
      [
        row.name.padRight(to: 6), row.number.padLeft(to: 5), row.limit.padLeft(to: 6),
        row.policy.padLeft(to: 6), "  ---",
      ].joined(separator: " ")
    }
    lines += ["", "Workstreams:"]
    lines.append(
      "WSID CPU   Name     Len WMark   Disp'd  HDisp'd   QDrops   Queued  Handled")
    lines += rows.enumerated().map { position, row in
      work(row, isFirst: position == 0)
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private func setting(_ name: String, _ current: String, _ limit: String) -> String {
    [name.padRight(to: 25), current.padLeft(to: 12), limit.padLeft(to: 12)].joined(separator: " ")
  }

  /// One protocol's work on the only workstream. Nothing is ever dispatched by half.
  private func work(_ row: Row, isFirst: Bool) -> String {
    let start = isFirst ? "   0   0" : "        "
    let counts = [row.work.dispatched, 0, row.work.drops, row.work.queued, row.work.handled]
    return start + "  " + row.name.padRight(to: 6) + " " + row.work.length.padLeft(to: 5) + " "
      + row.work.watermark.padLeft(to: 5)
      + counts.map { " " + $0.padLeft(to: 8) }.joined()
  }
}
