// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// `inject`, `injecteth` and `send`.
extension Harness {
  /// A neighbour's address; no answer that was recorded depends on it.
  private static let neighbour = EthernetAddress(rawValue: 0x02aa_0000_0001)

  /// A driver receives a frame: whole, or an IP packet with a header put in front.
  mutating func inject(_ words: [String]) throws(Refusal) {
    guard words.count >= 3 else { throw .unsupported("inject without a packet") }
    let interface = try interface(words[1])
    let options = Word.options(words.dropFirst(3))
    let known: Set<String> = ["dst", "src", "fib", "raw", "split", "pad", "csum", "repeat"]
    guard known.isSuperset(of: options.keys) else {
      throw .unsupported(words.dropFirst(3).joined(separator: " "))
    }
    var bytes = try Word.bytes(words[2])
    let isLoopback = kernel[.zero].interfaces[interface].type == .loopback
    if words[0] == "inject" {
      bytes = try ethernetHeader(for: bytes, on: interface, options) + bytes
    }
    if let pad = options["pad"].flatMap({ Int($0) }), bytes.count < pad {
      bytes += [UInt8](repeating: 0, count: pad - bytes.count)
    }
    var frame = ReceivedFrame(bytes, on: interface)
    frame.fib = try options["fib"].map { (text) throws(Refusal) in try fibNumber(text) }
    frame.skipsEtherInput = frame.fib != nil || options["raw"] != nil || isLoopback
    switch options["csum"] {
    case "good": frame.checksum = .good
    case "bad": frame.checksum = .bad
    default: frame.checksum = .none
    }
    frame.firstBufferCount = options["split"].flatMap { Int($0) }
    for _ in 0..<(options["repeat"].flatMap { Int($0) } ?? 1) {
      let number = kernel.receive(frame, tracer: &recorder)
      observer.stamp(number, FibNumber(rawValue: (frame.fib ?? .zero).rawValue & 15))
    }
  }

  /// The header in front of an injected packet: to the interface, or as the packet is for many.
  private func ethernetHeader(
    for packet: [UInt8], on interface: InterfaceIndex, _ options: [String: String]
  ) throws(Refusal) -> [UInt8] {
    var destination = kernel[.zero].interfaces[interface].hardwareAddress
    if packet.count >= 20 {
      let address = IPv4Address(packet[16], packet[17], packet[18], packet[19])
      if address.isMulticast { destination = .multicast(for: address) }
      if isBroadcast(address, on: interface) { destination = .broadcast }
    }
    switch options["dst"] {
    case "bcast": destination = .broadcast
    case let text?: destination = try Word.ethernet(text)
    case nil: break
    }
    let source = try options["src"].map { (text) throws(Refusal) in try Word.ethernet(text) }
    return octets(destination) + octets(source ?? Harness.neighbour) + [0x08, 0x00]
  }

  /// What the recorder took for a broadcast when nothing was said: not the classful ones.
  private func isBroadcast(_ address: IPv4Address, on interface: InterfaceIndex) -> Bool {
    if address == .broadcast || address == .any { return true }
    var next = kernel[.zero].addresses.first(on: interface)
    while let index = next {
      let record = kernel[.zero].addresses[index]
      if record.mask != .broadcast,
        address == record.subnet || address == record.subnet | ~record.mask
      {
        return true
      }
      next = record.nextOnInterface
    }
    return false
  }

  private func octets(_ address: EthernetAddress) -> [UInt8] {
    (0..<6).map { UInt8(truncatingIfNeeded: address.rawValue >> (40 - 8 * $0)) }
  }

  private func fibNumber(_ text: String) throws(Refusal) -> FibNumber {
    guard let number = UInt8(text) else { throw .unsupported("fib \(text)") }
    return FibNumber(rawValue: number)
  }

  /// A process sends a packet.
  mutating func send(_ words: [String]) throws(Refusal) {
    guard words.count >= 2 else { throw .unsupported("send without a packet") }
    let options = Word.options(words.dropFirst(2))
    let known: Set<String> = [
      "fib", "cooked", "bcast", "routetoif", "sendones", "mif", "noloop", "mttl", "opt",
    ]
    guard known.isSuperset(of: options.keys) else {
      throw .unsupported("send with \(options.keys.sorted().joined(separator: ", "))")
    }
    var packet = LocalPacket(
      try Word.bytes(words[1]),
      socket: options["cooked"] == nil ? .rawHeaderIncluded : .cooked)
    if let fib = options["fib"] { packet.fib = try fibNumber(fib) }
    packet.options = try options["opt"].map { (text) throws(Refusal) in try Word.bytes(text) }
    if options["bcast"] != nil { packet.flags.insert(.IP_ALLOWBROADCAST) }
    if options["routetoif"] != nil { packet.flags.insert(.IP_ROUTETOIF) }
    if options["sendones"] != nil {
      packet.flags.formUnion([.IP_SENDONES, .IP_ALLOWBROADCAST])
    }
    if let name = options["mif"] {
      packet.multicast = MulticastOptions(
        interface: try interface(name), ttl: options["mttl"].flatMap { UInt8($0) } ?? 1,
        loops: options["noloop"] == nil)
    }
    do throws(Errno) {
      try kernel.send(packet, tracer: &recorder)
    } catch {
      throw .errno(error)
    }
  }
}
