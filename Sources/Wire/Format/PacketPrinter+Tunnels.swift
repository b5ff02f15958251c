// SPDX-License-Identifier: BSD-2-Clause

extension PacketPrinter {
  /// Prints a GRE header (RFC 2784, 2890) and the IPv4 packet in it; models gre_print().
  mutating func printGRE(_ bytes: RawSpan, length: Int) {
    guard bytes.byteCount >= 4 else {
      text += "[|gre]"
      return
    }
    let flags = bytes.uint16(at: 0)
    text += "GREv\(flags & 7)"
    guard flags & 7 == 0 else {
      text += " ERROR: unknown-version"
      return
    }
    if options.verbosity > 0 { text += ", Flags [\(Self.greFlags(flags))]" }
    var offset = 4
    if flags & 0xc000 != 0 {
      guard bytes.byteCount >= offset + 4 else {
        text += "[|gre]"
        return
      }
      if options.verbosity > 0 { text += ", sum 0x\(String(bytes.uint16(at: offset), radix: 16))" }
      text += ", off 0x\(String(bytes.uint16(at: offset + 2), radix: 16))"
      offset += 4
    }
    if flags & 0x2000 != 0 {
      guard bytes.byteCount >= offset + 4 else {
        text += "[|gre]"
        return
      }
      text += ", key=0x\(String(bytes.uint32(at: offset), radix: 16))"
      offset += 4
    }
    if flags & 0x1000 != 0 {
      guard bytes.byteCount >= offset + 4 else {
        text += "[|gre]"
        return
      }
      text += ", seq \(bytes.uint32(at: offset))"
      offset += 4
    }
    let type = EtherType(rawValue: bytes.uint16(at: 2))
    if options.showsLinkHeader {
      text += ", proto \(type.name ?? "unknown") (\(hex(type.rawValue)))"
    }
    text += ", length \(length)\(options.verbosity > 0 ? "\n\t" : ": ")"
    // Source routes (RFC 1701) stand before the payload, and nobody sends them.
    if type == .ipv4, flags & 0x4000 == 0 {
      let payload = bytes.extracting(droppingFirst: offset)
      printIPv4(payload, length: max(0, length - offset))
    } else {
      text += "gre-proto-0x\(String(type.rawValue, radix: 16))"
    }
  }

  private static func greFlags(_ flags: UInt16) -> String {
    let all: [(UInt16, String)] = [
      (0x8000, "checksum present"), (0x4000, "routing present"), (0x2000, "key present"),
      (0x1000, "sequence# present"),
    ]
    let names = all.filter { flags & $0.0 != 0 }.map(\.1)
    return names.isEmpty ? "none" : names.joined(separator: ", ")
  }

  /// Prints the two words of ESP that are readable (RFC 4303).
  mutating func printESP(_ bytes: RawSpan, length: Int) {
    guard bytes.byteCount >= 8 else {
      text += "[|ESP]"
      return
    }
    text += "ESP(spi=0x"
    text.appendHex(bytes.uint32(at: 0), digits: 8)
    text += ",seq=0x\(String(bytes.uint32(at: 4), radix: 16))), length \(length)"
  }

  /// Prints an AH header (RFC 4302) and what it protects.
  mutating func printAH(_ bytes: RawSpan, _ header: IPv4Header, length: Int) {
    guard bytes.byteCount >= 12 else {
      text += "[|AH]"
      return
    }
    let sumLength = Int(bytes.uint8(at: 1)) * 4
    text += "AH(spi=0x"
    text.appendHex(bytes.uint32(at: 4), digits: 8)
    if options.verbosity > 0 { text += ",sumlen=\(sumLength)" }
    text += ",seq=0x\(String(bytes.uint32(at: 8), radix: 16))): "
    guard bytes.byteCount >= 8 + sumLength else {
      text += "[truncated]"
      return
    }
    let payload = bytes.extracting(droppingFirst: 8 + sumLength)
    let next = IPProtocol(rawValue: bytes.uint8(at: 0))
    printBehindAddresses(payload, header, next, length: max(0, length - 8 - sumLength))
  }

  /// Prints a VRRP advertisement (RFC 3768), which FreeBSD 8 takes CARP for; models vrrp_print().
  mutating func printVRRP(_ bytes: RawSpan, length: Int, ttl: UInt8) {
    guard bytes.byteCount > 0 else {
      text += "[|vrrp]"
      return
    }
    let version = bytes.uint8(at: 0) >> 4
    let type = bytes.uint8(at: 0) & 0xf
    text += "VRRPv\(version), \(type == 1 ? "Advertisement" : "[type#\(type)]"), "
    if ttl != 255 { text += "(ttl \(ttl)), " }
    guard version >= 2, type == 1 else { return }
    guard bytes.byteCount >= 3 else {
      text += "[|vrrp]"
      return
    }
    text += "vrid \(bytes.uint8(at: 1)), prio \(bytes.uint8(at: 2))"
    guard bytes.byteCount >= 6 else {
      text += "[|vrrp]"
      return
    }
    let authentication = Int(bytes.uint8(at: 4))
    let names = ["none", "simple", "ah"]
    let isNamed = names.indices.contains(authentication)
    text += ", authtype \(isNamed ? names[authentication] : "[type#\(authentication)]")"
    text += ", intvl \(bytes.uint8(at: 5))s, length \(length)"
    if options.verbosity > 0 { printVRRPAddresses(bytes, length: length) }
  }

  private mutating func printVRRPAddresses(_ bytes: RawSpan, length: Int) {
    if bytes.byteCount >= length, length >= 8, InternetChecksum.checksum(of: bytes) != 0 {
      text += ", (bad vrrp cksum \(String(bytes.uint16(at: 6), radix: 16)))"
    }
    let count = Int(bytes.uint8(at: 3))
    text += ", addrs\(count == 1 ? "" : "(\(count))"):"
    for index in 0..<count {
      guard bytes.byteCount >= 12 + 4 * index else {
        text += "[|vrrp]"
        return
      }
      let address = IPv4Address(rawValue: bytes.uint32(at: 8 + 4 * index))
      text += "\(index == 0 ? " " : ",")\(address)"
    }
  }
}
