// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

/// An advertisement of another host of the group, to be spoilt.
struct TestAdvertisement {
  var vhid: UInt8 = 1
  var base: UInt8 = 1
  var skew: UInt8 = 0
  var version: UInt8 = 2
  var counter: UInt64 = 1
  var key = "x"
  var addresses = ["10.0.0.100"]
  var ttl: UInt8 = 255
  var options: [UInt8] = []
  /// Bytes behind the advertisement.
  var tail: [UInt8] = []
  /// How much of it is there; all by default.
  var length = CARPHeader.size
  /// What the checksum is off by.
  var checksumError: UInt8 = 0

  /// The frame, from the virtual router to the group.
  var frame: [UInt8] {
    var key = Array(key.utf8)
    key += repeatElement(0, count: 20 - key.count)
    var hash = HMACSHA1(key: key)
    for byte in [2, 1, vhid] { hash.update(byte) }
    for address in addresses { hash.update(ip(address).rawValue) }
    hash.update(counter)
    var header = CARPHeader(vhid: vhid, base: base, skew: skew)
    header.version = version
    header.counter = counter
    header.digest = hash.finish()
    var bytes = [UInt8](repeating: 0, count: CARPHeader.size)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    header.write(into: &raw, at: 0)
    let sum = InternetChecksum.checksum(of: raw.bytes)
    raw.store(sum, at: 6)
    bytes[7] ^= checksumError
    let packet = TestPacket(
      source: ip("10.0.0.2"), destination: IPv4Address(224, 0, 0, 18), ttl: ttl, proto: 112,
      options: options, payload: Array(bytes.prefix(length)) + tail)
    return [0x01, 0, 0x5e, 0, 0, 0x12, 0, 0, 0x5e, 0, 1, vhid, 0x08, 0] + packet.bytes
  }
}

/// Hosts of a group, and what they do.
extension InterfaceLab {
  /// A host that has 10.0.0.1/24 on em0, and carp0 without anything.
  static func carp(_ commands: String...) -> InterfaceLab {
    InterfaceLab(
      ["em0 10.0.0.1/24", "em1 10.0.1.1/24", "carp0 create", "sysctl carp.log 2"] + commands)
  }

  /// The same with carp0 being virtual host 1 of 10.0.0.100, password x, and skew 100.
  static func host(_ commands: String...) -> InterfaceLab {
    var lab = InterfaceLab.carp(
      "carp0 vhid 1", "carp0 pass x", "carp0 advskew 100", "carp0 10.0.0.100/24")
    for command in commands { #expect(lab.run(command) == nil, "\(command)") }
    lab.forget()
    return lab
  }

  /// The same as a master.
  static func master(_ commands: String...) -> InterfaceLab {
    var lab = InterfaceLab.host()
    lab.tick(4000)
    for command in commands { #expect(lab.run(command) == nil, "\(command)") }
    lab.forget()
    return lab
  }

  mutating func hear(_ advertisement: TestAdvertisement, on name: String = "em0") throws(Errno) {
    try receive(advertisement.frame, on: name)
  }

  /// The state and the interface's flags in hexadecimal: `MASTER 49`.
  func carp(_ name: String = "carp0") throws(Errno) -> String {
    let info = try kernel.interface(vnet: .zero, named: name)
    return "\(info.carp?.state.word ?? "none") \(String(info.flags.rawValue, radix: 16))"
  }

  /// The counters of CARP that are not 0.
  var carpCounters: [String] {
    kernel.machine.carp.statistics.fields.filter { $0.value != 0 }
      .map { "\($0.name.dropFirst("carps_".count)) \($0.value)" }
  }

  var suppression: Int64 { kernel.machine.sysctl[.carpSuppressPreempt] }

  /// The advertisements and announcements sent since `forget()`, with the card and who sends:
  /// `em0 00:00:5e:00:01:01 1/0`, `em0 02:… 10.0.0.100 is 00:00:5e:00:01:01`.
  func carpFrames() throws(Errno) -> [String] {
    var names: [InterfaceIndex: String] = [:]
    for info in kernel.interfaces(vnet: .zero) { names[info.index] = "\(info.name)" }
    return recorder.snapshots.compactMap { snapshot in
      guard case .transmitted(let interface) = snapshot.moment else { return nil }
      let bytes = Array(recorder.bytes(of: snapshot))
      guard let frame = EthernetHeader(bytes.span.bytes) else { return nil }
      let sender = "\(names[interface] ?? "?") \(frame.source)"
      let payload = Array(bytes.dropFirst(EthernetHeader.size))
      if frame.type == .arp, let arp = ARPHeader(payload.span.bytes) {
        return "\(sender) \(arp.senderProtocol) is \(arp.senderHardware)"
      }
      guard let header = IPv4Header(payload.span.bytes), header.protocol == .carp,
        let carp = CARPHeader(payload.span.bytes, at: header.headerLength)
      else { return nil }
      return "\(sender) \(carp.base)/\(carp.skew)"
    }
  }
}
