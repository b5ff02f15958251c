// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Shell
import Wire

/// What became of the packets of a replay: one that waited and went on counts under what came of it
/// last.
///
/// The memory does not grow with the packets: of one that waits no more only numbers are kept.
struct ReplayBooks {
  /// A packet of the capture that has no verdict yet, or waits.
  private struct Waiting {
    /// Its number in the capture.
    let number: Int
    var end: End?
    var way: Way
  }

  /// What one packet did in the time that was recorded last.
  private struct Leg {
    var packet: PacketNumber
    var end: End?
    var way = Way()
  }

  /// What came of a packet of the express lane.
  private struct ExpressEnd {
    let end: End
    /// nil where the table had no place for its path.
    let path: Int?
  }

  /// Packets let in.
  private(set) var count = 0
  /// Packets of which the capture has not all bytes.
  var cut = 0
  private(set) var paths = PathTable()

  private var tally = Tally()
  private var made = Tally()
  private var ids = [Int](repeating: 0, count: TraceID.allCases.count)
  private var waiting: [UInt32: Waiting] = [:]

  /// What came of the packets of each path by the express lane; nil where none took it yet.
  private var expressEnds = [ExpressEnd?](repeating: nil, count: ExpressPaths.count)

  /// The legs of the recording, the first `legCount`; the others are memory for later.
  private var legs: [Leg] = []
  private var legCount = 0
  /// The places of all legs but the first, which most recordings have alone.
  private var places: [PacketNumber: Int] = [:]

  /// Enters what was recorded since the last call.
  ///
  /// - Parameter number: The packet that was let in.
  mutating func enter(_ number: PacketNumber?, _ recorder: borrowing Recorder) {
    var own: Waiting?
    if number != nil {
      count += 1
      own = Waiting(number: count, end: nil, way: Way())
    }
    sort(recorder)
    for place in 0..<legCount {
      let root = legs[place].packet.root
      if legs[place].packet.child != 0 {
        if let end = legs[place].end { made[end.verdict] += 1 }
      } else if root == number?.root, var packet = own {
        own = enter(place, of: &packet) ? nil : packet
      } else if var packet = waiting[root] {
        waiting[root] = enter(place, of: &packet) ? nil : packet
      }
    }
    if let number, let own { waiting[number.root] = own }
  }

  /// Enters a packet that was let in, and its path by the express lane if it took that; the first on a
  /// path was recorded.
  mutating func enter(
    _ number: PacketNumber, onExpressPath path: Int?, _ recorder: borrowing Recorder
  ) {
    guard let path, let known = expressEnds[path] else {
      enter(number, recorder)
      if let path { keep(path, of: legs[place(of: number)]) }
      return
    }
    // What happened to others before it came.
    if !recorder.entries.isEmpty { enter(nil, recorder) }
    count += 1
    count(known.end)
    paths.count(known.path)
  }

  private mutating func keep(_ path: Int, of leg: Leg) {
    guard let end = leg.end else { return }
    expressEnds[path] = ExpressEnd(end: end, path: paths.place(of: leg.way, end.verdict))
  }

  /// Sorts a recording by packets.
  private mutating func sort(_ recorder: borrowing Recorder) {
    legCount = 0
    if !places.isEmpty { places.removeAll(keepingCapacity: true) }
    var place = 0
    for entry in recorder.entries {
      if legCount == 0 || legs[place].packet.root != entry.packet.root
        || legs[place].packet.child != entry.packet.child
      {
        place = self.place(of: entry.packet)
      }
      if let id = entry.event.pathID { legs[place].way.append(id) }
      if case .end(let end) = entry.event { legs[place].end = end }
    }
  }

  private mutating func place(of packet: PacketNumber) -> Int {
    if legCount > 0 {
      if legs[0].packet.root == packet.root, legs[0].packet.child == packet.child { return 0 }
      if let place = places[packet] { return place }
      places[packet] = legCount
    }
    if legCount == legs.count { legs.append(Leg(packet: packet)) }
    legs[legCount].packet = packet
    legs[legCount].end = nil
    legs[legCount].way.removeAll()
    legCount += 1
    return legCount - 1
  }

  /// Enters what a packet of the capture did; true where it waits for nothing more.
  private mutating func enter(_ place: Int, of packet: inout Waiting) -> Bool {
    packet.end = legs[place].end ?? packet.end
    if packet.way.length == 0 {
      packet.way = legs[place].way
    } else {
      packet.way.append(legs[place].way)
    }
    guard let end = packet.end, end.verdict != .held else { return false }
    count(end)
    paths.enter(packet.way, end.verdict, packet: packet.number)
    return true
  }

  private mutating func count(_ end: End) {
    tally[end.verdict] += 1
    ids[Int(end.id.rawValue)] += 1
  }

  /// The books with those that still wait counted, too.
  private var closed: ReplayBooks {
    var books = self
    for packet in waiting.values.sorted(by: { $0.number < $1.number }) {
      guard let end = packet.end else { continue }
      books.count(end)
      books.paths.enter(packet.way, end.verdict, packet: packet.number)
    }
    return books
  }

  /// What the summary says, without the paths.
  var text: String {
    let books = closed
    let cutText = cut == 0 ? "" : " (\(cut) not whole in the capture)"
    var text = "\(count) packets in = \(Self.words(books.tally))\(cutText)\n"
    if made.ended > 0 { text += "\(made.ended) packets made = \(Self.words(made))\n" }
    let order = TraceID.allCases.filter { books.ids[Int($0.rawValue)] > 0 }
      .sorted { books.ids[Int($0.rawValue)] > books.ids[Int($1.rawValue)] }
    for id in order {
      text += "\(books.ids[Int(id.rawValue)].padLeft(to: 10)) \(id.text)\n"
    }
    return text
  }

  /// The packets by the ways they took.
  var pathText: String {
    let paths = closed.paths
    guard count > 0 else { return "" }
    var text = "paths\n"
    text +=
      "\("count".padLeft(to: 10)) \("first".padLeft(to: 10)) \("verdict".padRight(to: 9)) ids\n"
    for path in paths.sorted {
      let ids = path.ids.map(\.text).joined(separator: " ") + (path.isCut ? " ..." : "")
      text += "\(path.count.padLeft(to: 10)) \(path.first.padLeft(to: 10)) "
      text += "\(path.verdict.word.padRight(to: 9)) \(ids)\n"
    }
    if paths.others > 0 {
      text += "\(paths.others.padLeft(to: 10)) on other ways: more than \(PathTable.most) are not "
      text += "told apart\n"
    }
    return text
  }

  /// The same for a program, in one line.
  var json: String {
    let books = closed
    var object = JSONObject()
    object.add("v", 1)
    object.add("replay", true)
    object.add("packets", count)
    object.add("cut", cut)
    for (name, tally) in [("verdicts", books.tally), ("made", made)] {
      var verdicts = JSONObject()
      for verdict in Verdict.allCases { verdicts.add(verdict.word, tally[verdict]) }
      object.add(name, verdicts)
    }
    object.add("paths", books.paths.sorted.map(Self.object))
    object.add("other_paths", books.paths.others)
    return object.text + "\n"
  }

  private static func object(_ path: PathTable.Path) -> JSONObject {
    var object = JSONObject()
    object.add("count", path.count)
    object.add("first", path.first)
    object.add("verdict", path.verdict.word)
    object.add("ids", path.ids.map(\.text))
    if path.isCut { object.add("cut", true) }
    return object
  }

  private static func words(_ tally: Tally) -> String {
    Verdict.allCases.map { "\(tally[$0]) \($0.word.lowercased())" }.joined(separator: " + ")
  }
}
