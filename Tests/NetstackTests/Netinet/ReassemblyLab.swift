// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

/// A fragment of a datagram from 10.0.0.2 to 10.0.0.1 of a protocol that nobody wants.
///
/// Written `OFFSET+LENGTH`, or `OFFSET:LENGTH` where it is the last; then perhaps `/TOS` and `#ID`.
struct Fragment {
  var offset = 0
  var data: [UInt8] = []
  var moreFollow = true
  var tos: UInt8 = 0
  var id: UInt16 = 0x0100
  var options: [UInt8] = []

  init(offset: Int, data: [UInt8], moreFollow: Bool) {
    self.offset = offset
    self.data = data
    self.moreFollow = moreFollow
  }

  /// - Parameter fill: What all of the data's bytes are.
  init?(_ text: String, fill: UInt8) {
    let parts = text.split(separator: "#")
    let fields = parts[0].split(separator: "/")
    let numbers = fields[0].split { $0 == "+" || $0 == ":" }.compactMap { Int($0) }
    guard numbers.count == 2 else { return nil }
    offset = numbers[0]
    data = [UInt8](repeating: fill, count: numbers[1])
    moreFollow = fields[0].contains("+")
    if fields.count == 2 { tos = UInt8(fields[1]) ?? 0 }
    if parts.count == 2 { id = UInt16(parts[1], radix: 16) ?? 0 }
  }

  /// The frame that brings it to the interface with this address.
  func frame(to hardware: EthernetAddress) -> [UInt8] {
    let start = EthernetHeader.size + IPv4Header.size + options.count
    var bytes = [UInt8](repeating: 0, count: start)
    for (place, byte) in options.enumerated() { bytes[start - options.count + place] = byte }
    let field = UInt16(offset / 8) | (moreFollow ? IPv4Header.MF : 0)
    var header = IPv4Header(
      headerWords: UInt8((IPv4Header.size + options.count) / 4), tos: tos,
      totalLength: UInt16(IPv4Header.size + options.count + data.count), identification: id,
      fragment: field, protocol: IPProtocol(rawValue: 253), source: ip("10.0.0.2"),
      destination: ip("10.0.0.1"))
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    EthernetHeader(destination: hardware, source: mac(1), type: .ipv4).write(into: &raw, at: 0)
    header.write(into: &raw, at: EthernetHeader.size)
    header.checksum = InternetChecksum.checksum(
      of: Array(bytes.dropFirst(EthernetHeader.size)).span.bytes)
    span = bytes.mutableSpan
    raw = span.mutableBytes
    header.write(into: &raw, at: EthernetHeader.size)
    return bytes + data
  }
}

extension InterfaceLab {
  /// em0 receives a fragment.
  mutating func receive(_ fragment: Fragment) throws {
    let hardware = kernel[.zero].interfaces[try index("em0")].hardwareAddress
    try receive(fragment.frame(to: hardware))
  }

  /// Runs `tick MS`, `maxfragpackets N`, `maxfragsperpacket N`, `memory BUFFERS` or `drain`, or else
  /// receives a fragment.
  mutating func reassemble(_ step: String, fill: UInt8) throws {
    let words = step.split(separator: " ").map(String.init)
    let number = words.count > 1 ? Int(words[1]) ?? 0 : 0
    switch words[0] {
    case "tick": tick(UInt64(number))
    case "maxfragpackets":
      try kernel.setSysctl(.ipMaxfragpackets, to: Int64(number), vnet: .zero)
    case "maxfragsperpacket":
      try kernel.setSysctl(.ipMaxfragsperpacket, to: Int64(number), vnet: .zero)
    case "memory": kernel.machine.store.limit = number
    case "drain": kernel.ipDrain(tracer: &recorder)
    default: try receive(try #require(Fragment(step, fill: fill), "\(step)"))
    }
  }

  /// How packets ended, with their numbers: `#2 DROPPED reass.dup`.
  ///
  /// - Parameter earlier: How many packets there were before the one that is to have number 1.
  func numberedEnds(behind earlier: UInt64) -> [String] {
    recorder.entries.compactMap { entry in
      guard case .end(let end) = entry.event else { return nil }
      return "#\(UInt64(entry.packet.root) - earlier) \(end.verdict.word) \(end.id.text)"
    }
  }

  /// The packets that a protocol got.
  var delivered: [[UInt8]] {
    recorder.snapshots.compactMap { snapshot in
      if case .delivered = snapshot.moment { Array(recorder.bytes(of: snapshot)) } else { nil }
    }
  }

  /// What fragments count and raised: `fragments 2, reassembled 1`.
  var fragmentCounts: String {
    let counters: [(String, IPCounter)] = [
      ("fragments", .fragments), ("fragdropped", .fragdropped), ("fragtimeout", .fragtimeout),
      ("reassembled", .reassembled), ("toosmall", .toosmall), ("toolong", .toolong),
    ]
    let statistics = kernel[.zero].statistics.ip
    return counters.filter { statistics[$0.1] != 0 }.map { "\($0.0) \(statistics[$0.1])" }
      .joined(separator: ", ")
  }
}
