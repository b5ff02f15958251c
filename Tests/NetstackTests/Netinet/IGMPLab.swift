// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Netstack
import Testing
import Wire

/// An IGMP message that another host of em0's network sends, in a frame.
struct IGMPMessage: Sendable {
  var type: UInt8 = 0x11
  var code: UInt8 = 0
  var group = "0.0.0.0"
  /// The IP destination; the group where nil.
  var target: String?
  var source = "10.0.0.2"
  var ttl: UInt8 = 1
  var hasRouterAlert = false
  /// What follows the first 8 bytes.
  var rest: [UInt8] = []
  /// Keeps so many bytes of the message.
  var length: Int?
  var spoilsChecksum = false

  /// A general query of version 1, 2 or 3 that gives hosts so many tenths of a second.
  static func query(_ version: Int, tenths: UInt8 = 10, group: String = "0.0.0.0") -> IGMPMessage {
    var message = IGMPMessage(code: version == 1 ? 0 : tenths, group: group)
    if group == "0.0.0.0" { message.target = "224.0.0.1" }
    if version == 3 { message.rest = [2, 125, 0, 0] }
    return message
  }

  /// The whole frame, to the MAC address of the group.
  var frame: [UInt8] {
    let target = ip(self.target ?? group)
    let options: [UInt8] = hasRouterAlert ? [148, 4, 0, 0] : []
    let payload = length ?? IGMPHeader.size + rest.count
    let start = EthernetHeader.size + IPv4Header.size + options.count
    var message = [type, code, 0, 0] + octets(ip(group)) + rest
    message = Array(message.prefix(payload))
    if message.count >= 4 {
      let sum = InternetChecksum.checksum(of: message.span.bytes) ^ (spoilsChecksum ? 1 : 0)
      (message[2], message[3]) = (UInt8(sum >> 8), UInt8(sum & 0xff))
    }
    var bytes = [UInt8](repeating: 0, count: start) + message
    var header = IPv4Header(
      headerWords: UInt8(5 + options.count / 4), totalLength: UInt16(bytes.count - 14),
      identification: 1, ttl: ttl, protocol: .igmp, source: ip(source), destination: target)
    bytes.replaceSubrange((start - options.count)..<start, with: options)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    header.write(into: &raw, at: EthernetHeader.size)
    header.checksum = IPv4Header.checksum(
      of: Array(bytes[EthernetHeader.size...]).span.bytes, headerLength: header.headerLength)
    span = bytes.mutableSpan
    raw = span.mutableBytes
    header.write(into: &raw, at: EthernetHeader.size)
    EthernetHeader(destination: .multicast(for: target), source: mac(2), type: .ipv4)
      .write(into: &raw, at: 0)
    return bytes
  }

  private func octets(_ address: IPv4Address) -> [UInt8] {
    let (a, b, c, d) = address.octets
    return [a, b, c, d]
  }
}

extension InterfaceLab {
  /// em0 receives a message.
  mutating func receive(_ message: IGMPMessage) throws(Errno) { try receive(message.frame) }

  mutating func join(_ group: String, on name: String = "em0") throws(Errno) {
    try kernel.joinGroup(
      vnet: .zero, interface: try index(name), ip(group), tracer: &recorder)
  }

  mutating func leave(_ group: String, on name: String = "em0") throws(Errno) {
    try kernel.leaveGroup(
      vnet: .zero, interface: try index(name), ip(group), tracer: &recorder)
  }

  mutating func set(_ key: SysctlKey, _ value: Int64) { kernel.vnets[0].sysctl[key] = value }

  /// The groups of an interface, the last joined first.
  func groups(_ name: String = "em0") throws(Errno) -> [String] {
    try kernel.memberships(vnet: .zero, interface: try index(name)).map { "\($0.group)" }
  }

  /// The version that em0 speaks.
  func version() throws(Errno) -> UInt8 {
    try kernel.igmpInterface(vnet: .zero, interface: try index("em0")).version
  }

  /// The IGMP counters that are not zero: `rcv_total 1`, in their order.
  var igmpCounters: [String] {
    kernel.vnets[0].statistics.igmp.fields.filter { $0.value != 0 }
      .map { "\($0.name.dropFirst("igps_".count)) \($0.value)" }
  }

  /// The reports sent since `forget()`, as tcpdump has them, with `ra` for Router Alert.
  var reports: [String] {
    recorder.snapshots.compactMap { snapshot in
      guard case .transmitted = snapshot.moment else { return nil }
      let bytes = Array(Array(recorder.bytes(of: snapshot)).dropFirst(EthernetHeader.size))
      guard let header = IPv4Header(bytes.span.bytes), header.protocol == .igmp else { return nil }
      var options = PacketPrinter.Options()
      options.verbosity = 2
      var printer = PacketPrinter(options: options)
      var text = ""
      printer.print(bytes.span.bytes, wireLength: bytes.count, link: .raw, into: &text)
      let line = text.split(separator: "\n").last.map { $0.drop { $0 == " " } } ?? ""
      return "\(line)" + (header.headerWords == 6 ? " ra" : "")
    }
  }
}
