// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing

/// The ends that reassembly queues come to but by completion.
@Suite("Limits of ip_reass") struct ReassemblyLimitTests {
  /// A queue for each of these ids, whose buckets for 10.0.0.2 are 10 XOR the id's first octet.
  private func queues(_ steps: [String]) throws -> (ends: [String], left: Int) {
    var lab = InterfaceLab.base
    let earlier = lab.kernel.machine.tally.entered
    for step in steps { try lab.reassemble(step, fill: 0) }
    let ends = lab.numberedEnds(behind: earlier).filter { !$0.contains("HELD") }
    let tally = lab.kernel.machine.tally
    #expect(tally.entered == tally.ended)
    let left = lab.kernel.sysctl(.ipFragpackets, vnet: .zero, fib: .zero)
    #expect(left == .number(Int64(lab.kernel[.zero].reassembly.count)))
    return (ends, lab.kernel[.zero].reassembly.count)
  }

  @Test(
    arguments: [
      ("one more than the limit is kept", ["0+8#0100", "0+8#0200"], [], 2),
      (
        "the oldest of the own bucket goes",
        ["0+8#0100", "0+8#0101", "0+8#0102"], ["#1 DROPPED reass.evicted"], 2
      ),
      (
        "though it is not the oldest of all",
        ["0+8#0200", "0+8#0100", "0+8#0101"], ["#2 DROPPED reass.evicted"], 2
      ),
      (
        "the own bucket is empty: the lowest one that is not loses its oldest",
        ["0+8#0100", "0+8#0200", "0+8#0300"], ["#2 DROPPED reass.evicted"], 2
      ),
      (
        "room is made for a fragment that is then refused",
        ["0+8#0100", "0+8#0200", "0+7#0300"],
        ["#2 DROPPED reass.evicted", "#3 DROPPED reass.badlen"], 1
      ),
      (
        "a fragment that joins its datagram needs no room",
        ["0+8#0100", "0+8#0200", "16+8#0100"], [], 2
      ),
      ("-1 is no limit", ["maxfragpackets -1", "0+8#0100", "0+8#0200", "0+8#0300"], [], 3),
      (
        "the tick takes what is above the limit, newest and lowest bucket first",
        ["0+8#0100", "0+8#0200", "tick 1"], ["#2 DROPPED reass.shrunk"], 1
      ),
      (
        "with a limit of 0 all go at the tick",
        ["0+8#0100", "8+8#0100", "0+8#0200", "maxfragpackets 0", "tick 1"],
        [
          "#3 DROPPED reass.shrunk", "#1 DROPPED reass.shrunk", "#2 DROPPED reass.shrunk",
        ], 0
      ),
      (
        "drain takes all", ["0+8#0100", "0+8#0200", "drain"],
        ["#2 DROPPED reass.drained", "#1 DROPPED reass.drained"], 0
      ),
      (
        "and what comes after is a datagram of its own", ["0+8#0100", "drain", "8:8#0100"],
        ["#1 DROPPED reass.drained"], 1
      ),
    ] as [(String, [String], [String], Int)])
  func ofQueues(_ name: String, _ steps: [String], _ ends: [String], _ left: Int) throws {
    let found = try queues(["maxfragpackets 1"] + steps)
    #expect(found.ends == ends, "\(name)")
    #expect(found.left == left, "\(name)")
  }

  @Test(
    arguments: [
      ("the sixtieth tick is the last", ["0+8", "tick 29500"], 1),
      ("and comes 29.501 s after boot", ["0+8", "tick 29501"], 0),
      ("a tick's moment belongs to the tick", ["tick 1", "0+8", "tick 29999"], 1),
      ("so that it takes 30 s", ["tick 1", "0+8", "tick 30000"], 0),
      ("a long sleep keeps the phase", ["tick 3600250", "0+8", "tick 29750"], 1),
      ("to the millisecond", ["tick 3600250", "0+8", "tick 29751"], 0),
      ("later fragments give no more time", ["0+8", "tick 29000", "16+8", "tick 501"], 0),
    ] as [(String, [String], Int)])
  func ofTime(_ name: String, _ steps: [String], _ left: Int) throws {
    let found = try queues(steps)
    #expect(found.left == left, "\(name)")
    #expect(found.ends.allSatisfy { $0.hasSuffix("DROPPED reass.timeout") }, "\(name)")
  }

  @Test func noTimerIsSetWhereNothingWaits() throws {
    var lab = InterfaceLab.base
    let before = lab.kernel.machine.timers.count
    try lab.reassemble("0+8", fill: 0)
    try lab.reassemble("0+8#0200", fill: 0)
    let during = lab.kernel.machine.timers.count
    lab.tick(31_000)
    let after = lab.kernel.machine.timers.count
    #expect(during == before + 1)
    #expect(after == before)
    let frames = lab.frames
    #expect(frames.isEmpty, "no ICMP is sent about a timeout")
  }
}
