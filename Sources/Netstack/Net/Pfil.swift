// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// What the filters leave of a packet.
enum Filtered: ~Copyable {
  case pass(Packet)
  /// Refused by this rule; the caller ends it.
  case denied(Packet, rule: UInt16)
  /// Somebody has it and has given the verdict; what the hook returns.
  case taken(Errno?)
}

extension Vnet {
  /// Whether any filter wants to see packets (`PFIL_HOOKED`).
  @inline(__always)
  var hasHooks: Bool { firewall.isPresent && sysctl.fwEnable }

  /// Shows a packet to the filters (`pfil_run_hooks`, net/pfil.c): the firewall is the only one.
  ///
  /// What `ipfw_check_in()` and `ipfw_check_out()` of netinet/ipfw/ip_fw_pfil.c do around it is here
  /// too: a rule's next hop replaces one that an earlier pass left, and one of our own addresses marks
  /// the packet as ours.
  mutating func pfilRunHooks<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ place: FilterPlace, _ machine: inout Machine, _ tracer: inout T
  ) -> Filtered {
    guard hasHooks else { return .pass(packet) }
    tracer.emit(packet.number, .pfil(place.direction, interface: place.interface))
    var earlier = packet.header.forwardTag
    packet.header.forwardTag = nil
    var place = place
    place.reference = packet.header.ruleReference
    packet.header.ruleReference = nil
    var restarts = 0
    while true {
      let isThrough = isThroughOnce(packet, place, &tracer)
      switch isThrough ? .pass : ipfwCheck(&packet, place, &machine, &tracer) {
      case .pass:
        if let tag = packet.header.forwardTag {
          if addresses.own(tag.address) != nil { packet.header.flags.insert(.fastForwardOurs) }
        } else {
          packet.header.forwardTag = earlier
        }
        return .pass(packet)
      case .deny(let rule): return .denied(packet, rule: rule)
      case .dummynet(let request):
        // C goes round without end with a packet that is neither IPv4 nor IPv6.
        guard machine.options.dummynet,
          let exit = DummynetExit(place.direction, machine.store.bytes(of: packet))
        else { return .denied(packet, rule: request.rule) }
        packet.header.forwardTag = earlier
        guard
          let back = dummynetIO(
            packet, exit, on: place.interface, request, &machine, &tracer)
        else { return .taken(nil) }
        packet = back
        packet.header.forwardTag = nil
        place.reference = packet.header.ruleReference
        packet.header.ruleReference = nil
      case .divert(let isTee):
        // C goes round without end where a state's rule is a tee; see Docs/Fidelity.md.
        restarts += 1
        guard restarts <= Vnet.mostRestarts else {
          let rule = packet.header.divertTag?.cookie ?? 0
          return .denied(packet, rule: rule)
        }
        guard
          let rest = ipfwDivert(packet, place.direction, isTee: isTee, &machine, &tracer)
        else { return .taken(nil) }
        packet = rest
        place.reference = nil
      case .netgraph(_, let isTee, let reference):
        // No node is ever connected to a hook: a copy vanishes, and so does the packet itself.
        restarts += 1
        guard isTee, restarts <= Vnet.mostRestarts else {
          let rule = firewall.rules[Int(reference.index)].number
          return .denied(packet, rule: rule)
        }
        place.reference = reference
      case .reass(let reference):
        packet.header.forwardTag = earlier
        guard
          let datagram = filterReass(
            packet, heldAs: .reassHeld, swapsLength: true, &machine, &tracer)
        else { return .taken(.EACCES) }
        packet = datagram
        earlier = packet.header.forwardTag
        packet.header.forwardTag = nil
        place.reference = reference
      }
    }
  }

  /// Whether a packet comes back to a rule that had it, and need not be shown to the others.
  @inline(__always)
  func isThroughOnce<T: Tracer & ~Copyable>(
    _ packet: borrowing Packet, _ place: FilterPlace, _ tracer: inout T
  ) -> Bool {
    guard let reference = place.reference, sysctl.fwOnePass else { return false }
    tracer.emit(packet.number, .onePass(rule: firewall.number(of: reference)))
    return true
  }

  /// Gives a fragment to reassembly in the middle of the rules, and makes the checksum that the
  /// datagram's header needs.
  ///
  /// - Parameters:
  ///   - id: What the verdict of a fragment that is kept says.
  ///   - swapsLength: As `O_REASS` makes it: C sums the length in the order of its processor, and the
  ///     checksum is wrong on a little-endian machine. Output makes its own; the fast path does not.
  @inline(never)
  mutating func filterReass<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, heldAs id: TraceID, swapsLength: Bool, _ machine: inout Machine,
    _ tracer: inout T
  ) -> Packet? {
    // Frames were not checked yet, and the fast path lets lengths below the header's pass.
    guard let fragment = IPv4Header(machine.store.bytes(of: packet)),
      fragment.headerLength >= IPv4Header.size, fragment.headerLength <= packet.count,
      fragment.headerLength <= Int(fragment.totalLength)
    else {
      drop(packet, .reassBadlen, &machine, &tracer)
      return nil
    }
    guard let datagram = ipReass(packet, fragment, heldAs: id, &machine, &tracer),
      var header = IPv4Header(machine.store.bytes(of: datagram))
    else { return nil }
    let length = header.totalLength
    header.checksum = 0
    if swapsLength { header.totalLength = length.byteSwapped }
    writeHeader(header, datagram, &machine)
    header.checksum = IPv4Header.checksum(
      of: machine.store.bytes(of: datagram), headerLength: header.headerLength)
    header.totalLength = length
    writeHeader(header, datagram, &machine)
    return datagram
  }

  /// How often one packet may come back from a tee before it is taken for a loop.
  private static let mostRestarts = 100
}
