// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// One call of `sock`.
struct SockRun {
  let session: Session
  let output: Output
  let format: TraceFormat
  /// Whether bytes are shown in hexadecimal.
  let showsBytes: Bool

  init(_ session: Session, _ output: Output, _ arguments: Arguments) {
    self.session = session
    self.output = output
    format = TraceFormat(arguments)
    showsBytes = arguments.has("x")
  }

  func run(_ words: ArraySlice<String>) throws(Fault) {
    var words = words
    guard let word = words.popFirst() else { throw .usage() }
    switch word {
    case "udp": try make(.udp, words)
    case "tcp": try make(.tcp, words)
    case "raw":
      guard let name = words.popFirst() else { throw .usage("raw needs a protocol") }
      guard let proto = IPProtocol(word: name) else { throw .failed("bad protocol: \(name)") }
      try make(.raw, proto: proto, words)
    case "divert":
      guard let port = words.popFirst() else { throw .usage("divert needs a port") }
      try make(.divert, ["bind", port] + words)
    case "list":
      guard words.isEmpty else { throw .usage() }
      list()
    case "set": try configure(try socket(&words), words)
    case "bind", "connect", "listen": try configure(try socket(&words), [word] + words)
    case "send": try send(try socket(&words), words)
    case "recv":
      let index = try socket(&words)
      guard words.isEmpty else { throw .usage() }
      try receive(index)
    case "close":
      let index = try socket(&words)
      guard words.isEmpty else { throw .usage() }
      try call("close") { kernel, vnet throws(Errno) in try kernel.close(vnet: vnet, index) }
      session.diverted[session.vnet]?[index] = nil
    default: throw .usage("\(word): not known")
    }
  }

  /// Makes a socket and does to it what the words say; one that fails is closed again.
  private func make(
    _ kind: SocketKind, proto: IPProtocol = IPProtocol(rawValue: 0), _ words: ArraySlice<String>
  ) throws(Fault) {
    let fib = session.fib
    let index = try call("socket") { kernel, vnet throws(Errno) in
      try kernel.socket(vnet: vnet, kind, proto: proto, fib: fib, by: session.prison)
    }
    do throws(Fault) {
      try configure(index, words)
    } catch {
      try call("close") { kernel, vnet throws(Errno) in try kernel.close(vnet: vnet, index) }
      throw error
    }
    output.line("socket \(index.number)")
  }

  /// Does one thing after another to a socket.
  private func configure(_ index: SocketIndex, _ words: ArraySlice<String>) throws(Fault) {
    var words = words
    // What is set must be set before the socket is bound, wherever it stands.
    var ends: [(word: String, end: Endpoint)] = []
    while let word = words.popFirst() {
      switch word {
      case "bind", "connect", "listen":
        guard let text = words.popFirst() else { throw .usage("\(word) needs an end") }
        ends.append((word, try endpoint(text, of: index)))
      case "fib":
        let number = try number(word, &words, 0...255)
        try call("setsockopt") { kernel, vnet throws(Errno) in
          try kernel.setFib(vnet: vnet, index, to: number)
        }
      case "join", "leave":
        try group(word, &words, index)
      case "minttl":
        let ttl = UInt8(try number(word, &words, 0...255))
        try call("setsockopt") { kernel, vnet throws(Errno) in
          try kernel.setMinimumTTL(vnet: vnet, index, ttl)
        }
      default:
        guard let option = SocketWord.all.first(where: { $0.name == word })?.option else {
          throw .usage("\(word): not known")
        }
        try call("setsockopt") { kernel, vnet throws(Errno) in
          try kernel.setOptions(vnet: vnet, index, option)
        }
      }
    }
    for (word, end) in ends { try set(index, word, end) }
  }

  /// Joins or leaves a group, on the interface that the next word names if it names one.
  private func group(
    _ word: String, _ words: inout ArraySlice<String>, _ index: SocketIndex
  ) throws(Fault) {
    guard let text = words.popFirst() else { throw .usage("\(word) needs a group") }
    guard let group = IPv4Address(dottedQuad: text) else { throw .failed("bad address: \(text)") }
    let interface = words.first.flatMap(session.findInterface)
    if interface != nil { words.removeFirst() }
    try call("setsockopt") { kernel, vnet throws(Errno) in
      if word == "join" {
        try kernel.join(vnet: vnet, index, group, on: interface)
      } else {
        try kernel.leave(vnet: vnet, index, group, on: interface)
      }
    }
  }

  private func set(_ index: SocketIndex, _ word: String, _ end: Endpoint) throws(Fault) {
    try call(word) { kernel, vnet throws(Errno) in
      switch word {
      case "connect": try kernel.connect(vnet: vnet, index, to: end)
      case "listen":
        // What cannot listen is not bound for it.
        guard kernel[vnet].sockets[index].kind == .tcp else { throw Errno.EOPNOTSUPP }
        try kernel.bind(vnet: vnet, index, to: end)
        try kernel.listen(vnet: vnet, index)
      default: try kernel.bind(vnet: vnet, index, to: end)
      }
    }
  }

  /// Sends, and shows what becomes of it.
  private func send(_ index: SocketIndex, _ words: ArraySlice<String>) throws(Fault) {
    var words = words
    guard let text = words.popFirst() else { throw .usage("send needs what to send") }
    if kind(of: index) == .divert { return try sendBack(index, text, words) }
    var bytes = Array(text.utf8)
    if text == "hex", let digits = words.popFirst() {
      bytes = try PacketGrammar.hex(digits, "hex")
    }
    var end: Endpoint?
    if words.first == "to" {
      words.removeFirst()
      guard let text = words.popFirst() else { throw .usage("to needs an end") }
      end = try endpoint(text, of: index)
    }
    guard words.isEmpty else { throw .usage() }
    try write(bytes, to: end, on: index)
  }

  /// Makes the call, and shows what it sets in motion.
  func write(
    _ bytes: [UInt8], to end: Endpoint?, by interface: InterfaceName? = nil, on index: SocketIndex
  ) throws(Fault) {
    var recorder = Recorder()
    var failure: Errno?
    do throws(Errno) {
      try session.kernel.send(
        vnet: session.vnet, index, bytes, to: end, by: interface, tracer: &recorder)
    } catch {
      failure = error
    }
    output.write(session.report(session.run(of: recorder), format))
    if let failure { throw .failed("send: \(failure.message)") }
  }

  /// Shows what has waited longest in a socket.
  private func receive(_ index: SocketIndex) throws(Fault) {
    let datagram = try call("recv") { kernel, vnet throws(Errno) in
      try kernel.receive(vnet: vnet, index)
    }
    if kind(of: index) == .divert { return showDiverted(datagram, index) }
    let source = datagram.source
    let name = source.port == 0 ? "\(source.address)" : "\(source.address):\(source.port)"
    let isText = datagram.bytes.allSatisfy { (0x20...0x7e).contains($0) }
    let text =
      isText
      ? "\"\(String(decoding: datagram.bytes, as: UTF8.self))\""
      : "hex " + JSONPrinter.hex(datagram.bytes)
    output.line("from \(name), \(datagram.bytes.count) bytes: \(text)")
    guard showsBytes else { return }
    var dump = ""
    HexDump.appendHex(datagram.bytes.rawBytes, to: &dump)
    output.line(String(dump.dropFirst()))
  }

  private func list() {
    output.line(
      "Socket Proto    " + "Local".padRight(to: 22) + "Foreign".padRight(to: 22)
        + "Fib Recv-Q State")
    for info in session.kernel.sockets(vnet: session.vnet).reversed() {
      let socket = info.socket
      let name = socket.proto.name ?? "\(socket.proto.rawValue)"
      var line = info.index.number.padLeft(to: 6) + " "
      line += socket.kind.listName(name).padRight(to: 8) + " "
      line += socket.local.netstatText.padRight(to: 21) + " "
      line += socket.foreign.netstatText.padRight(to: 21) + " "
      line += Int(socket.fib.rawValue).padLeft(to: 3) + " "
      line += socket.receive.count.padLeft(to: 6)
      if socket.kind == .tcp { line += " \(socket.state.word)" }
      output.line(line)
    }
  }
}

/// Reading words.
extension SockRun {
  /// The socket of a number.
  private func socket(_ words: inout ArraySlice<String>) throws(Fault) -> SocketIndex {
    guard let word = words.popFirst() else { throw .usage("which socket?") }
    guard let number = Int(word), let index = SocketIndex(number: number) else {
      throw .failed("bad socket: \(word)")
    }
    guard session.kernel[session.vnet].sockets.contains(index) else {
      throw .failed("\(word): \(Errno.EBADF.message)")
    }
    return index
  }

  private func endpoint(_ text: String, of index: SocketIndex) throws(Fault) -> Endpoint {
    let kind = kind(of: index)
    if kind == .divert { return Endpoint(.any, try divertPort(text)) }
    let colon = text.lastIndex(of: ":")
    let host = colon.map { text[..<$0] } ?? text[...]
    guard let address = host == "*" ? .any : IPv4Address(dottedQuad: host) else {
      throw .failed("bad address: \(text)")
    }
    guard let colon else {
      guard kind == .raw else { throw .failed("\(text): a port is missing") }
      return Endpoint(address, 0)
    }
    let word = String(text[text.index(after: colon)...])
    guard let port = Self.port(word, kind == .udp ? "udp" : "tcp") else {
      throw .failed("bad port: \(text)")
    }
    return Endpoint(address, port)
  }

  private static func port(_ word: String, _ proto: String) -> UInt16? {
    UInt16(word) ?? Services.port(named: word, proto)
  }

  private func divertPort(_ word: String) throws(Fault) -> UInt16 {
    guard let port = Self.port(word, "divert") else { throw .failed("bad port: \(word)") }
    return port
  }

  private func kind(of index: SocketIndex) -> SocketKind {
    session.kernel[session.vnet].sockets[index].kind
  }

  private func number(
    _ name: String, _ words: inout ArraySlice<String>, _ range: ClosedRange<Int>
  ) throws(Fault) -> Int {
    guard let word = words.popFirst() else { throw .usage("\(name) needs a number") }
    guard let number = Int(word), range.contains(number) else {
      throw .failed("bad \(name): \(word)")
    }
    return number
  }

  /// Makes a system call on the stack of the session.
  @discardableResult
  private func call<Value>(
    _ what: String, _ body: (inout Kernel, VnetIndex) throws(Errno) -> Value
  ) throws(Fault) -> Value {
    let vnet = session.vnet
    return try session.call("sock", what) { kernel throws(Errno) in try body(&kernel, vnet) }
  }
}

extension SocketKind {
  /// What a list calls a socket of this kind and of a protocol.
  fileprivate func listName(_ proto: String) -> String {
    switch self {
    case .udp, .tcp: proto
    case .raw: "raw-\(proto)"
    case .divert: "divert"
    }
  }
}
