// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// Translating ICMP (`IcmpAliasIn`, `IcmpAliasOut`, netinet/libalias/alias.c): queries by their
/// identifier, errors by the packet they quote.
extension AliasLibrary {
  /// `IcmpAliasIn`.
  mutating func icmpIn(
    _ header: IPv4Header, _ packet: borrowing Packet, _ store: inout PacketStore
  ) -> AliasResult {
    if mode.contains(.proxyOnly) { return .ok }
    let at = header.headerLength
    guard let message = ICMPMessage(store.bytes(of: packet), at: at) else {
      return .ignored(.tooShort)
    }
    switch message.type {
    case ICMPMessage.echoReply, ICMPMessage.timestampReply:
      return message.code == 0 ? queryIn(header, packet, &store) : .ignored(.icmpType)
    case ICMPMessage.echo, ICMPMessage.timestamp: return queryIn(header, packet, &store)
    case ICMPMessage.unreachable, ICMPMessage.sourceQuench, ICMPMessage.timeExceeded,
      ICMPMessage.parameterProblem:
      return errorIn(header, packet, &store)
    default: return .ignored(.icmpType)
    }
  }

  /// `IcmpAliasOut`.
  mutating func icmpOut(
    _ header: IPv4Header, _ packet: borrowing Packet, _ store: inout PacketStore,
    _ random: inout RandomSource
  ) -> AliasResult {
    if mode.contains(.proxyOnly) { return .ok }
    let at = header.headerLength
    guard let message = ICMPMessage(store.bytes(of: packet), at: at) else {
      return .ignored(.tooShort)
    }
    switch message.type {
    case ICMPMessage.echo, ICMPMessage.timestamp:
      return message.code == 0
        ? queryOut(header, packet, &store, &random) : .ignored(.icmpType)
    case ICMPMessage.echoReply, ICMPMessage.timestampReply:
      return queryOut(header, packet, &store, &random)
    case ICMPMessage.unreachable, ICMPMessage.sourceQuench, ICMPMessage.timeExceeded,
      ICMPMessage.parameterProblem:
      return errorOut(header, packet, &store)
    default: return .ignored(.icmpType)
    }
  }

  /// `IcmpAliasIn1`.
  private mutating func queryIn(
    _ header: IPv4Header, _ packet: borrowing Packet, _ store: inout PacketStore
  ) -> AliasResult {
    let at = header.headerLength
    let outside = Endpoint(header.source, AliasLink.noPort)
    let alias = Endpoint(header.destination, store.word(at + AliasOffset.icmpID, of: packet))
    var found = findIn(.icmp, outside: outside, alias: alias, replacesPartial: false)
    if found == nil, !mode.contains(.denyIncoming) {
      let target = originalAddress(of: alias.address)
      found = add(.icmp, inside: Endpoint(target, alias.port), outside: outside, alias: alias)
    }
    guard let link = found else { return .ignored(.denyIn) }
    noteLink()
    let original = original(link)
    changeID(packet, at: at, to: original.port, &store)
    store.readdress(.destination, to: original.address, of: packet)
    return .ok
  }

  /// `IcmpAliasOut1`.
  private mutating func queryOut(
    _ header: IPv4Header, _ packet: borrowing Packet, _ store: inout PacketStore,
    _ random: inout RandomSource
  ) -> AliasResult {
    let at = header.headerLength
    let inside = Endpoint(header.source, store.word(at + AliasOffset.icmpID, of: packet))
    let outside = Endpoint(header.destination, AliasLink.noPort)
    let known = findOut(.icmp, inside: inside, outside: outside, replacesPartial: false)
    guard
      let link = known
        ?? add(
          .icmp, inside: inside, outside: outside, aliasAddress: aliasAddress(of: inside.address),
          &random)
    else { return .ignored(.noPort) }
    noteLink()
    let alias = alias(link)
    changeID(packet, at: at, to: alias.port, &store)
    store.readdress(.source, to: alias.address, of: packet)
    return .ok
  }

  private func changeID(
    _ packet: borrowing Packet, at offset: Int, to id: UInt16, _ store: inout PacketStore
  ) {
    var change = ChecksumChange()
    change.replace(store.word(offset + AliasOffset.icmpID, of: packet), id)
    store.adjust(offset + AliasOffset.icmpChecksum, of: packet, by: change)
    store.set(id, at: offset + AliasOffset.icmpID, of: packet)
  }

  /// An error about a packet that went out: it goes to who sent that, and quotes it as that one sent
  /// it (`IcmpAliasIn2`).
  ///
  /// The quoted header's checksum is changed by the port too, as in C.
  private mutating func errorIn(
    _ header: IPv4Header, _ packet: borrowing Packet, _ store: inout PacketStore
  ) -> AliasResult {
    let at = header.headerLength
    guard let quote = AliasQuote(store.bytes(of: packet), at: at + AliasOffset.icmpQuote) else {
      return .ignored(.tooShort)
    }
    guard quote.isKnown else { return .ignored(.quotedProtocol) }
    let outside = Endpoint(quote.header.destination, quote.destinationPort)
    let alias = Endpoint(quote.header.source, quote.sourcePort)
    guard
      let link = findIn(quote.kind, outside: outside, alias: alias, replacesPartial: false)
    else { return .ignored(.quoteUnknown) }
    noteLink()
    let original = original(link)
    var change = ChecksumChange()
    change.replace(alias, original)
    let old = quote.header.checksum
    let new = change.applied(to: old)
    store.set(new, at: quote.start + AliasOffset.checksum, of: packet)
    change.replace(old, new)
    store.adjust(at + AliasOffset.icmpChecksum, of: packet, by: change)
    store.readdress(.destination, to: original.address, of: packet)
    store.set(original.address, at: quote.start + AliasOffset.source, of: packet)
    store.set(original.port, at: quote.sourcePortOffset, of: packet)
    return .ok
  }

  /// An error about a packet that came in: it quotes it as it came (`IcmpAliasOut2`).
  ///
  /// The quoted header's checksum stays as it is, as in C.
  private mutating func errorOut(
    _ header: IPv4Header, _ packet: borrowing Packet, _ store: inout PacketStore
  ) -> AliasResult {
    let at = header.headerLength
    guard let quote = AliasQuote(store.bytes(of: packet), at: at + AliasOffset.icmpQuote) else {
      return .ignored(.tooShort)
    }
    guard quote.isKnown else { return .ignored(.quotedProtocol) }
    let inside = Endpoint(quote.header.destination, quote.destinationPortOut)
    let outside = Endpoint(quote.header.source, quote.sourcePortOut)
    guard
      let link = findOut(quote.kind, inside: inside, outside: outside, replacesPartial: false)
    else { return .ignored(.quoteUnknown) }
    noteLink()
    let alias = alias(link)
    var change = ChecksumChange()
    change.replace(inside, alias)
    store.adjust(at + AliasOffset.icmpChecksum, of: packet, by: change)
    if header.source == quote.header.destination {
      store.readdress(.source, to: alias.address, of: packet)
    }
    store.set(alias.address, at: quote.start + AliasOffset.destination, of: packet)
    store.set(alias.port, at: quote.destinationPortOffset, of: packet)
    return .ok
  }
}

/// Type and code of a message that has the words of an identifier.
private struct ICMPMessage: BitwiseCopyable {
  let type: UInt8
  let code: UInt8

  init?(_ bytes: RawSpan, at offset: Int) {
    guard bytes.byteCount >= offset + AliasOffset.icmpID + 2 else { return nil }
    type = bytes.uint8(at: offset)
    code = bytes.uint8(at: offset + 1)
  }

  static let echoReply: UInt8 = 0
  static let unreachable: UInt8 = 3
  static let sourceQuench: UInt8 = 4
  static let echo: UInt8 = 8
  static let timeExceeded: UInt8 = 11
  static let parameterProblem: UInt8 = 12
  static let timestamp: UInt8 = 13
  static let timestampReply: UInt8 = 14
}

/// A packet that an ICMP error quotes: its header, and what C looks at behind that.
private struct AliasQuote: BitwiseCopyable {
  let start: Int
  let header: IPv4Header
  /// The two words behind the header, or the type of an ICMP message and its identifier.
  private let first: UInt16
  private let second: UInt16
  private let id: UInt16

  init?(_ bytes: RawSpan, at start: Int) {
    let quoted = bytes.extracting(droppingFirst: min(start, bytes.byteCount))
    guard let header = IPv4Header(quoted) else { return nil }
    let rest = quoted.extracting(droppingFirst: min(header.headerLength, quoted.byteCount))
    let isICMP = header.protocol == .icmp
    guard rest.byteCount >= (isICMP ? AliasOffset.icmpID + 2 : 4) else { return nil }
    self.start = start
    self.header = header
    first = rest.uint16(at: 0)
    second = rest.uint16(at: 2)
    id = isICMP ? rest.uint16(at: AliasOffset.icmpID) : 0
  }

  private var isICMP: Bool { header.protocol == .icmp }

  /// Whether it is of a protocol that is looked into; of ICMP only queries are.
  var isKnown: Bool {
    switch header.protocol {
    case .tcp, .udp: true
    case .icmp: first >> 8 == ICMPMessage.echo || first >> 8 == ICMPMessage.timestamp
    default: false
    }
  }

  var kind: AliasKind { AliasKind(header.protocol) }

  /// The ends as the one who sent it calls them.
  var sourcePort: UInt16 { isICMP ? id : first }
  var destinationPort: UInt16 { isICMP ? AliasLink.noPort : second }
  /// The same for a packet that came from outside: the identifier is of who is to answer.
  var sourcePortOut: UInt16 { isICMP ? AliasLink.noPort : first }
  var destinationPortOut: UInt16 { isICMP ? id : second }

  /// Where the port, or the identifier, of an end lies in the whole packet.
  var sourcePortOffset: Int { start + header.headerLength + (isICMP ? AliasOffset.icmpID : 0) }
  var destinationPortOffset: Int {
    start + header.headerLength + (isICMP ? AliasOffset.icmpID : 2)
  }
}
