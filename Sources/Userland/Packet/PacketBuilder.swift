// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// A packet ready to enter the machine.
enum PreparedPacket: Sendable {
  case received(ReceivedFrame)
  case sent(LocalPacket)
}

/// Makes a packet's bytes from its description.
struct PacketBuilder {
  private let spec: PacketSpec
  private let session: Session

  /// Makes the packet; the description has been checked.
  static func build(_ spec: PacketSpec, _ session: Session) throws(Fault) -> PreparedPacket {
    try PacketBuilder(spec: spec, session: session).packet()
  }

  private func packet() throws(Fault) -> PreparedPacket {
    guard case .receive(let interface) = spec.door else { return try sentPacket() }
    let ethernet = session.interface(interface)
    guard ethernet.type == .ethernet else {
      throw .refused("\(ethernet.name) receives no frames; packets come to it by 'send'")
    }
    var frame = ReceivedFrame(try frameBytes(ethernet), on: interface)
    frame.fib = spec.fib
    frame.flowID = spec.flowID
    frame.cpu = spec.cpu ?? 0
    return .received(frame)
  }

  private func sentPacket() throws(Fault) -> PreparedPacket {
    let isUDP = spec.body == .ip(.udp)
    var packet = LocalPacket(
      try ipBytes(), socket: isUDP ? .udp : .rawHeaderIncluded, fib: spec.fib ?? session.fib,
      chooser: spec.fib == nil ? session.fibChooser : .socket)
    packet.flags = spec.socketFlags
    packet.cpu = spec.cpu ?? 0
    // rip_output lets every raw socket broadcast.
    if !isUDP { packet.flags.insert(.IP_ALLOWBROADCAST) }
    return .sent(packet)
  }

  private func frameBytes(_ interface: Ifnet) throws(Fault) -> [UInt8] {
    switch spec.body {
    case .frame(let bytes): return bytes
    case .arp(let operation): return arpFrame(operation, interface)
    case .packet, .ip, nil: break
    }
    let packet = try ipBytes()
    var destination = interface.hardwareAddress
    if let target = IPv4Header(packet.rawBytes)?.destination {
      if target.isMulticast { destination = .multicast(for: target) }
      if target.isBroadcast { destination = .broadcast }
    }
    return FrameBytes.ethernet(
      to: spec.hardwareDestination ?? destination,
      from: spec.hardwareSource ?? .standing(for: IPv4Header(packet.rawBytes)?.source), .ipv4,
      packet)
  }

  private func arpFrame(_ operation: ARPOperation, _ interface: Ifnet) -> [UInt8] {
    let sender = spec.hardwareSource ?? .standing(for: spec.source)
    let isRequest = operation == .request
    var bytes: [UInt8] = []
    bytes.append(word: ARPFixedHeader.ethernet)
    bytes.append(word: EtherType.ipv4.rawValue)
    bytes += [6, 4]
    bytes.append(word: operation.rawValue)
    bytes.append(sender)
    bytes.append(long: spec.source?.rawValue ?? 0)
    bytes.append(isRequest ? .zero : interface.hardwareAddress)
    bytes.append(long: spec.destination?.rawValue ?? 0)
    // A frame is never shorter than 60 bytes on the wire.
    bytes += [UInt8](repeating: 0, count: 46 - bytes.count)
    let destination = isRequest ? EthernetAddress.broadcast : interface.hardwareAddress
    return FrameBytes.ethernet(
      to: spec.hardwareDestination ?? destination, from: sender, .arp, bytes)
  }
}

/// The packet from its IP header on.
extension PacketBuilder {
  private func ipBytes() throws(Fault) -> [UInt8] {
    if case .packet(let bytes) = spec.body { return bytes }
    guard case .ip(let proto) = spec.body, let destination = spec.destination else {
      preconditionFailure("PacketSpec.check found body and destination")
    }
    let source = try sourceAddress(proto, to: destination)
    let transport = transportBytes(proto, from: source, to: destination)
    var options = spec.options ?? []
    options += [UInt8](repeating: 0, count: -options.count & 3)
    let length = IPv4Header.size + options.count + transport.count
    guard length <= 65_535 else {
      throw .refused("the packet would have \(length) bytes, more than 65535")
    }
    var fragment = UInt16((spec.fragmentOffset ?? 0) / 8)
    if spec.dontFragment { fragment |= IPv4Header.DF }
    if spec.moreFragments { fragment |= IPv4Header.MF }
    var header: [UInt8] = [0x45 + UInt8(options.count / 4), spec.tos ?? 0]
    header.append(word: UInt16(length))
    // A raw socket's packet with id 0 gets the kernel's next one.
    header.append(word: spec.identification ?? (spec.door == .send ? 0 : 1))
    header.append(word: fragment)
    header += [spec.ttl ?? 64, proto.rawValue, 0, 0]
    header.append(long: source.rawValue)
    header.append(long: destination.rawValue)
    header += options
    let sum = InternetChecksum.checksum(of: header.rawBytes)
    header.replace(word: spec.hasBadChecksum ? sum ^ 0x5555 : sum, at: 10)
    return header + transport
  }

  /// The source given, or the one that in_pcbladdr would choose for a UDP socket; ip_output itself
  /// chooses for raw ones, whose checksums have no pseudo header.
  private func sourceAddress(
    _ proto: IPProtocol, to destination: IPv4Address
  ) throws(Fault) -> IPv4Address {
    if let source = spec.source, source != .any || proto != .udp && proto != .tcp { return source }
    guard spec.door == .send else { return .any }
    guard proto == .udp || proto == .tcp else { return .any }
    let fib = spec.fib ?? session.fib
    do throws(Errno) {
      return try session.kernel.sourceAddress(vnet: session.vnet, fib: fib, to: destination)
    } catch {
      throw .refused("no route to choose a source by: say 'from address'")
    }
  }

  private func transportBytes(
    _ proto: IPProtocol, from source: IPv4Address, to destination: IPv4Address
  ) -> [UInt8] {
    if (spec.fragmentOffset ?? 0) > 0 { return payload(usual: 8) }
    switch proto {
    case .udp:
      let payload = payload(usual: 1)
      var bytes: [UInt8] = []
      bytes.append(word: spec.sourcePort ?? Self.ephemeralPort)
      bytes.append(word: spec.destinationPort ?? 0)
      bytes.append(word: UInt16(truncatingIfNeeded: UDPHeader.size + payload.count))
      bytes += [0, 0]
      bytes += payload
      let sum = pseudoSum(of: bytes, proto, source, destination)
      bytes.replace(word: sum == 0 ? 0xffff : sum, at: 6)
      return bytes
    case .tcp:
      var bytes: [UInt8] = []
      bytes.append(word: spec.sourcePort ?? Self.ephemeralPort)
      bytes.append(word: spec.destinationPort ?? 0)
      bytes.append(long: spec.sequence ?? 0)
      bytes.append(long: spec.acknowledgement ?? 0)
      bytes += [0x50, (spec.tcpFlags ?? .syn).rawValue]
      bytes.append(word: spec.window ?? 65_535)
      bytes += [0, 0, 0, 0]
      bytes += payload(usual: 0)
      bytes.replace(word: pseudoSum(of: bytes, proto, source, destination), at: 16)
      return bytes
    case .icmp:
      let type = ICMPType(rawValue: spec.icmpType ?? ICMPType.echo.rawValue)
      var bytes: [UInt8] = [type.rawValue, spec.icmpCode ?? 0, 0, 0]
      bytes.append(word: spec.icmpIdentifier ?? 0)
      bytes.append(word: spec.icmpSequence ?? 0)
      bytes += payload(usual: type.usualPayload)
      bytes.replace(word: InternetChecksum.checksum(of: bytes.rawBytes), at: 2)
      return bytes
    default:
      return payload(usual: 8)
    }
  }

  /// The first port that the kernel gives a socket of its own accord
  /// (`net.inet.ip.portrange.first`).
  private static let ephemeralPort: UInt16 = 10_000

  private func payload(usual: Int) -> [UInt8] {
    let given = spec.payload ?? []
    let length = spec.length ?? (spec.payload == nil ? usual : given.count)
    return given + [UInt8](repeating: 0, count: length - given.count)
  }

  private func pseudoSum(
    of bytes: [UInt8], _ proto: IPProtocol, _ source: IPv4Address, _ destination: IPv4Address
  ) -> UInt16 {
    var sum = InternetChecksum()
    sum.addPseudoHeader(
      source: source, destination: destination, protocol: proto, length: bytes.count)
    sum.add(bytes.rawBytes)
    return sum.finish()
  }
}

extension ICMPType {
  /// How many bytes such a message has behind its header where nobody says otherwise.
  fileprivate var usualPayload: Int {
    switch self {
    case .echo, .echoReply: 56
    case .tstamp, .tstampreply: 12
    case .maskreq, .maskreply: 4
    default: 28
    }
  }
}

/// Frames made of their parts.
enum FrameBytes {
  /// An Ethernet frame.
  static func ethernet(
    to destination: EthernetAddress, from source: EthernetAddress, _ type: EtherType,
    _ packet: [UInt8]
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(destination)
    bytes.append(source)
    bytes.append(word: type.rawValue)
    return bytes + packet
  }
}

extension [UInt8] {
  /// Appends 16 bits in network order.
  fileprivate mutating func append(word: UInt16) {
    append(UInt8(word >> 8))
    append(UInt8(word & 0xff))
  }

  /// Appends 32 bits in network order.
  fileprivate mutating func append(long: UInt32) {
    append(word: UInt16(long >> 16))
    append(word: UInt16(long & 0xffff))
  }

  fileprivate mutating func append(_ address: EthernetAddress) {
    append(word: UInt16(truncatingIfNeeded: address.rawValue >> 32))
    append(long: UInt32(truncatingIfNeeded: address.rawValue))
  }

  /// Writes 16 bits in network order over what is there.
  fileprivate mutating func replace(word: UInt16, at offset: Int) {
    self[offset] = UInt8(word >> 8)
    self[offset + 1] = UInt8(word & 0xff)
  }
}
