// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// ICMP messages for this host: `icmp_input` (netinet/ip_icmp.c).
extension Vnet {
  /// What a quoted packet must have at least: its header and eight bytes (`ICMP_ADVLENMIN`).
  private static let advisedMinimum = 8 + IPv4Header.size + 8

  /// What an ICMP message leads to once it is counted.
  private enum ICMPAction {
    /// Given to the raw sockets.
    case raw
    /// Turned round as this type.
    case reflect(ICMPType)
    case drop(TraceID)
  }

  /// Answers requests, notes errors and redirects, and gives the rest to the raw sockets.
  mutating func icmpInput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    let number = packet.number
    let offset = header.headerLength
    let length = packet.count - offset
    guard length >= Vnet.icmpMinimum,
      let icmp = ICMPHeader(
        machine.store.bytes(of: packet).extracting(droppingFirst: offset))
    else {
      count(icmp: .tooshort, number, &tracer)
      return drop(packet, .icmpShort, &machine, &tracer)
    }
    let sum = InternetChecksum.checksum(
      of: machine.store.bytes(of: packet).extracting(droppingFirst: offset))
    guard sum == 0 else {
      count(icmp: .checksum, number, &tracer)
      return drop(packet, .icmpBadsum, &machine, &tracer)
    }
    if icmp.type.rawValue <= Vnet.icmpMaxType {
      statistics.icmp.countInput(type: icmp.type.rawValue)
      tracer.emit(number, .counted(.icmpIn(type: icmp.type.rawValue)))
    }
    switch icmpAction(packet, header, icmp, length: length, &machine, &tracer) {
    case .raw: ripInput(packet, header, &machine, &tracer)
    case .drop(let id): drop(packet, id, &machine, &tracer)
    case .reflect(let type): reflectRequest(packet, header, as: type, &machine, &tracer)
    }
  }

  /// The largest type that has a place in the histograms (`ICMP_MAXTYPE`).
  private static let icmpMaxType: UInt8 = 40

  /// Turns a request round in its own buffer: the answer is a child with the request's bytes.
  private mutating func reflectRequest<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, as type: ICMPType,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    let number = packet.number
    count(icmp: .reflect, number, &tracer)
    statistics.icmp.countOutput(type: type.rawValue)
    tracer.emit(number, .counted(.icmpOut(type: type.rawValue)))
    var bytes = machine.store.mutableBytes(of: packet)
    bytes.store(type.rawValue, at: header.headerLength)
    let child = machine.newChild()
    tracer.emit(child, .made(parent: number, birth: .icmpReply(type: type.rawValue)))
    var end = End(.delivered, .icmpReflect)
    end.interface = packet.header.receivedOn
    machine.end(number, end, &tracer)
    packet.header.number = child
    if packet.header.fib != .zero { packet.header.fibChooser = .reply }
    icmpReflect(packet, &machine, &tracer)
  }

  /// What each type leads to.
  private mutating func icmpAction<T: Tracer & ~Copyable>(
    _ packet: borrowing Packet, _ header: IPv4Header, _ icmp: ICMPHeader, length: Int,
    _ machine: inout Machine, _ tracer: inout T
  ) -> ICMPAction {
    let number = packet.number
    let isLinkGroup = !packet.header.flags.isDisjoint(with: [.broadcast, .multicast])
    switch icmp.type {
    case .unreach:
      return icmpNotify(packet, header, icmp, length, mostCode: 15, &machine, &tracer)
    case .timxceed, .paramprob:
      return icmpNotify(packet, header, icmp, length, mostCode: 1, &machine, &tracer)
    case .sourceQuench:
      return icmpNotify(packet, header, icmp, length, mostCode: 0, &machine, &tracer)
    case .echo:
      if !sysctl.bmcastecho, isLinkGroup {
        count(icmp: .bmcastecho, number, &tracer)
        tracer.emit(number, .waypoint(.icmpBmcast, 0, 0))
        return .raw
      }
      return bandlimAllows(.echo, &machine) ? .reflect(.echoReply) : .drop(.icmpBandlim)
    case .tstamp:
      if !sysctl.bmcastecho, isLinkGroup {
        count(icmp: .bmcasttstamp, number, &tracer)
        tracer.emit(number, .waypoint(.icmpBmcast, 0, 0))
        return .raw
      }
      return timestampReply(packet, header, length, &machine, &tracer)
    case .maskreq:
      return maskReply(packet, header, length, &machine)
    case .redirect:
      return redirectInput(packet, header, icmp, length, &machine, &tracer)
    default:
      tracer.emit(number, .waypoint(.icmpPassive, UInt32(icmp.type.rawValue), 0))
      return .raw
    }
  }

  /// An error about a packet of ours: checked, and given to whoever listens ("deliver").
  private mutating func icmpNotify<T: Tracer & ~Copyable>(
    _ packet: borrowing Packet, _ header: IPv4Header, _ icmp: ICMPHeader, _ length: Int,
    mostCode: UInt8, _ machine: inout Machine, _ tracer: inout T
  ) -> ICMPAction {
    let number = packet.number
    guard icmp.code <= mostCode else { return badCode(number, &tracer) }
    let offset = header.headerLength
    guard length >= Vnet.advisedMinimum else { return badLength(number, &tracer) }
    let quoted = offset + Vnet.icmpMinimum
    let words = machine.store.bytes(of: packet).uint8(at: quoted) & 0xf
    let destination = IPv4Address(
      rawValue: machine.store.bytes(of: packet).uint32(at: quoted + 16))
    guard words >= 5, length >= Vnet.icmpMinimum + Int(words) * 4 + 8 else {
      return badLength(number, &tracer)
    }
    guard !destination.isMulticast else { return badCode(number, &tracer) }
    tracer.emit(number, .waypoint(.icmpNotified, destination.rawValue, 0))
    controlInput(packet, quotedAt: quoted, icmp, &machine, &tracer)
    return .raw
  }

  private mutating func badCode<T: Tracer & ~Copyable>(
    _ number: PacketNumber, _ tracer: inout T
  ) -> ICMPAction {
    count(icmp: .badcode, number, &tracer)
    tracer.emit(number, .waypoint(.icmpBadcode, 0, 0))
    return .raw
  }

  private mutating func badLength<T: Tracer & ~Copyable>(
    _ number: PacketNumber, _ tracer: inout T
  ) -> ICMPAction {
    count(icmp: .badlen, number, &tracer)
    return .drop(.icmpBadlen)
  }

  /// Fills in the times of a timestamp request: received and sent at the same millisecond.
  private mutating func timestampReply<T: Tracer & ~Copyable>(
    _ packet: borrowing Packet, _ header: IPv4Header, _ length: Int, _ machine: inout Machine,
    _ tracer: inout T
  ) -> ICMPAction {
    guard length >= 20 else {
      count(icmp: .badlen, packet.number, &tracer)
      return .raw
    }
    guard bandlimAllows(.tstamp, &machine) else { return .drop(.icmpBandlim) }
    let time = machine.millisecondsSinceMidnight
    var bytes = machine.store.mutableBytes(of: packet)
    bytes.store(time, at: header.headerLength + 12)
    bytes.store(time, at: header.headerLength + 16)
    return .reflect(.tstampreply)
  }

  /// Fills in our mask for a request, where `net.inet.icmp.maskrepl` allows it.
  private mutating func maskReply(
    _ packet: borrowing Packet, _ header: IPv4Header, _ length: Int, _ machine: inout Machine
  ) -> ICMPAction {
    guard sysctl.maskrepl, length >= 12 else { return .raw }
    let asksAll = header.destination == .broadcast || header.destination == .any
    let subject = asksAll ? header.source : header.destination
    let received = packet.header.receivedOn
    guard received != .none, let address = ifaOf(interface: received, for: subject) else {
      return .raw
    }
    let record = addresses[address]
    let fake = sysctl.maskfake
    // The fake mask goes out as it lies in memory.
    let mask = fake == 0 ? record.mask.rawValue : fake.byteSwapped
    var source = header.source
    if source == .any {
      if interfaces[received].flags.contains(.IFF_BROADCAST) {
        source = record.broadcast
      } else if interfaces[received].flags.contains(.IFF_POINTOPOINT), let peer = record.peer {
        source = peer
      }
    }
    var bytes = machine.store.mutableBytes(of: packet)
    bytes.store(mask, at: header.headerLength + 8)
    bytes.store(source.rawValue, at: 12)
    return .reflect(.maskreply)
  }

  /// A redirect: believed by hosts, applied to every table.
  private mutating func redirectInput<T: Tracer & ~Copyable>(
    _ packet: borrowing Packet, _ header: IPv4Header, _ icmp: ICMPHeader, _ length: Int,
    _ machine: inout Machine, _ tracer: inout T
  ) -> ICMPAction {
    let number = packet.number
    let offset = header.headerLength + Vnet.icmpMinimum
    let gateway = IPv4Address(rawValue: icmp.rest)
    if sysctl.logRedirect, length >= Vnet.advisedMinimum {
      let subject = IPv4Address(
        rawValue: machine.store.bytes(of: packet).uint32(at: offset + 16))
      machine.log("icmp redirect from \(header.source): \(subject) => \(gateway)")
    }
    if sysctl.dropRedirect || sysctl.forwarding {
      tracer.emit(number, .waypoint(.icmpRedirectIgnored, 0, 0))
      return .raw
    }
    guard icmp.code <= 3 else { return badCode(number, &tracer) }
    guard length >= Vnet.advisedMinimum else {
      count(icmp: .badlen, number, &tracer)
      return .raw
    }
    let words = machine.store.bytes(of: packet).uint8(at: offset) & 0xf
    guard words >= 5, length >= Vnet.icmpMinimum + Int(words) * 4 + 8 else {
      count(icmp: .badlen, number, &tracer)
      return .raw
    }
    let subject = IPv4Address(
      rawValue: machine.store.bytes(of: packet).uint32(at: offset + 16))
    for fib in 0..<routes.fibCount {
      rtredirect(
        destination: subject, gateway: gateway, from: header.source,
        fib: FibNumber(rawValue: UInt8(fib)), now: machine.now)
    }
    startRouteSweeps(&machine)
    tracer.emit(number, .waypoint(.icmpRedirected, subject.rawValue, gateway.rawValue))
    return .raw
  }
}
