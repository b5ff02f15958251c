// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// The firewall's pass over frames (`net.link.ether.ipfw`).
extension Vnet {
  /// Whether the rules see frames, whatever `net.inet.ip.fw.enable` says.
  @inline(__always)
  var filtersFrames: Bool { firewall.isPresent && sysctl.etherIpfw }

  /// Shows a frame to the rules: without its header, which is there again afterwards
  /// (`ether_ipfw_chk`, net/if_ethersubr.c).
  ///
  /// Frames pass, are refused, or go to dummynet; whatever else a rule says refuses them.
  @inline(never)
  mutating func etherIpfwCheck<T: Tracer & ~Copyable>(
    _ frame: consuming Packet, _ direction: Direction, on interface: InterfaceIndex,
    _ machine: inout Machine, _ tracer: inout T
  ) -> Filtered {
    tracer.emit(frame.number, .frameFilter(direction, interface: interface))
    var place = FilterPlace(
      direction, interface, frame: EthernetHeader(machine.store.bytes(of: frame)))
    place.reference = frame.header.ruleReference
    frame.header.ruleReference = nil
    if isThroughOnce(frame, place, &tracer) { return .pass(frame) }
    frame.trimFront(EthernetHeader.size)
    let verdict = ipfwCheck(&frame, place, &machine, &tracer)
    tracer.emit(frame.number, .firewall(verdict.step(frame)))
    if case .reass(let reference) = verdict {
      guard
        let datagram = filterReass(
          frame, heldAs: .reassHeld, swapsLength: false, &machine, &tracer)
      else { return .taken(nil) }
      return .denied(datagram, rule: firewall.number(of: reference))
    }
    frame.prepend(EthernetHeader.size)
    switch verdict {
    case .pass: return .pass(frame)
    case .deny(let rule): return .denied(frame, rule: rule)
    case .dummynet(let order):
      guard machine.options.dummynet else { return .denied(frame, rule: order.rule) }
      let request = DummynetRequest(order, firewall.flow)
      let exit: DummynetExit = direction == .in ? .toEthernetDemux : .toEthernetOut
      // Nothing passes at once here.
      if let back = dummynetIO(frame, exit, on: interface, request, &machine, &tracer) {
        return .denied(back, rule: order.rule)
      }
      return .taken(nil)
    case .netgraph(_, _, let reference), .reass(let reference), .nat(let reference):
      return .denied(frame, rule: firewall.number(of: reference))
    // No rule diverts a frame.
    case .divert: return .denied(frame, rule: 0)
    }
  }
}
