// SPDX-License-Identifier: BSD-2-Clause

import Wire

/// Reassembly: `ip_reass` (netinet/ip_input.c).
extension Vnet {
  /// Keeps a fragment for this host until its datagram is complete.
  ///
  /// The fragment that completes it goes on as the datagram: under its own number, with the header
  /// and the metadata of the fragment at offset 0. The others end here as `consumed`.
  ///
  /// - Parameter id: What the verdict of a fragment that is kept says.
  /// - Returns: The datagram; nil where the fragment was kept or dropped.
  @inline(never)
  mutating func ipReass<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, heldAs id: TraceID = .reassHeld,
    _ machine: inout Machine, _ tracer: inout T
  ) -> Packet? {
    let limit = machine.sysctl.maxfragpackets
    guard limit != 0, sysctl.maxfragsperpacket != 0 else {
      drop(packet, .reassDisabled, &machine, &tracer)
      return nil
    }
    let key = DatagramKey(header)
    let found = reassembly.find(key)
    if found == nil, limit > 0, reassembly.count > limit,
      let queue = reassembly.leastWorthy(in: key.bucket)
    {
      reassFree(queue, .reassEvicted, &machine, &tracer)
    }
    let headerLength = header.headerLength
    let length = min(Int(header.totalLength), packet.count) - headerLength
    if header.moreFragments, length == 0 || length % 8 != 0 {
      // C takes it off a count that it was never added to.
      if let found { reassembly.queues[found].count &-= 1 }
      drop(packet, .reassBadlen, &machine, &tracer)
      return nil
    }
    let number = packet.number
    count(.fragments, number, &tracer)
    guard let queue = found else {
      reassBegin(packet, header, key, length: length, heldAs: id, &machine, &tracer)
      return nil
    }
    tracer.emit(
      number, .waypoint(.reassJoin, UInt32(header.fragmentOffset), UInt32(length)))
    reassembly.queues[queue].count &+= 1
    if let fault = reassECN(header.tos, queue, &machine) {
      reassembly.queues[queue].count &-= 1
      drop(packet, fault, &machine, &tracer)
      return nil
    }
    packet.header.vnet = index
    let fragment = HeldFragment(
      packet: packet.park(), start: headerLength, offset: UInt16(header.fragmentOffset),
      count: UInt16(length), moreFollow: header.moreFragments)
    guard let place = reassInsert(fragment, queue, &machine, &tracer) else { return nil }
    return reassComplete(queue, place, heldAs: id, &machine, &tracer)
  }

  /// The first fragment to come of a datagram begins its queue. Completeness is not tested, even
  /// where it is all there is.
  private mutating func reassBegin<T: Tracer & ~Copyable>(
    _ packet: consuming Packet, _ header: IPv4Header, _ key: DatagramKey, length: Int,
    heldAs id: TraceID, _ machine: inout Machine, _ tracer: inout T
  ) {
    // Nothing else of this model can run out as C's zone of queues can.
    guard machine.store.hasMemory() else {
      return drop(packet, .reassNomem, &machine, &tracer)
    }
    let number = packet.number
    tracer.emit(
      number, .waypoint(.reassNew, UInt32(header.fragmentOffset), UInt32(length)))
    packet.header.vnet = index
    let record = packet.park()
    reassembly.insert(
      key,
      first: HeldFragment(
        packet: record, start: header.headerLength, offset: UInt16(header.fragmentOffset),
        count: UInt16(length), moreFollow: header.moreFragments, isHeld: true))
    reassHeld(record, id, &machine, &tracer)
    guard !reassembly.isTicking else { return }
    reassembly.isTicking = true
    machine.timers.set(.ipSlow, vnet: index, at: machine.now.nextSlowTick)
  }

  /// Compares the ECN mark of a fragment with that of the first one there (RFC 3168, 5.3), and
  /// hands a congestion mark on to it.
  private func reassECN(
    _ tos: UInt8, _ queue: Int32, _ machine: inout Machine
  ) -> TraceID? {
    let first = reassembly.fragments[reassembly.queues[queue].first].packet
    let old = machine.store.bytes(of: first).uint8(at: 1)
    switch (tos & 3, old & 3) {
    case (3, 0): return .reassEcn
    case (3, 1), (3, 2):
      let packet = Packet(first)
      var bytes = machine.store.mutableBytes(of: packet)
      bytes.store(old | 3, at: 1)
      _ = packet.park()
      return nil
    case (0, 1...3): return .reassEcn
    default: return nil
    }
  }

  /// Puts a fragment where it belongs: of what two have, those before keep it, those behind lose it.
  ///
  /// - Returns: Its place; nil where those before had all of it.
  private mutating func reassInsert<T: Tracer & ~Copyable>(
    _ fragment: HeldFragment, _ queue: Int32, _ machine: inout Machine, _ tracer: inout T
  ) -> Int32? {
    var fragment = fragment
    var before: Int32 = -1
    var behind = reassembly.queues[queue].first
    while behind >= 0, reassembly.fragments[behind].offset <= fragment.offset {
      before = behind
      behind = reassembly.fragments[behind].next
    }
    if before >= 0 {
      let earlier = reassembly.fragments[before]
      let common = Int(earlier.offset) + Int(earlier.count) - Int(fragment.offset)
      if common > 0 {
        guard common < Int(fragment.count) else {
          reassembly.queues[queue].count &-= 1
          drop(Packet(fragment.packet), .reassDup, &machine, &tracer)
          return nil
        }
        fragment.trimFront(common)
        tracer.emit(fragment.packet.number, .waypoint(.reassTrim, UInt32(common), 0))
      }
    }
    let end = Int(fragment.offset) + Int(fragment.count)
    while behind >= 0, end > Int(reassembly.fragments[behind].offset) {
      let common = end - Int(reassembly.fragments[behind].offset)
      if common < Int(reassembly.fragments[behind].count) {
        reassembly.fragments[behind].trimFront(common)
        tracer.emit(
          reassembly.fragments[behind].packet.number,
          .waypoint(.reassTrim, UInt32(common), 0))
        break
      }
      let covered = reassembly.take(behind)
      behind = covered.next
      reassembly.queues[queue].count &-= 1
      machine.tally[.held] &-= 1
      drop(Packet(covered.packet), .reassSuperseded, &machine, &tracer)
    }
    fragment.next = behind
    let place = reassembly.fragments.insert(fragment)
    if before >= 0 {
      reassembly.fragments[before].next = place
    } else {
      reassembly.queues[queue].first = place
    }
    return place
  }

  /// Joins the datagram if all of it is there; else keeps the new fragment, or gives up where there
  /// are too many.
  private mutating func reassComplete<T: Tracer & ~Copyable>(
    _ queue: Int32, _ place: Int32, heldAs id: TraceID, _ machine: inout Machine,
    _ tracer: inout T
  ) -> Packet? {
    let record = reassembly.fragments[place].packet
    var total = 0
    var isComplete = true
    var next = reassembly.queues[queue].first
    while next >= 0, isComplete {
      let fragment = reassembly.fragments[next]
      isComplete = Int(fragment.offset) == total && (fragment.next >= 0 || !fragment.moreFollow)
      total += Int(fragment.count)
      next = fragment.next
    }
    guard isComplete else {
      if Int(reassembly.queues[queue].count) > sysctl.maxfragsperpacket {
        reassFree(queue, .reassToomany, &machine, &tracer)
      } else {
        reassembly.fragments[place].isHeld = true
        reassHeld(record, id, &machine, &tracer)
      }
      return nil
    }
    let first = reassembly.fragments[reassembly.queues[queue].first].packet
    guard let header = IPv4Header(machine.store.bytes(of: first)) else {
      preconditionFailure("ip_input checked that the header is there")
    }
    guard header.headerLength + total <= Int(UInt16.max) else {
      count(.toolong, record.number, &tracer)
      reassFree(queue, .reassToolong, &machine, &tracer)
      return nil
    }
    return reassJoin(queue, header, total: total, as: record.number, &machine, &tracer)
  }

  /// Makes the datagram of its fragments, which end.
  private mutating func reassJoin<T: Tracer & ~Copyable>(
    _ queue: Int32, _ header: IPv4Header, total: Int, as number: PacketNumber,
    _ machine: inout Machine, _ tracer: inout T
  ) -> Packet {
    var next = reassembly.queues[queue].first
    let first = Packet(reassembly.fragments[next].packet)
    let headerLength = header.headerLength
    var datagram = machine.store.allocateJoined(
      like: first, count: headerLength + total, number: number)
    machine.store.copyBytes(from: first, at: 0, count: headerLength, to: datagram, at: 0)
    let head = first.park()
    var end = headerLength
    var pieces: UInt32 = 0
    while next >= 0 {
      let fragment = reassembly.take(next)
      next = fragment.next
      pieces += 1
      let piece = Packet(fragment.packet)
      let count = Int(fragment.count)
      machine.store.copyBytes(
        from: piece, at: fragment.start, count: count, to: datagram, at: end)
      end += count
      let lost = PacketFlags.checksumState.subtracting(fragment.packet.flags)
      datagram.header.flags.subtract(lost)
      machine.store.free(piece)
      if fragment.isHeld {
        machine.tally[.held] &-= 1
        machine.end(fragment.packet.number, End(.consumed, .reassDone), &tracer)
      }
    }
    reassembly.remove(queue)
    tracer.emit(
      number,
      .reassembled(first: head.number, fragments: pieces, length: UInt32(headerLength + total)))
    count(.reassembled, number, &tracer)
    var own = header
    own.totalLength = UInt16(headerLength + total)
    own.fragment = 0
    writeHeader(own, datagram, &machine)
    return datagram
  }

  /// Gives a fragment the verdict that it waits.
  private func reassHeld<T: Tracer & ~Copyable>(
    _ record: Packet.Record, _ id: TraceID, _ machine: inout Machine, _ tracer: inout T
  ) {
    var end = End(.held, id)
    if id != .reassHeld { end.cause = .reassHeld }
    end.interface = record.receivedOn
    end.fib = record.fib
    end.fibChooser = record.fibChooser
    machine.end(record.number, end, &tracer)
  }

  /// Gives up a queue and drops its fragments (`ip_freef`).
  ///
  /// C counts as many as it believes to be there, so that a fragment may count none, and the last
  /// one many.
  mutating func reassFree<T: Tracer & ~Copyable>(
    _ queue: Int32, _ id: TraceID, _ machine: inout Machine, _ tracer: inout T
  ) {
    var uncounted = Int(reassembly.queues[queue].count)
    var next = reassembly.queues[queue].first
    while next >= 0 {
      let fragment = reassembly.take(next)
      next = fragment.next
      let counts = next < 0 ? uncounted : min(uncounted, 1)
      uncounted -= counts
      if let counter = id.ipCounter {
        for _ in 0..<counts { count(counter, fragment.packet.number, &tracer) }
      }
      if fragment.isHeld { machine.tally[.held] &-= 1 }
      machine.finish(Packet(fragment.packet), End(.dropped, id), &tracer)
    }
    reassembly.remove(queue)
  }
}
