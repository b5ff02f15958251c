// SPDX-License-Identifier: BSD-2-Clause

import BasicContainers
import Wire

/// A recording of the latest packets, in memory that does not grow with their number.
///
/// A packet on the express lane is one record; `expand` makes of it what a `Recorder` would have
/// heard. Packets of the general way are recorded as they are. There are two parts: when one is full,
/// the other is emptied and takes what follows.
package struct TraceRing: ~Copyable {
  /// What is recorded until the part is full.
  struct Part: ~Copyable {
    var general = Recorder()
    var express = UniqueArray<ExpressRecord>()
    var bytes = ByteLog()
    var answers = UniqueArray<OtherAnswer>()

    mutating func removeAll() {
      // An array that is emptied counts references.
      if !general.entries.isEmpty { general.removeAll() }
      express.removeAll(keepingCapacity: true)
      bytes.removeAll()
      answers.removeAll(keepingCapacity: true)
    }

    /// Whether it has all it may.
    func isFull(_ capacity: Int) -> Bool {
      express.count >= capacity || bytes.count >= capacity * 256
        || general.entries.count >= capacity * 32 || general.bytes.count >= capacity * 512
    }
  }

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
  mutating func append(_ record: ExpressRecord, _ frame: RawSpan, _ vnet: inout Vnet) {
    var record = record
    record.firstByte = Int32(truncatingIfNeeded: newer.bytes.count)
    newer.bytes.append(frame)
    record.endOfBytes = Int32(truncatingIfNeeded: newer.bytes.count)
    record.firstAnswer = Int32(truncatingIfNeeded: newer.answers.count)
    if vnet.routes.fibCount > 1 {
      vnet.otherAnswers(ExpressHeader.destination(frame), but: record.fib) {
        newer.answers.append($0)
      }
    }
    record.endOfAnswers = Int32(truncatingIfNeeded: newer.answers.count)
    record.position = Int32(truncatingIfNeeded: newer.general.entries.count)
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
      record.tell(
        &recorder, frame: part.bytes.array(Int(record.firstByte)..<Int(record.endOfBytes)),
        answers: (record.firstAnswer..<record.endOfAnswers).map { part.answers[Int($0)] })
    }
    recorder.append(part.general, done..<part.general.entries.count)
  }

  /// Forgets what was recorded, keeping the memory.
  package mutating func removeAll() {
    older.removeAll()
    newer.removeAll()
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
