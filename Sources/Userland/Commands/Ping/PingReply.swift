// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// What ping(8) shows of a packet that came (`pr_pack` of ping.c).
extension PingRun {
  /// Shows a packet in `packet`, if it is an answer to us or an error about us, and counts it.
  func show(_ length: Int, from datagram: ReceivedDatagram) {
    let sender = datagram.source.address
    let headerLength = Int(packet[0] & 0xf) * 4
    // icmp_input keeps shorter ones to itself.
    guard length >= headerLength + ICMPHeader.size else { return }
    let count = length - headerLength
    if packet[headerLength] == options.request.answer.rawValue {
      // The identifier is in the host's own order of bytes.
      guard uint16(headerLength + 4).byteSwapped == identifier else { return }
      guard answer(length, count, at: headerLength, datagram) else { return }
    } else {
      guard options.has("v") || isAboutUs(headerLength) else { return }
      output.write("\(count) bytes from \(PingRoute.text(of: sender, options.has("n"))): ")
      output.write(ICMPReport(packet, at: headerLength).text)
    }
    let (text, route) = PingRoute.text(
      packet, headerLength, lastRoute: lastRoute, isFlood: options.isFlood,
      isNumeric: options.has("n"))
    lastRoute = route
    output.write(text)
    if !options.isFlood { output.line() }
  }

  /// Whether the packet that an error quotes is one of our echo requests.
  private func isAboutUs(_ headerLength: Int) -> Bool {
    let quoted = headerLength + ICMPHeader.size
    let inner = quoted + IPv4Header.size
    return !options.has("Q") && uint32(quoted + 16) == destination.rawValue
      && packet[quoted + 9] == IPProtocol.icmp.rawValue
      && packet[inner] == ICMPType.echo.rawValue
      && uint16(inner + 4).byteSwapped == identifier
  }

  /// Counts an answer and shows it; false where nothing more is to be shown.
  private func answer(
    _ length: Int, _ count: Int, at start: Int, _ datagram: ReceivedDatagram
  ) -> Bool {
    var trip = 0.0
    if statistics.timing {
      // C compares with the size of a struct timeval, and as unsigned.
      let data = count - self.headerLength
      if data >= 16 || data < 0 {
        trip = process.timeOfDay(at: datagram.arrival).milliseconds(
          since: sendingTime(at: start + self.headerLength))
        statistics.add(milliseconds: trip)
      } else {
        statistics.timing = false
      }
    }
    let sequence = uint16(start + 6)
    let isRepeated = statistics.answer(to: sequence)
    if options.isQuiet { return false }
    if options.has("W"), trip > Double(options.waitTime) {
      statistics.late += 1
      return false
    }
    if options.isFlood {
      output.write("\u{8}")
      return true
    }
    var text =
      "\(count) bytes from \(datagram.source.address): icmp_seq=\(sequence) ttl=\(packet[8])"
    if statistics.timing { text += " time=\(trip.fixed(3)) ms" }
    if isRepeated { text += " (DUP!)" }
    // The bell is not kept back with the line.
    if options.has("a") { output.write("\u{7}") }
    switch options.request {
    case .echo: break
    case .mask: text += " mask=\(IPv4Address(rawValue: uint32(start + 8)))"
    case .time:
      for (name, place) in [("tso", 8), ("tsr", 12), ("tst", 16)] {
        text += " \(name)=\(PingRun.clock(uint32(start + place)))"
      }
    }
    if length != expectedLength {
      text += "\nwrong total length \(length) instead of \(expectedLength)"
    }
    output.write(text + wrongData(count - self.headerLength, at: start))
    return true
  }

  /// The time that an answer brings back.
  private func sendingTime(at place: Int) -> TimeOfDay {
    TimeOfDay(
      seconds: Int64(Int32(bitPattern: uint32(place))),
      microseconds: Int64(Int32(bitPattern: uint32(place + 4))))
  }

  /// The first byte of the data that is not what was sent, and both.
  private func wrongData(_ count: Int, at start: Int) -> String {
    let skipped = statistics.timing ? PingRun.timeLength : 0
    var place = skipped
    while place < dataLength, place < count {
      let (was, should) = (byte(start + headerLength + place), sent(headerLength + place))
      if was != should {
        return "\nwrong data byte #\(place) should be 0x\(should.hex()) but was 0x\(was.hex())"
          + "\ncp:" + dump { byte(start + ICMPHeader.size + $0) }
          + "\ndp:" + dump { sent(ICMPHeader.size + $0) }
      }
      place += 1
    }
    return ""
  }

  private func dump(_ byte: (Int) -> UInt8) -> String {
    var text = ""
    for place in 0..<dataLength {
      if place % 16 == 8 { text += "\n\t" }
      text += byte(place).hex().padLeft(to: 2) + " "
    }
    return text
  }

  /// A time of day in milliseconds, as `hh:mm:ss` in a buffer of ten bytes (`pr_ntime`).
  private static func clock(_ time: UInt32) -> String {
    // C's int takes the bits as they are.
    let seconds = Int(Int32(bitPattern: time / 1000))
    return [seconds / 3600, seconds % 3600 / 60, seconds % 3600 % 60]
      .map { $0.decimal(digits: 2) }.joined(separator: ":").truncated(to: 9)
  }

  private func byte(_ place: Int) -> UInt8 { place < packet.count ? packet[place] : 0 }
  private func sent(_ place: Int) -> UInt8 { place < message.count ? message[place] : 0 }
  private func uint16(_ place: Int) -> UInt16 { UInt16(byte(place)) << 8 | UInt16(byte(place + 1)) }
  private func uint32(_ place: Int) -> UInt32 {
    UInt32(uint16(place)) << 16 | UInt32(uint16(place + 2))
  }
}
