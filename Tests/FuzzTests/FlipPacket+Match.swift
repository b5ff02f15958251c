// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

extension FlipPacket {
  /// Changes the packet so that it meets a condition, or does not; false where no packet can.
  ///
  /// - Parameter rule: The rule whose lists the condition refers to.
  mutating func flip(_ match: Match, to wanted: Bool, of rule: FirewallRule) -> Bool {
    switch match {
    case .proto(let proto): return flipProto(proto, to: wanted)
    case .ip4, .version(4):
      setIPv6(!wanted)
    case .ip6: setIPv6(wanted)
    case .version: return !wanted
    case .address, .networks, .hosts, .me, .table: return flipAddress(match, to: wanted, of: rule)
    case .address6(let end, let words):
      let address = Self.address6(rule.words[words.indices])
      setAddress6(end, wanted ? address : address &+ SIMD4(0, 0, 0, 1))
    case .networks6(let end, let words):
      let address = Self.address6(rule.words[words.indices])
      setAddress6(end, wanted ? address : SIMD4(0xfd00_0000, 9, 9, 9))
    case .ports(let end, let words): setPort(end, wanted ? UInt16(rule.ranges(words)[0].low) : 7)
    case .number(let field, let words):
      return setNumber(field, wanted ? rule.ranges(words)[0].low : nil)
    case .inbound:
      direction = wanted ? .in : .out
    case .interface(let role, let test): return flipInterface(role, test, to: wanted)
    case .fragment:
      setIPv6(false)
      header.fragment = wanted ? 8 : 0
    case .fib(let number):
      fib = FibNumber(rawValue: wanted ? UInt8(number & 15) : UInt8((number + 1) & 15))
    case .precedence(let bits):
      setIPv6(false)
      header.tos = wanted ? bits : bits ^ 0x20
    case .flags(let field, let set, let clear):
      return flipFlags(field, set: set, clear: clear, to: wanted)
    case .established: setTCP { $0.flags = wanted ? .ack : .syn }
    case .tcpSequence(let number): setTCP { $0.sequence = wanted ? number : number &+ 1 }
    case .tcpAcknowledgement(let number):
      setTCP { $0.acknowledgement = wanted ? number : number &+ 1 }
    case .tcpWindow(let window): setTCP { $0.window = wanted ? window : window &+ 1 }
    case .icmpTypes(let types):
      setIPv6(false)
      header.fragment = 0
      guard let type = (0..<32).first(where: { types >> UInt32($0) & 1 == (wanted ? 1 : 0) })
      else { return false }
      transport = .icmp(type: UInt8(type))
    case .icmp6Types(let words):
      setIPv6(true)
      ipv6?.extensions = []
      let list = Array(rule.words[words.indices])
      let bits = list.indices.flatMap { word in (0..<32).map { list[word] >> UInt32($0) & 1 } }
      guard let type = bits.firstIndex(of: wanted ? 1 : 0) else { return false }
      transport = .icmp(type: UInt8(type))
    // 8.0 compares the label with the whole first word of the header: no packet has it.
    case .flowIDs:
      setIPv6(true)
      return !wanted
    case .extensionHeaders(let bits):
      setIPv6(true)
      // EXT_FRAGMENT and so on, by bit.
      let types: [UInt8] = [44, 0, 43, 51, 50, 60]
      ipv6?.extensions = wanted ? [types[bits.trailingZeroBitCount]] : []
    case .verifyReversePath, .antispoof:
      setIPv6(false)
      (direction, received, current) = (.in, Self.em0, Self.em0)
      header.source = wanted ? IPv4Address(10, 0, 0, 9) : IPv4Address(192, 168, 1, 9)
    case .verifySourceReachable:
      setIPv6(false)
      direction = .in
      header.source = wanted ? IPv4Address(10, 0, 0, 9) : IPv4Address(8, 8, 8, 8)
    case .tagged(let tag): tags = wanted ? [9, UInt32(tag)] : []
    case .taggedIn(let words): tags = wanted ? [UInt32(rule.ranges(words)[0].low)] : [65_000]
    case .diverted(let sides): divertSides = wanted ? sides : ~sides & 3
    case .layer2: frame = wanted ? Self.frame : nil
    case .mac(let words):
      let want = Array(rule.words[words.indices])
      frame = wanted ? Self.frame(want) : nil
    case .macType(let words):
      frame = Self.frame
      frame?.type = EtherType(rawValue: wanted ? rule.ranges(words)[0].low : 0x9999)
    case .user(let user): setOwner(wanted ? SocketOwner(user: user) : SocketOwner(user: user + 1))
    case .group(let group): setOwner(SocketOwner(group: wanted ? group : group + 1))
    case .jail(let jail): setOwner(SocketOwner(jail: wanted ? jail : jail + 1))
    // No stack of the model has an IPv6 address, or IPsec.
    case .ipsec, .me6: return !wanted
    case .comment: return wanted
    case .probability, .probeState, .keepState, .limit, .log, .altq, .tag: return false
    }
    return true
  }

  static let em0 = InterfaceIndex(rawValue: 1)
  static let em1 = InterfaceIndex(rawValue: 2)
  private static let frame = EthernetHeader(
    destination: EthernetAddress(rawValue: 0x0200_0000_0001),
    source: EthernetAddress(rawValue: 0x0200_0000_0002), type: .ipv4)

  private static func frame(_ words: [UInt32]) -> EthernetHeader {
    let destination = UInt64(words[0]) << 16 | UInt64(words[1] >> 16)
    let source = UInt64(words[1] & 0xffff) << 32 | UInt64(words[2])
    return EthernetHeader(
      destination: EthernetAddress(rawValue: destination),
      source: EthernetAddress(rawValue: source), type: .ipv4)
  }

  private static func address6(_ words: ArraySlice<UInt32>) -> SIMD4<UInt32> {
    SIMD4(words.prefix(4))
  }

  private mutating func setIPv6(_ isIPv6: Bool) {
    // A frame of another type would hide what is in it.
    frame?.type = isIPv6 ? .ipv6 : .ipv4
    guard isIPv6 else {
      ipv6 = nil
      return
    }
    ipv6 = ipv6 ?? IPv6()
    // A header that the firewall does not know is refused before any rule.
    if case .other = transport { transport = .udp(source: 1234, destination: 53) }
  }

  private mutating func flipProto(_ proto: UInt16, to wanted: Bool) -> Bool {
    guard let proto = UInt8(exactly: proto) else { return !wanted }
    setIPv6(false)
    switch wanted ? proto : (proto == 17 ? 6 : 17) {
    case 1: transport = .icmp(type: 8)
    case 6: setTCP { _ in }
    case 17: transport = .udp(source: 1234, destination: 53)
    case let other: transport = .other(other)
    }
    return true
  }

  private mutating func flipAddress(
    _ match: Match, to wanted: Bool, of rule: FirewallRule
  ) -> Bool {
    setIPv6(false)
    let elsewhere = IPv4Address(172, 31, 255, 254)
    switch match {
    case .address(let end, let address): setAddress(end, wanted ? address : elsewhere)
    case .networks(let end, let words):
      let base = IPv4Address(rawValue: rule.words[words.indices].first ?? 0)
      setAddress(end, wanted ? base : elsewhere)
    case .hosts(let end, let base, _, let words):
      let bits = Array(rule.words[words.indices])
      let hosts = bits.indices.flatMap { word in (0..<32).map { bits[word] >> UInt32($0) & 1 } }
      guard let host = hosts.firstIndex(of: 1) else { return !wanted }
      let address = IPv4Address(rawValue: base.rawValue &+ UInt32(host))
      setAddress(end, wanted ? address : elsewhere)
    case .me(let end): setAddress(end, wanted ? IPv4Address(10, 0, 0, 1) : elsewhere)
    case .table(let end, _, let value):
      // The lab's table says 5 for this network.
      guard !wanted || value == nil || value == 5 else { return false }
      setAddress(end, wanted ? IPv4Address(10, 9, 0, 1) : elsewhere)
    default: return false
    }
    return true
  }

  private mutating func setAddress(_ end: PacketEnd, _ address: IPv4Address) {
    if end == .source { header.source = address } else { header.destination = address }
  }

  private mutating func setAddress6(_ end: PacketEnd, _ address: SIMD4<UInt32>) {
    setIPv6(true)
    if end == .source { ipv6?.source = address } else { ipv6?.destination = address }
  }

  private mutating func setPort(_ end: PacketEnd, _ port: UInt16) {
    header.fragment = 0
    setIPv6(ipv6 != nil)
    ipv6?.extensions = []
    if case .udp(let source, let destination) = transport {
      transport =
        end == .source
        ? .udp(source: port, destination: destination) : .udp(source: source, destination: port)
    } else {
      setTCP { if end == .source { $0.sourcePort = port } else { $0.destinationPort = port } }
    }
  }

  /// Makes it a TCP segment, and changes that.
  private mutating func setTCP(_ change: (inout TCPHeader) -> Void) {
    header.fragment = 0
    setIPv6(false)
    var segment = TCPHeader(sourcePort: 1234, destinationPort: 80, sequence: 1000, flags: .syn)
    var options: [UInt8] = []
    if case .tcp(let old, let oldOptions) = transport { (segment, options) = (old, oldOptions) }
    change(&segment)
    transport = .tcp(segment, options: options)
  }

  /// - Parameter number: nil for one that is in no range of the tests.
  private mutating func setNumber(_ field: NumberField, _ number: UInt16?) -> Bool {
    setIPv6(false)
    switch field {
    case .ipid: header.identification = number ?? 60_001
    case .ipttl:
      guard number ?? 0 < 256 else { return false }
      header.ttl = UInt8(number ?? 201)
    case .iplen:
      // From 20 to what fits.
      payload = []
      let missing = Int(number ?? 599) - bytes.count
      guard (0...1400).contains(missing) else { return false }
      payload = [UInt8](repeating: 0, count: missing)
    case .tcpdatalen:
      setTCP { _ in }
      guard number ?? 0 <= 1400 else { return false }
      payload = [UInt8](repeating: 0, count: Int(number ?? 599))
    }
    return true
  }

  private mutating func flipInterface(
    _ role: InterfaceRole, _ test: InterfaceTest, to wanted: Bool
  ) -> Bool {
    // All tests of the lab mean em1, and it alone.
    let interface = wanted ? Self.em1 : Self.em0
    switch role {
    case .recv: received = interface
    case .via: current = interface
    case .xmit:
      current = interface
      if wanted { direction = .out }
    }
    if role != .xmit, direction == .in { (received, current) = (interface, interface) }
    return true
  }

  private mutating func flipFlags(
    _ field: FlagField, set: UInt8, clear: UInt8, to wanted: Bool
  ) -> Bool {
    guard set & clear == 0, wanted || set | clear != 0 else { return !wanted && set & clear != 0 }
    let bits = wanted ? set : set == 0 ? clear : 0
    switch field {
    case .iptos:
      setIPv6(false)
      header.tos = bits
    case .tcpflags: setTCP { $0.flags = TCPFlags(rawValue: bits) }
    case .ipoptions:
      setIPv6(false)
      let list: [(UInt8, [UInt8])] = [
        (OptionBit.ssrr, [137, 3, 4]), (OptionBit.lsrr, [131, 3, 4]), (OptionBit.rr, [7, 3, 4]),
        (OptionBit.ts, [68, 4, 5, 0]),
      ]
      options = Self.padded(list.filter { bits & $0.0 != 0 }.flatMap(\.1))
    case .tcpoptions:
      // No packet has the options that `cc` asks for.
      if set & OptionBit.cc != 0 { return !wanted }
      setTCP { _ in }
      let list: [(UInt8, [UInt8])] = [
        (OptionBit.mss, [2, 4, 5, 180]), (OptionBit.window, [3, 3, 1]), (OptionBit.sack, [4, 2]),
        (OptionBit.timestamp, [8, 10, 0, 0, 0, 0, 0, 0, 0, 0]),
        (OptionBit.cc, [11, 6, 0, 0, 0, 1]),
      ]
      guard case .tcp(let segment, _) = transport else { return false }
      transport = .tcp(
        segment, options: Self.padded(list.filter { bits & $0.0 != 0 }.flatMap(\.1)))
    }
    return true
  }

  private static func padded(_ options: [UInt8]) -> [UInt8] {
    options + [UInt8](repeating: 0, count: (4 - options.count % 4) % 4)
  }

  private mutating func setOwner(_ owner: SocketOwner) {
    setIPv6(false)
    header.fragment = 0
    if case .other = transport { transport = .udp(source: 1234, destination: 53) }
    if case .icmp = transport { transport = .udp(source: 1234, destination: 53) }
    self.owner = owner
  }
}
