// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Testing
import Wire

@testable import Netstack  // Rules are made without the parser, which is Userland's.

@Suite("keepalives") struct KeepaliveTests {
  /// A connection from 10.0.0.5 to 192.168.1.9, opened from both sides, whose state is made in FIB 2.
  static func connected() throws -> FirewallLab {
    var lab = FirewallLab([
      .rule(50, .setfib(2)), .rule(100, .allow, .probeState, .keepState),
    ])
    let segment = FirewallPacket.tcp(.syn).with {
      $0.header.destination = IPv4Address(192, 168, 1, 9)
    }
    _ = try lab.ask(segment)
    _ = try lab.ask(
      segment.reverse.with {
        $0.transport[10] = 3
        $0.transport[13] = 0x12
      })
    _ = try lab.ask(segment.with { $0.transport[13] = 0x10 })
    return lab
  }

  /// What is sent as time passes: second, ends, numbers, flags.
  static func sent(_ lab: inout FirewallLab, seconds: UInt64) -> [String] {
    var lines: [String] = []
    for _ in 0..<seconds {
      var recorder = Recorder()
      lab.kernel.advance(to: lab.kernel.machine.now.advanced(seconds: 1), &recorder)
      for snapshot in recorder.snapshots {
        guard case .made = snapshot.moment else { continue }
        let bytes = Array(recorder.bytes(of: snapshot))
        guard let ip = IPv4Header(bytes.span.bytes),
          let tcp = TCPHeader(bytes.span.bytes.extracting(droppingFirst: 20))
        else { continue }
        let second = lab.kernel.machine.now.seconds
        lines.append(
          "\(second): \(ip.source).\(tcp.sourcePort) > \(ip.destination).\(tcp.destinationPort) "
            + "seq \(tcp.sequence) ack \(tcp.acknowledgement) ttl \(ip.ttl)")
      }
    }
    return lines
  }

  @Test func bothEndsAreAskedInTheLastTwentySeconds() throws {
    var lab = try Self.connected()
    expect(lab.states, is: ["100 state 2/80 300s"])
    lab.pass(seconds: 274)
    expect(Self.sent(&lab, seconds: 6), is: [])
    let pair = [
      "10.0.0.5.1234 > 192.168.1.9.80 seq 975 ack 2000 ttl 64",
      "192.168.1.9.80 > 10.0.0.5.1234 seq 1999 ack 976 ttl 64",
    ]
    expect(
      Self.sent(&lab, seconds: 30),
      is: [282, 287, 292, 297].flatMap { second in pair.map { "\(second): \($0)" } })
    lab.pass(seconds: 6)
    // The state is over, though nobody passed by to take it out.
    expect(lab.states, is: ["100 state 2/80 0s"])
    expect(lab.kernel.vnets[0].firewall.states.isTicking, is: false)
    expect(lab.kernel.machine.tally.ended, is: lab.kernel.machine.tally.entered - 3)
  }

  @Test func theyPassTheFirewallWithTheTableOfTheState() throws {
    var lab = try Self.connected()
    lab.pass(seconds: 280)
    var recorder = Recorder()
    lab.kernel.advance(to: lab.kernel.machine.now.advanced(seconds: 5), &recorder)
    var births = 0
    for entry in recorder.entries {
      switch entry.event {
      case .made(let parent, .keepalive):
        #expect(parent == entry.packet && entry.packet.child == 0)
        births += 1
      case .route(let step):
        #expect(step.fib == FibNumber(rawValue: 2) && step.chooser == .state)
      case .rule: Issue.record("no rule is asked")
      default: break
      }
    }
    #expect(births == 2)
  }

  @Test func theyCanBeSwitchedOff() throws {
    var lab = try Self.connected()
    lab.set(.ipFwDynKeepalive, 0)
    expect(Self.sent(&lab, seconds: 310), is: [])
  }

  @Test func aConnectionThatOneSideOpenedIsNotAskedFor() throws {
    var lab = FirewallLab([.rule(100, .allow, .probeState, .keepState)])
    _ = try lab.ask(.tcp(.syn))
    _ = try lab.ask(.udp)
    expect(Self.sent(&lab, seconds: 30), is: [])
  }
}
