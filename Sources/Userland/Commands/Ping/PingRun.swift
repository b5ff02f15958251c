// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// One run of ping(8) (`main` of ping.c): its socket, what it sends, and when it ends.
final class PingRun {
  let options: PingOptions
  let output: Output
  /// The host as typed, and its address.
  let host: String
  private(set) var destination = IPv4Address.any
  let process: Process
  private(set) var socket: SocketIndex?
  /// The low bits of the process's number (`ident`).
  let identifier: UInt16
  /// The ICMP message that goes out next (`outpack`).
  var message: [UInt8]
  /// Bytes of data in it (`datalen`), which a sweep changes.
  var dataLength: Int
  var statistics = PingStatistics()
  /// What was received last, over what was received before (`packet`).
  var packet = [UInt8](repeating: 0, count: 65_535)
  /// The route that the last answer recorded (`old_rr`).
  var lastRoute: [UInt8] = []
  /// How many packets of the present size of a sweep were sent (`sntransmitted`).
  var sweepSent = 0
  /// Where a sweep writes on (`datap`).
  private var sweepPlace: Int
  private(set) var source: IPv4Address?
  /// How many packets to send, 0 for no end; in a sweep, of each size (`npackets`, `snpackets`).
  private let count: Int
  private var isSweep: Bool { options.sweep.most != 0 }
  /// When `-t` ends it.
  private var alarm: Instant?
  /// When to send next, or to stop waiting.
  var next = Instant(nanoseconds: 0)
  /// All was sent, and only answers are waited for.
  private var isAlmostDone = false

  /// Bytes before the data (`ICMP_MINLEN + phdr_len`).
  var headerLength: Int { ICMPHeader.size + options.request.extraLength }

  /// The length of a packet that is answered as it should be (`send_len`).
  var expectedLength: Int { IPv4Header.size + headerLength + optionLength + dataLength }

  private var optionLength: Int { options.has("R") ? 40 : 0 }

  /// The bytes of the time in the data (`struct tv32`).
  static let timeLength = 8

  /// Does what the words say, until it is over or ^C.
  static func main(
    _ session: Session, _ invocation: Invocation<Session>, _ arguments: Arguments
  ) throws(Fault) {
    let run = PingRun(
      try PingOptions(arguments), Process(session, invocation), invocation.output,
      host: arguments.operands[0])
    do throws(Fault) {
      try run.setUp()
      try run.start()
    } catch {
      run.closeSocket()
      throw error
    }
    try invocation.watch(
      Watch(poll: run.poll, finish: run.finish, due: run.due, isBounded: run.isBounded))
  }

  private init(_ options: PingOptions, _ process: Process, _ output: Output, host: String) {
    self.options = options
    self.process = process
    self.output = output
    self.host = host
    identifier = UInt16(truncatingIfNeeded: process.number)
    dataLength = options.dataLength
    count = options.count
    message = [UInt8](repeating: 0, count: 65_535)
    sweepPlace = ICMPHeader.size + options.request.extraLength + PingRun.timeLength
    statistics.timing = dataLength >= PingRun.timeLength
  }

  /// Makes the message, finds the addresses and opens the socket, with the checks in the C's order.
  private func setUp() throws(Fault) {
    if let word = options.request.word, !options.isQuiet { output.line(word) }
    let most = 65_535 - (expectedLength - dataLength)
    guard dataLength <= most else {
      throw .usageError("packet size too large: \(dataLength) > \(most)")
    }
    if let pattern = options.pattern {
      try message.fill(pattern, from: sweepPlace, output, options)
    }
    source = try options.source.map { (name) throws(Fault) in try PingRun.address(of: name) }
    try openSocket()
    destination = try PingRun.address(of: host)
    try checkDestination()
    if options.pattern == nil, dataLength > PingRun.timeLength {
      for place in PingRun.timeLength..<dataLength {
        message[sweepPlace] = UInt8(truncatingIfNeeded: place)
        sweepPlace += 1
      }
    }
    try setOptions()
  }

  private static func address(of name: String) throws(Fault) -> IPv4Address {
    guard let address = IPv4Address(host: name) else {
      throw .failed("cannot resolve \(name): Unknown host", status: 68)
    }
    return address
  }

  private func checkDestination() throws(Fault) {
    if options.isFlood, options.has("i") {
      throw .usageError("-f and -i: incompatible options")
    }
    if options.isFlood, destination.isMulticast {
      throw .usageError("-f flag cannot be used with multicast destination")
    }
    if options.has("I") || options.has("L") || options.has("T"), !destination.isMulticast {
      throw .usageError("-I, -L, -T flags cannot be used with unicast destination")
    }
  }

  /// Opens the socket, and binds it to the source address.
  private func openSocket() throws(Fault) {
    let (vnet, fib) = (process.vnet, process.fib)
    let socket = try process.call("socket", status: 71) { kernel throws(Errno) in
      try kernel.socket(vnet: vnet, .raw, proto: .icmp, fib: fib, by: process.prison)
    }
    self.socket = socket
    guard let source else { return }
    try process.call("bind") { kernel throws(Errno) in
      try kernel.bind(vnet: vnet, socket, to: Endpoint(source, 0))
    }
  }

  /// Sets the socket up as the options say.
  private func setOptions() throws(Fault) {
    guard let socket else { return }
    let (vnet, options) = (process.vnet, self.options)
    if options.hasPolicy {
      throw .failed(
        "ipsec policy cannot be configured: \(Errno.ENOPROTOOPT.message)", status: 78)
    }
    try process.call("setsockopt", status: 71) { kernel throws(Errno) in
      if options.has("r") { try kernel.setOptions(vnet: vnet, socket, .SO_DONTROUTE) }
      if options.makesHeader { try kernel.setOptions(vnet: vnet, socket, .IP_HDRINCL) }
      if options.has("R") { try kernel.setIPOptions(vnet: vnet, socket, PingRun.recordRoute) }
      if let ttl = options.ttl { try kernel.setTTL(vnet: vnet, socket, ttl) }
      if options.has("L") { try kernel.setMulticastLoop(vnet: vnet, socket, false) }
      if let ttl = options.multicastTTL { try kernel.setMulticastTTL(vnet: vnet, socket, ttl) }
    }
    if let address = options.multicastInterface {
      try process.call("setsockopt IP_MULTICAST_IF", status: 71) { kernel throws(Errno) in
        try kernel.setMulticastInterface(vnet: vnet, socket, address)
      }
    }
    // Sizes that the kernel refuses leave the socket as it was.
    try? process.session.kernel.setReceiveSpace(vnet: vnet, socket, PingRun.bufferSize)
    try? process.session.kernel.setSendSpace(vnet: vnet, socket, PingRun.bufferSize)
  }

  private func closeSocket() {
    guard let socket else { return }
    try? process.session.kernel.close(vnet: process.vnet, socket)
    self.socket = nil
  }

  /// `IP_MAXPACKET + 128`.
  private static let bufferSize = 65_535 + 128

  /// A record of nine addresses, and the end of the list.
  private static let recordRoute: [UInt8] =
    [7, 39, 4] + [UInt8](repeating: 0, count: 37)
}

/// What it does when.
extension PingRun {
  /// Checks a sweep, shows the first line, and sends the first packets.
  private func start() throws(Fault) {
    if isSweep {
      guard options.sweep.least < options.sweep.most else {
        throw .usageError("Maximum packet size must be greater than the minimum packet size")
      }
      guard dataLength == PingOptions.defaultLength else {
        throw .usageError("Packet size and ping sweep are mutually exclusive")
      }
      dataLength = options.sweep.least
    } else if options.isSweep {
      throw .usageError("Maximum sweep size must be specified")
    }
    output.line(banner)
    alarm = options.timeout.map { process.now.advanced(seconds: $0) }
    let most = count == 0 || isSweep ? options.preload : min(options.preload, count)
    for _ in 0..<max(most, 1) { send() }
    next = process.now.advanced(milliseconds: pace)
  }

  private var banner: String {
    let sweep = options.sweep
    let size = isSweep ? "(\(sweep.least) ... \(sweep.most))" : "\(dataLength)"
    let source = options.source.map { " from \($0)" } ?? ""
    return "PING \(host) (\(destination))\(source): \(size) data bytes"
  }

  /// Milliseconds from a packet to the next. One that waits for nothing takes a millisecond, or time
  /// would stand still.
  private var pace: UInt64 { options.isFlood ? 10 : UInt64(max(options.interval, 1)) }

  /// Reads what came and sends what is due; false when it is over.
  private func poll() -> Bool {
    while true {
      if let alarm, process.now >= alarm { return false }
      if process.isReadable(socket) {
        receive()
        if options.has("o") && statistics.received > 0 { return false }
        if !isSweep && count > 0 && statistics.received >= count { return false }
        // A flood does not wait once it has an answer.
        if options.isFlood { next = min(next, process.now.advanced(milliseconds: 1)) }
      } else if process.now >= next {
        guard goOn() else { return false }
      } else {
        return true
      }
    }
  }

  /// Whether it ends without ^C.
  private var isBounded: Bool { count > 0 || isSweep || options.timeout != nil }

  /// When there is something to do.
  private func due() -> UInt64? { process.due(min(next, alarm ?? next)) }

  /// Shows the statistics; the exit status says whether anything was answered.
  private func finish() -> Int32 {
    closeSocket()
    output.write(statistics.report(host))
    return statistics.received > 0 ? 0 : 2
  }

  /// What is done when nothing came in time: the next packet, or no more; false when it is over.
  private func goOn() -> Bool {
    if isSweep, sweepSent == max(count, 1), !growSweep() { return false }
    if count == 0 || isSweep || statistics.transmitted < count {
      next = process.now.advanced(milliseconds: pace)
      send()
    } else if isAlmostDone {
      return false
    } else {
      isAlmostDone = true
      next = process.now.advanced(milliseconds: lastWait)
    }
    if statistics.notesMiss(), options.has("A") { output.write("\u{7}") }
    return true
  }

  /// How long to wait for answers when all is sent, in milliseconds.
  private var lastWait: UInt64 {
    guard statistics.received > 0 else { return UInt64(max(options.waitTime, 0)) }
    return UInt64(max(2 * statistics.most / 1000, 1)) * 1000
  }

  /// Goes on to the next size of a sweep; false behind the last.
  private func growSweep() -> Bool {
    for value in 0..<max(options.sweep.step, 0) where sweepPlace < message.count {
      message[sweepPlace] = UInt8(truncatingIfNeeded: value)
      sweepPlace += 1
    }
    dataLength += options.sweep.step
    sweepSent = 0
    return dataLength <= options.sweep.most
  }
}

extension [UInt8] {
  /// Fills from a place on with the bytes that a text spells in hexadecimal, and shows them (`fill`).
  fileprivate mutating func fill(
    _ pattern: String, from start: Int, _ output: Output, _ options: PingOptions
  ) throws(Fault) {
    let digits = pattern.utf8.prefix(32).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    guard !pattern.isEmpty, pattern.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit })
    else { throw .usageError("patterns must be specified as hex digits") }
    let bytes = stride(from: 0, to: digits.count, by: 2).map { place in
      place + 1 < digits.count
        ? UInt8(digits[place] << 4 | digits[place + 1]) : UInt8(digits[place])
    }
    for place in start..<count { self[place] = bytes[(place - start) % bytes.count] }
    guard !options.isQuiet else { return }
    output.line("PATTERN: 0x" + bytes.map { $0.hex(digits: 2) }.joined())
  }
}
