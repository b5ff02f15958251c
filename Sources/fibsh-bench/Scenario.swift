// SPDX-License-Identifier: BSD-2-Clause

import CProbe
import Netstack
import Wire

/// One thing that is measured: a machine, and what happens to it again and again.
struct Scenario {
  let name: String
  let summary: String
  /// Whether the gate holds it to 0 calls an operation.
  let isGated: Bool
  /// How many operations make a sample.
  var operations = 20_000
  let kind: Kind

  /// What an operation is.
  enum Kind {
    /// A frame arrives and runs to completion.
    case frame([UInt8], Lab)
    /// Two arrive, one behind the other.
    case pair((first: [UInt8], second: [UInt8]), Lab)
    /// Four arrive, and time passes until all have left.
    case delayed([UInt8], Lab)
    /// The same with a recorder listening.
    case traced([UInt8], Lab)
    /// The machine is copied.
    case clone(Lab)
  }

  static let all: [Scenario] = [
    Scenario(
      name: "forward", summary: "forward a 64-byte UDP packet, ipfw on, one rule",
      isGated: true, kind: .frame(Frames.transit(), Lab())),
    Scenario(
      name: "forward-rules", summary: "the same through count, setfib and skipto rules",
      isGated: true,
      kind: .frame(
        Frames.transit(),
        Lab(rules: [
          .count, .setfib(1), .skipto(1000), .neverMatches, .allow,
        ]))),
    Scenario(
      name: "state", summary: "forward a packet whose state leads to its rule",
      isGated: true,
      kind: .frame(Frames.transit(), Lab(rules: [.checkState, .keepState]))),
    Scenario(
      name: "tables", summary: "forward past rules that look in a table of 100,000 networks",
      isGated: true,
      kind: .frame(
        Frames.transit(),
        Lab(rules: [.inTable(.source), .inTable(.destination)], tableSize: 100_000)
      )),
    Scenario(
      name: "forward-plain", summary: "forward with the firewall off", isGated: true,
      kind: .frame(Frames.transit(), Lab(hasFirewall: false))),
    Scenario(
      name: "forward-1500", summary: "forward a full frame", isGated: true,
      kind: .frame(Frames.transit(payload: 1472), Lab())),
    Scenario(
      name: "fast-forward", summary: "forward by ip_fastforward, the firewall off", isGated: true,
      kind: .frame(Frames.transit(), Lab(hasFirewall: false, isFast: true))),
    Scenario(
      name: "nat", summary: "a rule translates by a link that is known", isGated: true,
      kind: .frame(Frames.transit(), Lab(rules: [.nat], translates: true))),
    Scenario(
      name: "deny", summary: "a rule denies", isGated: true,
      kind: .frame(Frames.transit(), Lab(rules: [.deny]))),
    Scenario(
      name: "rules-10000", summary: "ten thousand rules do not match, the next denies",
      isGated: true, operations: 400,
      kind: .frame(Frames.transit(), Lab(rules: FirewallRule.manyMisses(10_000) + [.deny]))),
    Scenario(
      name: "rules-costly", summary: "the same with addresses of this host, tables, patterns, tags",
      isGated: true, operations: 400,
      kind: .frame(
        Frames.transit(), Lab(rules: FirewallRule.costlyMisses(10_000) + [.deny], tableSize: 1000))),
    Scenario(
      name: "rules-lists",
      summary: "the same with lists of ports, networks and hosts, and patterns",
      isGated: true, operations: 400,
      kind: .frame(Frames.transit(), Lab(rules: FirewallRule.listMisses(10_000) + [.deny]))),
    Scenario(
      name: "badsum", summary: "a header checksum is wrong", isGated: true,
      kind: .frame(Frames.broken(), Lab())),
    Scenario(
      name: "icmp-ttl", summary: "time exceeded goes back", isGated: true,
      kind: .frame(Frames.transit(ttl: 1), Lab())),
    Scenario(
      name: "icmp-echo", summary: "an echo request is answered", isGated: true,
      kind: .frame(Frames.echo(), Lab())),
    Scenario(
      name: "fragment", summary: "a full frame leaves by an MTU of 576", isGated: true,
      kind: .frame(Frames.transit(payload: 1472), Lab(outputMTU: 576))),
    Scenario(
      name: "options", summary: "forward a packet that records its route", isGated: true,
      kind: .frame(Frames.recordingRoute(), Lab())),
    Scenario(
      name: "reassemble", summary: "an echo request in two fragments is joined and answered",
      isGated: true, kind: .pair(Frames.fragmentedEcho(), Lab())),
    Scenario(
      name: "pipe", summary: "four packets by a pipe that delays them", isGated: true,
      kind: .delayed(
        Frames.transit(),
        Lab(rules: [FirewallRule(.pipe(1))], pipes: [.slow]))),
    Scenario(
      name: "queue", summary: "the same by a weighted queue of it, with a mask", isGated: true,
      kind: .delayed(
        Frames.transit(),
        Lab(rules: [FirewallRule(.queue(1))], pipes: [.slow, .queue]))),
    Scenario(
      name: "epair", summary: "forward a packet through two stacks joined by an epair",
      isGated: true, kind: .frame(Frames.transit(), Lab(hasSecondStack: true))),
    Scenario(
      name: "bridge", summary: "a bridge hands a frame from one member to another, ipfw on",
      isGated: true, kind: .frame(Frames.bridged(), Lab(hasBridge: true))),
    Scenario(
      name: "forward-traced", summary: "forward with a recorder listening", isGated: false,
      kind: .traced(Frames.transit(), Lab())),
    Scenario(
      name: "clone", summary: "copy the whole machine", isGated: false, kind: .clone(Lab())),
  ]

  /// Runs the scenario: a warm-up, then samples of which the fastest counts.
  func measure() -> Row {
    switch kind {
    case .frame(let bytes, let lab):
      var kernel = lab.boot()
      let frame = ReceivedFrame(bytes, on: Lab.input)
      return sampled(operations: operations) { count in
        for _ in 0..<count { kernel.receive(frame) }
      }
    case .pair(let bytes, let lab):
      var kernel = lab.boot()
      // Not in an array: taking a frame out of one counts a reference.
      let first = ReceivedFrame(bytes.first, on: Lab.input)
      let second = ReceivedFrame(bytes.second, on: Lab.input)
      return sampled(operations: 10_000) { count in
        for _ in 0..<count {
          kernel.receive(first)
          kernel.receive(second)
        }
      }
    case .delayed(let bytes, let lab):
      var kernel = lab.boot()
      let frame = ReceivedFrame(bytes, on: Lab.input)
      return sampled(operations: 5_000) { count in
        for _ in 0..<count {
          for _ in 0..<4 { kernel.receive(frame) }
          kernel.advance(to: kernel.machine.now.advanced(milliseconds: 10))
        }
      }
    case .traced(let bytes, let lab):
      var kernel = lab.boot()
      var recorder = Recorder()
      let frame = ReceivedFrame(bytes, on: Lab.input)
      return sampled(operations: 5_000) { count in
        for _ in 0..<count {
          recorder.removeAll()
          kernel.receive(frame, tracer: &recorder)
        }
      }
    case .clone(let lab):
      let kernel = lab.boot()
      return sampled(operations: 100) { count in
        for _ in 0..<count {
          let copy = kernel.clone()
          precondition(copy.machine.now == kernel.machine.now, "a clone is whole")
        }
      }
    }
  }

  private func sampled(operations: Int, _ run: (Int) -> Void) -> Row {
    run(operations / 10)
    var best = UInt64.max
    var counts = probe_counts()
    for _ in 0..<15 {
      probe_reset()
      let start = probe_nanoseconds()
      run(operations)
      let elapsed = probe_nanoseconds() - start
      counts = probe_read()
      best = min(best, elapsed)
    }
    return Row(
      name: name, operations: operations,
      nanoseconds: Double(best) / Double(operations), counts: counts)
  }
}
