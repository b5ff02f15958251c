// SPDX-License-Identifier: BSD-2-Clause

import CProbe
import Netstack
import Wire

/// A scenario with a machine of its own, and what happens to it again and again.
struct SingleScenario {
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
    /// The same with a ring that keeps the latest packets.
    case ring([UInt8], Lab)
    /// The machine is copied.
    case clone(Lab)
  }

  static let all: [SingleScenario] = [
    SingleScenario(
      name: "forward", summary: "forward a 64-byte UDP packet, ipfw on, one rule",
      isGated: true, kind: .frame(Frames.transit(), Lab())),
    SingleScenario(
      name: "forward-rules", summary: "the same through count, setfib and skipto rules",
      isGated: true,
      kind: .frame(
        Frames.transit(),
        Lab(rules: [
          .count, .setfib(1), .skipto(1000), .neverMatches, .allow,
        ]))),
    SingleScenario(
      name: "state", summary: "forward a packet whose state leads to its rule",
      isGated: true,
      kind: .frame(Frames.transit(), Lab(rules: [.checkState, .keepState]))),
    SingleScenario(
      name: "tables", summary: "forward past rules that look in a table of 100,000 networks",
      isGated: true,
      kind: .frame(
        Frames.transit(),
        Lab(rules: [.inTable(.source), .inTable(.destination)], tableSize: 100_000)
      )),
    SingleScenario(
      name: "forward-plain", summary: "forward with the firewall off", isGated: true,
      kind: .frame(Frames.transit(), Lab(hasFirewall: false))),
    SingleScenario(
      name: "forward-general", summary: "the same without the express lane", isGated: true,
      kind: .frame(Frames.transit(), Lab(hasFirewall: false, hasExpressLane: false))),
    SingleScenario(
      name: "forward-1500", summary: "forward a full frame", isGated: true,
      kind: .frame(Frames.transit(payload: 1472), Lab())),
    SingleScenario(
      name: "fast-forward", summary: "forward by ip_fastforward, the firewall off", isGated: true,
      kind: .frame(Frames.transit(), Lab(hasFirewall: false, isFast: true))),
    SingleScenario(
      name: "nat", summary: "a rule translates by a link that is known", isGated: true,
      kind: .frame(Frames.transit(), Lab(rules: [.nat], translates: true))),
    SingleScenario(
      name: "deny", summary: "a rule denies", isGated: true,
      kind: .frame(Frames.transit(), Lab(rules: [.deny]))),
    SingleScenario(
      name: "rules-10000", summary: "ten thousand rules do not match, the next denies",
      isGated: true, operations: 400,
      kind: .frame(Frames.transit(), Lab(rules: FirewallRule.manyMisses(10_000) + [.deny]))),
    SingleScenario(
      name: "rules-costly", summary: "the same with addresses of this host, tables, patterns, tags",
      isGated: true, operations: 400,
      kind: .frame(
        Frames.transit(), Lab(rules: FirewallRule.costlyMisses(10_000) + [.deny], tableSize: 1000))),
    SingleScenario(
      name: "rules-lists",
      summary: "the same with lists of ports, networks and hosts, and patterns",
      isGated: true, operations: 400,
      kind: .frame(Frames.transit(), Lab(rules: FirewallRule.listMisses(10_000) + [.deny]))),
    SingleScenario(
      name: "badsum", summary: "a header checksum is wrong", isGated: true,
      kind: .frame(Frames.broken(), Lab())),
    SingleScenario(
      name: "icmp-ttl", summary: "time exceeded goes back", isGated: true,
      kind: .frame(Frames.transit(ttl: 1), Lab())),
    SingleScenario(
      name: "icmp-echo", summary: "an echo request is answered", isGated: true,
      kind: .frame(Frames.echo(), Lab())),
    SingleScenario(
      name: "fragment", summary: "a full frame leaves by an MTU of 576", isGated: true,
      kind: .frame(Frames.transit(payload: 1472), Lab(outputMTU: 576))),
    SingleScenario(
      name: "options", summary: "forward a packet that records its route", isGated: true,
      kind: .frame(Frames.recordingRoute(), Lab())),
    SingleScenario(
      name: "reassemble", summary: "an echo request in two fragments is joined and answered",
      isGated: true, kind: .pair(Frames.fragmentedEcho(), Lab())),
    SingleScenario(
      name: "pipe", summary: "four packets by a pipe that delays them", isGated: true,
      kind: .delayed(
        Frames.transit(),
        Lab(rules: [FirewallRule(.pipe(1))], pipes: [.slow]))),
    SingleScenario(
      name: "queue", summary: "the same by a weighted queue of it, with a mask", isGated: true,
      kind: .delayed(
        Frames.transit(),
        Lab(rules: [FirewallRule(.queue(1))], pipes: [.slow, .queue]))),
    SingleScenario(
      name: "epair", summary: "forward a packet through two stacks joined by an epair",
      isGated: true, kind: .frame(Frames.transit(), Lab(hasSecondStack: true))),
    SingleScenario(
      name: "bridge", summary: "a bridge hands a frame from one member to another, ipfw on",
      isGated: true, kind: .frame(Frames.bridged(), Lab(hasBridge: true))),
    SingleScenario(
      name: "forward-traced", summary: "forward with a recorder listening", isGated: false,
      kind: .traced(Frames.transit(), Lab())),
    SingleScenario(
      name: "forward-ring", summary: "forward with the firewall off, a ring keeping the latest",
      isGated: true, kind: .ring(Frames.transit(), Lab(hasFirewall: false))),
    SingleScenario(
      name: "clone", summary: "copy the whole machine", isGated: false, kind: .clone(Lab())),
  ]
}

/// The scenarios that have each a machine of its own.
struct SingleFamily: Family {
  var scenarios: [Scenario] {
    SingleScenario.all.map {
      Scenario(name: $0.name, summary: $0.summary, isGated: $0.isGated)
    }
  }

  func measure(_ chosen: Chosen, _ report: Report) {
    for (scenario, single) in zip(scenarios, SingleScenario.all)
    where chosen.contains(scenario.name) {
      report.add(
        Row(scenario: scenario, measurement: interleave([single.subject()], rounds: 15)[0]))
    }
  }
}

extension SingleScenario {
  /// What runs the scenario, on a machine made for it.
  func subject() -> any Subject {
    switch kind {
    case .frame(let bytes, let lab):
      let frame = ReceivedFrame(bytes, on: Lab.input)
      return MachineWork(lab, operations: operations) { kernel, count in
        for _ in 0..<count { kernel.receive(frame) }
      }
    case .pair(let bytes, let lab):
      // Not in an array: taking a frame out of one counts a reference.
      let first = ReceivedFrame(bytes.first, on: Lab.input)
      let second = ReceivedFrame(bytes.second, on: Lab.input)
      return MachineWork(lab, operations: 10_000) { kernel, count in
        for _ in 0..<count {
          kernel.receive(first)
          kernel.receive(second)
        }
      }
    case .delayed(let bytes, let lab):
      let frame = ReceivedFrame(bytes, on: Lab.input)
      return MachineWork(lab, operations: 5_000) { kernel, count in
        for _ in 0..<count {
          for _ in 0..<4 { kernel.receive(frame) }
          kernel.advance(to: kernel.machine.now.advanced(milliseconds: 10))
        }
      }
    case .traced(let bytes, let lab): return TracedWork(lab, ReceivedFrame(bytes, on: Lab.input))
    case .ring(let bytes, let lab):
      return RingWork(lab, ReceivedFrame(bytes, on: Lab.input))
    case .clone(let lab):
      return MachineWork(lab, operations: 400) { kernel, count in
        for _ in 0..<count {
          let copy = kernel.clone()
          demand(copy.machine.now == kernel.machine.now, "a clone is whole")
        }
      }
    }
  }
}

/// A machine, and what is done to it.
final class MachineWork: Subject {
  let operations: Int
  private var kernel: Kernel
  private let work: (inout Kernel, Int) -> Void

  init(_ lab: Lab, operations: Int, _ work: @escaping (inout Kernel, Int) -> Void) {
    kernel = lab.boot()
    self.operations = operations
    self.work = work
  }

  func run() { perform(&kernel) }

  /// The class's access to the kernel begins outside of what is metered.
  private func perform(_ kernel: inout Kernel) {
    // In stretches, so that the meter notices an interruption.
    for _ in 0..<40 {
      probe_start()
      work(&kernel, operations / 40)
      probe_stop()
    }
  }
}

/// A frame that arrives again and again while a recorder listens.
final class TracedWork: Subject {
  let operations = 5_000
  private var kernel: Kernel
  private var recorder = Recorder()
  private let frame: ReceivedFrame

  init(_ lab: Lab, _ frame: ReceivedFrame) {
    kernel = lab.boot()
    self.frame = frame
  }

  func run() { perform(&kernel, &recorder) }

  private func perform(_ kernel: inout Kernel, _ recorder: inout Recorder) {
    for _ in 0..<40 {
      probe_start()
      for _ in 0..<operations / 40 {
        recorder.removeAll()
        kernel.receive(frame, tracer: &recorder)
      }
      probe_stop()
    }
  }
}

/// Frames that a ring keeps.
final class RingWork: Subject {
  let operations = 20_000
  private var kernel: Kernel
  private var ring = TraceRing()
  private let frame: ReceivedFrame

  init(_ lab: Lab, _ frame: ReceivedFrame) {
    kernel = lab.boot()
    self.frame = frame
  }

  func run() { perform(&kernel, &ring) }

  private func perform(_ kernel: inout Kernel, _ ring: inout TraceRing) {
    for _ in 0..<40 {
      probe_start()
      for _ in 0..<operations / 40 { kernel.receive(frame, ring: &ring) }
      probe_stop()
    }
  }
}
