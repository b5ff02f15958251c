// SPDX-License-Identifier: BSD-2-Clause

extension PacketPrinter {
  /// Prints an IGMP message; models igmp_print().
  mutating func printIGMP(_ bytes: RawSpan, length: Int) {
    guard options.quietness == 0 else {
      text += "igmp"
      return
    }
    guard bytes.byteCount > 0, printIGMPMessage(bytes, length: length) else {
      text += "[|igmp]"
      return
    }
    if options.verbosity > 0, bytes.byteCount >= length, length >= 4,
      InternetChecksum.checksum(of: bytes) != 0
    {
      text += " bad igmp cksum \(String(bytes.uint16(at: 2), radix: 16))!"
    }
  }

  /// Prints the message by its type; false where the captured bytes end too soon.
  private mutating func printIGMPMessage(_ bytes: RawSpan, length: Int) -> Bool {
    switch bytes.uint8(at: 0) {
    case 0x11:
      text += "igmp query"
      return length >= 12 ? printIGMPv3Query(bytes, length: length) : printQuery(bytes, length)
    case 0x12: return printGroup("igmp v1 report", bytes, length)
    case 0x16: return printGroup("igmp v2 report", bytes, length)
    case 0x17: return printGroup("igmp leave", bytes, 8)
    case 0x22:
      text += "igmp v3 report"
      return printIGMPv3Report(bytes, length: length)
    case let type: text += "igmp-\(type)"
    }
    return true
  }

  private mutating func printGroup(_ words: String, _ bytes: RawSpan, _ length: Int) -> Bool {
    guard let header = IGMPHeader(bytes) else { return false }
    text += "\(words) \(header.group)"
    if length != 8 { text += " [len \(length)]" }
    return true
  }

  private mutating func printQuery(_ bytes: RawSpan, _ length: Int) -> Bool {
    guard bytes.byteCount >= 2 else { return false }
    let time = bytes.uint8(at: 1)
    text += time == 0 ? " v1" : " v2"
    if time != 0, time != 100 { text += " [max resp time \(time)]" }
    guard let header = IGMPHeader(bytes) else { return false }
    if header.group != .any { text += " [gaddr \(header.group)]" }
    if length != 8 { text += " [len \(length)]" }
    return true
  }

  private mutating func printIGMPv3Query(_ bytes: RawSpan, length: Int) -> Bool {
    text += " v3"
    guard length % 4 == 0 else {
      text += " [invalid len \(length)]"
      return true
    }
    guard bytes.byteCount >= 2 else { return false }
    let code = Int(bytes.uint8(at: 1))
    if code != 100 { text += " [max resp time \(Self.responseTime(code))]" }
    guard let header = IGMPHeader(bytes) else { return false }
    guard header.group != .any else { return true }
    text += " [gaddr \(header.group)"
    guard bytes.byteCount >= 12 else { return false }
    let count = Int(bytes.uint16(at: 10))
    if count > 0 {
      if length < 12 + 4 * count {
        text += " [invalid number of sources \(count)]"
      } else if options.verbosity > 1 {
        guard printSources(bytes, at: 12, count: count) else { return false }
      } else {
        text += ", \(count) source(s)"
      }
    }
    text += "]"
    return true
  }

  /// Tenths of a second, from 128 on with an exponent (RFC 3376, 4.1.1).
  private static func responseTime(_ code: Int) -> String {
    let tenths = code < 128 ? code : (code & 0x0f | 0x10) << ((code & 0x70) >> 4 + 3)
    if tenths < 600 { return "\(tenths / 10).\(tenths % 10)s" }
    let seconds = tenths % 600 / 10
    return "\(tenths / 600)m" + (seconds > 0 ? "\(seconds)s" : "")
  }

  private mutating func printIGMPv3Report(_ bytes: RawSpan, length: Int) -> Bool {
    guard length >= 16, length % 4 == 0 else {
      text += " [invalid len \(length)]"
      return true
    }
    guard bytes.byteCount >= 8 else { return false }
    let count = Int(bytes.uint16(at: 6))
    text += ", \(count) group record(s)"
    guard options.verbosity > 0 else { return true }
    var record = 8
    for _ in 0..<count {
      guard length >= record + 8 else {
        text += " [invalid number of groups]"
        return true
      }
      guard bytes.byteCount >= record + 8 else { return false }
      let sources = Int(bytes.uint16(at: record + 2))
      text += " [gaddr \(IPv4Address(rawValue: bytes.uint32(at: record + 4)))"
      text += " \(Self.recordType(bytes.uint8(at: record)))"
      guard length >= record + 8 + 4 * sources else {
        text += " [invalid number of sources \(sources)]"
        return true
      }
      if options.verbosity == 1 {
        text += ", \(sources) source(s)"
      } else {
        guard printSources(bytes, at: record + 8, count: sources) else { return false }
      }
      text += "]"
      record += 8 + 4 * sources
    }
    return true
  }

  private mutating func printSources(_ bytes: RawSpan, at offset: Int, count: Int) -> Bool {
    text += " {"
    for source in stride(from: offset, to: offset + 4 * count, by: 4) {
      guard bytes.byteCount >= source + 4 else { return false }
      text += " \(IPv4Address(rawValue: bytes.uint32(at: source)))"
    }
    text += " }"
    return true
  }

  private static func recordType(_ type: UInt8) -> String {
    switch type {
    case 1: "is_in"
    case 2: "is_ex"
    case 3: "to_in"
    case 4: "to_ex"
    case 5: "allow"
    case 6: "block"
    default: " [v3-report-#\(type)]"
    }
  }
}
