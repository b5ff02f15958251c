// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
package import Wire

/// A packet's own value for an instruction, in one word, so that a trace can keep it.
package struct PacketValue: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
  package var rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  /// What the word says.
  package enum Meaning: Hashable, Sendable {
    /// The value itself: a number, an address, bits, or an interface's index.
    case value(UInt32)
    /// The packet is no IPv4.
    case notIPv4
    /// It is a fragment with this offset in bytes, and has no transport header.
    case laterFragment(UInt32)
    /// Its protocol has no such field.
    case otherProtocol(UInt8)
    /// There is nothing to compare with.
    case nothing
    /// The packet is no IPv6.
    case notIPv6
    /// It is not in a frame, or it is.
    case noFrame, frame
    /// There is no socket that it comes from or is for.
    case noSocket
    /// The table has no entry for this address.
    case noEntry(IPv4Address)
    /// The end of a frame that is another, and its address.
    case station(PacketEnd, EthernetAddress)
    /// So many tags, and the first three of them, last given first; 0 where there are fewer.
    case tags(count: UInt8, SIMD3<UInt16>)
  }

  /// In the top byte, where a value needs more than a word.
  private static let station: UInt64 = 1
  private static let tags: UInt64 = 2

  package init(_ meaning: Meaning) {
    func word(_ kind: UInt64, _ value: UInt32 = 0) -> UInt64 { kind << 32 | UInt64(value) }
    rawValue =
      switch meaning {
      case .value(let value): word(0, value)
      case .notIPv4: word(1)
      case .laterFragment(let offset): word(2, offset)
      case .otherProtocol(let proto): word(3, UInt32(proto))
      case .nothing: word(4)
      case .notIPv6: word(5)
      case .noFrame: word(6)
      case .frame: word(7)
      case .noSocket: word(8)
      case .noEntry(let address): word(9, address.rawValue)
      case .station(let end, let address):
        PacketValue.station << 56 | UInt64(end.rawValue) << 48 | address.rawValue
      case .tags(let count, let first):
        PacketValue.tags << 56 | UInt64(count) << 48 | UInt64(first[0]) << 32
          | UInt64(first[1]) << 16 | UInt64(first[2])
      }
  }

  package var meaning: Meaning {
    let value = UInt32(truncatingIfNeeded: rawValue)
    let high = UInt8(truncatingIfNeeded: rawValue >> 48)
    switch rawValue >> 56 {
    case PacketValue.station:
      return .station(PacketEnd(rawValue: high) ?? .source, EthernetAddress(rawValue: rawValue))
    case PacketValue.tags:
      let first = [32, 16, 0].map { UInt16(truncatingIfNeeded: rawValue >> UInt64($0)) }
      return .tags(count: high, [first[0], first[1], first[2]])
    default: break
    }
    return switch rawValue >> 32 {
    case 0: .value(value)
    case 1: .notIPv4
    case 2: .laterFragment(value)
    case 3: .otherProtocol(UInt8(truncatingIfNeeded: value))
    case 5: .notIPv6
    case 6: .noFrame
    case 7: .frame
    case 8: .noSocket
    case 9: .noEntry(IPv4Address(rawValue: value))
    default: .nothing
    }
  }
}

extension Vnet {
  /// A packet's own value for an instruction of a rule; asked only when somebody traces.
  func value(
    for match: Match, of rule: Firewall.Rule, _ search: borrowing RuleSearch,
    _ packet: borrowing Packet,
    _ machine: borrowing Machine
  ) -> PacketValue {
    let bytes = machine.store.bytes(of: packet)
    switch match {
    case .table(let end, let table, _):
      guard let address = search.facts.address(end) else { return PacketValue(.notIPv4) }
      let found = firewall.tables.lookup(table, address)
      return PacketValue(found.map { .value($0) } ?? .noEntry(address))
    case .tagged, .taggedIn:
      return PacketValue(machine.store.tags.summary(from: packet.header.firstTag))
    case .user, .group, .jail: return PacketValue(search.owner(for: match))
    case .probability: return PacketValue(.value(search.draw))
    case .diverted: return PacketValue(.value(search.numbers[.divertSides] ?? 0))
    case .mac(let words):
      guard let frame = search.facts.frame else { return PacketValue(.noFrame) }
      // The first four bytes, and half of the next, are the destination's.
      let first = Int(rule.firstWord) + Int(words.start)
      let wanted = UInt64(firewall.words[first]) << 16 | UInt64(firewall.words[first + 1] >> 16)
      let mask =
        UInt64(firewall.words[first + 3]) << 16 | UInt64(firewall.words[first + 4] >> 16)
      return PacketValue(
        frame.destination.rawValue & mask == wanted
          ? .station(.source, frame.source) : .station(.destination, frame.destination))
    default: return PacketValue(search.facts.meaning(for: match, bytes))
    }
  }
}

extension PacketTags {
  /// What a trace keeps of a list.
  fileprivate func summary(from first: Int32) -> PacketValue.Meaning {
    var count: UInt8 = 0
    var tags = SIMD3<UInt16>.zero
    _ = contains(from: first) { tag in
      if count < 3 { tags[Int(count)] = UInt16(truncatingIfNeeded: tag) }
      if count < .max { count += 1 }
      return false
    }
    return .tags(count: count, tags)
  }
}

extension RuleSearch {
  /// What the owner of the packet's socket has for a condition.
  fileprivate func owner(for match: Match) -> PacketValue.Meaning {
    guard case .found(let owner) = owner else { return .noSocket }
    switch match {
    case .user: return .value(owner.user)
    case .group: return .value(owner.group)
    default: return .value(owner.jail)
    }
  }
}

extension PacketFacts {
  /// What the packet itself has for an instruction.
  fileprivate func meaning(for match: Match, _ bytes: RawSpan) -> PacketValue.Meaning {
    switch match {
    case .proto: .value(UInt32(proto))
    case .ip4, .ip6, .version: .value(UInt32(ip?.version ?? (isIPv6 ? 6 : 0)))
    case .address(let end, _), .networks(let end, _), .hosts(let end, _, _, _), .me(let end):
      address(end).map { .value($0.rawValue) } ?? .notIPv4
    case .verifyReversePath, .verifySourceReachable, .antispoof:
      address(.source).map { .value($0.rawValue) } ?? .notIPv4
    case .ports(let end, _): transport(port(end).map { UInt32($0) })
    case .inbound: .value(direction == .in ? 1 : 0)
    case .interface(let role, _):
      interface(role) == .none ? .nothing : .value(UInt32(interface(role).rawValue))
    case .fragment: .value(UInt32(ip?.fragmentOffset ?? Int(six.fragment)))
    case .fib: .value(UInt32(fib.rawValue))
    case .number(.tcpdatalen, _): transport(number(.tcpdatalen).map { UInt32($0) })
    case .number(let field, _): number(field).map { .value(UInt32($0)) } ?? .notIPv4
    case .precedence: ip.map { .value(UInt32($0.tos >> 5)) } ?? .notIPv4
    case .flags(.iptos, _, _): ip.map { .value(UInt32($0.tos)) } ?? .notIPv4
    case .flags(.ipoptions, _, _):
      ip == nil ? .notIPv4 : bits(.ipoptions, bytes).map { .value(UInt32($0)) } ?? .nothing
    case .flags(let field, _, _): transport(bits(field, bytes).map { UInt32($0) })
    case .established: transport(tcp.map { UInt32($0.flags.rawValue) })
    case .tcpSequence: transport(tcp.map { $0.sequence })
    case .tcpAcknowledgement: transport(tcp.map { $0.acknowledgement })
    case .tcpWindow: transport(tcp.map { UInt32($0.window) })
    case .icmpTypes: transport(icmpType.map { UInt32($0) })
    case .icmp6Types:
      !isIPv6
        ? .notIPv6
        : transport(proto == 58 && !isFragment ? UInt32(six.flags) : nil)
    case .flowIDs: isIPv6 ? .value(bytes.uint32(at: 0)) : .notIPv6
    case .extensionHeaders: isIPv6 ? .value(UInt32(six.extensionHeaders)) : .notIPv6
    case .address6, .networks6, .me6: isIPv6 ? .nothing : .notIPv6
    case .layer2: .value(frame == nil ? 0 : 1)
    case .macType: frame.map { .value(UInt32($0.type.rawValue)) } ?? .noFrame
    // Their values are not the packet's own, or they never fail.
    case .table, .tagged, .taggedIn, .user, .group, .jail, .probability, .diverted, .mac, .ipsec,
      .comment, .probeState, .keepState, .limit, .log, .altq, .tag:
      .nothing
    }
  }

  /// A field of a transport header, or why there is none.
  private func transport(_ value: UInt32?) -> PacketValue.Meaning {
    if let value { return .value(value) }
    guard ip != nil || isIPv6 else { return .notIPv4 }
    if isFragment { return .laterFragment(UInt32(ip?.fragmentOffset ?? Int(six.offset))) }
    return .otherProtocol(proto)
  }
}
