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

/// A packet's turn at the hook.
struct HookTurn: BitwiseCopyable {
  var place: FilterPlace
  /// The next hop that an earlier hook left.
  let earlier: ForwardTag?
  /// How often the packet has come back.
  var restarts: Int

  /// Takes off the packet what it brings for the hook.
  init(_ place: FilterPlace, _ packet: inout Packet, restarts: Int = 0) {
    self.place = place
    self.place.reference = packet.header.ruleReference
    packet.header.ruleReference = nil
    earlier = packet.header.forwardTag
    packet.header.forwardTag = nil
    self.restarts = restarts
  }
}

extension Vnet {
  /// Whether any filter wants to see packets (`PFIL_HOOKED`).
  @inline(__always)
  var hasHooks: Bool { firewall.isPresent && sysctl.fwEnable }

  /// Shows a packet to the filters (`pfil_run_hooks`, net/pfil.c): the firewall is the only one.
  @inline(__always)
  mutating func pfilRunHooks<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ place: FilterPlace, _ machine: inout Machine, _ tracer: inout T
  ) -> Filtered {
    guard hasHooks else { return .pass(packet) }
    return ipfwHook(packet, place, &machine, &tracer)
  }

  /// Asks the firewall, and does what it says (`ipfw_check_in` and `ipfw_check_out`,
  /// netinet/ipfw/ip_fw_pfil.c).
  @inline(__always)
  mutating func ipfwHook<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ place: FilterPlace, _ machine: inout Machine, _ tracer: inout T
  ) -> Filtered {
    tracer.emit(packet.number, .pfil(place.direction, interface: place.interface))
    let turn = HookTurn(place, &packet)
    let verdict = ask(&packet, turn, &machine, &tracer)
    switch verdict {
    case .pass: return .pass(packet)
    case .deny(let rule): return .denied(packet, rule: rule)
    default: return obey(verdict, packet, turn, &machine, &tracer)
    }
  }

  /// Asks once. A next hop of the rules replaces one that an earlier hook left, and one of our own
  /// addresses marks the packet as ours.
  @inline(never)
  private mutating func ask<T: Tracer & ~Copyable>(
    _ packet: inout Packet, _ turn: HookTurn, _ machine: inout Machine, _ tracer: inout T
  ) -> FirewallVerdict {
    var verdict = FirewallVerdict.pass
    if !isThroughOnce(packet, turn.place, &tracer) {
      verdict = ipfwCheck(&packet, turn.place, &machine, &tracer)
      tracer.emit(packet.number, .firewall(verdict.step(packet)))
    }
    if verdict == .pass {
      if let tag = packet.header.forwardTag {
        if addresses.own(tag.address) != nil { packet.header.flags.insert(.fastForwardOurs) }
      } else {
        packet.header.forwardTag = turn.earlier
      }
    }
    return verdict
  }

  /// Hands the packet to whom the rules say, and asks again with what comes back.
  @inline(never)
  private mutating func obey<T: Tracer & ~Copyable>(
    _ verdict: FirewallVerdict, _ packet: consuming Packet, _ turn: HookTurn,
    _ machine: inout Machine, _ tracer: inout T
  ) -> Filtered {
    var (verdict, turn) = (verdict, turn)
    while true {
      switch verdict {
      case .pass: return .pass(packet)
      case .deny(let rule): return .denied(packet, rule: rule)
      case .dummynet(let order):
        guard machine.options.dummynet,
          !isLoop(&turn, rule: order.rule, packet.number, &tracer)
        else { return .denied(packet, rule: order.rule) }
        // Dummynet has no way back for what is neither IPv4 nor IPv6: it goes on behind the rule.
        guard let exit = DummynetExit(turn.place.direction, machine.store.bytes(of: packet)) else {
          turn.place.reference = order.reference
          break
        }
        packet.header.forwardTag = turn.earlier
        let request = DummynetRequest(order, firewall.flow)
        guard
          let back = dummynetIO(
            packet, exit, on: turn.place.interface, request, &machine, &tracer)
        else { return .taken(nil) }
        packet = back
        turn = HookTurn(turn.place, &packet, restarts: turn.restarts)
      case .divert(let isTee):
        let rule = packet.header.divertTag?.cookie ?? 0
        guard !isLoop(&turn, rule: rule, packet.number, &tracer) else {
          return .denied(packet, rule: rule)
        }
        guard
          let rest = ipfwDivert(packet, turn.place.direction, isTee: isTee, &machine, &tracer)
        else { return .taken(nil) }
        packet = rest
        turn.place.reference = nil
      case .netgraph(_, let isTee, let reference):
        let rule = firewall.number(of: reference)
        guard machine.options.netgraph else { return .denied(packet, rule: rule) }
        // No node is ever connected to a hook: a copy vanishes, and so does the packet itself.
        guard isTee else {
          drop(packet, .ipFwConsumed, &machine, &tracer)
          return .taken(.ESRCH)
        }
        guard !isLoop(&turn, rule: rule, packet.number, &tracer) else {
          return .denied(packet, rule: rule)
        }
        turn.place.reference = reference
      case .nat(let reference):
        let rule = firewall.number(of: reference)
        guard !isLoop(&turn, rule: rule, packet.number, &tracer) else {
          return .denied(packet, rule: rule)
        }
        turn.place.reference = reference
      case .reass(let reference):
        packet.header.forwardTag = turn.earlier
        guard
          let datagram = filterReass(
            packet, heldAs: .reassHeld, swapsLength: true, &machine, &tracer)
        else { return .taken(.EACCES) }
        packet = datagram
        turn = HookTurn(turn.place, &packet, restarts: turn.restarts)
        turn.place.reference = reference
      }
      verdict = ask(&packet, turn, &machine, &tracer)
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

  /// Whether a packet that goes on behind a rule has done so too often. Where the rule is that of a
  /// state, and a later one finds the state, 8.0 goes round without end; see Docs/Fidelity.md.
  private func isLoop<T: Tracer & ~Copyable>(
    _ turn: inout HookTurn, rule: UInt16, _ number: PacketNumber, _ tracer: inout T
  ) -> Bool {
    turn.restarts += 1
    guard turn.restarts > Vnet.mostRestarts else { return false }
    tracer.emit(number, .filterLoop(rule: rule))
    return true
  }

  /// How often one packet may come back before it is taken for a loop.
  private static let mostRestarts = 100
}

extension FirewallVerdict {
  /// What a trace keeps of it.
  func step(_ packet: borrowing Packet) -> FirewallStep {
    let port = UInt32(packet.header.divertTag?.port ?? 0)
    return switch self {
    case .pass: FirewallStep(verdict: .pass)
    case .deny: FirewallStep(verdict: .deny)
    case .dummynet(let request):
      FirewallStep(verdict: .dummynet, argument: request.number, isQueue: request.isQueue)
    case .divert(let isTee): FirewallStep(verdict: isTee ? .tee : .divert, argument: port)
    case .netgraph(let hook, let isTee, _):
      FirewallStep(verdict: isTee ? .ngtee : .netgraph, argument: hook)
    case .reass: FirewallStep(verdict: .reass)
    case .nat: FirewallStep(verdict: .nat)
    }
  }
}
