// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What a declared host answers to the frames it hears: bytes in, bytes out.
extension Neighbor {
  /// The shortest frame of Ethernet without its checksum; a card fills shorter ones up.
  private static let shortestFrame = 60
  /// A tag and the type behind it (IEEE 802.1Q).
  private static let tagSize = 4
  /// The time to live of what a host makes.
  private static let ttl: UInt8 = 64

  /// The frames that answer one; none if it is for somebody else, asks nothing, or the host is silent.
  ///
  /// - Parameter clock: Milliseconds since midnight UTC, for time stamps.
  mutating func answers(to frame: [UInt8], at now: Instant, _ clock: UInt32) -> [[UInt8]] {
    guard let ethernet = EthernetHeader(frame.rawBytes), ethernet.source != hardwareAddress,
      ethernet.destination == hardwareAddress || ethernet.destination.isBroadcast,
      let (type, payload) = content(of: frame, ethernet.type)
    else { return [] }
    let packets: [[UInt8]]
    switch type {
    case .arp: packets = arpReply(payload).map { [$0] } ?? []
    case .ipv4:
      packets = ipAnswers(payload, isBroadcast: ethernet.destination.isGroup, clock)
    default: packets = []
    }
    guard !packets.isEmpty else { return [] }
    heard += 1
    guard isTalking(at: now) else { return [] }
    answered += 1
    return packets.map { self.frame($0, type, to: ethernet.source) }
  }

  /// A request with its own address as sender and target, by which a host tells that it is there.
  func announcement() -> [UInt8] {
    let header = ARPHeader(
      operation: .request, senderHardware: hardwareAddress, senderProtocol: address,
      targetHardware: .zero, targetProtocol: address)
    return frame(Self.bytes(header), .arp, to: .broadcast)
  }

  /// What a frame carries, without the tag of the host's VLAN; nil for one of another VLAN.
  private func content(
    of frame: [UInt8], _ type: EtherType
  ) -> (type: EtherType, payload: [UInt8])? {
    let payload = frame[EthernetHeader.size...]
    guard type == .vlan else { return tag == nil ? (type, Array(payload)) : nil }
    guard payload.count >= Self.tagSize, let tag else { return nil }
    let word = { offset in UInt16(payload[offset]) << 8 | UInt16(payload[offset + 1]) }
    guard word(payload.startIndex) & 0xfff == tag else { return nil }
    return (
      EtherType(rawValue: word(payload.startIndex + 2)),
      Array(payload.dropFirst(Self.tagSize))
    )
  }

  private func frame(
    _ packet: [UInt8], _ type: EtherType, to destination: EthernetAddress
  ) -> [UInt8] {
    let size = EthernetHeader.size + (tag == nil ? 0 : Self.tagSize)
    var frame = [UInt8](repeating: 0, count: size)
    let header = EthernetHeader(
      destination: destination, source: hardwareAddress, type: tag == nil ? type : .vlan)
    frame.withMutableRawBytes {
      header.write(into: &$0, at: 0)
      guard let tag else { return }
      $0.store(tag, at: EthernetHeader.size)
      $0.store(type.rawValue, at: EthernetHeader.size + 2)
    }
    frame += packet
    let missing = Self.shortestFrame - frame.count
    return missing > 0 ? frame + [UInt8](repeating: 0, count: missing) : frame
  }

  private func arpReply(_ packet: [UInt8]) -> [UInt8]? {
    guard let request = ARPHeader(packet.rawBytes), request.fixed.isEthernetIPv4,
      request.operation == .request, request.targetProtocol == address
    else { return nil }
    return Self.bytes(
      ARPHeader(
        operation: .reply, senderHardware: hardwareAddress, senderProtocol: address,
        targetHardware: request.senderHardware, targetProtocol: request.senderProtocol))
  }

  private static func bytes(_ header: ARPHeader) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: ARPHeader.size)
    bytes.withMutableRawBytes { header.write(into: &$0, at: 0) }
    return bytes
  }

  /// The packets that answer one: from the host itself, or from one behind it, a hop further.
  private mutating func ipAnswers(
    _ bytes: [UInt8], isBroadcast: Bool, _ clock: UInt32
  ) -> [[UInt8]] {
    guard let header = IPv4Header(bytes.rawBytes), header.version == 4,
      header.headerLength >= IPv4Header.size, Int(header.totalLength) >= header.headerLength,
      Int(header.totalLength) <= bytes.count,
      IPv4Header.checksum(of: bytes.rawBytes, headerLength: header.headerLength) == 0,
      !header.source.isMulticast, !header.source.isExperimental, header.source != .any
    else { return [] }
    let packet = Array(bytes[..<Int(header.totalLength)])
    if header.destination == address {
      return hostAnswers(packet, header, distance: 0, isBroadcast, clock)
    }
    guard !isBroadcast, networks.contains(where: { $0.contains(header.destination) }) else {
      return []
    }
    guard header.ttl > 1 else {
      return error(.timxceed, code: 0, about: packet, header, from: address, 0)
        .map { [$0] } ?? []
    }
    var farther = header
    farther.ttl -= 1
    return hostAnswers(
      Self.replacingHeader(of: packet, by: farther), farther, distance: 1, isBroadcast, clock)
  }

  /// What the host that a packet is for says to it.
  private mutating func hostAnswers(
    _ packet: [UInt8], _ header: IPv4Header, distance: UInt8, _ isBroadcast: Bool,
    _ clock: UInt32
  ) -> [[UInt8]] {
    guard let (datagram, header) = whole(packet, header) else { return [] }
    let payload = Array(datagram[header.headerLength...])
    let answer: [UInt8]? =
      switch header.protocol {
      case .icmp where !isBroadcast: icmpReply(datagram, header, payload, distance, clock)
      case .udp where !isBroadcast && Self.isRight(payload, header):
        error(.unreach, code: 3, about: datagram, header, from: header.destination, distance)
      case .tcp where !isBroadcast: tcpReset(header, payload, distance)
      default: nil
      }
    return answer.map(Self.fragments) ?? []
  }

  /// The datagram that a packet is or completes; nil while fragments are missing.
  private mutating func whole(
    _ packet: [UInt8], _ header: IPv4Header
  ) -> (datagram: [UInt8], header: IPv4Header)? {
    guard header.isFragment else { return (packet, header) }
    let payload = packet[header.headerLength...]
    if header.fragmentOffset == 0 {
      partial = PartialDatagram(
        header: header, headerBytes: Array(packet[..<header.headerLength]),
        payload: Array(payload))
      return nil
    }
    guard let first = partial?.header, first.identification == header.identification,
      first.source == header.source, first.destination == header.destination,
      first.protocol == header.protocol, partial?.payload.count == header.fragmentOffset
    else { return nil }
    partial?.payload += payload
    guard !header.moreFragments, let complete = partial else { return nil }
    partial = nil
    var joined = complete.header
    let length = complete.headerBytes.count + complete.payload.count
    guard let total = UInt16(exactly: length) else { return nil }
    joined.totalLength = total
    joined.fragment = 0
    return (
      Self.replacingHeader(of: complete.headerBytes + complete.payload, by: joined), joined
    )
  }

  /// An echo or time stamp reply: the request turned round, options included, as `icmp_reflect` does.
  private mutating func icmpReply(
    _ datagram: [UInt8], _ header: IPv4Header, _ message: [UInt8], _ distance: UInt8,
    _ clock: UInt32
  ) -> [UInt8]? {
    guard let icmp = ICMPHeader(message.rawBytes),
      InternetChecksum.checksum(of: message.rawBytes) == 0
    else { return nil }
    var reply = message
    switch icmp.type {
    case .echo: reply[0] = ICMPType.echoReply.rawValue
    case .tstamp:
      guard message.count >= 20 else { return nil }
      reply[0] = ICMPType.tstampreply.rawValue
      reply.withMutableRawBytes {
        $0.store(clock, at: 12)
        $0.store(clock, at: 16)
      }
    default: return nil
    }
    Self.setChecksum(of: &reply, at: 2)
    var packet = Array(datagram[..<header.headerLength])
    record(header.destination, in: &packet)
    var turned = header
    (turned.source, turned.destination) = (header.destination, header.source)
    turned.ttl = Self.ttl - distance
    turned.fragment &= IPv4Header.DF
    turned.identification = nextID()
    return Self.replacingHeader(of: packet + reply, by: turned)
  }

  /// Notes an address in the next free place of a record-route option (RFC 791, 3.1).
  private func record(_ address: IPv4Address, in header: inout [UInt8]) {
    var place = IPv4Header.size
    while place < header.count, header[place] != 0 {
      guard header[place] != 1 else {
        place += 1
        continue
      }
      guard place + 2 < header.count else { return }
      let (length, pointer) = (Int(header[place + 1]), Int(header[place + 2]))
      guard length >= 2, place + length <= header.count else { return }
      if header[place] == 7, pointer >= 4, pointer + 3 <= length {
        let slot = place + pointer - 1
        header.withMutableRawBytes { $0.store(address.rawValue, at: slot) }
        header[place + 2] += 4
      }
      place += length
    }
  }

  /// An ICMP error that quotes the header and 8 bytes; none about an error or a later fragment.
  private mutating func error(
    _ type: ICMPType, code: UInt8, about packet: [UInt8], _ header: IPv4Header,
    from source: IPv4Address, _ distance: UInt8
  ) -> [UInt8]? {
    guard header.fragmentOffset == 0 else { return nil }
    if header.protocol == .icmp {
      guard header.headerLength < packet.count,
        ICMPType(rawValue: packet[header.headerLength]).isInformational
      else { return nil }
    }
    var message: [UInt8] = [type.rawValue, code, 0, 0, 0, 0, 0, 0]
    message += packet.prefix(header.headerLength + 8)
    Self.setChecksum(of: &message, at: 2)
    return self.packet(.icmp, message, from: source, to: header.source, distance)
  }

  /// The answer of a port that nobody listens to (RFC 793, page 36).
  private mutating func tcpReset(
    _ header: IPv4Header, _ payload: [UInt8], _ distance: UInt8
  ) -> [UInt8]? {
    guard let segment = TCPHeader(payload.rawBytes), !segment.flags.contains(.rst),
      segment.headerLength >= TCPHeader.size, segment.headerLength <= payload.count,
      Self.isRight(payload, header)
    else { return nil }
    var reset = TCPHeader(
      sourcePort: segment.destinationPort, destinationPort: segment.sourcePort,
      sequence: segment.acknowledgement, flags: .rst)
    if !segment.flags.contains(.ack) {
      var length = UInt32(payload.count - segment.headerLength)
      if segment.flags.contains(.syn) { length += 1 }
      if segment.flags.contains(.fin) { length += 1 }
      reset.flags = [.rst, .ack]
      reset.sequence = 0
      reset.acknowledgement = segment.sequence &+ length
    }
    var bytes = [UInt8](repeating: 0, count: TCPHeader.size)
    bytes.withMutableRawBytes { reset.write(into: &$0, at: 0) }
    var sum = InternetChecksum()
    sum.addPseudoHeader(
      source: header.destination, destination: header.source, protocol: .tcp, length: bytes.count)
    sum.add(bytes.rawBytes)
    bytes.withMutableRawBytes { $0.store(sum.finish(), at: 16) }
    return packet(.tcp, bytes, from: header.destination, to: header.source, distance)
  }

  private mutating func packet(
    _ proto: IPProtocol, _ payload: [UInt8], from source: IPv4Address,
    to destination: IPv4Address, _ distance: UInt8
  ) -> [UInt8] {
    let header = IPv4Header(
      totalLength: UInt16(IPv4Header.size + payload.count), identification: nextID(),
      ttl: Self.ttl - distance, protocol: proto, source: source, destination: destination)
    let empty = [UInt8](repeating: 0, count: IPv4Header.size)
    return Self.replacingHeader(of: empty + payload, by: header)
  }

  private mutating func nextID() -> UInt16 {
    lastID &+= 1
    return lastID
  }
}
