// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// The frames that scenarios send.
enum Frames {
  /// The neighbour they come from.
  static let sender = EthernetAddress(0x02, 0xaa, 0, 0, 0, 0x02)
  /// One that is none of the router's.
  static let station = EthernetAddress(0x02, 0xbb, 0, 0, 0, 0x03)
  private static let source = IPv4Address(10, 0, 0, 2)

  /// A UDP packet on its way through.
  static func transit(ttl: UInt8 = 64, payload: Int = 18) -> [UInt8] {
    let length = UDPHeader.size + payload
    return frame(.udp, to: IPv4Address(192, 168, 1, 77), ttl: ttl, payloadSize: length) {
      bytes, at in
      UDPHeader(
        sourcePort: 5000, destinationPort: 53, length: UInt16(length), checksum: 0
      ).write(into: &bytes, at: at)
    }
  }

  /// The same for `station`.
  static func bridged() -> [UInt8] {
    var frame = transit()
    for place in 0..<6 {
      frame[place] = UInt8(truncatingIfNeeded: station.rawValue >> UInt64(40 - 8 * place))
    }
    return frame
  }

  /// The same as `transit` with one bit of its header checksum turned.
  static func broken() -> [UInt8] {
    var frame = transit()
    frame[EthernetHeader.size + 10] ^= 1
    return frame
  }

  /// An echo request for the router; its data are zeros, so its checksum is that of the type alone.
  static func echo() -> [UInt8] {
    frame(.icmp, to: IPv4Address(10, 0, 0, 1), ttl: 64, payloadSize: 64) { bytes, at in
      let type = ICMPType.echo
      ICMPHeader(type: type, checksum: ~(UInt16(type.rawValue) << 8))
        .write(into: &bytes, at: at)
    }
  }

  /// The packet of `transit` with room for one address to be recorded.
  static func recordingRoute() -> [UInt8] {
    let length = UDPHeader.size + 18
    return frame(
      .udp, to: IPv4Address(192, 168, 1, 77), options: [7, 7, 4, 0, 0, 0, 0, 0],
      payloadSize: length
    ) { bytes, at in
      UDPHeader(
        sourcePort: 5000, destinationPort: 53, length: UInt16(length), checksum: 0
      ).write(into: &bytes, at: at)
    }
  }

  /// An echo request of 128 bytes for the router, in two fragments.
  static func fragmentedEcho() -> (first: [UInt8], second: [UInt8]) {
    let target = IPv4Address(10, 0, 0, 1)
    let first = frame(.icmp, to: target, fragment: IPv4Header.MF, payloadSize: 64) { bytes, at in
      let type = ICMPType.echo
      ICMPHeader(type: type, checksum: ~(UInt16(type.rawValue) << 8))
        .write(into: &bytes, at: at)
    }
    // The offset counts words of 8 bytes.
    return (first, frame(.icmp, to: target, fragment: 64 / 8, payloadSize: 64) { _, _ in })
  }

  private static func frame(
    _ proto: IPProtocol, to destination: IPv4Address, ttl: UInt8 = 64, options: [UInt8] = [],
    fragment: UInt16 = 0, payloadSize: Int, _ write: (inout MutableRawSpan, Int) -> Void
  ) -> [UInt8] {
    let start = EthernetHeader.size
    let headerLength = IPv4Header.size + options.count
    var header = IPv4Header(
      headerWords: UInt8(headerLength / 4), totalLength: UInt16(headerLength + payloadSize),
      identification: 1, fragment: fragment, ttl: ttl, protocol: proto, source: source,
      destination: destination)
    // Twice: the second time with the checksum that the first time's header has.
    var frame: [UInt8] = []
    for _ in 0..<2 {
      frame = [UInt8](repeating: 0, count: start + headerLength + payloadSize)
      frame.replaceSubrange(start + IPv4Header.size..<start + headerLength, with: options)
      var words = frame.mutableSpan
      var bytes = unsafe words.mutableBytes
      EthernetHeader(destination: Lab.inputAddress, source: sender, type: .ipv4)
        .write(into: &bytes, at: 0)
      header.write(into: &bytes, at: start)
      write(&bytes, start + headerLength)
      header.checksum = IPv4Header.checksum(
        of: bytes.bytes.extracting(droppingFirst: start), headerLength: headerLength)
    }
    return frame
  }
}
