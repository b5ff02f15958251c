// SPDX-License-Identifier: BSD-2-Clause

extension PacketPrinter {
  /// Prints a UDP datagram, whose payload is not decoded on any port; models udp_print().
  mutating func printUDP(_ bytes: RawSpan, _ header: IPv4Header, length: Int) {
    guard bytes.byteCount >= 4 else {
      text += "\(header.source) > \(header.destination): [|udp]"
      return
    }
    let ports = [0, 2].map { portText(bytes.uint16(at: $0), .udp) }
    text += "\(header.source).\(ports[0]) > \(header.destination).\(ports[1]): "
    guard length >= UDPHeader.size else {
      text += "truncated-udp \(length)"
      return
    }
    guard let datagram = UDPHeader(bytes) else {
      text += "[|udp]"
      return
    }
    guard datagram.length >= UDPHeader.size else {
      text += "truncated-udplength \(datagram.length)"
      return
    }
    if options.verbosity > 1, header.version == 4, !header.isFragment {
      printUDPChecksum(bytes, header, datagram, length: length)
    }
    text += "UDP, length \(Int(datagram.length) - UDPHeader.size)"
  }

  private mutating func printUDPChecksum(
    _ bytes: RawSpan, _ header: IPv4Header, _ datagram: UDPHeader, length: Int
  ) {
    guard datagram.checksum != 0 else {
      text += "[no cksum] "
      return
    }
    guard bytes.byteCount >= length else { return }
    let sum = transportChecksum(bytes, header, length: length)
    // tcpdump 4.0.0 shows the residue as a little-endian host reads it, not the field.
    text += sum == 0 ? "[udp sum ok] " : "[bad udp cksum \(String(sum.byteSwapped, radix: 16))!] "
  }

  /// The sum over pseudo header and payload, 0 if the checksum in it is right.
  func transportChecksum(_ bytes: RawSpan, _ header: IPv4Header, length: Int) -> UInt16 {
    var checksum = InternetChecksum()
    checksum.addPseudoHeader(
      source: header.source, destination: header.destination, protocol: header.protocol,
      length: length)
    checksum.add(bytes.extracting(first: min(length, bytes.byteCount)))
    return checksum.finish()
  }
}
