// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell

/// Who observes interfaces, as `netstat -B` shows it (`bpf_stats()` of bpf.c).
enum ObserverReport {
  /// The listing, which is empty where nobody does; with -z the counters become zero and nothing is
  /// shown.
  static func text(_ session: Session, _ settings: NetstatSettings) -> String {
    if settings.has("z") {
      session.kernel.clearObserverCounters()
      return ""
    }
    // The interface that was attached last comes first, and on each who came last.
    let observers = session.kernel.machine.observers.all.filter { $0.vnet == session.vnet }
      .map { (observer: $0, order: session.interface($0.interface).attachOrder) }
      .sorted { ($0.order, $0.observer.id.rawValue) > ($1.order, $1.observer.id.rawValue) }
      .map(\.observer)
    if observers.isEmpty { return "" }
    let heading = line(
      "Pid", "Netif", "Flags", "Recv", "Drop", "Match", "Sblen", "Hblen", "Command")
    let rows = observers.compactMap { observer -> String? in
      let name = session.name(of: observer.interface)
      guard settings.interface == nil || settings.interface == name else { return nil }
      return line(
        "\(observer.process)", name, flags(observer), "\(observer.received)", "0",
        "\(observer.matched)", "\(observer.storedBytes)", "0", observer.program)
    }
    return ([heading] + rows).map { $0 + "\n" }.joined()
  }

  /// libpcap's descriptors: whole headers from the writer, both directions, locked.
  private static func flags(_ observer: Observer) -> String {
    (observer.isPromiscuous ? "p" : "-") + "--s--l"
  }

  private static func line(_ cells: String...) -> String {
    let widths = [5, 6, 7, 9, 9, 9, 5, 5, 0]
    return zip(cells, widths).map { $0.padLeft(to: $1) }.joined(separator: " ")
  }
}
