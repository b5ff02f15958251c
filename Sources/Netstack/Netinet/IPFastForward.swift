// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// Fast forwarding, up to the routing decision: `ip_fastforward` (netinet/ip_fastfwd.c).
extension Vnet {
  /// What a link layer does with an IP packet: the fast path first, where it is on, else the queue.
  ///
  /// Models the IP case of `ether_demux()`.
  @inline(__always)
  mutating func linkInputIP<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ machine: inout Machine, _ tracer: inout T
  ) {
    guard sysctl.fastforwarding, sysctl.forwarding else {
      return netisrDispatch(packet, .ip, &machine, &tracer)
    }
    ipFastForward(packet, &machine, &tracer)
  }

  /// Forwards a packet on the short way, or leaves it to `ip_input` (X2 to X19).
  ///
  /// What the C function returns to its caller, who would queue it for IP, is queued here. Drops up
  /// to the local test do not count in `ips_total`; packets that are handed back are counted by
  /// `ip_input`. A length below the header's is not checked, so a packet may be cut into its header
  /// and really sent: nothing behind here may believe that the header is there.
  private mutating func ipFastForward<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ machine: inout Machine, _ tracer: inout T
  ) {
    let number = packet.number
    tracer.emit(number, .ipFastForward(interface: packet.header.receivedOn))
    if packet.header.firstBufferCount != nil,
      let fault = gatherHeader(of: &packet, .ffToosmall, .ffBadhlenTrunc, &machine)
    {
      return drop(packet, fault, &machine, &tracer)
    }
    if let fault = fastCheck(packet, machine, &tracer) {
      return drop(packet, fault, &machine, &tracer)
    }
    guard var header = IPv4Header(machine.store.bytes(of: packet)) else {
      preconditionFailure("ip_fastforward checked that the header is there")
    }
    packet.header.flags.formUnion([.ipChecked, .ipValid])
    if packet.count > Int(header.totalLength) {
      tracer.emit(number, .waypoint(.ipTrim, UInt32(packet.count), UInt32(header.totalLength)))
      packet.trim(to: Int(header.totalLength))
    }
    if header.headerWords > 5 {
      switch machine.sysctl.processOptions {
      case 1: return netisrDispatch(packet, .ip, &machine, &tracer)
      case 2: return refuseOptions(packet, header, &machine, &tracer)
      default: break
      }
    }
    guard isForFastPath(header, packet.header) else {
      return netisrDispatch(packet, .ip, &machine, &tracer)
    }
    count(.total, number, &tracer)
    let destination = header.destination
    if hasHooks {
      let place = FilterPlace(.in, packet.header.receivedOn)
      switch pfilRunHooks(packet, place, &machine, &tracer) {
      case .pass(let passed): packet = passed
      case .denied(let refused, let rule):
        var end = End(.denied, .ffFwIn)
        end.rule = rule
        return machine.finish(refused, end, &tracer)
      case .taken: return
      }
      header = IPv4Header(machine.store.bytes(of: packet)) ?? header
      var isOurs = packet.header.flags.contains(.fastForwardOurs)
      if header.destination != destination {
        tracer.emit(number, .waypoint(.ipFwDstchg, header.destination.rawValue, 0))
        if addresses.own(header.destination) != nil { isOurs = true }
      }
      if isOurs { return forwardLocal(packet, &machine, &tracer) }
    }
    if !(machine.options.ipStealth && sysctl.stealth) {
      guard header.ttl > 1 else {
        return reply(to: packet, ICMPKind(11, 0), .ffTtl, &machine, &tracer)
      }
      decrementTTL(&header, packet, &machine, &tracer)
    }
    fastRoute(packet, header, arrivedFor: destination, &machine, &tracer)
  }

  /// The checks before options and addresses: the id of the first that fails (X2 to X8, X10).
  ///
  /// Loopback addresses come last here and before the checksum in `ip_input`; the interface does
  /// not matter.
  private func fastCheck<T: Tracer & ~Copyable>(
    _ packet: borrowing Packet, _ machine: borrowing Machine, _ tracer: inout T
  ) -> TraceID? {
    let number = packet.number
    guard let header = IPv4Header(machine.store.bytes(of: packet)) else { return .ffTooshortHdr }
    tracer.emit(number, .passed(.ffTooshortHdr, UInt32(packet.count), UInt32(IPv4Header.size)))
    guard header.version == 4 else { return .ffBadvers }
    tracer.emit(number, .passed(.ffBadvers, UInt32(header.version), 4))
    let headerLength = header.headerLength
    guard headerLength >= IPv4Header.size else { return .ffBadhlen }
    guard headerLength <= packet.count else { return .ffBadhlenTrunc }
    tracer.emit(number, .passed(.ffBadhlen, UInt32(headerLength), UInt32(packet.count)))
    if packet.header.flags.contains(.ipChecked) {
      guard packet.header.flags.contains(.ipValid) else { return .ffBadsum }
    } else {
      let sum = IPv4Header.checksum(
        of: machine.store.bytes(of: packet), headerLength: headerLength)
      guard sum == 0 else { return .ffBadsum }
    }
    tracer.emit(number, .passed(.ffBadsum, UInt32(header.checksum), 0))
    guard packet.count >= Int(header.totalLength) else { return .ffTooshort }
    tracer.emit(
      number, .passed(.ffTooshort, UInt32(packet.count), UInt32(header.totalLength)))
    if header.source.isLoopback || header.destination.isLoopback { return .ffBadaddr }
    tracer.emit(number, .passed(.ffBadaddr, header.source.rawValue, header.destination.rawValue))
    return nil
  }

  /// Answers a packet with options where none are wanted (X12).
  ///
  /// C has not turned the length and fragment fields to host order yet, and `icmp_error` takes them
  /// as if it had: on a little-endian machine it reads and quotes them with their bytes swapped.
  @inline(never)
  private mutating func refuseOptions<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    if packet.count >= IPv4Header.size {
      var bytes = machine.store.mutableBytes(of: packet)
      bytes.store(header.totalLength.byteSwapped, at: 2)
      bytes.store(header.fragment.byteSwapped, at: 6)
    }
    reply(to: packet, ICMPKind(3, 13), .ffOptReject, &machine, &tracer)
  }

  /// Whether it is an ordinary unicast for somebody else; all others are `ip_input`'s (X13, X14).
  private func isForFastPath(_ header: IPv4Header, _ packet: Packet.Record) -> Bool {
    guard packet.flags.isDisjoint(with: [.broadcast, .multicast]),
      !interfaces[packet.receivedOn].flags.contains(.IFF_LOOPBACK),
      header.source.isPlainUnicast, header.destination.isPlainUnicast
    else { return false }
    return addresses.own(header.destination) == nil
  }

  /// Takes one off the TTL and patches the checksum (X19), which keeps its error if it had one.
  private func decrementTTL<T: Tracer & ~Copyable>(
    _ header: inout IPv4Header, _ packet: borrowing Packet, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    let old = UInt16(header.ttl) << 8 | UInt16(header.protocol.rawValue)
    header.ttl -= 1
    header.checksum = InternetChecksum.update(
      checksum: header.checksum, old: old, new: old - 0x100)
    tracer.emit(packet.number, .ttl(from: header.ttl + 1, to: header.ttl))
    if packet.count < IPv4Header.size { return patchStump(packet, header, &machine) }
    var bytes = machine.store.mutableBytes(of: packet)
    bytes.store(header.ttl, at: 8)
    bytes.store(header.checksum, at: 10)
  }

  /// The same for a packet that was cut inside its header: C writes behind its end, unseen.
  @inline(never)
  private func patchStump(
    _ packet: borrowing Packet, _ header: IPv4Header, _ machine: inout Machine
  ) {
    var bytes = machine.store.mutableBytes(of: packet)
    if packet.count > 8 { bytes.store(header.ttl, at: 8) }
    if packet.count > 10 { bytes.store(UInt8(header.checksum >> 8), at: 10) }
    if packet.count > 11 { bytes.store(UInt8(truncatingIfNeeded: header.checksum), at: 11) }
  }

  /// A filter says the packet is for this host: `ip_input` takes it without another look (X17).
  @inline(never)
  mutating func forwardLocal<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ machine: inout Machine, _ tracer: inout T
  ) {
    tracer.emit(packet.number, .waypoint(.ffLocal, 0, 0))
    packet.header.flags.insert(.fastForwardOurs)
    netisrDispatch(packet, .ip, &machine, &tracer)
  }
}

extension IPv4Address {
  /// Whether the fast path forwards from or to it without asking `ip_input`.
  fileprivate var isPlainUnicast: Bool {
    !isMulticast && self != .broadcast && !isLinkLocal && self != .any
  }
}
