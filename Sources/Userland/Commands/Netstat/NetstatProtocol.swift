// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// The protocols that netstat(1) knows, and their counters (`protox` of main.c).
enum NetstatProtocol {
  /// A protocol: without a sysctl no counters are shown.
  struct Row: Sendable {
    let name: String
    var counters: SysctlKey?
    var hasSockets = true
  }

  /// The protocols in the order of `netstat -s`.
  static let all: [Row] = [
    Row(name: "tcp", counters: .tcpStats), Row(name: "udp", counters: .udpStats),
    Row(name: "sctp"), Row(name: "divert"), Row(name: "ip", counters: .ipStats),
    Row(name: "icmp", counters: .icmpStats), Row(name: "igmp", counters: .igmpStats),
    Row(name: "ipsec", hasSockets: false), Row(name: "ah", hasSockets: false),
    Row(name: "esp", hasSockets: false), Row(name: "ipcomp", hasSockets: false),
    Row(name: "pim"), Row(name: "carp", counters: .carpStats, hasSockets: false),
    Row(name: "pfsync", hasSockets: false), Row(name: "arp", hasSockets: false),
    Row(name: "ip6"), Row(name: "icmp6"), Row(name: "ipsec6", hasSockets: false),
    Row(name: "rip6"), Row(name: "pfkey", hasSockets: false), Row(name: "ipx"),
    Row(name: "spx"), Row(name: "ddp"),
  ]

  /// What netstat calls a protocol that goes by a name or an alias of /etc/protocols.
  static func named(_ word: String) -> Row? {
    all.first { $0.name == word }
      ?? IPProtocol(name: word)?.name.flatMap { name in all.first { $0.name == name } }
  }

  /// Shows a protocol's counters, or its sockets (`printproto()`); before the first of these, whose
  /// protocol it is all the same, comes the heading.
  static func show(
    _ row: Row, isNamed: Bool, _ session: Session, _ settings: NetstatSettings,
    hasHeading: inout Bool, _ output: Output
  ) throws(Fault) {
    guard settings.has("s") else {
      if isNamed, !row.hasSockets { output.line("\(row.name): no PCB routine") }
      let rows = SocketRows(row.name, session, settings)
      if rows.showsHeading, !hasHeading {
        output.write(lines: rows.heading)
        hasHeading = true
      }
      output.write(lines: rows.lines)
      return
    }
    if settings.showsInterfaces {
      let isKnown = row.name == "ip6" || row.name == "icmp6"
      if isNamed, !isKnown { output.line("\(row.name): no per-interface stats routine") }
      return
    }
    guard let key = row.counters else {
      if isNamed, row.name == "divert" { output.line("divert: no stats routine") }
      return
    }
    // A kernel that is made without it has no such sysctl.
    guard
      SysctlTree.node(named: "net.inet.\(row.name).stats").map({ session.kernel.has($0) }) == true
    else { return }
    output.write(lines: lines(key, session, settings))
    if settings.has("z") {
      try session.call("netstat", "sysctl: net.inet.\(row.name).stats") { kernel throws(Errno) in
        try kernel.clearStatistics(key, vnet: session.vnet)
      }
    }
  }

  private static func lines(
    _ key: SysctlKey, _ session: Session, _ settings: NetstatSettings
  ) -> [String] {
    let statistics = session.kernel.statistics(vnet: session.vnet)
    let suppressZero = settings.suppressesZero
    switch key {
    case .tcpStats: return statistics.tcp.netstatLines(suppressZero: suppressZero)
    case .udpStats: return statistics.udp.netstatLines(suppressZero: suppressZero)
    case .icmpStats:
      let maskReplies = session.kernel[session.vnet].sysctl.maskrepl
      return statistics.icmp.netstatLines(suppressZero: suppressZero, maskReplies: maskReplies)
    case .carpStats:
      return session.kernel.machine.carp.statistics.netstatLines(suppressZero: suppressZero)
    case .igmpStats: return statistics.igmp.netstatLines(suppressZero: suppressZero)
    default: return statistics.ip.netstatLines(suppressZero: suppressZero)
    }
  }
}
