// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Testing
import Wire

// Pipes are looked at from inside, and frames reach them by a hook that no call has.
@testable import Netstack

/// A router with pipes, and what became of the packets sent through it.
struct PipeLab: ~Copyable {
  var router: TestRouter
  /// The ends of packets since the last question, in order.
  private(set) var ends: [(number: UInt32, end: End)] = []
  /// Milliseconds since the lab began.
  private(set) var time: UInt64 = 0

  /// Sets the pipes up, and leads packets to them by rules for one way, one for each action.
  init(_ pipes: [PipeSettings], _ actions: RuleAction..., isOutbound: Bool = false) throws {
    var router = try TestRouter()
    router.kernel[.zero].sysctl[.ipFwEnable] = 1
    for pipe in pipes { try router.kernel.dummynetConfigure(pipe) }
    for action in actions {
      var rule = FirewallRule(action)
      rule.instructions = [Instruction(.inbound, isNegated: isOutbound)]
      _ = try router.kernel.firewallAdd(vnet: .zero, rule: rule)
    }
    self.router = router
  }

  /// A packet of so many bytes arrives from 10.0.0.2, for 192.168.1.1 by way of em1.
  @discardableResult
  mutating func send(_ bytes: Int = 100, port: UInt16 = 1, from host: UInt8 = 2) -> UInt32 {
    var packet = TestPacket()
    packet.source = IPv4Address(10, 0, 0, host)
    packet.payload = TestPacket.udp(port: port, [UInt8](repeating: 0, count: bytes - 28))
    let card = router.cards[0]
    let address = router.kernel[.zero].interfaces[card].hardwareAddress
    let header = EthernetHeader(
      destination: address, source: TestRouter.neighbour, type: .ipv4)
    var frame = [UInt8](repeating: 0, count: EthernetHeader.size)
    var span = frame.mutableSpan
    var raw = span.mutableBytes
    header.write(into: &raw, at: 0)
    var recorder = Recorder()
    let number = router.kernel.receive(
      ReceivedFrame(frame + packet.bytes, on: card), tracer: &recorder)
    note(recorder)
    return number.root
  }

  /// Lets milliseconds pass.
  mutating func wait(_ milliseconds: UInt64) {
    var recorder = Recorder()
    time += milliseconds
    let moment = router.kernel.machine.now.advanced(milliseconds: milliseconds)
    router.kernel.advance(to: moment, &recorder)
    note(recorder)
  }

  /// Lets time pass until nothing waits, and says when each packet left: its number, and the
  /// milliseconds since the lab began.
  mutating func departures(upTo limit: UInt64 = 10_000) -> [[UInt64]] {
    var departures: [[UInt64]] = []
    _ = takeEnds()
    while router.kernel.machine.dummynet.count > 0, time < limit {
      wait(1)
      for (number, end) in takeEnds() where end.verdict == .sent {
        departures.append([UInt64(number), time])
      }
    }
    return departures
  }

  /// The ends since the last question.
  mutating func takeEnds() -> [(number: UInt32, end: End)] {
    defer { ends = [] }
    return ends
  }

  /// The ids of the ends since the last question.
  mutating func takeIDs() -> [TraceID] { takeEnds().map(\.end.id) }

  private mutating func note(_ recorder: borrowing Recorder) {
    for entry in recorder.entries {
      if case .end(let end) = entry.event { ends.append((entry.packet.root, end)) }
    }
  }
}

extension PipeSettings {
  static func pipe(_ number: Int32, _ change: (inout PipeSettings) -> Void = { _ in }) -> Self {
    var settings = PipeSettings()
    settings.number = number
    change(&settings)
    return settings
  }

  static func queue(
    _ number: UInt16, of pipe: UInt16, weight: Int32 = 1,
    _ change: (inout FlowSetSettings) -> Void = { _ in }
  ) -> Self {
    var settings = PipeSettings()
    settings.flowSet.number = number
    settings.flowSet.parent = pipe
    settings.flowSet.weight = weight
    change(&settings.flowSet)
    return settings
  }
}
