// SPDX-License-Identifier: BSD-2-Clause
import Shell
import Testing
import Userland
import Wire

/// All records of a capture and the error it ends in, if it does.
private func readAll(_ bytes: [UInt8]) throws(CaptureError) -> ([CaptureRecord], String?) {
  var reader = try CaptureReader(bytes)
  var records: [CaptureRecord] = []
  do throws(CaptureError) {
    while let record = try reader.next() { records.append(record) }
  } catch {
    let count = reader.count
    #expect(count == records.count)
    let after = try reader.next()
    #expect(after == nil)
    return (records, error.description)
  }
  return (records, nil)
}

/// The error of opening what cannot be read.
private func openingError(_ bytes: [UInt8]) -> String? {
  do throws(CaptureError) {
    _ = try CaptureReader(bytes)
    return nil
  } catch { return error.description }
}

private func littleEndian(_ words: UInt32...) -> [UInt8] {
  words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
}

/// A classic pcap file with one record.
private func pcap(
  link: UInt32, _ packet: [UInt8], magic: UInt32 = 0xa1b2_c3d4, fraction: UInt32 = 6
) -> [UInt8] {
  let length = UInt32(packet.count)
  return littleEndian(magic, 0x0004_0002, 0, 0, 65535, link)
    + littleEndian(5, fraction, length, length + 10) + packet
}

@Suite("Captures") struct CaptureTests {
  private let frame: [UInt8] =
    [UInt8](repeating: 0xff, count: 6) + [2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0, 0, 20]

  @Test(arguments: [CaptureWriter.Precision.microseconds, .nanoseconds])
  func readsWhatItWrote(_ precision: CaptureWriter.Precision) throws {
    let files = MemoryFiles()
    do {
      var writer = try CaptureWriter(path: "f", files.host, precision: precision)
      writer.write(frame.span.bytes, wireLength: 60, timestamp: 1_262_304_000_123_456_789)
      writer.write([UInt8]().span.bytes, wireLength: 0, timestamp: 0)
      writer.write(frame.span.bytes, wireLength: 1, timestamp: -1)
      try writer.close()
      let count = writer.count
      #expect(count == 3)
    }
    let (records, error) = try readAll(files.files["f"] ?? [])
    let first = try #require(records.first)
    let rest: Int64 = precision == .nanoseconds ? 123_456_789 : 123_456_000
    #expect(records.count == 3 && error == nil)
    #expect(first.bytes == frame && first.wireLength == 60 && first.type == .ipv4)
    #expect(first.timestamp == 1_262_304_000_000_000_000 + rest)
    #expect(records[1].bytes.isEmpty && records[1].timestamp == 0)
    #expect(records[2].wireLength == frame.count)
  }

  @Test func reportsATruncatedFileAfterWhatItRead() throws {
    let files = MemoryFiles()
    do {
      var writer = try CaptureWriter(path: "f", files.host)
      for second in 0..<3 {
        writer.write(
          frame.span.bytes, wireLength: frame.count, timestamp: Int64(second) * 1_000_000_000)
      }
      try writer.close()
    }
    let whole = try #require(files.files["f"])
    for length in 24..<whole.count {
      let (records, error) = try readAll(Array(whole.prefix(length)))
      let size = 16 + frame.count
      #expect(records.count == (length - 24) / size)
      #expect((error == nil) == ((length - 24) % size == 0))
      if let error { #expect(error.hasPrefix("truncated dump file; tried to read")) }
    }
    for length in 0..<24 {
      let error = try #require(openingError(Array(whole.prefix(length))))
      #expect(error.hasPrefix("truncated dump file; tried to read"))
    }
  }

  @Test func reportsWhatIsNoCapture() throws {
    do throws(CaptureError) {
      _ = try CaptureReader(path: "f", MemoryFiles().host)
      Issue.record("opened")
    } catch { #expect(error.description == "f: No such file or directory") }
    #expect(
      openingError(Array("this is not a capture file at all\n".utf8)) == "bad dump file format")
    #expect(openingError(pcap(link: 105, frame)) == "unsupported data link type IEEE802_11")
  }

  @Test(
    arguments: [
      (1, [], EtherType.ipv4, CaptureLink.ethernet), (101, [], .ipv4, .ip), (228, [], .ipv4, .ip),
      (0, [2, 0, 0, 0], .ipv4, .ip), (0, [0, 0, 0, 2], .ipv4, .ip), (0, [28, 0, 0, 0], .ipv6, .ip),
      (0, [9, 9, 9, 9], EtherType(rawValue: 0), .ip), (108, [0, 0, 0, 2], .ipv4, .ip),
      (113, [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0], .ipv4, .ip),
      (113, [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 6], .arp, .ip),
    ] as [(UInt32, [UInt8], EtherType, CaptureLink)])
  func reducesLinkTypes(_ number: UInt32, header: [UInt8], type: EtherType, link: CaptureLink)
    throws
  {
    let packet = link == .ethernet ? frame : [0x45, 0, 0, 20]
    var reader = try CaptureReader(pcap(link: number, header + packet))
    let opened = reader.link
    let next = try reader.next()
    let record = try #require(next)
    #expect(opened == link && record.type == type && record.bytes == packet)
    #expect(record.wireLength == packet.count + 10 && record.timestamp == 5_000_006_000)
    for length in 0..<header.count {
      let short = pcap(link: number, Array(header.prefix(length)))
      #expect(try readAll(short).0.first?.bytes == [])
    }
  }

  @Test func readsNanosecondsAndPcapng() throws {
    let nano = pcap(link: 1, frame, magic: 0xa1b2_3c4d, fraction: 999_999_999)
    #expect(try readAll(nano).0.first?.timestamp == 5_999_999_999)
    // A section, an Ethernet interface and an enhanced packet at 7 seconds in microseconds.
    let section = littleEndian(0x0a0d_0d0a, 28, 0x1a2b_3c4d, 1, .max, .max, 28)
    let interface = littleEndian(1, 20, 1, 0, 20)
    let packet = littleEndian(6, 52, 0, 0, 7_000_000, 20, 60) + frame + [0, 0] + littleEndian(52)
    let (records, error) = try readAll(section + interface + packet)
    #expect(records.first?.timestamp == 7_000_000_000 && error == nil)
    #expect(records.first?.bytes == frame + [0, 0] && records.first?.wireLength == 60)
  }

  @Test func writerReportsWhatItCannotCreate() {
    let message: String?
    do throws(CaptureError) {
      _ = try CaptureWriter(path: "/no/such/folder/file", MemoryFiles().host)
      message = nil
    } catch { message = error.description }
    #expect(message == "/no/such/folder/file: No such file or directory")
  }

  @Test(arguments: [
    ("ip", true), ("arp", false), ("ether broadcast", true), ("ether src 2:0:0:0:0:1", true),
    ("less 59", false), ("greater 60", true), ("", true), ("ip[0] = 0x45 and not udp", true),
  ])
  func filters(_ expression: String, passes: Bool) throws {
    let filter = try CaptureFilter(expression)
    let padded = frame + [UInt8](repeating: 0, count: 34)
    let isPassed = filter.matches(padded.span.bytes, wireLength: 60)
    let isEmptyPassed = filter.matches([UInt8]().span.bytes, wireLength: 0)
    #expect(isPassed == passes && isEmptyPassed == ["", "less 59"].contains(expression))
  }

  @Test func filtersByNetmaskAndBehindNoLinkHeader() throws {
    var packet = [UInt8](repeating: 0, count: 20)
    packet.replaceSubrange(0..<4, with: [0x45, 0, 0, 20])
    packet.replaceSubrange(16..<20, with: [10, 0, 0, 255])
    let broadcast = try CaptureFilter(
      "ip broadcast", link: .ip, netmask: IPv4Address(255, 255, 255, 0))
    let isBroadcast = broadcast.matches(packet.span.bytes, wireLength: 20)
    packet[19] = 254
    let isHost = broadcast.matches(packet.span.bytes, wireLength: 20)
    #expect(isBroadcast && !isHost)
  }

  @Test(arguments: [
    ("ip and", "syntax error"), ("port nosuchport", "unknown port 'nosuchport'"),
    ("ip broadcast", "netmask not known, so 'ip broadcast' not supported"),
    ("net 10.0.0.1/8", #"non-network bits set in "10.0.0.1/8""#),
    ("ip proto nosuchproto", "unknown protocol: nosuchproto"),
    (String(repeating: "(", count: 100_000), "memory exhausted"),
  ])
  func reportsBadFilters(_ expression: String, message: String) {
    let found: String?
    do throws(CaptureError) {
      _ = try CaptureFilter(expression)
      found = nil
    } catch { found = error.description }
    #expect(found == message)
  }
}
