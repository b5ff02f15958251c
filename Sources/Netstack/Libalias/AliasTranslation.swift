// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// Translating packets (netinet/libalias/alias.c). Nothing is believed of what is behind the IP
/// header: where C would read past a packet's end, it is ignored.
extension AliasLibrary {
  /// A packet on its way in: its destination becomes an inner one (`LibAliasIn`).
  mutating func aliasIn(
    _ packet: borrowing Packet, _ store: inout PacketStore, _ random: inout RandomSource,
    at moment: Instant
  ) -> AliasResult {
    mode.contains(.reverse)
      ? translateOut(packet, &store, &random, at: moment)
      : translateIn(packet, &store, at: moment)
  }

  /// A packet on its way out: its source becomes an outer one (`LibAliasOut`).
  mutating func aliasOut(
    _ packet: borrowing Packet, _ store: inout PacketStore, _ random: inout RandomSource,
    at moment: Instant
  ) -> AliasResult {
    mode.contains(.reverse)
      ? translateIn(packet, &store, at: moment)
      : translateOut(packet, &store, &random, at: moment)
  }

  /// The header of a packet whose lengths can be true.
  private func header(
    of packet: borrowing Packet, _ store: borrowing PacketStore
  ) -> IPv4Header? {
    guard let header = IPv4Header(store.bytes(of: packet)), header.version == 4,
      header.headerLength >= IPv4Header.size, header.headerLength <= packet.count,
      Int(header.totalLength) <= packet.count
    else { return nil }
    return header
  }

  /// `LibAliasInLocked`.
  private mutating func translateIn(
    _ packet: borrowing Packet, _ store: inout PacketStore, at moment: Instant
  ) -> AliasResult {
    keepHouse(at: moment)
    guard let header = header(of: packet, store) else { return .ignored(.mangled) }
    guard header.fragmentOffset == 0 else { return fragmentIn(header, packet, &store) }
    let result: AliasResult =
      switch header.protocol {
      case .icmp: icmpIn(header, packet, &store)
      case .tcp, .udp: transportIn(header, packet, &store)
      default: protoIn(header, packet, &store)
      }
    guard header.moreFragments else { return result }
    // The rest of the datagram goes where this one does, whatever was said of it.
    let age = linkAge
    let link = fragmentLink(header)
    links[link.rawValue].fragmentAddress = store.address(AliasOffset.destination, of: packet)
    linkAge = age
    return .foundHeaderFragment
  }

  /// `LibAliasOutLocked`.
  private mutating func translateOut(
    _ packet: borrowing Packet, _ store: inout PacketStore, _ random: inout RandomSource,
    at moment: Instant
  ) -> AliasResult {
    keepHouse(at: moment)
    guard let header = header(of: packet, store) else { return .ignored(.mangled) }
    let ownAddress = address
    defer { address = ownAddress }
    if mode.contains(.unregisteredOnly) {
      if !header.source.isUnregistered { address = header.source }
    } else if mode.contains(.proxyOnly) {
      address = header.source
    }
    guard header.fragmentOffset == 0 else {
      store.readdress(.source, to: aliasAddress(of: header.source), of: packet)
      return .ok
    }
    return switch header.protocol {
    case .icmp: icmpOut(header, packet, &store, &random)
    case .tcp, .udp: transportOut(header, packet, &store, &random)
    default: protoOut(header, packet, &store)
    }
  }

  /// Notes that a link was found, unless it was made.
  mutating func noteLink() {
    if linkAge == .none { linkAge = .known }
  }
}

/// TCP and UDP.
extension AliasLibrary {
  /// Gives a packet its inner destination (`TcpAliasIn`, `UdpAliasIn`).
  private mutating func transportIn(
    _ header: IPv4Header, _ packet: borrowing Packet, _ store: inout PacketStore
  ) -> AliasResult {
    let at = header.headerLength
    guard store.bytes(of: packet).hasTransport(header) else { return .ignored(.tooShort) }
    let outside = Endpoint(header.source, store.word(at, of: packet))
    let alias = Endpoint(header.destination, store.word(at + 2, of: packet))
    guard
      let link = findTransportIn(
        AliasKind(header.protocol), outside: outside, alias: alias,
        creates: !mode.contains(.proxyOnly))
    else { return .ignored(mode.contains(.proxyOnly) ? .noLink : .denyIn) }
    noteLink()
    let original = original(link)
    // C takes what the link calls the address, not what the packet does; they are the same.
    let old = Endpoint(self.alias(link).address, alias.port)
    store.set(original.port, at: at + 2, of: packet)
    adjustTransport(header, packet, from: old, to: original, &store)
    store.readdress(.destination, to: original.address, of: packet)
    if header.protocol == .tcp {
      let flags = store.bytes(of: packet).uint8(at: at + AliasOffset.tcpFlags)
      links[link.rawValue].monitorIn(TCPFlags(rawValue: flags))
    }
    return .ok
  }

  /// Gives a packet its outer source (`TcpAliasOut`, `UdpAliasOut`).
  private mutating func transportOut(
    _ header: IPv4Header, _ packet: borrowing Packet, _ store: inout PacketStore,
    _ random: inout RandomSource
  ) -> AliasResult {
    if mode.contains(.proxyOnly) { return .ok }
    let at = header.headerLength
    guard store.bytes(of: packet).hasTransport(header) else { return .ignored(.tooShort) }
    let kind = AliasKind(header.protocol)
    let inside = Endpoint(header.source, store.word(at, of: packet))
    let outside = Endpoint(header.destination, store.word(at + 2, of: packet))
    let known = findOut(kind, inside: inside, outside: outside, replacesPartial: true)
    guard
      let link = known
        ?? add(
          kind, inside: inside, outside: outside, aliasAddress: aliasAddress(of: inside.address),
          &random)
    else { return .ignored(.noPort) }
    noteLink()
    let alias = self.alias(link)
    if header.protocol == .tcp {
      let flags = store.bytes(of: packet).uint8(at: at + AliasOffset.tcpFlags)
      links[link.rawValue].monitorOut(TCPFlags(rawValue: flags))
    }
    adjustTransport(header, packet, from: inside, to: alias, &store)
    store.set(alias.port, at: at, of: packet)
    store.readdress(.source, to: alias.address, of: packet)
    return .ok
  }

  /// Brings the checksum of TCP or UDP up to date; a datagram without one stays so.
  private func adjustTransport(
    _ header: IPv4Header, _ packet: borrowing Packet, from old: Endpoint, to new: Endpoint,
    _ store: inout PacketStore
  ) {
    let isTCP = header.protocol == .tcp
    let offset =
      header.headerLength + (isTCP ? AliasOffset.tcpChecksum : AliasOffset.udpChecksum)
    guard isTCP || store.word(offset, of: packet) != 0 else { return }
    var change = ChecksumChange()
    change.replace(old, new)
    store.adjust(offset, of: packet, by: change)
  }

  /// `FindUdpTcpIn`: makes a link to whoever the packet is for, unless that is forbidden.
  mutating func findTransportIn(
    _ kind: AliasKind, outside: Endpoint, alias: Endpoint, creates: Bool
  ) -> AliasLinkIndex? {
    if let link = findIn(kind, outside: outside, alias: alias, replacesPartial: creates) {
      return link
    }
    guard creates, !mode.contains(.denyIncoming) else { return nil }
    let target = originalAddress(of: alias.address)
    return add(kind, inside: Endpoint(target, alias.port), outside: outside, alias: alias)
  }
}

/// Other protocols, and fragments.
extension AliasLibrary {
  /// `ProtoAliasIn`.
  private mutating func protoIn(
    _ header: IPv4Header, _ packet: borrowing Packet, _ store: inout PacketStore
  ) -> AliasResult {
    if mode.contains(.proxyOnly) { return .ok }
    let kind = AliasKind(header.protocol)
    let outside = Endpoint(header.source, AliasLink.noPort)
    let alias = Endpoint(header.destination, 0)
    var found = findIn(kind, outside: outside, alias: alias, replacesPartial: true)
    if found == nil, !mode.contains(.denyIncoming) {
      let target = originalAddress(of: header.destination)
      found = add(
        kind, inside: Endpoint(target, AliasLink.noPort), outside: outside, alias: alias)
    }
    guard let link = found else { return .ignored(.denyIn) }
    noteLink()
    store.readdress(.destination, to: original(link).address, of: packet)
    return .ok
  }

  /// `ProtoAliasOut`.
  private mutating func protoOut(
    _ header: IPv4Header, _ packet: borrowing Packet, _ store: inout PacketStore
  ) -> AliasResult {
    if mode.contains(.proxyOnly) { return .ok }
    let kind = AliasKind(header.protocol)
    let inside = Endpoint(header.source, AliasLink.noPort)
    let outside = Endpoint(header.destination, AliasLink.noPort)
    let known = findOut(kind, inside: inside, outside: outside, replacesPartial: true)
    let link =
      known
      ?? add(
        kind, inside: inside, outside: outside,
        alias: Endpoint(aliasAddress(of: header.source), 0))
    noteLink()
    store.readdress(.source, to: alias(link).address, of: packet)
    return .ok
  }

  /// The link of the fragments of a datagram (`FindFragmentIn1`).
  private mutating func fragmentLink(_ header: IPv4Header) -> AliasLinkIndex {
    let outside = Endpoint(header.source, AliasLink.noPort)
    let alias = Endpoint(header.destination, header.identification)
    return findIn(.fragmentID, outside: outside, alias: alias, replacesPartial: false)
      ?? add(.fragmentID, inside: Endpoint(.any, AliasLink.noPort), outside: outside, alias: alias)
  }

  /// Sends a fragment after the first one of its datagram (`FragmentIn`).
  private mutating func fragmentIn(
    _ header: IPv4Header, _ packet: borrowing Packet, _ store: inout PacketStore
  ) -> AliasResult {
    let outside = Endpoint(header.source, AliasLink.noPort)
    let alias = Endpoint(header.destination, header.identification)
    guard
      let link = findIn(.fragmentID, outside: outside, alias: alias, replacesPartial: false)
    else { return .unresolvedFragment }
    noteLink()
    store.readdress(.destination, to: links[link.rawValue].fragmentAddress, of: packet)
    return .ok
  }
}

/// How long a link of TCP lives (`TcpMonitorIn`, `TcpMonitorOut`).
extension AliasLink {
  fileprivate mutating func monitorIn(_ flags: TCPFlags) {
    guard let state = stateIn.next(flags) else { return }
    age(state, other: stateOut)
    stateIn = state
  }

  fileprivate mutating func monitorOut(_ flags: TCPFlags) {
    guard let state = stateOut.next(flags) else { return }
    age(state, other: stateIn)
    stateOut = state
  }

  /// A day while both ends are connected; 90 s when one has closed, 10 s when the other is not, or
  /// never was (`SetStateIn`, `SetStateOut`).
  private mutating func age(_ state: AliasTCPState, other: AliasTCPState) {
    switch (state, other) {
    case (.disconnected, .connected): lifetime = 90
    case (.disconnected, _): lifetime = 10
    case (.connected, .connected): lifetime = 86_400
    case (.connected, _), (.notConnected, _): break
    }
  }
}

extension AliasTCPState {
  /// The state after a segment, where it changes.
  fileprivate func next(_ flags: TCPFlags) -> AliasTCPState? {
    switch self {
    case .notConnected:
      flags.contains(.rst) ? .disconnected : flags.contains(.syn) ? .connected : nil
    case .connected: flags.isDisjoint(with: [.fin, .rst]) ? nil : .disconnected
    case .disconnected: nil
    }
  }
}

extension IPv4Address {
  /// In one of the private networks that `unreg_only` means.
  fileprivate var isUnregistered: Bool {
    rawValue >> 24 == 10 || rawValue >> 20 == 0xac1 || rawValue >> 16 == 0xc0a8
  }
}

extension RawSpan {
  /// Whether the header of TCP or UDP is all there.
  fileprivate func hasTransport(_ header: IPv4Header) -> Bool {
    let size = header.protocol == .tcp ? TCPHeader.size : UDPHeader.size
    return byteCount >= header.headerLength + size
  }
}
