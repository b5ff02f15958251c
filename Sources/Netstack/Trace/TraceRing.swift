// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// A recording of the latest packets, in memory that does not grow with their number.
///
/// A packet on the express lane is one record; `expand` makes of it what a `Recorder` would have
/// heard. Packets of the general way are recorded as they are. There are two parts: when one is full,
/// the other is emptied and takes what follows.
///
/// What the tables answer a packet is asked when somebody wants to know, of a view of the routes as
/// they were. A part keeps a view for each time its packets found the routes changed, but not more
/// than `mostViews`, as each holds the pages that were changed since; from then on the answers
/// themselves are kept.
package struct TraceRing: ~Copyable {
  /// What is recorded until the part is full.
  struct Part: ~Copyable {
    var general = Recorder()
    var express = UniqueArray<ExpressRecord>()
    var bytes = ByteLog()
    var views = UniqueArray<RouteView>()
    var answers = UniqueArray<FibAnswer>()

    mutating func removeAll() {
      // An array that is emptied counts references.
      if !general.entries.isEmpty { general.removeAll() }
      express.removeAll(keepingCapacity: true)
      bytes.removeAll()
      views.removeAll(keepingCapacity: true)
      answers.removeAll(keepingCapacity: true)
    }

    /// Whether it has all it may.
    func isFull(_ capacity: Int) -> Bool {
      express.count >= capacity || bytes.count >= capacity * 256
        || general.entries.count >= capacity * 32 || general.bytes.count >= capacity * 512
    }
  }

  /// How many times the routes of a part's packets may have changed before answers are kept.
  static let mostViews = 32

  /// How many packets of the lane a part has room for.
  private let capacity: Int
  private var older = Part()
  private var newer = Part()

  /// A ring that has at least the latest `packets`, if they took the lane and are no longer than 256
  /// bytes on average.
  package init(packets: Int = 4096) { capacity = max(packets, 1) }

  /// Where packets of the general way tell what happens.
  var general: Recorder {
    _read { yield newer.general }
    _modify { yield &newer.general }
  }

  /// Makes room before a packet.
  @inline(__always)
  mutating func turn() {
    if newer.isFull(capacity) { swapParts() }
  }

  @inline(never)
  private mutating func swapParts() {
    swap(&older, &newer)
    newer.removeAll()
  }

  /// Keeps a packet that took the lane.
  @inline(__always)
  mutating func append(
    _ record: ExpressRecord, _ frame: RawSpan, _ routes: borrowing RoutingTables
  ) {
    var record = record
    record.firstByte = Int32(truncatingIfNeeded: newer.bytes.count)
    newer.bytes.append(frame)
    record.endOfBytes = Int32(truncatingIfNeeded: newer.bytes.count)
    record.position = Int32(truncatingIfNeeded: newer.general.entries.count)
    let last = newer.views.count - 1
    if last >= 0, newer.views[last].isCurrent(routes) {
      record.answers = Int32(truncatingIfNeeded: last)
    } else {
      newer.find(routes, ExpressHeader.destination(frame), &record)
    }
    newer.express.append(record)
  }

  /// Everything that is recorded, as a `Recorder` has it, oldest first.
  package func expand(into recorder: inout Recorder) {
    TraceRing.expand(older, into: &recorder)
    TraceRing.expand(newer, into: &recorder)
  }

  private static func expand(_ part: borrowing Part, into recorder: inout Recorder) {
    var done = 0
    for place in part.express.indices {
      let record = part.express[place]
      recorder.append(part.general, done..<Int(record.position))
      done = Int(record.position)
      let frame = part.bytes.array(Int(record.firstByte)..<Int(record.endOfBytes))
      record.tell(&recorder, frame: frame, answers: part.answers(of: record, frame))
    }
    recorder.append(part.general, done..<part.general.entries.count)
  }

  /// Forgets what was recorded, keeping the memory.
  package mutating func removeAll() {
    older.removeAll()
    newer.removeAll()
  }
}

extension TraceRing.Part {
  /// Finds the view that a packet's routes are in, makes one, or keeps what the routes answer.
  @inline(never)
  mutating func find(
    _ routes: borrowing RoutingTables, _ destination: IPv4Address, _ record: inout ExpressRecord
  ) {
    for place in views.indices.reversed() where views[place].isCurrent(routes) {
      record.answers = Int32(place)
      return
    }
    guard views.count == TraceRing.mostViews else {
      record.answers = Int32(views.count)
      return views.append(RouteView(routes))
    }
    record.answers = Int32(answers.count)
    RouteView(routes).forEachAnswer(to: destination, own: record.fib) { answers.append($0) }
    record.answerCount = UInt8(answers.count - Int(record.answers))
  }

  /// What the tables answered a packet, its own first.
  func answers(of record: ExpressRecord, _ frame: [UInt8]) -> [FibAnswer] {
    let first = Int(record.answers)
    guard record.answerCount == 0 else {
      return (first..<first + Int(record.answerCount)).map { answers[$0] }
    }
    var result: [FibAnswer] = []
    views[first].forEachAnswer(
      to: ExpressHeader.destination(frame.rawBytes), own: record.fib
    ) { result.append($0) }
    return result
  }
}

extension Recorder {
  /// Adds entries of another recording, with their bytes.
  mutating func append(_ other: borrowing Recorder, _ places: Range<Int>) {
    for place in places {
      let entry = other.entries[place]
      enter(entry.vnet)
      if case .snapshot(let number) = entry.event {
        let snapshot = other.snapshots[Int(number)]
        let bytes = other.bytes.rawBytes.extracting(
          snapshot.offset..<snapshot.offset + snapshot.count)
        recordBytes(snapshot.packet, snapshot.moment, bytes)
      } else {
        record(entry.packet, entry.event)
      }
    }
  }
}
