// SPDX-License-Identifier: BSD-2-Clause

import Netstack
import Wire

/// The ways that packets took, each with how many took it: the ids that they came through, in order.
struct PathTable {
  /// Packets that took one way.
  struct Path {
    fileprivate(set) var count: Int
    /// The number in the capture of the first packet, from 1.
    fileprivate(set) var first: Int
    let verdict: Verdict
    /// The ids, but not more than `PathTable.longest`.
    let ids: [TraceID]
    fileprivate let length: Int
    fileprivate let hash: UInt64

    /// Whether there are more ids than are kept.
    var isCut: Bool { length > ids.count }
  }

  /// So many ways are told apart; a machine that takes more has its packets counted without a way.
  static let most = 4096
  /// So many ids of a way are kept. Behind them ways differ by the hash of all their ids.
  static let longest = 256

  private var paths: [Path] = []
  /// Places in `paths` by hash; where two ways have one hash, the second is under the next number.
  private var places: [UInt64: Int] = [:]
  /// Packets that took a way beyond the limit.
  private(set) var others = 0

  /// Counts a packet.
  mutating func enter(_ way: Way, _ verdict: Verdict, packet number: Int) {
    let (key, place) = find(way, verdict)
    if let place {
      paths[place].count += 1
      paths[place].first = min(paths[place].first, number)
      return
    }
    guard paths.count < Self.most else {
      others += 1
      return
    }
    places[key] = paths.count
    paths.append(
      Path(
        count: 1, first: number, verdict: verdict, ids: way.ids, length: way.length,
        hash: Self.hash(way, verdict)))
  }

  /// Counts a packet that is not the first on its way; nil for a way beyond the limit.
  mutating func count(_ place: Int?) {
    if let place { paths[place].count += 1 } else { others += 1 }
  }

  /// Where a way is counted; nil where it is not, or beyond the limit.
  func place(of way: Way, _ verdict: Verdict) -> Int? { find(way, verdict).place }

  /// A way's key, and its place if it has one.
  private func find(_ way: Way, _ verdict: Verdict) -> (key: UInt64, place: Int?) {
    let hash = Self.hash(way, verdict)
    var key = hash
    while let place = places[key] {
      let path = paths[place]
      if path.hash == hash, path.verdict == verdict, path.length == way.length,
        path.ids == way.ids
      {
        return (key, place)
      }
      key &+= 1
    }
    return (key, nil)
  }

  private static func hash(_ way: Way, _ verdict: Verdict) -> UInt64 {
    (way.hash ^ UInt64(verdict.rawValue)) &* Way.prime
  }

  /// The ways, the most taken first, and of those that are taken as often the earliest.
  var sorted: [Path] {
    paths.sorted { $0.count == $1.count ? $0.first < $1.first : $0.count > $1.count }
  }
}

/// What a packet has come through so far.
struct Way {
  fileprivate static let prime: UInt64 = 0x0100_0000_01b3

  /// The first ids, `PathTable.longest` at most.
  private(set) var ids: [TraceID] = []
  private(set) var length = 0
  /// FNV-1a over all ids.
  private(set) var hash: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func append(_ id: TraceID) {
    if length < PathTable.longest { ids.append(id) }
    length += 1
    hash = (hash ^ UInt64(id.rawValue)) &* Self.prime
  }

  /// Appends what came through later.
  mutating func append(_ other: Way) {
    for id in other.ids { append(id) }
    // What was not kept is not lost for the hash.
    guard other.length > other.ids.count else { return }
    length += other.length - other.ids.count
    hash = (hash ^ other.hash) &* Self.prime
  }

  mutating func removeAll() {
    ids.removeAll(keepingCapacity: true)
    length = 0
    hash = Way().hash
  }
}
