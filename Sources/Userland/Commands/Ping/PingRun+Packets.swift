// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// What ping(8) sends and receives.
extension PingRun {
  /// Sends a packet (`pinger`).
  func send() {
    let length = headerLength + dataLength
    prepareMessage(length)
    do throws(Errno) {
      try transmit(length)
    } catch {
      if options.isFlood, error == .ENOBUFS {
        next = next.advanced(milliseconds: 20)
        return
      }
      output.writeError("ping: sendto: \(error.message)\n")
    }
    statistics.transmitted += 1
    sweepSent += 1
    if options.isFlood && !options.isQuiet { output.write(".") }
  }

  private func prepareMessage(_ length: Int) {
    statistics.forget(statistics.transmitted)
    let sequence = UInt16(truncatingIfNeeded: statistics.transmitted)
    let type = options.request.type
    let identifier = self.identifier
    let time = process.timeOfDay
    let (isTime, timing, extra) = (options.request == .time, statistics.timing, headerLength)
    message.withMutableRawBytes { bytes in
      bytes.store(type.rawValue, at: 0)
      bytes.store(UInt8(0), at: 1)
      bytes.store(UInt16(0), at: 2)
      // In the host's own order of bytes.
      bytes.store(identifier.byteSwapped, at: 4)
      bytes.store(sequence, at: 6)
      if isTime {
        let milliseconds = time.seconds % 86_400 * 1000 + time.microseconds / 1000
        bytes.store(UInt32(truncatingIfNeeded: milliseconds), at: 8)
      }
      if timing {
        bytes.store(UInt32(truncatingIfNeeded: time.seconds), at: extra)
        bytes.store(UInt32(truncatingIfNeeded: time.microseconds), at: extra + 4)
      }
      guard length > 0 else { return }
      let sum = InternetChecksum.checksum(
        of: bytes.bytes.extracting(first: min(length, bytes.byteCount)))
      bytes.store(sum, at: 2)
    }
  }

  private func transmit(_ length: Int) throws(Errno) {
    guard let socket else { throw .EBADF }
    guard length >= 0 else { throw .EINVAL }
    guard length <= message.count else { throw .EMSGSIZE }
    var bytes = Array(message[..<length])
    if options.makesHeader { bytes = header(length) + bytes }
    try process.session.kernel.send(
      vnet: process.vnet, socket, bytes, to: Endpoint(destination, 0))
  }

  /// The IP header of a ping that makes its own.
  private func header(_ length: Int) -> [UInt8] {
    let stack = process.vnet
    let ttl = options.ttl ?? process.session.kernel[stack].sysctl.ttl
    var header = IPv4Header(
      totalLength: UInt16(truncatingIfNeeded: length + IPv4Header.size), ttl: ttl,
      protocol: .icmp, source: source ?? .any, destination: destination)
    header.tos = options.tos
    if options.has("D") { header.fragment = IPv4Header.DF }
    var bytes = [UInt8](repeating: 0, count: IPv4Header.size)
    bytes.withMutableRawBytes { bytes in header.write(into: &bytes, at: 0) }
    return bytes
  }

  /// Reads what has come, and shows it if it is for us.
  func receive() {
    guard let socket else { return }
    do throws(Errno) {
      let datagram = try process.session.kernel.receive(vnet: process.vnet, socket)
      let length = min(datagram.bytes.count, packet.count)
      packet.replaceSubrange(..<length, with: datagram.bytes[..<length])
      show(length, from: datagram)
    } catch {
      output.writeError("ping: recvmsg: \(error.message)\n")
    }
  }
}

extension PingOptions.Request {
  /// Bytes between the ICMP header and the data (`phdr_len`).
  var extraLength: Int {
    switch self {
    case .echo: 0
    case .mask: 4
    case .time: 12
    }
  }

  var type: ICMPType {
    switch self {
    case .echo: .echo
    case .mask: .maskreq
    case .time: .tstamp
    }
  }

  var answer: ICMPType {
    switch self {
    case .echo: .echoReply
    case .mask: .maskreply
    case .time: .tstampreply
    }
  }

  /// What the first line says of it.
  var word: String? {
    switch self {
    case .echo: nil
    case .mask: "ICMP_MASKREQ"
    case .time: "ICMP_TSTAMP"
    }
  }
}
