// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
package import Wire

/// The rule action `nat` (`O_NAT`, and netinet/ipfw/ip_fw_nat.c).
extension Vnet {
  /// Translates a packet by an instance: inwards what comes in, outwards what goes out.
  ///
  /// - Returns: The verdict `.nat`, or a denial where there is no such instance, where libalias will
  ///   not have the packet, or where there is no memory.
  @inline(never)
  mutating func ipfwNat<T: Tracer & ~Copyable>(
    _ number: UInt32, at index: Int, _ search: borrowing RuleSearch, _ packet: inout Packet,
    _ machine: inout Machine, _ tracer: inout T
  ) -> FirewallVerdict {
    let rule = firewall.rules[index].number
    let direction = search.facts.direction
    let number = Int32(bitPattern: number)
    guard let place = firewall.nats.place(of: number) else {
      tracer.emit(packet.number, .nat(NatStep(number, rule, direction, .noInstance)))
      return .deny(rule: rule)
    }
    guard packet.count < Vnet.mostTranslated, machine.store.pullUp(&packet, packet.count) else {
      tracer.emit(packet.number, .nat(NatStep(number, rule, direction, .noMemory)))
      packet.header.flags.insert(.givenAway)
      return .deny(rule: rule)
    }
    let end = firewall.nats[place].library.end(direction)
    let before = T.isOn ? NatEnd(machine.store.bytes(of: packet), end) : nil
    let result =
      direction == .in
      ? firewall.nats[place].library.aliasIn(
        packet, &machine.store, &machine.random, at: machine.now)
      : firewall.nats[place].library.aliasOut(
        packet, &machine.store, &machine.random, at: machine.now)
    if T.isOn {
      var step = NatStep(number, rule, direction, NatOutcome(result))
      step.end = end
      step.mode = firewall.nats[place].library.mode
      step.link = firewall.nats[place].library.linkAge
      step.before = before
      step.after = NatEnd(machine.store.bytes(of: packet), end)
      tracer.emit(packet.number, .nat(step))
    }
    switch result {
    case .ignored, .unresolvedFragment:
      packet.header.flags.insert(.givenAway)
      return .deny(rule: rule)
    case .ok, .foundHeaderFragment: break
    }
    guard let header = IPv4Header(machine.store.bytes(of: packet)) else {
      preconditionFailure("libalias has read the header")
    }
    packet.trim(to: Int(header.totalLength))
    if header.fragmentOffset == 0, header.protocol == .tcp {
      completeMarked(packet, header, &machine.store)
    }
    return .nat(from: firewall.reference(to: index))
  }

  /// Packets from so many bytes on find no buffer in one piece (`MJUM16BYTES` in `m_megapullup`).
  private static let mostTranslated = 16_384

  /// Computes the checksum of a segment anew that has something in the reserved bits of its header
  /// (`th_x2`), and clears these: in C a sign that libalias changed its data. C looks for the bits
  /// and clears them as if the IP header had no options.
  private func completeMarked(
    _ packet: borrowing Packet, _ header: IPv4Header, _ store: inout PacketStore
  ) {
    let marks = IPv4Header.size + 12
    // Of a frame nobody has compared the lengths before.
    guard packet.count >= header.headerLength + TCPHeader.size else { return }
    let octet = store.bytes(of: packet).uint8(at: marks)
    guard octet & 0x0f != 0 else { return }
    let length = Int(header.totalLength)
    var pseudo = InternetChecksum()
    pseudo.addPseudoHeader(
      source: header.source, destination: header.destination, protocol: .tcp,
      length: length - header.headerLength)
    store.set(octet & 0xf0, at: marks, of: packet)
    store.set(~pseudo.finish(), at: IPv4Header.size + AliasOffset.tcpChecksum, of: packet)
    let checksum = InternetChecksum.checksum(
      of: store.bytes(of: packet).extracting(header.headerLength..<length))
    store.set(checksum, at: header.headerLength + AliasOffset.tcpChecksum, of: packet)
  }

  /// An interface got or loses an address: instances that follow it take its last one
  /// (`ifaddr_change`). An address that is being deleted is still there.
  mutating func natFollow(_ interface: InterfaceIndex) {
    let name = interfaces[interface].name
    for place in 0..<firewall.nats.count
    where firewall.nats[place].configuration.interface == name {
      var next = addresses.first(on: interface)
      while let index = next {
        firewall.nats[place].follow(addresses[index].address)
        next = addresses[index].nextOnInterface
      }
    }
  }
}

extension AliasLibrary {
  /// Which end of a packet is changed.
  func end(_ direction: Direction) -> PacketEnd {
    (direction == .in) != mode.contains(.reverse) ? .destination : .source
  }
}

/// What an instance of NAT did with a packet, for the trace.
package struct NatStep: BitwiseCopyable, Sendable {
  package var instance: Int32
  package var rule: UInt16
  package var direction: Direction
  package var outcome: NatOutcome
  package var link = AliasLinkAge.none
  /// The end that is changed, before and after; of ICMP the port is the identifier.
  package var end = PacketEnd.source
  package var before: NatEnd?
  package var after: NatEnd?
  package var mode: AliasMode = []

  init(_ instance: Int32, _ rule: UInt16, _ direction: Direction, _ outcome: NatOutcome) {
    self.instance = instance
    self.rule = rule
    self.direction = direction
    self.outcome = outcome
  }
}

/// How a translation went.
package enum NatOutcome: Hashable, BitwiseCopyable, Sendable {
  /// It goes on, translated where there was something to translate.
  case passes
  /// Refused, and why.
  case ignored(AliasReason)
  /// Refused: a fragment whose first one was not seen.
  case unresolvedFragment
  /// Refused: the instance does not exist.
  case noInstance
  /// Refused: too long to lie in one piece, or no buffer for that.
  case noMemory

  init(_ result: AliasResult) {
    switch result {
    case .ok, .foundHeaderFragment: self = .passes
    case .ignored(let reason): self = .ignored(reason)
    case .unresolvedFragment: self = .unresolvedFragment
    }
  }
}

/// An end of a packet, as libalias sees it.
package struct NatEnd: Hashable, BitwiseCopyable, Sendable {
  package var address: IPv4Address
  /// The port of TCP and UDP, or the identifier of an ICMP query; nil without one.
  package var port: UInt16?
  package var proto: IPProtocol
  /// A fragment behind the first one.
  package var isLaterFragment: Bool

  init?(_ bytes: RawSpan, _ end: PacketEnd) {
    guard let header = IPv4Header(bytes) else { return nil }
    address = end == .source ? header.source : header.destination
    proto = header.protocol
    isLaterFragment = header.fragmentOffset != 0
    let at = header.headerLength
    guard header.fragmentOffset == 0, at >= IPv4Header.size, bytes.byteCount >= at + 8 else {
      return
    }
    switch header.protocol {
    case .tcp, .udp: port = bytes.uint16(at: end == .source ? at : at + 2)
    case .icmp where [0, 8, 13, 14].contains(bytes.uint8(at: at)):
      port = bytes.uint16(at: at + AliasOffset.icmpID)
    default: break
    }
  }
}
