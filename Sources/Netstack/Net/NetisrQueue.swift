// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// The streams of work of all CPUs and the packets that wait in them (net/netisr.c).
///
/// The workers of real CPUs run beside each other. Here they take turns, in the order of the streams:
/// in its turn a worker takes the protocols that have packets, in ascending number, each with all that
/// waits at that moment. What comes in meanwhile waits for the next turn.
package struct NetisrQueue: ~Copyable, StateHashable {
  /// A packet, who gets it, and the next one in its queue.
  struct Item: BitwiseCopyable {
    var packet: Packet.Record
    var netisr: NetisrProtocol
    /// Whether it has the verdict of a packet that waits, as the worker is stopped.
    var isHeld: Bool
    fileprivate var next: Int32 = -1
  }

  /// What the workers do next.
  enum Step {
    case handle(Item)
    /// A protocol's queue on a CPU is empty (`np_drainedcpu`).
    case drained(NetisrProtocol, cpu: Int)
    case idle
  }

  private var items = UniqueArray<Item>()
  /// The first of the places in `items` that nobody uses.
  private var free: Int32 = -1
  /// 16 for each CPU, with a worker or without.
  private var works: UniqueArray<NetisrWork>
  private var streams: UniqueArray<NetisrStream>
  /// The CPUs of the streams, by the streams' numbers (`nws_array`).
  private var cpus: UniqueArray<UInt8>
  /// Packets in all queues.
  package private(set) var count = 0
  /// The CPU on which everything runs at the moment (`curcpu`).
  package private(set) var cpu = 0
  /// A bit for each CPU whose worker is stopped.
  private var stopped: UInt64 = 0
  /// The worker that runs: its stream, the protocols left in its turn, and what it has taken.
  private(set) var turn = -1
  private var left: UInt32 = 0
  private var taken: Int32 = -1
  private var takenCount: UInt64 = 0
  private var working = NetisrProtocol.ip

  /// - Parameter streams: At most one for each CPU. The first is on CPU 0, the others on the last ones,
  ///   downwards: `cpuhead` has the CPUs in the order in which they came, newest first.
  init(cpus number: Int = 1, streams: Int = 1) {
    works = UniqueArray(repeating: NetisrWork(), count: number * NetisrProtocol.limit)
    self.streams = UniqueArray(repeating: NetisrStream(), count: number)
    cpus = UniqueArray(repeating: 0, count: streams)
    for place in 1..<max(streams, 1) { cpus[place] = UInt8(number - place) }
  }

  /// The number of streams (`nws_count`).
  package var streamCount: Int { cpus.count }

  /// The CPU of a stream.
  package func cpu(ofStream stream: Int) -> Int { Int(cpus[stream]) }

  /// The place of a protocol's work on a CPU.
  @inline(__always)
  private func place(_ netisr: NetisrProtocol, _ cpu: Int) -> Int {
    cpu * NetisrProtocol.limit + Int(netisr.rawValue)
  }

  package subscript(netisr: NetisrProtocol, cpu cpu: Int) -> NetisrWork {
    works[place(netisr, cpu)]
  }

  /// What a protocol's packets went through on all CPUs.
  package subscript(netisr: NetisrProtocol) -> NetisrWork {
    var sum = NetisrWork()
    for cpu in 0..<streams.count {
      let work = self[netisr, cpu: cpu]
      sum.length += work.length
      sum.watermark = max(sum.watermark, work.watermark)
      sum.dispatched &+= work.dispatched
      sum.hybridDispatched &+= work.hybridDispatched
      sum.drops &+= work.drops
      sum.queued &+= work.queued
      sum.handled &+= work.handled
    }
    return sum
  }

  /// Packets of IP refused because a queue was full (`net.inet.ip.intr_queue_drops`).
  package var drops: UInt64 { self[.ip].drops }

  /// A driver's interrupt, or a process, runs on this CPU until the workers' turn comes.
  mutating func run(on cpu: Int) { self.cpu = cpu < streams.count ? cpu : 0 }

  /// What ran is done, and no worker has anything to do.
  @inline(__always)
  mutating func rest() { cpu = 0 }

  /// Counts packets that their protocol gets at once, on this CPU's stream, which may have no worker.
  @inline(__always)
  mutating func dispatchDirectly(_ netisr: NetisrProtocol, packets: UInt64 = 1) {
    let place = place(netisr, cpu)
    works[place].dispatched &+= packets
    works[place].handled &+= packets
  }

  /// Takes a stream for a caller who handles the packet itself; false where its CPU is another or the
  /// order of its packets forbids it.
  mutating func beginHybrid(on target: Int) -> Bool {
    guard target == cpu, !streams[target].isBusy else { return false }
    streams[target].isDispatching = true
    return true
  }

  mutating func endHybrid(_ netisr: NetisrProtocol) {
    let place = place(netisr, cpu)
    streams[cpu].isDispatching = false
    works[place].handled &+= 1
    works[place].hybridDispatched &+= 1
    if streams[cpu].pending != 0 { streams[cpu].isScheduled = true }
  }

  /// Queues a packet and wakes the worker (`netisr_queue_workstream`).
  ///
  /// - Returns: The queue's length with it; nil where the queue is full.
  mutating func append(
    _ packet: Packet.Record, _ netisr: NetisrProtocol, on target: Int, limit: Int, isHeld: Bool
  ) -> Int? {
    let place = place(netisr, target)
    guard works[place].length < limit else {
      works[place].drops &+= 1
      return nil
    }
    let item = insert(Item(packet: packet, netisr: netisr, isHeld: isHeld))
    if works[place].tail >= 0 {
      items[Int(works[place].tail)].next = item
    } else {
      works[place].head = item
    }
    works[place].tail = item
    works[place].length += 1
    works[place].watermark = max(works[place].watermark, works[place].length)
    works[place].queued &+= 1
    count += 1
    streams[target].pending |= 1 << UInt32(netisr.rawValue)
    if !streams[target].isBusy { streams[target].isScheduled = true }
    return works[place].length
  }

  private mutating func insert(_ item: Item) -> Int32 {
    guard free >= 0 else {
      items.append(item)
      return Int32(items.count - 1)
    }
    let place = free
    free = items[Int(place)].next
    items[Int(place)] = item
    return place
  }
}

/// The workers (`swi_net`, `netisr_process_workstream_proto`).
extension NetisrQueue {
  /// Whether a CPU's worker is stopped.
  func isStopped(_ cpu: Int) -> Bool { stopped & (1 << UInt64(cpu)) != 0 }

  /// Stops the workers of these CPUs, a bit each, and lets the others go on.
  mutating func stop(_ mask: UInt64) { stopped = mask }

  /// The next thing that a worker does; time stands still meanwhile.
  mutating func next() -> Step {
    while true {
      if taken >= 0 { return .handle(takeNext()) }
      if takenCount > 0 {
        works[place(working, cpu)].handled &+= takenCount
        takenCount = 0
        if working.hearsOfDrain { return .drained(working, cpu: cpu) }
      }
      if left != 0 {
        takeQueue()
      } else if !beginTurn() {
        return .idle
      }
    }
  }

  /// The next packet of what the worker has taken.
  private mutating func takeNext() -> Item {
    let item = items[Int(taken)]
    items[Int(taken)].next = free
    free = taken
    taken = item.next
    count -= 1
    return item
  }

  /// Takes all packets of the next protocol: those that come now are behind them, and do not count
  /// against the limit.
  private mutating func takeQueue() {
    let number = UInt8(left.trailingZeroBitCount)
    left &= left - 1
    guard let netisr = NetisrProtocol(rawValue: number) else { return }
    let place = place(netisr, cpu)
    working = netisr
    taken = works[place].head
    takenCount = UInt64(works[place].length)
    works[place].head = -1
    works[place].tail = -1
    works[place].length = 0
    streams[cpu].pending &= ~(1 << UInt32(number))
  }

  /// Ends the turn of a worker and begins the next one's; false where none has anything to do.
  private mutating func beginTurn() -> Bool {
    if turn >= 0, streams[cpu].pending == 0 { streams[cpu].isRunning = false }
    if count > 0 {
      for step in 1...cpus.count {
        let stream = (turn + step) % cpus.count
        let next = Int(cpus[stream])
        guard streams[next].pending != 0, !isStopped(next) else { continue }
        turn = stream
        cpu = next
        streams[next].isRunning = true
        streams[next].isScheduled = false
        left = streams[next].pending
        return true
      }
    }
    turn = -1
    cpu = 0
    return false
  }

  /// Takes a packet out of the middle of a queue; nil where none is like that.
  mutating func remove(where isMeant: (Packet.Record) -> Bool) -> Item? {
    for place in 0..<works.count {
      var before: Int32 = -1
      var item = works[place].head
      while item >= 0 {
        let found = items[Int(item)]
        guard isMeant(found.packet) else {
          before = item
          item = found.next
          continue
        }
        if before >= 0 {
          items[Int(before)].next = found.next
        } else {
          works[place].head = found.next
        }
        if works[place].tail == item { works[place].tail = before }
        works[place].length -= 1
        if works[place].length == 0 { forget(found.netisr, on: place / NetisrProtocol.limit) }
        count -= 1
        items[Int(item)].next = free
        free = item
        return found
      }
    }
    return nil
  }

  /// A protocol's last packet was taken out of its queue: a worker with nothing left was not woken.
  private mutating func forget(_ netisr: NetisrProtocol, on cpu: Int) {
    streams[cpu].pending &= ~(1 << UInt32(netisr.rawValue))
    if streams[cpu].pending == 0 { streams[cpu].isScheduled = false }
  }

  /// What came by an interface is handled where that is now, as its stack is asked for there.
  mutating func interfaceMoved(from: InterfacePlace, to: InterfacePlace) {
    for work in 0..<works.count {
      var item = works[work].head
      while item >= 0 {
        let place = Int(item)
        item = items[place].next
        let packet = items[place].packet
        guard packet.receivedOn == from.interface, packet.vnet == from.vnet else { continue }
        (items[place].packet.vnet, items[place].packet.receivedOn) = (to.vnet, to.interface)
      }
    }
  }

  func clone() -> NetisrQueue {
    var copy = NetisrQueue(cpus: streams.count, streams: cpus.count)
    copy.items = items.clone()
    copy.free = free
    copy.works = works.clone()
    copy.streams = streams.clone()
    copy.count = count
    copy.cpu = cpu
    copy.stopped = stopped
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(items)
    hasher.combine(free)
    hasher.combine(works)
    hasher.combine(streams)
    hasher.combine(cpus)
    hasher.combine(count)
    hasher.combine(cpu)
    hasher.combine(stopped)
  }
}
