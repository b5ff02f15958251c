// SPDX-License-Identifier: BSD-2-Clause
import Testing
import Wire

@Suite("IPv4Address") struct IPv4AddressTests {
  @Test(
    arguments: [
      ("10.0.0.1", 0x0a00_0001), ("255.255.255.255", 0xffff_ffff), ("0.0.0.0", 0),
      ("01.2.3.004", 0x0102_0304),
      ("1.2.3", nil), ("1.2.3.4.", nil), (".1.2.3", nil), ("1.2.3.256", nil), ("1.2.3.4 ", nil),
      ("", nil),
      ("1.2.3.+4", nil), ("1.2.3.0001", nil), ("1..2.3", nil),
    ] as [(String, UInt32?)])
  func readsDottedQuads(_ text: String, value: UInt32?) {
    #expect(IPv4Address(dottedQuad: text)?.rawValue == value)
  }

  @Test(
    arguments: [
      ("10.1", 0x0a00_0001), ("10.1.258", 0x0a01_0102), ("10.0.0.1", 0x0a00_0001),
      ("0x0a000001", 0x0a00_0001),
      ("010.1", 0x0800_0001), ("1", 1), ("4294967295", 0xffff_ffff), ("4294967306", 10), ("0", 0),
      ("0X7f.1", 0x7f00_0001), ("10.0.0.1 and more", 0x0a00_0001), ("10.0xffffff", 0x0aff_ffff),
      ("10.16777216", nil), ("10.1.65536", nil), ("10.0.0.256", nil), ("256.1", nil), ("08.1", nil),
      ("0x", nil),
      ("", nil), ("10.", nil), (".1", nil), ("1.2.3.4.5", nil), ("10.0.0.1x", nil), ("+1", nil),
      ("em0", nil),
      ("99999999999999999999", nil),
    ] as [(String, UInt32?)])
  func readsWhatInetAtonReads(_ text: String, value: UInt32?) {
    #expect(IPv4Address(inetAton: text)?.rawValue == value)
  }

  @Test(
    arguments: [
      ("10", 10), ("10.1", 0x0a01), ("192.168.1", 0xc0_a801), ("1.2.3.4", 0x0102_0304),
      ("x1f", 0x1f),
      ("0x1f.010", 0x1f08), ("0x", 0), ("0", 0), ("10 x", 10), ("255.255.255.254", 0xffff_fffe),
      ("255.255.255.255", nil), ("256", nil), ("1.2.3.4.5", nil), ("09", nil), ("", nil),
      ("10.", nil), ("a", nil),
      ("10/8", nil), ("x", nil),
    ] as [(String, UInt32?)])
  func readsWhatInetNetworkReads(_ text: String, value: UInt32?) {
    #expect(IPv4Address.inetNetwork(text) == value)
  }

  @Test func knowsItsRanges() {
    #expect(IPv4Address(224, 0, 0, 1).isMulticast && !IPv4Address(240, 0, 0, 1).isMulticast)
    #expect(IPv4Address.loopback.isLoopback && !IPv4Address(128, 0, 0, 1).isLoopback)
    #expect(IPv4Address(169, 254, 9, 9).isLinkLocal && !IPv4Address(169, 253, 9, 9).isLinkLocal)
    #expect(IPv4Address.broadcast.isExperimental && IPv4Address.broadcast.isBroadcast)
    #expect(IPv4Address.any.isZeroNet && !IPv4Address(1, 0, 0, 0).isZeroNet)
  }

  @Test(arguments: [
    (IPv4Address(127, 1, 1, 1), 8), (IPv4Address(128, 0, 0, 1), 16),
    (IPv4Address(191, 255, 0, 1), 16),
    (IPv4Address(192, 0, 0, 1), 24), (IPv4Address(224, 0, 0, 1), 24), (.broadcast, 24), (.any, 8),
  ])
  func hasAClass(_ address: IPv4Address, length: Int) {
    #expect(address.classfulMask.prefixLength == length)
  }

  @Test func describesItselfAndCombines() {
    let address = IPv4Address(10, 1, 2, 3)
    #expect("\(address)" == "10.1.2.3" && address.octets == (10, 1, 2, 3))
    #expect(
      address & .init(255, 255, 0, 0) | ~IPv4Address(255, 255, 255, 0) == .init(10, 1, 0, 255))
    #expect(address < .init(10, 1, 2, 4))
  }

  @Test func turnsMasksIntoLengthsAndBack() {
    for length in 0...32 { #expect(IPv4Prefix.mask(length: length).prefixLength == length) }
    #expect(IPv4Address(255, 0, 255, 0).prefixLength == nil)
    #expect(IPv4Address(127, 255, 255, 255).prefixLength == nil)
  }

  @Test func prefixContainsItsNetwork() {
    let prefix = IPv4Prefix(IPv4Address(10, 0, 0, 0), length: 24)
    #expect("\(prefix)" == "10.0.0.0/24" && prefix.mask == .init(255, 255, 255, 0))
    #expect(prefix.contains(.init(10, 0, 0, 255)) && !prefix.contains(.init(10, 0, 1, 0)))
    #expect(IPv4Prefix(.any, length: 0).contains(.broadcast))
    #expect(!IPv4Prefix(.any, length: 32).contains(.init(0, 0, 0, 1)))
  }
}

@Suite("IPv6 addresses") struct IPv6AddressTests {
  @Test(
    arguments: [
      ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("FE80::0:1", "fe80::1"),
      ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
      ("1:0:2:0:3:0:4:0", "1:0:2:0:3:0:4:0"), ("1:0:0:2:3:0:0:4", "1::2:3:0:0:4"),
      ("::1.2.3.4", "::1.2.3.4"), ("::ffff:1.2.3.4", "::ffff:1.2.3.4"), ("::2", "::2"),
      ("64:ff9b::1.2.3.4", "64:ff9b::102:304"), ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
      ("::1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7"),
    ])
  func areReadAndWritten(_ text: String, _ wanted: String) throws {
    let address = try #require(IPv6Address(text))
    #expect("\(address)" == wanted)
    #expect(IPv6Address(wanted) == address)
  }

  @Test(arguments: [
    "", ":", ":::", "1", "1:", ":1", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::",
    "g::", "::1.2.3", "::1.2.3.4:5", "1:2:3:4:5:6:7:8::", "1::2:", "::1%em0", "1.2.3.4", "::/0",
  ]) func othersAreNone(_ text: String) { #expect(IPv6Address(text) == nil) }

  @Test func masksHaveLengths() throws {
    for length in 0...128 { #expect(IPv6Address.mask(length: length).prefixLength == length) }
    #expect("\(IPv6Address.mask(length: 49))" == "ffff:ffff:ffff:8000::")
    #expect(IPv6Address("ff::")?.prefixLength == nil)
    let address = try #require(IPv6Address("fe80:1:2:3::7"))
    #expect("\(address & .mask(length: 32))" == "fe80:1::")
  }
}

@Suite("Other addresses and names") struct OtherAddressTests {
  @Test(
    arguments: [
      ("0:1:2:3:4:5", 0x0001_0203_0405), ("00:0c:29:AA:bb:cc", 0x000c_29aa_bbcc),
      ("1:2:3:4:5:6 x", 0x0102_0304_0506),
      (" 1: 2:3:4:5:6", 0x0102_0304_0506), ("1ff:2:3:4:5:0x6", 0xff02_0304_0506),
      ("1:2:3:4:5:6:7", 0x0102_0304_0506),
      ("1:2:3:4:5", nil), ("1:2:3:4:5:", nil), ("1-2-3-4-5-6", nil), ("", nil),
      ("g:1:2:3:4:5", nil),
      ("1 :2:3:4:5:6", nil),
    ] as [(String, UInt64?)])
  func readsWhatEtherAtonReads(_ text: String, value: UInt64?) {
    #expect(EthernetAddress(text)?.rawValue == value)
  }

  @Test func ethernetAddressKnowsItsKind() {
    let group = EthernetAddress.multicast(for: IPv4Address(239, 129, 2, 3))
    #expect("\(group)" == "01:00:5e:01:02:03" && group.isGroup && !group.isBroadcast)
    #expect("\(EthernetAddress(2, 0, 0, 0, 0, 1))" == "02:00:00:00:00:01")
    #expect(EthernetAddress.broadcast.isGroup && EthernetAddress.broadcast.isBroadcast)
    #expect(!EthernetAddress.zero.isGroup && EthernetAddress(rawValue: .max) == .broadcast)
  }

  @Test(
    arguments: [
      ("em0", "em", 0), ("epair12a", "epair12a", nil), ("vlan4094", "vlan", 4094),
      ("lan", "lan", nil),
      ("fifteen-bytes15", "fifteen-bytes", 15), ("42", "", 42),
    ] as [(String, String, Int?)])
  func interfaceNameSplits(_ text: String, prefix: String, unit: Int?) throws {
    let name = try #require(InterfaceName(text))
    #expect(name.description == text && name.prefix == prefix && name.unit == unit)
  }

  @Test func interfaceNameIsBounded() {
    #expect(InterfaceName("") == nil && InterfaceName("sixteen-bytes-16") == nil)
    #expect(InterfaceName("a\0b") == nil && MemoryLayout<InterfaceName>.size == 16)
    #expect(InterfaceName(prefix: "em", unit: 1) == InterfaceName("em1"))
    #expect(InterfaceName(prefix: "aninterface", unit: 12345) == nil)
    #expect(
      ["lo0", "em10", "em1"].compactMap { InterfaceName($0) }.sorted().map(\.description) == [
        "em1", "em10", "lo0",
      ])
  }

  @Test func protocolsHaveNames() {
    #expect(IPProtocol.tcp.name == "tcp" && IPProtocol.ipip.name == "ipencap")
    #expect(IPProtocol(rawValue: 253).name == nil && "\(IPProtocol(rawValue: 253))" == "253")
    #expect(IPProtocol(name: "ICMP") == .icmp && IPProtocol(name: "OSPFIGP")?.rawValue == 89)
    #expect(IPProtocol(name: "IPV6-ICMP")?.rawValue == 58 && IPProtocol(name: "Tcp") == nil)
    for number in UInt8.min...UInt8.max {
      guard let name = IPProtocol(rawValue: number).name else { continue }
      #expect(IPProtocol(name: name)?.rawValue == number)
    }
  }
}
