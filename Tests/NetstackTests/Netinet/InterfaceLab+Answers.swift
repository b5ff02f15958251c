// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Netstack
import Wire

/// What the machine did, as lines.
extension InterfaceLab {
  /// A table: `10.0.0.0/24 link#em0 U em0`; a host has no length.
  func routes(_ fib: UInt8 = 0) throws(Errno) -> [String] {
    let names = names
    return try kernel.routes(vnet: .zero, fib: FibNumber(rawValue: fib)).map { route in
      let key = route.key
      let length = key.isHost ? "" : "/\(key.mask.prefixLength ?? -1)"
      let gateway =
        switch route.gateway {
        case .address(let address): "\(address)"
        case .link(let interface): "link#\(names[interface] ?? "?")"
        }
      let letters = RouteFlags.letterOrder.filter { letter in
        RouteFlags.faces.contains { $0.letter == letter && route.flags.contains($0.flag) }
      }
      return "\(key.destination)\(length) \(gateway) \(String(letters)) "
        + "\(names[route.interface] ?? "?")"
    }
  }

  /// The entries of all cards, the deleted too, oldest card first: `em0 10.0.0.2 MAC 2008`.
  var arpLines: [String] {
    kernel.interfaces(vnet: .zero).flatMap { info in
      kernel.arpEntries(vnet: .zero, interface: info.index, includesDeleted: true).map {
        let flags = String($0.entry.flags.rawValue, radix: 16)
        let address = $0.hardwareAddress.map { "\($0)" } ?? "-"
        return "\(info.name) \($0.entry.address) \(address) \(flags)"
      }
    }
  }

  /// An interface's addresses with length and broadcast.
  func addresses(_ name: String) throws(Errno) -> [String] {
    try kernel.interface(vnet: .zero, named: name).addresses.map {
      "\($0.address)/\($0.mask.prefixLength ?? -1) \($0.broadcast)"
    }
  }

  private var names: [InterfaceIndex: String] {
    Dictionary(
      uniqueKeysWithValues: kernel.interfaces(vnet: .zero).map { ($0.index, "\($0.name)") })
  }

  /// What ifconfig(8) would call the flags, in hexadecimal, the MTU and the address.
  func state(_ name: String) throws(Errno) -> String {
    let info = try kernel.interface(vnet: .zero, named: name)
    let flags = String(info.flags.rawValue, radix: 16)
    let address = info.hardwareAddress.map { " \($0)" } ?? ""
    return "\(flags) \(info.interface.mtu)\(address)"
  }

  /// A counter of an interface.
  func counter(_ counter: InterfaceCounter, of name: String) throws(Errno) -> UInt64 {
    try kernel.interface(vnet: .zero, named: name).interface.statistics[counter]
  }

  /// Forgets what was sent, how packets ended, and the messages.
  mutating func forget() {
    recorder.removeAll()
    kernel.machine.messages = []
  }

  /// The frames sent since `forget()`.
  var frames: [String] {
    recorder.snapshots.compactMap { snapshot in
      guard case .transmitted(let interface) = snapshot.moment else { return nil }
      let bytes = Array(recorder.bytes(of: snapshot))
      return "\(names[interface] ?? "?") \(describe(bytes))"
    }
  }

  /// How packets ended since `forget()`: `HELD arp.hold`.
  var ends: [String] {
    recorder.entries.compactMap { entry in
      guard case .end(let end) = entry.event else { return nil }
      return "\(end.verdict.word) \(end.id.text)"
    }
  }

  /// The bytes of the frames sent since `forget()`.
  var sentFrames: [[UInt8]] {
    recorder.snapshots.compactMap { snapshot in
      guard case .transmitted = snapshot.moment else { return nil }
      return Array(recorder.bytes(of: snapshot))
    }
  }

  private func describe(_ bytes: [UInt8]) -> String {
    guard let frame = EthernetHeader(bytes.span.bytes) else { return "runt" }
    let target = frame.destination.isBroadcast ? "" : " to \(frame.destination)"
    let payload = Array(bytes.dropFirst(EthernetHeader.size))
    if frame.type == .ipv4, let header = IPv4Header(payload.span.bytes) {
      return "ip \(header.identification)\(target)"
    }
    guard let arp = ARPHeader(payload.span.bytes) else { return "short arp\(target)" }
    return arp.operation == .request
      ? "who-has \(arp.targetProtocol) tell \(arp.senderProtocol)\(target)"
      : "\(arp.senderProtocol) is-at \(arp.senderHardware)\(target)"
  }
}
