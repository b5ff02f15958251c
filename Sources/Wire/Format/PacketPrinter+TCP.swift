// SPDX-License-Identifier: BSD-2-Clause

/// The two ends of a TCP connection in an order that is the same for both directions.
struct TCPConnection: Hashable, Sendable {
  /// The sequence numbers at which the two ends began.
  struct Bases: Sendable {
    var low: UInt32
    var high: UInt32
  }

  /// An address and a port as one number.
  let low: UInt64
  let high: UInt64
}

extension PacketPrinter {
  /// Prints a TCP segment, whose payload is not decoded on any port; models tcp_print().
  mutating func printTCP(_ bytes: RawSpan, _ header: IPv4Header, length: Int) {
    guard bytes.byteCount >= 4 else {
      text += "\(header.source) > \(header.destination): [|tcp]"
      return
    }
    let ports = [0, 2].map { portText(bytes.uint16(at: $0), .tcp) }
    text += "\(header.source).\(ports[0]) > \(header.destination).\(ports[1]): "
    guard bytes.byteCount >= 13 else {
      text += "[|tcp]"
      return
    }
    let headerLength = Int(bytes.uint8(at: 12) >> 4) * 4
    guard headerLength >= TCPHeader.size else {
      text += " tcp \(length - headerLength)"
      text += " [bad hdr length \(headerLength) - too short, < 20]"
      return
    }
    guard let segment = TCPHeader(bytes) else {
      text += "[|tcp]"
      return
    }
    text +=
      options.quietness > 0 ? "tcp \(length - headerLength)" : "Flags [\(segment.flags.letters)]"
    let numbers = options.quietness > 0 ? nil : relativeNumbers(segment, header)
    guard headerLength <= length else {
      text += " [bad hdr length \(headerLength) - too long, > \(length)]"
      return
    }
    guard let numbers else { return }
    printSegment(bytes, header, segment, numbers, length: length)
  }

  /// The numbers to print, and what to subtract from those in a SACK option.
  private struct Numbers {
    var sequence: UInt32
    var acknowledgement: UInt32
    var sackBase: UInt32
  }

  /// Finds or begins the connection; without -S, later segments with ACK print differences.
  private mutating func relativeNumbers(_ segment: TCPHeader, _ header: IPv4Header) -> Numbers {
    var numbers = Numbers(
      sequence: segment.sequence, acknowledgement: segment.acknowledgement, sackBase: 0)
    guard !options.hasAbsoluteSequence, segment.flags.contains(.ack) else { return numbers }
    let source = UInt64(header.source.rawValue) << 16 | UInt64(segment.sourcePort)
    let target = UInt64(header.destination.rawValue) << 16 | UInt64(segment.destinationPort)
    let connection = TCPConnection(low: min(source, target), high: max(source, target))
    let isFromLow = source <= target
    if let bases = connections[connection], !segment.flags.contains(.syn) {
      let own = isFromLow ? bases.low : bases.high
      let other = isFromLow ? bases.high : bases.low
      numbers.sequence &-= own
      numbers.acknowledgement &-= other
      numbers.sackBase = other
    } else {
      let (own, other) = (segment.sequence, segment.acknowledgement &- 1)
      connections[connection] =
        isFromLow
        ? TCPConnection.Bases(low: own, high: other) : TCPConnection.Bases(low: other, high: own)
      numbers.sackBase = other
    }
    return numbers
  }

  private mutating func printSegment(
    _ bytes: RawSpan, _ header: IPv4Header, _ segment: TCPHeader, _ numbers: Numbers, length: Int
  ) {
    if options.verbosity > 0, !options.skipsChecksums, header.version == 4, !header.isFragment,
      bytes.byteCount >= length
    {
      let sum = transportChecksum(bytes, header, length: length)
      let right = InternetChecksum.update(checksum: sum, old: segment.checksum, new: 0)
      text += ", cksum \(hex(segment.checksum))"
      text += sum == 0 ? " (correct)" : " (incorrect -> \(hex(right)))"
    }
    let payloadLength = length - segment.headerLength
    if options.verbosity > 1 || !segment.flags.isDisjoint(with: [.syn, .fin, .rst]) {
      text += ", seq \(numbers.sequence)"
      if payloadLength > 0 {
        text += ":\(numbers.sequence &+ UInt32(truncatingIfNeeded: payloadLength))"
      }
    }
    if segment.flags.contains(.ack) { text += ", ack \(numbers.acknowledgement)" }
    text += ", win \(segment.window)"
    if segment.flags.contains(.urg) { text += ", urg \(segment.urgent)" }
    if segment.headerLength > TCPHeader.size {
      text += ", options ["
      let optionLength = segment.headerLength - TCPHeader.size
      let rest = bytes.extracting(droppingFirst: TCPHeader.size)
      guard printTCPOptions(rest, length: optionLength, sackBase: numbers.sackBase) else { return }
      text += "]"
    }
    text += ", length \(payloadLength)"
    if segment.flags.contains(.rst), options.verbosity > 0, payloadLength > 0 {
      let payload = bytes.extracting(droppingFirst: segment.headerLength)
      printResetText(payload, length: payloadLength)
    }
  }

  /// Prints what a reset says about its cause (RFC 1122, 4.2.2.12), 30 characters at most.
  private mutating func printResetText(_ payload: RawSpan, length: Int) {
    text += length > 30 ? " [RST+ " : " [RST "
    for offset in 0..<min(length, 30) {
      guard offset < payload.byteCount else { break }
      let byte = payload.uint8(at: offset)
      text.unicodeScalars.append(Unicode.Scalar((0x20...0x7e).contains(byte) ? byte : 0x2e))
    }
    text += "]"
  }
}

extension TCPFlags {
  /// tcpdump's letters, ACK a dot; `none` without any.
  var letters: String {
    let all: [(TCPFlags, String)] = [
      (.fin, "F"), (.syn, "S"), (.rst, "R"), (.psh, "P"), (.ack, "."), (.urg, "U"), (.ece, "E"),
      (.cwr, "W"),
    ]
    return isEmpty ? "none" : all.filter { contains($0.0) }.map(\.1).joined()
  }
}
