// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// The messages that a host sends (RFC 1112, 2236, 3376).
package enum IGMPReport: UInt8, Hashable, BitwiseCopyable, Sendable {
  case version1 = 0x12
  case version2 = 0x16
  case leave = 0x17
  case version3 = 0x22
}

/// A group record of version 3 without sources (`struct igmp_grouprec`).
struct IGMPRecord: BitwiseCopyable {
  /// What it says of the group (RFC 3376, 4.2.12); `exclude` of nothing is a member for any source.
  enum Kind: UInt8, BitwiseCopyable {
    case modeIsExclude = 2
    case toInclude = 3
    case toExclude = 4
  }

  static let size = 8
  var kind: Kind
  var group: IPv4Address

  init(_ kind: Kind, _ group: IPv4Address) {
    self.kind = kind
    self.group = group
  }
}

/// How full a version 3 report may get: C compares differently in its two places.
enum IGMPReportLimit: BitwiseCopyable {
  case answer, change

  /// How many records one message takes.
  func records(mtu: UInt32) -> Int {
    // IGMP_LEADINGSPACE: the IP header, the Router Alert option, the report's own header.
    let room = Int(mtu) - (IPv4Header.size + 4 + IGMPHeader.size)
    let whole = room / IGMPRecord.size
    // An answer must stay below the limit, a change may reach it.
    return max(self == .answer && room % IGMPRecord.size == 0 ? whole - 1 : whole, 1)
  }
}

/// Sending reports (`igmp_v1v2_queue_report`, `igmp_v3_encap_report`, `igmp_intr`).
extension Vnet {
  /// Sends a report or leave message of version 1 or 2.
  ///
  /// - Returns: `ENOBUFS` where there is no memory for it; what becomes of it nobody hears.
  mutating func igmpReport<T: Tracer & ~Copyable>(
    _ kind: IGMPReport, _ group: IPv4Address, on interface: InterfaceIndex,
    _ machine: inout Machine, _ tracer: inout T
  ) -> Errno? {
    let target = kind == .leave ? IPv4Address.allRoutersGroup : group
    let length = IPv4Header.size + IGMPHeader.size
    guard let packet = igmpPacket(kind, length, to: target, &machine, &tracer) else {
      return .ENOBUFS
    }
    var bytes = machine.store.mutableBytes(of: packet)
    IGMPHeader(type: kind.rawValue, group: group).write(into: &bytes, at: IPv4Header.size)
    igmpDispatch(packet, on: interface, &machine, &tracer)
    return nil
  }

  /// Sends reports of version 3 with these records, as many messages as the MTU asks for.
  mutating func igmpSendRecords<T: Tracer & ~Copyable>(
    _ records: borrowing UniqueArray<IGMPRecord>, on interface: InterfaceIndex,
    limit: IGMPReportLimit, _ machine: inout Machine, _ tracer: inout T
  ) {
    let most = limit.records(mtu: interfaces[interface].mtu)
    var start = 0
    while start < records.count {
      let count = min(most, records.count - start)
      let length = IPv4Header.size + IGMPHeader.size + count * IGMPRecord.size
      guard
        let packet = igmpPacket(.version3, length, to: .allReportsGroup, &machine, &tracer)
      else { return }
      var bytes = machine.store.mutableBytes(of: packet)
      // The number of records stands where other messages have the group's low half.
      let group = IPv4Address(rawValue: UInt32(count))
      IGMPHeader(type: IGMPReport.version3.rawValue, group: group)
        .write(into: &bytes, at: IPv4Header.size)
      var offset = IPv4Header.size + IGMPHeader.size
      for place in start..<start + count {
        bytes.store(UInt32(records[place].kind.rawValue) << 24, at: offset)
        bytes.store(records[place].group.rawValue, at: offset + 4)
        offset += IGMPRecord.size
      }
      igmpDispatch(packet, on: interface, &machine, &tracer)
      start += count
    }
  }

  /// A packet with its IP header, from nobody yet: `ip_output` fills in the source. A packet of its
  /// own, since a timer or a system call sets it off.
  private func igmpPacket<T: Tracer & ~Copyable>(
    _ kind: IGMPReport, _ length: Int, to target: IPv4Address, _ machine: inout Machine,
    _ tracer: inout T
  ) -> Packet? {
    let number = machine.newRoot()
    tracer.emit(number, .made(parent: number, birth: .igmpReport(kind)))
    guard var packet = machine.store.allocate(count: length, number: number) else {
      machine.end(number, End(.dropped, .outQfull), &tracer)
      return nil
    }
    packet.header.vnet = index
    let isVersion3 = kind == .version3
    let header = IPv4Header(
      tos: isVersion3 ? Vnet.internetControl : 0, totalLength: UInt16(length),
      fragment: isVersion3 ? IPv4Header.DF : 0, ttl: 1, protocol: .igmp, source: .any,
      destination: target)
    var bytes = machine.store.mutableBytes(of: packet)
    header.write(into: &bytes, at: 0)
    return packet
  }

  /// `IPTOS_PREC_INTERNETCONTROL`.
  private static let internetControl: UInt8 = 0xc0

  /// Makes the checksum and hands the message to netisr, with the index of the interface that it is
  /// for (`igmp_save_context`, `igmp_dispatch_queue`).
  private mutating func igmpDispatch<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, on interface: InterfaceIndex, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    let sum = InternetChecksum.checksum(
      of: machine.store.bytes(of: packet).extracting(droppingFirst: IPv4Header.size))
    var bytes = machine.store.mutableBytes(of: packet)
    bytes.store(sum, at: IPv4Header.size + 2)
    packet.header.flowID = UInt32(interface.rawValue)
    netisrDispatch(packet, .igmp, &machine, &tracer)
  }

  /// Adds Router Alert and sends a message; our own copy is not wanted (`igmp_intr`).
  mutating func igmpIntr<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ machine: inout Machine, _ tracer: inout T
  ) {
    let interface = InterfaceIndex(rawValue: UInt16(truncatingIfNeeded: packet.header.flowID))
    guard interfaces[interface].index == interface, interface != .none else {
      count(.noroute, packet.number, &tracer)
      return drop(packet, .isrGone, &machine, &tracer)
    }
    packet.header.flowID = 0
    packet.header.receivedOn = loopback
    let type = machine.store.bytes(of: packet).uint8(at: IPv4Header.size)
    if sysctl.igmpSendra, type != IGMPReport.version1.rawValue {
      ipInsertOptions(.routerAlert, into: &packet, &machine, &tracer)
    }
    if T.isOn {
      tracer.recordBytes(packet.number, .made, machine.store.bytes(of: packet))
    }
    let record = packet.header
    let request = OutputRequest(
      multicast: MulticastOptions(interface: interface, ttl: 1, loops: false))
    let result = ipOutput(packet, request, &machine, &tracer)
    if result.errno == nil { count(igmp: .sndReports, record.number, &tracer) }
    endOutput(record, result, ttl: 1, &machine, &tracer)
  }
}

extension OptionBytes {
  /// Router Alert with value 0 (RFC 2113).
  static var routerAlert: OptionBytes {
    var options = OptionBytes()
    options.append(IPv4OptionType.routerAlert.rawValue)
    options.append(4)
    options.append(0)
    options.append(0)
    return options
  }
}
