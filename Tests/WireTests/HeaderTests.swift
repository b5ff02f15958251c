// SPDX-License-Identifier: BSD-2-Clause
import Testing
import Wire

@Suite("Headers") struct HeaderTests {
  /// One header type behind closures, so that one table serves all.
  struct Kind: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let size: Int
    /// Reads and writes again behind 3 bytes; nil if reading refused.
    let rewrite: @Sendable ([UInt8]) -> [UInt8]?
  }

  static let kinds = [
    Kind(testDescription: "Ethernet", size: EthernetHeader.size) { bytes in
      guard let header = EthernetHeader(bytes.span.bytes) else { return nil }
      return written(EthernetHeader.size) { header.write(into: &$0, at: 3) }
    },
    Kind(testDescription: "ARP", size: ARPHeader.size) { bytes in
      guard let header = ARPHeader(bytes.span.bytes) else { return nil }
      return written(ARPHeader.size) { header.write(into: &$0, at: 3) }
    },
    Kind(testDescription: "ARP, fixed part", size: ARPFixedHeader.size) { bytes in
      guard let header = ARPFixedHeader(bytes.span.bytes) else { return nil }
      return written(ARPFixedHeader.size) { header.write(into: &$0, at: 3) }
    },
    Kind(testDescription: "IPv4", size: IPv4Header.size) { bytes in
      guard let header = IPv4Header(bytes.span.bytes) else { return nil }
      return written(IPv4Header.size) { header.write(into: &$0, at: 3) }
    },
    Kind(testDescription: "ICMP", size: ICMPHeader.size) { bytes in
      guard let header = ICMPHeader(bytes.span.bytes) else { return nil }
      return written(ICMPHeader.size) { header.write(into: &$0, at: 3) }
    },
    Kind(testDescription: "UDP", size: UDPHeader.size) { bytes in
      guard let header = UDPHeader(bytes.span.bytes) else { return nil }
      return written(UDPHeader.size) { header.write(into: &$0, at: 3) }
    },
    Kind(testDescription: "TCP", size: TCPHeader.size) { bytes in
      guard let header = TCPHeader(bytes.span.bytes) else { return nil }
      return written(TCPHeader.size) { header.write(into: &$0, at: 3) }
    },
    Kind(testDescription: "IGMP", size: IGMPHeader.size) { bytes in
      guard let header = IGMPHeader(bytes.span.bytes) else { return nil }
      return written(IGMPHeader.size) { header.write(into: &$0, at: 3) }
    },
  ]

  private static func written(_ size: Int, _ write: (inout MutableRawSpan) -> Void) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xee, count: size + 6)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    write(&raw)
    return bytes
  }

  @Test(arguments: kinds) func readsWhatItWrote(_ kind: Kind) {
    var random = SeededGenerator(seed: 4)
    for _ in 0..<100 {
      var bytes = (0..<kind.size).map { _ in UInt8.random(in: .min ... .max, using: &random) }
      if kind.size == TCPHeader.size { bytes[12] &= kind.testDescription == "TCP" ? 0xf0 : 0xff }
      #expect(kind.rewrite(bytes) == [0xee, 0xee, 0xee] + bytes + [0xee, 0xee, 0xee])
    }
  }

  @Test(arguments: kinds) func refusesEveryShorterLength(_ kind: Kind) {
    for length in 0..<kind.size {
      #expect(kind.rewrite([UInt8](repeating: 0x45, count: length)) == nil)
    }
    #expect(kind.rewrite([UInt8](repeating: 0x40, count: kind.size + 1)) != nil)
  }

  @Test func ipv4FieldsLieWhereTheyShould() throws {
    let bytes: [UInt8] = [
      0x46, 0x10, 0x01, 0x02, 0x03, 0x04, 0xe0, 0x05, 63, 17, 0xab, 0xcd, 10, 0, 0, 1, 10, 0, 0, 2,
    ]
    let read = IPv4Header(bytes.span.bytes)
    let header = try #require(read)
    #expect(header.version == 4 && header.headerLength == 24 && header.tos == 0x10)
    #expect(header.totalLength == 0x102 && header.identification == 0x304 && header.ttl == 63)
    #expect(header.dontFragment && header.moreFragments && header.reserved)
    #expect(header.fragmentOffset == 40 && header.isFragment && header.protocol == .udp)
    #expect(header.checksum == 0xabcd && header.source == .init(10, 0, 0, 1))
    #expect(header.destination == .init(10, 0, 0, 2))
  }

  @Test func arpFieldsLieWhereTheyShould() throws {
    let bytes: [UInt8] = [
      0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 2, 0, 0, 0, 0, 2, 10, 0, 0, 2,
    ]
    let read = ARPHeader(bytes.span.bytes)
    let header = try #require(read)
    let expected = ARPHeader(
      operation: .reply, senderHardware: .init(2, 0, 0, 0, 0, 1),
      senderProtocol: .init(10, 0, 0, 1),
      targetHardware: .init(2, 0, 0, 0, 0, 2), targetProtocol: .init(10, 0, 0, 2))
    #expect(header == expected && header.fixed.isEthernetIPv4)
  }

  @Test func icmpAndTCPViewsAreRight() throws {
    let icmp = ICMPHeader(type: .echo, rest: 0x1234_5678)
    #expect(icmp.identifier == 0x1234 && icmp.sequence == 0x5678 && icmp.pointer == 0x12)
    #expect(icmp.nextMTU == 0x5678 && icmp.gateway == .init(0x12, 0x34, 0x56, 0x78))
    let bytes: [UInt8] = [
      0, 80, 1, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0x60, 0x12, 0xff, 0xff, 0xab, 0xcd, 0, 9,
    ]
    let read = TCPHeader(bytes.span.bytes)
    let tcp = try #require(read)
    #expect(tcp.headerLength == 24 && tcp.flags == [.syn, .ack] && tcp.urgent == 9)
    #expect(tcp.sourcePort == 80 && tcp.destinationPort == 256 && tcp.sequence == 1)
    #expect(tcp.acknowledgement == 2 && tcp.window == 0xffff && tcp.checksum == 0xabcd)
  }
}

@Suite("IPv4Options") struct IPv4OptionsTests {
  /// The options as `type@position+length`, with `!` behind a malformed one.
  private func walk(_ bytes: [UInt8]) -> [String] {
    var options = IPv4Options(bytes.span.bytes)
    var steps: [String] = []
    while let option = options.next() {
      let mark = option.isMalformed ? "!" : ""
      steps.append("\(option.type.rawValue)@\(option.position)+\(option.length)\(mark)")
    }
    return steps
  }

  @Test(
    arguments: [
      ([], []), ([1, 1, 0, 7], ["1@0+1", "1@1+1", "0@2+1"]), ([7, 3, 4, 1], ["7@0+3", "1@3+1"]),
      ([1, 7], ["1@0+1", "7@1+1!"]), ([7, 0, 1], ["7@0+3!"]), ([7, 1, 1], ["7@0+3!"]),
      ([131, 9, 4, 0], ["131@0+4!"]),
      ([148, 4, 0, 0, 68, 2], ["148@0+4", "68@4+2"]),
    ] as [([UInt8], [String])])
  func walks(_ bytes: [UInt8], steps: [String]) {
    #expect(walk(bytes) == steps)
  }

  @Test func neverReadsPastTheEnd() {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<2000 {
      let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
        UInt8.random(in: 0...12, using: &random)
      }
      #expect(walk(bytes).count <= bytes.count)
    }
  }
}
