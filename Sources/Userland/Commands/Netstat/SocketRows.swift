// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// The sockets of one protocol as netstat(1) shows them (`protopr()` of inet.c).
struct SocketRows {
  /// What stands above the first socket.
  let heading: [String]
  let lines: [String]
  /// Whether the heading is due: -L may leave no line below it.
  let showsHeading: Bool

  init(_ name: String, _ session: Session, _ settings: NetstatSettings) {
    let isListening = settings.has("L")
    var rows: [Row] = []
    if name == "tcp" {
      rows = session.kernel.halfOpenConnections(vnet: session.vnet).map(Row.init)
    }
    let tcpSpace =
      switch session.kernel.sysctl(.tcpSendspace, vnet: session.vnet, fib: session.fib) {
      case .number(let space): Int(clamping: space)
      default: 0
      }
    for info in session.kernel.sockets(vnet: session.vnet) {
      if let row = Row(info.socket, tcpSpace: tcpSpace), row.name == name { rows.append(row) }
    }
    heading = Self.heading(settings, isListening: isListening, isAll: settings.has("a"))
    let shown = rows.filter { settings.has("a") || !$0.isHidden }
    showsHeading = !shown.isEmpty
    lines =
      shown
      .filter { !isListening || $0.backlog > 0 }
      .map { isListening ? $0.queueLine(settings) : $0.line(settings) }
  }

  /// The columns of -x: the receiving and the sending buffer in turn, then TCP's timers.
  private static let bufferColumns = [
    "R-MBUF", "S-MBUF", "R-CLUS", "S-CLUS", "R-HIWA", "S-HIWA", "R-LOWA", "S-LOWA", "R-BCNT",
    "S-BCNT", "R-BMAX", "S-BMAX",
  ]
  private static let timerColumns = ["rexmt", "persist", "keep", "2msl", "delack", "rcvtime"]

  private static func heading(
    _ settings: NetstatSettings, isListening: Bool, isAll: Bool
  ) -> [String] {
    let extra =
      settings.has("x")
      ? bufferColumns.map { $0.padRight(to: 6) + " " }.joined()
        + timerColumns.map { $0.padLeft(to: 7) + " " }.joined() : ""
    if isListening {
      return [
        "Current listen queue sizes (qlen/incqlen/maxqlen)",
        "Proto " + "Listen".padRight(to: 14) + " " + "Local Address".padRight(to: 22),
      ]
    }
    return [
      "Active Internet connections" + (isAll ? " (including servers)" : ""),
      "Proto Recv-Q Send-Q  " + "Local Address".padRight(to: 22) + " "
        + "Foreign Address".padRight(to: 22) + extra + "(state)",
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
    /// What -x shows of the buffers, the receiving one first; nil for a connection without socket.
    var buffers: [(receive: Int, send: Int)] = []

    init?(_ socket: Socket, tcpSpace: Int) {
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
      buffers = Self.buffers(socket, sendLimit: socket.kind == .tcp ? tcpSpace : socket.sendLimit)
    }

    /// Mbufs, clusters, high and low water marks, memory and the most of it (`struct xsockbuf`).
    /// Nothing ever waits to be sent.
    private static func buffers(
      _ socket: Socket, sendLimit: Int
    ) -> [(receive: Int, send: Int)] {
      let receive = socket.receive
      return [
        (receive.mbufs, 0), (receive.clusters, 0), (receive.limit, sendLimit), (1, 2048),
        (receive.memory, 0),
        (receive.memoryLimit, ReceiveBuffer.memoryLimit(for: sendLimit)),
      ]
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
        + cell(foreign, foreignIsNumeric, settings) + extra(settings) + (state?.word ?? "")
    }

    /// The cells of -x. No timer of TCP runs here.
    private func extra(_ settings: NetstatSettings, timers hasTimers: Bool = true) -> String {
      guard settings.has("x") else { return "" }
      let none = Array(repeating: (receive: 0, send: 0), count: 6)
      let cells = (buffers.isEmpty ? none : buffers).flatMap { [$0.receive, $0.send] }
      let timers =
        hasTimers && name == "tcp" ? String(repeating: "   0.00 ", count: 6) : ""
      return cells.map { $0.padLeft(to: 6) + " " }.joined() + timers
    }

    func queueLine(_ settings: NetstatSettings) -> String {
      proto + "0/0/\(backlog)".padRight(to: 14) + " "
        + cell(local, settings.has("n") || hasAutomaticPort, settings)
        + (settings.has("x") ? " ".padLeft(to: 21) + " " + extra(settings, timers: false) : "")
    }

    private var proto: String { name.prefix(3).padRight(to: 3) + "4  " }

    /// An end, cut to its column unless -W (`inetprint()`).
    private func cell(
      _ end: Endpoint, _ isNumeric: Bool, _ settings: NetstatSettings
    ) -> String {
      var text = end.address == .any ? "*" : settings.host(end.address)
      if !isNumeric, end.port != 0, let service = Services.name(of: end.port, name) {
        text += "." + service.prefix(15)
      } else {
        text += end.portText
      }
      if !settings.isWide { text = String(text.prefix(22)) }
      return text.padRight(to: 22) + " "
    }
  }
}

extension Endpoint {
  /// The end as netstat(1) and tcpdump(1) write it: `10.0.0.1.53`, and `*` for what is not set.
  var netstatText: String { (address == .any ? "*" : "\(address)") + portText }

  fileprivate var portText: String { port == 0 ? ".*" : ".\(port)" }
}
