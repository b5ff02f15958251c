// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// The sockets of one protocol as netstat(1) shows them (`protopr()` of inet.c).
struct SocketRows {
  /// What stands above the first socket.
  let heading: [String]
  let lines: [String]

  init(_ name: String, _ session: Session, _ settings: NetstatSettings) {
    let isListening = settings.has("L")
    var rows: [Row] = []
    if name == "tcp" {
      rows = session.kernel.halfOpenConnections(vnet: session.vnet).map(Row.init)
    }
    for info in session.kernel.sockets(vnet: session.vnet) {
      if let row = Row(info.socket), row.name == name { rows.append(row) }
    }
    heading = Self.heading(isListening: isListening, isAll: settings.has("a"))
    lines =
      rows
      .filter { settings.has("a") || !$0.isHidden }
      .filter { !isListening || $0.backlog > 0 }
      .map { isListening ? $0.queueLine(settings) : $0.line(settings) }
  }

  private static func heading(isListening: Bool, isAll: Bool) -> [String] {
    if isListening {
      return [
        "Current listen queue sizes (qlen/incqlen/maxqlen)",
        "Proto " + "Listen".padRight(to: 14) + " " + "Local Address".padRight(to: 22),
      ]
    }
    return [
      "Active Internet connections" + (isAll ? " (including servers)" : ""),
      "Proto Recv-Q Send-Q  " + "Local Address".padRight(to: 22) + " "
        + "Foreign Address".padRight(to: 22) + "(state)",
    ]
  }

  /// What a row says.
  private struct Row {
    let name: String
    let local: Endpoint
    let foreign: Endpoint
    var waiting = 0
    var state: TCPState?
    var backlog = 0
    var hasAutomaticPort = false

    init?(_ socket: Socket) {
      switch socket.kind {
      case .tcp: name = "tcp"
      case .udp: name = "udp"
      case .divert: name = "divert"
      case .raw:
        guard let name = Self.rawName(socket.proto) else { return nil }
        self.name = name
      }
      guard !socket.options.contains(.INP_DROPPED) else { return nil }
      local = socket.local
      foreign = socket.foreign
      waiting = socket.receive.count
      state = socket.kind == .tcp ? socket.state : nil
      backlog = socket.state == .listen ? socket.backlog : 0
      hasAutomaticPort = socket.options.contains(.INP_ANONPORT)
    }

    init(_ entry: SynCacheEntry) {
      name = "tcp"
      local = entry.local
      foreign = entry.foreign
      state = .synReceived
    }

    /// A raw socket stands under the protocol switch entry it was made with; those that only have
    /// the wildcard entry stand nowhere.
    private static func rawName(_ proto: IPProtocol) -> String? {
      switch proto {
      case .icmp: "icmp"
      case .igmp: "igmp"
      case .pim: "pim"
      case .raw, IPProtocol(rawValue: 0): "ip"
      default: nil
      }
    }

    /// Whether it shows with -a only: it listens, or its address has no host part by its class.
    var isHidden: Bool {
      state == .listen || local.address & ~local.address.classfulMask == .any
    }

    func line(_ settings: NetstatSettings) -> String {
      let queues = waiting.padLeft(to: 6) + " " + 0.padLeft(to: 6) + " "
      let isNumeric = settings.has("n")
      let foreignIsNumeric = hasAutomaticPort ? isNumeric : isNumeric || local.port != foreign.port
      return proto + queues + cell(local, isNumeric || hasAutomaticPort, settings)
        + cell(foreign, foreignIsNumeric, settings) + (state?.word ?? "")
    }

    func queueLine(_ settings: NetstatSettings) -> String {
      proto + "0/0/\(backlog)".padRight(to: 14) + " "
        + cell(local, settings.has("n") || hasAutomaticPort, settings)
    }

    private var proto: String { name.prefix(3).padRight(to: 3) + "4  " }

    /// An end, cut to its column unless -W (`inetprint()`).
    private func cell(
      _ end: Endpoint, _ isNumeric: Bool, _ settings: NetstatSettings
    ) -> String {
      var text = end.netstatText
      if !isNumeric, end.port != 0, let service = Services.name(of: end.port, name) {
        text = end.netstatAddress + "." + service.prefix(15)
      }
      if !settings.isWide { text = String(text.prefix(22)) }
      return text.padRight(to: 22) + " "
    }
  }
}

extension Endpoint {
  /// The end as netstat(1) and tcpdump(1) write it: `10.0.0.1.53`, and `*` for what is not set.
  var netstatText: String { netstatAddress + (port == 0 ? ".*" : ".\(port)") }

  fileprivate var netstatAddress: String { address == .any ? "*" : "\(address)" }
}
