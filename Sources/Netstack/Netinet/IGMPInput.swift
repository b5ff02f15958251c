// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// IGMP messages for this host: `igmp_input` (netinet/igmp.c).
extension Vnet {
  /// The shortest query of version 3 (`IGMP_V3_QUERY_MINLEN`).
  private static let version3QueryLength = 12
  /// The first number of sources whose length in bytes does not fit C's 16 bits.
  private static let tooManySources = 16_384

  /// Checks a message, heeds queries and other hosts' reports, and gives all that is well formed to
  /// the raw sockets.
  mutating func igmpInput<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    let number = packet.number
    let offset = header.headerLength
    count(igmp: .rcvTotal, number, &tracer)
    guard
      let igmp = IGMPHeader(
        machine.store.bytes(of: packet).extracting(droppingFirst: offset))
    else {
      count(igmp: .rcvTooshort, number, &tracer)
      return drop(packet, .igmpShort, &machine, &tracer)
    }
    let length = packet.count - offset
    tracer.emit(number, .passed(.igmpShort, UInt32(length), UInt32(IGMPHeader.size)))
    guard header.ttl == 1 else {
      count(igmp: .rcvBadttl, number, &tracer)
      return drop(packet, .igmpBadttl, &machine, &tracer)
    }
    tracer.emit(number, .passed(.igmpBadttl, UInt32(header.ttl), 1))
    let sum = InternetChecksum.checksum(
      of: machine.store.bytes(of: packet).extracting(droppingFirst: offset))
    guard sum == 0 else {
      count(igmp: .rcvBadsum, number, &tracer)
      return drop(packet, .igmpBadsum, &machine, &tracer)
    }
    tracer.emit(number, .passed(.igmpBadsum, UInt32(igmp.checksum), 0))
    if let fault = igmpHandle(packet, header, igmp, length, &machine, &tracer) {
      return drop(packet, fault, &machine, &tracer)
    }
    let header = IPv4Header(machine.store.bytes(of: packet)) ?? header
    ripInput(packet, header, &machine, &tracer)
  }

  /// What each type leads to; the id of a message that raw sockets do not get.
  private mutating func igmpHandle<T: Tracer & ~Copyable>(
    _ packet: borrowing Packet, _ header: IPv4Header, _ igmp: IGMPHeader, _ length: Int,
    _ machine: inout Machine, _ tracer: inout T
  ) -> TraceID? {
    let number = packet.number
    // The membership query, and the reports that IGMPReport sends.
    if igmp.type == 0x11 {
      if length == IGMPHeader.size {
        igmpOldQuery(packet, header, igmp, &machine, &tracer)
        return nil
      }
      guard length >= Vnet.version3QueryLength else {
        count(igmp: .rcvTooshort, number, &tracer)
        return .igmpShort
      }
      return igmpVersion3Query(packet, header, igmp, length, &machine, &tracer)
    }
    switch IGMPReport(rawValue: igmp.type) {
    case .version1 where sysctl.igmpV1enable:
      count(igmp: .rcvReports, number, &tracer)
      guard hearsQueries(packet.header.receivedOn) else { return nil }
      // A parenthesis is misplaced in 8.0: no group passes its test.
      count(igmp: .rcvBadreports, number, &tracer)
      return .igmpBadreport
    case .version2 where sysctl.igmpV2enable:
      if !hasRouterAlert(packet, header, machine) { count(igmp: .rcvNora, number, &tracer) }
      return igmpVersion2Report(packet, header, igmp, &machine, &tracer)
    case .version3:
      if !hasRouterAlert(packet, header, machine) { count(igmp: .rcvNora, number, &tracer) }
      return nil
    case .version1, .version2, .leave, nil: return nil
    }
  }

  /// A query of version 1 or 2: 8 bytes, told apart by the time it gives (`igmp_input_v1_query`,
  /// `igmp_input_v2_query`).
  private mutating func igmpOldQuery<T: Tracer & ~Copyable>(
    _ packet: borrowing Packet, _ header: IPv4Header, _ igmp: IGMPHeader,
    _ machine: inout Machine, _ tracer: inout T
  ) {
    let number = packet.number
    let received = packet.header.receivedOn
    let isForAll = header.destination == .allHostsGroup
    count(igmp: .rcvV1v2Queries, number, &tracer)
    if igmp.code == 0 {
      guard sysctl.igmpV1enable else { return }
      guard isForAll, igmp.group == .any else {
        return count(igmp: .rcvBadqueries, number, &tracer)
      }
      count(igmp: .rcvGenQueries, number, &tracer)
      guard hearsQueries(received) else { return }
      igmpSetVersion(1, on: received, machine)
      askGroups(nil, on: received, ticks: Vnet.oldResponseSeconds * Vnet.fastTicks, 1, &machine)
    } else {
      guard sysctl.igmpV2enable else { return }
      let isGeneral = igmp.group == .any
      guard isForAll || !isGeneral else { return }
      count(igmp: isGeneral ? .rcvGenQueries : .rcvGroupQueries, number, &tracer)
      guard hearsQueries(received), igmpVersion(on: received, now: machine.now) != 1 else {
        return
      }
      igmpSetVersion(2, on: received, machine)
      askGroups(
        isGeneral ? nil : igmp.group, on: received, ticks: Vnet.ticks(tenths: UInt32(igmp.code)),
        2, &machine)
    }
    setFastTimer(&machine)
  }

  /// Makes groups report within a time, unless they are to report sooner already
  /// (`igmp_v2_update_group`). Version 1 leaves every timer that runs alone.
  private mutating func askGroups(
    _ group: IPv4Address?, on interface: InterfaceIndex, ticks: UInt32, _ version: UInt8,
    _ machine: inout Machine
  ) {
    for place in 0..<multicast.groups.count {
      let membership = multicast.groups[place]
      guard membership.interface == interface, group == nil || group == membership.group else {
        continue
      }
      let isRunning = membership.timer > 0
      switch membership.state {
      case .silent, .leaving: continue
      case .reporting, .idle, .lazy, .groupQueryPending:
        if version == 1 && isRunning { continue }
        if membership.state == .reporting && isRunning && membership.timer <= ticks { continue }
      }
      multicast.groups[place].state = .reporting
      multicast.groups[place].timer = machine.igmpDelay(ticks)
    }
  }

  /// A query of version 3: 12 bytes and the sources asked for (`igmp_input_v3_query`).
  private mutating func igmpVersion3Query<T: Tracer & ~Copyable>(
    _ packet: borrowing Packet, _ header: IPv4Header, _ igmp: IGMPHeader, _ length: Int,
    _ machine: inout Machine, _ tracer: inout T
  ) -> TraceID? {
    let number = packet.number
    let received = packet.header.receivedOn
    count(igmp: .rcvV3Queries, number, &tracer)
    // A byte of flags with the robustness, the query interval's code, the number of sources.
    let rest = machine.store.bytes(of: packet)
      .uint32(at: header.headerLength + IGMPHeader.size)
    let sources = Int(rest & 0xffff)
    guard sources < Vnet.tooManySources else {
      count(igmp: .rcvTooshort, number, &tracer)
      return .igmpV3srcs
    }
    guard length >= Vnet.version3QueryLength + sources * 4 else {
      count(igmp: .rcvTooshort, number, &tracer)
      return .igmpShort
    }
    let isGeneral = igmp.group == .any
    if isGeneral {
      count(igmp: .rcvGenQueries, number, &tracer)
      guard header.destination == .allHostsGroup, sources == 0 else {
        count(igmp: .rcvBadqueries, number, &tracer)
        return nil
      }
    } else {
      count(igmp: sources == 0 ? .rcvGroupQueries : .rcvGsrQueries, number, &tracer)
    }
    guard hearsQueries(received), igmpVersion(on: received, now: machine.now) == 3 else {
      return nil
    }
    // A robustness below 2 stands for the default.
    multicast[received].robustness = max(rest >> 24 & 7, 2)
    multicast[received].queryInterval = Vnet.igmpTime(UInt8(rest >> 16 & 0xff))
    multicast[received].responseInterval = Vnet.igmpTime(igmp.code)
    let ticks = Vnet.ticks(tenths: Vnet.igmpTime(igmp.code))
    let general = multicast[received].generalTimer
    if isGeneral {
      if general == 0 || general >= ticks {
        multicast[received].generalTimer = machine.igmpDelay(ticks)
      }
    } else if let place = multicast.find(igmp.group, on: received) {
      if sources > 0 {
        guard heedsSourceQuery(place, machine) else {
          count(igmp: .dropGsrQueries, number, &tracer)
          return nil
        }
        // Only a member with a source filter would have something to say of these sources.
      } else if general == 0 || general >= ticks {
        askGroup(at: place, ticks: ticks, &machine)
      }
    }
    setFastTimer(&machine)
    return nil
  }

  /// A group's answer is due within a time, or sooner if it was (`igmp_input_v3_group_query`).
  private mutating func askGroup(at place: Int, ticks: UInt32, _ machine: inout Machine) {
    switch multicast.groups[place].state {
    case .silent, .idle, .lazy, .leaving: return
    case .reporting:
      multicast.groups[place].timer = machine.igmpDelay(ticks)
    case .groupQueryPending:
      multicast.groups[place].timer = machine.igmpDelay(
        min(multicast.groups[place].timer, ticks))
    }
    multicast.groups[place].state = .groupQueryPending
  }

  /// Whether enough time passed since the last query for sources of the group (`ratecheck`).
  private mutating func heedsSourceQuery(_ place: Int, _ machine: borrowing Machine) -> Bool {
    if let last = multicast.groups[place].lastSourceQuery {
      let passed = Int64((machine.now.nanoseconds - last.nanoseconds) / 1_000_000_000)
      guard passed >= sysctl[.igmpGsrdelay] else { return false }
    }
    multicast.groups[place].lastSourceQuery = machine.now
    return true
  }

  /// Another host's report of version 2: ours of the same group is not needed
  /// (`igmp_input_v2_report`).
  private mutating func igmpVersion2Report<T: Tracer & ~Copyable>(
    _ packet: borrowing Packet, _ header: IPv4Header, _ igmp: IGMPHeader,
    _ machine: inout Machine, _ tracer: inout T
  ) -> TraceID? {
    let number = packet.number
    let received = packet.header.receivedOn
    let own = received == .none ? nil : addresses.first(on: received)
    if let own, addresses[own].address == header.source { return nil }
    count(igmp: .rcvReports, number, &tracer)
    guard hearsQueries(received) else { return nil }
    guard igmp.group.isMulticast, igmp.group == header.destination else {
      count(igmp: .rcvBadreports, number, &tracer)
      return .igmpBadreport
    }
    // A host that boots has no address yet; the raw sockets see the network's instead.
    if sysctl.igmpRecvifkludge, header.source == .any, let own {
      var bytes = machine.store.mutableBytes(of: packet)
      bytes.store(addresses[own].subnet.rawValue, at: 12)
      tracer.emit(number, .sourceChosen(addresses[own].subnet))
    }
    guard let place = multicast.find(igmp.group, on: received) else { return nil }
    count(igmp: .rcvOurreports, number, &tracer)
    if igmpVersion(on: received, now: machine.now) == 3 {
      guard sysctl.igmpLegacysupp, multicast.groups[place].state == .groupQueryPending else {
        return nil
      }
      multicast.groups[place].timer = 0
      multicast.groups[place].state = .reporting
      return nil
    }
    multicast.groups[place].timer = 0
    switch multicast.groups[place].state {
    case .reporting, .idle: multicast.groups[place].state = .lazy
    case .silent, .lazy, .groupQueryPending, .leaving: break
    }
    return nil
  }

  /// Whether there can be other hosts behind the interface: not behind a loopback.
  private func hearsQueries(_ interface: InterfaceIndex) -> Bool {
    interface != .none && !interfaces[interface].flags.contains(.IFF_LOOPBACK)
  }

  /// Whether the header has a Router Alert that asks for nothing special (`ip_checkrouteralert`).
  private func hasRouterAlert(
    _ packet: borrowing Packet, _ header: IPv4Header, _ machine: borrowing Machine
  ) -> Bool {
    var position = IPv4Header.size
    while position < header.headerLength {
      let option = machine.store.option(at: position, of: packet, header.headerLength)
      guard option.type != .endOfList, !option.isMalformed else { return false }
      if option.type == .routerAlert, option.length == 4,
        machine.store.bytes(of: packet).uint16(at: position + 2) == 0
      {
        return true
      }
      position += option.length
    }
    return false
  }

  /// Fast ticks in a time of tenths of a second; at least one.
  private static func ticks(tenths: UInt32) -> UInt32 { max(tenths * fastTicks / 10, 1) }

  /// A time code of version 3: above 127 a mantissa and an exponent, of which 8.0 forgets the
  /// mantissa's hidden bit (`IGMP_MANT`; RFC 3376, 4.1.1, has it).
  private static func igmpTime(_ code: UInt8) -> UInt32 {
    code < 128 ? UInt32(code) : UInt32(code & 0xf) << (UInt32(code >> 4 & 7) + 3)
  }
}
