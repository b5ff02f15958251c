// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// What the answers are made with.
extension Neighbor {
  /// The longest packet of Ethernet.
  private static let mtu = 1500

  /// A packet with other header fields, its options kept and its checksum right.
  static func replacingHeader(of packet: [UInt8], by header: IPv4Header) -> [UInt8] {
    var packet = packet
    var header = header
    header.checksum = 0
    packet.withMutableRawBytes { header.write(into: &$0, at: 0) }
    let sum = IPv4Header.checksum(of: packet.rawBytes, headerLength: header.headerLength)
    packet.withMutableRawBytes { $0.store(sum, at: 10) }
    return packet
  }

  static func setChecksum(of message: inout [UInt8], at offset: Int) {
    message.withMutableRawBytes { $0.store(UInt16(0), at: offset) }
    let sum = InternetChecksum.checksum(of: message.rawBytes)
    message.withMutableRawBytes { $0.store(sum, at: offset) }
  }

  /// Whether the checksum over pseudo header and payload is right; UDP may have none.
  static func isRight(_ payload: [UInt8], _ header: IPv4Header) -> Bool {
    guard payload.count >= UDPHeader.size else { return false }
    if header.protocol == .udp, payload[6] == 0, payload[7] == 0 { return true }
    var sum = InternetChecksum()
    sum.addPseudoHeader(
      source: header.source, destination: header.destination, protocol: header.protocol,
      length: payload.count)
    sum.add(payload.rawBytes)
    return sum.finish() == 0
  }

  /// A packet cut to what Ethernet carries; options of the first fragment are on all of them.
  static func fragments(_ packet: [UInt8]) -> [[UInt8]] {
    guard packet.count > mtu, let header = IPv4Header(packet.rawBytes) else { return [packet] }
    let room = (mtu - header.headerLength) / 8 * 8
    var result: [[UInt8]] = []
    var offset = 0
    let payload = packet[header.headerLength...]
    while offset < payload.count {
      let piece = payload.dropFirst(offset).prefix(room)
      var cut = header
      cut.totalLength = UInt16(header.headerLength + piece.count)
      cut.fragment = UInt16(offset / 8)
      if offset + piece.count < payload.count { cut.fragment |= IPv4Header.MF }
      result.append(replacingHeader(of: Array(packet[..<header.headerLength]) + piece, by: cut))
      offset += piece.count
    }
    return result
  }
}
