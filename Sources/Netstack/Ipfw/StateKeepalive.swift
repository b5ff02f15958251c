// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

extension Vnet {
  /// Seconds between two rounds of keepalives (`dyn_keepalive_period`).
  static let keepalivePeriod = 5
  /// Keepalives are sent in so many last seconds of a state (`dyn_keepalive_interval`).
  private static let keepaliveInterval: UInt32 = 20

  /// Sets the timer of the keepalives for the next round, unless it is set.
  ///
  /// The original's runs always; here it does while there are connections, at the same moments.
  mutating func startKeepalives(_ machine: inout Machine) {
    guard !firewall.states.isTicking else { return }
    firewall.states.isTicking = true
    let first = firewall.states.firstTick
    let period = Instant(seconds: UInt64(Vnet.keepalivePeriod)).nanoseconds
    let past = machine.now < first ? 0 : (machine.now.nanoseconds - first.nanoseconds) / period + 1
    machine.timers.set(
      .ipfwTick, vnet: index, at: Instant(nanoseconds: first.nanoseconds &+ past &* period))
  }

  /// Asks both ends of the connections whose states end soon (`ipfw_tick`).
  mutating func ipfwTick<T: Tracer & ~Copyable>(_ machine: inout Machine, _ tracer: inout T) {
    firewall.states.isTicking = false
    let second = machine.uptime
    var isNeeded = false
    // What is sent may reach the states again: they are gone through first.
    var due = UniqueArray<(state: DynamicRule, flow: FlowID)>()
    firewall.states.forEach { place in
      let left = firewall.states[place].remaining(at: second)
      guard firewall.states[place].isOpen, left > 0 else { return }
      isNeeded = true
      if left < Vnet.keepaliveInterval {
        due.append((firewall.states[place], firewall.states.flow(of: place)))
      }
    }
    if isNeeded { startKeepalives(&machine) }
    guard sysctl.fwDynKeepalive else { return }
    for index in 0..<due.count {
      let (state, flow) = due[index]
      sendKeepalive(of: state, flow, isForward: true, &machine, &tracer)
      sendKeepalive(of: state, flow, isForward: false, &machine, &tracer)
    }
  }

  /// Sends one end a segment that it has acknowledged, as if from the other (`send_pkt`).
  ///
  /// Of an IPv6 flow the original knows no addresses here: it sends IPv4 from 0.0.0.0 to 0.0.0.0.
  private mutating func sendKeepalive<T: Tracer & ~Copyable>(
    of state: DynamicRule, _ flow: FlowID, isForward: Bool, _ machine: inout Machine,
    _ tracer: inout T
  ) {
    let (from, fromPort, to, toPort) =
      isForward
      ? (flow.source, flow.sourcePort, flow.destination, flow.destinationPort)
      : (flow.destination, flow.destinationPort, flow.source, flow.sourcePort)
    let (own, other) =
      isForward ? (state.forwardAck, state.reverseAck) : (state.reverseAck, state.forwardAck)
    let tcp = TCPHeader(
      sourcePort: fromPort, destinationPort: toPort, sequence: other &- 1, acknowledgement: own,
      flags: .ack)
    let sender = SegmentSender(
      local: from, foreign: to, ttl: sysctl.ttl, tos: 0, fib: flow.fib,
      fibChooser: flow.fib == .zero ? .default : .state, dontFragment: false, flags: .skipFirewall)
    let number = machine.newRoot()
    tracer.emit(number, .made(parent: number, birth: .keepalive))
    _ = sendSegment(tcp, OptionBytes(), sender, number, &machine, &tracer)
  }
}

extension DynamicRule {
  /// Whether it is that of a connection that both sides have opened.
  var isOpen: Bool {
    !isParent && ends.proto == IPProtocol.tcp.rawValue && forwardFlags.contains(.syn)
      && reverseFlags.contains(.syn)
  }
}
