// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// What the filters of a bridge leave of a frame.
enum BridgeFiltered: ~Copyable {
  case pass(Packet)
  /// It is refused or somebody has it; the verdict is given.
  case gone
}

/// The headers that the filters do not see, which are put in front again.
private struct BridgeHeaders: BitwiseCopyable {
  var ethernet: EthernetHeader
  /// The SNAP header as two words of 4 bytes; nil for none.
  var snap: (UInt32, UInt32)?
  /// The type of what is inside.
  var type: EtherType

  static let snapSize = 8
}

/// The filters on a bridge and on its members (net/if_bridge.c, `bridge_pfil`).
extension Vnet {
  /// Shows a frame to the filters of a member and of the bridge, in the order of its way. `.none`
  /// leaves one out.
  @inline(never)
  mutating func bridgePfil<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ direction: Direction, bridge own: InterfaceIndex,
    member: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) -> BridgeFiltered {
    let settings = BridgeSettings(machine.sysctl)
    guard settings.filters, let headers = bridgeHeaders(of: packet, machine) else {
      return .pass(packet)
    }
    switch headers.type {
    case .arp, .rarp: if !settings.filtersArp { return .pass(packet) }
    case .ipv4, .ipv6: break
    default:
      if settings.onlyIP {
        drop(packet, .brNotip, &machine, &tracer)
        return .gone
      }
    }
    packet.trimFront(EthernetHeader.size + (headers.snap == nil ? 0 : BridgeHeaders.snapSize))
    if direction == .in, let refusal = bridgeCheckBasic(packet, headers.type, machine) {
      drop(packet, refusal, &machine, &tracer)
      return .gone
    }
    if settings.asksLayer2, firewall.isPresent, direction == .out, member != .none {
      switch bridgeLayer2(packet, headers, member: member, &machine, &tracer) {
      case .pass(let passed): packet = passed
      case .gone: return .gone
      }
    }
    guard headers.type == .ipv4 || headers.type == .ipv6 else {
      return .pass(withHeaders(packet, headers, &machine))
    }
    let stages: [3 of InterfaceIndex] = [
      direction == .out && settings.onBridge ? own : .none,
      settings.onMembers ? member : .none,
      direction == .in && settings.onBridge ? own : .none,
    ]
    var stage = 0
    var passing = packet
    while stage < 3 {
      let interface = stages[stage]
      stage += 1
      guard interface != .none else { continue }
      tell(passing, .brPfil, own, interface, .zero, &tracer)
      // The firewall goes by the interface that received the packet.
      let place = FilterPlace(
        direction, direction == .in ? passing.header.receivedOn : interface)
      switch pfilRunHooks(passing, place, &machine, &tracer) {
      case .pass(let passed): passing = passed
      case .denied(let refused, let rule):
        var end = End(.denied, .brFwDeny)
        end.rule = rule
        machine.finish(refused, end, &tracer)
        return .gone
      case .taken: return .gone
      }
    }
    guard headers.type == .ipv4 else { return .pass(withHeaders(passing, headers, &machine)) }
    return bridgeLeaveFilter(
      passing, headers, direction, own, settings.onMembers ? member : .none, &machine, &tracer)
  }

  /// Cuts what is too long for a member, and makes the checksum anew.
  private mutating func bridgeLeaveFilter<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ headers: BridgeHeaders, _ direction: Direction,
    _ own: InterfaceIndex, _ member: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) -> BridgeFiltered {
    guard var header = IPv4Header(machine.store.bytes(of: packet)),
      header.headerLength >= IPv4Header.size, header.headerLength <= packet.count
    else {
      drop(packet, .brToosmall, &machine, &tracer)
      return .gone
    }
    if member != .none, direction == .out, packet.count > Int(interfaces[member].mtu) {
      // What lies behind the datagram is no part of it.
      let length = max(Int(header.totalLength), header.headerLength)
      packet.trim(to: min(packet.count, length))
      bridgeFragment(packet, header, headers, member: member, &machine, &tracer)
      return .gone
    }
    header.checksum = 0
    writeHeader(header, packet, &machine)
    header.checksum = IPv4Header.checksum(
      of: machine.store.bytes(of: packet), headerLength: header.headerLength)
    writeHeader(header, packet, &machine)
    return .pass(withHeaders(packet, headers, &machine))
  }

  /// The headers of a frame; nil for less than one, which cannot be.
  private func bridgeHeaders(
    of packet: borrowing Packet, _ machine: borrowing Machine
  ) -> BridgeHeaders? {
    guard let ethernet = EthernetHeader(machine.store.bytes(of: packet)) else { return nil }
    var headers = BridgeHeaders(ethernet: ethernet, type: ethernet.type)
    // ETHERMTU, LLC_SNAP_LSAP and LLC_UI.
    if ethernet.type.rawValue < 1500,
      packet.count >= EthernetHeader.size + BridgeHeaders.snapSize,
      case let first = machine.store.bytes(of: packet).uint32(at: EthernetHeader.size),
      first >> 8 == 0xaaaa03
    {
      let second = machine.store.bytes(of: packet).uint32(at: EthernetHeader.size + 4)
      headers.snap = (first, second)
      headers.type = EtherType(rawValue: UInt16(truncatingIfNeeded: second))
    }
    return headers
  }

  /// Puts the headers in front again.
  private func withHeaders(
    _ packet: consuming Packet, _ headers: BridgeHeaders, _ machine: inout Machine
  ) -> Packet {
    if let snap = headers.snap {
      packet.prepend(BridgeHeaders.snapSize)
      var bytes = machine.store.mutableBytes(of: packet)
      bytes.store(snap.0, at: 0)
      bytes.store(snap.1, at: 4)
    }
    return withEthernetHeader(packet, headers, &machine)
  }

  private func withEthernetHeader(
    _ packet: consuming Packet, _ headers: BridgeHeaders, _ machine: inout Machine
  ) -> Packet {
    packet.prepend(EthernetHeader.size)
    var bytes = machine.store.mutableBytes(of: packet)
    headers.ethernet.write(into: &bytes, at: 0)
    return packet
  }

  /// Whether the headers are such as `ip_input` lets pass (`bridge_ip_checkbasic`,
  /// `bridge_ip6_checkbasic`); what of IP is counted.
  private func bridgeCheckBasic(
    _ packet: borrowing Packet, _ type: EtherType, _ machine: borrowing Machine
  ) -> TraceID? {
    if type == .ipv6 {
      let isRight = packet.count >= 40 && machine.store.bytes(of: packet).uint8(at: 0) >> 4 == 6
      return isRight ? nil : .brBadip6
    }
    guard type == .ipv4 else { return nil }
    guard let header = IPv4Header(machine.store.bytes(of: packet)) else { return .brToosmall }
    guard header.version == 4 else { return .brBadvers }
    guard header.headerLength >= IPv4Header.size, header.headerLength <= packet.count else {
      return .brBadhlen
    }
    let flags = packet.header.flags
    let isRight =
      flags.contains(.ipChecked)
      ? flags.contains(.ipValid)
      : IPv4Header.checksum(
        of: machine.store.bytes(of: packet), headerLength: header.headerLength) == 0
    guard isRight else { return .brBadsum }
    guard Int(header.totalLength) >= header.headerLength else { return .brBadlen }
    return packet.count < Int(header.totalLength) ? .brTooshort : nil
  }

  /// Shows a frame that leaves by a member to the rules of layer 2 (`net.link.bridge.ipfw`).
  private mutating func bridgeLayer2<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ headers: BridgeHeaders, member: InterfaceIndex,
    _ machine: inout Machine, _ tracer: inout T
  ) -> BridgeFiltered {
    tracer.emit(packet.number, .frameFilter(.out, interface: member))
    var place = FilterPlace(.out, member, frame: headers.ethernet)
    place.reference = packet.header.ruleReference
    packet.header.ruleReference = nil
    if isThroughOnce(packet, place, &tracer) { return .pass(packet) }
    let verdict = ipfwCheck(&packet, place, &machine, &tracer)
    tracer.emit(packet.number, .firewall(verdict.step(packet)))
    var rule: UInt16 = 0
    switch verdict {
    case .pass: return .pass(packet)
    case .deny(let denying): rule = denying
    case .dummynet(let order):
      guard machine.options.dummynet else {
        rule = order.rule
        break
      }
      // A SNAP header is gone for good.
      let frame = withEthernetHeader(packet, headers, &machine)
      let request = DummynetRequest(order, firewall.flow)
      if let back = dummynetIO(frame, .toBridge, on: member, request, &machine, &tracer) {
        drop(back, .brFwHold, &machine, &tracer)
      }
      return .gone
    case .netgraph(_, _, let reference), .reass(let reference), .nat(let reference):
      rule = firewall.number(of: reference)
    case .divert: break
    }
    var end = End(.denied, .brFwDeny)
    end.rule = rule
    machine.finish(packet, end, &tracer)
    return .gone
  }

  /// A frame comes back from dummynet and leaves by its member, if that is one still
  /// (`bridge_dummynet`).
  mutating func bridgeDummynet<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on member: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    let bridge = interfaces[member].bridge
    guard bridge != .none else { return drop(packet, .brLeft, &machine, &tracer) }
    let own = bridges[bridge].interface
    if hasHooks {
      switch bridgePfil(packet, .out, bridge: own, member: member, &machine, &tracer) {
      case .pass(let passed): packet = passed
      case .gone: return
      }
    }
    let number = packet.number
    let result = bridgeEnqueue(packet, from: own, to: member, &machine, &tracer)
    endBridged(number, result, sentAs: .brSent, &machine, &tracer)
  }

  /// Cuts a packet for a member's MTU and sends the pieces (`bridge_fragment`); the bridge counts one
  /// frame, as long as the first.
  private mutating func bridgeFragment<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, _ headers: BridgeHeaders,
    member: InterfaceIndex, _ machine: inout Machine, _ tracer: inout T
  ) {
    guard header.fragment & IPv4Header.DF == 0 else {
      return drop(packet, .brDf, &machine, &tracer)
    }
    let bridge = interfaces[member].bridge
    let own = bridge == .none ? member : bridges[bridge].interface
    let number = packet.number
    let mtu = Int(interfaces[member].mtu)
    guard case .success(let plan) = ipFragment(packet, header, mtu: mtu) else {
      return drop(packet, .outFragSmall, &machine, &tracer)
    }
    for _ in 0..<plan.count { count(.ofragments, number, &tracer) }
    for piece in 0..<plan.count {
      let child = machine.newChild()
      tracer.emit(child, .made(parent: number, birth: .fragment(number: UInt16(piece))))
      guard
        let fragment = makeFragment(piece, of: packet, header, plan, number: child, &machine)
      else {
        machine.end(child, End(.dropped, .outFragNobufs), &tracer)
        return drop(packet, .brFragnobufs, &machine, &tracer)
      }
      finishHeader(of: fragment, on: member, &machine)
      let frame = withHeaders(fragment, headers, &machine)
      if piece == 0 { countBridged(frame, on: own) }
      let result = bridgeTransmit(frame, to: member, &machine, &tracer)
      endBridged(child, result, sentAs: .brSent, &machine, &tracer)
    }
    count(.fragmented, number, &tracer)
    var end = End(.sent, .brFragsent)
    end.interface = member
    machine.finish(packet, end, &tracer)
  }
}

/// What `net.link.bridge` says of filters.
private struct BridgeSettings: BitwiseCopyable {
  var onlyIP: Bool
  var onBridge: Bool
  var onMembers: Bool
  var asksLayer2: Bool
  var filtersArp: Bool

  init(_ sysctl: borrowing MachineSysctls) {
    onlyIP = sysctl.bridgePfilOnlyIP
    onBridge = sysctl.bridgePfilBridge
    onMembers = sysctl.bridgePfilMember
    asksLayer2 = sysctl.bridgeIpfw
    filtersArp = sysctl.bridgeIpfwArp
  }

  var filters: Bool { onBridge || onMembers || asksLayer2 }
}
