// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// The scheduler (netinet/ipfw/ip_dummynet.c): what was ready is added to a chain.
///
/// The arithmetic is the original's, wraps included; a division by zero there is a quotient of zero
/// here.
extension Dummynet {
  /// The bits times `hz` of a packet (`len_scaled`).
  @inline(__always)
  private func scaled(_ packet: Int32) -> UInt64 {
    UInt64(packets[packet].record.count) &* 8 &* UInt64(Dummynet.hz)
  }

  /// How many ticks until a packet's credit is there (`set_ticks`).
  @inline(__always)
  func ticks(for packet: Int32, of queue: Int32, bandwidth: Int32) -> DummynetKey {
    let extra = UInt64(bitPattern: queues[queue].extraBits) &* UInt64(Dummynet.hz)
    let missing = Int64(bitPattern: scaled(packet) &+ extra &- queues[queue].credit)
    let ticks = (missing &+ Int64(bandwidth) &- 1) / max(Int64(bandwidth), 1)
    return UInt64(max(ticks, 0))
  }

  /// Draws the extra delay of a queue's first packet, in bits, and whether the link loses it
  /// (`compute_extra_bits`).
  mutating func drawExtraDelay(of queue: Int32, in pipe: Int, _ random: inout RandomSource) {
    queues[queue].extraBits = 0
    let count = Int32(pipes[pipe].samples.count)
    guard count > 0 else { return }
    let place = random.dummynetNumber() % count
    let sample = UInt64(bitPattern: Int64(pipes[pipe].samples[Int(place)]))
    let bits = sample &* UInt64(bitPattern: Int64(pipes[pipe].bandwidth)) / 1000
    queues[queue].extraBits = Int64(bitPattern: bits)
    if place >= pipes[pipe].lossLevel { packets[queues[queue].packets.head].exit = .toNowhere }
  }

  /// Moves the first packet of a queue into its pipe's delay line (`move_pkt`).
  private mutating func movePacket(of queue: Int32, to pipe: Int) {
    let packet = queues[queue].packets.head
    queues[queue].packets.head = packets[packet].next
    queues[queue].count &-= 1
    queues[queue].bytes &-= packets[packet].record.count
    packets[packet].outputTime = now &+ UInt64(bitPattern: Int64(pipes[pipe].delay))
    var line = pipes[pipe].packets
    append(packet, to: &line)
    pipes[pipe].packets = line
  }

  /// Hands out what has been through the delay line (`transmit_event`).
  mutating func transmit(_ pipe: Int32, _ chain: inout DummynetChain) {
    var line = pipes[Int(pipe)].packets
    while !line.isEmpty, packets[line.head].outputTime.isAtMost(now) {
      let packet = line.head
      line.head = packets[packet].next
      append(packet, to: &chain)
    }
    pipes[Int(pipe)].packets = line
    if !line.isEmpty { extract.insert(packets[line.head].outputTime, pipe, &queues) }
  }

  /// Sends what a fixed-rate queue has credit for, and sets the time of the rest (`ready_event`).
  mutating func serve(
    _ queue: Int32, _ chain: inout DummynetChain, _ random: inout RandomSource
  ) {
    let pipe = flowSets[Int(queues[queue].flowSet)].pipe
    guard pipe >= 0 else { return }
    let wasEmpty = pipes[Int(pipe)].packets.isEmpty
    let bandwidth = pipes[Int(pipe)].bandwidth
    queues[queue].credit &+=
      (now &- queues[queue].scheduledTime) &* UInt64(bitPattern: Int64(bandwidth))
    while !queues[queue].packets.isEmpty {
      let extra = UInt64(bitPattern: queues[queue].extraBits) &* UInt64(Dummynet.hz)
      let needed = bandwidth == 0 ? 0 : scaled(queues[queue].packets.head) &+ extra
      if queues[queue].credit.isBefore(needed) { break }
      queues[queue].credit &-= needed
      movePacket(of: queue, to: Int(pipe))
      if !queues[queue].packets.isEmpty { drawExtraDelay(of: queue, in: Int(pipe), &random) }
    }
    if queues[queue].packets.isEmpty {
      queues[queue].idleTime = now
    } else {
      let wait = ticks(for: queues[queue].packets.head, of: queue, bandwidth: bandwidth)
      queues[queue].scheduledTime = now
      ready.insert(now &+ max(wait, 1), queue, &queues)
    }
    if wasEmpty { transmit(pipe, &chain) }
  }

  /// Lets the queues of a pipe send by their weights while there is credit (`ready_event_wfq`).
  mutating func serveWFQ(_ index: Int32, _ chain: inout DummynetChain) {
    let pipe = Int(index)
    let wasEmpty = pipes[pipe].packets.isEmpty
    let bandwidth = pipes[pipe].bandwidth
    let isClocked = pipes[pipe].clock == nil
    if isClocked {
      let elapsed = now &- pipes[pipe].scheduledTime
      pipes[pipe].credit &+= Int64(bitPattern: elapsed) &* Int64(bandwidth)
    }
    while pipes[pipe].credit >= 0,
      !pipes[pipe].scheduler.isEmpty || !pipes[pipe].notEligible.isEmpty
    {
      sendEligible(of: pipe)
      makeEligible(in: pipe)
      if !isClocked {
        // No driver ever tells that it is ready again.
        pipes[pipe].credit = -1
        break
      }
    }
    if pipes[pipe].scheduler.isEmpty, pipes[pipe].notEligible.isEmpty, pipes[pipe].credit >= 0 {
      pipes[pipe].idleTime = now
      forgetIdle(of: pipe)
    }
    if isClocked, pipes[pipe].credit < 0 {
      var wait: DummynetKey = 0
      if bandwidth > 0 {
        wait = UInt64(max((Int64(bandwidth) &- 1 &- pipes[pipe].credit) / Int64(bandwidth), 0))
      }
      let line = pipes[pipe].packets
      if !line.isEmpty { packets[line.tail].outputTime &+= wait }
      pipes[pipe].scheduledTime = now
      readyWFQ.insert(now &+ max(wait, 1), index, &queues)
    }
    if wasEmpty { transmit(index, &chain) }
    if pipes[pipe].hasStaleIdle { isSweepDue = true }
  }

  /// Sends the first packet of the queue that is to finish first.
  private mutating func sendEligible(of pipe: Int) {
    guard let queue = pipes[pipe].scheduler.top?.object else { return }
    pipes[pipe].scheduler.removeTop(&queues)
    let packet = queues[queue].packets.head
    guard packet >= 0 else { return }
    let length = UInt64(packets[packet].record.count)
    let needed = pipes[pipe].bandwidth == 0 ? 0 : scaled(packet)
    pipes[pipe].credit &-= Int64(Int32(truncatingIfNeeded: needed))
    movePacket(of: queue, to: pipe)
    pipes[pipe].virtualTime &+= Dummynet.share(length, of: pipes[pipe].sum)
    queues[queue].start = queues[queue].finish
    let flowSet = Int(queues[queue].flowSet)
    let next = queues[queue].packets.head
    guard next >= 0 else {
      flowSets[flowSet].backlogged &-= 1
      pipes[pipe].idle.insert(queues[queue].finish, queue, &queues)
      return
    }
    queues[queue].finish &+= Dummynet.share(
      UInt64(packets[next].record.count), of: flowSets[flowSet].weight)
    // The original takes the heaps the wrong way round here, and sorts it out right after.
    if queues[queue].start.isAtMost(pipes[pipe].virtualTime) {
      pipes[pipe].notEligible.insert(queues[queue].start, queue, &queues)
    } else {
      pipes[pipe].scheduler.insert(queues[queue].finish, queue, &queues)
    }
  }

  /// Advances the virtual time where nothing is eligible, and lets in whose start has come.
  private mutating func makeEligible(in pipe: Int) {
    if pipes[pipe].scheduler.isEmpty, let first = pipes[pipe].notEligible.top {
      pipes[pipe].virtualTime = pipes[pipe].virtualTime.later(first.key)
    }
    while pipes[pipe].notEligible.isDue(pipes[pipe].virtualTime) {
      guard let queue = pipes[pipe].notEligible.top?.object else { break }
      pipes[pipe].notEligible.removeTop(&queues)
      pipes[pipe].scheduler.insert(queues[queue].finish, queue, &queues)
    }
  }

  /// A pipe without traffic starts anew: none of its queues has times.
  private mutating func forgetIdle(of pipe: Int) {
    guard !pipes[pipe].idle.isEmpty else { return }
    for place in 0..<pipes[pipe].idle.count {
      let queue = pipes[pipe].idle.entries[place].object
      queues[queue].finish = 0
      queues[queue].start = 1
    }
    pipes[pipe].sum = 0
    pipes[pipe].virtualTime = 0
    pipes[pipe].idle.removeAll()
  }

  /// The virtual time that bytes take by a weight, or by a sum of weights (`MY_M` is 16).
  @inline(__always)
  static func share(_ length: UInt64, of weight: Int32) -> DummynetKey {
    weight == 0 ? 0 : (length << 16) / UInt64(bitPattern: Int64(weight))
  }

  /// What happens at a tick (`dummynet_task`): fixed-rate queues, WF2Q+, delay lines, and at last
  /// one idle queue of each pipe forgets its times.
  mutating func task(_ random: inout RandomSource) -> DummynetChain {
    var chain = DummynetChain()
    while ready.isDue(now), let queue = ready.top?.object {
      ready.removeTop(&queues)
      serve(queue, &chain, &random)
    }
    while readyWFQ.isDue(now), let pipe = readyWFQ.top?.object {
      readyWFQ.removeTop(&queues)
      if pipes[Int(pipe)].clock == nil { serveWFQ(pipe, &chain) }
    }
    while extract.isDue(now), let pipe = extract.top?.object {
      extract.removeTop(&queues)
      transmit(pipe, &chain)
    }
    if isSweepDue { sweep() }
    return chain
  }

  private mutating func sweep() {
    for list in 0..<pipeLists.count {
      var next = pipeLists[list]
      while next >= 0 {
        let pipe = Int(next)
        if pipes[pipe].hasStaleIdle, let queue = pipes[pipe].idle.top?.object {
          pipes[pipe].idle.removeTop(&queues)
          queues[queue].start = queues[queue].finish &+ 1
          pipes[pipe].sum &-= flowSets[Int(queues[queue].flowSet)].weight
        }
        next = pipes[pipe].next
      }
    }
    findStaleIdle()
  }

  /// Notes whether the next tick has idle queues to look at.
  mutating func findStaleIdle() {
    isSweepDue = false
    for list in 0..<pipeLists.count {
      var next = pipeLists[list]
      while next >= 0, !isSweepDue {
        isSweepDue = pipes[Int(next)].hasStaleIdle
        next = pipes[Int(next)].next
      }
    }
  }
}
