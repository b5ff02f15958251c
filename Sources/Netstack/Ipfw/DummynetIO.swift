// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// What dummynet says of a packet that a rule sends it.
enum DummynetAdmission: BitwiseCopyable {
  /// It is not let in.
  case refused(TraceID)
  case taken(DummynetTicket)
}

/// A packet that was let in.
struct DummynetTicket: BitwiseCopyable {
  var place: Int32
  /// What leaves now: the packet, others, or none.
  var chain = DummynetChain()
  /// The number of the pipe.
  var pipe: Int32
  /// The length of the queue, the packet included.
  var depth: UInt32
}

extension Machine {
  /// Lets a packet into the queue of its flow, and serves the queue if it was idle (`dummynet_io`).
  ///
  /// A refused packet stays the caller's.
  mutating func dummynetAdmit(
    _ packet: DummynetPacket, _ request: DummynetRequest
  ) -> DummynetAdmission {
    dummynet.readClock(now)
    dummynet.ioPackets &+= 1
    let number = Int32(truncatingIfNeeded: request.order.number)
    let limits = DummynetLimits(sysctl)
    var index: Int32 = -1
    if request.order.isQueue {
      index = dummynet.flowSet(number)
    } else {
      let pipe = dummynet.pipe(number)
      if pipe >= 0 { index = dummynet.pipes[Int(pipe)].flowSet }
    }
    guard index >= 0 else { return refuse(request.order.isQueue ? .dnNoqueue : .dnNopipe) }
    let flowSet = Int(index)
    if dummynet.flowSets[flowSet].pipe < 0 {
      let parent = Int32(dummynet.flowSets[flowSet].parent)
      let pipe = dummynet.pipe(parent)
      guard pipe >= 0 else {
        let own = dummynet.flowSets[flowSet].number
        log("dummynet: no pipe \(parent) for queue \(own), drop pkt")
        return refuse(.dnOrphan)
      }
      dummynet.flowSets[flowSet].pipe = pipe
    }
    let queue = dummynet.findQueue(index, request.flow, limits, &store)
    guard queue >= 0 else { return refuse(.dnNomem) }
    if let reason = whyNot(packet.record.count, queue, flowSet) {
      dummynet.queues[queue].drops &+= 1
      return refuse(reason)
    }
    let place = dummynet.enqueue(packet, queue)
    var ticket = DummynetTicket(
      place: place, pipe: dummynet.pipes[Int(dummynet.flowSets[flowSet].pipe)].number,
      depth: dummynet.queues[queue].count)
    if dummynet.queues[queue].packets.head == place {
      dummynet.credit(queue, flowSet, isPipe: !request.order.isQueue, limits)
      if request.order.isQueue {
        if let complaint = dummynet.startWFQ(queue, flowSet, &ticket.chain) {
          log("\(complaint)")
        }
      } else {
        dummynet.start(queue, flowSet, &ticket.chain, &random)
      }
    }
    return .taken(ticket)
  }

  private mutating func refuse(_ reason: TraceID) -> DummynetAdmission {
    dummynet.ioDrops &+= 1
    return .refused(reason)
  }

  /// Counts a packet on its queue, and says why it is not let in, if so: bad luck, no room, RED,
  /// or no memory for its tag.
  private mutating func whyNot(_ length: UInt32, _ queue: Int32, _ flowSet: Int) -> TraceID? {
    dummynet.queues[queue].totalBytes &+= UInt64(length)
    dummynet.queues[queue].totalPackets &+= 1
    let lossRate = dummynet.flowSets[flowSet].lossRate
    if lossRate != 0, random.dummynetNumber() < lossRate { return .dnPlr }
    let flags = dummynet.flowSets[flowSet].flags
    let size = UInt32(bitPattern: dummynet.flowSets[flowSet].size)
    let isFull =
      flags.contains(.DN_QSIZE_IS_BYTES)
      ? dummynet.queues[queue].bytes > size : dummynet.queues[queue].count >= size
    if isFull { return .dnFull }
    if flags.contains(.DN_IS_RED),
      dummynet.redDrops(flowSet, queue, length: length, &random)
    {
      return .dnRed
    }
    return store.isGranted() ? nil : .dnNomem
  }

  /// Sets the timer for the next tick at which dummynet has something to do.
  mutating func setDummynetTimer() {
    let next = dummynet.nextTick
    guard next != dummynet.timerTick else { return }
    if dummynet.timerTick != nil { timers.cancel(.dummynet, vnet: .zero) }
    dummynet.timerTick = next
    if let next { timers.set(.dummynet, vnet: .zero, at: Dummynet.moment(of: next)) }
  }
}

/// The steps of `dummynet_io` behind the checks.
extension Dummynet {
  /// Puts a packet at the end of a queue.
  fileprivate mutating func enqueue(_ packet: DummynetPacket, _ queue: Int32) -> Int32 {
    var packet = packet
    packet.arrival = now
    let place = packets.insert(packet)
    var line = queues[queue].packets
    append(place, to: &line)
    queues[queue].packets = line
    queues[queue].count &+= 1
    queues[queue].bytes &+= packet.record.count
    return place
  }

  /// Gives the credit of an idle time, which a burst limits.
  ///
  /// The pipe of a WF2Q+ queue gets it by the time since any of its queues woke last, even while it
  /// is busy; and a debt, being compared without its sign, counts as more than the burst.
  fileprivate mutating func credit(
    _ queue: Int32, _ flowSet: Int, isPipe: Bool, _ limits: DummynetLimits
  ) {
    let pipe = Int(flowSets[flowSet].pipe)
    let bandwidth = UInt64(bitPattern: Int64(pipes[pipe].bandwidth))
    let since = isPipe ? queues[queue].idleTime : pipes[pipe].idleTime
    var credit = isPipe ? queues[queue].credit : UInt64(bitPattern: pipes[pipe].credit)
    if since < now {
      credit = min(credit &+ (now &- since) &* bandwidth, pipes[pipe].burst)
      if limits.isFast { credit &+= bandwidth }
    }
    if isPipe {
      queues[queue].credit = credit
    } else {
      pipes[pipe].credit = Int64(bitPattern: credit)
      pipes[pipe].idleTime = now
    }
    queues[queue].idleTime = now
  }

  /// A fixed-rate queue has its first packet.
  fileprivate mutating func start(
    _ queue: Int32, _ flowSet: Int, _ chain: inout DummynetChain, _ random: inout RandomSource
  ) {
    let pipe = Int(flowSets[flowSet].pipe)
    let bandwidth = pipes[pipe].bandwidth
    var wait: DummynetKey = 0
    if bandwidth != 0 {
      drawExtraDelay(of: queue, in: pipe, &random)
      wait = ticks(for: queues[queue].packets.head, of: queue, bandwidth: bandwidth)
    }
    queues[queue].scheduledTime = now
    if wait == 0 {
      serve(queue, &chain, &random)
    } else {
      ready.insert(now &+ wait, queue, &queues)
    }
  }

  /// A WF2Q+ queue has its first packet: it gets its times, and a place among those of its pipe.
  ///
  /// - Returns: What the original says on the console of a state it does not expect.
  fileprivate mutating func startWFQ(
    _ queue: Int32, _ flowSet: Int, _ chain: inout DummynetChain
  ) -> StaticString? {
    let index = flowSets[flowSet].pipe
    let pipe = Int(index)
    let weight = flowSets[flowSet].weight
    if queues[queue].finish.isBefore(queues[queue].start) {
      queues[queue].start = pipes[pipe].virtualTime
      pipes[pipe].sum &+= weight
    } else {
      pipes[pipe].idle.remove(queue, &queues)
      queues[queue].start = queues[queue].finish.later(pipes[pipe].virtualTime)
    }
    let length = UInt64(packets[queues[queue].packets.head].record.count)
    let start = queues[queue].start
    queues[queue].finish = start &+ Dummynet.share(length, of: weight)
    if pipes[pipe].notEligible.isEmpty, pipes[pipe].scheduler.isEmpty {
      pipes[pipe].virtualTime = start.later(pipes[pipe].virtualTime)
    }
    flowSets[flowSet].backlogged &+= 1
    guard start.isAtMost(pipes[pipe].virtualTime) else {
      pipes[pipe].notEligible.insert(start, queue, &queues)
      return pipes[pipe].scheduler.isEmpty
        ? "dummynet: ++ ouch! not eligible but empty scheduler!" : nil
    }
    pipes[pipe].scheduler.insert(queues[queue].finish, queue, &queues)
    if pipes[pipe].hasStaleIdle { isSweepDue = true }
    guard pipes[pipe].credit >= 0 else { return nil }
    let isBusy = pipes[pipe].scheduler.count != 1
    pipes[pipe].scheduledTime = now
    serveWFQ(index, &chain)
    return isBusy ? "dummynet: OUCH! pipe should have been idle!" : nil
  }
}
