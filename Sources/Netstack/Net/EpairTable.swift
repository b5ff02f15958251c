// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers

/// One end of a pair of interfaces with a cable between them (`struct epair_softc`, net/if_epair.c).
package struct EpairEnd: BitwiseCopyable, Sendable {
  /// Where the interface is now; of a free place its number is `.none`.
  package internal(set) var place: InterfacePlace
  /// The number of the pair, which no other pair of the machine has.
  package let unit: Int32
  /// Whether the interface is up and running: what the other end asks before it sends.
  var isUsable = false
  /// What becomes of the frames that leave it.
  package internal(set) var cable = Cable()
  /// The stream of netisr that takes what comes in here, and its processor (`cpuid`).
  let stream: UInt16
  let cpu: UInt8
}

/// All pairs of the machine: two ends each, one behind the other, wherever their interfaces are.
package struct EpairTable: ~Copyable, StateHashable {
  private var ends = UniqueArray<EpairEnd>()
  /// The processors, a bit each, whose queue was full: nothing is queued there any more
  /// (`epair_drv_flags`).
  var busy: UInt64 = 0
  /// The ends whose send queues are to be emptied when the queue has been (`epair_ifp_drain_list`).
  private var draining = UniqueArray<Int32>()
  /// The frames on the cables that take time, in the order in which they were sent.
  private var underWay = UniqueArray<CableFrame>()
  private var lastFrame: UInt64 = 0

  /// The other end of an end.
  static func other(_ end: Int32) -> Int32 { end ^ 1 }

  package subscript(end: Int32) -> EpairEnd {
    @inline(__always) _read { yield ends[Int(end)] }
    @inline(__always) _modify { yield &ends[Int(end)] }
  }

  /// How many ends there are, free places among them.
  package var count: Int32 { Int32(ends.count) }

  /// The end that an interface is; nil for what is none.
  package func end(at place: InterfacePlace) -> Int32? {
    for position in 0..<ends.count where ends[position].place == place { return Int32(position) }
    return nil
  }

  /// The lowest number that no pair has, or the one asked for (`ifc_alloc_unit`).
  ///
  /// - Throws: `EEXIST` for one that a pair has, `ENOSPC` where there is none.
  func freeUnit(_ wanted: Int?, upTo most: Int) throws(Errno) -> Int {
    // Of so many pairs and one more, one number is free.
    var isUsed = [Bool](repeating: false, count: ends.count / 2 + 1)
    for position in stride(from: 0, to: ends.count, by: 2)
    where ends[position].place.interface != .none {
      let unit = Int(ends[position].unit)
      guard unit != wanted else { throw .EEXIST }
      if unit < isUsed.count { isUsed[unit] = true }
    }
    guard let free = wanted ?? isUsed.firstIndex(of: false), free <= most else { throw .ENOSPC }
    return free
  }

  /// Puts a pair in.
  ///
  /// - Returns: The first end; the second is behind it.
  mutating func insert(_ a: EpairEnd, _ b: EpairEnd) -> Int32 {
    for place in stride(from: 0, to: ends.count, by: 2) where ends[place].place.interface == .none {
      (ends[place], ends[place + 1]) = (a, b)
      return Int32(place)
    }
    ends.append(a)
    ends.append(b)
    return Int32(ends.count - 2)
  }

  /// Takes a pair out by one of its ends.
  mutating func remove(_ end: Int32) {
    for end in [end, EpairTable.other(end)] {
      ends[Int(end)].place.interface = .none
      ends[Int(end)].isUsable = false
      endDraining(end)
    }
  }

  /// An interface has gone to another stack, or has another number.
  mutating func moved(from: InterfacePlace, to: InterfacePlace) {
    if let end = end(at: from) { ends[Int(end)].place = to }
  }

  /// The `position`th end that waits for the queue to be emptied; nil behind the last.
  func draining(at position: Int) -> Int32? {
    position < draining.count ? draining[position] : nil
  }

  /// Lets an end wait (`epair_add_ifp_for_draining`).
  mutating func drainLater(_ end: Int32) {
    for position in 0..<draining.count where draining[position] == end { return }
    draining.append(end)
  }

  mutating func endDraining(_ end: Int32) {
    for position in 0..<draining.count where draining[position] == end {
      draining.remove(at: position)
      return
    }
  }

  /// Puts a frame onto the cable that leaves an end; the number is that of its timer.
  mutating func launch(
    _ packet: Packet.Record, from end: Int32, sent: Instant, _ departure: Instant,
    _ arrival: Instant
  ) -> UInt64 {
    lastFrame += 1
    underWay.append(
      CableFrame(
        number: lastFrame, packet: packet, end: end, sent: sent, departure: departure,
        arrival: arrival))
    return lastFrame
  }

  /// Takes a frame off its cable; nil if that is no more.
  mutating func land(_ number: UInt64) -> CableFrame? {
    for place in 0..<underWay.count where underWay[place].number == number {
      return underWay.remove(at: place)
    }
    return nil
  }

  /// Takes the oldest frame off the cables of a pair, by one of its ends.
  mutating func takeUnderWay(_ end: Int32) -> CableFrame? {
    for place in 0..<underWay.count where underWay[place].end | 1 == end | 1 {
      return underWay.remove(at: place)
    }
    return nil
  }

  /// How many frames that leave an end are under way.
  func underWay(from end: Int32) -> Int {
    var count = 0
    for place in 0..<underWay.count where underWay[place].end == end { count += 1 }
    return count
  }

  /// How many frames have not left an end yet, as the bandwidth makes them wait.
  func waiting(at end: Int32, _ now: Instant) -> Int {
    var count = 0
    for place in 0..<underWay.count
    where underWay[place].end == end && underWay[place].departure > now {
      count += 1
    }
    return count
  }

  /// When the next frame comes in.
  package var nextArrival: Instant? {
    var next: Instant?
    for place in 0..<underWay.count {
      next = min(next ?? underWay[place].arrival, underWay[place].arrival)
    }
    return next
  }

  func clone() -> EpairTable {
    var copy = EpairTable()
    copy.ends = ends.clone()
    copy.busy = busy
    copy.draining = draining.clone()
    copy.underWay = underWay.clone()
    copy.lastFrame = lastFrame
    return copy
  }

  func hash(into hasher: inout StateHasher) {
    hasher.combine(ends)
    hasher.combine(busy)
    hasher.combine(draining)
    hasher.combine(underWay)
    hasher.combine(lastFrame)
  }
}
