// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// Making, changing and removing pipes and queues (netinet/ipfw/ip_dummynet.c). Packets that lose
/// their place come back in a chain, for the caller to end.
extension Machine {
  /// Makes or changes a pipe or a queue (`config_pipe`).
  ///
  /// - Throws: `EINVAL` unless just one of the numbers is given, if a new queue names no pipe, or an
  ///   old one another than it has.
  mutating func configureDummynet(_ settings: PipeSettings) throws(Errno) {
    dummynet.readClock(now)
    let flowSet = settings.flowSet
    switch (settings.number != 0, flowSet.number != 0) {
    case (true, false): configurePipe(settings)
    case (false, true): try configureQueue(flowSet)
    default: throw .EINVAL
    }
    dummynet.findStaleIdle()
    setDummynetTimer()
  }

  private mutating func configurePipe(_ settings: PipeSettings) {
    // Bytes become bits, and the unit of credit.
    let burst = settings.burst &* 8 &* UInt64(Dummynet.hz)
    let isFast = sysctl[.ipDummynetIoFast] != 0
    let credit = burst &+ (isFast ? UInt64(bitPattern: Int64(settings.bandwidth)) : 0)
    var index = dummynet.pipe(settings.number)
    if index < 0 {
      index = dummynet.makePipe(settings.number)
    } else {
      dummynet.setCredit(credit, ofAllIn: Int(dummynet.pipes[Int(index)].flowSet))
    }
    let pipe = Int(index)
    dummynet.pipes[pipe].bandwidth = settings.bandwidth
    dummynet.pipes[pipe].burst = burst
    dummynet.pipes[pipe].credit = Int64(bitPattern: credit)
    dummynet.pipes[pipe].clock = settings.clock
    // Milliseconds are ticks.
    dummynet.pipes[pipe].delay = settings.delay
    setParameters(settings.flowSet, of: Int(dummynet.pipes[pipe].flowSet))
    dummynet.pipes[pipe].profileName = settings.profile?.name ?? ""
    dummynet.pipes[pipe].lossLevel = settings.profile?.lossLevel ?? 0
    dummynet.pipes[pipe].samples = UniqueArray()
    for sample in settings.profile?.samples ?? [] { dummynet.pipes[pipe].samples.append(sample) }
  }

  private mutating func configureQueue(_ settings: FlowSetSettings) throws(Errno) {
    var index = dummynet.flowSet(Int32(settings.number))
    if index < 0 {
      guard settings.parent != 0 else { throw .EINVAL }
      index = dummynet.makeQueue(settings)
    } else {
      let parent = dummynet.flowSets[Int(index)].parent
      guard settings.parent == 0 || settings.parent == parent else { throw .EINVAL }
    }
    setParameters(settings, of: Int(index))
  }

  /// Sets what a flow set may be told at any time (`set_fs_parms`), and its buckets the first time
  /// (`alloc_hash`).
  private mutating func setParameters(_ settings: FlowSetSettings, of flowSet: Int) {
    dummynet.flowSets[flowSet].flags = settings.flags
    dummynet.flowSets[flowSet].lossRate = settings.lossRate
    dummynet.flowSets[flowSet].mask = settings.mask
    var size = settings.size
    if settings.flags.contains(.DN_QSIZE_IS_BYTES) {
      if Int64(size) > sysctl[.ipDummynetPipeByteLimit] { size = 1024 * 1024 }
    } else if size == 0 || Int64(size) > sysctl[.ipDummynetPipeSlotLimit] {
      size = 50
    }
    dummynet.flowSets[flowSet].size = size
    if settings.flags.contains(.DN_IS_RED) {
      dummynet.configureRed(
        settings.red, of: flowSet, depth: Int(sysctl[.ipDummynetRedLookupDepth]),
        mostSize: sysctl[.ipDummynetRedMaxPktSize])
    }
    guard dummynet.flowSets[flowSet].buckets.isEmpty else { return }
    var count: Int64 = 1
    if settings.flags.contains(.DN_HAVE_FLOW_MASK) {
      count = settings.buckets == 0 ? sysctl[.ipDummynetHashSize] : Int64(settings.buckets)
      count = min(max(count, 4), Machine.mostBuckets)
    }
    dummynet.flowSets[flowSet].buckets = UniqueArray(repeating: -1, count: Int(count) + 1)
  }

  /// `DN_MAX_HASH_SIZE`.
  private static let mostBuckets: Int64 = 65_536

  /// Removes a pipe or a queue (`delete_pipe`).
  ///
  /// The queues of a pipe stay, without packets, until there is a pipe of that number again.
  ///
  /// - Throws: `EINVAL` unless just one of the numbers is given, `ENOENT` if there is none.
  mutating func deleteDummynet(pipe: Int32, queue: UInt16) throws(Errno) -> DummynetChain {
    dummynet.readClock(now)
    var chain = DummynetChain()
    switch (pipe != 0, queue != 0) {
    case (true, false):
      let index = dummynet.pipe(pipe)
      guard index >= 0 else { throw .ENOENT }
      for number in dummynet.orphan(queuesOf: index, &chain) {
        log("dummynet: ++ ref to pipe \(pipe) from fs \(number)")
      }
      dummynet.removePipe(index, &chain)
    case (false, true):
      let index = dummynet.flowSet(Int32(queue))
      guard index >= 0 else { throw .ENOENT }
      dummynet.removeQueue(index, &chain)
    default: throw .EINVAL
    }
    dummynet.findStaleIdle()
    setDummynetTimer()
    return chain
  }

  /// Removes everything (`dummynet_flush`).
  mutating func flushDummynet() -> DummynetChain {
    dummynet.readClock(now)
    var chain = DummynetChain()
    dummynet.removeAll(&chain)
    setDummynetTimer()
    return chain
  }
}

extension Dummynet {
  /// A new pipe at the front of its list, with a flow set of its own.
  fileprivate mutating func makePipe(_ number: Int32) -> Int32 {
    let flowSet = place(DummynetFlowSet())
    var pipe = DummynetPipe()
    pipe.number = number
    pipe.flowSet = flowSet
    let list = Dummynet.list(of: number)
    pipe.next = pipeLists[list]
    let index: Int32
    if let free = freePipes.popLast() {
      index = free
      pipes[Int(free)] = pipe
    } else {
      index = Int32(pipes.count)
      pipes.append(pipe)
    }
    pipeLists[list] = index
    flowSets[Int(flowSet)].pipe = index
    return index
  }

  /// A new queue at the front of its list.
  fileprivate mutating func makeQueue(_ settings: FlowSetSettings) -> Int32 {
    var flowSet = DummynetFlowSet()
    flowSet.number = settings.number
    flowSet.parent = settings.parent
    flowSet.weight = settings.weight == 0 ? 1 : min(settings.weight, 100)
    let list = Dummynet.list(of: Int32(settings.number))
    flowSet.next = flowSetLists[list]
    let index = place(flowSet)
    flowSetLists[list] = index
    return index
  }

  private mutating func place(_ flowSet: consuming DummynetFlowSet) -> Int32 {
    if let free = freeFlowSets.popLast() {
      flowSets[Int(free)] = flowSet
      return free
    }
    flowSets.append(flowSet)
    return Int32(flowSets.count - 1)
  }

  /// A pipe that is told anew forgets what its queues have saved.
  fileprivate mutating func setCredit(_ credit: UInt64, ofAllIn flowSet: Int) {
    for bucket in 0..<flowSets[flowSet].buckets.count {
      var queue = flowSets[flowSet].buckets[bucket]
      while queue >= 0 {
        queues[queue].credit = credit
        queue = queues[queue].next
      }
    }
  }

  /// Removes the queues of a flow set with their packets (`purge_flow_set`).
  private mutating func purge(_ flowSet: Int32, _ chain: inout DummynetChain) {
    let flowSet = Int(flowSet)
    for bucket in 0..<flowSets[flowSet].buckets.count {
      var queue = flowSets[flowSet].buckets[bucket]
      flowSets[flowSet].buckets[bucket] = -1
      while queue >= 0 {
        purge(queues[queue].packets, &chain)
        let next = queues[queue].next
        queues.remove(queue)
        queue = next
      }
    }
    flowSets[flowSet].count = 0
  }

  /// Moves the packets of a line to a chain.
  private mutating func purge(_ line: DummynetChain, _ chain: inout DummynetChain) {
    var packet = line.head
    while packet >= 0 {
      let next = packets[packet].next
      append(packet, to: &chain)
      packet = next
    }
  }

  /// Takes the pipe from the queues that refer to it, and returns their numbers.
  fileprivate mutating func orphan(
    queuesOf pipe: Int32, _ chain: inout DummynetChain
  ) -> [UInt16] {
    var numbers: [UInt16] = []
    for list in 0..<flowSetLists.count {
      var next = flowSetLists[list]
      while next >= 0 {
        if flowSets[Int(next)].pipe == pipe {
          numbers.append(flowSets[Int(next)].number)
          flowSets[Int(next)].pipe = -1
          purge(next, &chain)
        }
        next = flowSets[Int(next)].next
      }
    }
    return numbers
  }

  /// Removes a pipe that no queue refers to (`purge_pipe`).
  fileprivate mutating func removePipe(_ index: Int32, _ chain: inout DummynetChain) {
    let list = Dummynet.list(of: pipes[Int(index)].number)
    let flowSet = pipes[Int(index)].flowSet
    if pipeLists[list] == index {
      pipeLists[list] = pipes[Int(index)].next
    } else {
      var previous = Int(pipeLists[list])
      while pipes[previous].next != index { previous = Int(pipes[previous].next) }
      pipes[previous].next = pipes[Int(index)].next
    }
    ready.removeAll(of: flowSet, &queues)
    purge(flowSet, &chain)
    purge(pipes[Int(index)].packets, &chain)
    extract.removeAll(ofPipe: index, &queues)
    readyWFQ.removeAll(ofPipe: index, &queues)
    flowSets[Int(flowSet)] = DummynetFlowSet()
    freeFlowSets.append(flowSet)
    pipes[Int(index)] = DummynetPipe()
    freePipes.append(index)
  }

  /// Removes a queue, and its flows from the heaps of its pipe.
  fileprivate mutating func removeQueue(_ index: Int32, _ chain: inout DummynetChain) {
    let list = Dummynet.list(of: Int32(flowSets[Int(index)].number))
    if flowSetLists[list] == index {
      flowSetLists[list] = flowSets[Int(index)].next
    } else {
      var previous = Int(flowSetLists[list])
      while flowSets[previous].next != index { previous = Int(flowSets[previous].next) }
      flowSets[previous].next = flowSets[Int(index)].next
    }
    let pipe = Int(flowSets[Int(index)].pipe)
    if pipe >= 0 {
      pipes[pipe].sum &-= flowSets[Int(index)].weight &* flowSets[Int(index)].backlogged
      pipes[pipe].notEligible.removeAll(of: index, &queues)
      pipes[pipe].scheduler.removeAll(of: index, &queues)
      pipes[pipe].idle.removeAll(of: index, &queues)
    }
    purge(index, &chain)
    flowSets[Int(index)] = DummynetFlowSet()
    freeFlowSets.append(index)
  }

  fileprivate mutating func removeAll(_ chain: inout DummynetChain) {
    ready.free()
    readyWFQ.free()
    extract.free()
    isSweepDue = false
    for index in 0..<flowSets.count { purge(Int32(index), &chain) }
    for index in 0..<pipes.count { purge(pipes[index].packets, &chain) }
    flowSets.removeAll()
    pipes.removeAll()
    freeFlowSets.removeAll()
    freePipes.removeAll()
    for list in 0..<pipeLists.count { (pipeLists[list], flowSetLists[list]) = (-1, -1) }
  }
}
