// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Testing
import Wire

/// Whatever comes in, the machine neither traps nor loses a packet.
///
/// A seed that fails is named by its test case; it fails again whenever it is run.
@Suite("Random frames") struct FrameFuzzTests {
  @Test(arguments: FuzzSize.frameSeeds) func keepAccount(seed: UInt64) throws {
    var kernel = try Kernel.fuzzLab(seed: seed)
    var happenings = HappeningMaker(seed: seed, kernel)
    var recorder = Recorder()
    var ledger = PacketLedger()
    let before = kernel.machine.tally
    var mostDatagrams = kernel.machine.sysctl.maxfragpackets
    for number in 0..<FuzzSize.framesPerSeed {
      let place = "seed \(seed), happening \(number)"
      kernel.perform(happenings.next(), &recorder)
      let tally = kernel.machine.tally
      #expect(tally.ended == tally.entered, "\(place): \(tally)")
      #expect(ledger.faults(in: recorder) == [], "\(place)")
      #expect(UInt64(ledger.known) == tally.entered - before.entered, "\(place)")
      recorder.removeAll()
      // Kept is what ARP and sockets hold, and what waits with the verdict that it waits.
      let most = Int(tally.held) + kernel.heldByARP + kernel.heldBySockets
      #expect(kernel.machine.store.buffersInUse <= most, "\(place)")
      // A limit that is lowered takes effect with the next slow timer; below 0 there is none.
      let limit = kernel.machine.sysctl.maxfragpackets
      mostDatagrams = limit < 0 ? .max - 1 : max(mostDatagrams, limit)
      #expect(kernel[.zero].reassembly.count <= mostDatagrams + 1, "\(place)")
    }
    let tally = kernel.machine.tally
    #expect(min(tally.sent, tally.dropped, tally.delivered) > 0, "seed \(seed): \(tally)")
    // A pipe whose clock is an interface never sends again.
    try kernel.dummynetFlush(tracer: &recorder)
    kernel.perform(.stop(cpus: 0), &recorder)
    kernel.advance(to: kernel.machine.now.advanced(seconds: 7200))
    // What timers send is diverted too.
    kernel.readSockets()
    #expect(kernel.machine.tally.held == 0, "seed \(seed)")
    #expect(kernel.machine.store.buffersInUse == kernel.heldByARP, "seed \(seed)")
    #expect(kernel[.zero].reassembly.count == 0, "seed \(seed)")
  }

  @Test(arguments: FuzzSize.frameSeeds) func aCloneDoesTheSame(seed: UInt64) throws {
    var kernel = try Kernel.fuzzLab(seed: seed)
    var happenings = HappeningMaker(seed: seed &+ 1_000_000, kernel)
    for _ in 0..<FuzzSize.framesPerSeed / 2 {
      var ignored = Recorder()
      kernel.perform(happenings.next(), &ignored)
    }
    var twin = kernel.clone()
    var recorder = Recorder()
    var twinRecorder = Recorder()
    for _ in 0..<FuzzSize.framesPerSeed / 2 {
      let happening = happenings.next()
      kernel.perform(happening, &recorder)
      twin.perform(happening, &twinRecorder)
    }
    #expect(recorder.bytes == twinRecorder.bytes, "seed \(seed)")
    #expect(recorder.entries.count == twinRecorder.entries.count, "seed \(seed)")
    #expect(kernel.machine.tally == twin.machine.tally, "seed \(seed)")
    let counters = kernel[.zero].statistics.ip.changes(since: twin[.zero].statistics.ip)
    #expect(counters.isEmpty, "seed \(seed): \(counters)")
    #expect(kernel.machine.messages == twin.machine.messages, "seed \(seed)")
    #expect(kernel.machine.store.buffersInUse == twin.machine.store.buffersInUse, "seed \(seed)")
  }

  @Test(arguments: FuzzSize.frameSeeds) func listeningChangesNothing(seed: UInt64) throws {
    var kernel = try Kernel.fuzzLab(seed: seed)
    var twin = kernel.clone()
    var happenings = HappeningMaker(seed: seed &+ 2_000_000, kernel)
    var recorder = Recorder()
    for _ in 0..<FuzzSize.framesPerSeed / 2 {
      guard case .frame(let frame) = happenings.next() else { continue }
      kernel.receive(frame, tracer: &recorder)
      twin.receive(frame)
      recorder.removeAll()
    }
    #expect(kernel.machine.tally == twin.machine.tally, "seed \(seed)")
    let counters = kernel[.zero].statistics.ip.changes(since: twin[.zero].statistics.ip)
    #expect(counters.isEmpty, "seed \(seed): \(counters)")
  }
}
