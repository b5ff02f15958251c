// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

/// A router between 10.0.0.0/24 on em0 and 10.0.1.0/24 on em1, with IPSTEALTH compiled in, that is
/// asked with pings from 10.0.0.2.
struct OptionLab: ~Copyable {
  var kernel: Kernel
  var recorder = Recorder()

  init(_ settings: [SysctlKey: Int64] = [:]) throws {
    var options = KernelOptions()
    options.ipStealth = true
    options.ethernetInterfaces = 2
    kernel = Kernel(options)
    for unit in 0..<2 {
      let interface = try kernel.interface(vnet: .zero, named: "em\(unit)").index
      let request = AddressRequest(ip("10.0.\(unit).1"), mask: ip("255.255.255.0"))
      try kernel.addAddress(vnet: .zero, interface: interface, request)
      try kernel.arpSet(
        vnet: .zero, interface: interface, address: ip("10.0.\(unit).2"),
        hardwareAddress: mac(UInt8(unit)))
    }
    try kernel.setSysctl(.ipForwarding, to: 1, vnet: .zero)
    for (key, value) in settings { try kernel.setSysctl(key, to: value, vnet: .zero) }
  }

  /// Lets em0 receive an echo request with these options, padded to words.
  mutating func ping(
    _ target: String, _ options: [UInt8], asBroadcast: Bool = false
  ) throws -> OptionRun {
    recorder.removeAll()
    kernel.machine.messages = []
    let before = kernel.statistics(vnet: .zero).ip
    let em0 = try kernel.interface(vnet: .zero, named: "em0")
    let own = try #require(em0.hardwareAddress)
    var frame = [UInt8](repeating: 0, count: EthernetHeader.size)
    var span = frame.mutableSpan
    var raw = span.mutableBytes
    EthernetHeader(
      destination: asBroadcast ? .broadcast : own, source: mac(0), type: .ipv4
    ).write(into: &raw, at: 0)
    frame += echoRequest(to: target, options)
    let number = kernel.receive(ReceivedFrame(frame, on: em0.index), tracer: &recorder)
    let after = kernel.statistics(vnet: .zero).ip
    return OptionRun(
      end: end(of: number), packets: packets, log: kernel.machine.messages,
      badOptions: after[.badoptions] &- before[.badoptions],
      cantForward: after[.cantforward] &- before[.cantforward])
  }

  private func end(of number: PacketNumber) -> End? {
    for entry in recorder.entries where entry.packet == number {
      if case .end(let end) = entry.event { return end }
    }
    return nil
  }

  /// The IP packets that left since the recording began.
  var packets: [[UInt8]] {
    recorder.snapshots.compactMap { snapshot in
      guard case .transmitted = snapshot.moment else { return nil }
      return Array(recorder.bytes(of: snapshot).dropFirst(EthernetHeader.size))
    }
  }
}

/// What came of a ping.
struct OptionRun {
  var end: End?
  var packets: [[UInt8]]
  var log: [String]
  var badOptions: UInt64
  var cantForward: UInt64

  /// The options of the only packet that left, or of the packet that an ICMP error quotes.
  var options: [UInt8] {
    guard packets.count == 1, let packet = packets.first else { return [] }
    let isError = packet[20] == 3 || packet[20] == 12
    let header = packet[0] == 0x45 && isError ? Array(packet.dropFirst(28)) : packet
    return Array(header[20..<Int(header[0] & 0xf) * 4])
  }

  /// Where the only packet that left goes.
  var destination: IPv4Address? {
    guard packets.count == 1, let packet = packets.first else { return nil }
    return IPv4Header(packet.span.bytes)?.destination
  }
}

/// An echo request of 8 bytes from 10.0.0.2.
func echoRequest(to target: String, _ options: [UInt8]) -> [UInt8] {
  let padded = options + [UInt8](repeating: 0, count: (4 - options.count % 4) % 4)
  let headerLength = IPv4Header.size + padded.count
  var header = IPv4Header(
    headerWords: UInt8(headerLength / 4), totalLength: UInt16(headerLength + 8),
    protocol: .icmp, source: ip("10.0.0.2"), destination: ip(target))
  var bytes = [UInt8](repeating: 0, count: IPv4Header.size) + padded
  bytes += [8, 0, 0xf7, 0xff, 0, 0, 0, 0]
  write(header, to: &bytes)
  header.checksum = IPv4Header.checksum(of: bytes.span.bytes, headerLength: headerLength)
  write(header, to: &bytes)
  return bytes
}

private func write(_ header: IPv4Header, to bytes: inout [UInt8]) {
  var span = bytes.mutableSpan
  var raw = span.mutableBytes
  header.write(into: &raw, at: 0)
}
