// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// One run of traceroute(8): its sockets and its packets, step by step (`main` of traceroute.c).
final class TracerouteRun {
  let options: TracerouteOptions
  let process: Process
  let output: Output
  /// The socket that ICMP comes to, and the one that packets go out by.
  private(set) var receiver: SocketIndex?
  private var sender: SocketIndex?
  let maker: ProbeMaker
  private(set) var source = IPv4Address.any
  /// The packet that was sent last, as it lies in memory: length and offset of the IP header in the
  /// host's order of bytes (`outip`).
  private(set) var probe: [UInt8]
  /// What was received last, over what was received before (`packet`).
  var packet = [UInt8](repeating: 0, count: 512)
  /// Where in it the packet lies that the last answer quotes (`hip`, `hiplen`).
  var quotedBytes = 0..<0

  /// The number of the last packet.
  private(set) var sequence = 0
  private var ttl = 0
  private var hop = Hop()
  /// When the packet that is waited for was sent, or nil between two packets.
  private var sent: Instant?
  /// When to send next, or to give up waiting.
  private var next = Instant(nanoseconds: 0)

  /// What is known of the step that is under way.
  private struct Hop {
    var probes = 0
    var losses = 0
    var lastAnswer: IPv4Address?
    var gotThere = 0
    var unreachable = 0
  }

  /// Does what the words say, until it is over or ^C.
  static func main(
    _ session: Session, _ invocation: Invocation<Session>, _ arguments: Arguments
  ) throws(Fault) {
    let ttl = Int(session.kernel[session.vnet].sysctl[.ipTtl])
    let options = try TracerouteOptions(arguments, ttl: ttl, invocation.output)
    let run = TracerouteRun(options, Process(session, invocation), invocation.output)
    do throws(Fault) {
      try run.setUp()
    } catch {
      run.closeSockets()
      throw error
    }
    run.startHop(options.firstTTL)
    try invocation.watch(
      Watch(poll: run.poll, finish: run.finish, due: run.due, isBounded: true))
  }

  private init(_ options: TracerouteOptions, _ process: Process, _ output: Output) {
    (self.options, self.process, self.output) = (options, process, output)
    maker = ProbeMaker(
      proto: options.proto,
      identifier: UInt16(truncatingIfNeeded: process.number) | 0x8000, port: options.port,
      isPortFixed: options.has("e"), makesChecksums: options.makesChecksums)
    probe = [UInt8](repeating: 0, count: options.length)
  }

  private func setUp() throws(Fault) {
    let (vnet, fib) = (process.vnet, process.fib)
    let isRouted = !options.has("r")
    receiver = try process.call("icmp socket") { kernel throws(Errno) in
      let socket = try kernel.socket(vnet: vnet, .raw, proto: .icmp, fib: fib, by: process.prison)
      if !isRouted { try kernel.setOptions(vnet: vnet, socket, .SO_DONTROUTE) }
      return socket
    }
    let length = options.length
    let sender = try process.call("raw socket") { kernel throws(Errno) in
      try kernel.socket(vnet: vnet, .raw, proto: .raw, fib: fib, by: process.prison)
    }
    self.sender = sender
    try process.call("SO_SNDBUF") { kernel throws(Errno) in
      try kernel.setSendSpace(vnet: vnet, sender, length)
      try kernel.setOptions(vnet: vnet, sender, .IP_HDRINCL)
      if !isRouted { try kernel.setOptions(vnet: vnet, sender, .SO_DONTROUTE) }
    }
    source = try process.sourceAddress(options)
    let source = self.source
    try process.call("bind") { kernel throws(Errno) in
      try kernel.bind(vnet: vnet, sender, to: Endpoint(source, 0))
    }
    if options.looksUpSystems { process.tryServer(options.server, output) }
    let from = options.source.map { " from \($0)" } ?? ""
    output.writeError(
      "traceroute to \(options.host) (\(options.destination))\(from), "
        + "\(options.mostTTL) hops max, \(options.length) byte packets\n")
  }

  private func closeSockets() {
    for socket in [receiver, sender].compactMap(\.self) {
      try? process.session.kernel.close(vnet: process.vnet, socket)
    }
    (receiver, sender) = (nil, nil)
  }

  private func finish() -> Int32 {
    closeSockets()
    return 0
  }

  /// When there is something to do.
  private func due() -> UInt64? { process.due(next) }
}

/// What it does when.
extension TracerouteRun {
  /// Reads what came and sends what is due; false when it is over.
  private func poll() -> Bool {
    while true {
      if let sent {
        if process.isReadable(receiver) {
          guard let answer = receive(since: sent) else { continue }
          show(answer)
        } else if process.now >= next {
          hop.losses += 1
          output.write(" *")
        } else {
          return true
        }
        guard endProbe() else { return false }
      } else if process.now >= next {
        send()
      } else {
        return true
      }
    }
  }

  private func startHop(_ ttl: Int) {
    self.ttl = ttl
    hop = Hop()
    next = process.now
    output.write(ttl.padLeft(to: 2) + " ")
  }

  /// Goes on to the next packet of the step, or to the next step; false when the way is known.
  private func endProbe() -> Bool {
    sent = nil
    hop.probes += 1
    guard hop.probes >= options.probes else {
      next = process.now.advanced(milliseconds: UInt64(options.pause))
      return true
    }
    if options.has("S") { output.write(" (\(hop.losses * 100 / options.probes)% loss)") }
    output.line()
    if hop.gotThere > 0 { return false }
    if hop.unreachable > 0, hop.unreachable >= options.probes - 1 { return false }
    guard ttl < options.mostTTL else { return false }
    startHop(ttl + 1)
    return true
  }

  /// Sends a packet (`send_probe`).
  private func send() {
    guard let sender else { return }
    sequence += 1
    let now = process.now
    prepareProbe()
    if options.verbosity > 1 { output.write(probe.memoryDump) }
    do throws(Errno) {
      try process.session.kernel.send(
        vnet: process.vnet, sender, wireBytes, to: Endpoint(options.destination, 0))
    } catch {
      output.writeError("traceroute: sendto: \(error.message)\n")
      output.line("traceroute: wrote \(options.host) \(probe.count) chars, ret=-1")
    }
    sent = now
    next = now.advanced(seconds: UInt64(options.waitTime))
  }

  /// Makes the packet as it lies in memory.
  private func prepareProbe() {
    let words = (IPv4Header.size + options.optionLength) / 4
    let firstHop = options.gateways.first ?? options.destination
    var header = IPv4Header(
      headerWords: UInt8(words), tos: options.tos, totalLength: UInt16(probe.count).byteSwapped,
      identification: UInt16(truncatingIfNeeded: Int(maker.identifier) + sequence),
      fragment: options.has("F") ? IPv4Header.DF.byteSwapped : 0, ttl: UInt8(ttl),
      protocol: options.proto.number, source: source, destination: firstHop)
    header.version = 4
    var inner = [UInt8](repeating: 0, count: probe.count - words * 4)
    maker.write(UInt8(truncatingIfNeeded: sequence), into: &inner, (source, firstHop))
    var bytes = [UInt8](repeating: 0, count: IPv4Header.size)
    bytes.withMutableRawBytes { bytes in header.write(into: &bytes, at: 0) }
    probe = bytes + routeOption + inner
  }

  /// A loose source route over the gateways behind the first to the host.
  private var routeOption: [UInt8] {
    guard !options.gateways.isEmpty else { return [] }
    let hops = options.gateways.dropFirst() + [options.destination]
    let length = UInt8(hops.count * 4 + 3)
    return [IPv4OptionType.noOperation.rawValue, IPv4OptionType.looseSourceRoute.rawValue]
      + [length, 4]
      + hops.flatMap { hop in
        let octets = hop.octets
        return [octets.0, octets.1, octets.2, octets.3]
      }
  }

  /// The packet as the kernel takes it here: length and offset as on the wire.
  private var wireBytes: [UInt8] {
    var bytes = probe
    bytes.swapAt(2, 3)
    bytes.swapAt(6, 7)
    return bytes
  }

  /// Shows an answer, and notes what it means for the way.
  private func show(_ answer: ProbeAnswer) {
    if answer.sender != hop.lastAnswer {
      if hop.lastAnswer != nil { output.write("\n   ") }
      output.write(answer.name(options))
      hop.lastAnswer = answer.sender
    }
    output.write("  \(answer.milliseconds.fixed(3)) ms")
    if options.has("D") { output.write(differences) }
    switch answer.kind {
    case .exceeded: break
    case .reply, .unreachable(code: 3, _):
      if answer.ttl <= 1 { output.write(" !") }
      hop.gotThere += 1
    case .unreachable(code: 2, _):
      output.write(" !P")
      hop.gotThere += 1
    case .unreachable(let code, let mtu):
      output.write(ProbeAnswer.mark(code, mtu))
      hop.unreachable += 1
    }
  }
}

extension [UInt8] {
  /// The words of a packet in memory, as two `-v` show them.
  fileprivate var memoryDump: String {
    var text = "[ \(count) bytes"
    for place in stride(from: 0, to: count, by: 2) {
      if place % 16 == 0 { text += "\n\t" }
      text += " " + self[place].hex(digits: 2)
      if place + 1 < count { text += self[place + 1].hex(digits: 2) }
    }
    return text + "]\n"
  }
}
