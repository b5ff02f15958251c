// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

/// A host with 10.0.0.1/24 on em0 and two forwarding tables: table 0 sends everything else to
/// 10.0.0.2, table 1 to 10.0.0.3, and both neighbours are known to ARP.
struct SocketLab: ~Copyable {
  var kernel: Kernel
  var recorder = Recorder()

  init(_ settings: [SysctlKey: Int64] = [:]) throws {
    var options = KernelOptions()
    options.routeTables = 2
    options.ethernetInterfaces = 1
    kernel = Kernel(options)
    let em0 = try kernel.interface(vnet: .zero, named: "em0").index
    try kernel.addAddress(
      vnet: .zero, interface: em0, AddressRequest(ip("10.0.0.1"), mask: ip("255.255.255.0")))
    for last in 2...3 as ClosedRange<UInt8> {
      try kernel.arpSet(
        vnet: .zero, interface: em0, address: ip("10.0.0.\(last)"),
        hardwareAddress: mac(last))
      var message = RouteMessage(
        destination: .any, mask: .any, gateway: .address(ip("10.0.0.\(last)")))
      message.flags = [.RTF_UP, .RTF_GATEWAY, .RTF_STATIC]
      try kernel.routeAdd(vnet: .zero, fib: FibNumber(rawValue: last - 2), message)
    }
    for (key, value) in settings { try kernel.setSysctl(key, to: value, vnet: .zero) }
  }

  /// Makes a UDP socket, bound unless `local` is nil.
  mutating func udp(
    _ local: String? = nil, _ options: SocketOptions = [], fib: UInt8 = 0
  ) throws -> SocketIndex {
    let socket = try kernel.socket(vnet: .zero, .udp, fib: FibNumber(rawValue: fib))
    try kernel.setOptions(vnet: .zero, socket, options)
    if let local { try kernel.bind(vnet: .zero, socket, to: end(local)) }
    return socket
  }

  /// Makes a TCP socket that listens.
  mutating func listen(_ local: String, fib: UInt8 = 0) throws -> SocketIndex {
    let socket = try kernel.socket(vnet: .zero, .tcp, fib: FibNumber(rawValue: fib))
    try kernel.bind(vnet: .zero, socket, to: end(local))
    try kernel.listen(vnet: .zero, socket)
    return socket
  }

  /// Makes a raw socket.
  mutating func raw(_ proto: IPProtocol, fib: UInt8 = 0) throws -> SocketIndex {
    try kernel.socket(vnet: .zero, .raw, proto: proto, fib: FibNumber(rawValue: fib))
  }

  /// Lets em0 receive a packet, by default in a frame to itself.
  mutating func receive(_ packet: [UInt8], asBroadcast: Bool = false) throws -> SocketRun {
    let em0 = try kernel.interface(vnet: .zero, named: "em0")
    let own = try #require(em0.hardwareAddress)
    var frame = [UInt8](repeating: 0, count: EthernetHeader.size)
    frame.withMutableRawBytes { bytes in
      EthernetHeader(destination: asBroadcast ? .broadcast : own, source: mac(9), type: .ipv4)
        .write(into: &bytes, at: 0)
    }
    let arrival = ReceivedFrame(frame + packet, on: em0.index)
    return observe { kernel, recorder in kernel.receive(arrival, tracer: &recorder) }
  }

  /// Does something and tells what came of it.
  mutating func observe(_ body: (inout Kernel, inout Recorder) -> Void) -> SocketRun {
    recorder.removeAll()
    kernel.machine.messages = []
    let before = kernel.statistics(vnet: .zero)
    body(&kernel, &recorder)
    let after = kernel.statistics(vnet: .zero)
    var run = SocketRun(log: kernel.machine.messages)
    for (name, delta) in after.ip.changes(since: before.ip) { run.counters[name] = delta }
    for (name, delta) in after.udp.changes(since: before.udp) { run.counters[name] = delta }
    for (name, delta) in after.tcp.changes(since: before.tcp) { run.counters[name] = delta }
    for entry in recorder.entries {
      switch entry.event {
      case .end(let end):
        run.ends.append("\(end.verdict.word) \(end.id.text)")
        if let cause = end.cause { run.causes.append(cause) }
      case .socket(let step): run.sockets.append(step.index)
      default: break
      }
    }
    for snapshot in recorder.snapshots {
      guard case .transmitted = snapshot.moment else { continue }
      if let packet = SentPacket(Array(recorder.bytes(of: snapshot))) { run.sent.append(packet) }
    }
    return run
  }

  /// What waits in a socket, as texts.
  mutating func read(_ socket: SocketIndex) -> [String] {
    var texts: [String] = []
    while let datagram = try? kernel.receive(vnet: .zero, socket) {
      texts.append(String(decoding: datagram.bytes, as: UTF8.self))
    }
    return texts
  }

  /// The socket of a number as it is.
  func state(_ socket: SocketIndex) -> Socket { kernel[.zero].sockets[socket] }
}

/// What came of a packet or a call.
struct SocketRun {
  var ends: [String] = []
  var causes: [TraceID] = []
  /// The sockets that were found, in order.
  var sockets: [SocketIndex] = []
  var sent: [SentPacket] = []
  /// Changes of `ipstat`, `udpstat` and `tcpstat`.
  var counters: [String: UInt64] = [:]
  var log: [String]

  init(log: [String]) { self.log = log }
}

/// A packet that left.
struct SentPacket {
  let nextHop: EthernetAddress
  let header: IPv4Header
  let payload: [UInt8]

  init?(_ frame: [UInt8]) {
    let packet = Array(frame.dropFirst(EthernetHeader.size))
    guard let ethernet = EthernetHeader(frame.rawBytes), let header = IPv4Header(packet.rawBytes)
    else { return nil }
    nextHop = ethernet.destination
    self.header = header
    payload = Array(packet.dropFirst(header.headerLength))
  }

  var tcp: TCPHeader? { header.protocol == .tcp ? TCPHeader(payload.rawBytes) : nil }
  var udp: UDPHeader? { header.protocol == .udp ? UDPHeader(payload.rawBytes) : nil }

  /// Whether the transport checksum is right.
  var hasRightSum: Bool {
    transportSum(payload, header.protocol, from: header.source, to: header.destination) == 0
  }
}

/// An end as `ADDRESS:PORT`; `*` for any address.
func end(_ text: String) -> Endpoint {
  let parts = text.split(separator: ":")
  guard parts.count == 2, let port = UInt16(parts[1]) else {
    preconditionFailure("a test's ends are valid: \(text)")
  }
  return Endpoint(parts[0] == "*" ? .any : ip(parts[0]), port)
}

/// The sum over pseudo header and segment.
func transportSum(
  _ bytes: [UInt8], _ proto: IPProtocol, from source: IPv4Address, to destination: IPv4Address
) -> UInt16 {
  var sum = InternetChecksum()
  sum.addPseudoHeader(
    source: source, destination: destination, protocol: proto, length: bytes.count)
  sum.add(bytes.rawBytes)
  return sum.finish()
}

/// An IP packet around a payload.
func ipPacket(
  _ proto: IPProtocol, from source: IPv4Address, to destination: IPv4Address, ttl: UInt8 = 64,
  _ payload: [UInt8]
) -> [UInt8] {
  var packet = [UInt8](repeating: 0, count: IPv4Header.size) + payload
  var header = IPv4Header(
    totalLength: UInt16(packet.count), identification: 7, ttl: ttl, protocol: proto,
    source: source, destination: destination)
  packet.withMutableRawBytes { bytes in header.write(into: &bytes, at: 0) }
  header.checksum = IPv4Header.checksum(of: packet.rawBytes, headerLength: IPv4Header.size)
  packet.withMutableRawBytes { bytes in header.write(into: &bytes, at: 0) }
  return packet
}

/// A datagram with a text; `change` may spoil it before the checksum is made, or after.
func datagram(
  from source: String = "8.8.8.8:1000", to destination: String, _ text: String = "hello",
  ttl: UInt8 = 64, length: UInt16? = nil, spoil: ((inout [UInt8]) -> Void)? = nil
) -> [UInt8] {
  let (source, destination) = (end(source), end(destination))
  var bytes = [UInt8](repeating: 0, count: UDPHeader.size) + Array(text.utf8)
  var header = UDPHeader(
    sourcePort: source.port, destinationPort: destination.port,
    length: length ?? UInt16(bytes.count))
  bytes.withMutableRawBytes { raw in header.write(into: &raw, at: 0) }
  header.checksum = transportSum(bytes, .udp, from: source.address, to: destination.address)
  bytes.withMutableRawBytes { raw in header.write(into: &raw, at: 0) }
  spoil?(&bytes)
  return ipPacket(.udp, from: source.address, to: destination.address, ttl: ttl, bytes)
}

/// A segment; `options` are padded to words.
func segment(
  from source: String = "8.8.8.8:1000", to destination: String, _ flags: TCPFlags,
  seq: UInt32 = 100, ack: UInt32 = 0, ttl: UInt8 = 64, options: [UInt8] = [],
  _ text: String = "", spoil: ((inout [UInt8]) -> Void)? = nil
) -> [UInt8] {
  let (source, destination) = (end(source), end(destination))
  let padded = options + [UInt8](repeating: 0, count: -options.count & 3)
  var bytes = [UInt8](repeating: 0, count: TCPHeader.size) + padded + Array(text.utf8)
  var header = TCPHeader(
    sourcePort: source.port, destinationPort: destination.port, sequence: seq,
    acknowledgement: ack, dataOffset: UInt8(5 + padded.count / 4), flags: flags, window: 1024)
  bytes.withMutableRawBytes { raw in header.write(into: &raw, at: 0) }
  spoil?(&bytes)
  header = TCPHeader(bytes.rawBytes) ?? header
  header.checksum = transportSum(bytes, .tcp, from: source.address, to: destination.address)
  bytes.withMutableRawBytes { raw in raw.store(header.checksum, at: 16) }
  return ipPacket(.tcp, from: source.address, to: destination.address, ttl: ttl, bytes)
}
