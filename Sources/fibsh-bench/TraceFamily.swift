// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// What it costs to listen: forwarding with the firewall off, alone, with a ring and with a recorder.
struct TraceFamily: Family {
  private let off = Scenario(
    name: "trace-off", summary: "forward with nobody listening, ipfw off", isGated: true)
  private let ring = Scenario(
    name: "trace-ring", summary: "the same with a ring that keeps the latest packets",
    isGated: true, growthLimit: 2)
  private let on = Scenario(
    name: "trace-on", summary: "the same with a recorder; growth is what listening costs")

  var scenarios: [Scenario] { [off, ring, on] }

  func measure(_ chosen: Chosen, _ report: Report) {
    let lab = Lab(hasFirewall: false)
    let frame = ReceivedFrame(Frames.transit(), on: Lab.input)
    let silent = MachineWork(lab, operations: 20_000) { kernel, count in
      for _ in 0..<count { kernel.receive(frame) }
    }
    let found = interleave(
      [silent, RingWork(lab, frame), TracedWork(lab, frame)], rounds: 15)
    for (scenario, measurement) in zip(scenarios, found) where chosen.contains(scenario.name) {
      report.add(
        Row(
          scenario: scenario, measurement: measurement,
          growth: measurement.nanoseconds / found[0].nanoseconds))
    }
  }
}
